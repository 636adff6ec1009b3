"""Whatever breaks a grading off, the same command goes on, and the report is that of an undisturbed run."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import psutil
import pytest

from course_support.grading import pipeline, report, store
from course_support.grading.errors import GradingError
from course_support.grading.run import Settings
from tests.grading import standin
from tests.grading.conftest import RIGHT, answered, as_bytes

STANDIN = [sys.executable, "-m", "tests.grading.standin"]
NAMESPACES = [*([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount"]
SEED = ["--seed", "5"]


@pytest.fixture
def handed_in(tmp_path):
    """Thirty files of as many learners: no two alike, but the last two."""
    folder = tmp_path / "handed_in"
    folder.mkdir()
    for number in range(30):
        kind = min(number, 28)
        answer = f"def shout(text):\n    {'return text.upper()' if kind % 2 else 'pass'}  # {kind}"
        (folder / f"learner{number:02}.ipynb").write_bytes(as_bytes(answered(**RIGHT | {"shout": answer})))
    return folder


@pytest.fixture
def quick(monkeypatch, solutions):
    """`grade_folder` in this process, with a stand-in for what runs the answers, and how often that was asked."""
    asked = []

    def run(sheet, seed, settings):
        asked.append(seed)
        return standin.run(sheet, seed, settings)

    standin.stand_in(monkeypatch.setattr)
    monkeypatch.setattr(pipeline, "run", run)
    folder = standin.tiny_course(solutions)

    def grade(submissions, report_to, seed="5", progress=False, **more):
        asked.clear()
        summary = folder(submissions, report_to, settings=Settings(seed=seed), progress=progress, **more)
        return summary, len(asked)

    return grade


@pytest.fixture
def undisturbed(quick, handed_in, tmp_path):
    quick(handed_in, tmp_path / "undisturbed")
    return content(tmp_path / "undisturbed")


def content(folder):
    """The report's files, without what is kept to go on from."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".grading" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def kept(report):
    return len(list((report / ".grading").glob("?" * 64 + ".json")))


def command(seconds, solutions, handed_in, report_to, *more):
    return [*STANDIN, str(seconds), solutions, handed_in, "-o", report_to, *SEED, *more]


