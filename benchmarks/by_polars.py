"""The jobs in polars: sorted once per matching rule, neighbours by shift, running extremes by one packed number."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
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

_GROUP = 1 << 33
"""Larger than any epoch second: group * _GROUP + second orders by group, then by second."""

_FIRST = (
    "contact_id",
    "row_is",
    "started_on",
    "started_hour",
    "channel",
    "direction",
    "wait_seconds",
    "case_id",
    "complained",
)
_LAST = ("reason", "reason_group", "agent_id", "team")


def stitch(folder: Path, columns: list[str]) -> pl.DataFrame:
    """The stitched table in memory, of the loaded tables as Parquet."""
    contacts = pl.read_parquet(folder / "contacts.parquet")
    shared = _shared(contacts)
    contacts = _merged(contacts, _legs(contacts, shared))
    own = contacts.filter(
        _is_own(shared)
    ).select(
        "contact_key", "customer_key", "reason", "channel", "started_seconds",
        pl.when(~pl.col("abandoned").fill_null(False)).then("started_seconds").alias("answered_starts"),
        pl.when(~pl.col("abandoned").fill_null(False)).then("ended_seconds").alias("answered_ends"),
    )  # fmt: skip
    by_customer = _neighbours(own, ["customer_key"], "any")
    by_reason = _neighbours(
        own.with_columns(pl.col("reason").cast(pl.Categorical).to_physical()), ["customer_key", "reason"], "reason"
    )
    contacts = contacts.join(by_customer, on="contact_key", how="left").join(by_reason, on="contact_key", how="left")
    contacts = contacts.with_columns(
        pl.when(~pl.col("customer_key").is_in(shared.implode())).then("customer_key").alias("customer_key"),
        pl.col("started_on").cast(pl.Int32).cast(pl.Int64).alias("started_day"),
    )
    return _finished(contacts, folder).select(columns)


def _shared(contacts: pl.DataFrame) -> pl.Series:
    inbound = contacts.lazy().filter(pl.col("customer_key").is_not_null() & (pl.col("direction") == "inbound"))
    crowded = inbound.group_by("customer_key", "started_on").len().filter(pl.col("len") > DAILY_CAP)
    return crowded.select(pl.col("customer_key").unique()).collect().to_series()


def _legs(contacts: pl.DataFrame, shared: pl.Series) -> pl.DataFrame:
    """contact_key and the key of the contact's first row, for rows that have company."""
    spoken = contacts.lazy().filter(pl.col("conversation_id").is_not_null()).select(
        "contact_key", "conversation_id", "started_seconds", "contact_id"
    )  # fmt: skip
    conversations = (
        spoken.sort("conversation_id", "started_seconds", "contact_id")
        .with_columns(
            pl.col("contact_key").first().over("conversation_id").alias("first_key"),
            pl.len().over("conversation_id").alias("size"),
        )
        .filter(pl.col("size") > 1)
        .select("contact_key", "first_key")
        .collect()
    )
    turns = contacts.lazy().filter(
        _is_own(shared)
    ).select(
        "contact_key", "customer_key", "channel", "started_seconds", "ended_seconds", "transfers", "conversation_id"
    )  # fmt: skip
    turns = turns.sort("contact_key").with_columns(pl.all().exclude("started_seconds").shift().name.prefix("earlier_"))
    gap = pl.col("started_seconds") - pl.col("earlier_ended_seconds")
    follows = turns.filter(
        (pl.col("earlier_customer_key") == pl.col("customer_key"))
        & (pl.col("earlier_channel") == pl.col("channel"))
        & (pl.col("earlier_transfers") > 0)
        & gap.is_between(0, LEG_GAP_SECONDS)
        & pl.col("conversation_id").is_null()
        & pl.col("earlier_conversation_id").is_null()
    ).select("contact_key", "earlier_contact_key").collect()  # fmt: skip
    ends = pl.concat(
        [
            follows.select("contact_key", pl.lit(True).alias("follows")),
            follows.select(pl.col("earlier_contact_key").alias("contact_key"), pl.lit(False).alias("follows")),
        ]
    )
    chained = ends.group_by("contact_key").agg(pl.col("follows").any()).sort("contact_key")
    begins = pl.when(~pl.col("follows")).then("contact_key").forward_fill().alias("first_key")
    return pl.concat([conversations, chained.select("contact_key", begins)])


