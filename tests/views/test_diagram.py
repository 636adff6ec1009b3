import asyncio
import re

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.server import Server
from course_support.views.diagram import MAX_TURNS, trace
from course_support.views.traffic import Traffic
from course_support.wire import Exchange
from tests.factories import exchange, message, websocket

VERSION = (("ETag", '"v1"'),)
UPDATE = Traffic(
    [
        exchange("GET", "/123", (("Client-Name", "Ann"),), answer_fields=VERSION),
        exchange("PUT", "/123", (("Client-Name", "Bob"), ("if-match", '"v1"'), ("Accept", "*/*"))),
        exchange("PUT", "/123", (("Client-Name", "Ann"), ("If-Match", '"v1"')), status=412),
        exchange("DELETE", "/123", status=None, note="the server dropped the connection"),
    ]
)


def test_text_tells_the_story() -> None:
    assert UPDATE.diagram(title="A lost update").text.splitlines() == [
        "A lost update",
        "Ann → server: GET /123",
        'Ann ← server: 200 OK, ETag: "v1"',
        'Bob → server: PUT /123, if-match: "v1"',
        "Bob ← server: 200 OK",
        'Ann → server: PUT /123, If-Match: "v1"',
        "Ann ← server: 412 Precondition Failed",
        "client → server: DELETE /123",
        "client ✗ server: connection dropped",
    ]


def test_mermaid_draws_it() -> None:
    lines = UPDATE.diagram(client="shop", server="bank", title="A lost update").mermaid.splitlines()
    assert lines[:2] == ["sequenceDiagram", "accTitle: A lost update"]
    assert lines[2].startswith("accDescr: Ann → bank: GET /123. Ann ← bank: 200 OK, ETag")
    assert lines[3:7] == [
        "participant p0 as Ann",
        "participant p1 as Bob",
        "participant p2 as shop",
        "participant p3 as bank",
    ]
    assert lines[7:] == [
        "p0->>p3: GET /123",
        'p3-->>p0: 200 OK<br/>ETag: "v1"',
        'p1->>p3: PUT /123<br/>if-match: "v1"',
        "p3-->>p1: 200 OK",
        'p0->>p3: PUT /123<br/>If-Match: "v1"',
        "p3-->>p0: 412 Precondition Failed",
        "p2->>p3: DELETE /123",
        "p3--xp2: connection dropped",
    ]


@pytest.mark.parametrize(("times", "arrows", "loops"), [(1, 2, 0), (2, 4, 0), (3, 2, 1), (500, 2, 1)])
def test_what_repeats_becomes_a_loop(times: int, arrows: int, loops: int) -> None:
    diagram = Traffic([exchange()] * times).diagram()
    assert len(re.findall(r"^p\d-", diagram.mermaid, re.M)) == arrows
    assert diagram.mermaid.count(f"\nloop {times} times\n") == diagram.mermaid.count("\nend") == loops
    assert diagram.text.count(f"{times} times:") == loops


def test_a_long_story_is_counted_at_its_end() -> None:
    diagram = Traffic([exchange(target=f"/{number}") for number in range(MAX_TURNS + 7)]).diagram()
    assert diagram.text.endswith("\n7 more exchanges not shown")
    assert diagram.mermaid.endswith("\nNote over p0,p1: 7 more exchanges not shown")


def test_no_exchanges_still_make_a_diagram() -> None:
    diagram = Traffic([]).diagram(title="Nothing")
    assert diagram.text == "Nothing\nno exchanges yet"
    assert diagram.mermaid.splitlines()[-2:] == ["participant p0 as nobody", "Note over p0: no exchanges yet"]


def test_secrets_stay_hidden() -> None:
    leaky = exchange(target="/a?token=hunter2", answer_fields=(("Location", "/b?access_token=hunter2"),))
    diagram = Traffic([leaky]).diagram()
    assert "hunter2" not in diagram.mermaid + diagram.text
    assert "/a?token=••••" in diagram.text


