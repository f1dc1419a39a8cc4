"""Leaving after a contact, rung by rung, beside no difference and the quoted claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.marks import Lanes, interval, is_left_out, known, lanes, value_of, value_words
from rootcause_lib.plots.ratio_axis import cut, ratio_axis
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    pale,
    style,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CLAIMED = 4.0
_TICKS = (0.1, 0.2, 0.5, 1, 2, 4, 8, 16, 32, 64)


def plot_ladder(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """A dot with its interval per comparison, on a logarithmic axis with lines at 1 and at the quoted 4.

    `frame`: rung, hazard_ratio, low, high, bias, claim, grade, as `ladder`. Pale: comparisons of grade D.
    """
    with style():
        rows = [row for _, row in frame.iterrows()]
        ax = axes_or_new(ax, width=7.6, height=1.6 + 0.52 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [label(str(row["rung"]), language=language, kind="rung") for row in rows]
        lane = lanes(ax, names, [label(str(row["bias"]), language=language, kind="bias") for row in rows])
        for place, row in enumerate(rows):
            _mark(ax, lane.mark(place), row)
            grade = "" if pd.isna(row["grade"]) else str(row["grade"])
            value_words(ax, place, _words(row, language), grade, color=QUIET_INK if grade == "D" else INK)
        ends = pd.concat([frame["low"], frame["high"], frame["hazard_ratio"]]).astype("float64").dropna()
        ratio_axis(ax, [*ends, 4.6], ticks=_TICKS, language=language)
        _draw_lines(ax, lane, len(rows))
        dress(ax, grid="x")
        _name_lines(ax, language)
        # Only the fairest rung, the last one, can be more than an association.
        said = label(str(rows[-1]["claim"]), language=language, kind="claim_said")
        notes = f"{said} {text('plot.grade_note', language=language)}"
        name_axis(ax, f"{text('plot.ladder_axis', language=language)}\n{notes}")
        return ax


def _draw_lines(ax: Axes, lane: Lanes, rows: int) -> None:
    """Lines at 1 and 4; where names stand above the marks, beside the marks alone, so that names can be read."""
    reach = 0.24
    spans = [(lane.mark(row) - reach, lane.mark(row) + reach) for row in range(rows)] if lane.narrow else [(-1, rows)]
    for low, high in spans:
        ax.vlines(1, low, high, color=QUIET_INK, linewidth=1.1, zorder=1)
        ax.vlines(_CLAIMED, low, high, color=BAD, linewidth=1.1, linestyle=(0, (5, 3)), zorder=1)


def _mark(ax: Axes, at: float, row: pd.Series) -> None:
    value = known(row["hazard_ratio"])
    colour = pale(GOOD, strength=0.5) if row["grade"] == "D" else GOOD
    if value is None:
        return
    interval(
        ax, at, *(None if (end := known(row[name])) is None else cut(end) for name in ("low", "high")), color=colour
    )
    ax.plot(cut(value), at, marker="o", markersize=7.5, color=colour, markeredgecolor=PAPER, zorder=5, linestyle="none")


def _words(row: pd.Series, language: str) -> str:
    return value_of(row.rename({"hazard_ratio": "value"}), "ratio", language=language)


def _name_lines(ax: Axes, language: str) -> None:
    for at, key, colour in ((1.0, "ladder_none", QUIET_INK), (_CLAIMED, "ladder_claim", BAD)):
        ax.annotate(
            text(f"plot.{key}", language=language), (at, 1), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
            textcoords="offset points", ha="center", va="bottom", color=colour, fontsize=8, annotation_clip=False,
        )  # fmt: skip


def ladder_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words: every comparison with its ratio."""
    rows = []
    for _, row in frame.iterrows():
        if is_left_out(row):
            name = label(str(row["rung"]), language=language, kind="rung")
            finding = Finding("alt.estimates_row", {"name": name, "value": left_out(language=language)})
        else:
            finding = Finding("alt.ladder_row", {"rung": str(row["rung"]), "ratio": _words(row, language)})
        rows.append(sentence(finding, language=language))
    return sentence(Finding("alt.ladder", {"rows": " ".join(rows)}), language=language)
