"""How many contacts each process accounts for: rate ratios turned into counts that add up, and their dose-response.

A contact made at rate ratio R would have come anyway with probability 1/R, so n contacts hold n (1 - 1/R) that
something caused. Where processes overlap their fractions sum to more than all of it, so each cell's caused contacts
are divided by Shapley's value: the mean of what a process adds over all orders of adding processes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError, listed, unknown_choice
from rootcause_lib.statistics.case_series_sums import SMALLEST
from rootcause_lib.statistics.intervals import Floats, student_critical
from rootcause_lib.statistics.self_controlled import CaseSeries

TOGETHER, UNEXPLAINED = "all", "unexplained"
Target = Literal["period", "expected"]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample of customers in place of all: their person-time (as for `fit_case_series`), and by how much more
    contacts all of them made."""

    parts: Sequence[pd.DataFrame]
    expansion: float

    def spread(self, shares: Floats, cells: pd.Index, mean: Floats) -> Floats:
        """Sum over customers of what they differ from the mean, squared: their caused contacts (shares is quantities x
        cells) less `mean` times their contacts."""
        from scipy.sparse import csr_array

        total = np.zeros(len(shares))
        for part in self.parts:
            rows = part[part["contacts"] > 0]
            customer, names = pd.factorize(rows["customer_key"])
            at = (customer, cells.get_indexer(pd.Index(rows["cell"])))
            own = csr_array((rows["contacts"].to_numpy(dtype=float), at), shape=(len(names), len(cells)))
            total += ((own @ (shares - mean[:, None]).T) ** 2).sum(axis=0)
        return total


def attributable(
    series: CaseSeries,
    design: pd.DataFrame,
    contacts: pd.Series,
    *,
    processes: Mapping[str, Sequence[str]],
    instead: Mapping[str, str] | None = None,
    target: Target = "period",
    level: float = 0.95,
    sample: Sample | None = None,
) -> pd.DataFrame:
    """Contacts that would not have come: one row per process, then `all` (their sum) and `unexplained` (the rest).

    contacts: all contacts by cell (the design's index), of everybody watched, not only of those who carry
    information. processes: the terms of each. instead: term -> the term that a normal event would have set, such as
    wrong invoice -> right invoice of the same days; what a normal event brings is then not counted (eliminable
    contacts). A negative number (an event that keeps people from calling) is shown.

    target="period": the interval is for this period's own caused contacts, known only up to which ones would have come
    anyway; "expected": for the number to be expected in a period like this one, which is less sure. Both rest on the
    full robust covariance of all rate ratios.

    sample: where the person-time is of a random sample of customers; `contacts` are then the sample's times its
    expansion, and the intervals also hold what another sample would have given.

    Columns: process, exposed_contacts, contacts, low, high, standard_error, share (of all contacts), left_out
    (contacts in bands whose rate ratio is not told: of too few customers or infinite; they are not attributed), reason.
    A process whose terms can't be told from other terms is NaN; `all` is told where the data tell the sum.
    """
    if target not in ("period", "expected"):
        raise ParameterError(unknown_choice("target", target, ("period", "expected")))
    n = contacts.reindex(design.index).to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(n).any() or len(contacts) != len(design):
        raise DataError("The contacts by cell and the design have different cells.")
    effects, left_out = _effects(series, design, processes, instead or {})
    every = [term for terms in processes.values() for term in terms]
    if set(every) <= set(series.adding):
        shares, slopes = _added(series, design, effects)
    elif set(every) & set(series.adding):
        raise ParameterError("Some of these terms add and some multiply; fit all of them one way to divide contacts.")
    else:
        shares, slopes = _shapley(effects, series.coefficients)
    shares, slopes = np.vstack([shares, shares.sum(0)]), np.concatenate([slopes, slopes.sum(0)[None]])
    left_out = np.vstack([left_out, left_out.any(axis=0)])
    spread = np.zeros(len(shares)) if sample is None else sample.spread(shares, design.index, _mean(shares, n))
    rows = []
    for at, (name, terms) in enumerate([*processes.items(), (TOGETHER, every)]):
        exposed = design[list(terms)].to_numpy(dtype=float).any(axis=1)
        drawn = (1.0, 0.0) if sample is None else (sample.expansion, float(spread[at]))
        part = _Counted(n * exposed, shares[at], slopes[at], n * left_out[at], *drawn)
        rows.append({"process": name} | _row(series, part, terms, target=target, level=level))
    table = pd.DataFrame([*rows, _rest(rows[-1], float(n.sum()))])
    return table.assign(share=table["contacts"] / n.sum() if n.sum() > 0 else np.nan)[list(COLUMNS)]


