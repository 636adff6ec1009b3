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
    expect(widget.get_by_role("log", name="Output")).to_be_hidden()
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


EVENTS = """
import time
import course_support as course
from course_support.backends.graphql import app
backend = course.serve(app(1))
def closed(e):
    \"\"\"Who sent a close frame, once both have: the proxy passes on a close, and keeps its code to itself.\"\"\"
    for _ in range(100):
        if len(sent := {m.sender for m in e.messages if m.opcode == "close"}) == 2:
            return sorted(sent)
        time.sleep(0.05)
        e = next(it for it in backend.traffic if it.number == e.number)
"""


def events(lab: LabPage, name: str, code: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, EVENTS, f"course.javascript(backend, {code!r})"))
    lab.run_all()
    return lab.cell_output(1)


@both_base_urls
def test_the_graphql_example_subscribes_while_somebody_registers(lab: LabPage) -> None:
    widget = events(lab, "javascript_graphql", "graphql")
    output = run(widget)
    expect(output).to_contain_text("closed with 1000")
    expect(output.get_by_text("registered:")).to_have_count(2)
    said = "[(m.sender, m.json()['type']) for m in socket.messages if m.opcode == 'text']"
    socket = "socket = next(e for e in backend.traffic if e.messages)"
    assert lab.execute(f"{socket}; print({said})") == (
        "[('client', 'connection_init'), ('server', 'connection_ack'), ('client', 'subscribe'), ('server', 'next'), "
        "('server', 'next'), ('client', 'complete')]\n"
    )
    fields = "socket.request.fields.get('Sec-WebSocket-Protocol'), socket.response.fields.get('Sec-WebSocket-Protocol')"
    assert lab.execute(f"print({fields})") == "graphql-transport-ws graphql-transport-ws\n"
    assert lab.execute("print(closed(socket))") == "['client', 'server']\n"
    expect(widget.get_by_role("button", name="Run")).to_be_visible()
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"javascript-graphql-{theme}", widget)


def test_the_graphql_example_ends_where_nobody_may_register(lab: LabPage) -> None:
    widget = events(lab, "javascript_guest", "graphql")
    widget.get_by_label("token of").select_option("guest")
    output = run(widget)
    expect(output).to_contain_text("closed with 1000")
    expect(output.get_by_text("registered:")).to_have_count(1)


LISTENING = """
const socket = new WebSocket(`${base}/graphql`, "graphql-transport-ws");
socket.onopen = () => socket.send(JSON.stringify({
  type: "connection_init", payload: { Authorization: `Bearer ${token}` } }));
socket.onmessage = ({ data }) => console.log(data);
"""
OPEN = "while (socket.readyState === WebSocket.CONNECTING) await new Promise((go) => setTimeout(go, 20));"


@pytest.mark.parametrize("end", ["", "\nawait new Promise(() => {});"], ids=["listening", "waiting"])
def test_stop_closes_a_socket_that_is_still_open(lab: LabPage, end: str) -> None:
    widget = events(lab, "javascript_stop", LISTENING + end)
    expect(run(widget)).to_contain_text("connection_ack")
    expect(widget.get_by_role("button", name="Run")).to_have_count(0)
    widget.get_by_role("button", name="Stop").click()
    expect(widget.get_by_role("log")).to_contain_text("stopped")
    expect(widget.get_by_role("button", name="Run")).to_be_visible()
    assert lab.execute("print(closed(backend.last))") == "['client', 'server']\n"


def test_tells_what_fails_in_a_callback_of_a_socket(lab: LabPage) -> None:
    widget = events(
        lab, "javascript_callback", LISTENING + "socket.onmessage = () => {\n  socket.close();\n  nobody();\n};"
    )
    expect(run(widget).locator(".error")).to_have_text("Line 8: ReferenceError: nobody is not defined")
    expect(widget.get_by_role("button", name="Run")).to_be_visible()


def test_code_may_have_names_that_are_given(lab: LabPage) -> None:
    code = "const token = 1, password = 2;\nlet username = 3, WebSocket = 4;\nreturn token + password + username;"
    expect(run(opened(lab, "javascript_names", code))).to_have_text("6")


def test_code_that_fails_leaves_no_socket_open(lab: LabPage) -> None:
    widget = events(lab, "javascript_failing", f"{LISTENING}{OPEN}\nthrow new Error('mine');")
    expect(run(widget).locator(".error")).to_contain_text("mine")
    expect(widget.get_by_role("button", name="Run")).to_be_visible()
    assert lab.execute("print(closed(backend.last))") == "['client', 'server']\n"


def backend_of(lab: LabPage, name: str) -> Locator:
    imports = f"import course_support as course\nfrom course_support.backends.{name} import app"
    start = f"{imports}\nbackend = course.serve(app(1))"
    lab.open_notebook(lab.write_notebook(f"javascript_{name}", start, f"course.javascript(backend, {name!r})"))
    lab.run_all()
    return lab.cell_output(1)


def test_the_editor_example_types_and_reads_its_echo(lab: LabPage) -> None:
    widget = backend_of(lab, "editor")
    output = run(widget)
    expect(output).to_contain_text("closed with 1000")
    expect(output).to_contain_text("the text is now: Hello 🎂 ")
    text = lab.execute("print(backend.app.state.documents['document-123'].text)")
    expect(output).to_contain_text(text.strip())
    lab.screenshot("javascript-editor", widget)


def test_the_webhooks_example_registers_and_pays(lab: LabPage) -> None:
    widget = backend_of(lab, "webhooks")
    output = run(widget)
    expect(output).to_contain_text("dead after 10 attempts")
    expect(output).to_contain_text('"error": "unreachable"')
    assert lab.execute("print({e.status for e in backend.traffic})") == "{200, 201, 204}\n"
    lab.screenshot("javascript-webhooks", widget)
