"""What the frames about texts say in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from rootcause_lib.analyses.root_cause.findings import said_as
from rootcause_lib.analyses.root_cause.topic_texts import Texts
from rootcause_lib.findings import Finding, Quantity
from rootcause_lib.vocabulary import SUPPRESSED

AREA = "root_cause_text"


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences: the main ones, what can't be told, and what stands beside each frame."""

    headline: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    readings: Mapping[str, tuple[Finding, ...]]


def topic_findings(
    frames: Mapping[str, pd.DataFrame], *, untold: str, texts: Texts, audited: int, needed: int, strange: float
) -> Said:
    """audited: texts that taught; needed: how many there must be; strange: share of what auditors found that is no
    code."""
    headline = tuple(_headline(frames))
    readings = {
        "text_topics": _with_rows(frames["text_topics"], _topics_reading(texts, audited)),
        "text_agreement": _with_rows(frames["text_agreement"], (_finding("reading_agreement"),)),
        "text_disagreements": _with_rows(frames["text_disagreements"], tuple(_worst(frames["text_disagreements"]))),
        "text_hypotheses": _with_rows(frames["text_hypotheses"], (_finding("reading_hypotheses"),)),
    }
    return Said(headline, tuple(_cannot_tell(untold, texts, audited, needed, strange)), MappingProxyType(readings))


def _finding(key: str, **fields: Any) -> Finding:
    return Finding(f"{AREA}.{key}", fields)


def _with_rows(frame: pd.DataFrame, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return findings if len(frame) else ()


def _headline(frames: Mapping[str, pd.DataFrame]) -> list[Finding]:
    found = frames["text_agreement"]
    wrong = found[(found["measure"] == "miscoding") & found["value"].notna()]
    sorted_ = found[(found["measure"] == "accuracy") & found["value"].notna()]
    said = []
    for key, rows in (("miscoding", wrong), ("accuracy", sorted_)):
        for _, row in rows.iterrows():
            said.append(_graded(f"{AREA}.{key}", row, **{key: _share(row, "value", of="contacts")}))
    return said


def _graded(key: str, row: pd.Series, **fields: Any) -> Finding:
    return said_as(key, fields, row.to_dict())


def _share(row: pd.Series, name: str, *, of: str) -> Quantity:
    low, high = float(row["low"]), float(row["high"])
    return Quantity("share", float(row[name]), low, high, float(row[of]), str(row["grade"]))


def _topics_reading(texts: Texts, audited: int) -> tuple[Finding, ...]:
    share = Quantity("share", texts.texts / texts.contacts if texts.contacts else None, denominator=texts.contacts)
    said = [_finding("with_text", share=share), _finding("taught", audited=audited)]
    if texts.drawn_share < 1:
        drawn = round(texts.texts * texts.drawn_share)
        said.append(_finding("drawn", texts=texts.texts, drawn=drawn))
    return (*said, _finding("reading_topics"))


def _worst(frame: pd.DataFrame) -> list[Finding]:
    """The pair that stands furthest apart, if more stand in it than mistakes would put there."""
    said = [_finding("reading_disagreements")]
    for _, row in frame.head(1).iterrows():
        if str(row["grade_reasons"]) == SUPPRESSED or not row["share"] > 0:
            continue
        share = _share(row, "share", of="denominator")
        fields = {"coded": str(row["coded"]), "by_text": str(row["by_text"]), "share": share}
        if pd.isna(row["by_mistake"]):
            said.insert(0, _graded(f"{AREA}.worst", row, **fields))
        elif row["contacts"] > row["by_mistake"]:
            expected = Quantity("share", float(row["by_mistake"]) / float(row["denominator"]))
            said.insert(0, _graded(f"{AREA}.worst_beyond", row, expected=expected, **fields))
    return said


def _cannot_tell(untold: str, texts: Texts, audited: int, needed: int, strange: float) -> list[Finding]:
    said = []
    if untold == "few_audited":
        said.append(_finding("few_audited", audited=audited, needed=needed))
    elif untold:
        said.append(_finding(untold))
    if strange > 0:
        said.append(_finding("unknown_codes", share=Quantity("share", strange)))
    if not untold and texts.texts < texts.contacts:
        share = Quantity("share", 1 - texts.texts / texts.contacts, denominator=texts.contacts)
        said.append(_finding("without_text", share=share))
    return said
