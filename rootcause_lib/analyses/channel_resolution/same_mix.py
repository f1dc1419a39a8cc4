"""Means of groups over one mix of matters, and how far they lie apart: fitted on cells, sure by customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from sqlglot import exp

from rootcause_lib.journeys import constant_rows
from rootcause_lib.statements import Statement, Value, split_by, template
from rootcause_lib.statistics.clustering import degrees_of_freedom
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.marginal import CellFit, Marginal, Mix, Target, clustered, fit_cells, residual_squares
from rootcause_lib.statistics.ordinal import proportional_odds
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

GROUPED = "grouped"
MATTER = ("channel", "reason", "segment", "problem")
"""What the mix is made of, beside the group itself."""

MOST_CELLS = 400_000
MOST_GROUPS = 10
MOST_CATEGORIES = 20
"""Answers on a finer scale have no odds told."""

FEW = 5
"""Answers about a matter that two groups at least must have for it to be compared."""

PRIOR = 3.0
"""Answers that the spread of all groups counts for in a group's own: few alike answers are no proof of likeness."""

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Groups:
    """What a metric's answers are compared by. `grouped_by`: the column whose values are the groups, `base` the one the
    others are compared with; `odds`: metrics whose answers are categories in an order."""

    table: str
    grouped_by: str
    base: str
    odds: frozenset[str] = frozenset()
    matter: tuple[str, ...] = MATTER

    @property
    def factors(self) -> tuple[str, ...]:
        """What the mix is made of: not what makes the groups."""
        return tuple(name for name in self.matter if name != self.grouped_by)


def over_one_mix(store: Store, compared: Groups, *, sums: pd.DataFrame) -> pd.DataFrame:
    """One row per metric and group: what the group's mean would be over the mix of all, and against the base.

    `sums`: those of the groups' answers (`score_sums`).

    Columns metric, group, score, error, difference, difference_error, degrees, odds, odds_error (logarithms), answers,
    customers (of the group's own answers that were compared), overlap (share of the mix that the group has answers
    about). NaN where the answers cannot tell. Matters that fewer than two groups have `FEW` answers about are left out.
    """
    compared = _countable(store, compared)
    cells = _cells(store, compared)
    tried = (_Fitted.of(part, compared, metric=str(metric)) for metric, part in cells.groupby("metric", sort=True))
    fits = [fit for fit in tried if fit is not None]
    if not fits:
        return pd.DataFrame(columns=list(_COLUMNS)).astype(dict.fromkeys(_COLUMNS[2:], "float64"))
    _keep_effects(store, [row for fit in fits for row in fit.effects()])
    most = max(len(fit.groups) for fit in fits)
    squares = store.engine.run(squares_statement(compared, most=most)).set_index("metric")
    people = sums.set_index(["metric", "cell"])["clusters"].astype("float64")
    return pd.concat([fit.figures(squares, people) for fit in fits], ignore_index=True)[list(_COLUMNS)]


_COLUMNS = (
    "metric", "group", "score", "error", "difference", "difference_error", "degrees", "odds", "odds_error", "answers",
    "customers", "overlap",
)  # fmt: skip


def _countable(store: Store, compared: Groups) -> Groups:
    """The finest matters whose cells are still a statistic: of very many, problems and segments are left out."""
    while len(compared.factors) > 1:
        cells = _cells_statement(compared)
        number = exp.select(exp.alias_(exp.cast(exp.Count(this=exp.column("n")), "bigint"), "cells"))
        counted = Statement("number_of_cells", number.from_(cells.tree.subquery("every_cell")), cells.values)
        if int(store.engine.run(counted)["cells"].iloc[0]) <= MOST_CELLS:
            break
        compared = replace(compared, matter=compared.matter[:-1])
    return compared


def _cells(store: Store, compared: Groups) -> pd.DataFrame:
    """How often each answer was given, by group and matter; what is not known is ""."""
    found = store.engine.run(_cells_statement(compared))
    for name in (compared.grouped_by, *MATTER):
        found[name] = found[name].astype("object").where(found[name].notna(), "") if name in found else ""
    return found.assign(**{GROUPED: found[compared.grouped_by].astype("str")})


def _cells_statement(compared: Groups) -> Statement:
    columns = [compared.grouped_by, *compared.factors]
    return Statement("score_cells", _read_from(split_by(template("score_cells"), columns), compared.table))


def squares_statement(compared: Groups, *, most: int = MOST_GROUPS) -> Statement:
    """Sums over customers of what their answers move the first `most` groups' means by, squared.

    Reads the effects kept last.
    """
    tree = _read_from(template("score_squares"), compared.table)
    described = next(part.this for part in tree.ctes if part.alias == "described")
    for column in described.expressions:
        if column.alias in MATTER and column.alias not in compared.factors:
            column.set("this", exp.Literal.string(""))
    for select in tree.find_all(exp.Select):
        select.set("expressions", [one for one in select.expressions if _place(one.alias_or_name) < most])
    return Statement("score_squares", tree, MappingProxyType({"grouped_by": compared.grouped_by}))


