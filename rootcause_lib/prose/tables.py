"""Result frames as text for readers: values with their intervals in one cell, words instead of keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
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
    "settled_in": "channel", "baseline_channel": "channel",
    "outcome": "outcome", "match": "match", "metric": "metric", "statistic": "statistic",
    "claim": "claim", "verdict": "verdict", "status": "status", "rule": "rule", "repair": "rule",
    "analysis": "analysis", "table": "table", "method": "estimator", "method_used": "method", "name": "naive",
    "why": "naive_why", "direction": "direction",
    "dimension": "dimension", "changed": "changed", "exposure_unit": "exposure_unit",
    "process": "process", "kind": "band_kind", "variant": "variant", "basis": "basis",
    "measure": "agreement_measure", "between": "between", "score_metric": "score_metric",
    "reason_untold": "untold",
    "request": "request", "measured_by": "measured_by", "success_metric": "success_metric",
    "counted_as": "counted_as", "standing": "standing",
    "resolution": "resolution",
    "kind_of_day": "kind_of_day", "service_level_formula": "service_level_formula",
    "placebo": "placebo", "split": "dose_split", "handling": "handling", "conversion": "conversion",
    "strongest": "measured_factor",
    "base_of": "base_of", "after": "after", "next_choice": "next_choice",
    "rung": "rung", "bias": "bias", "verdict_1": "against_line", "verdict_4": "against_line",
    "ending": "ending", "problem": "problem", "since": "since", "counted_in": "counted_in",
    "model": "score_model", "driver": "driver", "against": "driver",
}  # fmt: skip
_LABEL_LISTS = {"missing": "missing", "what_it_would_add": "adds", "grade_reasons": "grade_reason", "drivers": "driver"}
_SHARES = (
    "share", "expected_by_chance", "identified", "filled", "coverage", "unexplained", "level", "half_width",
    "explained", "reference", "observed", "probability_best", "probability_worst",
    "service_level", "service_level_less_short", "service_level_of_answered", "still_waiting",
    "resolution", "overlap", "baseline_resolution", "retained", "chance", "confidence", "leaving_in_a_year",
    "predicted", "risk", "share_contacted",
)  # fmt: skip
_MONEY = (
    "cost", "eliminable_cost", "cost_so_far", "cost_of_waiting_per_month", "upsell_difference", "profit",
    "value_at_stake", "monthly_margin", "value_of_staying", "offer_cost", "contact_cost",
)  # fmt: skip
_RATIOS = (
    "rate_ratio", "per_day", "odds_ratio", "hazard_ratio", "risk_ratio", "strongest_ratio", "allowed_low",
    "allowed_high", "e_value", "e_value_limit", "lift",
)  # fmt: skip
_DURATIONS = (
    "seconds", "mean_wait", "mean_wait_abandoned", "p50_wait", "p90_wait", "median_patience",
)  # fmt: skip
_COEFFICIENTS = ("alpha", "kappa", "auc", "brier")
_RATIO_MEASURES = ("calibration_slope", "observed_expected", "lift_10")
_COUNTS = ("rows_of_files", "every_contact_in_window", "coded_contacts")
_RATIO_NAMES = ("between_customers",)
"""Usual computations that count, and one that compares; the others are shares."""
_PLAIN_LIMITS = (
    "value", "rate_ratio", "hazard_ratio", "per_day", "correct_share", "measured_share", "cost_so_far",
    "excess", "share", "repeat_share", "text_share", "difference", "still_waiting", "volume_share", "handle_seconds",
    "day", "contacts", "score", "retained", "chance", "risk", "lift", "profit", "odds_ratio", "observed",
)  # fmt: skip
"""Whose limits `low` and `high` are: the first of these that a frame has without limits of its own name."""
_OWN_LIMITS = {
    "per_100_customers": "per_100", "raw_difference": "raw", "cost_of_waiting_per_month": "waiting",
    "odds_ratio": "odds", "risk_ratio": "risk", "strongest_ratio": "strongest",
    "naive_difference": "naive", "coded_difference": "coded",
}  # fmt: skip
"""Columns whose limits are called otherwise."""
_SCORE_FIGURES = ("score", "naive", "difference")
_SIDES = ("switched", "stayed", "difference")
"""Figures of cases whose customer changed channel or stayed: in the unit of what is measured."""
_SIDE_KINDS: Mapping[str, QuantityKind] = {
    "resolution": "share",
    "contacts": "ratio",
    "handle_seconds": "seconds",
    "cost": "money",
}
_FAIR_FIGURES: Mapping[str, QuantityKind] = {
    "difference": "points",
    "naive_difference": "points",
    "coded_difference": "points",
    "naive": "share",
}
"""Of channels compared in shares."""
_WORTH_KINDS: Mapping[str, QuantityKind] = {
    "yearly_retention": "share", "value_over_acquisition": "ratio",
    **dict.fromkeys(
        (
            "monthly_margin", "customer_value", "base_value", "point_value", "point_value_per_customer",
            "new_customer_value", "replacement_cost",
        ),
        "money",
    ),
}  # fmt: skip
_SEGMENT_FIGURES = ("value", "baseline", "difference")
_SEGMENT_KINDS: Mapping[str, QuantityKind] = {"rate": "mean", "share": "share", "growth": "ratio"}
_UNIT_FIGURES: Mapping[str, QuantityKind] = {"difference": "points", "raw_difference": "points", "expected": "share"}
"""Of teams and agents."""
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

    Limits join the column they belong to (see `limits_of`), as in `73% (72–74%)`. Keys become words, NA becomes a
    dash. Text is plain: escape it before it meets HTML.
    """
    limits = limits_of(list(frame.columns))
    joined = {limit for pair in limits.values() for limit in pair}
    kept = [column for column in frame.columns if column not in joined]
    rows = [_row(record, kept, limits, language, currency) for record in _records(frame)]
    return pd.DataFrame(rows, columns=kept, index=frame.index, dtype="str")


