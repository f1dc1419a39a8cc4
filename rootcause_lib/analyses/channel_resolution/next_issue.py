"""The part on which matter follows which: more often after a contact than before it, in the same customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.grades import graded_followed
from rootcause_lib.analyses.channel_resolution.next_issue_findings import next_issue_cannot_tell, next_issue_readings
from rootcause_lib.analyses.part import Part
from rootcause_lib.grades import at_most, capped, spread_letters
from rootcause_lib.journeys import Following, day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.false_discovery import adjusted_p_values
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.statistics.sequence_symmetry import expected_ratio, lifts, sign_test
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

FALSE_DISCOVERY_RATE = 0.05
"""Share of what is told that may be luck, on average."""

LEAST_CUSTOMERS = 10
"""Fewer customers with one order more than the other confirm nothing: such pairs are not compared."""

NEXT_ISSUE_COLUMNS = (
    "reason", "next_reason", "customers", "contacts", "share", "low", "high", "baseline", "lift", "lift_low",
    "lift_high", "level", "denominator", "unobserved", "p_value", "q_value", "told", "method", "claim", "grade",
    "grade_reasons",
)  # fmt: skip
LEAST_LIFT = 1.2
"""Smaller lifts are not told, however sure: with enough contacts anything is."""

_PRODUCTS = ("before", "after_before", "before_before")


def next_issue(asked: Asked) -> Part:
    """Which matter a contact is followed by, beyond what its customers' days before it would suggest."""
    table = next_issues(asked.store, asked.followed, asked.period, smallest=asked.smallest)
    return Part(
        frames={"next_issue": table},
        readings={"next_issue": next_issue_readings(asked.store, table, asked.followed)},
        cannot_tell=next_issue_cannot_tell(table),
    )


def next_issues(store: Store, followed: Following, period: Period, *, smallest: int) -> pd.DataFrame:
    """Pairs of matters with enough customers, those told first, then by contacts beyond what was to be expected.

    A contact counts where its customer can be seen, and was a customer, through a window before and one after it.
    share: those followed by a contact about the other matter within the window. baseline: those preceded by one within
    as long before, brought to the level of the later days. told: followed at least `LEAST_LIFT` times as often as
    preceded, surely, and at a false discovery rate of 5 % over all pairs (Benjamini and Hochberg) by an exact sign test
    with one vote per customer. Matters named as cancellations are left to the analysis of churn. Where few
    customers (fewer than `smallest`) had the other matter before, they are counted as so many: the lift is then a
    lower one.
    """
    days = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    asked = {name: followed.values[name] for name in ("window_days", "own_windows")}
    sums = store.engine.run(statement("issue_pairs", values={**asked, **days}))
    daily = store.engine.run(statement("issue_days"))
    pairs = _with_bases(sums)
    # Who cancels leaves: nothing can come after, so a cancellation seems to follow whatever there was.
    last = pairs[["reason", "next_reason"]].isin(store.engagement.reasons.cancellation).any(axis=1)
    pairs = pairs[~last]
    least = max(LEAST_CUSTOMERS, smallest)
    enough = (pairs["customers_after"] >= least) & (pairs["more_after"] + pairs["more_before"] >= least)
    # The mirror image of a pair is the same comparison: both stay, so that each direction has its own row.
    pairs = _guarded(pairs[enough].reset_index(drop=True), smallest=smallest)
    if pairs.empty:
        return pd.DataFrame(columns=list(NEXT_ISSUE_COLUMNS))
    table = _lifted(store, pairs, _expected(daily, pairs, followed, days["start_day"], days["end_day"]))
    table = _graded(store, table.assign(unobserved=_unobserved(table, daily, days)), followed)
    excess = table["contacts"] - table["baseline"].fillna(0) * table["denominator"]
    order = table.assign(excess=excess).sort_values(
        ["told", "excess", "reason", "next_reason"], ascending=[False, False, True, True], kind="stable"
    )
    return order[list(NEXT_ISSUE_COLUMNS)].reset_index(drop=True)


def _unobserved(table: pd.DataFrame, daily: pd.DataFrame, days: dict[str, int]) -> pd.Series:
    """Judged contacts about the first matter that can't be seen through both windows."""
    within = daily[daily["started_day"].between(days["start_day"], days["end_day"])]
    judged = within.groupby(within["reason"].astype(str))["contacts"].sum()
    return table["reason"].map(judged).fillna(0).astype("float64") - table["denominator"]


