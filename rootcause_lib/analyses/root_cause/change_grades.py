"""What a change may be used for, which changes stand out, and which rows may not be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.change_effects import UNKNOWN
from rootcause_lib.analyses.root_cause.compared import YEAR_DAYS, Compared
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.grades import Grading, Letters, width_letters
from rootcause_lib.periods import Period
from rootcause_lib.statistics.decomposition import EFFECTS
from rootcause_lib.statistics.false_discovery import adjusted_p_values
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

FALSE_DISCOVERY_RATE = 0.05
"""At most so many of the changes and segments that are told are luck, on average."""

_KEYS = ("period", "before", "dimension", "item", "exposure_unit", "level", "claim")
CHANGE_COLUMNS = (
    "period", "before", "dimension", "item",
    *(f"{effect}{limit}" for effect in (*EFFECTS, "total") for limit in ("", "_low", "_high")),
    "level", "contacts_before", "contacts", "exposure_unit", "exposure_before", "exposure",
    "customers_before", "customers", "p_value", "q_value", "changed", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `change`; dimension and item say which contacts, an empty item those without a known label."""


def graded_changes(store: Store, table: pd.DataFrame, compared: Compared, *, compare: str) -> pd.DataFrame:
    """Rows with their grades and false discovery rates, without the numbers of small cells."""
    told = table[["total_low", "total_high"]].notna().all(axis=1)
    q_value = adjusted_p_values(table["p_value"])
    stands_out = np.nan_to_num(q_value, nan=1.0) <= FALSE_DISCOVERY_RATE
    direction = np.where(table["total"] > 0, "more", "fewer")
    graded = table.assign(
        period=span(compared.period),
        before=span(compared.before),
        level=store.engagement.definitions.level,
        q_value=q_value,
        changed=np.where(stands_out, direction, "no_clear_change"),
        method=np.where(told, "das_gupta_cluster", "das_gupta"),
        claim="descriptive",
    )
    grading = _grading(store, graded, compared, compare=compare)
    graded = pd.concat([graded, grading.result()], axis=1)
    return _protected(store, graded)[list(CHANGE_COLUMNS)]


def span(period: Period) -> str:
    """A period as ISO 8601 writes it: first day/last day."""
    return f"{period.start}/{period.end}"


def _grading(store: Store, table: pd.DataFrame, compared: Compared, *, compare: str) -> Grading:
    limits = store.engagement.grades
    of = table["contacts_before"].clip(lower=1)
    letters = width_letters((table["total_high"] - table["total_low"]) / 2 / of, limits)
    clear = clear_letters(table["p_value"], limits.clear_at)
    grading = Grading(limits, len(table)).precision(np.minimum(letters, clear))
    grading.customers(table[["customers_before", "customers"]].max(axis=1))
    add_store_lines(store, grading, coded=table["dimension"].isin(["reason", "process"]), columns=_RESTS_ON)
    # Codes only stand in for what a process caused, and the days before for the same season.
    grading.capped("B", where=table["dimension"] == "process", reason="proxy")
    grading.capped("B", where=compare == "previous" and compared.period.days <= YEAR_DAYS, reason="proxy")
    return grading


_RESTS_ON = ("contact_id", "started_at", "direction")


def clear_letters(p_value: pd.Series, clear_at: tuple[float, ...]) -> Letters:
    """By the levels at which a number is clear of no change; not told: of none."""
    limits = [1 - level for level in clear_at]
    known = p_value.fillna(1.0).to_numpy(dtype=float)
    return np.asarray((known[:, None] > np.asarray(limits) + 1e-12).sum(axis=1), dtype=np.int64)


def add_store_lines(store: Store, grading: Grading, *, coded: pd.Series, columns: tuple[str, ...]) -> None:
    """What every count of contacts meets: are their customers known, do codes speak, was a mapping guessed?"""
    best, good, _ = store.engagement.grades.identified
    # Counts are right without customers, only their intervals are not: direction at worst.
    grading.capped("B", where=not store.identified_share >= best, reason="unidentified")
    grading.capped("C", where=not store.identified_share >= good, reason="unidentified")
    grading.default_codes(np.where(coded, store.default_code_share, np.nan))
    grading.capped("C", where=store.is_guessed(columns), reason="guessed_mapping")
    grading.capped("C", where=coded & store.is_guessed({"reason"}), reason="guessed_mapping")


def _protected(store: Store, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of too few customers in a period, and those that would give them back, without numbers."""
    smallest = store.engagement.definitions.smallest_cell
    total = table[table["dimension"] == "total"]
    hidden = np.zeros(len(table), dtype=bool)
    for dimension, rows in table.groupby("dimension", sort=False):
        if dimension == "total":
            continue
        both = pd.concat([total, rows], ignore_index=True)
        counted = [Counts(both, f"contacts{side}", persons=f"customers{side}") for side in ("_before", "")]
        unsafe = unsafe_cells(counted, by=("item",), minimum=smallest)
        hidden |= ((table["dimension"] == dimension) & table["item"].isin(unsafe["item"])).to_numpy()
        hidden |= ((table["dimension"] == "total") & (ALL in set(unsafe["item"]))).to_numpy()
    keys = table[list(_KEYS)]
    shown = blank(table.drop(columns=list(_KEYS)), hidden).assign(**{name: keys[name] for name in _KEYS})
    shown["changed"] = shown["changed"].mask(hidden, "no_clear_change")
    return shown.assign(item=shown["item"].where(shown["item"] != UNKNOWN, None))
