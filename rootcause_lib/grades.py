"""What a number may be used for: A decide, B decide with care, C direction only, D do not use.

The worst line counts. Each line is a limit for A, B and C; what misses C is D.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.engagement import Grades
from rootcause_lib.vocabulary import GRADE_REASONS, GRADES

Letters = npt.NDArray[np.int64]
"""Positions in GRADES, 0 for A."""


class Grading:
    """Grades `rows` numbers line by line; each method adds one line, NaN meaning the line does not apply."""

    def __init__(self, limits: Grades, rows: int) -> None:
        self.limits = limits
        self.rows = rows
        self._lines: list[tuple[str, Letters]] = []

    def precision(self, letters: Letters) -> Grading:
        """How wide the interval is, from `width_letters`, `spread_letters` or a clear threshold."""
        return self._add("interval_too_wide", letters)

    def customers(self, number: Any) -> Grading:
        return self._add("too_few", at_least(number, self.limits.customers))

    def events(self, number: Any) -> Grading:
        return self._add("too_few", at_least(number, self.limits.events))

    def unobserved(self, share: Any, *, reason: str = "immature") -> Grading:
        return self._add(reason, at_most(share, self.limits.unobserved))

    def identified(self, share: Any) -> Grading:
        return self._add("unidentified", at_least(share, self.limits.identified))

    def default_codes(self, share: Any) -> Grading:
        return self._add("default_codes", at_most(share, self.limits.default_codes))

    def agreement(self, low: Any) -> Grading:
        """Lower limit of how far codes, or coders, agree beyond chance."""
        return self._add("low_agreement", at_least(low, self.limits.agreement))

    def response(self, share: Any) -> Grading:
        """Share of those asked who answered."""
        return self._add("low_response", at_least(share, self.limits.response))

    def definition_spread(self, ratio: Any) -> Grading:
        """Difference between defensible definitions over the interval's half-width."""
        return self._add("definition_sensitive", at_most(ratio, self.limits.definition_spread))

    def capped(self, at: str, *, where: Any, reason: str) -> Grading:
        """No better than `at` where the condition holds."""
        letter = np.where(np.broadcast_to(np.asarray(where, dtype=bool), self.rows), GRADES.index(at), 0)
        return self._add(reason, letter)

    def result(self) -> pd.DataFrame:
        """Columns grade and grade_reasons (joined by ;, worst line first)."""
        if not self._lines or not self.rows:
            return pd.DataFrame({"grade": ["A"] * self.rows, "grade_reasons": [""] * self.rows}, dtype="str")
        letters = np.vstack([line for _, line in self._lines])
        names = [name for name, _ in self._lines]
        worst = letters.max(axis=0)
        return pd.DataFrame(
            {
                "grade": pd.array([GRADES[letter] for letter in worst], dtype="str"),
                "grade_reasons": pd.array([_told(names, column) for column in letters.T], dtype="str"),
            }
        )

    def _add(self, reason: str, letters: Any) -> Grading:
        if reason not in GRADE_REASONS:
            raise ValueError(f"{reason} is no grade reason")
        self._lines.append((reason, np.broadcast_to(np.asarray(letters, dtype=np.int64), self.rows)))
        return self


def capped(graded: pd.DataFrame, at: str, *, where: Any, reason: str) -> pd.DataFrame:
    """A frame that has grades already, no better than `at` where the condition holds."""
    held = np.broadcast_to(np.asarray(where, dtype=bool), len(graded))
    worse, told = held & (graded["grade"] < at).to_numpy(), graded["grade_reasons"]
    reasons = told.mask(worse, reason + ";" + told).mask(held & ~worse, told + ";" + reason)
    return graded.assign(grade=graded["grade"].mask(worse, at), grade_reasons=reasons.str.strip(";"))


def at_most(values: Any, limits: Sequence[float]) -> Letters:
    """A where a value is at most the first limit, and so on; NaN is no complaint."""
    given = np.asarray(values, dtype=float)[..., None]
    return np.asarray((given > np.asarray(limits) + 1e-12).sum(axis=-1), dtype=np.int64)


def at_least(values: Any, limits: Sequence[float]) -> Letters:
    """A where a value is at least the first limit, and so on; NaN is no complaint."""
    given = np.asarray(values, dtype=float)[..., None]
    return np.asarray((given < np.asarray(limits) - 1e-12).sum(axis=-1), dtype=np.int64)


def width_letters(half_width: Any, limits: Grades) -> Letters:
    """By a share's half-width; an unknown width is the worst."""
    return at_most(np.nan_to_num(np.asarray(half_width, dtype=float), nan=np.inf), limits.half_width)


def spread_letters(low: Any, high: Any, limits: Grades) -> Letters:
    """By the upper over the lower limit of a rate, mean or ratio; unknown limits are the worst."""
    bottom, top = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(bottom > 0, top / bottom, np.inf)
    return at_most(np.nan_to_num(spread, nan=np.inf, posinf=np.inf), limits.spread)


def worst(letters: Sequence[str]) -> str:
    """The worst of some grades; A of none."""
    return max(letters, key=GRADES.index, default="A")


def _told(names: Sequence[str], letters: Letters) -> str:
    """Reasons that pull below A, worst first, each once."""
    ranked = sorted(
        (-int(letter), place, name) for place, (name, letter) in enumerate(zip(names, letters, strict=True))
    )
    return ";".join(dict.fromkeys(name for letter, _, name in ranked if letter < 0))
