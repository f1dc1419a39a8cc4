"""Whether staying is told as planted: customers unlike in how faithful they are, most of them there before the data.

Each customer has a weekly chance of leaving of its own, drawn from a beta distribution; some leave by no choice. Nobody
who left before the data begin is in them. How many stay after half a year, one and two follows in closed form, and so
does what those still there are worth.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, stitched
from planted import fill
from scipy.special import betaln

from rootcause_lib.analyses.churn_risk.asked import asked_about
from rootcause_lib.analyses.churn_risk.retention_counts import groups
from rootcause_lib.analyses.churn_risk.retention_value import YEAR_WEEKS, retention_value
from rootcause_lib.analyses.churn_risk.survival_curves import WEEKS_A_MONTH, left_by_ending, survival_by_segment
from rootcause_lib.engine import empty_world
from rootcause_lib.soundness import World as Measured
from rootcause_lib.statistics.retention import RetentionFit

LEVEL = 0.95
ALPHA, BETA = 0.8, 159.2
"""A chance of one in two hundred in the first week, half of that after three years."""
OTHERWISE = 0.0006
MARGIN = 12.0
FIRST, WEEKS, BEFORE = pd.Timestamp("2025-01-06"), 52, 300
JOINERS = 30
"""A week, for so many weeks before the data begin and all through them."""
MONTHS = (6, 12, 24)
HEAD = "[definitions]\nnotice_days = 0\n[costs]\ndiscount_rate = 0.08\nhorizon_years = 3\n"


def true_share(month: float) -> float:
    """Who stays so many months were nobody to leave but by choice."""
    return float(np.exp(betaln(ALPHA, BETA + month * WEEKS_A_MONTH) - betaln(ALPHA, BETA)))


def true_left(month: int) -> float:
    """Who has left by choice by then while some leave otherwise."""
    weeks = np.arange(1, round(month * WEEKS_A_MONTH) + 1)
    stays = np.exp(betaln(ALPHA, BETA + weeks - 1) - betaln(ALPHA, BETA))
    return float((stays * (ALPHA / (ALPHA + BETA + weeks - 1)) * (1 - OTHERWISE) ** (weeks - 1)).sum())


def customers(seed: int) -> pd.DataFrame:
    """The customer list on the last day: one spell each."""
    rng = np.random.default_rng(seed)
    count = JOINERS * (BEFORE + WEEKS)
    joined = np.repeat(np.arange(-BEFORE, WEEKS), JOINERS) * 7 + rng.integers(0, 7, count)
    own, other = rng.geometric(rng.beta(ALPHA, BETA, count)), rng.geometric(OTHERWISE, count)
    stayed = np.minimum(own, other)
    left = joined + 7 * (stayed - 1) + rng.integers(0, 7, count)
    seen, gone = left >= 0, left < 7 * WEEKS
    day = FIRST + pd.to_timedelta(left, unit="D")
    frame = pd.DataFrame(
        {
            "customer_key": np.arange(1, count + 1),
            "joined_on": (FIRST + pd.to_timedelta(joined, unit="D")).strftime("%Y-%m-%d"),
            "left_on": day.where(gone).strftime("%Y-%m-%d"), "segment": "one", "monthly_margin": MARGIN,
            "leave_reason": np.where(gone, np.where(own <= other, "choice", "not_choice"), None),
        }
    )  # fmt: skip
    return frame[seen].reset_index(drop=True)


def found(folder: Path, seed: int) -> np.ndarray:
    """Value, low, high and truth of each of `NAMES`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = engagement(folder, until=str((FIRST + pd.Timedelta(days=7 * WEEKS - 1)).date()), more=HEAD)
    engine = empty_world()
    contact = {"contact_key": 1, "contact_id": "c", "row_is": "interaction", "customer_key": 1, "channel": "phone",
               "direction": "inbound", "started_seconds": int(FIRST.timestamp()), "started_hour": 0,
               "ended_seconds": int(FIRST.timestamp()), "started_on": FIRST.strftime("%Y-%m-%d")}  # fmt: skip
    fill(engine, "contacts", pd.DataFrame([contact]))
    fill(engine, "customers", customers(seed))
    store = stitched(settings, engine, present=("contacts", "customers"))
    asked = asked_about(
        store, store.period(None, None), lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0
    )
    counted = groups(asked)
    curve = survival_by_segment(asked, counted).query("segment == 'all'").set_index("months_since")
    rows = [[*curve.loc[month, ["retained", "low", "high"]], true_share(month)] for month in MONTHS]
    kinds = left_by_ending(asked, counted).query("ending == 'choice'").set_index("months_since")
    rows.append([*kinds.loc[12, ["share", "low", "high"]], true_left(12)])
    worth = retention_value(asked, counted).query("segment == 'all' and measure == 'customer_value'").iloc[0]
    here = counted[0].by_week.query("here > 0")
    truth = RetentionFit(ALPHA / (ALPHA + BETA), 1 / (ALPHA + BETA), np.zeros((2, 2)), 0.0)
    weekly = 1.08 ** (1 / YEAR_WEEKS) - 1
    stay = truth.stay(here["stayed"], periods=round(3 * YEAR_WEEKS), discount=weekly)
    target = MARGIN * 12 / YEAR_WEEKS * float((stay * here["here"]).sum() / here["here"].sum())
    rows.append([worth["value"], worth["low"], worth["high"], target])
    return np.array(rows, dtype=float)


