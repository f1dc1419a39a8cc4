"""The six steps of the effort journey as the data give them: from visits, contacts and answers, or by a stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.rows import records
from rootcause_lib.estimates import estimate
from rootcause_lib.journeys import day_number
from rootcause_lib.metrics import Metric, metric
from rootcause_lib.metrics.effort import more_than_one_contact, repeated_information, told_again
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import SELF_SERVICE_CHANNELS

MEASURES = (
    "web_first",
    "on_site_when_calling",
    "more_than_one_contact",
    "transferred",
    "repeated_information",
    "high_effort",
)
"""In the order of the journey."""

MOSTLY = 0.5
"""Share of visits that must tell their end for `on_site_when_calling` to be measured by it."""

LONGEST_SECONDS = 2**40
"""Further than any contact lies from any other."""


@dataclass(frozen=True, slots=True)
class Step:
    """One measure: a share of `base` units of a kind (`base_of`), and how it was come by (`status`).

    `unobserved` units were asked and are not known. `visits_known`: share of the `visits` it rests on that could be
    tied to a customer. `answered`: share of those asked who answered.
    """

    share: float
    status: str
    base_of: str
    low: float = float("nan")
    high: float = float("nan")
    base: float = 0.0
    customers: float = 0.0
    unobserved: float = 0.0
    method: str = "none"
    visits: float = 0.0
    visits_known: float = float("nan")
    answered: float = float("nan")


NOT_IN_DATA = Step(float("nan"), "not_in_data", "none")


@dataclass(frozen=True, slots=True)
class Visits:
    """What the visits can tell of: counts, and the seconds at which the first and the last began (none: 0)."""

    visits: int
    identified: int
    ended: int
    judged: int
    first_seconds: int
    last_seconds: int

    @property
    def told(self) -> bool:
        """Whether any can be tied to a customer."""
        return self.identified > 0


def steps_found(asked: Asked) -> Mapping[str, Step]:
    """Every measure: as measured, else as people answered ([[answers]]), else by a stand-in, else not in the data."""
    answers = {answer.signal: answer.value for answer in asked.store.engagement.answers}
    found = {**_before_calls(asked), **_of_contacts(asked), **_hard(asked)}
    steps = {}
    for measure in MEASURES:
        steps[measure] = found.get(measure, NOT_IN_DATA)
        share = share_told(answers.get(measure))
        if share is not None and steps[measure].status != "measured":
            steps[measure] = Step(share, "asked", "answer")
    return steps


def share_told(value: object) -> float | None:
    """What people answered as a share; None where it is none."""
    is_share = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if is_share else None  # type: ignore[arg-type]


def visits_seen(store: Store) -> Visits:
    """Counts over all visits of the store."""
    row = store.engine.run(statement("visits_seen")).iloc[0].fillna(0)
    return Visits(**{str(name): int(value) for name, value in row.items()})


def before_calls(asked: Asked, visits: Visits, *, base_of: str) -> pd.DataFrame:
    """The sums of what customers did before they called, one row; `visited_calls.sql` says which."""
    limits = (
        (visits.first_seconds, visits.last_seconds + 86_400) if visits.told else (-LONGEST_SECONDS, LONGEST_SECONDS)
    )
    values: dict[str, Value] = {
        **_days(asked),
        "calls_only": int(base_of == "calls"),
        "visits_told": int(visits.told),
        "from_seconds": limits[0],
        "until_seconds": limits[1],
    }
    return asked.store.engine.run(statement("visited_calls", values=values))


def effort_scales(asked: Asked) -> pd.DataFrame:
    """Questions of effort by scale: scale_low, scale_high, direction, asked, answers; most answers first."""
    scales = asked.store.engine.run(statement("effort_scales", values=_days(asked)))
    return scales.sort_values(["answers", "scale_high", "scale_low"], ascending=[False, True, True], ignore_index=True)


def usable(scales: pd.DataFrame) -> pd.DataFrame:
    """Those of which it is known which end is hard."""
    return scales[scales[["scale_low", "scale_high", "direction"]].notna().all(axis=1)].reset_index(drop=True)


def effort_answers(asked: Asked, *, low: float, high: float, direction: str) -> pd.DataFrame:
    """The sums of how many found it hard on one scale, of which `direction` says which end is good; one row."""
    scale: dict[str, Value] = {
        "scale_low": low,
        "scale_high": high,
        "hard_is_high": int(direction == "lower_is_better"),
    }
    return asked.store.engine.run(statement("effort_answers", values={**_days(asked), **scale}))


def _days(asked: Asked) -> dict[str, Value]:
    return {"start_day": day_number(asked.period.start), "end_day": day_number(asked.period.end)}


def _before_calls(asked: Asked) -> dict[str, Step]:
    """What customers did before they called, from visits, else from contacts in self-service."""
    channels = set(asked.store.extent.identified_by_channel)
    visits = visits_seen(asked.store)
    if not visits.told and channels.isdisjoint(SELF_SERVICE_CHANNELS):
        return {}
    base_of = "calls" if "phone" in channels else "contacts"
    row = before_calls(asked, visits, base_of=base_of)
    ends_told = visits.told and visits.ended >= MOSTLY * visits.visits
    known = visits.identified / visits.visits if visits.told else float("nan")
    given = {
        "web_first": ("web_", visits.told),
        "on_site_when_calling": ("site_", True) if ends_told else ("lately_", False),
    }
    steps = {}
    for measure, (prefix, measured) in given.items():
        step = _of_sums(asked, row, prefix=prefix, units=float(row["calls"].fillna(0).iloc[0]), base_of=base_of)
        if step.base > 0:
            status = "measured" if measured else "proxy"
            steps[measure] = replace(step, status=status, visits=float(visits.visits), visits_known=known)
    return steps


def _of_contacts(asked: Asked) -> dict[str, Step]:
    """What the contacts themselves say, in one query; the first that is known of a measure counts."""
    by_any = asked.followed.matching == "any"
    wanted: list[tuple[str, str, str, Metric]] = [
        # Whatever comes next counts where nobody knows what it was about.
        ("more_than_one_contact", "proxy" if by_any else "measured", "cases", more_than_one_contact()),
        ("transferred", "measured", "contacts", metric("transfer")),
        ("repeated_information", "measured", "contacts", repeated_information()),
    ]
    if not by_any:
        wanted.append(("repeated_information", "proxy", "contacts", told_again()))
    asked_for = [each.at(asked.followed.values) if each.values else each for *_, each in wanted]
    rows = {str(row["metric"]): row for row in records(estimate(asked.store, asked_for, period=asked.period))}
    steps: dict[str, Step] = {}
    for measure, status, base_of, each in wanted:
        row = rows.get(each.key)
        # Cases whose window is not over are in the data, if not yet known.
        told = row is not None and (row["denominator"] > 0 or measure == "more_than_one_contact")
        if row is not None and told and measure not in steps:
            steps[measure] = Step(
                row["value"], status, base_of, row["low"], row["high"], row["denominator"], row["customers"],
                row["unobserved"], row["method"],
            )  # fmt: skip
    return steps


def _hard(asked: Asked) -> dict[str, Step]:
    """Answers beyond the middle of the scale most answers use, on its hard side."""
    scales = usable(effort_scales(asked))
    if scales.empty or not scales["answers"].iloc[0]:
        return {}
    first = scales.iloc[0]
    row = effort_answers(
        asked,
        low=float(first["scale_low"]),
        high=float(first["scale_high"]),
        direction=str(first["direction"]),
    )
    step = _of_sums(asked, row, prefix="", units=float(first["asked"]), base_of="answers")
    return {"high_effort": replace(step, status="measured", answered=step.base / float(first["asked"]))}


def _of_sums(asked: Asked, row: pd.DataFrame, *, prefix: str, units: float, base_of: str) -> Step:
    """A measured share from one row of sums over customers; `units` were asked in all."""
    sums = ClusterSums.from_frame(row, prefix=prefix)
    ratios = share_from_sums(sums, level=asked.store.engagement.definitions.level)
    base = float(sums.weight[0])
    return Step(
        float(ratios.value[0]), "measured", base_of, float(ratios.low[0]), float(ratios.high[0]), base,
        float(sums.clusters[0]), units - base, str(ratios.method[0]),
    )  # fmt: skip
