"""Customers whose matters have nothing to do with each other, and such in whom one matter brings another.

Customers differ in how often they make contact and about what: contacts of a customer hang together, and whoever makes
contact about one matter often does so about others. A matter takes several contacts now and then; codes are sometimes
wrong; some customers join on the way, some leave. Written straight into a store, without exports.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from drawn import engagement, stitched

from planted import fill
from rootcause_lib.engine import empty_world
from rootcause_lib.store import Store

FIRST, DAYS, DAY = dt.date(2025, 1, 6), 364, 86_400
REASONS = ("bill", "order", "fault", "move", "advice", "contract")
CHANNELS = ("phone", "email", "chat", "self_service")


@dataclass(frozen=True, slots=True)
class Sequences:
    """What is true. brings: share of contacts that open a matter `bill` after which one about `fault` comes, at any
    time within two weeks. frailty, favour: how much customers differ in rates and in matters. returns: chance that a
    contact has another about the same matter behind it; miscoded: share of wrong codes. growth: how much more there is
    of `fault` at the end of the year than at its beginning, for all alike (1: as much).
    """

    customers: int = 1500
    per_year: float = 4.0
    frailty: float = 0.7
    favour: float = 1.0
    returns: float = 0.25
    miscoded: float = 0.1
    brings: float = 0.0
    growth: float = 1.0
    days: int = DAYS


NOTHING = Sequences()
BRINGS = Sequences(customers=2500, brings=0.15)


def build(setting: Sequences, seed: int, folder: Path) -> Store:
    """A store of one drawn client."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    joined = np.where(rng.random(setting.customers) < 0.1, rng.integers(1, setting.days, setting.customers), -400)
    left = np.where(rng.random(setting.customers) < 0.1, joined + rng.integers(30, 700, setting.customers), 10_000)
    contacts = _contacts(rng, setting, joined, left)
    engine = empty_world()
    fill(engine, "contacts", contacts)
    start = pd.Timestamp(FIRST)
    people = pd.DataFrame({"customer_key": np.arange(1, setting.customers + 1)})
    people["joined_on"] = (start + pd.to_timedelta(joined, unit="D")).strftime("%Y-%m-%d")
    gone = pd.Series((start + pd.to_timedelta(np.minimum(left, 9_000), unit="D")).strftime("%Y-%m-%d"))
    people["left_on"] = gone.where(left < setting.days, None)
    fill(engine, "customers", people)
    settings = engagement(folder, until=str(FIRST + dt.timedelta(days=setting.days - 1)))
    store = stitched(settings, engine, present=("contacts", "customers"))
    store.intake.filled.loc[len(store.intake.filled)] = ["customers", "joined_on", 1.0, 1]
    return store


def _contacts(rng: np.random.Generator, setting: Sequences, joined: np.ndarray, left: np.ndarray) -> pd.DataFrame:
    rate = rng.gamma(1 / setting.frailty, setting.frailty, setting.customers) * setting.per_year / 365
    # Enough before the extract that nothing begins with it.
    number = rng.poisson(rate * (setting.days + 60))
    who = np.repeat(np.arange(setting.customers), number)
    when = rng.random(len(who)) * (setting.days + 60) - 60
    base = 1 / np.arange(1, len(REASONS) + 1)
    mixes = rng.dirichlet(base / base.sum() * len(REASONS) / max(setting.favour, 1e-9), setting.customers)
    what = (mixes.cumsum(axis=1)[who] < rng.random(len(who))[:, None]).sum(axis=1).clip(max=len(REASONS) - 1)
    kept = (what != 2) | (
        rng.random(len(who)) < (1 + (setting.growth - 1) * when.clip(0) / setting.days) / max(setting.growth, 1)
    )
    who, when, what = who[kept], when[kept], what[kept]
    brought = (what == 0) & (rng.random(len(who)) < setting.brings)
    who = np.concatenate([who, who[brought]])
    when = np.concatenate([when, when[brought] + rng.random(brought.sum()) * 14])
    what = np.concatenate([what, np.full(brought.sum(), 2)])
    rounds = [(who, when, what)]
    while len(rounds[-1][0]):
        one, at, about = rounds[-1]
        again = rng.random(len(one)) < setting.returns
        rounds.append((one[again], at[again] + 0.1 + rng.exponential(3.0, again.sum()), about[again]))
    who, when, what = (np.concatenate(parts) for parts in zip(*rounds, strict=True))
    wrong = rng.random(len(who)) < setting.miscoded
    what = np.where(wrong, rng.integers(0, len(REASONS), len(who)), what)
    inside = (when >= 0) & (when < setting.days) & (when >= joined[who]) & (when < left[who])
    return _rows(rng, who[inside], when[inside], what[inside])


def _rows(rng: np.random.Generator, who: np.ndarray, when: np.ndarray, what: np.ndarray) -> pd.DataFrame:
    order = np.lexsort((when, who))
    who, when, what = who[order], when[order], what[order]
    begin = int(pd.Timestamp(FIRST).timestamp())
    started = begin + (when * DAY).astype(np.int64)
    moments = pd.to_datetime(started, unit="s")
    rows = pd.DataFrame(
        {
            "contact_key": np.arange(1, len(who) + 1), "customer_key": who + 1, "started_seconds": started,
            "ended_seconds": started + 300, "started_on": moments.strftime("%Y-%m-%d"), "started_hour": moments.hour,
            "channel": rng.choice(CHANNELS, len(who)), "reason": np.array(REASONS)[what],
            "handle_seconds": rng.gamma(4.0, 75.0, len(who)),
        }
    )  # fmt: skip
    return rows.assign(contact_id=rows["contact_key"].astype(str), row_is="interaction", direction="inbound")
