"""A day-by-day world of customers, processes and contacts whose rate ratios and caused contacts are planted.

Written for the statistics alone: no exports, no engine. Rates multiply, so the planted ratios are exact on whole days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

SEASON_DAYS = 28

Bands = tuple[tuple[int, int, float], ...]
"""(first day, last day, rate ratio) after the clock's start, both days included."""


@dataclass(frozen=True, slots=True)
class Process:
    """So many events a year for each customer and what follows them.

    mean_delay: the bands count days late, of an exponential delay, and end with it; by_contact: the probability that a
    contact opens one.
    """

    per_year: float
    bands: Bands
    mean_delay: float = 0.0
    by_contact: float = 0.0


BILLING = Process(0.4, ((0, 6, 15.0), (7, 20, 5.0)))
INVOICE = Process(3.5, ((0, 6, 1.6),))
DELIVERY = Process(0.3, ((1, 2, 5.0), (3, 6, 10.0), (7, 13, 16.0), (14, 400, 22.0)), mean_delay=8.0)
OUTAGE = Process(0.8, ((0, 0, 40.0), (1, 2, 6.0)))
CLAIM = Process(0.0, ((1, 27, 6.0),), by_contact=0.05)
ALL = {"billing": BILLING, "invoice": INVOICE, "delivery": DELIVERY, "outage": OUTAGE, "claim": CLAIM}


