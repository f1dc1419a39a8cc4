"""What is said about guesses, about since when, and about waiting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from rootcause_lib.analyses.root_cause.findings import said_as
from rootcause_lib.findings import Finding, Quantity, QuantityKind

AREA = "root_cause_guesses"

MOST = 3
"""Processes that are spoken of; the table holds all."""


def lasting_readings(persistence: pd.DataFrame, guesses: pd.DataFrame, owners: pd.DataFrame) -> Mapping[
    str, tuple[Finding, ...]
]:  # fmt: skip
    """What stands beside the frames `persistence`, `guesses` and `owners`, by frame; nothing beside an empty one."""
    said = {
        "persistence": (*_lasting(persistence), _finding("reading_persistence")),
        "guesses": (*guesses_findings(guesses), _finding("reading_guesses")),
        "owners": (_finding("reading_owners"),),
    }
    frames = {"persistence": persistence, "guesses": guesses, "owners": owners}
    return MappingProxyType({name: found if len(frames[name]) else () for name, found in said.items()})


def lasting_cannot_tell(persistence: pd.DataFrame, guesses: pd.DataFrame) -> tuple[Finding, ...]:
    """What is missing for these questions: a yardstick, guesses."""
    said = []
    if (persistence["reason_untold"] == "no_yardstick").any():
        said.append(_finding("no_yardstick"))
    if guesses.empty:
        said.append(_finding("no_guesses"))
    return tuple(said)


def guesses_findings(guesses: pd.DataFrame) -> tuple[Finding, ...]:
    """One sentence for each guess, in their order."""
    return tuple(_guess(row) for _, row in guesses.iterrows())


def _guess(row: pd.Series) -> Finding:
    fields: dict[str, Any] = {
        "who": str(row["who"]),
        "reason": str(row["reason"]),
        "guessed": Quantity("share", float(row["guessed_share"])),
    }
    if pd.isna(row["measured_share"]):
        return _graded("guess_untold", row, fields)
    measured = _quantity(row, "share", "measured_share", "low", "high")
    return _graded(f"guess_{row['verdict']}", row, {**fields, "measured": measured})


def _lasting(persistence: pd.DataFrame) -> Iterator[Finding]:
    """Of the costliest processes: since when, what waiting costs, what has been proposed."""
    told = persistence[persistence["cost_so_far"].notna()].head(MOST)
    for _, row in told.iterrows():
        process = {"process": str(row["process"])}
        cost = _quantity(row, "money", "cost_so_far", "low", "high")
        if pd.isna(row["material_since"]):
            yield _graded("cost_so_far", row, {**process, "cost": cost})
        else:
            key = "material_at_least" if row["since_start"] else "material_since"
            since = dt.date.fromisoformat(f"{row['material_since']}-01")
            yield _graded(key, row, {**process, "cost": cost, "since": since})
        if row["cost_of_waiting_per_month"] > 0:
            waiting = _quantity(row, "money", "cost_of_waiting_per_month", "waiting_low", "waiting_high")
            yield _graded("waiting", row, {**process, "waiting": waiting})
        if row["ideas_open"] > 0:
            counts = {"filed": int(row["ideas_filed"]), "open": int(row["ideas_open"])}
            yield _finding("ideas_open", {**process, **counts})


def _quantity(row: pd.Series, kind: QuantityKind, value: str, low: str, high: str) -> Quantity:
    return Quantity(kind, float(row[value]), float(row[low]), float(row[high]), grade=str(row["grade"]))


def _graded(key: str, row: pd.Series, fields: Mapping[str, Any]) -> Finding:
    return said_as(f"{AREA}.{key}", fields, row.to_dict())


def _finding(key: str, fields: Mapping[str, Any] | None = None) -> Finding:
    return Finding(f"{AREA}.{key}", fields or {})
