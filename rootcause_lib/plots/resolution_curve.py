"""Resolution at every window, and the day by which coming back about a matter ends."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import (
    first_of,
    interval,
    is_left_out,
    keep_legend,
    known,
    lanes,
    name_lines,
    quantity,
    value_words,
)
from rootcause_lib.plots.reasons import reason_name
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import everything, label, left_out, number, sentence, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST = 30
_WEEKS = (7, 14, 21, 28)
_LETTERS_ON_A_PHONE = 40


def plot_resolution_curve(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Lines by channel: the share of cases quiet at every window, with interval bands.

    `frame`: channel, match, window_days, value, low, high (shares 0-1). The first matching rule is drawn; of the others
    the line of the frame's first channel is, thin and dashed.
    """
    with style():
        shown = first_of(frame, "match").sort_values("window_days", kind="stable")
        channels = list(dict.fromkeys(first_of(frame, "match")["channel"]))
        ax = axes_or_new(ax, width=7.6, height=4.4)
        if not channels:
            return empty(ax, language=language)
        ends = [_line(ax, channel, shown[shown["channel"] == channel], language) for channel in channels]
        dress(ax, grid="y")
        _other_rules(ax, frame[frame["channel"] == channels[0]], language)
        ax.set_xlim(1, float(shown["window_days"].max()) + 0.001)
        ax.margins(y=0.06)
        low, high = ax.get_ylim()
        ax.set_ylim(max(low, 0.0), min(high, 1.0) if high > low else 1.0)
        write_ticks(ax.yaxis, kind="share", language=language)
        ax.set_xticks([week for week in (1, *_WEEKS) if week <= shown["window_days"].max()])
        name_axis(ax, text("plot.curve_windows", language=language))
        name_axis(ax, text("plot.curve_axis", language=language), axis="y")
        name_lines(ax, [end for end in ends if end is not None])
        return ax


def _line(ax: Axes, channel: str, rows: pd.DataFrame, language: str) -> tuple[float, float, str, str] | None:
    colour = channel_colour(channel)
    rows = rows.dropna(subset="value")
    if rows.empty:
        return None
    days, low, high = (rows[name].astype("float64") for name in ("window_days", "low", "high"))
    ax.fill_between(days, low, high, color=colour, alpha=0.13, linewidth=0)
    ax.plot(days, rows["value"].astype("float64"), color=colour, linewidth=2.6 if channel == "all" else 1.8)
    last = rows.iloc[-1]
    share = number(float(last["value"]), language=language, kind="share")
    words = f"{label(channel, language=language, kind='channel')} {share}"
    return float(last["window_days"]), float(last["value"]), words, colour


def _other_rules(ax: Axes, rows: pd.DataFrame, language: str) -> None:
    colour = channel_colour(str(rows["channel"].iloc[0]))
    for place, match in enumerate(list(dict.fromkeys(rows["match"]))[1:]):
        own = rows[(rows["match"] == match)].dropna(subset="value").sort_values("window_days", kind="stable")
        if own.empty:
            continue
        words = sentence(Finding("plot.curve_other_match", {"match": str(match),
                         "channel": str(own["channel"].iloc[0])}), language=language)  # fmt: skip
        ax.plot(
            own["window_days"].astype("float64"), own["value"].astype("float64"), color=colour, linewidth=1.2,
            linestyle=((0, (4, 2)), (0, (1, 1.5)))[place % 2],
            label=textwrap.fill(words, _LETTERS_ON_A_PHONE if is_narrow(ax) else 200),
        )  # fmt: skip
    if ax.get_legend_handles_labels()[0]:
        made = ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, borderpad=0.2,
                         fontsize=8 if is_narrow(ax) else 9.5)  # fmt: skip
        if is_narrow(ax):
            keep_legend(ax, made)


def plot_window_advice(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Dots with intervals by reason: the day by which nearly all that it brings back beyond chance has come.

    `frame`: reason, day, low, high, window_days, contacts, grade; days from 1 to 30. A short line marks the window in
    use. Rows without a day say so.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.5 + 0.44 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [_reason(row, language) for row in rows]
        lane = lanes(ax, names, [_count(row, language) for row in rows])
        for place, row in enumerate(rows):
            at, weak = lane.mark(place), row["grade"] == "D"
            window = known(row["window_days"])
            if window is not None and window <= _LONGEST:
                ax.plot([window, window], [at - 0.27, at + 0.27], color=QUIET_INK, linewidth=1.4, linestyle=":")
            day = known(row["day"])
            if day is not None:
                interval(ax, at, known(row["low"]), known(row["high"]), color=QUIET_INK if weak else INK)
                ax.plot([day], [at], marker="o", markersize=6.5, color=PAPER if weak else GOOD, zorder=5,
                        markeredgecolor=QUIET_INK if weak else GOOD)  # fmt: skip
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            value_words(ax, place, day_words(row, language=language), grade, color=QUIET_INK if weak else INK)
        ax.set_xlim(0, _LONGEST + 0.5)
        dress(ax, grid="x")
        ax.set_xticks((0, *_WEEKS))
        keys = ("advice_axis", "advice_window", "advice_none_note", "grade_note")
        lines = [text(f"plot.{key}", language=language) for key in keys if "none" not in key or _lacks_a_day(frame)]
        name_axis(ax, "\n".join(lines))
        return ax


def _lacks_a_day(frame: pd.DataFrame) -> bool:
    return any(known(row["day"]) is None and not is_left_out(row) for _, row in frame.iterrows())


def day_words(row: pd.Series, *, language: str) -> str:
    """The day in words, or that there is none."""
    if is_left_out(row):
        return left_out(language=language)
    day = known(row["day"])
    if day is None:
        return text("plot.advice_none", language=language)
    return number(Quantity("count", day, known(row["low"]), known(row["high"])), language=language)


def curve_words(frame: pd.DataFrame, language: str) -> str:
    """The curves in words: each channel at its shortest and its longest window."""
    rows = []
    for channel, part in first_of(frame, "match").groupby("channel", sort=False):
        told = part.dropna(subset="value").sort_values("window_days", kind="stable")
        if told.empty:
            name = label(str(channel), language=language, kind="channel")
            fields = {"name": name, "value": left_out(language=language)}
            rows.append(sentence(Finding("alt.estimates_row", fields), language=language))
            continue
        first, last = told.iloc[0], told.iloc[-1]
        given: dict[str, Field] = {
            "channel": str(channel), "short": quantity(first, "share"), "short_days": int(first["window_days"]),
            "long": quantity(last, "share"), "long_days": int(last["window_days"]),
        }  # fmt: skip
        rows.append(sentence(Finding("alt.curve_row", given), language=language))
    return sentence(Finding("alt.curve", {"rows": " ".join(rows)}), language=language)


def advice_words(frame: pd.DataFrame, language: str) -> str:
    """The days in words, reason by reason."""
    rows = []
    for _, row in frame.iterrows():
        fields = {"name": _reason(row, language), "value": day_words(row, language=language)}
        rows.append(sentence(Finding("alt.estimates_row", fields), language=language))
    return sentence(Finding("alt.advice", {"rows": " ".join(rows)}), language=language)


def _reason(row: pd.Series, language: str) -> str:
    reason = str(row["reason"])
    return everything(language=language) if reason == ALL else reason_name(reason, language=language)


def _count(row: pd.Series, language: str) -> str:
    count = known(row["contacts"])
    return "" if count is None else sentence(Finding("plot.estimates_n", {"n": count}), language=language)
