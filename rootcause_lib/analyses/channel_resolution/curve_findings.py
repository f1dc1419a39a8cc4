"""What resolution at each window says, and how the window in use sits with where coming back ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.rows import Row, known, records, share_of
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import worst
from rootcause_lib.journeys import Following
from rootcause_lib.opening_windows import LONGEST_WINDOW
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

_FEWEST_DAYS_APART = 3


def curve_readings(
    store: Store, frames: Mapping[str, pd.DataFrame], followed: Following
) -> Mapping[str, tuple[Finding, ...]]:
    """What stands beside the figures of both frames."""
    return MappingProxyType(
        {
            "resolution_curve": tuple(_about_curve(store, frames["resolution_curve"], followed)),
            "window_advice": tuple(_about_advice(frames["window_advice"])),
        }
    )


def curve_headline(frames: Mapping[str, pd.DataFrame], followed: Following) -> tuple[Finding, ...]:
    """Whether the window in use is too short or too long, where the data say so."""
    del followed
    found = _verdict(frames["window_advice"])
    return (found,) if found is not None and found.key.endswith(("too_short", "too_long")) else ()


def curve_cannot_tell(frames: Mapping[str, pd.DataFrame], followed: Following) -> tuple[Finding, ...]:
    """What no window can say."""
    if frames["resolution_curve"].empty or followed.matching == "case":
        return ()
    return (Finding("channel_curves.chance_is_upper"),)


def _about_curve(store: Store, curve: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    total = curve[(curve["channel"] == ALL) & curve["value"].notna()]
    chosen = records(total[total["match"] == followed.matching])
    if not chosen:
        return
    first, last = chosen[0], chosen[-1]
    if first is not last:
        given: dict[str, Field] = {
            "short_days": int(first["window_days"]), "short": share_of(first, denominator="contacts"),
            "long_days": int(last["window_days"]), "long": share_of(last, denominator="contacts"),
        }  # fmt: skip
        yield _finding("falls", given, first, last)
    yield from _bracket(total, followed)
    yield from _excess([row for row in chosen if row["window_days"] <= followed.window_days][-1:])
    if followed.own_windows:
        yield Finding("channel_curves.one_window", {"reasons": tuple(sorted(store.engagement.definitions.windows))})


def _bracket(total: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    """The two definitions at the window in use."""
    at = total[total["window_days"] == min(followed.window_days, LONGEST_WINDOW)]
    by_rule = {str(row["match"]): row for row in records(at)}
    if followed.matching == "case" or not {"any", "reason"} <= by_rule.keys():
        return
    by_any, by_reason = by_rule["any"], by_rule["reason"]
    given: dict[str, Field] = {
        "window_days": int(by_any["window_days"]),
        "any": share_of(by_any, denominator="contacts"),
        "reason": share_of(by_reason, denominator="contacts"),
    }
    yield _finding("bracket", given, by_any, by_reason)


def _excess(rows: list[Row]) -> Iterator[Finding]:
    for row in rows:
        if known(row["excess"]) is None:
            continue
        numbers = [known(row[name]) for name in ("excess", "excess_low", "excess_high", "contacts")]
        given: dict[str, Field] = {
            "window_days": int(row["window_days"]),
            "excess": Quantity("points", numbers[0], numbers[1], numbers[2], numbers[3]),
            "expected": Quantity("share", known(row["expected_by_chance"]), denominator=numbers[3]),
        }
        clear = (numbers[1] or 0.0) > 0
        yield _finding("excess" if clear else "no_excess", given, row)


def _verdict(advice: pd.DataFrame) -> Finding | None:
    """The window in use against where coming back ends, over all reasons."""
    total = records(advice[(advice["reason"] == ALL) & advice["excess"].notna()])
    if not total:
        return None
    row = total[0]
    window = int(row["window_days"])
    if known(row["day"]) is None:
        given: dict[str, Field] = {"contacts": int(row["contacts"]), "longest": LONGEST_WINDOW}
        return _finding("no_end", given, row)
    low, high = int(row["low"]), int(row["high"])
    given = {
        "day": int(row["day"]), "low": low, "high": high, "window_days": window, "contacts": int(row["contacts"]),
        "longest": LONGEST_WINDOW,
    }  # fmt: skip
    key = "too_short" if window < low else "too_long" if window > high else "fits"
    return _finding(key, given, row)


def _about_advice(advice: pd.DataFrame) -> Iterator[Finding]:
    found = _verdict(advice)
    if found is None:
        return
    yield found
    told = advice[(advice["reason"] != ALL) & advice["day"].notna() & (advice["grade"] != "D")]
    rows = records(told.sort_values(["day", "reason"], kind="stable"))
    if len(rows) > 1 and rows[0]["high"] + _FEWEST_DAYS_APART <= rows[-1]["low"]:
        first, last = rows[0], rows[-1]
        given: dict[str, Field] = {
            "soon_reason": str(first["reason"]), "soon_day": int(first["day"]),
            "late_reason": str(last["reason"]), "late_day": int(last["day"]),
            "soon_contacts": int(first["contacts"]), "late_contacts": int(last["contacts"]),
        }  # fmt: skip
        yield _finding("reasons_differ", given, first, last)


def _finding(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A finding graded as the worst of the rows it rests on."""
    reasons = [reason for row in rows for reason in str(row["grade_reasons"]).split(";") if reason]
    grade = worst([str(row["grade"]) for row in rows])
    return Finding(f"channel_curves.{key}", given, grade, tuple(dict.fromkeys(reasons)))
