"""analyse_churn_risk(): every part of the question put together into one result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked, asked_about
from rootcause_lib.analyses.churn_risk.before_exit import before_exit
from rootcause_lib.analyses.churn_risk.dose import dose, problem_effect
from rootcause_lib.analyses.churn_risk.guards import Guarded, guarded
from rootcause_lib.analyses.churn_risk.key_numbers import key_numbers, naive
from rootcause_lib.analyses.churn_risk.ladder import ladder
from rootcause_lib.analyses.churn_risk.leaving import leaving
from rootcause_lib.analyses.churn_risk.retention import retention
from rootcause_lib.analyses.churn_risk.scores import scores
from rootcause_lib.analyses.churn_risk.trust import trust
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.public_frames import public_frames
from rootcause_lib.analyses.small_cells import told
from rootcause_lib.findings import Check, Finding
from rootcause_lib.periods import Period
from rootcause_lib.store import Store

GUARDED: tuple[Callable[[Asked, Guarded], Part], ...] = (
    ladder,
    dose,
    trust,
    problem_effect,
)
"""Parts that speak of contacts and leaving, and say no more than the guards allow. They stand first on the page."""

PARTS: tuple[Callable[[Asked], Part], ...] = (
    scores,
    retention,
    leaving,
    before_exit,
)
"""The others, in the order in which they may speak at the head of the page.

A part's frames are fields of `ChurnRisk` by their names.
"""

MOST_SAID = 6
"""Sentences at the head of the page."""


@dataclass(frozen=True, slots=True)
class ChurnRisk:
    """What the analysis found; frames as in the data dictionary.

    leaving: who left, and how. ladder: the ratio of leaving after a contact, from the usual comparisons to the fairest
    one; contacts_before_exit: contacts by week before notice. dose, placebos, sensitivity, problem_effect: of what kind
    of contact it is true, and how far it is to be trusted. scores, validation, calibration, lift, profit_curve,
    score_drivers: who is at risk. survival, left_by_ending, segment_risk,
    retention_value: how long customers stay, who leaves sooner, what staying is worth. naive:
    usual computations. Rows of too few customers stay without their numbers. `readings` holds what stands beside the
    figures of a frame, by the frame's name.
    """

    period: Period
    asked: Asked
    ladder: pd.DataFrame
    leaving: pd.DataFrame
    contacts_before_exit: pd.DataFrame
    dose: pd.DataFrame
    placebos: pd.DataFrame
    sensitivity: pd.DataFrame
    problem_effect: pd.DataFrame
    scores: pd.DataFrame
    validation: pd.DataFrame
    calibration: pd.DataFrame
    lift: pd.DataFrame
    profit_curve: pd.DataFrame
    score_drivers: pd.DataFrame
    survival: pd.DataFrame
    left_by_ending: pd.DataFrame
    segment_risk: pd.DataFrame
    retention_value: pd.DataFrame
    naive: pd.DataFrame
    key_numbers: pd.DataFrame
    checks: tuple[Check, ...]
    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    readings: Mapping[str, tuple[Finding, ...]]
    analysis: str = "churn_risk"

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Every public frame by name."""
        return public_frames(self)


def analyse_churn_risk(
    store: Store,
    *,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    horizon_days: int | None = None,
    lag_weeks: tuple[int, int] = (2, 8),
    customer_list: int = 0,
    segment: str | None = None,
    score_model: str = "logit",
) -> ChurnRisk:
    """Whether contacts go with leaving, rung by rung from the usual comparison to the fairest; who is at risk.

    `start` and `end` (local days, included) select the whole weeks in which leaving counts; what happened before them
    is looked back to. `lag_weeks`: a contact so many weeks back counts, from and to. `horizon_days` (default: the
    engagement's) is how far risk scores look; `customer_list` of the customers most at risk stand in `scores`, by
    pseudonym. `segment`: of it alone. `score_model` "boosting" compares boosted trees with the logit and scores by
    them. Raises ParameterError for a period without data or a value out of its range.
    """
    period = store.period(start, end)
    asked = asked_about(
        store, period, lag_weeks=lag_weeks, horizon_days=horizon_days, segment=segment, customer_list=customer_list,
        score_model=score_model,
    )  # fmt: skip
    found = guarded(asked)
    parts = (*(part(asked, found) for part in GUARDED), *(part(asked) for part in PARTS))
    frames = {name: frame for part in parts for name, frame in part.frames.items()}
    return ChurnRisk(
        period=period,
        asked=asked,
        **frames,  # type: ignore[arg-type]  # every frame by its own name
        naive=naive(frames),
        key_numbers=key_numbers(frames),
        checks=tuple(check for part in parts for check in part.checks),
        headline=tuple(finding for part in parts for finding in part.headline)[:MOST_SAID],
        cannot_tell=(
            *(finding for part in parts for finding in part.cannot_tell),
            *told(frames, minimum=asked.smallest),
        ),
        readings=MappingProxyType(
            dict.fromkeys((*frames, "problem_survival"), ())
            | {name: said for part in parts for name, said in part.readings.items()}
        ),
    )
