"""An editor's own copy: whatever the delays and breaks of the lines, all copies end up with the document's text."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest

from course_support.backends.documents import Document
from course_support.backends.edits import Edit
from course_support.backends.replica import LONGEST, Replica

TEXT = "Once upon a time there was a text."


@dataclass
class Line:
    """One editor and its connection: what it has sent, and what the service has sent, that is still under way."""

    replica: Replica
    up: deque[Any] = field(default_factory=deque)
    down: deque[Any] = field(default_factory=deque)
    open: bool = True

    def send(self, messages: list[Any]) -> None:
        if self.open:
            self.up.extend(messages)


class Network:
    """A document, its editors, and lines that deliver in order but each at its own pace."""

    def __init__(
        self, seed: int = 0, *, naive: bool = False, keep: int = 10_000, text: str = TEXT, told: bool = True
    ) -> None:
        self.draw = random.Random(seed)
        self.told = told  # each replica of the loss of its line
        self.naive = naive
        self.document = Document("document-1", text, keep)
        names = ("ada", "grace", "alan")
        self.lines = {name: Line(Replica(text, 0, name=name, transform=not naive)) for name in names}
        self.stray: deque[tuple[str, Any]] = deque()  # sent on a line that broke since, and yet to arrive

    def serve(self, name: str, sent: Any, *, stray: bool = False) -> None:
        if known := self.document.known(name, sent["id"]):
            if not stray:
                self.lines[name].down.extend(update.message for update in known)
            return
        if not self.document.reaches(sent["base"]):  # the service closes the connection
            if not stray:
                self.cut(name)
                self.connect(name)
            return
        edit = Edit(sent["position"], sent["content"], sent["remove"])
        if self.naive:
            updates = self.document.add_as_it_stands(edit, name, "", sent["id"])
        else:
            assert sent["position"] + sent["remove"] <= self.document.length_at(sent["base"])
            updates = self.document.add(edit, sent["base"], name, "", sent["id"])
        for line in self.lines.values():
            if line.open:
                line.down.extend(update.message for update in updates)

    def deliver(self, name: str) -> None:
        """Let one message arrive, from a broken line, on its way up or on its way down."""
        line = self.lines[name]
        if self.stray and self.draw.random() < 0.3:
            self.serve(*self.stray.popleft(), stray=True)
        elif line.up and self.draw.random() < 0.5:
            self.serve(name, line.up.popleft())
        elif line.down:
            line.send(line.replica.receive(line.down.popleft()))

    def cut(self, name: str) -> None:
        line = self.lines[name]
        line.open = False
        if self.draw.random() < 0.5:
            self.stray.extend((name, message) for message in line.up)
        for _ in range(self.draw.randint(0, len(line.down))):
            line.replica.receive(line.down.popleft())
        if self.told:
            line.replica.lost()
        line.up.clear()
        line.down.clear()

    def connect(self, name: str) -> None:
        line, document = self.lines[name], self.document
        line.open = True
        if document.reaches(line.replica.seq):
            line.down.extend(update.message for update in document.since(line.replica.seq))
            line.down.append({"type": "resumed", "seq": document.seq, "users": []})
        else:
            line.down.append({"type": "document", "text": document.text, "seq": document.seq, "users": []})

    def type(self, name: str) -> None:
        line, draw = self.lines[name], self.draw
        position = draw.randint(0, len(line.replica.text))
        if draw.random() < 0.6:
            line.send(line.replica.edit(position, chr(draw.choice((0x41, 0x61, 0x1F300)) + draw.randrange(26))))
        else:
            most = min(7, len(line.replica.text) - position)
            line.send(line.replica.edit(position, remove=draw.randint(0, most)))

    def settle(self) -> None:
        """Reconnect everybody and deliver all that is under way."""
        for name, line in self.lines.items():
            if not line.open:
                self.connect(name)
        while self.stray or any(line.up or line.down for line in self.lines.values()):
            self.deliver(self.draw.choice(list(self.lines)))

    @property
    def texts(self) -> set[str]:
        return {self.document.text, *(line.replica.text for line in self.lines.values())}


def play(network: Network, steps: int, breaks: float = 0.0) -> None:
    for _ in range(steps):
        name = network.draw.choice(list(network.lines))
        if network.draw.random() < 0.35:
            network.type(name)
        elif network.draw.random() < breaks:
            if network.lines[name].open:
                network.cut(name)
            else:
                network.connect(name)
        else:
            network.deliver(name)
    network.settle()


@pytest.mark.parametrize("seed", range(40))
def test_three_editors_converge(seed: int) -> None:
    network = Network(seed)
    play(network, 300)
    assert len(network.texts) == 1
    assert not any(line.replica.unconfirmed for line in network.lines.values())
    assert {line.replica.seq for line in network.lines.values()} == {network.document.seq}


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_they_converge_over_broken_lines(seed: int, told: bool) -> None:
    network = Network(seed, told=told)
    play(network, 400, breaks=0.2)
    assert len(network.texts) == 1
    assert not any(line.replica.unconfirmed for line in network.lines.values())


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("keep", [10_000, 12, 3])
def test_nothing_that_was_typed_is_lost_or_doubled(seed: int, keep: int) -> None:
    """Each editor types letters of its own and removes nothing: all of them are there once, and in its order."""
    network = Network(seed, keep=keep, text="")
    typed = dict.fromkeys(network.lines, "")
    for number in range(150):
        name, draw = network.draw.choice(list(network.lines)), network.draw
        line = network.lines[name]
        choice = draw.random()
        if choice < 0.3:
            letter = chr(0x4E00 + number)
            typed[name] += letter
            mine = [place for place, it in enumerate(line.replica.text) if it in typed[name]]
            line.send(line.replica.edit(mine[-1] + 1 if mine else 0, letter))  # behind the last of its own
        elif choice < 0.35:
            network.cut(name) if line.open else network.connect(name)
        else:
            network.deliver(name)
    network.settle()
    assert len(network.texts) == 1
    text = network.document.text
    assert sorted(text) == sorted("".join(typed.values()))
    if keep == 10_000:
        for letters in typed.values():
            assert [it for it in text if it in letters] == list(letters)


def test_without_transform_they_diverge() -> None:
    diverged = 0
    for seed in range(20):
        network = Network(seed, naive=True)
        play(network, 200)
        diverged += len(network.texts) > 1
    assert diverged == 20


def test_two_that_type_at_one_place() -> None:
    network = Network(text="ab")
    ada, grace = network.lines["ada"], network.lines["grace"]
    [first], [second] = ada.replica.edit(1, "X"), grace.replica.edit(1, "Y")
    assert (ada.replica.text, grace.replica.text) == ("aXb", "aYb")
    network.serve("ada", first)
    network.serve("grace", second)
    network.settle()
    assert network.texts == {"aXYb"}  # what comes first in the log stays left


def test_naively_two_that_type_at_one_place_see_different_texts_for_good() -> None:
    network = Network(text="ab", naive=True)
    ada, grace = network.lines["ada"], network.lines["grace"]
    [first], [second] = ada.replica.edit(1, "X"), grace.replica.edit(1, "Y")
    network.serve("ada", first)
    network.serve("grace", second)
    network.settle()
    assert (ada.replica.text, grace.replica.text) == ("aYXb", "aXYb")


def echo(sent: dict[str, Any], seq: int, **more: Any) -> dict[str, Any]:
    return {**sent, "seq": seq, "userId": "ada", "timestamp": "", **more}


def test_one_update_is_under_way_at_a_time() -> None:
    replica = Replica("ab", 7, name="me")
    first = replica.edit(2, "c")
    assert first == [
        {"type": "text_update", "position": 2, "content": "c", "remove": 0, "base": 7, "id": "me-1"},
    ]
    assert replica.edit(3, "d") == []
    assert replica.edit(0, remove=1) == []
    assert (replica.text, replica.unconfirmed) == ("bcd", 3)
    [second] = replica.receive(echo(first[0], 8))
    assert (second["position"], second["content"], second["base"], second["id"]) == (3, "d", 8, "me-2")
    [third] = replica.receive(echo(second, 9))
    assert (third["position"], third["remove"], third["base"], third["id"]) == (0, 1, 9, "me-3")
    assert replica.receive(echo(third, 10)) == []
    assert (replica.text, replica.unconfirmed, replica.seq) == ("bcd", 0, 10)


def test_a_removal_and_an_insertion_at_once_are_two_updates() -> None:
    replica = Replica("abcd", 0)
    [first] = replica.edit(1, "XY", remove=2)
    assert (first["remove"], first["content"]) == (2, "")
    [second] = replica.receive(echo(first, 1))
    assert (second["position"], second["content"], second["remove"]) == (1, "XY", 0)
    assert replica.text == "aXYd"


def test_much_text_goes_in_pieces_that_the_service_takes() -> None:
    replica, text = Replica("[]", 0), "\x00" * (2 * LONGEST + 1)
    sent = replica.edit(1, text)
    seq, pieces = 0, []
    while sent:
        pieces.append(sent[0]["content"])
        seq += 1
        sent = replica.receive(echo(sent[0], seq))
    assert "".join(pieces) == text
    assert [len(piece) for piece in pieces] == [LONGEST, LONGEST, 1]
    assert replica.text == f"[{text}]"


def test_an_edit_that_does_nothing_is_not_sent() -> None:
    replica = Replica("ab", 0)
    assert replica.edit(1) == []
    replica.edit(2, "c")
    replica.edit(0, remove=1)
    others = {"type": "text_update", "position": 0, "content": "", "remove": 1, "seq": 1, "id": "b", "userId": "b"}
    assert replica.receive(others) == []
    assert replica.text == "bc"
    mine = {"type": "text_update", "position": 1, "content": "c", "remove": 0, "seq": 2, "id": replica._id}
    assert replica.receive(mine) == []  # the removal has nothing left to remove
    assert replica.unconfirmed == 0


def test_what_was_confirmed_while_the_line_was_down_is_not_sent_again() -> None:
    replica = Replica("ab", 0, name="me")
    [sent] = replica.edit(1, "X")
    assert replica.receive(echo(sent, 1)) == []
    assert replica.receive({"type": "resumed", "seq": 1, "users": []}) == []
    assert replica.text == "aXb"


def test_nothing_is_sent_between_a_loss_and_the_end_of_what_was_missed() -> None:
    replica = Replica("ab", 0, name="me")
    [first] = replica.edit(1, "X")
    replica.edit(2, "Y")
    replica.lost()
    assert replica.edit(3, "Z") == []
    assert replica.receive(echo(first, 1)) == []
    others = {"type": "text_update", "position": 0, "content": "!!", "remove": 0, "seq": 2, "userId": "b"}
    assert replica.receive(others) == []
    [second] = replica.receive({"type": "resumed", "seq": 2, "users": []})
    assert (second["position"], second["content"], second["base"], second["id"]) == (4, "Y", 2, "me-2")
    [third] = replica.receive(echo(second, 3))
    assert (third["content"], third["id"]) == ("Z", "me-3")
    assert replica.text == "!!aXYZb"


def test_what_was_typed_after_a_loss_is_sent_on_a_whole_document() -> None:
    replica = Replica("ab", 0, name="me")
    replica.lost()
    assert replica.edit(2, "X") == []
    [sent] = replica.receive({"type": "document", "text": "abc", "seq": 9, "users": []})
    assert (sent["content"], sent["base"], replica.text) == ("X", 9, "abXc")


def test_what_was_not_confirmed_is_sent_again_under_the_same_id_at_its_new_place() -> None:
    replica = Replica("ab", 0, name="me")
    replica.edit(1, "X")
    replica.edit(2, "Y")
    others = {"type": "text_update", "position": 0, "content": "!!", "remove": 0, "seq": 1, "userId": "b"}
    assert replica.receive(others) == []
    [again] = replica.receive({"type": "resumed", "seq": 1, "users": []})
    assert (again["position"], again["content"], again["base"], again["id"]) == (3, "X", 1, "me-1")
    assert replica.text == "!!aXYb"


def test_a_removal_that_was_split_is_sent_again_in_parts() -> None:
    network = Network(text="abcdef")
    network.lines["ada"].replica.edit(1, remove=4)  # never arrives
    network.cut("ada")
    [sent] = network.lines["grace"].replica.edit(3, "X")
    network.serve("grace", sent)
    network.settle()
    assert network.texts == {"aXf"}


def test_after_a_whole_document_insertions_are_sent_again_and_removals_given_up() -> None:
    replica = Replica("abcdef", 0, name="me")
    replica.edit(6, "X")
    replica.edit(0, remove=2)
    replica.edit(5, "Y")
    [again] = replica.receive({"type": "document", "text": "short", "seq": 40, "users": []})
    assert (again["position"], again["content"], again["base"], again["id"]) == (5, "X", 40, "me-1")
    assert (replica.text, replica.seq, replica.unconfirmed) == ("shortYX", 40, 2)


def test_what_the_whole_document_had_already_is_taken_out_again() -> None:
    replica = Replica("ab", 0, name="me")
    [sent] = replica.edit(1, "X")
    replica.edit(3, "Y")
    assert replica.text == "aXbY"
    replica.receive({"type": "document", "text": "aXb!", "seq": 9, "users": []})
    assert replica.text == "aXXYb!"  # twice for now
    [following] = replica.receive(echo(sent, 3))  # an old seq: the service knew this id
    assert replica.text == "aXYb!"
    assert (following["position"], following["content"], following["id"]) == (2, "Y", "me-2")


def test_another_user_s_update_of_the_same_id_is_not_taken_for_its_own() -> None:
    one, other = Replica("ab", 0), Replica("ab", 0)
    [sent], [theirs] = one.edit(0, "X"), other.edit(0, "X")
    assert sent["id"] != theirs["id"]


def test_of_one_id_only_the_update_of_its_user_is_its_own() -> None:
    replica = Replica("ab", 0, name="me", user="ada")
    [sent] = replica.edit(1, "X")
    replica.receive(echo(sent, 1, userId="grace", position=0, content="Y"))
    assert (replica.text, replica.unconfirmed) == ("YaXb", 1)
    replica.receive(echo(sent, 2, userId="ada", position=2))
    assert (replica.text, replica.unconfirmed) == ("YaXb", 0)


def test_an_old_update_of_another_user_retracts_nothing() -> None:
    replica = Replica("ab", 5, name="me", user="ada")
    [sent] = replica.edit(1, "X")
    assert replica.receive(echo(sent, 3, userId="grace")) == []
    assert (replica.text, replica.unconfirmed) == ("aXb", 1)
    replica.receive(echo(sent, 3, userId="ada"))
    assert (replica.text, replica.unconfirmed) == ("ab", 0)


@pytest.mark.parametrize("user", ["", "ada"])
def test_an_update_that_names_no_user_is_known_by_its_id(user: str) -> None:
    replica = Replica("ab", 0, name="me", user=user)
    [sent] = replica.edit(1, "X")
    replica.receive({**sent, "seq": 1})
    assert (replica.text, replica.unconfirmed) == ("aXb", 0)


@pytest.mark.parametrize(("position", "remove"), [(-1, 0), (3, 0), (0, 3), (2, 1), (1, -1)])
def test_a_place_outside_the_text_is_refused(position: int, remove: int) -> None:
    replica = Replica("ab", 0)
    with pytest.raises(ValueError, match="Edit between 0 and 2"):
        replica.edit(position, "X", remove)
    assert (replica.text, replica.unconfirmed) == ("ab", 0)


def test_a_gap_is_noticed() -> None:
    replica = Replica("ab", 3)
    others = {"type": "text_update", "position": 0, "content": "X", "remove": 0, "seq": 5}
    with pytest.raises(ValueError, match="Resume after 3: update 5 came"):
        replica.receive(others)
    assert (replica.text, replica.seq) == ("ab", 3)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text_update", "position": 0, "content": "X", "remove": 0, "seq": 3},
        {"type": "cursor_move", "userId": "grace", "position": 1},
        {"type": "user_joined", "user": {"id": "grace", "name": "Grace"}},
        {"type": "from the future"},
    ],
)
def test_what_does_not_change_the_text_is_let_by(message: dict[str, Any]) -> None:
    replica = Replica("ab", 3)
    assert replica.receive(message) == []
    assert (replica.text, replica.seq) == ("ab", 3)
