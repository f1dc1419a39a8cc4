"""What customers answered when they were asked about a contact: on which scale, about which, how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from sqlglot import exp

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.same_mix import score_sums
from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.loaders.mapping import plain_name
from rootcause_lib.statements import Statement, Value, statement, template
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.intervals import normal_critical, wilson_of_share
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

ASKED_DAYS = 14
"""A question that names no contact is about the latest one of so many days before."""

RECENT_DAYS = 28
"""What the company did to a customer so many days before a contact is part of the matter."""

METRICS = ("nps", "csat", "ces")
ITEMS = tuple(f"item_{number}" for number in range(1, 7))
"""Columns for rated items: the first six of the engagement that are filled."""

SPLITS = (ALL, "channel", "outcome")
"""What answers are counted by, each by itself."""

_NPS_SCALE = (0.0, 10.0)
_VERSION = ["scale_low", "scale_high", "direction"]


@dataclass(frozen=True, slots=True)
class Scale:
    """How a metric was answered. low, high: its ends, NaN where neither is stated; named: share of answers that say
    which contact they are about; elsewhere: answers on another scale or direction, which are left out."""

    low: float
    high: float
    better: str
    named: float
    elsewhere: int

    @property
    def worse_is_higher(self) -> bool:
        return self.better == "lower_is_better"


@dataclass(frozen=True, slots=True)
class Answers:
    """What is kept in the engine as `scored_contacts`, and how many were asked.

    scales: by metric. names: metric in the engine to what readers know it by. response: metric, cell (a channel, an
    outcome, or `all`), asked, answers, share, low, high. sums: what `score_sums` gives over all (`all`), by channel and
    by outcome.
    """

    scales: Mapping[str, Scale]
    names: Mapping[str, str]
    response: pd.DataFrame
    sums: Mapping[str, pd.DataFrame]


def keep_answers(asked: Asked) -> Answers:
    """Keep the answers about the period's contacts as a table of the engine."""
    store, items = asked.store, _items(asked.store)
    values: dict[str, Value] = {
        **asked.followed.values,
        "start_day": day_number(asked.period.start),
        "end_day": day_number(asked.period.end),
        "asked_days": ASKED_DAYS,
    }
    store.engine.materialise(
        "asked_contacts", Statement("asked_contacts", _with_items(items), MappingProxyType(values))
    )
    versions = store.engine.run(statement("response_sums"))
    scales, chosen = _chosen(versions[versions["split"] == ALL])
    rows: list[dict[str, Value]] = [
        {"metric": metric, **{name: _value(row[name]) for name in _VERSION}} for metric, row in chosen.items()
    ]
    store.engine.materialise("score_versions", constant_rows("score_versions", rows))
    recent: dict[str, Value] = {"recent_days": RECENT_DAYS}
    store.engine.materialise("scored_contacts", statement("scored_contacts", values=recent))
    names = {**dict(zip(METRICS, METRICS, strict=True)), **items}
    sums = {split: score_sums(store, "scored_contacts", by=split) for split in SPLITS}
    level = store.engagement.definitions.level
    response = _response(_of(versions, chosen), level=level)
    asked_with = _of(store.engine.run(statement("item_counts")), chosen)
    response = pd.concat([response, *_of_items(response, asked_with, items, sums)], ignore_index=True)
    for item in items:
        scales[item] = Scale(np.nan, np.nan, "higher_is_better", 1.0, 0)
    return Answers(MappingProxyType(scales), MappingProxyType(names), response, MappingProxyType(sums))


def _items(store: Store) -> dict[str, str]:
    """Item columns and the rated items they hold, as the engagement names them."""
    names = [name for name in store.engagement.attributes.surveys if store.is_filled("surveys", plain_name(name))]
    return dict(zip(ITEMS, names, strict=False))


def _with_items(items: Mapping[str, str]) -> exp.Query:
    """The columns of rated items, empty in the template, filled with those of the loaded surveys."""
    tree = template("asked_contacts")
    questions = next(part.this for part in tree.ctes if part.alias == "questions")
    for column in questions.expressions:
        if column.alias_or_name in items:
            name = exp.column(exp.to_identifier(plain_name(items[column.alias_or_name]), quoted=True))
            column.set("this", exp.cast(name, "double"))
    return tree


def _chosen(totals: pd.DataFrame) -> tuple[dict[str, Scale], dict[str, Mapping[str, object]]]:
    """By metric the version with most answers: other scales or directions are another question, and left out."""
    scales: dict[str, Scale] = {}
    chosen: dict[str, Mapping[str, object]] = {}
    for metric in METRICS:
        own = totals[totals["metric"] == metric]
        fit = own[_recommends(own)] if metric == "nps" else own
        fit = fit[fit["value"] > 0].sort_values(["value", *_VERSION], ascending=[False, True, True, True])
        if fit.empty:
            continue
        row = fit.iloc[0]
        usual = _NPS_SCALE if metric == "nps" else (np.nan, np.nan)
        low, high = (usual[n] if pd.isna(row[name]) else float(row[name]) for n, name in enumerate(_VERSION[:2]))
        better = "higher_is_better" if pd.isna(row["direction"]) else str(row["direction"])
        elsewhere = int(own["value"].sum() - row["value"])
        scales[metric] = Scale(low, high, better, float(row["named"] / row["value"]), elsewhere)
        chosen[metric] = {name: row[name] for name in _VERSION}
    return scales, chosen


def _recommends(versions: pd.DataFrame) -> pd.Series:
    """From 0 to 10, more is better: all else is no net promoter score."""
    low, high = versions["scale_low"].fillna(_NPS_SCALE[0]), versions["scale_high"].fillna(_NPS_SCALE[1])
    return (low == _NPS_SCALE[0]) & (high == _NPS_SCALE[1]) & (versions["direction"] != "lower_is_better")


def _of(versions: pd.DataFrame, chosen: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """The rows of the chosen versions."""
    kept = pd.Series(False, index=versions.index)
    for metric, row in chosen.items():
        same = versions["metric"] == metric
        for name, value in row.items():
            same &= versions[name].isna() if pd.isna(value) else versions[name] == value  # type: ignore[call-overload]
        kept |= same
    return versions[kept].reset_index(drop=True)


def _response(versions: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Who answered of those who were asked, by metric and cell."""
    shares = share_from_sums(ClusterSums.from_frame(versions), level=level)
    return versions[["metric", "cell"]].astype("str").assign(
        asked=versions["weight"], answers=versions["value"], customers=versions["clusters"].astype("float64"),
        share=shares.value, low=shares.low, high=shares.high, level=level,
    )  # fmt: skip


def _of_items(
    response: pd.DataFrame, asked_with: pd.DataFrame, items: Mapping[str, str], sums: Mapping[str, pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    """The same for rated items: asked with the metrics that they are ever answered with."""
    for item in items:
        metrics = asked_with.loc[asked_with[item] > 0, "metric"].astype("str")
        table = response[response["metric"].isin(metrics)].groupby("cell")[["asked", "customers"]].sum()
        given = pd.concat([part[part["metric"] == item] for part in sums.values()]).set_index("cell")["weight"]
        table["answers"] = given.reindex(table.index).fillna(0.0)
        table["share"] = table["answers"] / table["asked"]
        # The customers asked stand for the questions: several of one customer are no more than one.
        level = float(response["level"].iloc[0])
        limits = wilson_of_share(table["share"], table["customers"], critical=normal_critical(level))
        yield table.assign(low=limits.low, high=limits.high, metric=item, level=level).reset_index()


def _value(value: object) -> Value:
    return None if pd.isna(value) else value  # type: ignore[call-overload, return-value]
