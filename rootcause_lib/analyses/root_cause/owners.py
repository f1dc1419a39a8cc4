"""What each process owner is told: their contacts, what they cost, one request, and how success will be measured."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from rootcause_lib.engagement import Engagement
from rootcause_lib.periods import Period

COLUMNS = (
    "owner", "process", "contacts", "low", "high", "level", "share", "cost", "cost_low", "cost_high", "eliminable",
    "eliminable_low", "eliminable_high", "eliminable_cost", "eliminable_cost_low", "eliminable_cost_high", "basis",
    "cost_of_waiting_per_month", "waiting_low", "waiting_high", "material_since", "ideas_open", "request",
    "success_metric", "today", "target", "currency", "grade", "grade_reasons", "reason_untold",
)  # fmt: skip
"""Of the frame `owners`."""

METRIC = "caused_contacts_per_month"
"""What success is measured by: contacts a month that the process causes, followed with the same method."""

DAYS_IN_A_MONTH = 365.25 / 12

Request = Literal["fix", "look_into", "measure", ""]


def owners(
    attributable: pd.DataFrame, eliminable: pd.DataFrame, persistence: pd.DataFrame, engagement: Engagement, *,
    period: Period,
) -> pd.DataFrame:  # fmt: skip
    """One row per owner and process, owners in the order of what could be eliminated, their processes likewise.

    contacts, low, high, share, cost: what the process causes (`attributable`). eliminable*: what need not come
    (`eliminable`; NaN for normal processes), told from `basis`. request: on one row of each owner, the process with
    most to eliminate: "fix" at grade A or B, "look_into" at C, "measure" where nothing can be told; "" on the others.
    For "fix" and "look_into" success is `success_metric` falling from `today` to `target`: what is left once the part
    that is surely eliminable (its lower limit) is gone. Grades are those of the eliminable contacts where there are
    any. Processes without an owner have an empty one.
    """
    months = period.days / DAYS_IN_A_MONTH
    rows = [_row(name, engagement, attributable, eliminable, persistence, months) for name in engagement.processes]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if table.empty:
        return table
    table = _with_requests(_in_order(table))
    asked = table["request"].isin(["fix", "look_into"])
    return table.assign(
        success_metric=np.where(asked, METRIC, ""),
        today=table["today"].where(asked),
        target=table["target"].where(asked),
    )


def _row(
    name: str,
    engagement: Engagement,
    attributable: pd.DataFrame,
    eliminable: pd.DataFrame,
    persistence: pd.DataFrame,
    months: float,
) -> dict[str, object]:
    caused, could, lasting = (_row_of(frame, name) for frame in (attributable, eliminable, persistence))
    graded = could if could is not None else caused
    contacts, sure = _number(caused, "contacts"), _number(could, "low")
    today = (contacts if not np.isnan(contacts) else _number(could, "contacts")) / months
    given = {one: _number(caused, one) for one in ("contacts", "low", "high", "share", "cost", "cost_low", "cost_high")}
    known = {"eliminable": "contacts", "eliminable_low": "low", "eliminable_high": "high"}
    known |= {f"eliminable_{one}": one for one in ("cost", "cost_low", "cost_high")}
    lasted = ("cost_of_waiting_per_month", "waiting_low", "waiting_high", "ideas_open")
    return {
        "owner": engagement.processes[name].owner or "",
        "process": name,
        **given,
        "level": engagement.definitions.level,
        **{ours: _number(could, theirs) for ours, theirs in known.items()},
        "basis": "" if could is None else str(could.get("basis") or ""),
        **{one: _number(lasting, one) for one in lasted},
        "material_since": None if lasting is None else lasting.get("material_since"),
        "request": "",
        "success_metric": "",
        "today": today,
        "target": today - max(sure, 0.0) / months,
        "currency": engagement.engagement.currency,
        "grade": "D" if graded is None else str(graded.get("grade", "D")),
        "grade_reasons": "too_few" if graded is None else str(graded.get("grade_reasons") or ""),
        "reason_untold": "no_events" if graded is None else str(graded.get("reason_untold") or ""),
    }


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Owners by what could be eliminated at all, processes within an owner likewise; no owner last."""
    size = _size(table)
    whole = size.clip(lower=0).fillna(0).groupby(table["owner"]).transform("sum")
    order = table.assign(_none=table["owner"] == "", _whole=whole, _size=size.fillna(-np.inf))
    keys = ["_none", "_whole", "owner", "_size", "process"]
    ordered = order.sort_values(keys, ascending=[True, False, True, False, True], ignore_index=True)
    return ordered.drop(columns=["_none", "_whole", "_size"])


def _size(table: pd.DataFrame) -> pd.Series:
    """What is compared: euros where every process that can be eliminated has them, else contacts."""
    eliminable, cost = table["eliminable"], table["eliminable_cost"]
    return cost if cost[eliminable.notna()].notna().all() else eliminable


def _with_requests(table: pd.DataFrame) -> pd.DataFrame:
    """One request for each owner."""
    size, request = _size(table), pd.Series("", index=table.index, dtype="object")
    for owner, rows in table.groupby("owner", sort=False):
        if owner == "":
            continue
        usable = rows[(rows["eliminable"] > 0) & (rows["grade"] != "D")]
        if usable.empty:
            request.loc[rows.index[0]] = "measure"
            continue
        chosen = usable.assign(_size=size).sort_values("_size", ascending=False, kind="stable").head(1)
        sure = chosen["grade"].isin(["A", "B"]).all() and (chosen["eliminable_low"] > 0).all()
        request.loc[chosen.index[0]] = "fix" if sure else "look_into"
    return table.assign(request=request.astype("str"))


def _row_of(frame: pd.DataFrame, process: str) -> pd.Series | None:
    rows = frame[frame["process"] == process] if "process" in frame.columns else frame.head(0)
    return None if rows.empty else rows.iloc[0]


def _number(row: pd.Series | None, name: str) -> float:
    found = None if row is None else row.get(name)
    return np.nan if found is None or pd.isna(found) else float(found)
