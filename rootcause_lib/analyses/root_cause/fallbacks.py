"""Eliminable contacts of processes without events: from an audit's marks of failure demand, else a ceiling by codes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rootcause_lib.engagement import Process
from rootcause_lib.errors import DataError
from rootcause_lib.estimates import estimate
from rootcause_lib.grades import Grading, spread_letters
from rootcause_lib.journeys import day_number
from rootcause_lib.metrics import metric
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.attributable import TOGETHER, UNEXPLAINED
from rootcause_lib.statistics.misclassification import corrected_shares
from rootcause_lib.store import Store

ADJUDICATED = "adjudicated"
FEWEST_AUDITED = 20
"""Audited contacts with a mark of failure demand below which no share of them is taken."""
_ELSE = "\0else"


def without_events(store: Store, table: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The eliminable contacts with rows of processes without events filled from an audit or by their codes."""
    missing = table[table["contacts"].isna() & ~table["process"].isin([TOGETHER, UNEXPLAINED])]
    missing = missing[missing["reason_untold"].isin(["no_events", "no_customer_ids"])]
    known = store.engagement.processes
    lacking = {str(name): known[str(name)] for name in missing["process"] if known[str(name)].reasons}
    if not lacking:
        return table
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    population = store.engine.run(statement("audit_population", values=days)).groupby("code")["contacts"].sum()
    rows = _audited(store, population, lacking, period)
    if rows is None:
        rows = _ceilings(store, population, lacking)
    filled = _with_money(store, rows, lacking, period)
    kept = table.copy()
    for _, row in filled.iterrows():
        at = kept.index[kept["process"] == row["process"]][0]
        for name, value in row.items():
            kept.loc[at, str(name)] = value
    return _with_totals(kept, float(population.sum()))


def _audited(
    store: Store, population: pd.Series, lacking: Mapping[str, Process], period: Period
) -> pd.DataFrame | None:
    """Share of contacts that the audit found to be about a process's reasons and marked as failure demand."""
    audit = store.engine.run(statement("audited_contacts"))
    audit = audit[(audit["direction"] == "inbound") & audit["failure_demand"].notna() & audit["contact_key"].notna()]
    audit = audit[audit["started_day"].between(day_number(period.start), day_number(period.end))]
    audit = audit[audit["code"].isin(population.index)]
    if audit["contact_key"].nunique() < FEWEST_AUDITED:
        return None
    settled = audit[audit["coder"] == ADJUDICATED]
    rest = audit[~audit["contact_key"].isin(settled["contact_key"])]
    used = pd.concat([settled, rest], ignore_index=True)
    owner = {reason: name for name, process in lacking.items() for reason in process.reasons}
    failed = used["failure_demand"].astype(bool)
    truth = used["found"].map(owner).where(failed).fillna(_ELSE)
    given = pd.DataFrame(
        {
            "unit": used["contact_key"], "code": used["code"], "truth": truth, "customer": used["cluster_key"],
            "weight": used["weight"].fillna(1.0).astype(float),
        }
    )  # fmt: skip
    level = store.engagement.definitions.level
    try:
        shares = corrected_shares(given, population, level=level).shares.set_index("reason")
    except DataError:
        return None
    total = float(population.sum())
    own = shares.reindex(list(lacking))[["value", "low", "high"]].fillna(0.0)
    rows = pd.DataFrame(
        {
            "process": list(lacking), "basis": "audit", "share": own["value"], "share_low": own["low"],
            "share_high": own["high"], "customers": float(used["cluster_key"].nunique()),
            "method": "post_stratified", "exposed_contacts": total,
        }
    ).reset_index(drop=True)  # fmt: skip
    rows[["contacts", "low", "high"]] = rows[["share", "share_low", "share_high"]] * total
    return _graded(store, rows, "B")


def _ceilings(store: Store, population: pd.Series, lacking: Mapping[str, Process]) -> pd.DataFrame:
    """All contacts coded with the process's reasons: as many as that could be eliminable, or none."""
    total = float(population.sum())
    counts = [float(population.reindex(list(process.reasons)).sum()) for process in lacking.values()]
    rows = pd.DataFrame({"process": list(lacking), "basis": "ceiling", "contacts": counts, "low": 0.0, "high": counts})
    for name, column in (("share", "contacts"), ("share_low", "low"), ("share_high", "high")):
        rows[name] = rows[column] / total if total else np.nan
    rows = rows.assign(customers=np.nan, method="coded_count", exposed_contacts=rows["contacts"])
    return _graded(store, rows, "C")


def _graded(store: Store, rows: pd.DataFrame, best: str) -> pd.DataFrame:
    limits = store.engagement.grades
    grading = Grading(limits, len(rows)).capped(best, where=True, reason="proxy")
    if best == "B":
        grading.precision(spread_letters(rows["low"], rows["high"], limits)).customers(rows["customers"])
    else:
        grading.default_codes(store.default_code_share)
    grading.capped("C", where=store.is_guessed({"reason"}), reason="guessed_mapping")
    return pd.concat([rows.assign(claim="descriptive", reason_untold=""), grading.result()], axis=1)


def _with_money(store: Store, rows: pd.DataFrame, lacking: Mapping[str, Process], period: Period) -> pd.DataFrame:
    """Costs at the mean cost of contacts coded with the process's reasons."""
    costs = estimate(store, [metric("contact_cost")], by=("reason",), period=period)
    costs = costs[costs["denominator"] > 0].set_index("reason")
    money = {}
    for name, process in lacking.items():
        own = costs.reindex([reason for reason in process.reasons if reason in costs.index])
        money[name] = own["numerator"].sum() / own["denominator"].sum() if len(own) else np.nan
    each = rows["process"].map(money).astype("float64")
    return rows.assign(cost=rows["contacts"] * each, cost_low=rows["low"] * each, cost_high=rows["high"] * each)


def _with_totals(table: pd.DataFrame, total: float) -> pd.DataFrame:
    """Where nothing at all came from events, totals of what the audit says; ceilings are no part of a sum."""
    whole = table["process"] == TOGETHER
    audited = table[table["basis"] == "audit"]
    if audited.empty or table.loc[whole, "contacts"].notna().any():
        return table
    kept = table.copy()
    for name in ("contacts", "low", "high", "share", "share_low", "share_high", "cost", "cost_low", "cost_high"):
        kept.loc[whole, name] = audited[name].sum()
    words = {"basis": "audit", "method": "post_stratified", "claim": "descriptive", "reason_untold": ""}
    worst = audited["grade"].max()
    for name, value in (words | {"grade": worst, "grade_reasons": "proxy", "exposed_contacts": total}).items():
        kept.loc[whole, name] = value
    return kept
