"""Marks that several figures share: rows with a name, intervals, labels beside the ends of lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.findings import Quantity, QuantityKind
from rootcause_lib.plots.style import INK, QUIET_INK, height_in_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def known(value: Any) -> float | None:
    """A cell as a number; NA is None."""
    return None if pd.isna(value) else float(value)


def quantity(row: pd.Series, kind: QuantityKind, *, value: str = "value", of: str | None = None) -> Quantity:
    """The Quantity in a row of a tidy frame; `of` names the column of its denominator."""
    return Quantity(kind, known(row[value]), known(row.get("low")), known(row.get("high")), known(row.get(of)))


def first_of(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows that share the first row's value in `columns` (those of them that the frame has)."""
    for column in columns:
        if column in frame and len(frame):
            frame = frame[frame[column] == frame[column].iloc[0]]
    return frame


def name_rows(ax: Axes, names: Sequence[str], notes: Sequence[str]) -> None:
    """Row labels on the left, first row on top, each with a small note below its name."""
    places = range(len(names))
    ax.set_yticks(list(places), [""] * len(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    for place, name, note in zip(places, names, notes, strict=True):
        up = 4.5 if note else 0
        _beside(ax, place, name, up=up, color=INK)
        if note:
            _beside(ax, place, note, up=-6.5, color=QUIET_INK, fontsize=8)


def _beside(ax: Axes, place: int, words: str, *, up: float, color: str, fontsize: float = 9.5) -> None:
    ax.annotate(
        words, (0, place), xycoords=ax.get_yaxis_transform(), xytext=(-7, up), textcoords="offset points",
        ha="right", va="center", color=color, fontsize=fontsize, annotation_clip=False,
    )  # fmt: skip


def interval(ax: Axes, place: float, low: float | None, high: float | None, *, color: str) -> None:
    """A thin horizontal line with end marks from `low` to `high`; nothing where a bound is unknown."""
    if low is None or high is None:
        return
    ax.plot([low, high], [place, place], color=color, linewidth=1.6, solid_capstyle="butt", zorder=4)
    ax.plot([low, high], [place, place], color=color, linestyle="none", marker="|", markersize=7, zorder=4)


def end_labels(ax: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Names beside the right ends of lines, moved apart where they would overlap; (x, y, words, colour)."""
    if not ends:
        return
    low, high = ax.get_ylim()
    gap = 0.17 / max(height_in_inches(ax), 0.5) * (high - low)
    at = 0.0
    ordered = sorted(ends, key=lambda end: end[1])
    places: list[float] = []
    for _, y, _, _ in ordered:
        at = y if not places else max(y, places[-1] + gap)
        places.append(at)
    over = places[-1] - high
    for index in range(len(places) - 1, -1, -1):
        if over > 0:
            ceiling = high if index == len(places) - 1 else places[index + 1] - gap
            places[index] = min(places[index], ceiling)
    right = max(x for x, _, _, _ in ends)
    for place, (_, y, words, color) in zip(places, ordered, strict=True):
        ax.annotate(
            words, (right, y), xytext=(right, place), textcoords="data", color=color, va="center", fontsize=9,
            annotation_clip=False,
        )  # fmt: skip
