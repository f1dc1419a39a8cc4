"""How many contacts each process accounts for, what they cost, and how many of them would not have had to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.fallbacks import without_events
from rootcause_lib.analyses.root_cause.incidence import Incidence, placebos
from rootcause_lib.analyses.root_cause.process_fits import COUNTED_KINDS, Fit, Part
from rootcause_lib.analyses.root_cause.process_grades import RESTS_ON, count_letters, standing_out
from rootcause_lib.grades import Grading
from rootcause_lib.periods import Period
from rootcause_lib.statistics.attributable import TOGETHER, UNEXPLAINED, attributable
from rootcause_lib.statistics.false_discovery import adjusted_p_values
from rootcause_lib.store import Store

CAUSED = (
    "process", "owner", "basis", "contacts", "low", "high", "level", "share", "share_low", "share_high", "cost",
    "cost_low", "cost_high", "exposed_contacts", "customers", "p_value", "q_value", "method", "claim", "grade",
    "grade_reasons", "reason_untold",
)  # fmt: skip
_NUMBERS = ("contacts", "low", "high", "share", "share_low", "share_high", "cost", "cost_low", "cost_high")
_TEXTS = ("process", "basis", "method", "reason_untold")


def attributable_contacts(store: Store, found: Incidence) -> pd.DataFrame:
    """Contacts of known customers that would not have come without each process, follow-ups included: what its days,
    its waiting time and the days after it bring above the customers' own rate.

    Processes (most contacts first), `all`, `unexplained`. Their excesses add, so that processes sum to `all`.
    """
    processes = {name: _terms(found.every, name) for name in store.engagement.processes}
    return _table(store, found, processes, instead={})


def eliminable_contacts(store: Store, found: Incidence, period: Period) -> pd.DataFrame:
    """Contacts that would not have come had no failure happened: the same for processes of kind "failure" alone, above
    what the normal event in their place would have brought; of a process with a due date, what is past due.

    A process without events falls back on audited contacts marked as failure demand (basis `audit`), else on all
    contacts coded with its reasons, a ceiling that is not part of `all`. Negative numbers are shown.
    """
    failures = {name: one for name, one in store.engagement.processes.items() if one.kind == "failure"}
    processes = {name: _terms(found.every, name, past_due=bool(one.overdue_bands)) for name, one in failures.items()}
    parts = found.every.parts if found.every else ()
    instead = {part.band.term: part.instead for part in parts if part.instead is not None}
    table = _table(store, found, processes, instead=instead)
    return without_events(store, table, period)


def _terms(fit: Fit | None, process: str, *, past_due: bool = False) -> list[str]:
    """The terms whose contacts a process accounts for; past_due: only those of what is late, and what follows it."""
    if fit is None:
        return []
    own = [part.band.term for part in fit.parts if part.band.process == process and _counts(part, past_due)]
    return [term for term in own if fit.counted(term)]


def _counts(part: Part, past_due: bool) -> bool:
    band = part.band
    late = band.clock == "overdue" or part.within.kind == "spill_over"
    return band.kind in COUNTED_KINDS and (late or not past_due)


def _table(
    store: Store, found: Incidence, processes: Mapping[str, Sequence[str]], *, instead: Mapping[str, str]
) -> pd.DataFrame:
    """The public columns; a process that can't be fitted keeps a row that says so."""
    if not processes:
        return pd.DataFrame(columns=list(CAUSED))
    fit = found.every
    told = {name: terms for name, terms in processes.items() if terms}
    rows = _counted(store, fit, told, instead=instead) if fit is not None and told else pd.DataFrame()
    untold = [{"process": name, "reason_untold": _untold(found, name)} for name in processes if name not in told]
    if untold and len(rows):
        rows = pd.concat([rows.iloc[:-2], pd.DataFrame(untold), rows.iloc[-2:]], ignore_index=True)
    elif untold:
        untold += [{"process": name, "reason_untold": found.untold or "shock"} for name in (TOGETHER, UNEXPLAINED)]
        rows = pd.DataFrame(untold)
    rows = rows.reindex(columns=[name for name in CAUSED if name not in ("claim", "grade", "grade_reasons")])
    rows = rows.astype(dict.fromkeys(_TEXTS, object))
    rows["level"] = store.engagement.definitions.level
    rows["p_value"] = [found.p_values.get(str(name), np.nan) for name in rows["process"]]
    rows["q_value"] = adjusted_p_values(rows["p_value"])
    rows["owner"] = [_owner(store, str(name)) for name in rows["process"]]
    return _graded(store, _in_order(rows), found)[list(CAUSED)]


def _untold(found: Incidence, process: str) -> str:
    """Why a process has no terms to be counted by."""
    if found.untold or found.every is None:
        return found.untold or "shock"
    return "too_few" if any(part.band.process == process for part in found.every.parts) else "shock"


