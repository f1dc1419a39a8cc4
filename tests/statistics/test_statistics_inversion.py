"""Shares behind imperfect codes: published prevalences, exact inverses, refusals, and planted miscoding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.inversion import inverted_shares, rogan_gladen

REASONS = ["bill", "delivery", "claim", "price", "move"]
TRUE = np.array([0.35, 0.3, 0.2, 0.1, 0.05])
CODED_AS = np.column_stack([0.7 * np.eye(5) + 0.3 * np.array([0.1, 0.1, 0.1, 0.05, 0.05]), np.full(5, 0.3 * 0.6)])


def audit_of(there: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame([rng.multinomial(there, row) for row in CODED_AS], index=REASONS, columns=[*REASONS, "other"])


def test_cows_with_brucellosis_by_published_figure() -> None:
    """epiR's example: 23 of 150 cows, sensitivity .96, specificity .89: 5.1 per 100, 95 % 0 to 13."""
    found = rogan_gladen(23, 150, sensitivity=0.96, specificity=0.89)
    assert found.value == pytest.approx(0.0510, abs=0.00005)
    assert (found.low, round(found.high, 2)) == (0, 0.13)
    assert found.apparent == pytest.approx(23 / 150)


def test_helicobacter_in_children_by_published_figure() -> None:
    """Moujaber et al. 2008, by epiR: 6 of 151, sensitivity .964, specificity .927: 0 per 100, 95 % 0 to 1.3
    (by Clopper and Pearson; Wilson's upper limit is 1.2)."""
    found = rogan_gladen(6, 151, sensitivity=0.964, specificity=0.927)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.013, abs=0.001)


def test_sensitivity_known_from_very_many_cases_is_known_by_identity() -> None:
    known = rogan_gladen(60, 300, sensitivity=0.9, specificity=0.95)
    learnt = rogan_gladen(60, 300, sensitivity=0.9, specificity=0.95, sensitivity_n=1e9, specificity_n=1e9)
    few = rogan_gladen(60, 300, sensitivity=0.9, specificity=0.95, sensitivity_n=40, specificity_n=40)
    assert (learnt.low, learnt.high) == pytest.approx((known.low, known.high), abs=0.001)
    assert few.high - few.low > 1.3 * (known.high - known.low)


def test_the_other_side_is_the_mirror_image_by_identity() -> None:
    one = rogan_gladen(130, 300, sensitivity=0.9, specificity=0.8, sensitivity_n=30, specificity_n=60)
    two = rogan_gladen(170, 300, sensitivity=0.8, specificity=0.9, sensitivity_n=60, specificity_n=30)
    assert (one.low, one.high) == pytest.approx((1 - two.high, 1 - two.low))
    assert one.low > 0


@pytest.mark.parametrize(("true", "n", "cases"), [(0.1, 300, 100), (0.05, 1000, 60), (0.5, 200, 50)])
def test_estimated_accuracy_is_paid_for_by_planted_truth(true: float, n: int, cases: int) -> None:
    """Limits that take sensitivity and specificity for known cover far too seldom; Lang's and Reiczigel's do not."""
    rng = np.random.default_rng(n)
    held, naive = 0, 0
    for _run in range(1500):
        positives = rng.binomial(n, true * 0.9 + (1 - true) * 0.1)
        right = {"sensitivity": rng.binomial(cases, 0.9) / cases, "specificity": rng.binomial(cases, 0.9) / cases}
        found = rogan_gladen(positives, n, **right, sensitivity_n=cases, specificity_n=cases)
        plain = rogan_gladen(positives, n, **right)
        held += found.low <= true <= found.high
        naive += plain.low <= true <= plain.high
    assert held / 1500 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 1500)
    assert naive < held


def test_exact_codes_are_inverted_exactly_by_identity() -> None:
    audit = pd.DataFrame(1e9 * CODED_AS, index=REASONS, columns=[*REASONS, "other"])
    found = inverted_shares(audit, pd.Series(1e9 * TRUE @ CODED_AS, index=audit.columns)).shares
    assert found["value"].to_numpy() == pytest.approx(TRUE, abs=1e-6)
    assert found["low"].to_numpy() == pytest.approx(TRUE, abs=1e-3)
    assert found["high"].to_numpy() == pytest.approx(TRUE, abs=1e-3)


