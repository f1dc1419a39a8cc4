"""Customers with attributes and contacts with attributes, nothing to do with each other but what is planted.

Customers differ in how often they call, by which channel and about what, so that contacts of one customer resemble
each other; none of it depends on their attributes. Written straight into a store, without exports.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from drawn import engagement, stitched

from planted import fill
from rootcause_lib.engine import DuckDB, empty_world
from rootcause_lib.periods import Period
from rootcause_lib.store import Store

FIRST, DAYS = dt.date(2025, 1, 6), 364
WHOLE = Period(FIRST, FIRST + dt.timedelta(days=DAYS - 1))
LATER = Period(FIRST + dt.timedelta(days=DAYS // 2), WHOLE.end)
SEGMENTS, REGIONS = ("home", "student", "senior", "firm"), ("north", "south", "east")
CHANNELS = ("phone", "email", "chat", "self_service")
REASONS = ("bill", "order", "fault", "move", "advice", "muu")
TEAMS = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is true.

    joiners: share of customers who join on the way. frailty: variance of customers' own rates. favour: how strongly
    customers keep to a channel and a reason (0: all alike). level: firms of the north call about bills so many times as
    often as others. change: in the later half contacts by chat about faults are so many times as many.
    """

    customers: int = 1500
    joiners: float = 0.1
    per_year: float = 4.0
    frailty: float = 0.7
    favour: float = 1.0
    level: float = 1.0
    change: float = 1.0


NOTHING = Setting()
PLANTED = Setting(customers=3000, favour=0.5, level=3.0, change=2.5)
STEADY = Setting(joiners=0.0)


def build(setting: Setting, seed: int, folder: Path, *, more: str = "") -> Store:
    """A store of one drawn client."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    engine = empty_world()
    engine.connection.execute("alter table customers add column region varchar")
    people = _customers(rng, setting)
    contacts = _contacts(rng, setting, people)
    _fill_customers(engine, people)
    fill(engine, "contacts", contacts)
    attributes = '[attributes]\ncustomers = ["region"]\n'
    settings = engagement(folder, until=str(WHOLE.end), more=attributes + more)
    store = stitched(settings, engine, present=("contacts", "customers"))
    filled = pd.DataFrame([{"table": "customers", "column": "region", "filled": 1.0, "rows": 1}])
    store.intake.filled.loc[len(store.intake.filled)] = filled.iloc[0]
    return store


def _customers(rng: np.random.Generator, setting: Setting) -> pd.DataFrame:
    number = setting.customers
    own = rng.gamma(1 / setting.frailty, setting.frailty, number) * setting.per_year / 365
    return pd.DataFrame(
        {
            "customer_key": np.arange(1, number + 1),
            "segment": rng.choice(SEGMENTS, number, p=[0.4, 0.15, 0.25, 0.2]),
            "region": rng.choice(REGIONS, number, p=[0.3, 0.5, 0.2]),
            "rate": own,
            # Some join on the way.
            "joined": np.where(rng.random(number) < setting.joiners, rng.integers(1, DAYS, number), -400),
        }
    )


def _contacts(rng: np.random.Generator, setting: Setting, people: pd.DataFrame) -> pd.DataFrame:
    from_day = np.maximum(people["joined"].to_numpy(), 0)
    number = rng.poisson(people["rate"] * (DAYS - from_day))
    who = np.repeat(np.arange(len(people)), number)
    table = pd.DataFrame({"who": who})
    table["day"] = from_day[who] + (rng.random(len(who)) * (DAYS - from_day[who])).astype(int)
    table["channel"] = _favoured(rng, setting, CHANNELS, len(people), who)
    table["reason"] = _favoured(rng, setting, REASONS, len(people), who)
    firms = (people["segment"] == "firm").to_numpy() & (people["region"] == "north").to_numpy()
    more = _copies(rng, table, firms[who] & (table["reason"] == "bill").to_numpy(), setting.level - 1)
    table = pd.concat([table, more], ignore_index=True)
    changed = (table["channel"] == "chat") & (table["reason"] == "fault") & (table["day"] >= DAYS // 2)
    table = pd.concat([table, _copies(rng, table, changed.to_numpy(), setting.change - 1)], ignore_index=True)
    table["hour"] = rng.integers(7, 21, len(table))
    table["team"] = rng.choice(TEAMS, len(table))
    return _stored(table)


def _favoured(rng, setting: Setting, labels: tuple[str, ...], customers: int, who: np.ndarray) -> np.ndarray:
    """Each customer's own mix of labels around one for all."""
    base = 1 / np.arange(1, len(labels) + 1)
    base = base / base.sum()
    mix = rng.dirichlet(base * 6 / setting.favour, customers) if setting.favour else np.tile(base, (customers, 1))
    return np.array(labels)[(rng.random(len(who))[:, None] > mix[who].cumsum(axis=1)[:, :-1]).sum(axis=1)]


def _copies(rng, table: pd.DataFrame, some: np.ndarray, mean: float) -> pd.DataFrame:
    """On average `mean` further contacts for each of some, alike in all but the week: days apart, same half."""
    chosen = table[some]
    return chosen.loc[chosen.index.repeat(rng.poisson(mean, len(chosen)))]


def _stored(table: pd.DataFrame) -> pd.DataFrame:
    start = int(dt.datetime.combine(FIRST, dt.time(), dt.UTC).timestamp())
    seconds = start + table["day"] * 86_400 + table["hour"] * 3600
    rows = table.assign(
        customer_key=table["who"] + 1,
        contact_id=[f"c{place}" for place in range(len(table))],
        row_is="interaction", direction="inbound",
        started_seconds=seconds, ended_seconds=seconds + 300,
        started_on=(pd.Timestamp(FIRST) + pd.to_timedelta(table["day"], unit="D")).dt.strftime("%Y-%m-%d"),
        started_hour=table["hour"],
    ).drop(columns=["who", "day", "hour"])  # fmt: skip
    rows = rows.sort_values(["customer_key", "started_seconds", "contact_id"], kind="stable")
    return rows.assign(contact_key=np.arange(1, len(rows) + 1))


def _fill_customers(engine: DuckDB, people: pd.DataFrame) -> None:
    joined = pd.Timestamp(FIRST) + pd.to_timedelta(people["joined"], unit="D")
    drawn = people.assign(joined_on=joined.dt.strftime("%Y-%m-%d"))
    engine.connection.register("drawn_people", drawn)
    engine.connection.execute(
        "insert into customers (customer_key, joined_on, segment, region) "
        "select customer_key, cast(joined_on as date), segment, region from drawn_people"
    )
    engine.connection.unregister("drawn_people")
