import json
from pathlib import Path

import pytest

from course_support import authoring, notebooks
from course_support.authoring import AuthoringError
from tests.test_notebooks import ANSWER, code, ids, markdown, notebook, result, stream

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))


def solutions(answer=ANSWER):
    return notebook(
        markdown("title", "# Maths: exercises"),
        code("setup", "import maths", count=1),
        markdown("task-maths-double", "## 1. Double"),
        code("answer-maths-double", answer, count=2),
        code("check-maths-double", "maths.double.check(double)", [result(text__plain="passed")], 3),
    )


def lesson(*closing):
    return notebook(
        markdown("title", "# 1. Maths"),
        code("try", "1 + 1", [result(text__plain="2", text__html="<b>2</b>")], 12),
        markdown("exercises", "## Your turn"),
        *closing,
        markdown("summary", "## Summary"),
    )


@pytest.fixture
def course(tmp_path):
    for folder, name, document in [
        ("solutions", "01_maths_solutions", solutions()),
        ("notebooks", "01_maths", lesson(code("old"))),
        ("notebooks", "00_start", notebook(markdown("title", "# Start"))),
    ]:
        write(tmp_path / folder / f"{name}.ipynb", document)
    return tmp_path


def write(path, document):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document), "utf-8")


def read(path):
    return json.loads(path.read_text("utf-8"))


def test_exercises_are_the_solutions_without_answers_and_never_run(course):
    authoring.build(course)
    made = read(course / "exercises" / "01_maths_exercises.ipynb")
    assert ids(made["cells"]) == ids(solutions()["cells"])
    assert notebooks.source(notebooks.cell_of(made, "answer-maths-double")) == notebooks.stripped(ANSWER)
    assert not any(cell["outputs"] or cell["execution_count"] for cell in made["cells"] if cell["cell_type"] == "code")
    assert "twice = x" not in (course / "exercises" / "01_maths_exercises.ipynb").read_text("utf-8")


def test_answer_cells_cannot_be_deleted_by_mistake(course):
    authoring.build(course)
    made = read(course / "exercises" / "01_maths_exercises.ipynb")
    assert notebooks.cell_of(made, "answer-maths-double")["metadata"] == {"deletable": False}


def test_lesson_gets_the_same_cells_as_its_closing_section(course):
    authoring.build(course)
    made = read(course / "notebooks" / "01_maths.ipynb")
    exercises = read(course / "exercises" / "01_maths_exercises.ipynb")
    assert ids(made["cells"])[:3] == ["title", "try", "exercises"]
    assert notebooks.section(made, "exercises", "summary") == exercises["cells"][1:]


def test_solutions_and_lessons_are_normalised(course):
    authoring.build(course)
    tried = notebooks.cell_of(read(course / "notebooks" / "01_maths.ipynb"), "try")
    assert tried["execution_count"] == 1
    assert list(tried["outputs"][0]["data"]) == ["text/plain"]
    kept = notebooks.cell_of(read(course / "solutions" / "01_maths_solutions.ipynb"), "answer-maths-double")
    assert notebooks.source(kept) == ANSWER


def test_build_says_what_changed_and_the_second_build_changes_nothing(course):
    changed = [
        "notebooks/00_start.ipynb",
        "solutions/01_maths_solutions.ipynb",
        "exercises/01_maths_exercises.ipynb",
        "notebooks/01_maths.ipynb",
    ]
    assert authoring.build(course, check=True) == changed
    assert not (course / "exercises").exists()
    assert authoring.build(course) == changed
    assert authoring.build(course) == authoring.build(course, check=True) == []


def test_an_edit_of_a_derived_notebook_is_seen_and_undone(course):
    authoring.build(course)
    path = course / "exercises" / "01_maths_exercises.ipynb"
    pristine = path.read_bytes()
    path.write_bytes(pristine.replace(b"Double", b"Triple"))
    assert authoring.build(course, check=True) == ["exercises/01_maths_exercises.ipynb"]
    authoring.build(course)
    assert path.read_bytes() == pristine


def test_solutions_stand_without_a_lesson(course):
    (course / "notebooks" / "01_maths.ipynb").unlink()
    assert "exercises/01_maths_exercises.ipynb" in authoring.build(course)


