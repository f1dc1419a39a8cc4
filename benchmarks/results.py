"""RESULTS.md of one run: machine, versions, date, what was measured, and the aims beside it."""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import whole_runs
from measuring import Cost, median
from plan import BY_HAND, FREE, GROUPS, PANDAS, POLARS, TIGHT, USUAL

_PACKAGES = ("duckdb", "pandas", "polars", "numpy", "pyarrow", "sqlglot", "pydantic", "papermill")
_SMALLEST = "10k"

Key = tuple[str, str, str]


@dataclass(slots=True)
class Measured:
    """Costs by size, group and way."""

    costs: dict[Key, list[Cost]] = field(default_factory=dict)
    failures: set[Key] = field(default_factory=set)

    def add(self, size: str, group: str, title: str, cost: Cost) -> None:
        self.costs.setdefault((size, group, title), []).append(cost)

    def fail(self, size: str, group: str, title: str) -> None:
        self.failures.add((size, group, title))

    def failed(self, size: str, group: str, title: str) -> bool:
        return (size, group, title) in self.failures

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

    def sizes(self) -> list[str]:
        return list(dict.fromkeys(size for size, *_ in self.costs))


def write(
    measured: Measured, rows: Mapping[str, Mapping[str, object]], *, whole: bool, wrong: Sequence[str], file: Path
) -> None:
    lines = ["# Results of the benchmarks", "", *_machine(), ""]
    if not whole:
        lines += ["Part of the benchmarks only; `make bench` runs them all.", ""]
    lines += [_HOW, ""]
    if wrong:
        lines += [
            "**Answers differed; the costs below do not compare equal work.**",
            "",
            *(f"- {line}" for line in wrong),
            "",
        ]
    elif any(cost.answers for costs in measured.costs.values() for cost in costs):
        lines += ["Every way of a group gave answers equal to the library's, in every repeat.", ""]
    lines += ["## The aims", "", *_aims(measured, rows), ""]
    for name, group in GROUPS.items():
        sizes = [size for size in measured.sizes() if measured.cpu(size, name, group.ways[0].title) is not None]
        if sizes:
            lines += [f"## {group.title}", "", group.says, ""]
            for size in sizes:
                lines += [*_table(measured, size, name, [way.title for way in group.ways], rows), ""]
    lines += _whole_runs(measured, rows)
    file.write_text("\n".join(lines), encoding="utf-8")


_HOW = (
    "CPU seconds are of user and system, of the work: without the start of Python, what is imported before the work "
    "begins, preparations and the checking of answers (runs and starts: whole processes). What a tool imports or "
    "parses only once it works does count: half a second for the library (scipy, its statements), which weighs on a "
    "small client. Medians over the repeats; peak memory is the highest resident set. `CPU against the "
    "library` is the median "
    "ratio of measurements made in the same turn, to the group's first line: above 1, the library took less."
)


