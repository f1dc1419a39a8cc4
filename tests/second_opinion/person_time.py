"""Person-time worked out stretch by stretch in plain Python: every moment is asked anew which bands hold."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from second_opinion import DAY, HOUR, Row

Span = tuple[int, int]
SUMS = ("seconds", "demand", "contacts", "cost", "costless")


@dataclass(frozen=True, slots=True)
class Watch:
    """A period of local days, both included, and what is asked of it; days and seconds as the library's options."""

    start: dt.date
    end: dt.date
    zone: str
    holidays: Collection[dt.date]
    opened: Collection[str] = ()
    late_days: int = 1
    reply_days: int = 14
    season_days: int = 28
    quiet_days: int = 0
    counted: str = "every"
    among: str = "everybody"

    def midnight(self, day: dt.date) -> int:
        return int(dt.datetime.combine(day, dt.time(), ZoneInfo(self.zone)).timestamp())

    @property
    def first(self) -> int:
        return self.midnight(self.start)

    @property
    def last(self) -> int:
        return self.midnight(self.end + dt.timedelta(days=1))

    def local(self, moment: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(moment, ZoneInfo(self.zone))

    def kind(self, day: dt.date) -> int:
        return 7 if day in self.holidays else day.weekday()

    def whole_day(self, moment: int) -> Span:
        day = self.local(moment).date()
        return self.midnight(day), self.midnight(day + dt.timedelta(days=1))


def held(event: Row, band: Row, late_days: int) -> Span | None:
    """From when until when a band holds for an event; None where it never does."""
    start, due, end = event["started_seconds"], event["due_seconds"], event["ended_seconds"]
    since, until = band["from_day"] * DAY, band["until_day"] * DAY
    if band["clock"] == "started":
        return None if start is None else (start + since, start + until)
    if due is None:
        return None
    if band["clock"] == "ended":
        return (end + since, end + until) if end is not None and end > due + late_days * DAY else None
    if band["clock"] == "waiting":
        return None if start is None else (start, due if end is None else min(due, end))
    return due + since, due + until if end is None else min(due + until, end)


def messages(calls: Sequence[Row], sent: Sequence[Row], watch: Watch) -> list[int]:
    """When we wrote or called without having been asked shortly before; `calls` and `sent` are of one customer."""
    own = [row for row in sent if row["started_seconds"] < watch.last]
    asked = [(row["started_seconds"], row["contact_key"]) for row in calls]
    found = []
    for row in own:
        before = [moment for moment, key in asked if (moment, key) < (row["started_seconds"], row["contact_key"])]
        if not before or row["started_seconds"] - max(before) >= watch.reply_days * DAY:
            found.append(row["started_seconds"])
    return sorted(found)


def spans_of(events: Sequence[Row], bands: Sequence[Row], sent: Sequence[int], watch: Watch) -> list[tuple[int, Span]]:
    """(place of the band, span) wherever one holds."""
    found = []
    for place, band in enumerate(bands):
        if band["clock"] == "message":
            for moment, following in pairwise([*sent, 10**12]):
                start = moment + band["from_day"] * DAY
                found.append((place, (start, min(moment + band["until_day"] * DAY, following))))
        else:
            own = [held(event, band, watch.late_days) for event in events if event["process"] == band["process"]]
            found += [(place, span) for span in own if span]
    return [(place, span) for place, span in found if span[0] < span[1]]


def state_of(places: set[int], bands: Sequence[Row]) -> int:
    """Bits of the bands that hold; a spill-over yields to a risk band of its process."""
    risky = {bands[place]["process"] for place in places if bands[place]["kind"] == "risk"}
    return sum(2**p for p in places if not (bands[p]["kind"] == "spill_over" and bands[p]["process"] in risky))


def person_time(
    contacts: Sequence[Row], stays: Sequence[Row], events: Sequence[Row], bands: Sequence[Row], watch: Watch
) -> dict[tuple[int, int, int], dict[str, float]]:
    """(customer, season, state) -> sums. stays: customer_key, from, until (whole days), left (a day or None)."""
    calls = [row for row in contacts if row["direction"] == "inbound" and row["started_seconds"] < watch.last]
    inside = [call for call in calls if call["started_seconds"] >= watch.first]
    demand = demand_of(inside, watch)
    found: dict[tuple[int, int, int], dict[str, float]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
    for customer in {call["customer_key"] for call in inside}:
        all_calls, all_stays, all_contacts, all_events = (
            [row for row in rows if row["customer_key"] == customer] for rows in (calls, stays, contacts, events)
        )
        gone_away = any(stay["left"] and watch.start <= stay["left"] <= watch.end for stay in all_stays)
        if watch.among == "stayers" and gone_away:
            continue
        sent = messages(all_calls, [row for row in all_contacts if row["direction"] == "outbound"], watch)
        risky = spans_of(all_events, bands, sent, watch)
        out = [watch.whole_day(event["started_seconds"]) for event in all_events
               if event["process"] in watch.opened and event["opened_by_contact"] is not False
               and event["started_seconds"] is not None]  # fmt: skip
        if watch.quiet_days:
            out += [(c["started_seconds"] + 1, c["started_seconds"] + watch.quiet_days * DAY) for c in all_calls]
        here = [(stay["from"], stay["until"]) for stay in all_stays] or [(watch.first, watch.last)]

        def state_at(moment: int, risky=risky, out=out, here=here) -> int | None:
            if any(a <= moment < b for a, b in out) or not any(a <= moment < b for a, b in here):
                return None
            return state_of({place for place, (a, b) in risky if a <= moment < b}, bands)

        for start, end in stretches([span for _, span in risky] + out + here, watch):
            state = state_at(start)
            if state is not None:
                row = found[customer, (start - watch.first) // (watch.season_days * DAY), state]
                row["seconds"] += end - start
                row["demand"] += (end - start) * demand[(start - watch.first) // HOUR]
        for call in all_calls:
            state = state_at(call["started_seconds"])
            opens = watch.counted == "every" or call["previous_case_seconds"] is None
            if call["started_seconds"] >= watch.first and state is not None and opens:
                season = (call["started_seconds"] - watch.first) // (watch.season_days * DAY)
                row = found[customer, season, state]
                row["contacts"] += 1
                row["cost"] += call["full_cost"] or 0
                row["costless"] += call["full_cost"] is None
    return {key: row for key, row in found.items() if row["seconds"]}


def stretches(spans: Sequence[Span], watch: Watch) -> Iterator[Span]:
    """The period cut wherever anything may change."""
    edges = {watch.first, watch.last, *range(watch.first, watch.last, HOUR)}
    edges |= {edge for span in spans for edge in span}
    return pairwise(sorted(edge for edge in edges if watch.first <= edge <= watch.last))


def demand_of(calls: Sequence[Row], watch: Watch) -> list[float]:
    """Demand of each hour of the period by kind of day and local hour, mean 1 over whole days."""
    days = [watch.start + dt.timedelta(days=number) for number in range((watch.end - watch.start).days + 1)]
    mean = max(len(calls), 1) / (24 * len(days))
    number: dict[tuple[int, int], int] = defaultdict(int)
    for call in calls:
        moment = watch.local(call["started_seconds"])
        number[watch.kind(moment.date()), moment.hour] += 1
    kinds = [watch.kind(day) for day in days]
    rate = {
        (kind, hour): (number[kind, hour] + 1) / (kinds.count(kind) + 1 / mean)
        for kind in range(8)
        for hour in range(24)
    }
    usual = sum(rate[kind, hour] for kind in kinds for hour in range(24)) / (24 * len(days))
    moments = [watch.local(moment) for moment in range(watch.first, watch.last, HOUR)]
    return [rate[watch.kind(moment.date()), moment.hour] / usual for moment in moments]
