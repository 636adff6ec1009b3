"""What scenes of the WebSocket exercises promise: that what a learner is given is what really goes over the wire."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from course_support.exercises import all_exercises
from course_support.trial import Outcome, Trial
from course_support.verdict import Verdict
from course_support.wire import Exchange
from tests.exercises import solutions
from tests.exercises.answers.websocket.following import changed
from tests.exercises.answers.websocket.joining import heard, joined, leaving


def shown(name: str, seed: int) -> list[tuple[dict[str, object], Exchange]]:
    """Of each scene its arguments, and the exchange that a wrong answer would be shown with."""
    exercise, found = all_exercises()[name], []
    for scene in exercise.scenes(random.Random(seed)):
        trial = Trial(exercise, [scene])
        trial.open()
        wrong = {int: 7, str: "7", dict: {"last": True, "opcode": 7, "masked": True, "text": ""}}
        right = solutions.solution(name)(*scene.arguments.values())
        verdict = trial.answer(Outcome(wrong[type(right)]))
        assert verdict
        assert verdict.exchange
        found.append((scene.arguments, verdict.exchange))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_each_frame_to_read_is_one_that_was_sent(seed: int) -> None:
    for arguments, exchange in shown("websocket.read_frame", seed):
        data = bytes.fromhex(str(arguments["frame"]))
        heads = [head for message in exchange.messages for head in message.heads]
        assert any(data.startswith(head) for head in heads)
        text = solutions.solution("websocket.read_frame")(data.hex())["text"]
        assert any(text in message.text for message in exchange.messages)


def test_each_key_to_answer_is_one_that_was_sent() -> None:
    for arguments, exchange in shown("websocket.accept_key", 1):
        assert exchange.request.fields.get("Sec-WebSocket-Key") == arguments["key"]
        assert exchange.status == 101


def test_the_service_says_why_it_closes() -> None:
    for _, exchange in shown("websocket.predict_close", 1):
        goodbyes = [m for m in exchange.messages if m.sender == "server" and m.opcode == "close"]
        assert [bool(m.close_reason) for m in goodbyes] == [True]
        assert sum(m.bytes for m in exchange.messages) < 200_000  # none of the flood that somebody did not read


@pytest.mark.parametrize(
    "count", [lambda until, seq: until, lambda until, seq: until - seq, lambda until, seq: until - 1]
)
@pytest.mark.parametrize("seed", range(6))
def test_no_scene_is_passed_by_counting_messages(seed: int, count: Callable[[int, int], int]) -> None:
    exercise = all_exercises()["websocket.read_along"]
    for scene in exercise.scenes(random.Random(seed)):
        trial = Trial(exercise, [scene])
        text = _text_after(count, *trial.open())
        verdict = trial.answer(Outcome(text))
        assert isinstance(verdict, Verdict)
        assert verdict.cause in ("You counted messages.", "You returned the text as it was when you joined.")


def _text_after(count: Callable[[int, int], int], url: str, token: str, document: str, until: int) -> str:
    with leaving(joined(url, token, document)) as socket:
        first = heard(socket)
        text: str = first["text"]
        for message in [heard(socket) for _ in range(count(until, first["seq"]))]:
            text = changed(text, message) if message["type"] == "text_update" else text
        return text
