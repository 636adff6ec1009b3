import json

import nbformat
import pytest

from course_support import notebooks
from course_support.notebooks import NotebookError


def markdown(cell_id, text=""):
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": text}


def code(cell_id, text="", outputs=(), count=None):
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "source": text,
        "outputs": list(outputs),
        "execution_count": count,
    }


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def result(count=9, **data):
    bundle = {key.replace("__", "/"): value for key, value in data.items()}
    return {"output_type": "execute_result", "execution_count": count, "metadata": {"a": 1}, "data": bundle}


def notebook(*cells):
    return {"cells": list(cells), "metadata": notebooks.METADATA, "nbformat": 4, "nbformat_minor": 5}


def ids(cells):
    return [cell["id"] for cell in cells]


ANSWER = '''def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    twice = x + x
    return twice
    ### END SOLUTION
'''


def test_text_is_byte_for_byte_what_jupyter_writes():
    document = notebook(
        markdown("title", "# Prüfung\n\n– “quoted” \u2028 two"),
        code(
            "run",
            "print('ä')\nx",
            [stream("ä\nb\n"), result(text__plain="1\n2", application__json={"b": [1], "a": 2})],
            1,
        ),
        code("empty", ""),
    )
    assert notebooks.dumps(document) == nbformat.writes(nbformat.from_dict(document)) + "\n"


def test_text_is_the_same_whether_lines_were_split_or_not():
    document = notebook(markdown("title", "a\nb"), code("run", "c\nd", [result(text__plain="1\n2")], 1))
    text = notebooks.dumps(document)
    assert json.loads(text)["cells"][0]["source"] == ["a\n", "b"]
    assert notebooks.dumps(json.loads(text)) == text


def test_cell_is_found_by_id():
    document = notebook(markdown("a"), code("b", "x"))
    assert notebooks.source(notebooks.cell_of(document, "b")) == "x"
    with pytest.raises(NotebookError, match="no cell with the id 'c'"):
        notebooks.cell_of(document, "c")


def test_source_joins_lines():
    assert notebooks.source({"source": ["a\n", "b"]}) == "a\nb"
    assert notebooks.source({}) == ""


def test_stripped_keeps_signature_and_docstring_and_leaves_a_stub():
    assert notebooks.stripped(ANSWER) == (
        'def double(x):\n    """Return twice x."""\n    raise NotImplementedError  # replace this line with your code'
    )


def test_stripped_takes_every_block_and_keeps_what_is_around():
    text = "### BEGIN SOLUTION\na\n### END SOLUTION\nb = 1\nif b:\n    ### BEGIN SOLUTION\n    c\n    ### END SOLUTION"
    assert notebooks.stripped(text) == f"{notebooks.STUB}\nb = 1\nif b:\n    {notebooks.STUB}"


@pytest.mark.parametrize(
    "text",
    [
        "### BEGIN SOLUTION\nx",
        "x\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\nx\n### END SOLUTION",
        "### BEGIN SOLUTION\nx\n### END SOLUTION\n### END SOLUTION",
    ],
)
def test_stripped_refuses_a_block_that_could_leak_an_answer(text):
    with pytest.raises(NotebookError):
        notebooks.stripped(text)


def test_sources_are_substituted_by_id_and_the_original_stays():
    document = notebook(code("a", "1"), code("b", "2"))
    changed = notebooks.with_sources(document, {"b": "3", "unknown": "4"})
    assert [cell["source"] for cell in changed["cells"]] == ["1", "3"]
    assert [cell["source"] for cell in document["cells"]] == ["1", "2"]


def test_section_is_replaced_between_its_bounds():
    document = notebook(markdown("a"), markdown("open"), markdown("old"), markdown("close"), markdown("z"))
    assert ids(notebooks.section(document, "open", "close")) == ["old"]
    changed = notebooks.with_section(document, "open", "close", [code("new"), code("newer")])
    assert ids(changed["cells"]) == ["a", "open", "new", "newer", "close", "z"]
    assert ids(document["cells"]) == ["a", "open", "old", "close", "z"]


def test_section_needs_its_bounds_in_order():
    with pytest.raises(NotebookError, match="must come after"):
        notebooks.with_section(notebook(markdown("close"), markdown("open")), "open", "close", [])


def test_normalised_keeps_what_a_reader_sees():
    cell = code(
        "run", "x", [result(text__plain="1", text__html="<b>1</b>", text__markdown="*1*", image__png="iVBO")], 31
    )
    cell["metadata"] = {"tags": ["raises-exception"], "execution": {"a": "time"}, "trusted": True}
    document = notebooks.normalised(notebook(cell) | {"nbformat_minor": 4, "metadata": {"widgets": {"big": 1}}})
    (kept,) = document["cells"]
    assert kept["outputs"] == [
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/plain": "1", "text/markdown": "*1*"},
        }
    ]
    assert kept["metadata"] == {"tags": ["raises-exception"]}
    assert (document["metadata"], document["nbformat_minor"]) == (notebooks.METADATA, 5)


def test_normalised_drops_outputs_that_no_text_stands_for():
    document = notebook(code("run", "x", [{**result(image__png="iVBO"), "output_type": "display_data"}], 1))
    assert notebooks.normalised(document)["cells"][0]["outputs"] == []


def test_normalised_numbers_what_has_been_run_by_its_place():
    document = notebook(code("a", count=7), markdown("m"), code("b"), code("c", outputs=[stream("x")]))
    counts = [cell.get("execution_count") for cell in notebooks.normalised(document)["cells"]]
    assert counts == [1, None, None, 3]


def test_normalised_joins_streams_that_the_kernel_happened_to_flush_apart():
    outputs = [stream("a"), stream(["b\n", "c"]), stream("d", "stderr"), stream("e")]
    kept = notebooks.normalised(notebook(code("run", "x", outputs, 1)))["cells"][0]["outputs"]
    assert [(output["name"], output["text"]) for output in kept] == [
        ("stdout", "ab\nc"),
        ("stderr", "d"),
        ("stdout", "e"),
    ]


def test_normalised_forgets_ports_and_tracebacks():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["/home/somebody/x.py"]}
    outputs = [stream("http://127.0.0.1:40123/x"), error]
    kept = notebooks.normalised(notebook(code("run", "x", outputs, 1)))["cells"][0]["outputs"]
    assert kept == [stream("http://127.0.0.1:54321/x"), {**error, "traceback": []}]


def test_normalised_twice_is_normalised_once():
    document = notebook(markdown("t", ["a\n", "b"]), code("run", ["x"], [result(text__plain=["1\n", "2"])], 4))
    once = notebooks.normalised(document)
    assert notebooks.normalised(json.loads(notebooks.dumps(once))) == once
    nbformat.validate(nbformat.from_dict(json.loads(notebooks.dumps(once))))


def test_unrun_forgets_outputs():
    assert notebooks.unrun(code("a", "x", [stream("1")], 3)) == code("a", "x")
    assert notebooks.unrun(markdown("m", "x")) == markdown("m", "x")
