"""What changed between two periods: parts by hand, sums exact, intervals by customer, what can't be compared."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import permutations
from math import prod

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill, read
from scipy.stats import t as student
from second_opinion.worlds import draw, store_of

from rootcause_lib.analyses.root_cause import change_findings
from rootcause_lib.analyses.root_cause.change import NO_PROCESS, change
from rootcause_lib.analyses.root_cause.change_grades import CHANGE_COLUMNS
from rootcause_lib.analyses.root_cause.compared import COMPARISONS, comparable, period_before
from rootcause_lib.errors import ParameterError
from rootcause_lib.periods import Period
from rootcause_lib.prose import sentence
from rootcause_lib.vocabulary import LANGUAGES

EFFECTS = ("volume", "mix", "rate")
LATER = Period(dt.date(2025, 3, 11), dt.date(2025, 3, 20))
"""Ten days; the ten before them begin on 1 March."""


def on(day: int, customer: int | None, **more: object) -> dict[str, object]:
    return {"start": f"2025-03-{day:02d} 10:00", "customer": customer, "reason": "bill", **more}


def spell(customer: int, segment: str, *, joined: str = "2024-01-01", left: str | None = None) -> dict[str, object]:
    return {"customer_key": customer, "segment": segment, "joined_on": joined, "left_on": left}


def shapley(before: list[Fraction], after: list[Fraction]) -> list[Fraction]:
    """What each factor adds to a product, averaged over all orders, by walking every order."""
    orders = list(permutations(range(len(before))))
    added = [Fraction(0)] * len(before)
    for order in orders:
        now = list(before)
        for factor in order:
            old = prod(now)
            now[factor] = after[factor]
            added[factor] += (prod(now) - old) / len(orders)
    return added


def row_of(found: pd.DataFrame, dimension: str, item: str) -> pd.Series:
    (row,) = [row for _, row in found.iterrows() if (row["dimension"], row["item"]) == (dimension, item)]
    return row


def drawn_store(tmp_path, *, more: str = "", until: str = "2025-03-20"):
    """Two customers of segment a throughout, one of b who joins with the later period and calls often."""
    contacts = [
        on(1, 1), on(5, 2), on(9, 1, channel="chat", reason="order"),
        on(11, 1), on(12, 3), on(13, 3), on(14, 3, reason="order"), on(15, 2, channel="chat"), on(20, 3),
    ]  # fmt: skip
    customers = [spell(1, "a"), spell(2, "a"), spell(3, "b", joined="2025-03-11")]
    return store(engagement(tmp_path, more=more, until=until), contacts, customers=customers)


def test_volume_mix_and_rate_by_hand_count(tmp_path) -> None:
    """20 customers' days with 3 contacts, then 30 with 6: 20 of a with 2, 10 of b with 4."""
    found = change(drawn_store(tmp_path), LATER)
    assert tuple(found.columns) == CHANGE_COLUMNS
    total = row_of(found, "total", "all")
    a = shapley([Fraction(20), Fraction(1), Fraction(3, 20)], [Fraction(30), Fraction(2, 3), Fraction(2, 20)])
    # b had no day before: it has the later rate throughout, and what it brings beside volume is mix.
    b = shapley([Fraction(20), Fraction(0), Fraction(4, 10)], [Fraction(30), Fraction(1, 3), Fraction(4, 10)])
    assert [total[name] for name in EFFECTS] == pytest.approx([float(x + y) for x, y in zip(a, b, strict=True)])
    assert [row_of(found, "segment", "a")[name] for name in EFFECTS] == pytest.approx([float(x) for x in a])
    assert [row_of(found, "segment", "b")[name] for name in EFFECTS] == pytest.approx([float(x) for x in b])
    assert (total["contacts_before"], total["contacts"], total["total"]) == (3, 6, 3)
    assert (total["exposure_before"], total["exposure"], total["exposure_unit"]) == (20, 30, "customer_days")
    assert (total["period"], total["before"]) == ("2025-03-11/2025-03-20", "2025-03-01/2025-03-10")
    assert (total["customers_before"], total["customers"]) == (2, 3)


def test_a_reason_is_told_by_customers_days_by_hand_count(tmp_path) -> None:
    """Orders: 1 contact of a in 20 days, then none of a and 1 of b in 10 days."""
    found = change(drawn_store(tmp_path), LATER)
    a = shapley([Fraction(20), Fraction(1), Fraction(1, 20)], [Fraction(30), Fraction(2, 3), Fraction(0)])
    b = shapley([Fraction(20), Fraction(0), Fraction(1, 10)], [Fraction(30), Fraction(1, 3), Fraction(1, 10)])
    order = row_of(found, "reason", "order")
    assert [order[name] for name in EFFECTS] == pytest.approx([float(x + y) for x, y in zip(a, b, strict=True)])
    assert row_of(found, "channel", "chat")["total"] == 0


