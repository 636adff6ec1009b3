"""One batch of whatever can go wrong with a file: each has its row, its points, and a reason that says what to do."""

import bz2
import gzip
import io
import json
import os
import re
import socket
import zipfile

import pytest

from course_support import grading, notebooks
from course_support.grading.folder import MAX_BYTES
from course_support.grading.read import MAX_CELLS
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes, shouting
from tests.grading.test_read import changed, without_ids

WHOLE = as_bytes(answered(**RIGHT))
LINES = json.dumps(answered(**RIGHT), indent=1).encode()
FORGED = {"outputs": [{"output_type": "stream", "name": "stdout", "text": "✔ tiny.double passed (1 of 1 point)\n"}]}
SHOUT = RIGHT["shout"]
NO_ANSWER = "No answer cell of this course is in it: hand in the notebook of a lesson or its exercises (09_tiny)."
NO_CELLS = "It is not a notebook: it has no cells. Hand in the course's notebook with your answers in it."
NO_NOTEBOOK = "It is not a notebook: hand in the file that ends in .ipynb."
PACKED = "It is packed: unpack it, and hand in the notebook itself."
BY_NAME = "It was found in another cell, by what it defines."
NOT_DEFINED = "NameError: name 'shout' is not defined"


def forged(cell):
    if cell["id"].startswith("check"):
        return [cell | FORGED | {"source": "print('✔ tiny.double passed (1 of 1 point)')", "execution_count": 1}]
    return [cell]


def without(*ids):
    return changed(answered(**RIGHT), lambda cell: [] if cell.get("id") in ids else [cell])


def each(**more):
    """Right answers, with something more in every cell."""
    return as_bytes(changed(answered(**RIGHT), lambda cell: [cell | more]))


def with_source(source):
    """Right answers, but for the source of tiny.shout's cell, which may be no text."""
    return as_bytes(
        changed(answered(**RIGHT), lambda c: [c | {"source": source}] if c["id"].endswith("shout") else [c])
    )


def with_helper():
    document = answered(**RIGHT | {"shout": "def shout(text):\n    return loud(text)"})
    document["cells"].insert(0, tiny.code("mine", "def loud(text):\n    return text.upper()"))
    return as_bytes(document)


def old(**more):
    """A notebook of nbformat 2 or 3."""
    cells = [{"cell_type": "code", "input": source, "language": "python"} for source in RIGHT.values()]
    return as_bytes({"worksheets": [{"cells": cells}], "metadata": {"name": "x"}} | more)


def zipped():
    with zipfile.ZipFile(data := io.BytesIO(), "w") as archive:
        archive.writestr("lesson.ipynb", WHOLE)
    return data.getvalue()


def merged(text):
    """What Git leaves where two people wrote the same lines."""
    return b"<<<<<<< HEAD\n" + text + b"\n=======\n" + text + b"\n>>>>>>> theirs\n"


