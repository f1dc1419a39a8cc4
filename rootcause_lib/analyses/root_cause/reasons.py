"""Which reasons customers make contact for: as coded, as corrected by an audit, at what cost, and beside what else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.audited import Audit, population, read_audit
from rootcause_lib.analyses.root_cause.correction import Correction, correct
from rootcause_lib.analyses.root_cause.reason_agreement import code_alpha, coder_alpha
from rootcause_lib.analyses.root_cause.reason_sums import ReasonSums, reason_sums
from rootcause_lib.analyses.small_cells import Counts, unsafe_cells, without_numbers
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.periods import Period
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.contrasts import Differences
from rootcause_lib.statistics.ratios import Ratios, rate_from_sums, share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SMALL

COLUMNS = (
    "reason", "contacts", "default_code", "denominator", "coded_share", "coded_low", "coded_high", "corrected_share",
    "corrected_low", "corrected_high", "level", "cost", "cost_unknown", "customers", "per_100_customers",
    "per_100_low", "per_100_high", "per_100_events", "per_100_events_low", "per_100_events_high", "score_metric",
    "score_difference", "score_difference_low", "score_difference_high", "upsell_difference", "upsell_difference_low",
    "upsell_difference_high", "status_share", "status_share_low", "status_share_high", "method", "claim", "grade",
    "grade_reasons", "reason_untold",
)  # fmt: skip
"""Of the frame `reasons`; "" in reason: no code."""

PER = 100

MOSTLY = 0.9
"""Share of audited contacts with a last word from which coders' disagreement does not matter any more."""


def reasons(store: Store, period: Period) -> pd.DataFrame:
    """Inbound contacts of a period by coded reason: one row per reason, `all` first, contacts without a code ("") last.

    contacts: sum of weights where contacts have several reasons. coded_share: of the contacts that carry a code
    (`denominator`); of `all`: the share of contacts that carry one. corrected_share: of all contacts, by an audit where
    there is one (`correction.correct`; `reason_untold` says why there is none). cost: of those whose cost is known;
    `cost_unknown` counts the others. per_100_customers: contacts per hundred customers over the whole period;
    per_100_events: per hundred events of the processes said to cause the reason. Differences are means of the reason's
    contacts less those of all others: score of `score_metric` (nps in points; more is better), revenue. status_share:
    made while something was open for the customer. Intervals are robust to customers with several contacts; the grade
    speaks of the corrected share, without one of the coded share.
    """
    sums = reason_sums(store, period)
    audit = read_audit(store, period, known=_codes(store, sums))
    correction = correct(audit, population(store, period), level=store.engagement.definitions.level)
    table = _counted(store, sums, period).join(_corrected(correction), how="outer")
    table = _ordered(table.rename_axis("reason").reset_index(), sums)
    table = table.assign(level=store.engagement.definitions.level, claim="descriptive")
    table["method"] = table["coded_method"].fillna("none").where(table["corrected_share"].isna(), correction.method)
    table["reason_untold"] = np.where(table["corrected_share"].isna() & (table["reason"] != ALL), correction.untold, "")
    graded = pd.concat([table, _graded(store, table, audit, correction)], axis=1)[list(COLUMNS)]
    if not graded["contacts"].gt(0).any():
        return graded.iloc[:0]
    return _published(graded, smallest=store.engagement.definitions.smallest_cell)


def _codes(store: Store, sums: ReasonSums) -> pd.Index:
    """What counts as a code: what contacts carry, and what the engagement names."""
    said = store.engagement.reasons
    named = [*said.default, *said.cancellation, *said.neutral, *said.complaint]
    named += [reason for process in store.engagement.processes.values() for reason in process.reasons]
    return sums.reasons.union(pd.Index(named, dtype=object), sort=False)


def _counted(store: Store, sums: ReasonSums, period: Period) -> pd.DataFrame:
    """What the engine counted, by reason, `all` first."""
    level = store.engagement.definitions.level
    contacts, cost, shares = sums.of("contacts"), sums.of("cost"), sums.shares()
    table = pd.DataFrame(index=sums.measured.index)
    table["contacts"], table["customers"] = contacts.weight, sums.customers
    table["default_code"] = table.index.isin(store.engagement.reasons.default)
    table["denominator"] = np.where(shares.weight > 0, shares.weight, np.nan)
    table["cost"] = np.where(cost.weight > 0, cost.value, np.nan)
    table["cost_unknown"] = contacts.weight - cost.weight
    coded = share_from_sums(shares, level=level)
    table["coded_method"] = coded.method
    _add(table, "coded_share", "coded", coded)
    _add(table, "per_100_customers", "per_100", rate_from_sums(ClusterSums.from_frame(sums.by_days), level=level),
         times=PER * period.days)  # fmt: skip
    events = rate_from_sums(ClusterSums.from_frame(sums.by_events), level=level)
    _add(table, "per_100_events", "per_100_events", events, times=PER)
    _add(table, "status_share", "status_share", share_from_sums(sums.of("waited"), level=level))
    if not store.is_filled("process_events", "ended_at"):
        table[["status_share", "status_share_low", "status_share_high"]] = np.nan
    return _with_differences(store, table, sums)


