"""The jobs in plain pandas, as its documentation teaches: sort, group, shift, merge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from answers import plain_rows
from settings import (
    DAILY_CAP,
    DAY,
    FROM_DAY,
    FROM_SECONDS,
    HORIZON_DAYS,
    LEG_GAP_SECONDS,
    UNTIL_SECONDS,
    WINDOW_DAYS,
)

_FIRST = [
    "contact_id",
    "row_is",
    "started_on",
    "started_hour",
    "channel",
    "direction",
    "wait_seconds",
    "case_id",
    "complained",
]
_LAST = ["reason", "reason_group", "agent_id", "team"]
_WHOLE_SUMS = ["handle_seconds", "wrap_up_seconds", "cost"]
"""Unknown where any part is."""

_EPOCH = pd.Timestamp("1970-01-01")


def stitch(folder: Path, columns: list[str]) -> pd.DataFrame:
    """The stitched table in memory, of the loaded tables as Parquet."""
    contacts = _read(folder / "contacts.parquet")
    inbound = contacts["customer_key"].notna() & (contacts["direction"] == "inbound")
    per_day = contacts[inbound].groupby(["customer_key", "started_on"]).size()
    shared = per_day[per_day > DAILY_CAP].index.get_level_values(0).unique()
    contacts = _merged(contacts, _legs(contacts[inbound & ~contacts["customer_key"].isin(shared)], contacts))
    own = contacts.loc[
        contacts["customer_key"].notna()
        & (contacts["direction"] == "inbound")
        & ~contacts["customer_key"].isin(shared),
        ["contact_key", "customer_key", "reason", "channel", "started_seconds", "ended_seconds", "abandoned"],
    ]
    answered = ~own["abandoned"].fillna(False).astype(bool)
    own = own.assign(
        answered_starts=own["started_seconds"].where(answered), answered_ends=own["ended_seconds"].where(answered)
    )
    for keys, rule in ((["customer_key"], "any"), (["customer_key", "reason"], "reason")):
        contacts = contacts.merge(_neighbours(own, keys, rule), on="contact_key", how="left")
    contacts["customer_key"] = contacts["customer_key"].where(~contacts["customer_key"].isin(shared))
    contacts["started_day"] = _days(contacts["started_on"])
    return _finished(contacts, folder)[columns]


def _read(file: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Types that know a missing value, so that keys stay whole numbers; few labels as categories."""
    frame = pd.read_parquet(file, columns=columns, dtype_backend="numpy_nullable")
    labels = [name for name in ("channel", "direction", "reason", "row_is", "team", "segment") if name in frame]
    return frame.astype(dict.fromkeys(labels, "category"))


