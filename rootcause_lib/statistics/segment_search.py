"""Looks through all combinations of attributes for those that stand out; what it finds is a list of candidates.

The strongest is taken first, then its excess is taken out of the counts and the search goes on in what is left: what no
longer stands out was its shadow (a wider or narrower set, or one that overlaps it). Strength here ignores that contacts
of one customer hang together and how many combinations were tried. It ranks, and nothing more: whether a candidate
is real, and how large it is, other customers have to say (`log_ratios`). Where two strong causes meet, the place
where they meet may be told before either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from rootcause_lib.statistics.attribute_cells import AttributeCells, Split, Sums
from rootcause_lib.statistics.intervals import Floats

Measure = Literal["rate", "share", "growth"]
"""rate: contacts per day as a customer. share: contacts of one reason among coded contacts. growth: contacts now over
contacts before, per day as a customer."""

STANDS_OUT = 3.0
"""Standard errors from no difference at which a combination is looked at."""
LEAST_RATIO = 1.2
LEAST_CONTACTS = 10
"""Smaller differences and fewer contacts (found or expected) are no candidates."""
PRICE_OF_AN_ATTRIBUTE = 1.0
"""Standard errors by which a combination of one attribute more has to be stronger."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A combination found: attribute and value pairs, a reason or None for all, and the ratio seen where it was found.

    shadows: how many other combinations stood out before its excess was taken out, and no longer after.
    """

    measure: Measure
    parts: tuple[tuple[str, str], ...]
    reason: str | None
    ratio: float
    strength: float
    shadows: int = 0


@dataclass(frozen=True, slots=True)
class Combinations:
    """How many combinations were looked at, the candidates as they were taken, and the counts without their excess."""

    looked_at: int
    candidates: tuple[Candidate, ...]
    left: AttributeCells


def search(cells: AttributeCells, measure: Measure, *, at_once: int = 2, most: int = 8) -> Combinations:
    """Candidates of one measure among up to `at_once` attributes and the reason, at most `most` of them."""
    candidates: list[Candidate] = []
    left, splits = cells, list(_splits(cells, measure, at_once))
    found = _stand_out(left, measure, splits)
    looked_at = found.looked_at
    while found.rows and len(candidates) < most:
        strongest = max(found.rows, key=lambda row: (round(row.worth, 6), row.log_ratio))
        left = _without(left, strongest)
        again = _stand_out(left, measure, splits)
        gone = {row.key for row in found.rows} - {row.key for row in again.rows} - {strongest.key}
        candidates.append(replace(strongest.candidate(cells, measure), shadows=len(gone)))
        # What has been taken once may come back by a hair; it is not taken twice.
        taken = {candidate_key(each, cells) for each in candidates}
        found = _Found(again.looked_at, [row for row in again.rows if row.key not in taken])
    return Combinations(looked_at, tuple(candidates), left)


Key = tuple[tuple[int, ...], tuple[int, ...], int]
"""Attributes, their values and the reason (-1: all), all by position."""


@dataclass(frozen=True, slots=True)
class _Row:
    key: Key
    log_ratio: float
    strength: float
    weight: float

    @property
    def worth(self) -> float:
        names, _, reason = self.key
        return abs(self.strength) - PRICE_OF_AN_ATTRIBUTE * (len(names) + (reason >= 0))

    def candidate(self, cells: AttributeCells, measure: Measure) -> Candidate:
        names, values, reason = self.key
        parts = tuple((cells.attributes[n], cells.labels[n][v]) for n, v in zip(names, values, strict=True))
        about = cells.reasons[reason] if reason >= 0 else None
        return Candidate(measure, parts, about, float(np.exp(self.log_ratio)), self.strength)


@dataclass(frozen=True, slots=True)
class _Found:
    looked_at: int
    rows: list[_Row]


def candidate_key(candidate: Candidate, cells: AttributeCells) -> Key:
    """A candidate by positions, as the search tells rows apart."""
    names = tuple(cells.attributes.index(name) for name, _ in candidate.parts)
    values = tuple(cells.labels[n].index(value) for n, (_, value) in zip(names, candidate.parts, strict=True))
    return names, values, -1 if candidate.reason is None else cells.reasons.index(candidate.reason)


def _stand_out(cells: AttributeCells, measure: Measure, splits: Sequence[Split]) -> _Found:
    looked_at, rows = 0, []
    for split in splits:
        sums = split.sums(cells.now)
        log_ratio, error, weight = _MEASURES[measure](sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            strength = np.nan_to_num(log_ratio / error)
        seen = sums.enough(LEAST_CONTACTS)
        looked_at += int(seen.sum())
        standing = seen & (np.abs(strength) >= STANDS_OUT) & (np.abs(log_ratio) >= np.log(LEAST_RATIO))
        if measure == "share":
            # Where one reason is common the others are rare: only what is common is told.
            standing &= log_ratio > 0
        for at in zip(*np.nonzero(standing), strict=True):
            key = (split.names, sums.values_of(int(at[0])), int(at[1]) if split.by_reason else -1)
            rows.append(_Row(key, float(log_ratio[at]), float(strength[at]), float(weight[at])))
    return _Found(looked_at, rows)


def _splits(cells: AttributeCells, measure: Measure, at_once: int) -> Iterator[Split]:
    """Every way to split the cells that is searched."""
    for names in _subsets(cells, measure, at_once):
        if measure != "share" and names:
            yield Split.of(cells, names, reasons="together")
        yield Split.of(cells, names, reasons="apart")


def _subsets(cells: AttributeCells, measure: Measure, at_once: int) -> Iterator[tuple[int, ...]]:
    """Rates are told of customers' own attributes, shares where one is not, growth of all and of a reason alone."""
    own = {name for name in range(len(cells.attributes)) if cells.of_customers(name)}
    for size in range(0 if measure == "growth" else 1, at_once + 1):
        for names in combinations(range(len(cells.attributes)), size):
            inside = set(names) <= own
            if measure == "growth" or (measure == "rate") == inside:
                yield names


