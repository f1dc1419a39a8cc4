"""What an analysis says: quantities with their uncertainty, findings in named fields, and checks.

A finding is language-neutral: a key of the prose catalogue and the fields its sentence needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

QuantityKind = Literal["share", "points", "count", "mean", "ratio", "rate", "seconds", "days", "money", "score"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that never stands alone; `value` None means unknown.

    share: 0-1. points: a difference of shares, -1 to 1. seconds and days: durations. money: the
    engagement's currency. `denominator` is what the number is taken over (contacts at risk for
    curves), `grade` what it may be used for.
    """

    kind: QuantityKind
    value: float | None
    low: float | None = None
    high: float | None = None
    denominator: float | None = None
    grade: str | None = None


Field = str | int | float | dt.date | Quantity | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence to be: `key` in the prose catalogue and the fields that fill it."""

    key: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    grade: str | None = None
    grade_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the data or of a method; `passed` None is for information only."""

    name: str
    passed: bool | None
    text: Finding
    table: pd.DataFrame | None = None
