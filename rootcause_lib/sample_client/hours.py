"""Days and opening hours of the fictional client, on a naive local clock in seconds after the start's midnight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rootcause_lib.sample_client.matters import CHANNELS
from rootcause_lib.sample_client.world import World

DAY = 86_400
HOUR = 3_600
# Monday to Sunday; a public holiday counts as a Sunday.
WEEKDAY_DEMAND = (1.3, 1.15, 1.1, 1.05, 1.05, 0.85, 0.5)
HOLIDAYS = ((1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26))
PHONE, EMAIL, CHAT, SELF_SERVICE, SOCIAL, STORE = range(len(CHANNELS))
CLOSED = (0, 0)
# (opens, closes) on Monday-Friday, Saturday, Sunday
OPENING = {
    PHONE: ((8, 18), (10, 15), CLOSED),
    EMAIL: ((6, 23), (8, 23), (8, 23)),
    CHAT: ((8, 20), (10, 16), (10, 16)),
    SELF_SERVICE: ((6, 24), (7, 24), (8, 24)),
    SOCIAL: ((7, 23), (8, 23), (8, 23)),
    STORE: ((9, 18), (10, 16), CLOSED),
}


@dataclass(frozen=True, slots=True)
class Hours:
    """The calendar from `first` to `first + days` (days after the start; negative before it)."""

    continuous: bool
    first: int
    demand: NDArray[np.float64]
    """Relative demand of each day, mean 1."""
    kinds: NDArray[np.int8]
    """0 Monday-Friday, 1 Saturday, 2 Sunday or holiday."""
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    """Seconds after midnight, by channel and kind of day."""
    next_open: NDArray[np.int32]
    """The first open day on or after each day, by channel."""


def hours_of(world: World, start: np.datetime64, *, first: int, last: int) -> Hours:
    """The calendar of a world from day `first` up to `last`, with room for late come-backs."""
    days = start.astype("datetime64[D]") + np.arange(first, last + 400)
    weekdays = (days.astype(np.int64) + 3) % 7
    months = days.astype("datetime64[M]")
    month, day_of_month = months.astype(np.int64) % 12 + 1, (days - months).astype(np.int64) + 1
    holiday = np.zeros(len(days), dtype=bool)
    for holiday_month, holiday_day in HOLIDAYS:
        holiday |= (month == holiday_month) & (day_of_month == holiday_day)
    kinds = np.where(holiday, 2, np.clip(weekdays - 4, 0, 2)).astype(np.int8)
    day_of_year = (days - days.astype("datetime64[Y]")).astype(np.int64)
    season = 1 + 0.1 * np.cos(2 * np.pi * day_of_year / 365.25)
    demand = np.array(WEEKDAY_DEMAND)[np.where(holiday, 6, weekdays)] * season
    demand /= demand[:364].mean()
    if world.clock == "continuous":
        demand = np.ones(len(days))
    table = np.array([OPENING[channel] for channel in range(len(CHANNELS))], dtype=np.int64) * HOUR
    return Hours(
        continuous=world.clock == "continuous",
        first=first,
        demand=demand,
        kinds=kinds,
        opens=table[:, :, 0],
        closes=table[:, :, 1],
        next_open=_next_open(table, kinds),
    )


def _next_open(table: NDArray[np.int64], kinds: NDArray[np.int8]) -> NDArray[np.int32]:
    positions = np.arange(len(kinds))
    following = np.empty((len(CHANNELS), len(kinds)), dtype=np.int32)
    for channel in range(len(CHANNELS)):
        is_open = table[channel, kinds, 1] > 0
        candidates = np.where(is_open, positions, len(kinds) - 1)
        following[channel] = np.minimum.accumulate(candidates[::-1])[::-1]
    return following


def at_some_hour(
    hours: Hours, rng: np.random.Generator, days: NDArray[np.integer], channel: NDArray[np.int8]
) -> NDArray[np.int64]:
    """A moment on each day when the channel is open, mornings busier; any second on a continuous clock.

    The channel must be open that day (see `open_that_day`).
    """
    first = rng.random(len(days), dtype=np.float32)
    if hours.continuous:
        return (days.astype(np.int64) * DAY + (first * DAY).astype(np.int64)).astype(np.int64)
    second = rng.random(len(days), dtype=np.float32)
    kinds = hours.kinds[days - hours.first]
    opens, closes = hours.opens[channel, kinds], hours.closes[channel, kinds]
    within = np.minimum(first, 0.35 + 0.65 * second) * (closes - opens - 60)
    return (days.astype(np.int64) * DAY + opens + within.astype(np.int64)).astype(np.int64)


def open_that_day(
    hours: Hours, rng: np.random.Generator, days: NDArray[np.integer], channel: NDArray[np.int8]
) -> NDArray[np.int8]:
    """The channel itself where it is open that day, otherwise e-mail or self-service."""
    if hours.continuous:
        return channel
    closed = hours.closes[channel, hours.kinds[days - hours.first]] == 0
    moved = channel.copy()
    moved[closed] = np.where(rng.random(int(closed.sum())) < 0.4, EMAIL, SELF_SERVICE)
    return moved


def when_open(
    hours: Hours, rng: np.random.Generator, moment: NDArray[np.int64], channel: NDArray[np.int8]
) -> NDArray[np.int64]:
    """The moment itself where the channel is open then, otherwise soon after it next opens."""
    if hours.continuous:
        return moment
    days = moment // DAY
    of_day = moment - days * DAY
    position = np.minimum(days - hours.first, len(hours.kinds) - 2)
    kinds = hours.kinds[position]
    opens, closes = hours.opens[channel, kinds], hours.closes[channel, kinds]
    early, late = of_day < opens, of_day >= closes - 60
    target = hours.next_open[channel, position + late]
    opening = hours.opens[channel, hours.kinds[target]]
    pause = (rng.random(len(moment), dtype=np.float32) * 2 * HOUR).astype(np.int64)
    moved = (target.astype(np.int64) + hours.first) * DAY + opening + pause
    return np.where(early | late, moved, moment)
