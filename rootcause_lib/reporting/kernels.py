"""The process behind a notebook: always this interpreter, reached by a private socket, gone with the run."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RUN_FOLDER = "ROOTCAUSE_RUN_FOLDER"
"""Environment variable by which a notebook knows the folder its numbers go to."""

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""What keeps the algebra library to one thread: our fits are small, and threads that wait for each other cost a quarter
of a run's CPU time on two cores, far more where other processes work beside it. The engine has threads of its own."""

_LONGEST_SOCKET_PATH = 90  # Unix allows 107 bytes; jupyter_client appends "-ipc-5"
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent


def kernel_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, such that a child in any folder imports the same rootcause_lib.

    Relative entries of PYTHONPATH are made absolute; the package's own folder is added when it is not installed.
    """
    environment = dict(os.environ)
    paths = [str(Path(one).absolute()) for one in environment.get("PYTHONPATH", "").split(os.pathsep) if one]
    if _PACKAGE_ROOT.name not in ("site-packages", "dist-packages") and str(_PACKAGE_ROOT) not in paths:
        paths.insert(0, str(_PACKAGE_ROOT))
    if paths:
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    environment.update(extra or {})
    return environment


def this_interpreter() -> Any:
    """The kernel specification of the running interpreter; installed ones may start another Python."""
    from jupyter_client.kernelspec import KernelSpec

    return KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"],
        display_name="Python 3",
        language="python",
        name="python3",
    )


class Kernel:
    """One kernel: started and stopped by the thread that runs the notebook, killed from any thread."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rc-"))
        self.manager = _manager(self._folder / "kernel.json")

    def start(self, *, folder: Path, environment: Mapping[str, str]) -> None:
        """Start in `folder`; the user's own IPython start-up files have no say in a report, their threads have."""
        from jupyter_core.utils import run_sync

        threads = {name: os.environ.get(name, few) for name, few in ONE_THREAD.items()}
        isolated = {"IPYTHONDIR": str(self._folder / "ipython"), "PYTHONUNBUFFERED": "1", **threads}
        run_sync(self.manager.start_kernel)(
            cwd=str(folder),
            env=kernel_environment({**environment, **isolated}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """End the process and what it started, at once."""
        process = getattr(self.manager.provisioner, "process", None)
        if process is None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()

    def stop(self) -> None:
        """Kill and remove every trace: sockets, connection file, scratch folder."""
        from jupyter_core.utils import run_sync

        with contextlib.suppress(Exception):
            if self.manager.has_kernel:
                run_sync(self.manager.shutdown_kernel)(now=True)
        with contextlib.suppress(Exception):
            run_sync(self.manager.cleanup_resources)()
        shutil.rmtree(self._folder, ignore_errors=True)


def _manager(connection_file: Path) -> Any:
    from jupyter_client.manager import AsyncKernelManager

    sockets = sys.platform != "win32" and len(os.fsencode(connection_file)) < _LONGEST_SOCKET_PATH
    manager = AsyncKernelManager(
        kernel_name="python3", connection_file=str(connection_file), transport="ipc" if sockets else "tcp"
    )
    manager._kernel_spec = this_interpreter()
    return manager
