"""Whether segments and changes that are told are there: worlds with nothing to find, and planted segments.

Customers differ in how often they call, by which channel and about what, independently of their attributes: contacts
hang together within customers and nothing else does. The usual search (all customers, no second look) lists
combinations in such a world; ours may in one client of twenty. In the planted world firms of the north call about bills
three times as often as others, and contacts by chat about faults are 2.5 times as many in the later half.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted.segments import CHANNELS, DAYS, LATER, PLANTED, REASONS, STEADY, Setting, build

from rootcause_lib.analyses.root_cause.change import change
from rootcause_lib.analyses.root_cause.change_grades import FALSE_DISCOVERY_RATE
from rootcause_lib.analyses.root_cause.compared import compared_periods
from rootcause_lib.analyses.root_cause.segment_statements import (
    Dealt,
    attribute_cells,
    customer_days,
)
from rootcause_lib.analyses.root_cause.segments import search_segments
from rootcause_lib.soundness import World
from rootcause_lib.statistics.attribute_cells import AttributeCells
from rootcause_lib.statistics.segment_search import search
from rootcause_lib.store import Store
from rootcause_lib.traits import traits_of

FIRM_BILLS = ("segment=firm, region=north", "bill")
CHAT_FAULTS = ("channel=chat", "fault")


def usual_search(store: Store) -> int:
    """How many combinations stand out, by three standard errors, among all customers at once: found and told."""
    compared = compared_periods(store, LATER, compare="previous")
    assert compared is not None
    names = {"segment": "segment", "channel": "channel", "team": "team", "weekday": "weekday", "hours": "hours"}
    names |= {name: column for column, name in traits_of(store).items()}
    columns = [*names.values(), "reason"]
    called = {column: name for name, column in names.items()}
    both = store.engine.run(attribute_cells(store, columns, among=Dealt(0, 1), values=compared.values))
    both = both.rename(columns=called)
    days = store.engine.run(customer_days(store, values=compared.values)).rename(columns=called)
    cells = AttributeCells.of(both, days, attributes=tuple(names), unnamed=())
    return sum(len(search(cells, measure, most=30).candidates) for measure in ("rate", "share", "growth"))


def null_worlds(seeds: Iterable[int], folder: Path) -> pd.DataFrame:
    """One row per client with nothing to find: segments told, changes told, what the usual search lists."""
    rows = []
    for seed in seeds:
        store = build(STEADY, seed, folder / str(seed))
        changes = change(store, LATER)
        total = changes.iloc[0]
        rows.append(
            {
                "segments": len(search_segments(store, LATER).segments),
                "changes": int((changes["changed"] != "no_clear_change").sum()),
                "usual": usual_search(store),
                **total[["total", "total_low", "total_high"]],
            }
        )
    return pd.DataFrame(rows)


def planted_worlds(seeds: Iterable[int], folder: Path) -> pd.DataFrame:
    """One row per client and planted segment: ratio with limits, NaN where it was not told as itself; what else was."""
    rows = []
    for seed in seeds:
        found = search_segments(build(PLANTED, seed, folder / str(seed)), LATER).segments
        for kind, (attributes, reason) in (("level", FIRM_BILLS), ("change", CHAT_FAULTS)):
            own = found[found["kind"].eq(kind) & found["attributes"].eq(attributes) & found["reason"].eq(reason)]
            about = found["kind"].eq(kind) & found["reason"].isin([reason, "all"])
            row = {"kind": kind, "seed": seed, "ratio": np.nan, "ratio_low": np.nan, "ratio_high": np.nan}
            row |= own.iloc[0][["ratio", "ratio_low", "ratio_high"]].to_dict() if len(own) else {}
            rows.append({**row, "told": bool(about.any()), "others": len(found) - 2})
    return pd.DataFrame(rows)


def changed_worlds(seeds: Iterable[int], folder: Path) -> pd.DataFrame:
    """One row per client in which contacts by chat about faults grew: the change about faults."""
    rows = []
    for seed in seeds:
        found = change(build(Setting(joiners=0.0, change=2.5), seed, folder / str(seed)), LATER)
        rows.append(found[(found["dimension"] == "reason") & (found["item"] == "fault")].iloc[0])
    return pd.DataFrame(rows)


def planted_change(setting: Setting) -> float:
    """Contacts the change adds on average: half a year's contacts by chat about faults, once and a half more."""
    shares = []
    for labels, one in ((CHANNELS, "chat"), (REASONS, "fault")):
        base = 1 / np.arange(1, len(labels) + 1)
        shares.append(base[labels.index(one)] / base.sum())
    return setting.customers * setting.per_year * (DAYS / 2 / 365) * float(np.prod(shares)) * 1.5