@contextlib.contextmanager
def begun(command, report_to, rows):
    """`course grade` in a process of its own that has graded some files."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            while kept(report_to) < rows and process.poll() is None:
                time.sleep(0.01)
            yield process
        finally:
            process.kill()


def finish(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_grader_that_was_killed_goes_on_where_it_was(undisturbed, quick, solutions, handed_in, tmp_path):
    report_to = tmp_path / "report"
    for rows in (1, 7, 15):
        with begun(command(0.05, solutions, handed_in, report_to), report_to, rows) as process:
            process.kill()
    assert 15 <= kept(report_to) < 29
    before = kept(report_to) - 1  # the proof
    assert not content(report_to)
    summary, asked = quick(handed_in, report_to)
    assert (summary.files, asked) == (30, 29 - before)
    assert content(report_to) == undisturbed


def test_one_worker_or_many_give_the_same_bytes_and_a_rerun_grades_nothing(undisturbed, quick, handed_in, tmp_path):
    _, asked = quick(handed_in, tmp_path / "report", workers=1)
    assert asked == 30  # 29 contents and the proof
    assert content(tmp_path / "report") == undisturbed
    _, asked = quick(handed_in, tmp_path / "report", workers=7)
    assert asked == 0
    assert content(tmp_path / "report") == undisturbed


def test_who_goes_on_is_told_what_is_kept(quick, handed_in, tmp_path, capsys):
    quick(handed_in, tmp_path / "report", progress=True)
    assert "First the course's own solutions are run" in capsys.readouterr().err
    quick(handed_in, tmp_path / "report", progress=True)
    said = capsys.readouterr().err
    assert "Graded before, and kept: 30 of 30 files." in said
    assert "solutions" not in said


def test_the_learners_of_the_last_line_are_those_of_the_report(quick, handed_in, tmp_path):
    for number, path in enumerate(sorted(handed_in.iterdir())):
        (handed_in / "SOAP").mkdir(exist_ok=True)
        path.rename(handed_in / "SOAP" / f"ada_{number + 1}_{number + 100}_x.ipynb")
    summary, _ = quick(handed_in, tmp_path / "report")
    assert (summary.files, summary.learners) == (30, 30)
    assert str(summary).startswith("30 files of 30 learners: see ")
    assert str(replace(summary, files=1, learners=1)).startswith("1 file of 1 learner: see ")


def test_the_same_content_is_graded_once_and_is_a_row_of_each(quick, handed_in, tmp_path):
    quick(handed_in, tmp_path / "report")
    *_, one, other = json.loads((tmp_path / "report" / "grades.json").read_text("utf-8"))
    assert (one["learner"], other["learner"]) == ("learner28", "learner29")
    assert one["marks"] == other["marks"]
    assert one["seed"] == other["seed"]


def test_another_seed_draws_other_values(undisturbed, quick, handed_in, tmp_path):
    quick(handed_in, tmp_path / "report", seed="6")
    assert content(tmp_path / "report")["grades.json"] != undisturbed["grades.json"]
    with pytest.raises(GradingError, match="the seed 6"):
        quick(handed_in, tmp_path / "report", seed="5")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_it_reads_one_sentence_and_leaves_no_process(
    sign, undisturbed, quick, solutions, handed_in, tmp_path
):
    report_to = tmp_path / "report"
    with begun(command(0.05, solutions, handed_in, report_to), report_to, 5) as process:
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(sign)
        said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said[0] == ""
    assert said[1].splitlines()[-1].startswith("course: stopped; what is graded is kept")
    assert "Traceback" not in said[1]
    assert not [child for child in family if child.is_running()]
    assert finish(command(0, solutions, handed_in, report_to)).returncode == 0
    assert content(report_to) == undisturbed


def test_a_folder_that_vanishes_stops_it_and_the_rest_follows(undisturbed, quick, handed_in, tmp_path, monkeypatch):
    away = tmp_path / "away"

    def run(sheet, seed, settings):
        if kept(tmp_path / "report") > 10 and handed_in.exists():
            handed_in.rename(away)
        return standin.run(sheet, seed, settings)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "run", run)
        grade = standin.tiny_course(tmp_path / "solutions")
        with pytest.raises(GradingError, match=r"was there and cannot be read any more: bring it back"):
            grade(handed_in, tmp_path / "report", settings=Settings(seed="5"), progress=False, workers=2)
    before = kept(tmp_path / "report") - 1
    assert 10 <= before < 29
    assert not content(tmp_path / "report")
    with pytest.raises(GradingError, match="There is no folder"):
        quick(handed_in, tmp_path / "report")
    away.rename(handed_in)
    _, asked = quick(handed_in, tmp_path / "report")
    assert asked == 29 - before
    assert content(tmp_path / "report") == undisturbed


def test_a_disk_that_is_full_stops_it_and_the_rest_follows(undisturbed, quick, handed_in, tmp_path, monkeypatch):
    def full(file):
        if kept(tmp_path / "report") > 12:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(store.os, "fsync", full)
        with pytest.raises(GradingError, match="No space left on device"):
            quick(handed_in, tmp_path / "report")
    _, asked = quick(handed_in, tmp_path / "report")
    assert asked == 29 - 12
    assert content(tmp_path / "report") == undisturbed


def test_a_disk_that_is_too_full_for_the_report_is_one_sentence(undisturbed, quick, handed_in, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(report, "write", full)
        with pytest.raises(GradingError, match="No space left on device"):
            quick(handed_in, tmp_path / "report")
    _, asked = quick(handed_in, tmp_path / "report")
    assert asked == 0
    assert content(tmp_path / "report") == undisturbed


def has_mounts():
    unshare = shutil.which("unshare")
    return unshare and subprocess.run([unshare, *NAMESPACES, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not has_mounts(), reason="needs a mount namespace")
def test_a_file_system_that_is_really_full(undisturbed, solutions, handed_in, tmp_path):
    disk, copied = tmp_path / "disk", tmp_path / "copied"
    disk.mkdir()
    grade = [str(word) for word in command(0, solutions, handed_in, disk / "report")]
    script = 'mount -t tmpfs -o size=120k none "$1"; disk=$1; copied=$2; shift 2; "$@"; echo $?; ' \
        'mount -o remount,size=50m none "$disk"; "$@"; cp -r "$disk/report" "$copied"'  # fmt: skip
    told = finish(["unshare", *NAMESPACES, "sh", "-c", script, "sh", disk, copied, *grade])
    assert told.stdout.splitlines()[0] == "2"
    assert "No space left on device" in told.stderr
    assert "Traceback" not in told.stderr
    assert content(copied) == undisturbed


def test_what_the_grader_failed_on_is_graded_again_in_the_same_run_and_in_the_next(
    undisturbed, quick, handed_in, tmp_path, monkeypatch
):
    tries = []

    def run(sheet, seed, settings):
        if "# 7" in sheet.answers.get("tiny.shout", ""):
            tries.append(seed)
            raise RuntimeError("no memory")
        return standin.run(sheet, seed, settings)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "run", run)
        grade = standin.tiny_course(tmp_path / "solutions")
        summary = grade(handed_in, tmp_path / "report", settings=Settings(seed="5"), progress=False)
    assert (len(tries), summary.failures, summary.problems) == (2, 1, 1)
    assert "Run the same command again for 1" in str(summary)
    failed = json.loads((tmp_path / "report" / "grades.json").read_text("utf-8"))[7]
    assert failed["file"] == "learner07.ipynb"
    assert failed["problem"].startswith("The grader itself failed")
    summary, asked = quick(handed_in, tmp_path / "report")
    assert (summary.failures, asked) == (0, 1)
    assert content(tmp_path / "report") == undisturbed


def test_what_is_damaged_in_the_store_is_graded_again(undisturbed, quick, handed_in, tmp_path):
    quick(handed_in, tmp_path / "report")
    entries = sorted((tmp_path / "report" / ".grading").glob("?" * 64 + ".json"))
    for path in entries[::3]:
        path.write_bytes(path.read_bytes()[:100])
    _, asked = quick(handed_in, tmp_path / "report")
    assert 9 <= asked <= len(entries[::3])  # of a damaged proof nobody asks where there is nothing left to do
    assert content(tmp_path / "report") == undisturbed


def test_a_file_that_is_saved_anew_meanwhile_is_graded_as_it_is_then(quick, handed_in, tmp_path, monkeypatch):
    saved = handed_in / "learner20.ipynb"

    def run(sheet, seed, settings):
        saved.write_bytes(as_bytes(answered(**RIGHT)))
        return standin.run(sheet, seed, settings)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "run", run)
        grade = standin.tiny_course(tmp_path / "solutions")
        grade(handed_in, tmp_path / "report", settings=Settings(seed="5"), progress=False, workers=1)
    rows = json.loads((tmp_path / "report" / "grades.json").read_text("utf-8"))
    assert [row["points"] for row in rows[18:23]] == [5, 7, 7, 7, 5]


def test_a_full_temporary_folder_is_no_learners_fault(quick, handed_in, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "ROOM", 2**62)
    summary, _ = quick(handed_in, tmp_path / "report")
    assert summary.failures == 30
    assert "There is no room left in" in (tmp_path / "report" / "grades.json").read_text("utf-8")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_class(quick, tmp_path, monkeypatch):
    """Of each file more, its path and its key may stay while the others are graded, and no marks."""
    peaks = {}
    monkeypatch.setattr(store.os, "fsync", lambda _: None)
    monkeypatch.setattr(report, "write", lambda *_, **__: SimpleNamespace(entries=()))
    for count in (100, 500):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.ipynb").write_bytes(as_bytes(answered(**RIGHT | {"shout": f"# {number}"})))
        tracemalloc.start()
        quick(folder, tmp_path / f"report{count}")
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[500] - peaks[100] < 400 * 2_000


@pytest.mark.slow
def test_a_real_grading_whose_grader_and_sandbox_are_killed(solutions, handed_in, tmp_path):
    for path in sorted(handed_in.iterdir())[6:]:
        path.unlink()
    whole, report_to = tmp_path / "undisturbed", tmp_path / "report"
    assert finish(command("real", solutions, handed_in, whole)).returncode == 0
    with begun(command("real", solutions, handed_in, report_to), report_to, 2) as process:
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    psutil.wait_procs(family, timeout=20)
    assert not [child for child in family if child.is_running()]
    assert not content(report_to)
    with begun(command("real", solutions, handed_in, report_to), report_to, 4) as process:
        for child in psutil.Process(process.pid).children():
            child.kill()
        said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert content(report_to) == content(whole)
