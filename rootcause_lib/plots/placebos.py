"""Guards of contacts and leaving: ratios that should be none, beside the band that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rootcause_lib.findings import Field, Finding
from rootcause_lib.plots.marks import interval, known, lanes, value_of, value_words
from rootcause_lib.plots.ratio_axis import cut, ratio_axis
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    WARN,
    axes_or_new,
    dress,
    empty,
    name_axis,
    pale,
    style,
)  # fmt: skip
from rootcause_lib.prose import label, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {"passed": GOOD, "undecided": WARN, "failed": BAD}
_TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50)


def plot_placebos(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per guard, on a logarithmic axis; shaded: what is allowed, half of what was found.

    `frame`: placebo, hazard_ratio, low, high, allowed_low, allowed_high, verdict, reason_untold, grade, as `placebos`.
    The verdict stands in words below each name, and in the colour.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.7 + 0.56 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [label(str(row["placebo"]), language=language, kind="placebo") for row in rows]
        lane = lanes(ax, names, [label(str(row["verdict"]), language=language, kind="verdict") for row in rows])
        for place, row in enumerate(rows):
            at = lane.mark(place)
            _band(ax, at, row)
            _mark(ax, at, row)
            value_words(ax, place, _words(row, language), str(row["grade"]), color=INK)
        numbers = frame[["low", "high", "hazard_ratio", "allowed_low", "allowed_high"]].to_numpy(dtype=float)
        ratio_axis(ax, numbers[~np.isnan(numbers)], ticks=_TICKS, language=language)
        spans = [(lane.mark(place) - 0.3, lane.mark(place) + 0.3) for place in range(len(rows))] if lane.narrow else []
        for low, high in spans or [(-0.45, len(rows) - 0.5)]:
            ax.vlines(1, low, high, color=QUIET_INK, linewidth=1.1, zorder=1)
        dress(ax, grid="x")
        notes = f"{text('plot.placebos_allowed', language=language)} {text('plot.grade_note', language=language)}"
        name_axis(ax, f"{text('plot.placebos_axis', language=language)}\n{notes}")
        return ax


def _band(ax: Axes, at: float, row: pd.Series) -> None:
    low, high = known(row["allowed_low"]), known(row["allowed_high"])
    if low is not None and high is not None:
        ax.fill_betweenx([at - 0.26, at + 0.26], cut(low), cut(high), color=pale(GOOD, strength=0.18), linewidth=0)


def _mark(ax: Axes, at: float, row: pd.Series) -> None:
    value, low, high = (known(row[name]) for name in ("hazard_ratio", "low", "high"))
    if value is None:
        return
    colour = _COLOURS.get(str(row["verdict"]), WARN)
    ends = (None if end is None else cut(end) for end in (low, high))
    interval(ax, at, *ends, color=colour)
    ax.plot(cut(value), at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5, linestyle="none")


def _words(row: pd.Series, language: str) -> str:
    if known(row["hazard_ratio"]) is None and row["reason_untold"]:
        return text("plot.placebos_untold", language=language)
    return value_of(row.rename({"hazard_ratio": "value"}), "ratio", language=language)


def placebos_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        given: dict[str, Field] = {name: str(row[name]) for name in ("placebo", "verdict")}
        given["ratio"] = _words(row, language)
        rows.append(sentence(Finding("alt.placebos_row", given), language=language))
    return sentence(Finding("alt.placebos", {"rows": " ".join(rows)}), language=language)
