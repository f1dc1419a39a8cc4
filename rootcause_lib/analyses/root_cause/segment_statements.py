"""The statements behind the search for segments: attributes and conditions filled in on the tree, values bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlglot import exp

from rootcause_lib.statements import Statement, Value, split_by, template
from rootcause_lib.statistics.segment_search import Candidate
from rootcause_lib.store import Store
from rootcause_lib.traits import with_traits


@dataclass(frozen=True, slots=True)
class Dealt:
    """Customers drawn at random: those whose keys leave `remainder` after division by `divisor`."""

    remainder: int
    divisor: int

    @property
    def values(self) -> Mapping[str, Value]:
        """As statements name them."""
        return {"remainder": self.remainder, "divisor": self.divisor}


def attribute_cells(store: Store, columns: Sequence[str], *, among: Dealt, values: Mapping[str, Value]) -> Statement:
    """Contacts of some customers by every combination of these columns."""
    tree = with_traits(split_by(template("attribute_cells"), columns), store)
    return Statement("attribute_cells", tree, MappingProxyType({**values, **among.values}))


def customer_days(store: Store, *, values: Mapping[str, Value]) -> Statement:
    """Days as a customer by half, segment and traits."""
    return Statement("customer_days", with_traits(template("customer_days"), store), MappingProxyType(dict(values)))


def segment_sums(
    store: Store, candidates: Sequence[Candidate], columns: Mapping[str, str], *, among: Dealt,
    values: Mapping[str, Value],
) -> Statement:  # fmt: skip
    """Sums of every candidate's four quantities over some customers; `columns`: attribute to column."""
    tree = with_traits(template("segment_sums"), store)
    bound: dict[str, Value] = {**values, **among.values}
    conditions = []
    for number, candidate in enumerate(candidates):
        inside, about = _inside(candidate, columns, f"m{number}", bound)
        conditions.append(_conditions(candidate, inside, about))
    for select in tree.find_all(exp.Select):
        select.set("expressions", [new for item in select.expressions for new in _repeated(item, conditions)])
    return Statement("segment_sums", tree, MappingProxyType(bound))


def _inside(
    candidate: Candidate, columns: Mapping[str, str], prefix: str, bound: dict[str, Value]
) -> tuple[exp.Expr, exp.Expr]:
    """Whether a row is in the segment, and whether it is about the reason."""
    equal: list[exp.Expr] = []
    for place, (name, value) in enumerate(candidate.parts):
        bound[f"{prefix}_value_{place}"] = value
        equal.append(exp.column(columns[name]).eq(exp.Placeholder(this=f"{prefix}_value_{place}")))
    about: exp.Expr = exp.true()
    if candidate.reason is not None:
        bound[f"{prefix}_reason"] = candidate.reason
        about = exp.column("reason").eq(exp.Placeholder(this=f"{prefix}_reason"))
    return (exp.and_(*equal) if equal else exp.true()), about


def _conditions(candidate: Candidate, inside: exp.Expr, about: exp.Expr) -> Mapping[str, exp.Expr]:
    """The four conditions; where an attribute is not known a row is neither in the segment nor outside."""
    now, before, days = (exp.column("kind").eq(exp.Literal.string(one)) for one in ("now", "before", "days"))
    outside = exp.not_(exp.paren(inside.copy()))
    if candidate.measure == "rate":
        parts = (now, inside, about), (days, inside), (now, outside, about), (days, outside)
    elif candidate.measure == "share":
        coded = exp.column("reason").is_(exp.null()).not_()
        parts = (now, inside, about), (now, inside, coded), (now, outside, about), (now, outside, coded)  # type: ignore[assignment]
    else:
        other = exp.not_(exp.paren(exp.and_(inside.copy(), about.copy())))
        parts = (now, inside, about), (before, inside, about), (now, other), (before, other)  # type: ignore[assignment]
    names = ("hit", "hit_base", "rest", "rest_base")
    return {name: exp.and_(*(one.copy() for one in part)) for name, part in zip(names, parts, strict=True)}


def _repeated(column: exp.Expr, conditions: Sequence[Mapping[str, exp.Expr]]) -> Sequence[exp.Expr]:
    """A column whose name begins with m_ once per candidate; others as they are."""
    if not column.alias_or_name.startswith("m_"):
        return [column]
    found = []
    for number, given in enumerate(conditions):

        def filled(node: exp.Expr, prefix: str = f"m{number}_", given: Mapping[str, exp.Expr] = given) -> exp.Expr:
            if isinstance(node, exp.Placeholder) and node.name in given:
                return exp.paren(given[node.name].copy())
            if isinstance(node, exp.Identifier) and node.name.startswith("m_"):
                return exp.to_identifier(prefix + node.name.removeprefix("m_"))
            return node

        found.append(column.copy().transform(filled))
    return found
