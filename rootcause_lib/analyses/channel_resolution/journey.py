"""What getting a matter settled costs the customer, beside what customers of other firms said of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.journey_findings import (
    journey_cannot_tell,
    journey_headline,
    journey_readings,
)
from rootcause_lib.analyses.channel_resolution.journey_steps import Step, steps_found
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.disclosure import Flags
from rootcause_lib.vocabulary import SELF_SERVICE_CHANNELS

REFERENCES: Mapping[str, float] = MappingProxyType(
    {
        "web_first": 0.60,
        "on_site_when_calling": 0.34,
        "more_than_one_contact": 0.62,
        "transferred": 0.60,
        "repeated_information": 0.56,
        "high_effort": 0.60,
    }
)
"""What customers of other firms said of themselves (Dixon, Toman and DeLisi 2013, The Effortless Experience, from
surveys of the Corporate Executive Board): shown beside, never tested or coloured against."""

COLUMNS = (
    "measure", "status", "share", "low", "high", "level", "base", "base_of", "customers", "unobserved", "reference",
    "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

_FOLLOWING = ("web_first", "on_site_when_calling", "more_than_one_contact")
"""What follows customers from one contact or visit to the next."""


_UNKNOWN_BY = MappingProxyType(
    {
        "unidentified": ("web_first", "on_site_when_calling"),
        "immature": ("more_than_one_contact",),
        "low_response": ("transferred", "repeated_information"),
    }
)
"""Why it is not known of some; of answers to a survey the share that answered counts instead."""


def journey(asked: Asked) -> Part:
    """Six steps of the effort journey: measured, by a stand-in, as asked of people, or not in the data."""
    steps = dict(steps_found(asked)) if asked.store.extent.contacts else {}
    counted = _frame(asked, steps)
    shown = blank(counted, _too_small(asked, counted))
    return Part(
        frames={"journey": shown},
        readings={"journey": journey_readings(asked, shown, steps)},
        headline=journey_headline(shown),
        cannot_tell=journey_cannot_tell(shown),
    )


def _frame(asked: Asked, steps: Mapping[str, Step]) -> pd.DataFrame:
    """One row per measure, graded."""
    rows = [
        {
            "measure": measure, "status": step.status, "share": step.share, "low": step.low, "high": step.high,
            "base": step.base, "base_of": step.base_of, "customers": step.customers, "unobserved": step.unobserved,
            "reference": REFERENCES[measure], "method": step.method,
        }
        for measure, step in steps.items()
    ]  # fmt: skip
    plain = [name for name in COLUMNS if name not in ("level", "claim", "grade", "grade_reasons")]
    table = pd.DataFrame(rows, columns=plain)
    numbers = ["share", "low", "high", "base", "customers", "unobserved", "reference"]
    table = table.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(set(plain) - set(numbers), "str"))
    table = table.assign(level=asked.store.engagement.definitions.level, claim="descriptive")
    graded = pd.concat([table, _grades(asked, table, steps)], axis=1)
    return graded[list(COLUMNS)].astype({"level": "float64", "claim": "str"})


def _grades(asked: Asked, table: pd.DataFrame, steps: Mapping[str, Step]) -> pd.DataFrame:
    store, limits = asked.store, asked.store.engagement.grades
    told = (table["status"] != "asked").to_numpy()
    width = width_letters((table["high"] - table["low"]) / 2, limits)
    grading = Grading(limits, len(table)).precision(np.where(told, width, 0))
    grading.customers(table["customers"].where(told))
    answers = np.array([step.answered for step in steps.values()], dtype=float)
    for reason, of in _UNKNOWN_BY.items():
        grading.unobserved(_unknown_share(table).where(table["measure"].isin(of)), reason=reason)
    grading.response(answers)
    visits = np.array([step.visits_known for step in steps.values()], dtype=float)
    followed = table["measure"].isin(_FOLLOWING).to_numpy()
    grading.identified(np.fmin(visits, np.where(followed, store.identified_share, np.nan)))
    by_code = (table["measure"] == "more_than_one_contact") & (asked.followed.matching == "reason")
    grading.default_codes(np.where(by_code, store.default_code_share, np.nan))
    grading.capped("B", where=table["status"] == "proxy", reason="proxy")
    # What people say of their customers is no measurement.
    grading.capped("C", where=table["status"] == "asked", reason="proxy")
    return grading.result()


def _unknown_share(table: pd.DataFrame) -> pd.Series:
    units = table["base"] + table["unobserved"]
    return (table["unobserved"] / units.where(units > 0)).astype("float64")


def _too_small(asked: Asked, table: pd.DataFrame) -> Flags:
    """Rows of too few customers, and those whose base would tell of a channel that is left out."""
    few = table["base"].gt(0) & table["customers"].lt(asked.smallest)
    calls = (table["base_of"] == "calls") & ("phone" in asked.hidden)
    people = (table["base_of"] == "contacts") & table["measure"].isin(_FOLLOWING)
    rest = people & (not asked.hidden.isdisjoint(SELF_SERVICE_CHANNELS))
    return np.asarray(few | calls | rest, dtype=bool)
