"""What every test may ask for: where the repository is, where the real data are, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

# Pictures are drawn to files, on desktops too; CI draws the same examples every run, and a busy machine is no failure.
os.environ.setdefault("MPLBACKEND", "Agg")
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")

REPOSITORY = Path(__file__).resolve().parent.parent


def lacking(what: str) -> NoReturn:
    """A missing tool fails the run where everything must be tested (CI) and skips the test elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; CI must have it", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real exports, `$ROOTCAUSE_DATA` or ../shared/data; they are not part of the repository."""
    folder = Path(os.environ.get("ROOTCAUSE_DATA") or REPOSITORY / ".." / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip("no real data: set ROOTCAUSE_DATA to the folder that holds helpdesk_italy, pwc_callcenter, ...")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium for Playwright's `executable_path`; start it with --no-sandbox when root."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    lacking("no Chromium on the PATH (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One Chromium for every test: Playwright takes no second one beside it. Tests open pages of their own in it."""
    if os.environ.get("CI"):
        import playwright.sync_api as sync_api
    else:
        sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as player:
        started = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
