"""What a simulated client's customers answered, as the loaders store it."""

from __future__ import annotations

import pandas as pd


def survey_rows(surveys: pd.DataFrame) -> pd.DataFrame:
    """Canonical surveys as the loaders store them; clocks are UTC."""
    times = {
        f"{name}_seconds": surveys[f"{name}_at"]
        .astype("datetime64[s]")
        .astype("int64")
        .astype("Int64")
        .where(surveys[f"{name}_at"].notna())
        for name in ("asked", "answered")
    }
    keys = pd.to_numeric(surveys["customer_id"]).astype("Int64") + 1
    return surveys.assign(customer_key=keys, **times)
