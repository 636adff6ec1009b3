"""The two editors in the page: what one types the other reads, over lines that are slow, break, and come back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, WebSocketRoute, expect

from .harness import LabPage
from .test_looks import NAMELESS

START = """
import course_support as course
from course_support.backends.editor import app
backend = course.serve(app(1))
document = backend.app.state.documents["document-123"]
"""
SAME_ID = """
import requests
name, number = document.since(0)[-1].id.rsplit("-", 1)
place = {"position": len(document.text), "content": " Grace too"}
update = {"type": "text_update", **place, "id": f"{name}-{int(number) + 1}"}
headers = {"Authorization": f"Bearer {backend.credentials['grace']}"}
requests.post(f"{backend.url}/api/v1/documents/document-123/updates", json=update, headers=headers).raise_for_status()
"""
HERE = "print([user['id'] for user in backend.app.state.rooms['document-123'].users])"
FULL = "from course_support.backends import documents; documents.LARGEST = len(document.text)"
SHOW = "course.editors(backend)"
SAME = "✔ Both show the same text."

both_base_urls = pytest.mark.parametrize("lab", ["/", "/user/ada/"], indirect=True)


class Editors:
    """The widget, by the names of those who edit."""

    def __init__(self, lab: LabPage, name: str, *cells: str) -> None:
        self.lab = lab
        lab.open_notebook(lab.write_notebook(name, START, SHOW, *cells))
        lab.run_cell(0)
        lab.run_cell(1)
        assert lab.errors == []
        self.widget = lab.cell_output(1).locator(".course-editors")
        self.await_open()

    def await_open(self) -> None:
        expect(self.widget.locator(".pill")).to_have_text(["open", "open"], timeout=15_000)

    def pane(self, name: str) -> Locator:
        return self.widget.get_by_role("region", name=f"{name}’s editor")

    def text(self, name: str) -> Locator:
        return self.pane(name).get_by_role("textbox", name=f"{name}’s editor")

    def type(self, name: str, words: str, key: str = "Control+Home") -> None:
        self.text(name).press(key)
        self.text(name).press_sequentially(words)

    def press(self, name: str, button: str) -> None:
        self.pane(name).get_by_role("button", name=button).click()

    def delay(self, name: str, seconds: int) -> None:
        self.pane(name).get_by_label("Delay").select_option(f"{seconds} s")

    @property
    def verdict(self) -> Locator:
        return self.widget.locator(".verdict")

    def read(self) -> str:
        return self.lab.execute("print(document.text, end='')")

    def agree(self) -> str:
        """Wait until both show the document's text."""
        expect(self.widget.get_by_text(re.compile("unconfirmed"))).to_have_count(0, timeout=20_000)
        expect(self.verdict).to_have_text(SAME, timeout=20_000)
        text = self.read()
        for name in ("Ada", "Grace"):
            expect(self.text(name)).to_have_value(text)
        return text


@both_base_urls
def test_what_one_types_the_other_reads(lab: LabPage) -> None:
    editors = Editors(lab, "editors_type")
    editors.type("Ada", "Dear 🎂 all: ")
    editors.type("Grace", " Grace", "Control+End")
    text = editors.agree()
    assert text.startswith("Dear 🎂 all: ")
    assert text.endswith(" Grace")
    expect(editors.pane("Grace")).to_contain_text("Also here: Ada at 12.")
    expect(editors.pane("Ada")).to_contain_text(f"Also here: Grace at {len(text)}.")
    editors.text("Grace").press("Control+Shift+Home")
    editors.text("Grace").press("Delete")
    assert editors.agree() == ""
    assert lab.execute("print({e.status for e in backend.traffic if e.messages})") == "{101}\n"


def test_a_dropped_line_comes_back_and_misses_nothing(lab: LabPage) -> None:
    editors = Editors(lab, "editors_drop")
    for name, other in (("Ada", "Grace"), ("Grace", "Ada")):
        editors.press(name, "Drop the line")
        expect(editors.pane(name).locator(".pill")).to_have_text(re.compile(r"waiting \d\.\d s"))
        expect(editors.pane(name)).to_contain_text(re.compile(r"Attempt \d is next: the line is down\."))
        expect(editors.pane(other)).to_contain_text("Also here: nobody.")
        editors.type(name, f"offline {name} ")
        editors.type(other, f" {other} meanwhile", "Control+End")
        expect(editors.verdict).to_contain_text(f"while {name}’s line is not open")
        expect(editors.pane(name)).to_contain_text(re.compile(r"\d+ edits unconfirmed"))
        editors.press(name, "Mend the line")
        expect(editors.pane(name)).to_contain_text("(resumed from ", timeout=15_000)
        text = editors.agree()
        assert text.startswith(f"offline {name} ")
        assert text.endswith(f" {other} meanwhile")


