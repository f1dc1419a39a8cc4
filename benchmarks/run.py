"""Measures the library beside what else one would use, checks that all give equal results, writes RESULTS.md.

    python benchmarks/run.py                          1 M and 10 M contacts, most of an hour on two cores
    python benchmarks/run.py --size 1M --only stitch  a few minutes

Every measurement is a process of its own; ways to do the same work take turns. Ratios are of CPU time within one
run. RESULTS.md is written after each group, from all that was measured on this machine: a group measured anew takes
the place of what was known of it, the others stay with their own date (--afresh forgets them). A way that fails or
takes too long is listed as such and the rest goes on. A result that differs ends with exit code 1, and so does a way
that fails, unless another tool lacked memory or time. Data are made once, outside the repository (set ROOTCAUSE_BENCH
to choose where). Linux or macOS.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import measured as kept_measures
import results
import whole_runs
from clients import SIZES, Client, cache
from comparing import differences
from measured import Measured
from measuring import Cost, JobFailedError, run_worker
from plan import GROUPS, Group

USUAL_REPEATS = {"1M": 3, "10M": 1}
RUN_REPEATS = {"1M": 2, "10M": 1}
START_REPEATS = 3
"""At least: a start's CPU time varies by some per cent."""

WHOLE = ("run", "start")
SMALLEST = "10k"


def main() -> int:
    asked = _arguments()
    sizes = ["1M", "10M"] if asked.size == "all" else [asked.size]
    names = asked.only or [*GROUPS, *WHOLE]
    file = cache() / "measured.json"
    measured = Measured() if asked.afresh else kept_measures.read(file)
    sound = True

    def measure(size: str, name: str, work: Callable[[], bool]) -> None:
        nonlocal sound
        measured.forget(size, name)
        try:
            sound &= work()
        except JobFailedError as error:
            sound = False
            measured.fail(size, name, "preparing", _last_line(error))
            _say(f"{size} {name}: {error}")
        kept_measures.keep(measured, file)
        results.write(measured, missing=_missing(measured), file=asked.results)

    for size in sizes:
        for name in [name for name in GROUPS if name in names]:
            measure(size, name, lambda s=size, n=name: _measure_group(GROUPS[n], n, s, asked.repeats, measured))
        if "run" in names:
            measure(size, "run", lambda s=size: _measure_runs(s, asked.repeats or RUN_REPEATS.get(s, 2), measured))
    if "start" in names:
        measure(SMALLEST, "start", lambda: _measure_starts(max(asked.repeats or 0, START_REPEATS), measured))
    _say(f"Written: {asked.results}")
    return 0 if sound and not measured.wrong else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=("all", *SIZES), default="all", help="contacts (default: 1M and 10M)")
    parser.add_argument("--only", nargs="+", choices=(*GROUPS, *WHOLE), help="what to measure (default: everything)")
    parser.add_argument("--repeats", type=int, help="repeats of each (default: 3, at 10M 1)")
    parser.add_argument("--afresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "RESULTS.md", help="where to write")
    return parser.parse_args()


def _missing(measured: Measured) -> list[str]:
    """What a complete run also measures."""
    wanted = [(size, name) for size in USUAL_REPEATS for name in (*GROUPS, "run")] + [(SMALLEST, "start")]
    known = {key[:2] for key in measured.costs}
    return [f"{name} at {size}" for size, name in wanted if (size, name) not in known]


def _prepare(size: str, needs: str, measured: Measured) -> None:
    _say(f"Preparing {size} ({needs})")
    rows = run_worker("prepare", size, ["--needs", needs]).answers
    measured.contacts[size] = int(rows["contacts"])  # type: ignore[call-overload]


def _measure_group(group: Group, name: str, size: str, repeats: int | None, measured: Measured) -> bool:
    """Costs, failures and differing answers into `measured`; whether every way that must not fail came through."""
    _prepare(size, group.needs, measured)
    first: Mapping[str, object] | None = None
    sound = True
    for _ in range(repeats or USUAL_REPEATS.get(size, 3)):
        for way in group.ways:
            if measured.failed(size, name, way.title):
                continue
            try:
                cost = way.measure(size)
            except JobFailedError as error:
                sound &= way.may_fail and error.spent
                measured.fail(size, name, way.title, _last_line(error))
                _say(f"{size} {name}: {way.title} did not finish: {error}")
                continue
            if not way.own_answers:
                first = first or cost.answers
                measured.differ(size, name, way.title, differences(first, cost.answers)[:10])
            _keep(measured, size, name, way.title, cost)
    return sound


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1][:160].replace("|", "/")


def _measure_runs(size: str, repeats: int, measured: Measured) -> bool:
    _prepare(size, "files", measured)
    for _ in range(repeats):
        folder = whole_runs.engagement(Client(size))
        for title in (whole_runs.FIRST, whole_runs.AGAIN):
            _keep(measured, size, "run", title, whole_runs.run_notebooks(folder))
    return True


def _measure_starts(repeats: int, measured: Measured) -> bool:
    """What does not depend on the client's size, on the smallest client."""
    measured.forget(SMALLEST, "run")
    _prepare(SMALLEST, "files", measured)
    folder = whole_runs.engagement(Client(SMALLEST))
    whole_runs.run_notebooks(folder)
    for _ in range(repeats):
        _keep(measured, SMALLEST, "run", whole_runs.SMALL, whole_runs.run_notebooks(folder))
        for title, cost in (whole_runs.imports() | whole_runs.notebooks(folder)).items():
            _keep(measured, SMALLEST, "start", title, cost)
    return True


def _keep(measured: Measured, size: str, name: str, title: str, cost: Cost) -> None:
    measured.add(size, name, title, cost)
    _say(
        f"{cost.at[11:16]} {size:>4} {name:8} {title:48} {cost.cpu_seconds:8.2f} CPU s {cost.peak_mb:8.0f} MB "
        f"load {cost.load:.1f}"
    )


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
