"""What is said of self-service: the gap between contained and resolved, how soon people are asked, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.sessions import KINDS, REUSE_DAYS, VISIT
from rootcause_lib.analyses.rows import Row, known, records, share_of
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import worst

SECONDS_IN_DAY = 86_400


def self_service_headline(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """How many of those who help themselves are done without people."""
    found = _by_kind(frames["self_service"])
    for kind in KINDS[:-1]:
        row = found.get((kind, "resolved"))
        if row is not None and row["grade"] != "D":
            return (_said("resolved", asked, {"resolved": share_of(row, denominator="base")}, row),)
    return ()


def self_service_readings(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> dict[str, tuple[Finding, ...]]:
    """What stands beside the figures of both frames."""
    return {
        "self_service": tuple(_about_kinds(asked, frames["self_service"])),
        "reuse": tuple(_about_choices(frames["reuse"])),
    }


def self_service_cannot_tell(asked: Asked, table: pd.DataFrame) -> tuple[Finding, ...]:
    """What sessions do not say of themselves."""
    if table.empty:
        return ()
    found = [Finding("channel_self_service.silent", {"window_days": asked.followed.window_days})]
    kinds = table[(table["measure"] == "gave_up") & (table["base"] == 0)]["kind"]
    if len(kinds):
        found.append(Finding("channel_self_service.no_giving_up", {"kinds": tuple(map(str, kinds))}))
    return tuple(found)


def _by_kind(table: pd.DataFrame) -> dict[tuple[str, str], Row]:
    """Rows with a value by kind and measure, the first rule of each."""
    told = table[table["value"].notna()]
    return {(str(row["kind"]), str(row["measure"])): row for row in records(told)[::-1]}


def _about_kinds(asked: Asked, table: pd.DataFrame) -> Iterator[Finding]:
    found = _by_kind(table)
    for kind in KINDS:
        contained, resolved = found.get((kind, "contained")), found.get((kind, "resolved"))
        if resolved is not None:
            key = "gap_visit" if (kind, "gave_up") in found and kind == VISIT else "gap"
            yield from _about_resolved(asked, kind, contained, resolved, key=key)
        reached, time = found.get((kind, "reached_human")), found.get((kind, "days_to_human"))
        if reached is not None and time is not None:
            given: dict[str, Field] = {"reached": share_of(reached, denominator="base"), "time": _duration(time)}
            yield _said("reached", asked, {"kind": kind, **given}, reached, time)
        gave_up = found.get((kind, "gave_up"))
        if gave_up is not None:
            share = share_of(gave_up, denominator="base")
            yield _said(
                "gave_up_visit" if kind == VISIT else "gave_up", asked, {"kind": kind, "gave_up": share}, gave_up
            )
    yield from _bracket(asked, table)


def _about_resolved(asked: Asked, kind: str, contained: Row | None, resolved: Row, *, key: str) -> Iterator[Finding]:
    """Containment is what is usually told; what was resolved is less."""
    given: dict[str, Field] = {"kind": kind, "resolved": share_of(resolved, denominator="base")}
    if contained is None:
        yield _said("resolved_kind", asked, given, resolved)
        return
    given["contained"] = share_of(contained, denominator="base")
    yield _said(key, asked, given, resolved, contained)


def _bracket(asked: Asked, table: pd.DataFrame) -> Iterator[Finding]:
    """How much it matters whether any contact with people counts, or only one about the same matter."""
    resolved = table[(table["measure"] == "resolved") & table["value"].notna()]
    for kind in KINDS[:-1]:
        rules = {str(row["match"]): row for row in records(resolved[resolved["kind"] == kind])}
        if len(rules) == 2:
            given: dict[str, Field] = {
                "kind": kind,
                "matched": share_of(rules[asked.followed.matching], denominator="base"),
                "any": share_of(rules["any"], denominator="base"),
                "match": asked.followed.matching,
            }
            yield Finding("channel_self_service.bracket", given)


def _about_choices(reuse: pd.DataFrame) -> Iterator[Finding]:
    """Whether those whom it failed ask people next time more often than those whom it served."""
    people = reuse[(reuse["next_choice"] == "people") & reuse["share"].notna()]
    for kind in KINDS:
        rows = {str(row["after"]): row for row in records(people[people["kind"] == kind])}
        if len(rows) < 2:
            continue
        success, failure = rows["success"], rows["failure"]
        apart = failure["low"] > success["high"] or failure["high"] < success["low"]
        given: dict[str, Field] = {
            "kind": kind,
            "after_success": share_of(success, value="share", denominator="base"),
            "after_failure": share_of(failure, value="share", denominator="base"),
            "days": REUSE_DAYS,
        }
        yield _graded("next_differs" if apart else "next_alike", given, success, failure)


def _duration(row: Row) -> Quantity:
    """Days as a duration."""
    value, low, high = (known(row[name]) for name in ("value", "low", "high"))
    seconds = [None if each is None else each * SECONDS_IN_DAY for each in (value, low, high)]
    return Quantity("seconds", seconds[0], seconds[1], seconds[2], known(row["base"]), str(row["grade"]))


def _said(key: str, asked: Asked, given: Mapping[str, Field], *rows: Row) -> Finding:
    return _graded(key, {**given, "window_days": asked.followed.window_days}, *rows)


def _graded(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A finding graded as the worst of the rows it rests on."""
    reasons = [reason for row in rows for reason in str(row["grade_reasons"]).split(";") if reason]
    return Finding(
        f"channel_self_service.{key}", given, worst([str(row["grade"]) for row in rows]), tuple(dict.fromkeys(reasons))
    )
