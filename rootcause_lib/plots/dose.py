"""Whether contacts rise with every day something is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.plots.caused import process_name
from rootcause_lib.plots.marks import name_lines
from rootcause_lib.plots.style import (
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)
from rootcause_lib.prose import text
from rootcause_lib.prose.numbers import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
_COLOURS = ("phone", "chat", "messaging", "store", "email", "letter")
"""Channels whose colours, in this order, tell processes apart."""


def plot_dose_response(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Dots with intervals: the rate ratio of each band at its mean day overdue; a line: the steady rise through them.

    `frame`: process, band, day, rate_ratio, low, high, on_trend. The axis of ratios is logarithmic, so that a steady
    rise is a straight line.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.0)
        told = frame.dropna(subset="rate_ratio")
        if told.empty:
            return empty(ax, language=language)
        ax.set_yscale("log")
        ends = []
        for place, (process, own) in enumerate(told.groupby("process", sort=False)):
            colour = channel_colour(_COLOURS[place % len(_COLOURS)])
            rows = own.sort_values("day").astype({"day": float, "rate_ratio": float, "low": float, "high": float})
            ax.vlines(rows["day"], rows["low"], rows["high"], color=colour, linewidth=1.6)
            for end in ("low", "high"):
                ax.plot(rows["day"], rows[end], color=colour, linestyle="none", marker="_", markersize=7)
            ax.plot(rows["day"], rows["rate_ratio"], color=colour, linestyle="none", marker="o", markersize=7)
            trend = rows.dropna(subset="on_trend")
            ax.plot(trend["day"], trend["on_trend"].astype(float), color=colour, linewidth=1.4, linestyle="--")
            last = rows.iloc[-1]
            ends.append(
                (float(last["day"]), float(last["rate_ratio"]), process_name(str(process), language=language), colour)
            )
        _finish(ax, told, language)
        name_lines(ax, ends)
        return ax


def _finish(ax: Axes, told: pd.DataFrame, language: str) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low = min(0.8, *told["low"].astype(float).fillna(1.0))
    high = max(2.0, *told["high"].astype(float).fillna(1.0))
    ax.set_ylim(max(low, 0.05) / 1.1, min(high, 1000.0) * 1.1)
    ax.set_xlim(0, float(told["day"].astype(float).max()) * 1.06)
    ax.axhline(1, color=QUIET_INK, linewidth=1.1, zorder=1)
    ax.yaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low / 1.1 <= tick <= high * 1.1]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: decimal(value, digits=0 if value >= 1 else 1, language=language))
    )
    dress(ax, grid="y")
    write_ticks(ax.xaxis, kind="count", language=language)
    name_axis(ax, text("plot.dose_days", language=language))
    name_axis(ax, text("plot.incidence_axis", language=language), axis="y")
