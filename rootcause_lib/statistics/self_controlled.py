"""Self-controlled case series: how much more often the same customers make contact while something is going on.

Every customer is their own baseline, so busy and quiet customers cannot be confused with what happened to them. All
processes are fitted together by conditional Poisson regression (Farrington 1995, Biometrics 51: 228; Whitaker,
Farrington, Spiessens and Musonda 2006, Stat. Med. 25: 1768), with errors robust to follow-up contacts by customer.
What the data cannot tell is NaN with a reason, never a wide guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.statistics.case_series_sums import (
    PersonTime,
    Scatter,
    Steepness,
    scatter,
    steepness,
)
from rootcause_lib.statistics.clustering import small_sample_factor
from rootcause_lib.statistics.intervals import Floats, student_critical

Errors = Literal["customer", "model"]

REASONS = ("", "no_contacts", "no_variation", "collinear", "separated", "too_few", "not_converged")
"""Why a rate ratio is not told; "" where it is. No contact in the band; no customer both inside and outside of it;
not to be told apart from other terms; infinite by these data; resting on one customer; no answer found."""

FEWEST = 1.9
"""Effective customers of a term below which it is not told."""
STEPS = 60
GONE = -30.0
"""Log rate ratio of a band without a contact: its days then count for nothing, which is the likelihood's limit."""
ALIKE, FLAT = 1e-9, 1e-4
"""Information in a direction, relative to its terms' own and to that at no effect, below which nothing is told."""


@dataclass(frozen=True, slots=True)
class JointTest:
    """Whether all of several log rate ratios are zero: Wald's F with robust covariance. NaN with a reason if untold."""

    statistic: float
    terms: int
    degrees: float
    p_value: float
    reason: str


@dataclass(frozen=True, slots=True)
class CaseSeries:
    """Log rate ratios of all terms with their covariances, and what they rest on.

    `coefficients` and covariances are finite also where `reasons` says a term is not told, so that what is told of
    several terms together stays right; read single terms through `rate_ratios`. `unknown` spans the directions
    (terms x directions) that the data say nothing about; `adding` names the terms whose excesses add. Only
    `customers` carried information: those with a contact and more than one kind of time, of `customers_with_contacts`
    and of `customers_seen` in the person-time given.
    """

    terms: tuple[str, ...]
    adding: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    degrees: Floats
    reasons: tuple[str, ...]
    unknown: Floats
    band_contacts: Floats
    band_days: Floats
    customers: int
    customers_with_contacts: int
    customers_seen: int
    contacts: float
    contacts_seen: float
    log_likelihood: float

    def rate_ratios(self, *, level: float = 0.95, errors: Errors = "customer") -> pd.DataFrame:
        """One row per term: term, rate_ratio, low, high, standard_error (of the logarithm), degrees, contacts,
        person_days (both of customers who carry information), reason. NaN where a reason stands.

        `errors="model"` takes contacts of a customer as independent, as published analyses of rare events do.
        """
        error = np.sqrt(np.diag(self.chosen_covariance(errors)))
        degrees = self.degrees if errors == "customer" else np.full(len(self.terms), 1e9)
        told = np.array([not reason for reason in self.reasons], dtype=bool)
        reach = student_critical(level, degrees=np.maximum(degrees, 1.0)) * error
        values = {
            "rate_ratio": np.exp(self.coefficients),
            "low": np.exp(np.maximum(self.coefficients - reach, -700)),
            "high": np.exp(np.minimum(self.coefficients + reach, 700)),
            "standard_error": error,
            "degrees": degrees,
        }
        table = pd.DataFrame({"term": self.terms} | {name: np.where(told, x, np.nan) for name, x in values.items()})
        return table.assign(contacts=self.band_contacts, person_days=self.band_days, reason=self.reasons)

    def joint_test(self, terms: Sequence[str]) -> JointTest:
        """Whether these terms are all without effect; NaN if any of them is not told."""
        from scipy.stats import f

        at = self.positions(terms)
        reason = next((self.reasons[i] for i in at if self.reasons[i]), "" if at else "no_variation")
        degrees = float(self.degrees[at].min()) if at else np.nan
        if reason:
            return JointTest(np.nan, len(at), degrees, np.nan, reason)
        effect = self.coefficients[at]
        statistic = float(effect @ np.linalg.pinv(self.covariance[np.ix_(at, at)], hermitian=True) @ effect) / len(at)
        return JointTest(statistic, len(at), degrees, float(f.sf(statistic, len(at), max(degrees, 1.0))), "")

    def chosen_covariance(self, errors: Errors) -> Floats:
        """Covariance of the log rate ratios, robust by customer or by the model."""
        if errors not in ("customer", "model"):
            raise ParameterError(unknown_choice("errors", errors, ("customer", "model")))
        return self.covariance if errors == "customer" else self.model_covariance

    def positions(self, terms: Sequence[str]) -> list[int]:
        """Where these terms stand; ParameterError for one that is not in the model."""
        for term in terms:
            if term not in self.terms:
                raise ParameterError(unknown_choice("term", term, self.terms))
        return [self.terms.index(term) for term in terms]


