"""How many customers stay how long: by segment since joining, and after something failed for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import is_left_out, known, name_lines
from rootcause_lib.plots.style import (
    INK,
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
from rootcause_lib.prose import label, left_out, number, sentence, short_name, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LINES = 6
"""Beside everybody: the largest segments."""
_LONGEST_MONTHS = 60
_COLOURS = tuple(channel_colour(name) for name in ("phone", "chat", "messaging", "store", "email", "bot", "letter"))
_NOTHING_FAILED, _SOMETHING_FAILED = "no_failure", "any_failure"
_TOLD_AT = 12
_WEAK = (0, (3, 2))
"""Of lines too uncertain to be used."""
_LONGEST_NAMES = {True: 17, False: 24}
"""Letters of a name at its line, in a narrow figure and in a wide one."""


def plot_survival(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Falling lines by segment with interval bands: the share still customers by months since joining.

    `frame`: segment, problem, since, months_since, retained, low, high (shares 0-1), spells, as `survival`; its rows
    since joining are drawn, everybody's as the thickest line, beside six segments.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.6)
        shown = since_joining(frame)
        if shown["retained"].isna().all():
            return empty(ax, language=language)
        colours = dict(zip([one for one in dict.fromkeys(shown["segment"]) if one != ALL], _COLOURS, strict=False))
        ends = [
            _line(ax, rows, segment_name(str(segment), language=language), colours.get(segment, INK), segment == ALL)
            for segment, rows in shown.groupby("segment", sort=False)
        ]
        return _finished(ax, shown, ends, text("plot.survival_months", language=language), language)


def plot_problem_survival(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Falling lines by what had failed before a fixed day: the share still customers by months since that day.

    `frame`: as `survival`; its rows since landmarks are drawn. Customers for whom nothing had failed and those for whom
    something had are the thick lines.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=4.4)
        shown = since_landmarks(frame)
        if shown["retained"].isna().all():
            return empty(ax, language=language)
        own = [one for one in dict.fromkeys(shown["problem"]) if one not in (_NOTHING_FAILED, _SOMETHING_FAILED)]
        colours = dict(zip(own, _COLOURS[1:], strict=False)) | {_NOTHING_FAILED: INK, _SOMETHING_FAILED: _COLOURS[0]}
        ends = [
            _line(ax, rows, _line_name(str(problem), language), colours.get(problem, INK), problem not in own)
            for problem, rows in shown.groupby("problem", sort=False)
        ]
        return _finished(ax, shown, ends, text("plot.landmark_months", language=language), language)


def survival_words(frame: pd.DataFrame, language: str) -> str:
    """The figure by segment in words: each line at a year, or where it ends."""
    shown = since_joining(frame)
    rows = [
        _told(segment_name(str(segment), language=language), own, language)
        for segment, own in shown.groupby("segment", sort=False)
    ]
    return sentence(Finding("alt.survival", {"rows": " ".join(rows)}), language=language)


def problem_survival_words(frame: pd.DataFrame, language: str) -> str:
    """The figure after failures in words."""
    shown = since_landmarks(frame)
    rows = [
        _told(problem_name(str(problem), language=language), own, language)
        for problem, own in shown.groupby("problem", sort=False)
    ]
    return sentence(Finding("alt.problem_survival", {"rows": " ".join(rows)}), language=language)


def since_joining(frame: pd.DataFrame) -> pd.DataFrame:
    """What is drawn by segment: everybody, then the largest segments, up to five years."""
    rows = frame[(frame["since"] == "joining") & (frame["months_since"] <= _LONGEST_MONTHS)]
    sizes = rows[rows["segment"] != ALL].groupby("segment", sort=True)["spells"].max().fillna(0)
    kept = [ALL, *sizes.sort_values(ascending=False, kind="stable").head(_MOST_LINES).index]
    order = {name: place for place, name in enumerate(kept)}
    rows = rows[rows["segment"].isin(kept)]
    return rows.sort_values("segment", key=lambda names: names.map(order), kind="stable")


def since_landmarks(frame: pd.DataFrame) -> pd.DataFrame:
    """What is drawn after failures, in the frame's own order."""
    rows = frame[frame["since"] == "landmark"]
    kept = list(dict.fromkeys(rows["problem"]))[: _MOST_LINES + 2]
    return rows[rows["problem"].isin(kept)]


def segment_name(segment: str, *, language: str) -> str:
    """A segment as readers know it."""
    return text("plot.everybody", language=language) if segment == ALL else short_name(segment)


def problem_name(problem: str, *, language: str) -> str:
    """What had failed: a process by the client's own name for it."""
    return short_name(label(problem, language=language, kind="problem"))


def _line_name(problem: str, language: str) -> str:
    if problem in (_NOTHING_FAILED, _SOMETHING_FAILED):
        return text(f"plot.{problem}", language=language)
    return problem_name(problem, language=language)


def brief(ax: Axes, name: str) -> str:
    """A name that leaves room for what is drawn."""
    longest = _LONGEST_NAMES[is_narrow(ax)]
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _line(ax: Axes, rows: pd.DataFrame, name: str, colour: str, thick: bool) -> tuple[float, float, str, str] | None:
    told = rows.dropna(subset="retained").sort_values("months_since")
    if told.empty:
        return None
    months, share, low, high = (
        told[column].astype("float64") for column in ("months_since", "retained", "low", "high")
    )
    weak = bool((told["grade"] == "D").any())
    ax.fill_between(months, low, high, color=colour, alpha=0.04 if weak else 0.10, linewidth=0)
    ax.plot(months, share, color=colour, linewidth=2.6 if thick else 1.6, linestyle=_WEAK if weak else "-")
    return float(months.iloc[-1]), float(share.iloc[-1]), name, colour


def _finished(
    ax: Axes, shown: pd.DataFrame, ends: list[tuple[float, float, str, str] | None], months: str, language: str
) -> Axes:
    found = [end for end in ends if end is not None]
    dress(ax, grid="y")
    ax.set_xlim(0, max(x for x, _, _, _ in found) or 1.0)
    low = float(shown["low"].fillna(shown["retained"]).astype("float64").min())
    ax.set_ylim(0 if low < 0.5 else max(0.0, low - 0.1 * (1 - low)), 1.0)
    write_ticks(ax.yaxis, kind="share", language=language)
    write_ticks(ax.xaxis, kind="count", language=language)
    weak = (shown["grade"] == "D") & shown["retained"].notna()
    if weak.any():
        note = text("plot.survival_weak", language=language)
        ax.annotate(note, (0.02, 0.03), xycoords="axes fraction", color=QUIET_INK, fontsize=8)
    name_axis(ax, months)
    name_axis(ax, text("plot.survival_axis", language=language), axis="y")
    name_lines(
        ax,
        [(x, y, f"{brief(ax, name)} {number(y, language=language, kind='share')}", hue) for x, y, name, hue in found],
    )
    return ax


def _told(name: str, rows: pd.DataFrame, language: str) -> str:
    told = rows.dropna(subset="retained").sort_values("months_since")
    if told.empty or rows.apply(is_left_out, axis=1).all():
        given = {"name": name, "value": left_out(language=language)}
        return sentence(Finding("alt.estimates_row", given), language=language)
    at = told[told["months_since"] <= _TOLD_AT].tail(1)
    row = (at if len(at) else told.head(1)).iloc[0]
    share = Quantity("share", known(row["retained"]), known(row["low"]), known(row["high"]))
    months = int(row["months_since"])
    return sentence(Finding("alt.survival_row", {"name": name, "share": share, "months": months}), language=language)
