"""Risk scores: snapshots by hand and counted again, weeks that never overlap, lists, money, leaks, data that can't."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, store
from planted import read
from planted.leavers import YEAR, leaving_store, with_attribute, year_of

from rootcause_lib.analyses.churn_risk.asked import asked_about
from rootcause_lib.analyses.churn_risk.score_features import checked_factors, factors_of
from rootcause_lib.analyses.churn_risk.score_frames import bins_of, shares_shown
from rootcause_lib.analyses.churn_risk.score_models import learnt
from rootcause_lib.analyses.churn_risk.score_snapshots import (
    EMBARGO_WEEKS,
    Plan,
    planned,
    snapshot_rows,
    snapshots,
)
from rootcause_lib.analyses.churn_risk.scores import scores
from rootcause_lib.errors import ParameterError
from rootcause_lib.person_weeks import Factor, Window, levels_of
from rootcause_lib.prose import sentence, table_text
from rootcause_lib.statistics.discrimination import Judged
from rootcause_lib.statistics.profit import months_worth
from rootcause_lib.vocabulary import GRADES, LANGUAGES


def ask(of, **more):
    given = {"lag_weeks": (2, 8), "horizon_days": None, "segment": None, "customer_list": 0} | more
    return asked_about(of, of.period(None, None), **given)


@pytest.fixture(scope="module")
def client():
    return year_of(2500, 7)


@pytest.fixture(scope="module")
def made(client, tmp_path_factory):
    return leaving_store(client, tmp_path_factory.mktemp("leavers"), more="[costs]\nper_contact = { phone = 3 }\n")


@pytest.fixture(scope="module")
def part(made):
    return scores(ask(made, customer_list=8))


CUSTOMERS = [
    # Still there; two calls in week 3, one in week 0.
    {"customer_key": 1, "joined_on": "2023-01-02", "segment": "home", "monthly_margin": 10.0},
    # Notice in week 6: within the horizon of weeks 6 and 7 of a snapshot at week 4 after two weeks.
    {"customer_key": 2, "joined_on": "2024-12-02", "cancelled_on": "2025-02-19", "left_on": "2025-03-19"},
    # Notice in week 5: before the two weeks are over, so no row at week 4.
    {"customer_key": 3, "joined_on": "2023-01-02", "cancelled_on": "2025-02-12", "left_on": "2025-02-28"},
    # Dies in week 7, within the horizon: no notice, cut short.
    {"customer_key": 4, "joined_on": "2023-01-02", "left_on": "2025-02-26", "leave_reason": "not_choice"},
    # Joins in the middle of week 4: there from week 5 on.
    {"customer_key": 5, "joined_on": "2025-02-05"},
    # Gives notice in the days after the last whole week.
    {"customer_key": 6, "joined_on": "2023-01-02", "cancelled_on": "2025-03-10"},
]
CALLS = [
    {"start": "2025-01-06 10:00", "customer": 1},
    {"start": "2025-01-27 10:00", "customer": 1},
    {"start": "2025-01-28 10:00", "customer": 1},
    # In the week of the snapshot: not known at its beginning.
    {"start": "2025-02-03 10:00", "customer": 1},
    {"start": "2025-01-28 11:00", "customer": 4, "reason": "cancel"},
    {"start": "2025-01-28 12:00", "customer": 2, "abandoned": True},
]


@pytest.fixture
def drawn(tmp_path):
    settings = engagement(tmp_path, until="2025-03-11", more='[reasons]\ncancellation = ["cancel"]\n')
    columns = dict.fromkeys(("joined_on", "cancelled_on", "left_on", "leave_reason", "segment", "monthly_margin"))
    return store(settings, CALLS, customers=[{**columns, **row} for row in CUSTOMERS])


def test_snapshots_by_hand_count(drawn):
    asked = ask(drawn, horizon_days=14)
    assert asked.clock.weeks == 9
    recent = Factor("recent", (Window("contact", 1, 5),), ("0", "1", "2", "3+"))
    rows = snapshot_rows(asked, Plan(2, (4,), (), 9, 0), (4, 9), (recent,))
    at_4, now = (rows[rows["week"] == week].set_index("customer_key") for week in (4, 9))
    assert at_4["leaves"].to_dict() == {1: False, 2: True, 4: False, 6: False}
    assert at_4["cut_short"].to_dict() == {1: False, 2: False, 4: True, 6: False}
    assert levels_of(at_4["state"], (recent,))["recent"].to_dict() == {1: "3+", 2: "0", 4: "0", 6: "0"}
    assert at_4["tenure_weeks"].to_dict() == {1: 109, 2: 9, 4: 109, 6: 109}
    assert at_4.loc[1, "monthly_margin"] == 10
    assert set(now.index) == {1, 5}
    assert levels_of(now["state"], (recent,))["recent"].to_dict() == {1: "0", 5: "0"}


def test_customers_are_drawn_by_what_their_keys_leave_by_identity(made):
    asked = ask(made)
    plan, _ = planned(asked)
    whole = snapshots(asked, plan, plan.test).rows
    parts = [snapshots(asked, plan, plan.test, remainder=rest, divisor=3).rows for rest in range(3)]
    assert sorted(pd.concat(parts)["customer_key"]) == sorted(whole["customer_key"])
    assert all((part["customer_key"] % 3 == rest).all() for rest, part in enumerate(parts))


def test_features_by_second_implementation(made):
    """Contacts lately, repeats and late deliveries before the weeks of snapshots, counted again row by row."""
    asked = ask(made)
    plan, _ = planned(asked)
    found = snapshots(asked, plan, (*plan.train, *plan.test))
    calls, events = read(made, "stitched_contacts"), read(made, "process_events")
    own = (calls["direction"] == "inbound") & calls["identified"] & ~calls["abandoned"].fillna(False).astype(bool)
    calls = calls[own & (calls["reason"] != "irtisanominen")]
    calls = calls.assign(week=(calls["started_day"] - asked.clock.first_day) // 7)
    late = events[(events["process"] == "delivery") & events["due_on"].notna()]
    due, ended = pd.to_datetime(late["due_on"]), pd.to_datetime(late["ended_on"])
    day = (due - pd.Timestamp("1970-01-01")).dt.days + 1
    late = late.assign(week=(day - asked.clock.first_day) // 7)[ended.isna() | ((ended - due).dt.days >= 1)]
    by_call, by_late = (rows.groupby("customer_key")["week"].apply(list).to_dict() for rows in (calls, late))
    for place in range(0, len(found.rows), 7):
        row, told = found.rows.iloc[place], found.features.iloc[place]
        weeks = Counter(by_call.get(row["customer_key"], []))
        count = sum(min(times, 3) for week, times in weeks.items() if 1 <= row["week"] - week < 5)
        assert told["contacts_recent"] == ("3+" if count > 2 else str(count))
        had = any(1 <= row["week"] - week < 13 for week in by_late.get(row["customer_key"], []))
        assert told["problem=delivery"] == ("yes" if had else "no")


@pytest.mark.parametrize("weeks", range(30, 130, 7))
@pytest.mark.parametrize("horizon", [28, 90, 180])
def test_no_window_is_learnt_from_and_judged_by_identity(made, weeks, horizon):
    asked = ask(made)
    asked = dataclasses.replace(asked, clock=dataclasses.replace(asked.clock, weeks=weeks), horizon_days=horizon)
    plan, _ = planned(asked)
    enough = weeks >= plan.weeks_needed
    assert bool(plan.test) == bool(plan.train) == enough
    assert plan.horizon_weeks * 7 >= horizon > plan.horizon_weeks * 7 - 7
    if enough:
        assert max(plan.train) + plan.ahead_weeks <= min(plan.test)
        assert max(plan.test) + plan.ahead_weeks == weeks
        assert min(plan.train) >= 12
        assert all(
            later - earlier >= plan.horizon_weeks for later, earlier in zip(plan.test, plan.test[1:], strict=False)
        )


def test_frames_are_whole_and_graded(part):
    assert {len(part.frames[name]) > 0 for name in part.frames} == {True}
    for frame in part.frames.values():
        assert set(frame["grade"]) <= set(GRADES)
    validation = part.frames["validation"].set_index("measure")
    assert ((validation["low"] <= validation["value"]) & (validation["value"] <= validation["high"])).all()
    calibration = part.frames["calibration"]
    assert calibration["predicted"].is_monotonic_increasing
    assert calibration["events"].sum() == validation["events"].iloc[0]
    assert calibration["customers"].min() >= 5
    lift = part.frames["lift"]
    assert lift["captured_share"].is_monotonic_increasing
    assert lift.iloc[-1][["share_contacted", "captured_share", "lift"]].tolist() == [1, 1, 1]
    assert validation.loc["lift_10", "value"] == pytest.approx(
        lift.set_index("share_contacted").loc[0.1, "lift"], rel=1e-9
    )


def test_a_list_names_as_many_as_asked_and_only_pseudonyms(made, part):
    listed = part.frames["scores"]
    assert len(listed) == 8
    assert listed["risk"].is_monotonic_decreasing
    assert ((listed["low"] < listed["risk"]) & (listed["risk"] < listed["high"])).all()
    assert listed["customer_id"].str.fullmatch(r"p\d{16}").all()
    assert listed["customer_id"].is_unique
    assert "customer_key" not in listed.columns
    gone = read(made, "customers")
    gone = gone[gone["cancelled_on"].notna() | gone["left_on"].notna()]["customer_key"]
    assert not set(listed["customer_id"].str[1:].astype(int)) & set(gone)
    nobody = scores(ask(made)).frames["scores"]
    assert nobody.empty
    assert list(nobody.columns) == list(listed.columns)


def test_value_at_stake_is_risk_times_discounted_margin_by_hand(made, part):
    asked = ask(made)
    _, sizes = planned(asked)
    row = part.frames["scores"].iloc[0]
    pace = sizes.pace.get(row["segment"], sizes.overall)
    months = float(months_worth(weekly_hazard=pace, yearly_discount=0.08, years=3))
    assert row["value_at_stake"] == pytest.approx(row["risk"] * row["monthly_margin"] * months)
    spells = read(made, "churn_spells")
    own = spells[spells["segment"] == row["segment"]]
    weeks = (own["last_week"] - own["entry_week"] + 1).sum()
    assert sizes.overall == pytest.approx(
        spells["left_by_choice"].sum() / (spells["last_week"] - spells["entry_week"] + 1).sum()
    )
    if row["segment"] in sizes.pace:
        assert pace == pytest.approx(own["left_by_choice"].sum() / weeks)


def test_profit_of_everybody_by_hand(made, part):
    """Asking everybody: leavers times what an accepted offer keeps, less three euros and the offer for the others."""
    row = part.frames["profit_curve"].iloc[-1]
    validation = part.frames["validation"].iloc[0]
    rate = validation["events"] / validation["snapshots"]
    per_customer = rate * (0.3 * (row["value_of_staying"] - row["offer_cost"]) - 3) - (1 - rate) * (
        row["offer_cost"] + 3
    )
    today = row["profit"] / per_customer
    assert row["contact_cost"] == 3
    assert row["basis"] == "assumed"
    assert row["grade"] >= "C"
    assert 1500 < today < 2600
    assert today == pytest.approx(round(today), abs=1e-6)


def test_given_terms_are_used_and_said(client, tmp_path):
    terms = "[costs]\nper_contact = { phone = 3 }\nretention_offer = 12\nretention_accepted = 0.5\n"
    found = scores(ask(leaving_store(client, tmp_path, more=terms))).frames["profit_curve"]
    assert set(found["basis"]) == {"given"}
    assert found.iloc[0][["offer_cost", "contact_cost", "accepted_share"]].tolist() == [12, 3, 0.5]


def test_boosting_is_compared_on_request(made):
    asked = ask(made, score_model="boosting", customer_list=2)
    part = scores(asked)
    assert set(part.frames["validation"]["model"]) == {"logit", "boosting"}
    assert set(part.frames["calibration"]["model"]) == {"boosting"}
    assert part.frames["scores"]["low"].isna().all()
    assert any(finding.key == "churn_scores.boosting" for finding in part.readings["validation"])
    with pytest.raises(ParameterError, match="logit"):
        ask(made, score_model="forest")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_said_in_both_languages(part, language):
    said = [*part.headline, *part.cannot_tell, *(check.text for check in part.checks)]
    for finding in [*said, *(one for each in part.readings.values() for one in each)]:
        words = sentence(finding, language=language, currency="EUR")
        assert not any(mark in words for mark in ("{", "nan", "None", "=yes", "attribute=")), words
    for frame in part.frames.values():
        text = table_text(frame, language=language, currency="EUR")
        assert not text.isin(["nan", "None"]).any(axis=None)
    drivers = table_text(part.frames["scores"], language=language)["drivers"]
    assert not drivers.str.contains("=").any()


def statuses(of, share: float) -> pd.DataFrame:
    """What a system writes when notice is given: whom it will belong to is known only then."""
    rows = read(of, "customers").drop_duplicates("customer_key")
    rng = np.random.default_rng(1)
    known = rows["cancelled_on"].notna() & (rng.random(len(rows)) < share)
    return pd.DataFrame({"customer_key": rows["customer_key"], "status": np.where(known, "closing", "open")})


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_a_status_written_at_leaving_is_caught_by_planted_truth(client, tmp_path, share):
    """A leaky column would make scores look nearly perfect; left out, they are what they are without it."""
    plain = leaving_store(client, tmp_path / "plain", more='[attributes]\ncustomers = ["status"]\n')
    honest = learnt(ask(plain))
    leaky = with_attribute(plain, "status", statuses(plain, share))
    found = learnt(ask(leaky))
    assert [one.feature for one in found.suspects] == ["attribute=status"]
    assert found.suspects[0].suspicion == "refused"
    assert found.chosen.values == pytest.approx(honest.chosen.values)
    part = scores(ask(leaky))
    check = next(check for check in part.checks if check.name == "known_too_late")
    assert check.passed is False
    assert "closing" in sentence(check.text, language="en")
    assert not part.frames["score_drivers"]["driver"].str.contains("status").any()


def test_windows_into_the_future_are_refused(made):
    assert checked_factors(factors_of(made))
    for window in (Window("contact", 0, 4), Window("contact", -12, 1)):
        with pytest.raises(ParameterError, match="known only after"):
            checked_factors((Factor("leaky", (window,)),))


def refusal(of, **more) -> str:
    part = scores(ask(of, **more))
    assert all(frame.empty for frame in part.frames.values())
    (finding,) = part.cannot_tell
    for language in LANGUAGES:
        assert sentence(finding, language=language)
    return finding.key.removeprefix("churn_scores.")


def changed(client, **columns):
    customers = client.tables["customers"].assign(**columns)
    return dataclasses.replace(client, tables={**client.tables, "customers": customers})


NEVER = pd.Series(pd.NaT, dtype="datetime64[ns]")


def test_nobody_left_is_refused(client, tmp_path):
    stayed = changed(client, cancelled_on=pd.NaT, left_on=pd.NaT, leave_reason=None)
    assert refusal(leaving_store(stayed, tmp_path)) == "too_few_leavers"


def test_everybody_leaving_within_the_horizon_is_refused(client, tmp_path):
    """All give notice in the year's last quarter: nobody stays to be told from."""
    numbers = np.arange(len(client.tables["customers"]))
    soon = pd.Timestamp(YEAR.first) + pd.to_timedelta(37 * 7 + 14 + numbers % 80, unit="D")
    gone = changed(client, cancelled_on=soon, left_on=soon, leave_reason="choice")
    assert refusal(leaving_store(gone, tmp_path)) in ("too_few_leavers", "too_few_stayers")
    even = pd.Timestamp(YEAR.first) + pd.to_timedelta(numbers % 364, unit="D")
    gone = changed(client, cancelled_on=even, left_on=even, leave_reason="choice")
    part = scores(ask(leaving_store(gone, tmp_path / "even")))
    assert set(part.frames["validation"]["grade"]) <= set(GRADES)