def _legs(own: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    spoken = contacts.loc[
        contacts["conversation_id"].notna(), ["contact_key", "conversation_id", "started_seconds", "contact_id"]
    ].sort_values(["conversation_id", "started_seconds", "contact_id"])
    groups = spoken.groupby("conversation_id", sort=False)["contact_key"]
    spoken = spoken.assign(first_key=groups.transform("first"), size=groups.transform("size"))
    conversations = spoken.loc[spoken["size"] > 1, ["contact_key", "first_key"]]
    turns = own[
        ["contact_key", "customer_key", "channel", "started_seconds", "ended_seconds", "transfers", "conversation_id"]
    ]
    turns = turns.sort_values("contact_key")
    before = turns.shift()
    gap = turns["started_seconds"] - before["ended_seconds"]
    follows = (
        (before["customer_key"] == turns["customer_key"])
        & (before["channel"].astype("object") == turns["channel"].astype("object"))
        & (before["transfers"] > 0)
        & gap.between(0, LEG_GAP_SECONDS)
        & turns["conversation_id"].isna()
        & before["conversation_id"].isna()
    ).fillna(False)
    pairs = pd.DataFrame({"contact_key": turns["contact_key"][follows], "earlier": before["contact_key"][follows]})
    chained = pd.Series(False, index=pd.Index(pairs["earlier"])).combine_first(
        pd.Series(True, index=pairs["contact_key"])
    )
    chained = pd.Series(chained.index.isin(pairs["contact_key"]), index=chained.index).sort_index()
    keys = pd.Series(chained.index, index=chained.index)
    legs = pd.DataFrame({"contact_key": keys, "first_key": keys.where(~chained).ffill()})
    return pd.concat([conversations, legs], ignore_index=True).astype("Int64")


def _merged(contacts: pd.DataFrame, legs: pd.DataFrame) -> pd.DataFrame:
    contacts = contacts.drop(columns=["channel_label"])
    together = contacts.merge(legs, on="contact_key").sort_values(["first_key", "started_seconds", "contact_id"])
    groups = together.groupby("first_key")
    heads, tails = groups.nth(0).set_index("first_key"), groups.nth(-1).set_index("first_key")
    merged = heads[_FIRST].copy()
    merged["customer_key"] = heads["customer_key"].fillna(groups["customer_key"].min())
    merged["started_seconds"], merged["ended_seconds"] = groups["started_seconds"].min(), groups["ended_seconds"].max()
    for name in _LAST:
        merged[name] = (
            tails[name].astype("object").fillna(together[name].astype("object").groupby(together["first_key"]).first())
        )
    merged["revenue"] = groups["revenue"].sum(min_count=1)
    merged[_WHOLE_SUMS] = groups[_WHOLE_SUMS].sum().where(groups[_WHOLE_SUMS].count().eq(groups.size(), axis=0))
    for name, how in (("abandoned", "min"), ("reopened", "max"), ("repeated_information", "max")):
        merged[name] = together[name].astype("Float64").groupby(together["first_key"]).agg(how).astype("boolean")
    merged["legs"] = groups.size().astype("Int64")
    merged["transfers"] = np.maximum(groups["transfers"].sum(), merged["legs"] - 1)
    merged["resolved"], merged["complained"] = tails["resolved"], heads["complained"]
    merged = merged.reset_index().rename(columns={"first_key": "contact_key"})
    alone = contacts[~contacts["contact_key"].isin(legs["contact_key"])].drop(columns="conversation_id").assign(legs=1)
    merged = merged[alone.columns].astype({name: alone[name].dtype for name in alone.columns if name != "team"})
    return pd.concat([alone, merged], ignore_index=True).astype({"team": "category"})


def _neighbours(own: pd.DataFrame, keys: list[str], rule: str) -> pd.DataFrame:
    own = own.sort_values([*keys, "started_seconds", "contact_key"])
    groups = own.groupby(keys, sort=False, dropna=False, observed=True)
    own["latest"], backwards = groups["answered_ends"].cummax(), own.iloc[::-1]
    back = backwards.groupby(keys, sort=False, dropna=False, observed=True)["answered_starts"].cummin()
    # A running extreme leaves its gaps open: the last one seen holds.
    latest = own.groupby(keys, sort=False, dropna=False, observed=True)["latest"].ffill()
    own["latest"], own["soonest"] = latest, back
    own["soonest"] = own.groupby(keys, sort=False, dropna=False, observed=True)["soonest"].bfill()
    shifted = own.groupby(keys, sort=False, dropna=False, observed=True)[
        ["latest", "soonest", "channel", "started_seconds"]
    ]
    before, after = shifted.shift(), shifted.shift(-1)
    return pd.DataFrame(
        {
            "contact_key": own["contact_key"],
            f"{rule}_earlier": before["latest"],
            f"previous_{rule}_channel": before["channel"],
            f"{rule}_later": after["started_seconds"],
            f"{rule}_answered": after["soonest"],
            f"next_{rule}_channel": after["channel"],
        }
    )


def _days(dates: pd.Series) -> pd.Series:
    return ((pd.to_datetime(dates) - _EPOCH) // pd.Timedelta(days=1)).astype("Int64")


def _spells(folder: Path) -> pd.DataFrame:
    columns = ["customer_key", "segment", "joined_on", "left_on", "leave_reason"]
    customers = _read(folder / "customers.parquet", columns)
    customers = customers[customers["customer_key"].notna()]
    customers = customers.assign(joined_day=_days(customers["joined_on"]), left=_days(customers["left_on"]))
    customers = customers.assign(
        order=customers["joined_day"].fillna(-1_000_000), last=customers["left"].fillna(1 << 40)
    )
    customers = customers.sort_values(["customer_key", "order", "last"])
    before, after = customers["customer_key"].shift(), customers["customer_key"].shift(-1)
    kind = customers["leave_reason"].fillna("choice")
    return pd.DataFrame(
        {
            "customer_key": customers["customer_key"],
            "segment": customers["segment"],
            "joined_day": customers["joined_day"],
            "first_day": customers["order"].where((before == customers["customer_key"]).fillna(False), -1_000_000),
            "last_day": (customers["joined_day"].shift(-1) - 1)
            .where((after == customers["customer_key"]).fillna(False))
            .fillna(10_000_000),
            "left_day": customers["left"].where(kind != "moved_within"),
            "by_choice": kind == "choice",
        }
    )


def _finished(contacts: pd.DataFrame, folder: Path) -> pd.DataFrame:
    contacts = contacts.merge(_spells(folder), on="customer_key", how="left")
    day = contacts["started_day"]
    inside = (contacts["first_day"].isna() | ((day >= contacts["first_day"]) & (day <= contacts["last_day"]))).fillna(
        True
    )
    contacts = contacts[inside.astype(bool)]
    settings, costs = _read(folder / "reason_settings.parquet"), _read(folder / "channel_costs.parquet")
    contacts = contacts.merge(settings.astype({"reason": "object"}), on="reason", how="left")
    contacts = contacts.merge(costs.astype({"channel": "object"}), on="channel", how="left")
    starts, ends, coded = contacts["started_seconds"], contacts["ended_seconds"], contacts["reason"].notna()
    offset = contacts["started_day"] * DAY + contacts["started_hour"].astype("Int64") * 3600 - starts // 3600 * 3600
    leaves, chosen = (contacts["left_day"] + 1) * DAY - offset, contacts["by_choice"].astype("boolean")
    early = (~chosen & (leaves < UNTIL_SECONDS) & (leaves > ends)).fillna(False)
    later = (chosen & (leaves > starts)).fillna(False)
    moment = pd.to_datetime(contacts["started_on"])
    full = (
        contacts["cost"]
        .fillna(contacts["per_contact"])
        .fillna(contacts["per_handle_second"] * contacts["handle_seconds"])
    )
    judged = (
        contacts["customer_key"].notna() & (contacts["direction"] == "inbound") & ~contacts["abandoned"].fillna(False)
    )
    found = contacts.assign(
        started_week=(contacts["started_day"] + 3) // 7 * 7 - 3,
        started_month=(moment.dt.year * 12 + moment.dt.month - 1).astype("Int64"),
        identified=contacts["customer_key"].notna(),
        judged=judged,
        default_code=contacts["default_code"].fillna(False).where(coded),
        full_cost=full,
        history_seconds=(starts - FROM_SECONDS).where(~(contacts["joined_day"] >= FROM_DAY).fillna(False)),
        follow_up_seconds=(leaves - ends).where(early, (UNTIL_SECONDS - ends).clip(lower=0)),
        left_seconds=(leaves - ends).clip(lower=0).where(later),
        **dict.fromkeys(
            ("case_key", "previous_case_seconds", "next_case_seconds", "next_case_answered_seconds"), pd.NA
        ),
        **dict.fromkeys(("previous_case_channel", "next_case_channel"), pd.NA),
    )
    everywhere = pd.Series(True, index=found.index)
    for rule, there in (("any", everywhere), ("reason", found["reason"].notna())):
        found[f"previous_{rule}_seconds"] = (starts - found[f"{rule}_earlier"]).clip(lower=0).where(there)
        found[f"next_{rule}_seconds"] = (found[f"{rule}_later"] - ends).clip(lower=0).where(there)
        found[f"next_{rule}_answered_seconds"] = (found[f"{rule}_answered"] - ends).clip(lower=0).where(there)
        for name in (f"previous_{rule}_channel", f"next_{rule}_channel"):
            found[name] = found[name].where(there)
    return found


def resolution(stitched: pd.DataFrame) -> list[list[object]]:
    window, previous = WINDOW_DAYS * DAY, stitched["previous_any_seconds"]
    known = (
        stitched["judged"]
        & (previous > window).fillna(True)
        & (previous.notna() | (stitched["history_seconds"] >= window).fillna(True))
        & (stitched["follow_up_seconds"] >= window)
    ).fillna(False)
    rows = stitched[known.astype(bool)]
    quiet = (rows["next_any_seconds"] > window).fillna(True) & (rows["left_seconds"] > window).fillna(True)
    table = quiet.groupby([rows["channel"], rows["reason"]], dropna=False, observed=True).agg(["sum", "size"])
    return plain_rows(table.reset_index())


def curves(stitched: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and pairs of ways of ending, by channel."""
    names = [
        "customer_key", "channel", "judged", "previous_any_seconds", "history_seconds", "next_any_seconds",
        "left_seconds", "follow_up_seconds",
    ]  # fmt: skip
    table, window = _read(stitched, names), WINDOW_DAYS * DAY
    previous, history = table["previous_any_seconds"], table["history_seconds"]
    opens = (previous > window).fillna(history >= window).fillna(True)
    table = table[(table["judged"] & opens).astype(bool)]
    back, left = (((table[name] + DAY - 1) // DAY).clip(lower=1) for name in ("next_any_seconds", "left_seconds"))
    last = (table["follow_up_seconds"] // DAY).clip(upper=HORIZON_DAYS)
    came_back = ((back <= last) & (back <= left.fillna(HORIZON_DAYS + 1))).fillna(False)
    way = (3 * back + 1).where(came_back, (3 * left + 2).where((left <= last).fillna(False), 3 * last))
    ways = (
        table.assign(way=way)
        .groupby(["customer_key", "channel", "way"], observed=True)
        .size()
        .rename("contacts")
        .reset_index()
    )
    first = ~ways.duplicated(["customer_key", "channel"])
    counts = (
        ways.assign(customers=first)
        .groupby(["channel", "way"], observed=True)[["contacts", "customers"]]
        .sum()
        .reset_index()
    )
    pairs = ways.merge(ways, on=["customer_key", "channel"], suffixes=("", "_2"))
    pairs["contacts"] = pairs["contacts"] * pairs["contacts_2"]
    return counts, pairs.groupby(["channel", "way", "way_2"], observed=True)["contacts"].sum().reset_index()


def curve_counts(counts: pd.DataFrame, pairs: pd.DataFrame) -> list[list[object]]:
    return plain_rows(counts[["channel", "way", "contacts"]], pairs)
