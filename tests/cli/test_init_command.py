"""`rootcause init` and `request` as a user meets them: what is printed, exit codes, nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rootcause_lib.reporting.kernels import kernel_environment

FIXTURES = Path(__file__).parents[1] / "presets" / "fixtures"


def rootcause(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rootcause_lib.cli", *map(str, arguments)]
    environment = kernel_environment() | {"ROOTCAUSE_KEY": "a key for tests, long enough"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def test_init_lists_what_is_unsure_and_check_accepts_and_repeats_it(tmp_path: Path) -> None:
    folder = tmp_path / "client"
    done = rootcause("init", FIXTURES / "zendesk.csv", "--into", folder, "--client", "Testi Oy", "--language", "fi")
    assert done.returncode == 0, done.stderr
    assert "Zendesk Support" in done.stdout
    assert "Unsure (2)" in done.stdout
    assert "engagement.time_zone" in done.stdout
    assert "Waiting for courier" in done.stdout
    assert str(folder / "engagement.toml") in done.stdout
    checked = rootcause("check", folder, "--quiet")
    assert checked.returncode == 0, checked.stderr
    assert "contacts.resolved was guessed and not confirmed" in checked.stdout
    records = json.loads(rootcause("check", folder, "--quiet", "--json").stdout)
    assert records["unsure"] == [{"table": "contacts", "column": "resolved"}]


def test_init_draws_again_over_its_own_draft_and_never_over_an_edited_one(tmp_path: Path) -> None:
    assert rootcause("init", FIXTURES / "intercom.csv", "--into", tmp_path, "--time-zone", "UTC").returncode == 0
    again = rootcause("init", FIXTURES / "hubspot.csv", "--into", tmp_path, "--time-zone", "UTC")
    assert again.returncode == 0, again.stderr
    file = tmp_path / "engagement.toml"
    edited = file.read_text(encoding="utf-8").replace("window_days = 14", "window_days = 21")
    file.write_text(edited, encoding="utf-8")
    refused = rootcause("init", FIXTURES / "intercom.csv", "--into", tmp_path)
    assert refused.returncode == 2
    assert "left as it is" in refused.stderr
    assert file.read_text(encoding="utf-8") == edited


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("missing.csv", None, 2, "no file"),
        ("empty.csv", "", 7, "is empty"),
        ("notes.pdf", "x", 7, "can't be read"),
        ("plan.csv", "colour\nred\n", 7, "looks like contacts"),
    ],
)
def test_an_export_that_cannot_be_used_is_one_message_and_its_code(tmp_path, name, content, code, told) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    done = rootcause("init", tmp_path / name, "--into", tmp_path / "client")
    assert (done.returncode, told in done.stderr, done.stderr.count("rootcause:")) == (code, True, 1)
    assert not (tmp_path / "client").exists()


def test_init_into_what_is_no_folder_is_exit_code_6(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = rootcause("init", FIXTURES / "intercom.csv", "--into", tmp_path / "file" / "below")
    assert done.returncode == 6
    assert "can't be written" in done.stderr


def test_init_with_a_wrong_time_zone_is_exit_code_2(tmp_path: Path) -> None:
    done = rootcause("init", FIXTURES / "intercom.csv", "--into", tmp_path, "--time-zone", "Europe/Helsinky")
    assert done.returncode == 2
    assert not (tmp_path / "engagement.toml").exists()


def test_request_prints_markdown_in_the_language_asked_for() -> None:
    done = rootcause("request", "--language", "fi")
    assert done.returncode == 0
    assert done.stdout.startswith("# Aineistopyyntö")
    assert rootcause("request").stdout.startswith("# Data request")
