"""Every exercise against its stub, its solution, other right answers and wrong ones, as a learner would check them."""

from __future__ import annotations

import random

import pytest

from course_support.exercises import all_exercises
from tests.exercises import solutions
from tests.exercises.answers import ANSWERS, Answers, Wrong
from tests.exercises.answers.answer import Function
from tests.exercises.conftest import Examine

NAMES = list(all_exercises())
SEEDS = range(3)
RIGHT = [pytest.param(name, right, id=f"{name}-{right.__name__}") for name in ANSWERS for right in ANSWERS[name].rights]
WRONG = [
    pytest.param(name, wrong, id=f"{name}-{wrong.answer.__name__}")
    for name in ANSWERS
    for wrong in ANSWERS[name].wrongs
]


@pytest.mark.parametrize("name", NAMES)
class TestAuthor:
    """What an author must not forget."""

    def test_has_two_other_answers_right_and_three_wrong(self, name: str) -> None:
        answers = ANSWERS.get(name, Answers(name))
        assert answers.rights, "write a right answer of another structure than the solution"
        assert len({wrong.cause for wrong in answers.wrongs}) >= 3, "write three wrong answers with their diagnoses"

    def test_has_points_and_hints(self, name: str) -> None:
        exercise = all_exercises()[name]
        assert exercise.name == name
        assert exercise.title
        assert exercise.points >= 1
        assert len(exercise.hints) >= 2
        assert len(set(exercise.hints)) == len(exercise.hints)

    def test_has_its_three_cells_in_the_solutions(self, name: str) -> None:
        short, key = name.partition(".")[2], name.replace(".", "-")
        assert solutions.cells()[f"task-{key}"]["cell_type"] == "markdown"
        assert f"def {short}(" in solutions.source(f"answer-{key}")
        assert solutions.source(f"check-{key}") == f"{name}.check({short})"

    def test_draws_other_values_for_each_seed(self, name: str) -> None:
        drawn = [all_exercises()[name].scenes(random.Random(seed))[0] for seed in range(8)]
        assert len({repr((scene.arguments, scene.expected)) for scene in drawn}) > 2  # a method is drawn from four


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_not_attempted(name: str, examine: Examine) -> None:
    feedback = examine(name, solutions.stub(name))
    assert feedback.verdict.outcome == "not attempted"
    assert feedback.points == 0
    assert feedback.text.startswith(f"○ {name} not attempted yet (0 of {all_exercises()[name].points} point")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_the_solution_passes(name: str, seed: int, examine: Examine) -> None:
    feedback = examine(name, solutions.solution(name), seed)
    assert feedback.verdict.passed, feedback.text
    assert feedback.points == feedback.of == all_exercises()[name].points


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_another_right_answer_passes(name: str, answer: Function, seed: int, examine: Examine) -> None:
    feedback = examine(name, answer, seed)
    assert feedback.verdict.passed, feedback.text


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_wrong_answer_is_diagnosed(name: str, wrong: Wrong, examine: Examine) -> None:
    feedback = examine(name, wrong.answer)
    verdict = feedback.verdict
    assert verdict.outcome == wrong.outcome, feedback.text
    assert feedback.points == 0
    assert wrong.cause in verdict.cause, feedback.text
    assert verdict.next_step, feedback.text
    assert wrong.step in verdict.next_step, feedback.text
    assert verdict.outcome == "not attempted" or (verdict.expected and verdict.seen), feedback.text
    if wrong.shows is None:
        assert verdict.exchange is None, feedback.text
    else:
        assert verdict.exchange, feedback.text
        assert wrong.shows(verdict.exchange), feedback.text


@pytest.mark.parametrize("name", NAMES)
def test_each_wrong_answer_has_a_diagnosis_of_its_own(name: str, examine: Examine) -> None:
    causes = {wrong.answer.__name__: examine(name, wrong.answer).verdict.cause for wrong in ANSWERS[name].wrongs}
    assert len(set(causes.values())) == len(causes), causes
    for cause in causes.values():
        assert cause.endswith((".", ".)"))
        assert cause.count(". ") == 0, f"one sentence: {cause}"
