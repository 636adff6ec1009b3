from pathlib import PurePosixPath

import pytest

from course_support.grading import roster
from course_support.grading.errors import GradingError

PEOPLE = """id,name,email,login
1000001,Ada Lovelace,ada@uni.example,al17
1000002,Alan Turing,alan@uni.example,at3
1000003,José Núñez,jose@uni.example,jn
1000004,Ann,ann@uni.example,ann
1000005,Ann Lee,lee@uni.example,alee
"""


@pytest.fixture
def write(tmp_path):
    def write(data):
        path = tmp_path / "class.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


@pytest.fixture
def people(write):
    return roster.read(write(PEOPLE))


def of(people, path, fallback="somebody"):
    return people.learner_of(PurePosixPath(path), fallback, ["01_rest"])


@pytest.mark.parametrize(
    "data",
    [
        PEOPLE,
        "\ufeff" + PEOPLE,
        PEOPLE.replace(",", ";"),
        PEOPLE.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
        PEOPLE.encode("cp1252"),
        "sep=;\n" + PEOPLE.replace(",", ";"),
        PEOPLE.replace("id,name,email,login", "Matrikel-Nr.,Vollständiger Name,E-Mail-Adresse,Anmeldename"),
        PEOPLE.replace("id,name,email,login", "ID-Nummer,Name,E-Mail,Benutzername").replace(",", ";"),
        PEOPLE.replace("id,name,email,login", "ID number,Full name,E-Mail,User name"),
        "\n" + PEOPLE.replace("\n", "\n\n,,,\n"),
    ],
)
def test_a_list_is_read_as_spreadsheets_and_platforms_save_it(write, data):
    found = roster.read(write(data)).people
    assert [person.id for person in found] == ["1000001", "1000002", "1000003", "1000004", "1000005"]
    assert found[2] == roster.Person("1000003", "José Núñez", "jose@uni.example", "jn")


def test_columns_stand_in_any_order_and_first_and_last_names_are_one_name(write):
    (person,) = roster.read(write('Surname;E-mail address;First name;Group\n"Lovelace";a@b;Ada;3\n')).people
    assert person == roster.Person(name="Ada Lovelace", email="a@b", section="3")


def test_the_gradebook_that_canvas_exports_is_a_roster(write):
    found = roster.read(
        write(
            "Student,ID,SIS User ID,SIS Login ID,Section,01_rest (7)\n    Points Possible,,,,,10\n"
            '"Lovelace, Ada",17,s1,ada,A,3\n"Student, Test",99,,x,A,\n'
        )
    )
    assert found.canvas
    assert found.people == (roster.Person("17", "Lovelace, Ada", "", "ada", "s1", "A"),)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04...", "is not a CSV file: save the list as CSV"),
        (b"id\0name", "is not a CSV file"),
        (b"", "has no header: its first line must name columns"),
        ("1,Ada\n2,Alan\n", "has no header"),
        ("id,name\n", "names nobody"),
        ("id,name\n1,Ada\n2,Alan\n1,Bob\n", "has id 1 twice, in line 2 and in line 4"),
        ("login,name\nada,A\nADA,B\n", "has login ADA twice"),
        ("name\nAda\nAda\n", "has Ada 2 times: give each of them an id"),
        ('id,name\n1,"Ada\n2,Bob\n', "cannot be read from line 3 on"),
    ],
)
def test_what_is_no_roster_says_what_to_do(write, data, said):
    with pytest.raises(GradingError, match=said):
        roster.read(write(data))


def test_a_roster_that_is_not_there_says_so(tmp_path):
    with pytest.raises(GradingError, match="cannot be read: No such file"):
        roster.read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("path", "learner"),
    [
        ("1000001/x.ipynb", "Ada Lovelace"),
        ("submitted/al17/01_rest/x.ipynb", "Ada Lovelace"),
        ("ada@uni.example/x.ipynb", "Ada Lovelace"),
        ("Ada Lovelace_77_assignsubmission_file/x.ipynb", "Ada Lovelace"),
        ("lovelaceada_LATE_9_8_x.ipynb", "Ada Lovelace"),
        ("01_rest_lovelace-ada_final.ipynb", "Ada Lovelace"),
        ("1000002_01_rest.ipynb", "Alan Turing"),
        ("01_rest_exercises_at3.ipynb", "Alan Turing"),
        ("Jose Nunez/x.ipynb", "José Núñez"),
        ("rest ann lee.ipynb", "Ann Lee"),
        ("rest ann.ipynb", "Ann"),
    ],
)
def test_a_file_is_found_by_id_login_email_or_name(people, path, learner):
    match = of(people, path)
    assert (match.learner, match.person.name, match.by_file) == (learner, learner, False)


@pytest.mark.parametrize(
    "path", ["bob/x.ipynb", "01_rest_exercises.ipynb", "exercise 3.ipynb", "Bob_1000001_assignsubmission_file/x"]
)
def test_who_is_in_no_line_is_nobody(people, path):
    assert of(people, path) == roster.Match("somebody (not in the roster)")


def test_where_two_fit_neither_is_taken(people):
    match = of(people, "al17 and alan turing.ipynb")
    assert match.person is None
    assert (match.learner, [person.id for person in match.candidates]) == (
        "somebody (unclear who)",
        ["1000001", "1000002"],
    )


def test_namesakes_are_told_apart_by_the_id_alone(write):
    found = roster.read(write("id,name\n1000001,Ada Lovelace\n1000002,Ada Lovelace\n"))
    assert of(found, "Ada Lovelace/x.ipynb").person is None
    assert of(found, "Ada Lovelace 1000002.ipynb").learner == "Ada Lovelace (1000002)"


def test_the_folder_decides_before_the_file_in_it(people):
    assert of(people, "al17/turing_alan.ipynb").learner == "Ada Lovelace"
    match = of(people, "downloads/turing_alan.ipynb")
    assert (match.learner, match.by_file) == ("Alan Turing", True)


def test_canvas_numbers_count_only_where_they_are_canvas_own(write):
    lines = "17,Ada Lovelace\n18,Ada Lovelace\n19,Alan Turing\n"
    own = roster.read(write("ID,Student,SIS Login ID\n" + lines.replace("\n", ",\n")))
    assert of(own, "lovelaceada_18_5_x.ipynb").learner == "Ada Lovelace (18)"
    assert of(own, "renamed_19_5_x.ipynb").learner == "Alan Turing"
    assert of(roster.read(write("id,name\n" + lines)), "renamed_19_5_x.ipynb").person is None
