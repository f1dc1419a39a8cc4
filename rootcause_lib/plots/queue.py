"""Who is answered in time and who gives up, by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import channel_name, interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    WARN,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
    whole_axis,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_APART = 0.13
"""How far a row's two figures stand from its middle."""


def plot_queue(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """For each channel two dots with intervals: the share answered in time (filled) and the share given up (hollow).

    `frame`: channel, attempts, service_level, abandoned_share (each with _low and _high), within_seconds, threshold
    (the target, a line), grade, as `queue`.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.75 + 0.62 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        lane = lanes(
            ax,
            [channel_name(str(row["channel"]), language=language) for row in rows],
            [_attempts(row, language) for row in rows],
        )
        for place, row in enumerate(rows):
            at = lane.mark(place) + (0.04 if lane.narrow else 0)
            _mark(ax, at - _APART, row, "service_level", fill=GOOD, edge=PAPER)
            _mark(ax, at + _APART, row, "abandoned_share", fill=PAPER, edge=WARN)
            gone = is_left_out(row)
            words = left_out(language=language) if gone else _values(row, language)
            value_words(ax, place, words, "" if gone else str(row["grade"]), color=QUIET_INK if gone else INK)
        dress(ax, grid="x")
        whole_axis(ax, language=language)
        targets = [known(row["threshold"]) for row in rows]
        target = next((one for one in targets if one is not None), None)
        if target is not None:
            for place in range(len(rows)):
                reach = [lane.mark(place) - 2 * _APART, lane.mark(place) + 2 * _APART]
                ax.plot([target, target], reach, color=QUIET_INK, linewidth=1.2, linestyle=":", zorder=1)
        note = text("plot.grade_note", language=language)
        name_axis(ax, f"{text('plot.queue_axis', language=language)}\n{note}")
        _legend(ax, rows, target, language)
        return ax


def queue_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        name = channel_name(str(row["channel"]), language=language)
        if is_left_out(row):
            given = {"name": name, "value": left_out(language=language)}
            rows.append(sentence(Finding("alt.estimates_row", given), language=language))
            continue
        fields = {
            "channel": str(row["channel"]),
            "seconds": known(row["within_seconds"]),
            "level": number(_quantity(row, "service_level"), language=language),
            "abandoned": number(_quantity(row, "abandoned_share"), language=language),
        }
        rows.append(sentence(Finding("alt.queue_row", fields), language=language))
    return sentence(Finding("alt.queue", {"rows": " ".join(rows)}), language=language)


def _quantity(row: pd.Series, name: str) -> Quantity:
    return Quantity("share", known(row[name]), known(row[f"{name}_low"]), known(row[f"{name}_high"]))


def _attempts(row: pd.Series, language: str) -> str:
    count = known(row["attempts"])
    return "" if count is None else sentence(Finding("plot.estimates_n", {"n": count}), language=language)


def _values(row: pd.Series, language: str) -> str:
    shares = [Quantity("share", known(row[name])) for name in ("service_level", "abandoned_share")]
    return " · ".join("–" if one.value is None else number(one, language=language) for one in shares)


def _mark(ax: Axes, at: float, row: pd.Series, name: str, *, fill: str, edge: str) -> None:
    share = _quantity(row, name)
    if share.value is None:
        return
    interval(ax, at, share.low, share.high, color=GOOD if fill == GOOD else edge)
    ax.plot(share.value, at, marker="o", markersize=7.5, color=fill, markeredgecolor=edge, zorder=5, clip_on=False)


def _legend(ax: Axes, rows: list[pd.Series], target: float | None, language: str) -> None:
    from matplotlib.lines import Line2D

    seconds = known(rows[0]["within_seconds"])
    level = sentence(Finding("plot.queue_level", {"seconds": seconds}), language=language)
    handles = [
        Line2D([], [], marker="o", color=GOOD, markeredgecolor=PAPER, markersize=7.5, label=level),
        Line2D(
            [], [], marker="o", color=WARN, markerfacecolor=PAPER, markeredgecolor=WARN, markersize=7,
            label=text("plot.queue_abandoned", language=language),
        ),
    ]  # fmt: skip
    if target is not None:
        words = text("plot.queue_target", language=language)
        handles.append(Line2D([], [], color=QUIET_INK, linewidth=1.0, linestyle=":", label=words))
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, handlelength=1.6,
        columnspacing=1.0, borderpad=0.2, fontsize=8.5,
    )  # fmt: skip
