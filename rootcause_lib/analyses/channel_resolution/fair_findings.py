"""What the fair comparison of channels says, in named fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.channel_resolution.fair_estimates import ENOUGH
from rootcause_lib.analyses.channel_resolution.fair_reasons import TrueReasons
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity

SAID = 2
"""Sentences at most in the headline, and of most channels beside the figure."""

MOST_NAMED = 6


def fair_headline(standardised: pd.DataFrame) -> tuple[Finding, ...]:
    """What turns round once matters are alike, else the largest difference that is sure; the surer outcome first."""
    rows = _sure(standardised[standardised["grade"].isin(list("ABC"))])
    turned = [row for row in rows if _turned(row)]
    first = [*turned, *(row for row in rows if row not in turned)][:1]
    return tuple(_said(row) for row in first)


def fair_readings(
    frames: Mapping[str, pd.DataFrame], *, audited: TrueReasons | None
) -> Mapping[str, tuple[Finding, ...]]:
    """What stands beside both figures."""
    table, cells = frames["standardised"], frames["overlap"]
    if table.empty:
        return MappingProxyType({"standardised": (), "overlap": ()})
    told = [Finding("channel_fair.how", {"baseline": str(table["baseline_channel"].iloc[0])}), _basis(table, audited)]
    rows = records(table[table["difference"].notna()])
    told += [_said(row) for row in sorted(rows, key=lambda row: str(row["grade"]))]
    return MappingProxyType({"standardised": tuple(told), "overlap": tuple(_left_out(table, cells))})


def fair_cannot_tell(standardised: pd.DataFrame, *, known_in: int) -> tuple[Finding, ...]:
    """What holding channels to one mix leaves open; in `known_in` channels an outcome is known at all."""
    if known_in == 1:
        return (Finding("channel_fair.one_channel"),)
    return (Finding("channel_fair.unmeasured"),) if standardised["difference"].notna().any() else ()


def _basis(table: pd.DataFrame, audited: TrueReasons | None) -> Finding:
    basis = str(table["basis"].iloc[0])
    if basis == "audited" and audited is not None:
        return Finding("channel_fair.by_audit", {"contacts": len(audited.audit.contacts)})
    return Finding("channel_fair.by_code" if basis == "coded" else "channel_fair.by_nothing")


def _sure(table: pd.DataFrame) -> list[Row]:
    """Rows whose interval excludes no difference, best grade first, then the largest."""
    apart = table[(table["difference_low"] > 0) | (table["difference_high"] < 0)]
    ranked = apart.assign(_size=-apart["difference"].abs()).sort_values(["grade", "_size", "channel"], kind="stable")
    return records(ranked.drop(columns="_size"))


def _turned(row: Row) -> bool:
    """Whether the crude figures say surely the other thing."""
    if pd.isna(row["naive_low"]):
        return False
    return bool(row["naive_low"] > 0 > row["difference_high"] or row["naive_high"] < 0 < row["difference_low"])


def _said(row: Row) -> Finding:
    key = _key(row)
    given: dict[str, Field] = {
        "outcome": str(row["outcome"]),
        "channel": str(row["channel"]),
        "baseline": str(row["baseline_channel"]),
        "difference": _points(row, "difference", "difference", signed=key == "alike"),
        "naive": _points(row, "naive_difference", "naive", signed=False),
    }
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    return Finding(f"channel_fair.{key}", given, str(row["grade"]), reasons)


def _key(row: Row) -> str:
    if row["difference_low"] <= 0 <= row["difference_high"]:
        return "alike"
    side = "more" if row["difference"] > 0 else "less"
    return f"{side}_turned" if _turned(row) else side


def _points(row: Row, name: str, limits: str, *, signed: bool) -> Quantity:
    """A difference; without its sign where the sentence says which way, its interval turned with it."""
    value, low, high = known(row[name]), known(row[f"{limits}_low"]), known(row[f"{limits}_high"])
    if not signed and value is not None and value < 0:
        value, low, high = -value, None if high is None else -high, None if low is None else -low
    return Quantity("points", value, low, high, float(row["contacts"]), str(row["grade"]))


def _left_out(table: pd.DataFrame, cells: pd.DataFrame) -> Iterator[Finding]:
    """Cells that are not compared, by outcome; what is everywhere compared needs no words."""
    for outcome in dict.fromkeys(table["outcome"]):
        own = cells[(cells["outcome"] == outcome) & (cells["reason"] != "")]
        if own.empty:
            continue
        gone = own[~own["compared"].astype(bool)]
        named = tuple(dict.fromkeys(gone["reason"].astype(str)))
        given: dict[str, Field] = {
            "outcome": str(outcome),
            "cells": len(own),
            "left_out": len(gone),
            "enough": ENOUGH,
            "reasons": named[:MOST_NAMED],
        }
        yield Finding("channel_fair.left_out" if named else "channel_fair.none_left_out", given)
