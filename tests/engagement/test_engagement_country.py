"""Whose public holidays are kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rootcause_lib.engagement import read_engagement
from rootcause_lib.errors import EngagementError
from rootcause_lib.periods import Period
from rootcause_lib.public_holidays import country_of, public_holidays

TEXT = '[engagement]\nclient = "Oy"\ntime_zone = "Europe/Helsinki"\n{}\n[tables.contacts]\nsource = "c.csv"\n'


def read(folder: Path, line: str):
    (folder / "engagement.toml").write_text(TEXT.format(line), encoding="utf-8")
    return read_engagement(folder).engagement


def test_a_country_is_read_and_optional(tmp_path):
    assert read(tmp_path, 'country = "SE"').country == "SE"
    assert read(tmp_path, "").country is None


@pytest.mark.parametrize(
    ("given", "wanted"), [("fi", "'FI'"), ("FIN", "'FI'"), ("UK", "'GB'"), ("Suomi", "ISO 3166"), ("XX", "ISO 3166")]
)
def test_an_unknown_country_is_refused_with_the_nearest(tmp_path, given, wanted):
    with pytest.raises(EngagementError, match=f"(?s)country.*{wanted}"):
        read(tmp_path, f'country = "{given}"')


def test_the_time_zone_tells_the_country_where_it_lies_in_one():
    assert country_of("Europe/Helsinki") == "FI"
    assert country_of("US/Eastern") == "US"
    assert country_of("UTC") is None
    assert country_of("Etc/GMT+2") is None


def test_finnish_holidays_of_a_turn_of_the_year_by_published_calendar():
    """Independence Day to Epiphany; Christmas Eve is a day off in Finland, New Year's Eve is not."""
    found = public_holidays("FI", Period(dt.date(2024, 12, 1), dt.date(2025, 1, 31)))
    days = ["2024-12-06", "2024-12-24", "2024-12-25", "2024-12-26", "2025-01-01", "2025-01-06"]
    assert sorted(map(str, found)) == days
    assert public_holidays(None, Period(dt.date(2024, 12, 1), dt.date(2025, 1, 31))) == frozenset()
