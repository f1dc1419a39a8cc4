"""Volume, mix and rate of one item's contacts, with what they are counted over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.analyses.root_cause.compared import Exposure
from rootcause_lib.statistics.decomposition import EFFECTS, ITEM_COLUMNS, decompose_change
from rootcause_lib.statistics.group_sums import covariance_of_sums, student_p_value
from rootcause_lib.statistics.intervals import Floats, student_critical
from rootcause_lib.vocabulary import ALL

UNKNOWN = "\0"
"""Stands for a missing label, which equals itself only so."""

SIDES = ("contacts_before", "contacts")

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Persons:
    """How many customers stand behind contacts: of the period before, of this one, of both together."""

    before: float
    after: float
    both: float

    @classmethod
    def largest(cls, several: Iterable[Persons]) -> Persons:
        """At least so many stand behind several items together."""
        found = list(several)
        before, after, both = (max(getattr(one, name) for one in found) for name in cls.__slots__)
        return cls(before, after, both)


@dataclass(frozen=True, slots=True)
class Strata:
    """Customers' days by segment; then those of no known segment; then all days once more, for contacts of whom it is
    not known. Together they are twice all days in both periods, so shares of them change only where customers do.
    """

    names: tuple[str, ...]
    before: Floats
    after: Floats

    def place(self, segments: pd.Series) -> npt.NDArray[np.int64]:
        """Where the contacts of a segment belong."""
        found = pd.Index(self.names).get_indexer(pd.Index(segments))
        return np.where(found < 0, len(self.names) + 1, found).astype(np.int64)


def strata_of(time: Exposure, counts: pd.DataFrame) -> Strata:
    """Segments whose days are known; one that has contacts in a period without days has no rate and is none."""
    table = time.by_segment[time.by_segment["segment"].notna()]
    table = table.assign(segment=table["segment"].astype(str)).set_index("segment")
    contacts = counts.groupby("segment")[list(SIDES)].sum().reindex(table.index, fill_value=0)
    without = (table["days_before"] == 0) & (contacts["contacts_before"] > 0)
    without |= (table["days"] == 0) & (contacts["contacts"] > 0)
    table = table[~without & (table[["days_before", "days"]].sum(axis=1) > 0)]
    before, after = (
        np.array([*table[name], whole - table[name].sum(), whole])
        for name, whole in (("days_before", time.all_before), ("days", time.all_after))
    )
    return Strata(tuple(table.index), before, after)


@dataclass(frozen=True, slots=True)
class Effects:
    """Decomposes contacts counted by group of customers, segment and item (`cells`); `groups` is how many there are."""

    strata: Strata
    time: Exposure
    groups: int
    level: float

    def item(self, dimension: str, name: str, counts: pd.DataFrame, customers: Persons) -> Row:
        """A row for all contacts of `counts`, over customers' days."""
        whole = [self.time.all_before, self.time.all_after]
        found = self._decomposed(self._by_group(counts), self.strata.before, self.strata.after)
        effects = _effects(found, ALL)
        return self._row(dimension, name, effects, counts[list(SIDES)].sum(), customers, whole, str(self.time.unit))

    def process(
        self, name: str, counts: pd.DataFrame, customers: Persons, *, events_before: float, events: float
    ) -> Row:
        """A row for the contacts about a process, over its events, which are counted over customers' days."""
        contacts = counts[list(SIDES)].sum()
        unknown = (events_before == 0 and contacts["contacts_before"] > 0) or (events == 0 and contacts["contacts"] > 0)
        if unknown or events_before + events == 0:
            return self.item("process", name, counts, customers)
        before, after = self.time.all_before, self.time.all_after
        # Days only stand in proportion: as many of them as there are events at least, the rest is the other item.
        scale = max(1.0, 2 * events_before / before, 2 * events / after)
        by_group = self._by_group(counts).sum(axis=2, keepdims=True)
        found = self._decomposed(
            np.concatenate([by_group, np.zeros_like(by_group)], axis=2),
            np.array([events_before, scale * before - events_before]),
            np.array([events, scale * after - events]),
        )
        return self._row("process", name, _effects(found, 0), contacts, customers, [events_before, events], "events")

    def segments(self, counts: pd.DataFrame, customers: Mapping[str, Persons]) -> Iterator[Row]:
        """A row for each segment, and for the contacts of whom none is known."""
        found = self._decomposed(self._by_group(counts), self.strata.before, self.strata.after)
        at = self.strata.place(counts["segment"])
        for place in np.unique(at):
            own = counts[at == place]
            names = own["segment"].unique()
            name = str(names[0]) if place < len(self.strata.names) else UNKNOWN
            persons = Persons.largest(customers[each] for each in names)
            days = [float(self.strata.before[place]), float(self.strata.after[place])]
            effects = _effects(found, int(place))
            yield self._row("segment", name, effects, own[list(SIDES)].sum(), persons, days, str(self.time.unit))

    def _by_group(self, counts: pd.DataFrame) -> Floats:
        """Contacts as groups x sides x strata; groups without a contact are rows of zeros."""
        number, _ = pd.factorize(counts["customer_group"])
        table = np.zeros((max(self.groups, number.max(initial=-1) + 1), len(SIDES), len(self.strata.before)))
        at = self.strata.place(counts["segment"])
        for side, name in enumerate(SIDES):
            np.add.at(table[:, side], (number, at), counts[name].to_numpy(dtype=float))
        return table

    def _decomposed(self, by_group: Floats, before: Floats, after: Floats) -> pd.DataFrame:
        """`decompose_change` of strata by number; standard errors by groups of customers, Poisson's where larger."""
        contacts = by_group.sum(axis=0)
        items = pd.DataFrame(
            dict(zip(ITEM_COLUMNS, (range(len(before)), before, contacts[0], after, contacts[1]), strict=True))
        )
        found = decompose_change(items)
        if len(by_group) < 2:
            return found
        together = covariance_of_sums(by_group.reshape(len(by_group), -1))
        apart = decompose_change(items, covariance=together)["standard_error"]
        return found.assign(standard_error=np.maximum(found["standard_error"], apart))

    def _row(
        self, dimension: str, name: str, effects: pd.DataFrame, contacts: pd.Series, customers: Persons,
        over: Sequence[float], unit: str,
    ) -> Row:  # fmt: skip
        degrees = min(float(self.groups), customers.both) - 1
        reach = float(student_critical(self.level, degrees=degrees)) if degrees >= 1 else np.nan
        row: Row = {"dimension": dimension, "item": name, "exposure_unit": unit}
        row |= {"exposure_before": over[0], "exposure": over[1]}
        for effect in (*EFFECTS, "total"):
            value, error = effects.loc[effect, ["value", "standard_error"]].to_numpy(dtype=float)
            # Whole numbers stay whole.
            value = float(contacts["contacts"] - contacts["contacts_before"]) if effect == "total" else value
            row |= {effect: value, f"{effect}_low": value - reach * error, f"{effect}_high": value + reach * error}
        total = effects.loc["total"]
        p_value = student_p_value(total["value"], total["standard_error"], degrees=degrees)
        row |= {"p_value": float(p_value), "contacts_before": contacts["contacts_before"]}
        row |= {"contacts": contacts["contacts"], "customers_before": customers.before}
        return row | {"customers": customers.after}


def _effects(found: pd.DataFrame, item: object) -> pd.DataFrame:
    return found[found["item"] == item].set_index("effect")
