import json

import pytest

from course_support import notebooks
from course_support.grading import reference as references
from course_support.grading.errors import GradingError
from tests.grading import tiny


def test_the_reference_has_setup_stubs_and_checks_with_their_lines(reference):
    ids = [cell["id"] for cell in reference.notebook["cells"]]
    assert ids[:3] == ["setup", "answer-tiny-double", "check-tiny-double"]
    assert len(ids) == 9
    assert "2 * x" not in json.dumps(reference.notebook)
    check = notebooks.cell_of(reference.notebook, "check-tiny-double")
    assert references.lines(check["outputs"]) == ["✔ tiny.double passed (1 of 1 point)"]


def test_items_know_their_exercise(reference):
    double = reference.items[0]
    assert (double.name, double.title, double.points) == ("tiny.double", "Double a number", 1)
    assert double.defines == {"double"}
    assert "NotImplementedError" in double.stub
    assert "2 * x" in double.solution


def test_a_solution_that_was_never_run_is_refused():
    unrun = tiny.solutions()
    unrun["cells"] = [notebooks.unrun(cell) for cell in unrun["cells"]]
    with pytest.raises(GradingError, match=r"tiny\.double has not been run"):
        references.reference("09_tiny", unrun, tiny.CATALOGUE)


def test_a_solution_that_failed_when_it_was_run_is_refused():
    text = json.dumps(tiny.solutions(), ensure_ascii=False).replace("✔ tiny.fetch passed", "✘ tiny.fetch not yet")
    with pytest.raises(GradingError, match=r"tiny\.fetch has not been run with success"):
        references.reference("09_tiny", json.loads(text), tiny.CATALOGUE)


def test_an_exercise_that_the_examiner_does_not_know_is_refused():
    with pytest.raises(GradingError, match=r"no exercise tiny\.double"):
        references.reference("09_tiny", tiny.solutions(), {})


def test_load_reads_the_folder(solutions, tmp_path):
    (loaded,) = references.load(solutions, tiny.CATALOGUE)
    assert (loaded.lesson, len(loaded.items)) == ("09_tiny", 4)
    with pytest.raises(GradingError, match="no solutions"):
        references.load(tmp_path, {})
