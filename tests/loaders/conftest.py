"""A small client to load: files written by hand, an engagement around them, the store in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rootcause_lib.engagement import read_engagement
from rootcause_lib.engine import DuckDB
from rootcause_lib.loaders import Intake
from rootcause_lib.loaders.loading import load

KEY = "a key for tests, long enough"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load left: the counts, the engine, the folder of rejects, what was said meanwhile."""

    intake: Intake
    engine: DuckDB
    rejects: Path
    said: tuple[str, ...]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.connection.execute(sql).fetchall()

    def column(self, sql: str) -> list[Any]:
        return [row[0] for row in self.rows(sql)]

    def rejected(self) -> list[tuple[Any, ...]]:
        return list(self.intake.rejects[["row", "column", "rule"]].itertuples(index=False, name=None))

    def repairs(self) -> dict[tuple[str, str], int]:
        """(column, repair) to rows, all sources together."""
        return self.intake.repairs.groupby(["column", "repair"])["rows"].sum().to_dict()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Loaded]]:
    """`client(toml, {name: content})` writes the files (text as UTF-8, bytes as they are) and loads them."""
    monkeypatch.setenv("ROOTCAUSE_KEY", KEY)
    engines: list[DuckDB] = []

    def build(toml: str, files: dict[str, str | bytes], *, today: dt.date | None = None) -> Loaded:
        folder = tmp_path / f"client{len(engines)}"
        folder.mkdir()
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        head = "" if "[engagement]" in toml else '[engagement]\nclient = "Testi"\ntime_zone = "Europe/Helsinki"\n'
        (folder / "engagement.toml").write_text(head + toml, encoding="utf-8")
        engine = DuckDB(access="write")
        engines.append(engine)
        said: list[str] = []
        intake = load(read_engagement(folder), engine, rejects=folder / "rejects", progress=said.append, today=today)
        return Loaded(intake, engine, folder / "rejects", tuple(said))

    yield build
    for engine in engines:
        engine.close()
