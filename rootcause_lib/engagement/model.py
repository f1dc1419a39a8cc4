"""An engagement: a client's folder, as described by its engagement.toml."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from rootcause_lib.engagement.definitions import Client, Definitions, EngineSettings, Leaving, Privacy, Reasons
from rootcause_lib.engagement.grades import Grades
from rootcause_lib.engagement.hours import HoursText
from rootcause_lib.engagement.locating import Key, line_of
from rootcause_lib.engagement.places import INSIDE, expanded, matching_files
from rootcause_lib.engagement.plans import Answer, ControlTotal, Costs, Fix, Guess, Process, Targets
from rootcause_lib.engagement.relations import attribute_faults, fix_faults, process_faults, table_faults
from rootcause_lib.engagement.shapes import ByChannel, ByTable, ReadOnly, Section, fault, nothing
from rootcause_lib.engagement.tables import Attributes, TableSource, preset_text
from rootcause_lib.errors import EngagementError

FILE_NAME = "engagement.toml"
_LONGEST_SLUG = 60
_DEVICE = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")
"""Names that Windows keeps for devices; no folder may have them."""


def _contacts_given(tables: Mapping[str, TableSource]) -> Mapping[str, TableSource]:
    if "contacts" not in tables:
        raise fault("[tables.contacts] with a source is missing; contacts are the one table that is needed.")
    return tables


class Engagement(Section):
    """Everything an engagement.toml says, checked; attributes are named as the keys of the file.

    Make one by `read_engagement`. Paths are kept as written: `source_paths`, `spill_folder` and
    `key_file` resolve them when used.
    """

    engagement: Client = Field(description="[engagement] with client and time_zone")
    tables: Annotated[ByTable[TableSource], AfterValidator(_contacts_given)] = Field(
        description="[tables.contacts] with a source"
    )
    engine: EngineSettings = Field(default_factory=EngineSettings)
    definitions: Definitions = Field(default_factory=Definitions)
    reasons: Reasons = Field(default_factory=Reasons)
    leaving: Leaving = Field(default_factory=Leaving)
    attributes: Attributes = Field(default_factory=Attributes)
    processes: ReadOnly[Process] = Field(default_factory=nothing)
    costs: Costs = Field(default_factory=Costs)
    targets: Targets = Field(default_factory=Targets)
    control_totals: tuple[ControlTotal, ...] = ()
    guesses: tuple[Guess, ...] = ()
    answers: tuple[Answer, ...] = ()
    hours: ByChannel[HoursText] = Field(default_factory=nothing)
    fixes: tuple[Fix, ...] = ()
    privacy: Privacy = Field(default_factory=Privacy)
    grades: Grades = Field(default_factory=Grades)
    _file: Path = PrivateAttr(default=Path(FILE_NAME))
    _lines: Mapping[Key, int] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _related(self) -> Engagement:
        faults = (
            *attribute_faults(self.attributes),
            *table_faults(self.tables, self.attributes),
            *fix_faults(self.fixes, self.processes),
            *process_faults(self.processes),
        )
        if faults:
            raise PydanticCustomError(
                "relations", "{count} keys contradict each other", {"count": len(faults), "faults": faults}
            )
        return self

    def model_post_init(self, context: Any, /) -> None:
        """Remembers the file and its lines, which `read_engagement` gives as context."""
        if isinstance(context, dict):
            self._file = context["file"]
            self._lines = context["lines"]

    @property
    def file(self) -> Path:
        """The engagement.toml, as the path was given."""
        return self._file

    @property
    def folder(self) -> Path:
        """The folder that paths in the file are relative to."""
        return self._file.parent

    @property
    def observed_until(self) -> dt.date | None:
        """The last local day the exports cover, where stated."""
        return self.engagement.observed_until

    @property
    def client_slug(self) -> str:
        """The client's name for folders: lower-case ASCII letters, digits, - and _."""
        plain = unicodedata.normalize("NFKD", self.engagement.client).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9_]+", "-", plain.casefold()).strip("-")
        if slug and len(slug) <= _LONGEST_SLUG:
            return f"client-{slug}" if _DEVICE.fullmatch(slug) else slug
        digest = hashlib.sha256(self.engagement.client.encode()).hexdigest()[:8]
        return f"{slug[:_LONGEST_SLUG].rstrip('-') or 'client'}-{digest}"

    def where(self, *key: str | int) -> str:
        """File, line and key as text, to begin a message with."""
        return place(self._file, line_of(self._lines, key), key)

    def fault(self, text: str, *key: str | int) -> EngagementError:
        """The error to raise when a key turns out wrong later, such as a mapping to a header that is not there."""
        return EngagementError(f"{self.where(*key)}: {text}")

    def source_paths(self, table: str) -> tuple[Path, ...]:
        """The files of a table's source, in the order written, those of one pattern by name; each once.

        What stands behind `::` is inside a file (a sheet, a table of a database file) and left out here.
        Raises DataError when a pattern matches nothing, EngagementError for an unset variable.
        """
        where = self.where("tables", table, "source")
        files: dict[Path, None] = {}
        for pattern in self.tables[table].source:
            outside = pattern.partition(INSIDE)[0]
            files.update(dict.fromkeys(matching_files(outside, folder=self.folder, where=where)))
        return tuple(files)

    @property
    def engine_url(self) -> str:
        """`[engine] url` with environment variables filled in; may hold a password."""
        return expanded(self.engine.url, where=self.where("engine", "url"))

    @property
    def spill_folder(self) -> Path | None:
        """Where the engine may put what does not fit in memory."""
        return self._path(self.engine.spill_folder, "engine", "spill_folder")

    @property
    def key_file(self) -> Path | None:
        """The file that holds the key of the pseudonyms; it may not lie in the engagement's folder."""
        path = self._path(self.privacy.key_file, "privacy", "key_file")
        if path is not None and path.resolve().is_relative_to(self.folder.resolve()):
            text = "the key may not lie in the engagement's folder, which is copied and shared. Move it elsewhere."
            raise self.fault(text, "privacy", "key_file")
        return path

    def _path(self, text: str | None, *key: str) -> Path | None:
        return None if text is None else self.folder / Path(expanded(text, where=self.where(*key))).expanduser()

    def definition_key(self) -> str:
        """Everything that changes the store, as JSON that is equal when the meaning is: for hashing."""
        parts: Any = {
            "engagement": {"time_zone", "observed_until"},
            "definitions": {
                "window_days", "windows", "matching", "churn", "dormant_days", "notice_days",
                "leg_gap_seconds", "shared_id_daily_cap",
            },
            "costs": {"per_contact", "per_minute", "chat_concurrency"},
            "privacy": {"key_env", "key_file", "agents"},
            "tables": True, "attributes": True, "reasons": True, "leaving": True,
        }  # fmt: skip
        written = self.model_dump(mode="json", include=parts)
        for table in written["tables"].values():
            del table["unsure"]
            if table["preset"] is not None:
                table["preset"] = hashlib.sha256(preset_text(table["preset"]).encode()).hexdigest()
        return json.dumps(written, sort_keys=True, separators=(",", ":"))


def place(file: Path, line: int | None, key: Key) -> str:
    """`lumo/engagement.toml, line 12, tables.contacts.source`."""
    return ", ".join([str(file), *([f"line {line}"] if line else []), *([key_text(key)] if key else [])])


def key_text(key: Key) -> str:
    """A key as a person writes it; elements of lists by number, from 1."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f" (number {part + 1})"
        else:
            written = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            text += f".{written}" if text else written
    return text
