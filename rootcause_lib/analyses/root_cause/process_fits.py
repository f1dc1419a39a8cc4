"""The case series behind what processes cause: which contacts are counted, which bands are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from rootcause_lib.engagement import Engagement
from rootcause_lib.person_time import KindsOfTime
from rootcause_lib.risk_bands import KINDS, Band, bands_of
from rootcause_lib.statistics.attributable import Sample
from rootcause_lib.statistics.self_controlled import CaseSeries, fit_case_series
from rootcause_lib.store import Store

COUNTED_KINDS = ("risk", "waiting", "spill_over")
"""Kinds of bands whose contacts a process accounts for."""

FEWEST_ADDING = 3
"""Customers with a contact in a band from which on what it brings is added to what others bring."""


@dataclass(frozen=True, slots=True)
class Slice(Band):
    """Some days of a band, named by them."""

    @property
    def label(self) -> str:
        """Its days, whatever kind of band they are of."""
        return f"{self.from_day}-{self.until_day - 1}"


@dataclass(frozen=True, slots=True)
class Part:
    """A band as fine as the fit needs it: a part of the public band `within`; `instead`: the term that the normal
    event would have set over the same days, if it would have set any."""

    band: Band
    within: Band
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A case series with what its terms rest on.

    parts: the bands of its design. sums: by cell, contacts, seconds and cost of every customer watched. customers: how
    many made a contact, by term. sample: where not all callers are watched, from which the sums were expanded;
    `watched` of the `callers` are.
    """

    parts: tuple[Part, ...]
    design: pd.DataFrame
    series: CaseSeries
    sums: pd.DataFrame
    customers: Mapping[str, int]
    sample: Sample | None = None
    watched: int = 0
    callers: int = 0

    def counted(self, term: str) -> bool:
        """Whether a band is fitted as the others are, so that its contacts can be counted with theirs."""
        return not self.series.adding or term in self.series.adding

    def inside(self, term: str) -> pd.DataFrame:
        """The sums of a term's cells."""
        return self.sums[self.design[term].to_numpy() != 0]


def asked_bands(store: Store, *, without: Sequence[str] = ()) -> tuple[Band, ...]:
    """Every band of the engagement's processes but those of `without`."""
    if not store.engagement.processes:
        return ()
    return tuple(band for band in bands_of(store.engagement, kinds=KINDS) if band.process not in without)


def whole(bands: Sequence[Band]) -> tuple[Part, ...]:
    """The bands as they are published."""
    return tuple(Part(band, band) for band in bands)


def refined(bands: Sequence[Band], engagement: Engagement) -> tuple[Part, ...]:
    """The bands, a failure's cut so that each part lies wholly in or out of a band of the normal event it replaces.

    A wrong invoice's days 7-20 and 21-41 lie partly where a right one's follow-ups would have come.
    """
    found: list[Part] = []
    for band in bands:
        normal = engagement.processes[band.process].instead_of if band.process in engagement.processes else None
        beside = [one for one in bands if one.process == normal and _counts_from_start(one)]
        if normal is None or not _counts_from_start(band):
            found.append(Part(band, band))
            continue
        edges = {edge for one in beside for edge in (one.from_day, one.until_day)}
        inner = sorted(edge for edge in edges if band.from_day < edge < band.until_day)
        for start, end in pairwise([band.from_day, *inner, band.until_day]):
            own = band if not inner else Slice(band.process, band.kind, band.clock, start, end)
            term = next((one.term for one in beside if one.from_day <= start and end <= one.until_day), None)
            found.append(Part(own, band, term))
    return tuple(found)


def _counts_from_start(band: Band) -> bool:
    return band.clock == "started" and band.kind in ("risk", "spill_over")


def fitted(kinds: KindsOfTime, parts: Sequence[Part]) -> Fit:
    """All parts that can occur fitted together, the contacts each brings being added to the others'.

    What rests on a customer or two could add up to less than nothing: it multiplies, as our own messages do, whose
    contacts are nobody's. Where no sum is found all of them multiply.
    """
    parts = tuple(part for part in parts if part.band.term in kinds.design.columns)
    customers = _customers(kinds, [part.band.term for part in parts])
    names = ("contacts", "seconds", "cost", "costless")
    sums = pd.DataFrame({name: kinds.by_cell(name) for name in names})
    process_terms = [part.band.term for part in parts if part.band.kind != "our_message"]
    adding = [term for term in process_terms if not 0 < customers[term] < FEWEST_ADDING]
    series = fit_case_series(kinds.parts, kinds.design, adding=adding)
    if "not_converged" in series.reasons:
        series = fit_case_series(kinds.parts, kinds.design)
    return Fit(parts, kinds.design, series, sums, customers, kinds.sample, kinds.customers, kinds.callers)


def merged(kinds: KindsOfTime, parts: Sequence[Part]) -> KindsOfTime:
    """The same time told apart only by the public bands."""
    parts = [part for part in parts if part.band.term in kinds.design.columns]
    finer = [part.band.term for part in parts]
    columns = {}
    for band in dict.fromkeys(part.within for part in parts):
        own = [part.band.term for part in parts if part.within == band]
        columns[band.term] = kinds.design[own].max(axis=1)
    rest = kinds.design.drop(columns=finer)
    return replace(kinds, design=pd.concat([pd.DataFrame(columns, index=kinds.design.index), rest], axis=1))


def _customers(kinds: KindsOfTime, terms: Sequence[str]) -> dict[str, int]:
    """Different customers with a contact in each term; a customer's rows are all in one part."""
    held = kinds.design[list(terms)].to_numpy() != 0
    found = np.zeros(len(terms), dtype=np.int64)
    for part in kinds.parts:
        rows = part[part["contacts"] > 0]
        inside = held[kinds.design.index.get_indexer(pd.Index(rows["cell"]))]
        customer = rows["customer_key"].to_numpy()
        found += np.array([len(np.unique(customer[column])) for column in inside.T], dtype=np.int64)
    return dict(zip(terms, found.tolist(), strict=True))
