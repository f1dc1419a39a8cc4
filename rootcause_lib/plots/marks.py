"""Marks that several figures share: rows with a name, intervals, labels beside the ends of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from rootcause_lib.findings import Quantity, QuantityKind
from rootcause_lib.plots.style import INK, QUIET_INK, height_in_inches, is_narrow
from rootcause_lib.prose import label, left_out, number, small_groups
from rootcause_lib.vocabulary import SMALL, SUPPRESSED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend


def known(value: Any) -> float | None:
    """A cell as a number; NA is None."""
    return None if pd.isna(value) else float(value)


def quantity(row: pd.Series, kind: QuantityKind, *, value: str = "value", of: str | None = None) -> Quantity:
    """The Quantity in a row of a tidy frame; `of` names the column of its denominator."""
    return Quantity(kind, known(row[value]), known(row.get("low")), known(row.get("high")), known(row.get(of)))


def is_left_out(row: pd.Series) -> bool:
    """Whether a row's numbers are left out to protect customers."""
    return str(row.get("grade_reasons")) == SUPPRESSED


def value_of(row: pd.Series, kind: QuantityKind, *, language: str, currency: str | None = None) -> str:
    """A row's value in words, or that it is left out."""
    if is_left_out(row):
        return left_out(language=language)
    return number(quantity(row, kind), language=language, currency=currency)


def channel_name(channel: str, *, language: str) -> str:
    """A channel as readers know it, or what stands for those of too few customers."""
    return small_groups(language=language) if channel == SMALL else label(channel, language=language, kind="channel")


def first_of(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows that share the first row's value in `columns` (those of them that the frame has)."""
    for column in columns:
        if column in frame and len(frame):
            frame = frame[frame[column] == frame[column].iloc[0]]
    return frame


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where the marks and the words of row 0, 1, ... stand; in a narrow Axes the words stand above the marks."""

    narrow: bool

    def mark(self, place: int) -> float:
        """The height at which the marks of a row are drawn."""
        return place + 0.2 if self.narrow else float(place)

    @property
    def thickness(self) -> float:
        """How thick a bar is."""
        return 0.4 if self.narrow else 0.62


def lanes(ax: Axes, names: Sequence[str], notes: Sequence[str]) -> Lanes:
    """Write the rows' names, first row on top, each with a small note; say where their marks belong."""
    made = Lanes(is_narrow(ax))
    ax.set_yticks([])
    ax.set_ylim(len(names) - 0.5, -0.55)
    for place, (name, note) in enumerate(zip(names, notes, strict=True)):
        if made.narrow:
            _above(ax, place, name, note)
        else:
            _beside(ax, place, name, up=4.5 if note else 0, color=INK, fontsize=9.5)
            _beside(ax, place, note, up=-6.5, color=QUIET_INK, fontsize=8)
    return made


def value_words(ax: Axes, place: int, words: str, grade: str, *, color: str) -> None:
    """A row's value in words and its grade: right of the row, or at the right end of its name's line."""
    letter = f"{words}   {grade}" if is_narrow(ax) else grade
    frame = ax.get_yaxis_transform()
    if is_narrow(ax):
        ax.annotate(letter.rstrip(), (1, place - 0.3), xycoords=frame, ha="right", va="center", color=color, fontsize=9)
        return
    ax.annotate(
        letter, (1, place), xycoords=frame, xytext=(9, 0), textcoords="offset points", va="center",
        color=QUIET_INK, fontweight="bold", annotation_clip=False,
    )  # fmt: skip
    ax.annotate(
        words, (1, place), xycoords=frame, xytext=(24 if grade else 9, 0), textcoords="offset points", va="center",
        color=color, annotation_clip=False,
    )  # fmt: skip


def _above(ax: Axes, place: int, name: str, note: str) -> None:
    frame = ax.get_yaxis_transform()
    ax.annotate(name, (0, place - 0.3), xycoords=frame, va="center", color=INK, fontsize=9)
    if note:
        ax.annotate(note, (0, place - 0.1), xycoords=frame, va="center", color=QUIET_INK, fontsize=7)


def _beside(ax: Axes, place: int, words: str, *, up: float, color: str, fontsize: float) -> None:
    ax.annotate(
        words, (0, place), xycoords=ax.get_yaxis_transform(), xytext=(-7, up), textcoords="offset points",
        ha="right", va="center", color=color, fontsize=fontsize, annotation_clip=False,
    )  # fmt: skip


def interval(ax: Axes, place: float, low: float | None, high: float | None, *, color: str) -> None:
    """A thin horizontal line with end marks from `low` to `high`; nothing where a bound is unknown."""
    if low is None or high is None:
        return
    ax.plot(
        [low, high],
        [place, place],
        color=color,
        linewidth=1.6,
        solid_capstyle="butt",
        marker="|",
        markersize=7,
        zorder=4,
    )


def name_lines(ax: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Name lines at their right ends, (x, y, words, colour), moved apart where they would overlap.

    In a narrow Axes the names stand below the figure instead, highest line first.
    """
    if not ends:
        return
    ordered = sorted(ends, key=lambda end: end[1])
    if is_narrow(ax):
        _names_below(ax, ordered[::-1])
        return
    right = max(x for x, _, _, _ in ends)
    for place, (_, y, words, color) in zip(_apart(ax, [y for _, y, _, _ in ordered]), ordered, strict=True):
        ax.annotate(
            " " + words, (right, y), xytext=(right, place), textcoords="data", color=color, va="center", fontsize=9,
            annotation_clip=False,
        )  # fmt: skip


def _apart(ax: Axes, heights: Sequence[float]) -> list[float]:
    """Ascending heights with at least a line of type between them, pushed up first, then down from the top."""
    low, high = ax.get_ylim()
    gap = 0.17 / max(height_in_inches(ax), 0.5) * (high - low)
    places: list[float] = []
    for height in heights:
        places.append(height if not places else max(height, places[-1] + gap))
    ceiling = high
    for index in reversed(range(len(places))):
        places[index] = min(places[index], ceiling)
        ceiling = places[index] - gap
    return places


def _names_below(ax: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation

    handles = [Line2D([], [], color=color, linewidth=2.2, label=words) for _, _, words, color in ends]
    below_the_ticks = ScaledTranslation(0, -0.5, ax.get_figure(root=True).dpi_scale_trans)  # type: ignore[union-attr]
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=ax.transAxes + below_the_ticks,
        ncols=2, frameon=False, fontsize=8, handlelength=1.2, columnspacing=1.0, borderpad=0, borderaxespad=0,
    )  # fmt: skip


def keep_legend(ax: Axes, legend: Legend) -> None:
    """Keep a legend when the Axes is given a second one."""
    ax.add_artist(legend)
    legend.set_clip_on(False)
