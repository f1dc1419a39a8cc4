"""Which estimators stand behind a result's intervals, and what each reached in simulation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.findings import Field, Finding
from rootcause_lib.soundness import attained

ESTIMATORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wilson": ("share_from_sums",),
        "wilson_cluster": ("share_from_sums",),
        "ratio_cluster": ("ratio_from_sums",),
        "ratio_fieller": ("ratio_from_sums_any",),
        "poisson_cluster": ("rate_from_sums",),
        "aalen_johansen_cluster": ("recontact_incidence", "incidence"),
        "aalen_johansen_windows": ("resolution_curve",),
        "excess_end_cluster": ("window_end",),
        "case_series_openers": ("process_log_rate_ratio",),
        "case_series_span": ("self_controlled_log_rate_ratio",),
        "case_series_excess": ("process_contacts_over_truth",),
        "post_stratified": ("root_cause_corrected_share", "corrected_shares"),
        "inverse_confusion": ("inverted_shares",),
        "alpha_jackknife": ("krippendorff_alpha",),
        "shrunken": ("shrunken_shares",),
        "das_gupta_cluster": ("das_gupta_cluster", "decompose_change"),
        "log_ratio_cluster": ("log_ratio_cluster",),
        "same_mix_mean": ("same_mix_score",),
        "imputed_cluster": ("fair_difference_audited",),
        "standardised_cluster": ("fair_difference",),
        "shrunken_mix": ("agents_difference",),
        "cloglog_weeks": ("churn_ladder",),
        "out_of_time": ("risk_score_auc",),
    }
)
"""Method of an interval -> estimators of soundness.json, the closest proof first; then the one of the method's name."""


def method_notes(frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """One note per method used in the frames, in the order met: nominal and attained coverage."""
    return tuple(_note(method, level) for method, level in _used(frames).items())


def _used(frames: Mapping[str, pd.DataFrame]) -> Mapping[str, float]:
    used: dict[str, float] = {}
    for method, level in _methods(frames):
        used.setdefault(method, level)
    return used


def _methods(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, float]]:
    """Of the dose of contacts `level` is the dose; the other frames of that page tell its method."""
    for frame in frames.values():
        if "method" in frame.columns and "level" in frame.columns:
            for method, level in frame[["method", "level"]].drop_duplicates().itertuples(index=False):
                if method != "none" and not isinstance(level, str):
                    yield str(method), float(level)


def _note(method: str, level: float) -> Finding:
    given: dict[str, Field] = {"method": method, "level": level}
    for estimator in (*ESTIMATORS.get(method, ()), method):
        if (reached := attained(estimator)) is not None and abs(reached.nominal - level) < 1e-9:
            if estimator != "recontact_incidence":
                simulated = {"attained": reached.coverage, "clients": reached.simulations}
                return Finding("page.method_note_simulated", {**given, **simulated})
            # The same clients serve several matching rules: they are counted once.
            clients = max(world.simulations for world in reached.worlds)
            return Finding("page.method_note", {**given, "attained": reached.coverage, "clients": clients})
    return Finding("page.method_note_unproved", given)
