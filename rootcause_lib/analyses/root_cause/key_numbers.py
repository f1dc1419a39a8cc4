"""What the next run will want to compare with, as Estimates."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from rootcause_lib.estimates import COLUMNS
from rootcause_lib.store import Store

SHARES = {"attributable": "caused_share", "eliminable": "eliminable_share"}
"""Frame -> metric: the share of all contacts a process accounts for."""


def key_numbers(store: Store, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Shares of contacts by process, and of reasons as corrected (else as coded); rows without a number left out."""
    parts = [_caused(frames[name], metric) for name, metric in SHARES.items()]
    table = pd.concat([*parts, _reasons(frames["reasons"])], ignore_index=True)
    table = table.assign(
        statistic="share", threshold=float("nan"), verdict=None, level=store.engagement.definitions.level
    )
    told = table[table["value"].notna()]
    return told[["metric", "statistic", "process", "reason", *COLUMNS]].reset_index(drop=True)


def _caused(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    whole = frame["contacts"] / frame["share"].where(frame["share"] != 0)
    return pd.DataFrame(
        {
            "metric": metric, "process": frame["process"], "reason": "all", "value": frame["share"],
            "low": frame["share_low"], "high": frame["share_high"], "numerator": frame["contacts"],
            "denominator": whole, "unobserved": frame["unobserved"], "customers": frame["customers"],
            "method": frame["method"], "claim": frame["claim"], "grade": frame["grade"],
            "grade_reasons": frame["grade_reasons"],
        }
    )  # fmt: skip


def _reasons(frame: pd.DataFrame) -> pd.DataFrame:
    corrected = frame["corrected_share"].notna()
    value, low, high = (
        frame[f"corrected_{name}"].where(corrected, frame[f"coded_{name}"]) for name in ("share", "low", "high")
    )
    whole = frame.loc[frame["reason"] == "all", "contacts"].sum()
    own = frame.assign(metric="reason_share", process="all", value=value, low=low, high=high)
    own = own.assign(numerator=value * whole, denominator=whole)
    return own[own["reason"] != "all"]
