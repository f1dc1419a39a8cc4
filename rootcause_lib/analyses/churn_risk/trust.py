"""The part on how far figures on contacts and leaving are to be trusted: guards, claim and E-values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.exposures import least_customers
from rootcause_lib.analyses.churn_risk.grades import hazard_grading
from rootcause_lib.analyses.churn_risk.guards import Guarded
from rootcause_lib.analyses.churn_risk.trust_findings import (
    guard_checks,
    strength_readings,
    trust_cannot_tell,
    trust_headline,
    trust_readings,
)
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.statistics.hazards import HazardFit

SENSITIVITY_COLUMNS = (
    "rung", "hazard_ratio", "low", "high", "level", "conversion", "leaving_in_a_year", "risk_ratio", "risk_low",
    "risk_high", "e_value", "e_value_limit", "strongest", "strongest_ratio", "strongest_low", "strongest_high",
    "weeks", "events", "customers", "unobserved", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip


def trust(asked: Asked, guarded: Guarded) -> Part:
    """The placebos with their verdicts, and how strong something unmeasured would have to be."""
    table = sensitivity(asked, guarded)
    return Part(
        frames={"placebos": guarded.placebos, "sensitivity": table},
        readings={"placebos": trust_readings(guarded), "sensitivity": strength_readings(table)},
        headline=trust_headline(guarded),
        checks=guard_checks(guarded),
        cannot_tell=trust_cannot_tell(asked, guarded),
    )


def sensitivity(asked: Asked, guarded: Guarded) -> pd.DataFrame:
    """One row, of the adjusted ratio; none where it is not told."""
    effect = guarded.effect
    if guarded.fit is None or np.isnan(effect["hazard_ratio"]):
        return pd.DataFrame(columns=list(SENSITIVITY_COLUMNS))
    row = {
        "rung": "adjusted",
        **{name: effect[name] for name in ("hazard_ratio", "low", "high", "confidence", "weeks", "events")},
        **guarded.strength,
        **_strongest(guarded.fit),
    }
    table = pd.DataFrame([row]).rename(columns={"confidence": "level"})
    table = table.assign(unobserved=guarded.unseen, method="e_value", claim=guarded.claim.strength)
    table["customers"] = least_customers(table["weeks"], table["events"], asked=asked)
    graded = pd.concat([table, hazard_grading(asked, table, by_contacts=True).result()], axis=1)
    few = ((table["events"] > 0) & (table["events"] < asked.smallest)) | (table["customers"] < asked.smallest)
    return blank(graded, few.to_numpy(dtype=bool))[list(SENSITIVITY_COLUMNS)]


def _strongest(fit: HazardFit) -> dict[str, object]:
    """What was measured and goes most surely with leaving: the factor whose nearer limit lies furthest from 1."""
    best: tuple[float, dict[str, object]] = (0.0, {})
    for factor, level in fit.terms[1:]:
        if factor in ("lagged", "season"):
            continue
        ratio, limits = fit.ratio(factor, level)
        low, high = float(limits.low), float(limits.high)
        sure = max(np.log(low), -np.log(high), 0.0) if np.isfinite([low, high]).all() and low > 0 else 0.0
        if sure > best[0]:
            named = {"strongest": factor, "strongest_ratio": ratio, "strongest_low": low, "strongest_high": high}
            best = (float(sure), named)
    untold = {"strongest": "", **dict.fromkeys(("strongest_ratio", "strongest_low", "strongest_high"), np.nan)}
    return untold | best[1]
