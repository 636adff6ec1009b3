"""Lesson 5 as a learner goes through it: the panel, a shop written wrong first, in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

WEBHOOKS = "notebooks/05_webhooks.ipynb"


def test_every_control_of_lesson_5_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, WEBHOOKS)
    lab.run_all()
    assert lab.errors == []

    panel = lesson.output("panel").locator(".course-form")
    panel.get_by_role("button", name="Pay (completes)").click()
    expect(panel.get_by_role("status")).to_have_text("payment.completed: the shop answered with 200.")
    panel.get_by_label("Shop is up").uncheck()
    panel.get_by_role("button", name="Pay (card fails)").click()
    newest = panel.get_by_role("table", name="Delivery log").locator("tbody tr").first
    expect(newest).to_contain_text("pending")
    panel.get_by_label("Shop is up").check()
    panel.get_by_role("button", name="+5 min").click()
    expect(newest).to_contain_text("delivered")
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("panel", "delivery", "tamper", "schedule-plot", "measure-requests", "measure-delay"):
            lab.screenshot(f"webhooks-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_5(lab: LabPage) -> None:
    lesson = Lesson(lab, WEBHOOKS)
    for cell in ("imports", "setup"):
        lesson.run(cell)
    answer = (
        "def rotate(secrets):\n"
        "    async def receive(request):\n"
        "        body = await request.body()\n"
        "        for secret in TRIED:\n"
        "            try:\n"
        "                Webhook(secret).verify(body, dict(request.headers))\n"
        '                return PlainTextResponse("Webhook processed")\n'
        "            except (WebhookVerificationError, ValueError):\n"
        "                pass\n"
        '        return PlainTextResponse("Invalid signature", 401)\n'
        '    return Starlette(routes=[Route("/webhooks/payments", receive, methods=["POST"])])'
    )
    lesson.write("answer-webhooks-rotate", answer.replace("TRIED", "secrets[:1]"))
    lesson.run("check-webhooks-rotate")
    feedback = lesson.output("check-webhooks-rotate")
    expect(feedback).to_contain_text("Your application refused a delivery that the second of the secrets signed")
    expect(feedback).to_contain_text("webhook-signature")
    lab.screenshot("feedback-rotate", feedback)
    lesson.write("answer-webhooks-rotate", answer.replace("TRIED", "secrets"))
    lesson.run("check-webhooks-rotate")
    expect(feedback.get_by_role("heading", name="✔ webhooks.rotate passed")).to_be_visible()
