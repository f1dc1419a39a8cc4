"""What is true of a fictional client: planted probabilities, and counts only its maker can make."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.sample_client.matters import CAUSES, CHANNELS, CODES, PROCESSES, REASONS
from rootcause_lib.sample_client.people import SHARED_ID, UNKNOWN_CUSTOMERS
from rootcause_lib.sample_client.world import World, confusion_matrix, resolution_matrix

DAYS = (1, 3, 7, 14, 21, 30, 60, 90)
QUICK_CHANNELS = ("chat", "self_service")

Rows = tuple[Mapping[str, Any], ...]
Matrix = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Truth:
    """The planted truth; plain values only, so `as_json` writes all of it. Shares are 0-1.

    came_back: reason, channel, day, share: probability that a contact's case comes back within so many days of its
      end, were nobody ever to leave and nothing cut off (closed form on a continuous clock; opening hours add hours).
    came_back_by_channel: match, channel, day, share, counted, contacts: the same over the opening contacts' own mix;
      `counted` is what truly followed them, seen without any cut-off. match `any` adds the customer's other cases and
      is there only in worlds where all customers are alike.
    standardised: channel, resolution, difference: over the reasons of all opening contacts, minus the phone.
    excess: process, events, cases, contacts: cases above chance the process caused in the period, with come-backs.
    """

    seed: int
    customers: int
    start: str
    days: int
    world: Mapping[str, Any]
    resolution: Matrix
    standardised: Rows
    came_back: Rows
    came_back_by_channel: Rows
    confusion: Matrix
    same_code: Mapping[str, float]
    """Probability that two agents' contacts about the same matter carry the same code, by reason."""
    reason_shares: Mapping[str, float]
    """True reasons of agents' coded inbound contacts."""
    rate_ratios: Rows
    excess: Rows
    fix: Mapping[str, Any] | None
    leaving: Mapping[str, Any]
    surveys: Rows
    counts: Mapping[str, Any]

    def as_json(self, *, faults: Rows) -> str:
        """The truth and the faults planted in the exports as JSON text, the same bytes for the same client."""
        told = {**dataclasses.asdict(self), "faults": faults}
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def delay_share(world: World, channel: str, day: float) -> float:
    """Share of come-backs after a contact on this channel that have come within `day` days."""
    late = 0.5 * math.erfc(-(math.log(day / world.delay_median_days) / world.delay_sigma) / math.sqrt(2))
    quick = world.quick_switch if channel in QUICK_CHANNELS else 0.0
    return quick + (1 - quick) * late


def truth_of(
    world: World,
    tables: Mapping[str, pd.DataFrame],
    hidden: pd.DataFrame,
    hidden_surveys: pd.DataFrame,
    *,
    seed: int,
    start: np.datetime64,
    days: int,
) -> Truth:
    """The truth of a client just made."""
    own = hidden["row"].isin(["contact", "first_leg"]) & ~hidden["shared_id"]
    opening = own & (hidden["position"] == 1)
    channel = tables["contacts"]["channel"]
    return Truth(
        seed=seed,
        customers=int((tables["customers"]["customer_id"] != SHARED_ID).sum()),
        start=str(start),
        days=days,
        world=_plain_values(world),
        resolution={reason: dict(row) for reason, row in world.resolution.items()},
        standardised=_standardised(world, hidden[opening]),
        came_back=_came_back(world),
        came_back_by_channel=_came_back_by_channel(world, hidden[opening], channel[opening]),
        confusion=_matrix(confusion_matrix(world), CODES),
        same_code=_same_code(world),
        reason_shares=_reason_shares(tables["contacts"], hidden),
        rate_ratios=_rate_ratios(world),
        excess=_excess(tables["process_events"], hidden[own]),
        fix=_fix(world, tables["process_events"], hidden[own], tables["contacts"], start=start, days=days),
        leaving=_leaving(world, tables["customers"]),
        surveys=_survey_means(tables["surveys"], hidden_surveys),
        counts=_counts(tables, hidden),
    )


def _plain_values(world: World) -> Mapping[str, Any]:
    return {
        field.name: json.loads(json.dumps(getattr(world, field.name)))
        for field in dataclasses.fields(world)
        if field.name != "resolution"
    }


def _matrix(values: np.ndarray[Any, np.dtype[np.float64]], columns: tuple[str, ...]) -> Matrix:
    return {
        reason: {column: round(float(value), 6) for column, value in zip(columns, row, strict=True) if value > 0}
        for reason, row in zip(REASONS, values, strict=True)
    }


