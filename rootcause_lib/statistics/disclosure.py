"""What an attacker can know of counts left out of tables that add up: an audit by linear programs.

Given every published number, between what least and most can each count left out lie? Whole numbers are not asked for:
that only gives the attacker less.

Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4: protection levels and audit; Fischetti and
Salazar (2000), Models and algorithms for optimizing cell suppression in tabular data with linear constraints, JASA 95:
tables as linear relations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.vocabulary import ALL

Flags = npt.NDArray[np.bool_]

CLOSE = 1e-6
"""Counts nearer than this are equal."""

_ROUNDS = 10
"""Random directions asked before every count is asked for by itself."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One relation everybody knows: the cell `total` is the sum of the cells `parts`, by position."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Additive:
    """Cells and the counts they hold, as `sums` tie them.

    counts: cells by measures, none below 0; NaN where a cell is not in a measure. needs: how far apart the least and
    the most that a count left out may be must lie; 0 for a count that tells nobody anything. floors: what a count is
    known to be at least. A measure whose total exceeds its parts holds something that is nowhere shown.
    """

    counts: Floats
    needs: Floats
    floors: Floats
    sums: tuple[Sum, ...]


def sums_of(keys: pd.DataFrame) -> tuple[Sum, ...]:
    """The sums of cells named by `keys`, one column per dimension, `all` where a dimension is not split."""
    names = [tuple(row) for row in keys.astype(object).itertuples(index=False)]
    places = {name: place for place, name in enumerate(names)}
    found: dict[int, dict[tuple[Any, ...], list[int]]] = {}
    for place, name in enumerate(names):
        for dimension, word in enumerate(name):
            if word != ALL:
                whole = (*name[:dimension], ALL, *name[dimension + 1 :])
                found.setdefault(dimension, {}).setdefault(whole, []).append(place)
    return tuple(
        Sum(places[whole], tuple(parts))
        for by_total in found.values()
        for whole, parts in by_total.items()
        if whole in places
    )


def exposed_counts(table: Additive, suppressed: Flags) -> Flags:
    """Counts left out whose least and most lie closer than they need; cells by measures."""
    exposed = np.zeros(table.counts.shape, dtype=bool)
    for measure in range(table.counts.shape[1]):
        attack = attack_on(table, suppressed, measure)
        if len(attack.cells):
            exposed[attack.cells, measure] = attack.exposed(table.needs[attack.cells, measure])
    return exposed


def possible_ranges(table: Additive, suppressed: Flags, *, measure: int = 0) -> tuple[Floats, Floats]:
    """Least and most of every count of one measure, given all that is shown; a count shown is its own range."""
    low, high = table.counts[:, measure].copy(), table.counts[:, measure].copy()
    attack = attack_on(table, suppressed, measure)
    for place, cell in enumerate(attack.cells):
        attack.ask(_unit(len(attack.cells), place))
        attack.ask(-_unit(len(attack.cells), place))
        low[cell], high[cell] = attack.low[place], attack.high[place]
    return low, high


def _unit(size: int, place: int) -> Floats:
    direction = np.zeros(size)
    direction[place] = 1.0
    return direction


