"""Staying by hand count: who is watched when, failures before fixed days, what customers are worth, who is left out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import fill

from rootcause_lib.analyses.churn_risk.asked import Asked, asked_about
from rootcause_lib.analyses.churn_risk.retention import retention
from rootcause_lib.analyses.churn_risk.retention_counts import groups
from rootcause_lib.analyses.churn_risk.retention_value import YEAR_WEEKS
from rootcause_lib.analyses.churn_risk.survival_curves import told_run
from rootcause_lib.analyses.part import Part
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import LANGUAGES

CONTACTS = [{"start": "2025-01-06 10:00", "customer": 1}]
"""Weeks run from Monday 6 January 2025."""
NOTICE = "[definitions]\nnotice_days = 14\n"
COLUMNS = ("joined_on", "cancelled_on", "left_on", "leave_reason", "segment", "monthly_margin")

JOINED = {"joined_on": "2025-01-06", "segment": "new"}
LEFT = {**JOINED, "cancelled_on": "2025-02-05", "left_on": "2025-03-05", "leave_reason": "choice"}
DIED = {**JOINED, "left_on": "2025-02-20", "leave_reason": "not_choice"}
OLD = {"joined_on": "2024-01-01", "segment": "old"}


def many(*kinds: tuple[int, Mapping[str, object]]) -> list[dict[str, object]]:
    """So many customers of each kind, keys from 1."""
    rows = [kind for count, kind in kinds for _ in range(count)]
    return [{**dict.fromkeys(COLUMNS), **row, "customer_key": key} for key, row in enumerate(rows, start=1)]


def made(
    folder: Path, customers: Sequence[Mapping[str, object]], *, until: str = "2025-03-30", more: str = NOTICE
) -> Store:
    return store(engagement(folder, until=until, more=more), CONTACTS, customers=customers)


def asked(given: Store, **options: Any) -> Asked:
    wanted: dict[str, Any] = {"lag_weeks": (2, 8), "horizon_days": None, "segment": None, "customer_list": 0}
    return asked_about(given, given.period(None, None), **{**wanted, **options})


def part(given: Store, **options: Any) -> Part:
    found = retention(asked(given, **options))
    for language in LANGUAGES:
        for finding in (
            *found.headline,
            *found.cannot_tell,
            *(one for said in found.readings.values() for one in said),
        ):
            words = sentence(finding, language=language, currency="EUR")
            assert not any(mark in words for mark in ("{", "nan ", "None")), words
    return found


def curve(found: Part, frame: str = "survival", **which: object) -> dict[int, tuple[float, ...]]:
    """Month to value, low and high of one curve."""
    table = found.frames[frame]
    for name, value in which.items():
        table = table[table[name] == value]
    value = "retained" if frame == "survival" else "share"
    return {int(row["months_since"]): (row[value], row["at_risk"], row["events"]) for row in table.to_dict("records")}


def test_who_is_still_there_by_month_by_hand_count(tmp_path: Path) -> None:
    """Twenty join on the first day, ten of them give notice in the fifth week, ten die: of the twenty half remain."""
    found = part(made(tmp_path, many((10, LEFT), (10, JOINED), (10, DIED))))
    told = curve(found, segment="new", problem="all")
    assert told == {0: (1.0, 30.0, 0.0), 1: (1.0, 20.0, 0.0), 2: (0.5, 10.0, 10.0)}
    assert told == curve(found, segment="all", problem="all")
    row = found.frames["survival"].iloc[0]
    assert (row["spells"], row["customers"], row["from_months"], row["unobserved"]) == (30, 30, 0, 0)
    # Half have left where the curve is level at one half: the middle of weeks 4.5 and 11.5, the last one seen.
    assert row["median_months"] * YEAR_WEEKS / 12 == pytest.approx(4.5)


def test_two_ways_to_leave_share_the_same_week_by_hand_count(tmp_path: Path) -> None:
    """Thirty are there in the fifth week: ten give notice, ten die, a third each."""
    found = part(made(tmp_path, many((10, LEFT), (10, JOINED), (10, DIED))))
    assert curve(found, "left_by_ending", ending="choice")[2] == (pytest.approx(1 / 3), 10.0, 10.0)
    assert curve(found, "left_by_ending", ending="not_choice")[2] == (pytest.approx(1 / 3), 10.0, 10.0)
    assert curve(found, "left_by_ending", ending="choice")[1] == (0.0, 30.0, 0.0)


def test_who_was_there_before_the_data_counts_from_then_on_by_hand_count(tmp_path: Path) -> None:
    """Fifty-three weeks after joining ten are first seen, of whom four leave in the sixth week of the data: it is
    told from the thirteenth month on, of those who had stayed so long."""
    gone = {**OLD, "cancelled_on": "2025-02-12", "left_on": "2025-03-12", "leave_reason": "choice"}
    found = part(made(tmp_path, many((12, OLD), (4, gone), (10, JOINED))))
    old = found.frames["survival"].query("segment == 'old' and problem == 'all'")
    assert set(old["from_months"]) == {13}
    assert curve(found, segment="old") == {13: (1.0, 16.0, 0.0), 14: (0.75, 12.0, 4.0)}
    # Everybody: the ten who joined are seen for twelve weeks, the old ones are more weeks and are told.
    whole = found.frames["survival"].query("segment == 'all' and problem == 'all'")
    assert set(whole["from_months"]) == {13}


def test_a_curve_is_told_over_its_longest_stretch_by_definition() -> None:
    assert told_run(np.array([12.0, 11, 3, 10, 10, 10, 9])) == slice(3, 6)
    assert told_run(np.array([9.0, 9])) == slice(0, 0)
    assert told_run(np.array([])) == slice(0, 0)


def test_customers_who_leave_twice_widen_the_limits_by_hand_count(tmp_path: Path) -> None:
    """Ten customers leave twice, ten once: 20 + 10 leavings, 50 squared: the variance is 5/3 of Greenwood's."""
    again = {**JOINED, "joined_on": "2025-02-10", "cancelled_on": "2025-03-10", "left_on": "2025-03-20",
             "leave_reason": "choice"}  # fmt: skip
    customers = [*many((10, {**LEFT, "left_on": "2025-02-08"})), *many((10, again))]
    customers += [{**row, "customer_key": row["customer_key"] + 10} for row in many((10, LEFT), (20, JOINED))]  # type: ignore[operator]
    given = made(tmp_path, customers)
    counted = groups(asked(given))
    assert (counted[0].events, counted[0].customers, counted[0].leavers) == (30, 40, 20)
    assert counted[0].effect == pytest.approx(50 / 30)


