"""Frames of risk scores, as an analysis would give them."""

from __future__ import annotations

import numpy as np
import pandas as pd

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def calibration() -> pd.DataFrame:
    predicted = np.array([0.012, 0.017, 0.021, 0.026, 0.031, 0.036, 0.043, 0.052, 0.066, 0.094])
    observed = np.array([0.014, 0.013, 0.024, 0.022, 0.034, 0.041, 0.039, 0.058, 0.071, 0.083])
    half = np.sqrt(observed / 1100) * 1.9
    return pd.DataFrame(
        {
            "model": "logit", "bin": range(1, 11), "predicted": predicted, "observed": observed,
            "low": observed - 0.8 * half, "high": observed + 1.2 * half, "customers": 1100, "events": 40, "grade": "B",
        }
    )  # fmt: skip


def lift() -> pd.DataFrame:
    shares = np.array(SHARES)
    captured = 1 - (1 - shares) ** 1.9
    return pd.DataFrame(
        {
            "model": "logit", "share_contacted": shares, "captured_share": captured,
            "captured_low": np.clip(captured - 0.05 * (1 - shares), 0, 1),
            "captured_high": np.clip(captured + 0.05 * (1 - shares), 0, 1), "lift": captured / shares,
            "low": captured / shares * 0.9, "high": captured / shares * 1.1, "customers": 11_000, "grade": "B",
        }
    )  # fmt: skip


def profit() -> pd.DataFrame:
    table = lift()
    profit = 11_000 * (0.04 * table["captured_share"] * 130 - table["share_contacted"] * 4.2)
    half = 2500 * np.sqrt(table["share_contacted"])
    return table.assign(profit=profit, low=profit - half, high=profit + half, best=profit == profit.max())


FRAMES = {"plot_calibration": calibration, "plot_lift": lift, "plot_profit": profit}
