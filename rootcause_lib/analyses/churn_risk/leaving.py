"""The part on who left at all: spells by how they ended, and what is odd about them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rootcause_lib.analyses.checks import checked
from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.rows import known, records
from rootcause_lib.analyses.small_cells import Counts, unsafe_cells, without_numbers
from rootcause_lib.findings import Check, Field, Finding, Quantity
from rootcause_lib.statements import statement
from rootcause_lib.vocabulary import ALL

LEAVING_COLUMNS = ("ending", "spells", "customers", "suppressed")
ENDINGS = ("stayed", "choice", "not_choice", "moved_within", "followed")
"""How a spell ended in the weeks judged; only `choice` is leaving."""


def leaving(asked: Asked) -> Part:
    """How many customers there were, how many left and how; leaving that was no choice is not counted as leaving."""
    counts = asked.store.engine.run(statement("leaving_counts"))
    found = {str(row["kind"]): (int(row["spells"]), int(row["customers"])) for row in records(counts)}
    table = _shown(found, minimum=asked.smallest)
    said = tuple(_about(table, asked))
    return Part(
        frames={"leaving": table},
        readings={"leaving": said},
        headline=said[:1],
        checks=tuple(_checks(found, asked)),
        cannot_tell=tuple(_open(table, asked)),
    )


def _shown(found: dict[str, tuple[int, int]], *, minimum: int) -> pd.DataFrame:
    """One row per way to end, totals first; rows of too few customers without their numbers."""
    rows = [(ending, float(found[ending][0]), float(found[ending][1])) for ending in (ALL, *ENDINGS) if ending in found]
    if not rows:
        return pd.DataFrame(columns=list(LEAVING_COLUMNS))
    table = pd.DataFrame(rows, columns=["ending", "spells", "customers"])
    unsafe = unsafe_cells([Counts(table, "spells")], by=("ending",), minimum=minimum)
    shown = without_numbers(table.assign(suppressed=False), unsafe)
    return shown.assign(suppressed=shown["spells"].isna())[list(LEAVING_COLUMNS)]


def _about(table: pd.DataFrame, asked: Asked) -> Iterator[Finding]:
    rows = {str(row["ending"]): known(row["spells"]) for row in records(table)}
    spells, left = rows.get(ALL), rows.get("choice", 0.0)
    if not spells:
        yield Finding("churn_ladder.nobody_to_follow", {})
        return
    weeks = asked.clock.judged_weeks
    if left:
        given: dict[str, Field] = {"left": Quantity("count", left, denominator=spells), "weeks": weeks}
        yield Finding("churn_ladder.left_by_choice", given)
    elif left == 0:
        yield Finding("churn_ladder.nobody_left", {"spells": spells, "weeks": weeks})
    else:
        yield Finding("churn_ladder.few_left", {"spells": spells, "weeks": weeks})
    for ending in ("not_choice", "moved_within"):
        if count := rows.get(ending):
            yield Finding(f"churn_ladder.{ending}", {"spells": count})


def _checks(found: dict[str, tuple[int, int]], asked: Asked) -> Iterator[Check]:
    """Is the day of notice known, and do leaving dates agree with the rest of the data?"""
    if not found.get("every"):
        return
    yield checked("notice_known", asked.clock.notice_known, {})
    for kind in ("left_before_joined", "after_leaving"):
        count, customers = found.get(kind, (0, 0))
        if customers >= asked.smallest:
            share = Quantity("share", customers / found["every"][1], denominator=float(found["every"][1]))
            yield checked(kind, share.value is not None and share.value <= _FEW, {"share": share, "rows": count})


_FEW = 0.01
"""Share of customers with impossible dates above which leaving dates are doubted."""


def _open(table: pd.DataFrame, asked: Asked) -> Iterator[Finding]:
    yield Finding("churn_ladder.why_unknown", {})
    if len(table) and not asked.clock.notice_known:
        yield Finding("churn_ladder.notice_unknown", {})
