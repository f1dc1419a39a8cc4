"""Repeat calls that somebody else counted, through our own statistics: published totals, by type, and their limits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.incidence import incidence
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.ratios import share_from_sums

REPEATS = [f"contacts_n_{day}" for day in range(1, 8)]
BY_TYPE = {"type_1": 67.5, "type_3": 60.6, "type_4": 34.1, "type_5": 33.8, "type_2": 21.2}


@pytest.fixture(scope="module")
def calls(real_data: Path) -> pd.DataFrame:
    file = real_data / "google_fiber" / "google_fiber_dataset_merged.csv"
    if not file.is_file():
        pytest.skip("no google_fiber among the real data")
    return pd.read_csv(file, na_values="null").fillna(dict.fromkeys(["contacts_n", *REPEATS], 0))


def shares(calls: pd.DataFrame) -> pd.DataFrame:
    """First calls, repeats within a week and their share with limits; the days of a market are the clusters."""
    rows = calls.assign(repeats=calls[REPEATS].sum(axis=1), day=calls["date_created"] + calls["new_market"])
    found = []
    for kind, own in [("all", rows), *rows.groupby("new_type")]:
        days = own.groupby("day")[["repeats", "contacts_n"]].sum()
        sums = ClusterSums.from_clusters(days["repeats"], days["contacts_n"])
        share = share_from_sums(sums, level=0.95)
        found.append((kind, float(share.value), float(share.low), float(share.high), own["contacts_n"].sum()))
    return pd.DataFrame(found, columns=["type", "value", "low", "high", "contacts"]).set_index("type")


def test_repeat_shares_overall_and_by_type_by_published_figure(calls: pd.DataFrame) -> None:
    found = shares(calls)
    assert found.loc["all", "contacts"] == 64_939
    assert round(100 * found.loc["all", "value"], 2) == 31.17
    assert {kind: round(100 * found.loc[kind, "value"], 1) for kind in BY_TYPE} == BY_TYPE
    plain = wilson(0.3117 * 64_939, 64_939)
    for kind, row in found.iterrows():
        assert 0 < row["low"] < row["value"] < row["high"] < 1, kind
    # Days differ by more than chance: counted calls as if alike would claim too much.
    assert found.loc["all", "high"] - found.loc["all", "low"] > 1.5 * float(plain.high - plain.low)


def test_repeats_by_day_by_published_figure(calls: pd.DataFrame) -> None:
    """The curve of coming back on these counts: day by day the same first calls less those come back."""
    counted = calls[REPEATS].sum().to_numpy()
    assert counted.tolist() == [5601, 3485, 2703, 2295, 2193, 1985, 1978]
    january = calls[calls["date_created"].between("2022-01-01", "2022-01-31")]
    assert january[["contacts_n_1", "contacts_n_7"]].sum().tolist() == [1636, 575]
    first = calls["contacts_n"].sum()
    ways = pd.DataFrame({"day": range(7), "outcome": "came_back", "contacts": counted})
    ways.loc[7] = [6, "censored", first - counted.sum()]
    pairs = ways.assign(day_2=ways["day"], outcome_2=ways["outcome"])
    curve = incidence(ways, pairs, pd.DataFrame({"customers": [first]}), horizon=6)
    back = curve[curve["outcome"] == "came_back"]
    assert back["value"].to_numpy(dtype=float) == pytest.approx(np.cumsum(counted) / first)
    assert round(100 * float(back["value"].iloc[-1]), 2) == 31.17
