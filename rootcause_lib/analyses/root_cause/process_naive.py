"""What usual computations say of processes on the same data, and why they differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.customers import keep_customer_time
from rootcause_lib.analyses.root_cause.incidence import Incidence
from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.attributable import TOGETHER, UNEXPLAINED
from rootcause_lib.statistics.intervals import normal_critical, poisson_exact
from rootcause_lib.store import Store

COLUMNS = (
    "name", "process", "unit", "value", "low", "high", "denominator", "ours", "ours_low", "ours_high", "ours_band",
    "why",
)  # fmt: skip
BETWEEN, IN_WINDOW, CODED = "between_customers", "every_contact_in_window", "coded_contacts"


def naive_processes(store: Store, period: Period, *, found: Incidence, attributable: pd.DataFrame) -> pd.DataFrame:
    """One row per usual computation and process: `value` (a rate ratio or a number of contacts, as `unit` says) beside
    ours, each with limits; `denominator` is the customers or contacts it is taken over."""
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    keep_customer_time(store, period)
    groups = store.engine.run(statement("process_customers", values=days)).set_index("process")
    coded = store.engine.run(statement("contacts_by_code", values=days)).set_index("reason")["contacts"]
    rows: list[dict[str, object]] = []
    for name, process in store.engagement.processes.items():
        rows += _between(store, name, groups, found)
        rows += _counted(name, attributable)
        rows += _coded(name, process.reasons, coded, attributable)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(why=table["name"])


def _between(store: Store, process: str, groups: pd.DataFrame, found: Incidence) -> Iterator[dict[str, object]]:
    """Contacts a day of customers whom the process struck over those of the others, whenever it was."""
    if process not in groups.index or "" not in groups.index:
        return
    sums = groups.astype("float64")
    own = dict(sums.loc[process])
    others = {name: float(whole - own[name]) for name, whole in sums.loc[""].items()}
    if min(own["contacts"], others["contacts"]) <= 0 or others["customers"] < 2:
        return
    value = own["contacts"] / own["days"] / (others["contacts"] / others["days"])
    error = np.sqrt(_relative_variance(own) + _relative_variance(others))
    reach = normal_critical(store.engagement.definitions.level) * error
    ours = found.incidence[(found.incidence["process"] == process) & (found.incidence["kind"] == "risk")]
    ours = ours[ours["rate_ratio"].notna()].head(1)
    beside = ours.iloc[0] if len(ours) else None
    yield {
        "name": BETWEEN, "process": process, "unit": "rate_ratio", "value": value, "low": value * np.exp(-reach),
        "high": value * np.exp(reach), "denominator": own["customers"] + others["customers"],
        **_ours(beside, "rate_ratio"), "ours_band": None if beside is None else beside["band"],
    }  # fmt: skip


def _relative_variance(sums: Mapping[Hashable, float]) -> float:
    """Of a group's rate, in units of the rate squared; its customers are independent."""
    rate = sums["contacts"] / sums["days"]
    spread = sums["contacts_contacts"] - 2 * rate * sums["contacts_days"] + rate**2 * sums["days_days"]
    return float(max(spread, 0.0) / sums["contacts"] ** 2)


def _counted(process: str, attributable: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Every contact in the process's time, as if each had been caused by it."""
    for _, row in attributable[attributable["process"] == process].iterrows():
        if pd.isna(row["exposed_contacts"]) or pd.isna(row["contacts"]):
            continue
        yield _count(IN_WINDOW, process, float(row["exposed_contacts"]), row)


def _coded(
    process: str, reasons: tuple[str, ...], coded: pd.Series, attributable: pd.DataFrame
) -> Iterator[dict[str, object]]:
    """Contacts of known customers coded with the process's reasons."""
    if not reasons or process in (TOGETHER, UNEXPLAINED):
        return
    for _, row in attributable[attributable["process"] == process].iterrows():
        yield _count(CODED, process, float(coded.reindex(list(reasons)).sum()), row)


def _count(name: str, process: str, number: float, row: pd.Series) -> dict[str, object]:
    limits = poisson_exact(number, 1.0, level=float(row["level"]))
    return {
        "name": name, "process": process, "unit": "contacts", "value": number, "low": float(limits.low),
        "high": float(limits.high), "denominator": number, **_ours(row, "contacts"), "ours_band": None,
    }  # fmt: skip


def _ours(row: pd.Series | None, value: str) -> dict[str, object]:
    if row is None:
        return {"ours": np.nan, "ours_low": np.nan, "ours_high": np.nan}
    return {"ours": row[value], "ours_low": row["low"], "ours_high": row["high"]}
