"""What each estimator reached in simulation, shipped with the package so that reports can print it.

`make prove` measures it and writes `soundness.json`; nothing here computes anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from importlib import resources

from rootcause_lib.errors import RootcauseError

FILE = "soundness.json"


@dataclass(frozen=True, slots=True)
class World:
    """One simulated world: how often the intervals held its truth, and how far off the values were on average."""

    estimator: str
    world: str
    nominal: float
    attained: float
    bias: float
    simulations: int
    half_width_mean: float


@dataclass(frozen=True, slots=True)
class Attained:
    """An estimator over all its worlds; `coverage` is the mean over them and `lowest` its worst one's."""

    estimator: str
    nominal: float
    coverage: float
    lowest: float
    lowest_world: str
    largest_bias: float
    simulations: int
    worlds: tuple[World, ...]


def attained(estimator: str) -> Attained | None:
    """What `estimator` (such as "share_from_sums" or "recontact_incidence") reached; None if it was never measured."""
    worlds = tuple(world for world in worlds_measured() if world.estimator == estimator)
    if not worlds:
        return None
    worst = min(worlds, key=lambda world: world.attained)
    simulations = sum(world.simulations for world in worlds)
    return Attained(
        estimator=estimator,
        nominal=worlds[0].nominal,
        coverage=sum(world.attained * world.simulations for world in worlds) / simulations,
        lowest=worst.attained,
        lowest_world=worst.world,
        largest_bias=max((world.bias for world in worlds), key=abs),
        simulations=simulations,
        worlds=worlds,
    )


def worlds_measured() -> tuple[World, ...]:
    """Every world in the shipped file, in its order; raises RootcauseError if the file can't be read."""
    names = {field.name for field in fields(World)}
    try:
        rows = json.loads(resources.files("rootcause_lib").joinpath(FILE).read_text(encoding="utf-8"))
        return tuple(World(**{name: row[name] for name in names}) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        kind = type(fault).__name__
        raise RootcauseError(
            f"The package's {FILE} can't be read ({kind}). Install the package again, or run `make prove`."
        ) from None
