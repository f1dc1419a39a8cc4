"""Teams and agents against what their matters would lead to expect: the funnel, and what to believe of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import first_of, interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import left_out, number, sentence, short_name, text
from rootcause_lib.vocabulary import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED = 8
"""Up to as many units all are named in a funnel; of more, those that stand out."""
_MOST = 30
_LINES = (("95", "--"), ("998", "-"))
_COLOURS = {"above_expected": GOOD, "below_expected": BAD}


def plot_funnel(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot for each unit by contacts and by difference as counted, with the limits that chance keeps to.

    `frame`: the frame of agents; of several outcomes, or of teams and agents, what its first row is of. Limits are each
    unit's own, joined from the smallest to the largest.
    """
    with style():
        shown = of_one_kind(frame)
        shown = shown[shown["raw_difference"].notna()].sort_values("contacts", kind="stable")
        ax = axes_or_new(ax, width=7.6, height=4.4)
        if shown.empty:
            return empty(ax, language=language)
        for name, line in _LINES:
            words = text(f"plot.agents_chance_{name}", language=language)
            for side in ("low", "high"):
                ax.plot(
                    shown["contacts"], 100 * shown[f"funnel_{side}_{name}"], color=QUIET_INK, linewidth=0.9,
                    linestyle=line, marker="_" if len(shown) <= _NAMED else None, markersize=6, zorder=2,
                    label=words if side == "high" else None,
                )  # fmt: skip
        for _, row in shown.iterrows():
            _dot(ax, row, named=len(shown) <= _NAMED or row["standing"] in _COLOURS)
        ax.axhline(0, color=QUIET_INK, linewidth=0.9, zorder=1)
        _finish_funnel(ax, language)
        return ax


def plot_unit_effects(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """For each unit what to believe of its difference, with the interval, beside what was counted.

    `frame`: the frame of agents, in its own order (by name), the first thirty of what its first row is of. Below the
    name stand the contacts and how probable it is that the unit is the best, or the weakest, of all.
    """
    with style():
        every = of_one_kind(frame)
        shown = every.head(_MOST)
        ax = axes_or_new(ax, width=7.6, height=1.4 + 0.48 * max(len(shown), 2))
        if shown["difference"].isna().all():
            return empty(ax, language=language)
        rows = [row for _, row in shown.iterrows()]
        lane = lanes(ax, [unit_name(row) for row in rows], [_note(row, language) for row in rows])
        for place, row in enumerate(rows):
            _effect(ax, place, lane.mark(place), row, language)
        ax.axvline(0, color=QUIET_INK, linewidth=0.9, zorder=1)
        dress(ax, grid="x")
        ax.margins(x=0.08)
        write_ticks(ax.xaxis, kind="mean", language=language)
        words = [text("plot.agents_difference", language=language), text("plot.agents_key", language=language)]
        if len(every) > len(shown):
            more = Finding("plot.agents_more", {"more": len(every) - len(shown)})
            words.append(sentence(more, language=language))
        name_axis(ax, "\n".join([*words, text("plot.grade_note", language=language)]))
        return ax


def of_one_kind(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first one's outcome, and of teams where it is a team."""
    rows = first_of(frame, "outcome")
    return rows[(rows["agent_id"] == ALL) == (rows["agent_id"].iloc[0] == ALL)] if len(rows) else rows


def unit_name(row: pd.Series) -> str:
    """A team's name, or an agent's pseudonym."""
    return short_name(str(row["team"] if row["agent_id"] == ALL else row["agent_id"]))


def effect_words(row: pd.Series, *, language: str) -> str:
    """A unit's shrunken difference in words, or that it is left out."""
    if is_left_out(row):
        return left_out(language=language)
    found = Quantity("points", known(row["difference"]), known(row["low"]), known(row["high"]))
    return number(found, language=language)


def _dot(ax: Axes, row: pd.Series, *, named: bool) -> None:
    x, y = float(row["contacts"]), 100 * float(row["raw_difference"])
    colour = _COLOURS.get(str(row["standing"]), INK)
    ax.plot(x, y, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5)
    if named:
        from matplotlib.patheffects import withStroke

        # Away from the nearer edge, so that names stay inside.
        ax.annotate(
            unit_name(row), (x, y), xytext=(0, 7 if y >= 0 else -7), textcoords="offset points", ha="center",
            va="bottom" if y >= 0 else "top", color=colour, fontsize=8.5, zorder=6,
            path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
        )  # fmt: skip


def _finish_funnel(ax: Axes, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    dress(ax, grid="y")
    ax.set_xscale("log")
    ax.margins(x=0.14, y=0.12)
    low, high = ax.get_xlim()
    if high / low < 2:
        low, high = low / 1.5, high * 1.5
        ax.set_xlim(low, high)
    subs = (1.0, 2.0, 5.0) if high / low < 50 and not is_narrow(ax) else (1.0,) if high / low > 20 else (1.0, 3.0)
    ax.xaxis.set_major_locator(LogLocator(subs=subs))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda at, _: number(round(at), language=language, kind="count")))
    write_ticks(ax.yaxis, kind="mean", language=language)
    name_axis(ax, text("plot.agents_contacts", language=language))
    name_axis(ax, text("plot.agents_difference", language=language), axis="y")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.1), ncols=2, frameon=False, fontsize=8)


