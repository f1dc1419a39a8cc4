"""What followed the contact that opened a case: quiet, came back, left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.marks import Lanes, first_of, interval, known, lanes, value_of, value_words
from rootcause_lib.plots.style import (
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    ink_on,
    is_narrow,
    name_axis,
    pale,
    style,
    whole_axis,
)  # fmt: skip
from rootcause_lib.prose import label, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT = "#23292f"
_READABLE = 0.075
_MARKS = (("D", "◇"), ("s", "□"), ("^", "△"))


def plot_resolution(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Stacked bars by channel: the share of cases quiet (with its interval), come back and left.

    `frame`: channel, match, window_days, outcome, value, low, high, contacts or at_risk, grade; shares 0-1. The first
    matching rule and window in the frame are the bars; other rules stand as small diamonds on them. Of a
    frame that is also split by reason, the first reason (`all`) is drawn.
    """
    with style():
        frame = first_of(frame, "reason")
        shown = first_of(frame, "window_days", "match")
        channels = list(dict.fromkeys(shown["channel"]))
        ax = axes_or_new(ax, width=7.6, height=1.35 + 0.52 * max(len(channels), 2))
        if not channels:
            return empty(ax, language=language)
        quiet = shown[shown["outcome"] == "quiet"].set_index("channel")
        names = [label(one, language=language, kind="channel") for one in channels]
        rows = lanes(ax, names, [_count(quiet, one, language) for one in channels])
        for place, channel in enumerate(channels):
            _bar(ax, rows, place, shown[shown["channel"] == channel].set_index("outcome"), language)
        other_rules = _other_rules(ax, rows, first_of(frame, "window_days"), channels, language)
        _finish(ax, frame, other_rules, language)
        return ax


def _bar(ax: Axes, lane: Lanes, place: int, rows: pd.DataFrame, language: str) -> None:
    colour = channel_colour(str(rows["channel"].iloc[0]))
    at, start = lane.mark(place), 0.0
    for outcome, fill in {"quiet": colour, "came_back": pale(colour), "left": _LEFT}.items():
        width = known(rows["value"].get(outcome))
        if width is None:
            continue
        ax.barh(at, width, left=start, height=lane.thickness, color=fill, edgecolor=PAPER, linewidth=0.8)
        if outcome == "came_back" and width >= _READABLE:
            words = number(width, language=language, kind="share")
            ax.text(start + width - 0.012, at, words, ha="right", va="center", color=INK, fontsize=9)
        start += width
    if "quiet" in rows.index:
        _quiet(ax, lane, place, rows[rows.index == "quiet"].iloc[0], ink_on(colour), language)


def _quiet(ax: Axes, lane: Lanes, place: int, row: pd.Series, ink: str, language: str) -> None:
    words = value_of(row, "share", language=language)
    ink = QUIET_INK if known(row["value"]) is None else ink
    ax.text(0.012, lane.mark(place), words, va="center", color=ink, fontsize=9 if lane.narrow else 9.5)
    interval(ax, lane.mark(place), known(row["low"]), known(row["high"]), color=INK)
    if "grade" in row and not pd.isna(row["grade"]):
        value_words(ax, place, "", str(row["grade"]), color=QUIET_INK)


def _other_rules(ax: Axes, lane: Lanes, frame: pd.DataFrame, channels: list[str], language: str) -> list[str]:
    """Mark the quiet share under further matching rules; what each mark means, for the note."""
    quiet = frame[frame["outcome"] == "quiet"]
    meanings = []
    for match, (marker, sign) in zip(list(dict.fromkeys(quiet["match"]))[1:], _MARKS, strict=False):
        rows = quiet[(quiet["match"] == match) & quiet["channel"].isin(channels)].dropna(subset="value")
        ax.plot(
            rows["value"], [lane.mark(channels.index(one)) for one in rows["channel"]], linestyle="none",
            marker=marker, markersize=5.5, markerfacecolor=PAPER, markeredgecolor=INK, zorder=5,
        )  # fmt: skip
        meanings.append(f"{sign} " + sentence(Finding("plot.other_match", {"match": str(match)}), language=language))
    return meanings


def _count(quiet: pd.DataFrame, channel: str, language: str) -> str:
    """The cases opened, or where the frame does not say, those followed."""
    counted = quiet["contacts"] if "contacts" in quiet else quiet["at_risk"]
    count = known(counted.get(channel))
    return "" if count is None else sentence(Finding("plot.estimates_n", {"n": count}), language=language)


def _finish(ax: Axes, frame: pd.DataFrame, notes: list[str], language: str) -> None:
    from matplotlib.patches import Patch

    dress(ax, grid="none")
    whole_axis(ax, language=language)
    windows = [int(one) for one in dict.fromkeys(frame["window_days"]) if known(one) is not None]
    axis = text("plot.resolution_axis", language=language)
    if windows:
        axis += ", " + sentence(Finding("plot.window", {"days": windows[0]}), language=language)
    if len(windows) > 1:
        others = tuple(str(one) for one in windows[1:])
        notes = [*notes, sentence(Finding("plot.also_windows", {"windows": others}), language=language)]
    if "grade" in frame:
        notes = [*notes, text("plot.grade_note", language=language)]
    name_axis(ax, axis + "\n" + "   ".join(notes))
    neutral = channel_colour("all")
    colours = {"quiet": neutral, "came_back": pale(neutral), "left": _LEFT}
    handles = [
        Patch(color=c, label=label(o, language=language, kind="outcome"))
        for o, c in colours.items()
        if o in set(frame["outcome"])
    ]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, borderaxespad=0.2,
        handlelength=1.1, handleheight=0.9, columnspacing=1.2, borderpad=0.2, handletextpad=0.5,
        fontsize=8.5 if is_narrow(ax) else 9.5,
    )  # fmt: skip