FAILURES = """
[processes.billing]
owner = "x"
[processes.delivery]
overdue_bands = [1, 3]
[processes.invoice]
kind = "normal"
"""


def with_events(given: Store, events: Sequence[tuple[int, str, str, str | None, str | None]]) -> Store:
    """Process events: customer, process, started, due, ended."""
    rows = pd.DataFrame(events, columns=["customer_key", "process", "started_on", "due_on", "ended_on"])
    rows = rows.assign(event_id=[f"e{number}" for number in range(len(rows))], started_seconds=0)
    fill(given.engine, "process_events", rows)  # type: ignore[arg-type]
    return dataclasses.replace(
        given, intake=dataclasses.replace(given.intake, present=(*given.present, "process_events"))
    )


def test_failures_before_a_fixed_day_by_hand_count(tmp_path: Path) -> None:
    """The one fixed day is Monday 31 March. Of 20 with a wrong bill before it ten leave in the third week after it; of
    40 others ten do in the second: those whose bill goes wrong only after the day, whose delivery came a day late
    fourteen weeks before, or in time, or who had an ordinary invoice are among these others."""
    goes = {**OLD, "cancelled_on": "2025-04-16", "left_on": "2025-05-16", "leave_reason": "choice"}
    sooner = {**OLD, "cancelled_on": "2025-04-09", "left_on": "2025-05-09", "leave_reason": "choice"}
    given = made(
        tmp_path,
        many((10, goes), (10, OLD), (10, sooner), (30, OLD)),
        until="2025-06-29",
        more=NOTICE + FAILURES,
    )
    events: list[tuple[int, str, str, str | None, str | None]] = [
        *((key, "billing", "2025-02-10", None, None) for key in range(1, 21)),
        # Twice the same: still one customer.
        *((key, "billing", "2025-02-11", None, None) for key in range(1, 6)),
        *((key, "billing", "2025-03-31", None, None) for key in range(21, 31)),
        *((key, "delivery", "2025-01-02", "2024-12-20", "2024-12-21") for key in range(31, 41)),
        *((key, "delivery", "2025-02-02", "2025-02-20", "2025-02-20") for key in range(41, 51)),
        *((key, "invoice", "2025-02-02", None, None) for key in range(51, 61)),
    ]
    found = part(with_events(given, events))
    failed, other = curve(found, problem="any_failure"), curve(found, problem="no_failure")
    assert failed[1] == (0.5, 10.0, 10.0)
    assert other[1] == (0.75, 30.0, 10.0)
    assert curve(found, problem="billing") == failed
    assert not curve(found, problem="delivery")
    assert not curve(found, problem="invoice")
    told = found.frames["survival"].query("since == 'landmark'")
    assert set(told["claim"]) == {"association"}
    assert set(told["grade"]) <= {"B", "C", "D"}