def _standardised(world: World, opening: pd.DataFrame) -> Rows:
    mix = opening["reason"].value_counts(normalize=True).reindex(REASONS, fill_value=0.0).to_numpy()
    resolution = mix @ resolution_matrix(world)
    return tuple(
        {"channel": channel, "resolution": float(value), "difference": float(value - resolution[0])}
        for channel, value in zip(CHANNELS, resolution, strict=True)
    )


def _came_back(world: World) -> Rows:
    return tuple(
        {
            "reason": reason,
            "channel": channel,
            "day": day,
            "share": (1 - world.resolution[reason][channel]) * world.comes_back * delay_share(world, channel, day),
        }
        for reason in REASONS
        for channel in CHANNELS
        for day in DAYS
    )


def alike(world: World) -> bool:
    """Whether all customers open cases at one constant rate, so that chance come-backs have a closed form."""
    calm = not (world.invoices_per_year or world.deliveries_per_year or world.outages_per_year or world.claim_share)
    steady = world.clock == "continuous" and world.leaving_per_year == world.leaving_not_by_choice_per_year == 0
    return calm and steady and world.frailty_variance == 0 and len(set(world.segment_rates)) == 1


def _came_back_by_channel(world: World, opening: pd.DataFrame, channel: pd.Series) -> Rows:
    delay_days = opening["next_delay_seconds"].to_numpy() / 86_400
    by = np.asarray(pd.Categorical(channel, categories=pd.Index(CHANNELS)).codes, dtype=np.int64)
    cells = by * len(REASONS) + opening["reason"].cat.codes.to_numpy()
    counts = np.bincount(cells, minlength=len(CHANNELS) * len(REASONS)).reshape(len(CHANNELS), len(REASONS))
    unsettled = counts * (1 - resolution_matrix(world).T) * world.comes_back
    per_day = world.cases_per_year / 365.25 * world.segment_rates[0]
    rows: list[Mapping[str, Any]] = []
    for name in (*CHANNELS, "all"):
        columns = [CHANNELS.index(name)] if name != "all" else list(range(len(CHANNELS)))
        own, total = np.isin(by, columns), int(counts[columns].sum())
        for day in DAYS if total else ():
            within = np.array([delay_share(world, CHANNELS[column], day) for column in columns])
            share = float((unsettled[columns].sum(axis=1) * within).sum() / total)
            counted = float((delay_days[own] <= day).mean())
            row = {"channel": name, "day": day, "share": share, "counted": counted, "contacts": total}
            rows.append({"match": "case", **row})
            if alike(world):
                other = 1 - (1 - share) * math.exp(-per_day * day)
                rows.append({"match": "any", **row, "share": other, "counted": None})
    return tuple(rows)


def _same_code(world: World) -> Mapping[str, float]:
    same = (confusion_matrix(world) ** 2).sum(axis=1)
    return dict(zip(REASONS, np.round(same, 6).tolist(), strict=True))


def _reason_shares(contacts: pd.DataFrame, hidden: pd.DataFrame) -> Mapping[str, float]:
    coded = contacts["agent_id"].notna() & hidden["row"].isin(["contact", "second_leg"])
    shares = hidden.loc[coded, "reason"].value_counts(normalize=True).reindex(REASONS, fill_value=0.0)
    return {str(reason): float(share) for reason, share in shares.items()}


def _rate_ratios(world: World) -> Rows:
    def rows(
        process: str, clock: str, edges: tuple[int | None, ...], ratios: tuple[float, ...]
    ) -> list[dict[str, Any]]:
        return [
            {"process": process, "clock": clock, "from_day": low, "to_day": high, "rate_ratio": ratio}
            for low, high, ratio in zip(edges[:-1], edges[1:], ratios, strict=True)
        ]

    return (
        *rows("invoice", "started_at", (0, 7), (world.invoice_ratio,)),
        *rows("billing", "started_at", (0, 7, 21), world.billing_ratios),
        *rows("delivery", "due_at", (1, 3, 7, 14, None), world.delivery_ratios),
        *rows("outage", "started_at", (0, 1, 3), world.outage_ratios),
        *rows("claim", "started_at", (0, 28), (world.claim_ratio,)),
    )


def _excess(events: pd.DataFrame, own: pd.DataFrame) -> Rows:
    known = events["process"].value_counts()
    cases = own[own["position"] == 1]["cause_code"].value_counts()
    contacts = own["cause_code"].value_counts()
    total = len(own)
    return tuple(
        {
            "process": process,
            "events": int(known.get(process, 0)),
            "cases": int(cases.get(CAUSES.index(process), 0)),
            "contacts": int(contacts.get(CAUSES.index(process), 0)),
            "share": float(contacts.get(CAUSES.index(process), 0) / total) if total else 0.0,
        }
        for process in PROCESSES
    )


