"""Whether the recontact curve of a four-week extract finds what was planted, end to end through stitching and engine.

Estimand: of all judged contacts of the extract, the share that the same customer followed with a further contact
(any contact, one of the same code, one of the same case) within 14 days, were the extract not cut off. Two worlds:

- alike: customers share one rate and every contact settles its matter with the same probability, so the truth is a
  closed form, under all three matching rules;
- lively: everything the sample client has (upstream failures, leaving, legs, abandoned attempts, miscoding, agents)
  but unidentified contacts, which nobody can follow. The truth is counted in what the generator hides, over all
  clients together, for matching by any contact and by code.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import Cut, extract

from rootcause_lib import recontact
from rootcause_lib.analyses import analyse_channel_resolution
from rootcause_lib.estimates import estimate
from rootcause_lib.journeys import Following
from rootcause_lib.metrics.naive import naive_resolution
from rootcause_lib.periods import Period
from rootcause_lib.sample_client import Faults, SampleClient, World, even_resolution, make_client, write_exports
from rootcause_lib.sample_client.matters import CHANNELS
from rootcause_lib.sample_client.truth import delay_share
from rootcause_lib.store import Store, open_engagement
from rootcause_lib.vocabulary import ALL

WINDOW, LEVEL = 14, 0.95
BEFORE, AFTER = 35, 40
"""Days simulated before and after the extract: cases are under way at both of its edges."""

FOUR_WEEKS = Cut(dt.date(2025, 3, 3), dt.date(2025, 3, 30))
EIGHT_WEEKS = Cut(dt.date(2025, 2, 3), dt.date(2025, 3, 30))

ALIKE = dataclasses.replace(
    World.plain(), resolution=even_resolution(0.55), cases_per_year=3.0, longest_chain=20
)  # fmt: skip
LIVELY = dataclasses.replace(
    World(), unidentified=dict.fromkeys(CHANNELS, 0.0), shared_id_days=0, orphan_share=0.0
)  # fmt: skip
WORLDS: Mapping[str, tuple[World, tuple[str, ...]]] = {
    "alike": (ALIKE, ("any", "reason", "case")),
    "lively": (LIVELY, ("any", "reason")),
}
"""Worlds and the matching rules judged in them. With case ids legs merge by conversation id only, so the lively
world, where half the legs have none, is not judged by case."""


def client_of(world: World, cut: Cut, *, seed: int, customers: int = 2000) -> SampleClient:
    """A small client simulated from before an extract to after it."""
    start = cut.first - dt.timedelta(days=BEFORE)
    days = BEFORE + (cut.last - cut.first).days + 1 + AFTER
    return make_client(customers=customers, seed=seed, start=start, days=days, world=world)


def with_case_ids(client: SampleClient) -> SampleClient:
    """The same client with the true case of every contact exported."""
    cases = client.hidden["case"].astype("Int64").astype("string")
    contacts = client.tables["contacts"].assign(case_id=cases)
    return dataclasses.replace(client, tables={**client.tables, "contacts": contacts})


def true_contacts(client: SampleClient) -> pd.DataFrame:
    """One row per contact of a customer as it truly was, legs together and nothing cut off, in order of time."""
    rows = client.tables["contacts"].assign(
        kind=client.hidden["row"], which=client.hidden["true_contact"], case=client.hidden["case"]
    )
    rows = rows[rows["kind"].isin(["contact", "first_leg", "second_leg", "abandoned"])].sort_values("started_at")
    rows["abandoned"] = rows["kind"] == "abandoned"
    found = rows.groupby(["which", "abandoned"]).agg(
        customer=("customer_id", "first"),
        started=("started_at", "first"),
        ended=("ended_at", "max"),
        reason=("reason", "last"),
        case=("case", "first"),
    )
    return found.reset_index().sort_values(["customer", "started"], kind="stable")


def counted(client: SampleClient, cut: Cut, rule: str, *, among: str) -> tuple[int, int]:
    """How many of the extract's contacts (those that open a case) truly came back within the window, of how many."""
    contacts, keys = true_contacts(client), ["customer"]
    if rule != "any":
        contacts, keys = contacts[contacts[rule].notna()], ["customer", rule]
    window = pd.Timedelta(days=WINDOW)
    own = contacts.groupby(keys)
    back = (own["started"].shift(-1) - contacts["ended"]) <= window
    judged = cut.holds(contacts["started"]) & ~contacts["abandoned"]
    if among == "openers":
        contacts["so_far"] = contacts["ended"].where(~contacts["abandoned"])
        for step in ("cummax", "ffill", "shift"):
            contacts["so_far"] = getattr(contacts.groupby(keys)["so_far"], step)()
        quiet = (contacts["started"] - contacts["so_far"]) > window
        judged &= contacts["so_far"].isna() | (quiet & (rule != "case"))
    return int((back & judged).sum()), int(judged.sum())


