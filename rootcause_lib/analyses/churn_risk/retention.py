"""The part on staying: how long customers stay, who leaves sooner, what staying is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.landmark_curves import ANY, NONE, survival_after_failures
from rootcause_lib.analyses.churn_risk.retention_counts import NO_SEGMENT, Group, groups
from rootcause_lib.analyses.churn_risk.retention_findings import (
    retention_cannot_tell,
    retention_headline,
    retention_readings,
)
from rootcause_lib.analyses.churn_risk.retention_value import VALUE_COLUMNS, retention_value
from rootcause_lib.analyses.churn_risk.segment_risk import RISK_COLUMNS, segment_risk
from rootcause_lib.analyses.churn_risk.survival_curves import (
    LEFT_BY_COLUMNS,
    SURVIVAL_COLUMNS,
    left_by_ending,
    survival_by_segment,
)
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.statistics.disclosure import Flags
from rootcause_lib.vocabulary import ALL


def retention(asked: Asked) -> Part:
    """Survival by segment and after failures, kinds of leaving, risk by segment, and what retention is worth."""
    counted = groups(asked)
    gone = _hidden_segments(asked, counted)
    after = survival_after_failures(asked)
    curves = [survival_by_segment(asked, counted), after]
    survival = _joined([curve for curve in curves if len(curve)], curves[0])
    kinds, value = left_by_ending(asked, counted), retention_value(asked, counted)
    few = _in(survival, "segment", gone) | _in(survival, "problem", _hidden_problems(asked, after))
    few |= _few(asked, survival, survival["problem"].isin([ANY, NONE]).to_numpy())
    frames = {
        "survival": blank(survival, few)[list(SURVIVAL_COLUMNS)],
        "left_by_ending": blank(kinds, _in(kinds, "segment", gone) | _few_kinds(asked, kinds))[list(LEFT_BY_COLUMNS)],
        "segment_risk": protected_risk(asked, counted),
        "retention_value": blank(value, _hidden_worth(asked, value, counted, gone))[list(VALUE_COLUMNS)],
    }
    frames = {name: _typed(frame) for name, frame in frames.items()}
    return Part(
        frames=frames,
        readings=retention_readings(frames, asked),
        headline=retention_headline(frames, asked),
        cannot_tell=retention_cannot_tell(frames, asked),
    )


def protected_risk(asked: Asked, counted: tuple[Group, ...]) -> pd.DataFrame:
    """The frame `segment_risk` of counts made before: other horizons ask the engine nothing."""
    risk = segment_risk(asked, counted)
    hidden = _in(risk, "segment", _hidden_segments(asked, counted))
    return _typed(blank(risk, hidden)[list(RISK_COLUMNS)])


def _hidden_segments(asked: Asked, counted: tuple[Group, ...]) -> frozenset[str]:
    """Segments of too few, or of whom too few left, and those that would give them back from the totals."""
    rows = [
        {
            "segment": group.segment, "spells": group.spells + float(group.undated["ended"]), "events": group.events,
            "customers": group.customers, "leavers": group.leavers,
        }
        for group in counted
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["segment", "spells", "events", "customers", "leavers"])
    few = (table["leavers"] > 0) & (table["leavers"] < asked.smallest)
    # Spells add up; a customer may have had several segments.
    table = table.assign(others=table["spells"] - table["events"])
    seeds = frozenset(table.loc[few & (table["segment"] != ALL), "segment"])
    counts = Counts(table, "spells", ("events", "others"))
    cells = unsafe_cells([counts], by=("segment",), minimum=asked.smallest, seeds=seeds)
    whole = {ALL} if (few & (table["segment"] == ALL)).any() else set()
    return (frozenset(cells["segment"]) | whole) - {NO_SEGMENT}


def _hidden_worth(asked: Asked, value: pd.DataFrame, counted: tuple[Group, ...], gone: frozenset[str]) -> Flags:
    """Figures of hidden segments, and money where too few margins are known, or would follow from the totals."""
    rows = [
        (group.segment, float(group.by_week["with_margin"].sum() + group.undated["with_margin"])) for group in counted
    ]
    table = pd.DataFrame(rows, columns=["segment", "margins"])
    table = table[table["margins"] > 0].assign(customers=lambda known: known["margins"])
    cells = unsafe_cells([Counts(table, "margins")], by=("segment",), minimum=asked.smallest, seeds=gone)
    money = value["counted_in"].isin(["money", "ratio"]).to_numpy(dtype=bool)
    return _in(value, "segment", gone) | (money & _in(value, "segment", frozenset(cells["segment"])))


def _hidden_problems(asked: Asked, after: pd.DataFrame) -> frozenset[str]:
    """Groups of too few customers, or too few of whom left; without either of the two halves the other goes too."""
    rows = after.drop_duplicates("problem")
    few = rows["customers"].lt(asked.smallest) | (rows["leavers"].gt(0) & rows["leavers"].lt(asked.smallest))
    found = set(rows.loc[few, "problem"])
    return frozenset(found | {ANY, NONE} if found & {ANY, NONE} else found)


def _few(asked: Asked, table: pd.DataFrame, halves: Flags) -> Flags:
    """A curve falls where somebody left: without the curves of few who did."""
    few = (table["leavers"] > 0) & (table["leavers"] < asked.smallest)
    return few.to_numpy(dtype=bool) & ~halves


def _few_kinds(asked: Asked, kinds: pd.DataFrame) -> Flags:
    """Two kinds and all who left: without either of them neither is told."""
    few = kinds["leavers"].gt(0) & kinds["leavers"].lt(asked.smallest)
    return np.full(len(kinds), bool(few.any()))


def _joined(curves: list[pd.DataFrame], like: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(curves, ignore_index=True) if curves else like


def _in(table: pd.DataFrame, column: str, names: frozenset[str]) -> Flags:
    return np.asarray(table[column].isin(names), dtype=bool)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as numbers, whatever was left out, and rows from 0 on."""
    words = {
        "segment", "problem", "since", "ending", "measure", "counted_in", "method", "claim", "grade", "grade_reasons",
    }  # fmt: skip
    return frame.astype({name: "float64" for name in frame.columns if name not in words}).reset_index(drop=True)
