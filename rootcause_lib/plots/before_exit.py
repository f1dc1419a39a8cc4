"""How often customers make contact in the weeks before they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import known, name_lines
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {"notice": GOOD, "leaving": BAD}


def plot_before_exit(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Lines with interval bands: contacts per customer and week, the day of leaving at the right end.

    `frame`: clock, weeks_before, per_week, low, high, usual, as `contacts_before_exit`; the dotted line is the usual.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.0)
        told = frame.dropna(subset="per_week")
        if told.empty:
            return empty(ax, language=language)
        ends = []
        for clock, rows in told.groupby("clock", sort=False):
            rows = rows.sort_values("weeks_before", ascending=False)
            weeks, colour = -rows["weeks_before"].astype(float), _COLOURS[str(clock)]
            low, high = rows["low"].astype(float), rows["high"].astype(float)
            ax.fill_between(weeks, low, high, color=colour, alpha=0.13, linewidth=0)
            ax.plot(weeks, rows["per_week"].astype(float), color=colour, linewidth=2.0, marker="o", markersize=3.5)
            name = label(str(clock), language=language, kind="clock")
            ends.append((float(weeks.iloc[-1]), float(rows["per_week"].iloc[-1]), name, colour))
        usual = told["usual"].astype(float).dropna()
        if len(usual):
            ax.axhline(usual.iloc[0], color=QUIET_INK, linewidth=1.0, linestyle=(0, (1, 2)))
        dress(ax, grid="y")
        ax.set_ylim(0, None)
        ax.set_xlim(-float(told["weeks_before"].max()) - 0.3, 0.3)
        write_ticks(ax.yaxis, kind="rate", language=language)
        _count_back(ax, language)
        name_axis(ax, text("plot.before_weeks", language=language))
        name_axis(ax, text("plot.before_axis", language=language), axis="y")
        name_lines(ax, ends)
        return ax


def _count_back(ax: Axes, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    from rootcause_lib.prose.numbers import decimal

    ax.xaxis.set_major_locator(MultipleLocator(4))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: decimal(abs(value), digits=0, language=language)))


def before_exit_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: each line's highest week."""
    rows = []
    for clock, own in frame.groupby("clock", sort=False):
        told = own.dropna(subset="per_week")
        if told.empty:
            name = label(str(clock), language=language, kind="clock")
            given: dict[str, Field] = {"name": name, "value": left_out(language=language)}
            rows.append(sentence(Finding("alt.estimates_row", given), language=language))
            continue
        most = told.sort_values("per_week", ascending=False, kind="stable").iloc[0]
        limits = known(most["low"]), known(most["high"])
        given = {
            "clock": str(clock), "weeks_before": int(most["weeks_before"]),
            "high": Quantity("rate", known(most["per_week"]), *limits), "usual": Quantity("rate", known(most["usual"])),
        }  # fmt: skip
        rows.append(sentence(Finding("alt.before_exit_row", given), language=language))
    return sentence(Finding("alt.before_exit", {"rows": " ".join(rows)}), language=language)
