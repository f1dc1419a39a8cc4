"""The problem's own effect on leaving: by process and by what became of it, silent sufferers included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.exposures import RATIO_COLUMNS, adjusted_with, ratio_row
from rootcause_lib.analyses.churn_risk.hazard_factors import (
    NO,
    PROBLEM_WEEKS,
    SEEN,
    YES,
    fit,
    groups,
    problem,
    problems,
)
from rootcause_lib.person_weeks import FOR_EVER_WEEKS, Factor, Mark, Window, person_weeks
from rootcause_lib.statements import Statement, statement
from rootcause_lib.statistics.hazards import PERIODS
from rootcause_lib.vocabulary import ALL

HANDLINGS = ("never_contacted", "resolved", "unresolved", "unknown")
"""What had become of a problem by then: no contact since; a contact marked resolved since; only such as were marked
not resolved; contact, without a mark."""


def problem_ratios(asked: Asked) -> pd.DataFrame:
    """process, handling (`all` first) and RATIO_COLUMNS: weeks after a problem against weeks without it.

    Not adjusted for contacts, which lie on the way from a problem to leaving, and no week is left out for them.
    """
    rows = [row for process in problems(asked) for row in _of(asked, process)]
    return pd.DataFrame(rows, columns=["process", "handling", *RATIO_COLUMNS, "unobserved"])


def _of(asked: Asked, process: str) -> Iterator[dict[str, object]]:
    marks: tuple[Mark, ...] = ("problem", "contacted", "settled", "unsettled")
    whole = problem(asked, process)
    own = tuple(Factor(mark, tuple(replace(window, mark=mark) for window in whole.windows)) for mark in marks)
    seen = Factor(SEEN, (Window("data", PROBLEM_WEEKS, FOR_EVER_WEEKS),))
    adjusting = adjusted_with(asked, (*own, seen), without=whole.name)
    further = [after_problems(asked)]
    cells = person_weeks(asked.store, asked.clock, (*own, seen, *adjusting), asked.followed, further=further)
    unseen = float(cells.loc[cells[SEEN] == NO, PERIODS].sum())
    cells = cells[cells[SEEN] == YES].reset_index(drop=True)
    cells = cells.assign(handling=_handling(cells))
    among = (*(each.name for each in adjusting), *groups(asked))
    found = fit(asked, cells, "problem", among)
    row = ratio_row(found, cells, "problem", YES, asked=asked, within=PROBLEM_WEEKS)
    yield {"process": process, "handling": ALL, **row, "unobserved": unseen}
    found = fit(asked, cells, "handling", among, reference="none")
    for handling in HANDLINGS:
        row = ratio_row(found, cells, "handling", handling, asked=asked, within=PROBLEM_WEEKS)
        yield {"process": process, "handling": handling, **row, "unobserved": unseen}


def after_problems(asked: Asked) -> Statement:
    """Marks of what became of the problems that windows ask about."""
    return statement("problem_marks", values={"observed_from_day": asked.clock.first_day})


def _handling(cells: pd.DataFrame) -> pd.Series:
    no = {name: (cells[name] == NO).to_numpy() for name in ("problem", "contacted", "settled", "unsettled")}
    told = np.select(
        [no["problem"], no["contacted"], ~no["settled"], ~no["unsettled"]],
        ["none", "never_contacted", "resolved", "unresolved"],
        "unknown",
    )
    return pd.Series(told, index=cells.index, dtype=object)
