"""Resolution as clients' tools count it, each one step nearer to ours: what the bridge between the two is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rootcause_lib.metrics.definition import Definition, Metric
from rootcause_lib.statements import Value

TOOL_DAYS = 7
"""Days after which tools that count repeats usually stop looking."""

MARKS: Mapping[str, tuple[str, str, str]] = {
    "client_tool": ("resolved", "resolved is not null", "resolved"),
    "one_touch": ("transfers", "transfers is not null", "transfers = 0"),
    "reopen": ("reopened", "reopened is not null", "not reopened"),
}
"""step -> the column the client's system notes it in, whether it did, and what it says of a resolved contact."""

_WINDOW = "case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400"
_MATCHABLE = (
    "case $matching when 'any' then true when 'reason' then reason is not null "
    "when 'case' then case_key is not null end"
)
_PREVIOUS = "case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds end"
_NEXT = (
    "case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds "
    "when 'case' then next_case_seconds end"
)
_OPENS = (
    f"case when $matching = 'case' then previous_case_seconds is null else coalesce({_PREVIOUS} > {_WINDOW}, true) end"
)
_OPENING_KNOWN = f"({_PREVIOUS} is not null or coalesce(history_seconds >= {_WINDOW}, true))"
_INBOUND = "direction = 'inbound'"
_ANSWERED = f"{_INBOUND} and not coalesce(abandoned, false)"
_TOOL_OVER = f"$observed_until_seconds - ended_seconds >= {TOOL_DAYS} * 86400"
_OVER = f"$observed_until_seconds - ended_seconds >= {_WINDOW}"


def marked(steps: Sequence[str]) -> Metric:
    """Answered contacts that the client's system marks well in every way named (of `MARKS`); the last one names it."""
    known = " and ".join(MARKS[step][1] for step in steps)
    return _step(steps[-1], asked=_ANSWERED, known=known, measure=" and ".join(MARKS[step][2] for step in steps))


def followed(values: Mapping[str, Value], *, observed_until_seconds: int) -> Sequence[Metric]:
    """From any further contact in `TOOL_DAYS` days to the first contact of a case followed for its window.

    transfers: legs are one contact. abandoned: abandoned attempts are no contacts to resolve, only repeats. window: the
    window asked for. same_matter: by the matching rule. cases: only contacts that provably open a case. `values` are
    matching, window_days and own_windows, as of `first_contact_resolution`.
    """
    until: Mapping[str, Value] = {"observed_until_seconds": observed_until_seconds}
    window: Mapping[str, Value] = {**until, **{name: values[name] for name in ("window_days", "own_windows")}}
    rule: Mapping[str, Value] = {**window, "matching": values["matching"]}
    quiet = f"coalesce(next_any_seconds > {TOOL_DAYS} * 86400, true)"
    return (
        _step("transfers", asked=_INBOUND, known=f"identified and {_TOOL_OVER}", measure=quiet, values=until),
        _step("abandoned", asked=_ANSWERED, known=f"judged and {_TOOL_OVER}", measure=quiet, values=until),
        _step(
            "window",
            asked=_ANSWERED,
            known=f"judged and {_OVER}",
            measure=f"coalesce(next_any_seconds > {_WINDOW}, true)",
            values=window,
        ),
        _step(
            "same_matter",
            asked=_ANSWERED,
            known=f"judged and {_MATCHABLE} and {_OVER}",
            measure=f"coalesce({_NEXT} > {_WINDOW}, true)",
            values=rule,
        ),
        _step(
            "cases",
            asked=f"judged and {_OPENS}",
            known=f"{_MATCHABLE} and {_OPENING_KNOWN} and {_OVER}",
            measure=f"coalesce({_NEXT} > {_WINDOW}, true)",
            values=rule,
        ),
    )


def _step(key: str, *, asked: str, known: str, measure: str, values: Mapping[str, Value] | None = None) -> Metric:
    words = Definition(
        "Contacts taken for resolved, counted one step nearer to first-contact resolution.",
        "As the step says.",
        "As the step says.",
        "What the steps after it mend.",
        "Common practice of ticket and call reports; DECISIONS.md.",
    )
    return Metric(key, key, "share", "contact", "higher", asked, known, measure, words, values=values or {})
