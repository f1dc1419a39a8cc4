"""How long customers are ready to wait for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import channel_name, is_left_out, known, name_lines
from rootcause_lib.plots.style import (
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_patience(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Falling curves by channel with interval bands: the share still waiting after so many seconds without an answer.

    `frame`: channel, seconds, still_waiting, low, high (shares 0-1), as `patience`.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.2)
        told = frame.dropna(subset="still_waiting")
        if told.empty:
            return empty(ax, language=language)
        ends = []
        for channel, rows in told.groupby("channel", sort=False):
            rows = rows.sort_values("seconds").astype({"seconds": float, "still_waiting": float})
            colour = channel_colour(str(channel))
            low, high = rows["low"].astype(float), rows["high"].astype(float)
            ax.fill_between(rows["seconds"], low, high, step="post", color=colour, alpha=0.13, linewidth=0)
            ax.plot(rows["seconds"], rows["still_waiting"], drawstyle="steps-post", color=colour, linewidth=2.0)
            last = rows.iloc[-1]
            share = number(float(last["still_waiting"]), language=language, kind="share")
            words = f"{channel_name(str(channel), language=language)} {share}"
            ends.append((float(last["seconds"]), float(last["still_waiting"]), words, colour))
        dress(ax, grid="y")
        ax.set_xlim(0, float(told["seconds"].max()) or 1.0)
        ax.set_ylim(0, 1.02)
        write_ticks(ax.yaxis, kind="share", language=language)
        write_ticks(ax.xaxis, kind="seconds", language=language)
        name_axis(ax, text("plot.patience_seconds", language=language))
        name_axis(ax, text("plot.patience_axis", language=language), axis="y")
        name_lines(ax, ends)
        return ax


def patience_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: each curve where it ends."""
    rows = []
    for channel, own in frame.groupby("channel", sort=False):
        told = own.dropna(subset="still_waiting").sort_values("seconds")
        name = channel_name(str(channel), language=language)
        if told.empty or own.apply(is_left_out, axis=1).all():
            given = {"name": name, "value": left_out(language=language)}
            rows.append(sentence(Finding("alt.estimates_row", given), language=language))
            continue
        last = told.iloc[-1]
        share = Quantity("share", known(last["still_waiting"]), known(last["low"]), known(last["high"]))
        fields: dict[str, Field] = {"channel": str(channel), "share": share, "seconds": float(last["seconds"])}
        rows.append(sentence(Finding("alt.patience_row", fields), language=language))
    return sentence(Finding("alt.patience", {"rows": " ".join(rows)}), language=language)
