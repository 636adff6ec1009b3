"""Who is let in, and with which challenge the others are sent away (RFC 6750, section 3)."""

import pytest

from course_support.backends.bearer import tokens

from .conftest import Client

NONE_SENT = 'Bearer realm="playlists"'
UNKNOWN = NONE_SENT + ', error="invalid_token"'
TOO_NARROW = NONE_SENT + ', error="insufficient_scope", scope="write"'


@pytest.mark.parametrize(
    ("sent", "challenge"),
    [
        (None, NONE_SENT),
        ("", NONE_SENT),
        ("Bearer", NONE_SENT),
        ("Bearer ", NONE_SENT),
        ("Basic bGlzdGVuZXI6", NONE_SENT),
        ("Bearer wrong", UNKNOWN),
        ("Bearer {token}x", UNKNOWN),
        ("Bearer {token} {token}", UNKNOWN),
        ("Bearer ümlaut", UNKNOWN),
        ("{token}", NONE_SENT),
    ],
)
def test_401(client: Client, sent: str | None, challenge: str) -> None:
    token = client.app.state.credentials["listener"]
    fields = {} if sent is None else {"Authorization": sent.format(token=token).encode("latin-1")}
    answer = client("GET", who=None, headers=fields)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, challenge)
    assert token not in answer.text


def test_the_scheme_s_case_does_not_matter(client: Client) -> None:
    token = client.app.state.credentials["listener"]
    assert client("GET", who=None, headers={"Authorization": f"bEARER {token}"}).status_code == 200


def test_a_guest_may_read_and_not_write(client: Client) -> None:
    assert client("GET", who="guest").status_code == 200
    assert client("GET", "/123", who="guest").status_code == 200
    answer = client("DELETE", "/123", who="guest")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (403, TOO_NARROW)
    assert client("GET", "/123").status_code == 200


def test_tokens_follow_seed_and_label() -> None:
    assert tokens(1, "listener", "guest") == tokens(1, "listener", "guest")
    drawn = [*tokens(1, "listener", "guest").values(), *tokens(2, "listener", "guest").values()]
    assert len(set(drawn)) == 4
    assert all(len(token) == 40 for token in drawn)
