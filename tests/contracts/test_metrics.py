"""Every metric of the catalogue: one schema, nobody lost, the same figures from a second implementation, every
parameter doing something."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from drawn import engagement, stitched
from second_opinion import stitched_contacts
from second_opinion.facts import FACTS, contact_rates, tallies
from second_opinion.worlds import RULES, draw, store_of

from rootcause_lib.engine import empty_world
from rootcause_lib.estimates import COLUMNS, RATE_DIMENSIONS, STATISTICS, estimate
from rootcause_lib.journeys import Following
from rootcause_lib.metrics import CATALOGUE, Metric
from rootcause_lib.metrics.coverage import default_codes, identified
from rootcause_lib.metrics.definition import VIEWS
from rootcause_lib.metrics.naive import naive_resolution
from rootcause_lib.metrics.tool_resolution import followed, marked
from rootcause_lib.statistics.ratios import METHODS
from rootcause_lib.stored_tables import DIMENSIONS
from rootcause_lib.vocabulary import CLAIMS, GRADE_REASONS, GRADES, MATCHING_RULES

BESIDE = (
    identified(),
    default_codes(),
    *naive_resolution(matching="any", window_days=14),
    marked(["client_tool", "one_touch", "reopen"]),
    *followed(Following("any", 14, own_windows=False).values, observed_until_seconds=1_743_000_000),
)
"""Metrics outside the catalogue: held to the same schema."""

EVERY = (*CATALOGUE.values(), *BESIDE)
NULLS = {"reason", "reason_group", "segment", "team"}


class World:
    def __init__(self, folder, seed):
        self.rows, self.customers = draw(seed=seed)
        self.contacts = list(stitched_contacts(self.rows, self.customers, RULES).values())
        self.store = store_of(folder, self.rows, self.customers)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("drawn"), 4)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return stitched(engagement(tmp_path_factory.mktemp("empty"), until="2025-03-31"), empty_world())


def settings_of(metric: Metric):
    """Every combination of a metric's parameters that makes sense to ask for."""
    choices = {"matching": MATCHING_RULES, "view": VIEWS, "own_windows": (False, True), "window_days": (5, 14)}
    names = [name for name in metric.values if name in choices]
    assert set(names) == set(metric.values), "a parameter this test does not know"
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*(choices[name] for name in names))]


def cells(table: pd.DataFrame, by: tuple[str, ...]):
    """numerator, denominator and unobserved by cell, as plain values."""
    plain = table.astype("object").where(table.notna(), None)
    return {
        tuple(row[name] for name in by): tuple(
            float(row[name] or 0) for name in ("numerator", "denominator", "unobserved")
        )
        for row in plain.to_dict("records")
    }


def agree(found, expected):
    assert set(found) == set(expected)
    for cell, ours in found.items():
        assert ours == pytest.approx(tuple(expected[cell]), rel=1e-12, abs=1e-9), cell


@pytest.mark.parametrize("by", [(), ("channel",), ("reason",), ("channel", "reason"), ("segment", "channel")])
@pytest.mark.parametrize("key", sorted(FACTS))
def test_who_was_asked_known_and_counted_by_second_implementation(world, key, by):
    settings = settings_of(CATALOGUE[key])
    asked = [CATALOGUE[key].at(values) for values in settings]
    table = estimate(world.store, asked, by=by)
    rows_per_metric = np.array_split(np.arange(len(table)), len(asked)) if not by else None
    for number, values in enumerate(settings):
        own = table.iloc[rows_per_metric[number]] if rows_per_metric else estimate(world.store, [asked[number]], by=by)
        agree(cells(own, by), tallies(key, world.contacts, RULES, values=values, by=by))


@pytest.mark.parametrize("by", [(), ("channel",), ("channel", "reason")])
def test_contact_rate_by_second_implementation(world, by):
    found = cells(estimate(world.store, [CATALOGUE["contact_rate"]], by=by), by)
    agree(found, contact_rates(world.contacts, world.customers, RULES, by=by))


