"""What a public frame holds: what one row is, and its columns."""

from __future__ import annotations

from dataclasses import dataclass

from rootcause_lib.estimates import COLUMNS as ESTIMATE_COLUMNS


@dataclass(frozen=True, slots=True)
class Frame:
    """One public frame: `row` says what a row is, `columns` are in the frame's own order."""

    row: str
    columns: tuple[str, ...]


def estimates_frame(row: str, *dimensions: str) -> Frame:
    """A frame of Estimates split by `dimensions`."""
    return Frame(f"{row} (Estimates)", ("metric", "statistic", *dimensions, *ESTIMATE_COLUMNS))
