"""Matters that take several contacts: how much of the work they are, and what each further contact takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.plots.marks import Lanes, interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    pale,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CASES = "#98a2ab"
_SUM = "3+"
_BARS = (("case_share", "case_low", "case_high", _CASES), ("volume_share", "low", "high", GOOD))


def plot_snowballs(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Pairs of bars by the length of cases: their share of all cases above, of all contacts below, with intervals.

    `frame`: length, case_share, case_low, case_high, volume_share, low, high (0-1). The row `3+` is not drawn.
    """
    with style():
        shown = frame[frame["length"] != _SUM]
        ax = axes_or_new(ax, width=7.6, height=1.45 + 0.62 * max(len(shown), 2))
        if shown.empty:
            return empty(ax, language=language)
        rows = [row for _, row in shown.iterrows()]
        names = [label(str(row["length"]), language=language, kind="length") for row in rows]
        lane = lanes(ax, names, [_cases_behind(row, language) for row in rows])
        for place, row in enumerate(rows):
            _pair(ax, lane, place, row, language)
        dress(ax, grid="x")
        highest = max([known(value) or 0.0 for value in shown[["case_high", "high"]].to_numpy().ravel()], default=0.0)
        ax.set_xlim(0, min(max(highest, 0.05) * 1.22, 1.18))
        write_ticks(ax.xaxis, kind="share", language=language)
        name_axis(ax, text("plot.snowballs_axis", language=language))
        _legend(ax, language)
        return ax


def _cases_behind(row: pd.Series, language: str) -> str:
    count = known(row["cases"])
    return "" if count is None else sentence(Finding("plot.estimates_n", {"n": count}), language=language)


def _pair(ax: Axes, lane: Lanes, place: int, row: pd.Series, language: str) -> None:
    half = lane.thickness / 2
    for number_of, (name, low, high, colour) in enumerate(_BARS):
        at = lane.mark(place) + (number_of - 0.5) * half
        value = known(row[name])
        if value is None:
            words = left_out(language=language) if is_left_out(row) else text("plot.nothing", language=language)
            ax.annotate(
                words, (0, at), xytext=(4, 0), textcoords="offset points", va="center", color=QUIET_INK, fontsize=8
            )
            return
        ax.barh(at, value, height=half * 0.92, color=pale(colour, strength=0.85), edgecolor=PAPER, linewidth=0.6)
        interval(ax, at, known(row[low]), known(row[high]), color=INK)
        end = max(value, known(row[high]) or 0.0)
        words = number(value, language=language, kind="share")
        ax.annotate(words, (end, at), xytext=(5, 0), textcoords="offset points", va="center", color=INK, fontsize=8)


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.patches import Patch

    names = ("plot.snowballs_cases", "plot.snowballs_contacts")
    handles = [
        Patch(color=pale(colour, strength=0.85), label=text(name, language=language))
        for name, (_, _, _, colour) in zip(names, _BARS, strict=True)
    ]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handlelength=1.1,
        columnspacing=1.2, borderpad=0.2,
    )  # fmt: skip


def plot_snowball_positions(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval for each place in the case: mean handle time; below the name, times first contacts.

    `frame`: position, handle_seconds, low, high (seconds), ratio_to_first, ratio_low, ratio_high, grade.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.55 * max(len(frame), 2))
        if frame.empty:
            return empty(ax, language=language)
        rows = [row for _, row in frame.iterrows()]
        names = [label(str(row["position"]), language=language, kind="position_contact") for row in rows]
        lane = lanes(ax, names, [times_first(row, language=language) for row in rows])
        for place, row in enumerate(rows):
            at, value = lane.mark(place), known(row["handle_seconds"])
            words = left_out(language=language)
            if value is not None:
                interval(ax, at, known(row["low"]), known(row["high"]), color=GOOD)
                ax.plot(value, at, marker="o", markersize=7.5, color=GOOD, markeredgecolor=PAPER, zorder=5)
                words = number(Quantity("seconds", value, known(row["low"]), known(row["high"])), language=language)
            value_words(ax, place, words, str(row["grade"]), color=INK)
        dress(ax, grid="x")
        highest = max([known(value) or 0.0 for value in frame[["handle_seconds", "high"]].to_numpy().ravel()])
        ax.set_xlim(0, max(highest, 1.0) * (1.06 if not is_narrow(ax) else 1.12))
        write_ticks(ax.xaxis, kind="seconds", language=language)
        name_axis(
            ax, text("plot.positions_axis", language=language) + "\n" + text("plot.grade_note", language=language)
        )
        return ax


def times_first(row: pd.Series, *, language: str) -> str:
    """How many times the handle time of first contacts about the same matters; nothing for these themselves."""
    ratio = known(row["ratio_to_first"])
    if ratio is None or str(row["position"]) == "1":
        return ""
    told = Quantity("ratio", ratio, known(row["ratio_low"]), known(row["ratio_high"]))
    return sentence(Finding("plot.positions_times", {"ratio": told}), language=language)


def snowballs_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of lengths in words."""
    rows = []
    for _, row in frame[frame["length"] != _SUM].iterrows():
        if known(row["volume_share"]) is None:
            name = label(str(row["length"]), language=language, kind="length")
            rows.append(_left_out_row(name, language))
            continue
        given: dict[str, Field] = {"length": str(row["length"])}
        given |= {
            "cases": Quantity("share", known(row["case_share"])),
            "volume": Quantity("share", known(row["volume_share"])),
        }
        rows.append(sentence(Finding("alt.snowballs_row", given), language=language))
    return sentence(Finding("alt.snowballs", {"rows": " ".join(rows)}), language=language)


def positions_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of handle times in words."""
    rows = []
    for _, row in frame.iterrows():
        seconds = Quantity("seconds", known(row["handle_seconds"]), known(row["low"]), known(row["high"]))
        if seconds.value is None:
            name = label(str(row["position"]), language=language, kind="position_contact")
            rows.append(_left_out_row(name, language))
            continue
        ratio = Quantity("ratio", known(row["ratio_to_first"]), known(row["ratio_low"]), known(row["ratio_high"]))
        given: dict[str, Field] = {"position": str(row["position"]), "seconds": seconds, "ratio": ratio}
        key = "alt.positions_first" if str(row["position"]) == "1" else "alt.positions_row"
        rows.append(sentence(Finding(key, given), language=language))
    return sentence(Finding("alt.positions", {"rows": " ".join(rows)}), language=language)


def _left_out_row(name: str, language: str) -> str:
    told: dict[str, Field] = {"name": name, "value": left_out(language=language)}
    return sentence(Finding("alt.estimates_row", told), language=language)
