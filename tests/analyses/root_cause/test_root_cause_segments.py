"""Segments: found in the even customers, told by the odd ones alone; what is small, unknown or single tells nothing."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import read
from planted.segments import LATER, PLANTED, WHOLE, Setting, build

from rootcause_lib.analyses.root_cause import segments as segments_module
from rootcause_lib.analyses.root_cause.segment_findings import segment_headline, segment_readings
from rootcause_lib.analyses.root_cause.segment_grades import SEGMENT_COLUMNS
from rootcause_lib.analyses.root_cause.segments import search_segments, segments
from rootcause_lib.periods import Period
from rootcause_lib.prose import sentence, table_text
from rootcause_lib.statistics.segment_search import search
from rootcause_lib.vocabulary import LANGUAGES

YEAR = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return build(PLANTED, 11, tmp_path_factory.mktemp("planted"))


def rows_of(found: pd.DataFrame, attributes: str, reason: str) -> pd.DataFrame:
    return found[(found["attributes"] == attributes) & (found["reason"] == reason)]


def test_figures_are_those_of_the_confirming_half_by_hand_count(planted) -> None:
    found = segments(planted, LATER)
    assert tuple(found.columns) == SEGMENT_COLUMNS
    contacts = read(planted, "stitched_contacts").merge(read(planted, "customers")[["customer_key", "region"]])
    odd = contacts[contacts["customer_key"] % 2 == 1]
    day = pd.to_datetime(odd["started_on"]).dt.date
    now, before = odd[day.between(LATER.start, LATER.end)], odd[day < LATER.start]
    (change,) = rows_of(found, "channel=chat", "fault").to_dict("records")
    own = [((part["channel"] == "chat") & (part["reason"] == "fault")).sum() for part in (now, before)]
    assert (change["contacts"], change["contacts_before"]) == tuple(own)
    days = segment_days(planted)
    grown = days.loc[1, "days"].sum() / days.loc[1, "days_before"].sum()
    assert change["value"] == pytest.approx(own[0] / own[1] / grown)
    rest = (len(now) - own[0]) / (len(before) - own[1])
    assert change["baseline"] == pytest.approx(rest / grown)
    assert change["ratio"] == pytest.approx(own[0] / own[1] / rest)
    (level,) = rows_of(found, "segment=firm, region=north", "bill").to_dict("records")
    inside = (now["segment"] == "firm") & (now["region"] == "north")
    bills = now["reason"] == "bill"
    assert level["contacts"] == (inside & bills).sum()
    assert level["customers"] == now[inside & bills]["customer_key"].nunique()
    firm = days.loc[(1, "firm", "north"), "days"]
    assert level["value"] == pytest.approx(365 * (inside & bills).sum() / firm)
    others = days.loc[1, "days"].sum() - firm
    assert level["baseline"] == pytest.approx(365 * (~inside & bills).sum() / others)
    assert level["difference"] == pytest.approx(level["value"] - level["baseline"])
    assert level["found_in"] == "2025-07-07/2026-01-04"
    assert found["confirmed"].all()
    assert (found["q_value"] <= 0.05).all()
    assert (found["merged"] > 0).any()


def segment_days(built) -> pd.DataFrame:
    """Days as a customer of both halves of the year by half, segment and region, counted customer by customer."""
    people = read(built, "customers")
    joined = pd.to_datetime(people["joined_on"]).dt.date
    rows = people.assign(half=people["customer_key"] % 2)
    for name, days in (("days_before", Period(WHOLE.start, LATER.start - dt.timedelta(days=1))), ("days", LATER)):
        rows[name] = [max((days.end - max(one, days.start)).days + 1, 0) for one in joined]
    return rows.groupby(["half", "segment", "region"])[["days_before", "days"]].sum()


def test_the_searched_half_does_not_change_what_is_told_of_a_segment_by_identity(planted, tmp_path) -> None:
    """Contacts of even customers about faults by chat doubled once more: found more clearly, told as before."""
    found = rows_of(segments(planted, LATER), "channel=chat", "fault").iloc[0]
    again = build(PLANTED, 11, tmp_path)
    copied = "insert into stitched_contacts select * from stitched_contacts where customer_key % 2 = 0 "
    again.engine.connection.execute(copied + "and channel = 'chat' and reason = 'fault' and started_on >= '2025-07-07'")
    more = rows_of(segments(again, LATER), "channel=chat", "fault").iloc[0]
    numbers = ["contacts", "value", "low", "high", "baseline", "ratio", "p_value"]
    assert more[numbers].tolist() == pytest.approx(found[numbers].tolist())
    assert more["found_ratio"] > 1.5 * found["found_ratio"]


def test_without_a_period_before_only_levels_are_told(planted) -> None:
    found = search_segments(planted, WHOLE)
    assert set(found.segments["kind"]) == {"level"}
    assert len(rows_of(found.segments, "segment=firm, region=north", "bill")) == 1
    assert set(found.attributes) == {"segment", "channel", "weekday", "hours", "team", "region"}
    assert set(search_segments(planted, LATER).segments["kind"]) == {"level", "change"}


def test_one_attribute_at_once_finds_no_pair(planted) -> None:
    found = search_segments(planted, WHOLE, at_once=1)
    assert not found.segments["attributes"].str.contains(", ").any()
    assert found.looked_at < search_segments(planted, WHOLE, at_once=2).looked_at


def test_what_is_compared_with_changes_the_change(planted) -> None:
    """The year before is not in the data, the half-year before is."""
    assert "change" in set(segments(planted, LATER)["kind"])
    assert "change" not in set(segments(planted, LATER, compare="year_before")["kind"])


def test_of_many_contacts_some_customers_are_searched_and_some_confirm_by_hand_count(planted, monkeypatch) -> None:
    """A quarter of all customers is searched: keys 0, 4, 8, ...; every other odd key, 1, 5, 9, ..., confirms."""
    rows = read(planted, "stitched_contacts").query("direction == 'inbound'")
    half = len(rows) / 2
    monkeypatch.setattr(segments_module, "MOST_SEARCHED", math.ceil(half / 2))
    monkeypatch.setattr(segments_module, "MOST_CONFIRMING", math.ceil(half / 2))
    seen = []
    monkeypatch.setattr(segments_module, "search", lambda cells, *given, **more: seen.append(cells) or search(
        cells, *given, **more))  # fmt: skip
    found = search_segments(planted, WHOLE)
    assert (found.searched, found.confirming) == (0.5, 0.5)
    assert seen[0].now.sum() == (rows["customer_key"] % 4 == 0).sum()
    told = rows_of(found.segments, "segment=firm, region=north", "bill").iloc[0]
    firms = read(planted, "customers").query("segment == 'firm' and region == 'north'")["customer_key"]
    own = rows[rows["customer_key"].isin(firms) & rows["reason"].eq("bill") & (rows["customer_key"] % 4 == 1)]
    assert (told["contacts"], told["customers"]) == (len(own), own["customer_key"].nunique())
    readings = segment_readings(found)
    assert "root_cause_segments.sampled" in {finding.key for finding in readings}
    assert all(sentence(one, language=language) for one in readings for language in LANGUAGES)


def test_few_contacts_are_all_looked_at(planted) -> None:
    found = search_segments(planted, WHOLE)
    assert (found.searched, found.confirming) == (1.0, 1.0)
    assert "root_cause_segments.sampled" not in {finding.key for finding in segment_readings(found)}


def test_findings_say_what_was_searched_and_what_stands_out(planted) -> None:
    found = search_segments(planted, LATER)
    told = segment_headline(found)
    assert {finding.key.split(".")[1] for finding in told} >= {"growth_about", "rate_about"}
    english, finnish = ([sentence(one, language=language) for one in told] for language in LANGUAGES)
    assert any("segment firm" in one and "region north" in one for one in english)
    assert any("segmentti firm" in one for one in finnish)
    assert any("channel Chat" in one for one in english)


def test_teams_are_left_out_where_agents_are_not_to_be_shown(tmp_path) -> None:
    built = build(Setting(customers=200), 1, tmp_path, more='[privacy]\nagents = "none"\n')
    assert "team" not in search_segments(built, WHOLE).attributes


def drawn_year(rng, customers, number: int = 900, **more) -> list[dict[str, object]]:
    start = dt.datetime(2025, 1, 1, 9)
    moments = [start + dt.timedelta(days=int(day)) for day in rng.integers(0, 365, number)]
    channels, reasons = rng.choice(["phone", "chat"], number), rng.choice(["bill", "order", "fault"], number)
    return [
        {"start": f"{moment:%Y-%m-%d %H:%M}", "customer": customer, "channel": channel, "reason": reason, **more}
        for moment, customer, channel, reason in zip(moments, customers, channels, reasons, strict=True)
    ]


def test_contacts_without_customers_are_customers_of_their_own(tmp_path) -> None:
    """Nobody is known: shares of contacts can be told, rates of customers cannot, and the grade says so."""
    rows = drawn_year(np.random.default_rng(2), [None] * 900)
    for place, row in enumerate(rows):
        row["reason"] = "fault" if row["channel"] == "chat" and place % 3 else row["reason"]
    found = segments(store(engagement(tmp_path, until="2025-12-31"), rows), YEAR)
    assert set(found["counted_as"]) == {"share"}
    assert len(rows_of(found, "channel=chat", "fault")) == 1
    assert set(found["grade"]) <= {"C", "D"}
    assert found["grade_reasons"].str.contains("unidentified").all()


@pytest.mark.parametrize("customers", [[7] * 900, [7, 8] * 450])
def test_one_or_two_customers_confirm_nothing(tmp_path, customers) -> None:
    rows = drawn_year(np.random.default_rng(2), customers)
    for row in rows:
        row["reason"] = "fault" if row["channel"] == "chat" else "bill"
    found = search_segments(store(engagement(tmp_path, until="2025-12-31"), rows), YEAR)
    assert found.segments.empty
    assert tuple(found.segments.columns) == SEGMENT_COLUMNS
    (told,) = segment_headline(found)
    assert told.key == "root_cause_segments.none"
    assert all(sentence(told, language=language) for language in LANGUAGES)


def test_one_reason_or_no_reason_is_no_segment(tmp_path) -> None:
    for reason in ("bill", None):
        folder = Path(tmp_path / str(reason))
        folder.mkdir()
        rows = [
            {**row, "reason": reason}
            for row in drawn_year(np.random.default_rng(5), np.random.default_rng(6).integers(1, 300, 900))
        ]
        found = search_segments(store(engagement(folder, until="2025-12-31"), rows), YEAR)
        assert found.segments.empty


def test_a_segment_of_few_customers_is_not_told_by_hand_count(tmp_path) -> None:
    """Thirty customers, fifteen of them odd, complain by letter; with a privacy minimum of 16 nobody may know."""
    rng = np.random.default_rng(8)
    rows = drawn_year(rng, rng.integers(100, 700, 900))
    rows += drawn_year(rng, np.repeat(np.arange(1, 31), 10), 300)
    for place, row in enumerate(rows):
        if place >= 900:
            row["channel"] = "letter"
        if place % 10 == 0 or (place >= 900 and place % 3):
            row["reason"] = "complaint"
    told = {}
    for smallest in (5, 16):
        folder = Path(tmp_path / str(smallest))
        folder.mkdir()
        settings = engagement(folder, more=f"[definitions]\nsmallest_cell = {smallest}\n", until="2025-12-31")
        told[smallest] = "channel=letter" in set(segments(store(settings, rows), YEAR)["attributes"])
    assert told == {5: True, 16: False}


def test_a_table_shows_rates_as_numbers_and_shares_as_percent(planted) -> None:
    found = segments(planted, LATER)
    for language in LANGUAGES:
        shown = table_text(found, language=language)
        assert shown[shown.columns[0]].notna().all()
        told = dict(zip(found["counted_as"], shown["value"], strict=True))
        assert "%" not in told["rate"]
        assert "%" not in told["growth"]