_Told = tuple[Floats, Floats, Floats]
"""Logarithm of the ratio, its standard error, and what to multiply contacts now by to take the difference out."""


def _rate(sums: Sums) -> _Told:
    inside, outside = _some(sums.now), _some(sums.all_now - sums.now)
    days, other = sums.days, 1 - sums.days
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(inside / days) - np.log(outside / other)
    log_ratio = np.where((days > 0) & (other > 0), log_ratio, 0.0)
    return log_ratio, np.sqrt(1 / inside + 1 / outside), np.exp(-log_ratio)


def _share(sums: Sums) -> _Told:
    inside, whole = sums.now, sums.now.sum(1, keepdims=True)
    outside, other = sums.all_now - inside, sums.now.sum() - whole
    with np.errstate(divide="ignore", invalid="ignore"):
        own, rest = inside / whole, outside / other
        log_ratio = np.log(_some(inside) / whole) - np.log(_some(outside) / other)
        error = np.sqrt((1 - own) / _some(inside) + (1 - rest) / _some(outside))
        weight = rest / (1 - rest) / (own / (1 - own))
    told = (whole > 0) & (other > 0) & (own < 1) & (rest < 1)
    return np.where(told, log_ratio, 0.0), np.where(told, error, 1.0), np.nan_to_num(weight, nan=1.0, posinf=1.0)


def _growth(sums: Sums) -> _Told:
    now, before = _some(sums.now), _some(sums.before)
    other, other_before = _some(sums.all_now.sum() - sums.now), _some(sums.all_before.sum() - sums.before)
    log_ratio = np.log(now / before) - np.log(other / other_before)
    with np.errstate(divide="ignore", invalid="ignore"):
        more = np.log(sums.days / sums.days_before)
        if sums.whole:
            more = more - np.log((1 - sums.days) / (1 - sums.days_before))
    log_ratio = log_ratio - np.where(np.isfinite(more), more, 0.0)
    error = np.sqrt(1 / now + 1 / before + 1 / other + 1 / other_before)
    return log_ratio, error, np.exp(-log_ratio)


_MEASURES = {"rate": _rate, "share": _share, "growth": _growth}


def _some(counts: Floats) -> Floats:
    """Counts of 0 as a half, so that every ratio is a number."""
    return np.maximum(counts, 0.5)


def _without(cells: AttributeCells, row: _Row) -> AttributeCells:
    """The cells with a row's excess taken out of the contacts now."""
    names, values, reason = row.key
    inside = np.ones(len(cells.now), dtype=bool)
    for name, value in zip(names, values, strict=True):
        inside &= cells.codes[name] == value
    if reason >= 0:
        inside &= cells.reason_codes == reason
    return replace(cells, now=np.where(inside, cells.now * row.weight, cells.now))
