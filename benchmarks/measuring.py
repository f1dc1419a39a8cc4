"""A job in a process of its own: what it cost in CPU time and memory, and what it answered."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ANSWER = "ANSWER "
"""How the line begins by which a worker hands over what it measured."""

_ON_MACOS = sys.platform == "darwin"


class JobFailedError(Exception):
    """A job ended with an error; its last lines are in the message."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds (user and system, of the process and those it started) and the peak of resident memory."""

    cpu_seconds: float
    peak_mb: float
    answers: Mapping[str, object]


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


def run_worker(job: str, size: str, options: Sequence[str] = ()) -> Cost:
    """One measurement of a job that measures itself."""
    command = [sys.executable, str(ROOT / "benchmarks" / "worker.py"), job, size, *options]
    _, output = run_child(command)
    line = next(line for line in reversed(output.splitlines()) if line.startswith(ANSWER))
    found = json.loads(line.removeprefix(ANSWER))
    return Cost(found["cpu_seconds"], found["peak_mb"], found["answers"])


def run_child(command: Sequence[str]) -> tuple[Cost, str]:
    """A whole process, its start included, as the operating system accounts for it."""
    # This process stays small: a child's peak of memory begins with its parent's.
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=child_environment(), cwd=ROOT
    )
    assert child.stdout is not None
    assert child.stderr is not None
    output, errors = _both(child)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise JobFailedError(f"{' '.join(command[1:])} ended with {child.returncode}:\n{errors[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, _megabytes(usage.ru_maxrss), {}), output


def _both(child: subprocess.Popen[str]) -> tuple[str, str]:
    """Both streams to their ends, read at once so that neither blocks the child; the child is not waited for."""
    import threading

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
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "ROOTCAUSE_KEY": "the benchmark's own key, no secret"}


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _megabytes(maxrss: int) -> float:
    return maxrss / (1024 * 1024 if _ON_MACOS else 1024)
