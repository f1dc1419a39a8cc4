"""Waiting by hand count: who is offered and answered, formulas, hours that the clock skips or repeats, patience."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import Cut, extract

from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.analyses.channel_resolution.clock_hours import clock_hours
from rootcause_lib.analyses.channel_resolution.queue import queue
from rootcause_lib.analyses.channel_resolution.queue_findings import queue_cannot_tell, queue_headline, queue_readings
from rootcause_lib.analyses.channel_resolution.queue_sums import seconds_agreed
from rootcause_lib.demand import Calendar
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.prose import sentence
from rootcause_lib.sample_client import make_client
from rootcause_lib.store import open_engagement
from rootcause_lib.vocabulary import LANGUAGES

ANY = Following("any", 14, own_windows=False)

# 2025-03-03 is a Monday. Answered or given up, after how many seconds:
#
#  09:00 10 answered        09:20 20 answered (in time: at most 20)    09:40 21 answered
#  10:00  5 given up        10:10 100 given up                         10:20 answered, wait not known
#  Tuesday 09:00 30, not known whether given up
#  Tuesday 11:00  8 answered, passed on: a second leg 30 s after it    12:00 20 answered, twice in the same second
PHONE = [
    {"start": "2025-03-03 09:00", "customer": 1, "wait_seconds": 10, "abandoned": False},
    {"start": "2025-03-03 09:20", "customer": 2, "wait_seconds": 20, "abandoned": False},
    {"start": "2025-03-03 09:40", "customer": 3, "wait_seconds": 21, "abandoned": False},
    {"start": "2025-03-03 10:00", "customer": 4, "wait_seconds": 5, "abandoned": True},
    {"start": "2025-03-03 10:10", "customer": 5, "wait_seconds": 100, "abandoned": True},
    {"start": "2025-03-03 10:20", "customer": 6, "abandoned": False},
    {"start": "2025-03-04 09:00", "customer": 7, "wait_seconds": 30},
    {"start": "2025-03-04 11:00", "end": "2025-03-04 11:05", "customer": 8, "wait_seconds": 8, "abandoned": False,
     "transfers": 1},
    {"start": "2025-03-04 11:05:30", "customer": 8, "wait_seconds": 0, "abandoned": False},
    {"start": "2025-03-04 12:00", "customer": 9, "wait_seconds": 20, "abandoned": False},
    {"start": "2025-03-04 12:00", "wait_seconds": 20, "abandoned": False},
]  # fmt: skip
BESIDE = [
    {"start": "2025-03-04 13:00", "customer": 4, "wait_seconds": 0, "abandoned": False, "direction": "outbound"},
    {"start": "2025-03-04 13:00", "wait_seconds": 0, "abandoned": False, "direction": "internal"},
    {"start": "2025-03-04 14:00", "customer": 1, "wait_seconds": 7200, "channel": "email"},
    {"start": "2025-03-04 14:00", "customer": 1, "channel": "store"},
    {"start": "2025-03-04 15:00", "customer": 2, "wait_seconds": 40, "channel": "chat"},
]
TARGET = "[targets]\nservice_level = { share = 0.8, seconds = 20 }\n"


def waits(folder, contacts, *, more="", until="2025-03-31", period=None):
    """The part on waiting of drawn contacts."""
    drawn = store(engagement(folder, more=more, until=until), contacts)
    days = period or Period(drawn.observed_from, drawn.observed_until)
    return queue(asked_about(drawn, days, ANY))


@pytest.fixture
def eleven(tmp_path):
    return waits(tmp_path, [*PHONE, *BESIDE], more=TARGET)


def test_what_became_of_ten_attempts_by_hand_count(eleven):
    """Legs once; calls of the company, letters and a shop without waits left out."""
    table = eleven.frames["queue"].set_index("channel")
    assert list(table.index) == ["chat", "phone"]
    row = table.loc["phone"]
    assert (row["attempts"], row["offered"], row["abandoned"], row["answered"]) == (10, 9, 2, 7)
    assert row["abandoned_share"] == pytest.approx(2 / 9)
    assert (row["short_abandons"], row["answered_within"], row["judged"]) == (1, 5, 8)
    assert row["service_level"] == pytest.approx(5 / 8)
    assert row["service_level_less_short"] == pytest.approx(5 / 7)
    assert row["service_level_of_answered"] == pytest.approx(5 / 6)
    assert row["service_level_formula"] == "answered_within_of_offered"
    assert (row["threshold"], row["verdict"]) == (0.8, "undecided")


def test_waits_of_the_answered_by_hand_count(eleven):
    """8, 10, 20, 20, 20, 21, 30: the one whose end is not known counts as answered, as in the metric."""
    row = eleven.frames["queue"].set_index("channel").loc["phone"]
    assert row["waits"] == 7
    assert row["mean_wait"] == pytest.approx(129 / 7)
    assert (row["p50_wait"], row["p90_wait"]) == (20, 30)
    assert row["mean_wait_abandoned"] == pytest.approx(52.5)
    # Of two attempts the service level is not known: one without a wait, one without a mark.
    assert row["unobserved"] == 2
    assert row["customers"] == 10


def test_waits_without_a_mark_of_giving_up_are_told_alone_by_hand_count(eleven):
    row = eleven.frames["queue"].set_index("channel").loc["chat"]
    assert (row["attempts"], row["offered"], row["mean_wait"], row["unobserved"]) == (1, 0, 40, 0)
    assert np.isnan(row[["abandoned_share", "service_level", "service_level_of_answered"]].astype(float)).all()
    assert row["verdict"] is None


def test_marks_of_giving_up_without_waits_are_told_alone_by_hand_count(tmp_path):
    drawn = [
        {"start": "2025-03-03 09:00", "customer": 1, "abandoned": True},
        {"start": "2025-03-03 09:00", "customer": 2, "abandoned": False},
        {"start": "2025-03-03 09:30", "customer": 3, "abandoned": False},
    ]
    part = waits(tmp_path, drawn)
    row = part.frames["queue"].iloc[0]
    assert row["abandoned_share"] == pytest.approx(1 / 3)
    assert np.isnan(row[["service_level", "service_level_less_short", "mean_wait", "p50_wait"]].astype(float)).all()
    assert row["unobserved"] == 0
    assert part.frames["patience"].empty


def test_patience_takes_the_answered_for_still_waiting_by_hand_count(eleven):
    """5 given up of eight watched; the curve is told while all eight, or ten, still wait."""
    table = eleven.frames["patience"]
    assert table["seconds"].tolist() == [0, 5]
    assert table["still_waiting"].tolist() == [1, 7 / 8]
    assert table["at_risk"].tolist() == [8, 8]
    assert table["events"].tolist() == [0, 1]
    assert (table["contacts"] == 8).all()
    assert (table["unobserved"] == 2).all()


def test_waits_of_those_answered_late_lengthen_patience_by_hand_count(tmp_path):
    """Twenty are answered at 30 s, then of the ten who still wait five give up at 60 s: half, not a sixth."""
    answered = [{"start": "2025-03-03 09:00", "wait_seconds": 30, "abandoned": False}] * 20
    late = [{"start": "2025-03-04 09:00", "wait_seconds": 60, "abandoned": number < 5} for number in range(10)]
    part = waits(tmp_path, [*answered, *late])
    table = part.frames["patience"].set_index("seconds")
    assert table.loc[55, "still_waiting"] == 1
    assert (table.loc[60, "still_waiting"], table.loc[60, "at_risk"]) == (0.5, 10)
    row = part.frames["queue"].iloc[0]
    assert row["median_patience"] == 60
    assert row["abandoned_share"] == pytest.approx(5 / 30)


def test_hours_by_hand_count(eleven):
    table = eleven.frames["queue_hours"]
    phone = table[table["channel"] == "phone"].set_index("hour")
    assert (table["kind_of_day"] == "weekday").all()
    assert phone["offered"].to_dict() == {9: 3, 10: 3, 11: 1, 12: 2}
    assert phone["abandoned"].to_dict() == {9: 0, 10: 2, 11: 0, 12: 0}
    assert phone.loc[9, "mean_wait"] == pytest.approx((10 + 20 + 21 + 30) / 4)
    assert np.isnan(phone.loc[10, "mean_wait"])
    # From 3 to 31 March there are 21 days from Monday to Friday.
    assert (phone["clock_hours"] == 21).all()
    assert phone.loc[12, "offered_per_hour"] == pytest.approx(2 / 21)


def test_sums_over_hours_are_the_channel_by_identity(eleven):
    hours = eleven.frames["queue_hours"].groupby("channel")[["offered", "abandoned", "judged", "waits"]].sum()
    whole = eleven.frames["queue"].set_index("channel")[["offered", "abandoned", "judged", "waits"]]
    pd.testing.assert_frame_equal(hours, whole, check_names=False)


def test_the_period_selects_attempts_by_hand_count(tmp_path):
    days = Period(dt.date(2025, 3, 4), dt.date(2025, 3, 4))
    table = waits(tmp_path, [*PHONE, *BESIDE], period=days).frames["queue"].set_index("channel")
    assert table.loc["phone", "attempts"] == 4
    hours = waits(tmp_path, [*PHONE, *BESIDE], period=days).frames["queue_hours"]
    assert (hours["clock_hours"] == 1).all()


HELSINKI = """
[engagement]
client = "Drawn Oy"
time_zone = "Europe/Helsinki"
observed_until = {until}
[definitions]
smallest_cell = 1
[tables.contacts]
source = "contacts.csv"
formats = {{ started_at = "%Y-%m-%d %H:%M" }}
"""


def loaded(folder, times, *, until):
    """A store read from a file of local times, each a call answered after 10 s."""
    rows = [f"c{number},{time},phone,k{number},10,no" for number, time in enumerate(times)]
    head = "contact_id,started_at,channel,customer_id,wait_seconds,abandoned"
    (folder / "contacts.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (folder / "engagement.toml").write_text(HELSINKI.format(until=until), encoding="utf-8")
    return open_engagement(folder)


def test_the_hour_that_the_clock_skips_by_hand_count(tmp_path):
    """On Sunday 30 March 2025 there is no 03:30 in Helsinki: what is written so was at 04:30."""
    drawn = loaded(tmp_path, ["2025-03-23 03:30", "2025-03-30 02:30", "2025-03-30 03:30"], until="2025-03-30")
    hours = analyse_channel_resolution(drawn).queue_hours.set_index("hour")
    assert hours["offered"].to_dict() == {2: 1, 3: 1, 4: 1}
    assert (hours["kind_of_day"] == "sunday").all()
    assert (hours["customers"] == 1).all()
    # Two Sundays, of which one has no hour from three to four.
    assert hours["clock_hours"].to_dict() == {2: 2, 3: 1, 4: 2}
    assert hours["offered_per_hour"].to_dict() == {2: 0.5, 3: 1, 4: 0.5}


def test_the_hour_that_the_clock_repeats_by_hand_count(tmp_path):
    """On Sunday 26 October 2025 there are two hours from three to four; calls of both are of that hour."""
    times = ["2025-10-26 02:10", "2025-10-26 03:10", "2025-10-26 03:50", "2025-10-26 04:10"]
    hours = analyse_channel_resolution(loaded(tmp_path, times, until="2025-10-26")).queue_hours.set_index("hour")
    assert hours["offered"].to_dict() == {2: 1, 3: 2, 4: 1}
    assert hours["clock_hours"].to_dict() == {2: 1, 3: 2, 4: 1}
    assert hours["offered_per_hour"].to_dict() == {2: 1, 3: 1, 4: 1}


def test_the_hours_of_a_year_are_all_there_were_by_identity():
    for zone in ("Europe/Helsinki", "UTC", "Australia/Lord_Howe"):
        calendar = Calendar(Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31)), zone, frozenset())
        table = clock_hours(calendar)
        assert table["clock_hours"].sum() == pytest.approx(365 * 24)
        weekdays = table[table["kind_of_day"] == "weekday"].set_index("hour")["clock_hours"]
        assert (weekdays == 261).all()
    sundays = clock_hours(
        Calendar(Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31)), "Australia/Lord_Howe", frozenset())
    )
    own = sundays[sundays["kind_of_day"] == "sunday"].set_index("hour")["clock_hours"]
    # There the clock moves by half an hour, on the first Sundays of April and October.
    assert sorted(set(own)) == [51.5, 52, 52.5]


def test_a_public_holiday_is_a_sunday_by_hand_count(tmp_path):
    """1 May 2025 is a Thursday and a holiday in Finland; the Thursday after is none."""
    hours = analyse_channel_resolution(
        loaded(tmp_path, ["2025-05-01 12:00", "2025-05-03 12:00", "2025-05-08 12:00"], until="2025-05-08")
    ).queue_hours
    assert set(hours["kind_of_day"]) == {"sunday", "saturday", "weekday"}
    assert hours.set_index("kind_of_day")["customers"].to_dict() == {"sunday": 1, "saturday": 1, "weekday": 1}
    # From Thursday to the Thursday after: one Sunday and the holiday, one Saturday, five other days.
    assert hours.set_index("kind_of_day")["clock_hours"].to_dict() == {"sunday": 2, "saturday": 1, "weekday": 5}


def test_the_seconds_agreed_are_the_definitions_else_the_targets_by_hand(tmp_path):
    target = "[targets]\nservice_level = { share = 0.8, seconds = 15 }\n"
    assert seconds_agreed(engagement(tmp_path)) == 20
    assert seconds_agreed(engagement(tmp_path, more=target)) == 15
    both = engagement(tmp_path, more=f"{target}[definitions]\nanswer_within_seconds = 30.5\n")
    assert seconds_agreed(both) == 30.5


def test_other_seconds_change_the_service_level_and_a_target_of_others_is_no_yardstick(tmp_path):
    more = f"{TARGET}[definitions]\nanswer_within_seconds = 21\n"
    row = waits(tmp_path, PHONE, more=more).frames["queue"].iloc[0]
    assert row["service_level"] == pytest.approx(6 / 8)
    assert np.isnan(row["threshold"])
    assert row["verdict"] is None


FIVE = "[definitions]\nsmallest_cell = 5\n"


def spread_out(channel, counts, *, first=0):
    """On one Monday so many answered calls in each hour, each of a customer of its own, every seventh given up."""
    return [
        {
            "start": f"2025-03-03 {hour:02d}:{minute:02d}", "customer": first + 100 * hour + minute, "channel": channel,
            "wait_seconds": 10 + minute, "abandoned": minute % 7 == 6,
        }
        for hour, count in counts.items()
        for minute in range(count)
    ]  # fmt: skip


def test_hours_of_few_customers_are_left_out_with_one_that_would_give_them_back(tmp_path):
    """Four called at ten. Without that hour alone the channel's 33 less the others' 29 would tell them."""
    part = waits(tmp_path, spread_out("phone", {9: 20, 10: 4, 11: 9}), more=FIVE)
    hours = part.frames["queue_hours"].set_index("hour")
    assert hours["offered"].isna().to_dict() == {9: False, 10: True, 11: True}
    assert (hours.loc[[10, 11], "grade_reasons"] == "suppressed").all()
    assert hours.loc[[10, 11], ["customers", "abandoned", "mean_wait", "unobserved"]].isna().all(axis=None)
    assert hours[["channel", "kind_of_day", "clock_hours"]].notna().all(axis=None)
    assert part.frames["queue"].loc[0, "offered"] == 33


def test_a_channel_of_few_customers_is_left_out_of_every_frame(tmp_path):
    """Three on chat; with them goes the channel whose figures would give them back from totals shown elsewhere."""
    drawn = [*spread_out("phone", {9: 40}), *spread_out("bot", {9: 20}, first=5000)]
    part = waits(tmp_path, [*drawn, *spread_out("chat", {9: 3}, first=9000)], more=FIVE)
    gone = set(part.frames["queue"].query("grade_reasons == 'suppressed'")["channel"])
    assert gone == {"chat", "bot"}
    for name, column in (("queue_hours", "offered"), ("patience", "still_waiting"), ("queue", "offered")):
        frame = part.frames[name]
        assert frame[frame["channel"].isin(gone)][column].isna().all(), name
        assert frame[frame["channel"] == "phone"][column].notna().any(), name
    for finding in (one for found in part.readings.values() for one in found):
        assert finding.fields.get("channel") in (None, "phone")


def test_a_curve_of_few_who_gave_up_is_left_out(tmp_path):
    answered = [
        {"start": "2025-03-03 09:00", "customer": number, "wait_seconds": 30, "abandoned": False}
        for number in range(40)
    ]
    gave_up = [
        {"start": "2025-03-04 09:00", "customer": 90 + number, "wait_seconds": 20, "abandoned": True}
        for number in range(3)
    ]
    table = waits(tmp_path, [*answered, *gave_up], more=FIVE).frames["patience"]
    assert len(table)
    assert table["still_waiting"].isna().all()
    assert (table["grade_reasons"] == "suppressed").all()
    plenty = waits(tmp_path, answered, more=FIVE).frames["patience"]
    assert (plenty["still_waiting"] == 1).all()


@pytest.mark.parametrize(
    "contacts",
    [
        [{"start": "2025-03-03 09:00", "customer": 1}],
        [{"start": "2025-03-03 09:00", "customer": 1, "abandoned": True, "wait_seconds": 0}],
        [{"start": "2025-03-03 09:00", "abandoned": True}] * 3,
        [{"start": "2025-03-03 09:00", "customer": 1, "wait_seconds": 8_000_000.0, "abandoned": False}] * 3,
        [{"start": "2025-03-03 09:00", "customer": 1, "wait_seconds": 0, "abandoned": False}] * 30,
        [{"start": "2025-03-03 09:00", "customer": 1, "wait_seconds": 3, "direction": "outbound"}],
    ],
    ids=["no waits", "one who gave up at once", "nobody answered", "weeks of waiting", "no wait at all", "ours alone"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_odd_data_are_graded_and_said_never_a_crash(tmp_path, contacts, language):
    part = waits(tmp_path, contacts)
    for frame in part.frames.values():
        assert set(frame["grade"]) <= set("ABCD")
        assert frame.index.equals(pd.RangeIndex(len(frame)))
    said = [*part.headline, *part.cannot_tell, *(one for found in part.readings.values() for one in found)]
    for finding in said:
        words = sentence(finding, language=language)
        assert words
        assert not any(mark in words for mark in ("{", "nan", "None"))


def test_without_waits_nothing_is_claimed(tmp_path):
    part = waits(tmp_path, [{"start": "2025-03-03 09:00", "customer": 1}])
    assert all(frame.empty for frame in part.frames.values())
    assert [finding.key for finding in part.cannot_tell] == ["channel_queue.no_waits"]
    assert not part.headline


def test_a_wait_of_weeks_is_told_in_hours_and_the_median_by_hand_count(tmp_path):
    drawn = [
        {"start": "2025-03-03 09:00", "customer": number, "wait_seconds": seconds, "abandoned": False}
        for number, seconds in enumerate((3599.7, 3661.0, 90_059.0))
    ]
    row = waits(tmp_path, drawn).frames["queue"].iloc[0]
    assert row["p50_wait"] == 3660
    assert row["p90_wait"] == 90_000
    assert row["mean_wait"] == pytest.approx((3599.7 + 3661 + 90_059) / 3)


def sentences(part, frame):
    return [finding.key.split(".")[1] for finding in part.readings[frame]]


def test_what_is_said_follows_the_figures(tmp_path, eleven):
    assert sentences(eleven, "queue")[:2] == ["abandoned", "waits"]
    assert "target_undecided" in sentences(eleven, "queue")
    assert "formulas" in sentences(eleven, "queue")
    assert "hours_alike" in sentences(eleven, "queue_hours")
    answered = [{"start": "2025-03-03 09:00", "wait_seconds": 30, "abandoned": False}] * 20
    quiet = waits(tmp_path, answered)
    assert sentences(quiet, "patience") == ["nobody_gave_up"]
    assert "formulas" not in sentences(quiet, "queue")
    assert queue_headline(quiet.frames) == quiet.headline
    assert queue_cannot_tell(quiet.frames) == quiet.cannot_tell
    assert dict(queue_readings(quiet.frames)) == dict(quiet.readings)


def test_an_hour_is_said_to_be_worst_only_when_it_surely_is_by_planted_truth(tmp_path):
    """At ten half of the customers give up, at other hours one in twenty; and a world without such an hour."""

    def world(worst):
        rng = np.random.default_rng(5)
        rows = []
        for day in range(20):
            for hour in range(8, 14):
                for minute in range(0, 60, 3):
                    gone = bool(rng.random() < (worst if hour == 10 else 0.05))
                    start = f"2025-03-{3 + day:02d} {hour:02d}:{minute:02d}"
                    rows.append({"start": start, "wait_seconds": float(rng.integers(5, 90)), "abandoned": gone})
        return waits(tmp_path, rows)

    found = {finding.key: finding for finding in world(0.5).readings["queue_hours"]}
    assert found["channel_queue.worst_hour"].fields["hour"] == 10
    assert "channel_queue.worst_hour" not in {finding.key for finding in world(0.05).readings["queue_hours"]}


def test_waiting_at_the_sample_client_by_planted_truth(tmp_path):
    """Attempts, those given up and their waits are what the client's hidden record says, legs of a call being one."""
    client = make_client(customers=1500, seed=4, start="2025-01-06", days=70)
    cut = Cut(dt.date(2025, 1, 6), dt.date(2025, 3, 16))
    drawn = extract(client, cut, tmp_path)
    frames = queue(asked_about(drawn, Period(cut.first, cut.last), ANY)).frames
    found = frames["queue"].set_index("channel").loc["phone"]
    rows = client.tables["contacts"].assign(row=client.hidden["row"].astype("str").to_numpy())
    rows = rows[(rows["channel"] == "phone") & cut.holds(rows["started_at"])]
    calls, gave_up = rows[rows["row"].isin(["contact", "first_leg"])], rows[rows["row"] == "abandoned"]
    second = int((rows["row"] == "second_leg").sum())
    assert len(gave_up) > 20
    assert second > 20
    assert found["abandoned"] == len(gave_up)
    assert found["waits"] == calls["wait_seconds"].notna().sum()
    assert found["mean_wait"] == pytest.approx(calls["wait_seconds"].mean())
    assert found["mean_wait_abandoned"] == pytest.approx(gave_up["wait_seconds"].mean())
    # Legs of callers nobody knows cannot be put together; all others are.
    apart = found["attempts"] - len(calls) - len(gave_up)
    assert 0 <= apart <= rows.loc[rows["row"] == "second_leg", "customer_id"].isna().sum() + 0.05 * second
    assert frames["patience"]["events"].max() <= len(gave_up)
