"""What the tests of several modules share: a server of every kind of answer, and hands off the learner's home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from course_support.server import Server
from tests.wiretap import Probe


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def server(probe: Probe) -> Iterator[Server]:
    """The probe, served over a real socket."""
    with Server(probe.app) as server:
        yield server
        probe.release.set()
