"""JavaScript in the page against the backend in the kernel, as on a laptop and as under a JupyterHub."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .cells import BACKEND
from .harness import LabPage

SHOW = "from course_support.widgets.javascript import javascript\nexample = javascript(backend, CODE)\nexample"

LIST = """
const headers = { Authorization: `Bearer ${token}` };
const response = await fetch(base + "/api/v1/playlists", { headers });
console.log(response.status, response.headers.get("Content-Type"));
return await response.json();
"""

PUT = """
const response = await fetch(base + "/api/v1/playlists/123", {
  method: "PUT",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ name: "Updated Playlist Name" }),
});
return (await response.json()).name;
"""

both_base_urls = pytest.mark.parametrize("lab", ["/", "/user/ada/"], indirect=True)


def opened(lab: LabPage, name: str, code: str, *cells: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, BACKEND, SHOW.replace("CODE", repr(code.strip())), *cells))
    lab.run_cell(0)
    lab.run_cell(1)
    expect(lab.cell_output(1).get_by_role("button", name="Run")).to_be_visible()
    return lab.cell_output(1)


def run(widget: Locator) -> Locator:
    widget.get_by_role("button", name="Run").click()
    return widget.get_by_role("log")


@both_base_urls
def test_get_with_a_token_reaches_the_backend_and_is_recorded(lab: LabPage) -> None:
    widget = opened(lab, "javascript_get", LIST)
    output = run(widget)
    expect(output).to_contain_text("200 application/json")
    expect(output).to_contain_text('"name": "Workout Mix"')
    sent = lab.execute("r = backend.last.request; print(r.method, r.target, r.fields.get('Authorization'))")
    assert sent == "GET /api/v1/playlists Bearer ada-secret\n"
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"javascript-{theme}", widget)


@both_base_urls
def test_put_needs_no_token_of_jupyter_and_is_recorded(lab: LabPage) -> None:
    expect(run(opened(lab, "javascript_put", PUT))).to_have_text("Updated Playlist Name")
    sent = lab.execute("r = backend.last.request; print(r.method, r.target, r.json())")
    assert sent == "PUT /api/v1/playlists/123 {'name': 'Updated Playlist Name'}\n"


def test_token_is_the_one_that_the_learner_chooses(lab: LabPage) -> None:
    widget = opened(lab, "javascript_token", "return token;")
    expect(run(widget)).to_have_text("ada-secret")
    widget.get_by_label("token of").select_option("eve")
    expect(run(widget)).to_have_text("eve-secret")


def test_runs_by_keyboard_and_lets_tab_go_on(lab: LabPage) -> None:
    widget = opened(lab, "javascript_keys", "return 6 * 7;")
    widget.get_by_label("JavaScript, run in this page").focus()
    lab.page.keyboard.press("Control+Enter")
    expect(widget.get_by_role("log")).to_have_text("42")
    lab.page.keyboard.press("Tab")
    expect(widget.get_by_role("button", name="Run")).to_be_focused()
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 2
    assert lab.execute("print(len(backend.traffic))") == "0\n"  # and the cell did not run again


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("const a = 1;\nreturn missing;", "Line 2: ReferenceError: missing is not defined"),
        ("const a = 1;\n\nconst b = ;", "Line 3: SyntaxError: Unexpected token ';'"),
        ("console.log(1);\nthrow new Error('mine');", "Line 2: Error: mine"),
    ],
    ids=["unknown name", "syntax", "thrown"],
)
def test_tells_an_error_with_its_line(lab: LabPage, code: str, message: str) -> None:
    output = run(opened(lab, "javascript_error", code))
    expect(output.locator(".error")).to_have_text(message)
    lab.screenshot("javascript-error", lab.cell_output(1))


def test_edited_code_runs_and_is_known_in_the_kernel(lab: LabPage) -> None:
    widget = opened(lab, "javascript_edit", "return 1;")
    widget.get_by_label("JavaScript, run in this page").fill("return 2;")
    expect(run(widget)).to_have_text("2")
    lab.page.wait_for_timeout(300)
    assert lab.execute("print(example.code)") == "return 2;\n"
    widget.get_by_role("button", name="Reset").click()
    expect(run(widget)).to_have_text("1")


def test_says_that_the_backend_dropped_the_connection(lab: LabPage) -> None:
    widget = opened(lab, "javascript_dropped", LIST, "backend.faults.drop_next()")
    lab.run_cell(2)
    expect(run(widget)).to_contain_text("the backend dropped the connection, or it is not running")
    assert lab.execute("print(backend.last.note)") == "the server dropped the connection\n"


def test_says_that_the_backend_is_closed(lab: LabPage) -> None:
    widget = opened(lab, "javascript_closed", LIST, "backend.close()")
    lab.run_cell(2)
    expect(run(widget)).to_contain_text("the backend dropped the connection, or it is not running")


def test_says_that_the_proxy_is_missing(lab: LabPage) -> None:
    widget = opened(lab, "javascript_no_proxy", LIST)
    page = {"status": 404, "headers": {"Server": "TornadoServer/6.6"}, "body": "<title>Jupyter Server</title>"}
    lab.page.route("**/proxy/**", lambda route: route.fulfill(**page))
    expect(run(widget)).to_contain_text("pip install jupyter-server-proxy")


def test_says_that_an_address_does_not_lead_to_the_backend(lab: LabPage) -> None:
    widget = opened(lab, "javascript_astray", "return await fetch(base + 'null');")
    expect(run(widget)).to_contain_text("null is not below base")


def test_says_that_the_page_is_no_jupyterlab(lab: LabPage) -> None:
    lab.page.evaluate("() => document.getElementById('jupyter-config-data').remove()")
    lab.open_notebook(lab.write_notebook("javascript_elsewhere", BACKEND, SHOW.replace("CODE", "'return 1;'")))
    lab.run_all()
    widget = lab.cell_output(1)
    expect(widget.get_by_role("log")).to_contain_text("This page is not JupyterLab")
    expect(widget.get_by_role("button", name="Run")).to_be_disabled()


def test_the_rest_example_runs_against_the_rest_service(lab: LabPage) -> None:
    start = (
        "import course_support as course\nfrom course_support.backends.rest import app\nbackend = course.serve(app(1))"
    )
    lab.open_notebook(lab.write_notebook("javascript_rest", start, "course.javascript(backend, 'rest')"))
    lab.run_all()
    output = run(lab.cell_output(1))
    expect(output).to_contain_text("204")
    assert lab.execute("print([e.status for e in backend.traffic])") == "[200, 201, 200, 204]\n"
    lab.screenshot("javascript-rest", lab.cell_output(1))


def test_the_soap_example_gets_a_record_and_a_fault(lab: LabPage) -> None:
    start = (
        "import course_support as course\nfrom course_support.backends.soap import app\nbackend = course.serve(app(1))"
    )
    lab.open_notebook(lab.write_notebook("javascript_soap", start, "course.javascript(backend, 'soap')"))
    lab.run_all()
    expect(lab.cell_output(1).get_by_label("username and password of")).to_have_value("hospital_system")
    output = run(lab.cell_output(1))
    expect(output).to_contain_text("is allergic to")
    expect(output).to_contain_text("There is no patient 99999")
    assert lab.execute("print([e.status for e in backend.traffic])") == "[200, 500]\n"
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"javascript-soap-{theme}", lab.cell_output(1))
