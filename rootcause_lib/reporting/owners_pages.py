"""A page for each process owner: their contacts, what they cost, one request, and how success will be measured.

Made from the tables `root_cause.owners` and `root_cause.incidence` of a run alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rootcause_lib.findings import Field, Finding, Quantity, QuantityKind
from rootcause_lib.plots.incidence import band_name
from rootcause_lib.prose import label, left_out, number, period, sentence
from rootcause_lib.reporting.fragments import badge, element, graded, simple_table, text
from rootcause_lib.reporting.recording import TABLES, Recorded
from rootcause_lib.reporting.texts import said
from rootcause_lib.vocabulary import SUPPRESSED

OWNERS, INCIDENCE = "root_cause.owners", "root_cause.incidence"
FOLDER = "owners"

_LONGEST_SLUG = 40
_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)\d")
_AREA = "root_cause_owners"


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """A page's name, its path from the run's folder, and its content as escaped HTML."""

    owner: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Owners:
    """The pages of a run's process owners, and the processes that nobody owns."""

    pages: tuple[OwnerPage, ...] = ()
    unowned: tuple[str, ...] = ()


def owner_pages(recorded: Sequence[Recorded], *, folder: Path, language: str) -> Owners:
    """The pages, in the order of the table; none where the run has no such table. Reads `folder`/tables only."""
    one = next((each for each in recorded if OWNERS in each.tables), None)
    if one is None:
        return Owners()
    table = pd.read_parquet(folder / TABLES / f"{OWNERS}.parquet")
    incidence = pd.DataFrame()
    if INCIDENCE in one.tables:
        incidence = pd.read_parquet(folder / TABLES / f"{INCIDENCE}.parquet")
    days = period(dt.date.fromisoformat(one.start), dt.date.fromisoformat(one.end), language=language)
    owners = table["owner"].fillna("").astype("str")
    slugs = _slugs([owner for owner in dict.fromkeys(owners) if owner])
    pages = []
    for owner, slug in slugs.items():
        rows = [_record(row) for row in table[owners == owner].to_dict("records")]
        body = _body(owner, rows, incidence, days=days, language=language)
        pages.append(OwnerPage(owner, f"{FOLDER}/{slug}.html", body))
    return Owners(tuple(pages), tuple(str(name) for name in table.loc[owners == "", "process"]))


def owners_section(owners: Owners, *, language: str) -> str:
    """The overview's links to the pages; nothing where there are none."""
    if not owners.pages:
        return ""
    items = "".join(element("li", f'<a href="{text(one.path)}">{text(one.owner)}</a>') for one in owners.pages)
    note = ""
    if owners.unowned:
        names = ", ".join(label(name, language=language, kind="process") for name in owners.unowned)
        note = element("p", text(said("owners.nobody", language=language, fields={"processes": names})), of="rc-muted")
    title = element("h2", text(said("owners.title", language=language)))
    return f'<section class="rc rc-section">{title}<ul class="rc-files">{items}</ul>{note}</section>'


Row = Mapping[str, Any]


def _record(row: Mapping[Any, Any]) -> Row:
    """A row with None for what is missing."""
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _body(owner: str, rows: Sequence[Row], incidence: pd.DataFrame, *, days: str, language: str) -> str:
    """The page's content as escaped HTML."""
    subtitle = sentence(Finding(f"{_AREA}.subtitle", {"owner": owner}), language=language)
    parts = [
        element("h1", text(owner)) + element("p", text(f"{subtitle} · {days}")),
        _headline(rows, language=language),
        _processes(rows, language=language),
        _incidence(rows, incidence, language=language),
    ]
    return "\n".join(part for part in parts if part)


def _headline(rows: Sequence[Row], *, language: str) -> str:
    currency = next((str(row["currency"]) for row in rows if row.get("currency")), None)
    told = [_caused(rows)]
    asked = next((row for row in rows if row.get("request")), None)
    if asked is not None:
        told += _asked(asked)
    items = "".join(
        element("li", graded(sentence(one, language=language, currency=currency), one.grade, language=language))
        for one in told
    )
    how = ""
    if any(one.key == f"{_AREA}.success" for one in told):
        how = element("p", text(_say("how_measured", language)), of="rc-muted")
    return f'<section class="rc rc-headline"><ul>{items}</ul></section>{how}'


def _caused(rows: Sequence[Row]) -> Finding:
    """What an owner's processes bring together; limits add, which is wider than they need be."""
    counted = [row for row in rows if row.get("contacts") is not None]
    if not counted:
        return Finding(f"{_AREA}.caused_untold")
    grade = max(str(row["grade"]) for row in counted)
    contacts = _sum(counted, "count", "contacts", "low", "high")
    if any(row.get("cost") is None for row in counted):
        return Finding(f"{_AREA}.caused_no_costs", {"contacts": contacts}, grade=grade)
    cost = _sum(counted, "money", "cost", "cost_low", "cost_high")
    return Finding(f"{_AREA}.caused", {"contacts": contacts, "cost": cost}, grade=grade)


def _sum(rows: Sequence[Row], kind: QuantityKind, value: str, low: str, high: str) -> Quantity:
    def added(name: str) -> float | None:
        given = [row.get(name) for row in rows]
        return None if any(one is None for one in given) else float(sum(map(float, given)))  # type: ignore[arg-type]

    return Quantity(kind, added(value), added(low), added(high))


