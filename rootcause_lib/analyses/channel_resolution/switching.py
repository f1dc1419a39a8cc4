"""What changing channel within a case goes with: cases alike but for whether the customer tried another channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.answers import Answers
from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.same_mix import Groups, over_one_mix, score_sums
from rootcause_lib.analyses.channel_resolution.scores_graded import graded_switches
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.journeys import day_number, find_cases
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.intervals import student_critical

SIDES = ("switched", "stayed")
MEASURES = ("resolution", "contacts", "handle_seconds", "cost", "csat", "ces", "nps")
COLUMNS = (
    "measure", "switched", "switched_low", "switched_high", "stayed", "stayed_low", "stayed_high", "difference",
    "difference_low", "difference_high", "level", "switched_units", "stayed_units", "switched_customers",
    "stayed_customers", "unobserved", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
_BOUNDS = {"resolution": (0.0, 1.0), "contacts": (2.0, np.inf), "handle_seconds": (0.0, np.inf), "cost": (0.0, np.inf),
           "nps": (-100.0, 100.0)}  # fmt: skip


def switch_cost(asked: Asked, answers: Answers) -> pd.DataFrame:
    """Cases of two and more contacts whose customer tried another channel after the first contact, beside those who
    stayed with it: one row per measure, over one mix of opening channels, reasons and segments.

    resolution: share that needed no third contact; contacts, handle_seconds, cost: of the whole case; scores: of
    answers about its later contacts. The side is told at the second attempt, so that long cases are not counted as
    switched for being long. Cases whose opening or end cannot be seen are left out.
    """
    store, level = asked.store, asked.store.engagement.definitions.level
    find_cases(store.engine, asked.followed)
    days: dict[str, Value] = {"start_day": day_number(asked.period.start), "end_day": day_number(asked.period.end)}
    values: dict[str, Value] = {"matching": asked.followed.matching, **days}
    store.engine.materialise("case_outcomes", statement("case_outcomes", values=values))
    cases = int(store.engine.run(statement("further_cases", values=days))["found"].iloc[0])
    compared = Groups("case_outcomes", "outcome", "stayed")
    figures = over_one_mix(store, compared, sums=score_sums(store, compared.table, by=compared.grouped_by))
    figures = figures[figures["metric"].isin(MEASURES)]
    if figures.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = _sides(figures, answers, level=level)
    # Of scores a case may have several: what is not known is then a little more.
    table["unobserved"] = (cases - table["switched_units"].fillna(0) - table["stayed_units"].fillna(0)).clip(lower=0)
    table = pd.concat([table, graded_switches(store, table)], axis=1)
    fewest = table[["switched_customers", "stayed_customers"]].min(axis=1)
    return blank(table, (fewest < asked.smallest).to_numpy())[list(COLUMNS)]


def _sides(figures: pd.DataFrame, answers: Answers, *, level: float) -> pd.DataFrame:
    """One row per measure; a measure known of one side only has no difference."""
    rows = []
    for measure in (name for name in MEASURES if (figures["metric"] == name).any()):
        own = figures[figures["metric"] == measure].set_index("group").reindex(SIDES)
        low, high = _ends(measure, answers)
        reach = student_critical(level, degrees=own["degrees"].to_numpy(dtype=float))
        row: dict[str, object] = {"measure": measure, "level": level, "range": _range(measure, answers)}
        for place, side in enumerate(SIDES):
            value, error = float(own["score"].iloc[place]), float(own["error"].iloc[place])
            # Rounding may leave a mean a hair beyond what is possible.
            row[side] = value
            row[f"{side}_low"] = np.minimum(np.maximum(value - reach[place] * error, low), value)
            row[f"{side}_high"] = np.maximum(np.minimum(value + reach[place] * error, high), value)
            row[f"{side}_units"], row[f"{side}_customers"] = own["answers"].iloc[place], own["customers"].iloc[place]
        gap, error = float(own["difference"].iloc[0]), float(own["difference_error"].iloc[0])
        row |= {"difference": gap, "difference_low": gap - reach[0] * error, "difference_high": gap + reach[0] * error}
        rows.append(row)
    table = pd.DataFrame(rows)
    behind = ["switched_customers", "stayed_customers"]
    table[behind] = table[behind].fillna(0.0)
    return table.assign(method=np.where(table["difference"].isna(), "none", "same_mix_mean"), claim="association")


def _ends(measure: str, answers: Answers) -> tuple[float, float]:
    """What a mean cannot lie beyond."""
    if measure in _BOUNDS:
        return _BOUNDS[measure]
    low, high = answers.scales[measure].low, answers.scales[measure].high
    return (-np.inf if np.isnan(low) else low, np.inf if np.isnan(high) else high)


def _range(measure: str, answers: Answers) -> float:
    """How far apart the ends of a score's scale are; NaN for what is no score."""
    low, high = _ends(measure, answers)
    return high - low if measure in answers.scales and np.isfinite(high - low) else np.nan
