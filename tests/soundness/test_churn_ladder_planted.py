"""Whether leaving after a contact is told as planted, and whether nothing is told where there is nothing.

Simulated clients in which a contact multiplies the hazard of giving notice for eight weeks (or does nothing), beside
problems that do, seasons, new customers, contracts that end and calls to cancel on the day of notice.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted.leaving import client_of, store_of, with_notice, world_of

from rootcause_lib.analyses.churn_risk.result import ChurnRisk, analyse_churn_risk
from rootcause_lib.prose import sentence
from rootcause_lib.soundness import World as Measured
from rootcause_lib.soundness import attained

SEEDS, FIRST_SEED = 200, 3000
LEVEL, RATIO = 0.95, 1.5
NOTICES = (0, 2, 4, 6)
CAUSAL = ("caus", "because of the contact", "drives", "due to", "aiheutt", "johtuu", "takia")
"""What no sentence may say of contacts and leaving."""

Row = dict[str, float]


def rung(result: ChurnRisk, name: str) -> list[float]:
    row = result.ladder.set_index("rung").loc[name]
    return [float(row[column]) for column in ("hazard_ratio", "low", "high")]


def ladder_of(seed: int, ratio: float, folder: Path) -> list[float]:
    """The adjusted ratio with its limits, the lagged one and the recent one."""
    store = store_of(client_of(world_of(ratio), seed=seed), folder)
    result = analyse_churn_risk(store)
    return [*rung(result, "adjusted"), rung(result, "lagged")[0], rung(result, "recent_contact")[0]]


def is_silent(result: ChurnRisk) -> bool:
    """Whether every rung is of no use and nothing is said of a reason to leave."""
    said = [
        sentence(finding, language=language)
        for finding in (*result.headline, *result.readings["ladder"])
        for language in ("en", "fi")
    ]
    said = [text for text in said if "irtisanomisyhteydenotto" not in text and "contact to cancel" not in text]
    causal = any(word in text.lower() for text in said for word in CAUSAL)
    return set(result.ladder["grade"]) == {"D"} and not causal and set(result.ladder["claim"]) == {"association"}


def notices_of(seed: int, folder: Path) -> list[float]:
    """Without an effect: the adjusted ratio by weeks of notice, where it is known; then whether unknown notice is D."""
    client = client_of(world_of(1.0), seed=seed)
    found = []
    for weeks in NOTICES:
        late = with_notice(client, weeks=weeks)
        known = f"[definitions]\nsmallest_cell = 1\nnotice_days = {7 * weeks}\n"
        found.append(rung(analyse_churn_risk(store_of(late, folder, more=known)), "adjusted")[0])
        found.append(float(is_silent(analyse_churn_risk(store_of(late, folder)))))
    return found


def test_an_effect_and_no_effect_are_told_apart_by_planted_truth(tmp_path: Path) -> None:
    """Two large clients; the proof below takes 200."""
    for ratio in (RATIO, 1.0):
        store = store_of(client_of(world_of(ratio), seed=7, customers=9000), tmp_path)
        result = analyse_churn_risk(store)
        value, low, high = rung(result, "adjusted")
        assert low <= ratio <= high
        assert abs(np.log(value / ratio)) < 0.25
        assert rung(result, "recent_contact")[0] > 4
        assert rung(result, "ever_contacted")[0] < value


def test_without_the_day_of_notice_nothing_is_told_by_planted_truth(tmp_path: Path) -> None:
    client = with_notice(client_of(world_of(1.0), seed=8, customers=2500), weeks=4)
    result = analyse_churn_risk(store_of(client, tmp_path))
    assert is_silent(result)
    before = result.contacts_before_exit[result.contacts_before_exit["clock"] == "leaving"]
    highest = before.sort_values("per_week").iloc[-1]
    assert (highest["weeks_before"], highest["spike"]) == (4, True), "the call to cancel, four weeks before leaving"
    assert result.headline[0].key == "churn_ladder.notice_hides"
    assert all("notice_unknown" in reasons for reasons in result.ladder["grade_reasons"])


@pytest.fixture(scope="module")
def ladders(tmp_path_factory: pytest.TempPathFactory) -> dict[float, np.ndarray]:
    folder = tmp_path_factory.mktemp("ladders")
    return {ratio: _over_seeds(ladder_of, ratio, folder=folder) for ratio in (RATIO, 1.0)}


@pytest.mark.prove
@pytest.mark.parametrize("ratio", [RATIO, 1.0])
def test_the_adjusted_ratio_by_planted_truth(
    ladders: dict[float, np.ndarray], ratio: float, measure: Callable[..., Measured]
) -> None:
    value, low, high, _lagged, recent = ladders[ratio].T
    centre = float(np.exp(np.log(value).mean()))
    assert (1.40 <= centre <= 1.60) if ratio == RATIO else (0.92 <= centre <= 1.08)
    holds = np.mean((low <= ratio) & (ratio <= high))
    assert holds >= 0.90
    if ratio == 1.0:
        assert np.mean((low > 1) | (high < 1)) <= 0.10
    assert np.exp(np.log(recent).mean()) >= 4, "the usual comparison shows a fourfold risk in both worlds"


@pytest.mark.prove
def test_what_the_ladder_attains_is_written_down(
    ladders: dict[float, np.ndarray], measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    rows = []
    for ratio, found in ladders.items():
        value, low, high = np.log(found.T[:3])
        rows.append(
            measure(
                estimator="churn_ladder", world=f"ratio {ratio:g}", truth=float(np.log(ratio)), value=value, low=low,
                high=high, nominal=LEVEL,
            )
        )  # fmt: skip
    record(rows)


@pytest.mark.prove
def test_notice_makes_no_effect_where_it_is_known_by_planted_truth(tmp_path: Path) -> None:
    found = _over_seeds(notices_of, folder=tmp_path)
    ratios, silent = found[:, ::2], found[:, 1::2]
    centres = pd.Series(np.exp(np.log(ratios).mean(axis=0)), index=NOTICES)
    assert centres.between(0.92, 1.08).all(), centres
    assert silent.all()


def test_what_is_shipped_holds_by_reading_it() -> None:
    """The worlds above, as last measured by the proof."""
    shipped = attained("churn_ladder")
    assert shipped is not None
    assert shipped.lowest >= 0.90


def _over_seeds(simulate: Callable[..., list[float]], *given: object, folder: Path) -> np.ndarray:
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    with ProcessPoolExecutor() as pool:
        futures = [pool.submit(simulate, seed, *given, folder / str(seed)) for seed in seeds]
        return np.array([future.result() for future in futures])
