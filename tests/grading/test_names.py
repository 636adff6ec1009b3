from pathlib import PurePosixPath

import pytest

from course_support.grading import names

LESSONS = ["01_rest", "02_soap"]


@pytest.mark.parametrize(
    ("path", "learner"),
    [
        ("alice/01_rest.ipynb", "alice"),
        ("alice/work/x.ipynb", "alice"),
        ("01_rest/alice.ipynb", "alice"),
        ("submitted/alice/01_rest/01_rest.ipynb", "alice"),
        ("submitted.ipynb", "submitted"),
        ("Ada Lovelace_1234_assignsubmission_file_/x.ipynb", "Ada Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file/x.ipynb", "Ada Lovelace"),
        ("REST-1/Ada Lovelace_1234_assignsubmission_file/x.ipynb", "Ada Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file_x.ipynb", "Ada Lovelace"),
        ("lovelaceada_LATE_123_456_01_rest_exercises-1.ipynb", "lovelaceada (123)"),
        ("lovelaceada_123_456_01_rest_exercises.ipynb", "lovelaceada (123)"),
        ("anon_aB3dE_LATE_456_x.ipynb", "anon_aB3dE_LATE_456_x"),
        ("anon_LATE_aB3dE_456_x.ipynb", "anon_aB3dE"),
        ("alice.ipynb", "alice"),
        ("alice_01_rest_exercises.ipynb", "alice"),
        ("alice_01_rest_exercises (2).ipynb", "alice"),
        ("01_REST - bob.ipynb", "bob"),
        ("01_rest_exercises.ipynb", "01_rest_exercises"),
    ],
)
def test_the_learner_is_who_the_platform_named_or_the_folder_or_the_rest_of_the_files_name(path, learner):
    assert names.learner_of(PurePosixPath(path), LESSONS) == learner


@pytest.mark.parametrize("inner", ["bob_12_34_x.ipynb", "Bob_7_assignsubmission_file_x.ipynb"])
def test_a_learner_cannot_name_another_from_inside_their_folder(inner):
    assert names.learner_of(PurePosixPath("alice") / inner, LESSONS) == "alice"
    moodle = PurePosixPath("Alice A_1_assignsubmission_file") / inner
    assert names.learner_of(moodle, LESSONS) == "Alice A"


@pytest.mark.parametrize("written", ["Lovelace, Ada", "lovelaceada", "ADA LOVELACE", "Ada_Lovelace", "Ada  Lóvelace"])
def test_one_name_is_written_in_many_ways(written):
    assert names.folded(written) in names.spellings("Ada Lovelace")
