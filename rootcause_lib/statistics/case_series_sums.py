"""Sums of the conditional Poisson likelihood over customers: all that a self-controlled case series asks of the data.

Given how often a customer made contact, their contacts fall on the kinds of time (cells) in proportion to days times
rate ratio. The customer's own rate cancels, and with it every fixed trait (Farrington 1995, Biometrics 51: 228).
Customers are independent, so sums of parts of them add up to the whole's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError, listed
from rootcause_lib.statistics.intervals import Floats

Flags = npt.NDArray[np.bool_]

COLUMNS = ("customer_key", "cell", "days", "contacts")

SMALLEST = 1e-6
"""Rate below which bands that keep people from calling cannot add up to."""
CUSTOMERS_AT_ONCE = 100_000
"""Customers worked on together: their scores stand in memory as customers x terms."""
ONE_THREAD = 200_000
"""Multiplications up to which OpenBLAS keeps a product of matrices on one thread (262,144)."""


@dataclass(frozen=True, slots=True)
class PersonTime:
    """Days and contacts of the customers who carry information, by cell; one entry per customer and cell.

    Only customers with a contact and with two cells say anything about rate ratios; the others are counted and left
    out. `starts` holds where each kept customer begins, and the end.
    """

    starts: npt.NDArray[np.intp]
    cell: npt.NDArray[np.intp]
    days: Floats
    contacts: Floats
    customers_seen: int
    customers_with_contacts: int
    contacts_seen: float

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, cells: pd.Index) -> Self:
        """From rows of `COLUMNS`; `cells` are the design's rows. A customer's rows must all be in one frame.

        Raises DataError for a missing column, an unknown cell, no customer, negative numbers or contacts without days.
        """
        if missing := [name for name in COLUMNS if name not in frame.columns]:
            raise DataError(f"The person-time lacks {listed(missing)}; it has {listed(map(str, frame.columns))}.")
        customer, _ = pd.factorize(frame["customer_key"])
        cell = cells.get_indexer(pd.Index(frame["cell"]))
        days, contacts = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("days", "contacts"))
        _refuse_impossible(customer, cell, days, contacts)
        number = int(customer.max()) + 1 if len(customer) else 0
        own = np.bincount(customer, contacts, minlength=number)
        exposed = days > 0
        informative = (own > 0) & (np.bincount(customer[exposed], minlength=number) > 1)
        kept = np.flatnonzero(informative[customer] & exposed)
        kept = kept[np.argsort(customer[kept], kind="stable")]
        sizes = np.bincount(customer[kept], minlength=number)[informative]
        return cls(
            starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp),
            cell=cell[kept],
            days=days[kept],
            contacts=contacts[kept],
            customers_seen=number,
            customers_with_contacts=int((own > 0).sum()),
            contacts_seen=float(own.sum()),
        )

    def parts(self) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats, Floats]]:
        """Parts small enough for dense sums by customer: where customers begin, cells, days, contacts."""
        for first in range(0, len(self), CUSTOMERS_AT_ONCE):
            starts = self.starts[first : first + CUSTOMERS_AT_ONCE + 1]
            own = slice(starts[0], starts[-1])
            yield starts - starts[0], self.cell[own], self.days[own], self.contacts[own]


def _refuse_impossible(customer: Any, cell: Any, days: Floats, contacts: Floats) -> None:
    faults = {
        "without a customer": customer < 0,
        "with a cell that the design does not have": cell < 0,
        "with missing or negative days or contacts": ~((days >= 0) & (contacts >= 0)),
        "with contacts but no days": (days == 0) & (contacts > 0),
    }
    for words, rows in faults.items():
        if rows.any():
            raise DataError(f"The person-time has {int(rows.sum())} of {len(rows)} rows {words}.")


@dataclass(frozen=True, slots=True)
class Steepness:
    """How the likelihood lies at given coefficients: its logarithm, first derivatives (score), minus the second."""

    log_likelihood: float
    score: Floats
    information: Floats
    contacts: float

    def __add__(self, other: Steepness) -> Steepness:
        return Steepness(
            self.log_likelihood + other.log_likelihood,
            self.score + other.score,
            self.information + other.information,
            self.contacts + other.contacts,
        )

    @classmethod
    def nothing(cls, terms: int) -> Self:
        """The sums over nobody."""
        return cls(0.0, np.zeros(terms), np.zeros((terms, terms)), 0.0)


@dataclass(frozen=True, slots=True)
class Scatter:
    """How customers differ at given coefficients; terms as in the design. Sums of parts are added by `+`.

    sandwich: sum over customers of score times score; squares: sum over customers of their own information about each
    term, squared.
    """

    sandwich: Floats
    squares: Floats
    customers: int

    def __add__(self, other: Scatter) -> Scatter:
        return Scatter(self.sandwich + other.sandwich, self.squares + other.squares, self.customers + other.customers)

    def effective_customers(self, information: Floats) -> Floats:
        """How many equally telling customers each term rests on (Kish); 0 where none says anything."""
        own = np.diag(information)
        return np.where(self.squares > 0, own**2 / np.where(self.squares > 0, self.squares, 1.0), 0.0)

    @classmethod
    def nothing(cls, terms: int) -> Self:
        """The sums over nobody."""
        return cls(np.zeros((terms, terms)), np.zeros(terms), 0)


def steepness(
    person_time: PersonTime, design: Floats, coefficients: Floats, *, adding: Flags | None = None
) -> Steepness:
    """The likelihood at `coefficients` (log rate ratios); `design` is cells x terms, `adding` as in `rates_at`.

    Where terms add, the information is the expected one (the scores' covariance), as in Fisher's scoring.
    """
    slopes, log_rates = rates_at(design, coefficients, adding=adding)
    total = Steepness.nothing(design.shape[1])
    for part in _expected(person_time, slopes, log_rates):
        surplus = part.contacts_by_cell - part.expected_by_cell
        information = _product(slopes, part.expected_by_cell) - _product(part.mean, part.own)
        total += Steepness(part.log_likelihood, _times(slopes.T, surplus), information, float(part.own.sum()))
    return total


def scatter(person_time: PersonTime, design: Floats, coefficients: Floats, *, adding: Flags | None = None) -> Scatter:
    """The customers' scatter at `coefficients`, as in `steepness`."""
    slopes, log_rates = rates_at(design, coefficients, adding=adding)
    total = Scatter.nothing(design.shape[1])
    for part in _expected(person_time, slopes, log_rates):
        scores = part.made @ slopes - part.own[:, None] * part.mean
        own_information = part.own[:, None] * (part.shares @ slopes**2 - part.mean**2)
        total += Scatter(
            sandwich=_product(scores, np.ones(len(scores))),
            squares=(np.maximum(own_information, 0.0) ** 2).sum(0),
            customers=len(scores),
        )
    return total


def _product(x: Floats, weight: Floats) -> Floats:
    """x' diag(weight) x, by blocks of rows too small for the linear algebra to spread over threads.

    Thousands of products of a few dozen columns otherwise have threads wait for each other, at ten times the cost.
    """
    terms = x.shape[1]
    rows = max(ONE_THREAD // max(terms, 1) ** 2, 1)
    full = len(x) // rows * rows
    weighted = x * weight[:, None]
    blocks = (full // rows, rows, terms)
    left, right = x[:full].reshape(blocks), weighted[:full].reshape(blocks)
    whole = (left.transpose(0, 2, 1) @ right).sum(axis=0)
    return whole + x[full:].T @ weighted[full:]


def _times(matrix: Floats, vector: Floats) -> Floats:
    """matrix times vector on this thread alone: the linear algebra would wake others, which then spin for nothing."""
    return np.asarray(np.einsum("ij,j->i", matrix, vector))


def rates_at(design: Floats, coefficients: Floats, *, adding: Flags | None = None) -> tuple[Floats, Floats]:
    """Slopes by coefficient (cells x terms) and logarithms of the cells' rates.

    Rates multiply, but those of `adding` terms add what each brings above the customer's own rate: two bands of ratios
    15 and 6 together make 1 + 14 + 5 = 20 times the rate, not 90.
    """
    if adding is None or not adding.any():
        return design, _times(design, coefficients)
    x, ratios = design[:, adding], np.exp(coefficients[adding])
    total = np.maximum(1 + _times(x, ratios - 1), SMALLEST)
    slopes = design.copy()
    slopes[:, adding] = x * ratios / total[:, None]
    return slopes, _times(design[:, ~adding], coefficients[~adding]) + np.log(total)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some customers: contacts, where they made them and where they were expected (customers x cells), mean slopes."""

    log_likelihood: float
    own: Floats
    made: Any
    shares: Any
    mean: Floats
    contacts_by_cell: Floats
    expected_by_cell: Floats


def _expected(person_time: PersonTime, slopes: Floats, log_rates: Floats) -> Iterator[_Part]:
    from scipy.sparse import csr_array

    rates = np.exp(log_rates)
    for starts, cell, days, contacts in person_time.parts():
        weight = days * rates[cell]
        own = np.add.reduceat(contacts, starts[:-1])
        sizes = np.diff(starts)
        share = weight / np.repeat(np.add.reduceat(weight, starts[:-1]), sizes)
        shape = (len(own), len(slopes))
        shares = csr_array((share, cell, starts), shape=shape)
        seen = np.flatnonzero(contacts)
        yield _Part(
            log_likelihood=float((contacts[seen] * np.log(share[seen])).sum()),
            own=own,
            made=csr_array((contacts, cell, starts), shape=shape),
            shares=shares,
            mean=shares @ slopes,
            contacts_by_cell=np.bincount(cell, contacts, minlength=len(slopes)).astype(float),
            expected_by_cell=np.bincount(cell, share * np.repeat(own, sizes), minlength=len(slopes)).astype(float),
        )
