"""What has become of the words that were to be written into a document: each is there once, in order, at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from course_support.backends.edits import Edit, apply
from course_support.evidence import Evidence
from course_support.exercises.rules import json_object
from course_support.exercises.websocket.rooms import said, sockets
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _log(evidence: Evidence) -> list[dict[str, Any]]:
    """All updates of the document, as the service has them."""
    log = json_object(evidence.afterwards[-1]).get("updates")
    return [it for it in log if isinstance(it, dict)] if isinstance(log, list) else []


def _written(evidence: Evidence) -> list[str]:
    """The contents that the learner's updates have put into the document."""
    return [str(it.get("content")) for it in _log(evidence) if it.get("userId") == evidence.expected["user"]]


def _wanted(evidence: Evidence) -> list[str]:
    return [f" {word}" for word in evidence.arguments["words"]]


def updates(evidence: Evidence) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    """The learner's updates, each with the WebSocket that it went over."""
    return ((socket, it) for socket in sockets(evidence) for it in said(socket, "client", "text_update"))


def _sending(evidence: Evidence, word: str) -> list[tuple[Exchange, dict[str, Any]]]:
    return [(socket, it) for socket, it in updates(evidence) if word in str(it.get("content")).split()]


def _last_sending(evidence: Evidence, word: str) -> tuple[Exchange, dict[str, Any]]:
    """It may have come by HTTP, or in another update than that of its own."""
    return next(reversed(_sending(evidence, word)), (sockets(evidence)[-1], {}))


def missing(evidence: Evidence) -> Verdict | None:
    """A word that is not in the document."""
    written = " ".join(_written(evidence)).split()
    for word in evidence.arguments["words"]:
        if word in written:
            continue
        sending = _sending(evidence, word)
        shown = sending[-1][0] if sending else sockets(evidence)[-1]
        return wrong(
            f"The word {word!r} is missing: the line was lost before it arrived, and you did not send it again."
            if sending
            else f"The word {word!r} is missing: no update with it reached the service.",
            shown,
            expected=f"an update for each of {evidence.arguments['words']}, in their order",
            seen=f"in the document: {written}",
            next_step="When you have resumed, you have been sent each update that arrived. What of yours is not among "
            "them has to be sent again."
            if sending
            else "What you send on a line that has broken is lost as well: go on until the last word has been echoed.",
        )
    return None


def other_id(evidence: Evidence) -> Verdict | None:
    """The same word again, without the name by which the service knows what it already has."""
    written = Counter(" ".join(_written(evidence)).split())
    for word in evidence.arguments["words"]:
        sending = _sending(evidence, word)
        ids = [it.get("id") for _, it in sending]
        if len(ids) < 2 or (None not in ids and len(set(map(str, ids))) == 1):
            continue
        twice = ", so it is in the document twice" if written[word] > 1 else ""
        how = "under another id" if None not in ids else "without any id" if ids[0] is None else "without the id it had"
        return wrong(
            f"You sent {word!r} again {how}{twice}.",
            sending[1][0],
            expected="an id of its own for each word, and the same each time",
            seen=f"the ids {value_text(ids, 200)}",
            next_step="Give each word its id once, before the first try: the service applies an id only once.",
        )
    return None


def other_words(evidence: Evidence) -> Verdict | None:
    written, wanted = _written(evidence), _wanted(evidence)
    words, asked = " ".join(written).split(), evidence.arguments["words"]
    if "".join(written) == "".join(wanted):
        return None
    if words == asked:
        cause, step = "Your words are all there, but not each with one blank before it.", 'Insert `f" {word}"`.'
    elif sorted(words) == sorted(asked):
        cause = "Your words are all there, but in another order."
        step = "Send a word when the one before it has been echoed, or all that are left in their order."
    else:
        cause, step = "You wrote what nobody asked for.", "Insert the words, each with a blank before it, and no more."
    return wrong(
        cause,
        _last_sending(evidence, asked[-1])[0],
        expected="".join(wanted),
        seen=value_text("".join(written)),
        next_step=step,
    )


def _texts(evidence: Evidence) -> list[str]:
    """The text at each `seq`."""
    texts = [evidence.expected["text"]]
    for it in _log(evidence):
        texts.append(apply(texts[-1], Edit(it["position"], it["content"], it["remove"])))
    return texts


def in_the_middle(evidence: Evidence) -> Verdict | None:
    texts = _texts(evidence)
    for it, text in zip(_log(evidence), texts, strict=False):
        if it["userId"] != evidence.expected["user"] or it["position"] == len(text):
            continue
        word = it["content"].strip()
        socket, sent = _last_sending(evidence, word)
        base, place = sent.get("base"), sent.get("position")
        if base is None:
            cause = f"The word {word!r} is in the middle of the text: others wrote before your update arrived."
            step = "Say with `base` which `seq` your text had: then the service moves your position along."
        else:
            cause = (
                f"The word {word!r} is in the middle of the text: your position is not its end at the `base` you name."
            )
            step = "Apply each text_update to your copy of the text, removals too; then its end is `len(text)`."
        return wrong(
            cause,
            socket,
            expected=f"position {len(texts[base])}, which is the end of the text at seq {base}"
            if isinstance(base, int) and 0 <= base < len(texts)
            else "a position at the end of the text, and the `base` at which that is so",
            seen=f"position {value_text(place, 20)}, base {value_text(base, 20)}",
            next_step=step,
        )
    return None


def other_text(evidence: Evidence) -> Verdict | None:
    text, value, last = json_object(evidence.afterwards[0]).get("text"), evidence.value, _wanted(evidence)[-1]
    if value == text:
        return None
    start, words = evidence.expected["text"], "".join(_wanted(evidence))
    log, step = _log(evidence), "Apply each text_update that comes to your copy, at its position, and each only once."
    kept = apply(start, *(Edit(it["position"], it["content"]) for it in log))
    if value + last == text:
        cause = "The last word is missing in the text that you return: its echo is an update like all others."
    elif value == kept:
        cause, step = "In the text that you return nothing is removed.", "`text[position + remove :]` is what stays."
    elif value == start + words:
        cause = "What others wrote is missing in the text that you return."
    elif len(value) > len(str(text)):
        cause = "In the text that you return some updates have been applied twice."
        step = "What was sent again after a resume comes before `resumed`: have you had that `seq` before?"
    else:
        cause = "The text that you return is not that of the document."
    return wrong(cause, sockets(evidence)[-1], expected=text, seen=value_text(value), next_step=step)
