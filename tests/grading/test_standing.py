import pytest

from course_support.grading.roster import Person, Roster
from course_support.grading.score import Mark, Row
from course_support.grading.standing import NOTHING, UNCLEAR, counting, standing

WORTH = {"01_rest": 2}
CLASS = Roster((Person("1000001", "Ada Lovelace"), Person("1000002", "Alan Turing"), Person("1000003", "Alan Turing")))


def row(file, learner="alice", lesson="01_rest", points=2):
    return Row(file, learner, "d1", lesson, marks=(Mark("rest.a", "A", points, 2, "passed" if points else "wrong"),))


def unreadable(file, learner="alice"):
    return Row(file, learner, "", problem="It is not a notebook.")


def test_of_a_learners_files_for_a_lesson_the_best_counts_and_of_equals_the_first():
    rows = [
        row("alice/exercises.ipynb", points=0),
        row("alice/lesson.ipynb"),
        row("alice/lesson again.ipynb"),
        row("alice/soap.ipynb", lesson="02_soap", points=0),
        row("bob/lesson.ipynb", "bob", points=0),
    ]
    assert counting(rows) == [False, True, False, True, True]
    (double,) = standing(rows, WORTH).findings.doubles
    assert double == ("alice", "01_rest", ("alice/lesson.ipynb", "alice/exercises.ipynb", "alice/lesson again.ipynb"))


def test_what_is_no_notebook_counts_only_where_there_is_nothing_else():
    rows = [unreadable("alice/notes.txt"), row("alice/a"), unreadable("bob/a", "bob"), unreadable("bob/b", "bob")]
    assert counting(rows) == [False, True, True, False]


def test_without_a_roster_there_is_nothing_to_say_of_who_they_are():
    class_ = standing([row("alice.ipynb"), row("bob.ipynb", "bob")], WORTH)
    assert [entry.learner for entry in class_.entries] == ["alice", "bob"]
    assert not class_.findings


def test_nobodys_file_is_dropped_and_nobody_is_forgotten():
    rows = [
        row("lovelace-ada.ipynb", "lovelace-ada"),
        row("Bob/x.ipynb", "Bob"),
        row("Alan Turing/x.ipynb", "Alan Turing"),
    ]
    class_ = standing(rows, WORTH, Roster((*CLASS.people, Person("1000004", "Joan Clarke"))))
    assert [(entry.learner, entry.file, entry.points) for entry in class_.entries] == [
        ("Ada Lovelace", "lovelace-ada.ipynb", 2),
        ("Bob (not in the roster)", "Bob/x.ipynb", 2),
        ("Alan Turing (unclear who)", "Alan Turing/x.ipynb", 2),
        ("Alan Turing (1000002)", "", 0),
        ("Alan Turing (1000003)", "", 0),
        ("Joan Clarke", "", 0),
    ]
    assert [entry.problem for entry in class_.entries[-3:]] == [UNCLEAR, UNCLEAR, NOTHING]
    assert class_.findings.absent == ("Joan Clarke",)
    assert class_.perhaps == {"Alan Turing (1000002)", "Alan Turing (1000003)"}
    assert class_.findings.unknown == ("Bob/x.ipynb",)
    assert class_.findings.unclear == (("Alan Turing/x.ipynb", ("Alan Turing (1000002)", "Alan Turing (1000003)")),)


def test_who_handed_in_one_lesson_and_not_the_other_is_told():
    rows = [row("lovelace-ada.ipynb"), row("1000002.ipynb"), row("1000002 soap.ipynb", lesson="02_soap")]
    class_ = standing(rows, WORTH | {"02_soap": 2}, CLASS)
    assert class_.findings.lacking == (("Ada Lovelace", ("02_soap",)),)


@pytest.mark.parametrize("roster", [CLASS, None])
def test_in_a_folder_of_canvas_files_the_files_are_whose_their_names_say(roster):
    names = ("lovelaceada_17_5_x.ipynb", "turingalan_LATE_18_6_x.ipynb", "turingalan_19_7_x.ipynb")
    class_ = standing([row(f"SOAP (2)/{name}", "SOAP (2)") for name in names], WORTH, roster)
    found = [entry.learner for entry in class_.entries if entry.file]
    unclear = " (unclear who)" if roster else ""
    first = "Ada Lovelace" if roster else "lovelaceada (17)"
    assert found == [first, f"turingalan (18){unclear}", f"turingalan (19){unclear}"]
    assert not class_.findings.by_file


def test_a_learners_folder_is_the_learners_whatever_the_files_in_it_are_called():
    names = ("eve/lovelaceada_17_5_x.ipynb", "eve/answers.ipynb", "bob/lovelaceada_17_5_x.ipynb")
    class_ = standing([row(name, name[:3]) for name in names], WORTH)
    assert [entry.learner for entry in class_.entries] == ["eve", "eve", "bob"]
    own = [row(f"1000002/{name}", "1000002") for name in ("lovelaceada_17_5_x.ipynb", "clarkejoan_18_6_x.ipynb")]
    assert all(entry.learner == "Alan Turing (1000002)" for entry in standing(own, WORTH, CLASS).entries[:2])


def test_two_people_of_one_name_in_one_download_are_not_made_one():
    rows = [
        row("Ada Lovelace_7_assignsubmission_file/x.ipynb", "Ada Lovelace"),
        row("Ada Lovelace_8_assignsubmission_file/x.ipynb", "Ada Lovelace"),
        row("soap/Alan Turing_7_assignsubmission_file/x.ipynb", "Alan Turing"),
        row("rest/Alan Turing_9_assignsubmission_file/x.ipynb", "Alan Turing", lesson="02_soap"),
    ]
    class_ = standing(rows, WORTH)
    assert [entry.learner for entry in class_.entries] == [
        "Ada Lovelace (7)",
        "Ada Lovelace (8)",
        "Alan Turing",
        "Alan Turing",
    ]
    assert [file for file, _ in class_.findings.namesakes] == [rows[0].file, rows[1].file]
    assert [entry.person for entry in standing(rows[:2], WORTH, CLASS).entries[:2]] == [None, None]


def test_files_whose_names_no_report_can_tell_apart_are_not_made_one():
    rows = [
        row("caf\N{REPLACEMENT CHARACTER}.ipynb", "caf"),
        row("caf\N{REPLACEMENT CHARACTER}.ipynb", "caf", points=0),
    ]
    class_ = standing(rows, WORTH)
    assert [(entry.learner, entry.counts) for entry in class_.entries] == [
        ("caf (file 1)", True),
        ("caf (file 2)", True),
    ]
    assert len(class_.findings.namesakes) == 2
