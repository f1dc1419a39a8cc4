"""What people believed before they saw the figures, against what was measured."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.engagement.plans import Guess
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

COLUMNS = (
    "who", "reason", "guessed_share", "measured_share", "low", "high", "level", "measured_by", "denominator",
    "verdict", "grade", "grade_reasons", "reason_untold",
)  # fmt: skip
"""Of the frame `guesses`."""

CLOSE = 0.02
"""A guess this close to the measured share was about right: people guess in round numbers."""


def guesses(store: Store, reasons_frame: pd.DataFrame) -> pd.DataFrame:
    """One row per guess of the engagement, in its order; `reasons_frame` is what `reasons` gives for the period.

    measured_share: the corrected share of the reason where there is one (`measured_by` corrected), else the coded one
    (coded). verdict: about_right where guess and share lie within `CLOSE` of each other and the interval reaches no
    further than `CLOSE` either way; too_low or too_high where they lie further apart and the whole interval lies above
    or below the guess; else undecided. A share of grade D decides nothing. denominator: the contacts of the period that
    the share is taken of.
    """
    known = {str(row["reason"]): row for row in reasons_frame.to_dict("records") if row["reason"] is not None}
    rows = [_row(guess, known) for guess in store.engagement.guesses]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "level"])
    return table.assign(level=store.engagement.definitions.level)[list(COLUMNS)]


def _row(guess: Guess, known: Mapping[str, Mapping[Hashable, Any]]) -> dict[str, object]:
    head: dict[str, object] = {"who": guess.who, "reason": guess.reason, "guessed_share": float(guess.share)}
    if guess.reason not in known or guess.reason == ALL:
        return {**head, **_NOTHING, "reason_untold": "unknown_reason"}
    found = known[guess.reason]
    corrected = not np.isnan(_number(found, "corrected_share"))
    by = "corrected" if corrected else "coded"
    value, low, high = (_number(found, f"{by}_{name}") for name in ("share", "low", "high"))
    grade = str(found["grade"])
    if np.isnan(value):
        reasons = str(found["grade_reasons"])
        return {**head, **_NOTHING, "grade_reasons": reasons, "reason_untold": str(found["reason_untold"] or "")}
    whole = known.get(ALL, {}).get("contacts", np.nan) if corrected else found["denominator"]
    return {
        **head,
        "measured_share": value,
        "low": low,
        "high": high,
        "measured_by": by,
        "denominator": float(whole),
        "verdict": "undecided" if grade == "D" else verdict_on(guess.share, value, low, high),
        "grade": grade,
        "grade_reasons": str(found["grade_reasons"]),
        "reason_untold": "",
    }


_NOTHING = {
    "measured_share": np.nan, "low": np.nan, "high": np.nan, "measured_by": "", "denominator": np.nan,
    "verdict": "undecided", "grade": "D", "grade_reasons": "check_failed",
}  # fmt: skip


def verdict_on(guess: float, value: float, low: float, high: float) -> str:
    """too_low, about_right, too_high or undecided, of a guessed share against a measured one with its limits."""
    near = abs(guess - value) <= CLOSE
    if near and (high - low) / 2 <= CLOSE:
        return "about_right"
    if low > guess:
        return "undecided" if near else "too_low"
    if high < guess:
        return "undecided" if near else "too_high"
    return "undecided"


def _number(row: Mapping[Hashable, Any], name: str) -> float:
    found = row.get(name)
    return np.nan if found is None or pd.isna(found) else float(found)
