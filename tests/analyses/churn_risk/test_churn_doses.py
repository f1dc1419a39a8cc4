"""Weeks after contacts and problems of every kind, counted by hand; what is left out and what is said of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill, read

from rootcause_lib.analyses.churn_risk.asked import Asked, asked_about
from rootcause_lib.analyses.churn_risk.dose import dose_frame, problem_frame
from rootcause_lib.analyses.churn_risk.dose_findings import dose_readings, problem_readings, standing_out
from rootcause_lib.analyses.churn_risk.doses import doses
from rootcause_lib.analyses.churn_risk.exposures import adjusted_with, least_customers
from rootcause_lib.analyses.churn_risk.guards import guarded
from rootcause_lib.analyses.churn_risk.hazard_factors import contacts_back, problems
from rootcause_lib.analyses.churn_risk.problems import problem_ratios
from rootcause_lib.person_weeks import fits_one_number, settle_cancellations
from rootcause_lib.prose import sentence
from rootcause_lib.statements import statement

SETTINGS = """
[definitions]
notice_days = 0
window_days = 14
matching = "any"
{further}
[reasons]
cancellation = ["cancel"]
neutral = ["advice"]
[processes.billing]
"""
# Weeks count from Monday 6 January 2025; contacts lie in weeks 10 and 12.
FIRST, SECOND = "2025-03-17 10:00", "2025-03-31 10:00"
CONTACTS = [
    {"start": "2025-01-06 09:00", "customer": None},
    {"start": FIRST, "customer": 1, "channel": "phone", "reason": "advice", "agent_id": "A", "wait_seconds": 30.0},
    {
        "start": SECOND, "customer": 1, "channel": "chat", "reason": "advice", "agent_id": "A", "wait_seconds": 400.0,
        "resolved": True,
    },
    {"start": FIRST, "customer": 2, "channel": "phone", "reason": "bill", "agent_id": "A", "resolved": False},
    {"start": FIRST, "customer": 3, "channel": "phone", "reason": "cancel"},
    {"start": FIRST, "customer": 4, "channel": "phone", "reason": "bill", "agent_id": "A", "wait_seconds": 60.0},
    {"start": "2025-03-31 09:59", "customer": 4, "channel": "phone", "reason": "bill", "agent_id": "B"},
    {"start": FIRST, "customer": 5, "direction": "outbound", "reason": "bill"},
    {"start": FIRST, "customer": 6, "abandoned": True},
]  # fmt: skip


def asked_of(folder, contacts=CONTACTS, *, customers=9, events=(), further="", until="2025-08-03") -> Asked:
    """Customers who were there all the time and stayed, but for the last one, who gives notice in week 26."""
    rows = [{"customer_key": key + 1, "joined_on": "2024-01-01", "left_on": None} for key in range(customers)]
    rows[-1]["left_on"] = "2025-07-09"
    more = SETTINGS.format(further=further)
    made = store(engagement(folder, until=until, more=more), contacts, customers=rows)
    if events:
        fill(made.engine, "process_events", pd.DataFrame(events))
    intake = dataclasses.replace(made.intake, present=(*made.present, "process_events"))
    made = dataclasses.replace(made, intake=intake)
    period = made.period(None, None)
    return asked_about(made, period, lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0)


def weeks_of(asked: Asked) -> dict[tuple[str, str], float]:
    table = doses(asked).table
    return {(row["split"], row["level"]): row["weeks"] for row in table.to_dict("records") if row["weeks"] > 0}


def test_weeks_after_contacts_by_hand_count(tmp_path):
    """A contact of week 10 counts in weeks 13 to 18, one of week 12 in 15 to 20; both leave the two weeks after out.

    Customer 1: 15-18 both, 19 and 20 one. Customer 4 came back a minute before fourteen days were over: the same weeks.
    Customer 2: 13-18, one. To cancel, outbound and abandoned contacts count for nothing.
    """
    assert weeks_of(asked_of(tmp_path)) == {
        ("contacts", "1"): 2 + 2 + 6,
        ("contacts", "2"): 4 + 4,
        ("resolution", "resolved"): 6,
        ("resolution", "unresolved"): 6,
        ("resolution", "unknown"): 6,
        ("repeat", "once"): 6,
        ("repeat", "came_back"): 6 + 6,
        ("channel", "phone"): 4 + 6 + 6,
        ("channel", "chat"): 6,
        ("reason", "advice"): 6,
        ("reason", "bill"): 6 + 6,
        # The longest wait counts: 400 seconds, then 60 of week 10, which ends with week 18; 2's is not known.
        ("wait", "long"): 6,
        ("wait", "middle"): 4,
        ("wait", "unknown_wait"): 6 + 2,
        ("agent", "same"): 6,
        ("agent", "other"): 6,
        ("agent", "not_back"): 6,
    }  # fmt: skip


def test_groups_of_reasons_where_there_are_any_by_hand_count(tmp_path):
    grouped = [{**row, "reason_group": "money" if row.get("reason") == "bill" else None} for row in CONTACTS]
    found = weeks_of(asked_of(tmp_path, grouped))
    assert found["reason_group", "money"] == 12
    assert not [key for key in found if key[0] == "reason"]


PROBLEMS = [{"customer_key": key, "process": "billing", "started_on": "2025-05-26"} for key in (1, 2, 3, 4, 5)]
AFTER = [
    {"start": "2025-01-06 09:00", "customer": None},
    # Before the problem of week 20, the same week.
    {"start": "2025-05-25 10:00", "customer": 2, "resolved": True},
    {"start": "2025-06-10 10:00", "customer": 1, "resolved": True},
    {"start": "2025-06-05 10:00", "customer": 3, "resolved": False},
    {"start": "2025-06-24 10:00", "customer": 3, "resolved": True},
    {"start": "2025-06-03 10:00", "customer": 4},
    {"start": "2025-06-03 11:00", "customer": 5, "reason": "cancel"},
]


def test_what_became_of_problems_by_hand_count(tmp_path):
    """A problem of week 20 is looked at in weeks 21 to 32, by what had become of it before each week.

    1: contact in week 22, resolved. 2: none after it. 3: unresolved in week 21, resolved in week 24. 4: week 21, no
    mark. 5: only to cancel.
    """
    asked = asked_of(tmp_path, AFTER, events=PROBLEMS, until="2025-12-28")
    rows = problem_ratios(asked).set_index("handling")["weeks"].to_dict()
    assert rows == {
        "all": 60, "never_contacted": 2 + 12 + 1 + 1 + 12, "resolved": 10 + 8, "unresolved": 3, "unknown": 11,
    }  # fmt: skip


def test_a_problem_that_is_overdue_begins_when_it_is_by_hand_count(tmp_path):
    settings = SETTINGS.replace("[processes.billing]", "[processes.delivery]\noverdue_bands = [7, 14]")
    # Due in week 20: a week late from week 21 on; the second one came on the sixth day, the third on the seventh.
    due = {"process": "delivery", "started_on": "2025-05-19", "due_on": "2025-05-26"}
    events = [
        {**due, "customer_key": 1, "ended_on": None},
        {**due, "customer_key": 2, "ended_on": "2025-06-01"},
        {**due, "customer_key": 3, "ended_on": "2025-06-02"},
    ]
    contacts = [{"start": "2025-01-06 09:00", "customer": None}, {"start": "2025-06-03 09:00", "customer": 1}]
    made = engagement(tmp_path, until="2025-12-28", more=settings.format(further=""))
    rows = [{"customer_key": key, "joined_on": "2024-01-01"} for key in (1, 2, 3)]
    drawn = store(made, contacts, customers=rows)
    fill(drawn.engine, "process_events", pd.DataFrame(events))
    drawn = dataclasses.replace(
        drawn, intake=dataclasses.replace(drawn.intake, present=(*drawn.present, "process_events"))
    )
    asked = asked_about(
        drawn, drawn.period(None, None), lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0
    )
    found = problem_ratios(asked).set_index("handling")["weeks"].to_dict()
    # 1: contact in week 21, the problem's own: every week of 22 to 33 is after it. 3: never.
    assert found == {"all": 24, "never_contacted": 12, "resolved": 0, "unresolved": 0, "unknown": 12}


def test_marks_of_waits_at_their_edges_by_hand(tmp_path):
    waits = (0.0, 59.0, 60.0, 299.0, 300.0)
    contacts = [{"start": f"2025-03-17 1{n}:00", "customer": 1, "wait_seconds": wait} for n, wait in enumerate(waits)]
    asked = asked_of(tmp_path, [CONTACTS[0], *contacts])
    settle_cancellations(asked.store)
    given = {"observed_from_day": asked.clock.first_day, "middle_seconds": 60, "long_seconds": 300}
    asked.store.engine.materialise("further_marks", statement("wait_marks", values=given))
    found = read(asked.store, "further_marks")["item"].value_counts().to_dict()
    assert found == {"short": 2, "middle": 2, "long": 1}


def test_more_processes_than_fit_count_together(tmp_path):
    processes = "\n".join(f"[processes.p{number:02d}]" for number in range(11))
    asked = asked_of(tmp_path, further="smallest_cell = 1")
    more = SETTINGS.format(further="").replace("[processes.billing]", processes)
    folder = tmp_path / "many"
    folder.mkdir()
    made = dataclasses.replace(asked.store, engagement=engagement(folder, until="2025-08-03", more=more))
    many = dataclasses.replace(asked, store=made)
    assert len(problems(many)) == 11
    counts = tuple(map(str, range(19)))
    exposures = [contacts_back(many, f"kind_{n}", levels=counts) for n in range(8)]
    found = adjusted_with(many, exposures)
    assert fits_one_number([*exposures, *found])
    assert "problem:other processes" in {factor.name for factor in found}
    assert len(doses(many).table)


def test_at_least_so_many_customers_by_hand(tmp_path):
    asked = asked_of(tmp_path)
    assert asked.clock.judged_weeks == 30
    assert least_customers([31.0, 300.0, 5.0], [1.0, 11.0, 0.0], asked=asked).tolist() == [2, 11, 1]


def rows(**given) -> pd.DataFrame:
    """A split by how contacts ended, with so many events and weeks of each level."""
    levels = {"resolved": (90.0, 9000.0), "unresolved": (60.0, 4000.0), "unknown": (40.0, 4000.0), **given}
    known = {"confidence": 0.95, "within_weeks": 6.0, "hazard_ratio": 1.5, "low": 1.2, "high": 1.9, "unobserved": 0.0}
    gaps = dict.fromkeys(
        ("risk_difference", "risk_difference_low", "risk_difference_high", "per_1000", "per_1000_low", "per_1000_high"),
        0.01,
    )
    return pd.DataFrame(
        [
            {"split": "resolution", "level": level, "events": events, "weeks": weeks, **known, **gaps}
            for level, (events, weeks) in levels.items()
        ]
    )


def test_a_level_of_few_and_one_that_would_give_it_back_have_no_numbers_by_hand(tmp_path):
    asked = asked_of(tmp_path, further="smallest_cell = 5")
    claim = guarded(asked).claim
    shown = dose_frame(asked, rows(), claim).set_index("level")
    assert shown["hazard_ratio"].notna().all()
    hidden = dose_frame(asked, rows(unknown=(3.0, 4000.0)), claim).set_index("level")
    assert hidden.loc["unknown", ["hazard_ratio", "weeks", "events"]].isna().all()
    assert hidden["events"].isna().sum() >= 2
    assert hidden.loc["unknown", "grade_reasons"] == "suppressed"
    assert hidden.loc["unknown", "within_weeks"] == 6
    channel = rows(unknown=(3.0, 4000.0)).assign(split="channel")
    assert dose_frame(asked, channel, claim)["events"].isna().sum() == 1


def test_problems_of_few_are_hidden_by_hand(tmp_path):
    asked = asked_of(tmp_path, further="smallest_cell = 5")
    table = rows(unknown=(3.0, 4000.0)).rename(columns={"level": "handling"}).drop(columns="split")
    whole = table.iloc[:1].assign(handling="all", events=153.0, weeks=17000.0)
    table = pd.concat([whole, table]).assign(process="billing").reset_index(drop=True)
    found = problem_frame(asked, table).set_index("handling")
    assert np.isnan(found.loc["unknown", "events"])
    # The whole is shown, so a second part must go.
    assert found.loc["all", "events"] == 153
    assert found.loc[["resolved", "unresolved"], "events"].isna().sum() >= 1


def test_only_what_stands_out_from_many_is_told_by_hand():
    told = {"hazard_ratio": 1.5, "low": 1.02, "high": 2.2, "confidence": 0.95}
    alike = {"hazard_ratio": 1.0, "low": 0.68, "high": 1.47, "confidence": 0.95}
    assert len(standing_out([told])) == 1
    assert standing_out([told, *[alike] * 9]) == []
    sure = {"hazard_ratio": 2.0, "low": 1.5, "high": 2.7, "confidence": 0.95}
    assert standing_out([sure, told, *[alike] * 9]) == [sure]
    fewer = {"hazard_ratio": 0.5, "low": 0.4, "high": 0.62, "confidence": 0.95}
    assert standing_out([fewer, {**alike, "hazard_ratio": np.nan, "low": np.nan, "high": np.nan}]) == []


@pytest.mark.parametrize("language", ["en", "fi"])
def test_ten_leavers_and_no_leaver_are_said_without_a_fall(tmp_path, language):
    asked = asked_of(tmp_path)
    found, guards = doses(asked), guarded(asked)
    table = dose_frame(asked, found.table.assign(unobserved=0.0), guards.claim)
    for finding in (*dose_readings(asked, table, found.steps, guards), *problem_readings(problem_ratios(asked))):
        assert sentence(finding, language=language)
    assert set(table["grade"]) == {"D"}
