"""Exercises that ask: for just the fields that a view needs, safely for any id, and for many events at once."""

from __future__ import annotations

import random
from typing import Any

from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import (
    ASKED,
    answered,
    codes,
    data,
    errors,
    leaves,
    other_event,
    queries,
    query_text,
    service,
)
from course_support.exercises.rules import of_form, of_type
from course_support.verdict import Verdict, value_text, wrong

# --- phone_view ------------------------------------------------------------------------------------------------------


def _phone_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    event = backend.state.events.event(draw.choice(backend.state.events.ids()))
    expected = {"name": event.name, "date": event.date.isoformat(), "city": event.location.city}
    return [Scene(backend, arguments | {"event": event.id}, expected)]


def _judge_phone(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED,
        other_event,
        _too_many_requests,
        _too_many_fields,
        of_form({"name": "Open Data Days", "date": "2026-05-27T08:00:00+00:00", "city": "Kyoto"}),
        _other_view,
    )


def _too_many_requests(evidence: Evidence) -> Verdict | None:
    asked = queries(evidence)
    if len(asked) == 1 and len(evidence.exchanges) == 1:
        return None
    return wrong(
        f"You sent {len(evidence.exchanges)} requests, where one is enough.",
        evidence.last,
        expected="one query that asks for all three values",
        seen=f"{len(evidence.exchanges)} requests",
        next_step="A query can select as many fields as you like, objects inside objects included.",
    )


def _too_many_fields(evidence: Evidence) -> Verdict | None:
    last = queries(evidence)[-1]
    if leaves(data(last)) == 3:
        return None
    return wrong(
        f"The answer holds {leaves(data(last))} values, and the phone shows three.",
        last,
        expected="name, date, and the city of the location",
        seen=data(last),
        next_step="The answer has the form of the query: select what is shown, and nothing else.",
    )


def _other_view(evidence: Evidence) -> Verdict | None:
    if same(evidence.value, evidence.expected):
        return None
    return wrong(
        "The answer had what the phone shows; what you returned is not that.",
        queries(evidence)[-1],
        expected=evidence.expected,
        seen=value_text(evidence.value),
        next_step='The city stands in the location: `answer["data"]["event"]["location"]["city"]`.',
    )


PHONE_VIEW = Exercise(
    "graphql.phone_view",
    "Ask for what the phone shows",
    1,
    (
        "Take the document's query of the lesson and leave out what a phone does not show. A field of an object type, "
        "as `location`, needs a selection of its own.",
        '`query($id: ID!) { event(id: $id) { name date location { city } } }`, with the variables `{"id": event}`.',
    ),
    _phone_scenes,
    _judge_phone,
)

# --- look_up ---------------------------------------------------------------------------------------------------------


def _lookup_scenes(draw: random.Random) -> list[Scene]:
    return [_lookup_scene(draw, case) for case in ("there", "quote", "injection")]


def _lookup_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    event, other = (backend.state.events.event(id) for id in draw.sample(backend.state.events.ids(), 2))
    ids = {
        "there": event.id,
        "quote": f'{event.id}"',
        "injection": f'none") {{ name }} other: event(id: "{other.id}',
    }
    name = event.name if case == "there" else None
    return Scene(backend, arguments | {"event": ids[case]}, {"name": name, "case": case})


def _judge_lookup(evidence: Evidence) -> Verdict:
    return first_of(evidence, *ASKED[:3], _built_into_the_query, *ASKED[3:], _other_name)


def _built_into_the_query(evidence: Evidence) -> Verdict | None:
    id = evidence.arguments["event"]
    built = next((e for e in queries(evidence) if id in query_text(e) or id.replace('"', '\\"') in query_text(e)), None)
    if not built:
        return None
    if evidence.expected["case"] == "there":
        cause = "You wrote the id into the text of the query."
    elif errors(built) and not data(built):
        cause = "A quotation mark in the id ended your string, and the query was no GraphQL any more."
    elif any(data(built).values()):
        cause = "What somebody typed as an id became a part of your query, and asked for another event."
    else:
        cause = "You escaped the id and wrote it into the text of the query."
    return wrong(
        cause,
        built,
        expected="a query whose text is the same for every id, and the id among the variables",
        seen=query_text(built),
        next_step="Declare a variable, `query($id: ID!)`, use it as `event(id: $id)`, and send its value as "
        '`"variables": {"id": event}`.',
    )


def _other_name(evidence: Evidence) -> Verdict | None:
    name, value = evidence.expected["name"], evidence.value
    if value == name and (value is None) == (name is None):
        return None
    return wrong(
        "That is not the name of the event." if name else "There is no event with this id, and you returned a name.",
        answered(evidence),
        expected=value_text(name),
        seen=value_text(value),
        next_step="Where there is no such event, `data.event` is null: return None then.",
    )


LOOK_UP = Exercise(
    "graphql.look_up",
    "Trust no id",
    2,
    (
        "Compare the two parts of a request in the lesson: what stands in the query, and what in the variables?",
        '`json={"query": "query($id: ID!) { event(id: $id) { name } }", "variables": {"id": event}}`; then '
        '`found = answer["data"]["event"]`, which is None where there is no such event.',
    ),
    _lookup_scenes,
    _judge_lookup,
)

