"""Waiting and repeats in rows against counts in plain Python over drawn worlds with every column full of gaps."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import pytest

from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.analyses.channel_resolution.queue_sums import waiting
from rootcause_lib.journeys import Following, following
from rootcause_lib.periods import DAY_SECONDS, Period, end_second
from second_opinion import stitched_contacts
from second_opinion.worlds import RULES, draw, store_of


@pytest.fixture(scope="module", params=[1, 2])
def world(request, tmp_path_factory):
    rows, customers = draw(seed=request.param)
    return store_of(tmp_path_factory.mktemp("drawn"), rows, customers), rows, customers


@pytest.fixture(scope="module")
def attempts(world):
    _store, rows, customers = world
    contacts = stitched_contacts(rows, customers, RULES).values()
    return [row for row in contacts if row["direction"] == "inbound"]


@pytest.fixture(scope="module")
def counted(world):
    store, *_ = world
    days = Period(store.observed_from, store.observed_until)
    return waiting(asked_about(store, days, Following("any", 14, own_windows=False)))


def test_sums_by_channel_day_and_hour_by_second_implementation(attempts, counted):
    expected = defaultdict(lambda: defaultdict(float))
    for row in attempts:
        cell = expected[row["channel"], row["started_on"], row["started_hour"]]
        gave_up, wait = row["abandoned"], row["wait_seconds"]
        cell["attempts"] += 1
        cell["offered"] += gave_up is not None
        cell["abandoned"] += gave_up is True
        cell["abandoned_waits"] += gave_up is True and wait is not None
        cell["short_abandons"] += gave_up is True and wait is not None and wait <= 20
        cell["answered_waits"] += gave_up is False and wait is not None
        cell["answered_within"] += gave_up is False and wait is not None and wait <= 20
        cell["waits"] += gave_up is not True and wait is not None
        cell["waited"] += wait if gave_up is not True and wait is not None else 0
        cell["gave_up_waited"] += wait if gave_up is True and wait is not None else 0
        cell["watched"] += wait if gave_up is not None and wait is not None else 0
    epoch = dt.date(1970, 1, 1)
    found = {
        (row["channel"], epoch + dt.timedelta(days=int(row["started_day"])), row["started_hour"]): row
        for row in counted.hours.to_dict("records")
    }
    assert found.keys() == set(expected)
    for key, cell in expected.items():
        for name, number in cell.items():
            assert found[key][name] == pytest.approx(number), (key, name)


def test_waits_and_customers_by_second_implementation(attempts, counted):
    waits, people, gone = defaultdict(int), defaultdict(set), defaultdict(set)
    for row in attempts:
        if row["wait_seconds"] is not None:
            waits[row["channel"], row["abandoned"], int(row["wait_seconds"])] += 1
        if row["wait_seconds"] is None and row["abandoned"] is None:
            continue
        who = row["customer_key"] if row["identified"] else row["contact_id"]
        weekday = row["started_on"].weekday()
        holiday = row["started_on"] in counted.calendar.holidays
        kind = "sunday" if holiday or weekday == 6 else "saturday" if weekday == 5 else "weekday"
        for key in ((row["channel"],), (row["channel"], kind, row["started_hour"])):
            people[key].add(who)
            if row["abandoned"]:
                gone[key].add(who)
    found = {
        (row["channel"], None if row["abandoned"] is None or row["abandoned"] != row["abandoned"] else
         bool(row["abandoned"]), row["seconds"]): row["contacts"]
        for row in counted.waits.astype({"abandoned": "object"}).to_dict("records")
    }  # fmt: skip
    assert found == waits
    for table, keys in ((counted.channels, ["channel"]), (counted.customers, ["channel", "kind_of_day", "hour"])):
        rows = {tuple(row[name] for name in keys): row for row in table.to_dict("records")}
        assert len(rows) == sum(len(key) == len(keys) for key in people)
        for key, row in rows.items():
            assert (row["customers"], row["gave_up"]) == (len(people[key]), len(gone[key])), key


def test_repeats_in_rows_by_second_implementation(world):
    store, rows, _customers = world
    until = end_second(store.observed_until, time_zone=store.engagement.engagement.time_zone)
    inbound = sorted(
        (row for row in rows if row["direction"] == "inbound"),
        key=lambda row: (row["started_seconds"], row["contact_id"]),
    )
    by_customer, crowded = defaultdict(list), defaultdict(int)
    for row in inbound:
        if row["customer_key"] is not None:
            by_customer[row["customer_key"]].append(row)
            crowded[row["customer_key"], row["started_on"]] += row["row_is"] != "message"
    cap = store.engagement.definitions.shared_id_daily_cap
    shared = {customer for (customer, _day), count in crowded.items() if count > cap}
    assert shared
    facts = [
        (True, until - row["ended_seconds"] >= 7 * DAY_SECONDS, False) for row in inbound if row["customer_key"] is None
    ]
    for customer, own in by_customer.items():
        for row, after in zip(own, [*own[1:], None], strict=True):
            quiet = after is None or after["started_seconds"] - row["ended_seconds"] > 7 * DAY_SECONDS
            facts.append((quiet, until - row["ended_seconds"] >= 7 * DAY_SECONDS, customer not in shared))
    expected = {
        "7_day_any": facts,
        "naive_fresh": [fact for fact in facts if fact[1]],
        "blank_ids": [fact for fact in facts if fact[1] and fact[2]],
    }
    found = analyse_channel_resolution(store).bridge.set_index("name")
    for name, chosen in expected.items():
        counts = (sum(fact[0] for fact in chosen), len(chosen), len(facts) - len(chosen))
        assert tuple(found.loc[name, ["numerator", "denominator", "unobserved"]]) == counts, name


def test_steps_over_contacts_by_second_implementation(world, attempts):
    store, *_ = world
    until = end_second(store.observed_until, time_zone=store.engagement.engagement.time_zone)
    rules = following(store.engagement, store.extent, matching="reason", window_days=None)
    found = analyse_channel_resolution(store, matching="reason").bridge.set_index("name")

    def counts(rows, seconds, distance):
        seen = [row for row in rows if row["identified"] and until - row["ended_seconds"] >= seconds(row)]
        quiet = [row for row in seen if row[distance] is None or row[distance] > seconds(row)]
        return len(quiet), len(seen)

    def week(_row):
        return 7 * DAY_SECONDS

    def window(row):
        return RULES.window(row["reason"], rules.window_days, rules.own_windows)

    answered = [row for row in attempts if not row["abandoned"]]
    coded = [row for row in answered if row["reason"] is not None]
    expected = {
        "transfers": counts(attempts, week, "next_any_seconds"),
        "abandoned": counts(answered, week, "next_any_seconds"),
        "window": counts(answered, window, "next_any_seconds"),
        "same_matter": counts(coded, window, "next_reason_seconds"),
    }
    for name, numbers in expected.items():
        assert tuple(found.loc[name, ["numerator", "denominator"]]) == numbers, name
    for place, steps in {"client_tool": ["resolved"], "one_touch": ["resolved", "transfers"]}.items():
        known = [row for row in answered if all(row[name] is not None for name in steps)]
        good = [row for row in known if row["resolved"] and ("transfers" not in steps or row["transfers"] == 0)]
        assert tuple(found.loc[place, ["numerator", "denominator"]]) == (len(good), len(known)), place
    known = [row for row in answered if None not in (row["resolved"], row["transfers"], row["reopened"])]
    good = [row for row in known if row["resolved"] and not row["transfers"] and not row["reopened"]]
    assert tuple(found.loc["reopen", ["numerator", "denominator"]]) == (len(good), len(known))
    assert not np.isnan(found["value"]).any()
