"""Sessions in self-service, with the bot and on the site: kept in the engine once, added up there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.journey_steps import visits_seen
from rootcause_lib.estimates import estimate
from rootcause_lib.journeys import day_number
from rootcause_lib.metrics.effort import session_facts
from rootcause_lib.periods import end_second
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.statistics.time_until import METHOD, incidence_by_step, middle_time

VISIT = "visit"
"""The kind of session that no channel of contacts is."""

REUSE_DAYS = 30
"""Days after the window in which a customer's next choice counts."""

HOURS = 24


def keep_sessions(asked: Asked) -> None:
    """Make `self_service_sessions`: what the functions below read."""
    store, period = asked.store, asked.period
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    leaving: dict[str, Value] = {"leaving_told": int(store.is_filled("customers", "left_on"))}
    agents_told = any(store.is_filled("contacts", column) for column in ("agent_id", "team"))
    contacts = {**asked.followed.values, **days, **leaving, "agents_told": int(agents_told)}
    visits: dict[str, Value] = {
        **days,
        **leaving,
        "window_days": asked.followed.window_days,
        "goals_told": int(visits_seen(store).judged > 0),
        "observed_until_seconds": end_second(store.observed_until, time_zone=store.engagement.engagement.time_zone),
    }
    store.engine.materialise(
        "self_service_sessions",
        statement("self_service_sessions", values=contacts),
        statement("visit_sessions", values=visits),
    )


def session_shares(asked: Asked) -> pd.DataFrame:
    """Estimates by channel (`visit` among them): the share of sessions that each fact is true of."""
    return estimate(asked.store, session_facts(), by=("channel",), period=asked.period)


def time_to_people(asked: Asked, *, matching: str) -> pd.DataFrame:
    """How soon half of those came to people who did within the window, by kind of session.

    Columns: kind, value, low, high (days), base (sessions that did), customers, unobserved (sessions not watched to the
    end of the window), method.
    """
    window = asked.followed.window_days
    values: Mapping[str, Value] = {"matching": matching, "window_days": window}
    counts = asked.store.engine.run(statement("hours_to_people", values=values))
    rows = [
        {"kind": str(kind), **_middle(rows, hours=window * HOURS, level=asked.store.engagement.definitions.level)}
        for kind, rows in counts.groupby("channel", sort=True)
    ]
    columns = ["kind", "value", "low", "high", "base", "customers", "unobserved", "method"]
    return pd.DataFrame(rows, columns=columns)


def _middle(rows: pd.DataFrame, *, hours: int, level: float) -> dict[str, object]:
    by_hour = rows.groupby(["way", "hour_number"])["sessions"].sum().astype("float64")

    def along(way: int, *, start: int) -> np.ndarray:
        own = by_hour.xs(way, level="way") if way in by_hour.index.get_level_values("way") else pd.Series(dtype=float)
        return own.reindex(range(start, hours + 1), fill_value=0.0).to_numpy(dtype=float)

    came, censored = along(1, start=1), along(0, start=0)
    customers = float(rows.loc[rows["way"] == 3, "sessions"].sum())
    middle = middle_time(incidence_by_step(came, along(2, start=1), censored), independent=customers, level=level)
    return {
        "value": middle.value / HOURS, "low": middle.low / HOURS, "high": middle.high / HOURS, "base": came.sum(),
        "customers": customers, "unobserved": censored[:-1].sum(), "method": METHOD if came.sum() else "none",
    }  # fmt: skip


def next_choices(asked: Asked) -> pd.DataFrame:
    """What customers chose next, as shares after success and after failure; `movers`: customers who chose it."""
    sums = asked.store.engine.run(statement("next_choices", values={"reuse_days": REUSE_DAYS}))
    sums = sums[sums["weight"].fillna(0) > 0].reset_index(drop=True)
    ratios = share_from_sums(ClusterSums.from_frame(sums), level=asked.store.engagement.definitions.level)
    after = np.where(sums["resolved"].astype(bool), "success", "failure")
    table = pd.DataFrame(
        {
            "kind": sums["channel"].astype("str"),
            "after": pd.Series(after, index=sums.index, dtype="str"),
            "next_choice": sums["next_choice"].astype("str"),
            "sessions": sums["value"].astype("float64"),
            "share": ratios.value,
            "low": ratios.low,
            "high": ratios.high,
            "base": sums["weight"].astype("float64"),
            "customers": sums["clusters"].astype("float64"),
            "movers": sums["movers"].astype("float64"),
            "method": pd.Series(ratios.method, index=sums.index).astype("str"),
        }
    )
    return in_order(table, {"kind": KINDS, "after": AFTER, "next_choice": CHOICES})


KINDS = ("self_service", "bot", VISIT)
AFTER = ("success", "failure")
CHOICES = ("people", "self_service", "bot", VISIT, "none")


def in_order(table: pd.DataFrame, order: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The rows in the given order of words, column by column."""
    ranks = {
        f"_{name}": table[name].map({word: place for place, word in enumerate(words)}) for name, words in order.items()
    }
    return table.assign(**ranks).sort_values(list(ranks), kind="stable", ignore_index=True).drop(columns=list(ranks))
