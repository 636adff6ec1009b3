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
    config.option.loadscopereorder = False  # that would keep all browsers for the end, where they wait for one another
    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In several processes: files with browsers, which need the processor, evenly among others, which mostly wait."""
    if not hasattr(config, "workerinput"):
        return
    browsers = sorted({item.path for item in items if item.path.parent.name == "browser"})
    others = [item.nodeid for item in items if item.path not in browsers]
    turn_of_file = {path: number / len(browsers) for number, path in enumerate(browsers)}
    turn_of_test = {nodeid: number / len(others) for number, nodeid in enumerate(others)}
    items.sort(key=lambda item: turn_of_file.get(item.path, turn_of_test.get(item.nodeid, 0)))


@pytest.fixture
def probe() -> Probe:
    return Probe()


@pytest.fixture
def server(probe: Probe) -> Iterator[Server]:
    """The probe, served over a real socket."""
    with Server(probe.app) as server:
        yield server
        probe.release.set()
