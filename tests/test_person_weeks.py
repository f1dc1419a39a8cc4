"""Who was there to leave, week by week, and what had happened to them: by hand, and counted again week by week."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pandas as pd
import pytest
from drawn import engagement, store
from planted import Cut, extract, fill, read
from planted.events import process_event_rows

from rootcause_lib.churn_clock import settle_spells
from rootcause_lib.errors import ParameterError
from rootcause_lib.journeys import Following, day_number
from rootcause_lib.person_weeks import Factor, Window, person_weeks, seasons
from rootcause_lib.sample_client import make_client

FOLLOWED = Following("any", 14, own_windows=False)
LAG = Factor("lag", (Window("contact", 3, 9),))
RECENT = Factor("recent", (Window("contact", 1, 3),))
CONTACTS = [
    {"start": "2025-01-06 10:00", "customer": 1},
    {"start": "2025-01-22 10:00", "customer": 2},
    {"start": "2025-01-06 11:00", "customer": 1, "direction": "outbound"},
    {"start": "2025-02-10 10:00", "customer": 3, "reason": "cancel"},
]
CUSTOMERS = [
    {"customer_key": 1, "joined_on": "2024-01-01"},
    # Came in the middle of week 0, gave notice in week 4.
    {"customer_key": 2, "joined_on": "2025-01-08", "cancelled_on": "2025-02-05", "left_on": "2025-03-05"},
    # Died on day 45: the clock stops fourteen days before any leaving date, in week 4.
    {"customer_key": 3, "left_on": "2025-02-20", "leave_reason": "not_choice"},
    # Fourteen days of notice before a leaving date in week 8: week 6.
    {"customer_key": 4, "joined_on": "2024-01-01", "left_on": "2025-03-06", "leave_reason": "choice"},
    {"customer_key": 5, "joined_on": "2024-01-01", "left_on": "2025-02-03", "leave_reason": "moved_within"},
    {"customer_key": 6, "joined_on": "2024-01-01", "left_on": "2025-01-22"},
    {"customer_key": 6, "joined_on": "2025-02-03"},
    {"customer_key": 7, "joined_on": "2025-04-15"},
    {"customer_key": 8, "joined_on": "2024-01-01", "left_on": "2024-12-01"},
]
SETTINGS = '[definitions]\nnotice_days = 14\n[reasons]\ncancellation = ["cancel"]\n'


@pytest.fixture
def drawn(tmp_path):
    columns = dict.fromkeys(("joined_on", "cancelled_on", "left_on", "leave_reason"))
    return store(
        engagement(tmp_path, until="2025-03-30", more=SETTINGS),
        CONTACTS,
        customers=[{**columns, **row} for row in CUSTOMERS],
    )


def test_who_is_at_risk_of_giving_notice_by_hand_count(drawn):
    clock = settle_spells(drawn)
    assert (clock.weeks, clock.notice_known) == (12, True)
    spells = read(drawn, "churn_spells").set_index(["customer_key", "spell"])
    found = {key: (row["entry_week"], row["last_week"], row["left_by_choice"]) for key, row in spells.iterrows()}
    assert found == {
        (1, 1): (0, 11, False),
        (2, 1): (1, 4, True),
        (3, 1): (0, 3, False),
        (4, 1): (0, 6, True),
        # Notice of a move is a move too: week 2 is the first not counted.
        (5, 1): (0, 1, False),
        (6, 1): (0, 0, True),
        (6, 2): (4, 11, False),
    }


def test_weeks_after_a_contact_by_hand_count(drawn):
    """Of 38 weeks customer 1 has two soon after the contact of week 0 and six later; customer 2 two, notice in one."""
    cells = person_weeks(drawn, settle_spells(drawn), [LAG, RECENT], FOLLOWED)
    found = {(row["lag"], row["recent"]): (row["periods"], row["events"]) for row in cells.to_dict("records")}
    assert found == {("no", "no"): (28, 2), ("no", "yes"): (4, 1), ("yes", "no"): (6, 0)}


def counted_again(store, clock):
    """Week by week and customer by customer: problems, contacts, repeats, season, first year."""
    spells, calls = read(store, "churn_spells"), read(store, "stitched_contacts")
    events = read(store, "process_events")
    own = (calls["direction"] == "inbound") & calls["identified"] & ~calls["abandoned"].fillna(False).astype(bool)
    own &= ~calls["reason"].isin(["irtisanominen"])
    calls = calls[own].assign(week=(calls["started_day"] - clock.first_day) // 7)
    repeats = calls[calls["previous_any_seconds"] <= 14 * 86_400]
    late = events[events["process"] == "delivery"].assign(
        due=pd.to_datetime(events["due_on"]), ended=pd.to_datetime(events["ended_on"])
    )
    late = late[late["due"].notna() & (late["ended"].isna() | ((late["ended"] - late["due"]).dt.days >= 1))]
    late = late.assign(week=[(day_number(day.date()) + 1 - clock.first_day) // 7 for day in late["due"]])
    weeks = {
        name: rows.groupby("customer_key")["week"].apply(list).to_dict()
        for name, rows in (("call", calls), ("repeat", repeats), ("late", late))
    }
    found: Counter[tuple[str, ...]] = Counter()
    left: Counter[tuple[str, ...]] = Counter()
    for spell in spells.to_dict("records"):
        for week in range(spell["entry_week"], spell["last_week"] + 1):
            had = {name: weeks[name].get(spell["customer_key"], []) for name in weeks}
            count = sum(3 <= week - one < 9 for one in had["call"])
            cell = (
                str(min(count, 2)),
                "yes" if any(1 <= week - one < 9 for one in had["repeat"]) else "no",
                "yes" if any(1 <= week - one < 13 for one in had["late"]) else "no",
                str(min(week // 13, (clock.weeks - 1) // 13)),
                "yes" if pd.notna(spell["joined_week"]) and week - spell["joined_week"] < 52 else "no",
            )
            found[cell] += 1
            left[cell] += spell["left_by_choice"] and week == spell["last_week"]
    return {cell: (number, left[cell]) for cell, number in found.items()}


def test_every_cell_by_second_implementation(tmp_path):
    """A fictional client of nine months, once in the engine from change points, once week by week."""
    cut = Cut(dt.date(2024, 1, 1), dt.date(2024, 9, 29))
    client = make_client(customers=700, seed=4, start=cut.first, days=273)
    more = '[reasons]\ncancellation = ["irtisanominen"]\n'
    made = extract(client, cut, tmp_path, more=more)
    fill(made.engine, "process_events", process_event_rows(client.tables["process_events"]))
    clock = settle_spells(made)
    factors = [
        Factor("calls", (Window("contact", 3, 9),), levels=("0", "1", "2")),
        Factor("repeats", (Window("repeat", 1, 9),)),
        Factor("late", (Window("problem", 1, 13, item="delivery", overdue_days=1),)),
        seasons(clock),
        Factor("first_year", (Window("joined", 0, 52),)),
    ]
    cells = person_weeks(made, clock, factors, FOLLOWED).drop(columns="segment")
    names = [factor.name for factor in factors]
    ours = cells.groupby(names)[["periods", "events"]].sum()
    expected = counted_again(made, clock)
    assert {cell: tuple(map(int, row)) for cell, row in zip(ours.index, ours.to_numpy(), strict=True)} == expected
    assert ours["events"].sum() > 20
    assert min(ours.reset_index().groupby(name)["periods"].sum().min() for name in names) > 0


def test_windows_that_cannot_be_counted_are_refused():
    with pytest.raises(ParameterError, match="close after it opens"):
        Window("contact", 3, 3)
    with pytest.raises(ParameterError, match="20 weeks at most"):
        Window("contact", 0, 30)


def test_more_factors_than_one_number_holds_are_refused(drawn):
    longest = Factor("longest", (Window("contact", 1, 21),), levels=("0", "1", "2"))
    with pytest.raises(ParameterError, match="11 factors open too many windows"):
        person_weeks(drawn, settle_spells(drawn), [longest] * 11, FOLLOWED)


def test_many_marks_of_one_week_never_spill_into_the_next_factor_by_hand_count(tmp_path):
    """Twenty contacts and orders a day, on one day in each of six weeks: three of each count a week."""
    days = [f"2025-01-{day:02d}" for day in (6, 13, 20, 27)] + ["2025-02-03", "2025-02-10"]
    contacts = [{"start": f"{day} 10:{minute:02d}", "customer": 1} for day in days for minute in range(20)]
    made = store(
        engagement(tmp_path, until="2025-03-30"), contacts, customers=[{"customer_key": 1, "joined_on": "2024-01-01"}]
    )
    orders = [{"customer_key": 1, "process": "order", "started_on": day} for day in days for _ in range(20)]
    fill(made.engine, "process_events", pd.DataFrame(orders))
    counts = tuple(map(str, range(19)))
    factors = [
        Factor("calls", (Window("contact", 0, 6),), levels=counts),
        Factor("orders", (Window("problem", 0, 6, item="order"),), levels=counts),
        Factor("any_call", (Window("contact", 0, 6),)),
        Factor("nothing", (Window("channel", 0, 6, item="chat"),)),
    ]
    cells = person_weeks(made, settle_spells(made), factors, FOLLOWED)
    weeks = {(row["calls"], row["orders"]): row["periods"] for row in cells.to_dict("records")}
    assert weeks == {(str(n), str(n)): 1 + (n in (3, 6, 9, 12, 15)) for n in range(3, 19, 3)} | {("0", "0"): 1}
    assert set(cells["nothing"]) == {"no"}
