"""Whether waiting is told as planted: queues of simulated clients with good and bad days, and a patience of their own.

Each day has its own pace of answering (lognormal); each customer is patient by itself. Who is answered first leaves
while still patient, so the waits of those who gave up say little; and contacts of one day are alike, so intervals that
take customers for independent are too narrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, stitched
from planted import fill

from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.analyses.channel_resolution.patience import patience
from rootcause_lib.analyses.channel_resolution.queue import queue
from rootcause_lib.analyses.channel_resolution.queue_frames import queue_by_channel
from rootcause_lib.analyses.channel_resolution.queue_sums import COUNTS, Waiting, waiting
from rootcause_lib.engine import empty_world
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.soundness import World as Measured
from rootcause_lib.soundness import attained
from rootcause_lib.statistics.intervals import wilson

LEVEL = 0.95
DAYS, CALLS = 60, 60
PATIENCE, PACE, SPREAD = 200.0, 70.0, 0.6
"""Mean seconds customers would wait; median over days of the mean seconds to an answer; its standard deviation, log."""

WITHIN = 20
FIRST = pd.Timestamp("2025-03-03")


def true_shares() -> dict[str, float]:
    """Over all days there could be, by quadrature."""
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    answers = 1 / (PACE * np.exp(SPREAD * at))
    either = answers + 1 / PATIENCE
    in_time = answers / either * (1 - np.exp(-either * WITHIN))
    means = [in_time, 1 / PATIENCE / either]
    level, gone = (float((weight * mean).sum() / weight.sum()) for mean in means)
    return {
        "service_level": level,
        "abandoned_share": gone,
        "still_waiting": float(np.exp(-60 / PATIENCE)),
        "median_patience": float(PATIENCE * np.log(2)),
    }


def calls(seed: int) -> pd.DataFrame:
    """Canonical contacts of one simulated queue, each of another customer."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(DAYS), CALLS)
    answer = rng.exponential((PACE * np.exp(SPREAD * rng.standard_normal(DAYS)))[day])
    patience = rng.exponential(PATIENCE, len(day))
    hour = rng.integers(8, 18, len(day))
    started = FIRST + pd.to_timedelta(day, unit="D") + pd.to_timedelta(hour, unit="h")
    seconds = started.astype("datetime64[s]").astype("int64")
    return pd.DataFrame(
        {
            "contact_key": np.arange(1, len(day) + 1), "contact_id": [f"c{number:05d}" for number in range(len(day))],
            "row_is": "interaction", "customer_key": np.arange(1, len(day) + 1), "channel": "phone",
            "direction": "inbound", "started_seconds": seconds, "ended_seconds": seconds + 600,
            "started_on": started.strftime("%Y-%m-%d"), "started_hour": hour,
            "wait_seconds": np.minimum(answer, patience), "abandoned": patience < answer,
        }
    )  # fmt: skip


NAMES = ("service_level", "abandoned_share", "still_waiting", "median_patience")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """What every simulated queue is asked: of its own calls it is told by `counted`."""
    return asked_of(tmp_path_factory.mktemp("queue"), calls(0))


def asked_of(folder: Path, contacts: pd.DataFrame) -> Asked:
    """The contacts loaded and stitched, all of their days."""
    settings = engagement(folder)
    engine = empty_world()
    fill(engine, "contacts", contacts)
    store = stitched(settings, engine)
    days = Period(store.observed_from, store.observed_until)
    return asked_about(store, days, Following("any", 14, own_windows=False))