def test_the_second_implementation_knows_every_metric():
    assert {*FACTS, "contact_rate"} == set(CATALOGUE)


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_estimates_have_one_schema(world, metric):
    for by in ((), ("channel",), ("team" if metric.key == "contact_rate" else "week", "reason")):
        table = estimate(world.store, [metric], by=by)
        assert list(table.columns) == ["metric", "statistic", *by, *COLUMNS]
        assert len(table)
        assert set(table["metric"]) == {metric.key}
        assert set(table["statistic"]) == {STATISTICS[metric.unit]}
        assert set(table["method"]) <= set(METHODS)
        assert set(table["claim"]) <= set(CLAIMS)
        assert set(table["grade"]) <= set(GRADES)
        reasons = {reason for text in table["grade_reasons"] for reason in text.split(";") if reason}
        assert reasons <= set(GRADE_REASONS)
        assert (table["grade_reasons"] == "").eq(table["grade"] == "A").all()
        assert not table.duplicated(list(by)).any() if by else len(table) == 1


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_no_number_stands_alone_by_identity(world, metric):
    table = estimate(world.store, [metric], by=("channel", "reason"))
    told = table[table["denominator"] > 0]
    assert len(told)
    ratio = told["numerator"] / told["denominator"]
    pd.testing.assert_series_equal(told["value"], ratio, check_names=False)
    bounded = told[told["low"].notna() & told["high"].notna()]
    assert ((bounded["low"] <= bounded["value"]) & (bounded["value"] <= bounded["high"])).all()
    untold = table[~(table["denominator"] > 0)]
    assert untold[["value", "low", "high"]].isna().all(axis=None)
    assert (untold["method"] == "none").all()
    assert (untold["grade"] == "D").all()
    if metric.unit == "share":
        assert told[["low", "high"]].stack().between(0, 1).all()
        assert told[["low", "high"]].notna().all(axis=None)


@pytest.mark.parametrize(
    "metric", [each for each in EVERY if each.key != "contact_rate"], ids=lambda metric: metric.key
)
def test_asked_is_denominator_and_unobserved_in_every_cell_by_identity(world, metric):
    """Asked counted by its own expression alone: `known` and `measure` cannot hide anybody."""
    everybody = Metric(
        "asked", "asked", "share", metric.grain, "neither", metric.asked, "true", "true", metric.definition,
        units=metric.units, values=metric.values,
    )  # fmt: skip
    for by in ((), ("channel",), ("channel", "reason"), ("hour",), ("team",)):
        asked = estimate(world.store, [everybody], by=by)
        found = estimate(world.store, [metric], by=by)
        assert (asked["unobserved"] == 0).all()
        total = (found["denominator"] + found["unobserved"]).to_numpy()
        assert total.tolist() == asked["denominator"].tolist()


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_cells_add_up_to_channels_and_totals_by_identity(world, metric):
    counts = ["numerator", "unobserved"] if metric.key == "contact_rate" else ["numerator", "denominator", "unobserved"]
    fine = estimate(world.store, [metric], by=("channel", "reason"))
    by_channel = estimate(world.store, [metric], by=("channel",)).set_index("channel")[counts]
    total = estimate(world.store, [metric])[counts].iloc[0]
    pd.testing.assert_frame_equal(fine.groupby("channel")[counts].sum(), by_channel, check_index_type=False)
    pd.testing.assert_series_equal(by_channel.sum(), total, check_names=False)
    for dimension in RATE_DIMENSIONS if metric.key == "contact_rate" else DIMENSIONS:
        split = estimate(world.store, [metric], by=(dimension,))[counts].sum()
        pd.testing.assert_series_equal(split, total, check_names=False)


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_nobody_asked_gives_no_row(empty, metric):
    for by in ((), ("channel", "reason")):
        table = estimate(empty, [metric], by=by)
        assert list(table.columns) == ["metric", "statistic", *by, *COLUMNS]
        assert table.empty


@pytest.mark.parametrize(
    ("key", "name"), [(metric.key, name) for metric in CATALOGUE.values() for name in metric.values]
)
def test_every_parameter_changes_something(world, key, name):
    metric = CATALOGUE[key]
    other = {"window_days": 5, "own_windows": True, "matching": "reason", "view": "workload"}[name]
    assert metric.values[name] != other
    columns = ["numerator", "denominator", "unobserved"]
    before, after = (estimate(world.store, [each])[columns].iloc[0] for each in (metric, metric.at({name: other})))
    assert not before.equals(after)


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_a_metric_is_defined_in_words(metric):
    for words in (metric.label, *(getattr(metric.definition, name) for name in metric.definition.__slots__)):
        assert words.strip()


def test_frames_are_the_callers_own(world):
    metric = CATALOGUE["transfer"]
    first = estimate(world.store, [metric], by=("channel",))
    first.loc[:, "value"] = -1.0
    assert (estimate(world.store, [metric], by=("channel",))["value"] >= 0).all()
