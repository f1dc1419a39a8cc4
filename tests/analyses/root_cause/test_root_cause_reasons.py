"""Reasons as coded and as audited: a drawn client counted by hand, identities, and what clients get wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn.reasons import EVENTS, MIXED, SETTINGS, audit_of, by_reason, many, world
from planted.segments import PLANTED, WHOLE, build

from rootcause_lib.analyses.root_cause import customers
from rootcause_lib.analyses.root_cause.reasons import reasons
from rootcause_lib.periods import Period
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.misclassification import corrected_shares


def test_counts_shares_and_costs_by_hand_count(tmp_path: Path) -> None:
    found = by_reason(world(tmp_path))
    assert list(found.index) == ["all", "bill", "delivery", ""]
    assert found["contacts"].tolist() == [6, 3, 2, 1]
    assert found["customers"].tolist() == [4, 2, 2, 1]
    assert found["coded_share"].tolist()[:3] == pytest.approx([5 / 6, 3 / 5, 2 / 5])
    assert np.isnan(found.loc["", "coded_share"])
    assert found["denominator"].tolist()[:3] == [6, 5, 5]
    assert found["cost"].tolist() == [25, 10, 14, 1]
    assert found["cost_unknown"].tolist() == [1, 1, 0, 0]
    assert found["default_code"].tolist() == [False] * 4
    assert found["corrected_share"].isna().all()
    assert found["reason_untold"].tolist() == ["", "no_audit", "no_audit", "no_audit"]
    assert set(found["grade"]) == {"D"}


def test_contacts_per_hundred_customers_by_hand_count(tmp_path: Path) -> None:
    """Four customers for ten days and one for five: 45 days; bills of known customers: 3; deliveries: 1."""
    found = by_reason(world(tmp_path))
    assert found["per_100_customers"].tolist() == pytest.approx([100 * 10 * n / 45 for n in (5, 3, 1, 1)])
    assert (found["per_100_low"] < found["per_100_customers"]).all()
    assert (found["per_100_high"] > found["per_100_customers"]).all()


def test_status_enquiries_and_contacts_per_event_by_hand_count(tmp_path: Path) -> None:
    found = by_reason(world(tmp_path, tables={"process_events": EVENTS}))
    # Of nobody known it is not known whether something was open.
    assert found["status_share"].tolist() == pytest.approx([3 / 5, 1 / 3, 1, 1])
    assert found.loc["bill", "per_100_events"] == pytest.approx(100 * 3 / 2)
    assert found.loc["delivery", "per_100_events"] == pytest.approx(100 * 1 / 3)
    assert np.isnan(found.loc["all", "per_100_events"])


def test_without_ends_of_events_nothing_is_said_of_open_matters_by_hand_count(tmp_path: Path) -> None:
    made = world(tmp_path, tables={"process_events": EVENTS})
    blind = dataclasses.replace(made, intake=dataclasses.replace(made.intake, filled=made.intake.filled.head(0)))
    assert by_reason(blind)["status_share"].isna().all()


SURVEYS = (
    {"survey_id": "1", "metric": "csat", "score": 1.0, "contact_id": "c000", "scale_low": 1.0, "scale_high": 5.0},
    {"survey_id": "2", "metric": "csat", "score": 2.0, "contact_id": "c001", "scale_low": 1.0, "scale_high": 5.0},
    {"survey_id": "3", "metric": "csat", "score": 5.0, "contact_id": "c002", "scale_low": 1.0, "scale_high": 5.0},
    {"survey_id": "4", "metric": "csat", "score": 3.0, "contact_id": "c003", "scale_low": 1.0, "scale_high": 5.0},
    {"survey_id": "5", "metric": "csat", "score": 4.0, "contact_id": "c005", "scale_low": 1.0, "scale_high": 5.0},
    {"survey_id": "6", "metric": "csat", "score": 9.0, "contact_id": "c003", "scale_low": 1.0, "scale_high": 10.0},
    {"survey_id": "7", "metric": "nps", "score": 9.0, "contact_id": "c003", "scale_low": 0.0, "scale_high": 10.0},
    {"survey_id": "8", "metric": "csat", "contact_id": "c003", "scale_low": 1.0, "scale_high": 5.0},
)


def test_differences_of_score_and_revenue_by_hand_count(tmp_path: Path) -> None:
    """Bills were scored 1, 2 and 3, the others 5 and 4; bills sold 0, 10 and 5, the others 2 and 4."""
    found = by_reason(world(tmp_path, tables={"surveys": SURVEYS}))
    assert found.loc["bill", "score_metric"] == "csat"
    assert found.loc["bill", "score_difference"] == pytest.approx(2 - 4.5)
    assert found.loc["bill", "upsell_difference"] == pytest.approx(5 - 3)
    assert np.isnan(found.loc["all", "score_difference"])


def test_recommendation_is_in_points_by_hand_count(tmp_path: Path) -> None:
    """Bills: one promoter, one detractor, one in between; the others one promoter: 0 - 100."""
    scores = {"c000": 10.0, "c001": 6.0, "c003": 7.0, "c002": 9.0}
    rows = [{"survey_id": key, "metric": "nps", "score": score, "contact_id": key} for key, score in scores.items()]
    found = by_reason(world(tmp_path, tables={"surveys": rows}))
    assert found.loc["bill", ["score_metric", "score_difference"]].tolist() == ["nps", -100.0]


def test_several_reasons_of_a_contact_are_weighed_by_hand_count(tmp_path: Path) -> None:
    """The first contact is half bill and half price by equal weights, the third a quarter delivery."""
    rows = [
        {"contact_id": "c000", "reason": "bill"},
        {"contact_id": "c000", "reason": "price"},
        {"contact_id": "c002", "reason": "delivery", "weight": 0.25},
        {"contact_id": "c002", "reason": "price", "weight": 0.75},
    ]
    found = by_reason(world(tmp_path, tables={"contact_reasons": rows}))
    assert found["contacts"].to_dict() == pytest.approx({"all": 6, "bill": 2.5, "delivery": 1.25, "price": 1.25, "": 1})
    assert found.loc["price", "cost"] == pytest.approx(0.5 * 5 + 0.75 * 7)
    assert found.loc["price", "coded_share"] == pytest.approx(1.25 / 5)


FOUND = [*((n, "bill") for n in range(40)), *((n, "delivery") for n in range(40, 60)),
         *((n, "delivery") for n in range(300, 340))]  # fmt: skip


def test_an_audit_corrects_by_code_by_identity(tmp_path: Path) -> None:
    """Of 60 bills 40 were bills, of 40 deliveries all: .75 x 2/3 of all are bills; limits as of the estimator alone."""
    found = by_reason(world(tmp_path, contacts=MIXED, tables={"audits": audit_of(FOUND)}))
    assert found.loc["bill", "corrected_share"] == pytest.approx(0.75 * 2 / 3)
    assert found.loc["delivery", "corrected_share"] == pytest.approx(0.75 / 3 + 0.25)
    codes = ["bill" if number < 300 else "delivery" for number, _ in FOUND]
    rows = pd.DataFrame({"code": codes, "truth": [reason for _, reason in FOUND], "customer": range(len(FOUND))})
    plain = corrected_shares(rows, pd.Series({"bill": 300, "delivery": 100})).shares.set_index("reason")
    for name, own in (("corrected_low", "low"), ("corrected_high", "high")):
        assert found.loc[["bill", "delivery"], name].tolist() == pytest.approx(plain[own].tolist())
    assert found.loc["bill", "method"] == "post_stratified"
    assert "low_agreement" in found.loc["bill", "grade_reasons"]


def test_coded_limits_are_wilsons_where_nobody_comes_twice_by_identity(tmp_path: Path) -> None:
    found = by_reason(world(tmp_path, contacts=MIXED))
    limits = wilson(300, 400)
    assert found.loc["bill", ["coded_low", "coded_high"]].tolist() == pytest.approx([limits.low, limits.high])
    # Without an audit codes are a stand-in for reasons, however precise.
    assert found.loc["bill", "grade"] == "C"
    assert "proxy" in found.loc["bill", "grade_reasons"]


def test_the_adjudicator_wins_then_the_majority_then_all_share_by_hand_count(tmp_path: Path) -> None:
    rows = audit_of([(n, "bill") for n in range(60)])
    rows += [*audit_of([(0, "delivery")], coder="Adjudicated"), *audit_of([(0, "bill")], coder="ben")]
    rows += [*audit_of([(1, "price")], coder="ben"), *audit_of([(1, "price")], coder="cleo")]
    rows += audit_of([(2, "delivery")], coder="ben")
    found = by_reason(world(tmp_path, contacts=many(400), tables={"audits": rows}))
    expected = {"bill": 57.5 / 60, "delivery": 1.5 / 60, "price": 1 / 60}
    assert found["corrected_share"].drop("all").dropna().to_dict() == pytest.approx(expected)


def test_an_audit_of_other_days_is_inverted_by_hand_count(tmp_path: Path) -> None:
    """Elsewhere every bill was coded so and half of the deliveries as bills: 300 of 400 bills here are half bills."""
    elsewhere = [*many(90, start=400), *many(30, code="delivery", start=490)]
    later = [{**row, "start": str(row["start"]).replace("01-02", "01-11")} for row in elsewhere]
    audit = [(n, "bill") for n in range(400, 460)] + [(n, "delivery") for n in range(460, 520)]
    made = world(tmp_path, contacts=[*MIXED, *later], tables={"audits": audit_of(audit)})
    found = by_reason(made)
    assert found.loc["bill", "method"] == "inverse_confusion"
    assert found.loc[["bill", "delivery"], "corrected_share"].tolist() == pytest.approx([0.5, 0.5], abs=1e-6)


def test_an_audit_of_other_days_that_says_too_little_is_refused(tmp_path: Path) -> None:
    later = [{**row, "start": str(row["start"]).replace("01-02", "01-11")} for row in many(60, start=400)]
    audit = [(n, "bill" if n % 2 else "delivery") for n in range(400, 460)]
    found = by_reason(world(tmp_path, contacts=[*MIXED, *later], tables={"audits": audit_of(audit)}))
    assert found["corrected_share"].isna().all()
    assert found.loc["bill", "reason_untold"] == "audit_elsewhere"


def test_an_audit_of_five_contacts_decides_nothing(tmp_path: Path) -> None:
    found = by_reason(world(tmp_path, contacts=MIXED, tables={"audits": audit_of(FOUND[:5])}))
    told = found.drop(index="all")
    assert (told["corrected_high"] - told["corrected_low"] > 0.25).all()
    assert set(told["grade"]) == {"D"}


def test_an_audit_of_contacts_that_are_not_in_the_data_is_said_to_be(tmp_path: Path) -> None:
    found = by_reason(world(tmp_path, contacts=MIXED, tables={"audits": audit_of([(999, "bill")])}))
    assert found["corrected_share"].isna().all()
    assert found.loc["bill", "reason_untold"] == "audit_not_matched"


def test_reasons_that_are_no_code_are_no_confident_number(tmp_path: Path) -> None:
    """BILL is a bill; 'price' is no code of any contact: graded D; two rare ones stand together unnamed."""
    audit = [(n, "BILL ") for n in range(40)] + [(n, "price") for n in range(40, 80)] + [(80, "Matti"), (81, "Maija")]
    guarded = SETTINGS + "[definitions]\nsmallest_cell = 3\n"
    found = by_reason(world(tmp_path, contacts=many(400), more=guarded, tables={"audits": audit_of(audit)}))
    assert set(found.index) == {"all", "bill", "price", "(small)"}
    assert found.loc["bill", "corrected_share"] == pytest.approx(40 / 82)
    assert found.loc["price", "grade"] == found.loc["(small)", "grade"] == "D"
    assert "check_failed" in found.loc["price", "grade_reasons"]


def test_all_contacts_of_one_reason(tmp_path: Path) -> None:
    found = by_reason(world(tmp_path, contacts=many(400)))
    assert found.loc["bill", "coded_share"] == 1
    assert found.loc["bill", "coded_low"] < 1
    assert found[["score_difference", "upsell_difference"]].isna().all(axis=None)


def test_no_codes_at_all_and_an_audit(tmp_path: Path) -> None:
    """The audit alone says what contacts were about."""
    bare = [{name: value for name, value in row.items() if name != "reason"} for row in many(400)]
    assert list(by_reason(world(tmp_path, contacts=bare)).index) == ["all", ""]
    audit = [(n, "bill" if n % 4 else "price") for n in range(80)]
    found = by_reason(world(tmp_path, contacts=bare, tables={"audits": audit_of(audit)}))
    assert found["corrected_share"].dropna().to_dict() == pytest.approx({"bill": 0.75, "price": 0.25})


def test_no_contact_at_all(tmp_path: Path) -> None:
    found = reasons(world(tmp_path), Period(dt.date(2025, 1, 8), dt.date(2025, 1, 9)))
    assert found.empty
    assert {"reason", "contacts", "grade"} <= set(found.columns)


def test_small_reasons_and_those_that_give_them_back_are_left_out(tmp_path: Path) -> None:
    contacts = [*MIXED, *many(2, code="price", start=400)]
    contacts[-1] = {**contacts[-1], "customer": contacts[-2]["customer"]}
    contacts += [*many(6, code="price", start=410)]
    guarded = SETTINGS + "[definitions]\nsmallest_cell = 8\n"
    found = by_reason(world(tmp_path, contacts=contacts, more=guarded))
    assert "price" not in found.index
    gone = found["grade_reasons"] == "suppressed"
    assert found.loc["(small)", "grade_reasons"] == "suppressed"
    assert gone.sum() >= 2
    assert found.loc[gone, ["contacts", "coded_share", "cost", "customers", "per_100_customers"]].isna().all(axis=None)
    assert found.loc["all", "contacts"] == 408


def test_very_many_customers_are_counted_in_full_and_their_spread_by_groups(tmp_path: Path, monkeypatch) -> None:
    """3000 customers one by one, then in 600 groups: counts alike, widths but for what chance in the dealing makes."""
    made = build(PLANTED, 5, tmp_path)
    apart = reasons(made, WHOLE).set_index("reason")
    monkeypatch.setattr(customers, "MOST_APART", 1000)
    monkeypatch.setattr(customers, "GROUPS", 600)
    dealt = reasons(made, WHOLE).set_index("reason")
    counts = ["contacts", "customers", "coded_share", "per_100_customers", "denominator", "cost_unknown"]
    assert dealt[counts].to_numpy(dtype=float) == pytest.approx(apart[counts].to_numpy(dtype=float), nan_ok=True)
    for name in ("coded", "per_100"):
        own, whole = (found[f"{name}_high"] - found[f"{name}_low"] for found in (dealt, apart))
        told = whole.notna() & (whole > 0)
        assert told.sum() >= 6
        assert (own / whole)[told].tolist() == pytest.approx([1] * int(told.sum()), abs=0.2)
        assert float((own / whole)[told].mean()) == pytest.approx(1, abs=0.07)
