"""Lesson 6 as a learner goes through it: the importer and its traffic, an import without a key, in light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from .harness import LabPage
from .lesson import Lesson

BATCH = "notebooks/06_batch.ipynb"


def test_every_control_of_lesson_6_does_what_it_says(lab: LabPage) -> None:
    lesson = Lesson(lab, BATCH)
    lab.run_all()
    assert lab.errors == []

    javascript = lesson.output("javascript")
    javascript.get_by_role("button", name="Run").click()
    expect(javascript).to_contain_text("missing_name")
    expect(javascript.get_by_role("log")).to_contain_text('"updated": 2')

    importer = lesson.output("importer").locator(".course-form")
    told = importer.get_by_role("status")
    importer.get_by_role("button", name="contacts.csv").click()
    lab.execute("backend.app.state.pace = 60")  # else a busy machine would press Cancel too late
    importer.get_by_role("button", name="Import", exact=True).click()
    expect(importer).to_contain_text("100 of 247 rows")
    importer.get_by_role("button", name="Cancel").click()
    expect(told).to_contain_text("Cancelled after 100 of 247 rows, which stay as they are: 96 created, 4 skipped")
    lab.execute("backend.app.state.pace = 0")
    importer.get_by_role("button", name="Import", exact=True).click()
    expect(told).to_have_text("Imported 247 rows in 1 request: 142 created, 105 skipped, 0 faulty.")
    importer.get_by_role("button", name="contacts_with_faults.csv").click()
    importer.get_by_role("button", name="Import", exact=True).click()
    expect(told).to_have_text("Imported 60 rows in 1 request: 52 created, 2 skipped, 6 faulty.")
    traffic = lesson.output("importer-traffic")
    traffic.get_by_label("Filter").fill("DELETE")
    expect(traffic.get_by_role("grid").locator("tbody tr")).to_have_count(1)
    expect(traffic).to_contain_text("202 Accepted")
    traffic.get_by_label("Filter").fill("")
    for theme in ("light", "dark"):
        lab.theme(theme)
        for part in ("javascript", "importer", "importer-traffic", "sizes", "stall"):
            lab.screenshot(f"batch-{part}-{theme}", lesson.output(part))


def test_a_learner_solves_an_exercise_of_lesson_6(lab: LabPage) -> None:
    lesson = Lesson(lab, BATCH)
    lesson.run("setup")
    answer = (
        "def import_once(url, token, contacts):\n"
        "    import uuid\n"
        '    options = {"skip_duplicates": False, "send_welcome_email": True}\n'
        '    content = {"operation": "create", "contacts": contacts, "options": options}\n'
        '    fields = {"Authorization": f"Bearer {token}"}\n'
        "    for _ in range(5):\n"
        "        try:\n"
        '            answer = requests.post(f"{url}/api/v1/contacts/batch", json=content, headers=fields)\n'
        "            if answer.status_code == 200:\n"
        "                return answer.json()\n"
        "        except requests.ConnectionError:\n"
        "            pass"
    )
    lesson.write("answer-batch-import_once", answer)
    lesson.run("check-batch-import_once")
    feedback = lesson.output("check-batch-import_once")
    expect(feedback).to_contain_text("so it was an import of its own")
    expect(feedback.get_by_role("region", name="POST /api/v1/contacts/batch, 200 OK")).to_contain_text("duplicate")
    lab.page.set_viewport_size({"width": 1280, "height": 1800})
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"feedback-import-once-{theme}", feedback)
    key = 'token}", "Idempotency-Key": f\'"{uuid.uuid4()}"\'}'
    lesson.write("answer-batch-import_once", answer.replace('token}"}', key))
    lesson.run("check-batch-import_once")
    expect(feedback.get_by_role("heading", name="✔ batch.import_once passed")).to_be_visible()
