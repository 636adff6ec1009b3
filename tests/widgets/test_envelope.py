"""The envelope explorer without a page: its controls set from Python, and `send` as its button."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

from course_support.backends.envelope import findings
from course_support.backends.soap import app
from course_support.exercises.soap import repairing
from course_support.server import Server
from course_support.widgets.envelope import MOST, SHORTHAND, EnvelopeExplorer, envelope_explorer, findings_html

LESSON = Path(__file__).parents[2] / "notebooks/02_soap.ipynb"


@pytest.fixture
def hospital() -> Iterator[Server]:
    with Server(app(1)) as server:
        yield server


@pytest.fixture
def explorer(hospital: Server) -> EnvelopeExplorer:
    return envelope_explorer(hospital)


def mend(explorer: EnvelopeExplorer) -> None:
    for button in explorer.buttons[1:]:
        button.click()


def test_finds_what_is_wrong_as_the_function_does(explorer: EnvelopeExplorer) -> None:
    assert explorer.findings == findings(SHORTHAND.encode())
    assert explorer.envelope.rejected == [3, 4, 5, 6, 11, 12, 13]
    assert "7 findings" in explorer.found.value
    explorer.envelope.value = explorer.envelope.value.replace("12345", "<b/>")
    assert "PatientID" in explorer.found.value


def test_the_buttons_mend_one_thing_at_a_time(explorer: EnvelopeExplorer) -> None:
    start_over, security, request = explorer.buttons
    security.click()
    assert explorer.envelope.rejected == [11, 12, 13]
    request.click()
    assert (explorer.findings, explorer.envelope.rejected) == ([], [])
    assert "Nothing is wrong" in explorer.found.value
    request.click()  # a second time there is nothing to mend
    assert explorer.findings == []
    start_over.click()
    assert explorer.envelope.value == SHORTHAND


@pytest.mark.parametrize("version", [0, 1])
def test_sends_it_as_the_version_has_it(hospital: Server, explorer: EnvelopeExplorer, version: int) -> None:
    explorer.version.index = version
    exchange = explorer.send()
    assert exchange is not None
    assert exchange.status == (500, 400)[version]
    assert "secure_password" not in explorer.shown.value
    mend(explorer)
    exchange = explorer.send()
    assert exchange is not None
    assert exchange.status == 200
    assert ("text/xml", "application/soap+xml")[version] in explorer.shown.value
    explorer.version.index = 0
    assert explorer.send() is not None
    assert hospital.last.status == 200


def test_announces_the_operation_that_is_in_the_body(explorer: EnvelopeExplorer) -> None:
    mend(explorer)
    explorer.envelope.value = explorer.envelope.value.replace("GetPatientRecord", "AddAllergy").replace(
        "<IncludeMedications>true</IncludeMedications>", "<Substance>Dust</Substance><Severity>mild</Severity>"
    )
    exchange = explorer.send()
    assert exchange is not None
    assert (exchange.status, exchange.request.fields.get("SOAPAction")) == (200, '"AddAllergy"')


@pytest.mark.parametrize("version", [0, 1])
def test_the_python_beside_it_does_the_same(hospital: Server, explorer: EnvelopeExplorer, version: int) -> None:
    explorer.version.index = version
    mend(explorer)
    code = unescape(explorer.python.value.partition("<pre>")[2].partition("</pre>")[0])
    names: dict[str, Any] = {"findings": findings, "requests": requests, "backend": hospital}
    exec(code, names | {"envelope": explorer.envelope.value})
    by_hand = hospital.last.request
    exchange = explorer.send()
    assert exchange is not None
    assert (exchange.status, exchange.request.body) == (200, by_hand.body)
    for name in ("Content-Type", "SOAPAction"):
        assert exchange.request.fields.get(name) == by_hand.fields.get(name)


@pytest.mark.parametrize("text", ["", "\n\n", "<a", "<a>\n</b>", "\u2028<a/>", "]]>" * 1000])
def test_whatever_is_typed_has_its_mark_on_a_line_that_is_there(explorer: EnvelopeExplorer, text: str) -> None:
    explorer.envelope.value = text
    (line,) = explorer.envelope.rejected
    assert 1 <= line <= text.count("\n") + 1


def test_shows_what_is_typed_and_never_runs_it(explorer: EnvelopeExplorer) -> None:
    explorer.envelope.value = SHORTHAND.replace("12345", "<script>alert(1)</script>")
    assert "<script" not in explorer.found.value + explorer.python.value


def test_lists_only_so_many_findings() -> None:
    many = findings(SHORTHAND.replace("<PatientID>", "<PatientID/>" * 2 * MOST + "<PatientID>").encode())
    assert len(many) > MOST
    html = findings_html(many)
    assert html.count("<li>") == MOST + 1
    assert f"… and {len(many) - MOST} more findings" in html


def test_says_that_nothing_answers(hospital: Server, explorer: EnvelopeExplorer) -> None:
    hospital.close()
    assert explorer.send() is None
    assert 'role="alert"' in explorer.said.value


def test_its_shorthand_is_that_of_the_lesson_and_of_the_exercise() -> None:
    values = {"username": "hospital_system", "password": "secure_password", "patient": 12345, "medications": "true"}
    assert repairing.SHORTHAND.format(**values).strip() == SHORTHAND
    (cell,) = (cell for cell in json.loads(LESSON.read_text("utf-8"))["cells"] if cell["id"] == "shorthand")
    assert SHORTHAND in "".join(cell["source"])


def test_its_text_is_stable(explorer: EnvelopeExplorer) -> None:
    text = f"Envelope explorer for {explorer.server.url}: use findings(…) and requests.post(…) from Python"
    assert explorer._repr_mimebundle_()["text/plain"] == text
