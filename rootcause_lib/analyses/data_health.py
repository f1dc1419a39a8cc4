"""What did we get, what was rejected and why, what can and can't be answered from it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from rootcause_lib.analyses.health_findings import health_cannot_tell, health_checks, health_headline
from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.analyses.readiness import readiness
from rootcause_lib.analyses.reconciliation import reconcile
from rootcause_lib.analyses.small_cells import hidden_channels, protected, told
from rootcause_lib.analyses.small_moves import protected_volume
from rootcause_lib.estimates import estimate, with_totals
from rootcause_lib.findings import Check, Finding
from rootcause_lib.metrics.coverage import default_codes, identified
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.store import Store


@dataclass(frozen=True, slots=True)
class DataHealth:
    """What came in and what it can answer; frames as in the data dictionary.

    sources, rejects, repairs, orphans, filled, unmapped: as the intake counted them. readiness: what each
    analysis can do. coverage: Estimates of the share of inbound contacts with a known customer, by channel.
    code_health: Estimates of the share of default codes, in all and by team. reconciliation: control totals
    against the data. volume: contacts by week (its Monday) and channel. Of cells with too few customers the rows stay
    without their numbers.
    """

    period: Period
    sources: pd.DataFrame
    rejects: pd.DataFrame
    repairs: pd.DataFrame
    unmapped: pd.DataFrame
    orphans: pd.DataFrame
    filled: pd.DataFrame
    readiness: pd.DataFrame
    coverage: pd.DataFrame
    code_health: pd.DataFrame
    reconciliation: pd.DataFrame
    volume: pd.DataFrame
    naive: pd.DataFrame
    key_numbers: pd.DataFrame
    checks: tuple[Check, ...]
    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    analysis: str = "data_health"

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every public frame by name."""
        return public_frames(self)


def analyse_data_health(
    store: Store, *, start: str | dt.date | None = None, end: str | dt.date | None = None
) -> DataHealth:
    """Rows read, rejected and repaired, coverage, codes, control totals and readiness.

    `start` and `end` select the contacts of coverage, codes and volume; counts of rows are of everything
    loaded. Raises ParameterError for a period without data.
    """
    period = store.period(start, end)
    covered = with_totals(
        *(estimate(store, [identified()], by=by, period=period) for by in ((), ("channel",))), dimensions=("channel",)
    )
    codes = with_totals(
        *(estimate(store, [default_codes()], by=by, period=period) for by in ((), ("team",))), dimensions=("team",)
    )
    smallest = store.engagement.definitions.smallest_cell
    hidden = hidden_channels(covered, minimum=smallest)
    covered = protected(covered, by=("channel",), minimum=smallest)
    codes = protected(codes[codes["denominator"] > 0].reset_index(drop=True), by=("team",), minimum=smallest)
    volume = protected_volume(_volume(store, period), minimum=smallest, hidden=hidden)
    intake = store.intake
    reconciled = reconcile(store)
    ready = readiness(store)
    return DataHealth(
        period=period,
        sources=intake.sources.copy(),
        rejects=intake.rejects.copy(),
        repairs=intake.repairs.copy(),
        unmapped=intake.unmapped.copy(),
        orphans=intake.orphans.copy(),
        filled=intake.filled.copy(),
        readiness=ready,
        coverage=covered,
        code_health=codes,
        reconciliation=reconciled,
        volume=volume,
        naive=_naive(intake.sources),
        key_numbers=covered.copy(),
        checks=health_checks(store, reconciled),
        headline=health_headline(store, covered, reconciled, ready),
        cannot_tell=(
            *health_cannot_tell(store),
            *told({"coverage": covered, "code_health": codes, "volume": volume}, minimum=smallest),
        ),
    )


def _volume(store: Store, period: Period) -> pd.DataFrame:
    """Inbound contacts and their customers by week (its Monday) and channel; days outside the period left out."""
    table = store.engine.run(statement("volume"))
    day = pd.to_datetime(table["started_on"])
    within = day.between(pd.Timestamp(period.start), pd.Timestamp(period.end)) & (table["direction"] == "inbound")
    chosen = table.assign(week=day - pd.to_timedelta(day.dt.day_of_week, unit="D"))[within]
    counted = chosen.groupby(["week", "channel"], as_index=False, sort=True)[["contacts"]].sum()
    counted["week"] = counted["week"].dt.date
    covered = estimate(store, [identified()], by=("week", "channel"), period=period)
    customers = covered.set_index(["week", "channel"])["customers"]
    cells = pd.MultiIndex.from_arrays([counted["week"].astype(str), counted["channel"].astype(str)])
    return counted.assign(customers=customers.reindex(cells).to_numpy(dtype="float64"))


def _naive(sources: pd.DataFrame) -> pd.DataFrame:
    """Rows of the files: what an export's own row count says, before rejects, merged rows and legs."""
    read = sources.groupby("table", as_index=False, sort=False)["rows_read"].sum()
    return pd.DataFrame(
        {
            "name": "rows_of_files",
            "table": read["table"],
            "value": read["rows_read"].astype("float64"),
            "denominator": read["rows_read"].astype("float64"),
            "why": "rows_of_files",
        }
    )
