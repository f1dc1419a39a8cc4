"""The rule for placebos: the whole interval within half the effect, clear of nothing, or undecided."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.statistics.placebos import placebo_verdicts


@pytest.mark.parametrize(
    ("low", "high", "effect", "verdict"),
    [
        (0.95, 1.05, 1.5, "passed"),
        (0.82, 1.22, 1.5, "passed"),  # half of log 1.5 is log 1.2247
        (0.82, 1.23, 1.5, "undecided"),
        (0.81, 1.22, 1.5, "undecided"),
        (1.01, 1.05, 1.5, "failed"),  # within half, yet not nothing
        (0.90, 0.99, 1.5, "failed"),
        (0.82, 1.22, 1 / 1.5, "passed"),
        (0.99, 1.01, 1.0, "undecided"),
        (np.nan, np.nan, 1.5, "undecided"),
        (0.95, 1.05, np.nan, "undecided"),
        (1.2, 1.5, np.nan, "failed"),
    ],
)
def test_verdicts_by_hand(low, high, effect, verdict):
    assert placebo_verdicts(low, high, effect) == verdict


def test_a_column_at_once_is_each_by_itself():
    low, high = np.array([0.95, 1.2, 0.5]), np.array([1.05, 1.4, 1.5])
    assert placebo_verdicts(low, high, 1.5).tolist() == ["passed", "failed", "undecided"]