def test_without_a_customer_list_everything_is_rate_by_hand_count(tmp_path) -> None:
    contacts = [on(2, None), on(3, None), on(12, None), on(13, None, reason="order"), on(14, 7), on(15, None)]
    found = change(store(engagement(tmp_path, until="2025-03-20"), [on(1, None), *contacts]), LATER)
    assert (found[["volume", "mix"]] == 0).all(axis=None)
    assert dict(zip(found["item"], found["rate"], strict=True)) == {"all": 1, "bill": 0, "order": 1, "phone": 1}
    assert set(found["exposure_unit"]) == {"days"}
    assert (found["exposure"] == 10).all()
    assert set(found["grade"]) <= {"C", "D"}
    assert found["grade_reasons"].str.contains("unidentified").all()
    told = change_findings.change_cannot_tell(drawn_store(tmp_path), LATER, found, compare="previous")
    assert "root_cause_change.no_customers" in {finding.key for finding in told}


def test_rows_of_every_dimension_sum_to_the_total_by_identity(tmp_path) -> None:
    built = store_of(tmp_path, *draw(seed=3))
    period = comparable(built, built.period(None, None))
    found = change(built, period)
    total = row_of(found, "total", "all")
    assert set(found["dimension"]) == {"total", "reason", "channel", "segment"}
    for _, rows in found.groupby("dimension"):
        for name in (*EFFECTS, "total", "contacts_before", "contacts"):
            assert rows[name].sum() == pytest.approx(total[name], abs=1e-8)
    assert (found[list(EFFECTS)].sum(axis=1) - found["total"]).abs().max() < 1e-8
    contacts = read(built, "stitched_contacts")
    own = contacts[contacts["direction"] == "inbound"]["started_on"].dt.date
    assert total["contacts"] == own.between(period.start, period.end).sum() > 100
    before = period.before()
    assert total["contacts_before"] == own.between(before.start, before.end).sum() > 100
    assert found[["volume_low", "mix_low", "rate_low", "total_low"]].notna().all(axis=None)
    assert abs(total["mix"]) > 0.01
    assert abs(total["volume"]) > 0.01


def test_the_interval_is_that_of_differences_by_customer_by_identity(tmp_path) -> None:
    """Few customers with many contacts each: the total's error is that of their own differences."""
    rng = np.random.default_rng(5)
    contacts, apart = [], []
    for customer in range(1, 61):
        before, after = rng.poisson(rng.gamma(0.5, 4.0), 2) + rng.integers(0, 12, 2) * (customer < 6)
        apart.append(after - before)
        contacts += [on(int(day), customer) for day in rng.integers(1, 11, before)]
        contacts += [on(int(day), customer) for day in rng.integers(11, 21, after)]
    contacts.append(on(20, 61, direction="outbound"))
    found = change(store(engagement(tmp_path, until="2025-03-20"), [*contacts, on(1, 62, direction="internal")]), LATER)
    # The customers we only wrote to are customers without a contact.
    each = np.array([*apart, 0, 0])
    error = np.sqrt(len(each) * each.var(ddof=1))
    seen = len({row["customer"] for row in contacts if "direction" not in row})
    reach = student.ppf(0.975, seen - 1) * error
    total = row_of(found, "total", "all")
    assert error > np.sqrt(total["contacts"] + total["contacts_before"])
    assert total["total"] == each.sum()
    assert total["total_high"] - total["total"] == pytest.approx(reach)


def test_an_interval_is_never_narrower_than_poissons_by_hand_count(tmp_path) -> None:
    """Everybody calls once in each period: no customer differs, yet another year would."""
    contacts = [on(day, customer) for customer in range(1, 31) for day in (3, 13)]
    total = change(store(engagement(tmp_path, until="2025-03-20"), [*contacts, on(1, None)]), LATER).iloc[0]
    assert total["total"] == -1
    assert total["total_high"] - total["total"] >= 1.96 * np.sqrt(61)


