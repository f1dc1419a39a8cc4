"""Surveys after contacts, of customers and of agents, with answers that depend on how it went and on who answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.sample_client.cases import Contacts
from rootcause_lib.sample_client.draws import moments, numbered, pick, text_of
from rootcause_lib.sample_client.hours import DAY, HOUR
from rootcause_lib.sample_client.people import Agents, Customers, agent_ids, customer_ids
from rootcause_lib.sample_client.rows import ABANDONED, CALLBACK, FIRST_LEG, INTERNAL, Rows
from rootcause_lib.sample_client.world import World

METRICS = ("csat", "ces", "nps", "enps")
CSAT, CES, NPS, ENPS = range(len(METRICS))
SCALES = ((1, 5), (1, 7), (0, 10), (0, 10))
# Shares of each score from the scale's low end, by whether the matter was settled (unsettled first).
CSAT_SHARES = ((0.30, 0.26, 0.22, 0.15, 0.07), (0.03, 0.05, 0.14, 0.38, 0.40))
CES_SHARES = ((0.20, 0.20, 0.18, 0.16, 0.13, 0.08, 0.05), (0.02, 0.03, 0.06, 0.12, 0.22, 0.30, 0.25))
# By unsettled contacts in the last eight weeks: some, none.
NPS_SHARES = (
    (0.12, 0.06, 0.08, 0.09, 0.08, 0.12, 0.10, 0.12, 0.11, 0.07, 0.05),
    (0.03, 0.01, 0.02, 0.03, 0.03, 0.08, 0.08, 0.16, 0.24, 0.18, 0.14),
)
ENPS_SHARES = ((0.06, 0.03, 0.04, 0.06, 0.07, 0.12, 0.12, 0.17, 0.16, 0.10, 0.07),)
ENPS_ANSWERS = 0.7
NPS_ASKED_PER_QUARTER = 0.10
NPS_ANSWERS = (0.30, 0.22)
QUARTER = 91


def contact_surveys(
    world: World, rng: np.random.Generator, rows: Rows, contacts: Contacts, identity: NDArray[np.int64]
) -> pd.DataFrame:
    """CSAT or CES asked after answered contacts of identified customers; answering depends on the outcome."""
    able = ~np.isin(rows.kind, (FIRST_LEG, ABANDONED, CALLBACK, INTERNAL)) & (identity >= 0)
    which = np.flatnonzero(able & (rng.random(len(rows), dtype=np.float32) < world.asked_share))
    settled = contacts.resolved[rows.contact[which]]
    metric = (rng.random(len(which)) < 0.4).astype(np.int8)
    score = np.where(
        metric == CES,
        pick(rng, np.array(CES_SHARES), settled.astype(np.int8)) + 1,
        pick(rng, np.array(CSAT_SHARES), settled.astype(np.int8)) + 1,
    )
    answered = rng.random(len(which)) < np.where(settled, world.answers_resolved, world.answers_unresolved)
    asked = rows.ended[which] + 1800
    replied = asked + (rng.exponential(0.5, len(which)) * DAY).astype(np.int64) + 60
    noise = rng.integers(-1, 2, (2, len(which)))
    rated = answered & (metric == CSAT)
    frame = _survey_rows(metric, asked, replied, score, answered)
    frame["row"] = which
    frame["agent"] = rows.agent[which]
    frame["customer"] = identity[which]
    frame["ease"] = np.where(rated, np.clip(score + noise[0], 1, 5), np.nan)
    frame["friendliness"] = np.where(rated, np.clip(np.maximum(score, 3) + noise[1], 1, 5), np.nan)
    return frame


def customer_surveys(
    rng: np.random.Generator, customers: Customers, contacts: Contacts, *, left: NDArray[np.int32], days: int
) -> pd.DataFrame:
    """NPS asked of a tenth of customers each quarter; answers depend on unsettled contacts of the last eight weeks."""
    parts = []
    for day in range(QUARTER - 1, days, QUARTER):
        present = (customers.joined < day - 30) & (left > day)
        asked = np.flatnonzero(present & (rng.random(len(customers)) < NPS_ASKED_PER_QUARTER))
        recent = (contacts.started >= (day - 56) * DAY) & (contacts.started < day * DAY) & ~contacts.resolved
        unhappy = np.zeros(len(customers), dtype=bool)
        unhappy[contacts.customer[recent]] = True
        happy = (~unhappy[asked]).astype(np.int8)
        score = pick(rng, np.array(NPS_SHARES), happy)
        moment = np.full(len(asked), day * DAY + 10 * HOUR, dtype=np.int64)
        replied = moment + (rng.exponential(1.5, len(asked)) * DAY).astype(np.int64) + 60
        answered = rng.random(len(asked)) < np.array(NPS_ANSWERS)[happy]
        frame = _survey_rows(np.full(len(asked), NPS, dtype=np.int8), moment, replied, score, answered)
        parts.append(frame.assign(customer=asked.astype(np.int64)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def agent_surveys(rng: np.random.Generator, agents: Agents, *, days: int) -> pd.DataFrame:
    """eNPS asked of every agent at work, twice a year."""
    parts = []
    for day in range(120, days, 182):
        asked = np.flatnonzero((agents.hired <= day - 30) & (agents.left > day))
        score = pick(rng, np.array(ENPS_SHARES), np.zeros(len(asked), dtype=np.int8))
        moment = np.full(len(asked), day * DAY + 9 * HOUR, dtype=np.int64)
        replied = moment + (rng.exponential(2.0, len(asked)) * DAY).astype(np.int64) + 60
        answered = rng.random(len(asked)) < ENPS_ANSWERS
        frame = _survey_rows(np.full(len(asked), ENPS, dtype=np.int8), moment, replied, score, answered)
        parts.append(frame.assign(agent=asked.astype(np.int32)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _survey_rows(
    metric: NDArray[np.int8],
    asked: NDArray[np.int64],
    replied: NDArray[np.int64],
    score: NDArray[np.integer],
    answered: NDArray[np.bool_],
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": metric,
            "asked": asked,
            "replied": replied,
            "would_score": score.astype(np.int16),
            "answered": answered,
            "row": np.int64(-1),
            "agent": np.int32(-1),
            "customer": np.int64(-1),
            "ease": np.nan,
            "friendliness": np.nan,
        }
    )


def surveys_table(
    asked: pd.DataFrame, contact_id: pd.Series, *, start: np.datetime64, days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The canonical surveys, and beside them what everybody would have answered (`would_score`)."""
    by_time = ["asked", "metric", "customer", "agent", "row"]
    asked = asked[asked["asked"] < days * DAY].sort_values(by_time, kind="stable", ignore_index=True)
    # an answer after the last day is not in the extract
    answered = (asked["answered"] & (asked["replied"] < days * DAY)).to_numpy(dtype=bool)
    metric, row = asked["metric"].to_numpy(), asked["row"].to_numpy()
    scales = np.array(SCALES, dtype=float)[metric]
    of_contact = contact_id.take(np.maximum(row, 0)).reset_index(drop=True).where(row >= 0)
    table = pd.DataFrame(
        {
            "survey_id": numbered(np.arange(1, len(asked) + 1), width=8, prefix="S"),
            "metric": text_of(metric, METRICS),
            "asked_at": moments(asked["asked"].to_numpy(), start),
            "answered_at": moments(asked["replied"].to_numpy(), start, known=answered),
            "score": asked["would_score"].astype(float).where(answered),
            "scale_low": scales[:, 0],
            "scale_high": scales[:, 1],
            "direction": text_of(np.zeros(len(asked), dtype=np.int8), ("higher_is_better",)),
            "contact_id": of_contact,
            "customer_id": customer_ids(asked["customer"].to_numpy()),
            "agent_id": agent_ids(asked["agent"].to_numpy()),
            "ease": asked["ease"].where(answered),
            "friendliness": asked["friendliness"].where(answered),
        }
    )
    truth = pd.DataFrame({"survey_id": table["survey_id"], "would_score": asked["would_score"]})
    return table, truth