def _with_differences(store: Store, table: pd.DataFrame, sums: ReasonSums) -> pd.DataFrame:
    """Score and upsell of a reason's contacts against all others', where enough customers stand behind both."""
    level, smallest = store.engagement.definitions.level, store.engagement.definitions.smallest_cell
    times = 100.0 if sums.score.metric == "nps" else 1.0
    score = sums.differences("score", level=level)
    _add(table, "score_difference", "score_difference", score, times=-times if sums.score.inverted else times)
    upsell = sums.differences("revenue", level=level)
    _add(table, "upsell_difference", "upsell_difference", upsell)
    for name, found in (("score_difference", score), ("upsell_difference", upsell)):
        rest = found.clusters[0] - found.clusters
        few = (found.clusters < smallest) | (rest < 0) | (table.index == ALL)
        table.loc[few, [name, f"{name}_low", f"{name}_high"]] = np.nan
    answered = pd.Series(sums.of("score").weight > 0, index=table.index)
    table["score_metric"] = pd.Series(sums.score.metric, index=table.index, dtype="object").where(answered, None)
    return table


def _add(table: pd.DataFrame, name: str, limits: str, found: Ratios | Differences, *, times: float = 1.0) -> None:
    """A value and its limits as three columns, in another unit."""
    edges = (found.low * times, found.high * times)
    low, high = edges if times >= 0 else edges[::-1]
    table[name], table[f"{limits}_low"], table[f"{limits}_high"] = found.value * times, low, high


def _corrected(correction: Correction) -> pd.DataFrame:
    names = {"value": "corrected_share", "low": "corrected_low", "high": "corrected_high"}
    return correction.shares.rename(columns=names)[[*names.values(), "found"]]


def _ordered(table: pd.DataFrame, sums: ReasonSums) -> pd.DataFrame:
    """`all`, the codes as they came, what auditors found beside them, and last what is small or has no code."""
    last = {SMALL: 2, "": 3}
    place = {reason: number for number, reason in enumerate(sums.measured.index)}
    ranked = table.assign(
        _last=table["reason"].map(last).fillna(0),
        _place=table["reason"].map(place).fillna(len(place)),
        contacts=table["contacts"].fillna(0.0),
        customers=table["customers"].fillna(0.0),
        default_code=table["default_code"].fillna(False).astype(bool),
    )
    ranked = ranked.sort_values(["_last", "_place", "reason"], kind="stable", ignore_index=True)
    return ranked.drop(columns=["_last", "_place"])


def _graded(store: Store, table: pd.DataFrame, audit: Audit, correction: Correction) -> pd.DataFrame:
    """Width and customers; then the auditors' own agreement, or without an audit what codes alone are good for."""
    limits = store.engagement.grades
    corrected = table["corrected_share"].notna().to_numpy()
    low = table["corrected_low"].where(corrected, table["coded_low"])
    high = table["corrected_high"].where(corrected, table["coded_high"])
    shared = ~((table["reason"] == "") & ~corrected)
    letters = np.where(shared, width_letters((high - low) / 2, limits), 0)
    grading = Grading(limits, len(table)).precision(letters)
    behind = table["customers"].where(~corrected, np.maximum(table["customers"], correction.contacts))
    grading.customers(behind)
    default = _default_share(table)
    grading.default_codes(np.where(corrected, np.nan, default))
    # Contacts and costs of a row go by its code: weak codes leave a corrected share sound, but the row with care.
    level = store.engagement.definitions.level
    grading.capped("B", where=corrected & (default > limits.default_codes[0]), reason="default_codes")
    weak = code_alpha(audit, level=level).low < limits.agreement[0]
    grading.capped("B", where=corrected & weak, reason="low_agreement")
    if audit.adjudicated < MOSTLY:
        alpha = coder_alpha(audit, level=level)
        grading.agreement(np.where(corrected, alpha.low, np.nan))
        # One person's word, never checked by another's, is a stand-in for what contacts were about.
        grading.capped("B", where=corrected & np.isnan(alpha.low), reason="proxy")
    grading.capped("C", where=~corrected & shared & (table["reason"] != ALL), reason="proxy")
    grading.capped("D", where=table["reason"].isin(audit.unknown), reason="check_failed")
    grading.capped("C", where=store.is_guessed({"reason"}), reason="guessed_mapping")
    return grading.result()


def _default_share(table: pd.DataFrame) -> float:
    """Share of coded contacts whose code says nothing."""
    coded = table[~table["reason"].isin([ALL, ""])]
    whole = float(coded["contacts"].sum())
    return float(coded.loc[coded["default_code"], "contacts"].sum()) / whole if whole else float("nan")


def _published(table: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Without the numbers of reasons of too few customers, and of those that would give them back."""
    waited = table["status_share"] * table["contacts"]
    few = (waited > 0) & (waited < smallest)
    status = [name for name in table.columns if name.startswith("status_share")]
    shown = table.assign(**{name: table[name].mask(few) for name in status})
    counted = shown[["reason", "contacts", "customers"]].assign(cost=shown["cost"].fillna(0.0))
    cells = unsafe_cells([Counts(counted, "contacts", (), ("cost",))], by=("reason",), minimum=smallest)
    return without_numbers(shown, cells)
