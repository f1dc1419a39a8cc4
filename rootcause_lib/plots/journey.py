"""The effort journey: what these data say of each step, beside what customers of other firms said of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, value_words
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
    whole_axis,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = {"measured": "o", "proxy": "o", "asked": "s"}


def plot_journey(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """For each step a dot with its interval, open where it stands for something else, and a grey diamond where
    customers of other firms put themselves.

    `frame`: measure, status, share, low, high, base, base_of, reference, grade, as `journey`.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.75 + 0.5 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [label(str(row["measure"]), language=language, kind="journey_step") for row in rows]
        lane = lanes(ax, names, [_note(row, language) for row in rows])
        for place, row in enumerate(rows):
            _marks(ax, lane.mark(place) + (0.08 if lane.narrow else 0), row)
            share = known(row["share"])
            grade = "" if share is None or pd.isna(row["grade"]) else str(row["grade"])
            weak = share is None or grade == "D"
            value_words(ax, place, _value(row, language), grade, color=QUIET_INK if weak else INK)
        dress(ax, grid="x")
        whole_axis(ax, language=language)
        name_axis(ax, f"{text('plot.journey_axis', language=language)}\n{text('plot.grade_note', language=language)}")
        _legend(ax, language)
        return ax


def journey_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        fields: dict[str, Field] = {
            "measure": str(row["measure"]),
            "status": str(row["status"]),
            "value": _value(row, language),
            "reference": Quantity("share", known(row["reference"])),
        }
        told = known(row["share"]) is not None or is_left_out(row)
        rows.append(sentence(Finding(f"alt.journey_row{'' if told else '_untold'}", fields), language=language))
    return sentence(Finding("alt.journey", {"rows": " ".join(rows)}), language=language)


def _value(row: pd.Series, language: str) -> str:
    if is_left_out(row):
        return left_out(language=language)
    share = known(row["share"])
    if share is None:
        return "–"
    return number(Quantity("share", share, known(row["low"]), known(row["high"])), language=language)


def _note(row: pd.Series, language: str) -> str:
    """What the share is taken over, and how it was come by where it is not measured."""
    status, base = str(row["status"]), known(row["base"])
    if is_left_out(row):
        return ""
    key = "journey_of" if status == "measured" else "journey_by" if base else "journey_of_nothing"
    fields: dict[str, Field] = {"status": status, "base": base, "base_of": str(row["base_of"])}
    return sentence(Finding(f"plot.{key}", fields), language=language)


def _marks(ax: Axes, at: float, row: pd.Series) -> None:
    share, published = known(row["share"]), known(row["reference"])
    if published is not None:
        ax.plot(published, at, marker="D", markersize=6, color=PAPER, markeredgecolor=QUIET_INK, zorder=3)
    if share is None:
        return
    interval(ax, at, known(row["low"]), known(row["high"]), color=GOOD)
    measured = row["status"] == "measured"
    ax.plot(
        share, at, marker=_MARKS.get(str(row["status"]), "o"), markersize=7.5, color=GOOD if measured else PAPER,
        markeredgecolor=PAPER if measured else GOOD, zorder=5, clip_on=False,
    )  # fmt: skip


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.lines import Line2D

    ours, theirs = (text(f"plot.journey_{what}", language=language) for what in ("measured", "published"))
    dot = Line2D([], [], linestyle="", marker="o", color=GOOD, markeredgecolor=PAPER, markersize=7.5, label=ours)
    diamond = Line2D([], [], linestyle="", marker="D", markeredgecolor=QUIET_INK, markersize=6, label=theirs)
    diamond.set_markerfacecolor(PAPER)
    ax.legend(
        handles=[dot, diamond], loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handlelength=1.2,
        columnspacing=1.2, borderpad=0.2, fontsize=8.5,
    )  # fmt: skip
