"""Further attributes of customers, filled in on the trees of statements: the first three of the engagement."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from rootcause_lib.loaders.mapping import plain_name
from rootcause_lib.store import Store

TRAITS = ("trait_1", "trait_2", "trait_3")
"""Columns for further attributes of customers: the first three of the engagement that are filled."""


def traits_of(store: Store) -> Mapping[str, str]:
    """Trait columns and the further attributes of customers they hold, as the engagement names them."""
    names = [name for name in store.engagement.attributes.customers if store.is_filled("customers", plain_name(name))]
    return dict(zip(TRAITS, names, strict=False))


def with_traits(tree: exp.Query, store: Store) -> exp.Query:
    """The columns of further attributes, empty in the template, filled with the least value of each customer's rows."""
    return _filled(tree, "traits", {column: exp.Min(this=name) for column, name in _names(traits_of(store)).items()})


def with_plain_traits(tree: exp.Query, names: Mapping[str, str], *, within: str) -> exp.Query:
    """The same columns of the part `within` of a tree, filled row by row, as text; `names`: column to attribute."""
    return _filled(tree, within, {column: exp.cast(name, "varchar") for column, name in _names(names).items()})


def _names(given: Mapping[str, str]) -> dict[str, exp.Column]:
    return {column: exp.column(exp.to_identifier(plain_name(name), quoted=True)) for column, name in given.items()}


def _filled(tree: exp.Query, within: str, given: Mapping[str, exp.Expr]) -> exp.Query:
    part = next(part.this for part in tree.ctes if part.alias == within)
    for column in part.expressions:
        if column.alias_or_name in given:
            column.set("this", given[column.alias_or_name])
    return tree
