"""A run appears whole or not at all, whatever happens inside; every fault is planted here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rootcause_lib.errors import LockedError, OutputError, ParameterError
from rootcause_lib.reporting.kernels import kernel_environment
from rootcause_lib.reporting.lock import locked
from rootcause_lib.reporting.run import Run

Write = Callable[..., Path]
Start = Callable[..., Run]
RECORD = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8").split('RECORD = """')[1].split('"""')[0]


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.exists() else set()


def test_a_good_run_holds_what_the_design_lists(tmp_path: Path, write_notebook: Write, run: Start) -> None:
    write_notebook("00_tiny", RECORD, "window_days", title="How tiny?")
    lines: list[str] = []
    done = run({"window_days": 7}, progress=lines.append)
    assert done.exit_code == 0
    assert visible(done.folder) == {
        "index.html",
        "00_tiny.html",
        "notebooks",
        "tables",
        "appendix.xlsx",
        "manifest.json",
    }
    assert visible(done.folder / "tables") == {"tiny.mature.parquet", "tiny.mature.csv"}
    reports = done.folder.parent
    assert visible(reports) == {done.run_id, "latest"}
    assert (reports / "latest").readlink() == Path(done.run_id)
    assert any("1 of 1" in line for line in lines)


def test_run_id_and_manifest_by_design(write_notebook: Write, run: Start, tmp_path: Path) -> None:
    import re

    write_notebook("00_tiny", RECORD)
    done = run(assignments=["window_days=21", "start=2025-01-01"])
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{4}", done.run_id)
    manifest = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "good"
    assert manifest["parameters"]["00_tiny"] == {
        "engagement": tmp_path.name,
        "start": "2025-01-01",
        "language": "en",
        "output": "report",
        "window_days": 21,
    }
    assert manifest["interpreter"] == Path(sys.executable).name
    assert manifest["packages"]["pandas"] == pd.__version__
    assert manifest["checks"] == [{"analysis": "tiny", "name": "rows", "passed": False, "text": "Rows do not add up."}]
    assert manifest["key_numbers"][0]["value"] == 0.5
    assert manifest["tables"] == {"tiny.mature": 2}


def test_index_shows_headline_grade_failed_check_and_links(write_notebook: Write, run: Start) -> None:
    write_notebook("00_tiny", RECORD, title="How tiny?")
    page = run(client="Lumo & <Oy>").index.read_text(encoding="utf-8")
    assert "Phone settles half." in page
    assert "rc-grade-b" in page
    assert page.index("Rows do not add up.") < page.index("Phone settles half."), "failed checks stand above"
    assert "Lumo &amp; &lt;Oy&gt;" in page
    assert 'href="00_tiny.html"' in page


def test_a_failed_notebook_is_kept_as_failed_and_the_others_stand(write_notebook: Write, run: Start) -> None:
    write_notebook("00_tiny", RECORD)
    good = run()
    write_notebook("01_bad", "raise ValueError('secret-4711')")
    done = run()
    assert done.exit_code == 3
    assert {"00_tiny.html", "01_bad.FAILED.html"} <= visible(done.folder)
    assert visible(done.folder / "notebooks") == {"00_tiny.ipynb", "01_bad.FAILED.ipynb"}
    assert (done.folder.parent / "latest").readlink() == Path(good.run_id), "latest moves only when the run succeeded"
    assert json.loads((done.folder / "manifest.json").read_text())["status"] == "failed"
    assert "01_bad" in done.message
    assert "ValueError" in done.message
    for path in done.folder.rglob("*"):
        if path.is_file():
            assert b"secret-4711" not in path.read_bytes() or path.suffix == ".ipynb"
    assert "secret-4711" not in json.dumps(json.loads((done.folder / "manifest.json").read_text()))


def test_the_worst_end_gives_the_exit_code(write_notebook: Write, run: Start) -> None:
    write_notebook("00_raises", "raise ValueError")
    write_notebook("01_dies", "import os\nos.kill(os.getpid(), 9)")
    assert run().exit_code == 5


def test_tables_of_an_analysis_that_stopped_half_way_are_not_kept(write_notebook: Write, run: Start) -> None:
    half = RECORD.rsplit("write_result", 1)[0] + "raise RuntimeError"
    write_notebook("00_half", half)
    done = run()
    assert done.exit_code == 3
    assert visible(done.folder / "tables") == set()


@pytest.mark.parametrize(
    ("assignments", "named"),
    [
        (["windw_days=7"], "Did you mean 'window_days'"),
        (["window_days=seven"], "takes int"),
        (["window_days"], "name=value"),
        (["output=screen"], "set by the run"),
        (["matching=resaon"], "Did you mean 'reason'"),
    ],
)
def test_a_wrong_parameter_stops_before_anything_is_written(
    tmp_path: Path, write_notebook: Write, run: Start, assignments: list[str], named: str
) -> None:
    write_notebook("00_tiny", "1")
    with pytest.raises(ParameterError, match=named):
        run(assignments=assignments)
    assert not (tmp_path / "reports").exists()


def test_a_missing_translation_stops_before_anything_runs(tmp_path: Path, write_notebook: Write, run: Start) -> None:
    marker = tmp_path / "ran"
    write_notebook("00_tiny", f"open({str(marker)!r}, 'w')")
    with pytest.raises(Exception, match="language 'fi'"):
        run(language="fi")
    assert not marker.exists()


def test_reports_in_place_of_a_file_can_not_be_written(tmp_path: Path, write_notebook: Write, run: Start) -> None:
    write_notebook("00_tiny", "1")
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(OutputError, match="Can't write") as caught:
        run()
    assert caught.value.exit_code == 6


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_output_folder_can_not_be_written(tmp_path: Path, write_notebook: Write, run: Start) -> None:
    write_notebook("00_tiny", "1")
    (tmp_path / "reports").mkdir(mode=0o555)
    with pytest.raises(OutputError, match="Can't write"):
        run()


def test_an_output_folder_that_vanishes_leaves_nothing_half_written(
    tmp_path: Path, write_notebook: Write, run: Start
) -> None:
    write_notebook("00_tiny", "import os, shutil\nshutil.rmtree(os.environ['ROOTCAUSE_RUN_FOLDER'])")
    with pytest.raises(OutputError, match="Nothing was kept"):
        run()
    assert visible(tmp_path / "reports" / "lumo-oy") == set()


def test_two_runs_at_once_is_exit_code_75(tmp_path: Path, write_notebook: Write, run: Start) -> None:
    write_notebook("00_tiny", "1")
    with locked(tmp_path / "reports" / "lumo-oy"), pytest.raises(LockedError, match=str(os.getpid())) as caught:
        run()
    assert caught.value.exit_code == 75
    assert visible(tmp_path / "reports" / "lumo-oy") == set()


DRIVER = """
import sys
from pathlib import Path
from rootcause_lib.reporting.lock import locked
from rootcause_lib.reporting.notebooks import available_notebooks
from rootcause_lib.reporting.ordering import Order
from rootcause_lib.reporting.run import run_notebooks
root = Path(sys.argv[1])
notebooks = available_notebooks(shipped=root / "notebooks")
order = Order("Lumo Oy", "en", notebooks, {one.name: {} for one in notebooks}, root / "reports" / "lumo-oy")
with locked(order.reports):
    run_notebooks(order)
"""


def test_a_run_killed_half_way_leaves_no_run_and_the_next_one_works(
    tmp_path: Path, write_notebook: Write, run: Start
) -> None:
    reports = tmp_path / "reports" / "lumo-oy"
    marker = tmp_path / "kernel"
    slow = f"import os, time, pathlib\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    write_notebook("00_tiny", RECORD)
    write_notebook("01_slow", slow)
    process = subprocess.Popen([sys.executable, "-c", DRIVER, str(tmp_path)], env=kernel_environment())
    try:
        _wait_for(marker.exists)
        with pytest.raises(LockedError):
            run()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert visible(reports) == set(), "no run, whole or half"
    if sys.platform == "linux":
        _wait_for(lambda: not Path(f"/proc/{marker.read_text()}").exists())
    write_notebook("01_slow", "1")
    done = run()
    assert done.exit_code == 0
    assert visible(reports) == {done.run_id, "latest"}
    assert not list(reports.glob(".unfinished*"))


def _wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
