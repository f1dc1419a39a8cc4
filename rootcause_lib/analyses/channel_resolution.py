"""Which channel settles matters at first contact, and how customers move between channels?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import pandas as pd

from rootcause_lib import recontact
from rootcause_lib.analyses.channel_checks import resolution_checks
from rootcause_lib.analyses.channel_findings import resolution_cannot_tell, resolution_headline
from rootcause_lib.analyses.channel_grades import graded_resolution
from rootcause_lib.estimates import estimate, with_totals
from rootcause_lib.findings import Check, Finding
from rootcause_lib.journeys import Following, day_number, find_cases, following
from rootcause_lib.metrics import CATALOGUE, metric
from rootcause_lib.metrics.naive import naive_resolution, own_flag
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, MATCHING_RULES

CURVE_DAYS = 30
"""How far the recontact curve is drawn, unless the window is longer."""

_BESIDE = tuple(key for key in CATALOGUE if key != "first_contact_resolution")


@dataclass(frozen=True, slots=True)
class ChannelResolution:
    """What the analysis found; frames as in the data dictionary. `all` in channel or reason marks a total.

    resolution: shares quiet, came_back, left at the window. recontact: the same by day. mature: first-contact
    resolution of contacts whose window is over, adding up over channel and reason. flow and settled: where
    customers went. metrics: the other metrics by channel. naive: what the usual computation gives.
    """

    period: Period
    following: Following
    resolution: pd.DataFrame
    recontact: pd.DataFrame
    mature: pd.DataFrame
    flow: pd.DataFrame
    settled: pd.DataFrame
    metrics: pd.DataFrame
    naive: pd.DataFrame
    key_numbers: pd.DataFrame
    checks: tuple[Check, ...]
    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    analysis: str = "channel_resolution"

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every public frame by name."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return MappingProxyType({name: value for name, value in found.items() if isinstance(value, pd.DataFrame)})


def analyse_channel_resolution(
    store: Store,
    *,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    window_days: int | None = None,
    matching: str | None = None,
) -> ChannelResolution:
    """First-contact resolution by channel, recontact curves, flow between channels, and the metrics beside them.

    `start` and `end` (local days, included) select the contacts judged; their follow-up is read to the end
    of the data. `window_days` and `matching` default to the engagement's. Raises ParameterError for a
    period without data, an unknown rule or a window outside 1 to 365 days.
    """
    period = store.period(start, end)
    followed = following(store.engagement, store.extent, matching=matching, window_days=window_days)
    shares, recontacts = _curves(store, followed, period)
    mature = _mature(store, followed, period)
    resolution = graded_resolution(store, shares, followed)
    find_cases(store.engine, followed)
    parts = {
        "resolution": resolution,
        "recontact": recontacts,
        "mature": mature,
        "flow": _shares(store, "next_channels", followed, period),
        "settled": _shares(store, "settled_channels", followed, period),
        "metrics": _metrics(store, followed, period),
        "naive": _naive(store, followed, period),
    }
    return ChannelResolution(
        period=period,
        following=followed,
        **parts,
        key_numbers=_key_numbers(mature, parts["metrics"]),
        checks=resolution_checks(store, resolution, parts["metrics"], followed),
        headline=resolution_headline(store, parts, followed),
        cannot_tell=resolution_cannot_tell(store, followed),
    )


def available_rules(store: Store) -> tuple[str, ...]:
    """The matching rules the data allow."""
    have = {"any": store.extent.contacts > 0, "reason": store.extent.coded > 0, "case": store.extent.with_case > 0}
    return tuple(rule for rule in MATCHING_RULES if have[rule])


def _curves(store: Store, followed: Following, period: Period) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares at the window (all rules; by reason too under the chosen one), and the came-back curve by day."""
    shares, days = [], []
    for rule in dict.fromkeys((followed.matching, *available_rules(store))):
        asked = Following(rule, followed.window_days, followed.own_windows)
        horizon = max(CURVE_DAYS, followed.window_days)
        recontact.watch(store, asked, period=period, horizon_days=horizon)
        for by in ((), ("channel",)):
            table = _curve(store, asked, by=by, horizon_days=horizon)
            days.append(table)
            shares.append(table[table["day"] == followed.window_days])
        if rule == followed.matching:
            shares += _by_reason(store, asked, period)
    found = pd.concat(shares, ignore_index=True)
    every = pd.concat(days, ignore_index=True)
    came_back = every[every["outcome"] == "came_back"].rename(columns={"value": "repeat_share"})
    columns = ["channel", "match", "day", "repeat_share", "low", "high", "at_risk", "events", "expected_by_chance"]
    return found, came_back[columns].reset_index(drop=True)


