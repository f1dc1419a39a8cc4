"""What the guards say in words: each placebo, the claim they allow, and how strong something unmeasured must be."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.guards import Guarded
from rootcause_lib.analyses.churn_risk.hazard_factors import PROBLEM, problems
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Check, Field, Finding, Quantity
from rootcause_lib.statistics.placebos import FAILED, PASSED


def trust_headline(guarded: Guarded) -> tuple[Finding, ...]:
    """What may be claimed, where there is something to claim about."""
    return (_claim(guarded),) if known(guarded.effect["hazard_ratio"]) is not None else ()


def trust_readings(guarded: Guarded) -> tuple[Finding, ...]:
    """How to read the figure, every placebo, and what they allow together."""
    if known(guarded.effect["hazard_ratio"]) is None:
        return ()
    rows = records(guarded.placebos)
    return (Finding("churn_guards.reading_placebos", {}), *map(_placebo, rows), _claim(guarded))


def guard_checks(guarded: Guarded) -> tuple[Check, ...]:
    """Whether the guards hold: failed where one failed, for information only where some are undecided."""
    if known(guarded.effect["hazard_ratio"]) is None:
        return ()
    verdicts = {str(row["placebo"]): str(row["verdict"]) for row in records(guarded.placebos)}
    failed = tuple(name for name, verdict in verdicts.items() if verdict == FAILED)
    open_ = tuple(name for name, verdict in verdicts.items() if verdict not in (PASSED, FAILED))
    passed = None if open_ and not failed else not failed
    ending = "failed" if failed else "undecided" if open_ else "ok"
    text = Finding(f"check.contact_guards_{ending}", {"guards": failed or open_ or tuple(verdicts)})
    return (Check("contact_guards", passed, text, guarded.placebos),)


def strength_readings(table: pd.DataFrame) -> tuple[Finding, ...]:
    """E-values of the adjusted ratio, and the strongest thing measured beside them."""
    return tuple(_strength(table))


def trust_cannot_tell(asked: Asked, guarded: Guarded) -> tuple[Finding, ...]:
    """What the guards miss."""
    return tuple(_open(asked, guarded))


def _claim(guarded: Guarded) -> Finding:
    claim = guarded.claim
    given: dict[str, Field] = {"withheld": claim.withheld, "of": int(guarded.effect["events"])}
    events = guarded.effect["events"]
    given |= {"e_value": _plain(claim.e_value, events), "e_value_limit": _plain(claim.e_value_limit, events)}
    return Finding(f"churn_guards.claim_{claim.strength}", given)


def _placebo(row: Row) -> Finding:
    if known(row["hazard_ratio"]) is None:
        given: dict[str, Field] = {"placebo": str(row["placebo"]), "why": str(row["reason_untold"])}
        return Finding("churn_guards.untold", given)
    given = {"ratio": _ratio(row, of="weeks")}
    given |= {name: _plain(known(row[name])) for name in ("allowed_low", "allowed_high")}
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    return Finding(f"churn_guards.{row['placebo']}_{row['verdict']}", given, str(row["grade"]), reasons)


def _strength(table: pd.DataFrame) -> Iterator[Finding]:
    for row in records(table):
        if known(row["hazard_ratio"]) is None:
            continue
        yield Finding("churn_guards.reading_sensitivity", {})
        weeks = known(row["weeks"])
        given: dict[str, Field] = {
            "ratio": _ratio(row, of="events"),
            "risk_ratio": _ratio(row, of="events", name="risk_ratio", limits="risk"),
            "e_value": _plain(known(row["e_value"])),
            "e_value_limit": _plain(known(row["e_value_limit"])),
            "in_a_year": Quantity("share", known(row["leaving_in_a_year"]), denominator=weeks),
        }
        reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
        key = "e_value_common" if row["conversion"] == "common_outcome" else "e_value_rare"
        yield Finding(f"churn_guards.{key}", given, str(row["grade"]), reasons)
        yield from _strongest(row)


def _strongest(row: Row) -> Iterator[Finding]:
    factor = str(row["strongest"])
    if not factor:
        return
    ratio = _ratio(row, of="events", name="strongest_ratio", limits="strongest")
    process = factor.removeprefix(PROBLEM)
    if process != factor and not process.startswith("other "):
        yield Finding("churn_guards.e_value_process", {"process": process, "strongest_ratio": ratio})
        return
    named = "problem" if process != factor else "trait" if factor.startswith("trait_") else factor
    yield Finding("churn_guards.e_value_strongest", {"strongest": named, "strongest_ratio": ratio})


def _open(asked: Asked, guarded: Guarded) -> Iterator[Finding]:
    if not asked.clock.dates_known:
        return
    untold = set(guarded.placebos["reason_untold"])
    for reason in ("no_neutral_reasons", "no_scores"):
        if reason in untold:
            yield Finding(f"churn_guards.open_{reason}", {})
    if not problems(asked):
        yield Finding("churn_guards.open_no_process_events", {})
    if not asked.store.engagement.reasons.cancellation:
        yield Finding("churn_guards.open_no_cancellation_reasons", {})


def _ratio(row: Row, *, of: str, name: str = "hazard_ratio", limits: str = "") -> Quantity:
    low, high = (known(row[f"{limits}_{end}" if limits else end]) for end in ("low", "high"))
    return Quantity("ratio", known(row[name]), low, high, known(row[of]), str(row["grade"]))


def _plain(value: float | None, of: float | None = None) -> Quantity:
    return Quantity("ratio", value, denominator=of)
