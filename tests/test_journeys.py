"""Stitching by hand count: what is one contact, what is a repeat, what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import at, engagement, store

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.estimates import estimate
from rootcause_lib.journeys import Following, following
from rootcause_lib.metrics import metric

DAY = 86_400


def stitched(settings, contacts, **more):
    """The stitched contacts by contact id."""
    named = "(select contact_key, contact_id from contacts)"
    query = f"from stitched_contacts join {named} using (contact_key) order by contact_id"
    return store(settings, contacts, **more).engine.connection.execute(query).df().set_index("contact_id")


@pytest.fixture
def plain(tmp_path):
    return engagement(tmp_path, until="2025-03-31")


def test_distance_runs_from_an_end_to_the_next_start_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "minutes": 10, "customer": 1, "reason": "a"},
            {"start": "2025-03-02 09:10", "minutes": 5, "customer": 1, "reason": "b", "channel": "email"},
            {"start": "2025-03-03 09:15", "customer": 1, "reason": "a"},
        ],
    )
    assert found.loc["c000", "next_any_seconds"] == DAY
    assert found.loc["c000", "next_any_channel"] == "email"
    assert found.loc["c000", "next_reason_seconds"] == 2 * DAY + 5 * 60
    assert found.loc["c002", "previous_any_seconds"] == DAY
    assert found.loc["c002", "previous_reason_seconds"] == 2 * DAY + 5 * 60
    assert pd.isna(found.loc["c001", "next_reason_seconds"])
    assert pd.isna(found.loc["c000", "previous_any_seconds"])


def test_a_repeat_that_begins_before_the_end_has_distance_zero_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "minutes": 60, "customer": 1},
            {"start": "2025-03-01 09:30", "minutes": 5, "customer": 1, "channel": "chat"},
        ],
    )
    assert found.loc["c000", "next_any_seconds"] == 0
    assert found.loc["c001", "previous_any_seconds"] == 0


def test_same_second_contacts_are_ordered_by_id_by_hand_count(plain):
    drawn = [
        {"contact_id": "b", "start": "2025-03-01 09:00", "customer": 1, "channel": "chat"},
        {"contact_id": "a", "start": "2025-03-01 09:00", "customer": 1, "channel": "phone"},
    ]
    found = stitched(plain, drawn)
    assert found.loc["a", "next_any_channel"] == "chat"
    assert pd.isna(found.loc["b", "next_any_seconds"])


def test_a_transferred_call_is_one_contact_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "minutes": 4, "customer": 1, "transfers": 1, "reason": "muu",
             "handle_seconds": 240.0, "wait_seconds": 30.0, "team": "front", "cost": 2.0, "resolved": False},
            {"start": "2025-03-01 09:04", "minutes": 6, "customer": 1, "transfers": 0, "reason": "laskuvirhe",
             "handle_seconds": 360.0, "wait_seconds": 99.0, "team": "billing", "cost": 3.0, "resolved": True},
        ],
    )  # fmt: skip
    assert list(found.index) == ["c000"]
    merged = found.loc["c000"]
    assert merged["legs"] == 2
    assert merged["ended_seconds"] == at("2025-03-01 09:10")
    assert (merged["reason"], merged["team"], merged["resolved"]) == ("laskuvirhe", "billing", True)
    assert (merged["wait_seconds"], merged["handle_seconds"], merged["full_cost"]) == (30, 600, 5)
    assert merged["transfers"] == 1
    assert pd.isna(merged["next_any_seconds"])


def test_the_handle_time_of_a_leg_without_one_is_not_zero_by_hand_count(plain):
    legs = [
        {"start": "2025-03-01 09:00", "minutes": 4, "customer": 1, "transfers": 1, "handle_seconds": 240.0},
        {"start": "2025-03-01 09:04", "minutes": 6, "customer": 1},
    ]
    assert stitched(plain, legs)["handle_seconds"].isna().all()


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"start": "2025-03-01 09:05", "channel": "chat"}, "another channel"),
        ({"start": "2025-03-01 09:06", "minutes": 2}, "over a minute after the end"),
        ({"start": "2025-03-01 09:03"}, "overlapping"),
        ({"start": "2025-03-01 09:04", "row_is": "ticket"}, "a ticket"),
        ({"start": "2025-03-01 09:04", "case_id": "K1"}, "a case of its own"),
        ({"start": "2025-03-01 09:04", "customer": 2}, "another customer"),
        ({"start": "2025-03-01 09:04", "conversation_id": "V1"}, "a conversation of its own"),
    ],
)
def test_what_is_no_leg_by_hand_count(plain, second, why):
    first = {"start": "2025-03-01 09:00", "minutes": 4, "customer": 1, "transfers": 1}
    assert len(stitched(plain, [first, {"customer": 1, **second}])) == 2, why


def test_a_call_without_a_transfer_is_no_leg_by_hand_count(plain):
    first = {"start": "2025-03-01 09:00", "minutes": 4, "customer": 1, "transfers": 0}
    assert len(stitched(plain, [first, {"start": "2025-03-01 09:04", "customer": 1}])) == 2


def test_leg_gap_zero_never_merges_by_hand_count(tmp_path):
    settings = engagement(tmp_path, until="2025-03-31", more="[definitions]\nleg_gap_seconds = 0\n")
    first = {"start": "2025-03-01 09:00", "minutes": 4, "customer": 1, "transfers": 1}
    assert len(stitched(settings, [first, {"start": "2025-03-01 09:04", "customer": 1}])) == 2


def test_three_legs_and_another_customers_two_by_hand_count(plain):
    leg = {"minutes": 4, "transfers": 1}
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "customer": 1, **leg},
            {"start": "2025-03-01 09:04", "customer": 1, **leg},
            {"start": "2025-03-01 09:08", "customer": 1, "minutes": 2},
            {"start": "2025-03-01 09:00", "customer": 2, **leg},
            {"start": "2025-03-01 09:05", "customer": 2, "minutes": 2},
        ],
    )
    assert found["legs"].to_dict() == {"c000": 3, "c003": 2}
    assert found["transfers"].to_dict() == {"c000": 2, "c003": 1}


def test_a_failed_chat_followed_by_a_call_is_a_repeat_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "minutes": 4, "customer": 1, "channel": "chat", "transfers": 1},
            {"start": "2025-03-01 09:04", "minutes": 6, "customer": 1, "channel": "phone"},
        ],
    )
    assert len(found) == 2
    assert found.loc["c000", "next_any_seconds"] == 0


def test_a_conversation_id_merges_across_channels_and_customers_unknown_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "minutes": 4, "channel": "chat", "conversation_id": "V1"},
            {"start": "2025-03-01 12:00", "minutes": 6, "customer": 7, "conversation_id": "V1"},
            {"start": "2025-03-01 12:00", "minutes": 6, "customer": 7, "conversation_id": "V2"},
        ],
    )
    assert len(found) == 2
    merged = found[found["legs"] == 2].iloc[0]
    assert merged["customer_key"] == 7


def test_a_conversation_that_begins_unidentified_keeps_its_first_leg_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "minutes": 4, "channel": "chat", "conversation_id": "V1"},
            {"start": "2025-03-01 10:00", "customer": 7, "channel": "email"},
            {"start": "2025-03-01 12:00", "minutes": 6, "customer": 7, "conversation_id": "V1"},
        ],
    )
    merged = found.loc["c000"]
    assert (merged["channel"], merged["customer_key"], merged["started_hour"]) == ("chat", 7, 9)
    assert (merged["next_any_seconds"], merged["next_any_channel"]) == (0, "email")


def test_messages_merge_until_answered_and_three_days_silent_by_hand_count(plain):
    def message(start, direction="inbound"):
        return {"start": start, "customer": 1, "channel": "email", "row_is": "message", "direction": direction}

    found = stitched(
        plain,
        [
            message("2025-03-01 09:00"),
            message("2025-03-09 09:00"),  # unanswered: still the same contact
            message("2025-03-10 09:00", "outbound"),
            message("2025-03-12 09:00"),  # silent for three days exactly: still the same
            message("2025-03-12 10:00", "outbound"),
            message("2025-03-15 10:01"),  # answered and silent for more than three days: a new contact
        ],
    )
    assert found["legs"].to_dict() == {"c000": 5, "c005": 1}
    # An exchange of messages is no handing over.
    assert pd.isna(found.loc["c000", "transfers"])


def test_outbound_contacts_are_neither_index_nor_repeat_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "customer": 1},
            {"start": "2025-03-02 09:00", "customer": 1, "direction": "outbound"},
            {"start": "2025-03-04 09:00", "customer": 1},
        ],
    )
    assert found.loc["c000", "next_any_seconds"] == 3 * DAY
    assert pd.isna(found.loc["c001", "next_any_seconds"])
    assert found["judged"].to_dict() == {"c000": True, "c001": False, "c002": True}


def test_an_abandoned_attempt_is_a_repeat_to_the_customer_only_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "customer": 1},
            {"start": "2025-03-02 09:00", "customer": 1, "abandoned": True},
            {"start": "2025-03-04 09:00", "customer": 1},
        ],
    )
    assert found.loc["c000", "next_any_seconds"] == DAY
    assert found.loc["c000", "next_any_answered_seconds"] == 3 * DAY
    assert found.loc["c002", "previous_any_seconds"] == 3 * DAY
    assert not found.loc["c001", "judged"]


def test_a_shared_id_is_nobody_by_hand_count(tmp_path):
    settings = engagement(tmp_path, until="2025-03-31", more="[definitions]\nshared_id_daily_cap = 3\n")
    crowd = [{"start": f"2025-03-01 1{hour}:00", "customer": 1} for hour in range(4)]
    quiet = [{"start": f"2025-03-01 1{hour}:00", "customer": 2} for hour in range(3)]
    found = stitched(settings, [*crowd, *quiet])
    assert found["identified"].to_dict() == {
        **{f"c00{n}": False for n in range(4)},
        **{f"c00{n}": True for n in range(4, 7)},
    }


def test_a_shared_ids_calls_are_never_legs_by_hand_count(tmp_path):
    settings = engagement(tmp_path, until="2025-03-31", more="[definitions]\nshared_id_daily_cap = 3\n")
    crowd = [{"start": f"2025-03-01 1{hour}:00", "minutes": 4, "customer": 1, "transfers": 1} for hour in range(4)]
    found = stitched(settings, [*crowd, {"start": "2025-03-01 10:04", "minutes": 2, "customer": 1}])
    assert list(found["legs"]) == [1] * 5


def test_an_unidentified_contact_has_no_neighbours_by_hand_count(plain):
    found = stitched(plain, [{"start": "2025-03-01 09:00"}, {"start": "2025-03-02 09:00"}])
    assert found["next_any_seconds"].isna().all()
    assert not found["judged"].any()


def test_a_case_id_matches_within_itself_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-01 09:00", "customer": 1, "case_id": "K1"},
            {"start": "2025-03-02 09:00", "customer": 1, "case_id": "K2"},
            {"start": "2025-03-05 09:00", "customer": 1, "case_id": "K1"},
        ],
    )
    assert found.loc["c000", "next_case_seconds"] == 4 * DAY
    assert pd.isna(found.loc["c001", "next_case_seconds"])


def test_follow_up_leaving_and_history_by_hand_count(plain):
    found = stitched(
        plain,
        [
            {"start": "2025-03-11 12:00", "customer": 1},
            {"start": "2025-03-11 12:00", "customer": 2},
            {"start": "2025-03-11 12:00", "customer": 3},
            {"start": "2025-03-01 00:00", "customer": 4},
        ],
        customers=[
            {"customer_key": 1, "joined_on": "2020-01-01", "left_on": "2025-03-15", "segment": "home"},
            {"customer_key": 2, "joined_on": "2025-03-05", "left_on": "2025-03-15", "leave_reason": "not_choice"},
            {"customer_key": 3, "joined_on": "2020-01-01", "left_on": "2025-03-15", "leave_reason": "moved_within"},
        ],
    )
    to_the_end, to_leaving = 20.5 * DAY, 4.5 * DAY
    assert found["follow_up_seconds"].to_dict() == {
        "c000": to_the_end, "c001": to_leaving, "c002": to_the_end, "c003": 31 * DAY,
    }  # fmt: skip
    assert found.loc["c000", "left_seconds"] == to_leaving
    assert found.loc[["c001", "c002", "c003"], "left_seconds"].isna().all()
    # Joined within the extract: nothing can lie before it.
    assert pd.isna(found.loc["c001", "history_seconds"])
    assert found.loc["c000", "history_seconds"] == 10.5 * DAY
    assert found.loc["c000", "segment"] == "home"


def test_who_had_left_before_the_contact_does_not_leave_after_it_by_hand_count(plain):
    found = stitched(
        plain,
        [{"start": "2025-03-11 12:00", "customer": 1}],
        customers=[{"customer_key": 1, "joined_on": "2020-01-01", "left_on": "2025-03-05"}],
    )
    assert found["left_seconds"].isna().all()


def test_each_contact_belongs_to_the_spell_of_its_day_by_hand_count(plain):
    found = stitched(
        plain,
        [{"start": "2025-03-02 12:00", "customer": 1}, {"start": "2025-03-20 12:00", "customer": 1}],
        customers=[
            {"customer_key": 1, "joined_on": "2020-01-01", "left_on": "2025-03-05", "segment": "old"},
            {"customer_key": 1, "joined_on": "2025-03-10", "segment": "new"},
        ],
    )
    assert found["segment"].to_dict() == {"c000": "old", "c001": "new"}
    assert len(found) == 2


def test_cost_is_the_exports_own_else_per_contact_else_per_minute_by_hand_count(tmp_path):
    more = "[costs]\nper_contact = { phone = 7.5 }\nper_minute = { chat = 0.6 }\nchat_concurrency = 2\n"
    found = stitched(
        engagement(tmp_path, until="2025-03-31", more=more),
        [
            {"start": "2025-03-01 09:00", "customer": 1, "cost": 3.0},
            {"start": "2025-03-02 09:00", "customer": 1},
            {"start": "2025-03-03 09:00", "customer": 1, "channel": "chat", "handle_seconds": 600.0},
            {"start": "2025-03-04 09:00", "customer": 1, "channel": "email"},
        ],
    )
    assert found["full_cost"].to_dict() == {
        "c000": 3.0,
        "c001": 7.5,
        "c002": 3.0,
        "c003": pytest.approx(np.nan, nan_ok=True),
    }


def test_weeks_begin_on_monday_and_months_are_named_by_hand_count(plain):
    drawn = store(plain, [{"start": "2025-03-02 09:00", "customer": 1}, {"start": "2025-03-03 09:00", "customer": 1}])
    weeks = estimate(drawn, [metric("transfer")], by=("week",))["week"]
    assert list(weeks) == ["2025-02-24", "2025-03-03"]
    assert list(estimate(drawn, [metric("transfer")], by=("month",))["month"]) == ["2025-03"]


def test_auto_matching_follows_what_the_data_hold_by_hand_count(tmp_path):
    settings = engagement(tmp_path, more='[reasons]\ndefault = ["muu"]\n')
    row = {"start": "2025-03-01 09:00", "customer": 1}
    assert store(settings, [row]).extent.matching() == "any"
    coded = [{**row, "reason": "a"}] * 4
    assert store(settings, [*coded, row]).extent.matching() == "reason"
    assert store(settings, [*coded[:3], row, row]).extent.matching() == "any"
    assert store(settings, [*coded, {**row, "reason": "muu"}]).extent.matching() == "reason"
    assert store(settings, [*coded[:3], *[{**row, "reason": "muu"}] * 2]).extent.matching() == "any"
    assert store(settings, [{**row, "case_id": "K"}] * 4 + [row]).extent.matching() == "case"


def test_an_end_before_the_first_contact_is_refused(tmp_path):
    with pytest.raises(DataError, match="observed_until = 2025-02-01 lies before"):
        store(engagement(tmp_path, until="2025-02-01"), [{"start": "2025-03-01 09:00", "customer": 1}])


def test_an_unknown_rule_or_window_is_refused(plain):
    drawn = store(plain, [{"start": "2025-03-01 09:00", "customer": 1}])
    with pytest.raises(ParameterError, match="Did you mean 'reason'"):
        following(plain, drawn.extent, matching="reasn", window_days=None)
    with pytest.raises(ParameterError, match="1 to 365"):
        Following("any", 0, own_windows=False)
