"""How far reason codes can be trusted, and how many contacts to audit to know reasons well enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.audited import Audit, population, read_audit
from rootcause_lib.analyses.root_cause.correction import Correction, correct
from rootcause_lib.analyses.root_cause.reason_agreement import agreement, correct_share, weights_of
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.analyses.small_teams import team_sizes
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.periods import Period
from rootcause_lib.statistics.agreement import confusion
from rootcause_lib.statistics.intervals import wilson
from rootcause_lib.statistics.misclassification import audit_size
from rootcause_lib.statistics.shrinkage import shrunken_shares
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SMALL

HALF_WIDTHS = (0.02, 0.03, 0.05)
PLANNED = 5
"""The most material reasons that the plan speaks of one by one."""

CONFUSION = (
    "coded", "found", "contacts", "of", "share", "low", "high", "level", "customers", "method", "grade",
    "grade_reasons",
)  # fmt: skip
ACCURACY = (
    "team", "agent_id", "audited", "correct_share", "low", "high", "level", "raw_share", "customers", "method",
    "grade", "grade_reasons",
)  # fmt: skip
PLAN = ("reason", "half_width", "share", "explained", "needed", "audited", "further")


@dataclass(frozen=True, slots=True)
class Trust:
    """What an audit says of the codes; frames without rows where there is no audit (`audit_plan` always has some).

    agreement: alpha, accuracy and kappas with a verdict (`reason_agreement.agreement`). confusion: what contacts with a
    code (`coded`) were `found` to be, as shares of the code's audited contacts (`of`). code_accuracy: how often teams,
    or agents, code right, shrunken; as `[privacy] agents` allows. audit_plan: contacts to audit at random so that a
    reason's corrected share is known to +- `half_width`; `all`: every reason. The counts tell how many were audited
    within the period, outside it, and how many of the audit are not inbound contacts of the data (`unmatched`);
    `unknown` are reasons found that are no code; coders, and contacts coded by several of them.
    """

    agreement: pd.DataFrame
    confusion: pd.DataFrame
    code_accuracy: pd.DataFrame
    audit_plan: pd.DataFrame
    audited: int
    outside: int
    unmatched: int
    unknown: tuple[str, ...]
    coders: int
    coded_twice: int


def trust(store: Store, period: Period) -> Trust:
    """Agreement of codes with an audit and of coders among themselves, and how many contacts to audit next.

    Judged by the audited contacts of the period, or by all of the data's where those are few.
    """
    people = population(store, period)
    codes = people.codes()
    audit = read_audit(store, period, known=codes.index)
    correction = correct(audit, people, level=store.engagement.definitions.level)
    judged = audit.of_period()
    each = judged.codings.groupby("contact_key")["coder"].nunique()
    return Trust(
        agreement=agreement(store, judged),
        confusion=_confusion(store, judged),
        code_accuracy=_code_accuracy(store, judged, period),
        audit_plan=_plan(store, correction, codes, audited=len(audit.inside)),
        audited=len(audit.inside),
        outside=audit.outside,
        unmatched=audit.unmatched,
        unknown=audit.unknown,
        coders=int(judged.codings["coder"].nunique()),
        coded_twice=int((each > 1).sum()),
    )


def _confusion(store: Store, audit: Audit) -> pd.DataFrame:
    level, limits = store.engagement.definitions.level, store.engagement.grades
    smallest = store.engagement.definitions.smallest_cell
    given, found = weights_of(audit.given), weights_of(audit.found)
    both = given.index.intersection(found.index)
    if both.empty:
        return pd.DataFrame(columns=list(CONFUSION))
    table = confusion(given.loc[both], found.loc[both], level=level)
    table = table.loc[table["contacts"] > 1e-9, ["given", "found", "contacts", "of"]]
    table = table.set_axis(["coded", "found", "contacts", "of"], axis=1)
    pairs = audit.given.merge(audit.found, on="contact_key", suffixes=("_coded", "_found"))
    pairs = pairs.merge(audit.contacts[["contact_key", "cluster_key"]], on="contact_key")
    whole = pairs.groupby("reason_coded")["cluster_key"].nunique()
    table = _few_together(table, pairs, smallest=smallest)
    interval = wilson(table["contacts"], table["of"], level=level)
    table = table.assign(
        share=table["contacts"] / table["of"], low=interval.low, high=interval.high, level=level, method="wilson",
        _small=table["found"] == SMALL,
    )  # fmt: skip
    keys = ["of", "coded", "_small", "contacts", "found"]
    ranked = table.sort_values(keys, ascending=[False, True, True, False, True], ignore_index=True)
    grading = Grading(limits, len(ranked)).precision(width_letters((ranked["high"] - ranked["low"]) / 2, limits))
    graded = pd.concat([ranked, grading.customers(ranked["coded"].map(whole)).result()], axis=1)
    return blank(graded[list(CONFUSION)], _small_pairs(graded, whole, smallest=smallest))


def _few_together(table: pd.DataFrame, pairs: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Cells with their customers; those of a code that are small are one, `(small)`, where together they are not."""
    people = pairs.groupby(["reason_coded", "reason_found"])["cluster_key"]
    customers = people.nunique().reindex(pd.MultiIndex.from_frame(table[["coded", "found"]])).to_numpy()
    table = table.assign(customers=customers)
    few = table["customers"] < smallest
    small_pairs = pd.MultiIndex.from_frame(table.loc[few, ["coded", "found"]])
    own = pairs[pd.MultiIndex.from_frame(pairs[["reason_coded", "reason_found"]]).isin(small_pairs)]
    together = own.groupby("reason_coded")["cluster_key"].nunique()
    enough = together.index[together >= smallest]
    joined = few & table["coded"].isin(enough)
    sums = table[joined].groupby("coded", as_index=False).agg(contacts=("contacts", "sum"), of=("of", "first"))
    sums = sums.assign(found=SMALL, customers=sums["coded"].map(together))
    return pd.concat([table[~joined], sums], ignore_index=True)[list(table.columns)]