def _is_own(shared: pl.Series) -> pl.Expr:
    """Inbound contacts of a customer whose id is nobody else's."""
    key = pl.col("customer_key")
    return key.is_not_null() & (pl.col("direction") == "inbound") & ~key.is_in(shared.implode())


def _where_any(name: str, value: pl.Expr) -> pl.Expr:
    """A sum of nothing is unknown, not zero."""
    return pl.when(pl.col(name).count() > 0).then(value).alias(name)


def _where_all(name: str, value: pl.Expr) -> pl.Expr:
    """A sum with an unknown part is unknown."""
    return pl.when(pl.col(name).count() == pl.len()).then(value).alias(name)


def _merged(contacts: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    together = contacts.join(legs, on="contact_key").sort("first_key", "started_seconds", "contact_id")
    merged = together.group_by("first_key", maintain_order=True).agg(
        *(pl.col(name).first() for name in _FIRST),
        pl.coalesce(pl.col("customer_key").first(), pl.col("customer_key").min()).alias("customer_key"),
        pl.col("started_seconds").min(),
        pl.col("ended_seconds").max(),
        *(pl.coalesce(pl.col(name).last(), pl.col(name).max()).alias(name) for name in _LAST),
        *(_where_all(name, pl.col(name).sum()) for name in ("handle_seconds", "wrap_up_seconds", "cost")),
        _where_any("revenue", pl.col("revenue").sum()),
        pl.when(pl.col("abandoned").count() > 0).then(pl.col("abandoned").all()).alias("abandoned"),
        pl.max_horizontal(pl.col("transfers").sum(), pl.len().cast(pl.Int64) - 1).alias("transfers"),
        pl.col("resolved").last(),
        *(_where_any(name, pl.col(name).any()) for name in ("reopened", "repeated_information")),
        pl.len().cast(pl.Int64).alias("legs"),
    ).rename({"first_key": "contact_key"})  # fmt: skip
    alone = contacts.join(legs, on="contact_key", how="anti").with_columns(pl.lit(1, pl.Int64).alias("legs"))
    return pl.concat([alone.select(merged.columns), merged])


def _neighbours(own: pl.DataFrame, keys: list[str], rule: str) -> pl.DataFrame:
    """Sort and shift: neighbours within `keys` by time, and the latest answered end and next answered start."""
    own = own.sort(*keys, "started_seconds", "contact_key")
    changed = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in keys)
    own = own.with_columns(changed.fill_null(True).cum_sum().cast(pl.Int64).alias("group"))
    earlier = (pl.col("group") * _GROUP + pl.col("answered_ends")).fill_null(-1).cum_max().shift()
    answered = (pl.col("group") * _GROUP + pl.col("answered_starts")).fill_null(1 << 62).cum_min(reverse=True).shift(-1)
    own = own.with_columns(
        earlier.alias("earlier"), answered.alias("answered"),
        (pl.col("group") == pl.col("group").shift()).alias("has_before"),
        (pl.col("group") == pl.col("group").shift(-1)).alias("has_after"),
    )  # fmt: skip
    return own.select(
        "contact_key",
        pl.when(pl.col("earlier") // _GROUP == pl.col("group"))
        .then(pl.col("earlier") % _GROUP)
        .alias(f"{rule}_earlier"),
        pl.when("has_before").then(pl.col("channel").shift()).alias(f"previous_{rule}_channel"),
        pl.when("has_after").then(pl.col("started_seconds").shift(-1)).alias(f"{rule}_later"),
        pl.when(pl.col("answered") // _GROUP == pl.col("group"))
        .then(pl.col("answered") % _GROUP)
        .alias(f"{rule}_answered"),
        pl.when("has_after").then(pl.col("channel").shift(-1)).alias(f"next_{rule}_channel"),
    )


def _spells(folder: Path) -> pl.DataFrame:
    customers = pl.read_parquet(
        folder / "customers.parquet", columns=["customer_key", "segment", "joined_on", "left_on", "leave_reason"]
    ).filter(pl.col("customer_key").is_not_null())
    customers = customers.sort("customer_key", "joined_on", pl.col("left_on").fill_null(pl.date(9999, 12, 31)))
    kind = pl.col("leave_reason").fill_null("choice")
    day = {name: pl.col(name).cast(pl.Int32).cast(pl.Int64) for name in ("joined_on", "left_on")}
    return customers.select(
        "customer_key", "segment", day["joined_on"].alias("joined_day"),
        pl.when(pl.col("customer_key").shift().ne_missing(pl.col("customer_key"))).then(-1_000_000)
        .otherwise(day["joined_on"].fill_null(-1_000_000)).alias("first_day"),
        pl.when(pl.col("customer_key").shift(-1) == pl.col("customer_key")).then(day["joined_on"].shift(-1) - 1)
        .fill_null(10_000_000).alias("last_day"),
        pl.when(kind != "moved_within").then(day["left_on"]).alias("left_day"),
        (kind == "choice").alias("by_choice"),
    )  # fmt: skip


def _finished(contacts: pl.DataFrame, folder: Path) -> pl.DataFrame:
    contacts = contacts.join(_spells(folder), on="customer_key", how="left").filter(
        pl.col("first_day").is_null() | pl.col("started_day").is_between("first_day", "last_day")
    )
    settings, costs = (
        pl.read_parquet(folder / "reason_settings.parquet"),
        pl.read_parquet(folder / "channel_costs.parquet"),
    )
    contacts = contacts.join(settings, on="reason", how="left").join(costs, on="channel", how="left")
    starts, ends, coded = pl.col("started_seconds"), pl.col("ended_seconds"), pl.col("reason").is_not_null()
    offset = pl.col("started_day") * DAY + pl.col("started_hour").cast(pl.Int64) * 3600 - starts // 3600 * 3600
    leaves = (pl.col("left_day") + 1) * DAY - offset

    def apart(later: pl.Expr, earlier: pl.Expr) -> pl.Expr:
        return (later - earlier).clip(lower_bound=0)

    not_by_choice = ~pl.col("by_choice") & (leaves < UNTIL_SECONDS) & (leaves > ends)
    return contacts.with_columns(
        ((pl.col("started_day") + 3) // 7 * 7 - 3).alias("started_week"),
        (pl.col("started_on").dt.year().cast(pl.Int64) * 12 + pl.col("started_on").dt.month() - 1).alias(
            "started_month"
        ),
        pl.col("customer_key").is_not_null().alias("identified"),
        (
            pl.col("customer_key").is_not_null()
            & (pl.col("direction") == "inbound")
            & ~pl.col("abandoned").fill_null(False)
        ).alias("judged"),
        pl.when(coded).then(pl.col("default_code").fill_null(False)).alias("default_code"),
        pl.coalesce("cost", "per_contact", pl.col("per_handle_second") * pl.col("handle_seconds")).alias("full_cost"),
        pl.when(pl.col("joined_day") >= FROM_DAY).then(None).otherwise(starts - FROM_SECONDS).alias("history_seconds"),
        pl.when(not_by_choice.fill_null(False))
        .then(leaves - ends)
        .otherwise(apart(pl.lit(UNTIL_SECONDS), ends))
        .alias("follow_up_seconds"),
        pl.when(pl.col("by_choice") & (leaves > starts)).then(apart(leaves, ends)).alias("left_seconds"),
        apart(starts, pl.col("any_earlier")).alias("previous_any_seconds"),
        apart(pl.col("any_later"), ends).alias("next_any_seconds"),
        apart(pl.col("any_answered"), ends).alias("next_any_answered_seconds"),
        pl.when(coded).then(apart(starts, pl.col("reason_earlier"))).alias("previous_reason_seconds"),
        pl.when(coded).then("previous_reason_channel").alias("previous_reason_channel"),
        pl.when(coded).then(apart(pl.col("reason_later"), ends)).alias("next_reason_seconds"),
        pl.when(coded).then(apart(pl.col("reason_answered"), ends)).alias("next_reason_answered_seconds"),
        pl.when(coded).then("next_reason_channel").alias("next_reason_channel"),
        *(
            pl.lit(None, pl.Int64).alias(name)
            for name in ("case_key", "previous_case_seconds", "next_case_seconds", "next_case_answered_seconds")
        ),
        *(pl.lit(None, pl.String).alias(name) for name in ("previous_case_channel", "next_case_channel")),
    )


def resolution(stitched: pl.DataFrame) -> list[list[object]]:
    window, previous = WINDOW_DAYS * DAY, pl.col("previous_any_seconds")
    known = stitched.lazy().filter(
        pl.col("judged")
        & (previous > window).fill_null(True)
        & (previous.is_not_null() | (pl.col("history_seconds") >= window).fill_null(True))
        & (pl.col("follow_up_seconds") >= window)
    )
    quiet = (pl.col("next_any_seconds") > window).fill_null(True) & (pl.col("left_seconds") > window).fill_null(True)
    table = known.group_by("channel", "reason").agg(
        quiet.sum().cast(pl.Int64).alias("numerator"), pl.len().alias("denominator")
    )
    return plain_rows(_frame(table.collect()))


def curves(stitched: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts and pairs of ways of ending, by channel."""
    window, previous = WINDOW_DAYS * DAY, pl.col("previous_any_seconds")
    opens = pl.coalesce(previous > window, pl.col("history_seconds") >= window, pl.lit(True))
    day = {name: ((pl.col(name) + DAY - 1) // DAY).clip(lower_bound=1) for name in ("next_any_seconds", "left_seconds")}
    openers = pl.scan_parquet(stitched).filter(pl.col("judged") & opens).select(
        "customer_key", "channel", back=day["next_any_seconds"], left=day["left_seconds"],
        last=(pl.col("follow_up_seconds") // DAY).clip(upper_bound=HORIZON_DAYS),
    )  # fmt: skip
    back, left, last = pl.col("back"), pl.col("left"), pl.col("last")
    came_back = (back <= last) & (back <= left.fill_null(HORIZON_DAYS + 1))
    way = pl.when(came_back).then(3 * back + 1).when(left <= last).then(3 * left + 2).otherwise(3 * last)
    ways = (
        openers.group_by("customer_key", "channel", way.alias("way"))
        .agg(pl.len().cast(pl.Int64).alias("contacts"))
        .collect()
    )
    first = ways["way"] == ways.select(pl.col("way").min().over("customer_key", "channel")).to_series()
    counts = ways.with_columns(first.alias("first")).group_by("channel", "way").agg(
        pl.col("contacts").sum(), pl.col("first").sum().alias("customers")
    )  # fmt: skip
    pairs = ways.join(ways, on=["customer_key", "channel"], suffix="_2").group_by("channel", "way", "way_2").agg(
        (pl.col("contacts") * pl.col("contacts_2")).sum().alias("contacts")
    )  # fmt: skip
    return counts, pairs


def curve_counts(counts: pl.DataFrame, pairs: pl.DataFrame) -> list[list[object]]:
    return plain_rows(
        _frame(counts.select("channel", "way", "contacts")),
        _frame(pairs.select("channel", "way", "way_2", "contacts")),
    )


def _frame(table: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.to_dict(as_series=False))
