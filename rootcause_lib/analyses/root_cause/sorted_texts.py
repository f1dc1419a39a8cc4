"""Contacts whose texts have been sorted into topics, and those of them that were audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import Ratios, share_from_sums


@dataclass(frozen=True, slots=True)
class SortedTexts:
    """Contacts with the topic their text was sorted into (`by_text`); no text is in here.

    everybody: the period's, or those drawn of them: contact_key, cluster_key, channel, code ("" none), by_text.
    audited: contact_key, cluster_key, code, by_text of the audited ones, sorted by models that did not see them; found:
    what they were about by audit (contact_key, reason, weight). `texts` of `contacts` carry a text; what is of them all
    may speak of those drawn. audit: of the contacts of the period, or of others ("elsewhere") where those are too few.
    """

    everybody: pd.DataFrame
    audited: pd.DataFrame
    found: pd.DataFrame
    contacts: int
    texts: int
    audit: Literal["inside", "elsewhere"]

    @property
    def coded(self) -> pd.DataFrame:
        """Those of everybody that carry a code."""
        return self.everybody[self.everybody["code"] != ""]

    @property
    def judged(self) -> pd.DataFrame:
        """One row per audited contact and reason found: contact_key, cluster_key, code, by_text, reason, weight."""
        return self.audited.merge(self.found, on="contact_key")


def shares_of(labels: pd.Series, whose: pd.Series, names: list[str], *, level: float) -> Ratios:
    """The share of each name among the labels, robust to people with several; `whose`: the person behind each."""
    _, people = np.unique(whose.to_numpy(), return_inverse=True)
    weights = np.bincount(people).astype(float)
    rows = [_sums(np.bincount(people, weights=(labels == name).to_numpy(dtype=float)), weights) for name in names]
    columns = dict(zip(_SUMS, np.array(rows).reshape(-1, len(_SUMS)).T, strict=True))
    return share_from_sums(ClusterSums.of(**columns), level=level)


_SUMS = ("value", "weight", "clusters", "value_value", "value_weight", "weight_weight")


def _sums(values: Any, weights: Any) -> tuple[float, ...]:
    own = ClusterSums.from_clusters(values, weights)
    return tuple(float(getattr(own, name)) for name in _SUMS)
