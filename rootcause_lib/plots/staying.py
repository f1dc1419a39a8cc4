"""Who leaves sooner, and what staying is worth, by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, quantity, value_of, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    pale,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.plots.survival import brief, segment_name
from rootcause_lib.prose import left_out, number, sentence, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 20
_EACH, _POINT = "customer_value", "point_value"


def plot_segment_risk(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval for each segment: the share that would give notice within the horizon.

    `frame`: segment, horizon_days, chance, low, high (shares 0-1), customers, grade, as `segment_risk`.
    """
    with style():
        rows = [row for _, row in frame.head(_MOST).iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.6 + 0.5 * max(len(rows), 2))
        if frame["chance"].isna().all():
            return empty(ax, language=language)
        lane = lanes(ax, [_name(ax, row, language) for row in rows], _customers(rows, language))
        for place, row in enumerate(rows):
            _dot(ax, place, lane.mark(place), row, language)
        whole = known(frame.loc[frame["segment"] == ALL, "chance"].max())
        if whole is not None and len(rows) > 1:
            ax.axvline(whole, color=QUIET_INK, linewidth=0.9, linestyle=":", zorder=1)
        dress(ax, grid="x")
        ax.set_xlim(0, 1.08 * max(known(row["high"]) or known(row["chance"]) or 0.0 for row in rows) or 1.0)
        write_ticks(ax.xaxis, kind="share", language=language)
        days = Finding("plot.segment_risk_axis", {"days": int(frame["horizon_days"].max())})
        name_axis(ax, f"{sentence(days, language=language)}\n{text('plot.grade_note', language=language)}")
        return ax


def plot_retention_value(
    frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en", currency: str | None = None
) -> Axes:
    """A bar with its interval for each segment: the margin still to come per customer; beside it what a point adds.

    `frame`: segment, measure, value, low, high (money), denominator, grade, as `retention_value`; the rows of
    `customer_value` are drawn, and `point_value` of the same segment is written below the name.
    """
    with style():
        rows = valued_rows(frame)
        ax = axes_or_new(ax, width=7.6, height=1.6 + 0.56 * max(len(rows), 2))
        if not rows or all(known(row["value"]) is None for row in rows):
            return empty(ax, language=language)
        points = frame[frame["measure"] == _POINT].set_index("segment")["value"]
        names = [_name(ax, row, language) for row in rows]
        notes = [_point_words(points.get(row["segment"]), language, currency) for row in rows]
        lane = lanes(ax, names, notes)
        for place, row in enumerate(rows):
            value, gone = known(row["value"]), is_left_out(row)
            if value is not None and not gone:
                fill = GOOD if row["grade"] != "D" else pale(GOOD)
                ax.barh(lane.mark(place), value, height=lane.thickness * 0.8, color=fill)
                interval(ax, lane.mark(place), known(row["low"]), known(row["high"]), color=INK)
            words = (
                left_out(language=language) if gone else value_of(row, "money", language=language, currency=currency)
            )
            value_words(ax, place, words, "" if gone else str(row["grade"]), color=QUIET_INK if gone else INK)
        ends = [known(row[name]) or 0.0 for row in rows for name in ("value", "low", "high")]
        ax.set_xlim(min(0.0, *ends) * 1.05, max(1.0, *ends) * 1.05)
        dress(ax, grid="x")
        write_ticks(ax.xaxis, kind="money" if currency else "count", language=language, currency=currency)
        note = text("plot.grade_note", language=language)
        name_axis(ax, f"{text('plot.value_axis_bare', language=language)}\n{note}")
        return ax


def valued_rows(frame: pd.DataFrame) -> list[pd.Series]:
    """What is drawn: the value of a customer, everybody first."""
    return [row for _, row in frame[frame["measure"] == _EACH].head(_MOST).iterrows()]


def segment_risk_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of risks in words."""
    rows = []
    for _, row in frame.head(_MOST).iterrows():
        name = segment_name(str(row["segment"]), language=language)
        if is_left_out(row):
            given = {"name": name, "value": left_out(language=language)}
            rows.append(sentence(Finding("alt.estimates_row", given), language=language))
            continue
        share = quantity(row, "share", value="chance")
        fields: dict[str, Field] = {"name": name, "share": share, "days": int(row["horizon_days"])}
        rows.append(sentence(Finding("alt.segment_risk_row", fields), language=language))
    return sentence(Finding("alt.segment_risk", {"rows": " ".join(rows)}), language=language)


def retention_value_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of values in words."""
    rows = []
    for row in valued_rows(frame):
        name = segment_name(str(row["segment"]), language=language)
        told = left_out(language=language)
        if not is_left_out(row):
            told = number(quantity(row, "money"), language=language)
        rows.append(sentence(Finding("alt.retention_value_row", {"name": name, "value": told}), language=language))
    return sentence(Finding("alt.retention_value", {"rows": " ".join(rows)}), language=language)


def _name(ax: Axes, row: pd.Series, language: str) -> str:
    return brief(ax, segment_name(str(row["segment"]), language=language))


def _customers(rows: list[pd.Series], language: str) -> list[str]:
    counts = [known(row["customers"]) for row in rows]
    return [
        "" if one is None else sentence(Finding("plot.estimates_n", {"n": one}), language=language) for one in counts
    ]


def _dot(ax: Axes, place: int, at: float, row: pd.Series, language: str) -> None:
    gone, value = is_left_out(row), known(row["chance"])
    if value is not None and not gone:
        interval(ax, at, known(row["low"]), known(row["high"]), color=GOOD)
        fill = PAPER if row["grade"] == "D" else GOOD
        ax.plot(value, at, marker="o", markersize=7.5, color=fill, markeredgecolor=GOOD, zorder=5, clip_on=False)
    words = (
        left_out(language=language)
        if gone
        else number(Quantity("share", value, known(row["low"]), known(row["high"])), language=language)
    )
    value_words(ax, place, words, "" if gone else str(row["grade"]), color=QUIET_INK if gone else INK)


def _point_words(value: object, language: str, currency: str | None) -> str:
    found = known(value)
    if found is None:
        return ""
    return sentence(
        Finding("plot.value_point", {"value": Quantity("money", found)}), language=language, currency=currency
    )