def test_a_delivery_fails_once_it_is_a_day_late_by_hand_count(tmp_path: Path) -> None:
    given = made(tmp_path, many((30, OLD)), until="2025-06-29", more=NOTICE + FAILURES)
    late = [(key, "delivery", "2025-01-20", "2025-02-20", "2025-02-21") for key in range(1, 11)]
    never = [(key, "delivery", "2025-01-20", "2025-02-20", None) for key in range(11, 16)]
    found = part(with_events(given, [*late, *never]))
    assert curve(found, problem="delivery")[0] == (1.0, 15.0, 0.0)
    assert curve(found, problem="no_failure")[0] == (1.0, 15.0, 0.0)


def test_risk_within_the_horizon_by_hand_count(tmp_path: Path) -> None:
    """Ten leave in 10 x 5 + 10 x 12 + 10 x 4 weeks: at that pace 1 - exp(-90/7 x 10/210) within 90 days."""
    given = made(tmp_path, many((10, LEFT), (10, JOINED), (10, DIED)))
    row = part(given).frames["segment_risk"].iloc[0]
    assert (row["weeks_watched"], row["events"], row["horizon_days"]) == (210, 10, 90)
    assert row["chance"] == pytest.approx(1 - math.exp(-90 / 7 * 10 / 210))
    assert row["low"] < row["chance"] < row["high"]
    month = part(given, horizon_days=30).frames["segment_risk"].iloc[0]
    assert month["chance"] == pytest.approx(1 - math.exp(-30 / 7 * 10 / 210))


MONEY = NOTICE + "[costs]\ndiscount_rate = 0.0\nhorizon_years = 1\nacquisition_per_customer = 50\n"


def worth(found: Part, segment: str = "all") -> dict[str, float]:
    table = found.frames["retention_value"]
    return table[table["segment"] == segment].set_index("measure")["value"].to_dict()


def test_nobody_leaves_and_a_year_brings_a_years_margin_by_hand_count(tmp_path: Path) -> None:
    """52 whole weeks of 10 a month; of the 30 here ten have no margin: they are in no sum."""
    customers = many((20, {**JOINED, "monthly_margin": 10.0}), (10, JOINED))
    found = part(made(tmp_path, customers, more=MONEY))
    told = worth(found)
    assert told["monthly_margin"] == 10
    assert told["customer_value"] == pytest.approx(10 * 12 / YEAR_WEEKS * 52)
    assert told["base_value"] == pytest.approx(20 * told["customer_value"])
    assert told["yearly_retention"] == 1
    assert told["value_over_acquisition"] == pytest.approx(told["customer_value"] / 50)
    assert told["replacement_cost"] == pytest.approx(0.01 * 30 * 50)
    # No point is left to be kept.
    assert "point_value" not in told
    row = found.frames["retention_value"].query("segment == 'all' and measure == 'base_value'").iloc[0]
    assert (row["denominator"], row["unobserved"]) == (20, 10)
    assert row["low"] < row["value"] == row["high"]


def test_one_pace_for_all_by_closed_form(tmp_path: Path) -> None:
    """Ten of thirty leave, two a week of everybody there, whoever joined when: without days of joining one pace is
    taken, and a year's margin is a geometric sum."""
    weeks = pd.date_range("2025-01-08", periods=10, freq="7D").strftime("%Y-%m-%d")
    gone = [(1, {"segment": "x", "cancelled_on": day, "left_on": day, "leave_reason": "choice"}) for day in weeks]
    found = part(made(tmp_path, many(*gone, (20, {"segment": "x", "monthly_margin": 10.0})), more=MONEY))
    watched = sum(range(1, 11)) + 20 * 12
    hazard = 10 / watched
    told = worth(found, "x")
    geometric = sum((1 - hazard) ** week for week in range(1, 53))
    assert told["customer_value"] == pytest.approx(10 * 12 / YEAR_WEEKS * geometric)
    kept = math.exp(-YEAR_WEEKS * hazard)
    slower = math.log(kept + 0.01) / math.log(kept)
    better = sum((1 - hazard) ** (week * slower) for week in range(1, 53))
    assert told["point_value"] == pytest.approx(20 * 10 * 12 / YEAR_WEEKS * (better - geometric))
    assert set(found.frames["retention_value"].query("measure == 'point_value'")["method"]) == {"constant_hazard"}
    assert found.frames["survival"].empty