def _effect(ax: Axes, place: int, at: float, row: pd.Series, language: str) -> None:
    value, raw = known(row["difference"]), known(row["raw_difference"])
    colour = _COLOURS.get(str(row["standing"]), INK)
    if value is not None and raw is not None:
        ax.plot(100 * raw, at, marker="o", markersize=6, color=PAPER, markeredgecolor=QUIET_INK, zorder=3)
        interval(ax, at, 100 * float(row["low"]), 100 * float(row["high"]), color=colour)
        ax.plot(100 * value, at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5)
    grade = "" if is_left_out(row) else str(row["grade"])
    value_words(ax, place, effect_words(row, language=language), grade, color=QUIET_INK if grade == "D" else INK)


def _note(row: pd.Series, language: str) -> str:
    parts = []
    if (contacts := known(row["contacts"])) is not None:
        parts.append(sentence(Finding("plot.estimates_n", {"n": contacts}), language=language))
    for end in ("best", "worst"):
        if (probability := known(row[f"probability_{end}"])) is not None:
            # A hundredth of a per cent would be more than anybody knows.
            given: dict[str, Field] = {"probability": Quantity("share", round(probability, 2), denominator=contacts)}
            parts.append(sentence(Finding(f"plot.agents_{end}", given), language=language))
    return ", ".join(parts)


def funnel_words(frame: pd.DataFrame, language: str) -> str:
    """What `plot_funnel` shows, unit by unit."""
    return _told("funnel", of_one_kind(frame), language)


def unit_effects_words(frame: pd.DataFrame, language: str) -> str:
    """What `plot_unit_effects` shows, unit by unit."""
    return _told("unit_effects", of_one_kind(frame).head(_MOST), language)


def _told(key: str, frame: pd.DataFrame, language: str) -> str:
    rows = []
    for _, row in frame.iterrows():
        if is_left_out(row) or pd.isna(row["difference"]):
            given: dict[str, Field] = {"name": unit_name(row), "value": effect_words(row, language=language)}
            rows.append(sentence(Finding("alt.estimates_row", given), language=language))
            continue
        contacts = known(row["contacts"])
        shrunken = key == "unit_effects"
        difference = Quantity("points", known(row["raw_difference"]), denominator=contacts)
        if shrunken:
            difference = Quantity("points", known(row["difference"]), known(row["low"]), known(row["high"]), contacts)
        given = {
            "unit": unit_name(row),
            "difference": difference,
            "raw": Quantity("points", known(row["raw_difference"])),
            "chance": Quantity("points", known(row["funnel_high_998"])),
            "best": Quantity("share", round(float(row["probability_best"]), 2)),
            "worst": Quantity("share", round(float(row["probability_worst"]), 2)),
        }
        rows.append(sentence(Finding(f"alt.{key}_row", given), language=language))
    return sentence(Finding(f"alt.{key}", {"rows": " ".join(rows)}), language=language)