def _small_pairs(table: pd.DataFrame, whole: pd.Series, *, smallest: int) -> np.ndarray:
    """Cells that too few customers stand behind, and those that would give them back beside their code's total."""
    totals = table[["coded", "of"]].drop_duplicates("coded").set_axis(["coded", "contacts"], axis=1)
    totals = totals.assign(found=ALL, customers=totals["coded"].map(whole))
    everything = pd.DataFrame(
        {"coded": [ALL], "found": [ALL], "contacts": [totals["contacts"].sum()], "customers": [whole.sum()]}
    )
    columns = ["coded", "found", "contacts", "customers"]
    counted = pd.concat([everything, totals[columns], table[columns]], ignore_index=True)
    cells = unsafe_cells([Counts(counted, "contacts")], by=("coded", "found"), minimum=smallest)
    gone = pd.MultiIndex.from_frame(cells) if len(cells) else pd.MultiIndex.from_arrays([[], []])
    small_codes = set(cells.loc[cells["found"] == ALL, "coded"])
    hidden = pd.MultiIndex.from_frame(table[["coded", "found"]]).isin(gone)
    return np.asarray(hidden | table["coded"].isin(small_codes).to_numpy())


def _code_accuracy(store: Store, audit: Audit, period: Period) -> pd.DataFrame:
    """How often codes are right, over all, by team and, where the engagement allows it, by agent."""
    view = store.engagement.privacy.agents
    seeds = team_sizes(store, period).small if view == "team" else frozenset()
    given, found = weights_of(audit.given), weights_of(audit.found)
    both = given.index.intersection(found.index)
    if both.empty or view == "none":
        return pd.DataFrame(columns=list(ACCURACY))
    contacts = audit.contacts.set_index("contact_key").loc[both]
    contacts = contacts.assign(right=correct_share(given.loc[both], found.loc[both]).to_numpy())
    rows = [_accuracy(contacts.assign(team=ALL, agent_id=ALL), store)]
    named = contacts[contacts["team"].notna()]
    rows.append(_accuracy(named.assign(agent_id=ALL), store))
    if view == "pseudonym":
        people = contacts[contacts["agent_id"].notna()]
        rows.append(_accuracy(people.assign(team=people["team"].fillna("")), store))
    table = pd.concat([part for part in rows if len(part)], ignore_index=True)
    teams = table[table["agent_id"] == ALL]
    smallest = store.engagement.definitions.smallest_cell
    cells = unsafe_cells([Counts(teams, "audited")], by=("team",), minimum=smallest, seeds=seeds)
    hidden = table["team"].isin(cells["team"]) | (table["customers"] < smallest)
    return blank(table[list(ACCURACY)], hidden.to_numpy())


