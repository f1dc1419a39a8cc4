"""Rows of frames as the quantities and fields that sentences are made of."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from rootcause_lib.findings import Field, Quantity

Row = dict[Hashable, Any]
"""One row of a frame, by column."""


def records(table: pd.DataFrame) -> list[Row]:
    """The rows of a frame."""
    return table.to_dict("records")


def share_of(row: Row, *, value: str = "value", denominator: str = "denominator") -> Quantity:
    """A row of a frame of shares as a quantity."""
    numbers = [known(row[name]) for name in (value, "low", "high", denominator)]
    return Quantity("share", numbers[0], numbers[1], numbers[2], numbers[3], row.get("grade"))


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


def known(value: Any) -> float | None:
    """A number, or None where it is not known."""
    return None if pd.isna(value) else float(value)
