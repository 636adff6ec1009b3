import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_support.grading.errors import GradingError
from course_support.grading.score import Mark, Row
from course_support.grading.store import key_of, open_store

ROW = Row(
    "a.ipynb", "a", "5", "09_tiny", marks=(Mark("tiny.double", "T", 1, 1, "passed", seen="\ud800"),), answers={"x": "y"}
)
HOLD = """
import sys
from pathlib import Path
from course_support.grading.store import open_store
with open_store(Path(sys.argv[1])) as store:
    print(store.seed, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def report(tmp_path):
    return tmp_path / "report"


def entry(report, key):
    return report / ".grading" / f"{key}.json"


def test_a_row_is_found_again_by_a_later_grading(report):
    with open_store(report) as store:
        store.put_row("k", ROW)
        seed = store.seed
    with open_store(report) as store:
        assert store.row("k") == ROW
        assert store.seed == seed
        assert store.row("other") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-2]),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"passed"', b'"failed"')),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff" * 100),
        lambda path: shutil.copy(path.with_name("other.json"), path),
        lambda path: path.unlink() or path.mkdir(),
    ],
)
def test_what_is_damaged_is_not_there(report, damage):
    with open_store(report) as store:
        store.put_row("k", ROW)
        store.put_row("other", ROW)
        damage(entry(report, "k"))
        assert store.row("k") is None
        assert store.row("other") == ROW


def test_a_seed_is_drawn_once_and_no_other_is_taken_then(report):
    with open_store(report) as store:
        drawn = store.seed
    with open_store(report, drawn) as store:
        assert store.seed == drawn
    with pytest.raises(GradingError, match=f"the seed {drawn}: leave --seed out"), open_store(report, "another"):
        pass


def test_two_gradings_draw_two_seeds(tmp_path):
    seeds = set()
    for name in "ab":
        with open_store(tmp_path / name) as store:
            seeds.add(store.seed)
    assert len(seeds) == 2


def test_a_second_grader_is_refused_until_the_first_has_gone(report):
    with subprocess.Popen([sys.executable, "-c", HOLD, report], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        try:
            seed = other.stdout.readline().decode().strip()
            with pytest.raises(GradingError, match="another grading: wait for its end"), open_store(report):
                pass
        finally:
            other.kill()
    with open_store(report) as store:
        assert store.seed == seed


def test_a_second_grader_of_one_process_is_refused(report):
    with open_store(report):
        with pytest.raises(GradingError, match="another grading"), open_store(report / ".." / "report"):
            pass
        with pytest.raises(GradingError, match="another grading"), open_store(report):
            pass


def test_a_report_that_is_no_folder_is_one_sentence(report):
    report.write_text("")
    with pytest.raises(GradingError, match="cannot be written"), open_store(report):
        pass


def test_a_full_disk_is_one_sentence_and_what_there_was_stays(report, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with open_store(report) as store:
        store.put_row("k", ROW)
        monkeypatch.setattr(os, "fsync", full)
        for key in ("k", "other"):
            with pytest.raises(GradingError, match=r"No space left on device.*what is graded already is kept"):
                store.put_row(key, ROW)
        assert store.row("k") == ROW
        assert not (report / ".grading" / "draft").exists()


def test_a_key_is_of_words_and_content():
    keys = {key_of({"a": "b"}, b"c"), key_of({"a": "b"}, b"d"), key_of({"a": "c"}, b"c"), key_of({"ab": ""}, b"c")}
    assert len(keys) == 4
    assert key_of({"a": "b", "c": "d"}) == key_of({"c": "d", "a": "b"})
    assert all(Path(f"{key}.json").name == f"{key}.json" for key in keys)
