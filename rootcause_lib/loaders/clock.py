"""Local time and UTC seconds in SQL, by the transitions of one zone.

A local time that the spring change skips moves forward by the change; one that the autumn change
repeats is read as the later, winter one. Both are told apart so that they can be counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rootcause_lib.periods import zone

SKIPPED, REPEATED = 1, 2

_FIRST, _LAST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_STEP = dt.timedelta(days=7)

Step = tuple[int, int]
"""A second and what holds from it on."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A zone's changes, by local seconds (offset and kind packed) and by UTC seconds (offset)."""

    local: tuple[Step, ...]
    utc: tuple[Step, ...]

    def packed_sql(self, local_seconds: str) -> str:
        """offset * 4 + kind at a local second, kind being 0, SKIPPED or REPEATED."""
        return _tree(local_seconds, self.local)

    def utc_sql(self, local_seconds: str, packed: str) -> str:
        return f"{local_seconds} - ({packed} >> 2)"

    def local_sql(self, utc_seconds: str) -> str:
        """Local seconds at a UTC second."""
        return f"{utc_seconds} + {_tree(utc_seconds, self.utc)}"

    def day_sql(self, utc_seconds: str) -> str:
        """The local date at a UTC second."""
        return f"date '1970-01-01' + floor(({self.local_sql(utc_seconds)}) / 86400)::integer"

    def hour_sql(self, utc_seconds: str) -> str:
        """The hour of the day, 0-23, at a UTC second."""
        return f"(floor(({self.local_sql(utc_seconds)}) / 3600)::bigint % 24)::integer"


def clock_of(time_zone: str) -> Clock:
    """The zone's changes from 1970 to 2100; before and after, its nearest offset holds."""
    changes = _changes(time_zone)
    before = _offset(_FIRST, time_zone)
    utc: list[Step] = [(int(_FIRST.timestamp()), before)]
    local: list[Step] = [(int(_FIRST.timestamp()), before * 4)]
    for moment, after in changes:
        utc.append((moment, after))
        if after > before:
            local += [(moment + before, before * 4 + SKIPPED), (moment + after, after * 4)]
        else:
            local += [(moment + after, after * 4 + REPEATED), (moment + before, after * 4)]
        before = after
    return Clock(tuple(local), tuple(utc))


def _offset(moment: dt.datetime, time_zone: str) -> int:
    offset = moment.astimezone(zone(time_zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _changes(time_zone: str) -> list[Step]:
    """(UTC second, offset from then on) of every change, found by weeks and then to the second."""
    weeks = [_FIRST]
    while weeks[-1] < _LAST:
        weeks.append(weeks[-1] + _STEP)
    found = []
    for early, late in pairwise(weeks):
        after = _offset(late, time_zone)
        if _offset(early, time_zone) == after:
            continue
        low, high = int(early.timestamp()), int(late.timestamp())
        while high - low > 1:
            middle = (low + high) // 2
            same = _offset(dt.datetime.fromtimestamp(middle, dt.UTC), time_zone) == after
            low, high = (low, middle) if same else (middle, high)
        found.append((high, after))
    return found


def _tree(value: str, steps: Sequence[Step]) -> str:
    """Nested cases that find the step in force by halving."""
    if len({held for _, held in steps}) == 1:
        return str(steps[0][1])
    half = len(steps) // 2
    return (
        f"case when {value} < {steps[half][0]} then {_tree(value, steps[:half])} else {_tree(value, steps[half:])} end"
    )
