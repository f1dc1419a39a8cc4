"""How much more often the same customers make contact around the events of each process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.plots.caused import process_name
from rootcause_lib.plots.marks import Lanes, interval, known, lanes, value_of, value_words
from rootcause_lib.plots.ratio_axis import cut, ratio_axis
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
)  # fmt: skip
from rootcause_lib.prose import label, sentence, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_incidence(frame: pd.DataFrame, *, ax: Axes | None = None, language: str = "en") -> Axes:
    """Rate ratios by process and band, in order of time, with intervals on a logarithmic axis; 1 is a line.

    `frame`: process, kind, band, from_day, until_day, rate_ratio, low, high, contacts, and grade where given. Hollow
    marks are the days before an event, pale ones what is no risk band (waiting, follow-ups, our messages).
    """
    with style():
        rows = _with_heads(frame)
        ax = axes_or_new(ax, width=7.6, height=1.3 + 0.36 * max(len(rows), 3))
        if frame.empty:
            return empty(ax, language=language)
        names = [
            process_name(head, language=language) if row is None else band_name(row, language=language)
            for head, row in rows
        ]
        lane = lanes(ax, names, [""] * len(rows))
        for place, (_, row) in enumerate(rows):
            if row is not None:
                _mark(ax, lane, place, row, language)
        _finish(ax, frame, rows, language)
        return ax


def band_name(row: pd.Series, *, language: str) -> str:
    """What a band is called: its days, or what it stands for."""
    kind = str(row["kind"])
    if kind in ("placebo", "waiting", "spill_over"):
        return label(kind, language=language, kind="band_kind")
    first, _, last = str(row["band"]).partition("-")
    key = "plot.band_from" if first.endswith("+") else "plot.band_day" if last == first else "plot.band_days"
    days = first.rstrip("+") if key != "plot.band_days" else f"{first}–{last}"
    return sentence(Finding(key, {"days": days}), language=language)


def _with_heads(frame: pd.DataFrame) -> list[tuple[str, pd.Series | None]]:
    """The rows, a head without numbers before those of each process."""
    found: list[tuple[str, pd.Series | None]] = []
    for process, own in frame.groupby("process", sort=False):
        if (own["kind"] == "our_message").all() and own["rate_ratio"].isna().all():
            continue
        found.append((str(process), None))
        found += [(str(process), row) for _, row in own.iterrows()]
    return found


def _mark(ax: Axes, lane: Lanes, place: int, row: pd.Series, language: str) -> None:
    at, value = lane.mark(place), known(row["rate_ratio"])
    colour = GOOD if row["kind"] == "risk" else QUIET_INK if row["kind"] == "placebo" else pale(GOOD, strength=0.55)
    if value is not None:
        ends = [known(row[end]) for end in ("low", "high")]
        interval(ax, at, *(None if end is None else cut(end) for end in ends), color=colour)
        fill = PAPER if row["kind"] == "placebo" else colour
        size = 7.5 if row["kind"] in ("risk", "placebo") else 5.5
        ax.plot(cut(value), at, marker="o", markersize=size, color=fill, markeredgecolor=colour, zorder=5,
                linestyle="none")  # fmt: skip
    grade = "" if "grade" not in row or pd.isna(row["grade"]) or row["kind"] == "placebo" else str(row["grade"])
    words = value_of(row.rename({"rate_ratio": "value"}), "ratio", language=language)
    value_words(ax, place, words, grade, color=QUIET_INK if value is None or grade == "D" else INK)


def _finish(ax: Axes, frame: pd.DataFrame, rows: list[tuple[str, pd.Series | None]], language: str) -> None:
    ratio_axis(
        ax, pd.concat([frame["low"], frame["high"], frame["rate_ratio"]]).astype("float64").dropna(), language=language
    )
    ax.axvline(1, color=QUIET_INK, linewidth=1.1, zorder=1)
    dress(ax, grid="x")
    for place, (_, row) in enumerate(rows):
        if row is None:
            _embolden(ax, place)
    note = "\n" + text("plot.grade_note", language=language) if "grade" in frame else ""
    name_axis(ax, text("plot.incidence_axis", language=language) + note)


def _embolden(ax: Axes, place: int) -> None:
    """Heads stand out from the names of bands below them."""
    for words in ax.texts:
        if abs(words.xy[1] - (place - 0.3 if is_narrow(ax) else place)) < 1e-9 and words.get_text():  # type: ignore[attr-defined]
            words.set_fontweight("bold")
