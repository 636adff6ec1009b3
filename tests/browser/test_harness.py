"""The harness itself: it runs cells, sees their errors, and reads the console."""

import pytest

from .harness import LabPage


def test_runs_cells_and_reads_what_they_show(lab: LabPage) -> None:
    lab.open_notebook(lab.write_notebook("harness", "answer = 6 * 7", "print('the answer is', answer)"))
    lab.run_all()
    assert lab.errors == []
    assert lab.cell_output(1).inner_text().strip() == "the answer is 42"
    assert lab.execute("print(answer + 1)") == "43\n"


def test_reports_the_error_that_a_cell_raised(lab: LabPage) -> None:
    lab.open_notebook(lab.write_notebook("failing", "1 / 0"))
    lab.run_all()
    assert lab.errors == ["ZeroDivisionError: division by zero"]


def test_start_cell_returns_while_the_cell_runs(lab: LabPage) -> None:
    lab.open_notebook(lab.write_notebook("sleeping", "import time; time.sleep(2)"))
    lab.start_cell(0)
    assert lab.running
    lab.page.wait_for_function("() => !window.courseRunning")
    assert not lab.running


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_switches_the_theme(lab: LabPage, theme: str) -> None:
    lab.open_notebook(lab.write_notebook("theme", "1"))
    lab.theme(theme)
    assert lab.screenshot(f"theme-{theme}").stat().st_size > 10_000


@pytest.mark.parametrize("lab", ["/user/ada/"], indirect=True)
def test_serves_under_the_prefix_of_a_hub(lab: LabPage) -> None:
    assert "/user/ada/lab" in lab.page.url


def test_an_error_in_the_console_is_noted(lab: LabPage) -> None:
    lab.page.evaluate("() => console.error('something broke')")
    lab.page.wait_for_timeout(100)
    assert [error for error in lab.console_errors if "something broke" in error]
    lab.console_errors.clear()
