import re

import pytest

from course_support.views.exchange import exchange_html, exchange_text
from course_support.wire import Exchange
from tests.factories import exchange, message, websocket
from tests.views.pages import Page

JSON = (("Content-Type", "application/json"),)
CHANGED = exchange(
    "PUT",
    "/api/v1/playlists/123",
    (("Authorization", "Bearer hunter2"), *JSON),
    '{"name": "Road Trip Hits"}',
    answer_fields=(("ETag", '"v2"'), *JSON),
    answer='{"id": 123, "name": "Road Trip Hits"}',
    number=3,
)


def test_text_reads_like_curl() -> None:
    assert exchange_text(CHANGED).splitlines() == [
        "#3 PUT /api/v1/playlists/123 → 200 OK   sent 213 B, received 342 B, 1.3 ms, first byte after 1.1 ms",
        "> PUT /api/v1/playlists/123 HTTP/1.1",
        "> Host: 127.0.0.1:40001",
        "> Authorization: Bearer ••••",
        "> Content-Type: application/json",
        ">",
        '> {"name": "Road Trip Hits"}',
        "",
        "< HTTP/1.1 200 OK",
        '< ETag: "v2"',
        "< Content-Type: application/json",
        "<",
        '< {"id": 123, "name": "Road Trip Hits"}',
    ]


def test_no_response_is_one_sentence() -> None:
    lost = exchange(status=None, note="the server dropped the connection")
    assert exchange_text(lost).splitlines() == [
        "#1 GET /api/v1/playlists → no response   sent 213 B, received 0 B, 1.3 ms",
        "> GET /api/v1/playlists HTTP/1.1",
        "> Host: 127.0.0.1:40001",
        "* no response: the server dropped the connection",
    ]


def test_our_own_words_are_marked() -> None:
    text = exchange_text(exchange(note="counted, not kept", body='{"query": "{\\n}"}', answer=b"\xff"))
    assert [line for line in text.splitlines() if line.startswith("*")] == [
        "* query, with its line breaks:",
        "*   {",
        "*   }",
        "* 1 B that are not UTF-8 text, in hexadecimal",
        "* counted, not kept",
    ]


def test_a_cut_response_says_so() -> None:
    data = CHANGED.to_json()
    data["response"]["complete"] = False
    assert exchange_text(Exchange.from_json(data)).endswith("\n* the connection ended before the content was complete")


@pytest.mark.parametrize("body", [b"\x16\x03\x01\x02\x00", b"hello\r\n"])
def test_what_is_not_http_is_called_so(body: bytes) -> None:
    data = exchange(body=body, status=400).to_json()
    data["request"] |= {"method": body.split()[0].decode("latin-1"), "target": "", "fields": []}
    text, page = exchange_text(Exchange.from_json(data)), Page(exchange_html(Exchange.from_json(data)))
    assert text.startswith("#1 not an HTTP request → 400 Bad Request")
    assert "HTTP/1.1" not in text.partition("<")[0]
    assert "curl" not in page.text


def test_html_says_what_the_text_says() -> None:
    page = Page(exchange_html(CHANGED)).text
    for line in exchange_text(CHANGED).splitlines():
        for piece in re.split(r"[ :]+", re.sub(r"^[<>*] ?|→", "", line)):
            assert piece in page


@pytest.mark.parametrize("status", [200, 304, 404, 503, None])
def test_the_status_is_written_not_only_coloured(status: int | None) -> None:
    page = Page(exchange_html(exchange(status=status)))
    pills = [text for tag, text in page.texts if tag == "span" and re.match(r"\d{3} |no response", text)]
    assert pills == [exchange_text(exchange(status=status)).partition(" → ")[2].partition("   ")[0]]
    assert len({tuple(a.items()) for a in page.attributes("span") if "api-pill" in (a.get("class") or "")}) == 1


def test_a_screen_reader_finds_its_way() -> None:
    page = Page(exchange_html(CHANGED))
    assert page.attributes("section")[0]["aria-label"] == "Exchange 3: PUT /api/v1/playlists/123, 200 OK"
    headings = [attributes["aria-level"] for _, attributes in page.elements if attributes.get("role") == "heading"]
    assert headings == ["4", "5", "5"]
    assert not page.tags & {"h1", "h2", "h3", "h4", "h5", "h6", "script"}