def _with_bases(sums: pd.DataFrame) -> pd.DataFrame:
    """The pairs, each with how many contacts, customers and squares its first matter has."""
    plain = sums.assign(reason=sums["reason"].astype(object), next_reason=sums["next_reason"].astype(object))
    alone = plain["next_reason"].isna()
    bases = plain[alone][["reason", "contacts", "contacts_contacts", "customers"]]
    pairs = plain[~alone].drop(columns=["contacts", "contacts_contacts"])
    merged = pairs.merge(bases.rename(columns={"customers": "customers_asked"}), on="reason", how="left")
    numbers = [name for name in merged.columns if name not in ("reason", "next_reason")]
    merged[numbers] = merged[numbers].astype("float64")
    return merged.sort_values(["reason", "next_reason"], kind="stable").reset_index(drop=True)


def _guarded(pairs: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Few customers with the other matter before, counted as `smallest`: neither they nor the lift tell of them."""
    few = (pairs["customers_before"] > 0) & (pairs["customers_before"] < smallest)
    more = (smallest / pairs["customers_before"]).where(few, 1.0)
    raised = {name: pairs[name] * more for name in _PRODUCTS}
    votes = pairs["more_before"].where(~few, np.maximum(pairs["more_before"], float(smallest)))
    return pairs.assign(**raised, more_before=votes)


def _expected(daily: pd.DataFrame, pairs: pd.DataFrame, followed: Following, start_day: int, end_day: int) -> Floats:
    """How many times as often one matter would follow the other as precede it, by how both come and go in time."""
    if daily.empty:
        return np.ones(len(pairs))
    first, last = int(daily["started_day"].min()), int(daily["started_day"].max())
    wide = (
        daily.assign(reason=daily["reason"].astype(object))
        .astype({"contacts": "float64"})
        .pivot_table(index="reason", columns="started_day", values="contacts", aggfunc="sum", fill_value=0.0)
    )
    wide = wide.reindex(columns=range(first, last + 1), fill_value=0.0).astype("float64")
    days = np.arange(first, last + 1)
    judged = ((start_day <= days) & (days <= end_day)).astype(float)
    ours = wide.reindex(pairs["reason"], fill_value=0.0).to_numpy() * judged
    theirs = wide.reindex(pairs["next_reason"], fill_value=0.0).to_numpy()
    ratio = expected_ratio(ours, theirs, window=followed.window_days)
    return np.where(np.isnan(ratio), 1.0, ratio)


def _lifted(store: Store, pairs: pd.DataFrame, expected: Floats) -> pd.DataFrame:
    level = store.engagement.definitions.level
    share = share_from_sums(
        ClusterSums.of(
            value=pairs["after"], weight=pairs["contacts"], clusters=pairs["customers_asked"],
            value_value=pairs["after_after"], value_weight=pairs["after_contacts"],
            weight_weight=pairs["contacts_contacts"],
        ),
        level=level,
    )  # fmt: skip
    products = {name: pairs[name] for name in ("after", "before", "after_after", "after_before", "before_before")}
    lifted = lifts(**products, customers=pairs["customers"], expected=expected, level=level)
    p_value = sign_test(more=pairs["more_after"], less=pairs["more_before"], expected=expected)
    q_value = adjusted_p_values(p_value)
    # Where nothing came before there is no lift to name, but there is a lower limit.
    above = ((pairs["before"] == 0) | (lifted.lift >= LEAST_LIFT)) & (lifted.low > 1)
    return pd.DataFrame(
        {
            "reason": pairs["reason"].astype(str), "next_reason": pairs["next_reason"].astype(str),
            "customers": pairs["customers_after"], "contacts": pairs["after"],
            "share": share.value, "low": share.low, "high": share.high,
            "baseline": pairs["before"] * expected / pairs["contacts"],
            "lift": lifted.lift, "lift_low": lifted.low, "lift_high": lifted.high,
            "level": level, "denominator": pairs["contacts"], "unobserved": np.nan,
            "p_value": p_value, "q_value": q_value,
            "told": (np.nan_to_num(q_value, nan=1.0) <= FALSE_DISCOVERY_RATE) & above,
            "method": "sequence_symmetry", "claim": "association",
        }
    )  # fmt: skip


def _graded(store: Store, table: pd.DataFrame, followed: Following) -> pd.DataFrame:
    """By how wide or clear of 1 the lift's interval is; B at best where nobody knows who was a customer before."""
    high = table["lift_high"].fillna(np.inf)
    limits = store.engagement.grades
    # A lift that is surely above or below 1 tells something, however wide its interval.
    clear = at_most(table["p_value"], [1 - level for level in limits.clear_at])
    letters = np.minimum(spread_letters(table["lift_low"], high, limits), clear)
    coded = Following("reason", followed.window_days, own_windows=followed.own_windows)
    channels = pd.Series(ALL, index=table.index)
    graded = graded_followed(store, table, coded, letters=letters, unknown=np.nan, channels=channels)
    return capped(graded, "B", where=not store.is_filled("customers", "joined_on"), reason="proxy")
