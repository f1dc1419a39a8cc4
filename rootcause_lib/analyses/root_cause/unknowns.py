"""What every number of root causes lacks: contacts it could not look at, beside a grade for rows that repeat another's.

A process is told from contacts of known customers; the others may be its too. Codes are told from contacts that carry
one, an audit from contacts it found, texts from contacts that have one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.estimates import estimate
from rootcause_lib.metrics.coverage import identified
from rootcause_lib.periods import Period
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SUPPRESSED

BAND = ["process", "kind", "band"]
_GRADED = ("level", "method", "grade", "grade_reasons")
_OF_CUSTOMERS = (
    "incidence", "variants", "attributable", "eliminable", "dose_response", "dose_trends", "change", "segments",
    "persistence",
    "owners",
)  # fmt: skip
_OF_CODES = ("reasons", "guesses")
_OF_AUDIT = ("agreement", "confusion", "code_accuracy")
_OF_TEXTS = ("text_agreement", "text_disagreements")
_OF_ALL = ("shocks",)

ADDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys((*_OF_CUSTOMERS, *_OF_CODES, *_OF_AUDIT, *_OF_TEXTS, *_OF_ALL), ("unobserved",))
    | dict.fromkeys(("variants", "dose_response"), (*_GRADED, "unobserved"))
    | dict.fromkeys(("text_disagreements", "persistence", "guesses", "owners"), ("method", "unobserved"))
)
"""frame -> the columns that are added here."""


def with_unknowns(
    store: Store, period: Period, frames: Mapping[str, pd.DataFrame], *, unmatched: int
) -> dict[str, pd.DataFrame]:
    """The frames with `unobserved`: contacts without a known customer, a code or a text, audited contacts that are not
    in the data (`unmatched`). Variants and bands of a dose take the grades of the same bands of `incidence`."""
    found = dict(frames)
    for name in ("variants", "dose_response"):
        found[name] = _graded(found[name], found["incidence"])
    found["text_disagreements"] = found["text_disagreements"].assign(method="wilson")
    found["guesses"] = _with_method(found["guesses"], found["reasons"], by="reason")
    for name in ("persistence", "owners"):
        found[name] = _with_method(found[name], found["attributable"], by="process")
    numbers = {
        **dict.fromkeys(_OF_CUSTOMERS, _without_customer(store, period)),
        **dict.fromkeys(_OF_CODES, _without_code(found["reasons"])),
        **dict.fromkeys(_OF_AUDIT, float(unmatched)),
        **dict.fromkeys(_OF_TEXTS, _without_text(found["reasons"], found["text_topics"])),
        **dict.fromkeys(_OF_ALL, 0.0),
    }
    for name, number in numbers.items():
        hidden = found[name]["grade_reasons"] == SUPPRESSED
        unobserved = pd.Series(number, index=found[name].index, dtype="float64")
        found[name] = found[name].assign(unobserved=unobserved.mask(hidden))
    return found


def _graded(rows: pd.DataFrame, incidence: pd.DataFrame) -> pd.DataFrame:
    """The level, method and grade of the same band in `incidence`."""
    keys = [name for name in BAND if name in rows.columns]
    bands = incidence if "kind" in keys else incidence[incidence["kind"] == "risk"]
    return rows.merge(bands[[*keys, *_GRADED]], on=keys, how="left").reset_index(drop=True)


def _with_method(rows: pd.DataFrame, of: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """The method behind the number that a row repeats."""
    methods = dict(zip(of[by].astype(str), of["method"].astype(str), strict=True))
    return rows.assign(method=[methods.get(str(name), "none") for name in rows[by]])


def _without_customer(store: Store, period: Period) -> float:
    covered = estimate(store, [identified()], period=period)
    return float((covered["denominator"] - covered["numerator"]).sum())


def _without_code(reasons: pd.DataFrame) -> float:
    whole = reasons[reasons["reason"] == ALL]
    return float((whole["contacts"] * (1 - whole["coded_share"].fillna(0))).sum())


def _without_text(reasons: pd.DataFrame, topics: pd.DataFrame) -> float:
    """Contacts whose text is missing; every contact where there are no texts."""
    contacts = float(reasons.loc[reasons["reason"] == ALL, "contacts"].sum())
    return contacts - (float(topics["denominator"].max()) if len(topics) else 0.0)
