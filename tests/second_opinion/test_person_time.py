"""Person-time from the engine against the same worked out moment by moment in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from drawn import at, contact_rows, engagement, stitched, store
from planted import fill, read

from rootcause_lib import person_time as measured
from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.engine import empty_world
from rootcause_lib.errors import ParameterError
from rootcause_lib.periods import Period
from rootcause_lib.person_time import kinds_of_time
from rootcause_lib.risk_bands import KINDS, Band, bands_of
from rootcause_lib.store import Store
from second_opinion import DAY, Row
from second_opinion.person_time import Watch, person_time

PERIOD = Period(dt.date(2025, 2, 3), dt.date(2025, 4, 20))
EASTER = (dt.date(2025, 4, 18), dt.date(2025, 4, 20), dt.date(2025, 4, 21))
PROCESSES = """
[costs]
per_contact = { phone = 7.5 }
[processes.bill]
bands = [0, 7, 21]
[processes.parcel]
overdue_bands = [1, 3, 7]
[processes.claim]
bands = [1, 28]
opened_by_contact = true
"""
UTC = Watch(PERIOD.start, PERIOD.end, "UTC", (), opened=("claim",))
HELSINKI = replace(UTC, zone="Europe/Helsinki", holidays=EASTER)


def drawn_rows(seed: int, first: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Contacts, customers (some left, joined, with two stays, in no list) and events, many of them overlapping."""
    rng = random.Random(seed)
    contacts, customers, events = [], [], []
    for key in range(1, 41):
        for _ in range(rng.randrange(7)):
            moment = first - 20 * DAY + rng.randrange(110 * DAY)
            start = dt.datetime.fromtimestamp(moment, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
            way = rng.choice(("inbound", "inbound", "inbound", "outbound"))
            contacts.append({"start": start, "minutes": 3, "customer": key, "case_id": f"k{key}-{rng.randrange(3)}",
                             "direction": way, "channel": rng.choice(("phone", "chat"))})  # fmt: skip
        joined, left = PERIOD.start + dt.timedelta(rng.randrange(-40, 30)), PERIOD.end - dt.timedelta(rng.randrange(30))
        if key % 5:
            customers.append({"customer_key": key, "joined_on": joined if key % 3 else None, "left_on": None})
            if key % 4 == 0:
                customers[-1]["left_on"] = left
        for number in range(rng.randrange(5)):
            start = first - 30 * DAY + rng.randrange(110 * DAY)
            due = start + rng.randrange(12) * DAY if rng.random() < 0.8 else None
            end = start + rng.randrange(1, 30 * DAY) if rng.random() < 0.8 else None
            events.append(
                {"event_id": f"{key}-{number}", "customer_key": key, "process": rng.choice(("bill", "parcel", "claim")),
                 "started_seconds": start, "due_seconds": due, "ended_seconds": end,
                 "opened_by_contact": rng.choice((True, False, None))}
            )  # fmt: skip
    return contacts, customers, events


def in_zone(folder: Path, zone: str) -> Engagement:
    engagement(folder, more=PROCESSES, until="2025-05-30")
    file = folder / "engagement.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"UTC"', f'"{zone}"'), encoding="utf-8")
    return read_engagement(folder)


def made(settings: Engagement, contacts: Sequence[Row], customers: Sequence[Row], events: Sequence[Row]) -> Store:
    """The store of drawn rows, with the engagement's local dates and hours."""
    zone = ZoneInfo(settings.engagement.time_zone)
    rows = contact_rows(contacts)
    local = [dt.datetime.fromtimestamp(moment, zone) for moment in rows["started_seconds"]]
    engine = empty_world()
    fill(engine, "contacts", rows.assign(started_on=[str(moment.date()) for moment in local],
                                         started_hour=[moment.hour for moment in local]))  # fmt: skip
    fill(engine, "customers", pd.DataFrame(customers))
    found = stitched(settings, engine, present=("contacts", "customers"))
    put_events(found, events)
    return found


def put_events(found: Store, events: Sequence[Row]) -> None:
    """Events with the local day they began on."""
    if not events:
        return
    zone = ZoneInfo(found.engagement.engagement.time_zone)
    begun = [event["started_seconds"] for event in events]
    days = [None if moment is None else str(dt.datetime.fromtimestamp(moment, zone).date()) for moment in begun]
    rows = pd.DataFrame([{**event, "started_on": day} for event, day in zip(events, days, strict=True)])
    rows = rows.astype(object).where(rows.notna(), None)
    fill(found.engine, "process_events",
         rows.map(lambda cell: None if cell is None else str(cell)).astype("string"))  # fmt: skip


def plain(frame: pd.DataFrame) -> list[Row]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def wanted_of(found: Store, customers: Sequence[Row], events: Sequence[Row], watch: Watch):
    contacts = read(found, "stitched_contacts").query("identified")
    columns = ["customer_key", "contact_key", "direction", "started_seconds", "previous_case_seconds", "full_cost"]
    fields = ("process", "kind", "clock", "from_day", "until_day")
    bands = [{name: getattr(band, name) for name in fields} for band in bands_of(found.engagement, kinds=KINDS)]
    return person_time(plain(contacts[columns]), stays_of(customers, watch), events, bands, watch)


def got_from(found: Store, watch: Watch):
    """By customer, season and state as Python gets them; cells are told by their terms."""
    bands = bands_of(found.engagement, kinds=KINDS)
    kinds = kinds_of_time(found, bands, period=PERIOD, counted=watch.counted, quiet_days=watch.quiet_days,
                          among=watch.among)  # fmt: skip
    assert kinds.bands == bands
    design = kinds.design
    state = sum(design[band.term] * 2.0**place for place, band in enumerate(bands)).astype("int64")
    seasons = [name for name in design if name.startswith("season ")]
    (reference,) = set(range(3)) - {int(name.removeprefix("season ")) for name in seasons}
    season = sum((design[name] * (int(name.removeprefix("season ")) - reference) for name in seasons), reference * 1.0)
    rows = pd.concat(kinds.parts)
    assert not rows.duplicated(["customer_key", "cell"]).any()
    rows = rows.assign(state=state.loc[rows["cell"]].to_numpy(), season=season.loc[rows["cell"]].to_numpy().astype(int))
    return kinds, {(row.customer_key, row.season, row.state): row for row in rows.itertuples() if row.seconds}


ASKED = (
    UTC, HELSINKI, replace(HELSINKI, counted="openers"), replace(UTC, quiet_days=4),
    replace(HELSINKI, among="stayers", quiet_days=9),
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("watch", ASKED, ids=lambda watch: f"{watch.zone}-{watch.counted}-{watch.among}")
def test_every_kind_of_time_by_second_implementation(tmp_path, seed, watch, monkeypatch):
    contacts, customers, events = drawn_rows(seed, watch.first)
    found = made(in_zone(tmp_path, watch.zone), contacts, customers, events)
    monkeypatch.setattr(measured, "ROWS_AT_ONCE", 50)
    kinds, got = got_from(found, watch)
    assert len(kinds.parts) > 2
    wanted = wanted_of(found, customers, events, watch)
    assert got.keys() == wanted.keys()
    assert len(got) > 100
    for key, sums in wanted.items():
        row = got[key]
        assert (row.seconds, row.contacts, row.costless) == (sums["seconds"], sums["contacts"], sums["costless"]), key
        assert row.days * DAY == pytest.approx(sums["demand"], rel=1e-6, abs=1e-3), key
        assert row.cost == pytest.approx(sums["cost"]), key
    assert kinds.by_cell("cost").sum() == pytest.approx(sum(sums["cost"] for sums in wanted.values()))
    used = [band.term for band in kinds.bands if kinds.by_cell("seconds")[kinds.design[band.term] > 0].sum() > 0]
    assert len(used) == len(kinds.bands), "a band that never holds is not tested"


def stays_of(customers: Sequence[Row], watch: Watch) -> list[Row]:
    """Whole local days from joining (else for ever) to leaving (else on and on), cut to the period."""
    found = []
    for row in customers:
        first = max(watch.first, watch.midnight(row["joined_on"])) if row["joined_on"] else watch.first
        gone = watch.midnight(row["left_on"] + dt.timedelta(days=1)) if row["left_on"] else watch.last
        stay = {"customer_key": row["customer_key"], "left": row["left_on"], "from": first}
        found.append(stay | {"until": max(min(watch.last, gone), first)})
    return found


def event(process: str, customer: int | None, start: str | None, due: str | None = None, end: str | None = None) -> Row:
    moments = {"started_seconds": start, "due_seconds": due, "ended_seconds": end}
    told = {name: at(f"{day} 00:00") if day else None for name, day in moments.items()}
    return {"event_id": f"{process} {start}", "customer_key": customer, "process": process, **told,
            "opened_by_contact": None}  # fmt: skip


IMPOSSIBLE = {
    "before joining": (event("bill", 1, "2025-02-10"), 23),
    "after leaving": (event("bill", 1, "2025-04-10"), 5),
    "end before start": (event("parcel", 1, "2025-03-05", due="2025-03-10", end="2025-03-01"), 4),
    "due before start": (event("parcel", 1, "2025-03-12", due="2025-03-10"), 31),
    "without a start": (event("bill", 1, None), 0),
    "opened without a start": (event("claim", 1, None), 0),
    "of an unknown process": (event("strike", 1, "2025-03-10"), 0),
    "of nobody known": (event("bill", None, "2025-03-10"), 0),
    "of a customer who never calls": (event("bill", 77, "2025-03-10"), 0),
    "long after the period": (event("parcel", 1, "2027-03-10", due="2027-03-12"), 0),
    "long before the period": (event("bill", 1, "1999-03-10"), 0),
}
"""Events of a customer who is there in March, and the days of March in any band: the spill-over of 10 February's bill
lasts through the 23rd, the placebo of 10 April's begins on 27 March, that of 5 March's parcel ends with the 4th,
and that of 12 March's with the 11th, on which it is a day late."""


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_odd_event_counts_within_watched_time_or_nowhere_by_hand_count(tmp_path, name):
    odd, days = IMPOSSIBLE[name]
    customers = [{"customer_key": 1, "joined_on": dt.date(2025, 3, 1), "left_on": dt.date(2025, 3, 31)}]
    contacts = [{"start": "2025-03-12 10:00", "minutes": 3, "customer": 1}]
    found = made(in_zone(tmp_path, "UTC"), contacts, customers, [odd])
    kinds = kinds_of_time(found, bands_of(found.engagement, kinds=KINDS), period=PERIOD)
    assert not any(band.kind == "our_message" for band in kinds.bands)
    assert kinds.by_cell("seconds").sum() == 31 * DAY
    assert kinds.by_cell("contacts").sum() == 1
    held = kinds.design[[band.term for band in kinds.bands]].any(axis=1)
    assert kinds.by_cell("seconds")[held].sum() == days * DAY


def test_a_reply_is_no_message_and_ends_none_by_hand_count(tmp_path):
    """Written on 10 February and 20 March; called on 14 February and answered on the 15th."""
    contacts = [
        {"start": f"2025-{day} 10:00", "minutes": 3, "customer": 1, "direction": way}
        for day, way in (("02-10", "outbound"), ("02-14", "inbound"), ("02-15", "outbound"), ("03-20", "outbound"),
                         ("04-01", "outbound"))
    ]  # fmt: skip
    found = made(in_zone(tmp_path, "UTC"), contacts, [{"customer_key": 1}], [])
    kinds = kinds_of_time(found, bands_of(found.engagement, kinds=("our_message",)), period=PERIOD)
    days = {term: kinds.by_cell("seconds")[kinds.design[term] > 0].sum() / DAY for term in kinds.design}
    told = {term: number for term, number in days.items() if term.startswith("our message")}
    assert told == {
        "our message 0-6": 7 + 7 + 7,
        "our message 7-13": 7 + 5 + 7,
        "our message 14-27": 14 + 5 + 14 / 24,
    }
    assert kinds.by_cell("contacts")[kinds.design["our message 0-6"] > 0].sum() == 1


def test_a_sample_is_the_first_customers_and_stands_for_all_by_hand_count(tmp_path):
    contacts = [{"start": f"2025-02-{day:02} 10:00", "minutes": 3, "customer": key, "channel": "phone"}
                for key in range(1, 11) for day in range(11, 11 + (key % 3) + 1)]  # fmt: skip
    found = made(in_zone(tmp_path, "UTC"), contacts, [{"customer_key": key} for key in range(1, 11)], [])
    whole, some = (
        kinds_of_time(found, bands_of(found.engagement), period=PERIOD, most_customers=most) for most in (10, 4)
    )
    assert (whole.customers, whole.callers, whole.expansion, whole.sample) == (10, 10, 1.0, None)
    assert (some.customers, some.callers) == (4, 10)
    assert {key for part in some.parts for key in part["customer_key"]} == {1, 2, 3, 4}
    # Customers 1 to 4 made 2 + 3 + 1 + 2 contacts of 20.
    assert some.expansion == len(contacts) / 8
    assert some.by_cell("contacts").sum() == whole.by_cell("contacts").sum() == len(contacts)
    assert some.sample is not None
    assert some.sample.expansion == some.expansion


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
