"""Whether differences of scores between channels are the planted ones, end to end: simulated clients, stitched, asked.

Two worlds, both without miscoding and with answers that do not depend on how it went:

- matters: channels differ in how often they settle a matter, and hard matters go to the phone. Satisfaction depends on
  whether the matter was settled, so the truth over one mix of matters follows from the planted probabilities; means as
  answered have the wrong sign for chat;
- alike: every channel settles every matter with the same probability, so no channel differs from another.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn.answers import asking
from planted import Cut, extract, fill
from planted.answers import survey_rows

from rootcause_lib.analyses.channel_resolution.answers import keep_answers
from rootcause_lib.analyses.channel_resolution.scores import consistency
from rootcause_lib.periods import Period
from rootcause_lib.sample_client import SampleClient, World, even_resolution, make_client
from rootcause_lib.sample_client.matters import CHANNEL_EFFECT, REASONS
from rootcause_lib.sample_client.matters import CHANNELS as EVERY_CHANNEL
from rootcause_lib.sample_client.surveys import CSAT_SHARES
from rootcause_lib.soundness import World as Measured

LEVEL, MARGIN = 0.95, 0.2
CUT = Cut(dt.date(2025, 1, 13), dt.date(2025, 7, 13))
PERIOD = Period(CUT.first, CUT.last)
MORE = f"[definitions]\nsmallest_cell = 1\nequivalence = {{ csat = {MARGIN}, agreed_on = 2024-12-01 }}\n"
ANSWERING = {"asked_share": 1.0, "answers_resolved": 0.6, "answers_unresolved": 0.6, "frailty_variance": 0.5}
HARD = ("laskuvirhe", "toimitus", "katko", "reklamaatio", "tekninen")
RESOLUTION = {
    reason: {
        channel: (0.35 if reason in HARD else 0.85) + effect
        for channel, effect in zip(EVERY_CHANNEL, CHANNEL_EFFECT, strict=True)
    }
    for reason in REASONS
}
MATTERS = dataclasses.replace(World.plain(), resolution=RESOLUTION, **ANSWERING)
ALIKE = dataclasses.replace(MATTERS, resolution=even_resolution(0.7))
CUSTOMERS = 4000
CHANNELS = ("email", "chat", "self_service")
COLUMNS = ("difference", "difference_low", "difference_high", "naive", "odds_ratio", "odds_low", "odds_high")


def found_in(world: World, seed: int) -> pd.DataFrame:
    """Rows of `consistency` on satisfaction by channel; `true`: what the client's own mix of matters makes of it."""
    days = (CUT.last - CUT.first).days + 1
    client = make_client(customers=CUSTOMERS, seed=seed, start=CUT.first, days=days, world=world)
    with tempfile.TemporaryDirectory() as folder:
        made = extract(client, CUT, Path(folder), more=MORE)
    fill(made.engine, "surveys", survey_rows(client.tables["surveys"]))
    question = asking(made, period=PERIOD)
    table = consistency(question, keep_answers(question))
    table = table[table["metric"] == "csat"].set_index("channel")
    table["naive"] -= table.loc["phone", "naive"]
    return table.reindex(CHANNELS).assign(true=true_differences(client, world))


def true_differences(client: SampleClient, world: World) -> pd.Series:
    """Over the reasons of those who answered, how much more often a channel settles, times what settling is worth."""
    surveys = client.tables["surveys"]
    answered = surveys.loc[(surveys["metric"] == "csat") & surveys["score"].notna(), "contact_id"]
    reasons = client.hidden.loc[client.tables["contacts"]["contact_id"].isin(answered).to_numpy(), "reason"]
    mix = reasons.astype("str").value_counts(normalize=True).reindex(REASONS, fill_value=0.0)
    unsettled, settled = (np.array(shares) @ np.arange(1, 6) for shares in CSAT_SHARES)
    better = {
        channel: sum(
            mix[reason] * (world.resolution[reason][channel] - world.resolution[reason]["phone"]) for reason in REASONS
        )
        for channel in CHANNELS
    }
    return pd.Series(better) * (settled - unsettled)


def runs_of(world: World, seeds: range) -> pd.DataFrame:
    return pd.concat(
        [found_in(world, seed).assign(seed=seed).reset_index() for seed in seeds],
        ignore_index=True,
    )


def test_a_small_sample_of_clients_by_planted_truth() -> None:
    runs = runs_of(MATTERS, range(3))
    error = runs["difference"] - runs["true"]
    assert abs(error.mean()) < 3 * error.std() / 3**0.5
    covered = (runs["difference_low"] <= runs["true"]) & (runs["true"] <= runs["difference_high"])
    assert covered.mean() >= 0.8
    chat = runs[runs["channel"] == "chat"]
    assert chat["true"].mean() < -0.05 < 0.05 < chat["naive"].mean(), "as answered, the chat looks better"
    alike = runs_of(ALIKE, range(2))
    assert (alike["verdict"] != "not_consistent").all()


@pytest.mark.prove
def test_scores_over_one_mix_end_to_end_by_planted_truth(
    measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    """Every difference within 0.02 of the scale on average, coverage at least .92; as answered the chat has the wrong
    sign; where nothing differs hardly a channel is called not consistent."""
    rows, short = [], []
    for name, world in (("matters", MATTERS), ("alike", ALIKE)):
        runs = runs_of(world, range(200))
        for channel, part in runs.groupby("channel"):
            less = {limit: part[limit] - part["true"] for limit in COLUMNS[:3]}
            row = measure(
                estimator="same_mix_score", world=f"{name}: {channel}, csat 1-5", truth=0.0, value=less["difference"],
                low=less["difference_low"], high=less["difference_high"], nominal=LEVEL,
            )  # fmt: skip
            rows.append(row)
            if abs(row.bias) > 0.02 or row.attained < 0.92:
                short.append((name, channel, row.bias, row.attained))
            if name == "alike":
                logs = (np.log(part[limit]) for limit in COLUMNS[4:])
                given = dict(zip(("value", "low", "high"), logs, strict=True))
                odds = measure(
                    estimator="same_mix_odds", world=f"alike: {channel}, csat 1-5", truth=0.0, nominal=LEVEL, **given
                )
                rows.append(odds)
                if abs(odds.bias) > 0.03 or odds.attained < 0.92:
                    short.append(("odds", channel, odds.bias, odds.attained))
                assert (part["verdict"] == "not_consistent").mean() <= 0.02, channel
                assert (part["verdict"] == "consistent").mean() > 0.2, channel
            elif channel == "chat":
                assert part["naive"].mean() > 0.05
                assert part["difference"].mean() < -0.05
                assert (part["naive"] > 0).mean() > 0.9
    record(rows)
    assert not short
