"""Checks that stand above the findings on channels and resolution."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from rootcause_lib.analyses.channel_grades import shown_coverage, unlike_channels
from rootcause_lib.findings import Check, Field, Finding, Quantity
from rootcause_lib.journeys import Following
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

TOLERANCE = 1e-9

Row = dict[Hashable, Any]
"""One row of a frame, by column."""


def resolution_checks(
    store: Store, resolution: pd.DataFrame, shown: pd.DataFrame, followed: Following
) -> tuple[Check, ...]:
    """Identification, alike coverage, codes, follow-up, sums and rows; what can't be asked is left out.

    Sums are checked on every row; what is said of a row rests on `shown`, the rows that may be published.
    """
    found = [identified_check(store), _coverage_check(store), default_codes_check(store)]
    found += [_follow_up(store, shown, followed), _sums(resolution), _rows_alike(store)]
    return tuple(check for check in found if check is not None)


def identified_check(store: Store) -> Check:
    """Do enough contacts carry a customer for figures that follow customers (grade C's limit)?"""
    share = store.identified_share
    quantity = Quantity("share", _known(share), denominator=store.extent.contacts)
    return checked("identified", share >= store.engagement.grades.identified[2], {"identified": quantity})


def default_codes_check(store: Store) -> Check | None:
    """Do the reason codes say something (grade C's limit)? None without codes."""
    if not store.extent.coded:
        return None
    share = store.default_code_share
    quantity = Quantity("share", share, denominator=store.extent.coded)
    return checked("default_codes", share <= store.engagement.grades.default_codes[2], {"share": quantity})


def checked(name: str, outcome: Any, given: Mapping[str, Field], *, table: pd.DataFrame | None = None) -> Check:
    """A check whose sentence is `check.<name>_ok` where the outcome is true, else `check.<name>_failed`."""
    held = bool(outcome)
    return Check(name, held, Finding(f"check.{name}_{'ok' if held else 'failed'}", given), table)


def records(table: pd.DataFrame) -> list[Row]:
    """The rows of a frame."""
    return table.to_dict("records")


def extremes(table: pd.DataFrame, *, denominator: str = "denominator") -> dict[str, Field]:
    """low_channel, low, high_channel and high of a frame of shares by channel."""
    rows = records(table.sort_values("value", kind="stable"))
    low, high = rows[0], rows[-1]
    return {
        "low_channel": str(low["channel"]),
        "low": share_of(low, denominator=denominator),
        "high_channel": str(high["channel"]),
        "high": share_of(high, denominator=denominator),
    }


def share_of(row: Row, *, value: str = "value", denominator: str = "denominator") -> Quantity:
    """A row of a frame of shares as a quantity."""
    numbers = [_known(row[name]) for name in (value, "low", "high", denominator)]
    return Quantity("share", numbers[0], numbers[1], numbers[2], numbers[3], row.get("grade"))


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _coverage_check(store: Store) -> Check | None:
    table = shown_coverage(store)
    if len(table) < 2 or not store.extent.identified:
        return None
    alike = store.extent.coverage_gap <= store.engagement.grades.coverage_gap
    return checked("coverage_alike", alike, extremes(table), table=table)


def _follow_up(store: Store, resolution: pd.DataFrame, followed: Following) -> Check | None:
    total = total_rows(resolution, followed)
    if total["contacts"].isna().all():
        return None
    row = records(total)[0]
    share = float(row["unobserved"]) / float(row["contacts"])
    quantity = Quantity("share", share, denominator=float(row["contacts"]))
    given: dict[str, Field] = {"unknown": quantity, "window_days": followed.window_days}
    return checked("follow_up", share <= store.engagement.grades.unobserved[2], given)


def total_rows(resolution: pd.DataFrame, followed: Following) -> pd.DataFrame:
    """The rows over all channels and reasons under the chosen rule."""
    chosen = (resolution["channel"] == ALL) & (resolution["reason"] == ALL)
    return resolution[chosen & (resolution["match"] == followed.matching)]


def channel_rows(resolution: pd.DataFrame, followed: Following, *, outcome: str) -> pd.DataFrame:
    """The rows by channel under the chosen rule, of one outcome and with a value."""
    chosen = (resolution["channel"] != ALL) & (resolution["reason"] == ALL) & (resolution["outcome"] == outcome)
    return resolution[chosen & (resolution["match"] == followed.matching) & resolution["value"].notna()]


def _sums(resolution: pd.DataFrame) -> Check | None:
    if resolution.empty:
        return None
    sums = resolution.groupby(["channel", "reason", "match"])["value"].sum(min_count=2).dropna()
    return checked("shares_sum", bool(((sums - 1).abs() < TOLERANCE).all()), {})


def _rows_alike(store: Store) -> Check:
    unlike = unlike_channels(store)
    return checked("rows_alike", not unlike, {"channels": unlike} if unlike else {})
