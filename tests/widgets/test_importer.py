"""The importer against the CRM itself: sheets, groups, progress, faults, cancelling, and a service in trouble."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends.batch import app
from course_support.backends.quota import Quota
from course_support.server import Server
from course_support.sheets import Row, read
from course_support.widgets import importer as module
from course_support.widgets.importer import Importer, importer
from course_support.widgets.importer_client import Import

DATA = Path(__file__).parents[2] / "notebooks" / "data"


@pytest.fixture(autouse=True)
def beside_a_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA.parent)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(app(1)) as server:
        yield server


@pytest.fixture
def form(server: Server) -> Iterator[Importer]:
    form = importer(server)
    yield form
    form.close()
    form.join(30)


def plain(html: str) -> str:
    without_style = re.sub("<style>.*?</style>", "", html, flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", without_style))).strip()


def press(form: Importer, name: str) -> None:
    (button,) = [it for it in (form.import_button, form.cancel_button, *form.shipped) if it.description == name]
    assert not button.disabled
    button.click()


def imported(form: Importer) -> str:
    press(form, "Import")
    form.join(30)
    return plain(form.said.value)


def many(count: int) -> bytes:
    return ("name,email\n" + "".join(f"Ada {n},ada{n}@sea.example\n" for n in range(count))).encode()


def total(server: Server) -> int:
    fields = {"Authorization": f"Bearer {server.credentials['importer']}"}
    return int(requests.get(f"{server.url}/api/v1/contacts", headers=fields, timeout=10).json()["total"])


@pytest.mark.parametrize(("size", "taken"), [(100, "3 requests"), (1000, "1 request")])
def test_imports_the_sheet_that_the_course_ships(form: Importer, server: Server, size: int, taken: str) -> None:
    press(form, "contacts.csv")
    assert plain(form.preview.value).startswith(
        "contacts.csv: 247 rows, the first 3 of them line name email company 2 M"
    )
    assert "0 of 247 rows" in form.progress.value
    form.size.value = str(size)
    assert imported(form) == f"Imported 247 rows in {taken}: 238 created, 9 skipped, 0 faulty."
    assert '<progress aria-label="Rows imported" max="247" value="247"' in form.progress.value
    assert "247 of 247 rows" in form.progress.value
    assert total(server) == 278
    assert form.faults.value == ""


def test_both_kinds_of_file_are_imported_alike(form: Importer) -> None:
    chosen = {"name": "contacts.xlsx", "content": memoryview((DATA / "contacts.xlsx").read_bytes())}
    form.upload.value = (chosen | {"type": "", "size": 0, "last_modified": datetime.now(UTC)},)
    assert "238 created, 9 skipped" in imported(form)


def test_faulty_rows_are_told_by_their_line_in_the_sheet(form: Importer) -> None:
    press(form, "contacts_with_faults.csv")
    form.size.value = "7"  # the index of an error counts from the start of its group
    form.skip.value = False
    said = imported(form)
    assert form.work
    faults = form.work.counts.faults
    assert len(faults) == 8
    assert said == "Imported 60 rows in 9 requests: 52 created, 0 skipped, 2 refused as known, 6 faulty."
    sheet = {row.line: row for row in read("a.csv", (DATA / "contacts_with_faults.csv").read_bytes())}
    assert {fault.line for fault in faults if fault.code == "missing_name"} == {
        line for line, row in sheet.items() if not row["name"].strip()
    }
    table = plain(form.faults.value)
    assert all(f"{fault.line} {fault.code} {fault.message}" in table for fault in faults)


def test_every_group_is_a_job_with_a_key_of_its_own(form: Importer, server: Server) -> None:
    form.load("a.csv", many(25))
    form.size.value = "10"
    imported(form)
    posts = [e.request for e in server.traffic if e.request.method == "POST"]
    assert [len(post.json()["contacts"]) for post in posts] == [10, 10, 5]
    assert {post.fields.get("Prefer") for post in posts} == {"respond-async"}
    assert len({post.fields.get("Idempotency-Key") for post in posts}) == 3
    assert [e.request.path.endswith("/progress") for e in server.traffic if e.request.method == "GET"] == [True] * 3


def test_a_sheet_that_cannot_be_read_is_refused_with_the_reason(form: Importer) -> None:
    press(form, "contacts.csv")
    form.load("<b>.csv", b"name,mail\n")
    assert plain(form.said.value) == "<b>.csv has no column email: its columns are name and mail; rename mail to email."
    assert 'role="alert"' in form.said.value
    assert "<b>" not in form.said.value
    assert (form.rows, form.import_button.disabled, form.python.value) == ([], True, "")
    form.start()
    assert not form.running


def test_what_a_sheet_holds_is_shown_as_text(form: Importer) -> None:
    form.load("<i>.csv", b"name,email,<u>\n<b>Ada</b>,ada@sea.example,x\n")
    assert "<b>Ada" not in form.preview.value
    assert "<u>" not in form.preview.value
    assert "<i>" not in form.preview.value + form.said.value


def test_cancelling_stops_after_the_present_group(form: Importer, server: Server) -> None:
    state = server.app.state  # type: ignore[attr-defined]
    state.pace = 60.0
    press(form, "contacts.csv")  # as the form is at the beginning
    reached, pulse = threading.Event(), form._show
    form._show = lambda: (pulse(), reached.set() if form.work and form.work.counts.processed else None)  # type: ignore
    form._pulse._work = form._show
    press(form, "Import")
    assert reached.wait(30)
    assert form.import_button.disabled
    press(form, "Cancel")
    form.join(30)
    assert plain(form.said.value) == (
        "Cancelled after 100 of 247 rows, which stay as they are: 96 created, 4 skipped, 0 faulty."
    )
    assert "100 of 247 rows" in form.progress.value
    assert total(server) == 136
    assert [e.status for e in server.traffic if e.request.method == "DELETE"] == [202]
    assert (form.import_button.disabled, form.cancel_button.disabled) == (False, True)


def rows(count: int) -> list[Row]:
    return read("a.csv", many(count))


def ended(server: Server, count: int, size: int = 10, **options: Any) -> Import:
    work = Import(server.url, server.credentials["importer"], rows(count), size, options, lambda: None)
    work.run()
    return work


def test_a_quota_is_kept_to(server: Server) -> None:
    server.app.state.quota = Quota(2, 3)  # type: ignore[attr-defined]
    work = ended(server, 20)
    assert (work.status, work.counts.created) == ("succeeded", 20)
    assert server.traffic.statuses[429] >= 1


def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key(server: Server) -> None:
    server.faults.drop_next(when="after")
    work = ended(server, 10)
    assert (work.status, work.counts.created) == ("succeeded", 10)
    first, second = [e.request.fields.get("Idempotency-Key") for e in server.traffic if e.request.method == "POST"]
    assert first == second
    assert total(server) == 50


def test_progress_that_breaks_off_is_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: requests.Response) -> Iterator[bytes]:
        yield b'{"processed":0,"total":10,"created":0,"skipped":0,"errors":0}'
        raise requests.exceptions.ChunkedEncodingError

    monkeypatch.setattr(requests.Response, "iter_lines", broken)
    work = ended(server, 10)
    assert (work.status, work.counts.created) == ("succeeded", 10)
    assert not server.traffic[-1].request.path.endswith("/progress")


def test_a_service_that_answers_at_once_is_as_good(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    send = requests.Session.request

    def without_preference(session: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        options.get("headers", {}).pop("Prefer", None)
        return send(session, method, url, **options)

    monkeypatch.setattr(requests.Session, "request", without_preference)
    work = ended(server, 25)
    assert (work.status, work.counts.created, work.counts.requests) == ("succeeded", 25, 3)


def test_says_where_the_service_broke_off(server: Server) -> None:
    server.app.state.jobs.break_after = 4  # type: ignore[attr-defined]
    work = ended(server, 20)
    assert work.status == "failed"
    assert work.reason.startswith("The import broke off after line 5 of the sheet: Send the rest again")
    assert (work.counts.created, total(server)) == (4, 44)


def test_says_what_the_service_refuses(form: Importer, server: Server) -> None:
    server.app.state.most = 20  # type: ignore[attr-defined]
    form.load("a.csv", many(30))
    said = imported(form)
    assert said.startswith("Lines 2 to 31 were refused with 413: Send at most 20 items in one request")
    assert said.endswith("Until then, of 30 rows: 0 created, 0 skipped, 0 faulty.")
    assert 'role="alert"' in form.said.value


def test_says_that_the_service_is_closed(server: Server) -> None:
    server.close()
    assert ended(server, 5).reason == f"Nothing answers at {server.url}: run the cell that starts the backend."


@pytest.mark.parametrize(("status", "content"), [(200, "[]"), (200, "<p>"), (202, "{}")])
def test_a_service_of_another_kind_is_told(status: int, content: str) -> None:
    async def answer(request: Request) -> Response:
        return Response(content, status, media_type="application/json")

    other = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])
    other.state.name, other.state.credentials = "Another service", {}
    with Server(other) as server:
        form = importer(server)
        form.load_file(DATA / "contacts.csv")
        assert "is not the CRM of this lesson: give the importer its backend." in imported(form)
        assert not form.import_button.disabled


def test_the_same_in_python_does_the_same(form: Importer, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    press(form, "contacts.csv")
    form.size.value, form.skip.value = "100", False
    shown = re.search("<pre>(.*)</pre>", form.python.value, re.S)
    assert shown
    exec(unescape(shown[1]), {"requests": requests, "backend": server})
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["created"] for line in told if line.get("status") == "succeeded"] == [96, 97, 45]
    assert total(server) == 278


def test_the_same_in_python_says_where_a_file_of_one_s_own_has_to_be(form: Importer) -> None:
    form.load("it's.csv", many(1))
    assert 'Path("it\'s.csv").read_bytes())  # your file, beside the notebook' in unescape(form.python.value)
    press(form, "contacts.csv")
    assert "your file" not in form.python.value


@pytest.mark.parametrize("text", ["0", "-3", "20000", "", "1.5", "many", "²", "9" * 5000], ids=range(8))
def test_a_number_of_rows_that_cannot_be_is_told_and_not_replaced(form: Importer, text: str) -> None:
    press(form, "contacts.csv")
    form.size.value = text
    assert plain(form.said.value) == "Rows in each request has to be a whole number from 1 to 10,000."
    assert (form.size.value, form.import_button.disabled, form.python.value) == (text, True, "")
    form.start()
    assert not form.running
    form.size.value = " 10000 "
    assert plain(form.said.value) == "contacts.csv can be imported: press Import."
    assert "rows[start:start + 10000]" in form.python.value
    assert "in 1 request: 238 created" in imported(form)


def test_columns_that_the_crm_does_not_know_are_left_out_and_told_before(form: Importer) -> None:
    form.load("a.csv", b"name,phone,email,<b>\nAda,1,ada@sea.example,\n")
    assert plain(form.said.value) == (
        "a.csv can be imported: press Import. phone and <b> are left out: the CRM has name, email and company."
    )
    assert "phone" not in form.preview.value
    assert imported(form) == "Imported 1 row in 1 request: 1 created, 0 skipped, 0 faulty."
    form.load("a.csv", b"name,phone,email\nAda,1,ada@sea.example\n")
    assert "phone is left out" in form.said.value
    assert "0 of 1 row<" in form.progress.value


def test_there_is_nothing_to_show_before_a_sheet_is_chosen(form: Importer) -> None:
    assert (form.preview.value, form.progress.value, form.faults.value, form.python.value) == ("", "", "", "")
    assert "Choose a CSV or XLSX file" in form.said.value


def test_without_the_course_s_sheets_there_are_no_buttons_for_them(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert importer(server).shipped == []
    (tmp_path / "exercises").mkdir()
    monkeypatch.chdir(DATA.parents[1] / "exercises")
    assert [button.description for button in importer(server).shipped] == list(module.SHIPPED)


def test_its_text_is_stable(form: Importer) -> None:
    text = f"Importer for {form.server.url}: use requests.post(…, json={{'contacts': …}}) from Python"
    assert form._repr_mimebundle_()["text/plain"] == text
