"""What a consultant does: open the notebook in JupyterLab, run it, move the window, see the picture change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browser.driving import faults, open_notebook, run_all, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NOTEBOOK = "notebooks/02_channel_resolution.ipynb"
PICTURE = ".jp-OutputArea .widget-html img"


def picture(page: Page) -> str:
    """The source of the explorer's first picture, its bytes written out; empty while there is none."""
    pictures = page.locator(PICTURE)
    return pictures.first.get_attribute("src") or "" if pictures.count() else ""


def test_moving_the_window_changes_the_picture_by_looking(lab: Any, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    open_notebook(page, lab, NOTEBOOK)
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
    page.close()
