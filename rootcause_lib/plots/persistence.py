"""What processes have cost so far, and what waiting costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.caused import process_name
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    pale,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_persistence(
    frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en", currency: str | None = None
) -> Axes:
    """A bar of the cost so far with its interval for each process; beside it what a further month costs.

    `frame`: process, cost_so_far, low, high, cost_of_waiting_per_month, material_since, grade, as `persistence`. Bars
    of grade D are pale; rows without a cost have none. `currency` is an ISO code; without one amounts stand alone.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.5 + 0.52 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [process_name(str(row["process"]), language=language) for row in rows]
        lane = lanes(ax, names, [_since(row, language) for row in rows])
        for place, row in enumerate(rows):
            value, weak = known(row["cost_so_far"]), row["grade"] == "D"
            if value is not None:
                fill = pale(GOOD, strength=0.35) if weak else GOOD
                ax.barh(lane.mark(place), value, height=lane.thickness, color=fill)
                interval(ax, lane.mark(place), known(row["low"]), known(row["high"]), color=INK)
            words = waiting_words(row, language=language, currency=currency)
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            value_words(ax, place, words, grade, color=QUIET_INK if weak or value is None else INK)
        ends = [known(row[name]) or 0.0 for row in rows for name in ("cost_so_far", "low", "high")]
        ax.set_xlim(min(0.0, *ends) * 1.05, max(1.0, *ends) * 1.05)
        ax.axvline(0, color=QUIET_INK, linewidth=0.9)
        dress(ax, grid="x")
        write_ticks(ax.xaxis, kind="money" if currency else "count", language=language, currency=currency)
        lines = [
            text(f"plot.{key}", language=language) for key in ("persistence_axis", "persistence_note", "grade_note")
        ]
        name_axis(ax, "\n".join(lines))
        return ax


def waiting_words(row: pd.Series, *, language: str, currency: str | None = None) -> str:
    """What a further month costs, in words."""
    if is_left_out(row):
        return left_out(language=language)
    value = known(row["cost_of_waiting_per_month"])
    if value is None:
        return "–"
    amount = number(Quantity("money", value), language=language, currency=currency)
    return sentence(Finding("plot.persistence_waiting", {"waiting": amount}), language=language)


def persistence_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        cost = Quantity("money", *(known(row[name]) for name in ("cost_so_far", "low", "high")))  # type: ignore[arg-type]
        hidden = is_left_out(row)
        waiting = Quantity("money", known(row["cost_of_waiting_per_month"]))
        fields = {
            "process": process_name(str(row["process"]), language=language),
            "cost": left_out(language=language) if hidden else number(cost, language=language),
            "waiting": left_out(language=language) if hidden else number(waiting, language=language),
        }
        rows.append(sentence(Finding("alt.persistence_row", fields), language=language))
    return sentence(Finding("alt.persistence", {"rows": " ".join(rows)}), language=language)


def _since(row: pd.Series, language: str) -> str:
    since = row.get("material_since")
    if since is None or pd.isna(since):
        return ""
    return sentence(Finding("plot.persistence_since", {"month": str(since)}), language=language)
