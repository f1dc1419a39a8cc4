"""Estimates as dots with their intervals: any measure, any dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.errors import ParameterError, listed
from rootcause_lib.findings import Finding, QuantityKind
from rootcause_lib.plots.marks import interval, known, lanes, value_of, value_words
from rootcause_lib.plots.style import (
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import (
    everything,
    label,
    metric_kind,
    metric_title,
    number,
    sentence,
    short_name,
    small_groups,
    text,
)
from rootcause_lib.vocabulary import ALL, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SCHEMA = (
    "metric", "statistic", "value", "low", "high", "level", "numerator", "denominator", "unobserved", "method",
    "customers",
    "claim", "grade", "grade_reasons", "threshold", "verdict",
)  # fmt: skip


def plot_estimates(
    frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en", currency: str | None = None
) -> Axes:
    """One dot with its interval per row of an Estimates frame of one metric; the value in words beside it.

    Every column that is not of the Estimates schema is a dimension and names the row. Below the name stand the
    denominator and the unknowns; a target (`threshold`) is a dotted line. Rows keep the frame's order. A frame
    of several metrics is a ParameterError: their units differ. `currency` is an ISO code, for metrics in money.
    """
    metrics = list(dict.fromkeys(frame["metric"])) if len(frame) else []
    if len(metrics) > 1:
        raise ParameterError(f"One figure shows one metric; the frame holds {listed(metrics)}. Select one of them.")
    with style():
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.48 * max(len(frame), 2))
        if not metrics:
            return empty(ax, language=language)
        kind = metric_kind(metrics[0])
        _rows(ax, frame, kind, language, currency)
        _targets(ax, frame, language)
        words = metric_title(metrics[0], language=language)
        _finish(ax, frame, words, kind, language, currency)
        return ax


def plot_coverage(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """The share of contacts with a known customer, by channel; `frame`: channel, value, low, high, denominator."""
    with style():
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.48 * max(len(frame), 2))
        if frame.empty:
            return empty(ax, language=language)
        _rows(ax, frame, "share", language, None)
        _finish(ax, frame, text("plot.coverage_axis", language=language), "share", language, None)
        return ax


def dimensions(frame: pd.DataFrame) -> list[str]:
    """The columns of an Estimates frame that split it."""
    return [str(column) for column in frame.columns if column not in _SCHEMA]


def row_name(row: pd.Series, split: list[str], *, language: str) -> str:
    """What names a row: its values on the dimensions, `all` left out where another one says more."""
    said = [dimension for dimension in split if str(row[dimension]) != ALL]
    if not said and len(split) > 1:
        return everything(language=language)
    said = said or split
    return " · ".join(_said(row[one], one, language) for one in said)


def _said(value: object, dimension: str, language: str) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return number(None, language=language)
    if value == SMALL:
        return small_groups(language=language)
    kind = {"channel": "channel", "match": "match", "outcome": "outcome"}.get(dimension)
    if kind:
        return label(str(value), language=language, kind=kind)
    return everything(language=language) if value == ALL else short_name(str(value))


def _rows(ax: Axes, frame: pd.DataFrame, kind: QuantityKind, language: str, currency: str | None) -> None:
    split = dimensions(frame)
    records = [row for _, row in frame.iterrows()]
    names = [row_name(row, split, language=language) for row in records]
    lane = lanes(ax, names, [_note(row, language) for row in records])
    for place, row in enumerate(records):
        colour = channel_colour(str(row["channel"])) if "channel" in frame else channel_colour("phone")
        value, at = known(row["value"]), lane.mark(place)
        interval(ax, at, known(row["low"]), known(row["high"]), color=colour)
        if value is not None:
            ax.plot(value, at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5, clip_on=False)
        words = value_of(row, kind, language=language, currency=currency)
        grade = "" if "grade" not in row or pd.isna(row["grade"]) else str(row["grade"])
        value_words(ax, place, words, grade, color=QUIET_INK if value is None or grade == "D" else INK)


def _note(row: pd.Series, language: str) -> str:
    parts = []
    denominator, unobserved = known(row.get("denominator")), known(row.get("unobserved"))
    if denominator is not None:
        parts.append(sentence(Finding("plot.estimates_n", {"n": denominator}), language=language))
    if unobserved:
        parts.append(sentence(Finding("plot.estimates_unknown", {"unknown": unobserved}), language=language))
    return ", ".join(parts)


def _targets(ax: Axes, frame: pd.DataFrame, language: str) -> None:
    if "threshold" not in frame or frame["threshold"].isna().all():
        return
    for target in frame["threshold"].dropna().unique():
        ax.axvline(float(target), color=QUIET_INK, linestyle=":", linewidth=1.2)
        ax.annotate(
            text("plot.threshold", language=language), (float(target), 1), xycoords=ax.get_xaxis_transform(),
            xytext=(0, 3), textcoords="offset points", ha="center", color=QUIET_INK, fontsize=8,
        )  # fmt: skip


def _finish(ax: Axes, frame: pd.DataFrame, words: str, kind: QuantityKind, language: str, currency: str | None) -> None:
    dress(ax, grid="x")
    ax.margins(x=0.08)
    low, high = ax.get_xlim()
    ax.set_xlim(max(low, 0.0) if kind != "points" else low, min(high, 1.0) if kind == "share" and high < 1.2 else high)
    write_ticks(ax.xaxis, kind=kind, language=language, currency=currency)
    note = "\n" + text("plot.grade_note", language=language) if "grade" in frame else ""
    name_axis(ax, words + note)