def _asked(row: Row) -> list[Finding]:
    """The one request, what waiting for it costs, and how success will be measured."""
    process, grade = {"process": str(row["process"])}, str(row["grade"])
    request = str(row["request"])
    if request == "measure":
        return [Finding(f"{_AREA}.measure", process)]
    eliminable = _quantity(row, "count", "eliminable")
    costed = row.get("eliminable_cost") is not None
    fields: dict[str, Field] = {**process, "eliminable": eliminable, "cost": _quantity(row, "money", "eliminable_cost")}
    told = [Finding(f"{_AREA}.{request}{'' if costed else '_no_costs'}", fields, grade=grade)]
    if (row.get("cost_of_waiting_per_month") or 0) > 0:
        names = ("cost_of_waiting_per_month", "waiting_low", "waiting_high")
        waiting = Quantity("money", *(row.get(name) for name in names))
        told.append(Finding(f"{_AREA}.waiting", {**process, "waiting": waiting}))
    if row.get("today") is not None:
        falls = row.get("target") is not None and round(row["target"]) < round(row["today"])
        goal = {**process, "today": row["today"], "target": row["target"]}
        told.append(Finding(f"{_AREA}.{'success' if falls else 'success_open'}", goal))
    if row.get("ideas_open"):
        told.append(Finding(f"{_AREA}.ideas", {**process, "open": int(row["ideas_open"])}))
    return told


def _quantity(row: Row, kind: QuantityKind, name: str) -> Quantity:
    low, high = (f"{name}_low", f"{name}_high") if f"{name}_low" in row else ("low", "high")
    return Quantity(kind, row.get(name), row.get(low), row.get(high))


_KINDS: Mapping[str, QuantityKind] = {
    "contacts": "count", "share": "share", "cost": "money", "eliminable": "count", "eliminable_cost": "money",
    "cost_of_waiting_per_month": "money",
}  # fmt: skip


def _processes(rows: Sequence[Row], *, language: str) -> str:
    """The owner's processes with their numbers."""
    header = [label(name, language=language) for name in ("process", "grade", *_KINDS, "material_since")]
    body = []
    for row in rows:
        cells = [text(label(str(row["process"]), language=language, kind="process"))]
        cells.append(badge(str(row["grade"]), language=language))
        cells += [_number(row, name, kind, language=language) for name, kind in _KINDS.items()]
        body.append([*cells, text(row.get("material_since") or "–")])
    title = element("h2", text(said("owners.processes", language=language)))
    return f'<section class="rc rc-section">{title}{simple_table(header, body, numbers_from=2)}</section>'


def _number(row: Row, name: str, kind: QuantityKind, *, language: str) -> str:
    """A number with its interval, or why there is none."""
    if row.get(name) is None:
        return text(left_out(language=language) if SUPPRESSED in str(row.get("grade_reasons")).split(";") else "–")
    shown = Quantity(kind, float(row[name])) if name == "share" else _limited(row, name, kind)
    return text(number(shown, language=language, currency=str(row.get("currency") or "") or None))


def _limited(row: Row, name: str, kind: QuantityKind) -> Quantity:
    if name == "cost_of_waiting_per_month":
        return Quantity(kind, row.get(name), row.get("waiting_low"), row.get("waiting_high"))
    return _quantity(row, kind, name)


def _incidence(rows: Sequence[Row], incidence: pd.DataFrame, *, language: str) -> str:
    """How contacts come around the events of the owner's processes."""
    if incidence.empty:
        return ""
    own = incidence[incidence["process"].isin([row["process"] for row in rows]) & incidence["rate_ratio"].notna()]
    if own.empty:
        return ""
    header = [label(name, language=language) for name in ("process", "band", "rate_ratio", "grade")]
    body = [
        [
            text(label(str(row["process"]), language=language, kind="process")),
            text(band_name(pd.Series(row), language=language)),
            text(number(Quantity("ratio", row["rate_ratio"], row["low"], row["high"]), language=language)),
            badge(str(row["grade"]), language=language),
        ]
        for row in (_record(one) for one in own.to_dict("records"))
    ]
    title = element("h2", text(said("owners.incidence", language=language)))
    note = element("p", text(_say("how_incidence", language)), of="rc-muted")
    return f'<section class="rc rc-section">{title}{note}{simple_table(header, body)}</section>'


def _say(key: str, language: str) -> str:
    return sentence(Finding(f"{_AREA}.{key}"), language=language)


def _slugs(owners: Sequence[str]) -> dict[str, str]:
    """A file name for each owner: lower-case ASCII letters, digits and -; each once, and none that a system keeps."""
    found: dict[str, str] = {}
    for owner in owners:
        plain = unicodedata.normalize("NFKD", owner).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
        if not slug or len(slug) > _LONGEST_SLUG or _DEVICE.fullmatch(slug) or slug in found.values():
            digest = hashlib.sha256(owner.encode()).hexdigest()[:8]
            slug = f"{slug[:_LONGEST_SLUG].rstrip('-') or 'owner'}-{digest}"
        found[owner] = slug
    return found
