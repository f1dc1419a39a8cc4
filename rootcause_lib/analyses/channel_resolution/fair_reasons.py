"""The true reasons of contacts, drawn from an audit of some, and channels compared over each draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.analyses.root_cause.audited import Audit
from rootcause_lib.statistics.fair_differences import Comparison, Figures, clustered_variance, compare
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.true_reasons import Coded, drawn_reasons, expected_reasons
from rootcause_lib.vocabulary import SELF_SERVICE_CHANNELS

DRAWS = 20
"""Completed data sets: more would narrow no interval by much."""

SEED = 20250101
"""Draws are the same for the same data."""

ENOUGH_AUDITED = 50
"""Audited contacts from which their true reasons are drawn for all."""

_THIN = 5
"""A code with so many audited contacts, none of them about what it says, names no reason."""

_CELL = ("channel", "failing", "segment", "tenure", "outcome")
"""What is known of a contact beside its code; outcome: 1 yes, 0 no, 2 not known."""

Places = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class TrueReasons:
    """An audit as it is used: audited contacts, codes that say nothing, and whether the contacts are of the period.

    Only then codes weigh among the audited as they do among all.
    """

    audit: Audit
    default: tuple[str, ...]
    here: bool

    @property
    def usable(self) -> bool:
        return len(self.audit.contacts) >= ENOUGH_AUDITED


@dataclass(frozen=True, slots=True)
class Imputation:
    """What completed data sets of an outcome's contacts are drawn from.

    cells: what is known beside the code. audited: cells by codes by reasons, contacts that were looked at. by_bucket:
    buckets of customers by cells by codes, all contacts.
    """

    cells: pd.DataFrame
    reasons: tuple[str, ...]
    coded: Coded
    audited: Floats
    by_bucket: Floats

    @classmethod
    def of(cls, given: pd.DataFrame, truths: TrueReasons) -> Imputation:
        """From an outcome's cells by bucket and audited contact."""
        rows = _by_outcome(given if _audits_uncoded(truths) else given[given["reason"] != ""])
        groups = rows.groupby(list(_CELL), sort=True)
        cell, cells = groups.ngroup().to_numpy(dtype=np.int64), groups.size().index.to_frame(index=False)
        codes, code = _levels(rows["reason"])
        buckets, bucket = _levels(rows["bucket"])
        by_bucket = np.zeros((len(buckets), len(cells), len(codes)))
        np.add.at(by_bucket, (bucket, cell, code), rows["contacts"].to_numpy(dtype=float))
        right = _self_coded(cells["channel"], truths)
        reasons = _reasons(codes, truths, right=set(codes[np.unique(code[right[cell]])]))
        audited = _audited(rows, cell, code, truths, reasons, shape=(len(cells), len(codes), len(reasons)))
        counts = np.round(np.maximum(by_bucket.sum(axis=0) - audited.sum(axis=2), 0.0))
        coded = Coded(
            counts=counts,
            known=audited.sum(axis=1),
            factors=tuple(_levels(cells[name])[1] for name in _CELL),
            right=right,
            audit=_audit_table(truths, codes, reasons),
            sizes=by_bucket.sum(axis=0)[~right].sum(axis=0) if truths.here else None,
            own=pd.Index(reasons).get_indexer(pd.Index(codes)).astype(np.int64),
        )
        return cls(cells, reasons, coded, audited, by_bucket)

    def expected(self) -> pd.DataFrame:
        """Contacts with a known outcome that are expected to be about each reason: channel, reason, known."""
        counts = expected_reasons(self.coded) * (self.cells["outcome"].to_numpy() < 2)[:, None]
        table = pd.DataFrame(counts, columns=list(self.reasons)).groupby(self.cells["channel"].to_numpy()).sum()
        return table.rename_axis("channel").reset_index().melt("channel", var_name="reason", value_name="known")

    def figures(self, asked: Comparison) -> Iterator[tuple[Figures, Floats]]:
        """Figures of each completed data set, and their variances with customers as the unit."""
        table, row = self._places(asked)
        for draw in drawn_reasons(self.coded, draws=DRAWS, seed=SEED):
            contacts = draw + self.audited
            found = compare(_counted(table, row, contacts.sum(axis=1), self.cells["outcome"].to_numpy()), asked)
            yield found, self._variance(found, row, contacts)

    def _places(self, asked: Comparison) -> tuple[pd.DataFrame, Places]:
        """Rows as a comparison wants them, and the row of each cell and reason among them."""
        count = len(self.reasons)
        each = self.cells.loc[np.repeat(np.arange(len(self.cells)), count)].rename(columns={"channel": "group"})
        each = each.assign(matter=np.tile(np.array(self.reasons, dtype=object), len(self.cells)))
        groups = each.groupby(["group", "matter", *asked.beside], sort=True)
        row = groups.ngroup().to_numpy(dtype=np.int64).reshape(len(self.cells), count)
        return groups.size().index.to_frame(index=False), row

    def _variance(self, found: Figures, row: Places, contacts: Floats) -> Floats:
        """A contact's reason is drawn by its cell and code: what is expected of it is added up by customer, and what
        the draw adds is its own."""
        outcome = self.cells["outcome"].to_numpy()
        left = np.where((outcome < 2)[:, None], (outcome == 1)[:, None] - found.means[row], 0.0)
        moved = left * found.slopes[:, row]
        whole = contacts.sum(axis=2)
        share = np.divide(contacts, whole[:, :, None], out=np.zeros_like(contacts), where=whole[:, :, None] > 0)
        turned = np.swapaxes(share, 1, 2)
        by_cell = np.swapaxes(moved, 0, 1)
        expected, squares = np.matmul(by_cell, turned), np.matmul(by_cell**2, turned)
        sums = np.einsum("bfc,ftc->bt", self.by_bucket, expected, optimize=True)
        own = np.einsum("ftc,fc->t", squares - expected**2, whole, optimize=True)
        return np.asarray(clustered_variance(sums) + own)


