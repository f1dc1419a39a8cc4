"""The part on contacts before leaving: how often customers make contact, week by week back from the day they leave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import Grading, spread_letters
from rootcause_lib.journeys import day_number
from rootcause_lib.person_weeks import settle_cancellations
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import rate_from_sums

CLOCKS = ("notice", "leaving")
"""The two days counted back from: when notice was given, and the leaving date."""
WEEKS_BACK = 26
USUAL_FROM = 9
"""Weeks so far back are the customers' usual ones, which a spike is held against."""
SPIKE = 1.5
"""A week whose limits lie above so many times the usual is named."""

BEFORE_EXIT_COLUMNS = (
    "clock", "weeks_before", "per_week", "low", "high", "level", "contacts", "customers", "usual", "ratio_to_usual",
    "spike", "to_cancel", "cancel_share", "unobserved", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip


def before_exit(asked: Asked) -> Part:
    """The week in which those who leave call most, and how many of those calls are to cancel."""
    table = contacts_before_exit(asked)
    said = tuple(_about(table, asked))
    return Part(frames={"contacts_before_exit": table}, readings={"contacts_before_exit": said})


def contacts_before_exit(asked: Asked) -> pd.DataFrame:
    """One row per clock and week back: contacts per customer and week of those who left by choice.

    Only customers who were there and seen all that week count. usual: the same customers' rate `USUAL_FROM` weeks back
    and more. Needs `churn_spells`.
    """
    store = asked.store
    settle_cancellations(store)
    values: dict[str, Value] = {
        "observed_from_day": asked.clock.first_day,
        "observed_until_day": day_number(store.observed_until),
        "most_weeks": WEEKS_BACK,
    }
    found = store.engine.run(statement("contacts_before_exit", values=values))
    if not asked.clock.dates_known or found["customers"].sum() == 0:
        return pd.DataFrame(columns=list(BEFORE_EXIT_COLUMNS))
    return pd.concat([_clocked(asked, found, clock) for clock in CLOCKS], ignore_index=True)


def _clocked(asked: Asked, found: pd.DataFrame, clock: str) -> pd.DataFrame:
    own = found[found["clock"] == clock]
    weeks = pd.RangeIndex(WEEKS_BACK, name="weeks_before")
    sums = own.groupby("weeks_before")[["customers", "contacts", "squares", "to_cancel"]].sum().reindex(weeks)
    table = sums.fillna(0.0).astype("float64").reset_index()
    # Who was seen n weeks back was seen in every week since.
    table["customers"] = table["customers"][::-1].cumsum()[::-1]
    table = table[table["customers"] > 0].reset_index(drop=True)
    customers = table["customers"]
    rates = rate_from_sums(
        ClusterSums.of(
            value=table["contacts"], weight=customers, clusters=customers, value_value=table["squares"],
            value_weight=table["contacts"], weight_weight=customers,
        ),
        level=asked.level,
    )  # fmt: skip
    far = table[table["weeks_before"] >= USUAL_FROM]
    usual = far["contacts"].sum() / far["customers"].sum() if len(far) else np.nan
    table = table.assign(
        clock=clock, per_week=rates.value, low=rates.low, high=rates.high, level=asked.level, usual=usual,
        ratio_to_usual=rates.value / usual if usual else np.nan, spike=rates.low > SPIKE * usual,
        cancel_share=table["to_cancel"] / table["contacts"].where(table["contacts"] > 0), unobserved=0.0,
        method=rates.method.astype(str), claim="descriptive",
    )  # fmt: skip
    return _graded(asked, table)


def _graded(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    limits = asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(spread_letters(table["low"], table["high"], limits))
    grading.customers(table["customers"]).identified(asked.store.identified_share)
    guessed = not asked.clock.notice_known
    grading.capped("D", where=(table["clock"] == "notice") & guessed, reason="notice_unknown")
    graded = pd.concat([table, grading.result()], axis=1)
    shown = blank(graded, np.asarray(table["customers"] < asked.smallest))
    return shown[list(BEFORE_EXIT_COLUMNS)]


def _about(table: pd.DataFrame, asked: Asked) -> Iterator[Finding]:
    """The highest week on each clock, where it stands out."""
    for clock in CLOCKS:
        own = table[(table["clock"] == clock) & table["spike"].fillna(False).astype(bool)]
        if len(own):
            yield _spike(records(own.sort_values("per_week", ascending=False, kind="stable"))[0], clock)
    if len(table) and not table["spike"].fillna(False).astype(bool).any():
        yield Finding("churn_ladder.no_spike", {})
    if len(table) and not asked.store.engagement.reasons.cancellation:
        yield Finding("churn_ladder.no_cancellation_reasons", {})


def _spike(row: Row, clock: str) -> Finding:
    customers = known(row["customers"])
    given: dict[str, Field] = {
        "rate": Quantity("rate", known(row["per_week"]), known(row["low"]), known(row["high"]), customers),
        "times": Quantity("ratio", known(row["ratio_to_usual"]), denominator=customers),
        "cancelling": Quantity("share", known(row["cancel_share"]), denominator=known(row["contacts"])),
        "weeks_before": int(row["weeks_before"]),
    }
    key = "spike_now" if clock == "notice" and row["weeks_before"] == 0 else f"spike_{clock}"
    return Finding(f"churn_ladder.{key}", given, str(row["grade"]))
