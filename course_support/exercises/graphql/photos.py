"""The exercise that tells null which is an answer from null which stands where one failed."""

from __future__ import annotations

import random
from typing import Any

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import ASKED, answered, drawn_ids, other_event, service
from course_support.exercises.rules import of_form
from course_support.verdict import Verdict, value_text, wrong


def _photo_scenes(draw: random.Random) -> list[Scene]:
    return [_photo_scene(draw, failing) for failing in (2, 0)]


def _photo_scene(draw: random.Random, failing: int) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    fitting = [id for id in drawn_ids(events) if any(it.photo is None for it in events.speakers_of(id))]
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
    none, failed = evidence.expected["none"], evidence.expected["failed"]
    value = {kind: sorted(evidence.value[kind]) for kind in evidence.expected if _texts(evidence.value[kind])}
    if value == {"none": sorted(none), "failed": sorted(failed)}:
        return None
    if len(value) < 2:
        cause = "Your lists hold something else than names."
    elif failed and value["none"] == sorted(none + failed):
        cause = "Of some speakers the photo could not be loaded, and you count them among those who have none."
    elif value["failed"] == sorted(none + failed):
        cause = "Some speakers have no photo, and you count them among those whose photo could not be loaded."
    elif failed and not value["failed"]:
        cause = "Some photos could not be loaded, and you name nobody whose photo that is."
    else:
        cause = "The names in your lists are not those of these speakers."
    return wrong(
        cause,
        answered(evidence),
        expected=evidence.expected,
        seen=value_text(evidence.value),
        next_step="Each of the `errors` has a `path`, such as ['event', 'speakers', 2, 'photo']: its number is the "
        "place in the list of speakers. Where nothing failed, there are no `errors`.",
    )


def _texts(values: list[Any]) -> bool:
    return all(isinstance(it, str) for it in values)


PHOTOS = Exercise(
    "graphql.photos",
    "Tell no photo from no answer",
    2,
    (
        "The status is 200, and `data` is there. Print the whole answer: what stands beside `data`?",
        '`failed = {error["path"][2] for error in answer.get("errors", [])}` are the places of the speakers whose '
        "photo failed; the others whose photo is None have none.",
    ),
    _photo_scenes,
    _judge_photos,
)
