"""Checks that stand above the findings on root causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.checks import checked, default_codes_check, identified_check
from rootcause_lib.analyses.root_cause.findings import UNEXPLAINED, alpha_row
from rootcause_lib.analyses.root_cause.processes import Processes
from rootcause_lib.findings import Check, Field, Finding, Quantity
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

TOLERANCE = 1e-6
"""Of all contacts; rounding of sums over cells."""


def root_cause_checks(store: Store, found: Processes, frames: Mapping[str, pd.DataFrame]) -> tuple[Check, ...]:
    """Customers known, codes telling something, quiet days before events, those who stay alike, codes as audited, and
    parts that add up."""
    possible = [identified_check(store), default_codes_check(store), _codes_trusted(store, frames["agreement"])]
    checks = [check for check in possible if check is not None]
    return (*checks, *_placebos(found), *_stayers(found), *_sums(found.attributable))


def _placebos(found: Processes) -> Iterator[Check]:
    """Nothing stands out before events; where that can't be told the check is for information."""
    by_verdict = {
        verdict: tuple(sorted(name for name, one in found.placebos.items() if one == verdict))
        for verdict in ("passed", "failed", "undecided")
    }
    if by_verdict["failed"]:
        yield checked("placebo", False, {"processes": by_verdict["failed"]})
    elif by_verdict["passed"]:
        yield checked("placebo", True, {"processes": by_verdict["passed"]})
    if by_verdict["undecided"]:
        yield Check("placebo", None, Finding("check.placebo_undecided", {"processes": by_verdict["undecided"]}))


def _stayers(found: Processes) -> Iterator[Check]:
    """Leaving does not change the picture."""
    if found.variants.empty:
        return
    given: dict[str, Field] = {"processes": found.leaving_matters} if found.leaving_matters else {}
    yield checked("stayers", not found.leaving_matters, given)


def _codes_trusted(store: Store, agreement: pd.DataFrame) -> Check | None:
    """Do codes agree with the audit (grade C's limit)? None without an audit."""
    row = alpha_row(agreement)
    if row is None:
        return None
    alpha = Quantity("score", float(row["value"]), float(row["low"]), float(row["high"]), float(row["contacts"]))
    usable = float(row["low"]) >= store.engagement.grades.agreement[2]
    return checked("codes_trusted", usable, {"alpha": alpha})


def _sums(attributable: pd.DataFrame) -> Iterator[Check]:
    """What processes bring sums to the total."""
    rows = attributable.set_index("process")["contacts"].dropna()
    if ALL not in rows.index:
        return
    apart = abs(float(rows.drop([ALL, UNEXPLAINED], errors="ignore").sum() - rows[ALL]))
    yield checked("processes_sum", apart <= TOLERANCE * max(float(rows.abs().sum()), 1.0), {})
