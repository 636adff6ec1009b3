"""Answers to `choosing.moving` and `choosing.weighing`."""

from tests.exercises.answers.answer import Answers

moving = Answers("choosing.moving")
weighing = Answers("choosing.weighing")

LIVE = ("WebSocket", "both directions in real time")
ANSWER = "request and response"


def fault(exchange):
    return exchange.status == 500 and b"faultstring" in exchange.response.body


def for_all(exchange):
    return exchange.response.fields.get("Cache-Control", "").startswith("public, max-age=")


def heard(exchange):
    return any(b'"type": "stock"' in message.data for message in exchange.messages)


def one_change(exchange):
    return exchange.request.method == "PATCH" and exchange.status == 200


def in_a_batch(exchange):
    return exchange.request.path.endswith("/batch") and b'"errors"' in exchange.response.body


# --- moving ----------------------------------------------------------------------------------------------------------


@moving.right
def by_whether_somebody_waits(scenario):
    return ["GraphQL", ANSWER] if scenario in ("correction", "till") else ["batch", "bulk"]


@moving.right
def with_another_style_of_asking(scenario):
    answers = {"addresses": "batch, fewest requests", "prices": "batch, fewest requests"}
    return answers.get(scenario, f"SOAP, {ANSWER}").split(", ")


def moves(**others):
    return lambda scenario: others.get(scenario) or by_whether_somebody_waits(scenario)


@moving.wrong("“addresses”: one address in a request makes two million requests", one_change)
def one_by_one(scenario):
    return moves(addresses=["REST", "predictable structure"])(scenario)


@moving.wrong("“addresses”: what was not acknowledged when the line broke", in_a_batch)
def down_an_open_line(scenario):
    return moves(addresses=["WebSocket", "low latency"])(scenario)


@moving.wrong("“prices”: 8,000 prices, each a mutation", lambda e: e.request.body.count(b"setStock") == 3)
def one_long_document(scenario):
    return moves(prices=["GraphQL", "fewest requests"])(scenario)


@moving.wrong("“prices”: an event is a request", lambda e: e.request.path == "/hooks/warehouse")
def an_event_for_each_price(scenario):
    return moves(prices=["webhooks", "event notices"])(scenario)


@moving.wrong("“prices”: nobody waits for a single price", in_a_batch, step="The style suits.")
def because_batches_are_quick(scenario):
    return moves(prices=["batch", "low latency"])(scenario)


@moving.wrong("“correction”: a batch gathers many items", one_change)
def ten_a_day_at_night(scenario):
    return moves(correction=["batch", "bulk"])(scenario)


@moving.wrong("“correction”: a known shape helps whatever the style", one_change)
def because_an_address_has_a_shape(scenario):
    return moves(correction=["REST", "predictable structure"])(scenario)


@moving.wrong("“till”: over a connection that is kept HTTP is about as quick", lambda e: e.status == 101)
def tills_on_open_lines(scenario):
    return moves(till=["WebSocket", "low latency"])(scenario)


@moving.wrong("“till”: the answer to a webhook says that the news has arrived", lambda e: e.status == 204)
def a_notice_for_each_sale(scenario):
    return moves(till=["webhooks", "event notices"])(scenario)


@moving.wrong("'many items' is none of the ten reasons", None)
def in_words_of_ones_own(scenario):
    style, reason = by_whether_somebody_waits(scenario)
    return [style, reason.replace("bulk", "many items")]


# --- weighing --------------------------------------------------------------------------------------------------------


@weighing.right
def what_remains_when_the_tempting_is_crossed_out(scenario):
    if scenario in ("dashboard", "bank"):
        return ["REST", "caching"] if scenario == "dashboard" else ["SOAP", "strict validation"]
    return ["GraphQL", "fewest requests"] if scenario == "feed" else list(LIVE)


@weighing.right
def with_other_reasons_where_there_are_some(scenario):
    others = {"feed": ("GraphQL", "flexible queries"), "support": ("WebSocket", "low latency")}
    return others.get(scenario) or what_remains_when_the_tempting_is_crossed_out(scenario)


def weighs(**others):
    return lambda scenario: others.get(scenario) or what_remains_when_the_tempting_is_crossed_out(scenario)


@weighing.wrong("“dashboard”: 20,000 connections would stay open to save a minute", lambda e: e.status == 101)
def real_time_says_the_order(scenario):
    return weighs(dashboard=["WebSocket", "both directions in real time"])(scenario)


@weighing.wrong("“dashboard”: a minute's delay is fine", for_all, step="The style suits.")
def because_it_has_to_be_quick(scenario):
    return weighs(dashboard=["REST", "low latency"])(scenario)


@weighing.wrong("“bank”: modern JavaScript speaks for GraphQL, but", fault)
def what_the_team_knows(scenario):
    return weighs(bank=["GraphQL", "flexible queries"])(scenario)


@weighing.wrong("“bank”: the bank's WSDL is not yours to change", fault)
def what_everybody_takes(scenario):
    return weighs(bank=["REST", ANSWER])(scenario)


@weighing.wrong("'XML' is what a team knows", None)
def because_it_is_xml(scenario):
    return weighs(bank=["SOAP", "XML"])(scenario)


@weighing.wrong("“feed”: what needs the answer of another request waits", lambda e: e.request.method == "GET")
def nine_cached_requests(scenario):
    return weighs(feed=["REST", "caching"])(scenario)


@weighing.wrong(
    "“feed”: low latency is, in the framework, a message that leaves at once",
    lambda e: e.request.body.count(b"book(") == 3,
)
def because_graphql_is_quick(scenario):
    return weighs(feed=["GraphQL", "low latency"])(scenario)


@weighing.wrong("“feed”: a batch carries items to a service", lambda e: e.request.path == "/graphql")
def nine_reads_in_a_batch(scenario):
    return weighs(feed=["batch", "fewest requests"])(scenario)


@weighing.wrong("“support”: your team knows HTTP, but", lambda e: e.status == 304)
def what_the_team_knows_best(scenario):
    return weighs(support=["REST", ANSWER])(scenario)


@weighing.wrong("“support”: a notice goes one way", heard)
def because_typing_is_an_event(scenario):
    return weighs(support=["WebSocket", "event notices"])(scenario)
