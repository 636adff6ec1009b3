import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest

from course_support import grading
from course_support.grading import pipeline
from course_support.grading.errors import GradingError
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes, shouting
from tests.grading.test_resuming import content


@pytest.mark.slow
def test_the_same_files_give_the_same_bytes_whatever_runs_the_jobs(solutions, tmp_path):
    folder = tmp_path / "handed_in"
    folder.mkdir()
    seen = "import requests\ndef shout(text):\n    return str(object())"
    asked = "import requests\ndef fetch(url):\n    return requests.get(url + '/number').text"
    (folder / "a.ipynb").write_bytes(as_bytes(answered(**RIGHT | {"shout": seen, "fetch": asked})))
    (folder / "b.ipynb").write_bytes(shouting("import os\nos._exit(0)"))
    reports = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        for name, executor in [("threads", None), ("processes", processes)]:
            kinds = {"solutions": solutions, "settings": replace(tiny.SETTINGS, seed="5"), "executor": executor}
            grading.grade_folder(folder, tmp_path / name, **kinds)
            reports.append(content(tmp_path / name))
    assert reports[0] == reports[1]
    assert b"http://127.0.0.1:54321/number" in reports[0]["grades.json"]


@pytest.mark.slow
def test_a_course_whose_own_solutions_fail_grades_nobody(solutions, tmp_path):
    path = solutions / "09_tiny_solutions.ipynb"
    path.write_text(path.read_text("utf-8").replace("return 2 * x", "return 3 * x"), "utf-8")
    (tmp_path / "handed_in").mkdir()
    (tmp_path / "handed_in" / "a.ipynb").write_bytes(as_bytes(answered(**RIGHT)))
    with pytest.raises(GradingError, match=r"do not pass on this machine: tiny\.double"):
        grading.grade_folder(tmp_path / "handed_in", tmp_path / "report", solutions=solutions, settings=tiny.SETTINGS)
    assert not content(tmp_path / "report")


@pytest.mark.slow
def test_a_failure_of_the_grader_itself_is_a_row_and_the_batch_goes_on(solutions, tmp_path, monkeypatch):
    def run(sheet, seed, settings):
        if "boom" in sheet.answers["tiny.shout"]:
            raise RuntimeError("no disk")
        return real(sheet, seed, settings)

    real = pipeline.run
    monkeypatch.setattr(pipeline, "run", run)
    (tmp_path / "handed_in").mkdir()
    (tmp_path / "handed_in" / "a.ipynb").write_bytes(shouting("boom"))
    (tmp_path / "handed_in" / "b.ipynb").write_bytes(as_bytes(answered(**RIGHT)))
    summary = grading.grade_folder(tmp_path / "handed_in", tmp_path, solutions=solutions, settings=tiny.SETTINGS)
    broken, whole = json.loads((tmp_path / "grades.json").read_text("utf-8"))
    assert (summary.problems, whole["points"]) == (1, 7)
    assert broken["problem"].startswith("The grader itself failed")
