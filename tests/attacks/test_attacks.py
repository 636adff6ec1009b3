"""No answer gains a point that it did not earn, reads what is not for it, harms anybody else, or leaves anything."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from course_support.grading import isolation
from tests.attacks.attack import NAMES
from tests.attacks.suite import ATTACKS, sheets

REPOSITORY = Path(__file__).resolve().parent.parent.parent
INNOCENT = [name for name, _ in sheets() if name not in ATTACKS]
MOST_MEMORY = 12  # GiB above what was taken before, which on a shared machine others take part in
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
pytestmark = pytest.mark.slow


def as_users():
    """As whoever runs the tests, and where that is root as nobody, too."""
    tools = sys.platform == "linux" and shutil.which("setpriv") and shutil.which("bwrap")
    return ["this user", *(["nobody"] if tools and os.geteuid() == 0 else [])]


def as_nobody():
    """The start of a command for nobody to run, who is let into the folders above Python where only root can go."""
    python = Path(sys.base_prefix).resolve()
    above = [path for path in reversed(python.parents) if path != Path("/")]
    closed = next((path for path in above if not path.stat().st_mode & 0o001), None)
    seen = ["bwrap", "--dev-bind", "/", "/"]
    if closed:
        seen += ["--tmpfs", str(closed)]
        for path in above[above.index(closed) + 1 :]:
            seen += ["--perms", "0755", "--dir", str(path)]
        seen += ["--ro-bind", str(python), str(python)]
    return [*seen, "--", *NOBODY]


@pytest.fixture(scope="module", params=as_users())
def attacked(request):
    """What is told of a class of attackers, and the folder in which they were graded."""
    if sys.platform != "linux":
        pytest.skip("the sandbox needs Linux")
    isolation.probe("sandbox")
    # not below /tmp, of which every kernel has one of its own: nothing could be found there anyhow
    with tempfile.TemporaryDirectory(prefix="attacks-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o777)
        command = [sys.executable, "-m", "tests.attacks.drive", name]
        command = [*as_nobody(), *command] if request.param == "nobody" else command
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr[-4000:]
        yield json.loads(Path(name, "told.json").read_text("utf-8")), Path(name)


def marks(told, name):
    return {mark["exercise"].removeprefix("tiny."): mark for mark in told["rows"][name]["marks"]}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing(attacked, name):
    told, _ = attacked
    found = marks(told, name)["shout"]
    assert (found["points"], found["of"]) == (0, 2)
    assert re.search(ATTACKS[name].meets, f"{found['outcome']}: {found['reason']} {found['seen']}")


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_no_other_exercise(attacked, name):
    told, _ = attacked
    lost = {other for other, mark in marks(told, name).items() if mark["points"] < mark["of"]} - {"shout"}
    assert lost <= ATTACKS[name].costs


@pytest.mark.parametrize("name", INNOCENT)
def test_whoever_is_graded_beside_or_after_an_attack_gets_what_they_earned(attacked, name):
    told, _ = attacked
    earned = {exercise: mark["outcome"] for exercise, mark in marks(told, name).items()}
    assert earned == dict.fromkeys(NAMES, "passed") | ({"shout": "not attempted"} if name.startswith("idle") else {})


def test_everything_ran_in_a_sandbox(attacked):
    told, _ = attacked
    assert {row["isolation"] for row in told["rows"].values()} == {"sandbox"}
    assert len(told["rows"]) == len(ATTACKS) + len(INNOCENT)


@pytest.mark.parametrize("kind", ["processes", "changed", "named", "written", "temporary", "heard", "sockets"])
def test_the_machine_is_as_it_was(attacked, kind):
    told, _ = attacked
    assert told["left"][kind] == []


def test_memory_stays_within_bounds(attacked):
    told, _ = attacked
    assert told["peak"] < MOST_MEMORY


class Elements(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        self.found |= {tag} | {f"{tag} {name}" for name, _ in attributes}


def test_pages_hold_no_element_of_an_answers_making(attacked):
    _, folder = attacked
    pages = [*(folder / "report").rglob("*.html")]
    assert pages
    for page in pages:
        (parser := Elements()).feed(page.read_text("utf-8"))
        odd = {
            it for it in parser.found if re.match(r"script|img|iframe|object|embed|base|link|form", it) or " on" in it
        }
        assert odd == set()
        assert "Content-Security-Policy" in page.read_text("utf-8")


def test_a_learners_page_shows_nobody_elses_work(attacked):
    told, folder = attacked
    known = {row["learner"]: name for name, row in told["rows"].items()}
    for learner in (folder / "report" / "learners").glob("*.html"):
        text = learner.read_text("utf-8")
        titles = set(re.findall(r"<title>(.*?)</title>", text))
        assert titles <= set(known)
        assert str(folder) not in text.replace(told["mark"], "") or known[titles.pop()] in ATTACKS


def test_tables_hold_no_formula_and_the_XML_can_be_read(attacked):
    _, folder = attacked
    for path in (folder / "report").glob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as table:
            assert [cell for line in csv.reader(table) for cell in line if re.match(r"[=+@\t\r]|-\D", cell)] == []
    for path in (folder / "report").glob("*.xml"):
        ElementTree.parse(path)
