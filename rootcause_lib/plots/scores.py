"""Survey scores over one mix: by channel, with what was agreed to be too small a difference, and by what followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.marks import channel_name, first_of, interval, known, lanes, value_of, value_words
from rootcause_lib.plots.style import (
    GRID,
    INK,
    PAPER,
    QUIET_INK,
    WARN,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, sentence, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {"settled": "#0b6e99", "came_back": WARN, "left": "#5e3c99", "unknown": QUIET_INK}
_Name = Callable[[pd.Series], str]


def plot_consistency(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per channel: the mean score of one metric over the same mix of matters.

    `frame`: metric, channel, score, low, high, answers, difference, margin, verdict, grade; of several metrics the
    first is drawn. Round the channel that the others are compared with (difference 0) a band shows the agreed margin.
    """
    return _drawn(frame, ax, language, named=lambda row: channel_name(str(row["channel"]), language=language))


def plot_score_by_resolution(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per thing that followed: the mean score of one metric over the same mix.

    `frame`: metric, resolution, score, low, high, answers, grade; of several metrics the first is drawn.
    """
    return _drawn(frame, ax, language, named=lambda row: _followed(row, language))


def consistency_words(frame: pd.DataFrame, language: str) -> str:
    """The figure on channels in words."""
    return _words("consistency", frame, language, lambda row: channel_name(str(row["channel"]), language=language))


def score_by_resolution_words(frame: pd.DataFrame, language: str) -> str:
    """The figure on what followed in words."""
    return _words("score_by_resolution", frame, language, lambda row: _followed(row, language))


def _followed(row: pd.Series, language: str) -> str:
    return label(str(row["resolution"]), language=language, kind="resolution")


def _drawn(frame: pd.DataFrame, ax: Axes | None, language: str, *, named: _Name) -> Axes:
    with style():
        shown = first_of(frame, "metric")
        rows = [row for _, row in shown.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.6 + 0.5 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        lane = lanes(ax, [named(row) for row in rows], [_note(row, language) for row in rows])
        for place, row in enumerate(rows):
            _mark(ax, lane.mark(place), row)
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            quiet = grade == "D" or known(row["score"]) is None
            words = value_of(row.rename({"score": "value"}), "score", language=language)
            value_words(ax, place, words, grade, color=QUIET_INK if quiet else INK)
        dress(ax, grid="x")
        ax.margins(x=0.08)
        banded = "margin" in shown and _band(ax, shown, language)
        write_ticks(ax.xaxis, kind="score", language=language)
        metric = label(str(rows[0]["metric"]), language=language, kind="metric")
        axis = "consistency" if "channel" in shown else "score_by_resolution"
        title = sentence(Finding(f"plot.{axis}_axis", {"metric": metric}), language=language)
        name_axis(ax, f"{title}\n{text('plot.grade_note', language=language)}")
        if banded:
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, borderpad=0.2, handlelength=1.4)
        return ax


def _mark(ax: Axes, at: float, row: pd.Series) -> None:
    value = known(row["score"])
    if value is None:
        return
    colour = channel_colour(str(row["channel"])) if "channel" in row else _COLOURS.get(str(row["resolution"]), INK)
    interval(ax, at, known(row["low"]), known(row["high"]), color=colour)
    ax.plot(value, at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5, clip_on=False)


def _band(ax: Axes, shown: pd.DataFrame, language: str) -> bool:
    """The margin round the channel that the others are compared with; whether there is one to draw."""
    base = shown[(shown["difference"] == 0) & (shown["channel"] != ALL) & shown["score"].notna()]
    if base.empty:
        return False
    middle, margin = float(base["score"].iloc[0]), known(base["margin"].iloc[0])
    ax.axvline(middle, color=QUIET_INK, linestyle=":", linewidth=1.2, zorder=1)
    if margin is None:
        return False
    words = text("plot.consistency_margin", language=language)
    ax.axvspan(middle - margin, middle + margin, color=GRID, alpha=0.7, linewidth=0, zorder=0, label=words)
    return True


def _note(row: pd.Series, language: str) -> str:
    answers = known(row["answers"])
    parts = (
        [] if answers is None else [sentence(Finding("plot.score_answers", {"answers": answers}), language=language)]
    )
    verdict = row.get("verdict")
    if isinstance(verdict, str) and verdict != "no_margin":
        parts.append(label(verdict, language=language, kind="verdict").lower())
    return ", ".join(parts)


def _words(key: str, frame: pd.DataFrame, language: str, named: _Name) -> str:
    rows = []
    for _, row in first_of(frame, "metric").iterrows():
        words = value_of(row.rename({"score": "value"}), "score", language=language)
        rows.append(sentence(Finding("alt.score_row", {"name": named(row), "value": words}), language=language))
    metric = label(str(frame["metric"].iloc[0]), language=language, kind="metric")
    return sentence(Finding(f"alt.{key}", {"metric": metric, "rows": " ".join(rows)}), language=language)
