import csv

from course_support.grading import gradebooks
from course_support.grading.pipeline import OWN_FAULT
from course_support.grading.roster import Person, Roster
from course_support.grading.score import TROUBLE, Mark, Row
from course_support.grading.standing import standing

WORTH = {"01_rest": 3, "02_soap": 2}
ADA = Person("1000001", "Ada Lovelace", "ada@uni.example", "al")
ALAN = Person("1000002", "Alan Turing", "alan@uni.example", "at")
JOAN = Person("1000003", "Joan Clarke", "joan@uni.example", "jc")


def row(file, learner="Ada", lesson="01_rest", points=2, **more):
    mark = Mark("rest.a", "A", points, 3, "passed" if points else "wrong", more.pop("reason", ""))
    return Row(file, learner, "d1", lesson, marks=(mark,), **more)


def class_of(rows, *people, canvas=False):
    return standing(rows, WORTH, Roster(people, canvas) if people else None, known=WORTH)


def table(parts):
    return list(csv.reader("".join(parts).splitlines(keepends=True)))


def canvas(rows, *people, **more):
    return table(gradebooks.canvas(class_of(rows, *people, **more)))


def moodle(rows, *people):
    class_ = class_of(rows, *people)
    return table(gradebooks.moodle(class_, lambda index: rows[index]))


def test_grades_have_a_line_for_each_file_and_a_column_for_each_exercise(reference):
    rows = [row("al.ipynb"), Row("notes.txt", "bob", "", problem="It is not a notebook.")]
    class_ = class_of(rows, ADA)
    head, first, second = table(gradebooks.grades(zip(rows, class_.entries, strict=True), reference.items))
    assert head[:8] == ["learner", "id", "file", "lesson", "points", "of", "counts", "problem"]
    assert head[8:] == [item.name for item in reference.items]
    assert first[:8] == ["Ada Lovelace", "1000001", "al.ipynb", "01_rest", "2", "3", "yes", ""]
    assert second[:8] == ["bob (not in the roster)", "", "notes.txt", "", "0", "", "yes", "It is not a notebook."]


def test_no_spreadsheet_takes_a_name_for_a_formula(reference):
    rows = [Row("=cmd|'/c calc'!A1", "@sum", "", problem="＝1"), Row("+1", "\t=1", "", problem=" -1")]
    class_ = class_of(rows)
    lines = table(gradebooks.grades(zip(rows, class_.entries, strict=True), []))[1:]
    assert [(line[0], line[2], line[7]) for line in lines] == [
        ("'@sum", "'=cmd|'/c calc'!A1", "'＝1"),
        ("'\t=1", "'+1", "' -1"),
    ]
    forms = [*gradebooks.canvas(class_), *gradebooks.moodle(class_, lambda index: rows[index])]
    assert not any(cell.startswith(gradebooks.FORMULAS) for line in table(forms) for cell in line)


def test_canvas_takes_the_best_file_of_everybody_in_the_roster_and_nobody_else():
    rows = [row("al/a.ipynb", points=1), row("al/b.ipynb", points=3), row("bob.ipynb", "bob")]
    assert canvas(rows, ADA, ALAN) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_rest", "02_soap"],
        ["    Points Possible", "", "", "", "", "3", "2"],
        ["Ada Lovelace", "", "1000001", "al", "", "3", "0"],
        ["Alan Turing", "", "1000002", "at", "", "0", "0"],
    ]


def test_nobody_gets_a_zero_for_a_file_that_may_be_theirs():
    other = Person("1000004", "Alan Turing", "other@uni.example", "at4")
    rows = [row("turing alan.ipynb", "turing alan"), row("at4/x.ipynb", "at4", lesson="02_soap"), row("al.ipynb")]
    assert [line[1:] for line in canvas(rows, ADA, ALAN, other)[2:]] == [
        [*("", "1000001", "al", ""), "2", "0"],
        [*("", "1000002", "at", ""), "", ""],
        [*("", "1000004", "at4", ""), "", "2"],
    ]
    assert [line[0] for line in moodle(rows, ADA, ALAN, other)] == ["ID number", "1000001"]


def test_canvas_is_told_an_id_only_where_it_is_its_own():
    people = (Person("17", "Lovelace, Ada", "", "al", "s1", "A"),)
    assert canvas([row("lovelaceada_17_5_x.ipynb")], *people, canvas=True)[2][:5] == [
        "Lovelace, Ada",
        "17",
        "s1",
        "al",
        "A",
    ]
    named = row("lovelaceada_17_5_x.ipynb", "lovelaceada (17)")
    assert canvas([named])[2] == ["lovelaceada (17)", "17", "", "", "", "2", ""]


def test_where_the_grader_failed_no_grade_is_told():
    failed = Row("al/a.ipynb", "Ada", "", problem=f"{OWN_FAULT} It broke.")
    assert canvas([failed], ADA)[2][5:] == ["", ""]
    assert canvas([failed, row("al/b.ipynb")], ADA)[2][5:] == ["2", ""]
    assert [line[0] for line in moodle([failed, row("al/b.ipynb")], ADA, ALAN)[1:]] == ["1000002"]
    half = row("al/b.ipynb", points=0, reason=TROUBLE["not started"])
    assert canvas([half], ADA)[2][5:] == ["", "0"]
    unreadable = Row("al.ipynb", "Ada", "", problem="It is not a notebook.")
    assert canvas([unreadable], ADA)[2][5:] == ["0", "0"]


def test_moodle_has_columns_that_name_everybody_and_feedback():
    found = moodle([row("al.ipynb", points=0, reason="Not <b>so</b>."), row("bob.ipynb", "bob")], ADA, ALAN)
    titles = ["01_rest", "01_rest feedback", "02_soap", "02_soap feedback"]
    assert found == [
        ["ID number", "Username", "Email address", "Full name", *titles],
        [
            "1000001",
            "al",
            "ada@uni.example",
            "Ada Lovelace",
            "0",
            "rest.a: 0 of 3. Not &lt;b&gt;so&lt;/b&gt;.",
            "0",
            "",
        ],
        ["1000002", "at", "alan@uni.example", "Alan Turing", "0", "", "0", ""],
    ]


def test_moodle_has_no_column_that_leaves_somebody_out_or_names_two():
    people = (ADA, Person("0", "Alan", "alan@uni.example", ""), Person("3", "Joan", "alan@uni.example", "jc"))
    assert moodle([row("al.ipynb")], *people)[0][0] == "Full name"
    assert moodle([row("al.ipynb")], ADA, Person("2", "Alan"))[0][:2] == ["ID number", "Full name"]


def test_without_a_roster_moodle_maps_from_what_the_files_are_named_by():
    assert [line[:3] for line in moodle([row("a/x.ipynb", "a"), row("b/x.ipynb", "b", points=1)])[1:]] == [
        ["a", "a", "2"],
        ["b", "b", "1"],
    ]
    assert moodle([row("a@b/x.ipynb", "a@b")])[0][0] == "Email address"
