"""Which processes make customers contact the company, how much, how surely."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from rootcause_lib.analyses.root_cause.caused import attributable_contacts, eliminable_contacts
from rootcause_lib.analyses.root_cause.dose import doses
from rootcause_lib.analyses.root_cause.incidence import Untold, placebos, process_incidence
from rootcause_lib.analyses.root_cause.process_naive import naive_processes
from rootcause_lib.analyses.root_cause.shocks import process_shocks
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store


@dataclass(frozen=True, slots=True)
class Processes:
    """The public frames about processes, unprotected (see `protection`), and what was left out.

    incidence, variants, attributable, eliminable, dose_response, dose_trends, shocks; naive: usual computations with
    why they differ. placebos: verdict by process. leaving_matters: processes that look different among customers who
    stay. untold: why nothing could be fitted, "" where it was. left: processes that left the incidence for `shocks`.
    customers: those who carried information, of customers_seen who made contact. watched: how many of all `callers`
    are in the sums; fewer where a random sample stands for all.
    """

    incidence: pd.DataFrame
    variants: pd.DataFrame
    attributable: pd.DataFrame
    eliminable: pd.DataFrame
    dose_response: pd.DataFrame
    dose_trends: pd.DataFrame
    shocks: pd.DataFrame
    naive: pd.DataFrame
    placebos: dict[str, str]
    leaving_matters: tuple[str, ...]
    untold: Untold
    left: tuple[str, ...]
    customers: int
    customers_seen: int
    watched: int
    callers: int


def processes(store: Store, period: Period, followed: Following) -> Processes:
    """Everything about processes in a period; matching by `case` counts first contacts alone.

    Nothing raises for processes without events, customers or contacts: rows say what is not told and why.
    """
    struck = process_shocks(store, period)
    found = process_incidence(store, period, followed, shocks=struck.processes)
    attributable = attributable_contacts(store, found)
    eliminable = eliminable_contacts(store, found, period)
    response = doses(store, found, period)
    series = found.every.series if found.every else None
    return Processes(
        incidence=found.incidence,
        variants=found.variants,
        attributable=attributable,
        eliminable=eliminable,
        dose_response=response.dose_response,
        dose_trends=response.dose_trends,
        shocks=struck.shocks,
        naive=naive_processes(store, period, found=found, attributable=attributable),
        placebos=placebos(found),
        leaving_matters=found.leaving_matters,
        untold=found.untold,
        left=struck.processes,
        customers=series.customers if series else 0,
        customers_seen=series.customers_with_contacts if series else 0,
        watched=found.every.watched if found.every else 0,
        callers=found.every.callers if found.every else 0,
    )
