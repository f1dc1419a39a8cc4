"""Person-time from the engine against the same worked out moment by moment in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pandas as pd
import pytest
from drawn import at, engagement, store
from planted import fill, read

from rootcause_lib import person_time as measured
from rootcause_lib.errors import ParameterError
from rootcause_lib.periods import Period
from rootcause_lib.person_time import kinds_of_time
from rootcause_lib.risk_bands import Band, bands_of
from second_opinion import DAY, Row
from second_opinion.person_time import person_time

PERIOD = Period(dt.date(2025, 2, 3), dt.date(2025, 4, 20))
FIRST = at("2025-02-03 00:00")
PROCESSES = """
[processes.bill]
bands = [0, 7, 21]
[processes.parcel]
overdue_bands = [1, 3, 7]
[processes.claim]
bands = [1, 28]
opened_by_contact = true
"""


def drawn_rows(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Contacts, customers (some left, joined, with two stays, in no list) and events, many of them overlapping."""
    rng = random.Random(seed)
    contacts, customers, events = [], [], []
    for key in range(1, 41):
        for _ in range(rng.randrange(6)):
            moment = FIRST - 10 * DAY + rng.randrange(100 * DAY)
            start = dt.datetime.fromtimestamp(moment, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
            contacts.append({"start": start, "minutes": 3, "customer": key, "case_id": f"k{key}-{rng.randrange(3)}"})
        joined, left = PERIOD.start + dt.timedelta(rng.randrange(-40, 30)), PERIOD.end - dt.timedelta(rng.randrange(30))
        if key % 5:
            customers.append({"customer_key": key, "joined_on": joined if key % 3 else None, "left_on": None})
            if key % 4 == 0:
                customers[-1]["left_on"] = left
        for number in range(rng.randrange(5)):
            start = FIRST - 30 * DAY + rng.randrange(110 * DAY)
            due = start + rng.randrange(12) * DAY if rng.random() < 0.8 else None
            end = start + rng.randrange(1, 30 * DAY) if rng.random() < 0.8 else None
            events.append(
                {"event_id": f"{key}-{number}", "customer_key": key, "process": rng.choice(("bill", "parcel", "claim")),
                 "started_seconds": start, "due_seconds": due, "ended_seconds": end,
                 "opened_by_contact": rng.choice((True, False, None))}
            )  # fmt: skip
    return contacts, customers, events


def plain(frame: pd.DataFrame) -> list[Row]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("counted", "quiet_days"), [("every", 0), ("openers", 0), ("every", 4)])
def test_every_kind_of_time_by_second_implementation(tmp_path, seed, counted, quiet_days, monkeypatch):
    contacts, customers, events = drawn_rows(seed)
    settings = engagement(tmp_path, more=PROCESSES, until="2025-04-30")
    drawn = store(settings, contacts, customers=customers)
    fill(drawn.engine, "process_events", pd.DataFrame(events).astype(object).where(lambda x: x.notna(), None)
         .map(lambda cell: None if cell is None else str(cell)).astype("string"))  # fmt: skip
    bands = bands_of(settings)
    monkeypatch.setattr(measured, "ROWS_AT_ONCE", 50)
    found = kinds_of_time(drawn, bands, period=PERIOD, counted=counted, quiet_days=quiet_days)
    assert len(found.parts) > 2
    calls = read(drawn, "stitched_contacts").query("direction == 'inbound' and identified")
    last = FIRST + 77 * DAY
    wanted = person_time(
        plain(calls[["customer_key", "started_seconds", "previous_case_seconds"]]),
        stays_of(customers, last), events,
        [{"process": band.process, "clock": band.clock, "from_day": band.from_day, "until_day": band.until_day}
         for band in bands],
        ["claim"], first=FIRST, last=last, season=28 * DAY, quiet=quiet_days * DAY, counted=counted,
    )  # fmt: skip
    rows = read(drawn, "person_time")
    got = {
        (row.customer_key, row.season, row.state): (row.seconds, row.demand_seconds, row.contacts)
        for row in rows.itertuples()
        if row.seconds
    }
    assert got.keys() == wanted.keys()
    assert len(got) > 100
    for key, (seconds, demand, number) in wanted.items():
        assert got[key][0] == seconds, key
        assert got[key][1] == pytest.approx(demand, rel=1e-6, abs=1e-3), key
        assert got[key][2] == number, key


def stays_of(customers: list[Row], last: int) -> list[Row]:
    """Whole days from joining (else for ever) to leaving (else on and on), cut to the period."""

    def second(day: dt.date) -> int:
        return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())

    found = []
    for row in customers:
        first = max(FIRST, second(row["joined_on"])) if row["joined_on"] else FIRST
        until = min(last, second(row["left_on"]) + DAY) if row["left_on"] else last
        found.append({"customer_key": row["customer_key"], "from": first, "until": max(until, first)})
    return found


def test_design_and_sums_of_one_late_parcel_by_hand_count(tmp_path):
    """A parcel due on the 10th and here on the 13th at noon: two days in band 1-2, half a day in band 3-6."""
    settings = engagement(tmp_path, more="[processes.parcel]\noverdue_bands = [1, 3, 7]\n", until="2025-04-30")
    drawn = store(
        settings, [{"start": "2025-02-12 10:00", "minutes": 3, "customer": 1}], customers=[{"customer_key": 1}]
    )
    event = {"customer_key": 1, "process": "parcel", "started_seconds": at("2025-02-06 00:00"),
             "due_seconds": at("2025-02-10 00:00"), "ended_seconds": at("2025-02-13 12:00")}  # fmt: skip
    fill(drawn.engine, "process_events", pd.DataFrame([event]))
    found = kinds_of_time(drawn, bands_of(settings), period=PERIOD)
    seconds, contacts = found.by_cell("seconds"), found.by_cell("contacts")
    days = {term: float(seconds[found.design[term] > 0].sum() / DAY) for term in found.design if "parcel" in term}
    assert days == {
        "parcel pre": 3,
        "parcel waiting": 4,
        "parcel due 1-2": 2,
        "parcel due 3-6": 0.5,
        "parcel due 7+": 0,
    }
    assert contacts[found.design["parcel due 1-2"] > 0].sum() == contacts.sum() == 1
    assert seconds.sum() / DAY == 77
    assert found.by_cell("days").sum() == pytest.approx(77, rel=1e-3)


def test_nobody_calls_and_too_many_bands(tmp_path):
    settings = engagement(tmp_path, more=PROCESSES, until="2025-04-30")
    empty = store(settings, [{"start": "2025-02-12 10:00", "minutes": 3, "customer": 1, "direction": "outbound"}])
    found = kinds_of_time(empty, bands_of(settings), period=PERIOD)
    assert (len(found.design), found.by_cell("contacts").sum()) == (0, 0)
    many = [replace(Band("bill", "risk", "started", 0, 1), from_day=day, until_day=day + 1) for day in range(61)]
    with pytest.raises(ParameterError, match="60 bands"):
        kinds_of_time(empty, many, period=PERIOD)
