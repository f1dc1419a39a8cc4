"""How a notebook ended is told apart by planting each end."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rootcause_lib.reporting.execution import Execution, execute
from rootcause_lib.reporting.notebooks import Notebook

CANARY = "KANARIA-131052-308T"


@pytest.fixture
def end_of(tmp_path: Path, write_notebook: Callable[..., Path]) -> Callable[..., Execution]:
    def start(*cells: str, timeout_seconds: float | None = None) -> Execution:
        path = write_notebook("nb", *cells)
        return execute(
            Notebook("nb", path).content,
            name="nb",
            parameters={"window_days": 7},
            folder=tmp_path,
            environment={"CANARY": CANARY},
            timeout_seconds=timeout_seconds,
        )

    return start


def test_a_good_notebook_runs_in_this_interpreter_with_its_parameters(
    end_of: Callable[..., Execution], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["."]))
    seen = end_of("import os, sys, rootcause_lib", "print(sys.executable, window_days, os.getcwd())")
    assert (seen.status, seen.exit_code, seen.failure) == ("good", 0, None)
    assert seen.content.cells[-1].outputs[0].text.split() == [sys.executable, "7", str(tmp_path)]


def test_a_notebook_keeps_to_one_thread_of_algebra_unless_told_otherwise(
    end_of: Callable[..., Execution], monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = "import os; print(os.environ['OPENBLAS_NUM_THREADS'], os.environ['OMP_NUM_THREADS'])"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert end_of(cell).content.cells[-1].outputs[0].text.split() == ["1", "3"]


def test_a_raising_cell_is_exit_code_3_and_its_message_is_withheld(end_of: Callable[..., Execution]) -> None:
    seen = end_of("import os", "raise ValueError(os.environ['CANARY'])", "print('never')")
    assert (seen.status, seen.exit_code) == ("failed", 3)
    assert seen.failure is not None
    assert (seen.failure.error, seen.failure.cell) == ("ValueError", "cell-1")
    assert CANARY not in json.dumps(seen.content)
    assert "never" not in json.dumps(seen.content.cells[-1].get("outputs"))


def test_a_chained_error_and_warnings_do_not_leak_values(end_of: Callable[..., Execution]) -> None:
    cell = "import os, warnings\nwarnings.warn(os.environ['CANARY'])\n"
    cell += (
        "try:\n    int(os.environ['CANARY'])\nexcept ValueError as e:\n    raise KeyError(os.environ['CANARY']) from e"
    )
    seen = end_of(cell)
    assert seen.status == "failed"
    assert CANARY not in json.dumps(seen.content)


def test_our_own_errors_are_quoted_since_they_hold_no_value(end_of: Callable[..., Execution]) -> None:
    seen = end_of("from rootcause_lib.errors import DataError\nraise DataError('no contacts in May')")
    assert seen.failure is not None
    assert "no contacts in May" in seen.failure.text


def test_a_notebook_that_could_not_write_is_exit_code_6(end_of: Callable[..., Execution]) -> None:
    seen = end_of("from rootcause_lib.errors import OutputError\nraise OutputError('the disk is full')")
    assert (seen.status, seen.exit_code) == ("failed", 6)


def test_a_killed_kernel_is_exit_code_5(end_of: Callable[..., Execution]) -> None:
    seen = end_of("import os", "os.kill(os.getpid(), 9)", "print('never')")
    assert (seen.status, seen.exit_code) == ("kernel_died", 5)
    states = [cell.metadata.papermill.status for cell in seen.content.cells]
    assert states[-2:] == ["failed", "pending"], "papermill itself calls these completed"


def test_a_notebook_over_its_time_is_exit_code_4_and_its_processes_are_gone(
    end_of: Callable[..., Execution], tmp_path: Path
) -> None:
    began = time.monotonic()
    cell = "import os, subprocess, sys, pathlib\n"
    cell += "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
    cell += f"pathlib.Path({str(tmp_path / 'pids')!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
    seen = end_of(cell, "import time\ntime.sleep(99)", timeout_seconds=6)
    assert (seen.status, seen.exit_code) == ("timed_out", 4)
    assert time.monotonic() - began < 30
    if sys.platform == "linux":
        deadline = time.monotonic() + 10
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        while any(_runs(pid) for pid in pids):
            assert time.monotonic() < deadline, "the kernel or what it started is still running"
            time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_the_time_limit_is_for_the_whole_notebook_not_for_a_cell(end_of: Callable[..., Execution]) -> None:
    seen = end_of(*["import time\ntime.sleep(2)"] * 6, timeout_seconds=6)
    assert seen.status == "timed_out"


def test_nothing_is_left_in_the_temporary_folder(
    end_of: Callable[..., Execution], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    end_of("1")
    assert list((tmp_path / "t").iterdir()) == []


def test_a_namesake_of_our_errors_is_not_quoted(end_of: Callable[..., Execution]) -> None:
    message = f"{CANARY} and\\nrootcause_lib.errors.OutputError: {CANARY}"
    seen = end_of(f"class OutputError(Exception): ...\nraise OutputError('{message}')")
    assert (seen.status, seen.exit_code) == ("failed", 3)
    assert seen.failure is not None
    assert CANARY not in seen.failure.text + json.dumps([cell.get("outputs") for cell in seen.content.cells])


def test_a_class_named_by_a_client_s_text_and_the_folders_of_a_path_are_left_out(
    end_of: Callable[..., Execution],
) -> None:
    seen = end_of(f"raise type('<b>{CANARY}', (Exception,), {{}})()")
    assert seen.failure is not None
    assert seen.failure.error == "Exception"
    said = "/home/maija/clients/lumo/engagement.toml, line 3: \\'C:\\\\Users\\\\maija\\\\x.csv\\' is not https://a.b/c/"
    seen = end_of(f"from rootcause_lib.errors import EngagementError\nraise EngagementError('{said}')")
    assert seen.failure is not None
    assert seen.failure.text.endswith("engagement.toml, line 3: 'x.csv' is not https://a.b/c/")
