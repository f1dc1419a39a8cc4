"""From the contacts before to those of now, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.plots.marks import interval, known, lanes, value_words
from rootcause_lib.plots.style import (
    BAD,
    GOOD,
    INK,
    QUIET_INK,
    axes_or_new,
    dress,
    empty,
    name_axis,
    style,
    write_ticks,
)  # fmt: skip
from rootcause_lib.prose import label, left_out, number, sentence, short_name, small_groups, text
from rootcause_lib.vocabulary import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ITEMS = 6
_ITEMS_OF = ("reason", "channel", "segment")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, the contacts it starts from, its change with limits, its grade."""

    name: str
    start: float
    change: Quantity
    note: str = ""


def plot_change(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Steps from the contacts before to those of now: volume, mix, then the rate of the items it changed most in.

    `frame`: the frame of changes; its total, and the items of the first of reason, channel and segment that it has.
    Bars start where the step before ended; lines are the interval of a step's end. What of the rate is of no item
    shown is one step without an interval.
    """
    with style():
        steps = steps_of(frame, language=language)
        ax = axes_or_new(ax, width=7.6, height=1.2 + 0.48 * max(len(steps), 2))
        if not steps:
            return empty(ax, language=language)
        lane = lanes(ax, [step.name for step in steps], [step.note for step in steps])
        for place, step in enumerate(steps):
            _draw(ax, step, at=lane.mark(place), thickness=lane.thickness)
            words = number(step.change, language=language) if step.change.value is not None else ""
            value_words(ax, place, words, step.change.grade or "", color=INK)
        ax.axvline(0, color=QUIET_INK, linewidth=0.9, zorder=1)
        dress(ax, grid="x")
        ax.use_sticky_edges = False
        ax.margins(x=0.08)
        write_ticks(ax.xaxis, kind="count", language=language)
        name_axis(ax, text("plot.change_axis", language=language) + "\n" + text("plot.grade_note", language=language))
        return ax


def steps_of(frame: pd.DataFrame, *, language: str) -> list[Step]:
    """The steps drawn, the counts of both periods at their ends; none where the total is not told."""
    total = frame[frame["dimension"] == "total"]
    if total.empty or pd.isna(total["total"].iloc[0]):
        return []
    row = total.iloc[0]
    steps = [_end(row, "before", language)]
    reached = 0.0
    if row["exposure_unit"] != "days":
        for effect in ("volume", "mix"):
            name = label(effect, language=language, kind="change_effect")
            steps.append(Step(name, reached, _quantity(row, effect)))
            reached += float(row[effect])
    items = _items(frame)
    for _, item in items.iterrows():
        steps.append(Step(_item_name(item, language), reached, _quantity(item, "rate")))
        reached += float(item["rate"])
    rest = Quantity("count", float(row["total"]) - reached)
    if abs(float(row["total"]) - reached) > 1e-6 * max(float(row["contacts"]), 1.0):
        name = text("plot.change_rest", language=language)
        if items.empty:
            rest, name = _quantity(row, "rate"), label("rate", language=language, kind="change_effect")
        steps.append(Step(name, reached, rest))
    return [*steps, _end(row, "after", language)]


def _items(frame: pd.DataFrame) -> pd.DataFrame:
    """The items whose rates changed most, largest first; those not told are left out."""
    for dimension in _ITEMS_OF:
        rows = frame[(frame["dimension"] == dimension) & frame["rate"].notna() & frame["item"].notna()]
        if len(rows):
            return rows.sort_values("rate", key=lambda column: -column.abs(), kind="stable").head(_MOST_ITEMS)
    return frame.head(0)


def _item_name(row: pd.Series, language: str) -> str:
    item = str(row["item"])
    name = label(item, language=language, kind="channel") if row["dimension"] == "channel" else short_name(item)
    name = small_groups(language=language) if item == SMALL else name
    return sentence(Finding("plot.change_item_rate", {"item": name}), language=language)


def _end(row: pd.Series, side: str, language: str) -> Step:
    count = float(row["contacts_before" if side == "before" else "contacts"])
    note = sentence(Finding("plot.change_contacts", {"contacts": count}), language=language)
    change = Quantity("count", None) if side == "before" else _quantity(row, "total")
    return Step(text(f"plot.change_{side}", language=language), 0.0, change, note)


def _quantity(row: pd.Series, effect: str) -> Quantity:
    grade = str(row["grade"]) if effect in ("rate", "total") else None
    low, high = known(row[f"{effect}_low"]), known(row[f"{effect}_high"])
    return Quantity("count", known(row[effect]), low, high, grade=grade)


def _draw(ax: Axes, step: Step, *, at: float, thickness: float) -> None:
    change = step.change.value
    if change is None:
        ax.plot([0, 0], [at - thickness / 2, at + thickness / 2], color=INK, linewidth=2.2)
        return
    ax.barh(at, change, left=step.start, height=thickness, color=BAD if change > 0 else GOOD, alpha=0.75)
    limits = [None if one is None else step.start + one for one in (step.change.low, step.change.high)]
    interval(ax, at, limits[0], limits[1], color=INK)


def change_words(frame: pd.DataFrame, language: str) -> str:
    """The figure in words."""
    total = frame[frame["dimension"] == "total"].iloc[0]
    if pd.isna(total["total"]):
        hidden = {"name": text("plot.change_axis", language=language), "value": left_out(language=language)}
        return sentence(Finding("alt.estimates_row", hidden), language=language)
    rows = []
    for step in steps_of(frame, language=language)[1:]:
        fields = {"name": step.name, "value": number(step.change, language=language)}
        rows.append(sentence(Finding("alt.estimates_row", fields), language=language))
    counts = {name: known(total[name]) for name in ("contacts_before", "contacts")}
    return sentence(Finding("alt.change", {"rows": " ".join(rows), **counts}), language=language)
