"""metric x statistic x dimensions -> Estimates: one tidy schema for every number of the product.

One row is one number. One query serves many metrics: the engine adds up, per customer and cell,
what the cluster-robust interval needs, and Python divides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from sqlglot import exp

from rootcause_lib.engagement import Engagement
from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.grades import Grading, at_most, spread_letters, width_letters
from rootcause_lib.journeys import Following, day_number, day_of, find_cases
from rootcause_lib.metrics import Metric
from rootcause_lib.periods import Period
from rootcause_lib.statements import Statement, Value, placeholders, split_by, template
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import Ratios, rate_from_sums, ratio_from_sums, share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.stored_tables import DIMENSIONS
from rootcause_lib.vocabulary import ALL

COLUMNS = (
    "value", "low", "high", "level", "numerator", "denominator", "unobserved", "customers", "method", "claim",
    "grade", "grade_reasons", "threshold", "verdict",
)  # fmt: skip
"""What follows metric, statistic and the dimensions; counts are of the metric's own units."""

STATISTICS = MappingProxyType(
    {"share": "share", "seconds": "mean", "money": "mean", "contacts": "mean", "contacts_per_day": "rate"}
)
"""The statistic a metric's unit asks for."""

RATE_DIMENSIONS = ("channel", "reason", "reason_group", "team")
"""What splits contacts but not the days of being a customer."""

_TARGETS = MappingProxyType({"first_contact_resolution": "fcr"})
_FOLLOWED = ("first_contact_resolution", "repeat_contact", "contacts_per_case", "one_and_done")


def estimate(
    store: Store, metrics: Sequence[Metric], *, by: Sequence[str] = (), period: Period | None = None
) -> pd.DataFrame:
    """Metrics split by dimensions, in the Estimates schema: metric, statistic, *by, then `COLUMNS`.

    Rows are ordered by metric (as given) and dimensions. Shares and means come with intervals robust
    to customers having several contacts. A cell where nobody was asked has no row. `period` selects
    the contacts judged; by default all that are covered. Raises ParameterError for an unknown dimension.
    """
    if wrong := [dimension for dimension in by if dimension not in DIMENSIONS]:
        raise ParameterError(unknown_choice("dimension", wrong[0], DIMENSIONS))
    if any(each.unit == "contacts_per_day" for each in metrics) and set(by) - set(RATE_DIMENSIONS):
        raise ParameterError(
            f"contact_rate can be split by {', '.join(RATE_DIMENSIONS)} only: days as a customer are not counted by "
            "week, month, hour or segment."
        )
    judged = period or Period(store.observed_from, store.observed_until)
    found: dict[int, pd.DataFrame] = {}
    for group in _by_query(metrics):
        asked = [metrics[place] for place in group]
        if asked[0].units == "cases":
            find_cases(store.engine, Following(**asked[0].values))  # type: ignore[arg-type]
        sums = store.engine.run(estimate_statement(asked, by=by, period=judged))
        for number, place in enumerate(group):
            found[place] = _estimates(store, metrics[place], sums, prefix=f"m{number}_", by=by)
    frames = [found[place].sort_values(list(by), kind="stable") if by else found[place] for place in sorted(found)]
    columns = ["metric", "statistic", *by, *COLUMNS]
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True)[columns] if filled else pd.DataFrame(columns=columns)


