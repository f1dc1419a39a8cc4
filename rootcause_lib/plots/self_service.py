"""What becomes of sessions in self-service, with the bot and on the site, and what customers choose next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import interval, is_left_out, known, lanes, value_words
from rootcause_lib.plots.style import (
    INK,
    PAPER,
    QUIET_INK,
    axes_or_new,
    channel_colour,
    dress,
    empty,
    name_axis,
    style,
    whole_axis,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, small_groups, text
from rootcause_lib.vocabulary import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TIME = "days_to_human"
"""A time among shares: told in words beside the figure."""

_APART = 0.13
"""Distance of a row's two marks from its middle."""


def plot_self_service(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """One dot with its interval per kind of session and share, by the first rule the frame has for it.

    `frame`: kind, measure, match, value, low, high, base, grade, as `self_service`.
    """
    with style():
        rows = _shares(frame)
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.48 * max(len(rows), 2))
        if not rows:
            return empty(ax, language=language)
        names = [label(str(row["measure"]), language=language, kind="session_fact") for row in rows]
        lane = lanes(ax, names, [_note(row, language) for row in rows])
        for place, row in enumerate(rows):
            _mark(ax, lane.mark(place), row, value="value", filled=True)
            value = known(row["value"])
            grade = "" if value is None or pd.isna(row["grade"]) else str(row["grade"])
            weak = value is None or grade == "D"
            words = _value(row, "value", language)
            value_words(ax, place, words, grade, color=QUIET_INK if weak else INK)
        dress(ax, grid="x")
        whole_axis(ax, language=language)
        axis = text("plot.self_service_axis", language=language)
        name_axis(ax, f"{axis}\n{text('plot.grade_note', language=language)}")
        return ax


def plot_reuse(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """For each kind of session and next choice two dots with intervals: filled after success, open after failure.

    `frame`: kind, after, next_choice, share, low, high, base, grade, as `reuse`.
    """
    with style():
        pairs = [(key, part) for key, part in frame.groupby(["kind", "next_choice"], sort=False)]
        ax = axes_or_new(ax, width=7.6, height=1.55 + 0.52 * max(len(pairs), 2))
        if not pairs:
            return empty(ax, language=language)
        names = [_choice(str(choice), language) for (_, choice), _ in pairs]
        kinds = [label(str(kind), language=language, kind="session_after") for (kind, _), _ in pairs]
        lane = lanes(ax, names, kinds)
        for place, (_, part) in enumerate(pairs):
            words = []
            for _, row in part.iterrows():
                success = row["after"] == "success"
                at = lane.mark(place) + (0.1 if lane.narrow else 0) + (-_APART if success else _APART)
                _mark(ax, at, row, value="share", filled=success)
                words.append(_value(row, "share", language, alone=True))
            value_words(ax, place, " / ".join(words), "", color=INK)
        dress(ax, grid="x")
        whole_axis(ax, language=language)
        name_axis(ax, text("plot.reuse_axis", language=language))
        _legend(ax, language)
        return ax


def self_service_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of `plot_self_service` in words."""
    rows = []
    for row in _shares(frame):
        fields = {name: str(row[name]) for name in ("kind", "measure")}
        fields["value"] = _value(row, "value", language)
        rows.append(sentence(Finding("alt.self_service_row", fields), language=language))
    return sentence(Finding("alt.self_service", {"rows": " ".join(rows)}), language=language)


def reuse_words(frame: pd.DataFrame, language: str) -> str:
    """The figure of `plot_reuse` in words."""
    rows = []
    for _, row in frame.iterrows():
        fields = {
            "kind": str(row["kind"]),
            "after": str(row["after"]),
            "next_choice": _choice(str(row["next_choice"]), language),
            "value": _value(row, "share", language),
        }
        rows.append(sentence(Finding("alt.reuse_row", fields), language=language))
    return sentence(Finding("alt.reuse", {"rows": " ".join(rows)}), language=language)


def _shares(frame: pd.DataFrame) -> list[pd.Series]:
    """The rows that are shares, by the first rule of each kind and measure."""
    shown = frame[frame["measure"] != _TIME].drop_duplicates(["kind", "measure"])
    return [row for _, row in shown.iterrows()]


def _choice(choice: str, language: str) -> str:
    return small_groups(language=language) if choice == SMALL else label(choice, language=language, kind="next_choice")


def _note(row: pd.Series, language: str) -> str:
    kind, base = label(str(row["kind"]), language=language, kind="session_kind"), known(row["base"])
    if is_left_out(row):
        return kind
    key = "self_service_of" if base else "self_service_none"
    return f"{kind}: {sentence(Finding(f'plot.{key}', {'base': base}), language=language)}"


def _value(row: pd.Series, column: str, language: str, *, alone: bool = False) -> str:
    if is_left_out(row):
        return left_out(language=language)
    value = known(row[column])
    if value is None:
        return "–"
    share = Quantity("share", value) if alone else Quantity("share", value, known(row["low"]), known(row["high"]))
    return number(share, language=language)


def _mark(ax: Axes, at: float, row: pd.Series, *, value: str, filled: bool) -> None:
    share, colour = known(row[value]), channel_colour(str(row["kind"]))
    if share is None:
        return
    interval(ax, at, known(row["low"]), known(row["high"]), color=colour)
    ax.plot(
        share, at, marker="o", markersize=7 if filled else 6, color=colour if filled else PAPER,
        markeredgecolor=PAPER if filled else colour, zorder=5, clip_on=False,
    )  # fmt: skip


def _legend(ax: Axes, language: str) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for after, face in (("success", QUIET_INK), ("failure", PAPER)):
        words = label(after, language=language, kind="after")
        mark = Line2D([], [], linestyle="", marker="o", markeredgecolor=QUIET_INK, markersize=6.5, label=words)
        mark.set_markerfacecolor(face)
        handles.append(mark)
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handlelength=1.2,
        columnspacing=1.2, borderpad=0.2,
    )  # fmt: skip