def test_a_hundred_customers_and_a_short_time_are_refused(made, tmp_path):
    assert refusal(leaving_store(year_of(100, 3), tmp_path)) == "too_few_leavers"
    assert refusal(made, horizon_days=200) == "too_short"


def test_one_segment_no_margin_no_attributes(client, tmp_path):
    bare = changed(client, segment="one", monthly_margin=np.nan, contract_ends_on=pd.NaT)
    part = scores(ask(leaving_store(bare, tmp_path), customer_list=3))
    assert part.frames["profit_curve"].empty
    assert part.frames["scores"]["value_at_stake"].isna().all()
    assert "churn_scores.no_margin" in {finding.key for finding in part.cannot_tell}
    assert not part.frames["score_drivers"]["driver"].str.startswith("segment=").any()


def test_nothing_known_of_anybody_is_refused(client, tmp_path):
    tables = {**client.tables, "contacts": client.tables["contacts"].head(3)}
    nameless = changed(
        dataclasses.replace(client, tables=tables), segment=None, contract_ends_on=pd.NaT, joined_on=pd.NaT
    )
    bare = leaving_store(nameless, tmp_path)
    bare.engine.connection.execute("delete from process_events")
    assert refusal(bare) in ("nothing_known", "too_short")


def test_half_of_the_margins_unknown_are_not_zero(client, tmp_path):
    margin = client.tables["customers"]["monthly_margin"]
    half = changed(client, monthly_margin=margin.where(np.arange(len(margin)) % 2 == 0))
    part, whole = (scores(ask(leaving_store(each, tmp_path / name), customer_list=400)) for each, name in
                   ((half, "half"), (client, "whole")))  # fmt: skip
    unknown = part.frames["scores"]["monthly_margin"].isna()
    assert 100 < unknown.sum() < 300
    assert (part.frames["scores"]["value_at_stake"].isna() == unknown).all()
    # The mean worth is that of those known, not half of it.
    worth = [each.frames["profit_curve"]["value_of_staying"].iloc[0] for each in (part, whole)]
    assert worth[0] == pytest.approx(worth[1], rel=0.1)
    assert "churn_scores.margins_lacking" in {finding.key for finding in part.cannot_tell}


