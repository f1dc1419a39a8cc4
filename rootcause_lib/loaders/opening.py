"""A source opened by its kind: text, workbook, Parquet or a table of a database."""

from __future__ import annotations

from collections.abc import Collection

from rootcause_lib.loaders.reading import Opened
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.sources import SourceFile
from rootcause_lib.loaders.text_files import open_text
from rootcause_lib.loaders.typed_files import open_database, open_parquet
from rootcause_lib.loaders.workbooks import open_workbook


def open_source(session: Session, file: SourceFile, known: Collection[str]) -> Opened:
    """The file as a relation of the engine, by its kind."""
    if file.kind == "text":
        return open_text(session, file, known=known)
    if file.kind == "workbook":
        return open_workbook(session, file, known=known)
    return open_parquet(session, file) if file.kind == "parquet" else open_database(session, file)
