"""What lies after the day of loading, or after the stated end of the exports, moves nothing: it is rejected."""

from __future__ import annotations

import datetime as dt

import pytest

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError
from rootcause_lib.journeys import observed_days

TODAY = dt.date(2025, 6, 30)
TOML = '[tables.contacts]\nsource = "k.csv"\n'
HEADER = "contact_id,started_at,ended_at,channel\n"
USUAL = "a,2025-06-29 10:00,,phone\n"


def engagement(zone: str = "Europe/Helsinki", until: str = "") -> str:
    return f'[engagement]\nclient = "Testi"\ntime_zone = "{zone}"\n{until}\n'


def test_a_start_after_the_day_of_loading_is_rejected_by_hand_count(client) -> None:
    content = HEADER + USUAL + "b,2025-06-30 23:59:59,,phone\nc,2025-07-01 00:00,,phone\nd,2035-06-29 10:00,,phone\n"
    loaded = client(TOML, {"k.csv": content}, today=TODAY)
    assert loaded.rejected() == [(4, "started_at", "after_observed"), (5, "started_at", "after_observed")]
    assert loaded.column("select contact_id from contacts order by 1") == ["a", "b"]
    assert loaded.intake.sources["last"].astype(str).tolist() == ["2025-06-30"]


@pytest.mark.parametrize(
    ("zone", "accepted"),
    # 22:30 UTC on 30 June is 1 July in Helsinki, 18:30 of 30 June in New York.
    [("Europe/Helsinki", False), ("America/New_York", True), ("UTC", True)],
)
def test_the_day_is_the_engagements_own_by_hand_count(client, zone, accepted) -> None:
    content = HEADER + "a,2025-06-29T10:00:00Z,,phone\nb,2025-06-30T22:30:00Z,,phone\n"
    loaded = client(engagement(zone) + TOML, {"k.csv": content}, today=TODAY)
    assert loaded.rejected() == ([] if accepted else [(3, "started_at", "after_observed")])


def test_a_start_after_the_stated_end_is_rejected_and_an_end_may_follow_by_hand_count(client) -> None:
    content = HEADER + (
        "a,2025-05-31 23:50,2025-06-02 10:00,phone\n"  # ended later, as tickets do
        "b,2025-06-01 00:00,,phone\n"
        "c,2025-05-30 10:00,2025-07-01 00:00,phone\n"  # ended after the export was loaded
    )
    toml = engagement(until="observed_until = 2025-05-31") + TOML
    loaded = client(toml, {"k.csv": content}, today=TODAY)
    assert loaded.rejected() == [(3, "started_at", "after_observed"), (4, "ended_at", "after_observed")]


def test_a_stated_end_in_the_future_does_not_let_the_future_in_by_hand_count(client) -> None:
    toml = engagement(until="observed_until = 2030-12-31") + TOML
    loaded = client(toml, {"k.csv": HEADER + USUAL + "b,2026-01-01,,phone\n"}, today=TODAY)
    assert loaded.rejected() == [(3, "started_at", "after_observed")]


def test_one_future_contact_leaves_the_observed_days_alone_by_hand_count(client, tmp_path) -> None:
    from rootcause_lib.engagement import read_engagement

    loaded = client(TOML, {"k.csv": HEADER + USUAL + "b,2095-01-01,,phone\n"}, today=TODAY)
    found = loaded.column("select max(started_on) from contacts")
    assert found == [dt.date(2025, 6, 29)]
    assert isinstance(loaded.engine, DuckDB)
    days = observed_days(loaded.engine, read_engagement(tmp_path / "client0"))
    assert days.end == dt.date(2025, 6, 29)


def test_what_may_lie_ahead_is_kept_by_hand_count(client) -> None:
    toml = TOML + "".join(f'[tables.{name}]\nsource = "{name}.csv"\n' for name in ("customers", "process_events"))
    files = {
        "k.csv": HEADER + USUAL,
        "customers.csv": "customer_id,joined_on,cancelled_on,left_on,contract_ends_on\n"
        "A,2025-07-15,,,2027-12-31\nB,2020-01-01,2025-06-30,2025-07-14,2026-01-01\n",
        "process_events.csv": "event_id,customer_id,process,started_at,due_at,ended_at\n"
        "1,A,delivery,2025-07-15 08:00,2025-07-20,2025-07-21\n",
    }
    loaded = client(toml, files, today=TODAY)
    assert loaded.rejected() == []
    assert loaded.column("select count(*) from customers") == [2]
    assert loaded.column("select count(*) from process_events") == [1]


def test_other_tables_of_what_happened_keep_to_it_by_hand_count(client) -> None:
    tables = ("surveys", "visits", "mentions", "ideas")
    toml = TOML + "".join(f'[tables.{name}]\nsource = "{name}.csv"\n' for name in tables)
    files = {
        "k.csv": HEADER + USUAL,
        "surveys.csv": "survey_id,metric,answered_at,score\n1,nps,2025-06-30,9\n2,nps,2025-07-01,9\n",
        "visits.csv": "visit_id,started_at\n1,2025-06-30\n2,2025-07-01\n",
        "mentions.csv": "date,source\n2025-06-30,some\n2025-07-01,some\n",
        "ideas.csv": "date,source\n2025-06-30,agent\n2025-07-01,agent\n",
    }
    loaded = client(toml, files, today=TODAY)
    rejects = loaded.intake.rejects[["table", "row", "column", "rule"]].to_numpy().tolist()
    assert rejects == [
        ["ideas", 3, "date", "after_observed"],
        ["mentions", 3, "date", "after_observed"],
        ["surveys", 3, "answered_at", "after_observed"],
        ["visits", 3, "started_at", "after_observed"],
    ]


def test_a_stated_end_before_every_contact_stops_and_says_so(client) -> None:
    toml = engagement(until="observed_until = 2025-01-31") + TOML
    with pytest.raises(DataError, match=r"None of the 1 rows of contacts.*started_at after_observed \(1 rows\)"):
        client(toml, {"k.csv": HEADER + USUAL}, today=TODAY)
