"""A hostile client, run in both languages as a scheduler would run it; made once, looked at by every test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile.client import Hostile, write_client
from hostile.pages import write_notebooks
from hostile.payloads import BREAKING_OUT, FORMULAS
from rootcause_lib.reporting.kernels import kernel_environment


@dataclass(frozen=True, slots=True)
class Reported:
    """A run: its folder, its exit code, what the command wrote to the terminal."""

    folder: Path
    exit_code: int
    terminal: str


def command(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    """One `rootcause` command with the bytes it wrote."""
    words = [sys.executable, "-m", "rootcause_lib.cli", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, env=kernel_environment(), timeout=900)


@pytest.fixture(scope="session")
def own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOTCAUSE_KEY", "a key for tests, long enough")
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, own_key: None) -> Hostile:
    made = write_client(tmp_path_factory.mktemp("hostile") / "client")
    made.note("notebooks", write_notebooks(made.folder / "notebooks"))
    return made


@pytest.fixture(scope="session")
def finnish(hostile: Hostile) -> Reported:
    """Every notebook, the engagement's own and their failures among them, with payloads as parameters."""
    given = ("-p", f"note={BREAKING_OUT['quoted']}", "-p", f"notes={FORMULAS['equals']},{BREAKING_OUT['image']}")
    return reported(hostile, "--language", "fi", *given)


@pytest.fixture(scope="session")
def english(hostile: Hostile, finnish: Reported) -> Reported:
    return reported(hostile, "--language", "en", "--only", "00", "02")


def reported(client: Hostile, *options: str) -> Reported:
    done = command("run", client.folder, *options)
    terminal = (done.stdout + done.stderr).decode()
    index = Path(done.stdout.decode().strip())
    assert index.name == "index.html", terminal[-2000:]
    return Reported(index.parent, done.returncode, terminal)