def limits_of(columns: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """The columns that have an interval, each with those of its limits: share_low for share or x_share, low for what
    has none of its own name."""
    here = set(columns)
    found: dict[str, tuple[str, str]] = {}
    for column in map(str, columns):
        if column == "naive" and "naive_difference" in here:
            # There the limits are those of the difference.
            continue
        for stem in (column, column.removesuffix("_share"), _OWN_LIMITS.get(column, column)):
            if {f"{stem}_low", f"{stem}_high"} <= here:
                found[column] = (f"{stem}_low", f"{stem}_high")
    # Beside a score, resolution is a word.
    first = ("resolution",) if "score" not in here else ()
    plain = [name for name in (*first, *_PLAIN_LIMITS) if name in here and name not in found]
    if plain and {"low", "high"} <= here:
        found[plain[0]] = ("low", "high")
    return found


def _records(frame: pd.DataFrame) -> list[dict[Hashable, object]]:
    return cast("list[dict[Hashable, object]]", frame.to_dict("records"))


def _row(
    record: dict[Hashable, object],
    kept: list[str],
    limits: Mapping[str, tuple[str, str]],
    language: str,
    currency: str | None,
) -> list[str]:
    cells = []
    for column in kept:
        if column in limits:
            low, high = (_float(record[limit]) for limit in limits[column])
            quantity = Quantity(_kind(column, record, currency) or "mean", _float(record[column]), low, high)
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
        if column == "level" and "split" in record:
            kind = "channel" if record["split"] == "channel" else "dose_level"
            return label(value, language=language, kind=kind)
        return _word(column, value, language)
    if isinstance(value, dt.date):
        return day(value, language=language)
    return number(_float(value), language=language, kind=_kind(column, record, currency), currency=currency)


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


def _kind(column: str, record: dict[Hashable, object], currency: str | None) -> QuantityKind | None:
    if column in _SHARES or column.endswith("_share"):
        return "share"
    if column in _FAIR_FIGURES and "baseline_resolution" in record:
        return _FAIR_FIGURES[column]
    if column in _MONEY:
        return "money" if currency else "count"
    if column in _RATIOS:
        return "ratio"
    if column == "contacts":
        return "count"
    if column in ("value", "ours") and "name" in record:
        return "count" if record["name"] in _COUNTS else "ratio" if record["name"] in _RATIO_NAMES else "share"
    if "standing" in record and column in _UNIT_FIGURES:
        return _UNIT_FIGURES[column]
    if column in _SEGMENT_FIGURES and "counted_as" in record:
        return _SEGMENT_KINDS[str(record["counted_as"])]
    if column in _SIDES and "switched" in record:
        kind = _SIDE_KINDS.get(str(record["measure"]), "score")
        kind = "points" if kind == "share" and column == "difference" else kind
        return "score" if kind == "money" and not currency else kind
    if column in _SCORE_FIGURES and "score" in record:
        return "score"
    if column == "value" and record.get("measure") in _WORTH_KINDS:
        kind = _WORTH_KINDS[str(record["measure"])]
        return "count" if kind == "money" and not currency else kind
    if column == "value" and record.get("measure") == "days_to_human":
        return "days"
    if column == "value" and record.get("measure") in _COEFFICIENTS:
        return "score"
    if column == "value" and record.get("measure") in _RATIO_MEASURES:
        return "ratio"
    if column in ("value", "low", "high", "threshold"):
        return metric_kind(str(record["metric"])) if "metric" in record else "share"
    if column == "change" or (column == "excess" and "window_days" in record):
        return "points"
    if column.endswith("_seconds") or column in _DURATIONS:
        return "seconds"
    return None


def _dash_or(quantity: Quantity, language: str, currency: str | None) -> str:
    return "–" if quantity.value is None else number(quantity, language=language, currency=currency)


def _float(value: object) -> float | None:
    return None if _missing(value) else float(cast(float, value))


def _missing(value: object) -> bool:
    return bool(pd.isna(cast(Any, value))) if pd.api.types.is_scalar(value) else False
