"""What too few customers stand behind is not published: rows of frames that stay, without their numbers.

A cell is what a frame's dimensions single out: a channel and reason, a team, a week. Fewer customers than
`smallest_cell` make it unsafe; others go with it until no sum gives it back (`statistics.suppression`). A cell is left
out of every frame of an analysis alike, since its counts in one stand for its counts in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.findings import Finding
from rootcause_lib.statistics.disclosure import Additive, Flags, exposed_counts, needed, sums_of
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.suppression import protect
from rootcause_lib.vocabulary import ALL, SUPPRESSED

_STAY = frozenset(
    (
        "metric", "statistic", "channel", "reason", "team", "match", "window_days", "outcome", "day", "week", "level",
        "baseline_channel",
        "claim", "threshold", "from_channel", "to_channel", "opened_in", "settled_in", "name", "why",
        "default_code", "score_metric", "reason_untold", "measure", "between", "coded", "found", "agent_id",
        "kind_of_day", "hour", "seconds", "step", "clock_hours", "within_seconds", "service_level_formula",
        "process", "kind", "band", "from_day", "until_day", "variant", "owner", "basis", "unit", "ours_band",
        "segment",
        "status", "reference", "base_of", "after", "next_choice",
        "length", "position",
        "ending", "rung", "bias", "clock", "weeks_before",
        "problem", "since", "from_months", "months_since", "counted_in", "horizon_days",
        "split", "handling", "confidence", "within_weeks",
    )
)  # fmt: skip
"""Columns that say which row it is and how it was asked, not what was found."""

_UNNAMED = "\0"
"""Stands for a missing label, which equals itself only so."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one kind of unit by cell: `table` has the columns of the keys and of `group` and `parts`.

    group: how many units the cell holds. parts: how many of them are of some kind; the unknown are of none, they
    tell of nobody. amount: a sum over them (seconds, money). persons: customers behind those of them that are `known`.
    """

    table: pd.DataFrame
    group: str
    parts: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    persons: str = "customers"
    known: str = ""


def estimated(estimates: pd.DataFrame) -> Iterator[Counts]:
    """The counts in a frame of Estimates, metric by metric."""
    for (_metric, statistic), rows in estimates.groupby(["metric", "statistic"], sort=False):
        known, unknown = rows["denominator"], rows["unobserved"].fillna(0)
        if statistic == "rate":
            # Days as a customer are everybody's; the contacts are the cell's own.
            table = rows.assign(group=rows["numerator"] + unknown, customers=rows["numerator"] + unknown)
            yield Counts(table, "group", ("numerator",))
            continue
        # Where nothing is known of anybody the interval has no customers, but the unknown are somebody.
        table = rows.assign(
            group=known + unknown,
            known=known.where(known > 0, unknown),
            customers=rows["customers"].where(known > 0, unknown),
        )
        if statistic == "share":
            table = table.assign(others=known - rows["numerator"])
            yield Counts(table, "group", ("numerator", "others"), known="known")
            continue
        # Sums with amounts below 0 in them leave no bound to ask for.
        amount = ("numerator",) if (rows["numerator"].fillna(0) >= 0).all() else ()
        yield Counts(table, "group", (), amount, known="known")


def curved(curves: pd.DataFrame, *, along: str) -> Iterator[Counts]:
    """The counts in a frame `along` outcomes, or days (the last one's), rule by rule; a cell's rows side by side."""
    for _rule, rows in curves.groupby("match", sort=False):
        keys = [name for name in ("channel", "reason") if name in rows.columns]
        kinds = rows[along] if along == "outcome" else rows[along].where(rows[along] == rows[along].max())
        wide = rows.assign(kind=kinds).dropna(subset="kind").set_index([*keys, "kind"])
        counts = pd.DataFrame(wide[["contacts", "customers", "at_risk", "events"]].unstack("kind"))
        counts.columns = pd.Index(["_".join(map(str, name)) for name in counts.columns.to_list()])
        of = str(wide.index.get_level_values("kind")[0])
        events = tuple(str(name) for name in counts.columns if str(name).startswith("events_"))
        yield Counts(counts.reset_index(), f"contacts_{of}", (f"at_risk_{of}", *events), persons=f"customers_{of}")


def unsafe_cells(
    counted: Sequence[Counts], *, by: Sequence[str], minimum: int, seeds: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """The cells to leave out, as rows of `by`; `seeds`: values of the first dimension that are left out elsewhere.

    Totals stay unless they are small themselves, or so small that nothing beneath them could be hidden.
    """
    named = [pd.DataFrame(columns=list(by), dtype="object"), *(_named(each.table, by) for each in counted)]
    keys = pd.concat(named, ignore_index=True).drop_duplicates(ignore_index=True)
    if keys.empty:
        return keys
    places = pd.MultiIndex.from_frame(keys)
    unsafe = (keys[by[0]].isin(seeds) & (keys[list(by[1:])] == ALL).all(axis=1)).to_numpy()
    columns = [_columns(each, places, by=by, minimum=minimum) for each in counted]
    for found in columns:
        unsafe = unsafe | found.unsafe
    table = Additive(
        np.concatenate([found.counts for found in columns], axis=1),
        np.concatenate([found.needs for found in columns], axis=1),
        np.concatenate([found.floors for found in columns], axis=1),
        sums_of(keys),
    )
    hidden = _hidden(table, unsafe, whole=(keys == ALL).all(axis=1).to_numpy())
    return keys[hidden].reset_index(drop=True)


def hidden_channels(covered: pd.DataFrame, *, minimum: int) -> frozenset[str]:
    """Channels left out of every frame of every analysis; `covered`: Estimates by channel of all inbound contacts."""
    cells = unsafe_cells(list(estimated(covered)), by=("channel",), minimum=minimum)
    return frozenset(cells["channel"]) - {ALL}


def without_numbers(frame: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The frame with the numbers of some cells left out; a column of `cells` that the frame lacks must be `all`."""
    beyond = [name for name in cells.columns if name not in frame.columns]
    asked = cells[(cells[beyond] == ALL).all(axis=1)].drop(columns=beyond)
    here = pd.MultiIndex.from_frame(_named(frame, list(asked.columns)))
    return blank(frame, np.asarray(here.isin(pd.MultiIndex.from_frame(asked))) if len(asked) else _none(frame))


def protected(estimates: pd.DataFrame, *, by: Sequence[str], minimum: int) -> pd.DataFrame:
    """Estimates split by `by`, totals among them, without the numbers of small cells and of those they need."""
    return without_numbers(estimates, unsafe_cells(list(estimated(estimates)), by=by, minimum=minimum))


def blank(frame: pd.DataFrame, hidden: Flags) -> pd.DataFrame:
    """The frame with the numbers of some rows left out and said to be."""
    if not hidden.any():
        return frame
    shown = frame.copy()
    for name in [one for one in frame.columns if one not in _STAY]:
        shown[name] = frame[name].mask(hidden)
    words = {"grade": "D", "grade_reasons": SUPPRESSED, "method": "none"}
    for name in words.keys() & set(frame.columns):
        shown[name] = frame[name].mask(hidden, words[name])
    return shown


def suppressed_rows(frame: pd.DataFrame) -> Flags:
    """Which rows of a frame have had their numbers left out."""
    if "grade_reasons" in frame.columns:
        return np.asarray(frame["grade_reasons"] == SUPPRESSED, dtype=bool)
    return np.asarray(frame[SUPPRESSED], dtype=bool) if SUPPRESSED in frame.columns else _none(frame)


def told(frames: Mapping[str, pd.DataFrame], *, minimum: int) -> tuple[Finding, ...]:
    """That rows were left out, how many and by which rule; nothing where none were."""
    rows = sum(int(suppressed_rows(frame).sum()) for name, frame in frames.items() if name != "key_numbers")
    return (Finding("cannot_tell.suppressed", {"rows": rows, "smallest": minimum}),) if rows else ()


@dataclass(frozen=True, slots=True)
class _Columns:
    counts: Floats
    needs: Floats
    floors: Floats
    unsafe: Flags


def _columns(each: Counts, places: pd.MultiIndex, *, by: Sequence[str], minimum: int) -> _Columns:
    """The counts of one kind at their places among all cells."""
    at = places.get_indexer(pd.MultiIndex.from_frame(_named(each.table, by)))
    shown = [each.group, *each.parts, *each.amount]
    counts = np.full((len(places), len(shown)), np.nan)
    counts[at] = each.table[shown].astype("float64").fillna(0).to_numpy()
    persons = np.full(len(places), np.nan)
    persons[at] = each.table[each.persons].astype("float64").to_numpy()
    known = np.full(len(places), np.nan)
    known[at] = each.table[each.known or each.group].astype("float64").to_numpy()
    # The unknown are taken to come as often as the known.
    fair = needed(counts, persons * counts[:, 0] / np.maximum(known, 1.0), minimum=minimum)
    # The cell's size may be off by `minimum` customers and more; of its parts none is told, but nobody's is hidden.
    needs = np.minimum(np.nan_to_num(counts), 1.0)
    needs[:, 0] = np.where(counts[:, 0] > 0, np.maximum(fair[:, 0], minimum), 0)
    if each.amount:
        needs[:, -1] = np.minimum(fair[:, -1], np.nan_to_num(counts[:, -1]))
    floors = np.zeros_like(counts)
    # A row that is there at all says that there was somebody.
    floors[:, 0] = 1.0
    return _Columns(counts, needs, floors, (persons < minimum) & (counts[:, 0] > 0))


def _hidden(table: Additive, unsafe: Flags, *, whole: Flags) -> Flags:
    found = protect(table, unsafe, fixed=whole)
    if not found.exposed.any():
        return found.suppressed
    parts = ~whole | unsafe
    return np.ones_like(unsafe) if exposed_counts(table, parts).any() else parts


def _named(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    names = {name: frame[name].astype(object).where(frame[name].notna(), _UNNAMED) for name in by if name in frame}
    return pd.DataFrame({name: names.get(name, ALL) for name in by}, index=frame.index)


def _none(frame: pd.DataFrame) -> Flags:
    return np.zeros(len(frame), dtype=bool)