def closed_form(world: World) -> dict[str, float]:
    """The truth of a world of alike customers on a continuous clock, by matching rule.

    A contact is followed unless its own case stays quiet and no other case of the customer makes itself heard. Other
    cases are clusters: an opening by a Poisson process of rate r, then a chain that goes on with probability p after
    gaps of mean min(gap, w) = m. The chance that a window w sees none of them is exp(-r (w + m (p + p^2 + ...))).
    """
    ((settled,),) = {tuple(set(row.values())) for row in world.resolution.values()}
    goes_on = (1 - settled) * world.comes_back
    own = goes_on * delay_share(world, "phone", WINDOW)
    moments = np.linspace(0, WINDOW, 20_001)[1:]
    gap = float(np.mean([1 - delay_share(world, "phone", day) for day in moments])) * WINDOW
    heard = (WINDOW + gap * goes_on / (1 - goes_on)) * world.cases_per_year / 365.25
    mix = np.array(world.reason_mix) / sum(world.reason_mix)
    return {
        "case": own,
        "any": 1 - (1 - own) * math.exp(-heard),
        "reason": float(mix @ (1 - (1 - own) * np.exp(-heard * mix))),
    }


def judged_by(store: Store, cut: Cut, rule: str, *, among: recontact.Among) -> dict[str, float]:
    """The library's 14-day share with its limits, and the usual computation, on an extract."""
    period, asked = Period(cut.first, cut.last), Following(rule, WINDOW, own_windows=False)
    recontact.watch(store, asked, among=among, period=period, horizon_days=WINDOW)
    curve = recontact.curves(store, horizon_days=WINDOW, level=LEVEL)
    ours = curve[(curve["outcome"] == "came_back") & (curve["day"] == WINDOW)].iloc[0]
    usual = estimate(store, naive_resolution(matching=rule, window_days=WINDOW)[:1], period=period)
    assert list(usual["metric"]) == ["repeats_seen_over_contacts"]
    return {
        **{name: float(ours[name]) for name in ("value", "low", "high")},
        "naive": 1 - float(usual["value"].iloc[0]),
    }


def simulate(name: str, cut: Cut, folder: Path, *, among: recontact.Among, seeds: range) -> pd.DataFrame:
    """One row per client and matching rule: rule, value, low, high, naive and the truth of that world and rule."""
    world, rules = WORLDS[name]
    found = []
    for seed in seeds:
        client = client_of(world, cut, seed=seed)
        store = extract(client, cut, folder / str(seed))
        for rule in rules:
            if rule == "case":
                store = extract(with_case_ids(client), cut, folder / f"{seed}-case")
            back, contacts = counted(client, cut, rule, among=among)
            row = judged_by(store, cut, rule, among=among)
            found.append({"rule": rule, "seed": seed, "back": back, "contacts": contacts, **row})
    table = pd.DataFrame(found)
    sums = table.groupby("rule")[["back", "contacts"]].transform("sum")
    table["truth"] = sums["back"] / sums["contacts"]
    if name == "alike" and among == "every":
        table["truth"] = table["rule"].map(closed_form(world))
    return table


def told(table: pd.DataFrame, rule: str) -> tuple[float, float, float]:
    """Bias of the library's share, share of intervals that hold the truth, bias of the usual computation."""
    own = table[table["rule"] == rule]
    truth = own["truth"].iloc[0]
    held = own["low"].le(truth) & own["high"].ge(truth)
    return float(own["value"].mean() - truth), float(held.mean()), float(own["naive"].mean() - truth)


@pytest.mark.parametrize("name", WORLDS)
def test_a_few_four_week_extracts_give_the_share_that_came_back_by_planted_truth(name, tmp_path):
    table = simulate(name, FOUR_WEEKS, tmp_path, among="every", seeds=range(9_000, 9_008))
    assert table["value"].notna().all()
    for rule in WORLDS[name][1]:
        bias, coverage, usual = told(table, rule)
        # The mean of eight has a standard error of about 0.7 points.
        assert abs(bias) < 0.025
        assert coverage >= 6 / 8
        assert usual < bias - 0.01
    assert told(table, "any")[2] < -0.035


