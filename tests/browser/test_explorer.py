"""What a consultant does: open the notebook in JupyterLab, run it, move the window, see the picture change."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NOTEBOOK = "notebooks/02_channel_resolution.ipynb"
RUN_ALL = """async () => {
  await window.jupyterapp.restored;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
PICTURE = ".jp-OutputArea .widget-html img"
SECONDS = 1000


def until(what: str, found: Callable[[], Any], *, seconds: float = 120) -> Any:
    """The first true answer; a test that waits in vain says for what."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if answer := found():
            return answer
        time.sleep(0.25)
    pytest.fail(f"waited {seconds:.0f} s for {what}")


def open_notebook(page: Page, lab: Any) -> None:
    """Open the notebook and wait until its kernel is connected and idle; only then is a command not lost."""
    page.goto(lab.page(NOTEBOOK), wait_until="domcontentloaded", timeout=60 * SECONDS)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90 * SECONDS)

    def attached() -> bool:
        try:
            kernels = lab.get("/api/kernels")
        except OSError:
            return False
        return any(one["connections"] >= 1 and one["execution_state"] == "idle" for one in kernels)

    until("a kernel that is connected and idle", attached)


def run_all(page: Page) -> None:
    """Run every cell by the app's command, again while no cell has taken it: a session may attach late."""

    def started() -> bool:
        page.evaluate(RUN_ALL)
        page.wait_for_timeout(3 * SECONDS)
        prompts = page.locator(".jp-InputPrompt").all_inner_texts()
        return any(prompt.strip(" []:") for prompt in prompts)

    until("a cell that runs", started)


def picture(page: Page) -> str:
    """The source of the explorer's first picture, its bytes written out; empty while there is none."""
    pictures = page.locator(PICTURE)
    return pictures.first.get_attribute("src") or "" if pictures.count() else ""


def faults(page: Page) -> str:
    """What cells wrote as errors."""
    return "\n".join(page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.error']").all_inner_texts())


def test_moving_the_window_changes_the_picture_by_looking(lab: Any, chromium: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        open_notebook(page, lab)
        run_all(page)
        before = until("the explorer's picture", lambda: faults(page) or picture(page), seconds=180)
        assert not faults(page), faults(page)
        shown_days = page.locator(".jp-OutputArea .widget-slider .widget-readout").first
        assert shown_days.inner_text() == "14"

        handle = page.locator(".jp-OutputArea .widget-slider .noUi-handle").first
        handle.scroll_into_view_if_needed()
        handle.focus()
        handle.press("ArrowLeft")
        assert shown_days.inner_text() == "13"
        until("another picture", lambda: picture(page) not in ("", before))
        assert not faults(page), faults(page)
        browser.close()