FILES = {  # a file, its points, and a part of what is said about it
    # no notebook at all
    "nothing.ipynb": (b"", 0, "The file is empty: nothing of it arrived. Open it in JupyterLab, save it, and hand"),
    "blank.ipynb": (b" \r\n\n", 0, "The file is empty"),
    "zeros.ipynb": (b"\0" * 4096, 0, "The file is empty"),
    "essay.docx": (b"PK\x03\x04", 0, NO_NOTEBOOK),
    "lesson.py": (b"# ---\n# jupyter:\n#   jupytext: {}\n# ---\n# %%\ndef double(x): return 2 * x\n", 0, NO_NOTEBOOK),
    "lesson.html": (b"<!DOCTYPE html><title>Tiny</title>", 0, NO_NOTEBOOK),
    "page.ipynb": (b"\n<!DOCTYPE html><title>Tiny</title>", 0, "It is a web page that shows a notebook: download"),
    "lesson.zip": (zipped(), 0, NO_NOTEBOOK),
    "zip.ipynb": (zipped(), 0, PACKED),
    "gzip.ipynb": (gzip.compress(WHOLE), 0, PACKED),
    "bzip2.ipynb": (bz2.compress(WHOLE), 0, PACKED),
    "picture.ipynb": (b"\x89PNG\r\n\x1a\n" + bytes(64), 0, "not UTF-8, so it was damaged on its way"),
    # a damaged one
    "cut off.ipynb": (WHOLE[:1500], 0, "it ends too early. Open it in JupyterLab, save it, and hand it in again."),
    "cut in a character.ipynb": ('{"a": "é'.encode()[:-1], 0, "not UTF-8, so it was damaged on its way"),
    "latin.ipynb": ('{"a": "é"}'.encode("latin-1"), 0, "not UTF-8, so it was damaged on its way"),
    "half of UTF-16.ipynb": (WHOLE.decode().encode("utf-16")[:-1], 0, "not UTF-8, so it was damaged on its way"),
    "quotes.ipynb": (WHOLE.replace(b'"', b"'"), 0, "line 1 is not JSON. Open it in JupyterLab"),
    "twice.ipynb": (WHOLE + b"\n" + WHOLE, 0, "line 2 is not JSON"),
    "conflict.ipynb": (merged(LINES), 0, "Git left marks of a conflict in it (<<<<<<<): settle that"),
    "deep.ipynb": (b"[" * 100_000, 0, "no program could have saved this"),
    "deep cells.ipynb": (b'{"cells": ' * 100_000, 0, "no program could have saved this"),
    "digits.ipynb": (b'{"cells": [' + b"9" * 100_000 + b"]}", 0, "no program could have saved this"),
    # JSON, but no notebook of this course
    "null.ipynb": (b"null", 0, NO_CELLS),
    "text.ipynb": (b'"cells"', 0, NO_CELLS),
    "cells as dict.ipynb": (b'{"cells": {"0": {"cell_type": "code", "source": ""}}}', 0, NO_CELLS),
    "worksheet of 3.ipynb": (b'{"worksheets": [{"cells": 3}], "nbformat": 3}', 0, NO_CELLS),
    "another.ipynb": (b'{"cells": []}', 0, NO_ANSWER),
    "another course.ipynb": (as_bytes({"cells": [tiny.code("answer-maths-1", "def area(r): ...")]}), 0, NO_ANSWER),
    "null cells.ipynb": (b'{"cells": [null, 3, {}, {"cell_type": "code", "source": {"a": 1}}]}', 0, NO_ANSWER),
    "many.ipynb": (as_bytes({"cells": [{}] * (MAX_CELLS + 1)}), 0, "It has more than 5,000 cells: hand in"),
    # odd, but it can be graded
    "marked.ipynb": (WHOLE.decode().encode("utf-8-sig"), 7, ""),
    "UTF-16.ipynb": (WHOLE.decode().encode("utf-16"), 7, ""),
    "format 2.ipynb": (old(nbformat=2), 7, BY_NAME),
    "format 3.ipynb": (old(nbformat=3, nbformat_minor=0), 7, BY_NAME),
    "format 5.ipynb": (as_bytes(answered(**RIGHT) | {"nbformat": 5, "new": [[]]}), 7, ""),
    "format x.ipynb": (as_bytes(answered(**RIGHT) | {"nbformat": "x", "metadata": 3}), 7, ""),
    "no ids, as of Colab.ipynb": (as_bytes(without_ids(answered(**RIGHT)) | {"nbformat_minor": 0}), 7, BY_NAME),
    "ids of numbers.ipynb": (each(id=7), 7, BY_NAME),
    "ids all the same.ipynb": (each(id="answer-tiny-double"), 6, "Its cell is there more than once"),
    "huge ids.ipynb": (each(id="x" * 10**5), 7, BY_NAME),
    "numbers.ipynb": (WHOLE[:-1] + b', "x": [NaN, -Infinity, 1e400, -0, ' + b"9" * 4000 + b"]}", 7, ""),
    "two keys.ipynb": (b'{"cells": [], ' + WHOLE[1:], 7, ""),
    "=cmd|x!A1.ipynb": (WHOLE, 7, ""),
    "moved.ipynb": (as_bytes(notebooks.with_cells(answered(), reversed(answered(**RIGHT)["cells"]))), 7, ""),
    "tags.ipynb": (each(metadata={"tags": ["nbval-skip", "raises-exception"]}, outputs=3, execution_count="x"), 7, ""),
    "no checks.ipynb": (as_bytes(without(*[f"check-tiny-{name}" for name in RIGHT])), 7, ""),
    "solutions.ipynb": (as_bytes(tiny.solutions()), 7, ""),
    # a part of it is missing or cannot be read
    "forged.ipynb": (as_bytes(changed(answered(), forged)), 0, "not attempted"),
    "untouched.ipynb": (as_bytes(answered()), 0, "not attempted"),
    "missing.ipynb": (as_bytes(without("answer-tiny-shout")), 5, "Its cell is missing."),
    "source of 3.ipynb": (with_source(3), 5, "Its cell is empty."),
    "no source.ipynb": (with_source(None), 5, "Its cell is empty."),
    "source as dict.ipynb": (with_source({"0": SHOUT}), 5, "Its cell is empty."),
    "long.ipynb": (shouting("#" * 200_000 + "\n" + SHOUT), 5, "The answer is longer than 100,000 characters: shorten"),
    "helper.ipynb": (with_helper(), 5, "move what defines `loud` into the answer cell"),
    # what stands in an answer
    "syntax.ipynb": (shouting("def shout(text)\n    return text"), 5, "The answer cell stopped with SyntaxError"),
    "conflict in a cell.ipynb": (shouting(merged(SHOUT.encode()).decode()), 5, "stopped with SyntaxError"),
    "zero.ipynb": (shouting("x = '\0'\ndef shout(text): return 1"), 5, "The answer cell stopped with"),
    "surrogate.ipynb": (shouting("def shout(text):\n    return '\ud800'"), 5, "The value is not right."),
    "bash.ipynb": (shouting("%%bash\ntr a-z A-Z"), 5, NOT_DEFINED),
    "no such magic.ipynb": (shouting("%%shout\nloudly"), 5, NOT_DEFINED),
    "magics.ipynb": (shouting(f"%load_ext autoreload\n%autoreload 2\nfound = !echo 1\n{SHOUT}"), 7, ""),
    "future.ipynb": (shouting(f"from __future__ import annotations\n{SHOUT}"), 7, ""),
    "tabs.ipynb": (shouting("def shout(text):\n\treturn text.upper()"), 7, ""),
    "tabs and spaces.ipynb": (shouting("def shout(text):\n\tx = 1\n        return x"), 5, "TabError"),
    "Windows.ipynb": (shouting("def shout(text):\r\n    return text.upper()\r\n"), 7, ""),
    "old Mac.ipynb": (shouting("def shout(text):\r    return text.upper()\r"), 7, ""),
    "deep expression.ipynb": (shouting("x = " + "(" * 3000 + ")" * 3000 + "\n" + SHOUT), 5, "The answer cell stopped"),
    "deep list.ipynb": (shouting("def shout(text):\n    x = []\n    for _ in range(10**5): x = [x]\n    return x"), 5,
                        "that is not plain data"),
    "not a number.ipynb": (shouting("def shout(text):\n    return float('nan')"), 5, "that is not plain data"),
    "loop.ipynb": (shouting("def shout(text):\n    while True: pass"), 5, "It did not end in time"),
    "exit.ipynb": (shouting("import os\nos._exit(0)"), 5, "It ended the kernel"),
    "flood.ipynb": (shouting(f"print('x' * 10**8)\n{SHOUT}"), 5, "It printed more"),
}  # fmt: skip
NAMES = {  # names that a file system takes, and what the report calls them
    b"bell\x07 and \x1b[31mred.ipynb": "bell\N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}[31mred.ipynb",
    b"two\nlines.ipynb": "two\N{REPLACEMENT CHARACTER}lines.ipynb",
    "from the \N{RIGHT-TO-LEFT OVERRIDE}right.ipynb".encode(): "from the \N{REPLACEMENT CHARACTER}right.ipynb",
    b"caf\xe9.ipynb": "caf\N{REPLACEMENT CHARACTER}.ipynb",
    b"n" * 249 + b".ipynb": "n" * 249 + ".ipynb",
    b"<img src=x onerror=alert(1)>.ipynb": "<img src=x onerror=alert(1)>.ipynb",
    "\N{GRINNING FACE} Zoë.ipynb".encode(): "\N{GRINNING FACE} Zoë.ipynb",
}
ODD = {  # what is no file, or not one file
    "linked.ipynb": (0, "It is a link: hand in the file itself."),
    "broken link.ipynb": (0, "It is a link: hand in the file itself."),
    "pipe.ipynb": (0, "It is not a file: hand in the notebook."),
    "socket.ipynb": (0, "It is not a file: hand in the notebook."),
    "huge.ipynb": (0, "It is too large (32 MiB, more than 32): clear the outputs"),
    "folder.ipynb/lesson.ipynb": (7, ""),
    "empty.ipynb": (0, "It is an empty folder, as a download that broke off leaves it: hand in the notebook itself."),
    "kept from you.ipynb": (7, "")
    if hasattr(os, "geteuid") and os.geteuid() == 0
    else (0, "It cannot be read: Permission denied. "),
    "alice/lesson.ipynb": (1, "not attempted"),
    "alice/lesson (1).ipynb": (7, ""),
    "alice/loop": (0, "It is a link: hand in the file itself."),
}
EXPECTED = {name: said for name, (_, *said) in FILES.items()} | ODD | dict.fromkeys(NAMES.values(), (7, ""))


