"""What the search for segments says, in named fields, most important first."""

from __future__ import annotations

import pandas as pd

from rootcause_lib.analyses.root_cause.change_grades import FALSE_DISCOVERY_RATE
from rootcause_lib.analyses.root_cause.segments import SegmentSearch
from rootcause_lib.analyses.rows import Row, records
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.prose.labels import parts_of
from rootcause_lib.vocabulary import ALL

_SHOWN = 3

_KINDS: dict[str, QuantityKind] = {"rate": "rate", "share": "share", "growth": "ratio"}


def segment_headline(found: SegmentSearch) -> tuple[Finding, ...]:
    """The segments with the largest excess of contacts, or that none stands out."""
    rows = records(found.segments.head(_SHOWN))
    if not rows:
        return (Finding("root_cause_segments.none", _searched(found)),)
    return tuple(_segment(row) for row in rows)


def segment_readings(found: SegmentSearch) -> tuple[Finding, ...]:
    """How it was searched, and among whom."""
    told = [Finding("root_cause_segments.searched", _searched(found)), Finding("root_cause_segments.not_causes")]
    if found.searched < 1:
        shares: dict[str, Field] = {"searched": found.searched, "confirming": found.confirming}
        told.append(Finding("root_cause_segments.sampled", shares))
    return tuple(told)


def _searched(found: SegmentSearch) -> dict[str, Field]:
    return {
        "looked_at": found.looked_at,
        "carried": found.carried,
        "confirmed": len(found.segments),
        "rate": FALSE_DISCOVERY_RATE,
    }


def _segment(row: Row) -> Finding:
    every, about = row["attributes"] == ALL, row["reason"] != ALL
    kind = _KINDS[str(row["counted_as"])]
    given: dict[str, Field] = {
        "segment": parts_of(str(row["attributes"])), "reason": str(row["reason"]),
        "value": Quantity(kind, *_known(row, "value", "low", "high"), float(row["contacts"]), str(row["grade"])),
        "baseline": Quantity(kind, float(row["baseline"])),
        "ratio": Quantity("ratio", *_known(row, "ratio", "ratio_low", "ratio_high"), float(row["contacts"])),
        "contacts": float(row["contacts"]), "merged": int(row["merged"]),
    }  # fmt: skip
    key = str(row["counted_as"])
    if key != "share":
        key = f"{key}_reason" if every else f"{key}_about" if about else key
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    return Finding(f"root_cause_segments.{key}", given, str(row["grade"]), reasons)


def _known(row: Row, value: str, low: str, high: str) -> tuple[float | None, float | None, float | None]:
    def known(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    return known(value), known(low), known(high)
