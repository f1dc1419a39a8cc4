"""What the frames about reasons and codes say, in named fields, for the place beside each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.findings import said_as
from rootcause_lib.analyses.root_cause.trust import Trust
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.vocabulary import ALL, SMALL

PRECISION = 0.03
"""The precision that is asked of an audit in words: three points either side."""

_TOGETHER = 4
"""How many reasons are named whose order is not known."""

_APART = 2
"""How many reasons are named whose codes say clearly too little, or too much."""


def reason_readings(reasons: pd.DataFrame, trusted: Trust) -> Mapping[str, tuple[Finding, ...]]:
    """By frame: reasons, agreement, confusion, code_accuracy, audit_plan; most important first."""
    corrected = bool(reasons["corrected_share"].notna().any())
    return MappingProxyType(
        {
            "reasons": tuple(_about_reasons(reasons, trusted, corrected=corrected)),
            "agreement": tuple(_about_agreement(trusted)),
            "confusion": tuple(_about_confusion(trusted.confusion)),
            "code_accuracy": tuple(_about_teams(trusted.code_accuracy)),
            "audit_plan": tuple(_about_plan(trusted, corrected=corrected)),
        }
    )


def _about_reasons(reasons: pd.DataFrame, trusted: Trust, *, corrected: bool) -> Iterator[Finding]:
    named = reasons[~reasons["reason"].isin([ALL, "", SMALL]) & reasons["contacts"].notna()]
    yield from _weightiest(named, trusted, corrected=corrected)
    if corrected:
        yield from _apart(named, trusted)
    else:
        yield from _uncorrected(reasons, trusted)
    if corrected and (reasons["method"] == "inverse_confusion").any():
        yield Finding("root_cause_reasons.inverted", {"audited": trusted.outside + trusted.audited})
    if trusted.unknown:
        yield Finding("root_cause_reasons.unknown_reasons", {"reasons": trusted.unknown})
    yield from _coding(reasons, named)
    yield from _status(named)
    unknown = reasons.loc[reasons["reason"] == ALL, "cost_unknown"].sum()
    if unknown > 0 and reasons["cost"].notna().any():
        yield Finding("root_cause_reasons.cost_unknown", {"contacts": float(unknown)})
    yield Finding(f"root_cause_reasons.{'reading_corrected' if corrected else 'reading'}")


def _weightiest(named: pd.DataFrame, trusted: Trust, *, corrected: bool) -> Iterator[Finding]:
    """The first reason, or the first few where their intervals meet and their order is not known."""
    kind = "corrected" if corrected else "coded"
    told = named[~named["default_code"].astype(bool) & named[f"{kind}_share"].notna() & (named["grade"] != "D")]
    if told.empty:
        return
    ranked = told.sort_values(f"{kind}_share", ascending=False, kind="stable")
    first = ranked.iloc[0]
    level = ranked[ranked[f"{kind}_high"] >= first[f"{kind}_low"]]["reason"].astype(str)
    audited: dict[str, Field] = {"audited": trusted.audited or trusted.outside}
    if len(level) > 1:
        given: dict[str, Field] = {"reasons": tuple(level[:_TOGETHER]), **(audited if corrected else {})}
        yield _graded("several" if corrected else "several_coded", given, first)
    elif corrected:
        yield _graded("weightiest_corrected", {"reason": level.iloc[0], **_both(first), **audited}, first)
    else:
        yield _graded("weightiest", {"reason": level.iloc[0], "share": _share(first, "coded", of="denominator")}, first)


def _apart(named: pd.DataFrame, trusted: Trust) -> Iterator[Finding]:
    """Reasons whose share by an audit and by codes have intervals that do not meet."""
    sound = named[named["corrected_share"].notna() & named["coded_share"].notna() & (named["grade"] != "D")]
    gap = (sound["corrected_share"] - sound["coded_share"]).astype("float64")
    hidden = sound[sound["corrected_low"] > sound["coded_high"]]
    overstated = sound[(sound["corrected_high"] < sound["coded_low"]) & ~sound["default_code"].astype(bool)]
    for key, rows, order in (("hidden", hidden, -gap), ("overstated", overstated, gap)):
        for place in order.reindex(rows.index).sort_values(kind="stable").index[:_APART]:
            row = rows.loc[place]
            yield _graded(key, {"reason": str(row["reason"]), **_both(row)}, row)
    if hidden.empty and overstated.empty and trusted.audited:
        yield Finding("root_cause_reasons.alike", {"audited": trusted.audited})


def _uncorrected(reasons: pd.DataFrame, trusted: Trust) -> Iterator[Finding]:
    untold = set(reasons["reason_untold"].dropna()) - {""}
    if "audit_elsewhere" in untold:
        yield Finding("root_cause_reasons.audit_elsewhere", {"audited": trusted.outside})
    elif "audit_not_matched" in untold:
        yield Finding("root_cause_reasons.audit_not_matched", {"unmatched": trusted.unmatched})
    elif "no_audit" in untold:
        yield Finding("root_cause_reasons.no_audit", {"needed": _needed(trusted), "half_width": _points(PRECISION)})


def _coding(reasons: pd.DataFrame, named: pd.DataFrame) -> Iterator[Finding]:
    coded = float(reasons["denominator"].where(reasons["reason"] != ALL).max())
    default = float(named.loc[named["default_code"].astype(bool), "contacts"].sum())
    if default > 0 and coded > 0:
        share = Quantity("share", default / coded, denominator=coded)
        yield Finding("root_cause_reasons.default_codes", {"share": share})
    for _, row in reasons[(reasons["reason"] == ALL) & (reasons["coded_share"] < 1)].iterrows():
        share = Quantity("share", 1 - float(row["coded_share"]), denominator=float(row["denominator"]))
        yield Finding("root_cause_reasons.uncoded", {"share": share})


def _status(named: pd.DataFrame) -> Iterator[Finding]:
    """The reason most often asked about while something was open, where that is clearly more than a third."""
    told = named[named["status_share"].notna() & (named["status_share_low"] > 1 / 3)]
    for _, row in told.sort_values("status_share", ascending=False, kind="stable").head(1).iterrows():
        limits = [float(row[f"status_share{end}"]) for end in ("", "_low", "_high")]
        share = Quantity("share", limits[0], limits[1], limits[2], float(row["contacts"]))
        yield Finding("root_cause_reasons.status", {"reason": str(row["reason"]), "share": share})


def _about_agreement(trusted: Trust) -> Iterator[Finding]:
    rows = {(row["between"], row["measure"]): row for _, row in _whole(trusted.agreement).iterrows()}
    alpha, accuracy = rows.get(("codes", "alpha")), rows.get(("codes", "accuracy"))
    if alpha is not None and accuracy is not None and not np.isnan(alpha["value"]):
        given: dict[str, Field] = {"alpha": _value(alpha, "ratio"), "accuracy": _value(accuracy, "share")}
        yield _graded(str(alpha["verdict"]), given, alpha)
    coders = rows.get(("coders", "alpha"))
    if coders is not None and not np.isnan(coders["value"]):
        twice: dict[str, Field] = {"alpha": _value(coders, "ratio"), "coded_twice": trusted.coded_twice}
        yield _graded("coders", twice, coders)
    elif len(trusted.agreement):
        yield Finding("root_cause_reasons.coders_few", {"audited": trusted.audited})
    if trusted.unmatched and len(trusted.agreement):
        yield Finding("root_cause_reasons.unmatched", {"unmatched": trusted.unmatched})
    if len(trusted.agreement):
        yield Finding("root_cause_reasons.reading_agreement")


def _about_confusion(confusion: pd.DataFrame) -> Iterator[Finding]:
    wrong = confusion[(confusion["coded"] != confusion["found"]) & (confusion["found"] != SMALL)]
    for _, row in (
        wrong.dropna(subset="contacts").sort_values("contacts", ascending=False, kind="stable").head(2).iterrows()
    ):
        given: dict[str, Field] = {"coded": str(row["coded"]), "found": str(row["found"])}
        numbers = [float(row[name]) for name in ("share", "low", "high", "of")]
        given["share"] = Quantity("share", numbers[0], numbers[1], numbers[2], numbers[3], str(row["grade"]))
        yield _graded("confused", given, row)
    if len(confusion):
        yield Finding("root_cause_reasons.reading_confusion")


def _about_teams(accuracy: pd.DataFrame) -> Iterator[Finding]:
    teams = accuracy[(accuracy["team"] != ALL) & (accuracy["agent_id"] == ALL) & accuracy["correct_share"].notna()]
    if len(teams) < 2:
        return
    ranked = teams.sort_values("correct_share", kind="stable")
    worst, best = ranked.iloc[0], ranked.iloc[-1]
    if worst["high"] < best["low"]:
        given: dict[str, Field] = {
            "best_team": str(best["team"]), "best": _of_team(best), "worst_team": str(worst["team"]),
            "worst": _of_team(worst),
        }  # fmt: skip
        yield _graded("teams_differ", given, max((best, worst), key=lambda row: str(row["grade"])))
    else:
        yield Finding("root_cause_reasons.teams_alike")
    yield Finding("root_cause_reasons.reading_accuracy")


def _about_plan(trusted: Trust, *, corrected: bool) -> Iterator[Finding]:
    plan = trusted.audit_plan
    asked = plan[(plan["reason"] == ALL) & np.isclose(plan["half_width"], PRECISION)]
    for _, row in asked.iterrows():
        given: dict[str, Field] = {"audited": int(row["audited"]), "half_width": _points(PRECISION)}
        if row["further"] > 0:
            more: dict[str, Field] = {"needed": int(row["needed"]), "further": int(row["further"])}
            yield Finding("root_cause_reasons.plan", {**given, **more})
        elif corrected:
            yield Finding("root_cause_reasons.plan_done", given)
    yield Finding("root_cause_reasons.reading_plan")


def _whole(agreement: pd.DataFrame) -> pd.DataFrame:
    return agreement[agreement["reason"] == ALL]


def _needed(trusted: Trust) -> int:
    plan = trusted.audit_plan
    return int(plan.loc[(plan["reason"] == ALL) & np.isclose(plan["half_width"], PRECISION), "needed"].max())


def _points(value: float) -> Quantity:
    return Quantity("points", value)


def _both(row: pd.Series) -> dict[str, Field]:
    return {"corrected": _share(row, "corrected"), "coded": _share(row, "coded", of="denominator")}


def _share(row: pd.Series, name: str, *, of: str | None = None) -> Quantity:
    numbers = [_known(row[f"{name}_{part}"]) for part in ("share", "low", "high")]
    return Quantity("share", numbers[0], numbers[1], numbers[2], _known(row[of]) if of else None, str(row["grade"]))


def _value(row: pd.Series, kind: QuantityKind) -> Quantity:
    numbers = [_known(row[name]) for name in ("value", "low", "high", "contacts")]
    return Quantity(kind, numbers[0], numbers[1], numbers[2], numbers[3], str(row["grade"]))


def _of_team(row: pd.Series) -> Quantity:
    numbers = [_known(row[name]) for name in ("correct_share", "low", "high", "audited")]
    return Quantity("share", numbers[0], numbers[1], numbers[2], numbers[3], str(row["grade"]))


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _graded(key: str, given: Mapping[str, Field], row: pd.Series) -> Finding:
    return said_as(f"root_cause_reasons.{key}", given, row.to_dict())
