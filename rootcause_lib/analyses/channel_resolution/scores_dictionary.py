"""The frames on survey scores and on changing channel."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution import scores, switching
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "consistency": Frame(
            "Scores of one metric about contacts in one channel, over the same mix of matters as in the others.",
            scores.CONSISTENCY,
        ),
        "score_by_resolution": Frame(
            "Scores of one metric about contacts after which one thing happened within the window.",
            scores.BY_RESOLUTION,
        ),
        "switch_cost": Frame(
            "One measure of cases whose customer tried another channel after the first contact, beside the others.",
            switching.COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "answers": "Answers to the question.",
        "difference_high": "Upper limit of difference.",
        "difference_low": "Lower limit of difference.",
        "direction": "Which end of the scale is good: higher_is_better, lower_is_better.",
        "equivalence_high": "Upper limit of difference at 90 %: what the verdict rests on.",
        "equivalence_low": "Lower limit of difference at 90 %: what the verdict rests on.",
        "margin": "Difference agreed beforehand to be too small to matter.",
        "naive": "What the rows say as they came, whatever the mix of matters.",
        "naive_high": "Upper limit of naive; of naive_difference where there is one.",
        "naive_low": "Lower limit of naive; of naive_difference where there is one.",
        "odds_high": "Upper limit of odds_ratio.",
        "odds_low": "Lower limit of odds_ratio.",
        "odds_ratio": "Odds of a better answer against the baseline channel, wherever the scale is cut.",
        "overlap": "Share of the mix about which the channel has rows of its own; of a comparison: the part of all "
        "contacts it speaks for; 0-1.",
        "resolution": "What followed: settled (nobody came back), came_back, left, unknown; of channels compared: "
        "the share each would reach over the mix of all contacts in compared cells, 0-1.",
        "response_high": "Upper limit of response_share.",
        "response_low": "Lower limit of response_share.",
        "response_share": "Share of questions that were answered, 0-1.",
        "scale_high": "Highest answer that could be given.",
        "scale_low": "Lowest answer that could be given.",
        "score": "Mean answer on its own scale; nps in points.",
        "stayed": "Cases whose second attempt came by the same channel: their mean.",
        "stayed_customers": "Customers behind stayed.",
        "stayed_high": "Upper limit of stayed.",
        "stayed_low": "Lower limit of stayed.",
        "stayed_units": "Cases, or answers, behind stayed.",
        "switched": "Cases whose second attempt came by another channel: their mean.",
        "switched_customers": "Customers behind switched.",
        "switched_high": "Upper limit of switched.",
        "switched_low": "Lower limit of switched.",
        "switched_units": "Cases, or answers, behind switched.",
    }
)
"""Columns that no other analysis has."""