def counted(seed: int, like: Waiting) -> Waiting:
    """What the engine would count of a queue; that it does so is held against plain Python elsewhere."""
    rows = calls(seed)
    gave_up, wait = rows["abandoned"], rows["wait_seconds"]
    in_time = wait <= WITHIN
    sums = rows.assign(
        started_day=(pd.to_datetime(rows["started_on"]) - pd.Timestamp("1970-01-01")).dt.days, attempts=1.0,
        offered=1.0, abandoned_waits=1.0 * gave_up, short_abandons=1.0 * (gave_up & in_time), judged=1.0,
        answered_waits=1.0 * ~gave_up, answered_within=1.0 * (~gave_up & in_time), waits=1.0 * ~gave_up,
        waited=wait.where(~gave_up, 0.0), gave_up_waited=wait.where(gave_up, 0.0), watched=wait,
        judged_less_short=1.0 * ~(gave_up & in_time), abandoned=1.0 * gave_up,
    )  # fmt: skip
    hours = sums.groupby(["channel", "started_day", "started_hour"])[list(COUNTS)].sum().reset_index()
    whole = pd.DataFrame({"channel": ["phone"], "customers": [len(rows)], "gave_up": [int(gave_up.sum())]})
    waits = rows.assign(seconds=np.floor(wait)).groupby(["channel", "abandoned", "seconds"]).size()
    return replace(like, hours=hours, waits=waits.rename("contacts").reset_index(), channels=whole)


def read(by_channel: pd.DataFrame, curve: pd.DataFrame) -> np.ndarray:
    """Value, low and high by `NAMES`, then the mean wait of those who gave up, and abandonment as if by customer."""
    row, minute = by_channel.iloc[0], curve.set_index("seconds").loc[60]
    found = {name: [row[name], row[f"{name}_low"], row[f"{name}_high"]] for name in NAMES if name != "still_waiting"}
    found["still_waiting"] = minute[["still_waiting", "low", "high"]].tolist()
    plain = wilson(row["abandoned"], row["offered"])
    naive = [row["mean_wait_abandoned"], float(plain.low), float(plain.high)]
    return np.array([*(found[name] for name in NAMES), naive], dtype=float)


def found_in(asked: Asked, seed: int) -> np.ndarray:
    own = counted(seed, waiting(asked))
    return read(queue_by_channel(asked, own), patience(asked, own))


def test_a_queue_counted_by_the_engine_is_the_one_counted_here_by_identity(asked: Asked) -> None:
    frames = queue(asked).frames
    assert read(frames["queue"], frames["patience"]) == pytest.approx(found_in(asked, 0))


def test_a_small_sample_of_queues_by_planted_truth(asked: Asked) -> None:
    runs = np.array([found_in(asked, seed) for seed in range(12)])
    for place, (name, truth) in enumerate((name, true_shares()[name]) for name in NAMES):
        value, low, high = runs[:, place].T
        noise = 3 * value.std() / np.sqrt(len(runs))
        assert abs(value.mean() - truth) <= 0.02 * truth + noise, name
        assert ((low <= truth) & (truth <= high)).sum() >= 9, name
    # Those who gave up had waited for far less than half of all would.
    assert (runs[:, -1, 0] < 0.75 * true_shares()["median_patience"]).all()


@pytest.mark.prove
def test_waiting_end_to_end_by_planted_truth(
    asked: Asked, measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    """Every figure within two in a hundred of the truth, coverage at least .90; by customer it is far less."""
    runs = np.array([found_in(asked, seed) for seed in range(200)])
    rows, short = [], []
    for place, (name, truth) in enumerate((name, true_shares()[name]) for name in NAMES):
        value, low, high = runs[:, place].T
        names = {"estimator": "channel_queue", "world": f"{name}: days differ", "truth": truth}
        row = measure(value=value, low=low, high=high, nominal=LEVEL, **names)
        rows.append(row)
        if abs(row.bias) > 0.02 * truth or row.attained < 0.90:
            short.append((name, row.bias, row.attained))
    record(rows)
    _, low, high = runs[:, -1].T
    truth = true_shares()["abandoned_share"]
    by_customer = ((low <= truth) & (truth <= high)).mean()
    assert by_customer < 0.7, by_customer
    assert not short


def test_what_was_measured_of_waiting_is_shipped() -> None:
    reached = attained("channel_queue")
    assert reached is not None, "run `make prove`"
    assert reached.coverage > 0.9
    assert reached.simulations >= 200 * len(NAMES)