def _counted(
    store: Store, fit: Fit, processes: Mapping[str, Sequence[str]], *, instead: Mapping[str, str]
) -> pd.DataFrame:
    level = store.engagement.definitions.level
    counted = {term for terms in processes.values() for term in terms}
    used = {term: normal for term, normal in instead.items() if term in counted and fit.counted(normal)}
    counts, costs = (
        attributable(
            fit.series, fit.design, fit.sums[name], processes=processes, instead=used, level=level, sample=fit.sample
        )
        for name in ("contacts", "cost")
    )
    total = float(fit.sums["contacts"].sum())
    share = {f"share{end}": counts[column] / total for end, column in (("_low", "low"), ("_high", "high"))}
    # Money's limits are those of the contacts, at the mean cost of a contact in the process's time.
    if fit.sums["costless"].sum() >= total:
        costs = costs.assign(contacts=np.nan)
    each = costs["exposed_contacts"] / counts["exposed_contacts"].where(counts["exposed_contacts"] > 0)
    cost = {
        "cost": costs["contacts"],
        "cost_low": costs["contacts"] - each * (counts["contacts"] - counts["low"]),
        "cost_high": costs["contacts"] + each * (counts["high"] - counts["contacts"]),
    }
    told = counts["contacts"].notna()
    kept = counts.drop(columns=["standard_error", "left_out"]).rename(columns={"reason": "reason_untold"})
    reasons = kept["reason_untold"].where(kept["exposed_contacts"].gt(0) | told, "no_events")
    return kept.assign(
        **share, **cost, reason_untold=reasons, basis="incidence", customers=_customers(fit, processes, counts),
        method=np.where(told, "case_series_excess", "none"),
    )  # fmt: skip


def _customers(fit: Fit, processes: Mapping[str, Sequence[str]], counts: pd.DataFrame) -> list[float]:
    """At least so many customers: those of the process's widest band; everybody for totals."""
    own = {name: float(max(fit.customers[term] for term in terms)) for name, terms in processes.items()}
    return [own.get(str(name), float(fit.series.customers_with_contacts)) for name in counts["process"]]


def _owner(store: Store, process: str) -> str | None:
    known = store.engagement.processes
    return known[process].owner if process in known else None


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Most contacts first, totals last."""
    place = rows["process"].map({TOGETHER: 1, UNEXPLAINED: 2}).fillna(0)
    order = rows.assign(_place=place, _most=-rows["contacts"].astype("float64").fillna(-np.inf))
    return order.sort_values(["_place", "_most"], kind="stable", ignore_index=True).drop(columns=["_place", "_most"])


def _graded(store: Store, rows: pd.DataFrame, found: Incidence) -> pd.DataFrame:
    """Claim and grade: of the numbers themselves and of what the incidence they rest on allows."""
    numbers = rows.assign(**{name: rows[name].astype("float64") for name in (*_NUMBERS, "exposed_contacts")})
    verdicts = placebos(found)
    verdict = numbers["process"].map(lambda name: verdicts.get(str(name), "undecided"))
    totals = numbers["process"].isin([TOGETHER, UNEXPLAINED])
    passed = (verdict == "passed") | (totals & _mostly_passed(numbers, verdict))
    grading = Grading(store.engagement.grades, len(numbers)).precision(count_letters(numbers, store))
    grading.customers(numbers["customers"]).events(numbers["exposed_contacts"]).identified(store.identified_share)
    grading.capped("C", where=~passed, reason="check_failed")
    leaving = numbers["process"].isin(found.leaving_matters) | (totals & bool(found.leaving_matters))
    grading.capped("C", where=leaving, reason="definition_sensitive")
    grading.capped("C", where=store.is_guessed(RESTS_ON), reason="guessed_mapping")
    untold = "unidentified" if found.untold == "no_customer_ids" else "too_few"
    grading.capped("D", where=numbers["contacts"].isna(), reason=untold)
    clear = numbers["process"].isin(standing_out(found.p_values)) | totals
    excludes = (numbers["low"] > 0) | (numbers["high"] < 0)
    claim = np.where(passed & clear & excludes, "causal", "association")
    graded = pd.concat([numbers, grading.result()], axis=1)
    reasons = graded["reason_untold"].fillna("")
    return graded.assign(claim=claim, reason_untold=reasons, method=graded["method"].fillna("none"))


def _mostly_passed(rows: pd.DataFrame, verdict: pd.Series) -> bool:
    """Whether most contacts of the sum are of processes whose placebo passed."""
    size = rows["contacts"].abs().where(~rows["process"].isin([TOGETHER, UNEXPLAINED]), 0).fillna(0)
    return bool(size[verdict == "passed"].sum() > 0.8 * size.sum())
