"""Shares of reasons corrected by an audit: of the very contacts where enough were audited, else of others there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from rootcause_lib.analyses.root_cause.audited import ENOUGH_INSIDE, Audit, Population
from rootcause_lib.errors import DataError
from rootcause_lib.statistics.inversion import inverted_shares
from rootcause_lib.statistics.misclassification import corrected_shares

Untold = Literal["", "no_audit", "audit_elsewhere", "audit_not_matched"]


@dataclass(frozen=True, slots=True)
class Correction:
    """`shares` by reason (index): value, low, high, audited, found, explained; empty where `untold` says why.

    method: post_stratified (an audit of the period's contacts) or inverse_confusion (of contacts of other days).
    `contacts` were audited; `stands_for` is the part of all contacts that the audit speaks for, of the rest those keep
    their codes that no agent chose.
    """

    shares: pd.DataFrame
    method: str
    untold: Untold
    contacts: int
    stands_for: float


def correct(audit: Audit, population: Population, *, level: float) -> Correction:
    """The corrected shares of a population, as far as the audit allows."""
    inside = audit.inside
    if len(inside) < ENOUGH_INSIDE and audit.outside > 0:
        found = _from_elsewhere(audit, population, level=level)
        if found is not None or inside.empty:
            return found or _nothing("audit_elsewhere")
    if inside.empty:
        return _nothing("audit_not_matched" if audit.unmatched else "no_audit")
    return _from_within(audit, inside, population, level=level)


def _nothing(untold: Untold) -> Correction:
    columns = ["value", "low", "high", "audited", "found", "explained"]
    return Correction(pd.DataFrame(columns=columns, dtype="float64"), "none", untold, 0, 0.0)


def _from_within(audit: Audit, inside: pd.DataFrame, population: Population, *, level: float) -> Correction:
    spoken_for, kept = population.audited_part(inside), population.self_coded(inside)
    codes = spoken_for.codes()
    rows = inside.merge(audit.found, on="contact_key")
    rows = rows[rows["code"].isin(codes.index)].rename(
        columns={"reason": "truth", "contact_key": "unit", "cluster_key": "customer"}
    )
    if rows.empty:
        return _nothing("audit_not_matched")
    result = corrected_shares(rows[["unit", "code", "truth", "weight", "customer"]], codes, level=level)
    shares = _with_self_coded(result.shares.set_index("reason"), codes, kept)
    whole = float(population.table["contacts"].sum())
    return Correction(shares, result.method, "", result.contacts, float(codes.sum()) / whole)


def _from_elsewhere(audit: Audit, population: Population, *, level: float) -> Correction | None:
    """By how contacts of other days were coded; None where those say too little, so that nothing is told."""
    rows = audit.contacts.merge(audit.found, on="contact_key")
    rows = rows[rows["code"] != ""]
    table = rows.pivot_table(index="reason", columns="code", values="weight", aggfunc="sum", fill_value=0.0)
    spoken_for, kept = population.audited_part(audit.contacts), population.self_coded(audit.contacts)
    codes = spoken_for.codes().drop("", errors="ignore")
    try:
        result = inverted_shares(table, codes, level=level)
    except DataError:
        return None
    shares = _with_self_coded(result.shares.set_index("reason"), codes, kept)
    whole = float(population.table["contacts"].sum())
    return Correction(shares, result.method, "", result.contacts, float(codes.sum()) / whole)


def _with_self_coded(shares: pd.DataFrame, codes: pd.Series, kept: pd.Series) -> pd.DataFrame:
    """Shares of all contacts: what the audit speaks for, and beside it contacts that are coded by no agent."""
    total = float(codes.sum() + kept.sum())
    scale = float(codes.sum()) / total
    reasons = shares.index.union(kept.index, sort=False)
    own = kept.reindex(reasons, fill_value=0.0) / total
    whole = shares.reindex(reasons)
    for name in ("value", "low", "high"):
        whole[name] = whole[name].fillna(0.0) * scale + own
    whole[["audited", "found"]] = whole[["audited", "found"]].fillna(0.0)
    # No code is no reason: an auditor says what those contacts were about.
    return whole[["value", "low", "high", "audited", "found", "explained"]].drop(index="", errors="ignore")
