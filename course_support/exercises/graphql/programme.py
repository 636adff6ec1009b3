"""The exercise that asks for many events at once, in a query that must not be long."""

from __future__ import annotations

import random
from typing import Any

from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import (
    ASKED,
    asked,
    code,
    data,
    leaves,
    message,
    not_executed,
    queries,
    query_text,
    service,
)
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong

MANY, TOKENS = 10, 225  # ten cards written out need 250 tokens and more, with a fragment 206 at most


def _programme_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw, max_tokens=TOKENS)
    events = backend.state.events
    chosen = draw.sample(events.ids(), MANY)
    expected = {id: _card(events, events.event(id)) for id in chosen}
    return [Scene(backend, arguments | {"events": chosen}, {"cards": expected})]


def _card(events: Any, event: Any) -> dict[str, Any]:
    place = event.location
    return {
        "name": event.name,
        "date": event.date.isoformat(),
        "location": {"address": place.address, "city": place.city, "coordinates": place.coordinates},
        "speakers": [{"name": it.name, "bio": it.bio, "photo": it.photo} for it in events.speakers_of(event.id)],
        "attendeeCount": events.attendee_count(event.id),
    }


def _judge_programme(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED[:-1],
        _too_long,
        not_executed,
        _one_by_one,
        _too_much,
        of_type(dict, 'a dict such as {"abc123": {"name": …, "date": …}}'),
        _other_events,
        _other_card,
    )


def _too_long(evidence: Evidence) -> Verdict | None:
    last = queries(evidence)[-1]
    if code(last) != "TOKEN_LIMIT_EXCEEDED":
        return None
    return wrong(
        "Your query repeats the same selection for each event, and has become longer than the service reads."
        if query_text(last).count("attendeeCount") > 1
        else "Your query is longer than the service reads.",
        last,
        expected="one fragment with the fields of a card, spread in each event",
        seen=message(last),
        next_step="`fragment card on Event { … }` stands beside the operation, and `...card` inside each selection.",
    )


def _one_by_one(evidence: Evidence) -> Verdict | None:
    count = len(asked(evidence))
    if count == 1:
        return None
    return wrong(
        f"You asked {count} times, and one query can ask for all of them.",
        queries(evidence)[-1],
        expected="one query in which each event has an alias",
        seen=f"{count} queries",
        next_step="The same field can be asked for several times if each has another name: `a: event(id: $a) { … }`.",
    )


def _too_much(evidence: Evidence) -> Verdict | None:
    (answer,) = asked(evidence)
    wanted, count = sum(map(leaves, evidence.expected["cards"].values())), leaves(data(answer))
    if count <= wanted + MANY:  # its id in each card is fair
        return None
    return wrong(
        "The answer holds more than these events and their cards.",
        answer,
        expected=f"about {wanted} values",
        seen=f"{count} values",
        next_step="Ask for each of the events by its id, and for the fields of a card.",
    )


def _other_events(evidence: Evidence) -> Verdict | None:
    cards, value = evidence.expected["cards"], evidence.value
    if value.keys() == cards.keys():
        return None
    missing = [id for id in cards if id not in value]
    return wrong(
        f"Your dict has no card of {missing[0]}." if missing else "Your dict has more than the ten events.",
        asked(evidence)[-1],
        expected=f"the ids {', '.join(cards)}",
        seen=value_text(list(value)),
        next_step="An alias is a name, and an id need not be one: keep in a list which alias stands for which id.",
    )


def _other_card(evidence: Evidence) -> Verdict | None:
    for id, card in evidence.expected["cards"].items():
        given = evidence.value[id]
        odd = _odd_member(given, card) if isinstance(given, dict) else "everything"
        if odd:
            return wrong(
                f"In the card of {id}, {value_text(odd, 60)} is not as the service has it.",
                asked(evidence)[-1],
                expected=value_text(card[odd]) if odd in card else f"a card with {', '.join(card)}",
                seen=value_text(given[odd]) if isinstance(given, dict) and odd in given else "no such member",
                next_step="A card has what the exercise lists, each under its own name, as it came in the answer.",
            )
    return None


def _odd_member(given: dict[str, Any], card: dict[str, Any]) -> str:
    """The first member that is not as it should be, or nothing."""
    odd = [name for name in card if name not in given or not same(given[name], card[name])]
    more = [name for name in given if name not in (*card, "id", "__typename")]
    return (odd + more + [""])[0]


PROGRAMME = Exercise(
    "graphql.programme",
    "Ten events in one query",
    3,
    (
        "An alias gives each event a name of its own in the answer. Write the fields of a card once, in a fragment: "
        "this service reads queries of 225 tokens at most.",
        "Build the text in a loop: variables `$e0: ID!, $e1: ID!, …` and fields `e0: event(id: $e0) { ...card }`, then "
        "`fragment card on Event { … }` once. Only the names are built into the text, the ids go as variables.",
    ),
    _programme_scenes,
    _judge_programme,
)
