"""A JupyterLab of its own: own home, own settings, a random port and token, ended with the test."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

STARTS_WITHIN = 90


@dataclass(frozen=True, slots=True)
class Lab:
    """Where the server answers and where its files lie."""

    address: str
    token: str
    root: Path

    def get(self, path: str) -> Any:
        """The JSON the server answers with."""
        request = urllib.request.Request(f"{self.address}{path}", headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def page(self, notebook: str) -> str:
        """The address of a notebook in JupyterLab."""
        return f"{self.address}/lab/tree/{notebook}?token={self.token}"


@pytest.fixture
def lab(tmp_path: Path, repository: Path) -> Iterator[Lab]:
    """JupyterLab over a copy of the notebooks and the sample client, as a fresh clone has them."""
    root = tmp_path / "clone"
    shutil.copytree(repository / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(
        repository / "data" / "sample", root / "data" / "sample", ignore=shutil.ignore_patterns(".*", "reports")
    )
    made = Lab(f"http://127.0.0.1:{_free_port()}", secrets.token_hex(16), root)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.root_dir={root}",
        f"--ServerApp.port={made.address.rsplit(':', 1)[1]}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={made.token}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (tmp_path / "jupyterlab.log").open("w") as log:
        process = subprocess.Popen(command, env=_own_world(tmp_path, repository), stdout=log, stderr=log, cwd=root)
        try:
            _wait_for_answer(made, process, tmp_path / "jupyterlab.log")
            yield made
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _own_world(folder: Path, repository: Path) -> dict[str, str]:
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # Cells out of sight are otherwise not in the page, and what is not there can't be looked at.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    places = {
        name: str(folder / name.lower())
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    for place in places.values():
        Path(place).mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG"))}
    return {
        **kept, **places, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(repository), os.environ.get("PYTHONPATH")])),
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_answer(made: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up and process.poll() is None:
        try:
            made.get("/api/status")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}", pytrace=False)
