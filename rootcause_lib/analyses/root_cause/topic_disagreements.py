"""What contacts of a code are by their texts: the pairs of code and text that stand apart most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.sorted_texts import SortedTexts, shares_of
from rootcause_lib.analyses.root_cause.topic_agreement import MOSTLY_UNKNOWN, unknown_share
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.store import Store

COLUMNS = (
    "coded", "by_text", "contacts", "customers", "by_mistake", "share", "low", "high", "level", "denominator", "grade",
    "grade_reasons",
)  # fmt: skip
"""Of the frame `text_disagreements`."""

MOST_PAIRS = 40

_FEWEST_JUDGED = 5
"""Audited contacts about a reason from which it is known how its texts are mistaken."""


def text_disagreements(store: Store, texts: SortedTexts | None) -> pd.DataFrame:
    """Pairs of a code and another topic by text, those first that hold most contacts beyond what mistakes explain.

    share: of the contacts of the code (`denominator`). by_mistake: how many of them the models would put there if every
    code were right, from the audited contacts about the code's matter (NaN: too few of those). At most
    `MOST_PAIRS` rows; pairs of fewer customers than the smallest cell are not listed, nor pairs that would give
    such a rest of a code or topic away.
    """
    if texts is None or texts.coded.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    definitions, limits = store.engagement.definitions, store.engagement.grades
    coded = texts.coded
    table = _pairs(coded).merge(_mistakes(texts), on=["coded", "by_text"], how="left")
    known = table["coded"].isin(_judged_codes(texts))
    table["by_mistake"] = (table["by_mistake"].fillna(0.0) * table["denominator"]).where(known)
    apart = table[table["coded"] != table["by_text"]]
    listed = _listed(coded, apart, smallest=definitions.smallest_cell)
    listed = listed.assign(level=definitions.level, **_limits(coded, listed, level=definitions.level))
    grading = Grading(limits, len(listed)).precision(width_letters((listed["high"] - listed["low"]) / 2, limits))
    grading.customers(coded.groupby("code")["cluster_key"].nunique().reindex(listed["coded"]).to_numpy())
    # A text says what a model makes of it; the matter itself is known of the audited alone.
    grading.capped("C", where=np.ones(len(listed), dtype=bool), reason="proxy")
    grading.capped("D", where=unknown_share(texts) > MOSTLY_UNKNOWN, reason="check_failed")
    return pd.concat([listed, grading.result()], axis=1)[list(COLUMNS)]


def _pairs(coded: pd.DataFrame) -> pd.DataFrame:
    """Every pair of code and topic by text with contacts and customers."""
    grouped = coded.rename(columns={"code": "coded"}).groupby(["coded", "by_text"])["cluster_key"]
    table = grouped.agg(contacts="size", customers="nunique").astype("float64").reset_index()
    return table.assign(denominator=table.groupby("coded")["contacts"].transform("sum"))


def _mistakes(texts: SortedTexts) -> pd.DataFrame:
    """The share of audited contacts about a reason that is sorted into each topic."""
    judged = texts.judged.rename(columns={"reason": "matter"})
    sums = judged.groupby(["matter", "by_text"])["weight"].sum().rename("by_mistake").reset_index()
    whole = sums.groupby("matter")["by_mistake"].transform("sum")
    return sums.assign(by_mistake=sums["by_mistake"] / whole).rename(columns={"matter": "coded"})


def _judged_codes(texts: SortedTexts) -> list[str]:
    found = texts.found.groupby("reason")["weight"].sum()
    return [str(reason) for reason in found.index[found >= _FEWEST_JUDGED]]


def _listed(coded: pd.DataFrame, apart: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """The pairs that may be told, worst first."""
    surplus = apart["contacts"] - apart["by_mistake"].fillna(0.0)
    ranked = apart.assign(surplus=surplus).sort_values(
        ["surplus", "contacts", "coded", "by_text"], ascending=[False, False, True, True], kind="stable"
    )
    chosen = ranked[ranked["customers"] >= smallest].head(MOST_PAIRS)
    # Totals by code and by topic, and how often both agree, are told elsewhere: what is left of them must not be few.
    left = coded[coded["code"] != coded["by_text"]].rename(columns={"code": "coded"})
    pairs = pd.MultiIndex.from_frame(left[["coded", "by_text"]])
    while len(chosen):
        rest = left[~pairs.isin(pd.MultiIndex.from_frame(chosen[["coded", "by_text"]]))]
        exposed = np.zeros(len(chosen), dtype=bool)
        for side in ("coded", "by_text"):
            people = rest.groupby(side)["cluster_key"].nunique()
            exposed |= chosen[side].isin(people.index[people < smallest]).to_numpy()
        if not exposed.any():
            break
        chosen = chosen.drop(index=chosen.index[exposed][-1])
    return chosen.drop(columns="surplus").reset_index(drop=True)


def _limits(coded: pd.DataFrame, listed: pd.DataFrame, *, level: float) -> dict[str, Floats]:
    """Share, low and high of each listed pair among the contacts of its code."""
    found = np.full((3, len(listed)), np.nan)
    for code, rows in listed.groupby("coded"):
        own = coded[coded["code"] == code]
        shares = shares_of(own["by_text"], own["cluster_key"], [str(name) for name in rows["by_text"]], level=level)
        found[:, rows.index.to_numpy()] = np.vstack([shares.value, shares.low, shares.high])
    return dict(zip(("share", "low", "high"), found, strict=True))
