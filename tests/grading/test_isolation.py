import os

import pytest

from course_support.grading import isolation
from course_support.grading.errors import GradingError
from course_support.sandbox import probing


@pytest.fixture
def machine(monkeypatch):
    """A machine with or without what the sandbox needs, and root or not."""
    isolation._found.cache_clear()

    def made(missing="", user=1000, unreadable=""):
        monkeypatch.setattr(probing, "missing", lambda: missing)
        monkeypatch.setattr(probing, "unreadable", lambda: unreadable)
        monkeypatch.setattr(os, "geteuid", lambda: user)

    yield made
    isolation._found.cache_clear()


def test_the_strongest_level_is_chosen_and_says_what_it_means(machine):
    machine()
    assert isolation.probe().level == "sandbox"
    assert isolation.probe("process") == isolation.probe("sandbox") == isolation.probe()
    assert isolation.probe().text.startswith("In a sandbox")


def test_less_says_what_is_missing_and_is_refused_where_more_is_required(machine):
    machine("The program bwrap is missing.")
    assert isolation.probe().level == "process"
    assert isolation.probe().text.endswith("The program bwrap is missing.")
    with pytest.raises(GradingError, match=r"no sandbox on this machine\. The program bwrap is missing"):
        isolation.probe("sandbox")


def test_root_grades_as_another_user(machine):
    machine("No bwrap.", user=0)
    assert isolation.probe("user").level == "user"


def test_root_never_runs_answers_itself(machine):
    machine("No bwrap.", user=0, unreadable="Nobody else can.")
    with pytest.raises(GradingError, match=r"No bwrap\. Nobody else can\."):
        isolation.probe()


def test_an_unknown_level_is_named_with_those_that_there_are():
    with pytest.raises(GradingError, match="no isolation 'docker': choose one of process, user, sandbox"):
        isolation.probe("docker")
