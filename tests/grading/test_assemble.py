import json

from course_support import notebooks
from course_support.grading.assemble import Sheet, assemble
from course_support.grading.folder import HandIn
from course_support.grading.read import read
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes


def ids(document):
    return [cell["id"] for cell in document["cells"]]


def sheet(reference, **answers):
    return Sheet(reference, {f"tiny.{name}": source for name, source in answers.items()})


def test_only_answers_of_a_submission_are_in_the_sheet(reference):
    document = answered(**RIGHT)
    for cell in document["cells"]:
        cell["metadata"] = {"tags": ["nbval-skip"]}
        if cell["id"].startswith(("check", "setup")):
            cell["source"] = "print('forged')"
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "forged"}]
    document["cells"].append(tiny.code("mine", "print('forged')"))
    whole = assemble(read(HandIn("a", "a", as_bytes(document)), [reference]), reference)
    whole = whole.notebook(whole.names, whole.names)
    assert "forged" not in json.dumps(whole)
    assert "nbval-skip" not in json.dumps(whole)
    assert ids(whole) == ids(reference.notebook)
    assert notebooks.source(notebooks.cell_of(whole, "answer-tiny-double")) == RIGHT["double"]


def test_an_answer_that_is_missing_stays_a_stub(reference):
    source = notebooks.source(notebooks.cell_of(sheet(reference).notebook(["tiny.double"], []), "answer-tiny-double"))
    assert source == reference.items[0].stub


def test_a_part_keeps_the_order_of_the_whole(reference):
    part = sheet(reference, **RIGHT).notebook(["tiny.fetch", "tiny.double"], ["tiny.fetch"])
    assert ids(part) == ["setup", "answer-tiny-double", "answer-tiny-fetch", "check-tiny-fetch"]


def test_alone_is_setup_answer_and_check(reference):
    assert ids(sheet(reference, **RIGHT).alone("tiny.fetch")) == ["setup", "answer-tiny-fetch", "check-tiny-fetch"]


def test_alone_takes_along_the_answers_whose_names_it_uses(reference):
    document = sheet(
        reference,
        double="import json\ndef double(x): return helper(x)",
        shout="def helper(x): return 2 * x\ndef shout(t): ...",
        again="def again(x): return double(x)",
    ).alone("tiny.again")
    assert ids(document) == [
        "setup",
        "answer-tiny-double",
        "answer-tiny-shout",
        "answer-tiny-again",
        "check-tiny-again",
    ]
