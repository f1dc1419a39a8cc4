"""The guards of the adjusted ratio: placebos of which no effect can be, and the claim they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.claim import ASSOCIATION, Claim, Ground, claim_on
from rootcause_lib.analyses.churn_risk.exposures import lag_length, lagged_cells, least_customers, ratio_row
from rootcause_lib.analyses.churn_risk.grades import hazard_grading
from rootcause_lib.analyses.churn_risk.hazard_factors import DISTANT_WEEKS, NO, YES, contacts_back, fit, problems
from rootcause_lib.analyses.churn_risk.strength import E_VALUES, strength_of
from rootcause_lib.analyses.rows import known
from rootcause_lib.person_weeks import FOR_EVER_WEEKS, MOST_OF_A_WEEK, Factor, Window, settle_cancellations
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.hazards import EVENTS, PERIODS, HazardFit
from rootcause_lib.statistics.placebos import UNDECIDED, placebo_verdicts

AFTER_SCORE_WEEKS = (5, 26)
"""Weeks after an answer in which a contact is about a new matter."""
BEFORE_SCORE_WEEKS = (26, 5)
"""Weeks before an answer in which contacts tell how often a customer makes any."""
NEW_MATTER_DAYS = 28
PLACEBOS = ("distant_lag", "neutral_reasons", "pre_contact_trend")

PLACEBO_COLUMNS = (
    "placebo", "hazard_ratio", "low", "high", "level", "allowed_low", "allowed_high", "verdict", "reason_untold",
    "weeks", "events", "customers", "unobserved", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guards found: the adjusted ratio they guard (a row of RATIO_COLUMNS), its fit, placebos and claim.

    watched: whether anybody was there to leave. unseen: weeks of which the data do not reach far enough back.
    strength: E-values of the ratio, as `strength.strength_of` gives them.
    """

    watched: bool
    unseen: float

    effect: dict[str, float]
    fit: HazardFit | None
    placebos: pd.DataFrame
    strength: dict[str, float | str]
    claim: Claim


def guarded(asked: Asked) -> Guarded:
    """The adjusted ratio, its placebos and what may be claimed."""
    reasons = asked.store.engagement.reasons.neutral
    counts = tuple(str(number) for number in range(MOST_OF_A_WEEK * lag_length(asked) + 1))
    windows = tuple(window for reason in reasons for window in _neutral_windows(asked, reason))
    exposures = (
        contacts_back(asked, "contacts", levels=counts),
        Factor("neutral", windows, counts),
        Factor("distant", (Window("contact", _distant_from(asked), DISTANT_WEEKS[1] + 1),)),
        Factor("distant_seen", (Window("data", DISTANT_WEEKS[1], FOR_EVER_WEEKS),)),
    )
    cells, among, unseen = lagged_cells(asked, exposures)
    cells = cells.assign(exposure=_exposure(cells), lagged=np.where(cells["contacts"] == "0", NO, YES))
    found = fit(asked, cells, "lagged", among)
    effect = ratio_row(found, cells, "lagged", YES, asked=asked, within=lag_length(asked))
    rows = [
        {"placebo": "distant_lag", **_distant(asked, cells, among)},
        {"placebo": "neutral_reasons", **_neutral(asked, cells, among, named=bool(reasons))},
        {"placebo": "pre_contact_trend", **_before_contact(asked)},
    ]
    table = _judged(asked, pd.DataFrame(rows).assign(unobserved=unseen), effect["hazard_ratio"])
    strength = strength_of(effect["hazard_ratio"], effect["low"], effect["high"], cells=cells)
    table = table if len(cells) else table.head(0)
    return Guarded(len(cells) > 0, unseen, effect, found, table, strength, _claim(asked, effect, strength, table))


def _neutral_windows(asked: Asked, reason: str) -> tuple[Window, ...]:
    return contacts_back(asked, "neutral", mark="reason", item=reason).windows


def _distant_from(asked: Asked) -> int:
    return min(max(DISTANT_WEEKS[0], asked.lag_weeks[1] + 1), DISTANT_WEEKS[1])


def _exposure(cells: pd.DataFrame) -> pd.Series:
    """none, neutral (only contacts for neutral reasons) or other."""
    contacts, neutral = cells["contacts"].astype(int), cells["neutral"].astype(int)
    named = np.where(contacts == 0, "none", np.where(neutral >= contacts, "neutral", "other"))
    return pd.Series(named, index=cells.index, dtype=object)


def _distant(asked: Asked, cells: pd.DataFrame, among: Sequence[str]) -> dict[str, object]:
    """Who had contact long ago against who had not, of those with none since; only weeks whose past is all seen."""
    quiet = cells[(cells["contacts"] == "0") & (cells["distant_seen"] == YES)]
    found = None if quiet.empty else fit(asked, quiet, "distant", among)
    row = ratio_row(found, quiet, "distant", YES, asked=asked, within=lag_length(asked))
    return {**row, "reason_untold": "too_short" if quiet.empty else _why(row)}


