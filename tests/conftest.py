"""What the tests of several modules share: a server of every kind of answer, and hands off the learner's home."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling

from course_support.server import Server
from tests.wiretap import Probe


class Together(LoadScopeScheduling):
    """Deals tests out to several processes: a file to one of them, or of the long ones the tests of one exercise.

    What a file, or an exercise's answers, have started once serves all of its tests. (The marks of `--dist loadgroup`
    are not seen by pytest-xdist 3.8 under pytest 9.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        exercise = re.search(r"\[(\w+\.\w+)", test) if file.endswith(("test_answers.py", "test_judges.py")) else None
        return exercise[1] if exercise else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    return Together(config, log)


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def server(probe: Probe) -> Iterator[Server]:
    """The probe, served over a real socket."""
    with Server(probe.app) as server:
        yield server
        probe.release.set()
