"""Are differences of teams and agents the planted ones, end to end, and is nobody called out where all are alike?

World: the sample client's, without transfers (a passed-on contact is two people's). The truth is each client's own:
what each agent's skill makes of the contacts that are compared, less what the average skill would make of them.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import Cut, extract

from rootcause_lib.analyses.channel_resolution.agents import agents
from rootcause_lib.analyses.channel_resolution.asked import asked_about
from rootcause_lib.journeys import Following
from rootcause_lib.sample_client import SampleClient, make_client
from rootcause_lib.sample_client.client import CONTACTS_PER_SEAT
from rootcause_lib.sample_client.draws import stream
from rootcause_lib.sample_client.people import make_agents
from rootcause_lib.sample_client.world import World
from rootcause_lib.soundness import World as Measured
from rootcause_lib.soundness import attained

LEVEL = 0.95
CUT = Cut(dt.date(2025, 1, 13), dt.date(2025, 7, 13))
DAYS = (CUT.last - CUT.first).days + 1
CUSTOMERS = 5000
SETTINGS = '[privacy]\nagents = "pseudonym"\n[definitions]\nsmallest_cell = 1\nsmallest_team = 1\n'
SKILLED, ALIKE = World(transfer_share=0.0), World(transfer_share=0.0, skill_sd=0.0)
COLUMNS = ("difference", "low", "high", "raw_difference", "raw_low", "raw_high")


def client_of(seed: int, world: World) -> SampleClient:
    return make_client(customers=CUSTOMERS, seed=seed, start=CUT.first, days=DAYS, world=world)


def skills(world: World, seed: int) -> np.ndarray:
    """Each agent's planted skill, drawn as the client's maker draws it."""
    seats = max(12, int(CUSTOMERS * world.cases_per_year * 1.6 / CONTACTS_PER_SEAT))
    return np.asarray(
        make_agents(world, stream(seed, "agents"), seats=seats, first=-world.burn_in_days, last=DAYS).skill
    )


def found_in(client: SampleClient) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        store = extract(client, CUT, Path(folder), more=SETTINGS)
    asked = asked_about(store, store.period(None, None), Following("any", 14, own_windows=False))
    return agents(asked).frames["agents"]


def truths(client: SampleClient, seed: int) -> pd.DataFrame:
    """By team and agent, of contacts that carry the mark: what skill makes of them; the mark errs as planted."""
    world, table = client.world, client.tables["contacts"]
    rows = table["resolved"].notna() & table["team"].notna() & (table["direction"] == "inbound")
    rows &= client.hidden["row"].isin(["contact", "first_leg", "second_leg"])
    matter = client.hidden.loc[rows, "reason"].astype("str")
    kept = table[rows].assign(matter=matter)
    base = np.array(
        [world.resolution[reason][channel] for reason, channel in zip(kept["matter"], kept["channel"], strict=True)]
    )
    number = kept["agent_id"].str.removeprefix("A").astype(int).to_numpy()
    own = skills(world, seed)[number]
    told = 1 - world.flag_pessimism - world.flag_optimism
    apart = told * (np.clip(base + own, 0, 1) - np.clip(base + own.mean(), 0, 1))
    kept = kept.assign(truth=apart)
    teams = kept.groupby("team")["truth"].mean().rename_axis("team").reset_index().assign(agent_id="all")
    people = kept.groupby(["team", "agent_id"])["truth"].mean().reset_index()
    return pd.concat([teams, people])


def measured(seed: int, world: World) -> pd.DataFrame:
    """The rows on the mark, beside their truth."""
    client = client_of(seed, world)
    found = found_in(client)
    own = found[(found["outcome"] == "resolved") & found["difference"].notna()]
    return own.merge(truths(client, seed), on=["team", "agent_id"], how="left", validate="1:1").assign(
        followed=own.merge(found[found["outcome"] == "first_contact_resolution"], on=["team", "agent_id"], how="left")[
            "difference_y"
        ]
    )


def test_a_small_sample_of_clients_by_planted_truth() -> None:
    rows = pd.concat([measured(seed, SKILLED) for seed in range(4)])
    people = rows[rows["agent_id"] != "all"]
    assert people["truth"].notna().all()
    covered = (people["low"] <= people["truth"]) & (people["truth"] <= people["high"])
    assert covered.mean() > 0.86
    error = (
        (people["difference"] - people["truth"]).pow(2).mean(),
        (people["raw_difference"] - people["truth"]).pow(2).mean(),
    )
    assert error[0] < error[1]
    assert abs((people["raw_difference"] - people["truth"]).mean()) < 0.006
    assert people["followed"].corr(people["truth"]) > 0.4


def test_a_small_sample_where_all_are_alike_calls_nobody_out() -> None:
    rows = pd.concat([found_in(client_of(seed, ALIKE)) for seed in range(100, 104)])
    assert set(rows["standing"].dropna()) == {"within_chance"}


@pytest.mark.prove
def test_differences_of_agents_end_to_end_by_planted_truth(
    measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    """Shrunken and counted differences cover the truth, shrunken ones lie nearer to it; who is told is told rightly."""
    rows = pd.concat([measured(seed, SKILLED) for seed in range(200)])
    worlds, short = [], []
    for kind, own in (("teams", rows["agent_id"] == "all"), ("agents", rows["agent_id"] != "all")):
        part = rows[own]
        for estimator, (value, low, high) in (
            ("agents_difference", COLUMNS[:3]), ("agents_raw_difference", COLUMNS[3:])
        ):  # fmt: skip
            apart = {
                name: part[column] - part["truth"]
                for name, column in zip(("value", "low", "high"), (value, low, high), strict=True)
            }
            row = measure(estimator=estimator, world=kind, truth=0.0, nominal=LEVEL, **apart)
            worlds.append(row)
            if row.attained < 0.92 or abs(row.bias) > 0.005:
                short.append((estimator, kind, row.attained, row.bias))
        told = part[part["standing"] != "within_chance"]
        assert (np.sign(told["difference"]) == np.sign(told["truth"])).mean() > 0.97, kind
    record(worlds)
    people = rows[rows["agent_id"] != "all"]
    assert (people["difference"] - people["truth"]).pow(2).mean() < (people["raw_difference"] - people["truth"]).pow(
        2
    ).mean()
    assert not short


@pytest.mark.prove
def test_where_all_agents_are_alike_nobody_is_called_out() -> None:
    rows = pd.concat([found_in(client_of(seed, ALIKE)) for seed in range(1000, 1200)])
    assert (rows["standing"].dropna() != "within_chance").mean() <= 0.0005
    # The best of many is a matter of luck here, and the probability of rank says so.
    people = rows[(rows["agent_id"] != "all") & rows["probability_best"].notna()]
    assert people["probability_best"].quantile(0.99) < 0.5


def test_what_was_measured_is_shipped() -> None:
    for name in ("agents_difference", "agents_raw_difference"):
        reached = attained(name)
        assert reached is not None, "run `make prove`"
        assert reached.coverage > 0.92
