"""How a source becomes a canonical table: files, columns, formats, units, value maps."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag

from rootcause_lib import vocabulary
from rootcause_lib.engagement.shapes import Name, ReadOnly, Section, Words, Written, fault, nothing, one_of
from rootcause_lib.errors import unknown_choice

UNITS = ("ms", "seconds", "minutes", "hours", "hh:mm:ss")
"""What a duration may be given in."""

DECIMAL = "decimal"
"""The key of `formats` that names the decimal mark instead of a column's time format."""

DECIMAL_MARKS = (",", ".")

NAMED_TIMES = ("iso", "iso_offset", "excel", "unix", "unix_ms")
"""What a time format may be called instead of being spelt out with % signs."""


@cache
def preset_names() -> tuple[str, ...]:
    """Exports whose columns are known: one file each in the package's folder `presets`."""
    files = resources.files("rootcause_lib").joinpath("presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def preset_text(name: str) -> str:
    """What the preset's file says."""
    return resources.files("rootcause_lib").joinpath("presets", f"{name}.toml").read_text(encoding="utf-8")


def _known_preset(name: str) -> str:
    if name not in preset_names():
        raise fault(unknown_choice("preset", name, preset_names()))
    return name


class Constant(Section):
    """A column that holds the same on every row; `value` is kept as text."""

    value: Written


class Separated(Section):
    """A source column that holds several values at once."""

    column: Name
    separator: Name = ";"


class RowsWhere(Section):
    """Of the rows of one event log entry, those whose column `state` holds one of `is_` (the key `is`)."""

    state: Name
    is_: Words = Field(alias="is", min_length=1)


class Changes(Section):
    """A count of how often a source column changes over the rows of one contact."""

    changes_of: Name


def _column_shape(given: Any) -> str | None:
    if isinstance(given, str):
        return "one"
    if isinstance(given, list | tuple):
        return "several"
    if isinstance(given, dict):
        return "separated" if "column" in given or "separator" in given else "constant"
    return "constant" if isinstance(given, Constant) else "separated" if isinstance(given, Separated) else None


def _rows_shape(given: Any) -> str | None:
    return "word" if isinstance(given, str) else "where" if isinstance(given, dict | RowsWhere) else None


Several = Annotated[tuple[Name, ...], Field(min_length=1)]

SourceColumn = Annotated[
    Annotated[Name, Tag("one")]
    | Annotated[Several, Tag("several")]
    | Annotated[Constant, Tag("constant")]
    | Annotated[Separated, Tag("separated")],
    Discriminator(
        _column_shape,
        custom_error_type="fault",
        custom_error_message='expected a source column such as "Id", a list of them, or { value = "..." }.',
    ),
]

Rows = Annotated[
    Annotated[str, one_of("choice", ("last", "first")), Tag("word")] | Annotated[RowsWhere, Tag("where")],
    Discriminator(
        _rows_shape,
        custom_error_type="fault",
        custom_error_message='expected "last", "first" or { state = "...", is = "..." }.',
    ),
]


class TableSource(Section):
    """One `[tables.*]`: where a canonical table comes from. Columns and keys are canonical names throughout.

    columns: canonical name to source column(s); several source columns are joined by a space
    (for `contact_reasons.reason` they are several reasons). values: per canonical column, the
    client's label to the canonical value, both text. rows: None where a row is a contact already.
    identities: kind of number or address (phone, email, account, device) to the source column that holds
    one, by which contacts without a customer are linked to one. unsure: columns whose mapping was guessed
    and not confirmed; figures from them are direction only.
    """

    source: Words = Field(
        min_length=1, description="a file, a pattern such as kontaktit_*.csv, a list of them, or a database table"
    )
    preset: Annotated[str, AfterValidator(_known_preset)] | None = None
    columns: ReadOnly[SourceColumn] = Field(default_factory=nothing)
    formats: ReadOnly[Name] = Field(default_factory=nothing)
    units: ReadOnly[Annotated[str, one_of("unit", UNITS)]] = Field(default_factory=nothing)
    nulls: ReadOnly[Words] = Field(default_factory=nothing)
    rows: Rows | None = None
    counts: ReadOnly[Changes] = Field(default_factory=nothing)
    row_is: Annotated[str, one_of("kind of row", vocabulary.ROW_KINDS)] = "interaction"
    values: ReadOnly[ReadOnly[Written]] = Field(default_factory=nothing)
    identities: ReadOnly[Name] = Field(default_factory=nothing)
    unsure: tuple[Name, ...] = ()


class Attributes(Section):
    """Columns beyond the canonical ones: covariates of customers and contacts, rated items of surveys."""

    customers: tuple[Name, ...] = ()
    contacts: tuple[Name, ...] = ()
    surveys: tuple[Name, ...] = ()

    def of(self, table: str) -> tuple[str, ...]:
        """The further columns of a canonical table; none for tables that can't have any."""
        named = {"customers": self.customers, "contacts": self.contacts, "surveys": self.surveys}
        return named.get(table, ())