def test_a_few_worlds_with_nothing_to_find_by_planted_truth(tmp_path) -> None:
    found = null_worlds(range(7_000, 7_012), tmp_path)
    assert (found["segments"] > 0).sum() <= 2
    assert (found["changes"] > 0).sum() <= 2
    assert (found["usual"] > 0).all()
    assert found["usual"].mean() > 5


def test_planted_segments_are_found_with_their_effect_by_planted_truth(tmp_path) -> None:
    found = planted_worlds(range(7_100, 7_106), tmp_path).set_index("kind")
    assert found["told"].all()
    level, grown = found.loc["level"], found.loc["change"]
    assert level["ratio"].notna().sum() >= 4
    assert grown["ratio"].notna().sum() >= 4
    # The mean of five logarithms has a standard error of about 0.1.
    assert abs(np.log(level["ratio"]).mean() - np.log(3.0)) < 0.3
    assert abs(np.log(grown["ratio"]).mean() - np.log(2.5)) < 0.3


def told_nothing(method: str, world: str, told: pd.Series) -> World:
    """The share of clients with nothing to find in which nothing was told, against what is promised."""
    return World(method, world, 1 - FALSE_DISCOVERY_RATE, round(float((told == 0).mean()), 4), 0.0, len(told), 0.0)


@pytest.mark.prove
def test_200_worlds_by_planted_truth(tmp_path, measure, record) -> None:
    """The promise: something is told of nothing in at most one client of twenty (less two standard errors); planted
    segments are told in nine of ten, with at most .05 bias of the logarithm and at least .90 coverage."""
    nothing = null_worlds(range(200), tmp_path / "nothing")
    planted = planted_worlds(range(1_000, 1_200), tmp_path / "planted")
    changed = changed_worlds(range(2_000, 2_200), tmp_path / "changed")
    truths = {"level": np.log(3.0), "change": np.log(2.5)}
    words = {
        "level": "firms of the north call about bills three times as often, logarithm of the ratio",
        "change": "contacts by chat about faults grow 2.5 times, logarithm of the ratio",
    }
    segment_worlds = [
        measure(
            estimator="log_ratio_cluster", world=words[kind], truth=truths[kind], nominal=0.95,
            value=np.log(own["ratio"]), low=np.log(own["ratio_low"]), high=np.log(own["ratio_high"]),
        )
        for kind, own in planted.groupby("kind", sort=False)
    ]  # fmt: skip
    total = measure(
        estimator="das_gupta_cluster", world="two alike periods: the change of all contacts", truth=0.0, nominal=0.95,
        value=nothing["total"], low=nothing["total_low"], high=nothing["total_high"],
    )  # fmt: skip
    fault = measure(
        estimator="das_gupta_cluster", world="one channel's contacts about one reason grow: the reason's change",
        truth=planted_change(Setting()), value=changed["total"], low=changed["total_low"], high=changed["total_high"],
        nominal=0.95,
    )  # fmt: skip
    quiet = told_nothing("log_ratio_cluster", "nothing to find: no segment told", nothing["segments"])
    calm = told_nothing("das_gupta_cluster", "nothing to find: no change told", nothing["changes"])
    record([*segment_worlds, quiet, total, fault, calm])
    slack = 2 * np.sqrt(FALSE_DISCOVERY_RATE * (1 - FALSE_DISCOVERY_RATE) / 200)
    assert (nothing["segments"] > 0).mean() <= FALSE_DISCOVERY_RATE + slack
    assert (nothing["changes"] > 0).mean() <= FALSE_DISCOVERY_RATE + slack
    assert (nothing["usual"] > 0).mean() > 0.95
    for kind, own in planted.groupby("kind"):
        assert own["told"].mean() >= 0.9, kind
        ratio = np.log(own["ratio"].dropna())
        assert abs(ratio.mean() - truths[kind]) <= 0.05 + 2 * ratio.std() / np.sqrt(len(ratio)), kind
    for world in (*segment_worlds, total, fault):
        assert world.attained >= 0.90, world
    error = changed["total"].std() / np.sqrt(200)
    assert abs(fault.bias) <= 0.05 * planted_change(Setting()) + 2 * error
