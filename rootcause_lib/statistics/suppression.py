"""Small cells of tables that add up: which others must go with them, so that no sum or difference gives them back.

A cell below a minimum (the frequency rule: too few contributors) is unsafe. Left out alone it is given back by its
row's total, so further cells go too: complementary suppression. That enough went is not assumed but audited, as an
attacker would ask: given every published number, between what least and most can each count left out lie? That is a
linear program per question; whole numbers are not asked for, which the attacker can do no better than.

Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4: rules, protection levels, audit by linear
programs; Fischetti and Salazar (2000), Models and algorithms for optimizing cell suppression in tabular data with
linear constraints, JASA 95: tables as linear relations; Kelly, Golden and Assad (1992), Cell suppression: disclosure
protection for sensitive tabular data, Networks 22: cells chosen by the cheapest change that keeps every sum.
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

_CLOSE = 1e-6
_ROUNDS = 10
"""Random directions asked before every count is asked for by itself."""

_MARGIN = 100.0
"""How many times dearer a sum is than a cell within it."""


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


@dataclass(frozen=True, slots=True)
class Protection:
    """Cells to leave out, and those of them that can be told all the same: the table is too small for them."""

    suppressed: Flags
    exposed: Flags


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


def protect(table: Additive, unsafe: Flags, *, fixed: Flags) -> Protection:
    """The unsafe cells and those that must go with them; `fixed` ones stay, unless unsafe themselves.

    Deterministic; what is lost is kept small by count, sums last. Every count left out in turn is moved by what it
    needs, at the least price of further cells; a move that was possible once stays so while more is left out. Raises
    DataError where parts exceed their total.
    """
    hidden = unsafe.copy()
    searches = [_Search(table, measure, kept=fixed & ~unsafe) for measure in range(table.counts.shape[1])]
    grows = hidden.any()
    while grows:
        before = hidden.sum()
        for search in searches:
            hidden = search.extended(hidden)
        grows = hidden.sum() > before
    return Protection(hidden, np.asarray(exposed_counts(table, hidden).any(axis=1)))


def exposed_counts(table: Additive, suppressed: Flags) -> Flags:
    """Counts left out whose least and most lie closer than they need; cells by measures."""
    exposed = np.zeros(table.counts.shape, dtype=bool)
    for measure in range(table.counts.shape[1]):
        attack = _attack(table, suppressed, measure)
        if len(attack.cells):
            exposed[attack.cells, measure] = attack.exposed(table.needs[attack.cells, measure])
    return exposed


def possible_ranges(table: Additive, suppressed: Flags, *, measure: int = 0) -> tuple[Floats, Floats]:
    """Least and most of every count of one measure, given all that is shown; a count shown is its own range."""
    low, high = table.counts[:, measure].copy(), table.counts[:, measure].copy()
    attack = _attack(table, suppressed, measure)
    for place, cell in enumerate(attack.cells):
        attack.ask(_unit(len(attack.cells), place))
        attack.ask(-_unit(len(attack.cells), place))
        low[cell], high[cell] = attack.low[place], attack.high[place]
    return low, high


def _unit(size: int, place: int) -> Floats:
    direction = np.zeros(size)
    direction[place] = 1.0
    return direction


class _Attack:
    """What can be known of one measure's counts left out: relations among them, and the widest seen so far."""

    def __init__(self, cells: npt.NDArray[np.int64], relations: Any, known: Floats, bounds: Floats, truth: Floats):
        self.cells = cells
        self.relations, self.known, self.bounds = relations, known, bounds
        # The truth itself is possible: every other answer only widens the range.
        self.low, self.high = truth.copy(), truth.copy()

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

    def exposed(self, needs: Floats, *, alone: bool = True) -> Flags:
        """Where the range is narrower than needed; many counts are settled by one question."""
        draws = np.random.default_rng(0)
        for number in range(_ROUNDS):
            short = self._short(needs)
            if not short.any():
                return short
            signs = np.ones(len(needs)) if number == 0 else draws.choice([-1.0, 1.0], len(needs))
            self.ask(np.where(short, signs, 0.0))
            self.ask(np.where(short, -signs, 0.0))
        for place in np.flatnonzero(self._short(needs)) if alone else ():
            if self._short(needs)[place]:
                self.ask(_unit(len(needs), int(place)))
                self.ask(-_unit(len(needs), int(place)))
        return self._short(needs)

    def _short(self, needs: Floats) -> Flags:
        return np.asarray(self.high - self.low < needs - _CLOSE * np.maximum(needs, 1.0))


