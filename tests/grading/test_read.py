import json

import pytest

from course_support import notebooks
from course_support.grading.folder import HandIn
from course_support.grading.read import MAX_ANSWER, MAX_CELLS, MAX_PARTS, read
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes


@pytest.fixture
def reading(reference):
    def reading(content, path="alice.ipynb"):
        data = content if isinstance(content, bytes) else as_bytes(content)
        return read(HandIn(path, "alice", data), [reference])

    return reading


def changed(document, change):
    return notebooks.with_cells(document, [new for cell in document["cells"] for new in change(cell)])


def without_ids(document):
    return changed(document, lambda cell: [{key: value for key, value in cell.items() if key != "id"}])


def test_answers_are_found_by_id_whatever_the_file_is_called(reading):
    found = reading(answered(**RIGHT), "homework final (2).ipynb")
    assert (found.lesson, found.problem, found.notes) == ("09_tiny", "", {})
    assert found.answers == {f"tiny.{name}": source for name, source in RIGHT.items()}


def test_equal_content_has_an_equal_digest_and_other_content_another(reading):
    first, second = answered(**RIGHT), answered(double="def double(x): return x")
    assert reading(first).digest == reading(first, "other.ipynb").digest != reading(second).digest


def test_a_mark_for_byte_order_does_no_harm(reading):
    text = json.dumps(answered(**RIGHT))
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert len(reading(text.encode(encoding)).answers) == 4


def test_lines_and_joined_sources_are_the_same(reading):
    document = answered(**RIGHT)
    assert reading(notebooks.dumps(document).encode()).answers == reading(document).answers


@pytest.mark.parametrize(
    ("data", "path", "problem"),
    [
        (b"", "a.ipynb", "The file is empty: nothing of it arrived."),
        (b" \n", "a.ipynb", "The file is empty"),
        (b"\0" * 9, "a.ipynb", "The file is empty"),
        (b"My answers are good.", "a.txt", "It is not a notebook: hand in the file that ends in .ipynb."),
        (b"PK\x03\x04\xff\xfe", "a.docx", "It is not a notebook: hand in the file that ends in .ipynb."),
        (b"{'a': 1, 2}", "a.ipynb", "The notebook is damaged: line 1 is not JSON."),
        (b"\n<html></html>", "a.ipynb", "It is a web page"),
        (as_bytes(answered(**RIGHT))[:900], "a.ipynb", "The notebook is damaged: it ends too early."),
        (as_bytes(answered(**RIGHT))[:-1], "a.ipynb", "The notebook is damaged: it ends too early."),
        ('{"cells": "é"}'.encode("latin-1"), "a.ipynb", "The notebook's text is not UTF-8"),
        (b"[" * 100_000, "a.ipynb", "The notebook is damaged: no program could have saved this."),
        (
            b'{"cells": [], "x": [' + b"[]," * MAX_PARTS + b"[]]}",
            "a.ipynb",
            "The notebook is damaged: no program could",
        ),
        (b'{"cells": [' + b"9" * 100_000 + b"]}", "a.ipynb", "The notebook is damaged: no program could have"),
        (b"[]", "a.ipynb", "It is not a notebook: it has no cells."),
        (b"{}", "a.ipynb", "It is not a notebook: it has no cells."),
        (b"null", "a.ipynb", "It is not a notebook: it has no cells."),
        (b'{"cells": 3}', "a.ipynb", "It is not a notebook: it has no cells."),
        (b'{"worksheets": [3]}', "a.ipynb", "It is not a notebook: it has no cells."),
        (b'{"worksheets": [{"cells": 3}, {"cells": null}, {}]}', "a.ipynb", "It is not a notebook: it has no cells."),
        (b'{"cells": []}', "a.ipynb", "No answer cell of this course is in it"),
        (b'{"cells": [null, 3, {}, {"cell_type": "code", "source": {"a": 1}}]}', "a.ipynb", "No answer cell of this"),
        (as_bytes({"cells": [{}] * (MAX_CELLS + 1)}), "a.ipynb", "It has more than 5,000 cells"),
    ],
)
def test_what_cannot_be_graded_says_why(reading, data, path, problem):
    found = reading(data, path)
    assert found.problem.startswith(problem)
    assert found.answers == {}


def test_a_file_that_could_not_be_read_keeps_its_reason(reference):
    assert read(HandIn("a", "a", problem="It is a link."), [reference]).problem == "It is a link."


