"""What the figures on waiting say, in named fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.vocabulary import SUPPRESSED

_MOST_CHANNELS = 3
"""Channels a reading speaks of, busiest first."""

_A_MINUTE = 60

_APART = 0.005
"""Formulas of the service level that give figures nearer than half a point are not told apart."""

_LUCK = 0.05
"""How many of the hours that are said to stand out may be luck."""


def queue_headline(frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """The busiest queue in one sentence."""
    for row in _channels(frames["queue"]):
        if row["grade"] == "D" or known(row["abandoned_share"]) is None:
            continue
        given: dict[str, Field] = {"channel": str(row["channel"]), "abandoned": _figure(row, "abandoned_share")}
        if known(row["service_level"]) is None:
            return (_finding("abandoned", given, row),)
        given["service_level"] = _figure(row, "service_level", of="judged")
        given["within_seconds"] = float(row["within_seconds"])
        return (_finding("overall", given, row),)
    return ()


def queue_readings(frames: Mapping[str, pd.DataFrame]) -> Mapping[str, tuple[Finding, ...]]:
    """What stands beside the figures: by frame."""
    queue = frames["queue"]
    return MappingProxyType(
        {
            "queue": tuple(_about_queue(queue)),
            "patience": tuple(_about_patience(queue, frames["patience"])),
            "queue_hours": tuple(_about_hours(frames["queue_hours"])),
        }
    )


def queue_cannot_tell(frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """What these data leave open about waiting."""
    queue = frames["queue"]
    if queue.empty:
        return (Finding("channel_queue.no_waits"),)
    told = queue[queue["grade_reasons"] != SUPPRESSED]
    found = []
    if len(told) and not told["abandoned_share"].notna().any():
        found.append(Finding("channel_queue.no_abandonment"))
    if len(frames["patience"]):
        found.append(Finding("channel_queue.patience_assumes"))
    found.append(Finding("channel_queue.turned_away"))
    return tuple(found)


def _about_queue(queue: pd.DataFrame) -> Iterator[Finding]:
    for row in _channels(queue):
        yield from _about_channel(row)


def _about_channel(row: Row) -> Iterator[Finding]:
    channel: dict[str, Field] = {"channel": str(row["channel"])}
    if known(row["abandoned_share"]) is not None:
        yield _finding("abandoned", {**channel, "abandoned": _figure(row, "abandoned_share")}, row)
    if known(row["mean_wait"]) is not None:
        waits = {name: _figure(row, name, kind="seconds", of="waits") for name in ("mean_wait", "p50_wait")}
        waits["p90_wait"] = _figure(row, "p90_wait", kind="seconds", of="waits")
        yield _finding("waits", {**channel, **waits}, row)
    if known(row["service_level"]) is None:
        return
    given: dict[str, Field] = {
        **channel,
        "within_seconds": float(row["within_seconds"]),
        "service_level": _figure(row, "service_level", of="judged"),
    }
    if row["verdict"] in ("above", "below", "undecided"):
        yield _finding(f"target_{row['verdict']}", {**given, "target": _target(row)}, row)
    others = [known(row[f"service_level_{name}"]) for name in ("less_short", "of_answered")]
    if any(other is not None and abs(other - float(row["service_level"])) >= _APART for other in others):
        given["less_short"] = _figure(row, "service_level_less_short", of="judged")
        given["of_answered"] = _figure(row, "service_level_of_answered", of="waits")
        yield _finding("formulas", given, row)


def _about_patience(queue: pd.DataFrame, patience: pd.DataFrame) -> Iterator[Finding]:
    for row in _channels(queue):
        own = patience[(patience["channel"] == row["channel"]) & patience["still_waiting"].notna()]
        if own.empty:
            continue
        channel: dict[str, Field] = {"channel": str(row["channel"])}
        contacts = float(own["contacts"].iloc[0])
        if not own["events"].max() > 0:
            watched: dict[str, Field] = {**channel, "contacts": int(contacts)}
            yield _finding("nobody_gave_up", {**watched, "seconds": float(own["seconds"].max())}, records(own)[-1])
            continue
        minute = own[own["seconds"] == _A_MINUTE]
        for at in records(minute):
            still = Quantity("share", float(at["still_waiting"]), float(at["low"]), float(at["high"]), contacts)
            yield _finding("still_waiting", {**channel, "still_waiting": still, "seconds": _A_MINUTE}, at)
        if known(row["median_patience"]) is not None:
            value, low, high = (known(row[f"median_patience{end}"]) for end in ("", "_low", "_high"))
            median = Quantity("seconds", value, low, high, denominator=contacts)
            naive = known(row["mean_wait_abandoned"])
            given: dict[str, Field] = {**channel, "median": median}
            if naive is None or naive >= float(row["median_patience"]):
                yield _finding("median_patience", given, row)
                continue
            given["gave_up"] = Quantity("seconds", naive, denominator=float(row["abandoned"]))
            yield _finding("median_patience_longer", given, row)
            continue
        last = records(own.tail(1))[0]
        still = Quantity("share", float(last["still_waiting"]), float(last["low"]), float(last["high"]), contacts)
        yield _finding("patience_open", {**channel, "still_waiting": still, "seconds": float(last["seconds"])}, last)


def _about_hours(hours: pd.DataFrame) -> Iterator[Finding]:
    """Of each channel the worst hour among those that surely differ from the whole, or that none does."""
    told = hours[hours["offered"].fillna(0) + hours["waits"].fillna(0) > 0]
    for channel in _busiest(told.groupby("channel")["judged"].sum()):
        rows = told[told["channel"] == channel]
        by = "abandoned_share" if rows["abandoned_share"].gt(0).any() else "mean_wait"
        rows = rows.dropna(subset=[by])
        if len(rows) < 2:
            continue
        sure = rows[(rows["q_value"] <= _LUCK) & (rows["grade"] != "D") & (rows[by] > rows[by].median())]
        if sure.empty:
            yield Finding("channel_queue.hours_alike", {"channel": channel})
            continue
        row = records(sure.sort_values([by, "kind_of_day", "hour"], ascending=[False, True, True]))[0]
        given: dict[str, Field] = {
            "channel": channel,
            "kind_of_day": str(row["kind_of_day"]),
            "hour": int(row["hour"]),
            "until": (int(row["hour"]) + 1) % 24,
        }
        if by == "mean_wait":
            wait = _figure(row, "mean_wait", kind="seconds", of="waits")
            yield _finding("longest_hour", {**given, "mean_wait": wait}, row)
            continue
        yield _finding("worst_hour", {**given, "abandoned": _figure(row, "abandoned_share")}, row)
    if len(told):
        yield Finding("channel_queue.local_hours")


def _channels(queue: pd.DataFrame) -> list[Row]:
    """The busiest channels that are told."""
    told = queue[(queue["grade_reasons"] != SUPPRESSED) & (queue["attempts"] > 0)]
    rows = {str(row["channel"]): row for row in records(told)}
    return [rows[channel] for channel in _busiest(told.set_index("channel")["attempts"])]


def _busiest(counts: pd.Series) -> list[str]:
    ordered = counts.sort_index().sort_values(ascending=False, kind="stable")
    return [str(name) for name in ordered.index[:_MOST_CHANNELS]]


def _figure(row: Row, name: str, *, kind: QuantityKind = "share", of: str = "offered") -> Quantity:
    """A column with its limits; `of` names the column it is taken over."""
    value, low, high = (known(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return Quantity(kind, value, low, high, float(row[of]), str(row["grade"]))


def _target(row: Row) -> Quantity:
    return Quantity("share", float(row["threshold"]), denominator=float(row["judged"]))


def _finding(key: str, given: Mapping[str, Field], row: Row) -> Finding:
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    return Finding(f"channel_queue.{key}", given, str(row["grade"]), reasons)
