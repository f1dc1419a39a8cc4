"""How long customers wait by the hour of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding
from rootcause_lib.plots.marks import channel_name, first_of, is_left_out, name_lines
from rootcause_lib.plots.style import (
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WEEKDAY = "weekday"


def plot_queue_hours(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Lines by channel with interval bands: the mean wait of the answered by local hour, on weekdays.

    `frame`: channel, kind_of_day, hour, mean_wait, mean_wait_low, mean_wait_high (seconds), as `queue_hours`. Without
    weekdays in it the first kind of day is drawn. An hour that is not told breaks the line.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.0)
        shown = _one_kind(frame)
        told = shown.dropna(subset="mean_wait")
        if told.empty:
            return empty(ax, language=language)
        ends = []
        for channel, rows in told.groupby("channel", sort=False):
            ends.append(_line(ax, str(channel), rows, language))
        dress(ax, grid="y")
        first, last = int(told["hour"].min()), int(told["hour"].max())
        ax.set_xlim(first - 0.5, last + 0.5)
        ax.set_ylim(0, _ceiling(told))
        step = 2 if last - first <= 12 else 4
        places = list(range(first, last + 1, step))
        ax.set_xticks(places, [str(place) for place in places])
        write_ticks(ax.yaxis, kind="seconds", language=language)
        kind = str(told["kind_of_day"].iloc[0])
        name_axis(ax, sentence(Finding("plot.hours_hour", {"kind_of_day": kind}), language=language))
        name_axis(ax, text("plot.hours_axis", language=language), axis="y")
        name_lines(ax, ends)
        return ax


def hours_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: the shortest and the longest mean wait of each line."""
    shown, rows = _one_kind(frame), []
    for channel in dict.fromkeys(frame["channel"]):
        own = shown[shown["channel"] == channel]
        told = own.dropna(subset="mean_wait")
        if told.empty:
            gone = own.apply(is_left_out, axis=1).any() if len(own) else False
            value = left_out(language=language) if gone else "–"
            given = {"name": channel_name(str(channel), language=language), "value": value}
            rows.append(sentence(Finding("alt.estimates_row", given), language=language))
            continue
        fields: dict[str, Field] = {
            "channel": str(channel),
            "low": float(told["mean_wait"].min()),
            "high": float(told["mean_wait"].max()),
        }
        rows.append(sentence(Finding("alt.hours_row", fields), language=language))
    kind = str(shown["kind_of_day"].iloc[0])
    return sentence(Finding("alt.hours", {"rows": " ".join(rows), "kind_of_day": kind}), language=language)


def _one_kind(frame: pd.DataFrame) -> pd.DataFrame:
    weekdays = frame[frame["kind_of_day"] == _WEEKDAY]
    return weekdays if len(weekdays) else first_of(frame, "kind_of_day")


def _line(ax: Axes, channel: str, rows: pd.DataFrame, language: str) -> tuple[float, float, str, str]:
    colour = channel_colour(channel)
    names = ["mean_wait", "mean_wait_low", "mean_wait_high"]
    hours = range(int(rows["hour"].min()), int(rows["hour"].max()) + 1)
    line = rows.astype({"hour": int}).set_index("hour")[names].astype(float).reindex(hours)
    ax.fill_between(line.index, line["mean_wait_low"], line["mean_wait_high"], color=colour, alpha=0.13, linewidth=0)
    ax.plot(line.index, line["mean_wait"], color=colour, linewidth=2.0, marker="o", markersize=4)
    last = line["mean_wait"].dropna()
    return float(last.index[-1]), float(last.iloc[-1]), channel_name(channel, language=language), colour


def _ceiling(told: pd.DataFrame) -> float:
    """Bands of a few calls may reach far up: the axis shows all means and what it can of the bands."""
    mean = float(told["mean_wait"].astype(float).max())
    high = float(told["mean_wait_high"].astype(float).fillna(mean).max())
    top = max(min(high, 2.5 * mean), 1.0) * 1.08
    # From a minute and a half on durations are written in minutes, in steps of which the axis then goes.
    return top if not 90 <= top < 120 else 120.0
