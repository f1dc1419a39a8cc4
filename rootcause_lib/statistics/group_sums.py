"""How sure sums over customers are, from the sums of random groups of them.

Customers are dealt into equal groups; what differs between the groups is what would differ between clients. Contacts of
one customer, in whichever period, fall into one group, so that likeness within customers is counted in full. With
few customers every group is one. Wolter 2007, Introduction to Variance Estimation, chapter 2 (random groups).
"""

from __future__ import annotations

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.clustering import small_sample_factor
from rootcause_lib.statistics.intervals import Floats, Numbers, floats


def covariance_of_sums(groups: Numbers) -> Floats:
    """Covariance of the column sums of `groups` (groups by counts); NaN throughout for fewer than two groups."""
    table = floats(groups)
    if table.ndim != 2:
        raise DataError(f"Sums by group must be a table of groups by counts, not of {table.ndim} dimensions.")
    apart = table - table.mean(axis=0, keepdims=True) if len(table) else table
    return np.asarray(apart.T @ apart * small_sample_factor(len(table)))


def student_p_value(estimate: Numbers, error: Numbers, *, degrees: Numbers) -> Floats:
    """Two-sided p-value of an estimate with its standard error; NaN without one or without a degree of freedom."""
    from scipy.special import stdtr

    value, spread, known = np.broadcast_arrays(floats(estimate), floats(error), floats(degrees))
    told = (spread > 0) & (known >= 1)
    size = np.divide(np.abs(value), spread, out=np.zeros(value.shape), where=told)
    return np.asarray(np.where(told, 2 * stdtr(np.where(told, known, 1.0), -size), np.nan))


def product_by_customer(products: Numbers, left: Numbers, right: Numbers, *, groups: int, customers: float) -> Floats:
    """Sum over customers of left times right, from that over `groups` random groups of all `customers`.

    `left` and `right` are the sums over everybody. Between groups only what customers differ by from their mean shows
    (without bias); what they have in common is added. Where every group is one customer nothing is to be done.
    """
    table, together = floats(products), floats(left) * floats(right)
    if groups >= customers:
        return table
    return np.asarray((table - together / groups) * small_sample_factor(groups) + together / customers)
