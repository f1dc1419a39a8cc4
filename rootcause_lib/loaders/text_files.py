"""Delimited text files, plain or .gz, every cell read as text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from rootcause_lib.errors import DataError
from rootcause_lib.loaders.decoding import detect_encoding, head, write_utf8
from rootcause_lib.loaders.layout import Layout, find_layout
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reading import Opened, SourceColumn
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.sources import SourceFile


def open_text(session: Session, file: SourceFile, *, known: Collection[str]) -> Opened:
    """A text file as a relation; what is not plain UTF-8 is copied first.

    Rows that don't fit the header are kept in the relation's `refused` table with their row number.
    """
    encoding = detect_encoding(file.path, name=file.name)
    start = head(file.path, encoding, name=file.name)
    layout = find_layout(start, known)
    if layout is None:
        raise DataError(f"{file.name} is empty. Export it again.")
    path = file.path
    if not encoding.clean:
        path = session.folder / f"{session.new_name('text')}.csv"
        write_utf8(file.path, encoding, path, name=file.name)
    refused = session.new_name("refused")
    names = [f"c{position}" for position in range(1, len(layout.headers.names) + 1)]
    columns = tuple(
        SourceColumn(header, "text", quoted(name)) for header, name in zip(layout.headers.names, names, strict=True)
    )
    return Opened(
        name=file.name,
        relation=_relation(
            path,
            layout,
            names,
            rejects=f"store_rejects = true, rejects_table = {literal(refused)}, "
            f"rejects_scan = {literal(refused + '_scans')}",
        ),
        sample=_relation(path, layout, names, rejects=""),
        columns=columns,
        first_row=layout.header_row,
        twice=layout.headers.twice,
        encoding=None if encoding.is_utf8 else encoding.name,
        refused=refused,
    )


def _relation(path: Path, layout: Layout, names: Sequence[str], *, rejects: str) -> str:
    # row_number in the same select also keeps the engine from pushing casts into its reader.
    declared = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return f"""(select row_number() over () as source_row, *
        from read_csv({literal(str(path))}, auto_detect = false, delim = {literal(layout.delimiter)}, quote = '"',
            escape = '"', header = false, skip = {layout.skipped_lines}, columns = {{{declared}}}, all_varchar = true,
            strict_mode = true, ignore_errors = true{", " if rejects else ""}{rejects}))"""
