"""The first hour at a client, in JupyterLab: see what was recognised, change one mapping, write the engagement."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from browser.driving import faults, open_notebook, run_all, until

from rootcause_lib import read_engagement

pytestmark = pytest.mark.browser

CELL = """import rootcause_lib as rc

rc.confirm_mapping(
    ["data/sample/kontaktit_2025H1.csv", "data/sample/asiakkaat.xlsx"],
    into="uusi", client="Lumo", time_zone="Europe/Helsinki", language="fi",
)"""


def notebook(folder: Path) -> str:
    """A notebook of one cell in the folder; its name."""
    cell = {
        "cell_type": "code", "id": "desk", "metadata": {}, "source": CELL, "outputs": [], "execution_count": None,
    }  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "uusi.ipynb").write_text(json.dumps(content), encoding="utf-8")
    return "uusi.ipynb"


def test_a_changed_mapping_is_shown_and_written_by_looking(lab: Any, browser: Any, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1600})
    open_notebook(page, lab, notebook(lab.root))
    run_all(page)
    until("the first rows", lambda: faults(page) or page.locator("table.dataframe").count() == 2)
    assert not faults(page), faults(page)
    if folder := os.environ.get("ROOTCAUSE_PICTURES"):
        page.screenshot(path=str(Path(folder) / "mapping_desk.png"))
    rows = page.locator("table.dataframe").first
    assert "team" in rows.inner_text()

    team = page.locator(".widget-dropdown", has=page.locator("label", has_text="team")).locator("select").first
    team.select_option(index=0)
    until("rows without the column", lambda: "team" not in rows.inner_text())
    page.locator("button.jupyter-button").last.click()
    written = until("the engagement", lambda: list(lab.root.glob("uusi/engagement.toml")))[0]
    assert not faults(page), faults(page)
    page.close()
    found = read_engagement(written)
    assert "team" not in found.tables["contacts"].columns
    assert {"contacts", "customers"} <= set(found.tables)
