"""How many customers stay after something failed for them, and after nothing did.

Whoever is counted as having had a failure because one came later had to stay for it to come: that time is immortal, and
makes failures look harmless. So groups are made at landmarks, of what lies before them; leaving counts from there on
(Anderson, Cain and Gelber 1983, J. Clin. Oncol. 1: 710). Nothing is adjusted for here; `problem_effect` does that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.retention_counts import only_flags
from rootcause_lib.analyses.churn_risk.survival_curves import FEWEST_WATCHED, METHOD, SURVIVAL_COLUMNS, WEEKS_A_MONTH
from rootcause_lib.analyses.rows import Row, records
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.journeys import constant_rows
from rootcause_lib.person_weeks import Factor, Window, settle_windows
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.survival import survival_of_counts
from rootcause_lib.vocabulary import ALL

ANY, NONE = "any_failure", "no_failure"
"""In `problem`: something had failed for the customer, nothing had; else the process that had."""

PROBLEM_WEEKS = 12
"""A failure counts at a landmark for so many weeks."""
APART_WEEKS = 13
FOLLOW_WEEKS = 26
SHORTEST_WEEKS = 4
"""Weeks that must be left to follow after the last landmark."""


def landmarks(asked: Asked) -> tuple[int, ...]:
    """The weeks at whose beginning customers are sorted by what had failed for them."""
    first = max(PROBLEM_WEEKS, asked.clock.first_week)
    return tuple(range(first, asked.clock.weeks - SHORTEST_WEEKS + 1, APART_WEEKS))


def failures(asked: Asked) -> dict[str, int | None]:
    """Processes that are failures, with how many days overdue they begin to be one; None: at once."""
    processes = asked.store.engagement.processes
    return {
        name: process.overdue_bands[0] if process.overdue_bands else None
        for name, process in sorted(processes.items())
        if process.kind == "failure"
    }


def survival_after_failures(asked: Asked) -> pd.DataFrame:
    """Share still customers by month after a landmark, by what had failed before it; as `survival_by_segment`."""
    weeks, processes = landmarks(asked), failures(asked)
    if only_flags(asked) or not weeks or not processes or "process_events" not in asked.store.present:
        return _empty()
    counts, customers = after_landmarks(asked, weeks, processes)
    counts = counts.assign(problem=_problem(counts)).astype({"watched": "int64"})
    behind = {str(row["problem"]): row for row in records(customers.assign(problem=_problem(customers)))}
    order = {name: place for place, name in enumerate((NONE, ANY, *processes))}
    names = sorted(set(counts["problem"]) & set(order), key=lambda name: order[name])
    parts = [part for name in names for part in _curve(asked, name, counts[counts["problem"] == name], behind[name])]
    return _graded(asked, pd.concat(parts, ignore_index=True)) if parts else _empty()


def after_landmarks(
    asked: Asked, weeks: tuple[int, ...], processes: Mapping[str, int | None]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spells by how long they were watched from the landmarks on, and how unlike customers are; by what had failed.

    Keeps the landmarks, what opens a window, and the spells followed.
    """
    windows = tuple(
        Window("problem", 1, 1 + PROBLEM_WEEKS, item=name, overdue_days=days) for name, days in processes.items()
    )
    settle_windows(asked.store, [Factor("failure", windows)])
    engine = asked.store.engine
    engine.materialise("landmarks", constant_rows("landmarks", [{"week": week} for week in weeks]))
    values: dict[str, Value] = {"observed_from_day": asked.clock.first_day, "follow_weeks": FOLLOW_WEEKS}
    engine.materialise("landmark_spells", statement("landmark_spells", values=values))
    return engine.run(statement("landmark_weeks")), engine.run(statement("landmark_customers"))


def _problem(table: pd.DataFrame) -> pd.Series:
    whole = table["failed"].astype(bool).map({True: ANY, False: NONE})
    return table["process"].astype("object").where(table["process"].notna(), whole).astype("str")


def _curve(asked: Asked, problem: str, counts: pd.DataFrame, behind: Row) -> Iterator[pd.DataFrame]:
    rows = counts.groupby("watched")[["spells", "leavers"]].sum()
    rows = rows.reindex(range(1, int(rows.index.max()) + 1), fill_value=0).astype("float64")
    there = rows["spells"][::-1].cumsum()[::-1]
    enough = there >= FEWEST_WATCHED
    if not enough.iloc[0]:
        return
    rows, there = rows[enough], there[enough]
    leaving = float(behind["leaving"])
    effect = max(float(behind["leaving_squared"]) / leaving, 1.0) if leaving > 0 else 1.0
    curve = survival_of_counts(rows.index, there, rows["leavers"], design_effect=effect, level=asked.level)
    months = [month for month in range(FOLLOW_WEEKS) if month * WEEKS_A_MONTH <= float(rows.index[-1])]
    read = curve.at([month * WEEKS_A_MONTH for month in months])
    yield pd.DataFrame(
        {
            "segment": ALL, "problem": problem, "since": "landmark", "from_months": 0, "months_since": months,
            "retained": read.value, "low": np.where(np.asarray(months) == 0, 1.0, read.low), "high": read.high,
            "level": asked.level,
            "at_risk": read.at_risk, "events": read.events, "spells": float(there.iloc[0]), "unobserved": 0.0,
            "customers": float(behind["customers"]), "median_months": float("nan"), "median_months_low": float("nan"),
            "median_months_high": float("nan"), "method": METHOD, "claim": "association",
            "leavers": float(behind["leavers"]),
        }
    )  # fmt: skip


def _graded(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    """What had failed is compared as it fell: nothing is adjusted for."""
    limits = asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    grading.customers(table["customers"]).events(table["leavers"]).capped("B", where=True, reason="proxy")
    grading.capped("B", where=not asked.clock.notice_known, reason="notice_unknown")
    return pd.concat([table, grading.result()], axis=1)[[*SURVIVAL_COLUMNS, "leavers"]]


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=[*SURVIVAL_COLUMNS, "leavers"])
