"""Leaving follows the planted hazards, notice and calls to cancel."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.sample_client import SampleClient, World, make_client

START = pd.Timestamp("2025-01-01")
WEEKS = 26
HISTORY = 12


def leavers_world(**effects: float | dict[str, float]) -> World:
    return dataclasses.replace(World.plain(), leaving_per_year=0.4, **effects)


def by_week(customers: pd.Series, moments: pd.Series, count: int) -> np.ndarray:
    """Whether something happened to a customer in a week of the period."""
    week = (moments - START).dt.days // 7
    marks = np.zeros((WEEKS, count), dtype=bool)
    inside = week.between(0, WEEKS - 1).to_numpy()
    marks[week[inside], customers.to_numpy()[inside]] = True
    return marks


def hazard_ratio(
    client: SampleClient, marks: np.ndarray, weeks_back: int, *, but: np.ndarray | None = None
) -> tuple[float, float]:
    """Weekly hazard of giving notice with a mark in the weeks before against none; and the error of its log."""
    who = client.tables["customers"]
    notice = ((who["cancelled_on"] - START).dt.days // 7).fillna(10_000).to_numpy()
    events, weeks = np.zeros(2), np.zeros(2)
    for week in range(HISTORY, WEEKS):
        exposed = marks[week - weeks_back : week].any(axis=0)
        present = notice >= week
        if but is not None:
            present &= ~but[week - weeks_back : week].any(axis=0)
        for level in (0, 1):
            chosen = present & (exposed == bool(level))
            weeks[level] += chosen.sum()
            events[level] += (notice[chosen] == week).sum()
    cloglog = np.log1p(-events / weeks)
    return float(cloglog[1] / cloglog[0]), float(np.sqrt((1 / events).sum()))


def test_contact_hazard_ratio_by_planted_truth() -> None:
    world = leavers_world(contact_hazard_resolved=3.0, contact_hazard_unresolved=3.0, calls_to_cancel=0.0)
    client = make_client(customers=30_000, seed=21, days=WEEKS * 7, world=world)
    marks = by_week(client.hidden["customer"], client.tables["contacts"]["started_at"], 30_000)
    ratio, error = hazard_ratio(client, marks, 8)
    # segments and terms differ in hazard, whose depletion takes a little off any ratio
    assert abs(np.log(ratio / 3.0)) < 4 * error + 0.02
    assert error < 0.04


def test_resolved_contacts_do_nothing_in_the_shipped_world_by_planted_truth() -> None:
    world = leavers_world(contact_hazard_resolved=1.0, contact_hazard_unresolved=2.5)
    client = make_client(customers=40_000, seed=22, days=WEEKS * 7, world=world)
    own = client.hidden["cause_code"] == 0
    resolved, moments = client.hidden["resolved"], client.tables["contacts"]["started_at"]
    unhappy = by_week(client.hidden["customer"][own & ~resolved], moments[own & ~resolved], 40_000)
    happy = by_week(client.hidden["customer"][own & resolved], moments[own & resolved], 40_000)
    ratio, error = hazard_ratio(client, unhappy, 8)
    assert abs(np.log(ratio / 2.5)) < 4 * error + 0.02
    ratio, error = hazard_ratio(client, happy, 8, but=unhappy)
    assert abs(np.log(ratio)) < 4 * error + 0.02


def test_three_or_more_contacts_by_planted_truth() -> None:
    world = leavers_world(
        contact_hazard_resolved=1.0, contact_hazard_unresolved=1.0, contact_hazard_three_or_more=4.0, cases_per_year=8.0
    )
    client = make_client(customers=20_000, seed=23, days=WEEKS * 7, world=world)
    own = client.hidden["cause_code"] == 0
    week = ((client.tables["contacts"]["started_at"] - START).dt.days // 7)[own].clip(0, WEEKS - 1)
    counts = np.zeros((WEEKS, 20_000), dtype=int)
    np.add.at(counts, (week, client.hidden["customer"][own]), 1)
    many = np.array([counts[max(row - 7, 0) : row + 1].sum(axis=0) >= 3 for row in range(WEEKS)])
    ratio, error = hazard_ratio(client, many, 1)
    assert abs(np.log(ratio / 4.0)) < 4 * error + 0.02


def test_problem_hazard_ratio_by_planted_truth() -> None:
    world = leavers_world(
        invoices_per_year=4,
        billing_error_share=0.3,
        contact_hazard_unresolved=1.0,
        problem_hazards={"billing": 2.0, "delivery": 1.0, "outage": 1.0, "claim": 1.0},
    )
    client = make_client(customers=30_000, seed=24, days=WEEKS * 7, world=world)
    wrong = client.tables["process_events"].query("process == 'billing'")
    marks = by_week(wrong["customer_id"].astype(int) - 1, wrong["started_at"], 30_000)
    ratio, error = hazard_ratio(client, marks, 12)
    assert abs(np.log(ratio / 2.0)) < 4 * error + 0.02


@pytest.fixture(scope="module")
def client() -> SampleClient:
    return make_client(customers=40_000, seed=25)


def test_notice_is_given_none_to_six_weeks_ahead_by_planted_truth(client: SampleClient) -> None:
    who = client.tables["customers"]
    early = who[(who["cancelled_on"] < "2025-11-01")]
    days = (early["left_on"] - early["cancelled_on"]).dt.days
    assert days.notna().all()
    assert (days.min(), days.max()) == (0, 42)
    assert days.mean() == pytest.approx(21, abs=1)
    assert who.loc[who["left_on"].isna(), "leave_reason"].isna().all()


def test_calls_to_cancel_come_on_the_day_of_notice_by_planted_truth(client: SampleClient) -> None:
    calls = (client.hidden["cause_code"] == 6) & (client.hidden["position"] == 1)
    calls &= client.hidden["row"].isin(["contact", "first_leg"])
    who = client.tables["customers"]
    notice = who["cancelled_on"].reindex(client.hidden["customer"][calls]).to_numpy()
    days = (client.tables["contacts"]["started_at"][calls].to_numpy() - notice) / np.timedelta64(1, "D")
    # a holiday or a closed line puts the call off
    assert np.mean((days >= 0) & (days < 1)) > 0.97
    by_choice = (who["leave_reason"] == "choice") & (who["left_on"] < "2025-12-01")
    called = who.index[by_choice].isin(client.hidden["customer"][calls])
    assert called.mean() == pytest.approx(client.world.calls_to_cancel, abs=0.04)


def test_nothing_happens_after_the_last_day_by_identity(client: SampleClient) -> None:
    left = client.tables["customers"].set_index("customer_id")["left_on"].dropna()
    for name in ("contacts", "process_events"):
        table = client.tables[name].dropna(subset="customer_id")
        last = table["customer_id"].map(left)
        assert not (table["started_at"] >= last + pd.Timedelta(days=1)).any()


def test_nobody_leaves_when_nobody_leaves_by_identity() -> None:
    client = make_client(customers=500, seed=4, days=60, world=World().without_leaving())
    assert client.tables["customers"]["cancelled_on"].isna().all()
    assert client.truth.leaving["gave_notice"] == 0
