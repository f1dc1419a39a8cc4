"""What is said beforehand of the page on leaving, held to what the page then gives."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from planted import Cut, extract, fill
from planted.events import process_event_rows

from rootcause_lib.analyses import analyse_churn_risk
from rootcause_lib.analyses.readiness import readiness
from rootcause_lib.sample_client import SampleClient, make_client
from rootcause_lib.store import Store

LENIENT = """
[definitions]
smallest_cell = 1
{more}
[grades]
spread = [1000, 1000, 1000]
events = [1, 1, 1]
customers = [1, 1, 1]
identified = [0.1, 0.1, 0.1]
[processes.billing]
bands = [0, 7]
[reasons]
cancellation = ["irtisanominen"]
"""
"""Limits so wide that only what the data lack pulls a grade down."""
COLUMNS = ("cancelled_on", "left_on", "leave_reason", "joined_on", "monthly_margin", "segment")
CUT = Cut(dt.date(2025, 1, 6), dt.date(2025, 7, 6))


@pytest.fixture(scope="module")
def client() -> SampleClient:
    return make_client(customers=900, seed=6, start="2025-01-06", days=182)


def made(
    client: SampleClient, folder: Path, *, lacking: Sequence[str] = (), events: str = "given", more: str = ""
) -> Store:
    """The client's store without some columns of its customer list, or without process events."""
    customers = client.tables["customers"].drop(columns=list(lacking)).assign(**dict.fromkeys(lacking))
    cut = dataclasses.replace(client, tables={**client.tables, "customers": customers})
    if "left_on" in lacking:
        cut = dataclasses.replace(
            cut, tables={**cut.tables, "customers": customers.assign(left_on=pd.Series(pd.NaT, index=customers.index))}
        )
    found = extract(cut, CUT, folder, more=LENIENT.format(more=more))
    present = found.present
    if events == "given":
        fill(found.engine, "process_events", process_event_rows(client.tables["process_events"]))  # type: ignore[arg-type]
        present = (*present, "process_events")
    filled = [
        {"table": "customers", "column": name, "filled": float(name not in lacking), "rows": 1} for name in COLUMNS
    ]
    others = found.intake.filled[found.intake.filled["table"] != "customers"]
    told = pd.concat([others, pd.DataFrame(filled)], ignore_index=True)
    return dataclasses.replace(found, intake=dataclasses.replace(found.intake, present=present, filled=told))


def said(given: Store) -> pd.Series:
    return readiness(given).set_index("analysis").loc["churn_risk"]


def best_given(given: Store) -> str:
    """The best grade of the ladder."""
    ladder = analyse_churn_risk(given).ladder
    return str(ladder["grade"].min()) if len(ladder) else "D"


def test_nothing_lacks_and_the_page_reaches_what_is_promised(client: SampleClient, tmp_path: Path) -> None:
    given = made(client, tmp_path)
    row = said(given)
    assert (row["status"], row["method_used"], row["best_grade"], row["missing"]) == (
        "ready", "person_week_hazards", "A", "none",
    )  # fmt: skip
    assert best_given(given) == "A"


def test_without_process_events_no_better_than_b(client: SampleClient, tmp_path: Path) -> None:
    given = made(client, tmp_path, events="none")
    row = said(given)
    assert (row["method_used"], row["best_grade"]) == ("person_week_hazards_unadjusted", "B")
    assert row["missing"] == "process_events"
    assert best_given(given) == "B"


def test_without_notice_no_better_than_d_unless_it_is_stated(client: SampleClient, tmp_path: Path) -> None:
    given = made(client, tmp_path / "none", lacking=["cancelled_on"])
    assert (said(given)["best_grade"], said(given)["missing"]) == ("D", "notice")
    assert best_given(given) == "D"
    stated = made(client, tmp_path / "stated", lacking=["cancelled_on"], more="notice_days = 21")
    assert said(stated)["best_grade"] == "A"
    assert best_given(stated) == "A"


def test_only_a_mark_of_who_left_compares_leavers_and_no_more(client: SampleClient, tmp_path: Path) -> None:
    given = made(client, tmp_path, lacking=["cancelled_on", "left_on"])
    row = said(given)
    assert (row["status"], row["method_used"], row["best_grade"]) == ("partial", "leavers_compared", "D")
    assert set(row["missing"].split(";")) == {"leaving_dates", "notice"}
    found = analyse_churn_risk(given)
    assert set(found.ladder["grade"]) <= {"D"}
    assert found.survival.empty
    assert "churn_retention.no_dates" in [one.key for one in found.cannot_tell]


def test_nothing_of_who_left_is_blocked(client: SampleClient, tmp_path: Path) -> None:
    row = said(made(client, tmp_path, lacking=["cancelled_on", "left_on", "leave_reason"]))
    assert (row["status"], row["best_grade"]) == ("blocked", "D")
    assert {"leaving_dates", "leaving_marks"} <= set(row["missing"].split(";"))


@pytest.mark.parametrize(
    ("column", "named"), [("segment", "segments"), ("joined_on", "joining_dates"), ("monthly_margin", "margins")]
)
def test_a_column_that_is_not_there_is_named_and_what_it_adds_is_not_there(
    client: SampleClient, tmp_path: Path, column: str, named: str
) -> None:
    given = made(client, tmp_path, lacking=[column])
    row = said(given)
    assert (row["status"], row["missing"], row["what_it_would_add"]) == ("partial", named, named)
    found = analyse_churn_risk(given)
    if column == "segment":
        assert set(found.segment_risk["segment"]) == {"all"}
    elif column == "joined_on":
        assert not (found.survival["since"] == "joining").any()
    else:
        assert not (found.retention_value["counted_in"] == "money").any()


def test_silence_counts_as_leaving_where_the_engagement_says_so(client: SampleClient, tmp_path: Path) -> None:
    given = made(client, tmp_path, lacking=["cancelled_on", "left_on", "leave_reason"], more='churn = "dormant"')
    row = said(given)
    assert row["best_grade"] == "A"
    assert "leaving_dates" not in row["missing"].split(";")
