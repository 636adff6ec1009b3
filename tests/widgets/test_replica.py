"""The page's Replica is that of Python: the same calls make it send the same messages and show the same text."""

from __future__ import annotations

import random
from typing import Any

import pytest

from course_support.backends.edits import Edit, apply, rebase
from course_support.backends.replica import LONGEST, Replica
from tests import peers

TEXT = "Ada writes 🎧 here. Grace reads it."
WORDS = ("x", "no", "🎧🎧", "é\n", '"quoted" ')

Message = dict[str, Any]


class Witness:
    """A Replica that keeps each call and what came of it."""

    def __init__(self, name: str, transform: bool, **more: str) -> None:
        self.replica = Replica(TEXT, 0, name=name, transform=transform, **more)
        self.calls: list[Any] = [{"text": TEXT, "seq": 0, "name": name, "transform": transform, **more}]
        self.results: list[Any] = []
        self.going: list[Message] = []
        self.coming: list[Message] = []

    def call(self, method: str, *given: Any) -> None:
        sent = getattr(self.replica, method)(*given) or []
        self.going += sent
        self.calls.append([method, *given])
        it = self.replica
        self.results.append({"sent": sent, "text": it.text, "seq": it.seq, "unconfirmed": it.unconfirmed})


class Log:
    """The service as far as a Replica knows it: an order of updates, each told to everybody."""

    def __init__(self, transform: bool) -> None:
        self.text = TEXT
        self.transform = transform
        self.updates: list[Message] = []

    def take(self, message: Message, sender: Witness, witnesses: list[Witness]) -> None:
        if known := [it for it in self.updates if it["id"] == message["id"]]:
            sender.coming += known
            return
        edits = [Edit(message["position"], message["content"], message["remove"])]
        if self.transform:
            edits, _ = rebase(edits, [Edit(it["position"], it["content"], it["remove"]) for it in self._since(message)])
        for edit in edits:
            self.text = apply(self.text, edit)
            what = {"position": edit.position, "content": edit.content, "remove": edit.remove}
            self.updates.append({"type": "text_update", **what, "id": message["id"], "seq": len(self.updates) + 1})
            for witness in witnesses:
                witness.coming.append(self.updates[-1])

    def _since(self, message: Message) -> list[Message]:
        return self.updates[message["base"] :]

    def reconnect(self, witness: Witness, whole: bool, told: bool) -> None:
        """What was on its way is lost; the service sends what is missing, or the whole document."""
        if told:
            witness.call("lost")
        witness.going.clear()
        seq = len(self.updates)
        missed = [*self.updates[witness.replica.seq :], {"type": "resumed", "seq": seq, "users": []}]
        witness.coming[:] = [{"type": "document", "text": self.text, "seq": seq, "users": []}] if whole else missed


def history(seed: int, *, transform: bool = True, breaks: float = 0.0, told: bool) -> tuple[Log, list[Witness]]:
    draw = random.Random(seed)
    log, witnesses = Log(transform), [Witness(f"{name}{seed}", transform) for name in ("ada", "grace", "alan")]
    for _ in range(60):
        witness = draw.choice(witnesses)
        if draw.random() < breaks:
            log.reconnect(witness, draw.random() < 0.3, told)
        step = draw.randrange(3)
        if step == 0:
            edit(draw, witness)
        elif step == 1 and witness.going:
            log.take(witness.going.pop(0), witness, witnesses)
        elif witness.coming:
            witness.call("receive", witness.coming.pop(0))
    while any(witness.going or witness.coming for witness in witnesses):
        for witness in witnesses:
            while witness.going:
                log.take(witness.going.pop(0), witness, witnesses)
            while witness.coming:
                witness.call("receive", witness.coming.pop(0))
    return log, witnesses


def edit(draw: random.Random, witness: Witness) -> None:
    length = len(witness.replica.text)
    position = draw.randint(0, length)
    remove = draw.choice([0, 0, draw.randint(0, min(9, length - position))])
    witness.call("edit", position, "" if remove and draw.random() < 0.5 else draw.choice(WORDS), remove)


@pytest.mark.parametrize(("transform", "breaks"), [(True, 0.0), (True, 0.05), (False, 0.0), (False, 0.05)])
def test_does_what_python_s_replica_does(transform: bool, breaks: float) -> None:
    histories = [history(seed, transform=transform, breaks=breaks, told=bool(seed % 3)) for seed in range(60)]
    together = [witness.replica.text == log.text for log, witnesses in histories for witness in witnesses]
    assert all(together) is transform  # else the histories would not be worth replaying
    all_of_them = [witness for _, witnesses in histories for witness in witnesses]
    replayed = peers.run("replica.mjs", given=[witness.calls for witness in all_of_them])
    assert replayed == [witness.results for witness in all_of_them]


def test_a_long_insertion_goes_in_pieces() -> None:
    witness = Witness("ada", transform=True)
    witness.call("edit", 3, "🎧" * (2 * LONGEST + 1), 0)
    assert peers.run("replica.mjs", given=[witness.calls]) == [witness.results]
    assert witness.replica.unconfirmed == 3


@pytest.mark.parametrize("told", [True, False])
def test_what_follows_an_echo_that_was_missed_is_sent_once(told: bool) -> None:
    witness = Witness("me", transform=True)
    witness.call("edit", 3, "x", 0)
    witness.call("edit", 4, "y", 0)
    if told:
        witness.call("lost")
    witness.call("edit", 5, "z", 0)
    witness.call("receive", {**witness.going[0], "seq": 1})
    witness.call("receive", {"type": "resumed", "seq": 1, "users": []})
    assert peers.run("replica.mjs", given=[witness.calls]) == [witness.results]
    assert [it["id"] for it in witness.going] == ["me-1", *["me-2"] * (1 if told else 2)]


@pytest.mark.parametrize("more", [{}, {"user": "ada"}], ids=["no user", "ada"])
@pytest.mark.parametrize("sender", [{}, {"userId": "ada"}, {"userId": "grace"}], ids=["nobody", "by ada", "by grace"])
@pytest.mark.parametrize("seq", [0, 1], ids=["old", "new"])
def test_tells_its_own_updates_by_id_and_user(more: dict[str, str], sender: dict[str, str], seq: int) -> None:
    witness = Witness("me", transform=True, **more)
    witness.call("edit", 3, "x", 0)
    witness.call("receive", {**witness.going[0], "seq": seq, **sender})
    assert peers.run("replica.mjs", given=[witness.calls]) == [witness.results]
    assert (witness.replica.unconfirmed == 1) is (bool(more) and sender == {"userId": "grace"})


def test_says_that_updates_are_missing() -> None:
    late = {"type": "text_update", "position": 0, "content": "x", "remove": 0, "seq": 2}
    with pytest.raises(AssertionError, match="update 2 came, and those after 0 are missing"):
        peers.run("replica.mjs", given=[[{"text": TEXT, "seq": 0, "name": "a", "transform": True}, ["receive", late]]])
