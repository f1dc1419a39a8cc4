"""Eliminable contacts of processes without events: from an audit's marks of failure demand, else a ceiling by codes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.audited import ADJUDICATED, Population, population
from rootcause_lib.engagement import Process
from rootcause_lib.estimates import estimate
from rootcause_lib.grades import Grading, spread_letters
from rootcause_lib.journeys import day_number
from rootcause_lib.metrics import metric
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.statistics.attributable import TOGETHER, UNEXPLAINED
from rootcause_lib.statistics.misclassification import corrected_shares
from rootcause_lib.store import Store

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
    everybody = population(store, period)
    rows = _audited(store, everybody, lacking, period)
    if rows is None:
        rows = _ceilings(store, everybody.codes(), lacking)
    filled = _with_money(store, rows, lacking, period)
    kept = table.copy()
    for _, row in filled.iterrows():
        at = kept.index[kept["process"] == row["process"]][0]
        for name, value in row.items():
            kept.loc[at, str(name)] = value
    return _with_totals(kept)


def _audited(
    store: Store, everybody: Population, lacking: Mapping[str, Process], period: Period
) -> pd.DataFrame | None:
    """Share of contacts that the audit found to be about a process's reasons and marked as failure demand."""
    audit = store.engine.run(statement("audited_contacts"))
    audit = audit[(audit["direction"] == "inbound") & audit["failure_demand"].notna() & audit["found"].notna()]
    audit = audit[audit["started_day"].between(day_number(period.start), day_number(period.end))]
    spoken_for = everybody.audited_part(audit).codes()
    audit = audit[audit["code"].isin(spoken_for.index)]
    if audit["contact_key"].nunique() < FEWEST_AUDITED:
        return None
    level, total = store.engagement.definitions.level, float(spoken_for.sum())
    shares = corrected_shares(_settled(audit, lacking), spoken_for, level=level).shares.set_index("reason")
    own = shares.reindex(list(lacking))[["value", "low", "high"]].reset_index(drop=True)
    # No audited contact was of that kind: none of so many, by the rule of three.
    own = own.fillna({"value": 0.0, "low": 0.0, "high": min(3 / audit["contact_key"].nunique(), 1.0)})
    rows = own.rename(columns={"value": "share", "low": "share_low", "high": "share_high"})
    rows = rows.assign(
        process=list(lacking), basis="audit", customers=float(audit["cluster_key"].nunique()),
        method="post_stratified", exposed_contacts=total,
    )  # fmt: skip
    rows[["contacts", "low", "high"]] = rows[["share", "share_low", "share_high"]] * total
    return _graded(store, rows, "B")


def _settled(audit: pd.DataFrame, lacking: Mapping[str, Process]) -> pd.DataFrame:
    """Each audited contact's process by what coders found, or none: the adjudicator's word, else that of more than half
    of the coders, else all of theirs."""
    owner = {reason.casefold(): name for name, process in lacking.items() for reason in process.reasons}
    failed = audit["failure_demand"].astype(bool)
    about = audit["found"].astype(str).str.strip().str.casefold().map(owner)
    rows = audit.assign(truth=about.where(failed).fillna(_ELSE), weight=audit["weight"].astype("float64").fillna(1.0))
    final = rows["coder"].astype(str).str.strip().str.casefold() == ADJUDICATED
    rows = rows[final | ~rows["contact_key"].isin(rows.loc[final, "contact_key"])]
    coders = rows.groupby("contact_key")["coder"].transform("nunique")
    rows = rows.assign(
        weight=rows["weight"] / rows.groupby(["contact_key", "coder"])["weight"].transform("sum") / coders
    )
    keys = ["contact_key", "cluster_key", "code", "truth"]
    found = rows.groupby(keys, as_index=False)["weight"].sum()
    most = found.groupby("contact_key")["weight"].transform("max")
    found = found[(most <= 0.5 + 1e-9) | (found["weight"] == most)]
    return found.rename(columns={"contact_key": "unit", "cluster_key": "customer"})


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


def _with_totals(table: pd.DataFrame) -> pd.DataFrame:
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
    for name, value in (
        words | {"grade": worst, "grade_reasons": "proxy", "exposed_contacts": audited["exposed_contacts"].max()}
    ).items():
        kept.loc[whole, name] = value
    return kept
