"""How many customers stay how long: by segment since joining, and by how they left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.retention_counts import NO_SEGMENT, Group
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.competing import METHOD as COMPETING
from rootcause_lib.statistics.competing import competing_risks
from rootcause_lib.statistics.intervals import Floats, floats
from rootcause_lib.statistics.survival import survival_of_counts
from rootcause_lib.vocabulary import ALL

SURVIVAL_COLUMNS = (
    "segment", "problem", "since", "from_months", "months_since", "retained", "low", "high", "level", "at_risk",
    "events", "spells", "unobserved", "customers", "median_months", "median_months_low", "median_months_high",
    "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
LEFT_BY_COLUMNS = (
    "segment", "ending", "from_months", "months_since", "share", "low", "high", "level", "at_risk", "events", "spells",
    "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

METHOD = "kaplan_meier_cluster"
"""Kaplan and Meier, wider where customers left more than once."""

WEEKS_A_MONTH = 365.25 / 12 / 7
MONTHS = (*range(25), *range(27, 61, 3), *range(66, 121, 6), *range(132, 361, 12))
"""Months since joining at which a curve is told."""

FEWEST_WATCHED = 10
"""A curve is told for as long as so many are still watched; earlier, a single leaver would halve it."""

_HALF_A_WEEK = 0.5
"""Who joined in the middle of a week has been there half a week less at its end than who joined at its beginning."""


def told_run(at_risk: Floats) -> slice:
    """The longest stretch of weeks, by those watched, in all of which enough were watched; empty where none is."""
    enough = np.concatenate([[False], at_risk >= FEWEST_WATCHED, [False]])
    turns = np.flatnonzero(np.diff(enough.astype(np.int64)))
    stretches = [slice(int(first), int(last)) for first, last in turns.reshape(-1, 2)]
    return max(stretches, key=lambda one: float(at_risk[one].sum()), default=slice(0, 0))


def survival_by_segment(asked: Asked, counted: tuple[Group, ...]) -> pd.DataFrame:
    """Share still customers by month since joining, by segment; `SURVIVAL_COLUMNS` and `leavers`.

    Kaplan and Meier; who joined before the data begin is at risk from then on only, who left by no choice is no longer
    watched. A curve that is not seen from the first month is of those who had stayed `from_months` months.
    """
    parts = []
    for group in counted:
        weeks, there, left = group.at_risk()
        began, run = _told(weeks, there)
        if group.segment == NO_SEGMENT or run.stop <= run.start:
            continue
        curve = survival_of_counts(
            weeks[run] + _HALF_A_WEEK, there[run], left[run], design_effect=group.effect, level=asked.level
        )
        months = _months(began, float(weeks[run][-1]))
        read, median = curve.at(months * WEEKS_A_MONTH), curve.quantile()
        # Where it begins everybody is a customer, which no chance could change.
        low = np.where(months == began, 1.0, read.low)
        parts.append(
            pd.DataFrame(
                {
                    "segment": group.segment, "problem": ALL, "since": "joining", "from_months": began,
                    "months_since": months,
                    "retained": read.value, "low": low, "high": read.high, "level": asked.level,
                    "at_risk": read.at_risk, "events": read.events, "spells": group.spells,
                    "unobserved": float(group.undated["ended"]), "customers": group.customers,
                    "median_months": median.value / WEEKS_A_MONTH, "median_months_low": median.low / WEEKS_A_MONTH,
                    "median_months_high": median.high / WEEKS_A_MONTH, "method": METHOD, "claim": "descriptive",
                    "leavers": group.leavers,
                }
            )
        )  # fmt: skip
    return _graded(asked, parts, (*SURVIVAL_COLUMNS, "leavers"), value="retained")


def left_by_ending(asked: Asked, counted: tuple[Group, ...]) -> pd.DataFrame:
    """Share that has left by month since joining, by choice and otherwise; `LEFT_BY_COLUMNS` and `leavers`.

    Aalen and Johansen, everybody together; empty where nobody left but by choice.
    """
    parts = []
    for group in counted[:1]:
        weeks, kinds, there = _by_kind(group)
        began, run = _told(weeks, there)
        if run.stop <= run.start or not kinds["not_choice"][run].sum() > 0:
            continue
        months = _months(began, float(weeks[run][-1]))
        found = competing_risks(
            weeks[run] + _HALF_A_WEEK,
            there[run],
            {kind: left[run] for kind, left in kinds.items()},
            design_effect=group.effect,
            level=asked.level,
        )
        for kind, curve in found.items():
            read = curve.at(months * WEEKS_A_MONTH)
            leavers = min(group.leavers, float(kinds[kind].sum())) if kind == "choice" else float(kinds[kind].sum())
            parts.append(
                pd.DataFrame(
                    {
                        "segment": group.segment, "ending": kind, "from_months": began,
                    "months_since": months,
                        "share": read.value, "low": read.low, "high": read.high, "level": asked.level,
                        "at_risk": read.at_risk, "events": read.events, "spells": group.spells,
                        "unobserved": float(group.undated["ended"]), "customers": group.customers,
                        "method": COMPETING, "claim": "descriptive", "leavers": leavers,
                    }
                )
            )  # fmt: skip
    return _graded(asked, parts, (*LEFT_BY_COLUMNS, "leavers"), value="share")


def _by_kind(group: Group) -> tuple[Floats, dict[str, Floats], Floats]:
    """Weeks since joining, leavers of each kind and those watched: who leaves by no choice is watched until then."""
    weeks, there, left = group.at_risk()
    every = group.by_week.set_index("stayed")["left_otherwise"].reindex(weeks, fill_value=0.0).to_numpy()
    otherwise = np.concatenate([[0.0], every])
    weeks = np.concatenate([weeks, weeks[-1:] + 1]) if len(weeks) else weeks
    there = np.concatenate([there, [0.0]]) + otherwise if len(weeks) else there
    left = np.concatenate([left, [0.0]]) if len(weeks) else left
    return floats(weeks), {"choice": floats(left), "not_choice": floats(otherwise[: len(weeks)])}, floats(there)


def _told(weeks: Floats, there: Floats) -> tuple[int, slice]:
    """The month a curve begins at and the weeks it is told of: from joining on, unless nobody was watched so early."""
    run = told_run(there)
    if run.stop == run.start or weeks[run.start] <= WEEKS_A_MONTH:
        return 0, run
    month = int(np.ceil(float(weeks[run.start]) / WEEKS_A_MONTH))
    return month, slice(int(np.searchsorted(weeks, month * WEEKS_A_MONTH)), run.stop)


def _months(began: int, last_week: float) -> Floats:
    """The month it begins at, and those of `MONTHS` within what is watched."""
    until = (last_week + _HALF_A_WEEK) / WEEKS_A_MONTH
    return floats([began, *(month for month in MONTHS if began < month <= until)])


def _graded(asked: Asked, parts: list[pd.DataFrame], columns: tuple[str, ...], *, value: str) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=list(columns))
    table = pd.concat(parts, ignore_index=True)
    limits = asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    grading.customers(table["customers"]).events(table["leavers"])
    grading.unobserved(table["unobserved"] / (table["spells"] + table["unobserved"]), reason="immature")
    grading.capped("B", where=not asked.clock.notice_known, reason="notice_unknown")
    graded = pd.concat([table, grading.result()], axis=1)
    return graded[graded[value].notna()].reset_index(drop=True)[list(columns)]
