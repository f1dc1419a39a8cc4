"""Leaving by kind and number of contacts, and by what became of problems: ratios beside no difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.caused import process_name
from rootcause_lib.plots.marks import channel_name, interval, is_left_out, known, lanes, value_of, value_words
from rootcause_lib.plots.ratio_axis import cut, ratio_axis
from rootcause_lib.plots.style import (
    GOOD,
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
)  # fmt: skip
from rootcause_lib.prose import label, left_out, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = "each_contact"
"""A split of ratios between counts: told in words, not drawn beside ratios against no contact."""


def plot_contact_dose(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per kind of contact, on a logarithmic axis with a line at 1.

    `frame`: split, level, hazard_ratio, low, high, per_1000, per_1000_low, per_1000_high, claim, grade, as `dose`, or
    some of its splits; the ratios of each contact to one fewer are not drawn. Pale: grade D.
    """
    with style():
        drawn = frame[frame["split"] != _STEPS]
        ax = axes_or_new(ax, width=7.6, height=1.5 + 0.5 * max(len(drawn), 2))
        if drawn.empty:
            return empty(ax, language=language)
        said = label(str(drawn["claim"].iloc[0]), language=language, kind="claim_said")
        axis = f"{text('plot.dose_axis', language=language)}\n{said} {text('plot.grade_note', language=language)}"
        return _rows(ax, drawn, dose_name, _split_note, axis=axis, language=language)


def plot_problem_effect(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per process and what became of the problem, on a logarithmic axis with a line at 1.

    `frame`: process, handling, hazard_ratio, low, high, per_1000, per_1000_low, per_1000_high, grade, as
    `problem_effect`.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=1.5 + 0.5 * max(len(frame), 2))
        if frame.empty:
            return empty(ax, language=language)
        axis = f"{text('plot.problem_axis', language=language)}\n{text('plot.grade_note', language=language)}"
        return _rows(ax, frame, _handling, _process_note, axis=axis, language=language)


_Words = Callable[..., str]


def _rows(ax: Axes, frame: pd.DataFrame, name: _Words, note: _Words, *, axis: str, language: str) -> Axes:
    rows = [row for _, row in frame.iterrows()]
    lane = lanes(ax, [name(row, language=language) for row in rows], [note(row, language=language) for row in rows])
    for place, row in enumerate(rows):
        _mark(ax, lane.mark(place), row)
        grade = "" if pd.isna(row["grade"]) else str(row["grade"])
        value_words(ax, place, _words(row, language), grade, color=QUIET_INK if grade == "D" else INK)
    ends = pd.concat([frame["low"], frame["high"], frame["hazard_ratio"]]).astype("float64").dropna()
    ratio_axis(ax, ends, language=language)
    reach = 0.24
    for place in range(len(rows)) if lane.narrow else ():
        ax.vlines(1, lane.mark(place) - reach, lane.mark(place) + reach, color=QUIET_INK, linewidth=1.1, zorder=1)
    if not lane.narrow:
        ax.axvline(1, color=QUIET_INK, linewidth=1.1, zorder=1)
    dress(ax, grid="x")
    name_axis(ax, axis)
    return ax


def _mark(ax: Axes, at: float, row: pd.Series) -> None:
    value, low, high = (known(row[name]) for name in ("hazard_ratio", "low", "high"))
    if value is None:
        return
    colour = channel_colour(str(row["level"])) if row.get("split") == "channel" else GOOD
    colour = pale(colour, strength=0.5) if row["grade"] == "D" else colour
    ends = (None if end is None else cut(end) for end in (low, high))
    interval(ax, at, *ends, color=colour)
    ax.plot(cut(value), at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5, linestyle="none")


def dose_name(row: pd.Series, *, language: str) -> str:
    """A kind of contact as readers know it."""
    level = str(row["level"])
    if row["split"] == "channel":
        return channel_name(level, language=language)
    return label(level, language=language, kind="dose_level")


def _split_note(row: pd.Series, *, language: str) -> str:
    return _with_thousand(label(str(row["split"]), language=language, kind="dose_split"), row, language)


def _handling(row: pd.Series, *, language: str) -> str:
    return label(str(row["handling"]), language=language, kind="handling")


def _process_note(row: pd.Series, *, language: str) -> str:
    return _with_thousand(process_name(str(row["process"]), language=language), row, language)


def _with_thousand(said: str, row: pd.Series, language: str) -> str:
    value = known(row["per_1000"])
    if value is None:
        return said
    limits = known(row["per_1000_low"]), known(row["per_1000_high"])
    more = sentence(Finding("plot.dose_1000", {"per_1000": Quantity("mean", value, *limits)}), language=language)
    return f"{said}: {more}"


def _words(row: pd.Series, language: str) -> str:
    return value_of(row.rename({"hazard_ratio": "value"}), "ratio", language=language)


def contact_dose_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    drawn = frame[frame["split"] != _STEPS]
    rows = []
    for _, row in drawn.iterrows():
        split = label(str(row["split"]), language=language, kind="dose_split")
        rows.append(_row_words(row, split, dose_name(row, language=language), language))
    given: dict[str, Field] = {"claim": str(drawn["claim"].iloc[0]) if len(drawn) else "association"}
    return sentence(Finding("alt.contact_dose", given | {"rows": " ".join(rows)}), language=language)


def problem_effect_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        process = process_name(str(row["process"]), language=language)
        rows.append(_row_words(row, process, _handling(row, language=language), language))
    return sentence(Finding("alt.problem_effect", {"rows": " ".join(rows)}), language=language)


def _row_words(row: pd.Series, split: str, level: str, language: str) -> str:
    ratio = left_out(language=language) if is_left_out(row) else _words(row, language)
    given: dict[str, Field] = {"split": split, "level": level, "ratio": ratio}
    return sentence(Finding("alt.contact_dose_row", given), language=language)