def test_two_reasons_are_rogan_gladen_by_identity() -> None:
    audit = pd.DataFrame([[96, 4], [11, 89]], index=["ill", "well"], columns=["ill", "well"])
    found = inverted_shares(audit, pd.Series({"ill": 23, "well": 127})).shares.set_index("reason")
    assert found.loc["ill", "value"] == pytest.approx(rogan_gladen(23, 150, sensitivity=0.96, specificity=0.89).value)


def test_shares_are_held_to_the_simplex_by_identity() -> None:
    """Fewer coded "bill" than errors alone explain, by chance: plain inversion gives a negative share."""
    audit = pd.DataFrame([[90, 10], [20, 80]], index=["bill", "other"], columns=["bill", "other"])
    found = inverted_shares(audit, pd.Series({"bill": 170, "other": 830})).shares
    assert found["value"].tolist() == pytest.approx([0, 1])
    assert (found["low"] >= 0).all()
    assert (found["high"] <= 1).all()
    assert 0.03 < found["high"].iloc[0] < 0.2


def test_codes_that_err_otherwise_than_in_the_audit_are_refused() -> None:
    """A tenth is coded "bill", where a fifth of everything else alone should be."""
    audit = pd.DataFrame([[900, 100], [200, 800]], index=["bill", "other"], columns=["bill", "other"])
    with pytest.raises(DataError, match="err differently here"):
        inverted_shares(audit, pd.Series({"bill": 100, "other": 900}))


def test_same_data_same_limits_by_identity() -> None:
    audit = audit_of(60, np.random.default_rng(1))
    coded = pd.Series(np.random.default_rng(2).multinomial(3000, TRUE @ CODED_AS), index=audit.columns)
    pd.testing.assert_frame_equal(inverted_shares(audit, coded).shares, inverted_shares(audit, coded).shares)


def test_miscoding_known_from_elsewhere_is_undone_by_planted_truth() -> None:
    rng = np.random.default_rng(3)
    found, naive = [], []
    for _run in range(60):
        audit = audit_of(80, rng)
        coded = pd.Series(rng.multinomial(10_000, TRUE @ CODED_AS), index=audit.columns)
        rows = inverted_shares(audit, coded).shares
        found.append(rows[["value", "low", "high"]].to_numpy())
        naive.append(rows["coded_share"].to_numpy())
    value, low, high = np.moveaxis(np.array(found), 2, 0)
    assert (np.abs(value.mean(axis=0) - TRUE) < 0.005 + 2 * value.std(axis=0) / np.sqrt(60)).all()
    assert ((low <= TRUE) & (high >= TRUE)).mean() > 0.92
    assert (np.abs(np.mean(naive, axis=0) - TRUE)[:2] > 0.05).all()


def test_codes_that_say_nothing_are_refused() -> None:
    with pytest.raises(DataError, match="Codes say too little"):
        rogan_gladen(23, 150, sensitivity=0.55, specificity=0.5)
    blind = pd.DataFrame([[30, 20], [29, 21]], index=["bill", "other"], columns=["bill", "other"])
    with pytest.raises(DataError, match="Codes say too little"):
        inverted_shares(blind, pd.Series({"bill": 10, "other": 10}))


def test_unusable_input_is_refused() -> None:
    audit = audit_of(80, np.random.default_rng(4))
    coded = pd.Series(100.0, index=audit.columns)
    with pytest.raises(DataError, match="1 of 5 reasons have fewer than 5"):
        inverted_shares(audit.mul(np.array([1, 1, 1, 1, 0]), axis=0), coded)
    with pytest.raises(DataError, match="1 codes of the contacts"):
        inverted_shares(audit, pd.concat([coded, pd.Series({"new": 3.0})]))
    with pytest.raises(DataError, match="numbers from 0"):
        inverted_shares(audit.mul(np.array([1, 1, 1, 1, np.nan]), axis=0), coded)
    with pytest.raises(ParameterError, match="both"):
        rogan_gladen(1, 2, sensitivity=0.9, specificity=0.9, sensitivity_n=5)
    with pytest.raises(ParameterError, match="positives"):
        rogan_gladen(3, 2, sensitivity=0.9, specificity=0.9)
