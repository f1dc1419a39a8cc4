"""The numbers a notebook leaves in a run: `tables/<analysis>.<frame>` and `results/<analysis>.json`."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from rootcause_lib.errors import OutputError

TABLES, RESULTS = "tables", "results"
_FORMULA = re.compile(r"(^|[;\t\r\n])([ \"]*)(?=[=+\-@\t\r＝＋－＠])")
"""Where a spreadsheet would begin to read a formula: in front, and where it may see a further cell in the text.

Excel divides a file at the semicolons of the reader's region, whatever the file was written with.
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as shown, with what it may be used for; `key` is its key in the prose catalogue."""

    text: str
    key: str
    grade: str | None = None
    grade_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckMade:
    """The outcome of one check: `passed` None is for information."""

    name: str
    passed: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one analysis left in a run; `key_numbers` are rows of the Estimates schema."""

    analysis: str
    start: str
    end: str
    headline: tuple[Said, ...] = ()
    cannot_tell: tuple[Said, ...] = ()
    checks: tuple[CheckMade, ...] = ()
    key_numbers: tuple[Mapping[str, object], ...] = ()
    tables: Mapping[str, int] = field(default_factory=dict)
    """Rows by table, named `<analysis>.<frame>`."""


def checks_made(recorded: Sequence[Recorded]) -> tuple[tuple[str, CheckMade], ...]:
    """Every check of a run once, with the first analysis that made it."""
    first: dict[CheckMade, str] = {}
    for one in recorded:
        for check in one.checks:
            first.setdefault(check, one.analysis)
    return tuple((analysis, check) for check, analysis in first.items())


def write_tables(frames: Mapping[str, pd.DataFrame], *, analysis: str, folder: Path) -> dict[str, int]:
    """Write each frame as Parquet and CSV into `folder`/tables; the rows by table name."""
    target = folder / TABLES
    rows = {}
    try:
        target.mkdir(exist_ok=True)
        for name, frame in frames.items():
            table = f"{analysis}.{name}"
            frame.to_parquet(target / f"{table}.parquet", index=False)
            spreadsheet_safe(frame).to_csv(target / f"{table}.csv", index=False, encoding="utf-8", lineterminator="\n")
            rows[table] = len(frame)
    except OSError as error:
        raise OutputError(f"Could not write the tables of '{analysis}': {error.strerror}.") from None
    return rows


def spreadsheet_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a quote before any text, or column name, that a spreadsheet would run as a formula."""
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]) and not pd.api.types.is_datetime64_any_dtype(safe[name]):
            safe[name] = safe[name].map(_unformula, na_action="ignore")
    safe.columns = pd.Index([_unformula(name) for name in safe.columns])
    return safe


def key_number_rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of an Estimates frame as they stand in a manifest."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _unformula(value: object) -> object:
    return _FORMULA.sub(r"\1\2'", value) if isinstance(value, str) else value


def write_result(recorded: Recorded, *, folder: Path) -> None:
    """Write `results/<analysis>.json`, last and whole: where it lies, the tables are complete."""
    target = folder / RESULTS
    body = {name: getattr(recorded, name) for name in Recorded.__slots__}
    try:
        target.mkdir(exist_ok=True)
        unfinished = target / f".{recorded.analysis}.json"
        unfinished.write_text(json.dumps(as_json(body), ensure_ascii=False, indent=1), encoding="utf-8")
        unfinished.replace(target / f"{recorded.analysis}.json")
    except OSError as error:
        raise OutputError(f"Could not write the results of '{recorded.analysis}': {error.strerror}.") from None


def read_results(folder: Path) -> tuple[Recorded, ...]:
    """What the notebooks of a run have recorded so far, by name of the analysis."""
    return tuple(_read(path) for path in sorted((folder / RESULTS).glob("[!.]*.json")))


def _read(path: Path) -> Recorded:
    body = json.loads(path.read_text(encoding="utf-8"))
    return Recorded(
        analysis=body["analysis"],
        start=body["start"],
        end=body["end"],
        headline=_said(body["headline"]),
        cannot_tell=_said(body["cannot_tell"]),
        checks=tuple(CheckMade(one["name"], one["passed"], one["text"]) for one in body["checks"]),
        key_numbers=tuple(body["key_numbers"]),
        tables=body["tables"],
    )


def _said(items: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
    return tuple(Said(one["text"], one["key"], one["grade"], tuple(one["grade_reasons"])) for one in items)


def drop_incomplete_tables(folder: Path) -> None:
    """Remove tables whose analysis did not come to its end."""
    whole = {f"{recorded.analysis}." for recorded in read_results(folder)}
    for path in (folder / TABLES).glob("*"):
        if not any(path.name.startswith(analysis) for analysis in whole):
            path.unlink()


def drop_results(folder: Path) -> None:
    """Remove what the notebooks handed over, once it stands in the manifest."""
    for path in (folder / RESULTS).glob("*"):
        path.unlink()
    if (folder / RESULTS).is_dir():
        (folder / RESULTS).rmdir()


def as_json(value: object) -> Any:
    """Any value of ours in JSON types: unknown numbers are null, days are YYYY-MM-DD."""
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, (Said, CheckMade)):
        return {name: as_json(getattr(value, name)) for name in type(value).__slots__}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(one) for one in value]
    if hasattr(value, "item"):  # numpy's scalars
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (str, int, bool)) else str(value)
