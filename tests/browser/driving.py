"""Driving JupyterLab as a person does: a notebook opened, its cells run, answers waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

RUN_ALL = """async () => {
  await window.jupyterapp.restored;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
SECONDS = 1000


def until(what: str, found: Callable[[], Any], *, seconds: float = 120) -> Any:
    """The first true answer; a test that waits in vain says for what."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if answer := found():
            return answer
        time.sleep(0.25)
    pytest.fail(f"waited {seconds:.0f} s for {what}")


def open_notebook(page: Page, lab: Any, notebook: str) -> None:
    """Open the notebook and wait until its kernel is connected and idle; only then is a command not lost."""
    page.goto(lab.page(notebook), wait_until="domcontentloaded", timeout=60 * SECONDS)
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


def faults(page: Page) -> str:
    """What cells wrote as errors."""
    return "\n".join(page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.error']").all_inner_texts())
