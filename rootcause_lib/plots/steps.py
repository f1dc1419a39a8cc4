"""Bands from the channel of a case's first contact to those of its second and third."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import channel_name, is_left_out
from rootcause_lib.plots.style import (
    GRID,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    height_in_inches,
    is_narrow,
    name_axis,
    pale,
    style,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDED = "ended"
_MOST_SAID = 8
_NODE = 0.045
_LINE_OF_TYPE, _TWO_LINES = 0.165, 0.24
"""Inches a name needs, so that none stands on another; in a narrow Axes it may take two lines."""


def plot_steps(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Three columns of channels with bands between them, as wide as the share of cases that went so.

    `frame`: step (1, 2), from_channel, to_channel (or `ended`), share (0-1 of all cases). A band has the colour of the
    channel it comes from. Cases that ended with their first contact are named, not drawn: they would hide the others.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.9)
        flows = frame[frame["share"].notna() & (frame["share"] > 0)]
        moved = flows[(flows["step"] == 2) | (flows["to_channel"] != ENDED)]
        if moved.empty:
            return empty(ax, language=language)
        first, second = moved[moved["step"] == 1], moved[moved["step"] == 2]
        columns = _columns(
            ax, [_sizes(first, "from_channel"), _sizes(first, "to_channel"), _sizes(second, "to_channel")]
        )
        _bands(ax, first, columns[0], columns[1])
        _bands(ax, second, columns[1], columns[2])
        for column in columns:
            for name, node in column.items():
                _node(ax, name, node, language)
        _finish(ax, frame, language)
        return ax


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a channel of one column stands, how high it is, and how high a share of 1 would be."""

    at: float
    top: float
    size: float
    scale: float


def _sizes(flows: pd.DataFrame, by: str) -> dict[str, float]:
    """What passes each channel, in the order of the frame, `ended` last."""
    order = [str(one) for one in dict.fromkeys(flows[by])]
    sizes = flows.groupby(by)["share"].sum()
    return {one: float(sizes[one]) for one in sorted(order, key=lambda one: one == ENDED)}


def _columns(ax: Axes, sizes: list[dict[str, float]]) -> list[dict[str, _Place]]:
    """Channels under each other, from 0 down to 1, all at one scale and wide enough apart for their names."""
    least = (_TWO_LINES if is_narrow(ax) else _LINE_OF_TYPE) / max(height_in_inches(ax), 1.0)
    scale = max(1 - least * max(map(len, sizes)), 0.2) / max(sum(column.values()) for column in sizes)
    columns = []
    for at, column in enumerate(sizes):
        top, places = 0.0, {}
        for name, size in column.items():
            places[name] = _Place(float(at), top, size * scale, scale)
            top += size * scale + least
        columns.append(places)
    return columns


def _bands(ax: Axes, flows: pd.DataFrame, left: dict[str, _Place], right: dict[str, _Place]) -> None:
    went, came = dict.fromkeys(left, 0.0), dict.fromkeys(right, 0.0)
    for one in left:
        for other in right:
            own = flows[(flows["from_channel"] == one) & (flows["to_channel"] == other)]["share"]
            if own.empty:
                continue
            width = float(own.iloc[0]) * left[one].scale
            ends = (
                (left[one].at + _NODE, left[one].top + went[one]),
                (right[other].at, right[other].top + came[other]),
            )
            _band(ax, ends, width, GRID if other == ENDED else pale(channel_colour(one), strength=0.45))
            # Each band is laid below those laid before it, at both of its ends.
            went[one] += width
            came[other] += width


def _band(ax: Axes, ends: tuple[tuple[float, float], tuple[float, float]], width: float, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (start, high), (end, low) = ends
    middle = (start + end) / 2
    corners = [
        (start, high), (middle, high), (middle, low), (end, low), (end, low + width), (middle, low + width),
        (middle, high + width), (start, high + width), (start, high),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(corners, codes), facecolor=colour, edgecolor="none", zorder=1))


def _node(ax: Axes, name: str, node: _Place, language: str) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    colour = QUIET_INK if name == ENDED else channel_colour(name)
    ax.add_patch(
        Rectangle((node.at, node.top), _NODE, node.size, facecolor=colour, edgecolor=PAPER, linewidth=0.5, zorder=3)
    )
    share = number(node.size / node.scale, language=language, kind="share")
    words = f"{node_name(name, language=language)} {share}"
    small = 6.5 if is_narrow(ax) else 8.5
    if is_narrow(ax):
        words = textwrap.fill(words, 13, break_long_words=False)
    halo = [withStroke(linewidth=1.6, foreground=PAPER)]
    ax.annotate(
        words, (node.at + _NODE, node.top + node.size / 2), xytext=(3, 0), textcoords="offset points", ha="left",
        va="center", fontsize=small, color=INK, zorder=4, annotation_clip=False, path_effects=halo, linespacing=0.95,
    )  # fmt: skip


def node_name(name: str, *, language: str) -> str:
    """A channel, or that there was no further contact."""
    return text("plot.steps_ended", language=language) if name == ENDED else channel_name(name, language=language)


def _finish(ax: Axes, frame: pd.DataFrame, language: str) -> None:
    dress(ax, grid="none")
    ax.set_xlim(0, 2.62 if is_narrow(ax) else 2.5)
    ax.set_ylim(1.0, -0.02)
    ax.set_yticks([])
    names = [text(f"plot.steps_{one}", language=language) for one in ("first", "second", "third")]
    ax.set_xticks([place + _NODE / 2 for place in range(3)], [textwrap.fill(name, 12) for name in names])
    for tick in ax.get_xticklabels():
        tick.set_horizontalalignment("left")
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0, labelcolor=INK, labelsize=7.5 if is_narrow(ax) else 9)
    ended = frame[(frame["step"] == 1) & (frame["to_channel"] == ENDED)]["share"]
    notes = [text("plot.steps_axis", language=language)]
    if ended.notna().all() and len(ended):
        share = Quantity("share", float(ended.sum()))
        notes.append(sentence(Finding("plot.steps_not_drawn", {"ended": share}), language=language))
    if any(is_left_out(row) for _, row in frame.iterrows()):
        notes.append(f"{text('plot.steps_small', language=language)}: {left_out(language=language)}")
    name_axis(ax, "\n".join(notes))
    ax.xaxis.set_label_position("bottom")


def steps_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: its largest bands."""
    told = frame[frame["share"].notna()].sort_values("share", ascending=False, kind="stable").head(_MOST_SAID)
    rows = []
    for _, row in told.iterrows():
        given: dict[str, Field] = {name: str(row[name]) for name in ("step", "from_channel", "to_channel")}
        given["share"] = Quantity("share", float(row["share"]))
        key = "alt.steps_row_ended" if row["to_channel"] == ENDED else "alt.steps_row"
        rows.append(sentence(Finding(key, given), language=language))
    if not rows:
        return text("alt.nothing", language=language)
    return sentence(Finding("alt.steps", {"rows": " ".join(rows)}), language=language)