class Attack:
    """What can be known of one measure's counts left out: relations among them, and the widest seen so far."""

    def __init__(
        self, cells: npt.NDArray[np.int64], relations: Any, known: Floats, bounds: Floats, truth: Floats, rests: Floats
    ):
        self.cells = cells
        # What each sum holds that is nowhere shown.
        self.rests = rests
        self.relations, self.known, self.bounds = relations, known, bounds
        # The truth itself is possible: every other answer only widens the range.
        self.low, self.high = truth.copy(), truth.copy()
        # Cells of one sum each need no linear program: a row of shares, a split by one dimension.
        self.is_simple = bool((np.bincount(relations.indices, minlength=len(bounds)) <= 1).all())

    def ask(self, direction: Floats) -> None:
        """Find the possible table that goes furthest in a direction."""
        from scipy.optimize import linprog

        slack = len(self.bounds) - len(direction)
        objective = np.concatenate([direction, np.zeros(slack)])
        given = {"A_eq": self.relations, "b_eq": self.known} if len(self.known) else {}
        found = linprog(objective, bounds=self.bounds, method="highs", **given)
        if found.x is not None:
            self.low = np.minimum(self.low, found.x[: len(direction)])
            self.high = np.maximum(self.high, found.x[: len(direction)])

    def widen(self, needs: Floats) -> None:
        """Look for more of every range narrower than needed: a few random directions, each for all of them at once."""
        if self.is_simple:
            self._span()
            return
        draws = np.random.default_rng(0)
        for number in range(_ROUNDS):
            short = self._short(needs)
            if not short.any():
                return
            signs = np.ones(len(needs)) if number == 0 else draws.choice([-1.0, 1.0], len(needs))
            self.ask(np.where(short, signs, 0.0))
            self.ask(np.where(short, -signs, 0.0))

    def exposed(self, needs: Floats) -> Flags:
        """Where the range is narrower than needed, having asked for each that still seems so by itself."""
        self.widen(needs)
        for place in np.flatnonzero(self._short(needs)):
            if not self.is_simple and self._short(needs)[place]:
                self.ask(_unit(len(needs), int(place)))
                self.ask(-_unit(len(needs), int(place)))
        return self._short(needs)

    def _span(self) -> None:
        """Every range as wide as it can be, where no count is in two sums: what the others of its sum leave it."""
        least, most = self.bounds.T.copy()
        for row, known in enumerate(self.known):
            of = slice(self.relations.indptr[row], self.relations.indptr[row + 1])
            members, signs = self.relations.indices[of], self.relations.data[of]
            ends = np.sort(self.bounds[members] * signs[:, None], axis=1)
            others = ends.sum(axis=0) - ends
            rest = np.sort(np.clip(known - others[:, ::-1], ends[:, :1], ends[:, 1:]) * signs[:, None], axis=1)
            least[members], most[members] = rest.T
        self.low = np.minimum(self.low, least[: len(self.low)])
        self.high = np.maximum(self.high, most[: len(self.high)])

    def _short(self, needs: Floats) -> Flags:
        return np.asarray(self.high - self.low < needs - CLOSE * np.maximum(needs, 1.0))


def attack_on(table: Additive, suppressed: Flags, measure: int) -> Attack:
    """The attacker's unknowns: counts left out, then one for each sum that holds what is nowhere shown."""
    from scipy.sparse import csr_array

    counts = table.counts[:, measure]
    cells = np.flatnonzero(suppressed & ~np.isnan(counts))
    place = {int(cell): number for number, cell in enumerate(cells)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    known: list[float] = []
    rests: list[float] = []
    slack = len(cells)
    for each, rest in _held(table, measure):
        members = [(each.total, 1.0), *((part, -1.0) for part in each.parts)]
        unknown = [(place[cell], sign) for cell, sign in members if cell in place]
        if not unknown:
            continue
        if rest > 0:
            unknown.append((slack, -1.0))
            rests.append(rest)
            slack += 1
        for column, sign in unknown:
            rows.append(len(known))
            columns.append(column)
            values.append(sign)
        known.append(-sum(sign * counts[cell] for cell, sign in members if cell not in place))
    relations = csr_array((values, (rows, columns)), shape=(len(known), slack))
    bounds = np.zeros((slack, 2))
    bounds[: len(cells), 0] = np.minimum(table.floors[cells, measure], counts[cells])
    # Where even the whole is left out nothing bounds a count from above; a finite bound keeps the program solvable.
    bounds[:, 1] = 10 * (np.nansum(counts) + np.nansum(table.needs[:, measure])) + 1
    return Attack(cells, relations, np.asarray(known), bounds, counts[cells], np.asarray(rests))


def _held(table: Additive, measure: int) -> Iterator[tuple[Sum, float]]:
    """The sums a measure obeys, over the cells that are in it, and how much of each total is in no part."""
    counts = table.counts[:, measure]
    there = ~np.isnan(counts)
    for each in table.sums:
        parts = tuple(part for part in each.parts if there[part])
        if not there[each.total] or not parts:
            continue
        rest = float(counts[each.total] - counts[list(parts)].sum())
        near = CLOSE * max(1.0, float(counts[each.total]))
        if rest < -near:
            raise DataError("A table to be protected does not add up: parts exceed their total.")
        yield Sum(each.total, parts), rest if rest > near else 0.0


def needed(counts: Floats, persons: Floats, *, minimum: int) -> Floats:
    """What `minimum` of a cell's own persons would account for: how uncertain each of its counts must stay."""
    return np.asarray(np.nan_to_num(counts) * minimum / np.maximum(np.nan_to_num(persons), 1.0)[:, None])
