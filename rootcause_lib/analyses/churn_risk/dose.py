"""The parts on what kind of contact goes with leaving, whether each does, and on the problems behind contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.claim import ASSOCIATION, Claim
from rootcause_lib.analyses.churn_risk.dose_findings import (
    dose_cannot_tell,
    dose_headline,
    dose_readings,
    problem_headline,
    problem_readings,
)
from rootcause_lib.analyses.churn_risk.doses import WHOLE, Doses, doses
from rootcause_lib.analyses.churn_risk.exposures import RATIO_COLUMNS, least_customers
from rootcause_lib.analyses.churn_risk.grades import hazard_grading
from rootcause_lib.analyses.churn_risk.guards import Guarded
from rootcause_lib.analyses.churn_risk.problems import problem_ratios
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.statistics.disclosure import Flags
from rootcause_lib.vocabulary import ALL

_TOLD = ("customers", "unobserved", "method", "claim", "grade", "grade_reasons")
DOSE_COLUMNS = ("split", "level", *RATIO_COLUMNS, *_TOLD)
PROBLEM_COLUMNS = (
    "process", "handling", *("level" if name == "confidence" else name for name in RATIO_COLUMNS), *_TOLD
)  # fmt: skip


def dose(asked: Asked, guarded: Guarded) -> Part:
    """Ratios by number and kind of contacts, with what they make of 1,000 customers."""
    found = doses(asked) if guarded.watched else Doses(pd.DataFrame(columns=["split", "level", *RATIO_COLUMNS]), None)
    table = dose_frame(asked, found.table.assign(unobserved=guarded.unseen), guarded.claim)
    # Steps rest on the counts: where one of those is left out they are too.
    counts = table[table["split"] == "contacts"]
    steps = found.steps if counts["hazard_ratio"].notna().all() else None
    return Part(
        frames={"dose": table},
        readings={"dose": dose_readings(asked, table, steps, guarded)},
        headline=dose_headline(table, steps, guarded),
        cannot_tell=dose_cannot_tell(asked, table),
    )


def problem_effect(asked: Asked, guarded: Guarded) -> Part:
    """Ratios by process and by what became of the problem; no guard looks at them, so they are associations."""
    ratios = problem_ratios(asked)
    table = problem_frame(asked, ratios if guarded.watched else ratios.head(0))
    return Part(
        frames={"problem_effect": table},
        readings={"problem_effect": problem_readings(table)},
        headline=problem_headline(table),
    )


def dose_frame(asked: Asked, table: pd.DataFrame, claim: Claim) -> pd.DataFrame:
    """The ratios with grades; levels of too few customers, and those that would give them back, without numbers."""
    own = table.assign(customers=least_customers(table["weeks"], table["events"], asked=asked), claim=claim.strength)
    steps = (own["split"] == "each_contact").to_numpy()
    counts = own[own["split"] == "contacts"][["weeks", "events", "customers"]].sum(min_count=1)
    own.loc[steps, ["weeks", "events", "customers"]] = counts.to_numpy() if steps.any() else np.nan
    hidden = _few(own, asked).copy()
    for split in WHOLE:
        hidden |= _giving_back(own, split, hidden, asked)
    hidden |= steps & bool(hidden[(own["split"] == "contacts").to_numpy()].any())
    return _graded(asked, own, hidden)[list(DOSE_COLUMNS)]


def problem_frame(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    """The ratios with grades, protected alike."""
    own = table.assign(customers=least_customers(table["weeks"], table["events"], asked=asked), claim=ASSOCIATION)
    hidden = _few(own, asked).copy()
    for process in own["process"].unique():
        mine = (own["process"] == process).to_numpy()
        rows = own[mine].assign(few=hidden[mine])
        counted = rows[["handling", "weeks", "events", "customers"]]
        cells = unsafe_cells(
            [Counts(counted, "weeks"), Counts(counted[counted["events"] > 0], "events", persons="events")],
            by=("handling",),
            minimum=asked.smallest,
            seeds=frozenset(rows.loc[rows["few"], "handling"]) - {ALL},
        )
        hidden[mine] |= rows["handling"].isin(cells["handling"]).to_numpy()
    return _graded(asked, own, hidden).rename(columns={"confidence": "level"})[list(PROBLEM_COLUMNS)]


def _few(table: pd.DataFrame, asked: Asked) -> Flags:
    """Rows of too few customers, or with so few leavers that they tell of single ones."""
    few = (table["customers"] < asked.smallest) & (table["weeks"] > 0)
    return np.asarray(few | ((table["events"] > 0) & (table["events"] < asked.smallest)), dtype=bool)


def _giving_back(table: pd.DataFrame, split: str, hidden: Flags, asked: Asked) -> Flags:
    """Levels of a split whose counts other splits' sums would leave over."""
    mine = (table["split"] == split).to_numpy()
    if not (hidden & mine).any():
        return np.zeros(len(table), dtype=bool)
    rows = table.loc[mine, ["level", "weeks", "events", "customers"]]
    whole = rows[["weeks", "events", "customers"]].sum().to_frame().T.assign(level=ALL)
    counted = pd.concat([whole, rows], ignore_index=True)
    cells = unsafe_cells(
        [Counts(counted, "weeks"), Counts(counted[counted["events"] > 0], "events", persons="events")],
        by=("level",),
        minimum=asked.smallest,
        seeds=frozenset(table.loc[hidden & mine, "level"]),
    )
    return mine & table["level"].isin(cells["level"]).to_numpy()


def _graded(asked: Asked, table: pd.DataFrame, hidden: Flags) -> pd.DataFrame:
    own = table.reset_index(drop=True)
    own["method"] = np.where(own["hazard_ratio"].isna(), "none", "cloglog_weeks")
    grading = hazard_grading(asked, own, by_contacts="split" in own)
    grading.capped("D", where=own["hazard_ratio"].isna(), reason="too_few")
    return blank(pd.concat([own, grading.result()], axis=1), hidden).reset_index(drop=True)
