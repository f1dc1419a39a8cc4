"""Statements: one .sql file each, loaded as a tree, with values bound and never pasted.

What varies goes in by two routes only: values are bound by `$name`, structure is filled in on the
parsed tree. A statement stays inside a portable subset, so that other engines can follow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from rootcause_lib.errors import ParameterError, StatementError, listed, unknown_choice
from rootcause_lib.stored_tables import STORED_TABLES
from rootcause_lib.working_tables import Columns

Value = str | int | float | bool | dt.date | None

READ = "duckdb"
"""The dialect the files are written in."""

_QUERY = (exp.Select, exp.Union, exp.CTE, exp.With, exp.Subquery)
_CLAUSES = (exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Distinct)
_NAMES = (exp.Table, exp.TableAlias, exp.Column, exp.Identifier, exp.Alias, exp.Star, exp.Placeholder)
_VALUES = (exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Cast, exp.DataType, exp.Case, exp.If)
_LOGIC = (exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is)
_SUMS = (exp.Add, exp.Sub, exp.Mul, exp.Floor, exp.Coalesce, exp.Sum, exp.Min, exp.Max, exp.Count)
_WINDOWS = (exp.Window, exp.WindowSpec, exp.Order, exp.Ordered, exp.Lead, exp.Lag, exp.RowNumber)
_DATES = (exp.DateDiff, exp.Extract, exp.Var)
PORTABLE = (*_QUERY, *_CLAUSES, *_NAMES, *_VALUES, *_LOGIC, *_SUMS, *_WINDOWS, *_DATES)
"""The nodes a statement may hold. Widening it takes a result test on two engines."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A query and the values of exactly its `$names`."""

    name: str
    tree: exp.Query = field(repr=False)
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        wanted, given = set(placeholders(self.tree)), set(self.values)
        if wanted != given:
            raise StatementError(
                f"Statement '{self.name}' wants the values {listed(sorted(wanted)) or 'none'}; "
                f"it was given {listed(sorted(given)) or 'none'}."
            )

    def text(self, dialect: str = READ) -> str:
        """What runs: values stay bound, comments are left out."""
        tree = _spoken(self.tree, dialect)
        return tree.sql(dialect, copy=False, pretty=True, comments=False, unsupported_level=ErrorLevel.RAISE)

    def review(self, dialect: str = READ) -> str:
        """What a person reads: values written in. For reading and pasting, never for running."""
        filled = self.tree.transform(self._literal)
        return f"-- {self.name}\n{_spoken(filled, dialect).sql(dialect, copy=False, pretty=True)};"

    def _literal(self, node: exp.Expr) -> exp.Expr:
        return exp.convert(self.values[node.name]) if isinstance(node, exp.Placeholder) else node


@cache
def _parsed(name: str) -> exp.Query:
    path = resources.files("rootcause_lib").joinpath("sql", f"{name}.sql")
    tree = sqlglot.parse_one(path.read_text(encoding="utf-8"), dialect=READ)
    if not isinstance(tree, exp.Query):
        raise StatementError(f"sql/{name}.sql is not a query.")
    return tree


def template(name: str) -> exp.Query:
    """A fresh copy of the tree of `sql/<name>.sql`, free to be filled in."""
    return _parsed(name).copy()


def statement(name: str, *, values: Mapping[str, Value] | None = None) -> Statement:
    """The statement of `sql/<name>.sql` with its values."""
    return Statement(name, template(name), MappingProxyType(dict(values or {})))


def names() -> tuple[str, ...]:
    """Every statement file, by name."""
    files = resources.files("rootcause_lib").joinpath("sql").iterdir()
    return tuple(sorted(file.name.removesuffix(".sql") for file in files if file.name.endswith(".sql")))


def header(name: str) -> str:
    """The comment a statement file opens with: what a row is and what is read."""
    lines = resources.files("rootcause_lib").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix("--").strip() for line in lines if line.startswith("--"))


def placeholders(tree: exp.Expr) -> tuple[str, ...]:
    """The `$names` of a tree, each once, in order."""
    return tuple(dict.fromkeys(node.name for node in tree.find_all(exp.Placeholder)))


