"""Where cases were settled, by the channel that opened them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.marks import Lanes, channel_name, interval, is_left_out, known, lanes
from rootcause_lib.plots.style import (
    GRID,
    INK,
    PAPER,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    ink_on,
    is_narrow,
    name_axis,
    style,
    whole_axis,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_READABLE = 0.075
_LEFT_OUT = "////"


def plot_settled(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Bars by opening channel, split by the channel of the last contact; the opening channel itself first.

    `frame`: opened_in, settled_in, cases, share (0-1 of the row), low, high. The interval drawn is that of
    the share settled in the opening channel. Rows with settled_in `all` give the count shown as n.
    """
    with style():
        opened = list(dict.fromkeys(frame["opened_in"]))
        ax = axes_or_new(ax, width=7.6, height=1.45 + 0.5 * max(len(opened), 2))
        if not opened:
            return empty(ax, language=language)
        names = [label(one, language=language, kind="channel") for one in opened]
        rows = lanes(ax, names, [_count(frame[frame["opened_in"] == one], language) for one in opened])
        for place, channel in enumerate(opened):
            _bar(ax, rows, place, channel, frame[frame["opened_in"] == channel], language)
        dress(ax, grid="none")
        whole_axis(ax, language=language)
        gone = any(is_left_out(row) for _, row in frame.iterrows())
        note = f"\n{_LEFT_OUT} {left_out(language=language)}" if gone else ""
        name_axis(ax, text("plot.settled_axis", language=language) + note)
        _legend(ax, frame, language)
        return ax


def _bar(ax: Axes, lane: Lanes, place: int, channel: str, rows: pd.DataFrame, language: str) -> None:
    rows = rows[rows["settled_in"] != "all"]
    own = rows["settled_in"] == channel
    at, start = lane.mark(place), 0.0
    for _, row in pd.concat([rows[own], rows[~own]]).iterrows():
        width = known(row["share"])
        if width is None:
            continue
        fill = channel_colour(str(row["settled_in"]))
        ax.barh(at, width, left=start, height=lane.thickness, color=fill, edgecolor=PAPER, linewidth=0.8)
        if width >= _READABLE:
            words = number(width, language=language, kind="share")
            is_own = row["settled_in"] == channel
            x, side = (start + 0.012, "left") if is_own else (start + width / 2, "center")
            ax.text(x, at, words, ha=side, va="center", color=ink_on(fill), fontsize=9 if width > 0.1 else 8)
        start += width
    if any(is_left_out(row) for _, row in rows.iterrows()):
        ax.barh(
            at, 1 - start, left=start, height=lane.thickness, color=PAPER, edgecolor=GRID, hatch=_LEFT_OUT, linewidth=0
        )
    for _, row in rows[own].iterrows():
        interval(ax, at, known(row["low"]), known(row["high"]), color=INK)


def _count(rows: pd.DataFrame, language: str) -> str:
    total = rows[rows["settled_in"] == "all"]["cases"] if "all" in set(rows["settled_in"]) else rows["cases"]
    if total.isna().any():
        # The parts shown are not all there is; every shown row knows the whole.
        total = rows["denominator"].head(0) if "denominator" not in rows else rows["denominator"].dropna().head(1)
    count = known(total.sum()) if total.notna().any() else None
    return "" if count is None else sentence(Finding("plot.estimates_n", {"n": count}), language=language)


def _legend(ax: Axes, frame: pd.DataFrame, language: str) -> None:
    from matplotlib.patches import Patch

    order = [one for one in dict.fromkeys([*frame["opened_in"], *frame["settled_in"]]) if one != "all"]
    drawn = set(frame["settled_in"][frame["share"].notna()])
    used = [one for one in order if one in drawn]
    handles = [Patch(color=channel_colour(one), label=channel_name(one, language=language)) for one in used]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2 if is_narrow(ax) else 4, frameon=False,
        title=text("plot.settled_in", language=language), alignment="left", handlelength=1.1, columnspacing=1.2,
        borderpad=0.2,
    )  # fmt: skip
