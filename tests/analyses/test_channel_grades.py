"""When figures by channel may be compared, on contacts written out by hand."""

from __future__ import annotations

import pytest
from drawn import engagement, store

from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.analyses.channel_resolution.grades import FEW_UNLIKE, unlike_channels

CALLS = [
    {"start": f"2025-{month:02d}-{day:02d} 10:00", "customer": 100 * month + day, "channel": "phone", "reason": "bill"}
    for month in range(1, 7)
    for day in range(1, 28)
]


def mails(tickets: int, messages: int):
    rows = [{"start": "2025-03-03 12:00", "customer": 1000 + n, "channel": "email"} for n in range(tickets + messages)]
    return [{**row, "row_is": "ticket"} if n < tickets else row for n, row in enumerate(rows)]


@pytest.mark.parametrize(("tickets", "unlike"), [(0, ()), (5, ()), (6, ("email",)), (100, ("email",))])
def test_a_channel_is_unlike_once_one_row_in_twenty_is_by_hand_count(tmp_path, tickets, unlike):
    assert FEW_UNLIKE == 5 / 100
    found = store(engagement(tmp_path, until="2025-06-30"), [*CALLS, *mails(tickets, 100 - tickets)])
    assert unlike_channels(found) == unlike


def test_unlike_rows_are_compared_by_no_figure(tmp_path):
    found = store(engagement(tmp_path, until="2025-06-30"), [*CALLS, *mails(100, 0)])
    result = analyse_channel_resolution(found)
    for name in ("resolution", "recontact", "mature", "metrics", "key_numbers"):
        table = result.frames[name]
        grades = table[table["channel"] == "email"]
        assert len(grades), name
        assert set(grades["grade"]) == {"D"}, name
        assert grades["grade_reasons"].str.contains("unlike_rows").all(), name
        assert not table.loc[table["channel"] == "phone", "grade_reasons"].str.contains("unlike_rows").any(), name


@pytest.mark.parametrize(
    ("unsure", "capped", "free"),
    [
        ("started_at", {"transfer", "repeat_contact"}, set()),
        ("customer_id", {"repeat_contact", "contacts_per_case"}, {"transfer", "handle_time"}),
        ("handle_seconds", {"handle_time"}, {"transfer", "repeat_contact"}),
        ("reason", set(), {"transfer", "handle_time"}),
    ],
)
def test_a_guessed_column_caps_what_rests_on_it_by_hand(tmp_path, unsure, capped, free):
    settings = engagement(tmp_path, until="2025-06-30", more=f'unsure = ["{unsure}"]\n')
    rows = [{**row, "transfers": 0, "handle_seconds": 60.0} for row in CALLS]
    metrics = analyse_channel_resolution(store(settings, rows), matching="any").metrics
    reasons = metrics[metrics["channel"] == "all"].set_index("metric")["grade_reasons"]
    guessed = set(reasons.index[reasons.str.contains("guessed_mapping")])
    assert capped <= guessed
    assert not free & guessed


@pytest.mark.parametrize(("unsure", "totals", "channels"), [("channel", 0, 1), ("customer_id", 1, 1), ("team", 0, 0)])
def test_a_guessed_column_caps_curves_and_shares_by_hand(tmp_path, unsure, totals, channels):
    settings = engagement(tmp_path, until="2025-06-30", more=f'unsure = ["{unsure}"]\n')
    result = analyse_channel_resolution(store(settings, CALLS), matching="any")
    for table in (result.resolution, result.recontact):
        guessed = table["grade_reasons"].str.contains("guessed_mapping")
        assert guessed[table["channel"] == "all"].all() == bool(totals)
        assert guessed[table["channel"] != "all"].all() == bool(channels)
        assert (table.loc[guessed, "grade"] >= "C").all()
