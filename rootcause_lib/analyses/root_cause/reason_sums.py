"""What the engine adds up about reasons: one pass over the period's contacts, sums by reason come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
import sqlglot
from sqlglot import exp

from rootcause_lib.analyses.root_cause.customers import Dealt, dealt_customers, keep_customer_time
from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.periods import Period, end_second, first_second
from rootcause_lib.statements import READ, Statement, Value, placeholders, statement, template
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.contrasts import Crosses, Differences, part_against_rest
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, SMALL

MEASURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "contacts": ("case when reason <> '' then contacts else 0 end", "contacts"),
        "cost": ("cost", "costed"),
        "revenue": ("revenue", "sold"),
        "score": ("score_sum", "scores"),
        "waited": ("waited", "asked"),
    }
)
"""What is added up over contacts, and what it is divided by: expressions over `reason_groups`. The value of
`contacts` are those that carry a code."""

_PROMOTED = ("promoted", "scores")
"""In place of `score` where people were asked whether they would recommend: promoters less detractors."""

ScoreMetric = Literal["csat", "ces", "nps"]
_PREFERRED: tuple[ScoreMetric, ...] = ("csat", "ces", "nps")


@dataclass(frozen=True, slots=True)
class Score:
    """Which answers are compared: the metric, its scale, and whether more of it is worse."""

    metric: str = "csat"
    low: float = 1.0
    high: float = 5.0
    inverted: bool = False
    answers: int = 0


@dataclass(frozen=True, slots=True)
class ReasonSums:
    """Sums by reason, `all` first, then most contacts first: `measured` for the measures, beside it the sums behind
    contacts per day as a customer (`by_days`) and per event (`by_events`), and how many `customers` there are; indexed
    by reason."""

    measured: pd.DataFrame
    by_days: pd.DataFrame
    by_events: pd.DataFrame
    customers: pd.Series
    score: Score

    @property
    def reasons(self) -> pd.Index:
        """The codes there are, "" for none."""
        return self.measured.index[1:]

    def of(self, measure: str) -> ClusterSums:
        return ClusterSums.from_frame(self.measured, prefix=f"{measure}_")

    def shares(self) -> ClusterSums:
        """A reason's contacts among all that carry a code; of `all` those that carry one among all."""
        contacts = self.measured.filter(regex="^contacts_").fillna(0).astype("float64")
        whole = contacts.iloc[0]
        has_code = self.measured.index != ""
        sums = pd.DataFrame(
            {
                "value": contacts["contacts_value"],
                "weight": np.where(has_code, whole["contacts_value"], 0.0),
                "clusters": np.where(has_code, whole["contacts_valued"], 0.0),
                "value_value": contacts["contacts_value_value"],
                "value_weight": contacts["contacts_value_whole_value"],
                "weight_weight": np.where(has_code, whole["contacts_value_value"], 0.0),
            }
        )
        for name in sums.columns:
            sums.loc[ALL, name] = whole[f"contacts_{name}"]
        return ClusterSums.from_frame(sums)

    def differences(self, measure: str, *, level: float) -> Differences:
        """The mean of each reason's contacts less that of all others; of `all` nothing can be told."""
        crosses = Crosses.from_frame(self.measured, prefix=f"{measure}_")
        whole = ClusterSums.from_frame(self.measured.head(1), prefix=f"{measure}_")
        return part_against_rest(self.of(measure), whole, crosses, level=level)


def reason_sums(store: Store, period: Period) -> ReasonSums:
    """Everything `reasons` is made of: a few numbers for each reason.

    Contacts, costs and customers are counted in full. Of more than `MOST_APART` customers what intervals need, products
    of customers' own sums, is told by `GROUPS` random groups of them; `clusters` are then the groups.
    """
    score, dealt = _score(store), dealt_customers(store)
    keep_reason_groups(store, period, score=score, dealt=dealt)
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    zone = store.engagement.engagement.time_zone
    moments: dict[str, Value] = {
        "from_seconds": first_second(period.start, time_zone=zone),
        "until_seconds": end_second(period.end, time_zone=zone),
    }
    run = store.engine.run
    measured = _ordered(run(sums_statement(_measures(store, score)))).set_index("reason")
    measured = measured.reindex(columns=sums_statement(MEASURES).tree.named_selects[1:])
    by_days = run(statement("reason_rates", values=dealt.values)).set_index("reason")
    by_events = run(statement("reason_events", values={**moments, **dealt.values})).set_index("reason")
    customers = run(statement("reason_customers", values=days)).set_index("reason")["customers"]
    return ReasonSums(
        _by_customer(measured, dealt),
        dealt.by_customer(by_days.reindex(measured.index)),
        dealt.by_customer(by_events.reindex(measured.index)),
        customers.reindex(measured.index).fillna(0.0).astype("float64"),
        score,
    )


