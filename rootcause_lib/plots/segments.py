"""Segments that stand out, as ratios to all others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.plots.marks import interval, known, lanes, value_words
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
)  # fmt: skip
from rootcause_lib.prose import label, number, sentence, short_name, text
from rootcause_lib.prose.labels import parts_of
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 12
_TICKS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_FEW_TICKS = (0.1, 0.3, 1.0, 3.0, 10.0)
_KINDS: dict[str, QuantityKind] = {"rate": "rate", "share": "share", "growth": "ratio"}


def plot_segments(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval for each segment: how many times as much as all others, on a ratio scale.

    `frame`: the frame of segments, in its own order, the first dozen; red is more, blue less. Below the name stand
    what is compared and the figures of the segment and of all others.
    """
    with style():
        shown = frame[frame["ratio"].notna()].head(_MOST)
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.55 * max(len(shown), 2))
        if shown.empty:
            return empty(ax, language=language)
        rows = [row for _, row in shown.iterrows()]
        names = [segment_name(row, language=language) for row in rows]
        lane = lanes(ax, names, [segment_note(row, language=language) for row in rows])
        ax.set_xscale("log")
        for place, row in enumerate(rows):
            at, ratio = lane.mark(place), float(row["ratio"])
            colour = BAD if ratio > 1 else GOOD
            interval(ax, at, known(row["ratio_low"]), known(row["ratio_high"]), color=colour)
            ax.plot(ratio, at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5)
            told = Quantity("ratio", ratio, known(row["ratio_low"]), known(row["ratio_high"]))
            value_words(ax, place, number(told, language=language), str(row["grade"]), color=INK)
        ax.axvline(1, color=QUIET_INK, linewidth=0.9, zorder=1)
        dress(ax, grid="x")
        ratio_scale(ax, shown, language)
        name_axis(ax, text("plot.segments_axis", language=language) + "\n" + text("plot.grade_note", language=language))
        return ax


def segment_name(row: pd.Series, *, language: str) -> str:
    """The parts of a segment as readers know them."""
    return " · ".join(short_name(label(one, language=language, kind="part")) for one in parts_of(row["attributes"]))


def segment_note(row: pd.Series, *, language: str) -> str:
    """What is compared: the reason, the segment's figure and that of all others."""
    measure, reason = str(row["counted_as"]), str(row["reason"])
    key = f"segments_{measure}" + ("_all" if reason == ALL and measure != "share" else "")
    kind = _KINDS[measure]
    given: dict[str, Field] = {
        "reason": short_name(reason),
        "value": Quantity(kind, known(row["value"]), known(row["low"]), known(row["high"])),
        "baseline": Quantity(kind, known(row["baseline"])),
    }
    said = sentence(Finding(f"plot.{key}", given), language=language)
    # A client's label stays as it is written.
    return said if reason == ALL else short_name(reason)[:1] + said[1:]


def ratio_scale(ax: Axes, shown: pd.DataFrame, language: str) -> None:
    """Limits and ticks of a logarithmic axis that hold ratio, ratio_low and ratio_high of every row."""
    from matplotlib.ticker import NullLocator

    lows = [*shown["ratio_low"].dropna(), *shown["ratio"], 1.0]
    highs = [*shown["ratio_high"].dropna(), *shown["ratio"], 1.0]
    low, high = math.log(min(lows)), math.log(max(highs))
    room = 0.08 * max(high - low, 0.2)
    ax.set_xlim(math.exp(low - room), math.exp(high + room))
    within = [tick for tick in (_FEW_TICKS if is_narrow(ax) else _TICKS) if min(lows) * 0.9 <= tick <= max(highs) * 1.1]
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks(within, [number(tick, language=language, kind="ratio", show="alone") for tick in within])


def segments_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        ratio = Quantity("ratio", known(row["ratio"]), known(row["ratio_low"]), known(row["ratio_high"]))
        name, what = segment_name(row, language=language), segment_note(row, language=language)
        fields: dict[str, Field] = {"name": name, "ratio": ratio, "what": what}
        rows.append(sentence(Finding("alt.segments_row", fields), language=language))
    return sentence(Finding("alt.segments", {"rows": " ".join(rows)}), language=language)