def test_the_copied_command_is_selectable_text() -> None:
    (command,) = [text for text in Page(exchange_html(CHANGED)).within("pre") if text.startswith("curl")]
    assert "--data-raw" in command


HOSTILE = "<img src=x onerror=alert(1)>\"'</pre></style><script>alert(1)</script>&amp;"


def test_hostile_content_stays_text() -> None:
    evil = exchange(
        "GET",
        f"/{HOSTILE}",
        ((f"X-{HOSTILE}", HOSTILE), ("Accept", HOSTILE)),
        f"{HOSTILE}\n" + '{"query": "a\\nb"}',
        answer_fields=(("ETag", HOSTILE),),
        answer=HOSTILE,
        note=HOSTILE,
    )
    page, harmless = Page(exchange_html(evil)), Page(exchange_html(CHANGED))
    assert page.tags <= harmless.tags | {"p"}
    assert all(
        set(attributes) <= {"class", "aria-label", "role", "aria-level", "type", "onclick", "style"}
        for _, attributes in page.elements
    )
    styles = [attributes["style"] or "" for _, attributes in page.elements if "style" in attributes]
    assert all(re.fullmatch(r"--indent: \d+ch", style) for style in styles)
    assert [a["onclick"] for a in page.attributes("button")] == [a["onclick"] for a in harmless.attributes("button")]
    assert HOSTILE in page.within("dd")


def test_a_line_that_is_too_long_goes_on_below_its_own_beginning() -> None:
    xml = (("Content-Type", "text/xml"),)
    page = Page(exchange_html(exchange("POST", "/", xml, "<Body><Name><Given>Ada</Given></Name></Body>")))
    indents = [attributes["style"] for attributes in page.attributes("span") if "style" in attributes]
    lines = [text for text in page.within("span") if text.strip().startswith("<")]
    assert lines == ["<Body>\n", "  <Name>\n", "    <Given>Ada</Given>\n", "  </Name>\n", "</Body>\n"]
    assert indents[:5] == [f"--indent: {indent}ch" for indent in (2, 4, 6, 4, 2)]


def test_hostile_json_with_line_breaks_stays_text() -> None:
    evil = exchange(body='{"' + HOSTILE.replace('"', '\\"') + '": "<script>\\n</script>"}')
    assert "script" not in Page(exchange_html(evil)).tags


def test_no_terminal_escape_gets_through() -> None:
    evil = exchange(target="/\x1b[31m", fields=(("X\x1b", "\x1b[2J"),), body="\x1b[31m", answer="\x1b", note="\x1b[0m")
    assert "\x1b" not in exchange_text(evil)
    assert "\x1b" not in exchange_html(evil)


@pytest.mark.parametrize(
    "leaky",
    [
        exchange(target="/a?token=hunter2"),
        exchange(fields=(("Authorization", "Bearer hunter2"), ("Cookie", "a=hunter2"), ("X-Api-Key", "hunter2"))),
        exchange(body='{"a": [{"password": "hunter2"}]}'),
        exchange(body='{"password": "hunter2"'),
        exchange(body=b'{"password": "hunter2", "\xff": 1}'),
        exchange(fields=(("Content-Type", "application/x-www-form-urlencoded"),), body="a=1&secret=hunter2"),
        exchange(answer_fields=(("Set-Cookie", "a=hunter2; Secure"), ("Location", "/?access_token=hunter2"))),
        exchange(answer='{"token": "hunter2"}'),
    ],
)
def test_no_view_shows_a_secret(leaky: Exchange) -> None:
    assert "hunter2" not in exchange_text(leaky)
    assert "hunter2" not in exchange_html(leaky)
    assert b"hunter2".hex(" ") not in exchange_text(leaky)