def test_both_forms_reach_the_notebook() -> None:
    diagram = UPDATE.diagram()
    fence = f"\n\n```mermaid\n{diagram.mermaid}\n```"
    assert diagram._repr_mimebundle_() == {"text/markdown": f"**{diagram.title}**{fence}", "text/plain": diagram.text}
    assert repr(diagram) == diagram.text


def test_messages_of_a_websocket_stand_where_they_passed() -> None:
    def at(seconds: float) -> dict[str, float]:
        return {"started": seconds, "first_byte": seconds + 1, "ended": seconds + 1}

    talk = websocket(
        message("client", '{"type":"subscribe"}', at=2.5),
        message("server", '{"type":"next"}', at=4.5),
        message("server", '{"type":"next"}', at=7),
        message("server", b"\x03\xe8", "close", at=8),
        **at(1),
        number=1,
    )
    before, during = exchange("GET", "/before", number=2, **at(3)), exchange("POST", "/during", number=3, **at(4))
    diagram = Traffic([talk, before, during]).diagram(title="A push")
    assert diagram.text.splitlines() == [
        "A push",
        "client → server: GET /graphql",
        "client ← server: 101 Switching Protocols",
        'client → server: {"type": "subscribe"}',
        "client → server: GET /before",
        "client ← server: 200 OK",
        "client → server: POST /during",
        'client ← server: {"type": "next"}',
        "client ← server: 200 OK",
        'client ← server: {"type": "next"}',
        "client ← server: close frame 1000",
    ]
    assert '\np1->>p0: {"type": "next"}\n' in diagram.mermaid


def test_messages_that_repeat_become_a_loop_and_long_ones_are_cut() -> None:
    talk = websocket(*[message("server", "x" * 100)] * 4, message("client", '{"token": "hunter2"}'))
    assert Traffic([talk]).diagram().text.splitlines()[3:] == [
        "4 times:",
        f"  client ← server: {'x' * 89}…",
        'client → server: {"token": "••••"}',
    ]


def test_a_long_conversation_is_counted_at_its_end() -> None:
    talk = websocket(*(message("client", f"{number}") for number in range(MAX_TURNS + 6)))
    assert Traffic([talk]).diagram().text.endswith("\n7 more steps not shown")


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
OTHER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def at(started: float, ended: float) -> dict[str, float]:
    return {"started": started, "first_byte": ended, "ended": ended}


def parties() -> list[tuple[str, str, list[Exchange]]]:
    """A count reaches a shop, which tells an app on a WebSocket and a partner, who reads the book; beside it, noise."""
    live = websocket(
        message("server", '{"type":"ready"}', at=2),
        message("server", f'{{"type":"stock","traceparent":"{PARENT}"}}', at=11),
        message("server", f'{{"type":"stock","traceparent":"{OTHER}"}}', at=30),
        target="/live",
        **at(0, 1),
    )
    count = exchange("POST", "/hooks/warehouse", (("traceparent", PARENT),), status=204, number=2, **at(10, 14))
    noise = exchange("PATCH", "/api/v1/books/1", (("traceparent", OTHER),), number=3, **at(12.5, 13.5))
    reading = exchange("GET", "/api/v1/books/1", answer=f'{{"traceparent":"{PARENT}"}}', number=4, **at(20, 21))
    told = exchange("POST", "/stock", (("traceparent", PARENT),), status=200, **at(12, 13))
    return [
        ("app", "shop", [live]),
        ("warehouse", "shop", [count, noise]),
        ("partner", "shop", [reading]),
        ("shop", "partner", [told]),
    ]


def test_a_trace_goes_through_all_parties_in_the_order_of_time() -> None:
    assert trace(parties(), "One count", only=PARENT).text.splitlines() == [
        "One count",
        "warehouse → shop: POST /hooks/warehouse, traceparent: 00-4bf92f35…",
        f'app ← shop: {{"type": "stock", "traceparent": "{PARENT}…',
        "shop → partner: POST /stock, traceparent: 00-4bf92f35…",
        "shop ← partner: 200 OK",
        "warehouse ← shop: 204 No Content",
        "partner → shop: GET /api/v1/books/1",
        "partner ← shop: 200 OK",
    ]


