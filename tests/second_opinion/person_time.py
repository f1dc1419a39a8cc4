"""Person-time worked out stretch by stretch in plain Python: every moment is asked anew which bands hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from second_opinion import DAY, HOUR, Row


def day_of(moment: int, first: int) -> int:
    return (moment - first) // DAY


def held(event: Row, band: Row) -> tuple[int, int] | None:
    """From when until when a band holds for an event; None where it never does."""
    start, due, end = event["started_seconds"], event["due_seconds"], event["ended_seconds"]
    if band["clock"] == "started":
        return start + band["from_day"] * DAY, start + band["until_day"] * DAY
    if due is None:
        return None
    until = due if band["clock"] == "waiting" else due + band["until_day"] * DAY
    return (start if band["clock"] == "waiting" else due + band["from_day"] * DAY), min(until, end or until)


def person_time(
    calls: Sequence[Row], stays: Sequence[Row], events: Sequence[Row], bands: Sequence[Row], opened: Sequence[str],
    *, first: int, last: int, season: int, quiet: int, counted: str,
) -> dict[tuple[int, int, int], tuple[int, float, int]]:  # fmt: skip
    """(customer, season, state) -> seconds, demand-seconds, contacts. `stays`: customer, from, until (whole days)."""
    inside = [call for call in calls if first <= call["started_seconds"] < last]
    demand = week_of(inside)
    found: dict[tuple[int, int, int], list[float]] = defaultdict(lambda: [0, 0.0, 0])
    for customer in {call["customer_key"] for call in inside}:
        all_calls = [call for call in calls if call["customer_key"] == customer and call["started_seconds"] < last]
        own_calls = [call for call in all_calls if call["started_seconds"] >= first]
        watched = [(stay["from"], stay["until"]) for stay in stays if stay["customer_key"] == customer]
        watched = watched if any(stay["customer_key"] == customer for stay in stays) else [(first, last)]
        own = [event for event in events if event["customer_key"] == customer]
        spans = [(place, held(event, band)) for event in own for place, band in enumerate(bands)
                 if band["process"] == event["process"]]  # fmt: skip
        risky = [(place, span) for place, span in spans if span and span[0] < span[1]]
        away = [(day_of(event["started_seconds"], first) * DAY + first, DAY) for event in own
                if event["process"] in opened and event["opened_by_contact"] is not False]  # fmt: skip
        gone = [(start, start + length) for start, length in away]
        gone += [(call["started_seconds"] + 1, call["started_seconds"] + quiet) for call in all_calls if quiet]

        def state_at(moment: int, risky=risky, gone=gone, watched=watched) -> int | None:
            if any(a <= moment < b for a, b in gone) or not any(a <= moment < b for a, b in watched):
                return None
            return sum(2**place for place in {place for place, (a, b) in risky if a <= moment < b})

        edges = {first, last, *range(first, last, season), *(edge for span in watched + gone for edge in span)}
        edges |= {edge for _, span in risky for edge in span} | set(range(first - first % HOUR, last, HOUR))
        for start, end in pairwise(sorted(edge for edge in edges if first <= edge <= last)):
            state = state_at(start)
            if state is not None:
                row = found[customer, (start - first) // season, state]
                row[0] += end - start
                row[1] += (end - start) * demand[start // HOUR % 168]
        for call in own_calls:
            state = state_at(call["started_seconds"])
            if state is not None and (counted == "every" or call["previous_case_seconds"] is None):
                found[customer, (call["started_seconds"] - first) // season, state][2] += 1
    return {key: (int(row[0]), row[1], int(row[2])) for key, row in found.items() if row[0]}


def week_of(calls: Sequence[Row]) -> list[float]:
    """Demand of each hour of the week, one contact added to each, mean 1."""
    counts = [1.0] * 168
    for call in calls:
        counts[call["started_seconds"] // HOUR % 168] += 1
    return [count * 168 / sum(counts) for count in counts]