def test_the_comparison_changes_what_is_compared_by_hand_count(tmp_path) -> None:
    contacts = [{"start": f"2024-03-{day} 10:00", "customer": 1, "reason": "bill"} for day in (11, 12, 12, 21)]
    contacts += [on(1, 2), *(on(day, customer) for day in (11, 12) for customer in (1, 2))]
    built = store(engagement(tmp_path, until="2025-03-20"), contacts)
    # 52 weeks before 11 to 20 March 2025 are 12 to 21 March 2024, Tuesday to Thursday both.
    found = {compare: change(built, LATER, compare=compare).iloc[0] for compare in COMPARISONS}
    assert found["previous"][["contacts_before", "contacts", "total"]].tolist() == [1, 4, 3]
    assert found["year_before"][["contacts_before", "contacts", "total"]].tolist() == [3, 4, 1]
    assert found["year_before"]["before"] == "2024-03-12/2024-03-21"
    assert "proxy" in found["previous"]["grade_reasons"]
    assert "proxy" not in found["year_before"]["grade_reasons"]
    with pytest.raises(ParameterError, match="Did you mean 'previous'"):
        change(built, LATER, compare="previos")  # type: ignore[arg-type]


def test_periods_before_are_equally_long_and_never_meet_by_identity() -> None:
    for days in (1, 30, 364, 365, 400):
        period = Period(dt.date(2025, 6, 1), dt.date(2025, 6, 1) + dt.timedelta(days=days - 1))
        for compare in COMPARISONS:
            before = period_before(period, compare=compare)
            assert before.days == days
            assert before.end < period.start
    assert period_before(Period(dt.date(2025, 6, 1), dt.date(2025, 6, 30)), compare="year_before").start.weekday() == 6


def test_what_has_no_period_before_it_is_empty_and_says_so(tmp_path) -> None:
    built = drawn_store(tmp_path)
    whole = built.period(None, None)
    found = change(built, whole)
    assert found.empty
    assert tuple(found.columns) == CHANGE_COLUMNS
    (told,) = change_findings.change_headline(built, whole, found, compare="previous")
    assert told.key == "root_cause_change.not_before"
    assert all(sentence(told, language=language) for language in LANGUAGES)
    assert change_findings.change_readings(built, whole, found) == ()
    assert comparable(built, whole) == Period(dt.date(2025, 3, 14), dt.date(2025, 3, 20))
    assert comparable(built, LATER) == LATER
    assert len(change(built, comparable(built, whole)))
    contacts = [{"start": "2024-03-05 10:00", "customer": 1}, *(on(day, 1) for day in (2, 9))]
    older = store(engagement(tmp_path, until="2025-03-20"), contacts)
    long = Period(dt.date(2024, 9, 20), dt.date(2025, 3, 20))
    (told,) = change_findings.change_headline(older, long, change(older, long), compare="year_before")
    assert told.key == "root_cause_change.not_before"


def test_only_what_the_data_cover_is_compared_by_hand_count(tmp_path) -> None:
    built = drawn_store(tmp_path, until="2025-03-15")
    found = change(built, LATER)
    assert set(found["period"]) == {"2025-03-11/2025-03-15"}
    assert found.iloc[0][["contacts_before", "contacts"]].tolist() == [1, 5]
    told = change_findings.change_readings(built, LATER, found)
    assert "root_cause_change.partly_covered" in {finding.key for finding in told}


EVENTS = """
[processes.billing]
owner = "Talous"
reasons = ["bill"]
[processes.delivery]
reasons = ["order"]
[processes.returns]
reasons = ["order", "return"]
[processes.silent]
reasons = ["bill"]
"""


def event(number: int, process: str, day: int) -> dict[str, object]:
    return {"event_id": f"e{number}", "customer_key": 1, "process": process, "started_on": f"2025-03-{day:02d}"}


def test_a_process_is_told_by_its_events_by_hand_count(tmp_path) -> None:
    """Bills: 2 events with 2 contacts in 20 customers' days, then 6 with 5 in 30; orders are of two processes."""
    built = drawn_store(tmp_path, more=EVENTS)
    events = [("billing", 1), ("billing", 2), *[("billing", day) for day in range(11, 17)]]
    events += [("delivery", 1), ("returns", 2), ("delivery", 12)]
    fill(built.engine, "process_events", pd.DataFrame([event(i, *one) for i, one in enumerate(events)]))
    found = change(built, LATER)
    bills = row_of(found, "process", "billing")
    expected = shapley([Fraction(20), Fraction(2, 20), Fraction(2, 2)], [Fraction(30), Fraction(6, 30), Fraction(5, 6)])
    assert [bills[name] for name in EFFECTS] == pytest.approx([float(one) for one in expected])
    assert (bills["exposure_before"], bills["exposure"], bills["exposure_unit"]) == (2, 6, "events")
    orders = row_of(found, "process", "delivery + returns")
    expected = shapley([Fraction(20), Fraction(2, 20), Fraction(1, 2)], [Fraction(30), Fraction(1, 30), Fraction(1)])
    assert [orders[name] for name in EFFECTS] == pytest.approx([float(one) for one in expected])
    rows = found[found["dimension"] == "process"]
    assert rows["total"].sum() == row_of(found, "total", "all")["total"]
    assert set(rows["grade"]) <= {"B", "C", "D"}
    headline = change_findings.change_headline(built, LATER, found, compare="previous")
    assert all(sentence(told, language=language) for told in headline for language in LANGUAGES)