def _machine() -> list[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[2]
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return [
        f"{dt.datetime.now(dt.UTC).date().isoformat()}. {platform.system()} {platform.machine()}, {_processor()}, "
        f"{os.cpu_count()} cores, {memory:.0f} GB, load of the last quarter of an hour {load:.1f}. "
        f"Python {platform.python_version()}, {versions}."
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def _table(
    measured: Measured, size: str, name: str, titles: list[str], rows: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    yield f"**{size}** ({_contacts(rows, size):,} contacts)"
    yield ""
    yield "| way | repeats | CPU s | lowest | peak MB | CPU against the library |"
    yield "|---|---|---|---|---|---|"
    for title in titles:
        costs = measured.costs.get((size, name, title))
        if not costs:
            if measured.failed(size, name, title):
                yield f"| {title} | 0 | did not finish | | | |"
            continue
        ratio = measured.ratio(size, name, title, titles[0])
        lowest = min(cost.cpu_seconds for cost in costs)
        yield (
            f"| {title} | {len(costs)} | {measured.cpu(size, name, title):.2f} | {lowest:.2f} "
            f"| {measured.peak(size, name, title):.0f} | {ratio:.2f} |"
        )


def _contacts(rows: Mapping[str, Mapping[str, object]], size: str) -> int:
    return int(rows.get(size, {}).get("contacts", 0))  # type: ignore[call-overload]


def _aims(measured: Measured, rows: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    largest = next((size for size in reversed(measured.sizes()) if size != _SMALLEST), _SMALLEST)
    yield "| what | measured at | aim | found | met |"
    yield "|---|---|---|---|---|"
    for what, aim, value, low in _wanted(measured, rows, largest):
        if value is None:
            continue
        limit = float(aim.split()[-1])
        met = value >= limit if low else value <= limit
        at = _SMALLEST if "import" in what or "notebook" in what else largest
        at = "1M to 10M" if "exponent" in what else at
        yield f"| {what} | {at} | {aim} | {value:.2f} | {'yes' if met else 'no'} |"


def _wanted(
    measured: Measured, rows: Mapping[str, Mapping[str, object]], size: str
) -> Iterator[tuple[str, str, float | None, bool]]:
    """(what, aim, found, whether higher is better)."""
    for name in ("load", "tables"):
        yield (
            f"{GROUPS[name].title}: pandas' CPU over the library's",
            "at least 3",
            measured.ratio(size, name, PANDAS, USUAL),
            True,
        )
    stitch = GROUPS["stitch"].title
    yield f"{stitch}: CPU over {BY_HAND}", "at most 1.1", measured.ratio(size, "stitch", FREE, BY_HAND), False
    yield (
        f"{stitch}: CPU over polars, kept (stretch)",
        "at most 1",
        measured.ratio(size, "stitch", FREE, f"{POLARS}, kept"),
        False,
    )
    for title, aim, unit in ((USUAL, 2.5, "GB"), (TIGHT, 0.8, "GB")):
        peaks = [peak / 1024 for name in ("load", "tables", "stitch") if (peak := measured.peak(size, name, title))]
        yield f"Peak memory, {title} ({unit})", f"under {aim}", max(peaks) if peaks else None, False
    for name in ("load", "tables", "stitch"):
        slower = measured.ratio(size, name, TIGHT, FREE)
        yield f"{GROUPS[name].title}: CPU with 500 MB over no limit", "at most 2", slower, False
    for name in GROUPS:
        yield f"{GROUPS[name].title}: growth exponent", "at most 1.15", _exponent(measured, rows, name), False
    yield "import, every public name used: CPU over pandas, duckdb, sqlglot, pydantic", "at most 1.2", measured.ratio(
        _SMALLEST, "start", whole_runs.IMPORT_ALL, whole_runs.IMPORT_OTHERS
    ), False  # fmt: skip
    yield "light notebook: CPU over a bare kernel", "at most 1.2", measured.ratio(
        _SMALLEST, "start", whole_runs.LIGHT, whole_runs.BARE
    ), False  # fmt: skip


def _exponent(measured: Measured, rows: Mapping[str, Mapping[str, object]], name: str) -> float | None:
    small, large = (measured.cpu(size, name, FREE) for size in ("1M", "10M"))
    if small is None or large is None:
        return None
    return math.log(large / small) / math.log(_contacts(rows, "10M") / _contacts(rows, "1M"))


def _whole_runs(measured: Measured, rows: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    found = {key: costs for key, costs in measured.costs.items() if key[1] in ("run", "start")}
    if not found:
        return
    yield "## Runs and starts"
    yield ""
    yield (
        "Whole processes with their children. A first run loads, checks, stitches, executes both notebooks and writes "
        "HTML; a run again has its store. The smallest client's run is nearly all overhead: kernels, imports, figures, "
        "HTML. Papermill executes the light notebook and the bare one. The library imports a public name when it is "
        "first used, so the bare import costs next to nothing; what compares is the import with every public name used."
    )
    yield ""
    yield "| what | contacts | repeats | CPU s | peak MB |"
    yield "|---|---|---|---|---|"
    for (size, name, title), costs in found.items():
        contacts = (
            f"{_contacts(rows, size):,}" if name == "run" and _contacts(rows, size) else size if name == "run" else ""
        )
        cpu, peak = measured.cpu(size, name, title), measured.peak(size, name, title)
        yield f"| {title} | {contacts} | {len(costs)} | {cpu:.2f} | {peak:.0f} |"
    yield ""
