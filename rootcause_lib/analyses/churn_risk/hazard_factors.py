"""What weeks of customers are told apart by: contacts of so many weeks back, and what else goes with leaving.

Every part asks about its own exposure with the same adjusters, weeks left out and references, so that their ratios can
be held beside the ladder's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.person_weeks import FOR_EVER_WEEKS, Factor, Mark, Window, seasons
from rootcause_lib.statistics.hazards import EVENTS, PERIODS, HazardFit, fit_hazard

NO, YES = "no", "yes"

RECENT = "recent"
"""Factor: a contact so lately that it may already be about leaving; such weeks are left out."""
SEEN = "seen"
"""Factor: whether the data reach as far back as the exposure asks; weeks of which they do not are left out."""
PROBLEM = "problem:"
"""Factors of processes are called by this and the process."""

MOST_PROBLEMS = 12
"""Processes that are told apart at once: the engagement's first ones."""
PROBLEM_WEEKS = 12
"""How long a problem may drive customers away."""
DISTANT_WEEKS = (9, 26)
"""From and to how many weeks back a contact is too old to matter: a placebo."""
TENURE_WEEKS = (52, 156)
TERM_WEEKS = 10
"""So near the end of their contract customers can leave."""


def contacts_back(
    asked: Asked, name: str, *, mark: Mark = "contact", item: str | None = None, levels: Sequence[str] = (NO, YES)
) -> Factor:
    """Contacts of a kind within the lag asked about; `levels` for none, one, two ... of them."""
    first, last = asked.lag_weeks
    return Factor(name, (Window(mark, first + 1, last + 1, item),), tuple(levels))


def left_out(asked: Asked) -> tuple[Factor, Factor]:
    """The factors that say which weeks are left out (`judged_weeks` heeds them)."""
    first, last = asked.lag_weeks
    return (
        Factor(RECENT, (Window("contact", 1, first + 1),)),
        Factor(SEEN, (Window("data", last + 1, FOR_EVER_WEEKS),)),
    )


def judged_weeks(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells without a contact lately of which the data reach far enough back."""
    return cells[(cells[RECENT] == NO) & (cells[SEEN] == YES)]


def adjusters(asked: Asked) -> tuple[Factor, ...]:
    """What is adjusted for: calendar, time as a customer, nearness of the contract's end, problems of every process.

    A process that a contact opens is among them: its contact counts as the problem's, not as a contact of its own.
    """
    return (
        seasons(asked.clock),
        Factor(
            "tenure",
            tuple(Window("joined", week, FOR_EVER_WEEKS) for week in (0, *TENURE_WEEKS)),
            ("unknown", "first_year", "to_three_years", "longer"),
        ),
        Factor(
            "term",
            (Window("contract_end", -FOR_EVER_WEEKS, 0), Window("contract_end", -TERM_WEEKS, 0)),
            ("none", "in_term", "ending"),
        ),
        *(problem(asked, process) for process in problems(asked)),
    )


def problems(asked: Asked) -> tuple[str, ...]:
    """The processes that can be a problem: failures with events in the data."""
    if "process_events" not in asked.store.present:
        return ()
    processes = asked.store.engagement.processes
    return tuple(name for name, process in processes.items() if process.kind == "failure")[:MOST_PROBLEMS]


def problem(asked: Asked, process: str) -> Factor:
    """A problem within the weeks it may matter: from its start, or from when it was overdue."""
    days = asked.store.engagement.processes[process].overdue_bands
    overdue = int(days[0]) if days else None
    return Factor(PROBLEM + process, (Window("problem", 1, PROBLEM_WEEKS + 1, process, overdue),))


def groups(asked: Asked) -> tuple[str, ...]:
    """Columns of cells that customers themselves differ by: segment and further attributes."""
    return ("segment", *asked.clock.traits)


def fit(
    asked: Asked, cells: pd.DataFrame, exposure: str, among: Iterable[str], *, reference: str = NO
) -> HazardFit | None:
    """The hazard by `exposure` and the columns `among` of cells; None where nobody left, or nobody at `reference`.

    Every other column's reference is its level of most weeks among those in which somebody left.
    """
    names = [name for name in among if cells[name].nunique() > 1]
    summed = cells.groupby([exposure, *names], sort=True)[[PERIODS, EVENTS]].sum().reset_index()
    left = summed.groupby(exposure)[EVENTS].sum()
    if not left.get(reference, 0.0) > 0:
        return None
    try:
        return fit_hazard(summed, {exposure: reference} | _references(summed, names), level=asked.level)
    except (DataError, ParameterError, np.linalg.LinAlgError):
        return None


def _references(cells: pd.DataFrame, names: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in names:
        sums = cells.groupby(name)[[PERIODS, EVENTS]].sum()
        found[name] = str(sums[sums[EVENTS] > 0][PERIODS].idxmax())
    return found