@dataclass(frozen=True, slots=True)
class Setting:
    """What is true. `selective`: events strike customers in proportion to their own rate to this power."""

    customers: int = 1500
    days: int = 364
    per_year: float = 2.4
    frailty: float = 0.5
    selective: float = 1.0
    processes: Mapping[str, Process] = field(default_factory=lambda: dict(ALL))

    def without_effects(self) -> Setting:
        """The same events, none of which makes anybody call."""
        calm = {
            name: Process(one.per_year, tuple((a, b, 1.0) for a, b, _ in one.bands), one.mean_delay, one.by_contact)
            for name, one in self.processes.items()
        }
        return Setting(self.customers, self.days, self.per_year, self.frailty, self.selective, calm)

    @property
    def terms(self) -> dict[str, float]:
        """The planted rate ratio of every band."""
        return {f"{name} {a}-{b}": ratio for name, one in self.processes.items() for a, b, ratio in one.bands}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One simulated client: person-time by customer and cell, the design, events (customer_key, process, day).

    contacts: customers x days, all of them. caused: how many of those in the person-time each process alone truly
    caused, and `all` of them together.
    """

    person_time: pd.DataFrame
    design: pd.DataFrame
    events: pd.DataFrame
    contacts: np.ndarray
    caused: Mapping[str, float]

    @property
    def by_cell(self) -> pd.Series:
        return self.person_time.groupby("cell")["contacts"].sum()


def draw(setting: Setting, seed: int, *, follow_ups: float = 0.0) -> Drawn:
    """A client; `follow_ups`: mean number of further contacts within ten days of each, all counted as contacts."""
    rng = np.random.default_rng(seed)
    own = rng.gamma(1 / setting.frailty, setting.frailty, setting.customers) * setting.per_year / 365
    season = 1 + 0.3 * np.sin(np.arange(setting.days) / setting.days * 2 * np.pi)
    band = {name: np.zeros((setting.customers, setting.days), dtype=np.int8) for name in setting.processes}
    events = []
    for name, process in setting.processes.items():
        struck = (own / own.mean()) ** setting.selective
        number = rng.poisson(process.per_year * setting.days / 365 * struck / struck.mean())
        who = np.repeat(np.arange(setting.customers), number)
        when = rng.integers(0, setting.days, len(who))
        late = rng.exponential(process.mean_delay, len(who)).astype(int) if process.mean_delay else None
        _paint(band[name], process, who, when, late)
        events.append(pd.DataFrame({"customer_key": who, "process": name, "day": when}))
    rate = own[:, None] * season
    ratios = {name: np.array([1.0, *(r for _, _, r in one.bands)]) for name, one in setting.processes.items()}
    for name in setting.processes:
        rate = rate * ratios[name][band[name]]
    contacts, dropped = _contacts(rng, setting, rate, band, ratios, events)
    caused = _caused(np.where(dropped, 0, contacts), band, ratios, rng)
    if follow_ups:
        contacts = contacts + _followers(rng, contacts, follow_ups)
    return Drawn(*_by_cell(setting, contacts, dropped, band), pd.concat(events), contacts, caused)


def _paint(band: np.ndarray, process: Process, who: np.ndarray, when: np.ndarray, late: np.ndarray | None) -> None:
    """Days of each band; where windows of one process meet, the later event holds."""
    for event in np.argsort(when, kind="stable"):
        for number, (first, last, _) in enumerate(process.bands, start=1):
            until = last if late is None else min(last, int(late[event]))
            band[who[event], when[event] + first : max(when[event] + until + 1, 0)] = number


def _contacts(rng, setting, rate, band, ratios, events) -> tuple[np.ndarray, np.ndarray]:
    """Openings; those that open a claim are dropped with their day, and what they start is lived through day by day."""
    dropped = np.zeros(rate.shape, dtype=bool)
    opening = [(name, one) for name, one in setting.processes.items() if one.by_contact]
    if not opening:
        return rng.poisson(rate), dropped
    ((name, process),) = opening
    ((first, last, _),) = process.bands
    contacts = np.zeros(rate.shape, dtype=np.int64)
    for day in range(setting.days):
        now = rate[:, day] * ratios[name][band[name][:, day]]
        contacts[:, day] = rng.poisson(now)
        opens = np.flatnonzero(rng.random(len(now)) < 1 - (1 - process.by_contact) ** contacts[:, day])
        dropped[opens, day] = True
        band[name][opens, day + first : day + last + 1] = 1
        events.append(pd.DataFrame({"customer_key": opens, "process": name, "day": day}))
    return contacts, dropped


def _caused(contacts, band, ratios, rng) -> dict[str, float]:
    """How many contacts each process caused alone, and all together: each contact was base with probability 1/R."""
    total = np.ones(contacts.shape)
    for name in band:
        total *= ratios[name][band[name]]
    at = np.nonzero(contacts)
    n, own = contacts[at], total[at]
    some = rng.binomial(n, np.clip(1 - 1 / own, 0, 1))
    found = {"all": float(some.sum())}
    active = {name: band[name][at] > 0 for name in band}
    number = sum(active.values())
    for name in band:
        found[name] = float(some[active[name] & (number == 1)].sum())
    return found


def _followers(rng, contacts: np.ndarray, mean: float) -> np.ndarray:
    further = np.zeros_like(contacts)
    who, day = np.nonzero(contacts)
    number = rng.poisson(mean * contacts[who, day])
    who, day = np.repeat(who, number), np.repeat(day, number) + rng.integers(1, 11, number.sum())
    inside = day < contacts.shape[1]
    np.add.at(further, (who[inside], day[inside]), 1)
    return further


def _by_cell(setting, contacts, dropped, band) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days and contacts summed by customer and cell, and the design of seasons and bands."""
    seasons = -(-setting.days // SEASON_DAYS)
    code = np.broadcast_to(np.arange(setting.days) // SEASON_DAYS, contacts.shape).astype(np.int64)
    sizes = [len(one.bands) + 1 for one in setting.processes.values()]
    for days, size in zip(band.values(), sizes, strict=True):
        code = code * size + days
    most = seasons * int(np.prod(sizes))
    customer = np.broadcast_to(np.arange(setting.customers)[:, None], contacts.shape)
    seen = ~dropped
    key, place = np.unique((customer * most + code)[seen], return_inverse=True)
    table = pd.DataFrame(
        {
            "customer_key": key // most,
            "cell": key % most,
            "days": np.bincount(place).astype(float),
            "contacts": np.bincount(place, contacts[seen]),
        }
    )
    cells = np.unique(table["cell"])
    rest, columns = cells.copy(), {}
    for (name, process), size in reversed(list(zip(setting.processes.items(), sizes, strict=True))):
        for number, (first, last, _) in enumerate(process.bands, start=1):
            columns[f"{name} {first}-{last}"] = (rest % size == number) * 1.0
        rest = rest // size
    columns |= {f"season{k}": (rest == k) * 1.0 for k in range(1, seasons)}
    return table, pd.DataFrame(columns, index=cells)
