"""What a metric is: SQL expressions over the stitched contacts or cases that state one fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Literal

import sqlglot
from sqlglot import exp

from rootcause_lib.errors import ParameterError, listed, unknown_choice
from rootcause_lib.schemas import TABLES
from rootcause_lib.statements import READ, Value
from rootcause_lib.vocabulary import MATCHING_RULES

Grain = Literal["contact", "case", "customer"]
Unit = Literal["share", "seconds", "money", "contacts", "contacts_per_day"]
Better = Literal["higher", "lower", "neither"]
Units = Literal["stitched_contacts", "cases", "self_service_sessions"]

VIEWS = ("customer", "workload")
"""Whether an abandoned attempt counts as a repeat: to the customer it does, in the workload it does not."""

_FOLLOW_CUSTOMERS = {"judged", "opening_known", "customer_key"}
"""Columns that are there only because a customer was followed."""

RESTS_ON: Mapping[str, frozenset[str]] = MappingProxyType(
    {"any": frozenset(), "reason": frozenset({"reason"}), "case": frozenset({"case_id"})}
)
"""What a matching rule reads beside the customer."""

_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({"matching": MATCHING_RULES, "view": VIEWS})


@cache
def _parsed(expression: str) -> exp.Expr:
    """An expression's tree, read once: to be copied, not changed."""
    return sqlglot.parse_one(expression, dialect=READ)


@dataclass(frozen=True, slots=True)
class Definition:
    """The words of a metric; `says` is the line readers see."""

    says: str
    counted: str
    unknown: str
    does_not_tell: str
    source: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One fact per unit: who is `asked`, whether the answer is `known`, and its `measure`.

    The three are SQL expressions over the columns of `units`; `values` are the parameters they name.
    `asked` and `known` are booleans (null counts as false); `measure` is boolean for shares, else a
    number. asked = denominator + unobserved, in every cell.
    """

    key: str
    label: str
    unit: Unit
    grain: Grain
    better: Better
    asked: str
    known: str
    measure: str
    definition: Definition
    units: Units = "stitched_contacts"
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    def at(self, values: Mapping[str, Value]) -> Metric:
        """The same metric with other parameters; ParameterError for a name, type or choice it does not have."""
        for name, value in values.items():
            self._check(name, value)
        return replace(self, values=MappingProxyType({**self.values, **values}))

    def expression(self, part: Literal["asked", "known", "measure"]) -> exp.Expr:
        """One of the three as a tree; a share's measure as 1, 0 or null."""
        tree = _parsed(getattr(self, part))
        if part == "measure" and self.unit == "share":
            return _parsed("case when true then 1 when not true then 0 end").transform(
                lambda node: exp.paren(tree.copy()) if isinstance(node, exp.Boolean) else node
            )
        return tree.copy()

    @property
    def rests_on(self) -> frozenset[str]:
        """The canonical columns of the contacts behind the metric, apart from what it is split by."""
        parts: tuple[Literal["asked", "known", "measure"], ...] = ("asked", "known", "measure")
        named = {column.name for part in parts for column in self.expression(part).find_all(exp.Column)}
        found = {"contact_id", "started_at", *named & set(TABLES["contacts"].column_names)}
        if named & _FOLLOW_CUSTOMERS:
            found |= {"customer_id", "ended_at", "direction", "abandoned"}
        if "full_cost" in named:
            found |= {"cost", "handle_seconds"}
        return frozenset(found | RESTS_ON[str(self.values.get("matching", "any"))])

    def _check(self, name: str, value: Value) -> None:
        if name not in self.values:
            raise ParameterError(unknown_choice("parameter", name, self.values, where=f"metric {self.key}"))
        wanted = type(self.values[name])
        # bool is an int to Python; to a reader it is not.
        if type(value) is not wanted:
            raise ParameterError(
                f"'{name}' of metric {self.key} must be {wanted.__name__}, not {type(value).__name__}."
            )
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ParameterError(unknown_choice(name, str(value), _CHOICES[name], where=f"metric {self.key}"))
        if name == "window_days" and isinstance(value, int) and not 1 <= value <= 365:
            raise ParameterError(
                f"'window_days' of metric {self.key} must lie from 1 to 365; choices {listed(['1-365'])}."
            )
