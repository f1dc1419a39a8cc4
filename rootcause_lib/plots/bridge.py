"""From the figure in the client's own tool to ours, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, quantity, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    WARN,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, text
from rootcause_lib.prose.numbers import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_bridge(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Rows from the client's figure to ours: a dot with its interval, and a bar from the figure of the row above.

    `frame`: name, value, low, high, contacts, change, grade, as `bridge`. The axis need not begin at 0.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.3 + 0.46 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        lane = lanes(
            ax,
            [label(str(row["name"]), language=language, kind="naive") for row in rows],
            [_contacts(row, language) for row in rows],
        )
        for place, row in enumerate(rows):
            _draw(ax, lane.mark(place), lane.thickness * 0.55, row, last=place == len(rows) - 1)
            gone = is_left_out(row)
            grade = "" if gone else str(row["grade"])
            value_words(ax, place, _words(row, language), grade, color=QUIET_INK if gone else INK)
        dress(ax, grid="x")
        limits = [one for row in rows for name in ("low", "high", "value") if (one := known(row[name])) is not None]
        low, high = min(limits, default=0.0), max(limits, default=1.0)
        pad = max(0.06 * (high - low), 0.01)
        ax.set_xlim(max(low - pad, 0.0), min(high + pad, 1.0))
        write_ticks(ax.xaxis, kind="share", language=language)
        note = text("plot.grade_note", language=language)
        name_axis(ax, f"{text('plot.bridge_axis', language=language)}\n{note}")
        return ax


def bridge_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        value = left_out(language=language) if is_left_out(row) else number(quantity(row, "share"), language=language)
        fields = {"name": label(str(row["name"]), language=language, kind="naive"), "value": value}
        rows.append(sentence(Finding("alt.bridge_row", fields), language=language))
    return sentence(Finding("alt.bridge", {"rows": " ".join(rows)}), language=language)


def _contacts(row: pd.Series, language: str) -> str:
    denominator = known(row["denominator"]) if "denominator" in row else None
    count = known(row["contacts"]) if denominator is None else denominator
    return "" if count is None else sentence(Finding("plot.bridge_n", {"n": count}), language=language)


def _words(row: pd.Series, language: str) -> str:
    if is_left_out(row):
        return left_out(language=language)
    share = number(Quantity("share", known(row["value"])), language=language)
    change = known(row["change"])
    if change is None:
        return share
    points = round(100 * change, 1)
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return f"{share} ({sign}{decimal(abs(points), digits=1, language=language)})"


def _draw(ax: Axes, at: float, thickness: float, row: pd.Series, *, last: bool) -> None:
    value, change = known(row["value"]), known(row["change"])
    if value is None:
        return
    if change is not None:
        colour = GOOD if change > 0 else WARN
        ax.barh(at, change, left=value - change, height=thickness, color=colour, alpha=0.35, linewidth=0)
        ax.plot(
            [value - change] * 2, [at - thickness / 2, at + thickness / 2], color=QUIET_INK, linewidth=0.9, zorder=3
        )
    interval(ax, at, known(row["low"]), known(row["high"]), color=INK)
    ax.plot(
        value, at, marker="D" if last else "o", markersize=8 if last else 6.5, color=INK, markeredgecolor=PAPER,
        zorder=5, clip_on=False,
    )  # fmt: skip
