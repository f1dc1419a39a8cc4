"""What contacts are about by their texts, against their reason codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    WARN,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, short_name, small_groups, text
from rootcause_lib.vocabulary import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TOPICS = 20
_APART = 0.16


def plot_text_agreement(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """By topic the share by text (filled dot) and by code (open diamond), each with its interval.

    `frame`: reason, text_share, low, high, coded_share, coded_low, coded_high, audited, grade, as `text_topics`; its
    first `MOST_TOPICS` rows are drawn.
    """
    with style():
        rows = [row for _, row in frame.head(MOST_TOPICS).iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.55 + 0.5 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        lane = lanes(ax, [topic_name(row, language=language) for row in rows], [_note(row, language) for row in rows])
        for place, row in enumerate(rows):
            _marks(ax, lane.mark(place) + (0.08 if lane.narrow else 0), row)
            value = known(row["text_share"])
            words = share_words(row, "text_share", language=language)
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            value_words(ax, place, words, grade, color=QUIET_INK if value is None or grade == "D" else INK)
        dress(ax, grid="x")
        ends = [known(row[name]) or 0.0 for row in rows for name in ("high", "coded_high")]
        ax.set_xlim(0, max(0.01, *ends) * 1.05)
        write_ticks(ax.xaxis, kind="share", language=language)
        name_axis(ax, f"{text('plot.text_axis', language=language)}\n{text('plot.grade_note', language=language)}")
        _legend(ax, language)
        return ax


def topic_name(row: pd.Series, *, language: str) -> str:
    """A reason as readers know it."""
    reason = str(row["reason"])
    return small_groups(language=language) if reason == SMALL else short_name(reason)


def share_words(row: pd.Series, name: str, *, language: str) -> str:
    """A share of the row in words, with the digits its interval allows."""
    if is_left_out(row):
        return left_out(language=language)
    low, high = ("low", "high") if name == "text_share" else ("coded_low", "coded_high")
    return number(Quantity("share", known(row[name]), known(row[low]), known(row[high])), language=language)


def text_agreement_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.head(MOST_TOPICS).iterrows():
        share, coded = (share_words(row, name, language=language) for name in ("text_share", "coded_share"))
        fields = {"name": topic_name(row, language=language), "share": share, "coded": coded}
        rows.append(sentence(Finding("alt.text_agreement_row", fields), language=language))
    return sentence(Finding("alt.text_agreement", {"rows": " ".join(rows)}), language=language)


def _marks(ax: Axes, at: float, row: pd.Series) -> None:
    if is_left_out(row):
        return
    by_text, by_code = known(row["text_share"]), known(row["coded_share"])
    interval(ax, at - _APART, known(row["low"]), known(row["high"]), color=GOOD)
    if by_text is not None:
        ax.plot(by_text, at - _APART, marker="o", markersize=7, color=GOOD, markeredgecolor=PAPER, zorder=5)
    interval(ax, at + _APART, known(row["coded_low"]), known(row["coded_high"]), color=WARN)
    if by_code is not None:
        ax.plot(by_code, at + _APART, marker="D", markersize=5.5, color=PAPER, markeredgecolor=WARN, zorder=5)


def _note(row: pd.Series, language: str) -> str:
    audited = known(row.get("audited"))
    return "" if audited is None else sentence(Finding("plot.estimates_n", {"n": audited}), language=language)


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.lines import Line2D

    by_text, by_code = (text(f"plot.text_by_{what}", language=language) for what in ("text", "code"))
    handles = [
        Line2D([], [], marker="o", color=GOOD, markeredgecolor=PAPER, markersize=7, label=by_text),
        Line2D([], [], marker="D", color=WARN, markerfacecolor=PAPER, markersize=5.5, label=by_code),
    ]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=1 if is_narrow(ax) else 2, frameon=False,
        handlelength=1.6, columnspacing=1.2, borderpad=0.2,
    )  # fmt: skip