def keep_reason_groups(store: Store, period: Period, *, score: Score, dealt: Dealt) -> None:
    """Keep the period's inbound contacts by group of customers and reason as a table of the engine."""
    engagement, engine = store.engagement, store.engine
    listed = [
        {"process": name, "reason": reason, "opened_by_contact": process.opened_by_contact}
        for name, process in engagement.processes.items()
        for reason in (process.reasons or (None,))
    ]
    engine.materialise("reason_processes", constant_rows("reason_processes", listed))
    keep_topics(store)
    keep_customer_time(store, period)
    values: dict[str, Value] = {
        "start_day": day_number(period.start),
        "end_day": day_number(period.end),
        "score_metric": score.metric,
        "scale_low": score.low,
        "scale_high": score.high,
    }
    engine.materialise("reason_groups", statement("reason_groups", values={**values, **dealt.values}))


def _by_customer(measured: pd.DataFrame, dealt: Dealt) -> pd.DataFrame:
    """Products of all measures, of a reason and of a reason with the whole, as sums over customers."""
    table = measured.copy()
    for measure in MEASURES:
        table = dealt.by_customer(table, prefix=f"{measure}_")
        for own, other in product(("value", "weight"), repeat=2):
            name = f"{measure}_{own}_whole_{other}"
            sums, whole = table[f"{measure}_{own}"], table[f"{measure}_{other}"].head(1).sum()
            table[name] = dealt.product(table[name], sums, whole)
    return table


def keep_topics(store: Store) -> None:
    """Keep the reasons of contacts that have several as a table of the engine."""
    few: dict[str, Value] = {"smallest_cell": store.engagement.definitions.smallest_cell}
    store.engine.materialise("contact_topics", statement("contact_topics", values=few))


def _measures(store: Store, score: Score) -> Mapping[str, tuple[str, str]]:
    """What these data can tell."""
    asked = dict(MEASURES)
    if score.metric == "nps":
        asked["score"] = _PROMOTED
    if not score.answers:
        del asked["score"]
    if not store.is_filled("process_events", "ended_at"):
        del asked["waited"]
    return asked


def sums_statement(measures: Mapping[str, tuple[str, str]]) -> Statement:
    """The sums of measures (value and weight as expressions) by reason and over all of them; pure."""
    tree = template("reason_sums")
    for select in tree.find_all(exp.Select):
        select.set("expressions", [column for item in select.expressions for column in _repeated(item, measures)])
    assert not placeholders(tree)
    return Statement("reason_sums", tree)


def _repeated(column: exp.Expr, measures: Mapping[str, tuple[str, str]]) -> Iterator[exp.Expr]:
    """A column whose name begins with m_ once per measure; others as they are."""
    if not column.alias_or_name.startswith("m_"):
        yield column
        return
    for measure, given in measures.items():
        filled = dict(zip(("value", "weight"), given, strict=True))

        def named(node: exp.Expr, measure: str = measure, filled: Mapping[str, str] = filled) -> exp.Expr:
            if isinstance(node, exp.Placeholder) and node.name in filled:
                return exp.paren(sqlglot.parse_one(filled[node.name], dialect=READ))
            if isinstance(node, exp.Identifier) and node.name.startswith("m_"):
                return exp.to_identifier(f"{measure}_{node.name.removeprefix('m_')}")
            return node

        yield column.copy().transform(named)


def _score(store: Store) -> Score:
    """The preferred metric that contacts were scored by, on the scale most answers use."""
    kinds = store.engine.run(statement("score_kinds"))
    kinds = kinds[kinds["metric"].isin(_PREFERRED)]
    if kinds.empty:
        return Score()
    rank = kinds["metric"].map({metric: place for place, metric in enumerate(_PREFERRED)})
    first = kinds[rank == rank.min()].sort_values(["answers", "scale_low"], ascending=[False, True]).iloc[0]
    usual = (0.0, 10.0) if first["metric"] == "nps" else (1.0, 5.0)
    low, high = (
        usual[place] if pd.isna(first[name]) else float(first[name])
        for place, name in enumerate(("scale_low", "scale_high"))
    )
    worse = str(first["direction"]) == "lower_is_better"
    return Score(str(first["metric"]), low, high, worse, int(first["answers"]))


def _ordered(parts: pd.DataFrame) -> pd.DataFrame:
    """`all`, reasons by number of contacts, then by name; small ones and those without a code last."""
    reason = parts["reason"].astype(str)
    ranked = parts.assign(reason=reason, _last=reason.map({ALL: -1, SMALL: 1, "": 2}).fillna(0))
    keys = ["_last", "contacts_weight", "reason"]
    return ranked.sort_values(keys, ascending=[True, False, True], kind="stable").drop(columns="_last")
