"""Resolution at the window, recontact by day, moves between channels and the metrics beside them, as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from rootcause_lib import recontact
from rootcause_lib.analyses.channel_resolution import moves
from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.analyses.channel_resolution.checks import resolution_checks
from rootcause_lib.analyses.channel_resolution.findings import (
    resolution_cannot_tell,
    resolution_headline,
    resolution_readings,
)
from rootcause_lib.analyses.channel_resolution.grades import compared, graded_recontact, graded_resolution
from rootcause_lib.analyses.channel_resolution.protection import protected_channels
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.estimates import estimate, with_totals
from rootcause_lib.journeys import Following
from rootcause_lib.metrics import CATALOGUE, metric
from rootcause_lib.metrics.naive import naive_resolution
from rootcause_lib.periods import Period
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, MATCHING_RULES

CURVE_DAYS = 30
"""How far the recontact curve is drawn, unless the window is longer."""

_BESIDE = tuple(key for key in CATALOGUE if key != "first_contact_resolution")


def resolution(asked: Asked) -> Part:
    """The part on resolution itself: how many cases need one contact, how soon customers return, where they go."""
    store, followed = asked.store, asked.followed
    counted = _resolution_frames(store, followed, asked.period)
    shown = protected_channels(counted, hidden=asked.hidden, smallest=asked.smallest)
    return Part(
        frames=shown,
        readings=resolution_readings(store, shown, followed),
        headline=resolution_headline(store, shown, followed),
        checks=resolution_checks(store, counted["resolution"], shown["resolution"], followed),
        cannot_tell=resolution_cannot_tell(store, followed),
    )


def _resolution_frames(store: Store, followed: Following, period: Period) -> dict[str, pd.DataFrame]:
    """Every frame with all its numbers, by name."""
    metrics = _metrics(store, followed, period)
    return {
        "resolution": graded_resolution(store, _shares_at_window(store, followed, period), followed),
        "recontact": _recontact(store, followed, period),
        "mature": _mature(store, followed, period),
        "flow": moves.flow(store, followed, period, metrics=metrics),
        "settled": moves.settled(store, followed, period, metrics=metrics),
        "metrics": metrics,
        "naive": _naive(store, followed, period),
    }


@dataclass(frozen=True, slots=True)
class ResolutionCurves:
    """The frames that answer to window and rule alone: what an explorer asks for again and again."""

    resolution: pd.DataFrame
    recontact: pd.DataFrame

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Both by name."""
        return public_frames(self)


def resolution_curves(store: Store, followed: Following, period: Period) -> ResolutionCurves:
    """`resolution` and `recontact` of `ChannelResolution`, without the rest of it."""
    resolution = graded_resolution(store, _shares_at_window(store, followed, period), followed)
    asked = asked_about(store, period, followed)
    counted = {"resolution": resolution, "recontact": _recontact(store, followed, period)}
    shown = protected_channels(counted, hidden=asked.hidden, smallest=asked.smallest)
    return ResolutionCurves(shown["resolution"], shown["recontact"])


def available_rules(store: Store) -> tuple[str, ...]:
    """The matching rules the data allow."""
    have = {"any": store.extent.contacts > 0, "reason": store.extent.coded > 0, "case": store.extent.with_case > 0}
    return tuple(rule for rule in MATCHING_RULES if have[rule])


def _shares_at_window(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    """Quiet, came back, left at the window among contacts that open a case; by reason too under the chosen rule."""
    shares = []
    for asked in _every_rule(store, followed):
        splits: list[tuple[str, ...]] = [(), ("channel",)]
        if asked == followed:
            splits += [("reason",), ("channel", "reason")]
        recontact.watch(store, asked, among="openers", period=period, horizon_days=followed.window_days)
        for table in _curves(store, asked, splits, horizon_days=followed.window_days):
            shares.append(table[(table["day"] == followed.window_days) & (table["reason"] != "")])
    return pd.concat(shares, ignore_index=True)


def _recontact(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    """The came-back curve of every judged contact by day: no left edge to lose, so short extracts have one too."""
    horizon = max(CURVE_DAYS, followed.window_days)
    days = []
    for asked in _every_rule(store, followed):
        recontact.watch(store, asked, among="every", period=period, horizon_days=horizon)
        days += _curves(store, asked, [(), ("channel",)], horizon_days=horizon)
    every = pd.concat(days, ignore_index=True)
    came_back = every[every["outcome"] == "came_back"].rename(columns={"value": "repeat_share"})
    columns = ["channel", "match", "window_days", "day", "repeat_share", "low", "high", "level", "at_risk", "events"]
    columns += ["contacts", "unobserved", "customers", "method"]
    ordered = came_back.assign(window_days=followed.window_days, _match=came_back["match"] != followed.matching)
    ordered["_split"] = ordered["channel"] != ALL
    ordered = ordered.sort_values(["_match", "match", "_split", "channel", "day"], kind="stable")
    return graded_recontact(store, ordered[[*columns, "expected_by_chance"]].reset_index(drop=True))


def _every_rule(store: Store, followed: Following) -> tuple[Following, ...]:
    """The chosen rule first, then the others the data allow, at the same window."""
    rules = dict.fromkeys((followed.matching, *available_rules(store)))
    return tuple(replace(followed, matching=rule) for rule in rules)


def _curves(
    store: Store, asked: Following, splits: Sequence[tuple[str, ...]], *, horizon_days: int
) -> list[pd.DataFrame]:
    """Curves of the contacts watched for each split, with what chance would bring beside."""
    level = store.engagement.definitions.level
    found = []
    tables = recontact.curves_by(store, splits, horizon_days=horizon_days, level=level)
    chances = recontact.chances_by(store, asked, splits, horizon_days=horizon_days)
    for by, table, chance in zip(splits, tables, chances, strict=True):
        totals = {name: ALL for name in ("channel", "reason") if name not in by}
        found.append(
            table.merge(chance, on=[*by, "day"], how="left").assign(**totals, match=asked.matching, level=level)
        )
    return found


def _mature(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    asked = metric("first_contact_resolution").at(followed.values)
    splits = [
        estimate(store, [asked], by=by, period=period) for by in ((), ("channel",), ("reason",), ("channel", "reason"))
    ]
    return compared(store, with_totals(*splits, dimensions=("channel", "reason")))


def _metrics(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    """The other metrics by channel; one nobody can answer from these data has no rows."""
    asked = [metric(key).at(followed.values) if "matching" in metric(key).values else metric(key) for key in _BESIDE]
    splits = [estimate(store, asked, by=by, period=period) for by in ((), ("channel",))]
    table = compared(store, with_totals(*splits, dimensions=("channel",)))
    return table[table["denominator"] > 0].reset_index(drop=True)


def _naive(store: Store, followed: Following, period: Period) -> pd.DataFrame:
    """Usual computations: name, value, low, high, numerator, denominator, why."""
    usual = naive_resolution(matching=followed.matching, window_days=followed.window_days)
    table = estimate(store, usual, period=period)
    table = table[table["denominator"] > 0].rename(columns={"metric": "name"})
    columns = ["name", "value", "low", "high", "numerator", "denominator", "unobserved", "method"]
    return table[columns].assign(why=table["name"]).reset_index(drop=True)
