"""What reasons truly are, where codes are often wrong and an audit of some contacts tells what they were about.

The audit comes from the very contacts that are corrected; for one from elsewhere see `inversion`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError, unknown_choice
from rootcause_lib.statistics.clustering import small_sample_factor, stable_design_effect
from rootcause_lib.statistics.intervals import Floats, floats, normal_critical, student_critical, wilson_of_share

Drawn = Literal["at_random", "by_code"]
"""How contacts were chosen for the audit: all with one chance, or more of some codes than of others."""

FEWEST = 5
"""Codes with fewer audited contacts than this are one stratum together."""

PRIOR_CONTACTS = 2.0
"""How many contacts of the typical kind the variance within a code is given, since two alike are not certainty."""

SHARE_COLUMNS = ("reason", "coded_share", "value", "low", "high", "standard_error", "audited", "found", "explained")


@dataclass(frozen=True, slots=True)
class Corrected:
    """`shares`, one row per reason (`SHARE_COLUMNS`), and what they rest on.

    `coded_share` is the naive share by codes, `value` the corrected one with its limits. `audited` counts audited
    contacts with that code, `found` those found to be about that reason; `explained` is the part of the reason's
    variance that the codes explain (what `audit_size` asks for; NaN where not known). `contacts` were audited in all,
    `left_out` could not be used; `unaudited` is the share of all contacts whose code has no audited contact: limits
    allow that all or none of those were about the reason.
    """

    shares: pd.DataFrame
    contacts: int
    left_out: int
    unaudited: float
    method: str


@dataclass(frozen=True, slots=True)
class _Audit:
    """Audited contacts: place of the stratum, customer, and weights by reason (contacts by reasons)."""

    stratum: npt.NDArray[np.int64]
    customer: npt.NDArray[np.int64] | None
    found: Floats
    left_out: int


def corrected_shares(
    audit: pd.DataFrame, coded: pd.Series, *, drawn: Drawn = "at_random", level: float = 0.95
) -> Corrected:
    """Shares of reasons, post-stratified by the code given: sum over codes of (share of the code) x P(reason | code).

    `audit`: one row per audited contact with `code` (as given) and `truth` (as found); for several topics of a contact
    several rows with the same `unit` and, if wanted, `weight`; `customer` (optional) makes limits robust to customers
    who were audited twice. `coded`: number of contacts by code, all of the population.

    Double sampling (Tenenbein 1970, JASA 65: 1350; Cochran, Sampling Techniques, section 12.2): delta-method variance
    within codes plus that of the codes' shares, with `PRIOR_CONTACTS` in each code; Wilson's interval on the effective
    number of contacts, by Student's t. An audit drawn "by_code" leaves codes it never saw unknown; one drawn
    "at_random" lends them what codes of fewer than `FEWEST` audited contacts were found to be, which leans towards the
    typical mix where the whole audit has under some 50 contacts. Raises DataError for an audit without usable
    contacts, with codes that `coded` lacks, or with missing columns.
    """
    if drawn not in get_args(Drawn):
        raise ParameterError(unknown_choice("drawn", drawn, get_args(Drawn)))
    population = coded[coded > 0].astype(float)
    rows = _rows(audit, population)
    reasons = sorted(set(population.index) | set(rows["truth"].dropna()), key=str)
    strata = _strata(rows, population, drawn=drawn)
    seen = _audited(rows, strata, reasons)
    sizes = floats(population.groupby(strata).sum() / population.sum())
    frame = _shares(seen, sizes, total=float(population.sum()), level=level)
    units = rows.drop_duplicates("unit")
    by_code = units.loc[units["truth"].notna(), "code"].value_counts()
    frame.insert(0, "reason", pd.Series(reasons, dtype=object))
    frame.insert(1, "coded_share", (population / population.sum()).reindex(reasons, fill_value=0.0).to_numpy())
    frame["audited"] = by_code.reindex(reasons, fill_value=0).to_numpy()
    unaudited = float(sizes[np.bincount(seen.stratum, minlength=len(sizes)) == 0].sum())
    method = "post_stratified"
    return Corrected(frame[list(SHARE_COLUMNS)], len(seen.stratum), seen.left_out, unaudited, method)


def audit_size(
    half_width: float, *, share: float = 0.5, explained: float = 0.0, design_effect: float = 1.0, level: float = 0.95
) -> int:
    """How many contacts to audit at random to know a reason's corrected share to +- `half_width` (0.03: points).

    n = z^2 share (1 - share) (1 - explained) / half_width^2, times what customers who are alike cost. `share` is the
    expected one (0.5 is safe), `explained` the part of the variance that codes explain (from a first audit:
    `Corrected.shares`; 0 is safe). Raises ParameterError for values that make no sense.
    """
    fit = 0 < half_width < 1 and 0 < share < 1 and 0 <= explained < 1 and design_effect >= 1
    if not fit:
        raise ParameterError(
            "audit_size needs 0 < half_width < 1, 0 < share < 1, 0 <= explained < 1 and design_effect >= 1; given "
            f"{half_width}, {share}, {explained}, {design_effect}."
        )
    needed = (normal_critical(level) / half_width) ** 2 * share * (1 - share) * (1 - explained) * design_effect
    return math.ceil(needed - 1e-9)


def _rows(audit: pd.DataFrame, population: pd.Series) -> pd.DataFrame:
    """The audit with all its columns, checked against the codes there are."""
    if missing := [column for column in ("code", "truth") if column not in audit.columns]:
        raise DataError(f"The audit lacks {', '.join(missing)}; it has {', '.join(map(str, audit.columns))}.")
    rows = audit.assign(
        unit=audit["unit"] if "unit" in audit.columns else np.arange(len(audit)),
        weight=audit["weight"].astype(float) if "weight" in audit.columns else 1.0,
    )
    if unknown := int((~rows["code"].isin(population.index)).sum()):
        raise DataError(
            f"{unknown} of {len(rows)} rows of the audit have a code that no contact of the period has. Audit contacts "
            "of the period itself, or correct by an audit from elsewhere (inverted_shares)."
        )
    if not (rows["weight"] > 0).all() or rows.groupby("unit")["code"].nunique().gt(1).any():
        raise DataError("Each audited contact needs one code, and each of its topics a weight above 0.")
    if rows["truth"].isna().all():
        raise DataError("The audit has no contact whose reason was found; fill in 'truth' first.")
    return rows


def _strata(rows: pd.DataFrame, population: pd.Series, *, drawn: Drawn) -> pd.Series:
    """Place of each code's stratum; thin codes share the last one."""
    audited = rows[rows["truth"].notna()].groupby("code")["unit"].nunique().reindex(population.index, fill_value=0)
    thin = audited < FEWEST if drawn == "at_random" else pd.Series(False, index=population.index)
    places = (~thin).cumsum() - 1
    return places.where(~thin, (~thin).sum()).astype(np.int64)