@pytest.mark.prove
def test_four_week_extracts_of_200_clients_by_planted_truth(tmp_path, measure, record):
    """The promise: at most a point of bias, at least .90 coverage, where the usual figure is off by four points."""
    runs = {
        (name, "every"): simulate(name, FOUR_WEEKS, tmp_path / name, among="every", seeds=range(200)) for name in WORLDS
    } | {
        (name, "openers"): simulate(name, EIGHT_WEEKS, tmp_path / f"{name}8", among="openers", seeds=range(500, 600))
        for name in WORLDS
    }
    words = {"every": "every contact, four weeks", "openers": "contacts that open a case, eight weeks"}
    record(
        [
            measure(
                estimator="recontact_incidence",
                world=f"{name}: {words[among]}, {rule} matching",
                truth=float(own["truth"].iloc[0]),
                value=own["value"],
                low=own["low"],
                high=own["high"],
                nominal=LEVEL,
            )
            for (name, among), table in runs.items()
            for rule, own in table.groupby("rule", sort=False)
        ]
    )
    for table in runs.values():
        assert table["value"].notna().all()
        for rule in table["rule"].unique():
            bias, coverage, _usual = told(table, rule)
            assert abs(bias) <= 0.01
            assert coverage >= 0.90
    for name in WORLDS:
        assert told(runs[name, "every"], "any")[2] <= -0.04


NOBODY = dataclasses.replace(World.plain(), resolution=even_resolution(1.0), cases_per_year=6.0)
CHANCE = dataclasses.replace(NOBODY, frailty_variance=0.5, cases_per_year=10.0)


def test_nobody_comes_back_where_everything_is_settled_by_planted_truth(tmp_path):
    client = with_case_ids(client_of(NOBODY, FOUR_WEEKS, seed=1))
    store = extract(client, FOUR_WEEKS, tmp_path)
    found = judged_by(store, FOUR_WEEKS, "case", among="every")
    assert found["value"] == found["low"] == found["naive"] == 0
    assert 0 < found["high"] < 0.02


@pytest.mark.parametrize("among", ["every", "openers"])
def test_where_only_chance_brings_back_chance_explains_it_by_planted_truth(among, tmp_path):
    """Customers of differing rates whose matters are all settled: the expected share is the one observed."""
    apart = []
    asked, period = Following("any", WINDOW, own_windows=False), Period(EIGHT_WEEKS.first, EIGHT_WEEKS.last)
    for seed in range(6):
        store = extract(client_of(CHANCE, EIGHT_WEEKS, seed=seed, customers=1500), EIGHT_WEEKS, tmp_path / str(seed))
        recontact.watch(store, asked, among=among, period=period, horizon_days=WINDOW)
        curve = recontact.curves(store, horizon_days=WINDOW, level=LEVEL)
        ours = curve[(curve["outcome"] == "came_back") & (curve["day"] == WINDOW)]["value"].iloc[0]
        chance = recontact.chance(store, asked, horizon_days=WINDOW).set_index("day")
        assert ours > 0.2
        apart.append(ours - chance.loc[WINDOW, "expected_by_chance"])
    # Six clients of some 2,000 contacts each: a standard error of half a point.
    assert abs(np.mean(apart)) < 0.015


def test_resolution_by_channel_through_real_exports_by_planted_truth(tmp_path):
    """A whole client as CSV, workbook and Parquet, through loaders, store and analysis; truth in closed form."""
    world = dataclasses.replace(World.plain(), cases_per_year=3.0)
    client = make_client(customers=3000, seed=77, days=365, world=world)
    folder = write_exports(client, tmp_path / "client", faults=Faults.none())
    result = analyse_channel_resolution(open_engagement(folder), matching="any", window_days=WINDOW)
    planted = {
        row["channel"]: row["share"]
        for row in client.truth.came_back_by_channel
        if (row["match"], row["day"]) == ("any", WINDOW)
    }
    chosen = result.resolution[(result.resolution["reason"] == ALL) & (result.resolution["match"] == "any")]
    back = chosen[chosen["outcome"] == "came_back"].set_index("channel")
    assert set(back.index) == set(planted) == {ALL, *CHANNELS}
    errors = (back["high"] - back["low"]) / 2 / 1.96
    scores = (back["value"] - pd.Series(planted)) / errors
    assert scores.abs().max() < 3.5
    assert back["value"].max() - back["value"].drop(ALL).min() > 0.05, "channels differ, so this could have failed"
