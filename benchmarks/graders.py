"""The same submissions, as each grader wants them: what `benchmarks/grading.py` measures.

Each function here prepares what lies outside of the measure, and gives a function to be timed, which returns the points
of each learner: so that a benchmark of graders that do not do the same work fails.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from course_support import bridge, notebooks
from course_support.grading import grade_folder, reference
from course_support.grading.assemble import Sheet
from course_support.grading.reference import Reference
from course_support.grading.run import Settings, catalogue
from course_support.notebooks import Notebook
from tests.grading import tiny

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".benchmarks"
OTTER = "otter-grader==7.0.0"
CORES = os.cpu_count() or 1
EXAMINER = """
import sys
from course_support.examiner import Examiner, exercises_of
from course_support.server import Server
with Server(Examiner(exercises_of(sys.argv[1]), seed="benchmark").app) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
OTTER_RUN = """
import json, sys
from otter.api import grade_submission
print(json.dumps({path: grade_submission(path, "autograder.zip", quiet=True).total for path in sys.argv[1:]}))
"""
OTTER_TEST = """
from otter.test_files import test_case
OK_FORMAT, name, points = False, "{short}", {points}
@test_case()
def passes({lesson}, {short}):
    assert {lesson}.{short}.examine({short}).verdict.passed
"""
NBVAL = """
from nbval.plugin import IPyNbFile
before = IPyNbFile.__init__
def without_html(self, *args, **kwargs):
    before(self, *args, **kwargs)
    self.skip_compare = (*self.skip_compare, "text/html")
IPyNbFile.__init__ = without_html
"""

Points = Mapping[str, float]
Class = Mapping[str, Mapping[str, str]]  # each learner's answers by exercise
Prepare = Callable[["Lesson", Class, Path], Callable[[], Points]]


@dataclass(frozen=True)
class Lesson:
    """One sheet: as learners get it, as it was written, how it is graded, and the address of an examiner."""

    reference: Reference
    solved: Notebook
    settings: Settings
    examiner: str = ""

    @property
    def file(self) -> str:
        return f"{self.reference.lesson}_exercises.ipynb"

    def handed_in(self, answers: Mapping[str, str]) -> Notebook:
        return Sheet(self.reference, answers).notebook(answers, answers)


def lesson(name: str) -> Lesson:
    """The sheet of a lesson, such as `01_rest`, or `tiny`: four exercises of the tests of grading."""
    settings = tiny.SETTINGS if name == "tiny" else Settings()
    path = ROOT / "solutions" / f"{name}_solutions.ipynb"
    solved = notebooks.normalised(tiny.solutions() if name == "tiny" else json.loads(path.read_text("utf-8")))
    return Lesson(reference.reference(name, solved, catalogue(settings)), solved, settings)


def class_of(known: Reference, count: int) -> Class:
    """Learners with right answers; two in three have left one exercise as it was, each another one."""
    found = {}
    for number in range(count):
        name = f"learner{number:04}"
        left = known.items[number % len(known.items)] if number % 3 else None
        found[name] = {i.name: f"{i.stub if i == left else i.solution}\n# {name}" for i in known.items}
    return found


def ours(known: Lesson, learners: Class, folder: Path, workers: int | None = None) -> Callable[[], Points]:
    """`course grade`, in this process."""
    write(folder / "solutions" / f"{known.reference.lesson}_solutions.ipynb", known.solved)
    for name, answers in learners.items():
        write(folder / "handed_in" / name / known.file, known.handed_in(answers))

    def run() -> Points:
        grade_folder(folder / "handed_in", folder / "report", progress=False, solutions=folder / "solutions",
                     settings=known.settings, workers=workers)  # fmt: skip
        rows = json.loads((folder / "report" / "grades.json").read_text("utf-8"))
        return {row["learner"]: row["points"] for row in rows}

    return run


