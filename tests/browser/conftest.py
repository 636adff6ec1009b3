"""The harness of the browser tests: a real JupyterLab, Debian's Chromium, and notebooks opened as a learner opens them.

A test takes the fixture `lab`, a page with JupyterLab ready on a temporary copy of the project's notebooks::

    def test_first_lesson_runs(lab):
        lab.open_notebook("notebooks/01_rest.ipynb")
        lab.run_all()
        assert lab.errors == []
        lab.cell_output(7).get_by_role("button", name="Send").click()
        lab.theme("dark")
        lab.screenshot("rest-playground-dark", lab.cell_output(7))

- `lab.write_notebook(name, *cells)` writes a small notebook of code cells and returns its path.
- `lab.start_cell(i)`, `lab.running`, `lab.run_cell(i)`: one cell, without and with waiting for it.
- `lab.cell(i)`, `lab.cell_output(i)`: Playwright locators; `lab.outputs(i)`: the same as the file will hold it.
- `lab.execute(code)`: code in the notebook's kernel, beside its cells; returns what it printed.
- `lab.faint_text(part)`: the texts in a part whose contrast is under 4.5.
- `lab.page` is Playwright's page, for everything else.

`@pytest.mark.parametrize("lab", ["/", "/user/ada/"], indirect=True)` runs a test under both base URLs; the second is
that of a JupyterHub. Whatever the page's console reports as an error fails the test; `HARMLESS` in harness.py lists the
exceptions with their reasons. Pictures go to $COURSE_SCREENSHOTS, or to a temporary folder. Without Chromium the tests
are skipped loudly on a laptop and fail where CI=true.

The fixtures live as long as this package, not the session: Playwright keeps an event loop running in the main thread,
in which no later test could call `asyncio.run`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from .harness import FLAGS, LabPage, chromium
from .jupyter import Lab

OpenContext = Callable[[str], tuple[Lab, BrowserContext]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        missing = "BROWSER TESTS DID NOT RUN: no Chromium here. On Debian: apt-get install chromium fonts-dejavu"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def contexts(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenContext]:
    """One JupyterLab and one browser context for each base URL, started when first asked for."""
    opened: dict[str, tuple[Lab, BrowserContext]] = {}

    def open_context(base_url: str) -> tuple[Lab, BrowserContext]:
        if base_url not in opened:
            server = Lab(tmp_path_factory.mktemp("lab"), base_url)
            context = browser.new_context(viewport={"width": 1280, "height": 1000})
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            opened[base_url] = server, context
        return opened[base_url]

    yield open_context
    for server, context in opened.values():
        context.close()
        server.close()


@pytest.fixture(scope="package")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = os.environ.get("COURSE_SCREENSHOTS")
    path = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def lab(contexts: OpenContext, screenshots: Path, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    server, context = contexts(getattr(request, "param", "/"))
    page = context.new_page()
    lab_page = LabPage(page, server, screenshots)
    yield lab_page
    errors = list(lab_page.console_errors)  # what the stopping kernel interrupts is not the test's doing
    lab_page.close()
    assert errors == [], "the page's console reported errors"
