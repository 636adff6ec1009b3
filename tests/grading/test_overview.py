from dataclasses import replace

import pytest

from course_support.grading import overview
from course_support.grading.score import Mark, Row
from course_support.grading.standing import standing


def graded(*rows):
    return list(zip(rows, standing(rows, {"09_tiny": 4}).entries, strict=True))


def row(learner, points, reason="", outcome=None):
    mark = Mark("tiny.shout", "Shout", points, 4, outcome or ("passed" if points else "wrong"), reason)
    return Row(f"{learner}.ipynb", learner, "d", "09_tiny", marks=(mark,))


def test_points_are_spread_over_bins_of_ten_per_cent_and_one_for_all():
    rows = graded(row("a", 0), row("b", 1), row("c", 3), row("d", 4), row("e", 4), Row("f", "f", "", problem="No."))
    (spread,) = overview.spreads((entry for _, entry in rows), ["09_tiny", "01_rest"])
    assert spread.counts == (1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2)
    assert (spread.learners, spread.middle, spread.of) == (5, 3, 4)


def test_only_files_that_count_are_counted(reference):
    rows = graded(row("a", 4), replace(row("a", 0, "No."), file="a again.ipynb"), row("b", 0, "No."))
    (went,) = overview.exercises(rows, reference.items)
    assert (went.passed, went.learners, went.diagnoses) == (1, 2, (("No.", 1),))


def test_the_most_frequent_diagnoses_come_first_and_the_rest_is_counted(reference):
    reasons = ["a", "b", "b", "c", "d", "e", "f", "g"]
    rows = graded(
        *(row(f"l{number}", 0, reason) for number, reason in enumerate(reasons)), row("z", 0, "", "not attempted")
    )
    (went,) = overview.exercises(rows, reference.items)
    assert went.diagnoses == (("b", 2), ("a", 1), ("c", 1), ("d", 1), ("e", 1))
    assert went.more == 2
    assert went.outcomes == {"wrong": 8, "not attempted": 1}


def test_diagnoses_that_differ_in_what_was_drawn_are_one(reference):
    rows = graded(
        row("a", 0, "You asked 3 times."), row("b", 0, "You asked 12 times."), row("c", 0, "You asked 3 times.")
    )
    assert overview.exercises(rows, reference.items)[0].diagnoses == (("You asked … times.", 3),)
    assert overview.exercises(rows[::2], reference.items)[0].diagnoses == (("You asked 3 times.", 2),)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("The word 'owl' is missing.", "The word … is missing."),
        ("name 'a' is not “b” or \"c\".", "name … is not … or …."),
        ("It answered 404, not 201.", "It answered 404, not 201."),
        ("It waited 1.5 s and 404.5 s for 1,000.", "It waited … s and … s for …."),
        ("In the card of gd-9a5bb2.", "In the card of gd-…."),
        ("the learner's and the grader's", "the learner's and the grader's"),
    ],
)
def test_a_status_is_told_and_a_value_is_not(reason, kind):
    assert overview.kind(reason) == kind
