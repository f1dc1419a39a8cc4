"""Frames on contacts and leaving as the analysis would give them."""

from __future__ import annotations

import numpy as np
import pandas as pd

_NUMBERS = ("hazard_ratio", "low", "high", "per_1000", "per_1000_low", "per_1000_high", "weeks", "events")
_GONE = (None,) * len(_NUMBERS)


def dose() -> pd.DataFrame:
    rows = [
        ("contacts", "1", 1.18, 1.02, 1.37, 2.1, 0.2, 4.2, 52_300.0, 240.0, "B", ""),
        ("contacts", "2", 1.46, 1.2, 1.78, 5.4, 2.2, 8.9, 18_100.0, 121.0, "B", ""),
        ("contacts", "3+", 2.3, 1.8, 2.94, 14.8, 9.1, 21.7, 7300.0, 84.0, "B", ""),
        ("each_contact", "per_contact", 1.31, 1.22, 1.41, None, None, None, 77_700.0, 445.0, "A", ""),
        ("resolution", "resolved", 1.05, 0.9, 1.23, 0.6, -1.2, 2.6, 41_000.0, 171.0, "B", ""),
        ("resolution", "unresolved", 1.9, 1.6, 2.26, 10.1, 6.6, 14.0, 15_900.0, 133.0, "B", ""),
        ("resolution", "unknown", *_GONE, "D", "suppressed"),
        ("repeat", "came_back", 1.7, 1.44, 2.0, 7.9, 4.9, 11.2, 24_000.0, 178.0, "B", ""),
        ("channel", "self_service", 0.98, 0.7, 1.37, -0.2, -3.5, 4.0, 9200.0, 36.0, "C", "interval_too_wide"),
        ("channel", "phone", 1.4, 1.2, 1.63, 4.4, 2.2, 6.9, 39_000.0, 214.0, "B", ""),
        ("reason", "määräaikaisen sopimuksen muutto", 0.2, 0.03, 1.42, -9.1, -16.0, 0.2, 800.0, 6.0, "D", "too_few"),
        ("wait", "long", 12.2, 1.7, 87.0, 101.0, 4.0, 198.0, 150.0, 5.0, "D", "too_few"),
    ]  # fmt: skip
    columns = ["split", "level", *_NUMBERS, "grade", "grade_reasons"]
    table = pd.DataFrame(rows, columns=columns).assign(claim="association")
    return table.astype(dict.fromkeys(_NUMBERS, float))


def problem_effect() -> pd.DataFrame:
    rows = [
        ("billing", "all", 1.55, 1.35, 1.78, 14.2, 8.9, 20.1, 31_000.0, 260.0, "B", ""),
        ("billing", "never_contacted", 1.5, 1.2, 1.88, 12.8, 5.0, 22.4, 12_000.0, 95.0, "B", ""),
        ("billing", "resolved", 1.41, 1.1, 1.81, 10.5, 2.6, 20.7, 11_000.0, 82.0, "C", "interval_too_wide"),
        ("billing", "unresolved", 2.5, 1.7, 3.68, 37.0, 17.0, 66.0, 2100.0, 31.0, "C", "interval_too_wide"),
        ("billing", "unknown", *_GONE, "D", "suppressed"),
        ("delivery", "all", 1.02, 0.8, 1.3, 0.5, -5.2, 7.8, 14_000.0, 70.0, "C", "interval_too_wide"),
    ]  # fmt: skip
    columns = ["process", "handling", *_NUMBERS, "grade", "grade_reasons"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(_NUMBERS, float))


def placebos() -> pd.DataFrame:
    rows = [
        ("distant_lag", 1.03, 0.94, 1.13, "passed", "", "A"),
        ("neutral_reasons", 1.32, 1.08, 1.61, "failed", "", "C"),
        ("pre_contact_trend", np.nan, np.nan, np.nan, "undecided", "no_scores", "D"),
    ]
    columns = ["placebo", "hazard_ratio", "low", "high", "verdict", "reason_untold", "grade"]
    return pd.DataFrame(rows, columns=columns).assign(allowed_low=0.82, allowed_high=1.22, grade_reasons="")
