"""What stands out over all combinations of attributes: found on half the customers, confirmed on the other half."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.compared import Compare, Compared, compared_periods, in_the_data
from rootcause_lib.analyses.root_cause.segment_grades import SEGMENT_COLUMNS, graded_segments
from rootcause_lib.analyses.root_cause.segment_statements import (
    Dealt,
    attribute_cells,
    customer_days,
    segment_sums,
)
from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.attribute_cells import AttributeCells
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.log_ratios import LogRatios, RatioSums, compared_ratios
from rootcause_lib.statistics.segment_search import Candidate, Measure, search
from rootcause_lib.store import Store
from rootcause_lib.traits import traits_of
from rootcause_lib.vocabulary import ALL, SMALL

SEARCHED, CONFIRMED = 0, 1
"""The half of the customers that is searched, and the one that confirms, by the keys' remainder after halving."""

MOST_CARRIED = 8
"""Candidates of each measure carried to the confirming half."""

MOST_SEARCHED, MOST_CONFIRMING = 400_000, 1_000_000
"""About so many contacts of each half are looked at; of more, those of a random sample of its customers."""

YEAR_DAYS = 365
"""Rates are told per customer and so many days."""

_COLUMNS = {"segment": "segment", "channel": "channel", "team": "team", "weekday": "weekday", "hours": "hours"}


@dataclass(frozen=True, slots=True)
class SegmentSearch:
    """What the search found. `segments`: the frame; looked_at: combinations judged; carried: how many of them went on
    to the confirming half; attributes searched; searched, confirming: the share of the customers of each half that was
    looked at, 1 where it was all of them."""

    segments: pd.DataFrame
    looked_at: int
    carried: int
    attributes: tuple[str, ...]
    searched: float = 1.0
    confirming: float = 1.0


def segments(store: Store, period: Period, *, compare: Compare = "previous") -> pd.DataFrame:
    """Segments that stand out, as `SEGMENT_COLUMNS`; empty where none does. See `search_segments`."""
    return search_segments(store, period, compare=compare).segments


def search_segments(store: Store, period: Period, *, compare: Compare = "previous", at_once: int = 2) -> SegmentSearch:
    """What stands out among all combinations of up to `at_once` attributes and a reason.

    Level: how often customers of some kind make contact (rate, per customer and year, against all other customers) and
    which reasons contacts of some kind have (share, against all other coded contacts). Change: contacts of some kind
    against those before (growth, per customer's day, against everything else), where the period compared with is in
    the data. Candidates come from one half of the customers alone, each after the excess of stronger ones was taken
    out; the other half tells the effect, its interval by customer, and whether it is told at all: in the same
    direction, at a false discovery rate of 5 % over all candidates (Benjamini and Hochberg).
    """
    compared = compared_periods(store, period, compare=compare)
    values = _values(store, period, compared)
    searched, confirming = _dealt(store, values)
    days = store.engine.run(customer_days(store, values=values))
    columns = _columns(store)
    cells = _cells(store, columns, days, values, among=searched)
    found = [search(cells, "rate", at_once=at_once, most=MOST_CARRIED)]
    # What customers of some kind do more often is no news again among the shares of their contacts.
    found.append(search(found[0].left, "share", at_once=at_once, most=MOST_CARRIED))
    if compared:
        found.append(search(cells, "growth", at_once=at_once, most=MOST_CARRIED))
    looked_at = sum(each.looked_at for each in found)
    candidates = [candidate for each in found for candidate in each.candidates]
    told = pd.DataFrame(columns=list(SEGMENT_COLUMNS))
    if candidates:
        table = _confirmed(store, candidates, columns, days, values, among=confirming)
        told = graded_segments(store, table, in_the_data(store, period), compared, compare=compare)
    shares = (2 / dealt.divisor for dealt in (searched, confirming))
    return SegmentSearch(told, looked_at, len(candidates), cells.attributes, *shares)


def _values(store: Store, period: Period, compared: Compared | None) -> dict[str, Value]:
    """Days of both periods; without one to compare with, no day is before."""
    if compared:
        return dict(compared.values)
    covered = in_the_data(store, period)
    start, end = day_number(covered.start), day_number(covered.end)
    return {"before_start_day": start, "before_end_day": start - 1, "start_day": start, "end_day": end}


def _columns(store: Store) -> dict[str, str]:
    """Attributes to search and the columns that hold them."""
    columns = {name: column for name, column in _COLUMNS.items() if name != "team"}
    if store.engagement.privacy.agents != "none":
        columns["team"] = "team"
    taken = {*_COLUMNS, "reason"}
    return columns | {f"customers.{name}" if name in taken else name: at for at, name in traits_of(store).items()}