TALK = websocket(
    message("client", '{"type": "connection_init", "payload": {"Authorization": "Bearer hunter2"}}'),
    message("server", '{"type":"connection_ack"}'),
    message("client", opcode="ping"),
    message("server", opcode="pong"),
    message("server", b"\x11\x33Forbidden", "close"),
    note="the WebSocket is open",
)


def test_the_messages_of_a_websocket_follow_the_heads() -> None:
    assert exchange_text(TALK).splitlines() == [
        "#1 GET /graphql → 101 Switching Protocols, 2 messages   sent 213 B, received 342 B, 1.3 ms, "
        "first byte after 1.1 ms",
        "> GET /graphql HTTP/1.1",
        "> Host: 127.0.0.1:40001",
        "> Connection: Upgrade",
        "> Upgrade: websocket",
        "",
        "< HTTP/1.1 101 Switching Protocols",
        "< Connection: Upgrade",
        "< Upgrade: websocket",
        "",
        '> text {"type": "connection_init", "payload": {"Authorization": "Bearer ••••"}}',
        '< text {"type": "connection_ack"}',
        "> ping",
        "< pong",
        "< close 4403 Forbidden",
        "* the WebSocket is open",
    ]


def test_html_has_the_messages_too() -> None:
    html = exchange_html(TALK)
    page = Page(html)
    for line in exchange_text(TALK).splitlines():
        for piece in re.split(r"[ :]+", re.sub(r"^[<>*] ?|→", "", line)):
            assert piece in page.text
    assert page.within("caption") == ["Messages in the order in which they passed"]
    assert [text for tag, text in page.texts if tag == "td" and "→" in text] == ["client →"] * 2
    assert "hunter2" not in html
    assert "curl" not in page.text  # which has no way to do it again


def test_of_a_long_conversation_both_views_leave_out_the_same() -> None:
    talk = websocket(*[message("client", "again")] * 100)
    sentence = "… 70 messages between are not shown …"
    assert f"\n* {sentence}\n" in exchange_text(talk)
    assert sentence in Page(exchange_html(talk)).text


def test_hostile_messages_stay_text() -> None:
    evil = websocket(message("client", HOSTILE), message("server", "\x1b[31m"), message("client", HOSTILE, "ping"))
    page = Page(exchange_html(evil))
    assert not page.tags & {"img", "script"}
    assert HOSTILE in page.within("code")
    assert "\x1b" not in exchange_text(evil) + exchange_html(evil)


WSSE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="urn:s"><s:Header><w:UsernameToken xmlns:w="urn:w">'
    '<w:Username>ann</w:Username><w:Password Type="#PasswordText">hunter2</w:Password><w:Nonce>bm9uY2U=</w:Nonce>'
    "</w:UsernameToken></s:Header><s:Body/></s:Envelope>"
)


def test_xml_is_laid_out_and_its_password_hidden() -> None:
    soap = exchange("POST", "/patient-service", (("Content-Type", "text/xml; charset=utf-8"),), WSSE)
    assert exchange_text(soap).splitlines()[5:17] == [
        '> <?xml version="1.0"?>',
        '> <s:Envelope xmlns:s="urn:s">',
        ">   <s:Header>",
        '>     <w:UsernameToken xmlns:w="urn:w">',
        ">       <w:Username>ann</w:Username>",
        '>       <w:Password Type="#PasswordText">••••</w:Password>',
        ">       <w:Nonce>bm9uY2U=</w:Nonce>",
        ">     </w:UsernameToken>",
        ">   </s:Header>",
        ">   <s:Body/>",
        "> </s:Envelope>",
        "",
    ]


@pytest.mark.parametrize("broken", [WSSE[:-3], WSSE.replace("</w:Password>", ""), f"<!DOCTYPE a>{WSSE[21:]}"])
@pytest.mark.parametrize("media_type", ["text/xml", "application/soap+xml", "text/plain"])
def test_xml_that_does_not_parse_hides_its_password(broken: str, media_type: str) -> None:
    soap = exchange("POST", "/patient-service", (("Content-Type", media_type),), broken)
    for seen in (exchange_text(soap), exchange_html(soap)):
        assert "hunter2" not in seen
        assert "bm9uY2U=" in seen
