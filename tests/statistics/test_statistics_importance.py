"""Relative importance: the Swiss cantons of 1888, sums that must hold, copies, and drivers whose weight is planted."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.importance import IMPORTANCE_COLUMNS, _correlations, relative_importance

# relaimpo's calc.relimp(swiss), as printed in Groemping 2006, J. Stat. Softw. 17(1).
LMG = {
    "Agriculture": 0.05709122,
    "Examination": 0.17117303,
    "Education": 0.26013468,
    "Catholic": 0.10557015,
    "Infant.Mortality": 0.11276592,
}


@pytest.fixture(scope="module")
def swiss(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "published_figures" / "swiss.csv", index_col="canton")


def planted(rng: np.random.Generator, rows: int) -> tuple[pd.DataFrame, pd.Series]:
    """Independent drivers with effects 2, 1 and 0 and noise of sd 2: parts of R squared 4/9, 1/9 and 0."""
    drivers = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["two", "one", "none"])
    return drivers, 2 * drivers["two"] + drivers["one"] + pd.Series(2 * rng.normal(size=rows))


def test_swiss_cantons_by_published_figure(swiss) -> None:
    found = relative_importance(swiss[list(LMG)], swiss["Fertility"], draws=50)
    assert tuple(found.drivers.columns) == IMPORTANCE_COLUMNS
    assert found.drivers.set_index("driver")["value"].to_dict() == pytest.approx(LMG, abs=5e-9)
    assert found.r_squared == pytest.approx(0.7067, abs=0.00005)
    assert (found.rows, found.left_out) == (47, 0)
    assert found.drivers.set_index("driver")["ranks_first"].idxmax() == "Education"


def test_parts_are_means_over_all_orders_by_identity(swiss) -> None:
    import statsmodels.api as sm

    names = ["Education", "Catholic", "Infant.Mortality"]

    def explained(used: tuple[str, ...]) -> float:
        return sm.OLS(swiss["Fertility"], sm.add_constant(swiss[list(used)])).fit().rsquared if used else 0.0

    parts = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        for place, name in enumerate(order):
            parts[name] += (explained(order[: place + 1]) - explained(order[:place])) / 6
    rows = relative_importance(swiss[names], swiss["Fertility"], draws=2).drivers.set_index("driver")
    assert rows["value"].to_dict() == pytest.approx(parts, abs=1e-9)
    assert rows.loc["Education", "alone"] == pytest.approx(explained(("Education",)))
    last = explained(tuple(names)) - explained(("Catholic", "Infant.Mortality"))
    assert rows.loc["Education", "added_last"] == pytest.approx(last)


def test_parts_sum_to_r_squared_and_units_do_not_matter_by_identity(swiss) -> None:
    found = relative_importance(swiss[list(LMG)], swiss["Fertility"], draws=20)
    assert found.drivers["value"].sum() == pytest.approx(found.r_squared)
    assert found.drivers["share"].sum() == pytest.approx(1)
    scaled = relative_importance(swiss[list(LMG)] * 1000 - 7, swiss["Fertility"] / 50, draws=20)
    assert scaled.drivers["high"].to_numpy() == pytest.approx(found.drivers["high"].to_numpy())


def test_copies_share_and_constants_have_nothing_by_identity(swiss) -> None:
    drivers = swiss[["Education"]].assign(copy=swiss["Education"] * 2 + 1, constant=5.0)
    rows = relative_importance(drivers, swiss["Fertility"], draws=20).drivers.set_index("driver")
    assert rows.loc["Education", "value"] == pytest.approx(rows.loc["copy", "value"], rel=1e-4)
    assert rows.loc["Education", "added_last"] == pytest.approx(0, abs=1e-6)
    assert rows.loc["constant", ["value", "alone", "high"]].tolist() == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_row_drawn_twice_counts_twice_by_identity(swiss) -> None:
    table, times = swiss.to_numpy(), np.random.default_rng(3).integers(0, 4, size=len(swiss))
    found = _correlations(table, times[None, :].astype(float))[0]
    assert found == pytest.approx(np.corrcoef(np.repeat(table, times, axis=0).T), abs=1e-12)


def test_incomplete_rows_are_left_out_by_identity(swiss) -> None:
    holes = swiss[["Education", "Catholic"]].copy()
    holes.iloc[3, 0] = np.nan
    found = relative_importance(holes, swiss["Fertility"], draws=10)
    whole = relative_importance(holes.drop(index=swiss.index[3]), swiss["Fertility"].drop(swiss.index[3]), draws=10)
    assert (found.rows, found.left_out) == (46, 1)
    pd.testing.assert_frame_equal(found.drivers, whole.drivers)


def test_drivers_are_covered_by_planted_truth() -> None:
    rng = np.random.default_rng(1)
    held, first = np.zeros(2), []
    for _run in range(200):
        rows = relative_importance(*planted(rng, 200)).drivers
        held += ((rows["low"] <= [4 / 9, 1 / 9, 0]) & (rows["high"] >= [4 / 9, 1 / 9, 0])).to_numpy()[:2]
        first.append(rows["ranks_first"].to_numpy())
        assert rows["value"].iloc[2] < 0.06
    assert (held / 200 > 0.94 - 3 * np.sqrt(0.94 * 0.06 / 200)).all()
    assert np.mean(first, axis=0)[0] > 0.99


def test_twelve_drivers_are_done_in_seconds() -> None:
    rng = np.random.default_rng(2)
    drivers = pd.DataFrame(rng.normal(size=(400, 12)))
    begun = time.process_time()
    relative_importance(drivers, drivers.sum(axis=1) + rng.normal(size=400), draws=100)
    assert time.process_time() - begun < 30


def test_unusable_rows_are_refused(swiss) -> None:
    with pytest.raises(ParameterError, match="13 drivers"):
        relative_importance(pd.DataFrame(np.ones((20, 13))), pd.Series(np.ones(20)))
    with pytest.raises(DataError, match="3 complete rows"):
        relative_importance(swiss[["Education", "Catholic"]].head(3), swiss["Fertility"].head(3))
    with pytest.raises(DataError, match="does not vary"):
        relative_importance(swiss[["Education"]], swiss["Fertility"] * 0)
