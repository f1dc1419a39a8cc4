"""What the client's systems hold of each row (codes that err, gaps in identity, flags) and what is hidden from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.sample_client.cases import Contacts
from rootcause_lib.sample_client.draws import flags, moments, numbered, pick, text_of, whole
from rootcause_lib.sample_client.hours import CHAT, EMAIL, PHONE
from rootcause_lib.sample_client.matters import CHANNELS, CODES, FAILURE_REASONS, REASONS
from rootcause_lib.sample_client.people import (
    UNKNOWN_CUSTOMERS,
    Agents,
    agent_ids,
    customer_ids,
    team_codes,
    team_names,
)
from rootcause_lib.sample_client.phrases import comment_codes, comments
from rootcause_lib.sample_client.rows import (
    ABANDONED,
    CALLBACK,
    CONTACT,
    FIRST_LEG,
    INTERNAL,
    KINDS,
    SECOND_LEG,
    Rows,
)
from rootcause_lib.sample_client.world import World, confusion_matrix

SOLD_SHARE = 0.05
SELLING_REASONS = ("sopimus", "neuvonta")


def codes_of(
    world: World, rng: np.random.Generator, rows: Rows, contacts: Contacts, agents: Agents
) -> NDArray[np.int8]:
    """The reason each row was coded with: agents err by their own factor, systems do not; -1 where none was coded."""
    reason = contacts.reason[rows.contact]
    share = np.array(world.miscoded, dtype=np.float32)[reason]
    share = share * np.where(rows.agent >= 0, agents.miscoding[rows.agent], 0.0)
    wrong = np.flatnonzero(rng.random(len(rows), dtype=np.float32) < share)
    codes = reason.copy()
    if len(wrong):
        errors = confusion_matrix(world)
        errors[np.arange(len(REASONS)), np.arange(len(REASONS))] = 0
        totals = errors.sum(axis=1, keepdims=True)
        codes[wrong] = pick(rng, errors / np.where(totals > 0, totals, 1), reason[wrong])
    codes[(rows.kind == ABANDONED) | (rows.kind == INTERNAL)] = -1
    return codes


def identity_of(
    world: World, rng: np.random.Generator, rows: Rows, contacts: Contacts, *, shared: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The customer number each row carries: -1 where not identified, a number of no customer for orphans."""
    customer = contacts.customer.astype(np.int64)
    missing = np.array([world.unidentified[channel] for channel in CHANNELS])[contacts.channel]
    missing = (rng.random(len(contacts), dtype=np.float32) < missing) & ~shared
    orphan = (rng.random(len(contacts)) < world.orphan_share) & ~missing & ~shared
    customer[missing] = -1
    customer[orphan] += UNKNOWN_CUSTOMERS
    numbers = customer[rows.contact]
    numbers[rows.kind == INTERNAL] = -1
    return np.asarray(numbers)


def contacts_table(
    world: World,
    rng: np.random.Generator,
    rows: Rows,
    contacts: Contacts,
    agents: Agents,
    *,
    codes: NDArray[np.int8],
    identity: NDArray[np.int64],
    start: np.datetime64,
) -> pd.DataFrame:
    """The canonical contacts table."""
    count, of = len(rows), rows.contact
    answered = (rows.kind != ABANDONED) & (rows.agent >= 0)
    last = np.isin(rows.kind, (CONTACT, SECOND_LEG))
    queued = np.isin(rows.channel, (PHONE, CHAT)) & np.isin(rows.kind, (CONTACT, FIRST_LEG, ABANDONED))
    direction = np.where(rows.kind == CALLBACK, 1, np.where(rows.kind == INTERNAL, 2, 0))
    team = np.where(rows.agent >= 0, team_codes(agents)[rows.agent], -1)
    columns = {
        "contact_id": numbered(np.arange(1, count + 1), width=8),
        "started_at": moments(rows.started, start),
        "ended_at": moments(rows.ended, start),
        "channel": text_of(rows.channel, CHANNELS),
        "direction": text_of(direction, ("inbound", "outbound", "internal")),
        "customer_id": customer_ids(identity),
        "reason": text_of(codes, CODES),
        "agent_id": agent_ids(rows.agent),
        "team": text_of(team, team_names(agents.holder.shape[0])),
        "wait_seconds": whole(rows.wait, known=queued),
        "handle_seconds": whole(rows.handle, known=answered),
        "wrap_up_seconds": whole(contacts.wrap_up[of], known=answered & last),
        "abandoned": flags(rows.kind == ABANDONED, known=np.isin(rows.channel, (PHONE, CHAT))),
        "transfers": whole(rows.transfers, known=answered),
    }
    return pd.DataFrame(columns | _noted(world, rng, rows, contacts, settled=answered & last))


def _noted(
    world: World, rng: np.random.Generator, rows: Rows, contacts: Contacts, *, settled: NDArray[np.bool_]
) -> dict[str, pd.Series]:
    """What people and systems note by choice or by habit; `settled` are the rows in which an agent closed a contact."""
    count, of = len(rows), rows.contact
    truly = contacts.resolved[of]
    says = np.where(truly, rng.random(count) >= world.flag_pessimism, rng.random(count) < world.flag_optimism)
    flagged = settled & (rng.random(count, dtype=np.float32) < world.flag_share)
    talks = (rng.random(len(contacts), dtype=np.float32) < world.conversation_id_share)[of]
    talks &= np.isin(rows.channel, (PHONE, CHAT)) & np.isin(rows.kind, (CONTACT, FIRST_LEG, SECOND_LEG))
    selling = truly & settled & np.isin(contacts.reason[of], [REASONS.index(name) for name in SELLING_REASONS])
    sold = selling & (rng.random(count) < SOLD_SHARE)
    revenue = np.where(settled, 0.0, np.nan)
    revenue[sold] = np.round(rng.gamma(3.0, 20.0, int(sold.sum())), 2)
    failure = np.isin(contacts.reason[of], [REASONS.index(reason) for reason in FAILURE_REASONS])
    complains = rng.random(count, dtype=np.float32) < np.where(failure, 0.35, 0.03)
    in_person = settled & np.isin(rows.channel, (PHONE, EMAIL, CHAT))
    noted = {
        "resolved": flags(says, known=flagged),
        "conversation_id": numbered(np.where(talks, of + 1, -1), width=8, prefix="K"),
        "revenue": pd.Series(revenue),
        "complained": flags(complains, known=in_person),
    }
    if world.text_share > 0:
        written = in_person & (rng.random(count, dtype=np.float32) < world.text_share)
        noted["text"] = text_of(comment_codes(rng, contacts.reason[of], written), comments())
    return noted


def hidden_table(rows: Rows, contacts: Contacts, contact_id: pd.Series, *, shared: NDArray[np.bool_]) -> pd.DataFrame:
    """What no export holds, row by row of the contacts table: the true matter, outcome and case."""
    of = rows.contact
    return pd.DataFrame(
        {
            "contact_id": contact_id,
            "row": pd.Categorical.from_codes(rows.kind, pd.Index(KINDS)),
            "true_contact": of,
            "case": np.where(shared[of], -1, contacts.case[of]),
            "position": contacts.position[of],
            "customer": contacts.customer[of],
            "shared_id": shared[of],
            "reason": pd.Categorical.from_codes(contacts.reason[of], pd.Index(REASONS)),
            "cause_code": contacts.cause[of],
            "resolved": contacts.resolved[of],
            "next_delay_seconds": contacts.next_delay[of],
        }
    )
