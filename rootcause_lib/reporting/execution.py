"""Running one notebook to its end, its error, its time limit or its kernel's death, and telling which it was.

After a time-out or a dead kernel papermill's own notebook says "completed": only how the execution ended tells.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rootcause_lib.errors import KernelDiedError, NotebookError, OutputError, TimeOutError
from rootcause_lib.reporting.failures import Failure, clean_failure, mark_unfinished
from rootcause_lib.reporting.kernels import Kernel

Status = Literal["good", "failed", "timed_out", "kernel_died"]
EXIT_CODES: Mapping[Status, int] = {
    "good": 0,
    "failed": NotebookError.exit_code,
    "timed_out": TimeOutError.exit_code,
    "kernel_died": KernelDiedError.exit_code,
}
_GRACE_SECONDS = 30
_START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Execution:
    """How one notebook ended: the notebook as far as it came, and why it stopped (`failure`, one line)."""

    status: Status
    content: Any
    seconds: float
    failure: Failure | None = None

    @property
    def exit_code(self) -> int:
        if self.failure is not None and self.failure.own and self.failure.error == OutputError.__name__:
            return OutputError.exit_code
        return EXIT_CODES[self.status]


def execute(
    content: Any,
    *,
    name: str,
    parameters: Mapping[str, object],
    folder: Path,
    environment: Mapping[str, str],
    timeout_seconds: float | None = None,
) -> Execution:
    """Run a notebook (nbformat node) with papermill in a fresh kernel of this interpreter, started in `folder`.

    Never raises for what the notebook does. `timeout_seconds` is for the whole notebook. Error outputs of the
    returned notebook hold no message that could carry a client's value.
    """
    began = time.monotonic()
    job = _Job(content, name=name, parameters=parameters, folder=folder, environment=environment)
    thread = threading.Thread(target=job.run, name=f"notebook {name}", daemon=True)
    thread.start()
    try:
        thread.join(timeout_seconds)
        timed_out = thread.is_alive()
    except BaseException:  # Ctrl-C and the like: leave no kernel behind
        job.kernel.kill()
        thread.join(_GRACE_SECONDS)
        raise
    if timed_out:
        job.kernel.kill()
        thread.join(_GRACE_SECONDS)
    seconds = time.monotonic() - began
    return _outcome(job, seconds=seconds, limit=timeout_seconds if timed_out else None)


def _outcome(job: _Job, *, seconds: float, limit: float | None) -> Execution:
    content = job.content
    if limit is not None:
        stopped = mark_unfinished(content, f"stopped after {limit:g} seconds, the time it was given")
        return Execution("timed_out", content, seconds, stopped)
    failure = clean_failure(content)
    if job.error is None:
        return Execution("good", content, seconds)
    if failure is not None:
        return Execution("failed", content, seconds, failure)
    kernel_gone = type(job.error).__name__ == "DeadKernelError" or isinstance(job.error, RuntimeError)
    why = "its process ended (killed, out of memory, or could not start)" if kernel_gone else "it could not be run"
    failure = mark_unfinished(content, f"{why} [{type(job.error).__name__}]")
    return Execution("kernel_died" if kernel_gone else "failed", content, seconds, failure)


class _Job:
    """What the executing thread is given and what it leaves; papermill outside the main thread takes no signals."""

    def __init__(
        self,
        content: Any,
        *,
        name: str,
        parameters: Mapping[str, object],
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.content = content
        self.error: Exception | None = None
        self.kernel = Kernel()
        self._name, self._parameters, self._folder, self._environment = name, parameters, folder, environment

    def run(self) -> None:
        try:
            with _quiet("papermill", "traitlets"):
                self.kernel.start(folder=self._folder, environment=self._environment)
                self._execute()
        except Exception as error:
            self.error = error
        finally:
            self.kernel.stop()

    def _execute(self) -> None:
        import papermill

        papermill.execute_notebook(
            self.content,
            None,
            parameters=dict(self._parameters),
            engine_name=_register_engine(),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            km=self.kernel.manager,
            start_timeout=_START_SECONDS,
            job=self,
        )


def _register_engine() -> str:
    """papermill works on a copy and gives it back only on success; this engine keeps hold of it from the start."""
    from papermill.engines import NBClientEngine, papermill_engines

    class KeepingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, job: _Job, **options: Any) -> Any:
            job.content = nb_man.nb
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    papermill_engines.register("rootcause", KeepingEngine)
    return "rootcause"


@contextlib.contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """papermill's log repeats parameters and tracebacks; what a reader needs is said by the run itself."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