def test_a_notebook_without_ids_is_read_by_what_its_cells_define(reading):
    found = reading(without_ids(answered(**RIGHT)) | {"nbformat_minor": 4})
    assert found.answers == {f"tiny.{name}": source for name, source in RIGHT.items()}
    assert found.notes["tiny.double"] == "It was found in another cell, by what it defines."


def test_a_notebook_of_format_3_is_read(reading):
    cells = [{"cell_type": "code", "input": source.splitlines(True), "language": "python"} for source in RIGHT.values()]
    found = reading({"worksheets": [{"cells": cells}], "nbformat": 3})
    assert found.answers == {f"tiny.{name}": source for name, source in RIGHT.items()}


def test_a_missing_cell_is_missing_and_the_others_stay(reading):
    found = reading(changed(answered(**RIGHT), lambda cell: [] if cell["id"] == "answer-tiny-shout" else [cell]))
    assert sorted(found.answers) == ["tiny.again", "tiny.double", "tiny.fetch"]
    assert found.notes == {"tiny.shout": "Its cell is missing."}


def test_of_cells_with_one_id_the_last_that_is_no_stub_counts(reading):
    def copies(cell):
        sources = ["def double(x): return 1", "def double(x): return 2", stub]
        return [{**cell, "source": s} for s in sources] if cell["id"] == "answer-tiny-double" else [cell]

    stub = notebooks.stripped(tiny.ANSWERS["double"])
    found = reading(changed(answered(**RIGHT), copies))
    assert found.answers["tiny.double"] == "def double(x): return 2"
    assert found.notes == {"tiny.double": "Its cell is there more than once: the last one counts."}


def test_an_answer_in_a_new_cell_counts_where_the_place_for_it_was_left_as_it_was(reading):
    document = answered(fetch=RIGHT["fetch"])
    document["cells"].append(tiny.code("mine", RIGHT["double"]))
    found = reading(document)
    assert found.answers["tiny.double"] == RIGHT["double"]
    assert found.notes == {"tiny.double": "It was found in another cell, by what it defines."}


def test_an_answer_in_its_place_counts_before_any_other(reading):
    document = answered(**RIGHT)
    document["cells"].append(tiny.code("mine", "def double(x): return 'a try'"))
    assert reading(document).answers["tiny.double"] == RIGHT["double"]


def test_a_cell_that_was_made_text_is_no_answer(reading):
    document = changed(
        answered(**RIGHT), lambda c: [c | {"cell_type": "markdown"} if c["id"] == "answer-tiny-double" else c]
    )
    assert reading(document).notes == {"tiny.double": "Its cell is missing."}


def test_an_answer_without_end_is_refused_alone(reading):
    found = reading(answered(**RIGHT | {"double": "#" * MAX_ANSWER + "\n"}))
    assert found.notes == {"tiny.double": "The answer is longer than 100,000 characters: shorten it."}
    assert len(found.answers) == 3


def test_an_empty_cell_is_no_answer(reading):
    found = reading(answered(**RIGHT | {"double": " \n"}))
    assert "tiny.double" not in found.answers
    assert found.notes == {"tiny.double": "Its cell is empty."}


@pytest.mark.parametrize("odd", [None, 7, 1.5, [], {}, ["answer-tiny-double"], {"answer-tiny-double": 1}, "x" * 10**6])
def test_an_odd_id_is_none(reading, odd):
    document = answered(**RIGHT)
    for cell in document["cells"]:
        cell["id"] = odd
    assert reading(document).answers == reading(without_ids(document)).answers


def test_an_id_in_the_metadata_is_one(reading):
    document = changed(without_ids(answered(double=RIGHT["double"])), lambda cell: [cell])
    for cell, whole in zip(document["cells"], answered()["cells"], strict=True):
        cell["metadata"] = {"id": whole["id"]}
    assert reading(document).answers["tiny.double"] == RIGHT["double"]
    assert reading(document).notes == {}


def test_half_a_character_becomes_a_whole_one(reading):
    found = reading(b'{"cells": [{"cell_type": "code", "id": "answer-tiny-double", "source": "x = \'\\ud800\'"}]}')
    assert found.answers["tiny.double"] == "x = '?'"


def test_names_that_other_cells_define_are_known(reading):
    document = answered(**RIGHT)
    document["cells"].append(tiny.code("mine", "import json\ndef helper(): pass"))
    assert {"helper", "json"} <= reading(document).elsewhere
    assert "double" not in reading(document).elsewhere
