import os

import pytest

from course_support.grading import folder
from course_support.grading.errors import GradingError

LESSONS = ["01_rest", "02_soap"]


@pytest.fixture
def handed_in(tmp_path):
    path = tmp_path / "handed_in"
    path.mkdir()
    return path


def put(base, *names, data=b"{}"):
    for name in names:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_bytes(data)


def names(base, skip):
    return [path.relative_to(base).as_posix() for path in folder.find(base, skip)]


def test_every_file_is_found_in_order(handed_in, tmp_path):
    put(handed_in, "b/x.ipynb", "a.ipynb", "c/deep/er/y.txt")
    assert names(handed_in, tmp_path / "report") == ["a.ipynb", "b/x.ipynb", "c/deep/er/y.txt"]


def test_what_systems_leave_behind_is_not_a_submission(handed_in, tmp_path):
    put(handed_in, "a.ipynb", ".DS_Store", "b/.ipynb_checkpoints/a.ipynb", "__MACOSX/a.ipynb", "Thumbs.db", "~$a.docx")
    assert names(handed_in, tmp_path / "report") == ["a.ipynb"]


def test_the_report_inside_the_folder_is_not_graded(handed_in):
    put(handed_in, "a.ipynb", "report/grades.csv")
    assert names(handed_in, handed_in / "report") == ["a.ipynb"]


def test_a_loop_of_links_ends_and_says_so(handed_in, tmp_path):
    put(handed_in, "a/x.ipynb")
    (handed_in / "a" / "loop").symlink_to(handed_in)
    (handed_in / "gone.ipynb").symlink_to(tmp_path / "nowhere")
    assert names(handed_in, tmp_path) == ["a/loop", "a/x.ipynb", "gone.ipynb"]
    for name in ("a/loop", "gone.ipynb"):
        assert folder.load(handed_in, handed_in / name, LESSONS).problem == "It is a link: hand in the file itself."


def test_folders_below_the_bound_stand_for_themselves(handed_in, tmp_path):
    put(handed_in, "/".join("abcdefghijklm") + "/x.ipynb")
    (deepest,) = folder.find(handed_in, tmp_path)
    assert "more than 10 folders deep" in folder.load(handed_in, deepest, LESSONS).problem


def test_an_empty_folder_that_is_named_like_a_notebook_says_so(handed_in, tmp_path):
    for name in ("alice/01_rest.ipynb", "bob", "carol/full.ipynb/inner"):
        (handed_in / name).mkdir(parents=True)
    put(handed_in, "carol/full.ipynb/x.ipynb")
    (found, inner) = folder.find(handed_in, tmp_path)
    assert inner.name == "x.ipynb"
    assert folder.load(handed_in, found, LESSONS).problem.startswith("It is an empty folder")


def test_a_huge_file_is_not_read(handed_in):
    with (handed_in / "huge.ipynb").open("wb") as file:
        file.truncate(folder.MAX_BYTES + 1)
    found = folder.load(handed_in, handed_in / "huge.ipynb", LESSONS)
    assert found.problem.startswith("It is too large (32 MiB, more than 32)")
    assert found.data == b""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(handed_in):
    os.mkfifo(handed_in / "pipe.ipynb")
    assert (
        folder.load(handed_in, handed_in / "pipe.ipynb", LESSONS).problem == "It is not a file: hand in the notebook."
    )


def test_a_file_that_vanishes_says_so(handed_in):
    assert folder.load(handed_in, handed_in / "gone.ipynb", LESSONS).problem.startswith("It cannot be read")


def test_names_that_no_report_could_hold_are_made_printable(handed_in, tmp_path):
    (handed_in / os.fsdecode(b"caf\xe9\n.ipynb")).write_bytes(b"{}")
    (path,) = folder.find(handed_in, tmp_path)
    found = folder.load(handed_in, path, LESSONS)
    assert found.path == "caf\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.ipynb"
    assert found.data == b"{}"


def test_nothing_handed_in_is_said(handed_in, tmp_path):
    with pytest.raises(GradingError, match="Nothing was handed in"):
        folder.find(handed_in, tmp_path)
    with pytest.raises(GradingError, match="There is no folder"):
        folder.find(handed_in / "nowhere", tmp_path)
