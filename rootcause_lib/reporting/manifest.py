"""manifest.json: what a run read, with what, when, and what came of it; for machines and for auditors."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.reporting.edition import Edition, Outcome
from rootcause_lib.reporting.recording import Recorded, as_json, checks_made

if TYPE_CHECKING:
    from rootcause_lib.fingerprints import Input

FORMAT = 1
_PACKAGES = (
    "rootcause-lib",
    "babel",
    "duckdb",
    "ipykernel",
    "matplotlib",
    "nbconvert",
    "numpy",
    "openpyxl",
    "pandas",
    "papermill",
    "pyarrow",
    "scipy",
    "seaborn",
    "sqlglot",
    "statsmodels",
)


def manifest(edition: Edition, *, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The manifest as JSON types. Holds names, counts, hashes and results; no value of a client's row, no folder."""
    order = edition.order
    outcomes = [chapter.outcome for chapter in edition.chapters]
    body: dict[str, object] = {
        "format": FORMAT,
        "run_id": edition.run_id,
        "client": order.client,
        "language": order.language,
        "status": "good" if edition.exit_code == 0 else "failed",
        "exit_code": edition.exit_code,
        "began": edition.began,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "parameters": {name: without_place(given) for name, given in order.values.items()},
        "inputs": edition.inputs,
        "notebooks": [{name: getattr(one, name) for name in Outcome.__slots__} for one in outcomes],
        **_results(edition.recorded),
        "python": platform.python_version(),
        "interpreter": Path(sys.executable).name,
        "platform": platform.platform(),
        "packages": package_versions(),
    }
    return {name: as_json(value) for name, value in body.items()}


def _results(recorded: Sequence[Recorded]) -> dict[str, object]:
    return {
        "checks": [
            {"analysis": analysis, "name": check.name, "passed": check.passed, "text": check.text}
            for analysis, check in checks_made(recorded)
        ],
        "headlines": [
            {"analysis": one.analysis, "key": said.key, "text": said.text, "grade": said.grade}
            for one in recorded
            for said in one.headline
        ],
        "key_numbers": [{"analysis": one.analysis, **row} for one in recorded for row in one.key_numbers],
        "tables": {name: rows for one in recorded for name, rows in one.tables.items()},
    }


def without_place(given: Mapping[str, object]) -> dict[str, object]:
    """Parameters with the engagement as its file's name: folders name a machine and who works on it."""
    return {name: Path(str(value)).name if name == "engagement" else value for name, value in given.items()}


def package_versions() -> dict[str, str | None]:
    """The installed version of each package a number may depend on; None for one that is not installed."""
    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def inputs_used(sources: pd.DataFrame, files: Sequence[Input]) -> list[dict[str, object]]:
    """The exports behind a store: table, source, row counts, and size and SHA-256 where the source is a file.

    `sources` is the intake's frame, `files` the store's inputs; a source is named by its file's name.
    """
    used = []
    for row in sources.to_dict("records"):
        source, table = str(row["source"]), str(row["table"])
        file = next((one for one in files if one.table == table and one.path.name == Path(source).name), None)
        facts = {"bytes": file.size if file else None, "sha256": file.sha256 if file else None}
        counts = {str(name): value for name, value in row.items() if str(name).startswith("rows_")}
        used.append({"table": table, "source": source, **counts, **facts})
    return used


def own_version() -> str:
    """This package's version, also from a source tree that is not installed."""
    try:
        return importlib.metadata.version("rootcause-lib")
    except importlib.metadata.PackageNotFoundError:
        return str(getattr(sys.modules["rootcause_lib"], "__version__", ""))
