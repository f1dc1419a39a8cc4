"""Proportional odds: published estimates, another implementation, robust errors, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.ordinal import proportional_odds

CHEESE = np.array(
    [
        [0, 0, 1, 7, 8, 8, 19, 8, 1],
        [6, 9, 12, 11, 7, 6, 1, 0, 0],
        [1, 1, 6, 8, 23, 7, 5, 1, 0],
        [0, 0, 0, 1, 3, 7, 14, 16, 11],
    ]
)
"""Four cheeses tasted by 52 people each, from strong dislike to excellent taste (McCullagh and Nelder 1989, p. 175)."""
AGAINST_D = np.vstack([np.eye(3), np.zeros(3)])


def test_cheeses_by_published_figure() -> None:
    """SAS/STAT User's Guide, PROC LOGISTIC, "Ordinal logistic regression": effects with the other sign there."""
    found = proportional_odds(CHEESE, AGAINST_D)
    assert found.effects == pytest.approx([-1.6128, -4.9645, -3.3227], abs=2e-4)
    assert found.model_error == pytest.approx([0.3778, 0.4741, 0.4251], abs=2e-4)
    assert found.thresholds == pytest.approx(
        [-7.0801, -6.0249, -4.9254, -3.8568, -2.5205, -1.5685, -0.0669, 1.4930], abs=2e-4
    )
    assert found.told


def drawn(seed: int, *, cells: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 15, (cells, 5)).astype(float), rng.normal(0, 1, (cells, 2))


def test_cells_by_second_implementation() -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    counts, design = drawn(3)
    cell, answer = np.divmod(np.repeat(np.arange(60), counts.astype(int).ravel()), 5)
    theirs = OrderedModel(pd.Series(answer).astype("category").cat.as_ordered(), design[cell], distr="logit").fit(
        method="bfgs", disp=False, maxiter=500
    )
    ours = proportional_odds(counts, design)
    assert ours.effects == pytest.approx(theirs.params[:2].to_numpy(), abs=1e-4)
    assert ours.model_error == pytest.approx(theirs.bse[:2].to_numpy(), rel=0.1)


def test_influences_sum_to_nothing_and_tell_what_a_further_answer_does_by_identity() -> None:
    counts, design = drawn(4)
    found = proportional_odds(counts, design)
    assert np.abs(np.einsum("ck,cke->e", counts, found.influence)).max() < 1e-6
    step = 1e-4
    for cell, answer in ((0, 0), (5, 4), (9, 2)):
        more = counts.copy()
        more[cell, answer] += step
        moved = (proportional_odds(more, design).effects - found.effects) / step
        assert moved == pytest.approx(found.influence[cell, answer], rel=0.1, abs=0.003)


def test_robust_error_is_the_models_where_the_model_holds_by_planted_truth() -> None:
    rng = np.random.default_rng(5)
    design = np.repeat([[0.0], [1.0]], [1, 1], axis=0)
    chances = [np.diff(1 / (1 + np.exp(-(np.array([-np.inf, -1, 0, 1.5, np.inf]) - shift)))) for shift in (0.0, 0.6)]
    counts = np.array([rng.multinomial(4000, chance) for chance in chances], dtype=float)
    found = proportional_odds(counts, design)
    robust = np.sqrt(np.einsum("ck,cke->e", counts, found.influence**2))
    assert robust == pytest.approx(found.model_error, rel=0.05)
    assert abs(found.effects[0] - 0.6) < 3 * found.model_error[0]


def test_an_empty_category_changes_nothing_by_identity() -> None:
    counts, design = drawn(6)
    wide = np.insert(counts, 2, 0.0, axis=1)
    apart, together = proportional_odds(wide, design), proportional_odds(counts, design)
    assert apart.effects == pytest.approx(together.effects, abs=1e-6)
    assert np.isnan(apart.influence[:, 2]).all()
    assert np.isnan(apart.thresholds).sum() == 1


def test_what_cells_cannot_tell_is_not_told() -> None:
    counts = np.array([[5.0, 5.0, 0.0], [3.0, 4.0, 8.0], [0.0, 0.0, 0.0]])
    same = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert np.isnan(proportional_odds(counts, same).effects).all()
    nobody = np.array([[0.0], [1.0]])
    assert np.isnan(proportional_odds(np.array([[0.0, 9.0], [0.0, 7.0]]), nobody).effects).all()
    assert np.isnan(proportional_odds(np.array([[4.0, 9.0], [0.0, 7.0]]), nobody).effects).all(), "runs away"
    assert not proportional_odds(np.zeros((2, 3)), nobody).told


def test_tables_of_another_shape_are_refused() -> None:
    with pytest.raises(DataError):
        proportional_odds([1.0, 2.0], [[1.0]])
    with pytest.raises(DataError):
        proportional_odds([[1.0, 2.0]], [[1.0], [0.0]])