def check(tree: exp.Query, *, tables: Mapping[str, Columns] = STORED_TABLES) -> exp.Query:
    """The tree qualified and typed against the declared tables.

    Raises StatementError for a node outside the portable subset, an unknown table or column.
    """
    # Statements are checked when they are written and reviewed; a run asks of sqlglot only to speak a dialect.
    from sqlglot.optimizer.annotate_types import annotate_types
    from sqlglot.optimizer.qualify import qualify

    for node in tree.walk():
        if isinstance(node, exp.Order) and not isinstance(node.parent, exp.Window):
            raise StatementError("Ordered results are outside the portable subset: order rows after they came out.")
        if isinstance(node, exp.Join) and node.args.get("method"):
            raise StatementError(f"A {node.args['method'].lower()} join is outside the portable subset.")
        division = isinstance(node, exp.Div) and isinstance(node.parent, exp.Floor)
        if not (isinstance(node, PORTABLE) or division):
            raise StatementError(f"{type(node).__name__} is outside the portable subset: {node.sql(READ)[:80]}")
    schema: dict[str, object] = {name: dict(columns) for name, columns in tables.items()}
    try:
        bound = qualify(tree.copy(), schema=schema, dialect=READ)
    except SqlglotError as error:
        raise StatementError(str(error)) from error
    typed = annotate_types(bound, schema=schema, dialect=READ)
    assert isinstance(typed, exp.Query)
    return typed


def _spoken(tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree with each ordering's place for nulls left to the dialect: order keys are never null here."""
    target = sqlglot.Dialect.get(dialect)
    if not dialect or target is None:
        raise ParameterError(unknown_choice("SQL dialect", dialect, sorted(filter(None, sqlglot.Dialect.classes))))
    tree = tree.copy()
    for ordered in tree.find_all(exp.Ordered):
        small = target.NULL_ORDERING == "nulls_are_small"
        ordered.set(
            "nulls_first", small != bool(ordered.args.get("desc")) if "last" not in target.NULL_ORDERING else False
        )
    return tree


def split_by(tree: exp.Query, columns: Sequence[str]) -> exp.Query:
    """A template's column `cells` replaced by the columns to split by; the tree given is changed.

    In a list it becomes all of them, in an equality one equality for each (none: true).
    """
    for equal in list(tree.find_all(exp.EQ)):
        if _is_cells(equal.this) and _is_cells(equal.expression):
            pairs = [
                exp.EQ(this=_named(equal.this, name), expression=_named(equal.expression, name)) for name in columns
            ]
            equal.replace(exp.and_(*pairs) if pairs else exp.true())
    for clause in list(tree.find_all(exp.Select, exp.Group, exp.Window)):
        key = "partition_by" if isinstance(clause, exp.Window) else "expressions"
        items = clause.args.get(key) or []
        clause.set(
            key, [new for item in items for new in ([_named(item, n) for n in columns] if _is_cells(item) else [item])]
        )
    for group in [group for group in tree.find_all(exp.Group) if not group.expressions]:
        group.pop()
    return tree


def limited(tree: exp.Query, tables: Collection[str], condition: str) -> exp.Query:
    """A tree that reads only those rows of some tables whose columns meet a condition; the tree given is changed."""
    for table in [table for table in tree.find_all(exp.Table) if table.name in tables]:
        own = exp.condition(condition, dialect=READ)
        for column in own.find_all(exp.Column):
            column.set("table", exp.to_identifier(table.alias_or_name))
        reader = table.parent
        if isinstance(reader, exp.Join):
            reader.on(own, copy=False)
        else:
            assert reader is not None
            assert isinstance(reader.parent, exp.Select)
            reader.parent.where(own, copy=False)
    return tree


def _is_cells(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Column) and node.name == "cells"


def _named(cells: exp.Expr, name: str) -> exp.Column:
    """The column `name` of the same table as a `cells` column."""
    return exp.column(name, table=cells.args.get("table"))