def _read_from(tree: exp.Query, name: str) -> exp.Query:
    """A statement on answers, of the table asked about."""
    for table in tree.find_all(exp.Table):
        if table.name == "scored_contacts":
            table.set("this", exp.to_identifier(name))
    return tree


def _place(column: str) -> int:
    """The group that a column of slopes or squares is of; -1 of the others."""
    name, _, place = column.rpartition("_")
    return int(place) if name in ("slope", "moved", "square", "apart") else -1


def score_sums(store: Store, table: str, *, by: str) -> pd.DataFrame:
    """Sums of answers by metric and cell (a value of the column `by`, or `all`), for means robust to customers."""
    tree = _read_from(split_by(template("score_sums"), [] if by == ALL else [by]), table)
    sums = store.engine.run(Statement("score_sums", tree))
    return sums.assign(metric=sums["metric"].astype("str"), cell=ALL if by == ALL else sums[by].astype("str"))


def _keep_effects(store: Store, rows: Sequence[Mapping[str, Value]]) -> None:
    """The effects as a table beside the answers, some rows at a time: each is a select of its own."""
    parts = [_effect_rows(rows[at : at + _AT_ONCE]) for at in range(0, len(rows), _AT_ONCE)]
    store.engine.materialise("mix_effects", *parts)


def _effect_rows(rows: Sequence[Mapping[str, Value]]) -> Statement:
    """Rows of effects: the first says its types, and the many zeros are written out instead of bound."""
    first = constant_rows("mix_effects", rows[:1])
    values: dict[str, Value] = dict(first.values)
    tree: exp.Query = first.tree
    for number, row in enumerate(rows[1:], start=1):
        columns: list[exp.Expr] = []
        for name, value in row.items():
            if value == 0:
                columns.append(exp.Literal.number("0.0"))
                continue
            values[f"{name}_{number}"] = value
            columns.append(exp.Placeholder(this=f"{name}_{number}"))
        tree = exp.Union(this=tree, expression=exp.Select(expressions=columns), distinct=False)
    return Statement("mix_effects", tree, MappingProxyType(values))


