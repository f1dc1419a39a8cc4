"""Process events of drawn and simulated clients as the loaders store them; clocks are UTC."""

from __future__ import annotations

import pandas as pd


def process_event_rows(events: pd.DataFrame) -> pd.DataFrame:
    """Canonical process events in stored columns."""
    rows = events.drop(columns=["started_at", "due_at", "ended_at", "customer_id"])
    rows = rows.assign(customer_key=pd.to_numeric(events["customer_id"]).astype("Int64") + 1)
    for name in ("started", "due", "ended"):
        moment = events[f"{name}_at"]
        seconds = moment.astype("datetime64[s]").astype("int64").astype("Int64").where(moment.notna())
        rows = rows.assign(**{f"{name}_seconds": seconds, f"{name}_on": moment.dt.strftime("%Y-%m-%d")})
    return rows