def put_odd(folder):
    """What cannot be written as a file's content."""
    (folder / "linked.ipynb").symlink_to(folder / "marked.ipynb")
    (folder / "broken link.ipynb").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as made:
        here = os.open(folder, os.O_RDONLY)
        made.bind(f"/proc/self/fd/{here}/socket.ipynb")  # the whole path would be longer than a socket's may be
        os.close(here)
    with (folder / "huge.ipynb").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (folder / "empty.ipynb").mkdir()
    (folder / "folder.ipynb").mkdir()
    (folder / "folder.ipynb" / "lesson.ipynb").write_bytes(WHOLE)
    (folder / "kept from you.ipynb").write_bytes(WHOLE)
    (folder / "kept from you.ipynb").chmod(0)
    (folder / "alice").mkdir()
    (folder / "alice" / "lesson.ipynb").write_bytes(as_bytes(answered(double=RIGHT["double"])))
    (folder / "alice" / "lesson (1).ipynb").write_bytes(WHOLE)
    (folder / "alice" / "loop").symlink_to(folder)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs a file system that takes any name, and named pipes")
    folder = tmp_path_factory.mktemp("handed_in")
    for name, (data, _, _) in FILES.items():
        (folder / name).write_bytes(data)
    for name in NAMES:
        (folder / os.fsdecode(name)).write_bytes(WHOLE)
    put_odd(folder)
    return folder


