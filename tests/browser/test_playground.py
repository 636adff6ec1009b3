"""The request playground in the page: every control, its errors in one sentence, and where its traffic shows."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .cells import BACKEND
from .harness import LabPage

SHOW = """
from course_support.widgets.playground import playground
from course_support.widgets.traffic import traffic
display(traffic(backend))
controls = playground(backend, path="/api/v1/playlists")
controls
"""


def opened(lab: LabPage, name: str, *cells: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, BACKEND, SHOW, *cells))
    lab.run_cell(0)
    lab.run_cell(1)
    form = lab.cell_output(1).locator(".course-form")
    expect(form.get_by_role("button", name="Send")).to_be_visible()
    return form


def test_sends_and_shows_the_exchange_here_and_in_the_traffic(lab: LabPage) -> None:
    form = opened(lab, "playground_get")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("401 Unauthorized")
    form.get_by_label("Credentials").select_option("ada")
    expect(form).to_contain_text("credentials='ada'")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("Workout Mix")
    assert "ada-secret" not in form.inner_text()
    expect(lab.cell_output(1).get_by_role("grid").locator("tbody tr")).to_have_count(2)
    assert lab.execute("print([e.status for e in backend.traffic])") == "[401, 200]\n"
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"playground-{theme}", form)


def test_puts_a_body_with_its_headers(lab: LabPage) -> None:
    form = opened(lab, "playground_put")
    form.get_by_label("Method").select_option("PUT")
    form.get_by_label("Path").fill("/api/v1/playlists/123")
    form.get_by_label("Headers").fill("Content-Type: application/json\nX-Note: hello")
    form.get_by_label("Body").fill('{"name": "Road Trip Hits"}')
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("200 OK")
    sent = lab.execute("r = backend.last.request; print(r.method, r.target, r.fields.get('X-Note'), r.json())")
    assert sent == "PUT /api/v1/playlists/123 hello {'name': 'Road Trip Hits'}\n"
    expect(form).to_contain_text("course.send(backend, 'PUT', '/api/v1/playlists/123'")


def test_every_control_is_reached_by_tab(lab: LabPage) -> None:
    form = opened(lab, "playground_tab")
    form.get_by_label("Method").focus()
    for label in ("Path", "Credentials", "Headers", "Body"):
        lab.page.keyboard.press("Tab")
        expect(form.get_by_label(label)).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Send")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(form.locator(".api-view")).to_contain_text("401 Unauthorized")


def test_letters_choose_a_method_and_never_reach_the_notebook(lab: LabPage) -> None:
    form = opened(lab, "playground_letters")
    form.get_by_label("Method").focus()
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    expect(form.get_by_label("Method")).to_have_value("DELETE")
    form.get_by_role("button", name="Send").focus()
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 2


def test_says_in_a_sentence_what_cannot_be_sent(lab: LabPage) -> None:
    form = opened(lab, "playground_errors")
    form.get_by_label("Headers").fill("Accept application/json")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_contain_text("Line 1 of the headers is not of the form “Name: value”")
    form.get_by_label("Headers").fill("")
    form.get_by_label("Path").fill("playlists")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_have_text("A path starts with “/”: write /playlists instead of playlists.")
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"playground-error-{theme}", form)


def test_python_call_beside_it_updates_the_page(lab: LabPage) -> None:
    form = opened(lab, "playground_python", "controls.path.value = '/nowhere'\ncontrols.send()")
    lab.run_cell(2)
    expect(form.locator(".api-view")).to_contain_text("404 Not Found")