def _audited(rows: pd.DataFrame, strata: pd.Series, reasons: list[Any]) -> _Audit:
    known = rows[rows["truth"].notna()]
    units, place = np.unique(known["unit"].to_numpy(), return_inverse=True)
    found = np.zeros((len(units), len(reasons)))
    np.add.at(found, (place, pd.Index(reasons).get_indexer(known["truth"])), known["weight"].to_numpy())
    first = known.assign(place=place).drop_duplicates("place").sort_values("place")
    customer = None
    if "customer" in rows.columns:
        # A contact without a customer is somebody of their own.
        alone = -1 - np.arange(len(first))
        named = pd.factorize(first["customer"])[0]
        customer = np.unique(np.where(named < 0, alone, named), return_inverse=True)[1]
    return _Audit(
        stratum=strata.reindex(first["code"]).to_numpy(dtype=np.int64),
        customer=customer,
        found=found / found.sum(axis=1, keepdims=True),
        left_out=int(rows["unit"].nunique() - len(units)),
    )


def _shares(seen: _Audit, sizes: Floats, *, total: float, level: float) -> pd.DataFrame:
    """Value, limits, standard error, found and explained by reason."""
    number = np.bincount(seen.stratum, minlength=len(sizes)).astype(float)
    audited = number > 0
    unknown = sizes[~audited].sum()
    weight = np.where(audited, sizes / (1 - unknown), 0.0)
    sums = np.zeros((len(sizes), seen.found.shape[1]))
    np.add.at(sums, seen.stratum, seen.found)
    per = np.where(audited, number, 1.0)[:, None]
    within = sums / per
    value = weight @ within
    held = (sums + PRIOR_CONTACTS * value) / (number[:, None] + PRIOR_CONTACTS)
    inside = held * (1 - held)
    by_audit = (weight**2)[:, None] * inside / per
    between = np.maximum(weight @ within**2 - value**2, 0)
    variance = by_audit.sum(axis=0) * _design_effect(seen, weight, within, per) + between / total
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(variance > 0, value * (1 - value) / variance, number.sum())
        explained = 1 - (weight @ inside) / (value * (1 - value))
    people = len(np.unique(seen.customer)) if seen.customer is not None else len(seen.stratum)
    critical = student_critical(level, degrees=people - audited.sum())
    limits = wilson_of_share(value, np.where(value > 0, effective, number.sum()), critical=critical)
    return pd.DataFrame(
        {
            "value": value,
            "low": limits.low * (1 - unknown),
            "high": limits.high * (1 - unknown) + unknown,
            "standard_error": np.sqrt(variance),
            "found": seen.found.sum(axis=0),
            "explained": np.clip(explained, 0, 1),
        }
    )


def _design_effect(seen: _Audit, weight: Floats, within: Floats, per: Floats) -> Floats:
    """What customers audited more than once cost, by reason; 1 where customers are not known."""
    if seen.customer is None:
        return np.ones(seen.found.shape[1])
    moved = (weight[:, None] / per)[seen.stratum] * (seen.found - within[seen.stratum])
    each = np.zeros((seen.customer.max() + 1, moved.shape[1]))
    np.add.at(each, seen.customer, moved)
    contacts = np.bincount(seen.customer).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = small_sample_factor(len(contacts)) * (each**2).sum(axis=0) / (moved**2).sum(axis=0)
    worst = (contacts**2).sum() / contacts.sum()
    return stable_design_effect(observed, worst, events=seen.found.sum(axis=0))
