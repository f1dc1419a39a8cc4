"""The share of each topic by text, corrected by the audit, beside the coded share of the same contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.sorted_texts import SortedTexts, shares_of
from rootcause_lib.analyses.small_cells import Counts, unsafe_cells, without_numbers
from rootcause_lib.errors import DataError
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.misclassification import corrected_shares
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

COLUMNS = (
    "reason", "contacts", "customers", "denominator", "unobserved", "text_share", "low", "high", "level",
    "predicted_share", "coded_share", "coded_low", "coded_high", "audited", "method", "claim", "grade",
    "grade_reasons",
)  # fmt: skip
"""Of the frame `text_topics`."""

FEWEST_FOUND = 10
"""Audited contacts about a topic from which its share may be used at all."""


def text_topics(store: Store, texts: SortedTexts | None) -> pd.DataFrame:
    """One row per topic, largest first; empty where nothing was learned.

    contacts: sorted into the topic, of `denominator` texts (those drawn); unobserved: contacts without a text, a share.
    text_share: what contacts with a text are about, sorted by text and corrected by the audited among them
    (post-stratified by topic, as `reasons` is by code); predicted_share is the same uncorrected. coded_share: of those
    of the same contacts that carry a code. audited: audited contacts about the topic.
    """
    if texts is None or texts.everybody.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    level = store.engagement.definitions.level
    everybody, coded = texts.everybody, texts.coded
    numbers = everybody["by_text"].value_counts()
    table = _corrected(texts, numbers, level=level)
    names = [str(name) for name in table["reason"]]
    table["contacts"] = numbers.reindex(names, fill_value=0).to_numpy(dtype=float)
    people = everybody.groupby("by_text")["cluster_key"].nunique().reindex(names, fill_value=0)
    table["customers"] = people.to_numpy(dtype=float)
    table["denominator"] = float(len(everybody))
    table["unobserved"] = 1 - texts.texts / texts.contacts
    table["level"], table["claim"] = level, "descriptive"
    said = shares_of(coded["code"], coded["cluster_key"], names, level=level)
    table["coded_share"], table["coded_low"], table["coded_high"] = said.value, said.low, said.high
    table = pd.concat([table, _graded(store, table, texts)], axis=1)
    ordered = table.sort_values(["text_share", "reason"], ascending=[False, True], ignore_index=True)
    return _published(ordered[list(COLUMNS)], coded, smallest=store.engagement.definitions.smallest_cell)


def _corrected(texts: SortedTexts, numbers: pd.Series, *, level: float) -> pd.DataFrame:
    """Shares with limits by topic; those sorted into a topic no text of everybody's was sorted into can't be used."""
    names = {"by_text": "code", "reason": "truth", "contact_key": "unit", "cluster_key": "customer"}
    judged = texts.judged.drop(columns="code").rename(columns=names)
    judged = judged[judged["code"].isin(numbers.index)]
    try:
        result = corrected_shares(judged[["unit", "code", "truth", "weight", "customer"]], numbers, level=level)
    except DataError:
        shares = (numbers / numbers.sum()).rename_axis("reason").rename("coded_share").reset_index()
        nothing = shares.assign(value=np.nan, low=np.nan, high=np.nan, found=0.0, method="none")
        return _named(nothing)
    return _named(result.shares.assign(method=result.method))


def _named(shares: pd.DataFrame) -> pd.DataFrame:
    names = {"coded_share": "predicted_share", "value": "text_share", "found": "audited"}
    shown = shares.drop(columns="audited", errors="ignore").rename(columns=names)
    kept = ["reason", "text_share", "low", "high", "predicted_share", "audited", "method"]
    return shown[kept].astype({"reason": "str"})


def _graded(store: Store, table: pd.DataFrame, texts: SortedTexts) -> pd.DataFrame:
    limits = store.engagement.grades
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    grading.customers(texts.audited["cluster_key"].nunique())
    grading.unobserved(table["unobserved"], reason="low_response")
    grading.capped("D", where=table["audited"] < FEWEST_FOUND, reason="too_few")
    # What texts of other days were about says little about this period's mix.
    grading.capped("C", where=texts.audit == "elsewhere", reason="proxy")
    grading.capped("C", where=store.is_guessed({"text"}), reason="guessed_mapping")
    return grading.result()


def _published(table: pd.DataFrame, coded: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Without the numbers of topics of too few customers, by text or code, and of those that would give them back."""
    by_text = table[["reason", "contacts", "customers"]]
    by_code = coded.groupby("code")["cluster_key"].agg(["size", "nunique"]).astype("float64").reset_index()
    by_code = by_code.set_axis(["reason", "contacts", "customers"], axis=1)
    counted = [Counts(_with_total(rows), "contacts") for rows in (by_text, by_code) if len(rows)]
    cells = unsafe_cells(counted, by=("reason",), minimum=smallest)
    return without_numbers(table, cells[cells["reason"] != ALL])


def _with_total(rows: pd.DataFrame) -> pd.DataFrame:
    whole = pd.DataFrame(
        {"reason": [ALL], "contacts": [rows["contacts"].sum()], "customers": [rows["customers"].sum()]}
    )
    return pd.concat([whole, rows], ignore_index=True)
