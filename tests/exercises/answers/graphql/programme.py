"""Answers to `graphql.programme`."""

import concurrent.futures

from sgqlc.operation import Fragment, Operation

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import (
    Event,
    Query,
    endpoint,
    send,
    send_by_get,
    send_by_http_client,
)

programme = Answers("graphql.programme")
CARD = "name date location { address city coordinates } speakers { name bio photo } attendeeCount"
FRAGMENT = f"fragment card on Event {{ {CARD} }}"


@programme.right
def sgqlc_with_a_fragment(url, token, events):
    card = Fragment(Event, "card")
    card.__fields__("name", "date", "attendee_count")
    card.location().__fields__("address", "city", "coordinates")
    card.speakers().__fields__("name", "bio", "photo")
    operation = Operation(Query)
    for place, id in enumerate(events):
        operation.event(id=id, __alias__=f"e{place}").__fragment__(card)
    found = endpoint(url, token)(operation)["data"]
    return {id: found[f"e{place}"] for place, id in enumerate(events)}


def query_of(events, selected="...card", fragments=FRAGMENT):
    fields = " ".join(f'a{place}: event(id: "{id}") {{ {selected} }}' for place, id in enumerate(events))
    return f"{{ {fields} }} {fragments}"


@programme.right
def ids_in_the_text_by_get(url, token, events):
    return dict(zip(events, send_by_get(url, token, query_of(events))["data"].values(), strict=True))


@programme.right
def ids_in_the_answer_and_fragments_in_fragments(url, token, events):
    fragments = "fragment card on Event { id name date ...place speakers { ...who } attendeeCount } "
    fragments += "fragment place on Event { location { address city coordinates } } "
    fragments += "fragment who on Speaker { name bio photo }"
    found = send_by_http_client(url, token, query_of(events, fragments=fragments))["data"].values()
    return {it["id"]: it for it in found}


def cards(url, token, events, **more):
    answer = send(url, token, query_of(events, **more))
    return dict(zip(events, answer["data"].values(), strict=True))


@programme.wrong("repeats the same selection for each event", lambda e: b"TOKEN_LIMIT_EXCEEDED" in e.response.body)
def ten_cards_written_out(url, token, events):
    return cards(url, token, events, selected=CARD, fragments="")


@programme.wrong("Your query is longer than the service reads", lambda e: b"TOKEN_LIMIT" in e.response.body)
def a_fragment_and_more(url, token, events):
    return cards(url, token, events, selected="...card id name date description capacity sessions { id title time }")


@programme.wrong("by one name", lambda e: b"conflict" in e.response.body)
def no_aliases(url, token, events):
    fields = " ".join(f'event(id: "{id}") {{ ...card }}' for id in events)
    return dict(zip(events, send(url, token, f"{{ {fields} }} {FRAGMENT}")["data"].values(), strict=True))


@programme.wrong("You asked 10 times", lambda e: b"card" in e.request.body)
def one_after_the_other(url, token, events):
    query = f"query($id: ID!) {{ event(id: $id) {{ ...card }} }} {FRAGMENT}"
    return {id: send(url, token, query, id=id)["data"]["event"] for id in events}


@programme.wrong("You asked 2 times", lambda e: b"a0" in e.request.body)
def two_halves_at_once(url, token, events):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first, second = pool.map(
            lambda part: cards(url, token, part, selected=CARD, fragments=""), (events[:5], events[5:])
        )
    return first | second


@programme.wrong("holds more than these events", lambda e: b"first: 20" in e.request.body)
def all_events_and_a_choice(url, token, events):
    query = f"{{ events(first: 20) {{ nodes {{ id ...card }} }} }} {FRAGMENT}"
    found = {it.pop("id"): it for it in send(url, token, query)["data"]["events"]["nodes"]}
    return {id: found[id] for id in events}


@programme.wrong("Your dict has no card of", lambda e: e.status == 200)
def aliases_for_ids(url, token, events):
    return send(url, token, query_of(events))["data"]


@programme.wrong("returned a list", lambda e: e.status == 200)
def a_list_of_cards(url, token, events):
    return list(cards(url, token, events).values())


@programme.wrong("'attendeeCount' is not as the service has it", lambda e: b"attendeeCount" not in e.request.body)
def a_card_without_its_count(url, token, events):
    return cards(url, token, events, fragments=FRAGMENT.replace("attendeeCount", ""))


@programme.wrong("'name' is not as the service has it", lambda e: e.status == 200)
def the_events_in_another_order(url, token, events):
    return dict(zip(sorted(events), cards(url, token, events).values(), strict=True))


@programme.wrong("'place' is not as the service has it", lambda e: e.status == 200)
def one_member_more(url, token, events):
    return {id: card | {"place": card["location"]["city"]} for id, card in cards(url, token, events).items()}


@programme.wrong(
    "a fragment that it does not have; that caused the KeyError", lambda e: b"Unknown fragment" in e.response.body
)
def a_fragment_that_is_nowhere(url, token, events):
    return cards(url, token, events, fragments="")


@programme.wrong("does not declare; that caused the KeyError", lambda e: b"not defined" in e.response.body)
def variables_not_declared(url, token, events):
    fields = " ".join(f"e{place}: event(id: $e{place}) {{ ...card }}" for place in range(len(events)))
    variables = {f"e{place}": id for place, id in enumerate(events)}
    answer = send(url, token, f"{{ {fields} }} {FRAGMENT}", **variables)
    return dict(zip(events, answer["data"].values(), strict=True))
