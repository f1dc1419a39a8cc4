"""Which matter follows which: how many times as often after a contact as before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import interval, known, lanes, value_words
from rootcause_lib.plots.segments import ratio_scale
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
)  # fmt: skip
from rootcause_lib.prose import number, sentence, short_name, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 10


def plot_next_issue(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval for each pair of matters, on a ratio scale; those that stand out in colour.

    `frame`: reason, next_reason, share, baseline (0-1), lift, lift_low, lift_high, told, grade; the first ten with a
    lift, in its own order.
    """
    with style():
        shown = frame[frame["lift"].notna()].head(_MOST)
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.55 * max(len(shown), 2))
        if shown.empty:
            return empty(ax, language=language)
        rows = [row for _, row in shown.iterrows()]
        notes = [_note(row, language) for row in rows]
        lane = lanes(ax, [issue_name(row) for row in rows], notes)
        ax.set_xscale("log")
        for place, row in enumerate(rows):
            at, colour = lane.mark(place), GOOD if bool(row["told"]) else QUIET_INK
            interval(ax, at, known(row["lift_low"]), known(row["lift_high"]), color=colour)
            ax.plot(float(row["lift"]), at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5)
            value_words(ax, place, number(lift_of(row), language=language), str(row["grade"]), color=INK)
        ax.axvline(1, color=QUIET_INK, linewidth=0.9, zorder=1)
        dress(ax, grid="x")
        names = {"lift": "ratio", "lift_low": "ratio_low", "lift_high": "ratio_high"}
        ratio_scale(ax, shown.rename(columns=names), language)
        grades = text("plot.grade_note", language=language)
        name_axis(ax, text("plot.next_issue_axis", language=language) + "\n" + grades)
        return ax


def issue_name(row: pd.Series) -> str:
    """The two matters of a row, as the client writes them."""
    return " → ".join(short_name(str(row[name])) for name in ("reason", "next_reason"))


def lift_of(row: pd.Series) -> Quantity:
    """A row's lift with its limits."""
    return Quantity("ratio", known(row["lift"]), known(row["lift_low"]), known(row["lift_high"]))


def _note(row: pd.Series, language: str) -> str:
    told = {"share": Quantity("share", known(row["share"])), "baseline": Quantity("share", known(row["baseline"]))}
    return sentence(Finding("plot.next_issue_note", told), language=language)


def next_issue_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame[frame["lift"].notna()].head(_MOST).iterrows():
        told: dict[str, Field] = {"name": issue_name(row), "value": number(lift_of(row), language=language)}
        rows.append(sentence(Finding("alt.next_issue_row", told), language=language))
    if not rows:
        return text("alt.nothing", language=language)
    return sentence(Finding("alt.next_issue", {"rows": " ".join(rows)}), language=language)
