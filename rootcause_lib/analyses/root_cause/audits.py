"""Which contacts to audit next: a random sample of those somebody answered, without what would sway an auditor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.audited import population
from rootcause_lib.analyses.root_cause.reason_findings import PRECISION
from rootcause_lib.analyses.root_cause.trust import trust
from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SMALL

MOST_DRAWN = 5_000
_AT_ONCE = 200

FEWEST_ADVISED = 50
"""Even where earlier audits are enough, this many are worth drawing anew."""

COLUMNS = ("contact_id", "day", "channel", "text")


@dataclass(frozen=True, slots=True)
class Draw:
    """`contacts` to audit (`COLUMNS`; text is masked, empty where the data hold none) in random order.

    `reasons` are the client's own, default codes last; `of` is how many contacts could have been drawn.
    """

    contacts: pd.DataFrame
    reasons: tuple[str, ...]
    of: int


def advised_contacts(store: Store, period: Period) -> int:
    """How many more contacts to audit so that every reason's share is known to three points either side."""
    plan = trust(store, period).audit_plan
    asked = plan[(plan["reason"] == ALL) & np.isclose(plan["half_width"], PRECISION)]
    return min(max(int(asked["further"].max()), FEWEST_ADVISED), MOST_DRAWN)


def draw_contacts(store: Store, period: Period, *, contacts: int | None = None, seed: int = 1) -> Draw:
    """Inbound contacts of the period drawn at random, each with the same chance; the same for the same store and seed.

    Not drawn are attempts nobody answered, self-service, and contacts audited before, so that a later draw adds to an
    earlier one. Raises ParameterError for a number of contacts that makes no sense, DataError where none can be drawn.
    """
    asked = advised_contacts(store, period) if contacts is None else contacts
    if not 1 <= asked <= MOST_DRAWN:
        raise ParameterError(f"'contacts' must lie from 1 to {MOST_DRAWN}; given {asked}.")
    of = count_auditable(store, period)
    if not of:
        raise DataError(
            f"No contact from {period.start} to {period.end} can be audited: inbound, answered and not audited before."
        )
    random = np.random.default_rng(seed)
    places = 1 + random.choice(of, size=min(asked, of), replace=False)
    drawn = drawn_contacts(store, period, places.tolist())
    mixed = drawn.iloc[random.permutation(len(drawn))].reset_index(drop=True)
    return Draw(mixed, _reasons(store, population(store, period).codes().index), of)


def count_auditable(store: Store, period: Period) -> int:
    """How many contacts of the period can be drawn."""
    return int(store.engine.run(statement("auditable_contacts", values=_days(period)))["contacts"].iloc[0])


def drawn_contacts(store: Store, period: Period, places: Sequence[int]) -> pd.DataFrame:
    """The contacts at some places (from 1) among those that can be drawn, by their id."""
    rows: list[Mapping[str, Value]] = [{"place": place} for place in places]
    # A statement of thousands of rows takes a parser for ever.
    parts = [constant_rows("drawn_places", rows[first : first + _AT_ONCE]) for first in range(0, len(rows), _AT_ONCE)]
    store.engine.materialise("drawn_places", *parts)
    drawn = store.engine.run(statement("audit_draw", values=_days(period)))
    return drawn.sort_values("contact_id", ignore_index=True)[list(COLUMNS)]


def _days(period: Period) -> dict[str, Value]:
    return {"start_day": day_number(period.start), "end_day": day_number(period.end)}


def _reasons(store: Store, codes: Iterable[str]) -> tuple[str, ...]:
    """What an auditor may choose: the codes contacts carry and those the engagement names, default codes last."""
    said = store.engagement.reasons
    listed = [reason for process in store.engagement.processes.values() for reason in process.reasons]
    named = {*map(str, codes), *listed, *said.cancellation, *said.neutral, *said.complaint} - {"", SMALL}
    default = [reason for reason in said.default if reason in named]
    return (*sorted(named - set(default), key=str.casefold), *default)
