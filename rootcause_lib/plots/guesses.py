"""What people believed against what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    WARN,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, short_name, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_guesses(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """For each guess a diamond where people believed the share to be, and a dot with interval where it is.

    `frame`: who, reason, guessed_share, measured_share, low, high, verdict, grade, as `guesses`.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.55 + 0.52 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        lane = lanes(
            ax, [short_name(str(row["reason"])) for row in rows], [short_name(str(row["who"])) for row in rows]
        )
        for place, row in enumerate(rows):
            _marks(ax, lane.mark(place) + (0.08 if lane.narrow else 0), row)
            weak = known(row["measured_share"]) is None or row["grade"] == "D"
            words = label(str(row["verdict"]), language=language, kind="verdict")
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            value_words(ax, place, words, grade, color=QUIET_INK if weak else INK)
        dress(ax, grid="x")
        ends = [known(row[name]) or 0.0 for row in rows for name in ("guessed_share", "measured_share", "high")]
        ax.set_xlim(0, min(1.0, max(0.05, *ends) * 1.08))
        write_ticks(ax.xaxis, kind="share", language=language)
        name_axis(ax, f"{text('plot.guesses_axis', language=language)}\n{text('plot.grade_note', language=language)}")
        _legend(ax, language)
        return ax


def guesses_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    rows = []
    for _, row in frame.iterrows():
        found = Quantity("share", known(row["measured_share"]), known(row["low"]), known(row["high"]))
        fields = {
            "who": short_name(str(row["who"])),
            "reason": short_name(str(row["reason"])),
            "guessed": number(Quantity("share", known(row["guessed_share"])), language=language),
            "measured": left_out(language=language) if is_left_out(row) else number(found, language=language),
        }
        rows.append(sentence(Finding("alt.guesses_row", fields), language=language))
    return sentence(Finding("alt.guesses", {"rows": " ".join(rows)}), language=language)


def _marks(ax: Axes, at: float, row: pd.Series) -> None:
    measured, guessed = known(row["measured_share"]), known(row["guessed_share"])
    if measured is not None:
        interval(ax, at, known(row["low"]), known(row["high"]), color=GOOD)
        ax.plot(measured, at, marker="o", markersize=7.5, color=GOOD, markeredgecolor=PAPER, zorder=5)
        if guessed is not None:
            ax.plot([guessed, measured], [at, at], color=QUIET_INK, linewidth=0.9, linestyle=":", zorder=3)
    if guessed is not None:
        ax.plot(guessed, at, marker="D", markersize=6.5, color=PAPER, markeredgecolor=WARN, zorder=6, clip_on=False)


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.lines import Line2D

    measured, believed = (text(f"plot.guesses_{what}", language=language) for what in ("measured", "believed"))
    dot = Line2D([], [], marker="o", color=GOOD, markeredgecolor=PAPER, markersize=7.5, label=measured)
    diamond = Line2D([], [], marker="D", color="none", markeredgecolor=WARN, markersize=6.5, label=believed)
    diamond.set_markerfacecolor(PAPER)
    ax.legend(
        handles=[dot, diamond], loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handlelength=1.6,
        columnspacing=1.2, borderpad=0.2,
    )  # fmt: skip
