"""Whether contacts rise with every further day something is overdue: the bands first, then their trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.incidence import Incidence
from rootcause_lib.analyses.root_cause.process_fits import Fit
from rootcause_lib.grades import Grading, spread_letters
from rootcause_lib.journeys import constant_rows
from rootcause_lib.periods import DAY_SECONDS, Period, end_second, first_second
from rootcause_lib.risk_bands import Band
from rootcause_lib.statements import statement
from rootcause_lib.statistics.dose_response import DoseResponse, dose_response
from rootcause_lib.store import Store

BANDS = ("process", "band", "day", "rate_ratio", "low", "high", "on_trend", "contacts", "person_days")
TRENDS = (
    "process", "per_day", "low", "high", "level", "p_value", "departure_p_value", "reason_untold", "method", "claim",
    "grade", "grade_reasons",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doses:
    """dose_response: the bands of processes with a due date, at the mean day of their time, and what the trend gives
    there. dose_trends: by how much a further day multiplies the rate of contact."""

    dose_response: pd.DataFrame
    dose_trends: pd.DataFrame


def doses(store: Store, found: Incidence, period: Period) -> Doses:
    """The dose-response of every process with bands of days overdue.

    A trend from which the bands depart (p < 0.05) stays, graded C: the bands are then to be read instead.
    """
    fit = found.main
    late = {name: one for name, one in store.engagement.processes.items() if one.overdue_bands}
    if fit is None or not late:
        return Doses(pd.DataFrame(columns=list(BANDS)), _no_trends(list(late), store, found))
    days = mean_days_overdue(store, [part.band for part in fit.parts], period)
    level = store.engagement.definitions.level
    bands: list[pd.DataFrame] = []
    trends: list[dict[str, object]] = []
    for name in late:
        own = [part.band for part in fit.parts if part.band.process == name and part.band.clock == "overdue"]
        own = [band for band in own if band.kind == "risk" and band.term in days]
        if not own:
            trends.append({"process": name, "reason_untold": "no_events"})
            continue
        response = dose_response(
            fit.series, [band.term for band in own], [days[band.term] for band in own], level=level
        )
        bands.append(_bands(name, own, response, fit))
        trends.append(_trend(name, response))
    kept = pd.concat(bands, ignore_index=True) if bands else pd.DataFrame(columns=list(BANDS))
    return Doses(kept[list(BANDS)], _graded(store, pd.DataFrame(trends), kept, found))


def mean_days_overdue(store: Store, bands: Sequence[Band], period: Period) -> dict[str, float]:
    """By term of the bands of days overdue, the mean day over the time things were overdue in the band."""
    zone = store.engagement.engagement.time_zone
    bands = [band for band in bands if band.clock == "overdue"]
    rows = [
        {
            "process": band.process, "clock": band.clock, "from_seconds": band.from_day * DAY_SECONDS,
            "until_seconds": band.until_day * DAY_SECONDS, "late_seconds": None, "weight": 2**place,
        }
        for place, band in enumerate(bands)
    ]  # fmt: skip
    store.engine.materialise("process_bands", constant_rows("process_bands", rows))
    between = {
        "from_seconds": first_second(period.start, time_zone=zone),
        "until_seconds": end_second(period.end, time_zone=zone),
    }
    sums = store.engine.run(statement("overdue_time", values=between)).set_index("weight")
    known = [(band.term, 2**place) for place, band in enumerate(bands) if 2**place in sums.index]
    return {
        term: float(sums.loc[at, "late_seconds"] / sums.loc[at, "seconds"] / DAY_SECONDS)
        for term, at in known
        if sums.loc[at, "seconds"] > 0
    }


def _bands(process: str, own: list[Band], response: DoseResponse, fit: Fit) -> pd.DataFrame:
    sums = [fit.inside(band.term)[["contacts", "seconds"]].sum() for band in own]
    return response.bands.assign(
        process=process,
        band=[band.label for band in own],
        contacts=[float(one["contacts"]) for one in sums],
        person_days=[float(one["seconds"]) / DAY_SECONDS for one in sums],
    )


def _trend(process: str, response: DoseResponse) -> dict[str, object]:
    return {
        "process": process,
        "per_day": response.rate_ratio_per_day,
        "low": response.low,
        "high": response.high,
        "p_value": response.p_value,
        "departure_p_value": response.departure_p_value,
        "reason_untold": response.reason,
    }


def _no_trends(processes: list[str], store: Store, found: Incidence) -> pd.DataFrame:
    rows = pd.DataFrame({"process": processes, "reason_untold": found.untold or "shock"})
    return _graded(store, rows, pd.DataFrame(columns=list(BANDS)), found)


def _graded(store: Store, trends: pd.DataFrame, bands: pd.DataFrame, found: Incidence) -> pd.DataFrame:
    """A trend is as good as the worst placebo and the contacts behind its bands let it be."""
    table = trends.reindex(columns=list(TRENDS))
    numbers = ("per_day", "low", "high", "p_value", "departure_p_value")
    table = table.assign(**{name: table[name].astype("float64") for name in numbers})
    limits = store.engagement.grades
    contacts = table["process"].map(bands.groupby("process")["contacts"].sum()).astype("float64").fillna(0)
    verdict = found.incidence[found.incidence["kind"] == "risk"].groupby("process")["claim"].min()
    causal = (table["process"].map(verdict) == "causal").to_numpy()
    grading = Grading(limits, len(table)).precision(spread_letters(table["low"], table["high"], limits))
    grading.events(contacts).identified(store.identified_share)
    grading.capped("C", where=~causal, reason="check_failed")
    grading.capped("C", where=table["departure_p_value"] < 0.05, reason="check_failed")
    grading.capped("D", where=table["per_day"].isna(), reason="too_few")
    told = table["per_day"].notna()
    return table.drop(columns=["grade", "grade_reasons"]).assign(
        level=store.engagement.definitions.level, method=np.where(told, "least_squares_of_bands", "none"),
        claim=np.where(causal & told, "causal", "association"), reason_untold=table["reason_untold"].fillna(""),
    ).join(grading.result())[list(TRENDS)]  # fmt: skip
