"""E-values against the figures of the paper that proposed them."""

from __future__ import annotations

import math

import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.evalues import e_value, ratio_of_common


def test_e_values_by_published_figure() -> None:
    """VanderWeele and Ding 2017: formula feeding and respiratory death, 3.9 (1.8-8.7): 7.26 and 3.0."""
    estimate, limit = e_value(3.9, 1.8, 8.7)
    assert round(estimate, 2) == 7.26
    assert round(limit, 1) == 3.0


def test_a_ratio_below_one_is_its_inverse_by_identity() -> None:
    assert e_value(1 / 3.9, 1 / 8.7, 1 / 1.8) == pytest.approx(e_value(3.9, 1.8, 8.7))


def test_an_interval_with_one_in_it_needs_nothing_unmeasured_by_definition() -> None:
    assert e_value(1.2, 0.9, 1.6)[1] == e_value(0.9, 0.7, 1.0)[1] == 1.0
    assert e_value(1.0, 0.8, 1.25) == (1.0, 1.0)


def test_unknown_stays_unknown_and_impossible_ratios_are_refused() -> None:
    assert all(math.isnan(one) for one in e_value(math.nan, math.nan, math.nan))
    for bad in ((0.0, 0.0, 1.0), (2.0, 2.5, 3.0), (-1.0, -2.0, 1.0)):
        with pytest.raises(DataError, match="within its interval"):
            e_value(*bad)


def test_a_hazard_ratio_of_a_common_outcome_is_a_smaller_risk_ratio_by_hand_count() -> None:
    assert ratio_of_common(1.0) == pytest.approx(1.0)
    assert ratio_of_common(4.0) == pytest.approx(0.75 / (1 - math.sqrt(0.5)))
    assert ratio_of_common(0.25) == pytest.approx(1 / ratio_of_common(4.0))