# --- programme -------------------------------------------------------------------------------------------------------

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
        *ASKED[:3],
        _too_long,
        *ASKED[3:],
        _one_by_one,
        _too_much,
        of_type(dict, 'a dict such as {"abc123": {"name": …, "date": …}}'),
        _other_cards,
    )


def _too_long(evidence: Evidence) -> Verdict | None:
    last = queries(evidence)[-1]
    if "TOKEN_LIMIT_EXCEEDED" not in codes(last):
        return None
    return wrong(
        "Your query repeats the same selection for each event, and has become longer than the service reads.",
        last,
        expected="one fragment with the fields of a card, spread in each event",
        seen=str(errors(last)[0].get("message")),
        next_step="`fragment card on Event { … }` stands beside the operation, and `...card` inside each selection.",
    )


def _one_by_one(evidence: Evidence) -> Verdict | None:
    asked = [e for e in queries(evidence) if data(e)]
    if len(asked) == 1:
        return None
    return wrong(
        f"You asked {len(asked)} times, and one query can ask for all of them.",
        asked[-1],
        expected="one query in which each event has an alias",
        seen=f"{len(asked)} queries",
        next_step="The same field can be asked for several times if each has another name: `a: event(id: $a) { … }`.",
    )


def _too_much(evidence: Evidence) -> Verdict | None:
    answer = next(e for e in queries(evidence) if data(e))
    wanted = sum(map(leaves, evidence.expected["cards"].values()))
    if leaves(data(answer)) <= wanted + MANY:  # its id in each card is fair
        return None
    return wrong(
        "The answer holds more than these events and their cards.",
        answer,
        expected=f"about {wanted} values",
        seen=f"{leaves(data(answer))} values",
        next_step="Ask for each of the events by its id, and for the fields of a card.",
    )


def _other_cards(evidence: Evidence) -> Verdict | None:
    cards, value = evidence.expected["cards"], evidence.value
    odd = [id for id in cards if not same(value.get(id), cards[id])] + [id for id in value if id not in cards]
    if not odd:
        return None
    return wrong(
        f"The card of {odd[0]} is not as the service gave it." if odd[0] in cards else "You return an event too many.",
        answered(evidence),
        expected=value_text(cards.get(odd[0])),
        seen=value_text(value.get(odd[0])),
        next_step="An alias is a name, and an id need not be one: keep in a list which alias stands for which id.",
    )


PROGRAMME = Exercise(
    "graphql.programme",
    "Ten events in one query",
    3,
    (
        "An alias gives each event a name of its own in the answer. Write the fields of a card once, in a fragment: "
        "this "
        "service reads queries of 225 tokens at most.",
        "Build the text in a loop: variables `$e0: ID!, $e1: ID!, …` and fields `e0: event(id: $e0) { ...card }`, then "
        "`fragment card on Event { … }` once. Only the names are built into the text, the ids go as variables.",
    ),
    _programme_scenes,
    _judge_programme,
)

# --- photos ----------------------------------------------------------------------------------------------------------


def _photo_scenes(draw: random.Random) -> list[Scene]:
    return [_photo_scene(draw, failing) for failing in (2, 0)]


def _photo_scene(draw: random.Random, failing: int) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    fitting = [id for id in events.ids() if any(it.photo is None for it in events.speakers_of(id))]
    event = draw.choice([id for id in fitting if sum(it.photo is not None for it in events.speakers_of(id)) > 2])
    speakers = events.speakers_of(event)
    broken = draw.sample([it for it in speakers if it.photo], failing)
    backend.state.broken |= {f"Speaker.photo:{it.id}" for it in broken}
    expected = {
        "none": [it.name for it in speakers if it.photo is None],
        "failed": [it.name for it in speakers if it in broken],
    }
    return Scene(backend, arguments | {"event": event}, expected)


def _judge_photos(evidence: Evidence) -> Verdict:
    return first_of(evidence, *ASKED, other_event, of_form({"none": [], "failed": []}), _other_photos)


def _other_photos(evidence: Evidence) -> Verdict | None:
    expected, value = evidence.expected, evidence.value
    if same({name: sorted(map(str, value[name])) for name in value}, {k: sorted(v) for k, v in expected.items()}):
        return None
    last = answered(evidence)
    missing = sorted(expected["none"] + expected["failed"])
    if expected["failed"] and sorted(map(str, value["none"])) == missing:
        cause = "Of some speakers the photo could not be loaded, and you count them among those who have none."
    elif expected["failed"] and not value["failed"]:
        cause = "Your function does not see that some photos could not be loaded."
    elif not expected["failed"] and value["failed"]:
        cause = "Nothing failed here, and your function says so of some speakers: null alone is no failure."
    else:
        cause = "The names in your lists are others."
    return wrong(
        cause,
        last,
        expected=expected,
        seen=value_text(value),
        next_step="Each of the `errors` has a `path`, such as ['event', 'speakers', 2, 'photo']: its number is the "
        "place in "
        "the list of speakers.",
    )


PHOTOS = Exercise(
    "graphql.photos",
    "Tell no photo from no answer",
    2,
    (
        "The status is 200, and `data` is there. Print the whole answer: what stands beside `data`?",
        '`failed = {error["path"][2] for error in answer.get("errors", [])}` are the places of the speakers whose '
        "photo "
        "failed; the others whose photo is None have none.",
    ),
    _photo_scenes,
    _judge_photos,
)