def _attack(table: Additive, suppressed: Flags, measure: int) -> _Attack:
    """The attacker's unknowns: counts left out, then one for each sum that holds what is nowhere shown."""
    from scipy.sparse import csr_array

    counts = table.counts[:, measure]
    cells = np.flatnonzero(suppressed & ~np.isnan(counts))
    place = {int(cell): number for number, cell in enumerate(cells)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    known: list[float] = []
    slack = len(cells)
    for each, rest in _held(table, measure):
        members = [(each.total, 1.0), *((part, -1.0) for part in each.parts)]
        unknown = [(place[cell], sign) for cell, sign in members if cell in place]
        if not unknown:
            continue
        if rest > 0:
            unknown.append((slack, -1.0))
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
    return _Attack(cells, relations, np.asarray(known), bounds, counts[cells])


def _held(table: Additive, measure: int) -> Iterator[tuple[Sum, float]]:
    """The sums a measure obeys, over the cells that are in it, and how much of each total is in no part."""
    counts = table.counts[:, measure]
    there = ~np.isnan(counts)
    for each in table.sums:
        parts = tuple(part for part in each.parts if there[part])
        if not there[each.total] or not parts:
            continue
        rest = float(counts[each.total] - counts[list(parts)].sum())
        near = _CLOSE * max(1.0, float(counts[each.total]))
        if rest < -near:
            raise DataError("A table to be protected does not add up: parts exceed their total.")
        yield Sum(each.total, parts), rest if rest > near else 0.0


def _prices(table: Additive) -> Floats:
    """What leaving a cell out costs: its count, sums dearer by each level."""
    level = np.zeros(len(table.counts))
    for each in sorted(table.sums, key=lambda one: len(one.parts)):
        level[each.total] += 1
    return np.asarray((1 + np.nansum(table.counts, axis=1)) * _MARGIN**level)


class _Search:
    """The cells one measure wants left out, and how far its counts have been seen to move without breaking a sum."""

    def __init__(self, table: Additive, measure: int, *, kept: Flags) -> None:
        self.table, self.measure = table, measure
        self.price = _prices(table)
        self.truth = np.nan_to_num(table.counts[:, measure])
        self.low = self.high = self.truth
        self.sums_with: list[set[int]] = [set() for _ in self.truth]
        for number, each in enumerate(table.sums):
            for cell in (each.total, *each.parts):
                self.sums_with[cell].add(number)
        self.changes = _Changes(_attack(table, ~kept, measure))

    def extended(self, hidden: Flags) -> Flags:
        """With the cells that must go too, so that every count left out can move."""
        hidden, needs = hidden.copy(), self.table.needs[:, self.measure]
        attack = _attack(self.table, hidden, self.measure)
        attack.exposed(needs[attack.cells], alone=False)
        self._saw(attack.cells, attack.low, attack.high)
        hopeless = np.isnan(self.table.counts[:, self.measure])
        while (short := hidden & ~hopeless & (self.high - self.low < needs - _CLOSE * np.maximum(needs, 1))).any():
            apart = self._apart(np.flatnonzero(short)[np.argsort(-needs[short], kind="stable")])
            # Cells of different sums mostly find room at once; where not, each by itself.
            moved = self._moved(hidden, apart)
            if moved is None and len(apart) > 1:
                moved, apart = self._moved(hidden, apart[:1]), apart[:1]
            hopeless[apart] = moved is None
            if moved is not None:
                hidden |= np.abs(moved) > _CLOSE
                self._saw(np.arange(len(moved)), self.truth + moved, self.truth + moved)
        return hidden

    def _moved(self, hidden: Flags, cells: npt.NDArray[np.int64]) -> Floats | None:
        raised = self.table.needs[cells, self.measure] - (self.truth[cells] - self.low[cells])
        return self.changes.cheapest(np.where(hidden, 0.0, self.price), cells=cells, by=raised)

    def _apart(self, cells: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The first of some cells and those after it that share no sum with one taken before."""
        taken: list[int] = []
        used: set[int] = set()
        for cell in map(int, cells):
            if used.isdisjoint(self.sums_with[cell]):
                taken.append(cell)
                used |= self.sums_with[cell]
        return np.array(taken, dtype=np.int64)

    def _saw(self, cells: npt.NDArray[np.int64], low: Floats, high: Floats) -> None:
        self.low, self.high = self.low.copy(), self.high.copy()
        self.low[cells] = np.minimum(self.low[cells], low)
        self.high[cells] = np.maximum(self.high[cells], high)


class _Changes:
    """Changes of one measure's counts that keep every sum; variables: each count up, then each count down."""

    def __init__(self, attack: _Attack) -> None:
        from scipy.sparse import hstack

        self.cells = attack.cells
        self.relations = hstack([attack.relations, -attack.relations]).tocsr()
        down = attack.bounds[:, 1].copy()
        down[: len(self.cells)] = attack.low - attack.bounds[: len(self.cells), 0]
        self.most = np.concatenate([attack.bounds[:, 1], down])

    def cheapest(self, price: Floats, *, cells: npt.NDArray[np.int64], by: Floats) -> Floats | None:
        """How every cell's count moves in the cheapest change that raises some by so much; None where there is none."""
        from scipy.optimize import linprog

        at = np.searchsorted(self.cells, cells)
        if (at >= len(self.cells)).any() or (self.cells[at] != cells).any():
            return None
        half = len(self.most) // 2
        cost = np.zeros(half)
        cost[: len(self.cells)] = price[self.cells] / np.median(price[price > 0])
        bounds = np.column_stack([np.zeros(2 * half), self.most])
        bounds[at] = np.column_stack([by, np.maximum(by, self.most[at])])
        bounds[half + at] = 0.0
        given = {"A_eq": self.relations, "b_eq": np.zeros(self.relations.shape[0])} if self.relations.shape[0] else {}
        found = linprog(np.concatenate([cost, cost]), bounds=bounds, method="highs", **given)
        if found.x is None:
            return None
        moved = np.zeros(len(price))
        moved[self.cells] = (found.x[:half] - found.x[half:])[: len(self.cells)]
        return moved


def needed(counts: Floats, persons: Floats, *, minimum: int) -> Floats:
    """What `minimum` of a cell's own persons would account for: how uncertain each of its counts must stay."""
    return np.asarray(np.nan_to_num(counts) * minimum / np.maximum(np.nan_to_num(persons), 1.0)[:, None])
