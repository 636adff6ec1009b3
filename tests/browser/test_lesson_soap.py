"""Lesson 2 as a learner goes through it: every control, an exercise solved, in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

SOAP = "notebooks/02_soap.ipynb"


def test_every_control_of_lesson_2_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, SOAP)
    lab.run_all()
    assert lab.errors == []

    javascript = lesson.output("javascript")
    javascript.get_by_role("button", name="Run").click()
    expect(javascript).to_contain_text("is allergic to")
    expect(javascript).to_contain_text("There is no patient")

    form = lesson.output("explorer").locator(".course-form")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("500 Internal Server Error")
    for button in ("Put Security into its namespace", "Put the request into its namespace", "Send"):
        form.get_by_role("button", name=button).click()
    expect(form.locator(".api-view")).to_contain_text("200 OK")
    expect(form.locator(".api-view")).to_contain_text("••••")

    traffic = lesson.output("traffic")
    expect(traffic.get_by_role("grid").locator("tbody tr").first).to_contain_text("/patient-service")
    lesson.output("switches").get_by_role("button", name="Next answer: 503").click()
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("503 Service Unavailable")
    expect(traffic).to_contain_text("503")
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("javascript", "explorer", "send-shorthand", "twelve-fault", "replay", "measure-bytes"):
            lab.screenshot(f"soap-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_2(lab: LabPage) -> None:
    lesson = Lesson(lab, SOAP)
    for cell in ("imports", "setup"):
        lesson.run(cell)
    answer = (
        "def with_digest(url, username, password, patient):\n"
        "    token = UsernameToken(username, password{more})\n"
        '    client = zeep.Client(f"{{url}}/patient-service?wsdl", wsse=token)\n'
        "    record = client.service.GetPatientRecord(PatientID=patient, IncludeMedications=True)\n"
        "    return [medication.Name for medication in record.Medications.Medication]"
    )
    lesson.write("answer-soap-with_digest", answer.format(more=""))
    lesson.run("check-soap-with_digest")
    feedback = lesson.output("check-soap-with_digest")
    expect(feedback).to_contain_text("The password went over the wire in clear")
    expect(feedback).to_contain_text("••••")
    lab.screenshot("feedback-with-digest", feedback)
    lesson.write("answer-soap-with_digest", answer.format(more=", use_digest=True"))
    lesson.run("check-soap-with_digest")
    expect(feedback.get_by_role("heading", name="✔ soap.with_digest passed (2 of 2 points)")).to_be_visible()
