import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from course_support.server import Server
from course_support.views.curl import MAX_CONTENT, curl, variables
from course_support.wire import Exchange
from tests.factories import exchange

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


async def mirror(asked: Asked) -> Response:
    """Answer with the content of the request."""
    return Response(await asked.body(), 200 if asked.method == "GET" else 201, {"ETag": '"v1"'}, "application/json")


@pytest.fixture
def server() -> Iterator[Server]:
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    with Server(Starlette(routes=[Route("/{path:path}", mirror, methods=methods)])) as server:
        yield server


def run(command: str, **variables: str) -> None:
    env = os.environ | {"no_proxy": "127.0.0.1"} | variables
    subprocess.run(["sh", "-c", command], env=env, check=True, capture_output=True, timeout=20)


def essence(one: Exchange) -> tuple[object, ...]:
    by_client = {"host", "user-agent", "accept-encoding", "connection", "content-length"}
    fields = sorted((name.lower(), value) for name, value in one.request.fields if name.lower() not in by_client)
    return (
        one.request.method,
        one.request.target,
        fields,
        one.request.body,
        one.status,
        one.response and one.response.body,
    )


TRICKY = 'it\'s "quoted" $HOME `id` \\ !x\n{é}'


@needs_curl
@pytest.mark.parametrize(
    ("method", "target", "fields", "body"),
    [
        ("GET", "/api/v1/playlists?limit=2&q=a%20b", {}, None),
        ("GET", "/a/../b/[1-3]{x,y}?q='$HOME'", {}, None),
        ("PUT", "/api/v1/playlists/123", {"Content-Type": "application/json", "If-Match": '"v1"'}, '{"name": "Mix"}'),
        ("POST", "/a", {"Content-Type": "text/plain; charset=utf-8"}, TRICKY),
        ("POST", "/a", {}, "@/etc/hostname"),
        ("POST", "/a", {"X-Empty": "", "X-Tricky": 'it\'s "$HOME" \\'}, None),
        ("PATCH", "/a", {}, "a\r\nb\n"),
        ("DELETE", "/a", {}, None),
        ("HEAD", "/a", {}, None),
        ("OPTIONS", "/a", {}, None),
        ("GET", "/a", {"Content-Type": "application/json"}, "{}"),
    ],
)
def test_real_curl_repeats_the_exchange(
    server: Server, method: str, target: str, fields: dict[str, str], body: str | None
) -> None:
    with requests.Session() as session:
        asking = requests.Request(method, server.url, headers=fields, data=(body or "").encode())
        prepared = session.prepare_request(asking)
        prepared.url = server.url + target  # requests would tidy it up
        session.send(prepared)
    run(curl(server.last))
    asked, repeated = server.traffic
    assert essence(repeated) == essence(asked)


@needs_curl
def test_secrets_are_read_from_the_shell(server: Server) -> None:
    requests.post(
        f"{server.url}/a?api_key=k1",
        json={"name": "it's", "secret": "s1"},
        headers={"Authorization": "Bearer t1", "X-Auth-Token": "x1"},
        cookies={"session": "c1"},
    )
    command = curl(server.last)
    assert {*variables(command)} == {"TOKEN", "MY_API_KEY", "MY_SECRET", "MY_SESSION", "MY_X_AUTH_TOKEN"}
    assert not any(secret in command for secret in ("t1", "x1", "c1", "s1", "k1"))
    run(command, TOKEN="t1", MY_X_AUTH_TOKEN="x1", MY_SESSION="c1", MY_SECRET="s1", MY_API_KEY="k1")
    asked, repeated = server.traffic
    assert essence(repeated) == essence(asked)


@needs_curl
def test_a_target_that_is_no_path(server: Server) -> None:
    run(curl(exchange("OPTIONS", "*"), server.url))
    assert server.last.request.target == "*"


def test_a_plain_get_is_a_plain_command() -> None:
    assert curl(exchange()) == "curl -i http://127.0.0.1:40001/api/v1/playlists"


def test_the_address_can_be_another_one() -> None:
    assert curl(exchange(target="/a"), "https://music.example/") == "curl -i https://music.example/a"


def test_the_shape_of_a_command() -> None:
    sent = exchange("PUT", "/a", (("Authorization", "Bearer hunter2"), ("Content-Type", "application/json")), "{}")
    assert curl(sent).splitlines() == [
        "curl -i -X PUT http://127.0.0.1:40001/a \\",
        "  -H 'Authorization: Bearer '\"$TOKEN\" \\",
        "  -H 'Content-Type: application/json' \\",
        "  --data-raw '{}'",
    ]


def test_a_compressed_answer_is_asked_for_as_such() -> None:
    assert curl(exchange(answer_fields=(("Content-Encoding", "gzip"),))).endswith("--compressed")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a\x1b[31m", b"x" * (MAX_CONTENT + 1), "\ue000".encode()])
def test_content_that_no_command_line_should_hold_comes_from_a_file(body: bytes) -> None:
    note, command = curl(exchange("POST", "/a", body=body)).split("\n", 1)
    assert note == f"# the content, {len(body):,} B, is not for a command line: put it in content.bin"
    assert "--data-binary @content.bin" in command


def test_a_secret_never_reads_one_of_the_shells_own_variables() -> None:
    assert variables(curl(exchange(target="/a?pwd=x", fields=(("Cookie", "path=x; home=y"),)))) == [
        "MY_PWD",
        "MY_PATH",
        "MY_HOME",
    ]


ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>\r\n<s:Envelope xmlns:s=\'urn:s\'><s:Header><w:Password xmlns:w="urn:w" '
    'Type="urn:w#PasswordDigest">it\'s="a&amp;b"==</w:Password><w:Nonce xmlns:w="urn:w">bm9uY2U=</w:Nonce></s:Header>\n'
    "<s:Body>für $HOME `id` 🎵</s:Body></s:Envelope>\n"
)


@needs_curl
def test_an_envelope_is_sent_again_byte_for_byte(server: Server) -> None:
    fields = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"GetPatientRecord"'}
    requests.post(f"{server.url}/patient-service", ENVELOPE.encode(), headers=fields)
    command = curl(server.last)
    assert variables(command) == ["MY_PASSWORD"]
    assert "a&amp;b" not in command
    assert "bm9uY2U=" in command
    run(command, MY_PASSWORD='it\'s="a&amp;b"==')
    asked, repeated = server.traffic
    assert essence(repeated) == essence(asked)


def test_a_refused_handshake_is_asked_for_again() -> None:
    fields = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"))
    command = curl(exchange("GET", "/graphql", fields, status=403))
    assert all(f"-H '{name}: {value}'" in command for name, value in fields)