def _dealt(store: Store, values: Mapping[str, Value]) -> tuple[Dealt, Dealt]:
    """The customers searched, and those who confirm: two halves, or so many of each as have about the most contacts
    that are looked at."""
    contacts = int(store.engine.run(statement("contacts_compared", values=values))["contacts"].iloc[0])

    def of_half(half: int, most: int) -> Dealt:
        return Dealt(half, 2 * max(1, math.ceil(contacts / 2 / most)))

    return of_half(SEARCHED, MOST_SEARCHED), of_half(CONFIRMED, MOST_CONFIRMING)


def _cells(
    store: Store, columns: Mapping[str, str], days: pd.DataFrame, values: Mapping[str, Value], *, among: Dealt
) -> AttributeCells:
    """The searched customers' contacts by all attributes that have several values; days are all of the half's."""
    names = {column: name for name, column in columns.items()}
    counted = store.engine.run(attribute_cells(store, [*columns.values(), "reason"], among=among, values=values))
    counted, own = counted.rename(columns=names), days[days["half"] == SEARCHED].rename(columns=names)
    told = tuple(name for name in columns if counted[name].nunique() > 1)
    return AttributeCells.of(counted, own, attributes=told, unnamed=(SMALL,))


_INDEPENDENT: Mapping[Measure, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "rate": ((1, 0, 1, 0), (1, 0, 0, 0)),
    "share": ((1, -1, 1, -1), (1, -1, 0, 0)),
    "growth": ((1, 1, 1, 1), (1, 1, 0, 0)),
}
"""How 1 / sum adds up to the variance of independent contacts: of the ratio, and of the segment's own value."""


def _confirmed(
    store: Store, candidates: Sequence[Candidate], columns: Mapping[str, str], days: pd.DataFrame,
    values: Mapping[str, Value], *, among: Dealt,
) -> pd.DataFrame:  # fmt: skip
    """The candidates as the other half of the customers sees them."""
    row = store.engine.run(segment_sums(store, candidates, columns, among=among, values=values)).iloc[0]
    sums = RatioSums.from_row(row, number=len(candidates))
    independent, own = (np.array([_INDEPENDENT[each.measure][side] for each in candidates]) for side in (0, 1))
    of_half = days[days["half"] == CONFIRMED]
    growth = np.array([_days_growth(each, columns, of_half) for each in candidates])
    ratios = compared_ratios(
        sums,
        independent=independent,
        independent_value=own,
        scale=growth[:, 0] / growth[:, 1],
        level=store.engagement.definitions.level,
    )
    unit = np.where([each.measure == "rate" for each in candidates], YEAR_DAYS, 1 / growth[:, 0])
    baseline_unit = np.where([each.measure == "rate" for each in candidates], YEAR_DAYS, 1 / growth[:, 1])
    return _table(candidates, row, sums, ratios, unit, baseline_unit)


def _days_growth(candidate: Candidate, columns: Mapping[str, str], days: pd.DataFrame) -> tuple[float, float]:
    """Customers' days now over those before: of the segment's customers and of the others; 1 where it is not asked.

    The others are all customers where the segment is only some of its customers' contacts.
    """
    if candidate.measure != "growth":
        return 1.0, 1.0
    own, whole = pd.Series(True, index=days.index), candidate.reason is None
    for name, value in candidate.parts:
        if columns[name] in days:
            own &= days[columns[name]] == value
        else:
            whole = False
    others = days[~own] if whole and candidate.parts else days
    sums = [(part["days"].sum(), part["days_before"].sum()) for part in (days[own], others)]
    if not all(now > 0 and before > 0 for now, before in sums):
        return 1.0, 1.0
    return sums[0][0] / sums[0][1], sums[1][0] / sums[1][1]


def _table(
    candidates: Sequence[Candidate], row: pd.Series, sums: RatioSums, ratios: LogRatios, unit: Floats, other: Floats
) -> pd.DataFrame:
    growth = np.array([each.measure == "growth" for each in candidates])
    value, baseline = ratios.value * unit, ratios.baseline * other
    table = pd.DataFrame(
        {
            "kind": np.where(growth, "change", "level"),
            "counted_as": [each.measure for each in candidates],
            "attributes": [", ".join(f"{name}={label}" for name, label in each.parts) or ALL for each in candidates],
            "reason": [ALL if each.reason is None else each.reason for each in candidates],
            "contacts": sums.sums[:, 0],
            "contacts_before": np.where(growth, sums.sums[:, 1], np.nan),
            "value": value,
            "low": ratios.value_low * unit,
            "high": ratios.value_high * unit,
            "baseline": baseline,
            "difference": value - baseline,
            "ratio": ratios.ratio,
            "ratio_low": ratios.low,
            "ratio_high": ratios.high,
            "p_value": ratios.p_value,
            "found_ratio": [each.ratio for each in candidates],
            "merged": [each.shadows for each in candidates],
        }
    )
    for name in ("customers", "customers_base", "customers_rest"):
        table[name] = [float(np.nan_to_num(row[f"m{place}_{name}"])) for place in range(len(candidates))]
    return table
