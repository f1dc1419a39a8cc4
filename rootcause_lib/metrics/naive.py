"""The usual computations of resolution, kept to be shown beside ours with the reason they differ."""

from __future__ import annotations

from collections.abc import Sequence

from rootcause_lib.metrics.definition import Definition, Metric
from rootcause_lib.statements import Value

_ANSWERED = "direction = 'inbound' and not coalesce(abandoned, false)"


def _usual(key: str, says: str, *, asked: str, known: str, measure: str, window_days: int | None) -> Metric:
    values: dict[str, Value] = {} if window_days is None else {"window_days": window_days}
    words = Definition(says, "As the name says.", "Nothing is held unknown.", "What ours does.", "Common practice.")
    return Metric(key, says, "share", "contact", "higher", asked, known, measure, words, values=values)


def naive_resolution(*, window_days: int) -> Sequence[Metric]:
    """Resolution as it is usually computed, at the same window."""
    return (
        _usual(
            "repeats_seen_over_contacts",
            "One less repeats seen over all contacts",
            asked=_ANSWERED,
            known="true",
            measure="coalesce(next_any_seconds > $window_days * 86400, true)",
            window_days=window_days,
        ),
        _usual(
            "same_channel",
            "One less repeats by the same channel",
            asked="judged",
            known="follow_up_seconds >= $window_days * 86400",
            measure="coalesce(next_any_seconds > $window_days * 86400, true) or next_any_channel <> channel",
            window_days=window_days,
        ),
        metric_of_every_contact(window_days=window_days),
        own_flag(),
    )


def metric_of_every_contact(*, window_days: int) -> Metric:
    """Every contact judged as if it opened a case of its own."""
    return _usual(
        "all_contacts",
        "One less repeats, every contact a case of its own",
        asked="judged",
        known="follow_up_seconds >= $window_days * 86400",
        measure="coalesce(next_any_seconds > $window_days * 86400, true)",
        window_days=window_days,
    )


def own_flag() -> Metric:
    """The client's own mark that the matter was settled."""
    return _usual(
        "own_flag",
        "Marked as resolved by the client's own system",
        asked=_ANSWERED,
        known="resolved is not null",
        measure="resolved",
        window_days=None,
    )
