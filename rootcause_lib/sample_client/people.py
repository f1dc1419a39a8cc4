"""Customers with their own contact rates, and agents who sit in seats one after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.sample_client.draws import dates, numbered, text_of
from rootcause_lib.sample_client.matters import CONTRACTS, REGIONS, SEGMENTS
from rootcause_lib.sample_client.world import World

YEAR = 365.25
UNKNOWN_CUSTOMERS = 8_000_000
"""Customer numbers from here on are in no customer list."""
HOLDERS = 10
"""People who can follow one another in one seat; the last stays."""
REGION_SHARES = (0.36, 0.17, 0.16, 0.14, 0.10, 0.07)
MARGINS = (14.0, 9.0, 11.0, 42.0)
"""Mean monthly margin by segment, euros."""
SHARED_CUSTOMER = 9_990_000
"""The switchboard of a housing company: one number for many people."""
SHARED_ID = f"{SHARED_CUSTOMER + 1:07d}"


@dataclass(frozen=True, slots=True)
class Customers:
    """One entry per customer; days count from the start, negative before it."""

    joined: NDArray[np.int32]
    segment: NDArray[np.int8]
    region: NDArray[np.int8]
    contract: NDArray[np.int8]
    """0 fixed term, 1 until further notice."""
    term: NDArray[np.int32]
    """Days from joining to the contract's end, renewed for as long again; 0 without a term."""
    rate: NDArray[np.float64]
    """Cases opened by chance, per day."""
    frailty: NDArray[np.float64]
    margin: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.joined)

    def term_ends(self, day: int) -> NDArray[np.int32]:
        """The first end of each customer's term on or after a day; a day far off without a term."""
        term = np.maximum(self.term, 1)
        ends = self.joined + term * np.maximum(-((self.joined - day) // term), 1)
        return np.where(self.term > 0, ends, 1_000_000).astype(np.int32)


def make_customers(world: World, rng: np.random.Generator, *, count: int, days: int) -> Customers:
    """Customers of several segments; most joined before the start, some during the period."""
    segment = rng.choice(len(SEGMENTS), size=count, p=world.segment_shares).astype(np.int8)
    joining = rng.random(count) < world.joiners_per_year * days / YEAR
    before = -np.minimum(rng.exponential(4 * YEAR, count), 15 * YEAR) - world.burn_in_days - 1
    joined = np.where(joining, rng.integers(0, max(days, 1), count), before).astype(np.int32)
    if world.frailty_variance > 0:
        frailty = rng.gamma(1 / world.frailty_variance, world.frailty_variance, count)
    else:
        frailty = np.ones(count)
    contract = (rng.random(count) < 0.45).astype(np.int8)
    term = np.where(contract == 0, np.where(rng.random(count) < 0.5, 365, 730), 0).astype(np.int32)
    return Customers(
        joined=joined,
        segment=segment,
        region=rng.choice(len(REGIONS), size=count, p=REGION_SHARES).astype(np.int8),
        contract=contract,
        term=term,
        rate=world.cases_per_year / YEAR * frailty * np.array(world.segment_rates)[segment],
        frailty=frailty,
        margin=np.round(np.array(MARGINS)[segment] * rng.gamma(6, 1 / 6, count), 2),
    )


def customer_ids(numbers: NDArray[np.integer]) -> pd.Series:
    """Customers as text with leading zeros, counted from one; negative is null."""
    return numbered(np.where(numbers < 0, -1, numbers + 1), width=7)


def customers_table(
    customers: Customers,
    *,
    start: np.datetime64,
    days: int,
    notice: NDArray[np.int32],
    left: NDArray[np.int32],
    kind: NDArray[np.int8],
) -> pd.DataFrame:
    """The canonical customers table; what lies after the last day is not yet known and so empty."""
    told, gone = notice < days, left < days
    ends = customers.term_ends(days)
    table = pd.DataFrame(
        {
            "customer_id": customer_ids(np.arange(len(customers))),
            "joined_on": dates(customers.joined, start),
            "cancelled_on": dates(np.where(told, notice, 0), start, known=told),
            "left_on": dates(np.where(gone, left, 0), start, known=gone),
            "leave_reason": text_of(np.where(gone, kind, -1), ("choice", "not_choice", "moved_within")),
            "contract_ends_on": dates(np.where(customers.term > 0, ends, 0), start, known=customers.term > 0),
            "segment": text_of(customers.segment, SEGMENTS),
            "monthly_margin": customers.margin,
            "contract": text_of(customers.contract, CONTRACTS),
            "region": text_of(customers.region, REGIONS),
        }
    )
    return table


def with_switchboard(table: pd.DataFrame, *, start: np.datetime64) -> pd.DataFrame:
    """The customers table with the one customer number that many people share."""
    row = {
        "customer_id": SHARED_ID,
        "joined_on": pd.Timestamp(start) - pd.Timedelta(days=2000),
        "segment": "yritys",
        "monthly_margin": 310.0,
        "contract": CONTRACTS[1],
        "region": REGIONS[0],
    }
    extra = pd.DataFrame({column: pd.Series([row.get(str(column))], dtype=table[column].dtype) for column in table})
    return pd.concat([table, extra], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Agents:
    """One entry per agent; `holder[seat, day - first]` is who sits where on which day."""

    first: int
    holder: NDArray[np.int32]
    seat: NDArray[np.int32]
    hired: NDArray[np.int32]
    left: NDArray[np.int32]
    skill: NDArray[np.float64]
    miscoding: NDArray[np.float64]
    """Factor on the world's miscoding shares."""

    def on_duty(self, rng: np.random.Generator, days: NDArray[np.integer]) -> NDArray[np.int32]:
        """An agent at work on each of the days, drawn evenly over the seats."""
        seats = rng.integers(0, self.holder.shape[0], len(days))
        columns = np.clip(days - self.first, 0, self.holder.shape[1] - 1)
        return np.asarray(self.holder[seats, columns])


def make_agents(world: World, rng: np.random.Generator, *, seats: int, first: int, last: int) -> Agents:
    """Agents with differing skill and accuracy, following one another in their seats."""
    mean_stay = YEAR / max(world.agents_leaving_per_year, 1e-6)
    hired_first = first - 1 - np.minimum(rng.exponential(mean_stay, seats), 8 * YEAR).astype(np.int32)
    # an agent at work on the first day stays on as long as a new one would: stays are memoryless
    leaves = first + np.cumsum(np.minimum(rng.exponential(mean_stay, (seats, HOLDERS)), 1e5) + 20, axis=1)
    leaves = np.minimum(leaves, 1e6).astype(np.int32)
    leaves[:, -1] = 1_000_000
    hired = np.column_stack([hired_first, leaves[:, :-1] + 1])
    used = hired < last
    number = np.cumsum(used.ravel()).reshape(used.shape).astype(np.int32) - 1
    days = np.arange(first, last + 400)
    holder = np.empty((seats, len(days)), dtype=np.int32)
    for turn in range(HOLDERS):
        present = used[:, turn, None] & (days[None, :] >= hired[:, turn, None])
        holder = np.where(present, number[:, turn, None], holder) if turn else np.repeat(number[:, :1], len(days), 1)
    count = int(used.sum())
    skill = np.clip(rng.normal(0, 1, count), -2, 2)
    factor = rng.uniform(1 - world.miscoding_spread, 1 + world.miscoding_spread, count)
    return Agents(
        first=first,
        holder=holder,
        seat=np.broadcast_to(np.arange(seats)[:, None], used.shape)[used].astype(np.int32),
        hired=hired[used].astype(np.int32),
        left=leaves[used],
        skill=(skill - skill.mean()) * world.skill_sd,
        miscoding=factor / factor.mean(),
    )


def agent_ids(numbers: NDArray[np.integer]) -> pd.Series:
    """Agent numbers as text; negative is null."""
    return numbered(numbers, width=5, prefix="A")


def team_names(seats: int) -> tuple[str, ...]:
    """Teams of about ten seats, at least two."""
    return tuple(f"Tiimi {number}" for number in range(1, max(seats // 10, 2) + 1))


def team_codes(agents: Agents) -> NDArray[np.int32]:
    """The team of each agent, as a position in `team_names`."""
    return agents.seat % len(team_names(agents.holder.shape[0]))


def agents_table(agents: Agents, rng: np.random.Generator, *, start: np.datetime64, days: int) -> pd.DataFrame:
    """The canonical agents table; each team's lead is its longest-serving agent at the end."""
    gone = agents.left < days
    kinds = np.where(gone, rng.choice(3, size=len(gone), p=(0.7, 0.1, 0.2)), -1)
    teams = team_codes(agents)
    by_service = np.lexsort((agents.hired, gone, teams))
    first_of_team = by_service[np.searchsorted(teams[by_service], np.arange(teams.max() + 1))]
    return pd.DataFrame(
        {
            "agent_id": agent_ids(np.arange(len(gone))),
            "hired_on": dates(agents.hired, start),
            "left_on": dates(np.where(gone, agents.left, 0), start, known=gone),
            "leave_kind": text_of(kinds, ("voluntary", "dismissed", "moved_within")),
            "team": text_of(teams, team_names(agents.holder.shape[0])),
            "lead": agent_ids(first_of_team[teams]),
        }
    )
