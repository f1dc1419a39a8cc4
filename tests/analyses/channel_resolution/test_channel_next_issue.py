"""Which matter follows which, by hand count: what counts as after and before, and what is left out."""

from __future__ import annotations

from math import comb

import pytest
from drawn import at, engagement, store

from rootcause_lib.analyses import analyse_channel_resolution

DAY = 86_400
LISTED = [{"customer_key": key, "joined_on": "2020-01-01"} for key in range(1, 60)]


def contact(customer, day, reason, **more):
    return {"start": f"2025-{day} 09:00", "customer": customer, "reason": reason, **more}


def pairs_of(customers, *, first="02-20", second="02-22", reasons=("a", "b")):
    return [contact(customer, day, reason) for customer in customers for day, reason in
            zip((first, second), reasons, strict=True)]  # fmt: skip


DRAWN = [
    contact(50, "01-01", "c"),
    # Twelve customers: first about a, two days later about b.
    *pairs_of(range(1, 13)),
    # Two the other way round.
    *pairs_of((13, 14), first="02-20", second="02-18"),
    # Six with a alone.
    *(contact(customer, "02-20", "a") for customer in range(15, 21)),
    # In the same second: neither after nor before.
    contact(21, "02-20", "a"), contact(21, "02-20", "b"),
    # After the window.
    *pairs_of((22,), second="03-07"),
    # Ours, or abandoned: no contact of the customer's about b.
    contact(23, "02-20", "a"), contact(23, "02-21", "b", direction="outbound"),
    contact(24, "02-20", "a"), contact(24, "02-21", "b", abandoned=True),
    # Too near either end of the data.
    *pairs_of((25,), first="03-25", second="03-26"),
    *pairs_of((26,), first="01-05", second="01-06"),
    # Not a customer for a whole window before.
    *pairs_of((27,)),
    # A default code and no reason say nothing.
    *pairs_of((28,), reasons=("a", "muu")),
    contact(29, "02-20", "a"), contact(29, "02-21", None),
]  # fmt: skip
CUSTOMERS = [*[one for one in LISTED if one["customer_key"] != 27], {"customer_key": 27, "joined_on": "2025-02-15"}]
DEFAULT = '[reasons]\ndefault = ["muu"]\n'
ASKED = 12 + 2 + 6 + 1 + 1 + 2 + 1 + 1
"""Contacts about a with both windows seen: of customers 1-24, 28 and 29."""


def analysed(folder, *, more=DEFAULT, drawn=DRAWN, customers=CUSTOMERS):
    settings = engagement(folder, until="2025-03-31", more=more)
    return analyse_channel_resolution(store(settings, drawn, customers=customers), matching="reason")


def chance_ratio(drawn, window=14):
    """How many times as often b falls after a as before it, over every pair of days whoever makes contact."""
    said = [
        (at(row["start"]) // DAY, row["reason"]) for row in drawn
        if row["reason"] in ("a", "b") and row.get("direction") is None and not row.get("abandoned")
    ]  # fmt: skip
    low, high = at("2025-01-01 00:00") // DAY, max(day for day, _ in said)
    apart = [
        b - a for a, first in said for b, then in said
        if (first, then) == ("a", "b") and low + window <= a <= high - window
    ]  # fmt: skip
    return sum(0 < gap <= window for gap in apart) / sum(-window <= gap < 0 for gap in apart)


def two_sided(more, less, ratio):
    """Twice the smaller binomial tail of so many customers with more after than before, at most 1."""
    votes, chance = more + less, ratio / (1 + ratio)
    weights = [comb(votes, k) * chance**k * (1 - chance) ** (votes - k) for k in range(votes + 1)]
    return min(2 * min(sum(weights[: more + 1]), sum(weights[more:])), 1)


def test_after_before_and_what_is_left_out_by_hand_count(tmp_path):
    found = analysed(tmp_path).next_issue.set_index(["reason", "next_reason"])
    row = found.loc[("a", "b")]
    assert (row["contacts"], row["customers"], row["denominator"]) == (12, 12, ASKED)
    assert row["share"] == pytest.approx(12 / ASKED)
    assert row["unobserved"] == 3
    ratio = chance_ratio(DRAWN)
    assert row["baseline"] == pytest.approx(2 * ratio / ASKED)
    assert row["lift"] == pytest.approx(12 / (2 * ratio))
    assert row["lift"] == pytest.approx(row["share"] / row["baseline"])
    assert row["p_value"] == pytest.approx(two_sided(12, 2, ratio))
    # The other way round only two customers had a after b: too few to be compared.
    assert list(found.index) == [("a", "b")]
    assert row["q_value"] == row["p_value"]
    assert row["claim"] == "association"


def test_what_is_told_follows_more_often_than_it_precedes_by_hand_count(tmp_path):
    """The mirror image of a pair that is told stays untold; other matters by turns are told neither way."""
    drawn = [contact(50, "01-01", "c")]
    for customer in range(1, 41):
        day = 16 + customer % 5
        drawn += pairs_of((customer,), first=f"02-{day}", second=f"02-{day + 3}", reasons=("fault", "complaint"))
        other = ("move", "order") if customer % 2 else ("order", "move")
        drawn += pairs_of((customer,), first=f"02-{day + 1}", second=f"02-{day + 4}", reasons=other)
    result = analysed(tmp_path, drawn=drawn)
    told = result.next_issue[result.next_issue["told"]]
    assert ("fault", "complaint") in set(told[["reason", "next_reason"]].itertuples(index=False, name=None))
    assert ("complaint", "fault") not in set(told[["reason", "next_reason"]].itertuples(index=False, name=None))
    between = result.next_issue[result.next_issue["reason"].isin(["move", "order"])]
    both = between[between["next_reason"].isin(["move", "order"])]
    assert len(both) == 2
    assert not both["told"].any()
    assert any(finding.key == "channel_moves.order_no_cause" for finding in result.cannot_tell)
    first = result.next_issue.iloc[0]
    assert first["told"]
    # Nothing about the complaint came before: a lower limit, no lift.
    assert first["lift_low"] > 1
    assert result.readings["next_issue"][0].key in ("channel_moves.follows_only", "channel_moves.follows")


def test_few_customers_before_are_counted_as_the_smallest_cell_by_hand_count(tmp_path):
    more = "[definitions]\nsmallest_cell = 5\n" + DEFAULT
    row = analysed(tmp_path, more=more).next_issue.set_index(["reason", "next_reason"]).loc[("a", "b")]
    ratio = chance_ratio(DRAWN)
    assert row["baseline"] == pytest.approx(5 * ratio / ASKED)
    assert row["lift"] == pytest.approx(12 / (5 * ratio))
    assert row["p_value"] == pytest.approx(two_sided(12, 5, ratio))


def test_without_a_customer_list_it_is_b_at_best(tmp_path):
    rows = analysed(tmp_path, customers=()).next_issue
    assert len(rows)
    assert (rows["grade"] >= "B").all()
    assert rows["grade_reasons"].str.contains("proxy").all()


def test_a_second_contact_about_the_same_matter_counts_each_time_by_hand_count(tmp_path):
    """Customer 1 calls about a twice before b: both contacts were followed, one customer has one vote."""
    drawn = [*DRAWN, contact(1, "02-19", "a")]
    row = analysed(tmp_path, drawn=drawn).next_issue.set_index(["reason", "next_reason"]).loc[("a", "b")]
    assert (row["contacts"], row["customers"], row["denominator"]) == (13, 12, ASKED + 1)
