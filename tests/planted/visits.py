"""Visits of a simulated client as the loaders store them."""

from __future__ import annotations

import pandas as pd


def visit_rows(visits: pd.DataFrame) -> pd.DataFrame:
    """Canonical visits with the customer keys of `planted.contact_rows`; clocks are UTC."""
    started, ended = visits["started_at"], visits["ended_at"]
    return pd.DataFrame(
        {
            "visit_id": visits["visit_id"],
            "customer_key": pd.to_numeric(visits["customer_id"]).astype("Int64") + 1,
            "started_seconds": started.astype("datetime64[s]").astype("int64"),
            "started_on": started.dt.strftime("%Y-%m-%d"),
            "ended_seconds": ended.astype("datetime64[s]").astype("int64"),
            "goal_reached": visits["goal_reached"],
        }
    )
