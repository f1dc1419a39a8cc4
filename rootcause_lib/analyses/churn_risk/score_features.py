"""What risk scores are made of: what was known of a customer at the beginning of a week, in words.

Nothing here reaches past that moment, and cancellation reasons count for nothing. Attributes of customers are as they
stand in the exports, so they may know what became of a customer: `statistics.leakage` looks for that.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.errors import ParameterError
from rootcause_lib.person_weeks import Factor, Window, levels_of
from rootcause_lib.store import Store
from rootcause_lib.traits import traits_of

LOOKBACK_WEEKS = 12
"""How far features look back; a snapshot earlier in the data would not see all of it."""

UNKNOWN = "unknown"
MOST_PROBLEMS = 6
YEAR_WEEKS = 365.25 / 7

_COUNTS = ("0", "1", "2", "3+")
_TENURE = ((26, "0-25"), (52, "26-51"), (156, "52-155"), (math.inf, "156+"))
_CONTACT_WEEKS = 8


def factors_of(store: Store) -> tuple[Factor, ...]:
    """What happened before: contacts lately and earlier, how they ended, complaints, failures upstream."""
    found = [
        Factor("contacts_recent", (Window("contact", 1, 5),), _COUNTS),
        Factor("contacts_earlier", (Window("contact", 5, LOOKBACK_WEEKS + 1),), _COUNTS),
        Factor("repeat_contacts", (Window("repeat", 1, _CONTACT_WEEKS + 1),)),
    ]
    if store.is_filled("contacts", "resolved"):
        found.append(Factor("unresolved", (Window("unresolved", 1, _CONTACT_WEEKS + 1),)))
    if complaint := store.engagement.reasons.complaint:
        windows = tuple(Window("reason", 1, LOOKBACK_WEEKS + 1, item=reason) for reason in complaint)
        found.append(Factor("complaint", windows))
    return (*found, *_problems(store))


def _problems(store: Store) -> tuple[Factor, ...]:
    """A factor per failing process, of the first ones; the others share one."""
    named = {name: own for name, own in store.engagement.processes.items() if own.kind == "failure"}
    windows = {
        name: Window("problem", 1, LOOKBACK_WEEKS + 1, item=name, overdue_days=own.overdue_bands[0])
        if own.overdue_bands
        else Window("problem", 1, LOOKBACK_WEEKS + 1, item=name)
        for name, own in named.items()
    }
    first = [Factor(f"problem={name}", (windows[name],)) for name in list(windows)[:MOST_PROBLEMS]]
    rest = tuple(list(windows.values())[MOST_PROBLEMS:])
    return (*first, *((Factor("problem_other", rest),) if rest else ()))


def checked_factors(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """The factors, if none of them sees the week it is asked about or a later one; else ParameterError."""
    for factor in factors:
        if any(window.from_week < 1 for window in factor.windows):
            raise ParameterError(
                f"'{factor.name}' would be known only after the moment it is asked about: it looks into the week of "
                "the snapshot or beyond. A window must open at least one week after its mark."
            )
    return factors


def in_words(asked: Asked, rows: pd.DataFrame, factors: tuple[Factor, ...], *, ahead_weeks: int) -> pd.DataFrame:
    """The features of snapshots, one column each, every value a word.

    `contract_end` is soon where the day of the year on which the contract ends comes within `ahead_weeks`: the date
    itself is moved on when a contract is renewed, so at an earlier moment it would tell who stayed.
    """
    made = levels_of(rows["state"], factors)
    made["segment"] = _labels(rows["segment"])
    for column, name in traits_of(asked.store).items():
        made[f"attribute={name}"] = _labels(rows[column])
    weeks = rows["tenure_weeks"].astype("float64")
    if weeks.notna().any():
        made["tenure"] = _tenure(weeks)
    contract = rows["contract_weeks"].astype("float64")
    if contract.notna().any() and ahead_weeks < YEAR_WEEKS:
        ahead = contract - np.floor(contract / YEAR_WEEKS) * YEAR_WEEKS
        soon = np.where(ahead < ahead_weeks, "soon", "later")
        made["contract_end"] = np.where(contract.isna(), "none", soon)
    return made


def _labels(values: pd.Series) -> pd.Series:
    # What stands for several drivers is joined by semicolons.
    return values.astype("object").where(values.notna(), UNKNOWN).astype("str").str.replace(";", ",", regex=False)


def _tenure(weeks: pd.Series) -> pd.Series:
    known = weeks.fillna(0)
    words = np.select([known < edge for edge, _ in _TENURE], [word for _, word in _TENURE], default=UNKNOWN)
    return pd.Series(np.where(weeks.isna(), UNKNOWN, words), index=weeks.index)
