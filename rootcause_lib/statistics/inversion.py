"""Shares behind imperfect codes, where how codes err is known from elsewhere (another period, another team).

Far weaker than an audit of the contacts themselves: it stands on the errors being the same here as there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.intervals import Floats, normal_critical, wilson
from rootcause_lib.statistics.misclassification import FEWEST, SHARE_COLUMNS, Corrected

LEAST_SEPARATION = 0.2
"""Below this codes say too little: errors of the coded shares would come back more than five times as large."""

GROSS = 1.5
"""How many times farther than the worst draw coded shares must lie from every mix for the audit not to fit here."""

_DRAWS, _SEED = 500, 20240229


@dataclass(frozen=True, slots=True)
class Prevalence:
    """A true share behind a test that errs, held to 0..1; `apparent` is the share that tested positive."""

    value: float
    low: float
    high: float
    apparent: float


def rogan_gladen(
    positives: float,
    n: float,
    *,
    sensitivity: float,
    specificity: float,
    sensitivity_n: float | None = None,
    specificity_n: float | None = None,
    level: float = 0.95,
) -> Prevalence:
    """True share from `positives` of `n` by a test of that sensitivity and specificity (Rogan and Gladen 1978).

    (positives / n + specificity - 1) / (sensitivity + specificity - 1), Am. J. Epidemiol. 107: 71. Limits: Wilson's of
    the apparent share, carried over (Reiczigel et al. 2010, Epidemiol. Infect. 138: 1674), where both are known; where
    they were estimated on `sensitivity_n` true and `specificity_n` false cases, those of Lang and Reiczigel 2014
    (Prev. Vet. Med. 113: 13). Raises DataError where the test says too little (`LEAST_SEPARATION`), ParameterError
    where one of the two sizes is missing or a number is impossible.
    """
    if (sensitivity_n is None) != (specificity_n is None):
        raise ParameterError("Give both 'sensitivity_n' and 'specificity_n', or neither where both are known exactly.")
    if not (0 <= positives <= n and n > 0 and 0 <= sensitivity <= 1 and 0 <= specificity <= 1):
        raise ParameterError("rogan_gladen needs 0 <= positives <= n, and sensitivity and specificity from 0 to 1.")
    separation = sensitivity + specificity - 1
    _check_separation(separation)
    apparent = positives / n
    if sensitivity_n is None or specificity_n is None:
        known = wilson(positives, n, level=level)
        low, high = ((float(limit) + specificity - 1) / separation for limit in (known.low, known.high))
    else:
        sizes = (n, sensitivity_n, specificity_n)
        low, high = _lang_reiczigel(apparent, sensitivity, specificity, sizes=sizes, z=normal_critical(level))
    value, low, high = np.clip([(apparent + specificity - 1) / separation, low, high], 0, 1)
    return Prevalence(float(value), float(low), float(high), apparent)


def inverted_shares(audit: pd.DataFrame, coded: pd.Series, *, level: float = 0.95) -> Corrected:
    """Shares of reasons that explain the coded ones best, given how reasons were coded in an audit from elsewhere.

    `audit`: audited contacts, one row per true reason, one column per code. `coded`: contacts by code, here. Rogan and
    Gladen generalised: least squares over shares that are at least 0 and sum to 1, P(code | reason) from the audit.
    Limits: percentiles of 500 draws of both the audit's rows and the fitted coded shares (Dirichlet, fixed seed), so
    that the same data give the same limits. Raises DataError where a reason has fewer than `FEWEST` audited contacts,
    where contacts have codes that the audit never saw, where codes mix reasons so much that nothing can be told
    (smallest singular value of P(code | reason) below `LEAST_SEPARATION`), and where the coded shares lie `GROSS` times
    farther from what any mix would give than in the worst draw. `found` are the audited contacts of the
    reason, `audited` those with that code; `explained` does not apply.
    """
    counts, population = _square(audit, coded)
    by_reason = counts.sum(axis=1)
    given = counts / by_reason[:, None]
    _check_separation(float(np.linalg.svd(given, compute_uv=False)[-1]))
    total = population.sum()
    value, misfit = _on_simplex(given, population / total, total=total)
    draws, by_chance = _draws(counts, total * (value @ given))
    if misfit > GROSS * by_chance.max():
        raise DataError(
            "No mix of reasons gives codes like these if they err as in the audit: they err differently here. Audit "
            "contacts of the period itself (corrected_shares)."
        )
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    codes = pd.Series(counts.sum(axis=0), index=audit.columns)
    shares = pd.Series(population / total, index=audit.columns)
    frame = pd.DataFrame(
        {
            "reason": pd.Series(list(audit.index), dtype=object),
            "coded_share": shares.reindex(audit.index, fill_value=0.0).to_numpy(),
            "value": value,
            "low": np.minimum(low, value),
            "high": np.maximum(high, value),
            "standard_error": draws.std(axis=0, ddof=1),
            "audited": codes.reindex(audit.index, fill_value=0.0).to_numpy(),
            "found": by_reason,
            "explained": np.nan,
        }
    )
    return Corrected(frame[list(SHARE_COLUMNS)], int(counts.sum()), 0, 0.0, "inverse_confusion")


def _lang_reiczigel(
    apparent: float, sensitivity: float, specificity: float, *, sizes: tuple[float, float, float], z: float
) -> tuple[float, float]:
    """Their limits: shares pulled towards a half by added cases, and a shift towards the less certain side."""
    n, on_true, on_false = sizes
    seen, wide = (n * apparent + z**2 / 2) / (n + z**2), n + z**2
    right, wrong = (on_true * sensitivity + 1) / (on_true + 2), (on_false * specificity + 1) / (on_false + 2)
    separation = right + wrong - 1
    share = (seen + wrong - 1) / separation
    of_true, of_false = right * (1 - right) / (on_true + 2), wrong * (1 - wrong) / (on_false + 2)
    shift = 2 * z**2 * (share * of_true - (1 - share) * of_false)
    variance = seen * (1 - seen) / wide + share**2 * of_true + (1 - share) ** 2 * of_false
    reach = z * np.sqrt(variance) / separation
    return float(share + shift - reach), float(share + shift + reach)


def _square(audit: pd.DataFrame, coded: pd.Series) -> tuple[Floats, Floats]:
    """Audited contacts by reason and code, and the population by the same codes."""
    counts = audit.to_numpy(dtype=float)
    if not (np.isfinite(counts).all() and (counts >= 0).all() and counts.size):
        raise DataError("The audit must be a table of contacts by reason and code, numbers from 0.")
    if (counts.sum(axis=1) < FEWEST).any():
        thin = int((counts.sum(axis=1) < FEWEST).sum())
        raise DataError(
            f"{thin} of {len(counts)} reasons have fewer than {FEWEST} audited contacts: how they are coded is not "
            "known. Audit more of them, or join them with others."
        )
    strange = coded[(coded > 0) & ~coded.index.isin(audit.columns)]
    if len(strange) or not coded.sum() > 0:
        raise DataError(
            f"{len(strange)} codes of the contacts ({strange.sum():g} of {coded.sum():g} contacts) do not occur in the "
            "audit, so where they come from is not known. Audit contacts of this period instead (corrected_shares)."
        )
    return counts, coded.reindex(audit.columns, fill_value=0).to_numpy(dtype=float)


def _check_separation(separation: float) -> None:
    if separation < LEAST_SEPARATION:
        raise DataError(
            f"Codes say too little about what they stand for: separation is {separation:.2f}, at least "
            f"{LEAST_SEPARATION} is needed. Audit contacts of the period itself (corrected_shares)."
        )


def _draws(counts: Floats, fitted: Floats) -> tuple[Floats, Floats]:
    """Shares as they could have come out, audit and codes drawn anew around the fit, and how far off each fit is."""
    random = np.random.default_rng(_SEED)
    rows = [random.dirichlet(row + 1 / counts.shape[1], size=_DRAWS) for row in counts]
    seen = random.dirichlet(fitted + 1 / len(fitted), size=_DRAWS)
    total = float(fitted.sum())
    fits = [_on_simplex(np.array([row[draw] for row in rows]), seen[draw], total=total) for draw in range(_DRAWS)]
    return np.array([shares for shares, _ in fits]), np.array([misfit for _, misfit in fits])


def _on_simplex(given: Floats, seen: Floats, *, total: float) -> tuple[Floats, float]:
    """Shares from 0 that sum to 1 and explain the coded shares best, and how far they are from explaining them.

    Codes are weighed by how surely they are known."""
    from scipy.optimize import nnls

    scale = 1 / np.sqrt(np.maximum(seen * (1 - seen), 1 / total))
    # A heavy extra equation holds the sum; what rounding leaves is divided out.
    heavy = 1e4 * scale.max()
    left = np.vstack([given.T * scale[:, None], np.full(len(given), heavy)])
    solved, misfit = nnls(left, np.append(seen * scale, heavy))
    return np.asarray(solved / solved.sum()), float(misfit)