@pytest.mark.parametrize(
    "end",
    [
        "backend.app.state.rooms.close_all(1001, 'The service restarts: connect again.')",
        "backend.faults.cut()",
        "backend.faults.cut_after(1, times=2); backend.faults.cut()",
    ],
    ids=["closed", "cut", "cut twice"],
)
def test_a_line_that_ends_from_elsewhere_comes_back_too(lab: LabPage, end: str) -> None:
    editors = Editors(lab, "editors_restart")
    editors.type("Ada", "first ")
    editors.agree()
    assert lab.execute(f"_ = {end}" if ";" not in end else end) == ""
    expect(editors.widget.get_by_text(re.compile(r"\(resumed from \d+\)"))).to_have_count(2, timeout=15_000)
    editors.agree()
    editors.type("Ada", "again ")
    assert editors.agree().startswith("again first ")


CLOSE = "backend.app.state.rooms.close_user('ada', {code}, 'Mend what you send.')"


@pytest.mark.parametrize("code", [1000, 1008, 1009])
def test_a_line_that_the_service_has_closed_for_good_stays_closed(lab: LabPage, code: int) -> None:
    editors = Editors(lab, f"editors_closed_{code}")
    lab.execute(f"_ = {CLOSE.format(code=code)}")
    expect(editors.pane("Ada").locator(".pill")).to_have_text(f"closed {code}")
    expect(editors.pane("Ada")).to_contain_text("The service has closed the line: Mend what you send. “Start over”")
    editors.type("Ada", "for nobody ")
    lab.page.wait_for_timeout(1500)  # three times the first pause before it would come back
    expect(editors.pane("Ada").locator(".pill")).to_have_text(f"closed {code}")
    assert lab.execute(HERE) == "['grace']\n"
    editors.press("Ada", "Start over")
    editors.await_open()
    assert "for nobody" not in editors.agree()
    expect(editors.pane("Ada").get_by_role("button", name="Drop the line")).to_be_visible()


def test_a_refused_update_is_sent_once(lab: LabPage) -> None:
    editors = Editors(lab, "editors_refused")
    lab.execute(FULL)
    editors.type("Ada", "x")
    expect(editors.pane("Ada").locator(".pill")).to_have_text("closed 1009")
    expect(editors.pane("Ada")).to_contain_text("Remove something first: a document has at most")
    lab.page.wait_for_timeout(1500)
    assert lab.execute("print(sum(b'text_update' in m.data for e in backend.traffic for m in e.messages))") == "1\n"


def test_the_page_s_own_line_stays_closed_where_it_is_told_the_code(lab: LabPage) -> None:
    routes: list[WebSocketRoute] = []

    def pass_on(route: WebSocketRoute) -> None:
        routes.append(route)
        route.connect_to_server()

    lab.page.route_web_socket(re.compile(r"/proxy/\d+/edit/"), pass_on)
    editors = Editors(lab, "editors_closed_page")
    routes[-1].close(code=1008, reason="Mend what you send.")
    expect(editors.pane("Grace").locator(".pill")).to_have_text("closed 1008")
    expect(editors.pane("Grace")).to_contain_text("The service has closed the line: Mend what you send. “Start over”")
    lab.page.wait_for_timeout(1500)
    assert len(routes) == 1
    editors.press("Grace", "Start over")
    editors.await_open()
    editors.agree()


def test_a_silent_line_looks_open(lab: LabPage) -> None:
    editors = Editors(lab, "editors_silent")
    lab.execute("backend.faults.silent = True")
    editors.type("Ada", "hello? ")
    expect(editors.pane("Ada")).to_contain_text("edits unconfirmed")
    expect(editors.widget.locator(".pill")).to_have_text(["open", "open"])
    expect(editors.verdict).to_contain_text("while edits are on their way")
    lab.execute("backend.faults.silent = False")
    assert editors.agree().startswith("hello? ")


def test_another_user_s_update_of_the_same_id_is_taken_in(lab: LabPage) -> None:
    editors = Editors(lab, "editors_id")
    editors.type("Ada", "a")
    editors.agree()
    editors.delay("Ada", 3)
    editors.type("Ada", "b")  # is under way for 6 seconds, and its id is the one after that of the "a"
    lab.execute(SAME_ID)
    text = editors.agree()
    assert text.startswith("ba")
    assert text.endswith(" Grace too")


