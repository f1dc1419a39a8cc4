"""Opening hours as people write them: "mon-fri 8-18, sat 10-15"."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from rootcause_lib.engagement.shapes import fault
from rootcause_lib.errors import unknown_choice

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
_EXPECTED = 'expected opening hours such as "mon-fri 8-18, sat 10-15:30"'
_PART = re.compile(r"([a-z]+)(?:-([a-z]+))?\s+(\d{1,2})(?::(\d\d))?\s*-\s*(\d{1,2})(?::(\d\d))?")


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """Open on one weekday (0 Monday to 6 Sunday) from minute `start` of the local day until before minute `end`."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The weekly hours of one channel, in order; `text` is how the engagement writes them."""

    text: str
    openings: tuple[Opening, ...]

    def is_open(self, weekday: int, minute: int) -> bool:
        """Whether the channel is open at that minute of that weekday (0 Monday)."""
        return any(each.weekday == weekday and each.start <= minute < each.end for each in self.openings)

    @property
    def weekly_minutes(self) -> int:
        """Minutes open in a week without holidays."""
        return sum(each.end - each.start for each in self.openings)


def opening_hours(text: str) -> OpeningHours:
    """Reads `DAYS HOURS` parts separated by commas; raises ValueError with what was expected."""
    openings: list[Opening] = []
    for part in text.casefold().split(","):
        openings.extend(_part(part.strip()))
    openings.sort()
    for earlier, later in itertools.pairwise(openings):
        if earlier.weekday == later.weekday and later.start < earlier.end:
            raise ValueError(f"{_EXPECTED}; the hours given for {WEEKDAYS[later.weekday]} overlap.")
    return OpeningHours(text, tuple(openings))


def _part(text: str) -> list[Opening]:
    found = _PART.fullmatch(text)
    if not found:
        raise ValueError(f"{_EXPECTED}.")
    first, last, *clock = found.groups()
    start, end = _minute(clock[0], clock[1]), _minute(clock[2], clock[3])
    if end <= start:
        raise ValueError(f"{_EXPECTED}; hours over midnight are two parts, such as mon 22-24, tue 0-6.")
    begin = _weekday(first)
    days = (_weekday(last) - begin) % 7 + 1 if last else 1
    return [Opening((begin + day) % 7, start, end) for day in range(days)]


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(unknown_choice("weekday", name, WEEKDAYS))
    return WEEKDAYS.index(name)


def _minute(hour: str, minute: str | None) -> int:
    total = int(hour) * 60 + int(minute or 0)
    if total > DAY_MINUTES or int(minute or 0) >= 60:
        raise ValueError(f"{_EXPECTED}; a day has 24 hours of 60 minutes.")
    return total


def _read(given: Any) -> OpeningHours:
    if isinstance(given, OpeningHours):
        return given
    if not isinstance(given, str):
        raise fault(f"{_EXPECTED}.")
    try:
        return opening_hours(given)
    except ValueError as error:
        raise fault(str(error)) from None


HoursText = Annotated[OpeningHours, PlainValidator(_read), PlainSerializer(lambda hours: hours.text)]