NAMES = (*(f"still there after {month} months" for month in MONTHS), "left by choice in a year", "value of a customer")
ESTIMATORS = (*("kaplan_meier_cluster",) * len(MONTHS), "aalen_johansen", "shifted_beta_geometric")


def test_a_few_clients_are_told_as_planted(tmp_path: Path) -> None:
    """Of eight clients hardly any interval misses, and means lie on the truth."""
    runs = np.array([found(tmp_path / str(seed), seed) for seed in range(8)])
    held = (runs[:, :, 1] <= runs[:, :, 3]) & (runs[:, :, 3] <= runs[:, :, 2])
    assert (held.sum(axis=0) >= 6).all(), dict(zip(NAMES, held.sum(axis=0), strict=True))
    off = (runs[:, :, 0] - runs[:, :, 3]).mean(axis=0) / runs[:, :, 3].mean(axis=0)
    assert (np.abs(off) < [0.02, 0.02, 0.03, 0.12, 0.02]).all(), dict(zip(NAMES, off, strict=True))


def test_leaving_out_who_was_there_before_would_not_tell_two_years(tmp_path: Path) -> None:
    """The usual computation, joined customers still here over joined customers, takes the faithful for everybody."""
    rows = customers(0)
    joined = pd.to_datetime(rows["joined_on"])
    old = joined < FIRST - pd.Timedelta(days=730)
    assert rows.loc[old, "left_on"].isna().mean() > true_share(24) + 0.1


@pytest.mark.prove
def test_attained_coverage(
    tmp_path: Path, measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    """200 clients: every interval holds the truth in at least .90 of them; what it attained is shipped."""
    runs = np.array([found(tmp_path / str(seed), 1000 + seed) for seed in range(200)])
    worlds = [
        measure(
            estimator=estimator, world=f"{name}: unlike customers, most of them there before the data", truth=0.0,
            value=runs[:, place, 0] - runs[:, place, 3], low=runs[:, place, 1] - runs[:, place, 3],
            high=runs[:, place, 2] - runs[:, place, 3], nominal=LEVEL,
        )
        for place, (name, estimator) in enumerate(zip(NAMES, ESTIMATORS, strict=True))
    ]  # fmt: skip
    record(worlds)
    assert {world.world: world.attained for world in worlds if world.attained < 0.9} == {}