def test_falling_silent_has_margins_too(client, tmp_path):
    """Spells made of signs of life are more than the customer list tells of; margins are the list's all the same."""
    silent = '[definitions]\nsmallest_cell = 5\nchurn = "dormant"\ndormant_days = 60\n'
    part = scores(ask(leaving_store(client, tmp_path, settings=silent), customer_list=3))
    assert part.frames["scores"]["monthly_margin"].notna().all()
    assert "churn_scores.margins_lacking" not in {finding.key for finding in part.cannot_tell}


def test_bins_hold_enough_customers_by_identity():
    rng = np.random.default_rng(1)
    for size, levels in ((60, 4), (400, 200), (23, 2), (9, 9)):
        predicted = rng.integers(1, levels + 1, size) / (levels + 1)
        judged = Judged.of(predicted, rng.random(size) < 0.4, rng.integers(0, size, size))
        bins = bins_of(judged, fewest=5)
        held = pd.Series(judged.customer).groupby(bins.to_numpy()).nunique()
        assert held.min() >= 5 or len(held) == 1
        assert pd.Series(predicted).groupby(bins.to_numpy()).agg(["min", "max"]).stack().is_monotonic_increasing
        shares = shares_shown(judged, fewest=5)
        assert shares[-1] == 1
        assert all(np.diff(np.append(0, shares)) * judged.customers >= 5) or len(shares) == 1


def test_the_two_weeks_before_the_horizon_count_for_nothing(made):
    """Who gives notice in them is in no snapshot; whoever is, was there when they were over."""
    asked = ask(made)
    plan, _ = planned(asked)
    rows = snapshots(asked, plan, plan.test).rows
    spells = read(made, "churn_spells").set_index(["customer_key", "spell"])["last_week"]
    last = spells.reindex(pd.MultiIndex.from_frame(rows[["customer_key", "spell"]])).to_numpy()
    assert (last >= rows["week"] + EMBARGO_WEEKS).all()
    assert dt.timedelta(weeks=EMBARGO_WEEKS).days == 14
