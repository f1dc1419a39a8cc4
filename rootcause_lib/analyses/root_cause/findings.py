"""What the analysis of root causes says, in named fields, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from rootcause_lib.analyses.rows import Row, records
from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.grades import worst
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

Frames = Mapping[str, pd.DataFrame]

UNEXPLAINED = "unexplained"
SAID = "ABC"
"""Grades of what a headline may say; D is left to the tables."""


def root_cause_headline(
    store: Store, frames: Frames, *, about_codes: Sequence[Finding], about_change: Sequence[Finding]
) -> tuple[Finding, ...]:
    """At most five sentences: what processes bring, which most, what could be spared, codes, change."""
    found = [*_causes(frames["attributable"]), *_removable(frames["eliminable"])] or [*_why_no_causes(store)]
    return (*found[:3], *about_codes[:1], *about_change[:1])


def _causes(attributable: pd.DataFrame) -> Iterator[Finding]:
    """How much all processes bring, and the one that brings most."""
    rows = attributable[attributable["contacts"].notna() & attributable["grade"].isin(list(SAID))]
    whole = rows[rows["process"] == ALL]
    if whole.empty:
        return
    total = _all_contacts(attributable)
    ranked = records(_single(rows).sort_values("contacts", ascending=False, kind="stable"))
    first = whole.iloc[0].to_dict()
    share = _share(first, denominator=total)
    if first["low"] <= 0 or not ranked:
        yield finding("nothing_explained", {"share": share}, first)
        return
    value, low, high = (None if one is None else 1 - one for one in (share.value, share.high, share.low))
    rest = Quantity("share", value, low, high, total)
    yield finding("explained", {"share": share, "rest": rest}, first)
    yield _process(ranked[0], total)


def _removable(eliminable: pd.DataFrame) -> Iterator[Finding]:
    """What would not have come without the failures, and where most of it lies."""
    rows = eliminable[eliminable["contacts"].notna() & eliminable["grade"].isin(list(SAID))]
    whole, single = rows[rows["process"] == ALL], _single(rows)
    if whole.empty or single.empty or whole.iloc[0]["contacts"] <= 0:
        return
    most = records(single.sort_values("contacts", ascending=False, kind="stable"))[0]
    row = whole.iloc[0].to_dict()
    # The share rests on the same contacts as that of all processes.
    total = row["contacts"] / row["share"] if row["share"] else None
    given: dict[str, Field] = {
        "contacts": _count(row, total),
        "share": _share(row, denominator=total),
        "process": str(most["process"]),
        "owner": _owner(most),
    }
    yield finding("removable", given, row, most)


def _process(row: Row, total: float) -> Finding:
    """The process that brings most, with what it costs where that is known."""
    given: dict[str, Field] = {
        "process": str(row["process"]),
        "owner": _owner(row),
        "share": _share(row, denominator=total),
        "contacts": _count(row, total),
    }
    if pd.isna(row["cost"]):
        return finding("first_process_no_cost", given, row)
    given["cost"] = _quantity("money", row, "cost", denominator=float(row["contacts"]))
    return finding("first_process", given, row)


def _why_no_causes(store: Store) -> Iterator[Finding]:
    if not store.extent.identified:
        yield Finding("root_cause.no_customer_ids")
    elif "process_events" not in store.present:
        yield Finding("root_cause.no_process_events")


def alpha_row(agreement: pd.DataFrame) -> Row | None:
    """Krippendorff's alpha of the codes against the audit; None where it is not told."""
    chosen = (agreement["measure"] == "alpha") & (agreement["between"] == "codes") & (agreement["reason"] == ALL)
    rows = records(agreement[chosen & agreement["value"].notna()])
    return rows[0] if rows else None


def root_cause_cannot_tell(store: Store) -> tuple[Finding, ...]:
    """What this page must not be read as saying."""
    if not store.extent.identified:
        return (Finding("cannot_tell.no_customer_ids"), Finding("cannot_tell.unseen_causes"))
    found = [Finding(f"cannot_tell.{key}") for key in ("unseen_causes", "at_the_same_time", "saved_contacts")]
    if store.extent.identified < store.extent.contacts:
        share = Quantity("share", store.identified_share, denominator=store.extent.contacts)
        found.append(Finding("cannot_tell.unidentified", {"identified": share}))
    if not store.is_filled("customers", "left_on"):
        found.append(Finding("cannot_tell.no_leaving_dates"))
    return tuple(found)


def _all_contacts(attributable: pd.DataFrame) -> float:
    """All contacts of the period that a caused share is taken of."""
    rows = attributable[attributable["process"].isin([ALL, UNEXPLAINED])]
    return float(rows["contacts"].sum())


def _single(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["process"].isin([ALL, UNEXPLAINED])]


def _owner(row: Row) -> str:
    return "none" if pd.isna(row["owner"]) or not row["owner"] else str(row["owner"])


def _share(row: Row, *, denominator: float | None) -> Quantity:
    """A caused share, which can't be told below nothing or above all."""
    value, low, high = (None if one is None else min(max(one, 0.0), 1.0) for one in _limits(row, "share"))
    return Quantity("share", value, low, high, denominator, row.get("grade"))


def _count(row: Row, total: float | None) -> Quantity:
    value, low, high = _limits(row, "contacts", low="low", high="high")
    return Quantity("count", value, low, high, total, row.get("grade"))


def _quantity(kind: QuantityKind, row: Row, name: str, *, denominator: float) -> Quantity:
    return Quantity(kind, *_limits(row, name), denominator, row.get("grade"))


def _limits(
    row: Row, name: str, *, low: str | None = None, high: str | None = None
) -> tuple[float | None, float | None, float | None]:
    """A value and its limits; `value` has its limits in plain low and high."""
    plain = name == "value"
    names = (name, low or ("low" if plain else f"{name}_low"), high or ("high" if plain else f"{name}_high"))
    found = [None if pd.isna(row.get(one)) else float(row[one]) for one in names]
    return found[0], found[1], found[2]


def finding(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A finding of this area, graded as the worst of the rows it rests on."""
    return said_as(f"root_cause.{key}", given, *rows)


def said_as(key: str, given: Mapping[str, Field], *rows: Row) -> Finding:
    """A finding of any area, graded as the worst of the rows it rests on; without a row it has no grade."""
    if not rows:
        return Finding(key, given)
    reasons = dict.fromkeys(one for row in rows for one in str(row["grade_reasons"]).split(";") if one)
    return Finding(key, given, worst([str(row["grade"]) for row in rows]), tuple(reasons))