def plain_nbval(known: Lesson, learners: Class, folder: Path) -> Callable[[], Points]:
    """pytest with nbval on all notebooks, which here hold the lines of passed checks; its examiner is outside."""
    for name, answers in learners.items():
        write(folder / f"{name}.ipynb", known.handed_in(answers))
    (folder / "conftest.py").write_text(NBVAL)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider"]
    checks = [item.check_id for item in known.reference.items]
    of = {item.check_id: item.points for item in known.reference.items}
    cells = [cell["id"] for cell in known.handed_in({item.name: "" for item in known.reference.items})["cells"]]

    def run() -> Points:
        told = subprocess.run([*command, "--rootdir=.", "-c", os.devnull, "--junitxml=told.xml", "."], cwd=folder,
                              env=environment(known, folder), capture_output=True, text=True)  # fmt: skip
        assert told.returncode in (0, 1), told.stdout + told.stderr
        found: dict[str, float] = {}
        for name in learners:
            cases = [case for case in ElementTree.parse(folder / "told.xml").iter("testcase")
                     if name in f"{case.get('classname')} {case.get('file')}"]  # fmt: skip
            passed = {cell for cell, case in zip(cells, cases, strict=True) if not len(case)}
            found[name] = sum(of[check] for check in checks if check in passed)
        return found

    return run


def nbgrader(known: Lesson, learners: Class, folder: Path) -> Callable[[], Points]:
    """`nbgrader autograde` on the assignment that `course build --nbgrader` writes; its examiner is outside."""
    subprocess.run(["make", "--silent", ".venv-nbgrader/.ready"], cwd=ROOT, check=True, stdout=sys.stderr)
    programs = ROOT / ".venv-nbgrader" / "bin"
    name = known.reference.lesson
    assignment = bridge.assignment(known.solved, {item.name: item.points for item in known.reference.items})
    write(folder / "source" / name / known.file, assignment)
    for learner, answers in learners.items():
        ids = {item.answer_id: answers[item.name] for item in known.reference.items}
        write(folder / "submitted" / learner / name / known.file, notebooks.with_sources(assignment, ids))

    def call(command: str) -> None:
        variables = environment(known, folder)
        variables["PATH"] = f"{programs}{os.pathsep}{variables['PATH']}"
        subprocess.run([programs / "nbgrader", command, name], cwd=folder, env=variables, check=True,
                       capture_output=True)  # fmt: skip

    def run() -> Points:
        call("autograde")
        with closing(sqlite3.connect(folder / "gradebook.db")) as gradebook:
            return dict(
                gradebook.execute(
                    "SELECT student_id, sum(auto_score) FROM submitted_assignment AS handed_in"
                    " JOIN submitted_notebook AS sheet ON sheet.assignment_id = handed_in.id"
                    " JOIN grade ON grade.notebook_id = sheet.id GROUP BY student_id"
                )
            )

    call("generate_assignment")
    return run


def otter(known: Lesson, learners: Class, folder: Path) -> Callable[[], Points]:
    """otter-grader's `grade_submission` for each, in one process; its examiner is outside."""
    python = otter_environment()
    for learner, answers in learners.items():
        write(folder / f"{learner}.ipynb", Sheet(known.reference, answers).notebook(answers, ()))
    with zipfile.ZipFile(folder / "autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", "{}")
        for item in known.reference.items:
            name, _, short = item.name.partition(".")
            archive.writestr(f"tests/{short}.py", OTTER_TEST.format(lesson=name, short=short, points=item.points))

    def run() -> Points:
        command = [str(python), "-c", OTTER_RUN, *(f"{learner}.ipynb" for learner in learners)]
        told = subprocess.run(command, cwd=folder, env=environment(known, folder), check=True, capture_output=True)
        points = json.loads(told.stdout.splitlines()[-1])
        return {Path(path).stem: total for path, total in points.items()}

    return run


def otter_environment() -> Path:
    """otter-grader's Python, in an environment that is made when it is first asked for."""
    python = FOLDER / "otter" / "bin" / "python"
    ready = FOLDER / "otter" / OTTER
    if not ready.exists():
        shutil.rmtree(FOLDER / "otter", ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", FOLDER / "otter"], check=True)
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-c",
            "constraints.txt",
        ]
        subprocess.run([*install, OTTER, "-e", "."], cwd=ROOT, check=True, stdout=sys.stderr)
        ready.touch()
    return python


@contextmanager
def examiner(exercises: str) -> Iterator[str]:
    """The address of an examiner in a process of its own, as every grader but ours is given one: their kernels then
    import nothing for it."""
    with subprocess.Popen([sys.executable, "-c", EXAMINER, exercises], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()


def environment(known: Lesson, home: Path) -> dict[str, str]:
    homes = ("COURSE_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return os.environ | dict.fromkeys(homes, str(home / "home")) | {"COURSE_EXAMINER": known.examiner}


def write(path: Path, notebook: Notebook) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebooks.dumps(notebook).encode())