def fit_case_series(
    person_time: pd.DataFrame | Sequence[pd.DataFrame], design: pd.DataFrame, *, adding: Sequence[str] = ()
) -> CaseSeries:
    """Fit all terms together.

    person_time: rows of customer_key, cell, days, contacts, one per customer and kind of time; or several such frames,
    each with whole customers. design: one row per cell (its index), one column per term; 0 and 1 for bands, numbers
    for trends; leave out each factor's reference level. `days` may be weighted by the demand of the kind of day.
    adding: terms that bring their contacts independently of each other, so that where several hold their excesses add;
    all other rates multiply.
    """
    frames = [person_time] if isinstance(person_time, pd.DataFrame) else list(person_time)
    parts = [PersonTime.from_frame(frame, design.index) for frame in frames]
    x = design.to_numpy(dtype=float)
    contacts, days = (_by_cell(parts, name, len(x)) for name in ("contacts", "days"))
    band = x != 0
    empty = ((x >= 0).all(axis=0)) & (contacts @ band == 0)
    reasons = np.where(empty, np.where(days @ band > 0, "no_contacts", "no_variation"), "").astype(object)
    if unknown := sorted(set(adding) - set(map(str, design.columns))):
        raise ParameterError(unknown_choice("term", unknown[0], list(map(str, design.columns))))
    # An empty band multiplies by nothing: its days must not count, whatever else holds on them.
    adds = np.array([str(name) in set(adding) for name in design.columns], dtype=bool) & ~empty
    model = _Model(parts, x, adds)
    fitted = _newton(model, start=np.where(empty, GONE, 0.0), free=~empty)
    reasons = _explained(reasons, fitted)
    # One customer alone in a band has score zero there: the fewer customers, the smaller the sandwich is for its size.
    spread = model.scatter(fitted.coefficients)
    effective = spread.effective_customers(fitted.sums.information)
    widening = np.sqrt(small_sample_factor(np.maximum(effective, 1.1)))
    covariance = fitted.bread @ spread.sandwich @ fitted.bread * np.outer(widening, widening)
    return CaseSeries(
        terms=tuple(map(str, design.columns)),
        adding=tuple(adding),
        coefficients=fitted.coefficients,
        covariance=covariance,
        model_covariance=fitted.bread,
        degrees=effective - 1,
        reasons=tuple(np.where((reasons == "") & (effective < FEWEST), "too_few", reasons)),
        unknown=fitted.unknown,
        band_contacts=contacts @ band,
        band_days=days @ band,
        customers=spread.customers,
        customers_with_contacts=sum(part.customers_with_contacts for part in parts),
        customers_seen=sum(part.customers_seen for part in parts),
        contacts=float(contacts.sum()),
        contacts_seen=sum(part.contacts_seen for part in parts),
        log_likelihood=fitted.sums.log_likelihood,
    )


@dataclass(frozen=True, slots=True)
class _Model:
    parts: Sequence[PersonTime]
    x: Floats
    adding: npt.NDArray[np.bool_]

    @property
    def size(self) -> Floats:
        return np.abs(self.x).max(axis=0, initial=0.0)

    def sums(self, beta: Floats) -> Steepness:
        nothing = Steepness.nothing(self.x.shape[1])
        return sum((steepness(part, self.x, beta, adding=self.adding) for part in self.parts), nothing)

    def scatter(self, beta: Floats) -> Scatter:
        nothing = Scatter.nothing(self.x.shape[1])
        return sum((scatter(part, self.x, beta, adding=self.adding) for part in self.parts), nothing)