COLUMNS = (
    "process", "exposed_contacts", "contacts", "low", "high", "standard_error", "share", "left_out", "reason",
)  # fmt: skip


def _mean(shares: Floats, contacts: Floats) -> Floats:
    return shares @ contacts / max(float(contacts.sum()), 1e-300)


def _effects(
    series: CaseSeries, design: pd.DataFrame, processes: Mapping[str, Sequence[str]], instead: Mapping[str, str]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What makes up each process's log rate ratio, processes x cells x terms, and cells with a band not told."""
    names = [term for terms in processes.values() for term in terms]
    if twice := sorted({term for term in names if names.count(term) > 1}):
        raise ParameterError(f"Terms belong to one process each; {listed(twice)} stand under several.")
    series.positions([*names, *instead, *instead.values()])
    effects = np.zeros((len(processes), len(design), len(series.terms)))
    left_out = np.zeros((len(processes), len(design)), dtype=bool)
    for process, terms in enumerate(processes.values()):
        for term in terms:
            at = series.positions([term, *([instead[term]] if term in instead else [])])
            x = design[term].to_numpy(dtype=float)
            usable = [series.reasons[position] in ("", "collinear") for position in at]
            if not all(usable):
                left_out[process] |= x != 0
                continue
            for sign, position in zip((1.0, -1.0), at, strict=False):
                effects[process, :, position] += sign * x
    return effects, left_out


def _shapley(effects: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    """Each process's share of a cell's contacts, processes x cells, and its slopes by coefficient.

    The game is 1 less a product, so Shapley's value is an integral (Owen 1972, Management Science 18: P64):
    (1 - r_k) times the integral over t from 0 to 1 of the product over the others of 1 - t + t r_j, with r = 1/R.
    Eight Gauss nodes are exact up to sixteen overlapping processes.
    """
    remaining = np.exp(-np.clip(effects @ coefficients, -60, 60))
    mixed = 1 - _NODES[:, None, None] * (1 - remaining)
    shares = np.zeros(remaining.shape)
    slopes = np.zeros(effects.shape)
    for k in range(len(effects)):
        others = mixed.prod(axis=1) / mixed[:, k]
        together = np.einsum("q,qc->c", _WEIGHTS, others)
        shares[k] = (1 - remaining[k]) * together
        slopes[k] += (remaining[k] * together)[:, None] * effects[k]
        for j in range(len(effects)):
            if j != k:
                falls = np.einsum("q,qc->c", _WEIGHTS * _NODES, others / mixed[:, j]) * (1 - remaining[k])
                slopes[k] -= (falls * remaining[j])[:, None] * effects[j]
    return shares, slopes


def _added(series: CaseSeries, design: pd.DataFrame, effects: Floats) -> tuple[Floats, Floats]:
    """The same where excesses add: a process's share is its own excess over the cell's rate, with nothing to divide."""
    usable = [name for name, reason in zip(series.terms, series.reasons, strict=True) if reason in ("", "collinear")]
    ratios = np.exp(np.clip(series.coefficients, -60, 60))
    held = np.zeros((len(design), len(ratios)))
    for at, name in enumerate(series.terms):
        if name in usable and name in series.adding:
            held[:, at] = design[name].to_numpy(dtype=float)
    total = np.maximum(1 + held @ (ratios - 1), SMALLEST)
    shares = effects @ (ratios - 1) / total
    slopes = (effects - shares[:, :, None] * held) * ratios / total[:, None]
    return shares, slopes


@dataclass(frozen=True, slots=True)
class _Counted:
    """Contacts in the cells concerned, their caused share with its slopes, contacts in bands not told; of a sample, its
    expansion and spread."""

    exposed: Floats
    share: Floats
    slopes: Floats
    left_out: Floats
    expansion: float
    spread: float


def _row(
    series: CaseSeries, part: _Counted, terms: Sequence[str], *, target: Target, level: float
) -> dict[str, object]:
    n, exposed, left_out = part.exposed, float(part.exposed.sum()), float(part.left_out.sum())
    caused, slope = float(n @ part.share), n @ part.slopes
    told = {"exposed_contacts": exposed, "left_out": left_out, "reason": _untold(series, slope, terms)}
    if told["reason"]:
        return told | dict.fromkeys(("contacts", "low", "high", "standard_error"), np.nan)
    robust, model = (float(slope @ v @ slope) for v in (series.covariance, series.model_covariance))
    # Follow-ups clump the contacts that would have come anyway as much as they clump the estimate.
    clumping = max(robust / model, 1.0) if model > 0 else 1.0
    s = part.share
    luck = np.abs(s) * (1 - s) if target == "period" else np.abs(s) * (2 - s)
    error = float(np.sqrt(robust + clumping * max(float(n @ luck), 0.0)))
    # Which customers were drawn, and the luck of theirs taken for everybody's.
    drawn = part.expansion * (part.expansion - 1) * part.spread
    drawn += 2 * (part.expansion - 1) * clumping * float(n @ (np.abs(s) * np.maximum(1 - s, 0.0)))
    low, high = _limits(caused, exposed - caused, error, float(np.sqrt(drawn)), _critical(series, terms, level))
    return told | {"contacts": caused, "low": low, "high": high, "standard_error": float(np.hypot(error, drawn**0.5))}


def _critical(series: CaseSeries, terms: Sequence[str], level: float) -> float:
    """Student's, with the terms' degrees of freedom weighted by their contacts."""
    at = series.positions(terms)
    weight = np.where([series.reasons[i] == "" for i in at], series.band_contacts[at], 0.0)
    degrees = float(weight @ series.degrees[at] / weight.sum()) if weight.sum() > 0 else 1.0
    return float(student_critical(level, degrees=max(degrees, 1.0)))


def _limits(caused: float, anyway: float, error: float, drawn: float, critical: float) -> tuple[float, float]:
    """Limits of the caused contacts: what would have come anyway cannot be negative, whereas how many contacts were
    exposed at all is known of everybody, or up to the sample's error."""
    reach = critical * error
    below = above = reach
    if anyway > 0:
        below, above = anyway * np.expm1(min(reach / anyway, 700)), -anyway * np.expm1(-reach / anyway)
    return caused - float(np.hypot(below, critical * drawn)), caused + float(np.hypot(above, critical * drawn))


def _untold(series: CaseSeries, slope: Floats, terms: Sequence[str]) -> str:
    """Why the number is not told: it depends on what the data say nothing about, or no term of it is told."""
    reasons = [series.reasons[position] for position in series.positions(terms)]
    if np.abs(slope @ series.unknown).max(initial=0.0) > 1e-6 * np.abs(slope).max(initial=0.0) * _length(series):
        return "collinear"
    usable = [reason for reason in reasons if reason in ("", "collinear")]
    return "" if usable else next((reason for reason in reasons if reason), "no_contacts")


def _length(series: CaseSeries) -> float:
    return float(np.abs(series.unknown).max(initial=1.0))


def _rest(whole: Mapping[str, object], total: float) -> dict[str, object]:
    """All contacts less those accounted for."""
    return {
        "process": UNEXPLAINED,
        "exposed_contacts": total,
        "contacts": total - float(whole["contacts"]),  # type: ignore[arg-type]
        "low": total - float(whole["high"]),  # type: ignore[arg-type]
        "high": total - float(whole["low"]),  # type: ignore[arg-type]
        "standard_error": whole["standard_error"],
        "left_out": whole["left_out"],
        "reason": whole["reason"],
    }
