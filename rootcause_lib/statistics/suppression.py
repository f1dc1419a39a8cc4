"""Small cells of tables that add up: which others must go with them, so that no sum or difference gives them back.

A cell below a minimum (the frequency rule: too few contributors) is unsafe. Left out alone it is given back by its
row's total, so further cells go too: complementary suppression. That enough went is not assumed but audited
(`disclosure`).

Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4: rules; Kelly, Golden and Assad (1992), Cell
suppression: disclosure protection for sensitive tabular data, Networks 22: cells chosen by the cheapest change that
keeps every sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.statistics.disclosure import CLOSE, Additive, Attack, Flags, attack_on, exposed_counts
from rootcause_lib.statistics.intervals import Floats

_MARGIN = 100.0
"""How many times dearer a sum is than a cell within it."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Cells to leave out, and those of them that can be told all the same: the table is too small for them."""

    suppressed: Flags
    exposed: Flags


def protect(table: Additive, unsafe: Flags, *, fixed: Flags) -> Protection:
    """The unsafe cells and those that must go with them; `fixed` ones stay, unless unsafe themselves.

    Deterministic; what is lost is kept small by count, sums last. Every count left out in turn is moved by what it
    needs, at the least price of further cells; a move that was possible once stays so while more is left out. Raises
    DataError where parts exceed their total.
    """
    hidden = unsafe.copy()
    grows = hidden.any()
    measures = range(table.counts.shape[1] if grows else 0)
    searches = [_Search(table, measure, kept=fixed & ~unsafe) for measure in measures]
    while grows:
        before = hidden.sum()
        for search in searches:
            hidden = search.extended(hidden)
        grows = hidden.sum() > before
    return Protection(hidden, np.asarray(exposed_counts(table, hidden).any(axis=1)))


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
        self.changes = _Changes(attack_on(table, ~kept, measure))

    def extended(self, hidden: Flags) -> Flags:
        """With the cells that must go too, so that every count left out can move."""
        hidden, needs = hidden.copy(), self.table.needs[:, self.measure]
        attack = attack_on(self.table, hidden, self.measure)
        attack.widen(needs[attack.cells])
        self._saw(attack.cells, attack.low, attack.high)
        hopeless = np.isnan(self.table.counts[:, self.measure])
        while (short := hidden & ~hopeless & (self.high - self.low < needs - CLOSE * np.maximum(needs, 1))).any():
            apart = self._apart(np.flatnonzero(short)[np.argsort(-needs[short], kind="stable")])
            # Cells of different sums mostly find room at once; where not, each by itself.
            moved = self._moved(hidden, apart)
            if moved is None and len(apart) > 1:
                moved, apart = self._moved(hidden, apart[:1]), apart[:1]
            hopeless[apart] = moved is None
            if moved is not None:
                hidden |= np.abs(moved) > CLOSE
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

    def __init__(self, attack: Attack) -> None:
        from scipy.sparse import hstack

        self.cells = attack.cells
        self.relations = hstack([attack.relations, -attack.relations]).tocsr()
        down = attack.bounds[:, 1].copy()
        down[: len(self.cells)] = attack.low - attack.bounds[: len(self.cells), 0]
        down[len(self.cells) :] = attack.rests
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
