"""Leaving by how many contacts there were, how they ended, through which channel, about what and after what wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.exposures import RATIO_COLUMNS, lag_length, lagged_cells, ratio_row
from rootcause_lib.analyses.churn_risk.hazard_factors import YES, contacts_back, fit
from rootcause_lib.person_weeks import Mark, settle_cancellations
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.dose_steps import DoseSteps, dose_steps
from rootcause_lib.statistics.hazards import HazardFit

COUNTS = ("0", "1", "2", "3+")
"""How many contacts counted in a week."""
LEVELS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "contacts": COUNTS[1:],
        "resolution": ("resolved", "unresolved", "unknown"),
        "repeat": ("once", "came_back"),
    }
)
"""Splits that one fit after another asks of the same cells."""
EXCLUSIVE = tuple(LEVELS)
WHOLE = (*EXCLUSIVE, "wait", "agent")
"""Splits whose levels hold every week after a contact, each in one of them."""
STEPS = ("per_contact", "first", "second", "third")
MIDDLE_SECONDS, LONG_SECONDS = 60, 300
"""Waits that are neither short nor long."""
WAITS, AGENTS = ("long", "middle", "short"), ("other", "same")
"""Levels in the order in which they count where several hold."""
OTHERWISE: Mapping[str, str] = MappingProxyType({"wait": "unknown_wait", "agent": "not_back"})
"""Contacts of which none holds."""
MOST_KINDS = 8
"""Channels, or matters, that are told apart: the busiest ones."""


@dataclass(frozen=True, slots=True)
class Doses:
    """Rows of split, level and RATIO_COLUMNS, and the steps between 0, 1, 2 and more contacts (None: not told)."""

    table: pd.DataFrame
    steps: DoseSteps | None


def doses(asked: Asked) -> Doses:
    """Every split against weeks without such a contact, beside what else goes with leaving."""
    cells, among = _counted(asked)
    fits = {split: fit(asked, cells, split, among, reference="none") for split in EXCLUSIVE}
    within = lag_length(asked)
    rows: list[Mapping[str, object]] = [
        {"split": split, "level": level, **ratio_row(fits[split], cells, split, level, asked=asked, within=within)}
        for split, levels in LEVELS.items()
        for level in levels
    ]
    steps = _steps(fits["contacts"], asked)
    rows += [*_step_rows(steps, asked), *_kinds(asked), *_handled(asked)]
    return Doses(pd.DataFrame(rows, columns=["split", "level", *RATIO_COLUMNS]), steps)


def _counted(asked: Asked) -> tuple[pd.DataFrame, Sequence[str]]:
    """Cells by how many contacts there were, whether any was marked unresolved or resolved, and any was a repeat."""
    marks: tuple[Mark, ...] = ("resolved", "unresolved", "repeat")
    exposures = [contacts_back(asked, "count", levels=COUNTS)]
    exposures += [contacts_back(asked, f"any_{mark}", mark=mark) for mark in marks]
    cells, among, _ = lagged_cells(asked, exposures)
    yes = {mark: cells[f"any_{mark}"] == YES for mark in marks}
    none = cells["count"] == "0"
    ended = np.select([none, yes["unresolved"], yes["resolved"]], ["none", "unresolved", "resolved"], "unknown")
    back = np.select([none, yes["repeat"]], ["none", "came_back"], "once")
    return cells.assign(contacts=cells["count"].mask(none, "none"), resolution=ended, repeat=back), among


def _steps(fit: HazardFit | None, asked: Asked) -> DoseSteps | None:
    """Steps between the counts; None where a count has no ratio."""
    if fit is None or any(("contacts", level) not in fit.terms for level in COUNTS[1:]):
        return None
    places = [fit.terms.index(("contacts", level)) for level in COUNTS[1:]]
    spread = np.zeros((len(COUNTS), len(COUNTS)))
    spread[1:, 1:] = fit.covariance[np.ix_(places, places)]
    return dose_steps(np.concatenate([[0.0], fit.log_ratio[places]]), spread, level=asked.level)


def _step_rows(steps: DoseSteps | None, asked: Asked) -> Iterator[dict[str, object]]:
    """One rise through all counts, and what each adds to the one below."""
    if steps is None:
        return
    for name, rise in zip(STEPS, (steps.steady, *steps.steps), strict=True):
        told = {"hazard_ratio": rise.ratio, "low": rise.low, "high": rise.high, "confidence": asked.level}
        yield {"split": "each_contact", "level": name, **told}


def _kinds(asked: Asked) -> Iterator[dict[str, object]]:
    """By channel and by matter: a week after a contact of the kind against one without, the other kinds alike."""
    settle_cancellations(asked.store)
    kinds = asked.store.engine.run(statement("contact_kinds"))
    grouped: Mark = "reason_group" if kinds["reason_group"].notna().any() else "reason"
    splits: tuple[Mark, ...] = ("channel", grouped)
    for split in splits:
        counts = kinds.dropna(subset=[split]).astype({split: "str"}).groupby(split)["contacts"].sum()
        busiest = counts.sort_index().sort_values(ascending=False, kind="stable").index[:MOST_KINDS]
        factors = [contacts_back(asked, f"kind_{n}", mark=split, item=str(name)) for n, name in enumerate(busiest)]
        if not factors:
            continue
        cells, among, _ = lagged_cells(asked, factors)
        names = [factor.name for factor in factors]
        found = fit(asked, cells, names[0], (*names[1:], *among))
        for name, level in zip(names, busiest, strict=True):
            row = ratio_row(found, cells, name, YES, asked=asked, within=lag_length(asked))
            yield {"split": split, "level": str(level), **row}


def _handled(asked: Asked) -> Iterator[dict[str, object]]:
    """By the longest wait, and by whether who came back met the agent of before; nothing where neither is known."""
    first = asked.clock.first_day
    waits: Mapping[str, Value] = {"middle_seconds": MIDDLE_SECONDS, "long_seconds": LONG_SECONDS}
    returns: Mapping[str, Value] = {"window_days": asked.followed.window_days}
    for split, marks, values in (("wait", WAITS, waits), ("agent", AGENTS, returns)):
        mark: Mark = "wait" if split == "wait" else "agent"
        factors = [contacts_back(asked, level, mark=mark, item=level) for level in marks]
        given = statement(f"{split}_marks", values={"observed_from_day": first, **values})
        cells, among, _ = lagged_cells(asked, [contacts_back(asked, "any"), *factors], further=[given])
        if not any((cells[level] == YES).any() for level in marks):
            continue
        # The first level that holds: the longest wait, another agent.
        held = [(cells[level] == YES).to_numpy() for level in marks]
        cells = cells.assign(exposure=np.select([cells["any"] != YES, *held], ["none", *marks], "unknown"))
        found = fit(asked, cells, "exposure", among, reference="none")
        for level in (*marks, "unknown"):
            row = ratio_row(found, cells, "exposure", level, asked=asked, within=lag_length(asked))
            yield {"split": split, "level": level if level != "unknown" else OTHERWISE[split], **row}
