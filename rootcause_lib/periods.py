"""Days and seconds: local dates, all inclusive, and the UTC seconds they stand for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rootcause_lib.errors import EngagementError, ParameterError

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Period:
    """A run of local days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ParameterError(
                f"The period ends ({self.end}) before it starts ({self.start}). Give start <= end, both included."
            )

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def before(self) -> Period:
        """The equally long period that ends the day before this one starts."""
        return Period(self.start - dt.timedelta(days=self.days), self.start - dt.timedelta(days=1))


def parse_day(text: str, *, name: str) -> dt.date:
    """A day written YYYY-MM-DD; `name` is the parameter it came from."""
    try:
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ParameterError(f"'{name}' must be a day written YYYY-MM-DD, such as 2025-03-31.") from None


def zone(name: str) -> ZoneInfo:
    """The time zone of that name, from the machine's or the tzdata package's list."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise EngagementError(
            f"Unknown time zone '{name}'. Use a name of the IANA list such as Europe/Helsinki or UTC."
        ) from None


def first_second(day: dt.date, *, time_zone: str) -> int:
    """UTC epoch seconds at which a local day begins."""
    return int(dt.datetime.combine(day, dt.time(), zone(time_zone)).timestamp())


def end_second(day: dt.date, *, time_zone: str) -> int:
    """UTC epoch seconds at which a local day is over."""
    return first_second(day + dt.timedelta(days=1), time_zone=time_zone)
