"""Delimited text files, plain or .gz, every cell read as text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from rootcause_lib.errors import DataError
from rootcause_lib.loaders.decoding import Encoding, detect_encoding, head, write_utf8
from rootcause_lib.loaders.layout import Layout, find_layout
from rootcause_lib.loaders.quotes import Rows, mend_quotes
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reading import Opened, SourceColumn
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.sources import SourceFile

CONTROLS = "control_characters"
"""The repair by which rows are listed whose control characters were taken out."""

_CONTROLS = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"


def open_text(session: Session, file: SourceFile, *, known: Collection[str]) -> Opened:
    """A text file as a relation; what is not plain UTF-8 is copied first.

    Rows that don't fit the header are kept in the relation's `refused` table with their row number.
    """
    encoding = detect_encoding(file.path, name=file.name)
    start = head(file.path, encoding, name=file.name)
    layout = find_layout(start, known)
    if layout is None:
        raise DataError(f"{file.name} is empty. Export it again.")
    path = _readable(session, file, encoding, layout)
    refused = session.new_name("refused")
    names = [f"c{position}" for position in range(1, len(layout.headers.names) + 1)]
    columns = tuple(
        SourceColumn(header, "text", _plain(quoted(name)) if encoding.controls else quoted(name))
        for header, name in zip(layout.headers.names, names, strict=True)
    )
    whole = f"concat_ws('', {', '.join(quoted(name) for name in names)})"
    return Opened(
        name=file.name,
        relation=_relation(path, layout, names, rejects=refused),
        sample=_relation(path, layout, names, rejects=f"{refused}_looked", kept=1),
        columns=columns,
        first_row=layout.header_row,
        twice=layout.headers.twice,
        encoding=encoding.repaired,
        refused=refused,
        repairs={CONTROLS: f"regexp_matches({whole}, {literal(_CONTROLS)})"} if encoding.controls else {},
    )


def _readable(session: Session, file: SourceFile, encoding: Encoding, layout: Layout) -> Path:
    """The file itself where the engine can read it as it is, else a copy."""
    path = file.path
    if not encoding.clean or encoding.quoted_breaks:
        path = session.folder / f"{session.new_name('text')}.csv"
        write_utf8(file.path, encoding, path, name=file.name)
    if not encoding.quoted_breaks:
        return path
    mended = session.folder / f"{session.new_name('mended')}.csv"
    rows = Rows(layout.delimiter, len(layout.headers.names))
    is_mended = mend_quotes(path, mended, rows, skipped_lines=layout.skipped_lines)
    (path if is_mended else mended).unlink()
    return mended if is_mended else path


def _plain(value: str) -> str:
    return f"regexp_replace({value}, {literal(_CONTROLS)}, '', 'g')"


def _relation(path: Path, layout: Layout, names: Sequence[str], *, rejects: str, kept: int = 0) -> str:
    """`kept`: how many rejects to keep at most, 0 all."""
    # row_number in the same select also keeps the engine from pushing casts into its reader. Where it stores no
    # rejects, it takes the first text after a closing quote for the end of the file.
    declared = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return f"""(select row_number() over () as source_row, *
        from read_csv({literal(str(path))}, auto_detect = false, delim = {literal(layout.delimiter)}, quote = '"',
            escape = '"', header = false, skip = {layout.skipped_lines}, columns = {{{declared}}}, all_varchar = true,
            strict_mode = true, ignore_errors = true, store_rejects = true, rejects_table = {literal(rejects)},
            rejects_scan = {literal(rejects + "_scans")}, rejects_limit = {kept}))"""
