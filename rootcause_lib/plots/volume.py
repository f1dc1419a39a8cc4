"""Contacts by week and channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding
from rootcause_lib.plots.marks import name_lines
from rootcause_lib.plots.style import (
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    width_in_inches,
    write_ticks,
)
from rootcause_lib.prose import label, month, sentence, text
from rootcause_lib.prose.numbers import day_short

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_volume(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Lines by channel: contacts per week. `frame`: week (its first day), channel, contacts."""
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.0)
        if frame.empty:
            return empty(ax, language=language)
        ends = []
        for channel in dict.fromkeys(frame["channel"]):
            rows = frame[frame["channel"] == channel].assign(week=lambda f: pd.to_datetime(f["week"]))
            rows = rows.sort_values("week")
            known = rows.dropna(subset="contacts")
            colour = channel_colour(str(channel))
            weight = 2.6 if channel == "all" else 1.7
            ax.plot(rows["week"], rows["contacts"].astype("float"), color=colour, linewidth=weight,
                    marker="o" if len(rows) < 3 else "")  # fmt: skip
            if known.empty:
                continue
            last = known.iloc[-1]
            name = label(str(channel), language=language, kind="channel")
            ends.append((float(ax.convert_xunits(last["week"])), float(last["contacts"]), name, colour))
        dress(ax, grid="y")
        ax.set_ylim(0, None)
        _weeks(ax, language)
        write_ticks(ax.yaxis, kind="count", language=language)
        name_axis(ax, text("plot.volume_axis", language=language), axis="y")
        name_lines(ax, ends)
        return ax


def _weeks(ax: Axes, language: str) -> None:
    from matplotlib.dates import AutoDateLocator, num2date
    from matplotlib.ticker import FuncFormatter

    ax.margins(x=0.01)
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=max(3, int(width_in_inches(ax) / 1.1))))
    write = month if high - low > 120 else day_short
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(num2date(value).date(), language=language)))


def volume_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    weeks = pd.to_datetime(frame["week"])
    rows = []
    for channel, part in frame.dropna(subset="contacts").groupby("channel", sort=False)["contacts"]:
        ends: dict[str, Field] = {"channel": str(channel), "low": float(part.min()), "high": float(part.max())}
        rows.append(sentence(Finding("alt.volume_row", ends), language=language))
    told: dict[str, Field] = {"first": weeks.min().date(), "last": weeks.max().date(), "rows": " ".join(rows)}
    return sentence(Finding("alt.volume", told), language=language)
