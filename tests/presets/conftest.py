"""Small made-up exports of known systems, each with its system's traps, and a loader of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rootcause_lib.engagement import read_engagement
from rootcause_lib.engine import DuckDB
from rootcause_lib.loaders import Intake
from rootcause_lib.loaders.loading import load

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load left: the counts and the engine."""

    intake: Intake
    engine: DuckDB

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.connection.execute(sql).fetchall()

    def rejected(self) -> int:
        return int(self.intake.sources["rows_rejected"].sum())


@pytest.fixture
def through_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Loaded]]:
    """`through_preset(preset, file, more)` loads a fixture (or a file of one's own) by its preset and little else."""
    monkeypatch.setenv("ROOTCAUSE_KEY", "a key for tests, long enough")
    engines: list[DuckDB] = []

    def build(preset: str, file: str | Path, more: str = "", *, zone: str = "Europe/Helsinki") -> Loaded:
        path = (FIXTURES / file).resolve()
        (tmp_path / "engagement.toml").write_text(
            f'[engagement]\nclient = "T"\ntime_zone = "{zone}"\n'
            f'[tables.contacts]\nsource = "{path.as_posix()}"\npreset = "{preset}"\n{more}',
            encoding="utf-8",
        )
        engine = DuckDB(access="write")
        engines.append(engine)
        intake = load(read_engagement(tmp_path), engine, rejects=tmp_path / "rejects", progress=lambda _: None)
        return Loaded(intake, engine)

    yield build
    for engine in engines:
        engine.connection.close()
