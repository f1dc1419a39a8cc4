"""What was measured so far, kept beside the benchmark's data: groups measured at other times stand together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from measuring import Cost, median

Key = tuple[str, str, str]
"""Size, group, way."""


@dataclass(slots=True)
class Measured:
    """Costs, failures and differing answers by size, group and way; contacts and the library's version by size."""

    costs: dict[Key, list[Cost]] = field(default_factory=dict)
    failures: dict[Key, str] = field(default_factory=dict)
    wrong: dict[Key, list[str]] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)

    def forget(self, size: str, group: str) -> None:
        """A group is measured anew as a whole: its ratios are of ways that took turns."""
        for kept in (self.costs, self.failures, self.wrong):
            for key in [key for key in kept if key[:2] == (size, group)]:
                del kept[key]

    def add(self, size: str, group: str, title: str, cost: Cost) -> None:
        self.costs.setdefault((size, group, title), []).append(cost)

    def fail(self, size: str, group: str, title: str, why: str) -> None:
        self.failures[size, group, title] = why

    def failed(self, size: str, group: str, title: str) -> bool:
        return (size, group, title) in self.failures

    def differ(self, size: str, group: str, title: str, lines: Sequence[str]) -> None:
        if lines:
            self.wrong.setdefault((size, group, title), []).extend(lines)

    def cpu(self, size: str, group: str, title: str) -> float | None:
        found = self.costs.get((size, group, title))
        return median([cost.cpu_seconds for cost in found]) if found else None

    def peak(self, size: str, group: str, title: str) -> float | None:
        found = self.costs.get((size, group, title))
        return max(cost.peak_mb for cost in found) if found else None

    def ratio(self, size: str, group: str, title: str, to: str) -> float | None:
        """Median of the ratios of measurements that were made in the same turn."""
        pairs = zip(self.costs.get((size, group, title), []), self.costs.get((size, group, to), []), strict=False)
        ratios = [one.cpu_seconds / other.cpu_seconds for one, other in pairs]
        return median(ratios) if ratios else None

    def sizes(self, group: str, order: Sequence[str]) -> list[str]:
        """The sizes at which something is known of a group, in the order given."""
        known = {size for size, name, _ in (*self.costs, *self.failures) if name == group}
        return [size for size in order if size in known]

    def sources(self) -> set[str]:
        """The states of the library that were measured."""
        return {cost.source for costs in self.costs.values() for cost in costs}


def read(file: Path) -> Measured:
    """What an earlier run kept; nothing when there was none."""
    if not file.exists():
        return Measured()
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Measured(
        {_key(name): [Cost(**one, answers={}) for one in costs] for name, costs in kept["costs"].items()},
        {_key(name): why for name, why in kept["failures"].items()},
        {_key(name): lines for name, lines in kept["wrong"].items()},
        kept["contacts"],
    )


def keep(measured: Measured, file: Path) -> None:
    kept = {
        "costs": {"|".join(key): [_plain(cost) for cost in costs] for key, costs in measured.costs.items()},
        "failures": {"|".join(key): why for key, why in measured.failures.items()},
        "wrong": {"|".join(key): lines for key, lines in measured.wrong.items()},
        "contacts": measured.contacts,
    }
    begun = file.with_suffix(".part")
    begun.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    begun.replace(file)


def _plain(cost: Cost) -> dict[str, object]:
    return {name: value for name, value in asdict(cost).items() if name != "answers"}


def _key(name: str) -> Key:
    size, group, title = name.split("|")
    return size, group, title
