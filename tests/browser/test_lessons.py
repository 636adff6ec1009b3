"""Every lesson runs; lessons 0 and 1 as a learner goes through them: every control, an exercise, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

START, REST = "notebooks/00_start_here.ipynb", "notebooks/01_rest.ipynb"
# Those that a file of their own here opens and runs as well are not run twice: each takes half a minute.
WALKED = {path.stem.removeprefix("test_lesson_") for path in Path(__file__).parent.glob("test_lesson_*.py")}
LESSONS = [
    f"notebooks/{path.name}"
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
    if path.stem.partition("_")[2] not in WALKED
]


@pytest.mark.parametrize("path", LESSONS)
def test_a_lesson_opens_clean_and_runs_to_its_end(lab: LabPage, path: str) -> None:
    Lesson(lab, path)
    lab.run_all()
    assert lab.errors == []
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"{path.split('/')[1].removesuffix('.ipynb')}-{theme}")


def test_a_beginner_solves_the_first_exercise(lab: LabPage) -> None:
    lesson = Lesson(lab, START)
    lab.run_all()
    expect(lesson.output("check-start-greet")).to_contain_text("not attempted yet")

    by_hand = 'requests.get(f"{url}/hello?name={name}").json()["greeting"]'
    lesson.write("answer-start-greet", f"def greet(url, name):\n    return {by_hand}")
    lesson.run("check-start-greet")
    expect(lesson.output("check-start-greet")).to_contain_text("Not the whole name reached the service")
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"feedback-wrong-{theme}", lesson.output("check-start-greet"))

    encoded = 'requests.get(f"{url}/hello", params={"name": name}).json()["greeting"]'
    lesson.write("answer-start-greet", f"def greet(url, name):\n    return {encoded}")
    lesson.run("check-start-greet")
    verdict = lesson.output("check-start-greet").get_by_role("heading", name="✔ start.greet passed (1 of 1 point)")
    expect(verdict).to_be_visible()
    lab.screenshot("feedback-passed", lesson.output("check-start-greet"))
    lesson.run("progress")
    expect(lesson.output("progress")).to_contain_text("start.greet")


def test_the_playground_of_lesson_0_greets_another_name(lab: LabPage) -> None:
    lesson = Lesson(lab, START)
    lab.run_all()
    form = lesson.output("playground").locator(".course-form")
    form.get_by_label("Path").fill("/hello?name=Linus")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("Hello, Linus!")


def test_every_control_of_lesson_1_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, REST)
    lab.run_all()
    assert lab.errors == []

    javascript = lesson.output("javascript")
    javascript.get_by_role("button", name="Run").click()
    expect(javascript).to_contain_text("204")
    assert lab.execute("print([e.status for e in backend.traffic[-4:]])") == "[200, 201, 200, 204]\n"

    rows = lesson.output("traffic").get_by_role("grid").locator("tbody tr")
    form = lesson.output("playground").locator(".course-form")
    form.get_by_label("Method").select_option("PUT")
    form.get_by_label("Path").fill("/api/v1/playlists/1")
    form.get_by_label("Credentials").select_option("listener")
    form.get_by_label("Headers").fill('Content-Type: application/json\nIf-Match: "abc"')
    form.get_by_label("Body").fill('{"name": "Too late"}')
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("412 Precondition Failed")
    expect(lesson.output("traffic")).to_contain_text("412")
    assert rows.count() > 0

    switches = lesson.output("switches")
    switches.get_by_role("button", name="Next answer: 503").click()
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("503 Service Unavailable")
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("javascript", "traffic", "playground", "switches", "measure-bytes", "match"):
            lab.screenshot(f"rest-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_1(lab: LabPage) -> None:
    lesson = Lesson(lab, REST)
    for cell in ("imports", "setup"):
        lesson.run(cell)
    first_page = (
        "def every_page(url, token):\n"
        '    answer = requests.get(f"{url}/api/v1/playlists", headers={"Authorization": f"Bearer {token}"})\n'
        '    return [playlist["name"] for playlist in answer.json()["playlists"]]'
    )
    lesson.write("answer-rest-every_page", first_page)
    lesson.run("check-rest-every_page")
    feedback = lesson.output("check-rest-every_page")
    expect(feedback).to_contain_text("You stopped after 1 page, and the last answer names a next one.")
    expect(feedback).to_contain_text('rel="next"')
    lab.screenshot("feedback-every-page", feedback)
    lesson.write("check-rest-every_page", "rest.every_page.solution()")
    expect(feedback).to_contain_text("page.links.get")
