"""Where a run is written: hidden until it is whole, then moved at once; `latest` names the last good one."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rootcause_lib.errors import OutputError

if TYPE_CHECKING:
    from rootcause_lib.engagement import Engagement

LATEST = "latest"
OWNER = ".engagement"
"""A file in a folder of runs shared by engagements: whose runs they are."""
_UNFINISHED = ".unfinished-"


def reports_folder(engagement: Engagement, *, reports: str | Path | None = None) -> Path:
    """The client's folder of runs: under the engagement's `reports/`, or under `reports`."""
    root = Path(reports).absolute() if reports is not None else engagement.folder / "reports"
    return root / engagement.client_slug


def require_own(engagement: Engagement, reports: Path) -> None:
    """Raise OutputError where the folder of runs belongs to another engagement of the same client name."""
    owner = _owner(reports)
    if owner is not None and owner != _mark(engagement):
        raise OutputError(
            f"'{reports}' holds the reports of another engagement whose client has the same name. Name another place "
            f"with --reports or another client in {engagement.file.name}; if this engagement was moved, delete "
            f"'{OWNER}' there."
        )


def take(engagement: Engagement, reports: Path) -> None:
    """Note in a folder of runs outside the engagement whose it is; call it while holding the lock."""
    if not reports.resolve().is_relative_to(engagement.folder.resolve()):
        try:
            (reports / OWNER).write_text(f"{_mark(engagement)}\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"Could not write to '{reports}': {error.strerror}.") from None


def _owner(reports: Path) -> str | None:
    try:
        return (reports / OWNER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None


def _mark(engagement: Engagement) -> str:
    """The engagement's place, so that it can be told from another without naming it."""
    return hashlib.sha256(str(engagement.folder.resolve()).encode("utf-8", "surrogateescape")).hexdigest()


def new_run_id(now: dt.datetime) -> str:
    """`YYYYMMDDTHHMMSSZ-xxxx`: UTC time and four random hex digits."""
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def prune_unfinished(reports: Path) -> None:
    """Remove what killed runs left behind; call it while holding the lock."""
    for path in reports.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in reports.glob(f".{LATEST}-*"):
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def unfinished_run(reports: Path, run_id: str) -> Iterator[Path]:
    """A hidden folder to build a run in; becomes `reports`/`run_id` as a whole when the block ends well.

    Any OSError of the block (a full disk, a vanished folder) is an OutputError; the folder is removed then.
    """
    folder = reports / f"{_UNFINISHED}{run_id}"
    try:
        folder.mkdir()
        yield folder
        folder.replace(reports / run_id)
    except OSError as error:
        raise OutputError(
            f"Could not write the run to '{reports}': {error.strerror or type(error).__name__}. Nothing was kept."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def point_latest(reports: Path, run_id: str) -> None:
    """Make `latest` name the run: a relative link, or a one-line file where links can't be made."""
    new = reports / f".{LATEST}-{run_id}"
    latest = reports / LATEST
    try:
        try:
            if os.name == "nt":
                raise NotImplementedError
            new.symlink_to(run_id, target_is_directory=True)
        except (OSError, NotImplementedError):
            new.write_text(f"{run_id}\n", encoding="utf-8")
        new.replace(latest)
    except OSError as error:
        raise OutputError(f"The run is complete, but '{latest}' could not be moved to it: {error.strerror}.") from None
