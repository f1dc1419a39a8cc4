"""Result frames as text for readers: values with their intervals in one cell, words instead of keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from typing import Any, cast

import pandas as pd

from rootcause_lib.findings import Quantity, QuantityKind
from rootcause_lib.metrics import CATALOGUE
from rootcause_lib.prose.catalogue import entry
from rootcause_lib.prose.labels import everything, label, labels, left_out, small_groups
from rootcause_lib.prose.numbers import day, number
from rootcause_lib.vocabulary import ALL, SMALL, SUPPRESSED

_LABELS = {
    "channel": "channel", "from_channel": "channel", "to_channel": "channel", "opened_in": "channel",
    "settled_in": "channel", "outcome": "outcome", "match": "match", "metric": "metric", "statistic": "statistic",
    "claim": "claim", "verdict": "verdict", "status": "status", "rule": "rule", "repair": "rule",
    "analysis": "analysis", "table": "table", "method": "estimator", "method_used": "method", "name": "naive",
    "why": "naive_why", "direction": "direction",
    "dimension": "dimension", "changed": "changed", "exposure_unit": "exposure_unit",
    "process": "process", "kind": "band_kind", "variant": "variant", "basis": "basis",
    "measure": "agreement_measure", "between": "between", "score_metric": "score_metric",
    "reason_untold": "untold",
    "request": "request", "measured_by": "measured_by", "success_metric": "success_metric",
    "counted_as": "counted_as",
}  # fmt: skip
_LABEL_LISTS = {"missing": "missing", "what_it_would_add": "adds", "grade_reasons": "grade_reason"}
_SHARES = ("share", "repeat_share", "expected_by_chance", "identified", "filled", "coverage", "unexplained", "level")
_REASON_SHARES = (
    *(f"{name}_{part}" for name in ("coded", "corrected") for part in ("share", "low", "high")),
    "status_share", "status_share_low", "status_share_high", "correct_share", "raw_share", "explained", "half_width",
)  # fmt: skip
_COUNTS = ("rows_of_files",)
"""Usual computations that count; the others are shares."""
_SEGMENT_FIGURES = ("value", "low", "high", "baseline", "difference")
_SEGMENT_KINDS: Mapping[str, QuantityKind] = {"rate": "mean", "share": "share", "growth": "ratio"}
_WITH_INTERVAL = ("value", "share", "repeat_share")
_UNIT_KINDS: Mapping[str, QuantityKind] = {
    "share": "share",
    "seconds": "seconds",
    "money": "money",
    "contacts": "ratio",
    "contacts_per_day": "rate",
}


def metric_kind(metric: str) -> QuantityKind:
    """How the values of a metric are written: by its unit in the catalogue of metrics; others are shares."""
    return _UNIT_KINDS[CATALOGUE[metric].unit] if metric in CATALOGUE else "share"


def metric_title(metric: str, *, language: str) -> str:
    """A metric's name with its unit, where the numbers do not carry one: for axes."""
    name = label(metric, language=language, kind="metric")
    units = labels("unit", language=language)
    unit = CATALOGUE[metric].unit if metric in CATALOGUE else ""
    return f"{name} ({units[unit]})" if unit in units else name


def table_labels(frame: pd.DataFrame, *, language: str) -> list[str]:
    """The readers' names of the frame's columns, in their order."""
    return [label(str(column), language=language, kind="column") for column in frame.columns]


def table_text(frame: pd.DataFrame, *, language: str, currency: str | None = None) -> pd.DataFrame:
    """The frame with every cell as text; column names stay the library's (see `table_labels`).

    `low` and `high` join the column they belong to (value, share or repeat_share), as in `73% (72–74%)`.
    Keys become words, NA becomes a dash. Text is plain: escape it before it meets HTML.
    """
    owner = next((name for name in _WITH_INTERVAL if name in frame), None)
    joined = {"low", "high"} if owner is not None and {"low", "high"} <= set(frame.columns) else set()
    kept = [column for column in frame.columns if column not in joined]
    rows = [_row(record, kept, owner if joined else None, language, currency) for record in _records(frame)]
    return pd.DataFrame(rows, columns=kept, index=frame.index, dtype="str")


def _records(frame: pd.DataFrame) -> list[dict[Hashable, object]]:
    return cast("list[dict[Hashable, object]]", frame.to_dict("records"))


def _row(
    record: dict[Hashable, object], kept: list[str], owner: str | None, language: str, currency: str | None
) -> list[str]:
    cells = []
    for column in kept:
        if column == owner:
            kind = _kind(column, record) or "mean"
            quantity = Quantity(kind, _float(record[column]), _float(record["low"]), _float(record["high"]))
            gone = quantity.value is None and record.get("grade_reasons") == SUPPRESSED
            cells.append(left_out(language=language) if gone else _dash_or(quantity, language, currency))
        else:
            cells.append(_cell(column, record, language, currency))
    return cells


def _cell(column: str, record: dict[Hashable, object], language: str, currency: str | None) -> str:
    value = record[column]
    if _missing(value):
        return left_out(language=language) if record.get(SUPPRESSED) is True else "–"
    if isinstance(value, bool):
        return entry(language, "yes" if value else "no", under="numbers")
    if isinstance(value, str):
        return _word(column, value, language)
    if isinstance(value, dt.date):
        return day(value, language=language)
    return number(_float(value), language=language, kind=_kind(column, record), currency=currency)


def _word(column: str, value: str, language: str) -> str:
    if value == SMALL:
        return small_groups(language=language)
    if column in _LABEL_LISTS:
        keys = [key for key in value.split(";") if key]
        words = (label(key, language=language, kind=_LABEL_LISTS[column]) for key in keys)
        return (" " if column == "what_it_would_add" else ", ").join(words)
    if column == "metric":
        return metric_title(value, language=language)
    if column in _LABELS and value:
        return label(value, language=language, kind=_LABELS[column])
    return everything(language=language) if value == ALL else value


def _kind(column: str, record: dict[Hashable, object]) -> QuantityKind | None:
    if column in _SHARES:
        return "share"
    if column == "value" and record.get("name") in _COUNTS:
        return "count"
    if column in _REASON_SHARES:
        return "share"
    if column in ("cost", "upsell_difference", "upsell_difference_low", "upsell_difference_high"):
        return "money"
    if column in _SEGMENT_FIGURES and "counted_as" in record:
        return _SEGMENT_KINDS[str(record["counted_as"])]
    if column in ("value", "low", "high") and "measure" in record:
        return "share" if record["measure"] == "accuracy" else "ratio"
    if column in ("value", "low", "high", "threshold"):
        return metric_kind(str(record["metric"])) if "metric" in record else "share"
    if column.endswith("_seconds"):
        return "seconds"
    return None


def _dash_or(quantity: Quantity, language: str, currency: str | None) -> str:
    return "–" if quantity.value is None else number(quantity, language=language, currency=currency)


def _float(value: object) -> float | None:
    return None if _missing(value) else float(cast(float, value))


def _missing(value: object) -> bool:
    return bool(pd.isna(cast(Any, value))) if pd.api.types.is_scalar(value) else False
