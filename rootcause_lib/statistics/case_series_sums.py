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
class CaseSeriesSums:
    """What customers add up to at given coefficients; terms as in the design. Sums of parts are added by `+`.

    score: first derivatives; information: minus the second; sandwich: sum over customers of score times score;
    squares: sum over customers of their own information about each term, squared.
    """

    log_likelihood: float
    score: Floats
    information: Floats
    sandwich: Floats
    squares: Floats
    customers: int
    contacts: float

    def __add__(self, other: CaseSeriesSums) -> CaseSeriesSums:
        return CaseSeriesSums(
            log_likelihood=self.log_likelihood + other.log_likelihood,
            score=self.score + other.score,
            information=self.information + other.information,
            sandwich=self.sandwich + other.sandwich,
            squares=self.squares + other.squares,
            customers=self.customers + other.customers,
            contacts=self.contacts + other.contacts,
        )

    def effective_customers(self) -> Floats:
        """How many equally telling customers each term rests on (Kish); 0 where none says anything."""
        own = np.diag(self.information)
        return np.where(self.squares > 0, own**2 / np.where(self.squares > 0, self.squares, 1.0), 0.0)

    @classmethod
    def nothing(cls, terms: int) -> Self:
        """The sums over nobody."""
        square = np.zeros((terms, terms))
        return cls(0.0, np.zeros(terms), square, square.copy(), np.zeros(terms), 0, 0.0)


def case_series_sums(
    person_time: PersonTime, design: Floats, coefficients: Floats, *, adding: Flags | None = None
) -> CaseSeriesSums:
    """The sums at `coefficients` (log rate ratios); `design` is cells x terms, `adding` as in `rates_at`.

    Where terms add, the information is the expected one (the scores' covariance), as in Fisher's scoring.
    """
    slopes, log_rates = rates_at(design, coefficients, adding=adding)
    total = CaseSeriesSums.nothing(design.shape[1])
    for part in _expected(person_time, slopes, log_rates):
        scores = part.scores
        information = slopes.T @ (part.expected_by_cell[:, None] * slopes)
        information -= part.mean.T @ (part.own[:, None] * part.mean)
        total += CaseSeriesSums(
            log_likelihood=part.log_likelihood,
            score=scores.sum(0),
            information=information,
            sandwich=scores.T @ scores,
            squares=(np.maximum(part.square - part.own[:, None] * part.mean**2, 0.0) ** 2).sum(0),
            customers=len(scores),
            contacts=float(part.own.sum()),
        )
    return total


def rates_at(design: Floats, coefficients: Floats, *, adding: Flags | None = None) -> tuple[Floats, Floats]:
    """Slopes by coefficient (cells x terms) and logarithms of the cells' rates.

    Rates multiply, but those of `adding` terms add what each brings above the customer's own rate: two bands of ratios
    15 and 6 together make 1 + 14 + 5 = 20 times the rate, not 90.
    """
    if adding is None or not adding.any():
        return design, design @ coefficients
    x, ratios = design[:, adding], np.exp(coefficients[adding])
    total = np.maximum(1 + x @ (ratios - 1), SMALLEST)
    slopes = design.copy()
    slopes[:, adding] = x * ratios / total[:, None]
    return slopes, design[:, ~adding] @ coefficients[~adding] + np.log(total)


@dataclass(frozen=True, slots=True)
class _Part:
    log_likelihood: float
    own: Floats
    mean: Floats
    square: Floats
    scores: Floats
    expected_by_cell: Floats


def _expected(person_time: PersonTime, slopes: Floats, log_rates: Floats) -> Iterator[_Part]:
    """For parts of the customers: their contacts, mean and mean square of the slopes, score; contacts by cell."""
    from scipy.sparse import csr_array

    for starts, cell, days, contacts in person_time.parts():
        weight = days * np.exp(log_rates[cell])
        own = np.add.reduceat(contacts, starts[:-1])
        sizes = np.diff(starts)
        share = weight / np.repeat(np.add.reduceat(weight, starts[:-1]), sizes)
        expected = share * np.repeat(own, sizes)
        shape = (len(own), len(slopes))
        shares = csr_array((share, cell, starts), shape=shape)
        mean = shares @ slopes
        scores = csr_array((contacts, cell, starts), shape=shape) @ slopes - own[:, None] * mean
        seen = contacts > 0
        yield _Part(
            log_likelihood=float(contacts[seen] @ np.log(share[seen])),
            own=own,
            mean=mean,
            square=own[:, None] * (shares @ slopes**2),
            scores=scores,
            expected_by_cell=np.bincount(cell, expected, minlength=len(slopes)).astype(float),
        )
