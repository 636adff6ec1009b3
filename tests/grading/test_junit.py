from lxml import etree

from course_support.grading.junit import junit
from course_support.grading.score import Mark, Row
from course_support.grading.standing import standing

FORBIDDEN = "\0\x1b\ufffe\ud800]]><&"
MARKS = (
    Mark("rest.a", "A", 1, 1, "passed"),
    Mark("rest.b", "B", 0, 1, "wrong", f"No {FORBIDDEN}", "1", "2", "Look.", "GET /"),
    Mark("rest.c", "C", 0, 1, "crashed", "It stopped."),
    Mark("rest.d", "D", 0, 1, "lost", "It ended the kernel."),
    Mark("rest.e", "E", 0, 1, "not attempted"),
)
ROWS = [
    Row("a.ipynb", "ada", "d1", "01_rest", marks=MARKS, isolation="sandbox", answers={"rest.a": "secret"}),
    Row(f"b{FORBIDDEN}", "bob", "", problem="It is not a notebook."),
]


def suites():
    entries = standing(ROWS, {"01_rest": 5}).entries
    text = "".join(junit(zip(ROWS, entries, strict=True), "s7"))
    assert "secret" not in text
    return etree.fromstring(text.encode())


def test_each_file_is_a_suite_with_its_counts_and_properties():
    first, second = suites()
    assert {name: first.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "id")} == {
        "name": "a.ipynb", "tests": "5", "failures": "1", "errors": "2", "skipped": "1", "id": "0",
    }  # fmt: skip
    properties = {property.get("name"): property.get("value") for property in first.iter("property")}
    assert properties == {
        "learner": "ada", "lesson": "01_rest", "points": "1", "of": "5", "counts": "yes", "seed": "d1",
        "run seed": "s7", "isolation": "sandbox",
    }  # fmt: skip
    assert (second.get("tests"), second.get("errors"), second.find("testcase/error").get("message")) == (
        "1",
        "1",
        "It is not a notebook.",
    )


def test_each_exercise_is_a_case_of_its_kind():
    cases = suites()[0].findall("testcase")
    assert [(case.get("name"), [part.tag for part in case]) for case in cases] == [
        ("rest.a", []),
        ("rest.b", ["failure"]),
        ("rest.c", ["error"]),
        ("rest.d", ["error"]),
        ("rest.e", ["skipped"]),
    ]
    assert cases[1][0].get("message") == "No ����]]><&"
    assert cases[1][0].text == "expected: 1\nseen: 2\nnext: Look.\nGET /"


def test_it_has_the_shape_that_the_strictest_schema_asks_for():
    for suite in suites():
        assert {"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "time"} < set(
            suite.keys()
        )
        tags = [part.tag for part in suite]
        assert tags == ["properties", *["testcase"] * int(suite.get("tests")), "system-out", "system-err"]
        for case in suite.iter("testcase"):
            assert set(case.keys()) == {"name", "classname", "time"}
            assert all(part.get("type") for part in case)
