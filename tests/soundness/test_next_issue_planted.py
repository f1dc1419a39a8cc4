"""Which matter follows which: worlds in which none does, and one in which a matter brings another.

Customers differ in how often they make contact and about what; matters come back, codes are wrong now and then, people
join and leave. The usual lift (how often the other matter comes after, over how often it comes at all) tells most pairs
in such a world; ours may tell one in one client of twenty. In the planted world one in seven contacts that open a
matter `bill` brings one about `fault` within two weeks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import read
from planted.sequences import BRINGS, NOTHING, Sequences, build

from rootcause_lib.analyses.channel_resolution.next_issue import FALSE_DISCOVERY_RATE, next_issues
from rootcause_lib.journeys import Following
from rootcause_lib.soundness import World

ASKED = Following("reason", 14, own_windows=False)
PLANTED = ("bill", "fault")


def told_pairs(setting: Sequences, seeds: Iterable[int], folder: Path) -> pd.DataFrame:
    """Every pair compared in every world, with `usual`: whether the usual lift is surely above 1."""
    found = []
    for seed in seeds:
        store = build(setting, seed, folder / str(seed))
        table = next_issues(store, ASKED, store.period(None, None), smallest=1)
        contacts = read(store, "stitched_contacts")
        per_day = contacts["reason"].value_counts() / (setting.customers * setting.days)
        anyway = 1 - np.exp(-per_day.reindex(table["next_reason"]).to_numpy(dtype=float) * ASKED.window_days)
        found.append(table.assign(seed=seed, usual=table["low"] > anyway))
    return pd.concat(found, ignore_index=True)


def worlds_told(pairs: pd.DataFrame, seeds: Iterable[int]) -> pd.Series:
    """How many pairs are told in each world."""
    return pairs.groupby("seed")["told"].sum().reindex(list(seeds), fill_value=0)


def planted_lift(folder: Path) -> float:
    """The lift in so many customers that it is hardly a sample."""
    pairs = told_pairs(replace(BRINGS, customers=60_000), [99_999], folder)
    return float(pairs.set_index(["reason", "next_reason"]).loc[PLANTED, "lift"])


def test_a_few_worlds_in_which_nothing_follows_by_planted_truth(tmp_path) -> None:
    seeds = range(7_000, 7_015)
    pairs = told_pairs(NOTHING, seeds, tmp_path)
    assert (worlds_told(pairs, seeds) > 0).sum() <= 2
    assert pairs["usual"].mean() > 0.6
    # The same for what grows over the year for everybody.
    growing = told_pairs(replace(NOTHING, growth=4.0), range(7_100, 7_108), tmp_path / "growing")
    assert (worlds_told(growing, range(7_100, 7_108)) > 0).sum() <= 1


def test_a_planted_sequence_is_found_by_planted_truth(tmp_path) -> None:
    pairs = told_pairs(BRINGS, range(7_200, 7_206), tmp_path).set_index(["reason", "next_reason"])
    assert pairs.loc[PLANTED, "told"].mean() > 0.8
    assert not pairs.loc[PLANTED[::-1], "told"].any()
    assert (pairs.loc[PLANTED, "lift"] > 1.3).all()


@pytest.mark.prove
def test_200_worlds_by_planted_truth(tmp_path, measure, record) -> None:
    """The promise: something is told of nothing in at most one client of twenty (less two standard errors), also where
    a matter grows for all; the planted pair is told in nine of ten, its lift with at most .05 bias of the logarithm and
    at least .90 coverage."""
    seeds = range(200)
    nothing = told_pairs(NOTHING, seeds, tmp_path / "nothing")
    growing = told_pairs(replace(NOTHING, growth=4.0), range(3_000, 3_200), tmp_path / "growing")
    planted = told_pairs(BRINGS, range(1_000, 1_200), tmp_path / "planted")
    own = planted.set_index(["reason", "next_reason"]).loc[PLANTED]
    truth = np.log(planted_lift(tmp_path / "large"))
    lift = measure(
        estimator="sequence_symmetry", world="one matter brings another, logarithm of the lift", truth=truth,
        nominal=0.95, value=np.log(own["lift"]), low=np.log(own["lift_low"]), high=np.log(own["lift_high"]),
    )  # fmt: skip
    quiet = {
        "nothing follows: no pair told": worlds_told(nothing, seeds),
        "nothing follows, one matter grows fourfold: no pair told": worlds_told(growing, range(3_000, 3_200)),
    }
    worlds = [
        World("sequence_symmetry", name, 1 - FALSE_DISCOVERY_RATE, round(float((told == 0).mean()), 4), 0.0, 200, 0.0)
        for name, told in quiet.items()
    ]
    record([lift, *worlds])
    slack = 2 * np.sqrt(FALSE_DISCOVERY_RATE * (1 - FALSE_DISCOVERY_RATE) / 200)
    for told in quiet.values():
        assert (told > 0).mean() <= FALSE_DISCOVERY_RATE + slack
    assert nothing["usual"].mean() > 0.6
    assert own["told"].mean() >= 0.9
    assert lift.attained >= 0.90
    error = np.log(own["lift"]).std() / np.sqrt(len(own))
    assert abs(lift.bias) <= 0.05 + 2 * error
