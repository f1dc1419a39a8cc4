"""What a fair comparison of channels may be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.fair_reasons import TrueReasons
from rootcause_lib.analyses.channel_resolution.grades import unlike_channels
from rootcause_lib.analyses.root_cause.reason_agreement import coder_alpha
from rootcause_lib.analyses.root_cause.reasons import MOSTLY
from rootcause_lib.grades import Grading, width_letters

SPOKEN_FOR = (("B", 0.95), ("C", 0.80), ("D", 0.50))
"""No better than this below such a part of all contacts that the comparison speaks for."""


def graded_comparison(asked: Asked, table: pd.DataFrame, truths: TrueReasons | None) -> pd.DataFrame:
    """Rows of one outcome with grades: of the difference to the baseline; of the baseline its own share."""
    store, own = asked.store, (table["channel"] == table["baseline_channel"]).to_numpy()
    wide = ((table["difference_high"] - table["difference_low"]) / 2).where(~own, (table["high"] - table["low"]) / 2)
    grading = Grading(store.engagement.grades, len(table)).precision(width_letters(wide, store.engagement.grades))
    base = table[own].iloc[0]
    grading.customers(np.minimum(table["customers"], float(base["customers"])))
    unknown = table["unobserved"] / (table["unobserved"] + table["contacts"])
    followed = bool((table["outcome"] == "first_contact_resolution").all())
    grading.unobserved(np.maximum(unknown, unknown[own].iloc[0]), reason="immature" if followed else "proxy")
    for letter, least in SPOKEN_FOR:
        grading.capped(letter, where=(table["overlap"].fillna(0.0) < least).to_numpy(), reason="too_few")
    _reasons(asked, grading, table, truths)
    unlike = unlike_channels(store)
    grading.capped("D", where=table["channel"].isin(unlike) | (base["channel"] in unlike), reason="unlike_rows")
    grading.capped("C", where=store.is_guessed({"channel"}), reason="guessed_mapping")
    if followed:
        _followed(asked, grading, table, str(base["channel"]))
    else:
        # The company's own mark of its own work.
        grading.capped("B", where=True, reason="proxy")
        grading.capped("C", where=store.is_guessed({"resolved"}), reason="guessed_mapping")
    return pd.concat([table.reset_index(drop=True), grading.result()], axis=1)


def _reasons(asked: Asked, grading: Grading, table: pd.DataFrame, truths: TrueReasons | None) -> None:
    """Codes alone leave a direction at best, and no codes at all not even that."""
    store = asked.store
    grading.capped("D", where=(table["basis"] == "none").to_numpy(), reason="proxy")
    by_code = (table["basis"] == "coded").to_numpy()
    grading.capped("C", where=by_code, reason="proxy")
    grading.default_codes(np.where(by_code, store.default_code_share, np.nan))
    if truths is not None and truths.audit.adjudicated < MOSTLY:
        alpha = coder_alpha(truths.audit, level=store.engagement.definitions.level)
        grading.agreement(alpha.low)
        grading.capped("B", where=bool(np.isnan(alpha.low)), reason="proxy")
    if truths is None:
        grading.capped("C", where=store.is_guessed({"reason"}), reason="guessed_mapping")


def _followed(asked: Asked, grading: Grading, table: pd.DataFrame, baseline: str) -> None:
    """What every figure meets that follows customers."""
    store = asked.store
    shares = dict(store.extent.identified_by_channel)
    known = table["channel"].map(shares).fillna(store.identified_share)
    grading.identified(np.minimum(known, shares.get(baseline, store.identified_share)))
    grading.default_codes(store.default_code_share if asked.followed.matching == "reason" else np.nan)
    followed_by = ("contact_id", "started_at", "ended_at", "customer_id", "direction", "abandoned")
    grading.capped("C", where=store.is_guessed(followed_by), reason="guessed_mapping")
    gap = store.extent.coverage_gap > store.engagement.grades.coverage_gap
    grading.capped("C", where=gap, reason="unidentified")
