"""What the analysis of channels says, in named fields, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.channel_resolution.checks import channel_rows, total_rows
from rootcause_lib.analyses.rows import Row, extremes, records, share_of
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import worst
from rootcause_lib.journeys import Following
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

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
    switches = flow[(flow["from_channel"] != flow["to_channel"]) & flow["contacts"].notna()]
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
    yield _finding("common_switch", given, top)


def _own_flag(naive: pd.DataFrame) -> Iterator[Finding]:
    yield Finding("channel_resolution.no_customer_ids")
    marked = naive[(naive["name"] == "own_flag") & naive["value"].notna()]
    if marked.empty:
        yield Finding("channel_resolution.no_own_flag")
        return
    # The client's own mark is set by the company itself: a direction at best.
    given: dict[str, Field] = {"resolved": share_of(records(marked)[0])}
    yield Finding("channel_resolution.own_flag", given, "C", ("proxy",))


def resolution_readings(
    store: Store, parts: Mapping[str, pd.DataFrame], followed: Following
) -> Mapping[str, tuple[Finding, ...]]:
    """What the figures of these data say, for the place beside each: by frame."""
    if not store.extent.identified:
        return MappingProxyType({"resolution": (), "mature": (), "recontact": (), "settled": ()})
    return MappingProxyType(
        {
            "resolution": tuple(_about_resolution(store, parts["resolution"], followed)),
            "mature": (Finding("channel_resolution.reading_mature"),) if len(parts["mature"]) else (),
            "recontact": tuple(_about_recontact(parts["recontact"], followed)),
            "settled": tuple(_about_settled(parts["settled"])),
        }
    )


def _about_resolution(store: Store, resolution: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    days: dict[str, Field] = {"window_days": followed.window_days}
    yield Finding("channel_resolution.quiet_is_not_resolved", days)
    quiet = {
        rule: _by_outcome(total_rows(resolution, replace(followed, matching=rule))).get("quiet")
        for rule in ("any", "reason")
    }
    by_any, by_reason = quiet["any"], quiet["reason"]
    if followed.matching != "case" and by_any and by_reason:
        both = [share_of(row, denominator="contacts") for row in (by_any, by_reason)]
        spread = Quantity(
            "points", abs(float(by_reason["value"]) - float(by_any["value"])), denominator=both[1].denominator
        )
        yield Finding("channel_resolution.bracket", {**days, "any": both[0], "reason": both[1], "spread": spread})
    elif followed.matching == "any":
        yield Finding("channel_resolution.bracket_any_only", days)
    total = _by_outcome(total_rows(resolution, followed))
    if "left" in total:
        yield Finding(
            "channel_resolution.left_counts", {**days, "left": share_of(total["left"], denominator="contacts")}
        )
    if "quiet" in total:
        yield _immature(store, total["quiet"], followed)


def _immature(store: Store, row: Row, followed: Following) -> Finding:
    given: dict[str, Field] = {"window_days": followed.window_days, "observed_until": store.observed_until}
    contacts = float(row["contacts"])
    if not row["unobserved"]:
        return Finding("channel_resolution.all_mature", given)
    unknown = Quantity("share", float(row["unobserved"]) / contacts, denominator=contacts)
    return Finding("channel_resolution.immature", {**given, "unknown": unknown})


def _about_recontact(recontact: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    chosen = (recontact["channel"] == ALL) & (recontact["match"] == followed.matching)
    rows = recontact[chosen & (recontact["day"] == followed.window_days)].dropna(
        subset=["repeat_share", "expected_by_chance"]
    )
    for row in records(rows):
        given: dict[str, Field] = {
            "came_back": share_of(row, value="repeat_share", denominator="contacts"),
            "expected": Quantity("share", float(row["expected_by_chance"]), denominator=float(row["contacts"])),
            "window_days": followed.window_days,
        }
        yield Finding("channel_resolution.chance", given)


def _about_settled(settled: pd.DataFrame) -> Iterator[Finding]:
    """The channel whose cases most often end elsewhere, or that all end where they began."""
    elsewhere = settled[(settled["opened_in"] != settled["settled_in"]) & (settled["cases"] > 0)]
    for row in records(elsewhere.sort_values(["share", "opened_in"], ascending=[False, True]).head(1)):
        given: dict[str, Field] = {
            "opened_in": str(row["opened_in"]),
            "settled_in": str(row["settled_in"]),
            "share": share_of(row, value="share"),
        }
        yield _finding("settled_elsewhere", given, row)


def resolution_cannot_tell(store: Store, followed: Following) -> tuple[Finding, ...]:
    """What this page must not be read as saying."""
    covered = store.extent
    if not covered.identified:
        return (Finding("cannot_tell.no_customer_ids"), Finding("cannot_tell.self_reports"))
    found = [
        Finding("cannot_tell.not_causal"),
        Finding("cannot_tell.quiet_not_resolved", {"window_days": followed.window_days}),
    ]
    if followed.own_windows:
        matters = tuple(sorted(store.engagement.definitions.windows))
        found.append(Finding("cannot_tell.own_windows", {"reasons": matters, "window_days": followed.window_days}))
    if covered.identified < covered.contacts:
        share = Quantity("share", store.identified_share, denominator=covered.contacts)
        found.append(Finding("cannot_tell.unidentified", {"identified": share}))
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
