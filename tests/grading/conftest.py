import json
from contextlib import contextmanager

import pytest

from course_support import authoring, notebooks
from course_support.grading import isolation
from course_support.grading import reference as references
from tests.grading import tiny


@pytest.fixture(scope="session")
def reference():
    return references.reference("09_tiny", tiny.solutions(), tiny.CATALOGUE)


@pytest.fixture
def without_sandbox(monkeypatch):
    """A context in which this machine has no sandbox; called with False, it changes nothing."""

    @contextmanager
    def without(wanted=True):
        with monkeypatch.context() as patch:
            if wanted:
                patch.setattr(isolation, "_found", lambda: isolation.Isolation("process", "None."))
            yield

    return without


@pytest.fixture
def solutions(tmp_path):
    """A folder with the solutions of the four small exercises."""
    folder = tmp_path / "solutions"
    folder.mkdir()
    (folder / "09_tiny_solutions.ipynb").write_text(json.dumps(tiny.solutions()), "utf-8")
    return folder


def answered(**answers):
    """The exercises with these answers filled in, by the exercise's short name; the others are left as stubs."""
    stubs = authoring.exercises(notebooks.normalised(tiny.solutions()))
    return notebooks.with_sources(stubs, {f"answer-tiny-{name}": source for name, source in answers.items()})


def as_bytes(document):
    return json.dumps(document).encode()


def shouting(source):
    """Right answers beside this one to tiny.shout."""
    return as_bytes(answered(**RIGHT | {"shout": source}))


RIGHT = {name: notebooks.stripped(answer) for name, answer in tiny.ANSWERS.items()} | {
    "double": "def double(x):\n    return x * 2",
    "shout": "def shout(text):\n    return text.upper()",
    "fetch": "import urllib.request, json\n\ndef fetch(url):\n"
    "    return json.load(urllib.request.urlopen(url + '/number'))['number']",
    "again": "def again(x):\n    return sum([x, x])",
}