def _accuracy(contacts: pd.DataFrame, store: Store) -> pd.DataFrame:
    """One row per team and agent that occur, each pulled towards the others as far as luck explains it."""
    if contacts.empty:
        return pd.DataFrame(columns=list(ACCURACY))
    level, limits = store.engagement.definitions.level, store.engagement.grades
    cells = contacts.groupby(["team", "agent_id"])
    table = cells.agg(right=("right", "sum"), audited=("right", "size"), customers=("cluster_key", "nunique"))
    table = table.reset_index().astype({"audited": "float64", "customers": "float64"})
    found = shrunken_shares(table["right"].clip(upper=table["audited"]), table["audited"], level=level)
    table = table.assign(
        correct_share=found.value, low=found.low, high=found.high, level=level, raw_share=found.raw, method="shrunken"
    )
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    return pd.concat([table, grading.customers(table["customers"]).result()], axis=1)


def _plan(store: Store, correction: Correction, codes: pd.Series, *, audited: int) -> pd.DataFrame:
    """Contacts to audit, for every reason (`all`: as many as the most demanding one wants) and for the weightiest."""
    level = store.engagement.definitions.level
    if not codes.sum():
        return pd.DataFrame(columns=list(PLAN))
    reasons = _to_plan(correction, codes)
    named = reasons.drop(list(store.engagement.reasons.default), errors="ignore")
    weighty = [str(reason) for reason in named.sort_values("share", ascending=False, kind="stable").index[:PLANNED]]
    rows: list[tuple[object, ...]] = []
    for half_width in HALF_WIDTHS:
        needed = {
            str(reason): audit_size(half_width, share=float(share), explained=float(explained), level=level)
            for reason, share, explained in reasons.itertuples()
        }
        most = max(needed.values(), default=audit_size(half_width, level=level))
        rows.append((ALL, half_width, np.nan, np.nan, most))
        for reason in weighty:
            known = reasons.loc[reason]
            rows.append((reason, half_width, known["share"], known["explained"], needed[reason]))
    table = pd.DataFrame(rows, columns=["reason", "half_width", "share", "explained", "needed"])
    # Nobody can audit more contacts than there are.
    table["needed"] = table["needed"].clip(upper=float(codes.sum())).astype("float64")
    table = table.assign(audited=float(audited), further=(table["needed"] - audited).clip(lower=0.0))
    place = {reason: number for number, reason in enumerate((ALL, *weighty))}
    ranked = table.sort_values("half_width", kind="stable").sort_values(
        "reason", key=lambda reason: reason.map(place), kind="stable"
    )
    return ranked[list(PLAN)].reset_index(drop=True)


def _to_plan(correction: Correction, codes: pd.Series) -> pd.DataFrame:
    """share and explained by reason, as far as they are known; without an audit by codes, which explain nothing yet."""
    named = codes.drop("", errors="ignore")
    told = correction.shares
    share = told["value"] if len(told) else named / max(float(named.sum()), 1.0)
    explained = told["explained"].fillna(0.0) if len(told) else pd.Series(0.0, index=share.index)
    table = pd.DataFrame({"share": share, "explained": explained.clip(0, 0.99)}, dtype="float64")
    return table[(table["share"] > 0) & (table["share"] < 1) & (table.index != SMALL)]
