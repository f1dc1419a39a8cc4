"""What followed the contact that opened a case: quiet, came back, left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.marks import first_of, interval, known, name_rows, quantity
from rootcause_lib.plots.style import (
    INK, PAPER, QUIET_INK, axes_or_new, channel_colour, dress, empty, ink_on, pale, style, write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT = "#23292f"
_READABLE = 0.075


def plot_resolution(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Stacked bars by channel: the share of cases quiet (with its interval), come back and left.

    `frame`: channel, match, window_days, outcome, value, low, high, at_risk, grade; shares 0-1. The first
    matching rule and window in the frame are the bars; other rules stand as small diamonds on them.
    """
    with style():
        shown = first_of(frame, "window_days", "match")
        channels = list(dict.fromkeys(shown["channel"]))
        ax = axes_or_new(ax, width=7.6, height=1.35 + 0.52 * max(len(channels), 2))
        if not channels:
            return empty(ax, language=language)
        for place, channel in enumerate(channels):
            _bar(ax, place, channel, shown[shown["channel"] == channel].set_index("outcome"), language)
        _other_rules(ax, first_of(frame, "window_days"), channels, language)
        quiet = shown[shown["outcome"] == "quiet"].set_index("channel")
        name_rows(ax, [label(one, language=language, kind="channel") for one in channels],
                  [_count(quiet, one, language) for one in channels])  # fmt: skip
        _finish(ax, frame, language)
        return ax


def _bar(ax: Axes, place: int, channel: str, rows: pd.DataFrame, language: str) -> None:
    colour = channel_colour(channel)
    fills = {"quiet": colour, "came_back": pale(colour), "left": _LEFT}
    start = 0.0
    for outcome, fill in fills.items():
        width = known(rows["value"].get(outcome)) if outcome in rows.index else None
        if width is None:
            continue
        ax.barh(place, width, left=start, height=0.62, color=fill, edgecolor=PAPER, linewidth=0.8)
        if outcome == "came_back" and width >= _READABLE:
            words = number(width, language=language, kind="share")
            ax.text(start + width - 0.012, place, words, ha="right", va="center", color=INK, fontsize=9)
        start += width
    if "quiet" in rows.index:
        _quiet(ax, place, rows.loc["quiet"], ink_on(colour), language)


def _quiet(ax: Axes, place: int, row: pd.Series, ink: str, language: str) -> None:
    words = number(quantity(row, "share"), language=language)
    ax.text(0.012, place, words, va="center", color=ink if known(row["value"]) else QUIET_INK, fontsize=9.5)
    interval(ax, place, known(row["low"]), known(row["high"]), color=INK)
    if "grade" in row and not pd.isna(row["grade"]):
        ax.annotate(
            str(row["grade"]), (1, place), xytext=(6, 0), textcoords="offset points", va="center",
            color=QUIET_INK, fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def _other_rules(ax: Axes, frame: pd.DataFrame, channels: list[str], language: str) -> None:
    quiet = frame[frame["outcome"] == "quiet"]
    for number_of_rule, match in enumerate(list(dict.fromkeys(quiet["match"]))[1:]):
        rows = quiet[(quiet["match"] == match) & quiet["channel"].isin(channels)].dropna(subset="value")
        ax.plot(
            rows["value"], [channels.index(one) for one in rows["channel"]], linestyle="none",
            marker="Ds^"[number_of_rule % 3], markersize=5.5, markerfacecolor=PAPER, markeredgecolor=INK, zorder=5,
            label=sentence(Finding("plot.other_match", {"match": str(match)}), language=language),
        )  # fmt: skip


def _count(quiet: pd.DataFrame, channel: str, language: str) -> str:
    at_risk = known(quiet["at_risk"].get(channel)) if "at_risk" in quiet else None
    return "" if at_risk is None else sentence(Finding("plot.estimates_n", {"n": at_risk}), language=language)


def _finish(ax: Axes, frame: pd.DataFrame, language: str) -> None:
    from matplotlib.patches import Patch

    dress(ax, grid="none")
    ax.set_xlim(0, 1)
    write_ticks(ax.xaxis, kind="share", language=language)
    windows = list(dict.fromkeys(frame["window_days"]))
    axis = text("plot.resolution_axis", language=language)
    if windows and known(windows[0]) is not None:
        axis += ", " + sentence(Finding("plot.window", {"days": int(windows[0])}), language=language)
    note = text("plot.grade_note", language=language) if "grade" in frame else ""
    if len(windows) > 1:
        others = tuple(str(int(one)) for one in windows[1:])
        note = sentence(Finding("plot.also_windows", {"windows": others}), language=language) + ". " + note
    ax.set_xlabel(axis + (f"\n{note}" if note else ""))
    neutral = channel_colour("all")
    colours = {"quiet": neutral, "came_back": pale(neutral), "left": _LEFT}
    patches = [Patch(color=c, label=label(o, language=language, kind="outcome")) for o, c in colours.items()]
    handles = [*patches, *ax.get_legend_handles_labels()[0]]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, borderaxespad=0.2,
        handlelength=1.1, handleheight=0.9, columnspacing=1.2, borderpad=0.2,
    )  # fmt: skip
