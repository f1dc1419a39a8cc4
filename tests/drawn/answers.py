"""Small worlds of contacts and what customers answered about them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from planted import fill

from drawn import at, engagement, store
from rootcause_lib.analyses.channel_resolution.asked import Asked, asked_about
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store

PERIOD = Period(dt.date(2025, 1, 1), dt.date(2025, 3, 31))
SCALES = {"csat": (1.0, 5.0), "ces": (1.0, 7.0), "nps": (0.0, 10.0), "enps": (0.0, 10.0)}


def survey(metric: str, score: float | None, **columns: object) -> dict[str, object]:
    """A question about a contact (`contact_id`) or a customer (`customer_key`), `asked` at a time."""
    low, high = SCALES[metric]
    row: dict[str, object] = {
        "metric": metric, "score": score, "scale_low": low, "scale_high": high, "direction": "higher_is_better",
        "asked": "2025-02-01 12:00",
    } | columns  # fmt: skip
    return row | {"asked_seconds": at(str(row["asked"]))}


def world(
    folder: Path,
    contacts: Sequence[Mapping[str, object]],
    surveys: Sequence[Mapping[str, object]],
    *,
    more: str = "",
    until: str = "2025-03-31",
    customers: Sequence[Mapping[str, object]] = (),
    items: Sequence[str] = (),
) -> Store:
    """A stitched store of drawn contacts with answers; `items` are further columns of the surveys."""
    if items:
        more += "\n[attributes]\nsurveys = [" + ", ".join(f'"{name}"' for name in items) + "]\n"
        more += '[tables.surveys]\nsource = "surveys.csv"\n'
    made = store(engagement(folder, more=more, until=until), contacts, customers=customers)
    rows = pd.DataFrame(list(surveys))
    if len(rows):
        fill(made.engine, "surveys", rows.assign(survey_id=[f"s{place:04d}" for place in range(len(rows))]))
    filled = made.intake.filled
    for name in items:
        made.engine.connection.execute(f"alter table surveys add column {name} double")
        for place, value in rows[name].dropna().items():
            made.engine.connection.execute(
                f"update surveys set {name} = ? where survey_id = ?", [value, f"s{place:04d}"]
            )
        told = pd.DataFrame([{"table": "surveys", "column": name, "filled": 1.0, "rows": len(rows)}])
        filled = pd.concat([filled, told], ignore_index=True)
    intake = dataclasses.replace(made.intake, present=(*made.intake.present, "surveys"), filled=filled)
    return dataclasses.replace(made, intake=intake)


def asking(made: Store, *, matching: str = "any", window_days: int = 14, period: Period = PERIOD) -> Asked:
    return asked_about(made, period, Following(matching, window_days, own_windows=False))


def scored(
    scores: Mapping[str, Sequence[float]],
    *,
    metric: str = "csat",
    reason: str = "bill",
    first: int = 1,
    day: str = "2025-01-10",
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Contacts and answers by channel, each of a customer of its own, one a minute from `first` on."""
    contacts: list[dict[str, object]] = []
    surveys: list[dict[str, object]] = []
    for channel, given in scores.items():
        for score in given:
            number = first + len(contacts)
            start = f"{day} {8 + number // 60:02d}:{number % 60:02d}"
            named = {"contact_id": f"{reason}{number}", "customer": number, "start": start}
            contacts.append({**named, "channel": channel, "reason": reason})
            surveys.append(survey(metric, score, contact_id=f"{reason}{number}"))
    return contacts, surveys
