"""Since when a process has been material, what it has cost, and what waiting costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.process_months import Months, ideas_of, month_text, months_of
from rootcause_lib.grades import capped
from rootcause_lib.periods import Period
from rootcause_lib.statistics.intervals import Floats, normal_critical
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import SUPPRESSED

COLUMNS = (
    "process", "owner", "basis", "material_since", "since_start", "months_in_top_5", "months", "cost_so_far", "low",
    "high", "level", "cost_of_waiting_per_month", "waiting_low", "waiting_high", "ideas_filed", "ideas_open", "grade",
    "grade_reasons", "reason_untold",
)  # fmt: skip
"""Of the frame `persistence`."""

RECENT_MONTHS = 6
"""Whole months by whose contacts the cost of waiting is told."""

TOP = 5
_YEAR, _QUARTER = 12, 3


def persistence(store: Store, period: Period, attributable: pd.DataFrame, eliminable: pd.DataFrame) -> pd.DataFrame:
    """One row per process of the engagement, costliest first.

    The cost a process caused in the period (`attributable`) is spread over all months of the data by the contacts made
    in its time (those in the days that incidence counts; by its reasons where basis is audit or ceiling), each carrying
    the same part of the blame; limits are those of the cost, for single months with the chance of their counts.

    cost_so_far: over all that is observed; `months` of it are whole. material_since: the first month of the latest run
    of whole months whose cost, averaged with the two months before, was above `targets.material_per_year` / 12; a month
    below ends the run only if its whole interval lies below. since_start: the run reaches back to the first whole
    month, so it may be older. months_in_top_5: whole months in which it was among the five costliest processes (by
    contacts where costs are not known). cost_of_waiting_per_month: what could be eliminated, at the pace of the last
    `RECENT_MONTHS` whole months; NaN for normal processes. ideas_filed, ideas_open: proposals about its reasons, and
    those not acted on. NaN is not told; `reason_untold` says why. A month's blame is taken to be as in the period:
    grade B at best.
    """
    told = {name: _told_by(name, attributable, eliminable) for name in store.engagement.processes}
    months = months_of(store, period, bases={_basis(row) for row, _ in told.values()})
    level, filed = store.engagement.definitions.level, ideas_of(store)
    ideas = filed if "ideas" in store.present else None
    traced = [_traced(store, months, name, row, could) for name, (row, could) in told.items()]
    top = _months_in_top(traced, months)
    rows = [_row(store, one, months, top[one.process], ideas) for one in traced]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("level",)]).assign(level=level)
    numbers = ["months_in_top_5", "months", "cost_so_far", "low", "high", "cost_of_waiting_per_month"]
    numbers += ["waiting_low", "waiting_high", "ideas_filed", "ideas_open"]
    table = table.astype(dict.fromkeys(numbers, "float64"))
    graded = capped(table, "B", where=True, reason="proxy")
    return _in_order(graded)[list(COLUMNS)]


@dataclass(frozen=True, slots=True)
class _Traced:
    """A process with its series: contacts and their squares by whole month, all contacts ever and in the period."""

    process: str
    row: pd.Series
    waiting: pd.Series | None
    contacts: Floats
    squares: Floats
    ever: float
    inside: float

    @property
    def per_contact(self) -> tuple[float, float, float]:
        """Cost caused per contact of the series, with limits; NaN where not told."""
        return self._spread(self.row)

    @property
    def waiting_per_contact(self) -> tuple[float, float, float]:
        return (np.nan,) * 3 if self.waiting is None else self._spread(self.waiting)

    def _spread(self, row: pd.Series) -> tuple[float, float, float]:
        names = ("cost", "cost_low", "cost_high")
        value, low, high = (_number(row, name) / self.inside if self.inside > 0 else np.nan for name in names)
        return value, low, high


def _told_by(name: str, attributable: pd.DataFrame, eliminable: pd.DataFrame) -> tuple[pd.Series, pd.Series | None]:
    """The row that tells what a process caused, and that of what could be eliminated."""
    caused, could = _row_of(attributable, name), _row_of(eliminable, name)
    own = caused if caused is not None and not np.isnan(_number(caused, "contacts")) else could
    told = own is not None and not np.isnan(_number(own, "contacts"))
    row = own if told and own is not None else caused if caused is not None else could
    if row is None:
        row = pd.Series({"process": name, "grade": "D", "grade_reasons": "too_few", "reason_untold": "no_events"})
    return row, could


def _basis(row: pd.Series) -> str:
    return str(row.get("basis") or "incidence")


def _traced(store: Store, months: Months, name: str, row: pd.Series, could: pd.Series | None) -> _Traced:
    series = months.of(name, reasons=store.engagement.processes[name].reasons, basis=_basis(row))
    by_month = series.groupby("started_month")[["contacts", "contacts_contacts"]].sum()
    by_month = by_month.reindex(list(months.whole), fill_value=0.0)
    return _Traced(
        name,
        row,
        could,
        by_month["contacts"].to_numpy(dtype=float),
        by_month["contacts_contacts"].to_numpy(dtype=float),
        float(series["contacts"].sum()),
        float(series.loc[series["inside"], "contacts"].sum()),
    )


def _row(store: Store, one: _Traced, months: Months, top: float, ideas: pd.DataFrame | None) -> dict[str, object]:
    level = store.engagement.definitions.level
    process = store.engagement.processes[one.process]
    value, low, high = one.per_contact
    yardstick = store.engagement.targets.material_per_year
    since = None if yardstick is None else _material_since(one, months, yardstick / _YEAR, level=level)
    waiting = _waiting(one, level=level)
    return {
        "process": one.process,
        "owner": process.owner,
        "basis": one.row.get("basis"),
        "material_since": None if since is None else month_text(since),
        "since_start": since is not None and since == months.whole[0],
        "months_in_top_5": np.nan if np.isnan(_number(one.row, "contacts")) else top,
        "months": float(len(months.whole)),
        "cost_so_far": value * one.ever,
        "low": low * one.ever,
        "high": high * one.ever,
        **dict(zip(("cost_of_waiting_per_month", "waiting_low", "waiting_high"), waiting, strict=True)),
        "ideas_filed": np.nan if ideas is None else float(ideas["ideas"].reindex(list(process.reasons)).sum()),
        "ideas_open": np.nan if ideas is None else float(ideas["open"].reindex(list(process.reasons)).sum()),
        "grade": str(one.row.get("grade", "D")) if not np.isnan(value) else "D",
        "grade_reasons": str(one.row.get("grade_reasons") or "") or ("" if not np.isnan(value) else "too_few"),
        "reason_untold": _untold(one, yardstick),
    }


def _untold(one: _Traced, yardstick: float | None) -> str:
    if str(one.row.get("grade_reasons")) == SUPPRESSED:
        return ""
    if np.isnan(_number(one.row, "contacts")) or one.inside <= 0:
        return str(one.row.get("reason_untold") or "") or "no_events"
    if np.isnan(_number(one.row, "cost")):
        return "no_costs"
    return "no_yardstick" if yardstick is None else ""


def _by_quarter(one: _Traced, *, level: float) -> tuple[Floats, Floats]:
    """A month's cost, averaged with the two before it, and its upper limit: that of the blame and the chance of the
    counts, squares added."""
    value, _, high = one.per_contact
    number = np.minimum(np.arange(1, len(one.contacts) + 1), _QUARTER)
    contacts, squares = (_trailing(series) for series in (one.contacts, one.squares))
    chance = normal_critical(level) * np.sqrt(np.maximum(squares, 1.0)) * abs(value)
    return contacts * value / number, (contacts * value + np.hypot((high - value) * contacts, chance)) / number


def _trailing(series: Floats) -> Floats:
    """Sums of each month and the two before it."""
    sums = np.concatenate([np.zeros(_QUARTER), np.cumsum(series)])
    return np.asarray(sums[_QUARTER:] - sums[:-_QUARTER])


def _material_since(one: _Traced, months: Months, yardstick: float, *, level: float) -> int | None:
    """The first month above the yardstick since the last month that was surely below it."""
    cost, high = _by_quarter(one, level=level)
    if not len(cost) or np.isnan(cost).any():
        return None
    below = np.flatnonzero(high < yardstick)
    above = np.flatnonzero(cost > yardstick)
    above = above[above > (below[-1] if len(below) else -1)]
    return months.whole[int(above[0])] if len(above) else None


def _months_in_top(traced: list[_Traced], months: Months) -> dict[str, float]:
    """Whole months in which each process was among the five largest, by cost or else by contacts caused."""
    costed = all(np.isnan(_number(one.row, "contacts")) or not np.isnan(one.per_contact[0]) for one in traced)
    size = np.full((len(traced), len(months.whole)), -np.inf)
    for at, one in enumerate(traced):
        caused = _number(one.row, "contacts") / one.inside if one.inside > 0 else np.nan
        size[at] = np.nan_to_num(one.contacts * (one.per_contact[0] if costed else caused), nan=-np.inf)
    rank = (size[:, None, :] < size[None, :, :]).sum(axis=1)
    found = ((rank < TOP) & (size > 0)).sum(axis=1)
    return {one.process: float(number) for one, number in zip(traced, found, strict=True)}


def _waiting(one: _Traced, *, level: float) -> tuple[float, float, float]:
    """What a month brings that need not be, by the last whole months; its limits with the chance of their count."""
    value, low, high = one.waiting_per_contact
    recent, squares = one.contacts[-RECENT_MONTHS:], one.squares[-RECENT_MONTHS:]
    if not len(recent) or np.isnan(value):
        return (np.nan,) * 3
    mean = float(recent.mean())
    chance = normal_critical(level) * float(np.sqrt(max(squares.sum(), 1.0))) / len(recent) * abs(value)
    middle = value * mean
    return (
        middle,
        middle - float(np.hypot((value - low) * mean, chance)),
        middle + float(np.hypot((high - value) * mean, chance)),
    )


def _row_of(frame: pd.DataFrame, process: str) -> pd.Series | None:
    rows = frame[frame["process"] == process] if "process" in frame.columns else frame.head(0)
    return None if rows.empty else rows.iloc[0]


def _number(row: pd.Series, name: str) -> float:
    found = row.get(name)
    return np.nan if found is None or pd.isna(found) else float(found)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    order = table.assign(_cost=table["cost_so_far"].fillna(-np.inf))
    return order.sort_values(["_cost", "process"], ascending=[False, True], ignore_index=True).drop(columns="_cost")
