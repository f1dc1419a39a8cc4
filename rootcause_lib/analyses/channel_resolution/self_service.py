"""What becomes of customers who help themselves, and whether they do so again."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.self_service_findings import (
    self_service_cannot_tell,
    self_service_headline,
    self_service_readings,
)
from rootcause_lib.analyses.channel_resolution.sessions import (
    KINDS,
    VISIT,
    in_order,
    keep_sessions,
    next_choices,
    session_shares,
    time_to_people,
)
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.analyses.small_moves import protected_moves
from rootcause_lib.grades import Grading, spread_letters, width_letters

COLUMNS = (
    "kind", "measure", "match", "window_days", "value", "low", "high", "level", "base", "customers", "unobserved",
    "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
REUSE_COLUMNS = (
    "kind", "after", "next_choice", "sessions", "share", "low", "high", "level", "base", "customers", "unobserved",
    "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

MEASURES = ("contained", "gave_up", "resolved", "reached_human", "days_to_human", "left_within_window")

_FACTS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "contained": ("contained", False),
        "gave_up": ("gave_up", False),
        "resolved_matched": ("resolved", True),
        "people_matched": ("reached_human", True),
        "resolved_any": ("resolved", False),
        "people_any": ("reached_human", False),
        "gone": ("left_within_window", False),
    }
)
"""Column of a session -> the measure it is, and whether by the matching rule (else whatever the contact was about)."""

_AT_ONCE = ("contained", "gave_up")
"""What is known when the session ends, of contacts."""


def self_service(asked: Asked) -> Part:
    """How far self-service, the bot and the site get customers without people, and what they choose next time."""
    keep_sessions(asked)
    counted = _shares(asked)
    hidden = counted["kind"].isin(asked.hidden) | (counted["base"].gt(0) & counted["customers"].lt(asked.smallest))
    frames = {
        "self_service": blank(counted, np.asarray(hidden, dtype=bool)),
        "reuse": _protected(asked, _reuse(asked, counted)),
    }
    return Part(
        frames=frames,
        readings=self_service_readings(asked, frames),
        headline=self_service_headline(asked, frames),
        cannot_tell=self_service_cannot_tell(asked, frames["self_service"]),
    )


def _shares(asked: Asked) -> pd.DataFrame:
    """Every measure of every kind of session there is, graded."""
    facts = session_shares(asked).rename(columns={"channel": "kind", "denominator": "base"})
    facts["measure"] = facts["metric"].map({fact: measure for fact, (measure, _) in _FACTS.items()})
    by_rule = facts["metric"].map({fact: rule for fact, (_, rule) in _FACTS.items()}).fillna(False).astype(bool)
    facts["match"] = np.where(by_rule & (facts["kind"] != VISIT), asked.followed.matching, "any")
    rules = dict.fromkeys([asked.followed.matching, "any"])
    times = [time_to_people(asked, matching=rule).assign(match=rule, measure="days_to_human") for rule in rules]
    every = pd.concat([facts, *times], ignore_index=True)
    # A visit has no reason code, so there is one rule for it: whatever the contact was about.
    every = every[(every["kind"] != VISIT) | (every["match"] == "any")]
    every = every.drop_duplicates(["kind", "measure", "match"], ignore_index=True)
    every["level"] = asked.store.engagement.definitions.level
    every["window_days"], every["claim"] = asked.followed.window_days, "descriptive"
    plain = every[[name for name in COLUMNS if not name.startswith("grade")]]
    numbers = ["value", "low", "high", "level", "base", "customers", "unobserved"]
    words = ["kind", "measure", "match", "method", "claim"]
    plain = plain.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(words, "str") | {"window_days": "int64"})
    ordered = in_order(plain, {"kind": KINDS, "measure": MEASURES, "match": tuple(rules)})
    return pd.concat([ordered, _grades(asked, ordered)], axis=1)[list(COLUMNS)]


def _grades(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    limits, timed = asked.store.engagement.grades, (table["measure"] == "days_to_human").to_numpy()
    width = width_letters((table["high"] - table["low"]) / 2, limits)
    letters = np.where(timed, spread_letters(table["low"], table["high"], limits), width)
    units = (table["base"] + table["unobserved"]).where(~timed)
    unknown = (table["unobserved"] / units.where(units > 0)).astype("float64")
    visits = table["kind"] == VISIT
    at_once = (table["measure"].isin(_AT_ONCE) & ~visits).to_numpy()
    grading = Grading(limits, len(table)).precision(letters).customers(table["customers"])
    grading.unobserved(unknown.where(at_once), reason="low_response")
    grading.unobserved(unknown.where(~at_once))
    coded = (table["match"] == "reason").to_numpy()
    grading.default_codes(np.where(coded, asked.store.default_code_share, np.nan))
    # Counting whatever the contact was about, or a visit as if its goal were reached, stands for what was asked.
    followed = table["measure"].isin(["resolved", "reached_human", "days_to_human"])
    grading.capped("B", where=followed & (table["match"] == "any"), reason="proxy")
    return grading.result()


def _reuse(asked: Asked, counted: pd.DataFrame) -> pd.DataFrame:
    """What customers chose next after success and after failure, graded; `movers` made that choice."""
    table = next_choices(asked)
    resolved = counted[counted["measure"] == "resolved"].drop_duplicates("kind").set_index("kind")
    every = table["kind"].map(resolved["base"] + resolved["unobserved"]).astype("float64")
    seen = table.drop_duplicates(["kind", "after"]).groupby("kind")["base"].sum()
    table["unobserved"] = every - table["kind"].map(seen).astype("float64")
    table["level"], table["claim"] = asked.store.engagement.definitions.level, "descriptive"
    limits = asked.store.engagement.grades
    width = width_letters((table["high"] - table["low"]) / 2, limits)
    grading = Grading(limits, len(table)).precision(width).customers(table["customers"])
    grading.unobserved((table["unobserved"] / every).astype("float64"))
    return pd.concat([table, grading.result()], axis=1)


def _protected(asked: Asked, chosen: pd.DataFrame) -> pd.DataFrame:
    """Choices without the numbers of small ones and of those that would give them back."""
    if chosen.empty:
        return chosen.astype({"level": "float64", "claim": "str"})[list(REUSE_COLUMNS)]
    table = chosen.assign(opened=chosen["kind"] + " " + chosen["after"])
    hidden = frozenset(table["opened"][table["kind"].isin(asked.hidden)])
    shown = protected_moves(
        table, opened="opened", went="next_choice", counted="sessions", minimum=asked.smallest, hidden=hidden
    )
    return shown[list(REUSE_COLUMNS)]
