"""Lesson 4 as a learner goes through it: the two editors, JavaScript, an exercise solved, in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

WEBSOCKET = "notebooks/04_websocket.ipynb"


def test_every_control_of_lesson_4_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, WEBSOCKET)
    lab.run_all()
    assert lab.errors == []

    editors = lesson.output("editors-widget").locator(".course-editors")
    expect(editors.locator(".pill")).to_have_text(["open", "open"], timeout=15_000)
    ada, grace = (editors.get_by_role("textbox", name=f"{name}’s editor") for name in ("Ada", "Grace"))
    ada.press("Control+Home")
    ada.press_sequentially("Hello, Grace! ")
    expect(grace).to_have_value(ada.input_value())
    expect(editors.locator(".verdict")).to_have_text("✔ Both show the same text.")

    javascript = lesson.output("javascript")
    javascript.get_by_role("button", name="Run").click()
    expect(javascript).to_contain_text("closed with 1000")
    expect(ada).to_have_value(grace.input_value())
    expect(lesson.output("traffic")).to_contain_text("101 Switching Protocols")
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("editors-widget", "javascript", "handshake", "frames", "herd-plot", "measure-bytes", "crowd-plot"):
            lab.screenshot(f"websocket-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_4(lab: LabPage) -> None:
    lesson = Lesson(lab, WEBSOCKET)
    for cell in ("imports", "setup"):
        lesson.run(cell)
    answer = (
        "def connect(url, token, document):\n"
        "    address = f\"{url.replace('http', 'ws', 1)}/edit/{document}\"\n"
        '    bearer = {"Authorization": f"Bearer {token}"}\n'
        "    socket = create_connection(address, header=bearer, timeout=10)\n"
        '    text = json.loads(socket.recv())["text"]\n'
        "    socket.close()\n"
        "    return text"
    )
    lesson.write("answer-websocket-connect", answer)
    lesson.run("check-websocket-connect")
    feedback = lesson.output("check-websocket-connect")
    expect(feedback).to_contain_text("subprotocol")
    lab.screenshot("feedback-connect", feedback)
    lesson.write("answer-websocket-connect", answer.replace("header=", 'subprotocols=["edit.v1"], header='))
    lesson.run("check-websocket-connect")
    expect(feedback.get_by_role("heading", name="✔ websocket.connect passed")).to_be_visible()
