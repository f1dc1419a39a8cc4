"""Digital contacts that went on elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import channel_name, interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    INK,
    PAPER,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    pale,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_leaks(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A bar with its interval for each pair of channels: share of the first one's contacts; below, how soon.

    `frame`: from_channel, to_channel, share, low, high, quick_share (0-1), hours_until (hours), grade; drawn in its own
    order.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.55 * max(len(frame), 2))
        if frame.empty:
            return empty(ax, language=language)
        rows = [row for _, row in frame.iterrows()]
        lane = lanes(ax, [leak_name(row, language=language) for row in rows], [_soon(row, language) for row in rows])
        for place, row in enumerate(rows):
            at, share = lane.mark(place), known(row["share"])
            words = left_out(language=language) if is_left_out(row) else ""
            if share is not None:
                colour = channel_colour(str(row["from_channel"]))
                ax.barh(at, share, height=lane.thickness, color=pale(colour, strength=0.6), edgecolor=PAPER)
                interval(ax, at, known(row["low"]), known(row["high"]), color=INK)
                words = number(Quantity("share", share, known(row["low"]), known(row["high"])), language=language)
            value_words(ax, place, words, str(row["grade"]), color=INK)
        dress(ax, grid="x")
        highest = max([known(value) or 0.0 for value in frame[["share", "high"]].to_numpy().ravel()])
        ax.set_xlim(0, min(max(highest, 0.02) * 1.05, 1.0))
        write_ticks(ax.xaxis, kind="share", language=language)
        name_axis(ax, text("plot.leaks_axis", language=language) + "\n" + text("plot.grade_note", language=language))
        return ax


def leak_name(row: pd.Series, *, language: str) -> str:
    """The two channels of a row."""
    return " → ".join(channel_name(str(row[name]), language=language) for name in ("from_channel", "to_channel"))


def _soon(row: pd.Series, language: str) -> str:
    hours, quick = known(row["hours_until"]), known(row["quick_share"])
    if hours is None or quick is None:
        return ""
    told = {"until": Quantity("seconds", hours * 3600), "quick": Quantity("share", quick)}
    return sentence(Finding("plot.leaks_until", told), language=language)


def leaks_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        share, hours = known(row["share"]), known(row["hours_until"])
        if share is None or hours is None:
            told: dict[str, Field] = {"name": leak_name(row, language=language), "value": left_out(language=language)}
            rows.append(sentence(Finding("alt.estimates_row", told), language=language))
            continue
        given: dict[str, Field] = {name: str(row[name]) for name in ("from_channel", "to_channel")}
        given["share"] = Quantity("share", share, known(row["low"]), known(row["high"]))
        given["until"] = Quantity("seconds", hours * 3600)
        rows.append(sentence(Finding("alt.leaks_row", given), language=language))
    return sentence(Finding("alt.leaks", {"rows": " ".join(rows)}), language=language)
