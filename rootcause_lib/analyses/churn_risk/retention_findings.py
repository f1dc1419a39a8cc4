"""What the figures on staying say, in named fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.landmark_curves import ANY, NONE, PROBLEM_WEEKS, failures
from rootcause_lib.analyses.churn_risk.retention_counts import only_flags
from rootcause_lib.analyses.rows import Row, known, records
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.vocabulary import ALL

_MONTHS_TOLD = (12, 6, 3)
"""Of a curve the first of these months it reaches is told."""

Frames = Mapping[str, pd.DataFrame]


def retention_headline(frames: Frames, asked: Asked) -> tuple[Finding, ...]:
    """What one point of retention is worth; else how many stay a year."""
    worth = _of(frames["retention_value"])
    if "point_value" in worth and "yearly_retention" in worth and worth["point_value"]["grade"] != "D":
        return (_point(worth, asked),)
    kept = worth.get("yearly_retention")
    return (_kept(kept),) if kept is not None and kept["grade"] != "D" else ()


def retention_readings(frames: Frames, asked: Asked) -> Mapping[str, tuple[Finding, ...]]:
    """What stands beside the figures: by frame; `problem_survival` beside the curves after failures."""
    return MappingProxyType(
        {
            "survival": tuple(_about_curves(frames["survival"])),
            "problem_survival": tuple(_about_failures(frames["survival"])),
            "left_by_ending": tuple(_about_endings(frames["left_by_ending"])),
            "segment_risk": tuple(_about_risk(frames["segment_risk"])),
            "retention_value": tuple(_about_value(frames["retention_value"], asked)),
        }
    )


def retention_cannot_tell(frames: Frames, asked: Asked) -> tuple[Finding, ...]:
    """What these data leave open about staying."""
    found = [Finding("churn_retention.same_pace")]
    worth, survival = frames["retention_value"], frames["survival"]
    if only_flags(asked):
        found.append(Finding("churn_retention.no_dates"))
    if len(worth) and not (worth["counted_in"] == "money").any():
        found.append(Finding("churn_retention.no_margin"))
    elif len(worth) and asked.store.engagement.costs.acquisition_per_customer is None:
        found.append(Finding("churn_retention.no_acquisition"))
    if len(worth) and not (survival["since"] == "joining").any():
        found.append(Finding("churn_retention.no_joining"))
    if len(worth) and not (survival["since"] == "landmark").any():
        reason = "no_landmark" if failures(asked) and "process_events" in asked.store.present else "no_failures"
        found.append(Finding(f"churn_retention.{reason}", {"weeks": PROBLEM_WEEKS}))
    return tuple(found)


def _about_curves(survival: pd.DataFrame) -> Iterator[Finding]:
    curves = survival[(survival["since"] == "joining") & survival["retained"].notna()]
    for row in _last_told(curves[curves["segment"] == ALL]):
        given: dict[str, Field] = {"retained": _figure(row, "retained", of="spells"), **_months(row)}
        late = known(row["from_months"]) or 0.0
        key = "stays_after" if late else "stays"
        yield _finding(key, {**given, "from_months": int(late)}, row)
        if known(row["median_months"]) is not None and not late:
            median = Quantity(
                "mean", known(row["median_months"]), known(row["median_months_low"]), known(row["median_months_high"]),
                known(row["spells"]),
            )  # fmt: skip
            yield _finding("half_have_left", {"months": median}, row)
    own = curves[(curves["segment"] != ALL) & (curves["grade"] != "D") & (curves["from_months"] == 0)]
    for month in _MONTHS_TOLD:
        rows = records(own[own["months_since"] == month].sort_values("retained", kind="stable"))
        if len(rows) > 1:
            low, high = rows[0], rows[-1]
            clear = known(low["high"]) is not None and float(low["high"]) < float(high["low"])
            given = {
                "low_segment": str(low["segment"]), "low": _figure(low, "retained", of="spells"),
                "high_segment": str(high["segment"]), "high": _figure(high, "retained", of="spells"), **_months(low),
            }  # fmt: skip
            yield Finding("churn_retention.segments_differ" if clear else "churn_retention.segments_alike", given)
            return


def _about_failures(survival: pd.DataFrame) -> Iterator[Finding]:
    curves = survival[(survival["since"] == "landmark") & survival["retained"].notna()]
    for month in (6, 3):
        rows = {str(row["problem"]): row for row in records(curves[curves["months_since"] == month])}
        if {ANY, NONE} <= set(rows):
            one, other = rows[ANY], rows[NONE]
            given: dict[str, Field] = {
                "failed": _figure(one, "retained", of="spells"), "other": _figure(other, "retained", of="spells"),
                **_months(one), "weeks": PROBLEM_WEEKS,
            }  # fmt: skip
            apart = float(one["high"]) < float(other["low"]) or float(one["low"]) > float(other["high"])
            yield _finding("after_failure" if apart else "after_failure_alike", given, one)
            break
    if len(curves):
        yield Finding("churn_retention.landmark", {"weeks": PROBLEM_WEEKS})


def _about_endings(table: pd.DataFrame) -> Iterator[Finding]:
    for month in _MONTHS_TOLD:
        rows = {str(row["ending"]): row for row in records(table[table["months_since"] == month])}
        if {"choice", "not_choice"} <= set(rows) and known(rows["choice"]["share"]) is not None:
            choice, other = (_figure(rows[name], "share", of="spells") for name in ("choice", "not_choice"))
            yield _finding("left_by", {"choice": choice, "other": other, **_months(rows["choice"])}, rows["choice"])
            return


def _about_risk(table: pd.DataFrame) -> Iterator[Finding]:
    told = table[table["chance"].notna()]
    for row in records(told[told["segment"] == ALL]):
        given: dict[str, Field] = {"risk": _figure(row, "chance", of="customers"), "days": int(row["horizon_days"])}
        yield _finding("risk", given, row)
    own = records(told[(told["segment"] != ALL) & (told["grade"] != "D")].sort_values("chance", kind="stable"))
    if len(own) > 1:
        low, high = own[0], own[-1]
        clear = float(low["high"]) < float(high["low"])
        given = {
            "low_segment": str(low["segment"]), "low": _figure(low, "chance", of="customers"),
            "high_segment": str(high["segment"]), "high": _figure(high, "chance", of="customers"),
            "days": int(low["horizon_days"]),
        }  # fmt: skip
        yield Finding("churn_retention.risks_differ" if clear else "churn_retention.risks_alike", given)


def _about_value(table: pd.DataFrame, asked: Asked) -> Iterator[Finding]:
    worth = _of(table)
    if "yearly_retention" in worth:
        yield _kept(worth["yearly_retention"])
    years = float(asked.store.engagement.costs.horizon_years)
    if "base_value" in worth and "customer_value" in worth:
        given: dict[str, Field] = {
            "value": _figure(worth["customer_value"], "value"), "whole": _figure(worth["base_value"], "value"),
            "years": years,
        }  # fmt: skip
        yield _finding("worth", given, worth["base_value"])
        unknown = known(worth["base_value"]["unobserved"])
        if unknown:
            yield Finding("churn_retention.margin_unknown", {"customers": unknown})
    if "point_value" in worth and "yearly_retention" in worth:
        yield _point(worth, asked)
    if "replacement_cost" in worth:
        row = worth["replacement_cost"]
        yield _finding("instead_of_winning", {"replaced": _figure(row, "value")}, row)
    if "value_over_acquisition" in worth and "new_customer_value" in worth:
        ratio, new = worth["value_over_acquisition"], worth["new_customer_value"]
        above = (known(ratio["low"]) or 0.0) > 1
        key = "pays_back" if above else "does_not_pay_back" if float(ratio["high"]) < 1 else "may_pay_back"
        cost = float(asked.store.engagement.costs.acquisition_per_customer or 0.0)
        given = {"value": _figure(new, "value"), "cost": Quantity("money", cost, denominator=1.0), "years": years}
        yield _finding(key, given, ratio)


def _kept(row: Row) -> Finding:
    return _finding("kept_a_year", {"kept": _figure(row, "value", of="customers")}, row)


def _point(worth: Mapping[str, Row], asked: Asked) -> Finding:
    given: dict[str, Field] = {
        "kept": _figure(worth["yearly_retention"], "value", of="customers"),
        "value": _figure(worth["point_value"], "value"),
        "years": float(asked.store.engagement.costs.horizon_years),
    }
    return _finding("point_worth", given, worth["point_value"])


def _of(table: pd.DataFrame) -> dict[str, Row]:
    """Figures of everybody, by measure."""
    told = table[(table["segment"] == ALL) & table["value"].notna()]
    return {str(row["measure"]): row for row in records(told)}


def _last_told(curve: pd.DataFrame) -> list[Row]:
    """One row of a curve: at the first month of `_MONTHS_TOLD` since its beginning that it reaches."""
    for month in _MONTHS_TOLD:
        rows = records(curve[curve["months_since"] - curve["from_months"] >= month].head(1))
        if rows:
            return rows
    return []


def _months(row: Row) -> dict[str, Field]:
    return {"months": int(row["months_since"])}


def _figure(row: Row, name: str, *, of: str = "denominator") -> Quantity:
    kinds: dict[str, QuantityKind] = {"share": "share", "money": "money", "ratio": "ratio"}
    kind = kinds[str(row.get("counted_in", "share"))]
    return Quantity(kind, known(row[name]), known(row["low"]), known(row["high"]), known(row[of]), str(row["grade"]))


def _finding(key: str, given: Mapping[str, Field], row: Row) -> Finding:
    reasons = tuple(reason for reason in str(row["grade_reasons"]).split(";") if reason)
    return Finding(f"churn_retention.{key}", given, str(row["grade"]), reasons)
