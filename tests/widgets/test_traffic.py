"""The kernel's half of the live table: what it sends to the page, and when."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import websocket

from course_support.server import Server
from course_support.widgets.sending import send
from course_support.widgets.traffic import LiveTraffic, traffic


class Page:
    """Stands for the page: keeps what the widget sends, and speaks as the page does."""

    def __init__(self, widget: LiveTraffic) -> None:
        self.widget = widget
        self.messages: list[dict[str, Any]] = []
        widget.send = lambda message, buffers=None: self.messages.append(message)

    def say(self, **message: Any) -> dict[str, Any]:
        self.widget._handle_custom_msg(message, [])
        return self.messages[-1]

    def next(self, count: int) -> dict[str, Any]:
        """The message at this place, waited for."""
        deadline = time.monotonic() + 10
        while len(self.messages) <= count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.messages[count]


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    page = Page(traffic(server))
    yield page
    page.widget.close()


def numbers(message: dict[str, Any]) -> list[int]:
    return [row[0] for row in message["rows"]]


def test_a_row_says_what_the_exchange_was(server: Server, page: Page) -> None:
    send(server, "PUT", "/nowhere")
    exchange = server.last
    [row] = page.say(type="backlog")["rows"]
    assert row[:6] == [1, "PUT /nowhere", 404, "404 Not Found", exchange.request_bytes, exchange.response_bytes]
    assert row[6:] == [exchange.duration * 1000, ""]


def test_many_exchanges_arrive_in_few_messages(server: Server, page: Page) -> None:
    page.say(type="backlog")
    for _ in range(20):
        send(server, path="/items")
    seen: list[int] = []
    position = 1
    while len(seen) < 20:
        seen += numbers(page.next(position))
        position += 1
    assert seen == list(range(1, 21))
    assert position < 20


def test_until_the_page_has_asked_each_message_brings_the_newest_again(server: Server, page: Page) -> None:
    send(server, path="/items")
    assert numbers(page.next(0)) == [1]
    send(server, path="/items")
    assert numbers(page.next(1)) == [1, 2]
    assert numbers(page.say(type="backlog")) == [1, 2]
    send(server, path="/items")
    assert numbers(page.next(3)) == [3]


def test_shows_a_whole_exchange_without_its_secret(server: Server, page: Page) -> None:
    send(server, "PUT", "/items", body='{"a": 1}', credentials="ada")
    shown = page.say(type="show", number=1)
    assert shown["type"] == "exchange"
    assert "/items" in shown["html"]
    assert f"{server.url}/items" in shown["curl"]
    assert "ada-secret" not in shown["html"] + shown["curl"]


def test_says_that_an_exchange_is_no_longer_kept(page: Page) -> None:
    assert "no longer kept" in page.say(type="show", number=99)["html"]


def test_clear_forgets_here_and_in_the_record(server: Server, page: Page) -> None:
    send(server, path="/items")
    page.next(0)
    assert page.say(type="clear") == {"type": "all", "rows": []}
    assert len(server.traffic) == 0


def test_a_message_that_it_does_not_know_is_no_error(page: Page) -> None:
    page.widget._handle_custom_msg({"type": "show", "number": "1"}, [])
    assert page.messages == []


def test_the_same_address_is_the_same_table_and_shows_the_new_backend(server: Server, page: Page) -> None:
    send(server, path="/items")
    page.next(0)
    server.close()
    with Server(server.app, port=server.port) as again:
        assert traffic(again) is page.widget
        assert page.messages[-1] == {"type": "all", "rows": []}
        send(again, path="/items")
        assert numbers(page.next(len(page.messages))) == [1]
        assert server.recorder._subscribers == []


def test_closing_it_ends_its_subscription_and_its_threads(server: Server) -> None:
    widget = traffic(server)
    widget.close()
    assert server.recorder._subscribers == []
    send(server, path="/items")
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_its_text_is_stable(server: Server, page: Page) -> None:
    text = f"Live traffic of {server.url}: its server has the same as text in .traffic"
    assert page.widget._repr_mimebundle_()[0]["text/plain"] == text  # type: ignore[index]


def test_an_open_websocket_is_one_row_that_grows(server: Server, page: Page) -> None:
    page.say(type="backlog")
    client = websocket.create_connection(server.url.replace("http", "ws") + "/talk", timeout=10)
    for _ in range(10):
        client.send("again")
        client.recv()
    position, words = 0, ""
    while words != "101 Switching Protocols, 20 messages":
        position += 1
        message = page.next(position)
        assert len(message["rows"]) == 1
        [[number, _, status, words, *_]] = message["rows"]
        assert (number, status) == (1, 101)
    assert position < 10
    shown = page.say(type="show", number=1)
    assert "again" in shown["html"]
    assert shown["curl"] == ""
    client.close()
