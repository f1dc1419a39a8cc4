"""What contacts with a code turned out to be about: a grid of codes against what an audit found."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.plots.marks import is_left_out, known
from rootcause_lib.plots.reasons import reason_name
from rootcause_lib.plots.style import (
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
from rootcause_lib.prose import left_out, number, text
from rootcause_lib.vocabulary import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUES = ("#f3f7fa", "#cfe1ee", "#8fbcdb", "#3f87b9", "#0b5482")
_ROOMY_CELL = 0.42
_LEFT_OUT = "*"


def plot_confusion(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A grid: row = code given, column = reason found; the share of the row's audited contacts in each cell.

    `frame`: coded, found, contacts, of, share (0-1 of the row; NaN: left out and marked). A cell without a row is one
    in which nothing was found. Where code and audit agree the cell is framed.
    """
    with style():
        rows = list(dict.fromkeys(frame["coded"]))
        columns = _columns(frame, rows)
        ax = axes_or_new(ax, width=7.6, height=2.0 + 0.42 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        cells = {(str(row["coded"]), str(row["found"])): row for _, row in frame.iterrows()}
        roomy = _roomy(ax, len(columns))
        for place, coded in enumerate(rows):
            for across, found in enumerate(columns):
                _cell(
                    ax, place, across, cells.get((coded, found)), agree=coded == found, roomy=roomy, language=language
                )
        _finish(ax, frame, rows, columns, roomy=roomy, language=language)
        return ax


def found_name(reason: str, *, language: str) -> str:
    """A reason found as readers know it, or what stands for several that were found a few times each."""
    return text("plot.found_few", language=language) if reason == SMALL else reason_name(reason, language=language)


def _wrapped(name: str, width: int) -> str:
    """A name on several lines; a word of ordinary length is not broken."""
    return textwrap.fill(name, width, break_long_words=max(map(len, name.split()), default=0) > 2 * width)


def _columns(frame: pd.DataFrame, rows: list[str]) -> list[str]:
    """Reasons found in the order of the rows, what is no code after them, those put together last."""
    found = [reason for reason in dict.fromkeys(frame["found"]) if reason != SMALL]
    ordered = [one for one in rows if one in found] + [one for one in found if one not in rows]
    return ordered + ([SMALL] if (frame["found"] == SMALL).any() else [])


def _cell(
    ax: Axes, place: int, across: int, cell: pd.Series | None, *, agree: bool, roomy: bool, language: str
) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    share = None if cell is None else known(cell["share"])
    ramp = LinearSegmentedColormap.from_list("confusion", _BLUES)
    fill = PAPER if share is None else to_hex(ramp(share))
    ax.add_patch(Rectangle((across - 0.5, place - 0.5), 1, 1, facecolor=fill, edgecolor=PAPER, linewidth=1.4))
    if agree:
        ax.add_patch(
            Rectangle(
                (across - 0.46, place - 0.46), 0.92, 0.92, facecolor="none", edgecolor=INK, linewidth=1.1, zorder=3
            )
        )
    if cell is None:
        return
    size = 9 if roomy else 6
    if share is None:
        words = _LEFT_OUT if is_left_out(cell) else "–"
    else:
        words = (
            number(share, language=language, kind="share") if roomy else number(round(100 * share), language=language)
        )
    ax.text(across, place, words, ha="center", va="center", color=ink_on(fill), fontsize=size, zorder=4)


def _finish(ax: Axes, frame: pd.DataFrame, rows: list[str], columns: list[str], *, roomy: bool, language: str) -> None:
    dress(ax, grid="none")
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    wide = 16 if roomy else 12
    names = {one: _wrapped(found_name(one, language=language), wide) for one in {*rows, *columns}}
    size = 8.5 if roomy else 6.5
    ax.set_xticks(range(len(columns)), [names[one] for one in columns], rotation=90)
    ax.set_yticks(range(len(rows)), [names[one] for one in rows])
    ax.xaxis.tick_top()
    ax.tick_params(axis="both", length=0, labelcolor=INK, labelsize=size)
    gone = any(is_left_out(row) for _, row in frame.iterrows())
    note = f"\n{_LEFT_OUT} {left_out(language=language)}" if gone else ""
    name_axis(ax, text("plot.confusion_share", language=language) + note)
    ax.xaxis.set_label_position("bottom")
    corner = f"{text('plot.confusion_found', language=language)} →\n{text('plot.confusion_coded', language=language)} ↓"
    ax.annotate(
        corner, (0, 1), xycoords="axes fraction", xytext=(-6, 5), textcoords="offset points", ha="right", va="bottom",
        color=QUIET_INK, fontsize=size, annotation_clip=False,
    )  # fmt: skip


def _roomy(ax: Axes, columns: int) -> bool:
    return width_in_inches(ax) / max(columns, 1) >= _ROOMY_CELL
