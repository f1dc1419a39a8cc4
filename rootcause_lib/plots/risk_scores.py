"""Risk scores: whether expectations came true, how many leavers are reached, and what a campaign would earn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import known, name_lines
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
    whole_axis,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SAID = (0.1, 0.2, 0.5)
"""Shares of customers told in words."""


def plot_calibration(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Dots with intervals: of customers of about one risk, the share expected to leave and the share that did.

    `frame`: predicted, observed, low, high (shares 0-1), as `calibration`. On the line both are equal.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.6)
        told = frame.dropna(subset=["predicted", "observed"]).sort_values("predicted")
        if told.empty:
            return empty(ax, language=language)
        top = 1.06 * float(told[["predicted", "high"]].astype(float).max().max())
        ax.plot([0, top], [0, top], color=QUIET_INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
        for _, row in told.iterrows():
            at = float(row["predicted"])
            ax.plot([at, at], [float(row["low"]), float(row["high"])], color=INK, linewidth=1.5, zorder=3,
                    marker="_", markersize=6)  # fmt: skip
            ax.plot(at, float(row["observed"]), marker="o", markersize=7, color=GOOD, zorder=5)
        dress(ax, grid="y")
        right = 1.12 * float(told["predicted"].astype(float).max())
        ax.set_xlim(0, right)
        ax.set_ylim(0, top)
        ax.annotate(
            text("plot.calibration_line", language=language), (right * 0.99, right * 0.99), ha="right", va="bottom",
            color=QUIET_INK, fontsize=8.5, xytext=(0, 5), textcoords="offset points",
        )  # fmt: skip
        write_ticks(ax.xaxis, kind="share", language=language)
        write_ticks(ax.yaxis, kind="share", language=language)
        name_axis(ax, text("plot.calibration_x", language=language))
        name_axis(ax, text("plot.calibration_y", language=language), axis="y")
        return ax


def plot_lift(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A rising line with its band: the share of leavers among the share of customers with the highest risk.

    `frame`: share_contacted, captured_share, captured_low, captured_high (0-1), as `lift`. Dashed: drawn at random.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.4)
        told = frame.dropna(subset="captured_share").sort_values("share_contacted")
        if told.empty:
            return empty(ax, language=language)
        names = ("share_contacted", "captured_share", "captured_low", "captured_high")
        x, y, low, high = ([0.0, *told[name].astype(float)] for name in names)
        ax.plot([0, 1], [0, 1], color=QUIET_INK, linewidth=1.2, linestyle=(0, (4, 2)))
        ax.fill_between(x, low, high, color=GOOD, alpha=0.15, linewidth=0)
        ax.plot(x, y, color=GOOD, linewidth=2.2, marker="o", markersize=4.5)
        dress(ax, grid="y")
        whole_axis(ax, language=language)
        ax.set_ylim(0, 1.02)
        write_ticks(ax.yaxis, kind="share", language=language)
        name_axis(ax, text("plot.lift_x", language=language))
        name_axis(ax, text("plot.lift_y", language=language), axis="y")
        _name_inside(ax, x, y, language)
        return ax


def _name_inside(ax: Axes, x: list[float], y: list[float], language: str) -> None:
    """Both lines end at the same corner, so their names stand along them."""
    if is_narrow(ax):
        ends = [(1.0, 1.0, text("plot.lift_score", language=language), GOOD),
                (1.0, 0.9, text("plot.lift_random", language=language), QUIET_INK)]  # fmt: skip
        name_lines(ax, ends)
        return
    place = min(range(len(x)), key=lambda one: abs(x[one] - 0.4))
    ax.annotate(text("plot.lift_score", language=language), (x[place], y[place]), xytext=(-8, 10), ha="right",
                textcoords="offset points", color=GOOD, fontsize=9)  # fmt: skip
    ax.annotate(text("plot.lift_random", language=language), (0.7, 0.7), xytext=(10, -12), ha="left",
                textcoords="offset points", color=QUIET_INK, fontsize=9)  # fmt: skip


def plot_profit(
    frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en", currency: str | None = None
) -> Axes:
    """A line with its band: what a campaign would earn by the share of customers asked.

    `frame`: share_contacted (0-1), profit, low, high (money), best, as `profit_curve`. The best share shown is marked.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.4)
        told = frame.dropna(subset="profit").sort_values("share_contacted")
        if told.empty:
            return empty(ax, language=language)
        x, y, low, high = ([0.0, *told[name].astype(float)] for name in ("share_contacted", "profit", "low", "high"))
        ax.axhline(0, color=QUIET_INK, linewidth=1.0)
        ax.fill_between(x, low, high, color=GOOD, alpha=0.15, linewidth=0)
        ax.plot(x, y, color=GOOD, linewidth=2.2, marker="o", markersize=4.5)
        dress(ax, grid="y")
        ax.margins(y=0.12)
        whole_axis(ax, language=language)
        for _, row in told[told["best"].astype(bool)].iterrows():
            given: dict[str, Field] = {"share": Quantity("share", known(row["share_contacted"]))}
            at = (float(row["share_contacted"]), float(row["profit"]))
            ax.plot(*at, marker="o", markersize=9, color=INK, zorder=5)
            ax.annotate(sentence(Finding("plot.profit_best", given), language=language), at, xytext=(10, 8),
                        textcoords="offset points", color=INK, fontsize=9)  # fmt: skip
        write_ticks(ax.yaxis, kind="count", language=language)
        name_axis(ax, text("plot.profit_x", language=language))
        unit = f" ({currency})" if currency else ""
        name_axis(ax, text("plot.profit_y", language=language) + unit, axis="y")
        return ax


def calibration_words(frame: pd.DataFrame, language: str) -> str:
    """What `plot_calibration` shows, group by group."""
    rows = [
        _say(
            "calibration_row", language, predicted=Quantity("share", known(row["predicted"])),
            observed=Quantity("share", known(row["observed"]), known(row["low"]), known(row["high"])),
        )
        for _, row in frame.iterrows()
    ]  # fmt: skip
    return _say("calibration", language, rows=" ".join(rows))


def lift_words(frame: pd.DataFrame, language: str) -> str:
    """What `plot_lift` shows, at a few shares."""
    rows = [
        _say(
            "lift_row", language, share=Quantity("share", known(row["share_contacted"])),
            captured=Quantity(
                "share", known(row["captured_share"]), known(row["captured_low"]), known(row["captured_high"])
            ),
        )
        for _, row in _few(frame).iterrows()
    ]  # fmt: skip
    return _say("lift", language, rows=" ".join(rows))


def profit_words(frame: pd.DataFrame, language: str, *, currency: str | None = None) -> str:
    """What `plot_profit` shows, at a few shares."""
    rows = []
    for _, row in _few(frame).iterrows():
        money = Quantity("money" if currency else "count", known(row["profit"]), known(row["low"]), known(row["high"]))
        share = Quantity("share", known(row["share_contacted"]))
        rows.append(
            _say("profit_row", language, share=share, profit=number(money, language=language, currency=currency))
        )
    return _say("profit", language, rows=" ".join(rows))


def _few(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame[frame["share_contacted"].round(6).isin(_SAID)]
    return shown if len(shown) else frame.head(3)


def _say(key: str, language: str, **fields: Field) -> str:
    return sentence(Finding(f"alt.{key}", fields), language=language)
