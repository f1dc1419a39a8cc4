"""Customers as sums are made of them: how long each was one, and groups of them where they are very many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.group_sums import product_by_customer
from rootcause_lib.statistics.intervals import Floats, Numbers
from rootcause_lib.store import Store

MOST_APART = 500_000
"""Up to so many customers are added up one by one; more are dealt into groups at random."""
GROUPS = 10_000
"""How many: the width of an interval made of them is right to a hundredth."""
EACH_APART = 2**62
"""So many groups that every customer is one."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """`customers` dealt into `groups` by the remainders of their keys, which are random; contacts of nobody known are
    customers of their own."""

    groups: int
    customers: float

    @property
    def values(self) -> Mapping[str, Value]:
        """As statements name them."""
        return {"customer_groups": self.groups}

    def product(self, products: Numbers, left: Numbers, right: Numbers) -> Floats:
        """Sums over customers of left times right, from those over groups."""
        return product_by_customer(products, left, right, groups=self.groups, customers=self.customers)

    def by_customer(self, sums: pd.DataFrame, *, prefix: str = "") -> pd.DataFrame:
        """Sums of values and weights with their products (as `ClusterSums`), the products as over customers."""
        columns = {}
        for name, left, right in _PRODUCTS:
            products = (sums[f"{prefix}{one}"] for one in (name, left, right))
            columns[f"{prefix}{name}"] = self.product(*products)
        return sums.assign(**columns)


_PRODUCTS = (
    ("value_value",) + ("value",) * 2,
    ("value_weight", "value", "weight"),
    ("weight_weight",) + ("weight",) * 2,
)


def dealt_customers(store: Store) -> Dealt:
    """Every customer apart, or groups of very many."""
    last = store.engine.run(statement("identified"))["last_customer"].iloc[0]
    unknown = store.extent.contacts - store.extent.identified
    customers = (0.0 if pd.isna(last) else float(last)) + unknown
    return Dealt(EACH_APART if customers <= MOST_APART else GROUPS, customers)


def keep_customer_time(store: Store, period: Period) -> None:
    """Keep how long each customer in the list was one as a table of the engine."""
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    store.engine.materialise("customer_time", statement("customer_time", values=days))
