"""A client whose every header, label, text, file name and setting is a payload; its numbers and times are sound."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hostile.payloads import BREAKING_OUT, FORMULAS, NAMES, PAYLOADS, SIGHT, payload
from rootcause_lib.schemas import TABLES, Column, Table

ROWS = {"contacts": 40 * len(PAYLOADS), "customers": 120}
FEW = 80
FIRST_DAY = dt.date(2025, 1, 1)
CLIENT = f"../../{PAYLOADS['quoted']} {PAYLOADS['image']} {{{{ 7*7 }}}} CON"
FILE_NAMES = (
    "=cmd '<img src=x onerror=window.__canary=1>{{ 7*7 }}.csv",
    "; drop table contacts; --.csv",
    "'quoted' \"twice\" [x](javascript:window.__canary=1).csv",
    "\u202evsc.ecived \u200b.csv",
    "+1+1 onmouseover=window.__canary=1 %s {0}.csv",
    "-x ..\\..\\canary.csv",
    "@SUM(1+1)\t\r\n=1+1.csv",
    "CON.csv",
)
ATTRIBUTES = {"customers": ("region", "tariff"), "contacts": ("queue",), "surveys": ("ease",)}
"""Names of attributes are held to letters, digits and _; their headers and values are payloads all the same."""


@dataclass(slots=True)
class Hostile:
    """The folder of the client, and how many payloads stand in it by kind of place."""

    folder: Path
    planted: dict[str, int] = field(default_factory=dict)

    def note(self, place: str, count: int) -> None:
        self.planted[place] = self.planted.get(place, 0) + count


def write_client(folder: Path) -> Hostile:
    """Write the exports, the engagement and notebooks of its own."""
    folder.mkdir(parents=True)
    made = Hostile(folder)
    parts = [_head(made)]
    for number, table in enumerate(TABLES.values()):
        parts.append(_write_table(made, table, number))
    parts += [_plans(made)]
    (folder / "engagement.toml").write_text("\n".join(parts), encoding="utf-8")
    return made


def toml(text: str) -> str:
    """A text as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(made: Hostile) -> str:
    made.note("settings", 5)
    listed = {name: ", ".join(map(toml, given)) for name, given in ATTRIBUTES.items()}
    return f"""[engagement]
client = {toml(CLIENT)}
time_zone = "Europe/Helsinki"
language = "fi"
[definitions]
window_days = 7
matching = "reason"
windows = {{ {toml(payload(0))} = 14, {toml(NAMES["sql"])} = 3 }}
[privacy]
agents = "pseudonym"
[reasons]
default = [{toml(payload(1))}, {toml(SIGHT["turned"])}]
[attributes]
customers = [{listed["customers"]}]
contacts = [{listed["contacts"]}]
surveys = [{listed["surveys"]}]
"""


def _plans(made: Hostile) -> str:
    made.note("settings", 12)
    return f"""
[processes.{toml(BREAKING_OUT["image"])}]
owner = {toml(BREAKING_OUT["quoted"])}
reasons = [{toml(FORMULAS["equals"])}]
[processes.{toml(NAMES["parent"])}]
owner = {toml(NAMES["parent"])}
[[control_totals]]
name = {toml(BREAKING_OUT["closing_script"] + FORMULAS["equals"])}
month = "2025-02"
count = 99000
source = {toml(BREAKING_OUT["image"])}
[[control_totals]]
name = {toml(FORMULAS["equals"])}
month = "2025-03"
count = 88000
source = {toml(BREAKING_OUT["template"])}
[[guesses]]
who = {toml(BREAKING_OUT["markdown"])}
reason = {toml(BREAKING_OUT["svg"])}
share = 0.1
[[answers]]
signal = {toml(BREAKING_OUT["latex"])}
value = 4
asked_on = 2025-02-03
"""


def _write_table(made: Hostile, table: Table, number: int) -> str:
    """The table's file and its part of the engagement: hostile headers, labels and file name."""
    name = FILE_NAMES[number] if number < len(FILE_NAMES) else f"{table.name} <b onclick=window.__canary=1>.csv"
    extra = [Column(one, "number" if one == "ease" else "label", "") for one in ATTRIBUTES.get(table.name, ())]
    columns = [*table, *extra]
    heads = {column.name: f"{payload(at + number)} {at}" for at, column in enumerate(columns)}
    unused = f"{BREAKING_OUT['image']} {BREAKING_OUT['template']}"
    rows = [[_value(table, column, row) for column in columns] for row in range(ROWS.get(table.name, FEW))]
    bad = ["" if column.type in ("timestamp", "date") and column.required else payload(7) for column in columns]
    with (made.folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=",", quoting=csv.QUOTE_ALL)
        writer.writerow([*heads.values(), unused])
        writer.writerows([*row, payload(at)] for at, row in enumerate(rows))
        writer.writerow([*bad, payload(8)])
    texts = sum(column.type in ("id", "text", "label") for column in columns)
    made.note("cells", texts * len(rows) + len(rows) + len(bad) + 1)
    made.note("headers", len(columns) + 1)
    made.note("file names", 1)
    return "\n".join(_source(made, table, columns, heads, name))


def _source(made: Hostile, table: Table, columns: list[Column], heads: dict[str, str], name: str) -> Iterator[str]:
    yield f"[tables.{table.name}]\nsource = {toml(name)}"
    yield f"[tables.{table.name}.columns]"
    yield from (f"{toml(column.name)} = {toml(heads[column.name])}" for column in columns)
    for column in columns:
        if column.choices:
            yield f"[tables.{table.name}.values.{column.name}]"
            made.note("value labels", len(PAYLOADS))
            for at, label in enumerate(dict.fromkeys(map(read_as, PAYLOADS.values()))):
                yield f"{toml(label)} = {toml(column.choices[at % len(column.choices)])}"


def read_as(text: str) -> str:
    """A label as a person would write it into the value map: what the loaders drop is not there."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)


def _value(table: Table, column: Column, row: int) -> str:
    """One cell: payloads where text may stand, sound values elsewhere; rows of a customer lie days apart."""
    day = FIRST_DAY + dt.timedelta(days=row % 120)
    if column.type in ("timestamp", "date"):
        late = 2 if column.name in {second for _, second in table.ordered} else 1
        return str(day + dt.timedelta(days=late)) if column.type == "date" else f"{day} 1{late}:{row % 60:02d}:00"
    if column.type in ("seconds", "number", "money", "count"):
        return "1"
    if column.type == "flag":
        return "true" if row % 3 else "false"
    if column.type == "id":
        return _id(table, column, row)
    return payload(row // 7 if column.name == "reason" else row)


def _id(table: Table, column: Column, row: int) -> str:
    owner = {"customer_id": 120, "agent_id": 20, "lead": 5, "coder": 4, "rater": 3}.get(column.name)
    if column.name == "contact_id":
        return f"{payload(row)}{row}"
    number = row % owner if owner else row
    return f"{payload(number)} {number}"


def write_recognisable(folder: Path) -> Path:
    """An export that is recognised as contacts, with payloads as its further headers and values; its path."""
    path = folder / "contacts [tables] <b onclick=window.__canary=1>.csv"
    broken = [f"{text}\n[privacy]\nagents = 'x'" for text in list(PAYLOADS.values())[:8]]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "started_at", "channel", "team", "reason", *broken, *list(PAYLOADS.values())[8:]])
        for row in range(40):
            known = [f"a{row}", f"2025-01-{row % 28 + 1:02d} 10:00:00", "phone", payload(row % 13), payload(row % 13)]
            writer.writerow([*known, *PAYLOADS.values()])
    return path
