"""How much an hour counts, and on which days processes strike."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill

from rootcause_lib.demand import HOLIDAY, Calendar, demand_by_kind, events_by_day
from rootcause_lib.periods import Period

YEAR = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))


def counted(*rows: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind_of_day", "hour", "contacts"])


def test_demand_follows_the_contacts_of_an_hour_by_hand_count():
    """Four Mondays with 99 contacts at nine, one holiday with none: 672 hours of 99 contacts in all."""
    days = np.array([4, 4, 4, 4, 4, 4, 3, 1])
    demand = demand_by_kind(counted((0, 9, 99)), days)
    # One contact at the mean rate of 99/672 an hour joins each: 100 in 4 + 6.79 days against 1 in 7.79.
    assert demand[0, 9] / demand[0, 8] == pytest.approx(100)
    assert demand[HOLIDAY, 9] / demand[0, 8] == pytest.approx((4 + 672 / 99) / (1 + 672 / 99))
    assert (days @ demand).sum() == pytest.approx(672)


def test_without_contacts_every_hour_counts_alike():
    days = np.array([4, 4, 4, 4, 4, 4, 4, 0])
    demand = demand_by_kind(counted(), days)
    assert demand[:7] == pytest.approx(np.ones((7, 24)), abs=0.02)


def test_clock_changes_and_kinds_of_days_of_a_year_by_published_calendar():
    """In 2025 Finnish clocks went forward on 30 March and back on 26 October, both at 01:00 UTC."""
    holidays = frozenset({dt.date(2025, 12, 25), dt.date(2025, 4, 20)})
    calendar = Calendar(YEAR, "Europe/Helsinki", holidays)
    first = dt.datetime(2024, 12, 31, 22, tzinfo=dt.UTC)
    forward, back = (
        int((dt.datetime(2025, *day, 1, tzinfo=dt.UTC) - first).total_seconds() // 3600) for day in ((3, 30), (10, 26))
    )
    rows = calendar.clock_changes()
    assert [(row["from_hour"], row["ahead_hours"]) for row in rows] == [(0, 0), (forward, 1), (back, 0)]
    assert [row["until_hour"] for row in rows[:2]] == [forward, back]
    assert calendar.hours == 365 * 24
    # 2025 began on a Wednesday, of which there were 53; 25 December was a Thursday and 20 April a Sunday.
    assert calendar.days_by_kind().tolist() == [52, 52, 53, 51, 52, 52, 51, 2]


def test_events_by_day_by_hand_count(tmp_path):
    settings = engagement(tmp_path, more="[processes.invoice]\n", until="2025-04-30")
    drawn = store(settings, [{"start": "2025-02-12 10:00", "customer": 1}])
    rows = [("invoice", 1, "2025-03-01"), ("invoice", 2, "2025-03-01"), ("invoice", 2, "2025-03-01"),
            ("invoice", None, "2025-03-01"), ("invoice", 1, "2025-03-02"), ("strike", 1, "2025-03-01"),
            ("invoice", 1, "2025-04-02"), ("invoice", 1, None)]  # fmt: skip
    events = pd.DataFrame(rows, columns=["process", "customer_key", "started_on"])
    fill(drawn.engine, "process_events", events.assign(event_id=[str(n) for n in range(len(rows))]).astype("string"))
    found = events_by_day(drawn, Period(dt.date(2025, 3, 1), dt.date(2025, 3, 31)))
    assert found.to_dict("records") == [
        {"process": "invoice", "day": dt.date(2025, 3, 1), "events": 4, "customers": 2},
        {"process": "invoice", "day": dt.date(2025, 3, 2), "events": 1, "customers": 1},
    ]
