"""The clients that are measured on: made once by the sample client's generator and kept outside the repository."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

SIZES = {"10k": 2_500, "100k": 23_800, "1M": 238_000, "10M": 2_380_000}
"""Customers of a client with about so many contacts in a year."""

TIME_ZONE = "Europe/Helsinki"
SEED = 1
FORMAT = 3
"""Raised when what is kept changes."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where a client's files lie. `exports`: a semicolon CSV of contacts with faults, customers as Parquet.

    `tables`: clean canonical Parquet files of all tables. `loaded`: the store before stitching. `stitched`: after.
    `loaded_tables`, `stitched_tables`: the same as Parquet, for tools that can't read a DuckDB file.
    """

    size: str

    @property
    def folder(self) -> Path:
        return cache() / f"{self.size}-{FORMAT}"

    @property
    def tables(self) -> Path:
        return self.folder / "tables"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def contacts_alone(self) -> Path:
        """An engagement of the exported contacts without their customers."""
        return self.exports / "contacts_alone"

    @property
    def planted(self) -> Path:
        """How many rows that do not fit their header and total lines the exports hold."""
        return self.exports / "planted.json"

    @property
    def loaded(self) -> Path:
        return self.folder / "loaded.duckdb"

    @property
    def loaded_tables(self) -> Path:
        return self.folder / "loaded"

    @property
    def stitched(self) -> Path:
        return self.folder / "stitched.duckdb"

    @property
    def stitched_tables(self) -> Path:
        return self.folder / "stitched"

    @property
    def work(self) -> Path:
        """A folder for what a job writes; emptied before each job."""
        return self.folder / "work"

    def fresh_work(self) -> Path:
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        return self.work


def cache() -> Path:
    return Path(os.environ.get("ROOTCAUSE_BENCH") or Path(tempfile.gettempdir()) / "rootcause-bench")
