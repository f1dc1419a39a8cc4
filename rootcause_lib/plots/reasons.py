"""Reasons by weight: what codes say against what an audit found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import Lanes, interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    pale,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, short_name, small_groups, text
from rootcause_lib.vocabulary import ALL, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAR = 0.32
"""How strong the quiet ink of the bars is."""

_MOST = 16
"""Rows drawn; the table holds the others."""


def plot_reasons(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A bar per reason for its share by codes and a dot for its share by an audit, each with its interval.

    `frame`: reason, contacts, default_code, coded_share, coded_low, coded_high, corrected_share, corrected_low,
    corrected_high (shares 0-1, NaN: not told). The weightiest come first; totals and contacts without a code are not
    drawn.
    """
    with style():
        rows = shown_reasons(frame)
        ax = axes_or_new(ax, width=7.6, height=1.7 + 0.46 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [reason_name(str(row["reason"]), language=language) for row in rows]
        lane = lanes(ax, names, [_note(row, language) for row in rows])
        for place, row in enumerate(rows):
            _row(ax, lane, place, row, language)
        _finish(ax, rows, language)
        return ax


def shown_reasons(frame: pd.DataFrame) -> list[pd.Series]:
    """The rows that are drawn, the weightiest first: by the audit where there is one, else by codes."""
    if frame.empty:
        return []
    named = frame[~frame["reason"].isin([ALL, ""])]
    weight = named["corrected_share"].astype("float64").fillna(named["coded_share"].astype("float64")).fillna(-1.0)
    order = weight.sort_values(ascending=False, kind="stable").index[:_MOST]
    return [row for _, row in named.loc[order].iterrows()]


def reason_name(reason: str, *, language: str) -> str:
    """A reason as readers know it: the client's own word, or what stands for those of too few customers."""
    if reason == "":
        return text("plot.no_code", language=language)
    return small_groups(language=language) if reason == SMALL else short_name(reason)


def reason_words(row: pd.Series, *, language: str) -> str:
    """A reason's best share with its interval."""
    if is_left_out(row):
        return left_out(language=language)
    for name in ("corrected", "coded"):
        limits = (known(row[f"{name}_share"]), known(row[f"{name}_low"]), known(row[f"{name}_high"]))
        if limits[0] is not None:
            return number(Quantity("share", *limits), language=language)
    return number(None, language=language)


def _row(ax: Axes, lane: Lanes, place: int, row: pd.Series, language: str) -> None:
    at, coded, corrected = lane.mark(place), known(row["coded_share"]), known(row["corrected_share"])
    shift = lane.thickness / 4
    if coded is not None:
        ax.barh(at, coded, height=lane.thickness, color=pale(QUIET_INK, strength=_BAR), zorder=2)
        up = shift if corrected is not None else 0.0
        interval(ax, at - up, known(row["coded_low"]), known(row["coded_high"]), color=QUIET_INK)
    if corrected is not None:
        interval(ax, at + shift, known(row["corrected_low"]), known(row["corrected_high"]), color=GOOD)
        ax.plot(
            corrected, at + shift, marker="o", markersize=7, color=GOOD, markeredgecolor=PAPER, zorder=5, clip_on=False
        )
    grade = "" if "grade" not in row or pd.isna(row["grade"]) else str(row["grade"])
    quiet = grade == "D" or (coded is None and corrected is None)
    value_words(ax, place, reason_words(row, language=language), grade, color=QUIET_INK if quiet else INK)


def _note(row: pd.Series, language: str) -> str:
    contacts = known(row["contacts"])
    parts = [] if contacts is None else [sentence(Finding("plot.estimates_n", {"n": contacts}), language=language)]
    if bool(row["default_code"]):
        parts.append(text("plot.default_code", language=language))
    return ", ".join(parts)


def _finish(ax: Axes, rows: list[pd.Series], language: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dress(ax, grid="x")
    ax.margins(x=0.08)
    ax.set_xlim(0, min(ax.get_xlim()[1], 1.0))
    write_ticks(ax.xaxis, kind="share", language=language)
    note = "\n" + text("plot.grade_note", language=language) if "grade" in rows[0] else ""
    name_axis(ax, text("plot.reasons_axis", language=language) + note)
    handles: list[Patch | Line2D] = [
        Patch(color=pale(QUIET_INK, strength=_BAR), label=text("plot.reasons_coded", language=language))
    ]
    if any(known(row["corrected_share"]) is not None for row in rows):
        handles.append(
            Line2D(
                [], [], color=GOOD, marker="o", linewidth=1.6, label=text("plot.reasons_corrected", language=language)
            )
        )
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=1 if is_narrow(ax) else 2, frameon=False,
        handlelength=1.4, columnspacing=1.4, borderpad=0.2,
    )  # fmt: skip
