"""The client's own monthly totals against what the data hold, and what explains the difference."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from rootcause_lib.engagement import ControlTotal
from rootcause_lib.statements import statement
from rootcause_lib.store import Store

MOST_UNEXPLAINED = 0.02
"""More than this share of the client's figure left unexplained is a failed check."""

EXPLANATIONS = ("abandoned", "direction", "legs", "rejects")

COLUMNS = (
    "name", "month", "theirs", "ours", "difference", *(f"explained_by_{name}" for name in EXPLANATIONS), "unexplained",
)  # fmt: skip


def reconcile(store: Store) -> pd.DataFrame:
    """One row per control total; `unexplained` is a share of the client's figure.

    Ours counts answered contacts of customers, legs once, of the month (and channel, where given). The client's
    figure may also hold abandoned attempts, contacts the company began, legs counted singly, rows that were
    rejected: of these, the fewest that bring the figures closest are the explanation, each with its own count.
    """
    totals = store.engagement.control_totals
    if not totals:
        return pd.DataFrame(columns=list(COLUMNS))
    counts = store.engine.run(statement("monthly_counts"))
    per_row = _rejected_per_row(store)
    return pd.DataFrame([_compared(total, counts, per_row) for total in totals], columns=list(COLUMNS))


def _rejected_per_row(store: Store) -> float:
    """Rejected rows of contacts for each accepted one."""
    sources = store.intake.sources
    contacts = sources[sources["table"] == "contacts"]
    return int(contacts["rows_rejected"].sum()) / max(int(contacts["rows_accepted"].sum()), 1)


def _compared(total: ControlTotal, counts: pd.DataFrame, rejected_per_row: float) -> dict[str, object]:
    year, month = total.month.split("-")
    rows = counts[counts["started_month"] == int(year) * 12 + int(month) - 1]
    if total.channel:
        rows = rows[rows["channel"] == total.channel]
    sums = rows[["source_rows", "contacts", "not_inbound", "abandoned"]].sum()
    ours = int(sums["contacts"] - sums["not_inbound"] - sums["abandoned"])
    possible = {
        "abandoned": int(sums["abandoned"]),
        "direction": int(sums["not_inbound"]),
        "legs": int(sums["source_rows"] - sums["contacts"]),
        # A rejected row has no readable day or channel: they are spread as the accepted ones are.
        "rejects": round(float(sums["source_rows"]) * rejected_per_row),
    }
    explained = _closest(total.count - ours, possible)
    left = abs(total.count - ours - sum(explained.values()))
    return {
        "name": total.name,
        "month": total.month,
        "theirs": total.count,
        "ours": ours,
        "difference": total.count - ours,
        **{f"explained_by_{name}": explained.get(name, 0) for name in EXPLANATIONS},
        "unexplained": left / total.count if total.count else float(left > 0),
    }


def _closest(difference: int, possible: dict[str, int]) -> dict[str, int]:
    """The fewest explanations that leave least of a difference."""
    names = [name for name in EXPLANATIONS if possible[name]]
    choices = [chosen for size in range(len(names) + 1) for chosen in combinations(names, size)]
    best = min(choices, key=lambda chosen: (abs(difference - sum(possible[name] for name in chosen)), len(chosen)))
    return {name: possible[name] for name in best}
