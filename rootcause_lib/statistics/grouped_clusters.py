"""Sums over clusters from a table with a row per cluster and finer cell: what cluster-robust intervals are made of."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rootcause_lib.statistics.clustering import ClusterSums


def sums_by_group(
    rows: pd.DataFrame, *, by: Sequence[str], cluster: str, value: str, weight: str
) -> tuple[pd.DataFrame, ClusterSums]:
    """The groups (columns `by`, ascending) and their sums over clusters; missing sums count as nothing.

    `rows` may hold several rows of one group and cluster (hours of a day): they are added up first.
    """
    keys = [*by, cluster]
    table = rows[[*keys, value, weight]].fillna({value: 0.0, weight: 0.0})
    each = table.groupby(keys, sort=True, observed=True)[[value, weight]].sum().astype("float64").reset_index()
    y, n = each[value], each[weight]
    products = each[list(by)].assign(
        value=y,
        weight=n,
        clusters=(n != 0).astype("float64"),
        value_value=y * y,
        value_weight=y * n,
        weight_weight=n * n,
    )
    sums = products.groupby(list(by), sort=True, observed=True).sum().reset_index()
    return sums[list(by)], ClusterSums.from_frame(sums)
