"""One dirty input: what the file looks like, what becomes of it, and the counts that follow by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Happens = Literal["read", "repaired", "rejected", "refused"]
Files = Mapping[str, str | bytes]

CSV = '[tables.contacts]\nsource = "k.csv"\n'
HEADER = "contact_id;started_at;channel;reason\n"
GOOD = "1;2025-03-03 09:00;phone;käyttö\n2;2025-03-03 10:00;email;lasku\n"
SHOWN = "select contact_id, channel, reason from contacts order by contact_id"
READ = (("1", "phone", "käyttö"), ("2", "email", "lasku"))


@dataclass(frozen=True, slots=True)
class Case:
    """`rejects`: (row as a spreadsheet shows it, column, rule). `repairs`: (column, repair) to rows.

    says: of a refused input, words of its error. rows: what `query` gives, counted by hand.
    """

    name: str
    looks: str
    happens: Happens
    becomes: str
    files: Callable[[], Files]
    toml: str = CSV
    query: str = SHOWN
    rows: tuple[tuple[Any, ...], ...] = READ
    read: int = 2
    rejects: tuple[tuple[int, str, str], ...] = ()
    repairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    says: str = ""


def text(content: str, *, encoding: str = "utf-8", name: str = "k.csv") -> Callable[[], Files]:
    """One text file."""
    return lambda: {name: content.encode(encoding)}


def data(content: bytes, *, name: str = "k.csv") -> Callable[[], Files]:
    """One file of bytes."""
    return lambda: {name: content}


def every(count: int, repair: str, column: str = "") -> Mapping[tuple[str, str], int]:
    """One repair."""
    return {(column, repair): count}
