"""Tiny notebooks and orders: what a runner's tests need, without any analysis behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from rootcause_lib.reporting.lock import locked
from rootcause_lib.reporting.notebooks import available_notebooks
from rootcause_lib.reporting.ordering import Order, parameter_values
from rootcause_lib.reporting.run import Run, run_notebooks

PARAMETERS = (
    'engagement: str = "../data/sample"  # the folder\n'
    "start: str | None = None  # first day\n"
    "end: str | None = None  # last day\n"
    "language: str | None = None  # en or fi\n"
    'output: str = "screen"  # screen or report\n'
    "window_days: int = 14  # days to come back\n"
    'matching: str = "auto"  # any, reason or case\n'
)

# What a real notebook does through `page.record`, without a store.
RECORD = """
import os
from pathlib import Path
import pandas as pd
from rootcause_lib.reporting.recording import CheckMade, Recorded, Said, write_result, write_tables
folder = Path(os.environ["ROOTCAUSE_RUN_FOLDER"])
frame = pd.DataFrame({"channel": ["phone", "=1+1"], "value": [0.5, None]})
tables = write_tables({"mature": frame}, analysis="tiny", folder=folder)
said = (Said("Phone settles half.", "k", "B"),)
checks = (CheckMade("rows", False, "Rows do not add up."),)
numbers = ({"metric": "first_contact_resolution", "channel": "phone", "value": 0.5},)
write_result(Recorded("tiny", "2025-01-01", "2025-01-31", said, (), checks, numbers, tables), folder=folder)
"""


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Write a notebook of code cells behind a title and a parameters cell; gives its path."""

    def write(
        name: str, *cells: str, parameters: str | None = PARAMETERS, folder: Path | None = None, title: str = ""
    ) -> Path:
        from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

        made = [new_markdown_cell(f"# {title or 'Title of ' + name}\n\nA question?", id="title")]
        if parameters is not None:
            made.append(new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}))
        made += [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
        target = folder or tmp_path / "notebooks"
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"{name}.ipynb"
        path.write_text(writes(new_notebook(cells=made)), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Run]:
    """Run every notebook of tmp_path/notebooks as a scheduler would."""

    def start(
        given: Mapping[str, object] | None = None,
        *,
        assignments: Sequence[str] = (),
        timeout_seconds: float | None = None,
        client: str = "Lumo Oy",
        language: str = "en",
        progress: Callable[[str], None] = lambda _: None,
    ) -> Run:
        notebooks = available_notebooks(shipped=tmp_path / "notebooks")
        by_run = {"engagement": str(tmp_path), "language": language, "output": "report"}
        values = parameter_values(notebooks, given or {}, assignments=assignments, by_run=by_run)
        order = Order(client, language, notebooks, values, tmp_path / "reports" / "lumo-oy", timeout_seconds)
        with locked(order.reports):
            return run_notebooks(order, progress=progress)

    return start
