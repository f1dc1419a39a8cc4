"""Documents written from the declarations: the data dictionary and the glossary's table of metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rootcause_lib.analyses.dictionary import COLUMN_MEANINGS, FRAMES
from rootcause_lib.metrics import CATALOGUE
from rootcause_lib.schemas import TABLES, Column, Table

DICTIONARY_FILE = "DATA_DICTIONARY.md"
GLOSSARY_FILE = "GLOSSARY.md"
METRICS_BEGIN, METRICS_END = "<!-- metrics: begin -->", "<!-- metrics: end -->"

_HEAD = """# Data dictionary

Written from the declarations in `rootcause_lib/schemas.py` and `rootcause_lib/analyses/dictionary.py` by `make docs`;
a test compares. Times are local to the engagement's time zone, durations are seconds, money is the engagement's
currency, shares are 0-1. `*`: must be filled. An id is text, always.
"""


def data_dictionary() -> str:
    """DATA_DICTIONARY.md: the canonical tables, then the public frames of every analysis."""
    return "\n".join([_HEAD, *_tables(), *_frames()]).rstrip() + "\n"


def metric_table() -> str:
    """The metrics as a Markdown table, from the catalogue."""
    rows = [
        (f"`{each.key}`", each.label, each.unit, each.grain, each.definition.says, each.definition.unknown)
        for each in CATALOGUE.values()
    ]
    return _markdown(("key", "name", "unit", "one per", "definition", "unknown when"), rows)


def with_metric_table(glossary: str) -> str:
    """The glossary's text with its metric table made anew between the marks."""
    before, _, rest = glossary.partition(METRICS_BEGIN)
    _, _, after = rest.partition(METRICS_END)
    return f"{before}{METRICS_BEGIN}\n{metric_table()}\n{METRICS_END}{after}"


def write_documents(folder: Path) -> None:
    """Write both documents into the repository's folder."""
    (folder / DICTIONARY_FILE).write_text(data_dictionary(), encoding="utf-8")
    glossary = folder / GLOSSARY_FILE
    glossary.write_text(with_metric_table(glossary.read_text(encoding="utf-8")), encoding="utf-8")


def _tables() -> Iterator[str]:
    yield "## Tables a client gives\n"
    for table in TABLES.values():
        yield f"### {table.name}\n\n{table.meaning}{_key(table)}\n"
        rows = [(_starred(column), column.type, _limits(column), column.meaning) for column in table]
        yield _markdown(("column", "type", "limits", "meaning"), rows) + "\n"


def _frames() -> Iterator[str]:
    yield "## Tables an analysis gives\n"
    yield (
        "Written by every run as `tables/<analysis>.<frame>.parquet` and `.csv`. Estimates are rows of one schema: "
        "metric, statistic, the dimensions, then value and what it rests on.\n"
    )
    for analysis, frames in FRAMES.items():
        for name, frame in frames.items():
            yield f"### {analysis}.{name}\n\n{frame.row}\n"
            yield ", ".join(f"`{column}`" for column in frame.columns) + "\n"
    yield "### Columns\n"
    used = {column for frames in FRAMES.values() for frame in frames.values() for column in frame.columns}
    rows = [(f"`{name}`", meaning) for name, meaning in COLUMN_MEANINGS.items() if name in used]
    yield _markdown(("column", "meaning"), rows)


def _key(table: Table) -> str:
    return f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""


def _starred(column: Column) -> str:
    return f"`{column.name}`" + (" *" if column.required else "")


def _limits(column: Column) -> str:
    if column.choices:
        return ", ".join(column.choices)
    if column.references:
        return f"refers to `{column.references}`"
    if column.until:
        return "no later than the loading" + (" and observed_until" if column.until == "observed" else "")
    ends = [f"{end:g}" if end is not None else "" for end in (column.minimum, column.maximum)]
    return " to ".join(ends).strip() if any(ends) else ""


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    write_documents(Path.cwd())