def test_a_trace_is_drawn_with_all_who_take_part() -> None:
    drawn = trace(parties(), "One count", only=TRACE).mermaid.splitlines()
    assert drawn[3:7] == [
        "participant p0 as warehouse",
        "participant p1 as shop",
        "participant p2 as partner",
        "participant p3 as app",
    ]
    assert drawn[7] == "p0->>p1: POST /hooks/warehouse<br/>traceparent: 00-4bf92f35#8230;"
    assert drawn[8].startswith("p1->>p3: {")
    assert drawn[9:] == [
        "p1->>p2: POST /stock<br/>traceparent: 00-4bf92f35#8230;",
        "p2-->>p1: 200 OK",
        "p1-->>p0: 204 No Content",
        "p2->>p1: GET /api/v1/books/1",
        "p1-->>p2: 200 OK",
    ]


def test_without_a_trace_id_everything_is_drawn_where_it_passed() -> None:
    assert [line.partition(",")[0] for line in trace(parties()).text.splitlines()] == [
        "What happened",
        "app → shop: GET /live",
        "app ← shop: 101 Switching Protocols",
        'app ← shop: {"type": "ready"}',
        "warehouse → shop: POST /hooks/warehouse",
        'app ← shop: {"type": "stock"',
        "shop → partner: POST /stock",
        "warehouse → shop: PATCH /api/v1/books/1",
        "shop ← partner: 200 OK",
        "warehouse ← shop: 200 OK",
        "warehouse ← shop: 204 No Content",
        "partner → shop: GET /api/v1/books/1",
        "partner ← shop: 200 OK",
        'app ← shop: {"type": "stock"',
    ]


@pytest.mark.parametrize(
    "carrier",
    [
        exchange(target=f"/a?trace={TRACE}"),
        exchange(fields=(("x-trace", TRACE),)),
        exchange(body=TRACE),
        exchange(answer_fields=(("traceparent", PARENT),)),
        exchange(answer=TRACE),
        websocket(target=f"/live?trace={TRACE}"),
    ],
    ids=["target", "field", "content", "answered field", "answered content", "handshake"],
)
def test_an_id_is_found_wherever_an_exchange_carries_it(carrier: Exchange) -> None:
    assert len(trace([("a", "b", [exchange(), carrier])], only=TRACE).turns) == 1


def test_what_repeats_in_a_trace_becomes_a_loop() -> None:
    again = [exchange("POST", "/stock", number=n, **at(n, n + 0.5)) for n in range(4)]
    assert trace([("shop", "partner", again)]).text.splitlines()[1] == "4 times:"


def test_a_trace_that_nothing_carries_says_so() -> None:
    assert trace(parties(), only="0" * 32).text.endswith(f"\nnothing carries {'0' * 32}")
    assert trace([]).text.endswith("\nno exchanges yet")
    with pytest.raises(ValueError, match="`only` is empty: give the trace id"):
        trace(parties(), only=" ")


def test_two_servers_of_one_process_share_a_clock() -> None:
    async def tell(request: Request) -> Response:
        headers = {"traceparent": request.headers["traceparent"]}
        told = await asyncio.to_thread(lambda: requests.post(f"{partner.url}/stock", headers=headers, timeout=10))
        return Response(status_code=told.status_code)

    async def hear(request: Request) -> Response:
        return Response(status_code=204)

    with (
        Server(Starlette(routes=[Route("/stock", hear, methods=["POST"])])) as partner,
        Server(Starlette(routes=[Route("/counted", tell, methods=["POST"])])) as shop,
    ):
        requests.post(f"{shop.url}/counted", headers={"traceparent": PARENT}, timeout=10)
        drawn = trace([("shop", "partner", partner.traffic), ("warehouse", "shop", shop.traffic)], "T", only=TRACE)
    assert [line.partition(",")[0] for line in drawn.text.splitlines()[1:]] == [
        "warehouse → shop: POST /counted",
        "shop → partner: POST /stock",
        "shop ← partner: 204 No Content",
        "warehouse ← shop: 204 No Content",
    ]
