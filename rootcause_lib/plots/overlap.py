"""Which channels have enough of which matters to be compared."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding
from rootcause_lib.plots.marks import channel_name, known
from rootcause_lib.plots.reasons import reason_name
from rootcause_lib.plots.style import (
    GRID,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
    width_in_inches,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_REASONS = 25
_COMPARED = "#cfe1ee"
_ROOMY_CELL = 0.62
_LEFT_OUT = "*"


def plot_overlap(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A grid: row = matter, column = channel; contacts in each cell, those that are compared on blue.

    `frame`: as `overlap` of one outcome (of several, the first is drawn): outcome, channel, reason, contacts, compared,
    suppressed. The matters with most contacts stand first, at most `MOST_REASONS` of them.
    """
    with style():
        shown = frame[frame["outcome"] == frame["outcome"].iloc[0]] if len(frame) else frame
        reasons = shown_matters(shown)
        ax = axes_or_new(ax, width=7.6, height=1.5 + 0.34 * max(len(reasons), 2))
        if not reasons:
            return empty(ax, language=language)
        channels = list(dict.fromkeys(shown["channel"].astype(str)))
        cells = {(str(row["channel"]), str(row["reason"])): row for _, row in shown.iterrows()}
        for place, reason in enumerate(reasons):
            for across, channel in enumerate(channels):
                _cell(ax, place, across, cells.get((channel, reason)), language)
        _finish(ax, shown, channels, reasons, language)
        return ax


def shown_matters(shown: pd.DataFrame) -> list[str]:
    """The matters of the rows, most contacts first."""
    sizes = shown.groupby(shown["reason"].astype(str))["contacts"].sum()
    return [str(one) for one in sizes.sort_values(ascending=False, kind="stable").index[:MOST_REASONS]]


def _cell(ax: Axes, place: int, across: int, cell: pd.Series | None, language: str) -> None:
    from matplotlib.patches import Rectangle

    compared = cell is not None and bool(cell["compared"])
    edge = PAPER if compared else GRID
    fill = _COMPARED if compared else PAPER
    ax.add_patch(Rectangle((across - 0.5, place - 0.5), 1, 1, facecolor=fill, edgecolor=edge, linewidth=1.2))
    contacts = None if cell is None else known(cell["contacts"])
    gone = cell is not None and bool(cell["suppressed"])
    words = _LEFT_OUT if gone else "–" if not contacts else number(contacts, language=language, kind="count")
    ax.text(across, place, words, ha="center", va="center", color=INK if compared else QUIET_INK, fontsize=8)


def _finish(ax: Axes, shown: pd.DataFrame, channels: list[str], reasons: list[str], language: str) -> None:
    dress(ax, grid="none")
    ax.set_xlim(-0.5, len(channels) - 0.5)
    ax.set_ylim(len(reasons) - 0.5, -0.5)
    names = [channel_name(one, language=language) for one in channels]
    roomy = width_in_inches(ax) / len(channels) >= _ROOMY_CELL
    if roomy:
        ax.set_xticks(range(len(names)), [textwrap.fill(name, 11, break_long_words=False) for name in names])
    else:
        ax.set_xticks(range(len(names)), names, rotation=90)
    wide = 24 if roomy else 14
    rows = [textwrap.shorten(reason_name(one, language=language), wide, placeholder="…") for one in reasons]
    ax.set_yticks(range(len(reasons)), rows)
    ax.xaxis.tick_top()
    ax.tick_params(axis="both", length=0, labelcolor=INK, labelsize=8.5 if roomy else 7.5)
    note = f"\n{_LEFT_OUT} {left_out(language=language)}" if shown["suppressed"].any() else ""
    name_axis(ax, text("plot.overlap_axis", language=language) + note)
    ax.xaxis.set_label_position("bottom")


def overlap_alternative(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: how many matters of each channel are compared."""
    shown = frame[frame["outcome"] == frame["outcome"].iloc[0]]
    told = []
    for channel, rows in shown.groupby("channel", sort=False):
        given: dict[str, Field] = {"channel": str(channel), "compared": int(rows["compared"].sum()), "cells": len(rows)}
        told.append(sentence(Finding("alt.overlap_row", given), language=language))
    return sentence(Finding("alt.overlap", {"rows": " ".join(told)}), language=language)