def _levels(column: pd.Series) -> tuple[npt.NDArray[np.object_], Places]:
    found, place = np.unique(column.to_numpy(dtype=object), return_inverse=True)
    return found, place.astype(np.int64)


def _counted(table: pd.DataFrame, row: Places, contacts: Floats, outcome: Places) -> pd.DataFrame:
    """The rows of a comparison with the contacts of one completed data set."""

    def total(where: npt.NDArray[np.bool_]) -> Floats:
        return np.asarray(np.bincount(row.ravel(), (contacts * where[:, None]).ravel(), len(table)), dtype=float)

    return table.assign(weight=total(outcome >= 0), n=total(outcome < 2), total=total(outcome == 1))


def _audits_uncoded(truths: TrueReasons) -> bool:
    """Whether the audit speaks for contacts without a code; others are left out of it."""
    return bool((truths.audit.contacts["code"] == "").any())


def _self_coded(channel: pd.Series, truths: TrueReasons) -> npt.NDArray[np.bool_]:
    """Self-service that nobody audited codes itself."""
    seen = set(truths.audit.contacts["channel"].astype(str))
    return np.asarray(channel.isin(set(SELF_SERVICE_CHANNELS) - seen), dtype=bool)


def _by_outcome(given: pd.DataFrame) -> pd.DataFrame:
    """One row per outcome that contacts of a row have."""
    numbers = (given["known"] - given["yes"], given["yes"], given["asked"] - given["known"])
    parts = [given.assign(outcome=outcome, contacts=number) for outcome, number in enumerate(numbers)]
    rows = pd.concat(parts, ignore_index=True)
    return rows[rows["contacts"] > 0].reset_index(drop=True)


def _reasons(codes: npt.NDArray[np.object_], truths: TrueReasons, *, right: set[str]) -> tuple[str, ...]:
    """What contacts may be about: what auditors found, and codes that nothing speaks against."""
    found = set(truths.audit.found["reason"].astype(str))
    audited = truths.audit.contacts["code"].value_counts()
    likely = {
        str(code)
        for code in codes
        if code in right or (code not in ("", *truths.default) and audited.get(code, 0) < _THIN)
    }
    return tuple(sorted((found | likely) - {""}))


def _audit_table(truths: TrueReasons, codes: npt.NDArray[np.object_], reasons: tuple[str, ...]) -> Floats:
    """Codes by reasons: what audited contacts were about; codes that the period does not have are left out."""
    rows = truths.audit.contacts[["contact_key", "code"]].merge(truths.audit.found, on="contact_key")
    rows = rows[rows["code"].isin(set(codes))]
    table = np.zeros((len(codes), len(reasons)))
    np.add.at(table, (_at(codes, rows["code"]), _at(reasons, rows["reason"])), rows["weight"].to_numpy(dtype=float))
    return table


def _audited(
    rows: pd.DataFrame,
    cell: Places,
    code: Places,
    truths: TrueReasons,
    reasons: tuple[str, ...],
    *,
    shape: tuple[int, int, int],
) -> Floats:
    """Contacts whose true reason is known; where auditors gave several, a part of each."""
    table, own = np.zeros(shape), rows["audited_key"].notna().to_numpy()
    keys = rows["audited_key"][own].astype("int64").to_numpy()
    placed = pd.DataFrame({"contact_key": keys, "cell": cell[own], "code": code[own]})
    found = placed.merge(truths.audit.found, on="contact_key")
    place = (found["cell"].to_numpy(), found["code"].to_numpy(), _at(reasons, found["reason"]))
    np.add.at(table, place, found["weight"].to_numpy(dtype=float))
    return table


def _at(names: npt.NDArray[np.object_] | tuple[str, ...], column: pd.Series) -> Places:
    return pd.Index(list(names)).get_indexer(pd.Index(column.to_list(), dtype=object)).astype(np.int64)
