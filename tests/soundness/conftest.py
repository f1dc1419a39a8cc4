"""Writes what estimators attained to the package's soundness.json; only the proofs (`make prove`) ask for it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rootcause_lib.soundness import FILE, World, worlds_measured

Simulated = npt.ArrayLike


@pytest.fixture(scope="session")
def measure() -> Callable[..., World]:
    """From simulated values and limits to one world's row; runs without an answer (NaN) are not counted."""

    def measured(
        *, estimator: str, world: str, truth: float, value: Simulated, low: Simulated, high: Simulated, nominal: float
    ) -> World:
        values, lows, highs = (np.asarray(column, dtype=float) for column in (value, low, high))
        told = ~(np.isnan(values) | np.isnan(lows) | np.isnan(highs))
        values, lows, highs = values[told], lows[told], highs[told]
        return World(
            estimator=estimator,
            world=world,
            nominal=nominal,
            attained=round(float(np.mean((lows <= truth) & (truth <= highs))), 4),
            bias=round(float(np.mean(values) - truth), 5),
            simulations=int(told.sum()),
            half_width_mean=round(float(np.mean((highs - lows) / 2)), 5),
        )

    return measured


@pytest.fixture(scope="session")
def record(repository: Path) -> Iterator[Callable[[list[World]], None]]:
    """Takes an estimator's worlds, all of them at once; they replace what the file says of that estimator.

    Call it before asserting: what was attained is shipped as it is, also where it falls short.
    """
    fresh: list[World] = []
    yield fresh.extend
    again = {world.estimator for world in fresh}
    kept = [world for world in worlds_measured() if world.estimator not in again]
    rows = sorted([*kept, *fresh], key=lambda world: world.estimator)
    lines = ",\n".join("  " + json.dumps(dataclasses.asdict(row)) for row in rows)
    path = repository / "rootcause_lib" / FILE
    half_written = path.with_suffix(".json.new")
    half_written.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    half_written.replace(path)
