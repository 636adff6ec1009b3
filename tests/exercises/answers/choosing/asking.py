"""Answers to `choosing.asking` and `choosing.telling`."""

from tests.exercises.answers.answer import Answers

asking = Answers("choosing.asking")
telling = Answers("choosing.telling")

LIVE, CALLS = ("WebSocket", "both directions in real time"), ("webhooks", "event notices")
ANSWER = "request and response"
LAND = "without having asked anybody? The same at the bookshop: each book has the same members"


def fault(exchange):
    return exchange.status == 500 and b"faultstring" in exchange.response.body


def for_all(exchange):
    return exchange.response.fields.get("Cache-Control", "").startswith("public, max-age=")


def heard(exchange):
    return any(b'"type": "stock"' in message.data for message in exchange.messages)


# --- asking ----------------------------------------------------------------------------------------------------------


@asking.right
def by_the_word_that_decides(scenario):
    match scenario:
        case "timetable":
            return "REST", "caching"
        case "screens":
            return "GraphQL", "flexible queries"
        case "referrals":
            return "SOAP", "strict validation"
    return "REST", "predictable structure"


@asking.right
def by_the_reason_first(scenario):
    scenarios = ["timetable", "parcels of land", "referrals", "screens"]
    reasons = ["caching", "predictable structure", "strict validation", "flexible queries"]
    styles = {"strict validation": "SOAP", "flexible queries": "GraphQL"}
    reason = reasons[scenarios.index(scenario)]
    return [styles.get(reason, "REST"), reason]


def asks(**others):
    """All right but for the scenario whose name begins with this word."""
    return lambda scenario: others.get(scenario.split()[0]) or by_the_word_that_decides(scenario)


@asking.wrong("“timetable”: a GraphQL query usually goes by POST", lambda e: e.request.path == "/graphql")
def one_query_for_the_phones(scenario):
    return asks(timetable=["GraphQL", "fewest requests"])(scenario)


@asking.wrong("“timetable”: 400,000 connections would have to stay open", for_all, step="Another style does it so")
def departures_live(scenario):
    return asks(timetable=["WebSocket", "low latency"])(scenario)


@asking.wrong(
    "“timetable”: SOAP and GraphQL answer requests too",
    for_all,
    step="The same at a small service: a phone may keep this answer",
)
def because_phones_ask(scenario):
    return asks(timetable=["REST", ANSWER])(scenario)


@asking.wrong("“referrals”: REST could check too", fault)
def json_and_a_promise(scenario):
    return asks(referrals=["REST", "strict validation"])(scenario)


@asking.wrong("“screens”: `?fields=` picks members of one resource", lambda e: e.request.method == "GET")
def an_address_for_each_screen(scenario):
    return asks(screens=["REST", "predictable structure"])(scenario)


@asking.wrong("“referrals”: REST and GraphQL answer requests too", fault, step="The style suits. Where is the schema")
def because_hospitals_answer(scenario):
    return asks(referrals=["SOAP", ANSWER])(scenario)


@asking.wrong("“screens”: REST could answer each of today's screens", lambda e: b'"title"' in e.response.body)
def because_of_fewer_requests(scenario):
    return asks(screens=["GraphQL", "fewest requests"])(scenario)


@asking.wrong("“parcels of land”: there is nothing to choose", lambda e: e.request.path == "/graphql")
def queries_for_strangers(scenario):
    return asks(parcels=["GraphQL", "flexible queries"])(scenario)


@asking.wrong(
    "“parcels of land”: the style suits, but 'bulk' is what speaks for batch", lambda e: e.status == 200, step=LAND
)
def because_there_are_many(scenario):
    return asks(parcels=["REST", "bulk"])(scenario)


@asking.wrong("You gave the reason first", None)
def the_reason_first(scenario):
    return by_the_word_that_decides(scenario)[::-1]


@asking.wrong("Your function returned text, where a list is asked for", None)
def the_style_alone(scenario):
    return by_the_word_that_decides(scenario)[0]


@asking.wrong("'Rest' is none of the six styles", None)
def in_small_letters(scenario):
    style, reason = by_the_word_that_decides(scenario)
    return [style.capitalize(), reason] if style == "REST" else [style, reason]


@asking.wrong("Your list holds 3 items", None)
def with_two_reasons(scenario):
    return [*by_the_word_that_decides(scenario), "low latency"]


# --- telling ---------------------------------------------------------------------------------------------------------


@telling.right
def by_who_can_be_called(scenario):
    servers = scenario in ("deliveries", "invoices")
    return list(CALLS if servers else LIVE)


@telling.right
def with_the_other_reasons(scenario):
    reasons = {"webhooks": "fewest requests", "WebSocket": "low latency"}
    style = {"auction": "WebSocket", "whiteboard": "WebSocket"}.get(scenario, "webhooks")
    return style, reasons[style]


def tells(**others):
    return lambda scenario: others.get(scenario) or by_who_can_be_called(scenario)


@telling.wrong("“auction”: a browser would have to ask again and again", lambda e: e.status == 304)
def polling_for_bids(scenario):
    return tells(auction=["REST", ANSWER])(scenario)


@telling.wrong("“auction”: a webhook calls a server, and a bidder's browser is none", heard)
def calling_browsers(scenario):
    return tells(auction=["webhooks", "event notices"])(scenario)


@telling.wrong("“deliveries”: 3,000 connections would stay open", lambda e: e.status == 101 and not heard(e))
def lines_to_all_shops(scenario):
    return tells(deliveries=["WebSocket", "low latency"])(scenario)


@telling.wrong("“deliveries”: nobody here counts seconds", lambda e: "webhook-signature" in e.request.fields)
def because_it_is_quick(scenario):
    return tells(deliveries=["webhooks", "low latency"])(scenario)


@telling.wrong("“whiteboard”: a subscription shows the others' pens, but over a line", heard)
def subscribing_to_pens(scenario):
    return tells(whiteboard=["GraphQL", "both directions in real time"])(scenario)


@telling.wrong("“whiteboard”: each sees the others' pens move without having asked", heard, step="The style suits.")
def because_it_answers(scenario):
    return tells(whiteboard=["WebSocket", ANSWER])(scenario)


@telling.wrong("“invoices”: the shop would ask for hours or weeks, and all", lambda e: e.status == 304)
def polling_for_weeks(scenario):
    return tells(invoices=["REST", ANSWER])(scenario)


@telling.wrong("“invoices”: a batch gathers before it sends, and goods", lambda e: e.request.path == "/hooks/warehouse")
def all_that_were_paid_at_night(scenario):
    return tells(invoices=["batch", "bulk"])(scenario)


@telling.wrong("'Webhook' is none of the six styles", None)
def in_the_singular(scenario):
    style, reason = by_who_can_be_called(scenario)
    return [style.replace("webhooks", "Webhook"), reason]


@telling.wrong("Your function returned a dict", None)
def the_whole_table(scenario):
    return {name: by_who_can_be_called(name) for name in ("auction", "deliveries", "whiteboard", "invoices")}
