"""How many contacts each process accounts for, whose it is, and what remains without a known cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, value_of, value_words
from rootcause_lib.plots.style import (
    GOOD,
    GRID,
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
from rootcause_lib.prose import label, number, short_name, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNEXPLAINED = "unexplained"


def plot_caused(
    frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en", currency: str | None = None
) -> Axes:
    """A bar of contacts with its interval for each process, its owner and cost below the name; all other contacts are
    the last bar, in grey.

    `frame`: process, owner, contacts, low, high, cost, grade, as `attributable` or `eliminable`; the row `all` is left
    out, since the bars add up to it. Bars of grade D are pale. `currency` is an ISO code; without one costs are
    left out.
    """
    with style():
        rows = [row for _, row in frame.iterrows() if row["process"] != ALL]
        ax = axes_or_new(ax, width=7.6, height=1.3 + 0.52 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [process_name(str(row["process"]), language=language) for row in rows]
        lane = lanes(ax, names, [_note(row, language, currency) for row in rows])
        for place, row in enumerate(rows):
            _bar(ax, lane.mark(place), lane.thickness, row)
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            words = value_of(row.rename({"contacts": "value"}), "count", language=language)
            weak = known(row["contacts"]) is None or grade == "D"
            value_words(ax, place, words, grade, color=QUIET_INK if weak else INK)
        ends = [known(row[name]) or 0.0 for row in rows for name in ("contacts", "low", "high")]
        ax.set_xlim(min(0.0, *ends) * 1.05, max(1.0, *ends) * 1.05)
        ax.axvline(0, color=QUIET_INK, linewidth=0.9)
        dress(ax, grid="x")
        write_ticks(ax.xaxis, kind="count", language=language)
        name_axis(ax, f"{text('plot.caused_axis', language=language)}\n{text('plot.grade_note', language=language)}")
        return ax


def process_name(process: str, *, language: str) -> str:
    """A process as readers know it: the client's own name for it, or what stands for no process."""
    return short_name(label(process, language=language, kind="process"))


def _bar(ax: Axes, at: float, thickness: float, row: pd.Series) -> None:
    value = known(row["contacts"])
    if value is None or is_left_out(row):
        return
    grey = row["process"] == UNEXPLAINED
    fill = GRID if grey else GOOD if row["grade"] != "D" else pale(GOOD, strength=0.35)
    ax.barh(at, value, height=thickness, color=fill)
    interval(ax, at, known(row["low"]), known(row["high"]), color=INK)


def _note(row: pd.Series, language: str, currency: str | None) -> str:
    owner = "" if pd.isna(row["owner"]) or not row["owner"] else short_name(str(row["owner"]))
    cost = known(row.get("cost"))
    money = (
        ""
        if cost is None or currency is None
        else number(Quantity("money", cost), language=language, currency=currency)
    )
    return ", ".join(part for part in (owner, money) if part)
