"""The kernel's half of the two editors: a line that it holds for the page, and the switches that it turns."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from course_support.backends.editor import app
from course_support.errors import CourseError
from course_support.server import Server
from course_support.widgets.editors import Editors, editors

UPDATE = {"type": "text_update", "position": 0, "content": "Hi "}


class Page:
    """The page's side of the comm: what it would be sent, and a way to say what it would say."""

    def __init__(self, widget: Editors) -> None:
        self.widget = widget
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        widget.send = self.told.put  # type: ignore[method-assign]

    def say(self, type: str, value: str = "", line: str = "one") -> None:
        self.widget._answer({"line": line, "type": type, "value": value})

    def hear(self) -> tuple[str, Any]:
        told = self.told.get(timeout=10)
        assert told["line"] == "one"
        return told["type"], json.loads(told["value"]) if told["type"] == "message" else told["value"]


@pytest.fixture
def backend() -> Iterator[Server]:
    with Server(app(1)) as server:
        yield server


@pytest.fixture
def page(backend: Server) -> Iterator[Page]:
    widget = editors(backend)
    yield Page(widget)
    widget.close()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def connections(backend: Server) -> list[Any]:
    return list(backend.app.state.rooms.connections)  # type: ignore[attr-defined]


def opened(page: Page, target: str = "/edit/document-123") -> Any:
    page.say("open", target)
    assert page.hear() == ("opened", "")
    kind, message = page.hear()
    assert kind == "message"
    return message


def test_messages_go_both_ways_as_they_are(backend: Server, page: Page) -> None:
    welcome = opened(page)
    assert (welcome["type"], welcome["users"]) == ("document", [{"id": "ada", "name": "Ada"}])
    page.say("send", json.dumps(UPDATE))
    kind, echo = page.hear()
    assert (kind, echo["seq"], echo["userId"], echo["content"]) == ("message", 1, "ada", "Hi ")
    on_the_wire = [message.json() for message in backend.last.messages]
    assert on_the_wire == [welcome, UPDATE, echo]


@pytest.mark.parametrize(("how", "frames"), [("close", ["client", "server"]), ("drop", [])])
def test_a_line_is_closed_with_a_close_frame_and_dropped_without(
    backend: Server, page: Page, how: str, frames: list[str]
) -> None:
    opened(page)
    page.say(how)
    assert page.hear()[0] == "closed"
    assert eventually(lambda: not connections(backend))
    assert eventually(lambda: sorted(it.sender for it in backend.last.messages if it.opcode == "close") == frames)


def test_tells_why_a_line_has_ended(backend: Server, page: Page) -> None:
    opened(page)
    backend.app.state.rooms.close_all(1001, "Come back later.")  # type: ignore[attr-defined]
    assert page.hear() == ("closed", "1001 Come back later.")
    page.say("open", "/edit/nowhere")
    assert page.hear() == ("closed", "the handshake was answered with 404")
    backend.close()
    page.say("open", "/edit/document-123")
    assert page.hear() == ("closed", "nothing answers: run the cell that starts the backend again")
    page.say("send", "too late")  # nothing happens, as the end was told


def test_a_close_of_the_kernel_s_own_is_not_told_as_the_service_s(backend: Server, page: Page) -> None:
    opened(page)
    page.widget.hang_up()
    # the 1000 that the service answers with would keep the page from dialling again
    assert page.hear() == ("closed", "the kernel has hung up")


def test_a_line_that_is_given_up_while_it_connects_stays_closed(backend: Server, page: Page) -> None:
    backend.faults.delay = 0.3
    page.say("open", "/edit/document-123")
    page.say("drop")
    kinds = [page.hear()[0]]
    if kinds == ["opened"]:
        kinds.append(page.hear()[0])
    assert kinds[-1] == "closed"
    assert eventually(lambda: not connections(backend))


def test_the_switch_turns_the_transform(backend: Server, page: Page) -> None:
    page.widget.naive = True
    assert backend.app.state.transform is False  # type: ignore[attr-defined]
    backend.app.state.transform = True  # type: ignore[attr-defined]
    page.widget._repr_mimebundle_()  # shown again after a cell has turned it
    assert page.widget.naive is False


def test_is_the_same_widget_for_the_same_document(backend: Server, page: Page) -> None:
    opened(page)
    assert editors(backend) is page.widget
    assert page.hear()[0] == "closed"  # the page that still shows it dials again
    other = editors(backend, "document-7")
    assert other is not page.widget
    other.close()


def test_only_the_token_of_the_page_s_own_line_goes_into_the_page(backend: Server, page: Page) -> None:
    state = json.dumps(page.widget.get_state(["users", "token", "document", "port", "url", "naive"]))
    assert backend.credentials["grace"] in state
    assert backend.credentials["ada"] not in state


def test_says_that_it_is_for_another_backend() -> None:
    with Server(app(1)) as server:
        server.app.state.credentials = {"reader": "x"}  # type: ignore[attr-defined]
        with pytest.raises(CourseError, match="knows no ada and no grace"):
            editors(server)


def test_its_text_is_stable(backend: Server, page: Page) -> None:
    text = f"Two editors of document-123 at {backend.url}: use websocket.create_connection(…)"
    assert page.widget._repr_mimebundle_()[0]["text/plain"] == text
