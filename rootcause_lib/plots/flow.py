"""Where customers go next: from the channel of a contact to the channel by which they come back."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.plots.marks import channel_name, is_left_out, known
from rootcause_lib.plots.style import (
    GRID,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    ink_on,
    name_axis,
    style,
    width_in_inches,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUES = ("#f3f7fa", "#cfe1ee", "#8fbcdb", "#3f87b9", "#0b5482")
_ROOMY_CELL = 0.62
_LEFT_OUT = "*"


def plot_flow(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A grid: row = channel of a contact, column = channel of the next one; share of the row and count.

    `frame`: from_channel, to_channel, contacts, share (0-1 of the row). The column `none` (no further contact)
    stands last and uncoloured; a column `all` is not drawn.
    """
    with style():
        rows = list(dict.fromkeys(frame["from_channel"]))
        columns = _columns(frame, rows)
        ax = axes_or_new(ax, width=7.6, height=1.6 + 0.5 * max(len(rows), 2))
        if not rows or not columns:
            return empty(ax, language=language)
        cells = frame.set_index(["from_channel", "to_channel"])
        moves = frame[~frame["to_channel"].isin(["none", "all"])]["share"].astype("Float64")
        most = float(moves.max()) if moves.notna().any() else 0.0
        for place, source in enumerate(rows):
            for across, target in enumerate(columns):
                cell = cells.loc[(source, target)] if (source, target) in cells.index else None
                _cell(ax, place, across, cell, target, most or 1.0, len(columns), language)
        _finish(ax, frame, rows, columns, language)
        return ax


def _columns(frame: pd.DataFrame, rows: list[str]) -> list[str]:
    """Targets in the order of the rows, what is no row after them, `none` last."""
    targets = [target for target in dict.fromkeys(frame["to_channel"]) if target not in ("all", "none")]
    ordered = [one for one in rows if one in targets] + [one for one in targets if one not in rows]
    return ordered + (["none"] if (frame["to_channel"] == "none").any() else [])


def _cell(
    ax: Axes, place: int, across: int, cell: pd.Series | None, target: str, most: float, columns: int, language: str
) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    share = None if cell is None else known(cell["share"])
    left = cell is not None and is_left_out(cell)
    ramp = LinearSegmentedColormap.from_list("flow", _BLUES)
    coloured = share is not None and target != "none"
    fill = to_hex(ramp((share or 0.0) / most)) if coloured else PAPER
    edge = GRID if target == "none" else PAPER
    ax.add_patch(Rectangle((across - 0.5, place - 0.5), 1, 1, facecolor=fill, edgecolor=edge, linewidth=1.6))
    roomy = _roomy(ax, columns)
    contacts = None if cell is None else known(cell["contacts"])
    up = 0.13 if roomy and contacts is not None else 0.0
    words = (_LEFT_OUT if left else "–") if share is None else number(share, language=language, kind="share")
    ink = ink_on(fill)
    ax.text(across, place - up, words, ha="center", va="center", color=ink, fontsize=9.5 if roomy else 6.5)
    if up and contacts is not None:
        count = number(contacts, language=language, kind="count")
        note = QUIET_INK if ink == INK else PAPER
        ax.text(across, place + 0.26, count, ha="center", va="center", color=note, fontsize=7.5)


def _finish(ax: Axes, frame: pd.DataFrame, rows: list[str], columns: list[str], language: str) -> None:
    dress(ax, grid="none")
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    names = [channel_name(one, language=language) for one in columns]
    if _roomy(ax, len(columns)):
        ax.set_xticks(range(len(columns)), [textwrap.fill(name, 11, break_long_words=False) for name in names])
    else:
        ax.set_xticks(range(len(columns)), names, rotation=90)
    ax.set_yticks(range(len(rows)), [label(one, language=language, kind="channel") for one in rows])
    ax.xaxis.tick_top()
    ax.tick_params(axis="both", length=0, labelcolor=INK, labelsize=9 if _roomy(ax, len(columns)) else 8)
    gone = any(is_left_out(row) for _, row in frame.iterrows())
    note = f"\n{_LEFT_OUT} {left_out(language=language)}" if gone else ""
    name_axis(ax, text("plot.flow_share", language=language) + note)
    ax.xaxis.set_label_position("bottom")
    corner = f"{text('plot.flow_to', language=language)} →\n{text('plot.flow_from', language=language)} ↓"
    ax.annotate(
        corner, (0, 1), xycoords="axes fraction", xytext=(-6, 5), textcoords="offset points", ha="right", va="bottom",
        color=QUIET_INK, fontsize=8, annotation_clip=False,
    )  # fmt: skip


def _roomy(ax: Axes, columns: int) -> bool:
    return width_in_inches(ax) / columns >= _ROOMY_CELL
