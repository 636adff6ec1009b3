"""The editor's WebSocket from the first message to the last: what each one in a room is told, and in which order."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import websocket

from course_support.backends.replica import Replica

from .editors import ID, PATH, Editor, Service, replica, serving, until

ADA, GRACE = {"id": "ada", "name": "Ada"}, {"id": "grace", "name": "Grace"}


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def test_the_document_comes_first_with_all_who_are_there(service: Service) -> None:
    text = service.document.text
    ada = service.knock("ada")
    assert ada.raw.getsubprotocol() == "edit.v1"
    assert ada.read() == {"type": "document", "text": text, "seq": 0, "users": [ADA]}
    grace = service.knock("grace")
    assert grace.read() == {"type": "document", "text": text, "seq": 0, "users": [ADA, GRACE]}


def test_an_update_goes_to_everybody_the_sender_included(service: Service) -> None:
    text = service.document.text
    ada, grace = service.edit("ada"), service.edit("grace")
    assert ada.read() == {"type": "user_joined", "user": GRACE}
    ada.send(position=3, content="Hi", timestamp="2026-03-02T09:00:00Z", userId="ada")
    message = {
        "type": "text_update",
        "position": 3,
        "content": "Hi",
        "timestamp": "2026-03-02T09:00:00Z",
        "userId": "ada",
        "remove": 0,
        "seq": 1,
    }
    assert ada.read() == grace.read() == message
    grace.send(position=0, remove=2, id="g-1")
    answer = ada.read()
    assert answer == grace.read()
    expected = {"position": 0, "content": "", "remove": 2, "userId": "grace", "seq": 2, "id": "g-1"}
    assert {name: answer[name] for name in expected} == expected
    assert service.document.text == (text[:3] + "Hi" + text[3:])[2:]


def test_without_a_timestamp_it_is_the_service_s_clock(service: Service) -> None:
    ada = service.edit()
    ada.send(content="a", position=0)
    ada.send(content="b", position=0)
    assert [ada.read()["timestamp"] for _ in range(2)] == ["2026-03-02T09:00:00.050Z", "2026-03-02T09:00:00.100Z"]


def test_positions_count_code_points(service: Service) -> None:
    id = next(id for id in service.app.state.documents if id != ID)
    editor = service.knock(path=f"/edit/{id}")
    text = editor.read()["text"]
    editor.send(position=text.index("🎂") + 1, content="!")
    editor.read()
    assert "🎂! at four." in service.app.state.documents[id].text


def test_without_a_base_a_position_is_one_of_the_newest_text(service: Service) -> None:
    ada = service.edit()
    ada.send(position=0, content="X")
    ada.send(position=1, content="Y")
    assert [ada.read()["position"] for _ in range(2)] == [0, 1]
    assert service.document.text.startswith("XY")


def test_with_a_base_it_is_moved_past_what_came_since(service: Service) -> None:
    text = service.document.text
    ada, grace = service.edit("ada"), service.edit("grace")
    ada.send(position=0, content="Ada. ", base=0)
    assert grace.read()["seq"] == 1
    grace.send(position=0, remove=10, base=0)
    grace.send(position=5, content="late", base=0)
    assert [(it["position"], it["remove"], it["content"]) for it in (grace.read(), grace.read())] == [
        (5, 10, ""),
        (5, 0, "late"),
    ]
    assert service.document.text == "Ada. late" + text[10:]


def test_a_removal_around_an_insertion_comes_as_two_updates(service: Service) -> None:
    ada, grace = service.edit("ada"), service.edit("grace")
    ada.send(position=5, content="X", base=0)
    grace.read()
    grace.send(position=3, remove=4, base=0, id="g")
    parts = [grace.read(), grace.read()]
    assert [(it["seq"], it["position"], it["remove"], it["id"]) for it in parts] == [(2, 3, 2, "g"), (3, 4, 2, "g")]


def test_naively_it_is_taken_as_it_comes(service: Service) -> None:
    service.app.state.transform = False
    ada = service.edit()
    ada.send(position=0, content="Ada. ", base=0)
    ada.send(position=0, remove=3, base=0)
    ada.send(position=10_000, content="!", base=0)
    shown = [(it["position"], it["remove"]) for it in (ada.read(), ada.read(), ada.read())]
    assert shown == [(0, 0), (0, 3), (len(service.document.text) - 1, 0)]
    assert service.document.text.endswith("!")


def test_a_cursor_is_shown_to_the_others(service: Service) -> None:
    ada, grace, again = service.edit("ada"), service.edit("grace"), service.edit("ada")
    ada.send("cursor_move", position=4)
    assert grace.read() == again.read() == {"type": "cursor_move", "userId": "ada", "position": 4}
    ada.send("cursor_move", position=10_000)
    assert grace.read()["position"] == len(service.document.text)
    assert ada.read() == {"type": "user_joined", "user": GRACE}
    ada.send(position=0, content="X")
    assert ada.read()["type"] == "text_update"  # and no cursor of its own


def test_whoever_only_reads_has_a_cursor_too(service: Service) -> None:
    ada, reader = service.edit("ada"), service.edit("reader")
    assert ada.read() == {"type": "user_joined", "user": {"id": "reader", "name": "Reader"}}
    reader.send("cursor_move", position=1)
    assert ada.read() == {"type": "cursor_move", "userId": "reader", "position": 1}
    ada.send(position=0, content="X")
    assert reader.read()["content"] == "X"


def test_a_user_joins_with_the_first_connection_and_leaves_with_the_last(service: Service) -> None:
    ada = service.edit("ada")
    first, second = service.edit("grace"), service.edit("grace")
    assert ada.read() == {"type": "user_joined", "user": GRACE}
    assert service.knock("alan").read()["users"] == [ADA, GRACE, {"id": "alan", "name": "Alan"}]
    assert ada.read()["user"]["id"] == "alan"
    first.raw.close()
    until(lambda: len(service.app.state.rooms.connections) == 3)
    second.raw.shutdown()  # without a word
    assert ada.read() == {"type": "user_left", "user": GRACE}
    service.edit("grace")
    assert ada.read() == {"type": "user_joined", "user": GRACE}


def test_rooms_do_not_hear_of_each_other(service: Service) -> None:
    other = next(id for id in service.app.state.documents if id != ID)
    ada, grace = service.edit("ada"), service.edit("grace", path=f"/edit/{other}")
    ada.send(position=0, content="X")
    ada.send("cursor_move", position=1)
    assert ada.read()["seq"] == 1
    grace.send(position=0, content="Y")
    assert grace.read()["userId"] == "grace"
    assert service.app.state.documents[other].seq == 1


# --- Resuming --------------------------------------------------------------------------------------------------------


def test_whoever_resumes_gets_what_it_missed(service: Service) -> None:
    ada = service.edit()
    for content in "abc":
        ada.send(position=0, content=content)
        ada.read()
    again = service.knock(path=f"/edit/{ID}?after=1")
    messages = again.read_until("resumed")
    assert [(it["seq"], it["content"]) for it in messages[:-1]] == [(2, "b"), (3, "c")]
    assert messages[-1] == {"type": "resumed", "seq": 3, "users": [ADA]}
    assert service.knock(path=f"/edit/{ID}?after=3").read()["type"] == "resumed"


@pytest.mark.parametrize("after", [0, 1, 7])
def test_where_the_log_does_not_reach_the_whole_document_comes(after: int) -> None:
    with serving(keep=3) as service:
        ada = service.edit()
        for content in "abcde":
            ada.send(position=0, content=content)
            ada.read()
        message = service.knock(path=f"/edit/{ID}?after={after}").read()
        assert (message["type"], message["seq"], message["text"][:5]) == ("document", 5, "edcba")
        assert len(service.knock(path=f"/edit/{ID}?after=2").read_until("resumed")) == 4


def test_an_update_that_is_sent_again_is_acknowledged_to_its_sender_and_not_applied(service: Service) -> None:
    ada, grace = service.edit("ada"), service.edit("grace")
    ada.send(position=0, content="X", id="a-1")
    first = grace.read()
    ada.raw.shutdown()
    assert grace.read()["type"] == "user_left"
    again = service.edit("ada")
    again.send(position=0, content="X", id="a-1", base=0)
    assert again.read() == first
    assert grace.read()["type"] == "user_joined"
    grace.send(position=0, content="Y", id="a-1")  # the same id of another user
    assert grace.read()["seq"] == again.read()["seq"] == 2
    assert service.document.text.startswith("YX")


def test_more_than_waits_for_a_client_can_be_missed() -> None:
    with serving(backlog=4) as service:
        ada = service.edit()
        for _ in range(50):
            ada.send(position=0, content="X")
            ada.read()
        assert len(service.knock(path=f"/edit/{ID}?after=0").read_until("resumed")) == 51


# --- Converging ------------------------------------------------------------------------------------------------------


class Typist:
    """A user with a replica, who loses the connection now and then."""

    def __init__(self, service: Service, user: str, draw: random.Random) -> None:
        self.service, self.user, self.draw = service, user, draw
        self.editor = service.knock(user)
        self.replica = replica(self.editor, name=f"{user}-1")
        self.typed = ""

    def type(self, letter: str) -> None:
        self.typed += letter
        self.send(self.replica.edit(self.draw.randint(0, len(self.replica.text)), letter))
        if self.draw.random() < 0.3 and self.replica.text:
            place = self.draw.randrange(len(self.replica.text))
            if self.replica.text[place] in " .abcdefghijklmnopqrstuvwxyz":
                self.send(self.replica.edit(place, remove=1))

    def read(self) -> None:
        self.send(self.replica.receive(self.editor.read()))

    def reconnect(self) -> None:
        self.editor.raw.shutdown()
        self.editor = self.service.knock(self.user, path=f"/edit/{ID}?after={self.replica.seq}")
        while (message := self.editor.read())["type"] != "resumed":
            self.send(self.replica.receive(message))
        self.send(self.replica.receive(message))

    def send(self, messages: list[Any]) -> None:
        for message in messages:
            self.editor.raw.send(json.dumps(message))

    @property
    def done(self) -> bool:
        return self.replica.seq == self.service.document.seq and not self.replica.unconfirmed


@pytest.mark.parametrize("seed", range(4))
def test_three_editors_converge_over_real_sockets_that_break(service: Service, seed: int) -> None:
    draw = random.Random(seed)
    typists = [Typist(service, user, draw) for user in ("ada", "grace", "alan")]
    for number in range(60):
        typist = draw.choice(typists)
        typist.type(chr(0x4E00 + number))
        if draw.random() < 0.15:
            typist.reconnect()
        elif draw.random() < 0.5 and typist.replica.unconfirmed:
            typist.read()
    while not all(typist.done for typist in typists):
        for typist in typists:
            if not typist.done:
                typist.read()
    assert {typist.replica.text for typist in typists} == {service.document.text}
    typed = sorted("".join(typist.typed for typist in typists))
    assert sorted(letter for letter in service.document.text if letter >= "\u4e00") == typed


def test_naive_editors_diverge_over_real_sockets(service: Service) -> None:
    service.app.state.transform = False
    sockets = [service.knock(user) for user in ("ada", "grace")]
    copies = [replica(socket, transform=False) for socket in sockets]
    for socket, copy, letter in zip(sockets, copies, "XY", strict=True):
        socket.raw.send(json.dumps(copy.edit(0, letter)[0]))
    for socket, copy in zip(sockets, copies, strict=True):
        while copy.seq < 2:
            copy.receive(socket.read())
    one, other = copies
    assert {one.text[:2], other.text[:2]} == {"XY", "YX"}


# --- Closing ---------------------------------------------------------------------------------------------------------


def test_a_thread_of_a_notebook_closes_all_connections(service: Service) -> None:
    other = next(id for id in service.app.state.documents if id != ID)
    editors = [service.edit("ada"), service.edit("grace"), service.edit("alan", path=f"/edit/{other}")]
    assert service.app.state.rooms.close_all(1001, "The service restarts: connect again.") == 3
    assert [it.closed() for it in editors] == [(1001, "The service restarts: connect again.")] * 3
    until(lambda: not service.app.state.rooms.connections)
    assert service.app.state.rooms.close_all(1001, "") == 0


def test_or_those_of_one_user(service: Service) -> None:
    ada, first, second = service.edit("ada"), service.edit("grace"), service.edit("grace")
    assert service.app.state.rooms.close_user("grace", 4000, "Enough.") == 2
    assert [it.closed() for it in (first, second)] == [(4000, "Enough.")] * 2
    assert [it["type"] for it in (ada.read(), ada.read())] == ["user_joined", "user_left"]
    assert service.app.state.rooms.close_user("nobody", 1000, "") == 0


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1010, 1015, 1016, 2999, 5000])
def test_a_code_that_no_service_sends_is_refused(service: Service, code: int) -> None:
    with pytest.raises(ValueError, match=f"no service sends {code}"):
        service.app.state.rooms.close_all(code, "")


def test_what_was_said_before_the_close_is_still_read(service: Service) -> None:
    ada = service.edit()
    ada.raw.send('{"type": "text_update", "position": 0, "content": "X"}')
    ada.raw.send("{")
    assert ada.read()["content"] == "X"
    assert ada.closed()[0] == 1008


def test_a_failure_of_the_service_is_1011_and_tells_no_more(service: Service) -> None:
    ada, grace = service.edit("ada"), service.edit("grace")
    before, logged = service.document.text, service.tracebacks
    service.app.state.broken = True
    ada.send(position=0, content="X", id="a-1")
    assert ada.closed() == (1011, "The service failed at this: connect again and resume after the last seq you have.")
    assert service.document.text == before
    assert grace.read() == {"type": "user_left", "user": ADA}
    until(lambda: service.tracebacks == logged + 1)
    assert "app.state.broken" in service.server.log
    again = service.edit("ada")
    again.send(position=0, content="X", id="a-1")
    assert again.read()["seq"] == 1


def test_a_server_that_stops_says_so(service: Service) -> None:
    ada = service.edit()
    service.server.close()
    assert ada.closed()[0] == 1012
    until(lambda: not service.app.state.rooms.connections)
    assert service.app.state.rooms.close_all(1001, "") == 0


def test_a_client_that_closes_gets_its_code_back(service: Service) -> None:
    ada = service.edit()
    ada.raw.send_close(4321, b"Bye")
    assert ada.closed() == (4321, "Bye")
    until(lambda: not service.app.state.rooms.connections)


def test_the_exchange_shows_the_messages(service: Service) -> None:
    ada = service.edit()
    ada.send(position=0, content="X")
    ada.read()
    exchange = service.server.last
    assert exchange.response.status == 101
    assert [(it.sender, it.json()["type"]) for it in exchange.messages] == [
        ("server", "document"),
        ("client", "text_update"),
        ("server", "text_update"),
    ]


# --- Apart -----------------------------------------------------------------------------------------------------------


def test_two_services_share_nothing() -> None:
    with serving(1) as one, serving(1) as other:
        assert one.app.state.credentials == other.app.state.credentials
        ada, grace = one.edit("ada"), other.edit("grace")
        ada.send(position=0, content="X")
        assert ada.read()["seq"] == 1
        grace.send(position=0, content="Y")
        assert grace.read()["content"] == "Y"
        assert one.document.text[1:] == other.document.text[1:]
        ticket = one("POST", "/api/v1/tickets").json()["ticket"]
        assert other.refusal(None, path=f"/edit/{ID}?ticket={ticket}")[0] == 401
        assert one.app.state.rooms.close_all(1001, "") == 1
        assert other("GET", PATH).json()["seq"] == 1
    assert serving_text(1) != serving_text(2)


def serving_text(seed: int) -> str:
    with serving(seed) as service:
        return str(service.document.text)


def test_an_editor_that_pings_is_answered(service: Service) -> None:
    ada = service.edit()
    ada.raw.ping(b"still there?")
    opcode, data = ada.raw.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"still there?")


def test_a_service_that_is_asked_to_pings() -> None:
    with serving(ping_interval=0.05) as service:
        ada = service.edit()
        assert ada.raw.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PING


def test_replicas_take_whatever_comes(service: Service) -> None:
    ada = service.knock("ada")
    copy: Replica = replica(ada)
    grace: Editor = service.edit("grace")
    grace.send("cursor_move", position=1)
    grace.send(position=0, content="X")
    for _ in range(3):
        assert copy.receive(ada.read()) == []
    assert copy.text == service.document.text