@dataclass(frozen=True, slots=True)
class _Fitted:
    coefficients: Floats
    bread: Floats
    sums: Steepness
    alone: np.ndarray[tuple[int], np.dtype[np.bool_]]
    alike: Floats
    separated: Floats
    converged: bool

    @property
    def unknown(self) -> Floats:
        return np.hstack([self.alike, self.separated])


def _newton(model: _Model, *, start: Floats, free: np.ndarray) -> _Fitted:
    """Newton's steps in coordinates where the information at no effect is the identity.

    Directions that are flat at no effect are never entered (terms alike); directions that become flat on the way are
    left (the likelihood rises for ever: separated). The rest is a concave function with a maximum.
    """
    beta = start.copy()
    sums = model.sums(beta)
    axes, alike, alone = _axes(sums.information, free)
    converged = False
    for _ in range(STEPS):
        curvature, turned = np.linalg.eigh(axes.T @ sums.information @ axes)
        good = curvature > FLAT
        pull = turned.T @ (axes.T @ sums.score)
        step = axes @ (turned[:, good] @ (pull[good] / curvature[good]))
        converged = float(np.sum(pull[good] ** 2 / curvature[good])) < 1e-12 * max(sums.contacts, 1.0)
        # Far steps come from flat places; two on the log scale is a factor of seven.
        step *= min(1.0, 2.0 / max(float(np.abs(step * model.size).max(initial=0.0)), 1e-300))
        beta, sums = _upwards(model, beta, sums, step)
        if converged:
            break
    curvature, turned = np.linalg.eigh(axes.T @ sums.information @ axes)
    good = curvature > FLAT
    known = axes @ turned[:, good]
    return _Fitted(
        coefficients=beta,
        bread=(known / curvature[good]) @ known.T,
        sums=sums,
        alone=alone,
        alike=alike,
        separated=axes @ turned[:, ~good],
        converged=converged,
    )


def _axes(information: Floats, free: np.ndarray) -> tuple[Floats, Floats, np.ndarray]:
    """Whitening axes of the information, the directions without any, and free terms that vary within no customer."""
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    varying = free & (size > 1e-7)
    scale = np.where(varying, 1 / np.where(varying, size, 1.0), 0.0)
    at = np.flatnonzero(varying)
    roots, turned = np.linalg.eigh((information * scale[:, None] * scale[None, :])[np.ix_(at, at)])
    spread = np.zeros((len(scale), len(at)))
    spread[at] = turned * scale[at, None]
    some = roots > ALIKE * max(len(at), 1)
    return spread[:, some] / np.sqrt(roots[some]), spread[:, ~some], free & ~varying


def _upwards(model: _Model, beta: Floats, sums: Steepness, step: Floats) -> tuple[Floats, Steepness]:
    """The step, halved until the likelihood does not fall."""
    for _ in range(30):
        tried = model.sums(beta + step)
        if tried.log_likelihood >= sums.log_likelihood - 1e-9 * abs(sums.log_likelihood):
            return beta + step, tried
        step = step / 2
    return beta, sums


def _explained(reasons: np.ndarray, fitted: _Fitted) -> np.ndarray:
    """Each term's reason not to be told, the first that applies."""
    found = np.where((reasons == "") & fitted.alone, "no_variation", reasons)
    for name, directions in (("collinear", fitted.alike), ("separated", fitted.separated)):
        share = np.abs(directions) / np.maximum(np.abs(directions).max(axis=0, initial=0.0), 1e-300)
        found = np.where((found == "") & (share > 1e-3).any(axis=1), name, found)
    return found if fitted.converged else np.where(found == "", "not_converged", found)


def _by_cell(parts: Sequence[PersonTime], name: str, cells: int) -> Floats:
    counts = np.zeros(cells)
    for part in parts:
        counts += np.bincount(part.cell, getattr(part, name), minlength=cells)
    return counts