@dataclass(frozen=True, slots=True)
class _Fitted:
    """One metric's model and figures; `groups` begins with the base where it has answers."""

    metric: str
    compared: Groups
    groups: tuple[str, ...]
    answers: pd.DataFrame
    cells: pd.DataFrame
    fit: CellFit
    marginal: Marginal

    @classmethod
    def of(cls, answers: pd.DataFrame, compared: Groups, *, metric: str) -> _Fitted | None:
        kept = _comparable(answers)
        if kept.empty:
            return None
        factors = [GROUPED, *compared.factors]
        cells = kept.groupby(factors, sort=True)[["n", "total", "squares"]].sum().reset_index()
        sizes = cells.groupby(GROUPED)["n"].sum()
        order = sizes.rename_axis("group").reset_index().assign(base=sizes.index != compared.base)
        ordered = order.sort_values(["base", "n", "group"], ascending=[True, False, True])
        groups = tuple(ordered["group"].astype(str))[:MOST_GROUPS]
        fit = fit_cells(cells, factors=factors, link="identity")
        mix = Mix(cells, cells["n"].to_numpy(dtype=float))
        marginal = fit.marginal([Target(mix.of(GROUPED, group)) for group in groups])
        return cls(metric, compared, groups, kept, cells, fit, marginal)

    def effects(self) -> list[Mapping[str, Value]]:
        """What the model expects and the slopes, which add up over what a cell is made of."""
        wanted = np.column_stack([self.marginal.means, self.marginal.slopes.T])
        parts = np.linalg.lstsq(self.fit.design, wanted, rcond=1e-10)[0]
        nothing = np.zeros(parts.shape[1])
        rows = [self._row(name, "", nothing) for name in MATTER if name not in self.fit.factors]
        at = 1
        for factor, levels in zip(self.fit.factors, self.fit.levels, strict=True):
            for place, level in enumerate(levels):
                own = parts[0].copy() if factor == GROUPED else nothing.copy()
                if place:
                    own += parts[at + place - 1]
                rows.append(self._row(factor, level, own))
            at += len(levels) - 1
        return rows

    def _row(self, factor: str, level: str, effects: Floats) -> Mapping[str, Value]:
        slopes = dict.fromkeys((f"slope_{place}" for place in range(MOST_GROUPS)), 0.0)
        slopes |= {f"slope_{place}": float(value) for place, value in enumerate(effects[1:])}
        return {"metric": self.metric, "factor": factor, "label": level, "expected": float(effects[0]), **slopes}

    def figures(self, squares: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
        """The metric's rows."""
        sums = squares.loc[self.metric]
        groups = range(len(self.groups))
        own = clustered([sums[f"square_{place}"] for place in groups], sums["clusters"])
        apart = clustered([0.0, *(sums[f"apart_{place}"] for place in groups[1:])], sums["clusters"])
        n = self.cells.groupby(GROUPED)["n"].sum().reindex(self.groups).to_numpy(dtype=float)
        variance = self._stable(own, self.marginal.slopes, n)
        against = self.marginal.slopes - self.marginal.slopes[0]
        difference_variance = self._stable(apart, against, np.minimum(n, n[0]))
        met = people.reindex([(self.metric, group) for group in self.groups]).to_numpy(dtype=float)
        customers = np.minimum(met, n)
        based = self.groups[0] == self.compared.base
        fewest = np.minimum(customers, customers[0]) if based else customers
        value = np.where(customers > 1, self.marginal.value, np.nan)
        difference = np.where(fewest > 1, value - value[0], np.nan) if based else np.full(len(value), np.nan)
        odds, odds_error = self._odds(apart, against) if based else (np.full(len(value), np.nan),) * 2
        return pd.DataFrame(
            {
                "metric": self.metric, "group": self.groups, "score": value, "error": np.sqrt(variance),
                "difference": difference, "difference_error": np.sqrt(difference_variance),
                "degrees": degrees_of_freedom(fewest, fewest), "odds": np.where(fewest > 1, odds, np.nan),
                "odds_error": odds_error, "answers": n, "customers": customers, "overlap": self._overlap(),
            }
        )  # fmt: skip

    def _stable(self, variance: Floats, slopes: Floats, n: Floats) -> Floats:
        """A variance that does not trust a handful of answers: drawn to what the spread of all groups would give."""
        size = self.cells["n"].to_numpy(dtype=float)
        residual = self._residual_squares()
        pooled = (slopes**2 @ size) * residual.sum() / max(size.sum() - 1, 1.0)
        return np.asarray((n * variance + PRIOR * pooled) / (n + PRIOR))

    def _residual_squares(self) -> Floats:
        return residual_squares(self.marginal.means, self.cells["n"], self.cells["total"], self.cells["squares"])

    def _overlap(self) -> Floats:
        """Share of the mix in matters that the group has answers about."""
        matter = [name for name in self.fit.factors if name != GROUPED]
        weights = self.cells.groupby(matter)["n"].sum()
        shares = []
        for group in self.groups:
            own = self.cells[self.cells[GROUPED] == group].groupby(matter)["n"].sum()
            shares.append(float(weights.reindex(own.index[own > 0]).sum() / weights.sum()))
        return np.asarray(shares)

    def _odds(self, apart: Floats, against: Floats) -> tuple[Floats, Floats]:
        """Log odds of a higher answer against the base.

        An error for independent answers, widened by as much as customers with several answers widen the difference of
        means.
        """
        nothing = np.full(len(self.groups), np.nan)
        if self.metric not in self.compared.odds or self.answers["score"].nunique() > MOST_CATEGORIES:
            return nothing, nothing
        factors = list(self.fit.factors)
        counts = self.answers.pivot_table(index=factors, columns="score", values="n", aggfunc="sum", fill_value=0.0)
        counts = counts.reindex(pd.MultiIndex.from_frame(self.cells[factors]))
        grouped = np.array([(self.cells[GROUPED] == group).to_numpy(dtype=float) for group in self.groups[1:]])
        grouped = grouped.reshape(len(self.groups) - 1, len(counts)).T
        first = 1 + len(self.fit.levels[0]) - 1
        design = np.column_stack([grouped, self.fit.design[:, first:]])
        table = counts.to_numpy(dtype=float)
        found = proportional_odds(table, design)
        width = grouped.shape[1]
        robust = np.einsum("ck,cke->e", table, found.influence[:, :, :width] ** 2)
        simple = against**2 @ self._residual_squares()
        with np.errstate(divide="ignore", invalid="ignore"):
            wider = np.maximum(np.nan_to_num(apart / simple, nan=1.0, posinf=1.0), 1.0)
        odds = np.concatenate([[0.0], found.effects[:width]])
        return odds, np.concatenate([[0.0], np.sqrt(robust) * np.sqrt(wider[1:])])


def _comparable(answers: pd.DataFrame) -> pd.DataFrame:
    """Without matters (reasons) that fewer than two groups have enough answers about."""
    by_reason = answers.groupby(["reason", GROUPED])["n"].sum()
    enough = (by_reason >= FEW).groupby("reason").sum()
    return answers[answers["reason"].isin(enough.index[enough >= 2])]
