"""The command as a user and a scheduler meet it: exit codes, one message, what is on stdout."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rootcause_lib.reporting.kernels import kernel_environment

TINY = (
    'engagement: str = "x"  # the folder\n'
    "language: str | None = None  # en or fi\n"
    'output: str = "screen"  # screen or report\n'
    "window_days: int = 14  # days\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "client"
    done = rootcause("sample", folder, "--customers", 80, "--seed", 5)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(folder / "engagement.toml")
    assert rootcause("check", folder, "--quiet").returncode == 0
    return folder


@pytest.fixture
def client(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "client"))


@pytest.fixture
def notebook(client: Path) -> Callable[..., None]:
    """Write one of the engagement's own notebooks."""

    def write(name: str, *cells: str) -> None:
        from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

        made = [new_markdown_cell(f"# {name}", id="title")]
        made.append(new_code_cell(TINY, id="parameters", metadata={"tags": ["parameters"]}))
        made += [new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate(cells)]
        (client / "notebooks").mkdir(exist_ok=True)
        (client / "notebooks" / f"{name}.ipynb").write_text(writes(new_notebook(cells=made)), encoding="utf-8")

    return write


def rootcause(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=kernel_environment(), timeout=300)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "rootcause_lib.cli", *map(str, arguments)]


def message(done: subprocess.CompletedProcess[str]) -> str:
    """The one message of a failed command."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("rootcause:")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def runs(client: Path) -> list[str]:
    folder = client / "reports" / "lumo-oy"
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []


def test_help_names_every_command() -> None:
    done = rootcause("--help")
    assert done.returncode == 0
    for name in ("run", "check", "sql", "metrics", "sample", "explore", "forget"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["rnu"], "rnu"),
        (["run"], "ENGAGEMENT"),
        (["run", "."], "engagement.toml"),
        (["run", "no/such/folder"], "no/such/folder"),
        (["run", ".", "--timeout", "-1"], "--timeout"),
        (["sample", "x", "--customers", "none"], "--customers"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_one_message(arguments: list[str], named: str, tmp_path: Path) -> None:
    environment = kernel_environment()
    done = subprocess.run(command(*arguments), capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 2
    assert named in message(done)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["-p", "windw_days=7"], "Did you mean 'window_days'"),
        (["-p", "window_days=week"], "takes int"),
        (["--only", "00_data_helth"], "Did you mean '00_data_health'"),
        (["-p", "language=fi"], "own option"),
        (["-p", "start=1.1.2025"], "YYYY-MM-DD"),
    ],
)
def test_a_wrong_parameter_is_exit_code_2_before_anything_runs(client: Path, arguments: list[str], named: str) -> None:
    done = rootcause("run", client, *arguments)
    assert done.returncode == 2
    assert named in message(done)
    assert not (client / "reports").exists()


def test_the_shipped_notebooks_run_to_a_report(client: Path) -> None:
    done = rootcause("run", client / "engagement.toml", "--language", "en")
    assert done.returncode == 0, done.stderr
    index = Path(done.stdout.strip())
    assert index.is_file()
    assert {
        "00_data_health.html",
        "02_channel_resolution.html",
        "03_churn_risk.html",
        "appendix.xlsx",
        "manifest.json",
        "tables",
    } <= {path.name for path in index.parent.iterdir()}
    assert (client / "reports" / "lumo-oy" / "latest" / "index.html").samefile(index)
    manifest = json.loads((index.parent / "manifest.json").read_text(encoding="utf-8"))
    contacts = [one for one in manifest["inputs"] if one["table"] == "contacts"]
    assert contacts
    for one in contacts:
        assert one["rows_read"] == one["rows_accepted"] + one["rows_rejected"]
        assert one["sha256"] == _sha256(client / one["source"])
    assert any(row["metric"] == "first_contact_resolution" for row in manifest["key_numbers"])
    assert "notebook 1 of 4" in done.stderr
    for path in index.parent.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert str(client) not in text


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_quiet_and_json_serve_a_scheduler(client: Path, notebook: Callable[..., None], tmp_path: Path) -> None:
    notebook("50_own", "window_days")
    done = rootcause(
        "run", client, "--only", "50", "-p", "window_days=7", "--quiet", "--json", "--reports", tmp_path / "out"
    )
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert summary["exit_code"] == 0
    assert summary["notebooks"] == [{"name": "50_own", "status": "good", "failure": None}]
    assert Path(summary["index"]).is_relative_to(tmp_path / "out" / "lumo-oy")


@pytest.mark.parametrize(
    ("cell", "options", "exit_code", "named"),
    [
        ("raise ValueError('salaisuus-4711')", [], 3, "ValueError"),
        ("import time\ntime.sleep(90)", ["--timeout", "5"], 4, "5 seconds"),
        ("import os\nos.kill(os.getpid(), 9)", [], 5, "its process ended"),
    ],
)
def test_each_end_of_a_notebook_has_its_exit_code_and_the_other_notebook_stands(
    client: Path, notebook: Callable[..., None], cell: str, options: list[str], exit_code: int, named: str
) -> None:
    notebook("50_bad", cell)
    notebook("51_good", "1")
    done = rootcause("run", client, "--only", "50", "51", *options)
    assert done.returncode == exit_code
    assert named in message(done)
    assert "salaisuus" not in done.stderr
    folder = Path(done.stdout.strip()).parent
    assert {"50_bad.FAILED.html", "51_good.html"} <= {path.name for path in folder.iterdir()}
    assert runs(client) == [folder.name], "no `latest` without a good run"


def test_unusable_data_are_exit_code_7_before_any_notebook(client: Path) -> None:
    for path in client.glob("kontaktit_*.csv"):
        path.write_text("", encoding="utf-8")
    done = rootcause("run", client)
    assert done.returncode == 7
    assert "notebook 1" not in done.stderr
    message(done)
    assert runs(client) == []
    assert rootcause("check", client).returncode == 7


def test_reports_that_can_not_be_written_are_exit_code_6(client: Path, notebook: Callable[..., None]) -> None:
    notebook("50_own", "1")
    (client / "file").write_text("")
    done = rootcause("run", client, "--only", "50", "--reports", client / "file")
    assert done.returncode == 6
    assert "--reports" in message(done)


@pytest.mark.skipif(os.name == "nt", reason="limits of a process")
def test_a_full_disk_is_exit_code_6_and_nothing_half_written(client: Path, notebook: Callable[..., None]) -> None:
    notebook("50_big", "print('x' * 900_000)")
    limited = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)); "
    limited += "sys.argv[0] = 'rootcause'; runpy.run_module('rootcause_lib.cli', run_name='__main__')"
    arguments = [sys.executable, "-c", limited, "run", str(client), "--only", "50"]
    done = subprocess.run(arguments, capture_output=True, text=True, env=kernel_environment(), timeout=300)
    assert done.returncode == 6, done.stderr
    assert "Nothing was kept" in message(done)
    assert done.stdout == ""
    assert runs(client) == []
    assert not list((client / "reports" / "lumo-oy").glob(".unfinished*"))


@pytest.fixture
def slow_run(client: Path, notebook: Callable[..., None]) -> Iterator[subprocess.Popen[str]]:
    """A run in the middle of its second notebook."""
    marker = client / "running"
    notebook("50_first", "1")
    notebook("51_slow", f"import time, pathlib\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(90)")
    process = subprocess.Popen(
        command("run", client, "--only", "50", "51"), stderr=subprocess.PIPE, text=True, env=kernel_environment()
    )
    deadline = time.monotonic() + 90
    while not marker.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield process
    process.kill()
    process.wait()


def test_two_runs_at_once_and_a_run_killed_half_way(
    client: Path, notebook: Callable[..., None], slow_run: subprocess.Popen[str]
) -> None:
    second = rootcause("run", client, "--only", "50")
    assert second.returncode == 75
    assert str(slow_run.pid) in message(second)
    assert rootcause("forget", client, "--yes").returncode == 75
    slow_run.send_signal(signal.SIGKILL)
    slow_run.wait()
    assert runs(client) == [], "no run, whole or half"
    third = rootcause("run", client, "--only", "50")
    assert third.returncode == 0, third.stderr
    assert len(runs(client)) == 2
    assert not list((client / "reports" / "lumo-oy").glob(".unfinished*"))


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(("sent", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_tidies_up(
    client: Path, slow_run: subprocess.Popen[str], sent: signal.Signals, exit_code: int
) -> None:
    slow_run.send_signal(sent)
    assert slow_run.wait(60) == exit_code
    assert runs(client) == []
    assert not list((client / "reports" / "lumo-oy").glob(".unfinished*"))


def test_check_prints_sources_rejects_reconciliation_and_readiness(client: Path) -> None:
    done = rootcause("check", client)
    assert done.returncode == 0
    for title in ("Sources", "Rejected rows by rule", "Control totals", "What can be answered", "Checks"):
        assert f"\n{title}" in f"\n{done.stdout}"
    records = json.loads(rootcause("check", client, "--json", "--quiet").stdout)
    assert {"sources", "rejects", "reconciliation", "readiness", "checks"} <= records.keys()
    assert all(one["rows_read"] == one["rows_accepted"] + one["rows_rejected"] for one in records["sources"])


def test_sql_prints_statements_and_reads_no_data(client: Path) -> None:
    for path in client.glob("kontaktit_*.csv"):
        path.unlink()
    done = rootcause("sql", client)
    assert done.returncode == 0, done.stderr
    assert done.stdout.casefold().count("select") > 5
    assert done.stdout.count("\n-- ") > 5


def test_metrics_prints_the_definitions() -> None:
    done = rootcause("metrics")
    assert done.returncode == 0
    assert "first_contact_resolution" in done.stdout
    records = json.loads(rootcause("metrics", "--json").stdout)
    assert {"first_contact_resolution", "handle_time"} <= {one["metric"] for one in records}


def test_forget_names_the_folders_asks_and_removes_only_what_was_made(
    client: Path, notebook: Callable[..., None]
) -> None:
    notebook("50_own", "1")
    assert rootcause("run", client, "--only", "50").returncode == 0
    asked = subprocess.run(
        command("forget", client), capture_output=True, text=True, env=kernel_environment(), stdin=subprocess.DEVNULL
    )
    assert asked.returncode == 2
    assert "--yes" in message(asked)
    assert (client / ".rootcause").exists()
    done = rootcause("forget", client, "--yes")
    assert done.returncode == 0
    assert done.stdout.split() == [str(client / ".rootcause"), str(client / "reports" / "lumo-oy")]
    assert not (client / ".rootcause").exists()
    assert not (client / "reports" / "lumo-oy").exists()
    assert (client / "engagement.toml").exists()
    assert list(client.glob("kontaktit_*.csv"))


def test_explore_prepares_notebooks_and_keeps_what_a_person_changed(client: Path) -> None:
    from rootcause_lib.reporting.exploring import prepare_workspace

    first = prepare_workspace(client, language="fi")
    assert set(first.written) >= {"00_data_health", "02_channel_resolution"}
    path = first.folder / "02_channel_resolution.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert any(str(client / "engagement.toml") in "".join(cell["source"]) for cell in content["cells"])
    assert "Kanavat" in "".join(content["cells"][0]["source"])
    content["cells"][-1]["source"] = "# changed by hand"
    path.write_text(json.dumps(content), encoding="utf-8")
    second = prepare_workspace(client, language="fi")
    assert second.kept == ("02_channel_resolution",)
    assert "00_data_health" in second.written


def test_an_unexpected_error_is_exit_code_70_without_its_message(
    client: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rootcause_lib import cli
    from rootcause_lib.reporting import run

    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("salaisuus-4711")

    monkeypatch.setattr(run, "run_engagement", explode)
    monkeypatch.delenv("ROOTCAUSE_TRACEBACK", raising=False)
    assert cli.main(["run", str(client)]) == 70
    seen = capsys.readouterr()
    assert "RuntimeError" in seen.err
    assert "salaisuus" not in seen.err
