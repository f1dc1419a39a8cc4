"""Exports with the same headers are one table's sources; together they tell more than each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rootcause_lib.loaders.profiles import MOST_LABELS, ColumnProfile, ExportProfile
from rootcause_lib.recognition.guesses import Source

_COUNTS = ("filled", "numbers", "whole", "damaged", "durations", "full_durations", "clocks", "days", "addresses")


@dataclass(frozen=True, slots=True)
class Group:
    """Sources of equal headers and what they hold together."""

    sources: tuple[Source, ...]
    found: ExportProfile


def grouped(profiles: Sequence[ExportProfile]) -> list[Group]:
    """The exports by their headers, capitals aside, in the order given; exports without rows or columns stay out."""
    by_headers: dict[frozenset[str], list[ExportProfile]] = {}
    for profile in profiles:
        by_headers.setdefault(frozenset(each.header.casefold() for each in profile.columns), []).append(profile)
    return [Group(tuple(_source(each) for each in several), _together(several)) for several in by_headers.values()]


def _source(found: ExportProfile) -> Source:
    return Source(found.path, found.inner, found.name, tuple(each.header for each in found.columns))


def _together(several: Sequence[ExportProfile]) -> ExportProfile:
    first = several[0]
    if len(several) == 1:
        return first
    columns = tuple(
        _merged([found for each in several if (found := each.find(column.header)) is not None])
        for column in first.columns
    )
    pairs = {pair: min((each.pairs[pair] for each in several if pair in each.pairs), key=len) for pair in first.pairs}
    return replace(first, rows=sum(each.rows for each in several), columns=columns, pairs=pairs)


def _merged(several: Sequence[ColumnProfile]) -> ColumnProfile:
    counts = {name: sum(getattr(each, name) for each in several) for name in _COUNTS}
    labels: tuple[str, ...] | None = None
    if all(each.labels is not None or not each.filled for each in several):
        labels = tuple(sorted({label for each in several for label in each.labels or ()}))
    told = [each.times for each in several if each.times]
    # What one file leaves open between day and month another may tell.
    settled = [times for times in told if len(times) == 1]
    times = (settled or told or [()])[0]
    if len(set(settled)) > 1:
        times = (replace(times[0], patterns=()),)
    return replace(
        several[0],
        **counts,
        distinct=sum(each.distinct for each in several) if labels is None else len(labels),
        longest=max(each.longest for each in several),
        low=min((each.low for each in several if each.low is not None), default=None),
        high=max((each.high for each in several if each.high is not None), default=None),
        labels=labels if labels is None or len(labels) <= MOST_LABELS else None,
        times=times,
        mark=next((each.mark for each in several if each.mark), None),
        mark_open=any(each.mark_open for each in several),
    )
