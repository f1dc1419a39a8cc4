"""What is said of matters that follow each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.channel_resolution.chain_findings import moved_finding
from rootcause_lib.analyses.rows import known, records, share_of
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.journeys import Following
from rootcause_lib.store import Store

_MOST_SAID = 3
_RATE = 0.05


def next_issue_readings(store: Store, table: pd.DataFrame, followed: Following) -> tuple[Finding, ...]:
    """The strongest pairs, or that none stands out, and how many were compared."""
    if not store.extent.identified or not store.extent.coded:
        return ()
    told = table[table["told"].astype(bool)]
    if told.empty:
        return (Finding("channel_moves.none_follows", {"pairs": len(table), "rate": _RATE}),)
    return (
        *_pairs(told, followed),
        Finding("channel_moves.pairs_compared", {"pairs": len(table), "told": len(told), "rate": _RATE}),
    )


def next_issue_cannot_tell(table: pd.DataFrame) -> tuple[Finding, ...]:
    """Order in time is no cause."""
    return (Finding("channel_moves.order_no_cause"),) if table["told"].astype(bool).any() else ()


def _pairs(told: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    for row in records(told.head(_MOST_SAID)):
        contacts = float(row["denominator"])
        low, high = known(row["lift_low"]), known(row["lift_high"])
        given: dict[str, Field] = {
            "reason": str(row["reason"]),
            "next_reason": str(row["next_reason"]),
            "share": share_of(row, value="share"),
            "baseline": Quantity("share", float(row["baseline"]), denominator=contacts),
            "lift": Quantity("ratio", known(row["lift"]), low, high, contacts),
            "window_days": followed.window_days,
        }
        yield moved_finding("follows" if row["baseline"] > 0 else "follows_only", given, row)
