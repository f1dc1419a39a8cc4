"""The rate ratios of one process under another window: what an explorer asks for again and again."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rootcause_lib.analyses.root_cause.incidence import process_incidence
from rootcause_lib.analyses.root_cause.protection import protected_incidence
from rootcause_lib.analyses.root_cause.shocks import process_shocks
from rootcause_lib.engagement import Process
from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.journeys import Following
from rootcause_lib.periods import Period
from rootcause_lib.store import Store

LONGEST_WINDOW = 90
"""Days; beyond them a follow-up of one event and the beginning of the next are one."""


def incidence_at(store: Store, period: Period, followed: Following, *, process: str, window_days: int) -> pd.DataFrame:
    """Rows of `incidence` of one process, its risk window `window_days` from the start (or, past due, from the first
    day of its first band on); the other processes as the engagement says. Raises ParameterError for an unknown process
    or a window outside 1 to `LONGEST_WINDOW` days."""
    known = store.engagement.processes
    if process not in known:
        raise ParameterError(unknown_choice("process", process, known))
    if not 1 <= window_days <= LONGEST_WINDOW:
        raise ParameterError(f"The window is {window_days} days; choose 1 to {LONGEST_WINDOW}.")
    changed = {**known, process: _with_window(known[process], window_days)}
    asked = replace(store, engagement=store.engagement.model_copy(update={"processes": changed}))
    left = process_shocks(asked, period).processes
    found = protected_incidence(asked, process_incidence(asked, period, followed, shocks=left).incidence)
    return found[found["process"] == process].reset_index(drop=True)


def _with_window(process: Process, days: int) -> Process:
    if not process.overdue_bands:
        return process.model_copy(update={"bands": (0, days)})
    first = process.overdue_bands[0]
    return process.model_copy(update={"overdue_bands": (first, first + days)})
