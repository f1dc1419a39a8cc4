"""RESULTS.md of one run: machine, versions, date, what was measured, and the aims beside it."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import whole_runs
from measured import Measured
from measuring import Cost
from plan import ALONE, AS_TEXT, BY_HAND, BY_HAND_TOO, FREE, GROUPS, PANDAS, POLARS, TIGHT, USUAL, WHOLE

_PACKAGES = ("duckdb", "pandas", "polars", "numpy", "pyarrow", "sqlglot", "pydantic", "papermill")
_SMALLEST = "10k"
_LIMITED = ("load", "tables", "stitch")
_ALL, _OTHERS = whole_runs.IMPORT_ALL, whole_runs.IMPORT_OTHERS

SIZES_SHOWN = ("10k", "100k", "1M", "10M")


def write(measured: Measured, *, missing: Sequence[str], file: Path) -> None:
    """What is known so far; `missing` names what a complete run would also hold."""
    lines = ["# Results of the benchmarks", "", _machine(), "", _HOW, ""]
    if missing:
        lines += [f"Not measured: {', '.join(missing)}. `make bench` measures everything.", ""]
    if len(measured.sources()) > 1:
        lines += ["Not all was measured on one state of the library: compare within a table only.", ""]
    if measured.wrong:
        lines += ["**Answers differed; those costs do not compare equal work.**", ""]
        lines += [
            f"- {size} {name}, {way}: {line}" for (size, name, way), found in measured.wrong.items() for line in found
        ]
        lines += [""]
    elif measured.costs:
        lines += [
            "Every way of a group gave answers equal to the library's, in every repeat (but for yardsticks, said so).",
            "",
        ]
    lines += ["## The aims", "", *_aims(measured), ""]
    for name, group in GROUPS.items():
        sizes = measured.sizes(name, SIZES_SHOWN)
        if sizes:
            lines += [f"## {group.title}", "", group.says, ""]
            for size in sizes:
                lines += [*_table(measured, size, name, [way.title for way in group.ways]), ""]
    lines += _whole_runs(measured)
    file.write_text("\n".join(lines), encoding="utf-8")


_HOW = (
    "CPU seconds are of user and system, of the work: without the start of Python, what is imported before the work "
    "begins, preparations and the checking of answers (runs and starts: whole processes). What a tool imports or "
    "parses only once it works does count: half a second for the library (scipy, its statements), which weighs on a "
    "small client. Medians over the repeats; peak memory is the highest resident set. `CPU against the "
    "library` is the median "
    "ratio of measurements made in the same turn, to the group's first line: above 1, the library took less. "
    "`Measured` is when the first repeat began (UTC) and the highest load average of the minute before any repeat: "
    "much above the number of cores, other work shared caches and memory with what was measured."
)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return (
        f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB. "
        f"Python {platform.python_version()}, {versions}."
    )


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


def _table(measured: Measured, size: str, name: str, titles: list[str]) -> Iterator[str]:
    yield f"**{size}** ({measured.contacts.get(size, 0):,} contacts)"
    yield ""
    yield "| way | repeats | CPU s | lowest | peak MB | CPU against the library | measured (load) |"
    yield "|---|---|---|---|---|---|---|"
    for title in titles:
        costs = measured.costs.get((size, name, title))
        why = measured.failures.get((size, name, title))
        if not costs:
            if why:
                yield f"| {title} | 0 | did not finish: {why} | | | | |"
            continue
        ratio = measured.ratio(size, name, title, titles[0])
        lowest = min(cost.cpu_seconds for cost in costs)
        yield (
            f"| {title} | {len(costs)}{', then ' + why if why else ''} | {measured.cpu(size, name, title):.2f} "
            f"| {lowest:.2f} | {measured.peak(size, name, title):.0f} | {'' if ratio is None else f'{ratio:.2f}'} "
            f"| {_when(costs)} |"
        )


def _when(costs: Sequence[Cost]) -> str:
    day, _, time = min(cost.at for cost in costs).partition("T")
    return f"{day} {time[:5]} ({max(cost.load for cost in costs):.1f})"


def _aims(measured: Measured) -> Iterator[str]:
    yield "| what | measured at | aim | found | met |"
    yield "|---|---|---|---|---|"
    for what, at, aim, value, low in _wanted(measured):
        if value is None:
            continue
        limit = float(aim.split()[-1])
        met = value >= limit if low else value <= limit
        yield f"| {what} | {at} | {aim} | {value:.2f} | {'yes' if met else 'no'} |"


def _wanted(measured: Measured) -> Iterator[tuple[str, str, str, float | None, bool]]:
    """(what, measured at, aim, found, whether higher is better); each at the largest size it is known at."""
    ratio = measured.ratio
    for name in ("load", "tables"):
        size = _largest(measured, name, PANDAS)
        what = f"{GROUPS[name].title}: pandas' CPU over the library's"
        yield what, size, "at least 3", ratio(size, name, PANDAS, USUAL), True
    size = _largest(measured, "load", AS_TEXT)
    what = f"{GROUPS['load'].title}: CPU of {ALONE} over {AS_TEXT}"
    yield what, size, "at most 1.3", ratio(size, "load", ALONE, AS_TEXT), False
    stitch, size = GROUPS["stitch"].title, _largest(measured, "stitch", BY_HAND)
    yield f"{stitch}: CPU over {BY_HAND}", size, "at most 1.1", ratio(size, "stitch", FREE, BY_HAND), False
    kept = f"{POLARS}, kept"
    size = _largest(measured, "stitch", kept)
    yield f"{stitch}: CPU over {kept} (stretch)", size, "at most 1", ratio(size, "stitch", FREE, kept), False
    for title, aim in ((USUAL, 2.5), (TIGHT, 0.8)):
        size = max((_largest(measured, name, title) for name in _LIMITED), key=SIZES_SHOWN.index)
        peaks = [peak / 1024 for name in _LIMITED if (peak := measured.peak(size, name, title))]
        yield f"Peak memory, {title} (GB)", size, f"under {aim}", max(peaks) if peaks else None, False
    for name in _LIMITED:
        size = _largest(measured, name, TIGHT)
        what = f"{GROUPS[name].title}: CPU with 500 MB over no limit"
        yield what, size, "at most 2", ratio(size, name, TIGHT, FREE), False
    causes = GROUPS["causes"].title
    for way, words in ((FREE, causes), (WHOLE, f"{causes}, the whole analysis")):
        peak = measured.peak("10M", "causes", way)
        yield f"{words}: CPU over {BY_HAND}", "10M", "at most 4", ratio("10M", "causes", way, BY_HAND), False
        yield f"{words}: peak memory (GB)", "10M", "under 6", peak and peak / 1024, False
    page, size = GROUPS["channels"].title, _largest(measured, "channels", BY_HAND_TOO)
    yield f"{page}: CPU over {BY_HAND_TOO}", size, "at most 1.5", ratio(size, "channels", USUAL, BY_HAND_TOO), False
    peak = measured.peak(size, "channels", USUAL)
    yield f"{page}: peak memory (GB)", size, "under 5", peak and peak / 1024, False
    leaving, size = GROUPS["churn"].title, _largest(measured, "churn", BY_HAND)
    yield f"{leaving}: CPU over {BY_HAND}", size, "at most 1.5", ratio(size, "churn", FREE, BY_HAND), False
    peak = measured.peak(size, "churn", FREE)
    yield f"{leaving}: peak memory (GB)", size, "under 8", peak and peak / 1024, False
    for size in ("1M", "10M"):
        moved = measured.cpu(size, "explorer", FREE)
        yield f"{GROUPS['explorer'].title}: a move (ms)", size, "at most 200", moved and 1000 * moved / 30, False
    for name in [name for name in GROUPS if name != "explorer"]:
        what = f"{GROUPS[name].title}: growth exponent"
        yield what, "1M to 10M", "at most 1.15", _exponent(measured, name), False
    for what, one, other in (
        ("import, every public name used: CPU over pandas, duckdb, sqlglot, pydantic", _ALL, _OTHERS),
        ("light notebook: CPU over a bare kernel", whole_runs.LIGHT, whole_runs.BARE),
    ):
        yield what, _SMALLEST, "at most 1.2", ratio(_SMALLEST, "start", one, other), False


def _largest(measured: Measured, name: str, title: str) -> str:
    known = [size for size in SIZES_SHOWN if measured.costs.get((size, name, title))]
    return known[-1] if known else SIZES_SHOWN[0]


def _exponent(measured: Measured, name: str) -> float | None:
    small, large = (measured.cpu(size, name, GROUPS[name].ways[0].title) for size in ("1M", "10M"))
    if small is None or large is None:
        return None
    return math.log(large / small) / math.log(measured.contacts["10M"] / measured.contacts["1M"])


def _whole_runs(measured: Measured) -> Iterator[str]:
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
    yield "| what | contacts | repeats | CPU s | peak MB | measured (load) |"
    yield "|---|---|---|---|---|---|"
    for (size, name, title), costs in sorted(found.items(), key=lambda item: _place(item[0])):
        contacts = f"{measured.contacts[size]:,}" if name == "run" and size in measured.contacts else ""
        cpu, peak = measured.cpu(size, name, title), measured.peak(size, name, title)
        yield f"| {title} | {contacts} | {len(costs)} | {cpu:.2f} | {peak:.0f} | {_when(costs)} |"
    for (size, name, title), why in measured.failures.items():
        if name in ("run", "start"):
            yield f"| {title} | {size} | | did not finish: {why} | | |"
    yield ""


def _place(key: tuple[str, str, str]) -> tuple[int, int]:
    """Runs of the largest client first, starts last; within them as they were measured."""
    size, name, _ = key
    return int(name == "start"), -SIZES_SHOWN.index(size)