def _by_reason(store: Store, asked: Following, period: Period) -> list[pd.DataFrame]:
    """Shares at the window by reason and by channel and reason; watched no further than the window."""
    recontact.watch(store, asked, period=period, horizon_days=asked.window_days)
    tables = [
        _curve(store, asked, by=by, horizon_days=asked.window_days) for by in (("reason",), ("channel", "reason"))
    ]
    return [table[(table["day"] == asked.window_days) & (table["reason"] != "")] for table in tables]


def _curve(store: Store, asked: Following, *, by: tuple[str, ...], horizon_days: int) -> pd.DataFrame:
    level = store.engagement.definitions.level
    table = recontact.curves(store, by=by, horizon_days=horizon_days, level=level)
    chance = recontact.chance(store, asked, by=by, horizon_days=horizon_days)
    table = table.merge(chance, on=[*by, "day"], how="left")
    for dimension in ("channel", "reason"):
        if dimension not in by:
            table[dimension] = ALL
    return table.assign(match=asked.matching, level=level)


def _mature(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    asked = metric("first_contact_resolution").at(followed.values)
    splits = [
        estimate(store, [asked], by=by, period=period)
        for by in ((), ("channel",), ("reason",), ("channel", "reason"))
    ]
    return with_totals(*splits, dimensions=("channel", "reason"))


def _metrics(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    """The other metrics by channel; one nobody can answer from these data has no rows."""
    asked = [
        metric(key).at(followed.values) if "matching" in metric(key).values else metric(key) for key in _BESIDE
    ]
    splits = [estimate(store, asked, by=by, period=period) for by in ((), ("channel",))]
    table = with_totals(*splits, dimensions=("channel",))
    return table[table["denominator"] > 0].reset_index(drop=True)


def _naive(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    """Usual computations: name, value, low, high, numerator, denominator, why."""
    usual = naive_resolution(matching=followed.matching, window_days=followed.window_days)
    table = estimate(store, usual, period=period)
    table = table[table["denominator"] > 0].rename(columns={"metric": "name"})
    columns = ["name", "value", "low", "high", "numerator", "denominator", "unobserved", "method"]
    return table[columns].assign(why=table["name"]).reset_index(drop=True)


def _shares(store: Store, name: str, followed: Following, period: Period) -> pd.DataFrame:
    """Shares of a from-channel's contacts (cases) by where they went, with customer-robust intervals."""
    values = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    if name == "next_channels":
        values |= followed.values  # type: ignore[arg-type]
    sums = store.engine.run(statement(name, values=values))
    keys, counted = (["from_channel", "to_channel"], "contacts") if name == "next_channels" else (
        ["opened_in", "settled_in"], "cases",
    )  # fmt: skip
    ratios = share_from_sums(ClusterSums.from_frame(sums), level=store.engagement.definitions.level)
    table = sums[keys].astype("str").assign(
        **{counted: sums["value"].astype("float64"), "share": ratios.value, "low": ratios.low, "high": ratios.high},
        denominator=sums["weight"].astype("float64"),
        customers=sums["clusters"].astype("float64"),
        method=ratios.method.astype(str),
    )
    return table.sort_values(keys, kind="stable").reset_index(drop=True)


def own_flag_by_channel(store: Store, period: Period) -> pd.DataFrame:
    """Estimates of the client's own mark, in all and by channel."""
    splits = [estimate(store, [own_flag()], by=by, period=period) for by in ((), ("channel",))]
    return with_totals(*splits, dimensions=("channel",))


def _key_numbers(mature: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """What the next run will want to compare with: totals and channels."""
    ours = mature[mature["reason"] == ALL].drop(columns="reason")
    return pd.concat([ours, metrics], ignore_index=True)