def test_edits_that_cross_meet(lab: LabPage) -> None:
    editors = Editors(lab, "editors_cross")
    editors.delay("Ada", 1)
    editors.delay("Grace", 1)
    editors.type("Ada", "Hello ")
    editors.type("Grace", " Bye", "Control+End")
    expect(editors.verdict).to_contain_text("while edits are on their way")
    text = editors.agree()
    assert text.startswith("Hello ")
    assert text.endswith(" Bye")
    for name in ("Ada", "Grace"):
        editors.text(name).press("Control+Home")
    editors.widget.get_by_role("button", name="Both type at once").click()
    assert editors.agree()[:10] in ("Ada Grace ", "Grace Ada ")


def test_without_the_transform_they_drift_apart(lab: LabPage) -> None:
    editors = Editors(lab, "editors_naive")
    naive = editors.widget.get_by_label("Naive: no transform")
    naive.check()
    expect(editors.widget).to_contain_text("backend.app.state.transform = False")
    editors.await_open()
    assert lab.execute("print(backend.app.state.transform)") == "False\n"
    for name in ("Ada", "Grace"):
        editors.text(name).press("Control+Home")
    editors.widget.get_by_role("button", name="Both type at once").click()
    expect(editors.verdict).to_contain_text("✖ Every edit has arrived, and the texts differ from position 0 on: ")
    expect(editors.verdict).to_contain_text("Ada reads “")
    naive.uncheck()
    editors.await_open()
    editors.agree()
    assert lab.execute("print(backend.app.state.transform)") == "True\n"


def test_running_the_cell_again_leaves_one_of_each(lab: LabPage) -> None:
    editors = Editors(lab, "editors_again")
    lab.run_cell(1)
    editors.await_open()
    editors.type("Ada", "once ")
    assert editors.agree().startswith("once ")
    lab.run_cell(0)  # another backend at the same address, with a text of its own
    lab.run_cell(1)
    editors.await_open()
    assert not editors.agree().startswith("once ")
    editors.type("Grace", "new ")
    assert editors.agree().startswith("new ")
    assert lab.execute(HERE) in (
        "['ada', 'grace']\n",
        "['grace', 'ada']\n",
    )
    assert "Two editors of document-123" in lab.outputs(1)[0]["data"]["text/plain"]


def test_every_control_is_reached_by_tab(lab: LabPage) -> None:
    editors = Editors(lab, "editors_tab")
    editors.text("Ada").focus()
    controls = [
        control
        for name in ("Ada", "Grace")
        for control in (
            editors.text(name),
            editors.pane(name).get_by_role("button"),
            editors.pane(name).get_by_label("Delay"),
        )
    ]
    controls += [editors.widget.get_by_role("button", name="Both type at once"), editors.widget.get_by_role("checkbox")]
    for control in controls:
        expect(control).to_be_focused()
        lab.page.keyboard.press("Tab")
    editors.pane("Ada").get_by_role("button").focus()
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_and_fits(lab: LabPage, theme: str) -> None:
    editors = Editors(lab, f"editors_{theme}")
    lab.theme(theme)
    editors.type("Ada", "Dear all: ")
    editors.text("Grace").press("End")
    expect(editors.pane("Ada")).to_contain_text(re.compile(r"Grace at [1-9]"))
    editors.agree()
    lab.screenshot(f"editors-{theme}", editors.widget)
    editors.press("Grace", "Drop the line")
    editors.type("Ada", "More. ")
    lab.screenshot(f"editors-down-{theme}", editors.widget)
    assert lab.faint_text(editors.widget) == []
    assert editors.widget.evaluate(NAMELESS) == []
    editors.press("Grace", "Mend the line")
    editors.agree()
    editors.widget.get_by_label("Naive: no transform").check()
    expect(editors.widget).to_contain_text("backend.app.state.transform = False")
    editors.await_open()
    editors.widget.get_by_role("button", name="Both type at once").click()
    expect(editors.verdict).to_contain_text("✖")
    assert lab.faint_text(editors.widget) == []
    lab.screenshot(f"editors-apart-{theme}", editors.widget)
    lab.page.set_viewport_size({"width": 900, "height": 1200})
    lab.screenshot(f"editors-narrow-{theme}", editors.widget)
    assert editors.widget.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
