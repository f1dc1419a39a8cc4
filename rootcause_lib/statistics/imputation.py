"""What several completed data sets say together: Rubin's rules for figures whose data had to be filled in.

Rubin 1987, Multiple Imputation for Nonresponse in Surveys, chapter 3; degrees of freedom by Barnard and Rubin 1999,
Biometrika 86: 948.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Interval, Numbers, floats, student_critical


@dataclass(frozen=True, slots=True)
class Pooled:
    """One entry per figure: mean over the completed data sets, total variance, degrees of freedom for Student's t.

    missing: share of the variance that comes of not knowing what was filled in, 0-1.
    """

    value: Floats
    variance: Floats
    degrees: Floats
    missing: Floats

    def limits(self, *, level: float) -> Interval:
        """Value less and plus so many standard errors."""
        reach = student_critical(level, degrees=self.degrees) * np.sqrt(self.variance)
        return Interval(self.value - reach, self.value + reach)


def pooled(values: Numbers, variances: Numbers, *, degrees: Numbers = np.inf) -> Pooled:
    """Figures pooled over completed data sets (rows); `degrees`: what complete data would have.

    A figure that one of the data sets cannot tell is NaN. Raises DataError for fewer than two data sets.
    """
    found, within = floats(values), floats(variances)
    if found.ndim != 2 or len(found) < 2 or found.shape != within.shape:
        raise DataError("Pooling needs tables of at least two completed data sets by figures, of one shape.")
    sets = len(found)
    inside, between = within.mean(axis=0), found.var(axis=0, ddof=1)
    added = (1 + 1 / sets) * between
    total = inside + added
    with np.errstate(divide="ignore", invalid="ignore"):
        missing = np.where(total > 0, added / total, 0.0)
        missing = np.where(np.isnan(total), np.nan, missing)
        old = (sets - 1) / missing**2
        whole = np.broadcast_to(floats(degrees), missing.shape)
        seen = np.where(np.isinf(whole), np.inf, (whole + 1) / (whole + 3) * whole * (1 - missing))
        both = 1 / (1 / old + 1 / seen)
    return Pooled(found.mean(axis=0), total, both, missing)
