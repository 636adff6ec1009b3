"""The exercise that writes on while its lines are lost: no word may be missing, and none be there twice."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

from course_support.attempts import connection_ended, crashed
from course_support.backends.editor_http import DOCUMENTS
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.losing import Fate, Losing
from course_support.exercises.websocket.rooms import EDITORS, JOINED, LEFT, PATH, said, service, sockets
from course_support.exercises.websocket.words import (
    in_the_middle,
    missing,
    other_id,
    other_text,
    other_words,
    updates,
)
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

PAUSE = 0.05  # seconds before another try, and twice as long each time that one is refused
TICK = 0.005  # seconds by which two clocks may differ
WORDS = ("tea", "soon", "rain", "lunch", "perhaps", "Zoë", "again", "quietly", "spring", "née", "walk", "nine")
SERIES: tuple[tuple[Fate, ...], ...] = (
    ("opened", "refused", "refused", "refused", "echo lost", "lost"),
    ("second echo lost", "lost", "refused", "opened", "echo lost"),
)


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, *fates) for fates in SERIES]


def _scene(draw: random.Random, *fates: Fate) -> Scene:
    backend, arguments = service(draw)
    document, tokens = arguments["document"], backend.state.credentials
    user = next(name for name in EDITORS if tokens[name] == arguments["token"])
    other = draw.choice([name for name in EDITORS if name != user])
    words = draw.sample(WORDS, 4)
    expected = {"text": backend.state.documents[document].text, "user": user}

    def look(client: Client) -> None:
        client.send("GET", f"{DOCUMENTS}/{document}", tokens[other])
        client.send("GET", f"{DOCUMENTS}/{document}/updates?after=0", tokens[other])

    losing = Losing(backend, document, user, other, fates)
    return Scene(losing, arguments | {"words": words}, expected, afterwards=look)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *JOINED,
        _hung_up,
        _wrote_nothing,
        _not_resumed,
        _unseen,
        missing,
        other_id,
        other_words,
        in_the_middle,
        _impatient,
        of_type(str, "the text of the document"),
        other_text,
    )


def _hung_up(evidence: Evidence) -> Verdict | None:
    """The service closed a WebSocket: it does so here only for a message that breaks its rules."""
    for socket in sockets(evidence):
        for frame in socket.messages:
            if frame.sender == "server" and frame.close_code not in (None, *LEFT):
                return wrong(
                    "The service closed your WebSocket, because it does not take what you sent.",
                    socket,
                    expected="updates that the service takes",
                    seen=f"close {frame.close_code} {frame.close_reason}",
                    next_step="The reason in the close frame says what was wrong with your last message.",
                )
    return None


def _wrote_nothing(evidence: Evidence) -> Verdict | None:
    """Nothing was sent, or it was lost on a line that had just broken: on the wire that is the same."""
    if any(updates(evidence)):
        return None
    cause = "No text_update of yours has arrived."
    step = "The text before you is in the first message: insert the first word at its end."
    socket = sockets(evidence)[-1]
    if _broke(socket) and _has_words(evidence):
        cause = "None of your updates arrived: the line broke after the first message, and `send` did not say so."
        step = "An update is in when its echo comes: wait for it, and send again what had none."
    return wrong(
        cause,
        socket,
        expected='{"type": "text_update", "id": …, "position": …, "content": …, "base": …}',
        seen="none",
        next_step=step,
    )


def _broke(socket: Exchange) -> bool:
    return not any(message.opcode == "close" for message in socket.messages)


def _has_words(evidence: Evidence) -> bool:
    """Whoever returns the words believes to have written them."""
    return isinstance(evidence.value, str) and all(word in evidence.value for word in evidence.arguments["words"])


def _gone(evidence: Evidence) -> Verdict | None:
    """An error that says no more than that the line is lost, which is what this exercise is about."""
    failure, opened, verdict = evidence.failure, sockets(evidence), crashed(evidence)
    if not (failure and verdict and opened and connection_ended(failure)) or not _broke(opened[-1]):
        return None
    return replace(
        verdict, next_step="The connection had ended by then; the exchange shows how. Connect again and resume."
    )


def _not_resumed(evidence: Evidence) -> Verdict | None:
    opened = sockets(evidence)
    for earlier, later in pairwise(opened):
        if "after" not in later.request.query and said(earlier, "server"):
            return wrong(
                "You joined anew, as if you had not been there before, instead of resuming.",
                later,
                expected=f"{later.request.path}?after={_newest(opened, later)}",
                seen=later.request.target,
                next_step="With `?after=` and the last `seq` that you have seen, you are sent what you missed, and "
                "can tell which of your own updates arrived.",
            )
    return None


def _newest(opened: list[Exchange], until: Exchange) -> int:
    """The newest `seq` that was sent to the learner before this WebSocket."""
    return max((seq for socket in opened if socket.number < until.number for seq in _seqs(socket)), default=0)


def _seqs(socket: Exchange) -> list[int]:
    return [seq for it in said(socket, "server") if type(seq := it.get("seq")) is int]


def _unseen(evidence: Evidence) -> Verdict | None:
    """Resumed after an update that the client cannot have seen, or before one that it has built on."""
    opened, base = sockets(evidence), 0
    by_http = any(e.request.path.startswith(DOCUMENTS) for e in evidence.exchanges)  # where a base may come from, too
    for socket in opened:
        after, newest = socket.request.query.get("after", ""), _newest(opened, socket)
        if after.isdecimal() and len(after) < 10 and not base <= int(after) <= newest:
            late = int(after) > newest
            return wrong(
                f"You resumed after {after}, and the last update that you had been sent was {newest}."
                if late
                else f"You resumed after {after}, although {base} was the base of an update of yours.",
                socket,
                expected=f"{socket.request.path}?after={newest}",
                seen=socket.request.target,
                next_step="`after` is the `seq` of the last message that you have, not of the one that you wait for."
                if late
                else "Keep the `seq` of each message that has one, also of your own updates and of those you missed.",
            )
        reached = -1 if by_http else max([newest, *_seqs(socket)])
        bases = [it.get("base") for it in said(socket, "client", "text_update")]
        base = max([base, *(it for it in bases if type(it) is int and it <= reached)])
    return None


def _impatient(evidence: Evidence) -> Verdict | None:
    """Back too soon, after a line was lost or a handshake refused."""
    refusals, tries = 0, [e for e in evidence.exchanges if e.request.path.startswith(PATH)]
    for earlier, later in pairwise(tries):
        refusals = refusals + 1 if earlier.status == 503 else 0
        least = PAUSE * 2 ** max(0, refusals - 1)
        waited = later.started - earlier.ended
        lost = earlier.status == 101 and _broke(earlier)
        if (refusals or lost) and 0 <= waited < least - TICK:
            return wrong(
                f"You were refused {refusals} times, one after the other, and your waits did not grow."
                if refusals > 1
                else "You were back too soon after a refusal."
                if refusals
                else "You were back too soon after the line was lost.",
                later,
                expected=f"at least {least} s before this attempt",
                seen=f"{waited:.3f} s",
                next_step="Double your wait each time that an attempt fails, and begin anew when one succeeds."
                if refusals > 1
                else "`time.sleep` before each new attempt: a service that has trouble needs a pause.",
            )
    return None


CARRY_ON = Exercise(
    "websocket.carry_on",
    "Carry on after a lost connection",
    4,
    (
        "Two loops: the outer one connects as long as words are left, the inner one reads messages. What do you have "
        "to know from the connection before? Your text, its `seq`, and which words, with their ids, have no echo yet.",
        "Send the first of those that are left after `document` and after `resumed`, and the next one after each echo, "
        "which you know by its `id`. It may also come among the updates that you missed.",
        'Each update has `"id"`, `"position": len(text)` and `"base": seq`. Apply every text_update to `text` and keep '
        "its `seq` for `?after=`; catch `(WebSocketException, OSError)` around all of it, sleep, and double the time "
        "if not even the handshake went well.",
    ),
    _scenes,
    _judge,
    early=(_gone,),
)
