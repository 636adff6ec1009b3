"""The live traffic table in the page: it fills while a cell runs, stays quick, and needs no mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .cells import BACKEND
from .harness import LabPage

SHOW = "from course_support.widgets.traffic import traffic\ntraffic(backend)"


def opened(lab: LabPage, name: str, *cells: str) -> Locator:
    """The table in the output of cell 1, with the cells so far run."""
    lab.open_notebook(lab.write_notebook(name, BACKEND, SHOW, *cells))
    lab.run_cell(0)
    lab.run_cell(1)
    expect(lab.cell_output(1).get_by_role("grid")).to_be_visible()
    return lab.cell_output(1)


def rows(table: Locator) -> Locator:
    return table.locator("tbody tr")


def test_fills_while_a_cell_is_running(lab: LabPage) -> None:
    table = opened(lab, "traffic_live", "get(60, pause=0.1)")
    lab.start_cell(2)
    expect(rows(table).nth(4)).to_be_visible()
    assert lab.running
    lab.page.wait_for_function("() => !window.courseRunning")
    expect(rows(table)).to_have_count(60)


def test_fills_while_the_cell_that_shows_it_is_running(lab: LabPage) -> None:
    cell = "from course_support.widgets.traffic import traffic\nget(3)\ndisplay(traffic(backend))\nget(60, pause=0.1)"
    lab.open_notebook(lab.write_notebook("traffic_same_cell", BACKEND, cell))
    lab.run_cell(0)
    lab.start_cell(1)
    table = lab.cell_output(1)
    expect(rows(table).nth(8)).to_be_visible()
    assert lab.running
    expect(rows(table).first).to_contain_text("GET /api/v1/playlists")
    expect(rows(table).first.locator("td").first).to_have_text("1")  # none lost, not even from before it was shown
    lab.page.wait_for_function("() => !window.courseRunning")
    expect(rows(table)).to_have_count(63)


def test_stays_bounded_with_6000_exchanges(lab: LabPage) -> None:
    table = opened(lab, "traffic_many", "get(6000)", "get(1, '/nowhere')")
    lab.run_cell(2)
    expect(table.locator(".totals")).to_contain_text("6,000 exchanges")
    expect(rows(table)).to_have_count(500)
    lab.run_cell(3)
    expect(rows(table).last).to_contain_text("404")
    table.get_by_label("Filter").fill("nowhere")
    expect(rows(table)).to_have_count(1)
    lab.run_cell(1)
    expect(lab.cell_output(1).locator(".totals")).to_contain_text("6,001 exchanges")


def test_works_by_keyboard_alone(lab: LabPage) -> None:
    table = opened(lab, "traffic_keys", "get(12); get(1, '/nowhere')")
    lab.run_cell(2)
    expect(rows(table)).to_have_count(13)
    table.get_by_label("Filter").focus()
    lab.page.keyboard.press("Tab")
    expect(table.get_by_role("button", name="Clear")).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(rows(table).last).to_be_focused()
    lab.page.keyboard.press("ArrowUp")
    lab.page.keyboard.press("ArrowUp")
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("d")  # twice would delete the cell, were the key JupyterLab's
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("Enter")
    expect(rows(table).nth(11)).to_have_attribute("aria-selected", "true")
    expect(table.get_by_label("Chosen exchange")).to_contain_text("Workout Mix")
    lab.page.keyboard.press("Home")
    expect(rows(table).first).to_be_focused()
    lab.page.keyboard.press("End")
    lab.page.keyboard.press(" ")
    expect(table.get_by_label("Chosen exchange")).to_contain_text("404 Not Found")
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 3


def test_shows_a_chosen_exchange_and_copies_it_as_curl(lab: LabPage) -> None:
    table = opened(lab, "traffic_curl", "get(2)")
    lab.run_cell(2)
    rows(table).first.click()
    detail = table.get_by_label("Chosen exchange")
    expect(detail).to_contain_text("Workout Mix")
    detail.get_by_role("button", name="Copy as curl").click()
    expect(detail.get_by_role("status")).to_have_text("Copied. Set $TOKEN in the terminal first.")
    copied = lab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("curl -i http://127.0.0.1:")
    assert "ada-secret" not in copied
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"traffic-{theme}", table)


def test_says_why_an_exchange_has_to_wait_for_a_busy_kernel(lab: LabPage) -> None:
    table = opened(lab, "traffic_busy", "get(1)", "time.sleep(3)")
    lab.run_cell(2)
    lab.start_cell(3)
    rows(table).first.click()
    expect(table.get_by_role("status")).to_contain_text("when the running cell has ended")
    expect(table.get_by_label("Chosen exchange")).to_contain_text("Workout Mix")


def test_clear_empties_the_record_too(lab: LabPage) -> None:
    table = opened(lab, "traffic_clear", "get(4)")
    lab.run_cell(2)
    expect(rows(table)).to_have_count(4)
    table.get_by_role("button", name="Clear").click()
    expect(rows(table)).to_have_count(0)
    expect(table).to_contain_text("No exchanges yet")
    assert lab.execute("print(len(backend.traffic))") == "0\n"
    lab.run_cell(2)
    expect(rows(table).first.locator("td").first).to_have_text("5")


def test_follows_a_backend_that_was_started_again(lab: LabPage) -> None:
    table = opened(lab, "traffic_again", "get(2)")
    lab.run_cell(2)
    expect(rows(table)).to_have_count(2)
    lab.run_cell(0)
    lab.run_cell(1)
    expect(rows(lab.cell_output(1))).to_have_count(0)
    lab.run_cell(2)
    expect(rows(lab.cell_output(1))).to_have_count(2)


def test_a_chosen_websocket_goes_on_before_the_readers_eyes(lab: LabPage) -> None:
    talk = "import websocket\nsocket = websocket.create_connection(backend.url.replace('http', 'ws') + '/talk')"
    say = "socket.send('{}')\nsocket.recv()"
    table = opened(lab, "traffic_websocket", talk, say.format("first words"), say.format("second words"))
    lab.run_cell(2)
    lab.run_cell(3)
    expect(rows(table)).to_have_count(1)
    expect(rows(table).first).to_contain_text("101 Switching Protocols, 2 messages")
    rows(table).first.click()
    detail = table.get_by_label("Chosen exchange")
    expect(detail).to_contain_text("first words")
    expect(detail.get_by_role("button")).to_have_count(0)
    lab.run_cell(4)
    expect(rows(table).first).to_contain_text("4 messages")
    expect(detail).to_contain_text("second words")
