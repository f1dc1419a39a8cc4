"""The part on the ladder: the ratio of leaving after a contact, from the usual comparisons to the fairest one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.claim import ASSOCIATION
from rootcause_lib.analyses.churn_risk.grades import hazard_grading
from rootcause_lib.analyses.churn_risk.guards import Guarded
from rootcause_lib.analyses.churn_risk.hazard_factors import (
    NO,
    RECENT,
    SEEN,
    YES,
    adjusters,
    contacts_back,
    fit,
    groups,
    judged_weeks,
    left_out,
)
from rootcause_lib.analyses.churn_risk.ladder_findings import ladder_cannot_tell, ladder_headline, ladder_readings
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.person_weeks import Factor, Window, person_weeks, seasons, settle_cancellations
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.hazards import EVENTS, PERIODS, HazardFit

RUNGS = ("ever_contacted", "recent_contact", "time_varying", "lagged", "adjusted")
"""From the usual comparison to the fairest."""

BIASES = {
    "ever_contacted": "survivors",
    "recent_contact": "calls_to_cancel",
    "time_varying": "same_week",
    "lagged": "unlike_customers",
    "adjusted": "unmeasured",
}
"""What is wrong with each rung."""

KNOWN_WRONG = ("ever_contacted", "recent_contact", "time_varying")
CLAIMED = 4.0
"""The ratio that is quoted everywhere."""
RECENT_WEEKS = 4

LADDER_COLUMNS = (
    "rung", "hazard_ratio", "low", "high", "level", "exposed_weeks", "weeks", "left_out", "exposed_events", "events",
    "customers", "unobserved", "bias", "verdict_4", "verdict_1", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

_LAG, _LATELY, _SINCE = "contact", "lately", "since"


def ladder(asked: Asked, guarded: Guarded) -> Part:
    """How many times as often customers leave after a contact, rung by rung, each named by what is wrong with it."""
    table = ladder_rows(asked, claim=guarded.claim.strength)
    return Part(
        frames={"ladder": table},
        readings={"ladder": ladder_readings(table, asked)},
        headline=ladder_headline(table, asked),
        cannot_tell=ladder_cannot_tell(table, asked),
    )


def ladder_rows(asked: Asked, *, claim: str = ASSOCIATION) -> pd.DataFrame:
    """One row per rung; no rows where nobody was there to leave.

    claim: what the guards allow to be said of the fairest rung; the others are associations. Where no dates of leaving
    are known but the list says who left, only the first rung is there, as a cross-section.
    """
    counts = ever_contacted(asked)
    if counts is None:
        return pd.DataFrame(columns=list(LADDER_COLUMNS))
    rungs = [_ever(asked, counts)]
    if not counts.cross_section:
        rungs += [*_usual(asked, counts), *_lagged(asked, counts)]
    return _graded(asked, pd.DataFrame([_row(asked, each, claim) for each in rungs]))


@dataclass(frozen=True, slots=True)
class Contacted:
    """Spells by whether they ever had a contact (`cells`: ever, periods, events, weeks), and customers in all.

    cross_section: nobody's dates of leaving are known, only that they left.
    """

    cells: pd.DataFrame
    customers: int
    cross_section: bool


@dataclass(frozen=True, slots=True)
class _Rung:
    name: str
    ratio: float
    low: float
    high: float
    exposed_weeks: float
    weeks: float
    exposed_events: float
    events: float
    customers: int
    method: str
    left_out: float = 0.0
    unobserved: float = 0.0


def ever_contacted(asked: Asked) -> Contacted | None:
    """Spells by whether there ever was a contact; None where there are no spells."""
    dated = asked.clock.dates_known
    settle_cancellations(asked.store)
    values: dict[str, Value] = {"observed_from_day": asked.clock.first_day, "flags": not dated}
    found = asked.store.engine.run(statement("ever_contacted", values=values))
    if found.empty:
        return None
    whole = found[found["contacted"].isna()].iloc[0]
    split = found[found["contacted"].notna()]
    cells = pd.DataFrame(
        {
            "ever": np.where(split["contacted"].astype(bool), YES, NO),
            PERIODS: split["spells"].astype("float64"),
            EVENTS: split["events"].astype("float64"),
            "weeks": split["weeks"].astype("float64"),
        }
    )
    return Contacted(cells, int(whole["customers"]), not dated and float(whole["events"]) > 0)


def _ever(asked: Asked, counts: Contacted) -> _Rung:
    """Customers who ever had a contact against those who never had one: what a list of customers gives."""
    cells = counts.cells
    everybody = bool((cells[PERIODS] == cells[EVENTS]).any())
    found = None if everybody else fit(asked, cells, "ever", ())
    method = "cross_section" if counts.cross_section else "cloglog_customers"
    weights = cells.rename(columns={PERIODS: "spells", "weeks": PERIODS})
    return _rung("ever_contacted", found, weights, "ever", counts, method)


def _usual(asked: Asked, counts: Contacted) -> Iterator[_Rung]:
    """A contact in the last four weeks, or since the lag began, the week of leaving and contacts to cancel included."""
    cells = usual_cells(asked)
    for name, exposure in (("recent_contact", _LATELY), ("time_varying", _SINCE)):
        yield _rung(name, fit(asked, cells, exposure, ["season"]), cells, exposure, counts, "cloglog_weeks")


def _lagged(asked: Asked, counts: Contacted) -> Iterator[_Rung]:
    """A contact within the lag, weeks with a later one left out: as it is, and adjusted."""
    cells = ladder_cells(asked)
    kept = judged_weeks(cells)
    unseen = float(cells.loc[cells[SEEN] == NO, PERIODS].sum())
    lately = float(cells.loc[(cells[SEEN] == YES) & (cells[RECENT] == YES), PERIODS].sum())
    names = [each.name for each in adjusters(asked)]
    for name, among in (("lagged", ["season"]), ("adjusted", [*names, *groups(asked)])):
        yield _rung(
            name, fit(asked, kept, _LAG, among), kept, _LAG, counts, "cloglog_weeks",
            left_out=lately, unobserved=unseen,
        )  # fmt: skip


def usual_cells(asked: Asked) -> pd.DataFrame:
    """Weeks of customers by whether there was a contact in the last weeks, the week itself included."""
    factors = (
        Factor(_LATELY, (Window("any_contact", 0, RECENT_WEEKS),)),
        Factor(_SINCE, (Window("any_contact", 0, asked.lag_weeks[1] + 1),)),
        seasons(asked.clock),
    )
    return person_weeks(asked.store, asked.clock, factors, asked.followed)


def ladder_cells(asked: Asked) -> pd.DataFrame:
    """Weeks of customers by whether a contact lies within the lag, by what is left out and what is adjusted for."""
    factors = (contacts_back(asked, _LAG), *left_out(asked), *adjusters(asked))
    return person_weeks(asked.store, asked.clock, factors, asked.followed)


def _rung(
    name: str, found: HazardFit | None, cells: pd.DataFrame, exposure: str, counts: Contacted, method: str,
    *, left_out: float = 0.0, unobserved: float = 0.0,
) -> _Rung:  # fmt: skip
    ratio, low, high = np.nan, np.nan, np.nan
    if found is not None and (exposure, YES) in found.terms:
        ratio, limits = found.ratio(exposure, YES)
        low, high = float(limits.low), float(limits.high)
    sums = cells.groupby(exposure)[[PERIODS, EVENTS]].sum().reindex([NO, YES], fill_value=0.0)
    weeks, events = sums[PERIODS].to_numpy(dtype=float), sums[EVENTS].to_numpy(dtype=float)
    return _Rung(
        name, ratio, low, high, weeks[1], weeks.sum(), events[1], events.sum(), counts.customers, method, left_out,
        unobserved,
    )  # fmt: skip


def _row(asked: Asked, rung: _Rung, claim: str) -> dict[str, object]:
    return {
        "rung": rung.name, "hazard_ratio": rung.ratio, "low": rung.low, "high": rung.high, "level": asked.level,
        "exposed_weeks": rung.exposed_weeks, "weeks": rung.weeks, "left_out": rung.left_out,
        "exposed_events": rung.exposed_events, "events": rung.events, "customers": float(rung.customers),
        "unobserved": rung.unobserved, "bias": BIASES[rung.name],
        "verdict_4": verdict(rung.low, rung.high, CLAIMED), "verdict_1": verdict(rung.low, rung.high, 1.0),
        "method": rung.method, "claim": claim if rung.name == "adjusted" else ASSOCIATION,
    }  # fmt: skip


def verdict(low: float, high: float, value: float) -> str:
    """Whether an interval lies above or below a value, or holds it."""
    return "above" if low > value else "below" if high < value else "undecided"


def _graded(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    """Grades, and rungs that rest on too few customers without their numbers."""
    grading = hazard_grading(asked, table, by_contacts=True)
    grading.capped("D", where=table["rung"].isin(KNOWN_WRONG), reason="known_bias")
    grading.capped("C", where=table["rung"] == "lagged", reason="known_bias")
    graded = pd.concat([table, grading.result()], axis=1)
    few = (table["events"] > 0) & (table[["events", "customers"]].min(axis=1) < asked.smallest)
    some = (table["exposed_events"] > 0) & (table["exposed_events"] < asked.smallest)
    rest = table["events"] - table["exposed_events"]
    some |= (rest > 0) & (rest < asked.smallest)
    return blank(graded, np.asarray(few | some, dtype=bool))[list(LADDER_COLUMNS)].reset_index(drop=True)
