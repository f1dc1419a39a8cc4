"""Checks that stand above the findings on channels and resolution."""

from __future__ import annotations

import pandas as pd

from rootcause_lib.analyses.channel_resolution.grades import shown_coverage, unlike_channels
from rootcause_lib.analyses.checks import checked, default_codes_check, identified_check
from rootcause_lib.analyses.rows import extremes, records
from rootcause_lib.findings import Check, Field, Quantity
from rootcause_lib.journeys import Following
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

TOLERANCE = 1e-9


def resolution_checks(
    store: Store, resolution: pd.DataFrame, shown: pd.DataFrame, followed: Following
) -> tuple[Check, ...]:
    """Identification, alike coverage, codes, follow-up, sums and rows; what can't be asked is left out.

    Sums are checked on every row; what is said of a row rests on `shown`, the rows that may be published.
    """
    found = [identified_check(store), _coverage_check(store), default_codes_check(store)]
    found += [_follow_up(store, shown, followed), _sums(resolution), _rows_alike(store)]
    return tuple(check for check in found if check is not None)


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
