"""The search through combinations: ratios by hand, shadows of one cause found once, nothing where nothing is."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.statistics.attribute_cells import AttributeCells
from rootcause_lib.statistics.segment_search import search

SEGMENTS, REGIONS, CHANNELS, REASONS = ("a", "b", "c"), ("n", "s"), ("chat", "phone"), ("bill", "fault", "order")


def cells(contacts, before=None) -> AttributeCells:
    """Contacts of every combination by a function of (segment, region, channel, reason); 1,000 days for each kind."""
    rows = [
        {
            "segment": one[0], "region": one[1], "channel": one[2], "reason": one[3],
            "contacts": contacts(*one), "contacts_before": (before or contacts)(*one),
        }
        for one in product(SEGMENTS, REGIONS, CHANNELS, REASONS)
    ]  # fmt: skip
    days = [{"segment": s, "region": r, "days_before": 1000.0, "days": 1000.0} for s, r in product(SEGMENTS, REGIONS)]
    attributes = ("segment", "region", "channel")
    return AttributeCells.of(pd.DataFrame(rows), pd.DataFrame(days), attributes=attributes, unnamed=("(small)",))


def even(*_: str) -> float:
    return 100.0


@pytest.mark.parametrize("measure", ["rate", "share", "growth"])
def test_where_all_is_even_nothing_is_found_by_hand(measure) -> None:
    found = search(cells(even), measure)
    assert found.candidates == ()
    assert found.looked_at > 10


def test_a_rate_is_found_once_with_its_ratio_by_hand() -> None:
    """b of the north call about bills twice as often: 400 in 1,000 days against 200 in each other kind's."""
    found = search(cells(lambda s, r, _c, w: 200 if (s, r, w) == ("b", "n", "bill") else 100), "rate")
    (one,) = found.candidates
    assert one.parts == (("segment", "b"), ("region", "n"))
    assert one.reason == "bill"
    assert one.ratio == pytest.approx(2.0)
    # b, north, b of the north with all reasons stood out only through it.
    assert one.shadows >= 3
    assert found.left.now.sum() == pytest.approx(100 * 36)


def test_a_wide_cause_is_not_told_by_its_parts_by_hand() -> None:
    (one,) = search(cells(lambda s, _r, _c, _w: 150 if s == "c" else 100), "rate").candidates
    assert one.parts == (("segment", "c"),)
    assert one.reason is None
    assert one.ratio == pytest.approx(1.5)


def test_two_causes_are_found_the_stronger_first_by_hand() -> None:
    def contacts(segment: str, region: str, _channel: str, reason: str) -> float:
        return 100 * (1.5 if segment == "a" else 1) * (3 if (region, reason) == ("s", "order") else 1)

    found = search(cells(contacts), "rate").candidates
    assert [(one.parts, one.reason) for one in found] == [((("region", "s"),), "order"), ((("segment", "a"),), None)]
    assert [round(one.ratio, 6) for one in found] == [3.0, 1.5]


def test_a_share_is_that_of_a_reason_in_the_contacts_by_hand() -> None:
    """Faults are 300 of 500 contacts by chat of each kind, 100 of 300 by phone."""
    found = search(cells(lambda _s, _r, c, w: 300 if (c, w) == ("chat", "fault") else 100), "share").candidates
    (one,) = found
    assert one.parts == (("channel", "chat"),)
    assert one.reason == "fault"
    assert one.ratio == pytest.approx((300 / 500) / (100 / 300))


def test_growth_is_told_against_all_others_by_hand() -> None:
    def now(segment: str, _region: str, channel: str, reason: str) -> float:
        return 110 * (2 if (segment, channel, reason) == ("b", "chat", "fault") else 1)

    (one,) = search(cells(now, even), "growth").candidates
    assert one.parts == (("segment", "b"), ("channel", "chat"))
    assert one.reason == "fault"
    assert one.ratio == pytest.approx(2.0)


def test_a_reason_that_grew_everywhere_is_told_alone_by_hand() -> None:
    (one,) = search(cells(lambda *one: 250 if one[3] == "order" else 100, even), "growth").candidates
    assert (one.parts, one.reason) == ((), "order")
    assert one.ratio == pytest.approx(2.5)


def test_growth_is_per_customers_day_by_hand() -> None:
    """Twice the customers of b and twice their contacts: nothing changed."""
    same = cells(lambda s, *_: 200 if s == "b" else 100, even)
    grown = np.where(same.days_codes[0] == 1, 2000.0, 1000.0)
    (crowd,) = search(same, "growth").candidates
    assert crowd.parts == (("segment", "b"),)
    assert search(dataclasses.replace(same, days=grown), "growth").candidates == ()


def test_what_is_small_or_not_known_is_no_combination_by_hand() -> None:
    given = cells(even)
    frame = pd.DataFrame(
        {"segment": ["(small)", None, "a", "b"], "reason": ["bill"] * 4, "contacts": [900, 900, 100, 100]}
    ).assign(contacts_before=0)
    days = pd.DataFrame({"segment": ["a", "b", None], "days_before": 0.0, "days": [100.0, 100.0, 5.0]})
    found = AttributeCells.of(frame, days, attributes=("segment",), unnamed=("(small)",))
    assert found.labels == (("a", "b"),)
    assert search(found, "rate").candidates == ()
    assert given.labels == (SEGMENTS, REGIONS, CHANNELS)


def test_no_more_candidates_than_asked_for() -> None:
    rng = np.random.default_rng(3)
    wild = cells(lambda *_: float(rng.integers(20, 400)))
    assert len(search(wild, "rate", most=3).candidates) == 3
    keys = [(one.parts, one.reason) for one in search(wild, "growth", most=30).candidates]
    assert len(keys) == len(set(keys))
