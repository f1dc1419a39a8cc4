"""How many customers have come back by each day, against what chance would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.marks import first_of, keep_legend, known, name_lines
from rootcause_lib.plots.style import (
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_recontact(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Curves by channel with interval bands; dashed, what is expected by chance; a line at the window.

    `frame`: channel, match, day, repeat_share, low, high, expected_by_chance (shares 0-1), and window_days
    where the window is to be marked. Only the first matching rule in the frame is drawn.
    """
    with style():
        shown = first_of(frame, "match").sort_values("day", kind="stable")
        channels = list(dict.fromkeys(first_of(frame, "match")["channel"]))
        ax = axes_or_new(ax, width=7.6, height=4.4)
        if not channels:
            return empty(ax, language=language)
        ends = []
        for channel in channels:
            ends.append(_curve(ax, channel, shown[shown["channel"] == channel], language))
        dress(ax, grid="y")
        ax.set_xlim(0, float(shown["day"].max()) or 1.0)
        ax.set_ylim(0, None)
        ax.margins(y=0.1)
        _window(ax, shown, language)
        write_ticks(ax.yaxis, kind="share", language=language)
        write_ticks(ax.xaxis, kind="count", language=language)
        name_axis(ax, text("plot.recontact_days", language=language))
        name_axis(ax, text("plot.recontact_axis", language=language), axis="y")
        name_lines(ax, [end for end in ends if end is not None])
        return ax


def _curve(ax: Axes, channel: str, rows: pd.DataFrame, language: str) -> tuple[float, float, str, str] | None:
    colour = channel_colour(channel)
    rows = rows.dropna(subset="repeat_share")
    if rows.empty:
        return None
    ax.fill_between(rows["day"], rows["low"], rows["high"], step="post", color=colour, alpha=0.13, linewidth=0)
    width = 2.6 if channel == "all" else 1.8
    ax.plot(rows["day"], rows["repeat_share"], drawstyle="steps-post", color=colour, linewidth=width)
    if rows["expected_by_chance"].notna().any():
        ax.plot(rows["day"], rows["expected_by_chance"], color=colour, linewidth=1.1, linestyle=(0, (4, 2)), alpha=0.85)
    last = rows.iloc[-1]
    share = number(float(last["repeat_share"]), language=language, kind="share")
    words = f"{label(channel, language=language, kind='channel')} {share}"
    return float(last["day"]), float(last["repeat_share"]), words, colour


def _window(ax: Axes, rows: pd.DataFrame, language: str) -> None:
    from matplotlib.lines import Line2D

    days = known(rows["window_days"].iloc[0]) if "window_days" in rows else None
    handles = []
    if rows["expected_by_chance"].notna().any():
        words = text("plot.expected", language=language)
        handles.append(Line2D([], [], color=QUIET_INK, linewidth=1.1, linestyle=(0, (4, 2)), label=words))
    if days is not None:
        ax.axvline(days, color=QUIET_INK, linewidth=1.0, linestyle=":")
        words = sentence(Finding("plot.window", {"days": int(days)}), language=language)
        handles.append(Line2D([], [], color=QUIET_INK, linewidth=1.0, linestyle=":", label=words))
    if handles:
        made = ax.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, borderpad=0.2,
            ncols=1 if is_narrow(ax) else 2,
            columnspacing=1.2, fontsize=8 if is_narrow(ax) else 9.5,
        )  # fmt: skip
        if is_narrow(ax):
            keep_legend(ax, made)
