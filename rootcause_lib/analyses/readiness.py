"""What can be answered from what: for each analysis its method, best grade, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.channel_resolution.grades import unlike_channels
from rootcause_lib.grades import worst
from rootcause_lib.journeys import ENOUGH_CASES
from rootcause_lib.store import Store

COLUMNS = ("analysis", "status", "method_used", "best_grade", "missing", "what_it_would_add")


@dataclass(frozen=True, slots=True)
class Have:
    """What the data hold, as far as methods depend on it."""

    customer_ids: bool
    reasons: bool
    usable_reasons: bool
    case_ids: bool
    end_times: bool
    resolved_flag: bool
    leaving_dates: bool
    leaving_marks: bool
    notice: bool
    joining_dates: bool
    margins: bool
    process_events: bool
    audits: bool
    surveys: bool
    costs: bool
    fixes: bool
    segments: bool
    control_totals: bool
    alike_rows: bool
    even_coverage: bool
    visits: bool
    teams: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """One row of the table; `missing` names fields of `Have`, as prose names them too."""

    status: str
    method: str
    grade: str
    missing: tuple[str, ...]


def readiness(store: Store) -> pd.DataFrame:
    """One row per analysis; missing and what_it_would_add hold keys joined by ; ("none": nothing is missing)."""
    have = what_we_have(store)
    rows = []
    for analysis, judge in _JUDGES.items():
        judged = judge(have)
        missing = ";".join(judged.missing) or "none"
        rows.append((analysis, judged.status, judged.method, judged.grade, missing, missing))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def what_we_have(store: Store) -> Have:
    """Read from the store's extent, tables and engagement."""
    covered, settings = store.extent, store.engagement
    return Have(
        customer_ids=covered.identified > 0,
        reasons=covered.coded > 0,
        usable_reasons=covered.usable_reasons,
        case_ids=covered.contacts > 0 and covered.with_case >= ENOUGH_CASES * covered.contacts,
        end_times=store.is_filled("contacts", "ended_at") or store.is_filled("contacts", "handle_seconds"),
        resolved_flag=store.is_filled("contacts", "resolved"),
        leaving_dates=_leaving_dates(store),
        leaving_marks=store.is_filled("customers", "leave_reason"),
        notice=_notice(store),
        joining_dates=store.is_filled("customers", "joined_on"),
        margins=store.is_filled("customers", "monthly_margin"),
        process_events="process_events" in store.present,
        audits="audits" in store.present,
        surveys="surveys" in store.present,
        costs=bool(settings.costs.per_contact or settings.costs.per_minute) or store.is_filled("contacts", "cost"),
        fixes=bool(settings.fixes),
        segments=store.is_filled("customers", "segment"),
        control_totals=bool(settings.control_totals),
        alike_rows=not unlike_channels(store),
        even_coverage=covered.coverage_gap <= settings.grades.coverage_gap,
        visits="visits" in store.present,
        teams=settings.privacy.agents != "none" and store.is_filled("contacts", "team"),
        waits=store.is_filled("contacts", "wait_seconds"),
    )


def _leaving_dates(store: Store) -> bool:
    """Whether it shows when customers left; where they need not say so, their silence does."""
    dated = store.is_filled("customers", "left_on") or store.is_filled("customers", "cancelled_on")
    return dated or store.engagement.definitions.churn == "dormant"


def _notice(store: Store) -> bool:
    """Whether it is known when customers gave notice; who falls silent gives none."""
    definitions = store.engagement.definitions
    stated = definitions.notice_days is not None or store.is_filled("customers", "cancelled_on")
    return stated or definitions.churn == "dormant"


def _missing(have: Have, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if not getattr(have, name))


def _data_health(have: Have) -> Judgement:
    missing = _missing(have, "control_totals")
    return Judgement("partial" if missing else "ready", "rows_and_rules", "B" if missing else "A", missing)


