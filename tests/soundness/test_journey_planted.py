"""Whether the journey and self-service tell the planted truth end to end: simulated clients, their visits, stitched.

Worlds: one contact per case, so that everybody who calls may have been on the site the day before with the planted
probability; and one where whoever self-service fails calls within minutes.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted import Cut, extract, fill
from planted.visits import visit_rows

from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.analyses.channel_resolution.journey import journey
from rootcause_lib.analyses.channel_resolution.self_service import self_service
from rootcause_lib.journeys import following
from rootcause_lib.sample_client import World as Client
from rootcause_lib.sample_client import make_client, surroundings
from rootcause_lib.sample_client.world import even_resolution
from rootcause_lib.soundness import World as Measured

LEVEL = 0.95
CUT = Cut(dt.date(2025, 1, 13), dt.date(2025, 4, 20))
DAYS = (CUT.last - CUT.first).days + 1
VISITED, KNOWN = 0.55, 0.9
"""Of calls, those with a visit before; of visits, those whose customer is known."""
SETTLED, COMES_BACK = 0.6, 0.8


@pytest.fixture
def only_before_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody visits the site without calling afterwards."""
    monkeypatch.setattr(surroundings, "IDLE_VISITS_PER_CALL", 0.0)


def asked_of(world: Client, seed: int, folder: Path) -> Asked:
    client = make_client(customers=2500, seed=seed, start=CUT.first, days=DAYS, world=world)
    store = extract(client, CUT, folder, more="[definitions]\nsmallest_cell = 1\n")
    fill(store.engine, "visits", visit_rows(client.tables["visits"]))
    followed = following(store.engagement, store.extent, matching="reason", window_days=14)
    return asked_about(store, store.period(None, None), followed)


def steps_of(seeds: range) -> Iterator[list[float]]:
    """Shares and limits of web_first and on_site_when_calling."""
    world = replace(Client.plain(), comes_back=0.0, cases_per_year=1.0, visit_before_call=VISITED)
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            found = journey(asked_of(world, seed, Path(folder))).frames["journey"].set_index("measure")
        rows = found.loc[["web_first", "on_site_when_calling"], ["share", "low", "high"]]
        yield rows.to_numpy(dtype=float).ravel().tolist()


def sessions_of(seeds: range) -> Iterator[list[float]]:
    """Shares and limits of resolved and reached_human in self-service, and the days to people."""
    world = replace(
        Client.plain(),
        resolution=even_resolution(SETTLED),
        comes_back=COMES_BACK,
        quick_switch=1.0,
        cases_per_year=1.0,
    )
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            frame = self_service(asked_of(world, seed, Path(folder))).frames["self_service"]
        own = frame[(frame["kind"] == "self_service") & (frame["match"] == "reason")].set_index("measure")
        rows = own.loc[["resolved", "reached_human", "days_to_human"], ["value", "low", "high"]]
        yield rows.to_numpy(dtype=float).ravel().tolist()


TRUTHS = {
    "web_first": VISITED * KNOWN,
    "on_site_when_calling": VISITED * KNOWN * surroundings.STILL_ON_SITE,
    "resolved": 1 - (1 - SETTLED) * COMES_BACK,
    "reached_human": (1 - SETTLED) * COMES_BACK,
}


def held(values: np.ndarray, truth: float) -> float:
    return float(((values[:, 1] <= truth) & (truth <= values[:, 2])).mean())


@pytest.mark.usefixtures("only_before_calls")
def test_a_few_clients_by_planted_truth() -> None:
    steps, sessions = np.array(list(steps_of(range(4)))), np.array(list(sessions_of(range(4))))
    for place, measure in enumerate(("web_first", "on_site_when_calling")):
        assert steps[:, 3 * place].mean() == pytest.approx(TRUTHS[measure], abs=0.02), measure
    for place, measure in enumerate(("resolved", "reached_human")):
        assert sessions[:, 3 * place].mean() == pytest.approx(TRUTHS[measure], abs=0.03), measure
    # Whoever is failed calls within 40 minutes: in the first hour.
    assert (sessions[:, 6] == 1 / 24).all()


@pytest.mark.prove
@pytest.mark.usefixtures("only_before_calls")
def test_journey_and_self_service_by_planted_truth(
    measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    """Over 200 clients every share within half a point on average, coverage at least .90."""
    steps, sessions = np.array(list(steps_of(range(200)))), np.array(list(sessions_of(range(200))))
    columns = {
        "web_first": steps[:, :3], "on_site_when_calling": steps[:, 3:6], "resolved": sessions[:, :3],
        "reached_human": sessions[:, 3:6],
    }  # fmt: skip
    worlds = [
        measure(
            estimator=f"effort_{name}", world=f"planted {TRUTHS[name]:.3f}, 2500 customers, 14 weeks",
            truth=TRUTHS[name], value=values[:, 0], low=values[:, 1], high=values[:, 2], nominal=LEVEL,
        )
        for name, values in columns.items()
    ]  # fmt: skip
    record(worlds)
    for world in worlds:
        assert abs(world.bias) <= 0.005, world
        assert world.attained >= 0.90, world
