"""Whole processes, starts included: a run of the notebooks, an import, a light notebook."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from clients import Client
from measuring import ROOT, Cost, run_child

FIRST, AGAIN, SMALL = "first run", "run again, store made", "run again, smallest client"
IMPORT, IMPORT_ALL = "import rootcause_lib", "import rootcause_lib, every public name used"
IMPORT_OTHERS = "import pandas, duckdb, sqlglot, pydantic"
LIGHT, BARE = "light notebook (00_data_health, store made)", "bare kernel: pandas, duckdb, seaborn"

_RUN = "import sys; from rootcause_lib.cli import main; sys.exit(main(['run', sys.argv[1], '--quiet']))"
_EXECUTE = (
    "import sys, papermill; papermill.execute_notebook(sys.argv[1], sys.argv[2], "
    "parameters={'engagement': sys.argv[3]} if len(sys.argv) > 3 else {}, progress_bar=False)"
)
_BARE = ("import duckdb\nimport pandas\nimport seaborn",)


def engagement(client: Client) -> Path:
    """A folder of its own for runs, so that no store or report is there yet."""
    folder = client.folder / "engagement"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in client.tables.iterdir():
        if file.suffix == ".parquet":
            (folder / file.name).symlink_to(file)
    shutil.copyfile(client.tables / "engagement.toml", folder / "engagement.toml")
    return folder


def run_notebooks(folder: Path) -> Cost:
    """`rootcause run` as a scheduler starts it."""
    return run_child([sys.executable, "-c", _RUN, str(folder)])[0]


def imports() -> dict[str, Cost]:
    lines = {
        IMPORT: "import rootcause_lib",
        IMPORT_ALL: "import rootcause_lib as rc; [getattr(rc, name) for name in rc.__all__]",
        IMPORT_OTHERS: IMPORT_OTHERS,
    }
    return {title: run_child([sys.executable, "-c", line])[0] for title, line in lines.items()}


def notebooks(folder: Path) -> dict[str, Cost]:
    """Papermill executing a notebook, kernel included; `folder` holds an engagement whose store is made."""
    made = folder / "executed.ipynb"
    bare = folder / "bare.ipynb"
    _write_bare(bare)
    light = str(ROOT / "notebooks" / "00_data_health.ipynb")
    execute = [sys.executable, "-c", _EXECUTE]
    return {
        LIGHT: run_child([*execute, light, str(made), str(folder)])[0],
        BARE: run_child([*execute, str(bare), str(made)])[0],
    }


def _write_bare(file: Path) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": f"bare-{at}",
            "metadata": {},
            "source": line,
            "outputs": [],
            "execution_count": None,
        }
        for at, line in enumerate(_BARE)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(book), encoding="utf-8")