def _neutral(asked: Asked, cells: pd.DataFrame, among: Sequence[str], *, named: bool) -> dict[str, object]:
    """Who only asked something that gives no reason to leave, against who made no contact."""
    found = fit(asked, cells, "exposure", among, reference="none") if named else None
    row = ratio_row(found, cells, "exposure", "neutral", asked=asked, within=lag_length(asked))
    return {**row, "reason_untold": _why(row) if named else "no_neutral_reasons"}


def _before_contact(asked: Asked) -> dict[str, object]:
    """Who had given a low score against who had given a higher one: how soon they make contact about a new matter."""
    values: dict[str, Value] = {
        "observed_from_day": asked.clock.first_day,
        "from_week": AFTER_SCORE_WEEKS[0],
        "until_week": AFTER_SCORE_WEEKS[1] + 1,
        "before_from": BEFORE_SCORE_WEEKS[0],
        "before_until": BEFORE_SCORE_WEEKS[1],
        "window_days": NEW_MATTER_DAYS,
    }
    settle_cancellations(asked.store)
    rows = asked.store.engine.run(statement("contacts_after_scores", values=values))
    cells = pd.DataFrame(
        {
            "segment": rows["segment"].astype("str").fillna(""),
            "contacts_before": rows["contacts_before"].astype("str"),
            "low": np.where(rows["low"].astype("boolean").fillna(value=False), YES, NO),
            PERIODS: rows["weeks"].astype("float64"),
            EVENTS: rows["events"].astype("float64"),
        }
    )
    found = fit(asked, cells, "low", ("segment", "contacts_before"))
    row = ratio_row(found, cells, "low", YES, asked=asked, within=AFTER_SCORE_WEEKS[1] - AFTER_SCORE_WEEKS[0] + 1)
    customers = float(rows["customers"].astype("float64")[cells["low"] == YES].sum())
    return {**row, "reason_untold": "no_scores" if cells.empty else _why(row), "customers": customers}


def _why(row: Mapping[str, float]) -> str:
    return "too_few" if np.isnan(row["hazard_ratio"]) else ""


def _judged(asked: Asked, table: pd.DataFrame, effect: float) -> pd.DataFrame:
    """Verdicts by the rule for placebos; rows of too few customers without their numbers, undecided."""
    half = np.exp(abs(np.log(effect)) / 2) if effect > 0 else np.nan
    counted = least_customers(table["weeks"], table["events"], asked=asked)
    customers = table["customers"].fillna(counted) if "customers" in table else counted
    table = table.assign(allowed_low=1 / half, allowed_high=half, customers=customers, claim=ASSOCIATION)
    few = (customers < asked.smallest) | ((table["events"] > 0) & (table["events"] < asked.smallest))
    told = ["hazard_ratio", "low", "high"]
    table[told] = table[told].mask(few)
    counts = ["weeks", "events", "customers"]
    table[counts] = table[counts].mask(few & (table["weeks"] > 0))
    table["reason_untold"] = table["reason_untold"].mask(few & (table["reason_untold"] == ""), "too_few")
    table["verdict"] = placebo_verdicts(table["low"], table["high"], effect)
    table["method"] = np.where(table["hazard_ratio"].isna(), "none", "cloglog_weeks")
    grading = hazard_grading(asked, table, by_contacts=True)
    grading.capped("C", where=table["verdict"] == UNDECIDED, reason="check_failed")
    grading.capped("D", where=table["hazard_ratio"].isna(), reason="too_few")
    graded = pd.concat([table, grading.result()], axis=1).rename(columns={"confidence": "level"})
    return graded[list(PLACEBO_COLUMNS)]


def _claim(
    asked: Asked, effect: Mapping[str, float], strength: Mapping[str, float | str], placebos: pd.DataFrame
) -> Claim:
    row = pd.DataFrame([effect]).assign(customers=least_customers([effect["weeks"]], [effect["events"]], asked=asked))
    grade = str(hazard_grading(asked, row, by_contacts=True).result()["grade"].iloc[0])
    ground = Ground(
        notice_known=asked.clock.notice_known,
        cancellation_named=bool(asked.store.engagement.reasons.cancellation),
        problems_known=bool(problems(asked)),
        usable=grade != "D",
        effect_low=effect["low"],
        effect_high=effect["high"],
    )
    e_value, limit = (known(strength[name]) for name in E_VALUES)
    verdicts = list(zip(placebos["placebo"].astype(str), placebos["verdict"].astype(str), strict=True))
    return claim_on(ground, verdicts, e_value=e_value, e_value_limit=limit)
