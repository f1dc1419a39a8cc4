"""Removing what was made from a client's data; the exports themselves are the client's and stay."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from rootcause_lib.engagement import read_engagement
from rootcause_lib.errors import OutputError
from rootcause_lib.reporting.folders import reports_folder, require_own
from rootcause_lib.reporting.lock import locked
from rootcause_lib.store import store_folder


def what_is_kept(path: str | Path, *, reports: str | Path | None = None) -> tuple[Path, ...]:
    """The folders that hold anything made from an engagement's data: its store with rejects, and its reports.

    Raises OutputError where the reports are another engagement's of the same client name.
    """
    engagement = read_engagement(path)
    runs = reports_folder(engagement, reports=reports)
    require_own(engagement, runs)
    return tuple(one for one in (store_folder(engagement), runs) if one.exists())


def forget(folders: Sequence[Path]) -> None:
    """Delete the folders; LockedError while a run is writing to one of them."""
    with contextlib.ExitStack() as locks:
        for folder in folders:
            if (folder / ".lock").exists():
                locks.enter_context(locked(folder))
        for folder in folders:
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise OutputError(f"Could not remove all of '{folder}': {error.strerror}.") from None