def test_totals_are_the_sum_of_segments_and_of_those_without_one_by_identity(tmp_path: Path) -> None:
    paid = {"monthly_margin": 10.0}
    customers = many(
        (10, LEFT), (20, {**JOINED, **paid}), (15, {**OLD, **paid}), (5, {"joined_on": "2024-06-01", **paid})
    )
    found = part(made(tmp_path, customers, more=MONEY))
    none = 5 * 10 * 12 / YEAR_WEEKS * 52
    for measure in ("base_value",):
        parts = worth(found, "new")[measure] + worth(found, "old")[measure] + none
        assert worth(found)[measure] == pytest.approx(parts)


def test_no_margin_is_no_money_and_is_said(tmp_path: Path) -> None:
    found = part(made(tmp_path, many((10, LEFT), (20, JOINED))))
    assert set(found.frames["retention_value"]["counted_in"]) == {"share"}
    assert "churn_retention.no_margin" in [one.key for one in found.cannot_tell]


@pytest.mark.parametrize(
    "customers",
    [
        [],
        many((30, LEFT)),
        many((1, JOINED)),
        many((30, {**JOINED, "left_on": "2024-01-01"})),
        many((30, {})),
        many((30, {"left_on": "2025-02-01"})),
        many((12, {**JOINED, "monthly_margin": -5.0}), (5, LEFT)),
    ],
)
def test_strange_customers_are_no_crash(tmp_path: Path, customers: list[dict[str, object]]) -> None:
    found = part(made(tmp_path, customers, more=MONEY))
    for frame in found.frames.values():
        assert set(frame["grade"]) <= {"A", "B", "C", "D"}


def test_few_are_not_told_and_not_given_back(tmp_path: Path) -> None:
    """Of the segment `new` three leave, fewer than five: it is left out, and so is another one, or its figures would
    follow from the totals."""
    customers = many((3, LEFT), (40, JOINED), (30, OLD), (8, {**OLD, "left_on": "2025-02-10"}),
                     (9, {**OLD, "segment": "other", "left_on": "2025-02-10"}),
                     (30, {**OLD, "segment": "other"}))  # fmt: skip
    found = part(made(tmp_path, customers, more=NOTICE.replace("]\n", "]\nsmallest_cell = 5\n")))
    risk = found.frames["segment_risk"].set_index("segment")
    hidden = set(risk.index[risk["grade_reasons"] == "suppressed"])
    assert "new" in hidden
    assert len(hidden) == 2
    assert risk.loc[list(hidden), ["chance", "events", "customers", "weeks_watched"]].isna().all(axis=None)
    for name in ("survival", "retention_value"):
        frame = found.frames[name]
        own = frame[frame["segment"].isin(hidden)]
        assert set(own["grade_reasons"]) == {"suppressed"}
    assert risk.loc["all", "events"] == 20


def test_without_notice_nothing_is_better_than_b(tmp_path: Path) -> None:
    customers = many((200, {**JOINED, "left_on": "2025-02-10"}), (900, JOINED))
    plain = [{name: value for name, value in row.items() if name != "cancelled_on"} for row in customers]
    found = part(store(engagement(tmp_path, until="2025-03-30"), CONTACTS, customers=plain))
    assert "A" not in set(found.frames["segment_risk"]["grade"])
    assert "notice_unknown" in found.frames["segment_risk"]["grade_reasons"].iloc[0]


def test_margins_of_few_are_not_told_and_not_given_back(tmp_path: Path) -> None:
    """Three customers of `few` have a margin: what they bring would be theirs, or the total less the others'."""
    paid = {"monthly_margin": 10.0}
    customers = many(
        (20, {**JOINED, **paid}), (20, {**OLD, **paid}), (3, {**OLD, **paid, "segment": "few"}),
        (30, {**OLD, "segment": "few"}),
    )  # fmt: skip
    found = part(made(tmp_path, customers, more=MONEY.replace("]\n", "]\nsmallest_cell = 5\n", 1)))
    worth_of = found.frames["retention_value"]
    money = worth_of[worth_of["counted_in"] == "money"]
    hidden = set(money.loc[money["grade_reasons"] == "suppressed", "segment"])
    assert "few" in hidden
    assert len(hidden) == 2
    assert "all" not in hidden
    assert money.loc[money["segment"].isin(hidden), ["value", "denominator"]].isna().all(axis=None)
    assert worth_of.query("segment == 'few' and measure == 'yearly_retention'")["value"].iloc[0] == 1
