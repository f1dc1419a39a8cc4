"""What was read from where: rows accepted, repaired and rejected, and the rules that were broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Field, Finding
from rootcause_lib.plots.marks import known, lanes
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    INK,
    PAPER,
    WARN,
    axes_or_new,
    dress,
    empty,
    is_narrow,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, number, one_line, sentence, short_name, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = {
    "rows_accepted": (GOOD, "o", 9.5, 8),
    "rows_repaired": (WARN, "s", 5.5, -13),
    "rows_rejected": (BAD, "X", 7.5, 8),
}
"""Colour, marker, its size, and how many points above the mark its count stands."""


def plot_sources(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Dots by source on a logarithmic scale: rows accepted, repaired and rejected; none is not drawn.

    `frame`: table, source, rows_read, rows_accepted, rows_rejected, rows_repaired.
    """
    with style():
        ax = axes_or_new(ax, width=7.6, height=1.5 + 0.5 * max(len(frame), 2))
        if frame.empty:
            return empty(ax, language=language)
        tables = [label(str(one), language=language, kind="table") for one in frame["table"]]
        lane = lanes(ax, tables, [_short(one_line(str(one))) for one in frame["source"]])
        for place, (_, row) in enumerate(frame.iterrows()):
            _dots(ax, lane.mark(place), row, language)
        dress(ax, grid="x")
        ax.set_xscale("log")
        _decades(ax, float(frame["rows_read"].max()), language)
        name_axis(ax, text("plot.sources_axis", language=language))
        _legend(ax, language)
        return ax


def plot_rejects(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Bars: rejected rows by table, column and rule, most first.

    `frame`: table, column, rule, and rows where it is already counted; otherwise one row is one rejected row.
    """
    with style():
        counts = reject_counts(frame)
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.46 * max(len(counts), 2))
        if counts.empty:
            return empty(ax, language=language)
        names = [label(str(rule), language=language, kind="rule") for rule in counts["rule"]]
        lane = lanes(ax, names, [_place(row, language) for _, row in counts.iterrows()])
        for place, rows in enumerate(counts["rows"]):
            at = lane.mark(place)
            ax.barh(at, rows, height=lane.thickness * 0.85, color=BAD)
            words = number(int(rows), language=language, kind="count")
            ax.annotate(words, (rows, at), xytext=(5, 0), textcoords="offset points", va="center", color=INK)
        dress(ax, grid="x")
        ax.margins(x=0.12)
        ax.set_xlim(0, None)
        write_ticks(ax.xaxis, kind="count", language=language)
        name_axis(ax, text("plot.rejects_axis", language=language))
        return ax


def reject_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """table, column, rule, rows: the frame itself where it is counted, else its rows counted; most first."""
    keys = ["table", "column", "rule"]
    counted = frame if "rows" in frame else frame.assign(rows=1)
    sums = counted.groupby(keys, as_index=False, dropna=False, sort=True).agg(rows=("rows", "sum"))
    return sums.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def _place(row: pd.Series, language: str) -> str:
    table = label(str(row["table"]), language=language, kind="table")
    return table if pd.isna(row["column"]) else f"{table}, {short_name(str(row['column']))}"


def _dots(ax: Axes, place: float, row: pd.Series, language: str) -> None:
    shown = {column: known(row[column]) for column in _SHOWN}
    drawn = [value for value in shown.values() if value]
    if drawn:
        ax.plot([min(drawn), max(drawn)], [place, place], color="#d5dbe0", linewidth=2, zorder=1)
    for column, (colour, marker, size, up) in _SHOWN.items():
        value = shown[column]
        if not value:
            continue
        ax.plot(value, place, marker=marker, markersize=size, color=colour, markeredgecolor=PAPER, zorder=3)
        words = number(value, language=language, kind="count")
        ax.annotate(
            words, (value, place), xytext=(0, up), textcoords="offset points", ha="center", color=colour, fontsize=8,
        )  # fmt: skip


def _short(source: str) -> str:
    return source if len(source) <= 34 else f"…{source[-33:]}"


def _decades(ax: Axes, most: float, language: str) -> None:
    import math

    from matplotlib.ticker import NullLocator

    top = max(1, math.ceil(math.log10(max(most, 2)) + 0.15))
    ax.set_xlim(0.7, 10**top)
    step = 2 if is_narrow(ax) or top > 5 else 1
    places = [10**power for power in range(0, top + 1, step)]
    ax.set_xticks(places, [number(one, language=language, kind="count") for one in places])
    ax.xaxis.set_minor_locator(NullLocator())


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="none", marker=marker, markersize=size, color=colour,
               label=label(column, language=language, kind="column"))
        for column, (colour, marker, size, _) in _SHOWN.items()
    ]  # fmt: skip
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, borderpad=0.2,
        handletextpad=0.2, columnspacing=1.2,
    )  # fmt: skip


def sources_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of sources in words."""
    rows = []
    for _, row in frame.iterrows():
        table = label(str(row["table"]), language=language, kind="table")
        counts = {name: known(row[f"rows_{name}"]) for name in ("read", "accepted", "rejected", "repaired")}
        fields = {"source": f"{table} ({short_name(str(row['source']))})", **counts}
        rows.append(sentence(Finding("alt.sources_row", fields), language=language))
    return sentence(Finding("alt.sources", {"rows": " ".join(rows)}), language=language)


def rejects_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of rejects in words."""
    rows = []
    for _, row in reject_counts(frame).iterrows():
        fields: dict[str, Field] = {name: str(row[name]) for name in ("table", "column", "rule")}
        fields["rejected"] = int(row["rows"])
        rows.append(sentence(Finding("alt.rejects_row", fields), language=language))
    return sentence(Finding("alt.rejects", {"rows": " ".join(rows)}), language=language)
