"""The quota: what is told with every answer, and the refusal of whoever does not listen."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from course_support.backends.quota import Quota

from .crm import Crm, fresh, open_crm, refused


class Wall:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def crm() -> Any:
    with open_crm() as crm:
        yield crm


def limits(answer: Any) -> tuple[str, str]:
    return answer.headers["RateLimit-Policy"], answer.headers["RateLimit"]


def test_a_window_is_fixed() -> None:
    wall = Wall()
    quota = Quota(3, 10, wall)
    assert [quota.spend("a") for _ in range(4)] == [(True, 2, 10), (True, 1, 10), (True, 0, 10), (False, 0, 10)]
    assert quota.spend("b") == (True, 2, 10)
    wall.now += 9.5
    assert quota.spend("a") == (False, 0, 1)
    wall.now += 0.5
    assert quota.spend("a") == (True, 2, 10)
    wall.now += 1000.2
    assert quota.spend("a") == (True, 2, 10)


@pytest.mark.parametrize(("requests", "seconds"), [(0, 1), (1, 0), (1.5, 1), (1, 0.5), (True, 1)])
def test_a_quota_is_in_whole_numbers(requests: Any, seconds: Any) -> None:
    with pytest.raises(ValueError, match=r"Give a whole number of requests and of seconds, each at least 1\."):
        Quota(requests, seconds)


def test_without_a_quota_nothing_is_told(crm: Crm) -> None:
    crm.app.state.quota = None
    assert "RateLimit" not in crm("GET", "/contacts").headers


def test_every_answer_tells(crm: Crm) -> None:
    wall = Wall()
    crm.app.state.quota = Quota(5, 60, wall)
    policy = '"default";q=5;w=60'
    assert limits(crm("GET", "/contacts")) == (policy, '"default";r=4;t=60')
    wall.now += 10.5
    assert limits(crm.create(fresh(1))) == (policy, '"default";r=3;t=50')
    assert limits(crm("GET", "/contacts/1")) == (policy, '"default";r=2;t=50')  # a 404
    assert limits(crm("GET", "/nowhere")) == (policy, '"default";r=1;t=50')
    job = crm.create(fresh(1), headers={"Prefer": "respond-async"})
    assert limits(job) == (policy, '"default";r=0;t=50')


def test_over_it_a_client_is_told_when_to_come_back(crm: Crm) -> None:
    crm.app.state.quota = None
    wall, before = Wall(), crm.total
    crm.app.state.quota = Quota(1, 2, wall)
    crm.create(fresh(1))
    wall.now += 0.5
    answer = crm.create(fresh(1))
    assert refused(answer, 429)["detail"].startswith("Wait 2 s")
    assert answer.headers["Retry-After"] == "2"
    assert limits(answer) == ('"default";q=1;w=2', '"default";r=0;t=2')
    assert re.fullmatch(r"Mon, 02 Mar 2026 .* GMT", answer.headers["Date"])
    wall.now += 2
    assert crm.create(fresh(1)).status_code == 200
    crm.app.state.quota = None
    assert crm.total == before + 2


def test_each_token_has_its_own(crm: Crm) -> None:
    crm.app.state.quota = Quota(1, 60, Wall())
    assert crm("GET", "/contacts").status_code == 200
    assert crm("GET", "/contacts").status_code == 429
    assert crm("GET", "/contacts", who="viewer").status_code == 200


def test_what_costs_nothing(crm: Crm) -> None:
    crm.app.state.quota = Quota(2, 60, Wall())
    for _ in range(5):
        assert "RateLimit" not in crm("GET", "/health").headers
        answer = crm("GET", "/limits")
        assert answer.json()["quota"] == {"requests": 2, "seconds": 60}
        assert "RateLimit" not in answer.headers
    refused(crm("GET", "/contacts", who=None), 401)
    refused(crm("GET", "/contacts", headers={"Authorization": "Bearer guess"}), 401)
    assert limits(crm("GET", "/contacts"))[1] == '"default";r=1;t=60'


def test_real_seconds() -> None:
    with open_crm(quota=Quota(1, 2)) as crm:
        assert crm("GET", "/outbox").status_code == 200
        refused_once = crm("GET", "/outbox")
        refused(refused_once, 429)
        time.sleep(int(refused_once.headers["Retry-After"]))
        assert crm("GET", "/outbox").status_code == 200