def test_run_stores_the_outputs_and_leaves_the_exercises_unrun(course):
    solved = solutions()
    solved["cells"][1]["source"] = "maths = print"
    solved["cells"][4]["source"] = "print(double(21))  # maths.double.check("
    write(course / "solutions" / "01_maths_solutions.ipynb", json.loads(notebooks.dumps(solved)))
    write(course / "notebooks" / "01_maths.ipynb", lesson(code("stub", "raise NotImplementedError")))
    authoring.build(course, run=())
    made = read(course / "solutions" / "01_maths_solutions.ipynb")
    assert notebooks.cell_of(made, "check-maths-double")["outputs"] == [stream(["42\n"])]
    taught = read(course / "notebooks" / "01_maths.ipynb")
    assert notebooks.cell_of(taught, "try")["outputs"][0]["data"] == {"text/plain": ["2"]}
    assert notebooks.cell_of(taught, "check-maths-double")["outputs"] == []


def test_a_cell_that_fails_stops_the_run(course):
    write(course / "notebooks" / "00_start.ipynb", notebook(markdown("title", "# Start"), code("bad", "1 / 0")))
    with pytest.raises(authoring.AuthoringError, match=r"00_start.ipynb: a cell fails with ZeroDivisionError"):
        authoring.build(course, run=())


def test_only_the_lessons_named_are_run(course):
    write(course / "notebooks" / "02_start.ipynb", notebook(markdown("title", "# Start"), code("good", "1 + 1")))
    authoring.build(course, run=["02_start"])  # the solutions of the other import what there is not
    made = read(course / "notebooks" / "02_start.ipynb")
    assert notebooks.cell_of(made, "good")["outputs"][0]["data"] == {"text/plain": ["2"]}
    with pytest.raises(authoring.AuthoringError, match="no lesson '02_maths' to run: take one of 00_start, 01_maths,"):
        authoring.build(course, run=["02_start", "02_maths"])


def problems(document):
    return " | ".join(authoring.solution_problems(document))


def without(document, *names):
    return notebooks.with_cells(document, [cell for cell in document["cells"] if cell["id"] not in names])


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (without(solutions(), "task-maths-double"), "must be three cells in a row"),
        (without(solutions(), "check-maths-double"), "must be three cells in a row"),
        (without(solutions(), "answer-maths-double"), "cells without an answer cell: task-maths-double, check-maths"),
        (without(solutions(), "setup"), "its first two cells must be"),
        (solutions("def double(x):\n    return 2 * x"), "has no solution block"),
        (solutions(ANSWER.replace("### END SOLUTION", "")), "has no '### END SOLUTION'"),
        (solutions(ANSWER.replace("(x)", "(x")), "without its solution"),
        (notebooks.with_sources(solutions(), {"check-maths-double": "double(2)"}), r"must call maths.double.check(…)"),
        (notebooks.with_cells(solutions(), [*solutions()["cells"], markdown("setup")]), "'setup' names 2 cells"),
    ],
)
def test_solutions_that_nobody_could_grade_are_refused(document, problem):
    assert problem in problems(document)


def test_solutions_in_order_have_no_problems():
    assert problems(solutions()) == ""


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (notebook(markdown("exercises"), markdown("summary")), "one heading of the first level, and has 0"),
        (notebook(markdown("a", "# A\n# B"), markdown("exercises"), markdown("summary")), "and has 2"),
        (without(lesson(), "exercises"), "its closing section needs"),
        (without(lesson(), "summary"), "its closing section needs"),
        (lesson(code("try")), "'try' names 2 cells"),
    ],
)
def test_lessons_that_cannot_be_built_are_refused(document, problem):
    assert problem in " | ".join(authoring.lesson_problems(document, has_exercises=True))


def test_problems_name_the_file_and_nothing_is_written(course):
    write(course / "solutions" / "01_maths_solutions.ipynb", solutions("def double(x): pass"))
    before = (course / "notebooks" / "00_start.ipynb").read_bytes()
    with pytest.raises(AuthoringError, match=r"^solutions/01_maths_solutions\.ipynb: .*no solution block\.$"):
        authoring.build(course)
    assert (course / "notebooks" / "00_start.ipynb").read_bytes() == before


def test_what_is_not_a_notebook_is_named(course):
    (course / "notebooks" / "00_start.ipynb").write_text("{")
    with pytest.raises(AuthoringError, match=r"00_start\.ipynb is not a notebook"):
        authoring.build(course)


def test_the_repository_has_solutions():
    assert SOLUTIONS


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_the_committed_exercises_are_those_of_the_solutions(solution):
    solved = notebooks.normalised(read(solution))
    exercises = ROOT / "exercises" / solution.name.replace("solutions", "exercises")
    assert exercises.read_text("utf-8") == notebooks.dumps(authoring.exercises(solved))


def test_the_committed_notebooks_are_up_to_date():
    assert authoring.build(ROOT, check=True) == [], "run `course build` and commit what it changes"