def estimate_statement(metrics: Sequence[Metric], *, by: Sequence[str], period: Period) -> Statement:
    """The one query behind metrics that are counted on the same units; pure."""
    rate = metrics[0].unit == "contacts_per_day"
    tree = split_by(template("contact_rate" if rate else "estimate"), [DIMENSIONS[dimension] for dimension in by])
    for_metrics(tree, metrics)
    for table in tree.find_all(exp.Table):
        if table.name == "units":
            table.set("this", exp.to_identifier(metrics[0].units))
    if not rate:
        _only_asked(tree, metrics)
    named = placeholders(tree)
    values = {name: value for name, value in metric_values(metrics).items() if name in named}
    values |= {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    return Statement("contact_rate" if rate else "estimate", tree, MappingProxyType(values))


def _only_asked(tree: exp.Query, metrics: Sequence[Metric]) -> None:
    """Units that no metric asks of are left out before any are added up by customer."""
    counted = next(part.this for part in tree.ctes if part.alias == "counted")
    counted.where(exp.or_(*(exp.column(f"m{number}_asked") for number in range(len(metrics)))), copy=False)


def for_metrics(tree: exp.Query, metrics: Sequence[Metric]) -> exp.Query:
    """A template's columns that begin with m_ once per metric (m0_, m1_, ...); the tree given is changed."""
    for select in tree.find_all(exp.Select):
        select.set("expressions", [column for item in select.expressions for column in _repeated(item, metrics)])
    return tree


def metric_values(metrics: Sequence[Metric]) -> dict[str, Value]:
    """The values that the columns of `for_metrics` name."""
    return {f"m{i}_{name}": value for i, metric in enumerate(metrics) for name, value in metric.values.items()}


def _by_query(metrics: Sequence[Metric]) -> Iterator[list[int]]:
    """Places of the metrics that one query can serve, together."""
    served = [(metric.units, metric.unit == "contacts_per_day", _found_by(metric)) for metric in metrics]
    for query in dict.fromkeys(served):
        yield [place for place, each in enumerate(served) if each == query]


def _found_by(metric: Metric) -> tuple[tuple[str, Value], ...]:
    """What decides which cases there are; contacts are there whatever is asked of them."""
    return tuple(metric.values.items()) if metric.units == "cases" else ()


def _repeated(column: exp.Expr, metrics: Sequence[Metric]) -> Iterator[exp.Expr]:
    """A column whose name begins with m_ once per metric; others as they are."""
    if not column.alias_or_name.startswith("m_"):
        yield column
        return
    for number, metric in enumerate(metrics):
        yield _for_metric(column, metric, prefix=f"m{number}_")


def _for_metric(column: exp.Expr, metric: Metric, *, prefix: str) -> exp.Expr:
    def filled(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder) and node.name in ("asked", "known", "measure"):
            return exp.paren(_prefixed(metric.expression(node.name), prefix))  # type: ignore[arg-type]
        if isinstance(node, exp.Identifier) and node.name.startswith("m_"):
            return exp.to_identifier(prefix + node.name.removeprefix("m_"))
        return node

    return column.copy().transform(filled)


def _prefixed(tree: exp.Expr, prefix: str) -> exp.Expr:
    """A metric's expression with its values under names of their own, since a query may hold it twice."""
    for node in tree.find_all(exp.Placeholder):
        node.set("this", prefix + node.name)
    return tree


def _estimates(store: Store, metric: Metric, sums: pd.DataFrame, *, prefix: str, by: Sequence[str]) -> pd.DataFrame:
    """One metric's rows from the sums of its cells."""
    sums = sums[(sums[[f"{prefix}weight", f"{prefix}unobserved"]].fillna(0) > 0).any(axis=1)].reset_index(drop=True)
    settings = store.engagement
    cells = ClusterSums.from_frame(sums, prefix=prefix)
    ratios = _ratios(metric, cells, level=settings.definitions.level)
    unobserved = sums[f"{prefix}unobserved"].fillna(0).astype("float64")
    head = {"metric": metric.key, "statistic": STATISTICS[metric.unit]}
    table = pd.DataFrame(head, index=sums.index)
    for dimension in by:
        table[dimension] = _named_cells(sums[DIMENSIONS[dimension]], dimension)
    table["value"], table["low"], table["high"] = ratios.value, ratios.low, ratios.high
    table["level"] = settings.definitions.level
    table["numerator"], table["denominator"] = cells.value, cells.weight
    table["unobserved"], table["customers"] = unobserved, cells.clusters
    table["method"], table["claim"] = ratios.method.astype(str), "descriptive"
    return pd.concat([table, _graded(store, metric, cells, ratios, table)], axis=1)


def _ratios(metric: Metric, cells: ClusterSums, *, level: float) -> Ratios:
    if metric.unit == "share":
        return share_from_sums(cells, level=level)
    if metric.unit == "contacts_per_day":
        return rate_from_sums(cells, level=level)
    return ratio_from_sums(cells, level=level)


def _graded(store: Store, metric: Metric, cells: ClusterSums, ratios: Ratios, table: pd.DataFrame) -> pd.DataFrame:
    limits = store.engagement.grades
    threshold = _threshold(store.engagement, metric)
    share = metric.unit == "share"
    letters = width_letters(ratios.half_width, limits) if share else spread_letters(ratios.low, ratios.high, limits)
    verdict = np.full(len(table), None, dtype=object)
    if threshold is not None:
        verdict = _verdict(ratios, threshold)
        letters = np.minimum(letters, _clear_letters(metric, cells, threshold, limits.clear_at))
    rate = metric.unit == "contacts_per_day"
    # A rate's denominator is days: what is not known are contacts, beside those that are.
    asked = table["numerator" if rate else "denominator"] + table["unobserved"]
    grading = Grading(limits, len(table)).precision(letters).customers(table["customers"])
    followed = metric.key in _FOLLOWED
    grading.unobserved(
        table["unobserved"] / asked, reason="immature" if followed else "unidentified" if rate else "low_response"
    )
    if followed:
        _grade_coverage(store, grading, table)
    if metric.values.get("matching") == "reason" or "reason" in table.columns:
        grading.default_codes(store.default_code_share)
    grading.capped("C", where=store.is_guessed(metric.rests_on | set(table.columns)), reason="guessed_mapping")
    graded = grading.result()
    graded["threshold"] = np.nan if threshold is None else threshold
    graded["verdict"] = verdict
    return graded


def _grade_coverage(store: Store, grading: Grading, table: pd.DataFrame) -> None:
    """What follows customers speaks of the identified alone; unlike coverage caps a comparison of channels."""
    if "channel" not in table.columns:
        grading.identified(store.identified_share)
        return
    grading.identified(table["channel"].map(dict(store.extent.identified_by_channel)).fillna(store.identified_share))
    gap = store.extent.coverage_gap > store.engagement.grades.coverage_gap
    grading.capped("C", where=gap, reason="unidentified")


def _threshold(engagement: Engagement, metric: Metric) -> float | None:
    key = _TARGETS.get(metric.key)
    return getattr(engagement.targets, key) if key else None


def _verdict(ratios: Ratios, threshold: float) -> np.ndarray:
    """above, below or undecided: where the whole interval lies; None where nothing is known."""
    found = np.select([ratios.low > threshold, ratios.high < threshold], ["above", "below"], "undecided").astype(object)
    found[np.isnan(ratios.value)] = None
    return found


def _clear_letters(metric: Metric, cells: ClusterSums, threshold: float, levels: Sequence[float]) -> np.ndarray:
    """The grade an interval earns by being clear of the threshold at the levels for A, B and C."""
    unclear = np.zeros(len(cells.value), dtype=np.int64)
    for level in levels:
        ratios = _ratios(metric, cells, level=level)
        unclear += ~((ratios.low > threshold) | (ratios.high < threshold))
    return at_most(unclear, (0, 1, 2))


def _named_cells(column: pd.Series, dimension: str) -> pd.Series:
    """A dimension's values as readers know them: weeks by their Monday, months as 2025-03."""
    if dimension == "week":
        return column.map(lambda day: day_of(day).isoformat(), na_action="ignore").astype("str")
    if dimension == "month":
        return column.map(lambda month: f"{int(month) // 12:04d}-{int(month) % 12 + 1:02d}").astype("str")
    return column.astype("Int64" if dimension == "hour" else "str")


def with_totals(totals: pd.DataFrame, *splits: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """Estimates of several splits in one frame: totals first, a dimension not split on holds `all`."""
    frames = []
    for frame in (totals, *splits):
        filled = frame.copy()
        for dimension in dimensions:
            if dimension not in filled.columns:
                filled[dimension] = ALL
        frames.append(filled)
    return pd.concat(frames, ignore_index=True)[["metric", "statistic", *dimensions, *COLUMNS]]