def test_a_process_without_events_in_a_period_is_told_by_days_by_hand_count(tmp_path) -> None:
    built = drawn_store(tmp_path, more=EVENTS)
    fill(built.engine, "process_events", pd.DataFrame([event(0, "billing", 12), event(1, "unheard_of", 12)]))
    found = change(built, LATER)
    bills = row_of(found, "process", "billing")
    assert bills["exposure_unit"] == "customer_days"
    assert bills["total"] == row_of(found, "reason", "bill")["total"]
    assert row_of(found, "process", NO_PROCESS)["total"] == row_of(found, "reason", "order")["total"]


def test_small_cells_and_what_would_give_them_back_are_left_out_by_hand_count(tmp_path) -> None:
    """Orders are of two customers: they go, and with them the smaller of the other reasons."""
    contacts = [on(1 + day % 10, 1 + day % 30, reason="bill") for day in range(60)]
    contacts += [on(11 + day % 10, 1 + day % 30, reason="bill") for day in range(90)]
    contacts += [on(day, customer, reason="order") for day in (3, 13) for customer in (1, 2)]
    contacts += [on(day, customer, reason="fault") for day in (4, 14) for customer in range(10, 20)]
    settings = engagement(tmp_path, more="[definitions]\nsmallest_cell = 5\n", until="2025-03-20")
    found = change(store(settings, contacts), LATER)
    rows = found[found["dimension"] == "reason"].set_index("item")
    numbers = ["volume", "rate", "total", "total_low", "contacts_before", "contacts", "customers", "p_value"]
    hidden = rows[rows["grade_reasons"] == "suppressed"]
    assert len(hidden) == 2
    assert "bill" not in hidden.index
    assert hidden[numbers].isna().all(axis=None)
    assert set(hidden["grade"]) == {"D"}
    assert set(hidden["changed"]) == {"no_clear_change"}
    assert rows.loc["bill", numbers].notna().all()
    assert row_of(found, "channel", "phone")["total"] == row_of(found, "total", "all")["total"]


@pytest.mark.parametrize("customers", [[1], [None]])
def test_one_customer_gives_no_confident_number_by_hand_count(tmp_path, customers) -> None:
    contacts = [on(day, customers[0], reason="bill") for day in (1, 3, 11, 12, 13, 14)][: 6 if customers[0] else 2]
    found = change(store(engagement(tmp_path, until="2025-03-20"), contacts), LATER)
    assert set(found["grade"]) == {"D"}
    assert set(found["changed"]) == {"no_clear_change"}
    if customers[0]:
        assert found["total"].tolist() == [2, 2, 2]
        assert found["total_low"].isna().all()


def test_one_reason_is_the_total_by_identity(tmp_path) -> None:
    found = change(store(engagement(tmp_path, until="2025-03-20"), [on(d, d % 3) for d in range(1, 21)]), LATER)
    total, reason = row_of(found, "total", "all"), row_of(found, "reason", "bill")
    for name in (*EFFECTS, "total", "total_low", "total_high", "contacts"):
        assert reason[name] == pytest.approx(total[name])


def test_contacts_in_one_period_only_by_hand_count(tmp_path) -> None:
    built = store(engagement(tmp_path, until="2025-03-20"), [on(day, day) for day in range(1, 8)])
    total = change(built, LATER).iloc[0]
    assert total[["contacts_before", "contacts", "total"]].tolist() == [7, 0, -7]


def test_default_codes_pull_down_reasons_only(tmp_path) -> None:
    contacts = [on(1 + n % 20, n, reason="muu" if n % 2 else "bill") for n in range(400)]
    settings = engagement(tmp_path, more='[reasons]\ndefault = ["muu"]\n', until="2025-03-20")
    found = change(store(settings, contacts), LATER, compare="previous")
    told = found.set_index("dimension")["grade_reasons"].str.contains("default_codes")
    assert told.loc[["reason"]].all()
    assert not told.loc[["total", "channel"]].any()
