"""What a public frame holds: what one row is, and its columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One public frame: `row` says what a row is, `columns` are in the frame's own order."""

    row: str
    columns: tuple[str, ...]
