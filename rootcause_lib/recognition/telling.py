"""What was recognised, and what a person must still look at, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rootcause_lib.presets import read_preset
from rootcause_lib.recognition.guesses import Recognition, TableGuess, Unsure


def told(recognition: Recognition, *, file: Path, assumed: Sequence[Unsure]) -> str:
    """The tables with their sources and columns, everything unsure, how much of it, and what to do next."""
    unsure = [*recognition.unsure, *assumed]
    lines = [line for table in recognition.tables for line in _table(table)]
    lines += ["", f"Unsure ({len(unsure)})" if unsure else "Nothing is unsure."]
    lines += [f"  {each.where}: {each.why}" for each in unsure]
    lines += ["", f"Drafted {file}", f"Look at what is unsure there, then: rootcause check {file.parent}"]
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def _table(table: TableGuess) -> Iterator[str]:
    names = ", ".join(source.name for source in table.sources)
    by = f" ({read_preset(table.preset).system})" if table.preset is not None else ""
    yield f"{table.table}{by} from {names}"
    for column in table.columns:
        source = f"always '{column.constant}'" if column.constant is not None else " + ".join(column.headers)
        yield f"  {column.column:<20} {source:<40} {'unsure' if column.unsure else 'sure':<7} {column.evidence}"
