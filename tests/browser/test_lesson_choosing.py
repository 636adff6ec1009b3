"""Lesson 7 as a learner goes through it: a job of one's own, the chooser, a copy with a gap, in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

CHOOSING = "notebooks/07_choosing.ipynb"


def test_every_control_of_lesson_7_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, CHOOSING)
    lab.run_all()
    assert lab.errors == []

    javascript = lesson.output("javascript")
    javascript.get_by_role("button", name="Run").click()
    expect(javascript.get_by_role("log")).to_contain_text('"SOAP": ')

    panel = lesson.output("panel").locator(".course-form")
    for label, key in (("Changes", "Home"), ("Latency of a round trip (ms)", "Home"), ("Bytes of each note", "End")):
        panel.get_by_role("slider", name=label, exact=True).press(key)
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_role("status")).to_contain_text("notes of 5,000 bytes, a latency of 0 ms", timeout=60_000)
    expect(panel.locator("tbody tr").first).to_contain_text("REST")  # as the lesson says: there are such settings

    chooser = lesson.output("chooser").locator(".course-form")
    for option in ("predictable structure", "request and response", "caching", "modern JavaScript"):
        chooser.get_by_label(option).check()
    ranked = lesson.output("rank").locator("tbody tr").all_text_contents()
    expect(chooser.locator("tbody tr")).to_have_text(ranked)

    lab.page.set_viewport_size({"width": 1280, "height": 1800})
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("javascript", "panel", "table", "spread", "rank", "chooser", "trace"):
            lab.screenshot(f"choosing-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_7(lab: LabPage) -> None:
    lesson = Lesson(lab, CHOOSING)
    lesson.run("setup")
    opened = (
        '    live = create_connection(f"ws{url[4:]}/live", subprotocols=["stock.v1"], header=fields)\n    live.recv()\n'
    )
    listed = (
        '    books = requests.get(f"{url}/api/v1/books", headers=fields).json()["books"]\n'
        '    copy = {book["isbn"]: (book["version"], book["stock"]) for book in books}\n'
    )
    begin = 'def live_copy(url, token, until):\n    fields = {"Authorization": f"Bearer {token}"}\n'
    follow = (
        "    isbn = None\n"
        "    while isbn != until:\n"
        "        message = json.loads(live.recv())\n"
        '        isbn = message["isbn"]\n'
        '        copy[isbn] = max(copy[isbn], (message["version"], message["stock"]))\n'
        "    live.close()\n"
        "    return {isbn: stock for isbn, (_, stock) in copy.items()}"
    )
    lesson.write("answer-choosing-live_copy", begin + listed + opened + follow)
    lesson.run("check-choosing-live_copy")
    feedback = lesson.output("check-choosing-live_copy")
    expect(feedback).to_contain_text("Between your list and the opening of your line")
    expect(feedback.get_by_role("region", name="GET /api/v1/books, 200 OK")).to_be_visible()
    lab.page.set_viewport_size({"width": 1280, "height": 1800})
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"feedback-live-copy-{theme}", feedback)
    lesson.write("answer-choosing-live_copy", begin + opened + listed + follow)
    lesson.run("check-choosing-live_copy")
    expect(feedback.get_by_role("heading", name="✔ choosing.live_copy passed")).to_be_visible()
