"""Measures the library beside what else one would use, checks that all give equal results, writes RESULTS.md.

    python benchmarks/run.py                          1 M and 10 M contacts, about an hour on two cores
    python benchmarks/run.py --size 1M --only stitch  a few minutes

Every measurement is a process of its own; ways to do the same work take turns. Ratios are of CPU time within one
run. A result that differs ends with exit code 1. Data are made once, outside the repository (set ROOTCAUSE_BENCH to
choose where). Linux or macOS.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import results
import whole_runs
from clients import SIZES, Client
from comparing import differences
from measuring import Cost, JobFailedError, run_worker
from plan import GROUPS, Group
from results import Measured

USUAL_REPEATS = {"1M": 3, "10M": 1}
WHOLE = ("run", "start")
SMALLEST = "10k"


def main() -> int:
    asked = _arguments()
    sizes = ["1M", "10M"] if asked.size == "all" else [asked.size]
    names = asked.only or [*GROUPS, *WHOLE]
    measured, rows, wrong = Measured(), dict[str, Mapping[str, object]](), list[str]()
    for size in sizes:
        _say(f"Preparing {size}")
        rows[size] = run_worker("prepare", size).answers
        repeats = asked.repeats or USUAL_REPEATS.get(size, 3)
        for name in [name for name in names if name in GROUPS]:
            wrong += _measure(GROUPS[name], name, size, repeats, measured)
        if "run" in names:
            _measure_runs(Client(size), repeats, measured)
    if set(names) & set(WHOLE):
        _measure_starts(asked.repeats or 3, measured, runs="run" in names)
    for line in wrong:
        _say(f"DIFFERENT: {line}")
    whole = set(names) >= {*GROUPS, *WHOLE} and asked.size == "all"
    results.write(measured, rows, whole=whole, wrong=wrong, file=asked.results)
    _say(f"Written: {asked.results}")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=("all", *SIZES), default="all", help="contacts (default: 1M and 10M)")
    parser.add_argument("--only", nargs="+", choices=(*GROUPS, *WHOLE), help="what to measure (default: everything)")
    parser.add_argument("--repeats", type=int, help="repeats of each (default: 3, at 10M 1)")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "RESULTS.md", help="where to write")
    return parser.parse_args()


def _measure(group: Group, name: str, size: str, repeats: int, measured: Measured) -> list[str]:
    """Costs into `measured`; gives how answers differ from the first way's."""
    first: Mapping[str, object] | None = None
    wrong = []
    for _ in range(repeats):
        for way in group.ways:
            if measured.failed(size, name, way.title):
                continue
            try:
                cost = way.measure(size)
            except JobFailedError as error:
                if not way.may_fail:
                    raise
                measured.fail(size, name, way.title)
                _say(f"{size} {name}: {way.title} did not finish: {str(error).splitlines()[-1][:200]}")
                continue
            first = first or cost.answers
            wrong += [f"{size} {name}, {way.title}: {line}" for line in differences(first, cost.answers)[:10]]
            _keep(measured, size, name, way.title, cost)
    return wrong


def _measure_runs(client: Client, repeats: int, measured: Measured) -> None:
    for _ in range(repeats):
        folder = whole_runs.engagement(client)
        for title in (whole_runs.FIRST, whole_runs.AGAIN):
            _keep(measured, client.size, "run", title, whole_runs.run_notebooks(folder))


def _measure_starts(repeats: int, measured: Measured, *, runs: bool) -> None:
    """What does not depend on the client's size, on the smallest client."""
    run_worker("prepare", SMALLEST)
    folder = whole_runs.engagement(Client(SMALLEST))
    whole_runs.run_notebooks(folder)
    for _ in range(repeats):
        if runs:
            _keep(measured, SMALLEST, "run", whole_runs.SMALL, whole_runs.run_notebooks(folder))
        for title, cost in (whole_runs.imports() | whole_runs.notebooks(folder)).items():
            _keep(measured, SMALLEST, "start", title, cost)


def _keep(measured: Measured, size: str, name: str, title: str, cost: Cost) -> None:
    measured.add(size, name, title, cost)
    _say(f"{size:>4} {name:8} {title:48} {cost.cpu_seconds:8.2f} CPU s {cost.peak_mb:8.0f} MB")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
