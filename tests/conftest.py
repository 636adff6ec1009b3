"""What the tests of several modules share: a server of every kind of answer, and hands off the learner's home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from course_support.server import Server
from tests.wiretap import Probe


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one of several processes runs together: a file, or of the long one with answers those to one exercise."""
    for item in items:
        group = str(item.path)
        if item.path.name == "test_answers.py":
            group += item.callspec.params["name"]  # type: ignore[attr-defined]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def server(probe: Probe) -> Iterator[Server]:
    """The probe, served over a real socket."""
    with Server(probe.app) as server:
        yield server
        probe.release.set()
