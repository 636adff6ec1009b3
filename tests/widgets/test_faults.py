"""The fault switches without a page: each sets what its line of Python sets, and the text says what waits."""

from __future__ import annotations

import time

import pytest

from course_support.faults import Answer, Cut, Drop, Fault, Lag, Pass, Slow
from course_support.server import Server
from course_support.widgets.faults import FaultSwitches, fault_switches, waiting
from course_support.widgets.sending import send


def press(switches: FaultSwitches, index: int) -> None:
    switches.buttons[index].children[0].click()


@pytest.mark.parametrize(
    ("index", "fault"), list(enumerate([Answer(503), Answer(429, 2), Drop("before"), Drop("after")]))
)
def test_each_button_does_what_the_call_beside_it_does(server: Server, index: int, fault: Fault) -> None:
    switches = fault_switches(server)
    press(switches, index)
    assert server.faults.waiting == (fault,)
    server.faults.clear()
    call = switches.buttons[index].children[1].value
    for tag, text in (("<code>", ""), ("</code>", ""), ("&quot;", '"')):
        call = call.replace(tag, text)
    exec(call, {"backend": server})
    assert server.faults.waiting == (fault,)


def test_clear_ends_the_latency_too(server: Server) -> None:
    switches = fault_switches(server)
    switches.latency.value = 200
    press(switches, 0)
    assert (server.faults.delay, len(server.faults.waiting)) == (0.2, 1)
    press(switches, 4)
    assert (server.faults.delay, server.faults.waiting, switches.latency.value) == (0, (), 0)


@pytest.mark.parametrize("seconds", [0.0125, 5.0])
def test_showing_a_latency_that_a_cell_has_set_leaves_it_as_it_is(server: Server, seconds: float) -> None:
    switches = fault_switches(server)
    server.faults.delay = seconds
    switches._repr_mimebundle_()
    assert server.faults.delay == seconds
    assert f"delay = {seconds:g}" in switches.python.value


def test_the_text_follows_the_requests(server: Server) -> None:
    switches = fault_switches(server)
    press(switches, 0)
    assert "Waiting: 503." in switches.said.value
    send(server, path="/items")
    deadline = time.monotonic() + 10
    while "no fault" not in switches.said.value and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "Waiting: no fault." in switches.said.value


def test_closing_it_ends_its_subscription(server: Server) -> None:
    fault_switches(server).close()
    assert server.recorder._subscribers == []


def test_tells_every_fault_in_words() -> None:
    faults = (Answer(500), Answer(429, 3), Drop("after"), Slow(1.5), Pass(), Cut(3), Lag(1.5, 1))
    assert waiting(faults) == (
        "500, then 429 with Retry-After: 3, then the connection drops after the work, "
        "then content spread over 1.5 s, then one request without a fault, "
        "then a WebSocket that breaks after 3 messages, then a WebSocket that lags by 1.5 s after 1 message"
    )


def test_its_text_is_stable(server: Server) -> None:
    text = f"Fault switches for {server.url}: use backend.faults to do the same from Python"
    assert fault_switches(server)._repr_mimebundle_()["text/plain"] == text
