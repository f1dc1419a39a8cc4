"""What the analysis of channels says, in named fields, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.channel_checks import Row, channel_rows, extremes, records, share_of, total_rows
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import worst
from rootcause_lib.journeys import Following
from rootcause_lib.store import Store

_ALIKE = 0.01
"""A naive figure within a point of ours is called alike."""

_NAIVE_SHOWN = "repeats_seen_over_contacts"


def resolution_headline(store: Store, parts: Mapping[str, pd.DataFrame], followed: Following) -> tuple[Finding, ...]:
    """At most five sentences; with no customer ids, what the client's own mark can say instead."""
    if not store.extent.identified:
        return tuple(_own_flag(parts["naive"]))
    return (*_level(parts["resolution"], followed), *_usual(parts, followed), *_moves(parts))


def _level(resolution: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    total = _by_outcome(total_rows(resolution, followed))
    if "quiet" not in total:
        return
    given: dict[str, Field] = {name: share_of(row, denominator="contacts") for name, row in total.items()}
    key = "overall" if "left" in given else "overall_no_leaving"
    given["window_days"] = followed.window_days
    yield _finding(key, given, total["quiet"])
    by_channel = channel_rows(resolution, followed, outcome="quiet")
    usable = by_channel[by_channel["grade"] != "D"]
    if len(usable) > 1:
        yield _ends(usable, followed)


def _ends(usable: pd.DataFrame, followed: Following) -> Finding:
    """The best and the worst channel, or that they do not differ clearly."""
    ends = extremes(usable, denominator="contacts")
    rows = records(usable.sort_values("value", kind="stable"))
    low, high = rows[0], rows[-1]
    if low["high"] >= high["low"]:
        return _finding("channels_alike", {**ends, "window_days": followed.window_days}, low, high)
    given: dict[str, Field] = {
        "best_channel": ends["high_channel"],
        "best": ends["high"],
        "worst_channel": ends["low_channel"],
        "worst": ends["low"],
        "window_days": followed.window_days,
    }
    return _finding("best_and_worst", given, low, high)


def _usual(parts: Mapping[str, pd.DataFrame], followed: Following) -> Iterator[Finding]:
    """The usual computation against ours, on the question both claim to answer."""
    naive = {row["name"]: row for row in records(parts["naive"])}
    total = _by_outcome(total_rows(parts["resolution"], followed))
    if _NAIVE_SHOWN not in naive or "quiet" not in total:
        return
    theirs, ours = share_of(naive[_NAIVE_SHOWN]), share_of(total["quiet"], denominator="contacts")
    apart = float(naive[_NAIVE_SHOWN]["value"]) - float(total["quiet"]["value"])
    given: dict[str, Field] = {"name": _NAIVE_SHOWN, "value": theirs, "ours": ours}
    if abs(apart) < _ALIKE:
        yield Finding("channel_resolution.naive_alike", given, ours.grade)
        return
    given["difference"] = Quantity("points", abs(apart), denominator=theirs.denominator)
    # Fresh contacts push the usual figure up; contacts that are repeats themselves pull it down.
    given["why"] = _NAIVE_SHOWN if apart > 0 else "all_contacts"
    yield Finding(f"channel_resolution.naive_too_{'high' if apart > 0 else 'low'}", given, ours.grade)


def _moves(parts: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    flow = parts["flow"]
    switches = flow[flow["from_channel"] != flow["to_channel"]]
    if switches.empty:
        return
    order = switches.sort_values(["contacts", "from_channel", "to_channel"], ascending=[False, True, True])
    top = records(order)[0]
    given: dict[str, Field] = {
        "from_channel": str(top["from_channel"]),
        "to_channel": str(top["to_channel"]),
        "share": share_of(top, value="share"),
        "contacts": int(top["contacts"]),
    }
    yield Finding("channel_resolution.common_switch", given)


def _own_flag(naive: pd.DataFrame) -> Iterator[Finding]:
    yield Finding("channel_resolution.no_customer_ids")
    marked = naive[naive["name"] == "own_flag"]
    if marked.empty:
        yield Finding("channel_resolution.no_own_flag")
        return
    # The client's own mark is set by the company itself: a direction at best.
    given: dict[str, Field] = {"resolved": share_of(records(marked)[0])}
    yield Finding("channel_resolution.own_flag", given, "C", ("proxy",))


def resolution_cannot_tell(store: Store, followed: Following) -> tuple[Finding, ...]:
    """What this page must not be read as saying."""
    covered = store.extent
    if not covered.identified:
        return (Finding("cannot_tell.no_customer_ids"), Finding("cannot_tell.self_reports"))
    found = [
        Finding("cannot_tell.not_causal"),
        Finding("cannot_tell.quiet_not_resolved", {"window_days": followed.window_days}),
        Finding("cannot_tell.unidentified", {"identified": Quantity("share", store.identified_share)}),
    ]
    if not covered.coded:
        found.append(Finding("cannot_tell.no_reasons", {"coded": Quantity("share", 0.0, denominator=covered.contacts)}))
    elif store.default_code_share > store.engagement.grades.default_codes[0]:
        share = Quantity("share", store.default_code_share, denominator=covered.coded)
        found.append(Finding("cannot_tell.default_codes", {"share": share}))
    days = (covered.observed_until - covered.observed_from).days + 1
    if days < 3 * followed.window_days:
        found.append(Finding("cannot_tell.short_extract", {"days": days, "window_days": followed.window_days}))
    if not store.is_filled("customers", "left_on"):
        found.append(Finding("cannot_tell.no_leaving_dates"))
    return tuple(found)


def _by_outcome(total: pd.DataFrame) -> dict[str, Row]:
    """Rows with a value, by outcome."""
    return {str(row["outcome"]): row for row in records(total[total["value"].notna()])}


def _finding(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A finding graded as the worst of the rows it rests on."""
    reasons = [reason for row in rows for reason in str(row["grade_reasons"]).split(";") if reason]
    grade = worst([str(row["grade"]) for row in rows])
    return Finding(f"channel_resolution.{key}", given, grade, tuple(dict.fromkeys(reasons)))
