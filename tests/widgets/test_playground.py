"""The playground without a page: its controls set from Python, and `send` as its button."""

from __future__ import annotations

from course_support.server import Server
from course_support.widgets.playground import playground


def test_sends_what_the_controls_say_and_shows_the_exchange(server: Server) -> None:
    controls = playground(server, "PUT", "/items", "X-Note: hello", "content")
    controls.credentials.value = "ada"
    exchange = controls.send()
    assert exchange is not None
    assert exchange.request.fields.get("Authorization") == "Bearer ada-secret"
    assert (exchange.request.fields.get("X-Note"), exchange.request.body) == ("hello", b"content")
    assert "200 OK" in controls.shown.value
    assert "ada-secret" not in controls.shown.value


def test_starts_on_the_first_route_that_needs_nothing_filled_in(server: Server) -> None:
    assert playground(server).path.value == "/items"


def test_says_what_cannot_be_sent_and_shows_no_old_exchange(server: Server) -> None:
    controls = playground(server)
    controls.send()
    controls.path.value = "<items>"
    assert controls.send() is None
    assert 'role="alert"' in controls.said.value
    assert "&lt;items&gt;" in controls.said.value
    assert controls.shown.value == ""
    assert not controls.button.disabled


def test_says_that_nobody_knows_what_became_of_a_dropped_request(server: Server) -> None:
    server.faults.drop_next(when="after")
    controls = playground(server)
    controls.send()
    assert "nobody can tell" in controls.said.value
    assert "no response" in controls.shown.value


def test_shows_the_call_that_sends_the_same(server: Server) -> None:
    controls = playground(server, "PUT", "/items", 'If-Match: "a"', "<b>")
    controls.credentials.value = "ada"
    call = "course.send(backend, 'PUT', '/items', {'If-Match': '\"a\"'}, body='<b>', credentials='ada')"
    assert call.replace("'", "&#x27;").replace('"', "&quot;").replace("<b>", "&lt;b&gt;") in controls.python.value
    controls.headers.value = "half a li"  # on the way to a header; the call stays as it was
    assert "If-Match" in controls.python.value


def test_its_text_is_stable(server: Server) -> None:
    text = f"Request playground for {server.url}: use course.send(backend, …) to send the same from Python"
    assert playground(server)._repr_mimebundle_()["text/plain"] == text
