"""Lesson 3 as a learner goes through it: every control, an exercise solved, in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

GRAPHQL = "notebooks/03_graphql.ipynb"


def test_every_control_of_lesson_3_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, GRAPHQL)
    lab.run_all()
    assert lab.errors == []

    javascript = lesson.output("javascript")
    javascript.get_by_role("button", name="Run").click()
    expect(javascript).to_contain_text("closed with 1000")
    expect(lesson.output("traffic")).to_contain_text("101")

    form = lesson.output("builder").locator(".course-form")
    form.get_by_role("button", name="Phone view").click()
    expect(form).to_contain_text("location { city }")
    form.get_by_role("button", name="Desktop view").click()
    expect(form).to_contain_text("speakers")

    lesson.output("switches").get_by_role("button", name="Next answer: 503").click()
    expect(lesson.output("switches")).to_contain_text("Waiting: 503.")
    lesson.output("switches").get_by_role("button", name="Clear").click()
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("javascript", "builder", "wire", "complete", "loader-plot", "measure-bytes", "measure-time"):
            lab.screenshot(f"graphql-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_3(lab: LabPage) -> None:
    lesson = Lesson(lab, GRAPHQL)
    for cell in ("imports", "setup"):
        lesson.run(cell)
    answer = (
        "def look_up(url, token, event):\n"
        "    content = {content}\n"
        '    bearer = {{"Authorization": f"Bearer {{token}}"}}\n'
        '    answer = requests.post(f"{{url}}/graphql", json=content, headers=bearer).json()\n'
        '    return answer["data"]["event"] and answer["data"]["event"]["name"]'
    )
    built = """{"query": '{ event(id: "%s") { name } }' % event}"""
    lesson.write("answer-graphql-look_up", answer.format(content=built))
    lesson.run("check-graphql-look_up")
    feedback = lesson.output("check-graphql-look_up")
    expect(feedback).to_contain_text("A quotation mark in the id ended your string")
    lab.screenshot("feedback-look-up", feedback)
    declared = """{"query": "query($id: ID!) { event(id: $id) { name } }", "variables": {"id": event}}"""
    lesson.write("answer-graphql-look_up", answer.format(content=declared))
    lesson.run("check-graphql-look_up")
    expect(feedback.get_by_role("heading", name="✔ graphql.look_up passed (2 of 2 points)")).to_be_visible()
