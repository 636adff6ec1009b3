"""The importer in the page: a file that a learner chooses, progress that moves, cancelling, and faulty rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .harness import LabPage
from .jupyter import PROJECT
from .test_looks import NAMELESS

DATA = PROJECT / "notebooks" / "data"
START = """
import os
import course_support as course
from course_support.backends.batch import app
os.chdir("../notebooks")
backend = course.serve(app(1))
importer = course.importer(backend)
importer
"""


def opened(lab: LabPage, name: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, START))
    lab.run_all()
    assert lab.errors == []
    form = lab.cell_output(0).locator(".course-form")
    expect(form.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    return form


def choose(lab: LabPage, form: Locator, *paths: Path) -> None:
    with lab.page.expect_file_chooser() as chooser:
        form.get_by_role("button", name="Choose a sheet", exact=True).click()
    chooser.value.set_files(paths)


def press(form: Locator, name: str) -> None:
    form.get_by_role("button", name=name, exact=True).click()


def many(folder: Path, count: int) -> Path:
    path = folder / "many.csv"
    lines = [f"Ada {number},ada{number}@sea.example,Sea" for number in range(count)]
    path.write_text("\n".join(["name,email,company", *lines]), "utf-8")
    return path


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.xlsx"])
def test_a_chosen_file_is_imported(lab: LabPage, name: str) -> None:
    form = opened(lab, f"importer_{name[-3:]}")
    choose(lab, form, DATA / name)
    expect(form.get_by_role("table", name="247 rows").locator("tbody tr")).to_have_count(3)
    press(form, "Import")
    expect(form.get_by_role("status")).to_have_text("Imported 247 rows in 1 request: 238 created, 9 skipped, 0 faulty.")
    bar = form.get_by_role("progressbar", name="Rows imported")
    expect(bar).to_have_js_property("value", 247)
    expect(form).to_contain_text("247 of 247 rows")
    expect(form.get_by_role("button", name="Choose a sheet", exact=True)).to_be_enabled()
    assert lab.execute("print({e.status for e in backend.traffic})") == "{200, 202}\n"


def test_a_number_of_rows_that_cannot_be_is_told_at_once(lab: LabPage) -> None:
    form = opened(lab, "importer_rows")
    press(form, "contacts.csv")
    rows, button = form.get_by_label("Rows in each request"), form.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_enabled()
    for text in ("1.5", ""):
        rows.fill(text)
        expect(form.get_by_role("alert")).to_have_text(
            "Rows in each request has to be a whole number from 1 to 10,000."
        )
        expect(rows).to_have_value(text)
        expect(button).to_be_disabled()
    rows.fill("100")
    expect(button).to_be_enabled()
    button.click()
    expect(form.get_by_role("status")).to_contain_text("Imported 247 rows in 3 requests")


def test_an_import_that_is_long_is_followed_and_cancelled(lab: LabPage, tmp_path: Path) -> None:
    form = opened(lab, "importer_cancel")
    lab.execute("backend.app.state.pace = 60")
    choose(lab, form, many(tmp_path, 2000))
    press(form, "Import")
    expect(form).to_contain_text("100 of 2,000 rows")
    expect(form.get_by_role("progressbar")).to_have_js_property("value", 100)
    assert lab.execute("print(6 * 7)") == "42\n"  # the kernel is free meanwhile
    press(form, "Cancel")
    expect(form.get_by_role("status")).to_contain_text("Cancelled after 100 of 2,000 rows")
    expect(form.get_by_role("button", name="Import", exact=True)).to_be_enabled()
    assert lab.execute("print([e.status for e in backend.traffic if e.request.method == 'DELETE'])") == "[202]\n"


def test_a_bad_file_gets_a_sentence_and_a_faulty_row_its_line(lab: LabPage, tmp_path: Path) -> None:
    form = opened(lab, "importer_faults")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("name,email\nJürgen,j@sea.example\n".encode("latin-1"))
    choose(lab, form, latin)
    expect(form.get_by_role("alert")).to_contain_text("latin.csv is not UTF-8 (see line 2)")
    expect(form.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    press(form, "contacts_with_faults.csv")
    expect(form.get_by_role("button", name="Import", exact=True)).to_be_enabled()
    press(form, "Import")
    expect(form.get_by_role("status")).to_contain_text("Imported 60 rows in 1 request")
    rows = form.get_by_role("table", name="Rows that were not imported").locator("tbody tr")
    assert str(rows.count()) == lab.execute("print(len(importer.work.counts.faults))").strip()
    expect(rows.first).to_contain_text("missing_name")


def test_every_control_is_reached_by_tab(lab: LabPage) -> None:
    form = opened(lab, "importer_tab")
    press(form, "contacts.csv")
    buttons = [form.get_by_role("button", name=name) for name in ("Choose a sheet", "contacts.csv", "contacts_with")]
    controls = [
        *buttons,
        form.get_by_label("Rows in each request"),
        form.get_by_label("Skip known addresses"),
        form.get_by_role("button", name="Import", exact=True),
    ]
    expect(controls[-1]).to_be_enabled()
    controls[0].focus()
    for control in controls:
        expect(control).to_be_focused()
        lab.page.keyboard.press("Tab")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_fits_and_stays_where_it_is(lab: LabPage, tmp_path: Path, theme: str) -> None:
    form = opened(lab, f"importer_{theme}")
    lab.theme(theme)
    button = form.get_by_role("button", name="Import", exact=True)
    before = button.bounding_box()
    press(form, "contacts_with_faults.csv")
    expect(button).to_be_enabled()
    form.get_by_label("Skip known addresses").uncheck()
    assert button.bounding_box() == before
    press(form, "Import")
    expect(form.get_by_role("table", name="Rows that were not imported")).to_be_visible()
    assert button.bounding_box() == before
    assert lab.faint_text(form) == []
    assert form.evaluate(NAMELESS) == []
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    lab.screenshot(f"importer-{theme}", form)
    lab.page.set_viewport_size({"width": 900, "height": 1800})
    lab.screenshot(f"importer-narrow-{theme}", form)
    assert form.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