def _root_cause(have: Have) -> Judgement:
    missing = _missing(have, "customer_ids", "usable_reasons", "process_events", "audits")
    if have.process_events and have.customer_ids:
        return Judgement("partial" if missing else "ready", "self_controlled_case_series", "A", missing)
    if have.reasons and have.audits:
        return Judgement("partial", "corrected_reasons", "B", missing)
    if have.reasons:
        return Judgement("partial", "coded_reasons", "C", missing)
    return Judgement("blocked", "none", "D", missing)


def _channel_resolution(have: Have) -> Judgement:
    """What pulls every channel's figure down is in the grade; unlike rows concern their own channel alone."""
    missing = _missing(have, *_LIFT_RESOLUTION, *_ADD_TO_RESOLUTION)
    if not have.customer_ids:
        usable = have.resolved_flag
        return Judgement(
            "partial" if usable else "blocked", "own_flag" if usable else "none", "C" if usable else "D", missing
        )
    if have.case_ids:
        method, best = "recontact_curve_case", "A"
    elif have.usable_reasons:
        method, best = "recontact_curve_reason", "A"
    else:
        method, best = "recontact_curve_any", "B"
    grade = worst([best, "A" if have.end_times else "B", "A" if have.even_coverage else "C"])
    return Judgement("partial" if missing else "ready", method, grade, missing)


_LIFT_RESOLUTION = (
    "customer_ids", "usable_reasons", "end_times", "leaving_dates", "audits", "even_coverage", "alike_rows",
)  # fmt: skip
_ADD_TO_RESOLUTION = ("resolved_flag", "surveys", "visits", "teams", "waits")
"""What else the page on channels can speak of: the client's own mark, scores, the journey, teams, queues."""


def _churn_risk(have: Have) -> Judgement:
    """Notice decides whether figures on leaving can be used at all; process events whether contacts stand alone."""
    needed = (*_TELL_LEAVING, *(("leaving_marks",) if not have.leaving_dates else ()), *_ADD_TO_LEAVING)
    missing = _missing(have, *needed)
    if not have.customer_ids or not (have.leaving_dates or have.leaving_marks):
        return Judgement("blocked", "none", "D", missing)
    if not have.leaving_dates:
        return Judgement("partial", "leavers_compared", "D", missing)
    full = have.process_events
    method = "person_week_hazards" if full else "person_week_hazards_unadjusted"
    grade = worst(["A" if full else "B", "A" if have.notice else "D"])
    return Judgement("partial" if missing else "ready", method, grade, missing)


_TELL_LEAVING = ("customer_ids", "leaving_dates", "notice", "process_events")
_ADD_TO_LEAVING = ("segments", "joining_dates", "margins")
"""What else the page on leaving can speak of: who leaves sooner, how long customers stay, what staying is worth."""


def _service_health(have: Have) -> Judgement:
    missing = _missing(have, "surveys", "customer_ids", "fixes")
    method = "scores_and_charts" if have.surveys else "operations_charts"
    return Judgement("partial" if missing else "ready", method, "A" if have.surveys else "B", missing)


def _worth_fixing(have: Have) -> Judgement:
    missing = _missing(have, "costs", "process_events", "leaving_dates", "surveys", "fixes")
    if not have.customer_ids and not have.resolved_flag:
        return Judgement("blocked", "none", "D", ("customer_ids", *missing))
    method = "value_and_cost" if have.costs else "value_in_minutes"
    return Judgement("partial" if missing else "ready", method, "A" if not missing else "B", missing)


def _customer_fit(have: Have) -> Judgement:
    missing = _missing(have, "customer_ids", "segments", "usable_reasons", "audits")
    if not (have.customer_ids and have.segments):
        return Judgement("blocked", "none", "D", missing)
    return Judgement("partial" if missing else "ready", "standardised_by_segment", "A" if have.audits else "C", missing)


_JUDGES: Mapping[str, Callable[[Have], Judgement]] = MappingProxyType(
    {
        "data_health": _data_health,
        "root_cause": _root_cause,
        "channel_resolution": _channel_resolution,
        "churn_risk": _churn_risk,
        "service_health": _service_health,
        "worth_fixing": _worth_fixing,
        "customer_fit": _customer_fit,
    }
)
"""Every analysis and how it judges the data."""
