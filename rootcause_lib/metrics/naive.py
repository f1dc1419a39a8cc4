"""The usual computations of resolution, kept to be shown beside ours with the reason they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rootcause_lib.metrics.definition import Definition, Metric
from rootcause_lib.statements import Value

_NEXT = (
    "case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds "
    "when 'case' then next_case_seconds end"
)
_ANSWERED = "direction = 'inbound' and not coalesce(abandoned, false)"


def _usual(
    key: str, says: str, *, asked: str, known: str, measure: str, values: Mapping[str, Value] | None = None
) -> Metric:
    words = Definition(says, "As the name says.", "As the name says.", "What ours does.", "Common practice.")
    return Metric(key, says, "share", "contact", "higher", asked, known, measure, words, values=values or {})


def naive_resolution(*, matching: str, window_days: int) -> Sequence[Metric]:
    """Resolution as it is usually computed, at one window for all matters and by the rule given.

    `same_channel` follows any matter whatever the rule, as tools that count repeats by channel do.
    """
    values: Mapping[str, Value] = {"matching": matching, "window_days": window_days}
    by_window = {"window_days": window_days}
    quiet, over = f"coalesce({_NEXT} > $window_days * 86400, true)", "follow_up_seconds >= $window_days * 86400"
    return (
        _usual(
            "repeats_seen_over_contacts",
            "One less repeats seen over all contacts",
            asked=_ANSWERED, known="true", measure=quiet, values=values,
        ),
        _usual(
            "same_channel",
            "One less repeats by the same channel",
            asked="judged", known=over, values=by_window,
            measure="coalesce(next_any_seconds > $window_days * 86400, true) or next_any_channel <> channel",
        ),
        _usual(
            "all_contacts",
            "One less repeats, every contact a case of its own",
            asked="judged", known=over, measure=quiet, values=values,
        ),
        own_flag(),
    )  # fmt: skip


def own_flag() -> Metric:
    """The client's own mark that the matter was settled."""
    return _usual(
        "own_flag",
        "Marked as resolved by the client's own system",
        asked=_ANSWERED,
        known="resolved is not null",
        measure="resolved",
    )
