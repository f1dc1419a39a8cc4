"""A job in a process of its own: what it cost in CPU time and memory, and what it answered."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ANSWER = "ANSWER "
"""How the line begins by which a worker hands over what it measured."""

_ON_MACOS = sys.platform == "darwin"


class JobFailedError(Exception):
    """A job ended with an error; its last lines are in the message. `spent`: for want of memory or time."""

    def __init__(self, message: str, *, spent: bool) -> None:
        super().__init__(message)
        self.spent = spent


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds (user and system, of the process and those it started) and the peak of resident memory.

    at: when the measurement began. load: the machine's load average of the minute before. source: the library's state.
    """

    cpu_seconds: float
    peak_mb: float
    answers: Mapping[str, object]
    at: str
    load: float
    source: str


class Meter:
    """Measures a worker from the inside, without its first imports, its preparations and its checking of answers."""

    def __init__(self) -> None:
        self._began = self._ended = (0.0, 0.0)

    def start(self) -> None:
        self._began = used()

    def stop(self) -> None:
        self._ended = used()

    @property
    def cpu_seconds(self) -> float:
        return self._ended[0] - self._began[0]

    @property
    def peak_mb(self) -> float:
        return self._ended[1]


def used() -> tuple[float, float]:
    """CPU seconds so far and the peak of memory in MB, of this process and of children already waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return cpu, max(_megabytes(usage.ru_maxrss) for usage in usages)


def run_worker(job: str, size: str, options: Sequence[str] = (), *, minutes: float | None = None) -> Cost:
    """One measurement of a job that measures itself."""
    command = [sys.executable, str(ROOT / "benchmarks" / "worker.py"), job, size, *options]
    whole, output = run_child(command, minutes=minutes)
    line = next(line for line in reversed(output.splitlines()) if line.startswith(ANSWER))
    found = json.loads(line.removeprefix(ANSWER))
    return replace(whole, cpu_seconds=found["cpu_seconds"], peak_mb=found["peak_mb"], answers=found["answers"])


def run_child(command: Sequence[str], *, minutes: float | None = None) -> tuple[Cost, str]:
    """A whole process, its start included, as the operating system accounts for it; stopped after `minutes`."""
    at, load = dt.datetime.now(dt.UTC).isoformat(timespec="minutes"), os.getloadavg()[0]
    # This process stays small: a child's peak of memory begins with its parent's.
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=child_environment(), cwd=ROOT
    )
    assert child.stdout is not None
    assert child.stderr is not None
    late = threading.Event()
    watch = threading.Timer(minutes * 60 if minutes else threading.TIMEOUT_MAX, _stop, (child, late))
    watch.daemon = True
    watch.start()
    try:
        output, errors = _both(child)
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        watch.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    if late.is_set():
        raise JobFailedError(f"stopped after {minutes:g} minutes", spent=True)
    if child.returncode == -signal.SIGKILL:
        raise JobFailedError("killed, most likely for want of memory", spent=True)
    if child.returncode:
        spent = "MemoryError" in errors or "out of memory" in errors.lower()
        message = f"{' '.join(command[1:])} ended with {child.returncode}:\n{errors[-2000:]}"
        raise JobFailedError(message, spent=spent)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, _megabytes(usage.ru_maxrss), {}, at, load, source_stamp()), output


def _stop(child: subprocess.Popen[str], late: threading.Event) -> None:
    late.set()
    child.kill()


@cache
def source_stamp() -> str:
    """Tells states of the library apart: a hash over its code, statements and texts."""
    files = sorted(path for path in (ROOT / "rootcause_lib").rglob("*") if path.suffix in (".py", ".sql", ".toml"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]


def _both(child: subprocess.Popen[str]) -> tuple[str, str]:
    """Both streams to their ends, read at once so that neither blocks the child; the child is not waited for."""
    found: dict[str, str] = {}

    def read(name: str) -> None:
        found[name] = getattr(child, name).read()

    threads = [threading.Thread(target=read, args=(name,)) for name in ("stdout", "stderr")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found["stdout"], found["stderr"]


def child_environment() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # One key for all, so that pseudonyms and with them the order of customers are the same everywhere.
    ours = {"PYTHONPATH": os.pathsep.join(paths), "ROOTCAUSE_KEY": "the benchmark's own key, no secret"}
    # An installed package is compiled once; compiling it in every process would be measured as its own work.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | ours


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _megabytes(maxrss: int) -> float:
    return maxrss / (1024 * 1024 if _ON_MACOS else 1024)
