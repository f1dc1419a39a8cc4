"""Opening hours, counted by hand."""

from __future__ import annotations

import re

import pytest

from rootcause_lib.engagement import opening_hours


def test_weekly_minutes_by_hand_count() -> None:
    hours = opening_hours("mon-fri 8-18, sat 10-15")
    assert hours.weekly_minutes == (5 * 10 + 5) * 60


@pytest.mark.parametrize(
    ("weekday", "minute", "is_open"),
    [
        (0, 479, False),
        (0, 480, True),
        (4, 1079, True),
        (4, 1080, False),
        (5, 600, True),
        (5, 480, False),
        (6, 720, False),
    ],
)
def test_open_from_the_first_minute_until_before_the_last_by_hand_count(
    weekday: int, minute: int, is_open: bool
) -> None:
    assert opening_hours("mon-fri 8-18, sat 10-15").is_open(weekday, minute) is is_open


def test_days_run_over_the_week_end_by_hand_count() -> None:
    days = {each.weekday for each in opening_hours("fri-mon 9:15-10").openings}
    assert days == {4, 5, 6, 0}
    assert opening_hours("fri-mon 9:15-10").weekly_minutes == 4 * 45


def test_all_day_and_split_days_by_identity() -> None:
    whole = opening_hours("mon-sun 0-24")
    halves = opening_hours("Mon-Sun 0-12, mon-sun 12-24")
    assert whole.weekly_minutes == halves.weekly_minutes == 7 * 24 * 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8-18", "mon-fri 8-18"),
        ("mon-fry 8-18", "Did you mean 'fri'"),
        ("mon 22-6", "over midnight"),
        ("mon 8-25", "24 hours"),
        ("mon 8:75-9", "24 hours of 60"),
        ("mon-fri 8-18, wed 12-20", "for wed overlap"),
        ("", "mon-fri 8-18"),
    ],
)
def test_what_is_wrong_is_said(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        opening_hours(text)