def _fix(
    world: World, events: pd.DataFrame, own: pd.DataFrame, contacts: pd.DataFrame, *, start: np.datetime64, days: int
) -> Mapping[str, Any] | None:
    if world.fix_day is None or not 0 <= world.fix_day < days or not world.invoices_per_year:
        return None
    on = pd.Timestamp(start) + pd.Timedelta(days=world.fix_day)
    invoiced = events[events["process"].isin(["invoice", "billing"])]
    wrong, after = invoiced["process"] == "billing", invoiced["started_at"] >= on
    caused = own[own["cause_code"] == CAUSES.index("billing")]
    caused_after = int((contacts.loc[caused.index, "started_at"] >= on).sum())
    return {
        "process": "billing",
        "on": str(on.date()),
        "effect": world.fix_effect,
        "error_share_before": float(wrong[~after].mean()),
        "error_share_after": float(wrong[after].mean()),
        "contacts_caused_before": len(caused) - caused_after,
        "contacts_caused_after": caused_after,
    }


def _leaving(world: World, customers: pd.DataFrame) -> Mapping[str, Any]:
    kinds = customers["leave_reason"].value_counts()
    return {
        "contact_hazard_ratio_resolved": world.contact_hazard_resolved,
        "contact_hazard_ratio_unresolved": world.contact_hazard_unresolved,
        "contact_hazard_ratio_three_or_more": world.contact_hazard_three_or_more,
        "contact_effect_weeks": world.contact_effect_weeks,
        "problem_hazard_ratios": dict(world.problem_hazards),
        "problem_effect_weeks": world.problem_effect_weeks,
        "notice_days": [0, world.longest_notice_days],
        "gave_notice": int(customers["cancelled_on"].notna().sum()),
        "left": {str(kind): int(count) for kind, count in sorted(kinds.items())},
    }


def _survey_means(surveys: pd.DataFrame, hidden: pd.DataFrame) -> Rows:
    rows = []
    for metric, asked in surveys.groupby("metric"):
        would = hidden.loc[asked.index, "would_score"]
        answered = asked["score"].notna()
        row = {
            "metric": str(metric),
            "asked": len(asked),
            "answered": int(answered.sum()),
            "mean_of_all_asked": float(would.mean()),
            "mean_of_answers": float(asked["score"].mean()) if answered.any() else None,
        }
        if metric in ("nps", "enps"):
            row["nps_of_all_asked"] = 100 * float((would >= 9).mean() - (would <= 6).mean())
        rows.append(row)
    return tuple(rows)


def _counts(tables: Mapping[str, pd.DataFrame], hidden: pd.DataFrame) -> Mapping[str, Any]:
    contacts = tables["contacts"]
    second = (hidden["row"] == "second_leg").to_numpy()
    by_id = second & contacts["conversation_id"].notna().to_numpy()
    known = contacts["customer_id"].notna().to_numpy() & ~hidden["shared_id"].to_numpy()
    first_seen = second & hidden["true_contact"].isin(hidden.loc[hidden["row"] == "first_leg", "true_contact"])
    orphans = (contacts["customer_id"] >= f"{UNKNOWN_CUSTOMERS:07d}") & ~hidden["shared_id"]
    true_rows = hidden["row"].isin(["contact", "first_leg"])
    own = contacts[true_rows & ~hidden["shared_id"]]
    missing = own["customer_id"].isna().groupby(own["channel"]).mean()
    return {
        "rows": {name: len(table) for name, table in tables.items()},
        "contact_rows_by_kind": {str(kind): int(n) for kind, n in hidden["row"].value_counts(sort=False).items()},
        "true_contacts": int(true_rows.sum()),
        "legs_merged_by_conversation": int((first_seen & by_id).sum()),
        "legs_merged_by_gap": int((first_seen & ~by_id & known).sum()),
        "legs_never_merged": int((second & ~(first_seen & (by_id | known))).sum()),
        "legs_never_merged_of_shared_id": int((first_seen & ~by_id & hidden["shared_id"]).sum()),
        "orphan_contacts": int(orphans.sum()),
        "shared_id_rows": int(hidden["shared_id"].sum()),
        "shared_id": SHARED_ID if hidden["shared_id"].any() else None,
        "unidentified_share": {str(name): float(share) for name, share in missing.items()},
    }