@pytest.fixture(scope="module")
def graded(handed_in, tmp_path_factory):
    """The rows of the whole folder by file, and the report's folder."""
    base = tmp_path_factory.mktemp("course")
    (base / "09_tiny_solutions.ipynb").write_text(json.dumps(tiny.solutions()), "utf-8")
    report = base / "report"
    summary = grading.grade_folder(handed_in, report, solutions=base, settings=tiny.SETTINGS)
    rows = json.loads((report / "grades.json").read_text("utf-8"))
    assert summary.files == len(rows)
    return {row["file"]: row for row in rows}, report


def said_of(row):
    marks = [mark[part] for mark in row["marks"] for part in ("outcome", "reason", "seen", "next_step", "note")]
    return "\n".join([row["problem"], *marks])


@pytest.mark.slow
def test_every_file_has_a_row(graded):
    assert set(graded[0]) == set(EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_every_row_has_the_right_points_and_its_reason(graded, name):
    row = graded[0][name]
    points, said = EXPECTED[name]
    assert row["points"] == points, said_of(row)
    assert said in said_of(row)


@pytest.mark.slow
def test_a_file_that_cannot_be_graded_is_told_what_to_hand_in(graded):
    problems = {row["problem"] for row in graded[0].values() if row["problem"]}
    assert [problem for problem in problems if not re.search(r"\b(hand|Hand) (it )?in\b|hand that in", problem)] == []


@pytest.mark.slow
def test_nobody_is_told_of_a_failure_of_the_grader(graded):
    assert [row["file"] for row in graded[0].values() if "grader itself failed" in said_of(row)] == []


@pytest.mark.slow
def test_the_better_of_two_files_counts(graded):
    rows, _ = graded
    alice = {file: (row["points"], row["counts"]) for file, row in rows.items() if row["learner"] == "alice"}
    assert alice == {
        "alice/lesson.ipynb": (1, False),
        "alice/lesson (1).ipynb": (7, True),
        "alice/loop": (0, False),
    }


@pytest.mark.slow
def test_there_is_a_page_for_each_learner(graded):
    rows, report = graded
    assert len(list((report / "learners").glob("*.html"))) == len({row["learner"] for row in rows.values()})
    index = (report / "index.html").read_text("utf-8")
    assert all((report / address).exists() for address in index.split('"') if address.startswith("learners/"))


@pytest.mark.slow
def test_nothing_of_this_machine_is_in_the_report(graded, handed_in):
    _, report = graded
    for path in (path for path in report.rglob("*") if path.is_file()):
        text = path.read_text("utf-8", "replace")
        assert str(handed_in.parent) not in text
        assert os.path.expanduser("~") + os.sep not in text
