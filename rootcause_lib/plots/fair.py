"""Channels over one mix of matters, beside what plain counting says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import channel_name, interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    pale,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_fair(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per channel and outcome: the difference to the baseline over one mix of matters.

    `frame`: as `standardised`: channel, outcome, baseline_channel, resolution, difference, difference_low,
    difference_high, naive_difference, grade; differences of shares, -1 to 1. A hollow dot is what plain counting says.
    The baseline has no dot; its share over the mix stands beside its name.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.35 + 0.48 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        several = frame["outcome"].nunique() > 1
        lane = lanes(
            ax, [_name(row, language) for row in rows], [_note(row, language, outcome=several) for row in rows]
        )
        for place, row in enumerate(rows):
            _mark(ax, lane.mark(place), row)
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            weak = known(row["resolution"]) is None or grade == "D"
            value_words(ax, place, fair_words(row, language=language), grade, color=QUIET_INK if weak else INK)
        ax.axvline(0, color=QUIET_INK, linewidth=0.9)
        dress(ax, grid="x")
        ax.margins(x=0.08)
        write_ticks(ax.xaxis, kind="score", language=language)
        axis = sentence(Finding("plot.fair_axis", {"baseline": str(rows[0]["baseline_channel"])}), language=language)
        notes = f"{text('plot.fair_naive', language=language)}   {text('plot.grade_note', language=language)}"
        name_axis(ax, f"{axis}\n{notes}")
        return ax


def fair_words(row: pd.Series, *, language: str) -> str:
    """A row's difference in words; of the baseline what it would reach itself."""
    if is_left_out(row):
        return left_out(language=language)
    if row["channel"] == row["baseline_channel"]:
        share = Quantity("share", known(row["resolution"]), known(row["low"]), known(row["high"]))
        return number(share, language=language)
    # The unit stands on the axis.
    value, low, high = (_points(row[name]) for name in ("difference", "difference_low", "difference_high"))
    return number(Quantity("score", value, low, high), language=language)


def _points(value: Any) -> float | None:
    """A difference of shares in percentage points."""
    found = known(value)
    return None if found is None else 100 * found


def difference_of(row: pd.Series) -> Quantity:
    """The difference over one mix with its interval."""
    limits = (known(row["difference_low"]), known(row["difference_high"]))
    return Quantity("points", known(row["difference"]), *limits, known(row.get("contacts")))


def _name(row: pd.Series, language: str) -> str:
    return channel_name(str(row["channel"]), language=language)


def _note(row: pd.Series, language: str, *, outcome: bool) -> str:
    """The outcome where there are several, that others are compared with this channel, and how many contacts."""
    said = [label(str(row["outcome"]), language=language, kind="outcome")] if outcome else []
    if row["channel"] == row["baseline_channel"]:
        said.append(text("plot.fair_baseline", language=language))
    elif (contacts := known(row.get("contacts"))) is not None:
        said.append(sentence(Finding("plot.estimates_n", {"n": contacts}), language=language))
    return ", ".join(said)


def _mark(ax: Axes, at: float, row: pd.Series) -> None:
    value, colour = _points(row["difference"]), channel_colour(str(row["channel"]))
    if is_left_out(row):
        return
    colour = pale(colour) if row["grade"] == "D" else colour
    naive = _points(row["naive_difference"])
    if naive is not None:
        ax.plot(naive, at, marker="o", markersize=7, markerfacecolor=PAPER, markeredgecolor=QUIET_INK, zorder=3)
    interval(ax, at, _points(row["difference_low"]), _points(row["difference_high"]), color=colour)
    if value is not None:
        ax.plot(value, at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5)


def fair_alternative(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: every channel's difference and what plain counting says."""
    told = []
    for _, row in frame.iterrows():
        given: dict[str, Field] = {"channel": str(row["channel"]), "outcome": str(row["outcome"])}
        if row["channel"] == row["baseline_channel"] or is_left_out(row):
            given["value"] = fair_words(row, language=language)
            key = "estimates_row" if is_left_out(row) else "fair_baseline"
            given["name"] = _name(row, language)
        else:
            given["difference"] = difference_of(row)
            given["naive"] = Quantity("points", known(row["naive_difference"]))
            key = "fair_row"
        told.append(sentence(Finding(f"alt.{key}", given), language=language))
    given = {"baseline": str(frame["baseline_channel"].iloc[0]), "rows": " ".join(told)}
    return sentence(Finding("alt.fair", given), language=language)
