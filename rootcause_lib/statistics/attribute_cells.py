"""Contacts counted by every combination of attributes, and split by some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.statistics.intervals import Floats

Codes = npt.NDArray[np.int64]
Reasons = Literal["together", "apart"]


@dataclass(frozen=True, slots=True)
class AttributeCells:
    """Counts by all attributes at once, coded: -1 is not known. days: customers' days by attributes of customers."""

    attributes: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    codes: Codes
    reasons: tuple[str, ...]
    reason_codes: Codes
    before: Floats
    now: Floats
    days_codes: Codes
    days_before: Floats
    days: Floats

    @classmethod
    def of(
        cls, cells: pd.DataFrame, days: pd.DataFrame, *, attributes: Sequence[str], unnamed: Sequence[str]
    ) -> AttributeCells:
        """From frames with a column per attribute, `reason`, contacts_before and contacts; days_before and days."""

        def known(column: pd.Series) -> pd.Series:
            text = column.astype(object).where(column.notna(), None)
            return text.where(~text.isin(unnamed), None)

        def places(column: pd.Series, among: tuple[str, ...]) -> np.ndarray:
            return pd.Index(among, dtype=object).get_indexer(pd.Index(column, dtype=object))

        labels, codes, days_codes = [], [], []
        for name in attributes:
            words = known(cells[name])
            values = tuple(sorted(words.dropna().unique()))
            labels.append(values)
            codes.append(places(words, values))
            of_days = known(days[name]) if name in days else pd.Series(None, index=days.index, dtype=object)
            days_codes.append(places(of_days, values))
        words = known(cells["reason"])
        reasons = tuple(sorted(words.dropna().unique()))
        return cls(
            tuple(attributes), tuple(labels),
            np.array(codes, dtype=np.int64).reshape(len(attributes), len(cells)), reasons,
            np.asarray(places(words, reasons), dtype=np.int64),
            cells["contacts_before"].to_numpy(dtype=float), cells["contacts"].to_numpy(dtype=float),
            np.array(days_codes, dtype=np.int64).reshape(len(attributes), len(days)),
            days["days_before"].to_numpy(dtype=float), days["days"].to_numpy(dtype=float),
        )  # fmt: skip

    def of_customers(self, name: int) -> bool:
        """Whether an attribute is customers' own: days as a customer are known by it."""
        return bool((self.days_codes[name] >= 0).any())


@dataclass(frozen=True, slots=True)
class Sums:
    """Contacts before and now by value combination (rows) and reason (columns; one where all are taken together).

    days: shares of customers' days; whole: whether a row is all contacts of its customers, so that nothing of those
    customers is among the others.
    """

    sizes: tuple[int, ...]
    before: Floats
    now: Floats
    all_before: Floats
    all_now: Floats
    days_before: Floats
    days: Floats
    whole: bool

    def values_of(self, place: int) -> tuple[int, ...]:
        return tuple(int(one) for one in np.unravel_index(place, self.sizes)) if self.sizes else ()

    def enough(self, least: int) -> npt.NDArray[np.bool_]:
        """Where at least so many contacts are found or were to be expected."""
        share = self.now.sum(1, keepdims=True) / max(float(self.now.sum()), 1.0)
        expected = np.maximum(share * self.all_now, self.before)
        return np.asarray((np.maximum(self.now, expected) >= least) & (self.now < self.all_now.sum()))


@dataclass(frozen=True, slots=True)
class Split:
    """Cells split by some attributes and, or not, by reason: what does not change while candidates are taken out.

    known: whether all that is split by is known of a cell; at: where such a cell belongs.
    """

    names: tuple[int, ...]
    by_reason: bool
    sizes: tuple[int, ...]
    shape: tuple[int, int]
    known: npt.NDArray[np.bool_]
    at: npt.NDArray[np.intp]
    before: Floats
    days_before: Floats
    days: Floats
    whole: bool

    @classmethod
    def of(cls, cells: AttributeCells, names: tuple[int, ...], *, reasons: Reasons) -> Split:
        by_reason = reasons == "apart"
        sizes = tuple(len(cells.labels[name]) for name in names)
        place, known = _places(cells.codes, names, sizes)
        across = len(cells.reasons) if by_reason else 1
        if by_reason:
            known = known & (cells.reason_codes >= 0)
            place = place * across + cells.reason_codes
        shape = (int(np.prod(sizes)) if sizes else 1, across)
        at = place[known]
        days_before, days = (_days(cells, names, sizes, weights) for weights in (cells.days_before, cells.days))
        whole = not by_reason and all(cells.of_customers(name) for name in names)
        return cls(names, by_reason, sizes, shape, known, at, _counted(at, cells.before[known], shape), days_before,
                   days, whole)  # fmt: skip

    def sums(self, now: Floats) -> Sums:
        """The sums with these contacts now."""
        counted = _counted(self.at, now[self.known], self.shape)
        return Sums(self.sizes, self.before, counted, self.before.sum(0), counted.sum(0), self.days_before,
                     self.days, self.whole)  # fmt: skip


def _counted(at: npt.NDArray[np.intp], weights: Floats, shape: tuple[int, int]) -> Floats:
    return np.bincount(at, weights, minlength=shape[0] * shape[1]).astype(float).reshape(shape)


def _days(cells: AttributeCells, names: tuple[int, ...], sizes: tuple[int, ...], weights: Floats) -> Floats:
    """Shares of customers' days by the attributes that are customers' own, the others not asked; 1 where none is."""
    own = tuple(name for name in names if cells.of_customers(name))
    shape = tuple(len(cells.labels[name]) for name in own)
    place, known = _places(cells.days_codes, own, shape)
    counted = np.bincount(place[known], weights[known], minlength=int(np.prod(shape, dtype=int))).astype(float)
    spread = [size if name in own else 1 for name, size in zip(names, sizes, strict=True)]
    shares = counted / counted.sum() if counted.sum() > 0 else np.ones_like(counted)
    return np.asarray(np.broadcast_to(shares.reshape(spread), sizes).reshape(-1, 1))


def _places(codes: Codes, names: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[Codes, npt.NDArray[np.bool_]]:
    place = np.zeros(codes.shape[1], dtype=np.int64)
    known = np.ones(codes.shape[1], dtype=bool)
    for name, size in zip(names, sizes, strict=True):
        place = place * size + np.maximum(codes[name], 0)
        known &= codes[name] >= 0
    return place, known
