"""One run at a time in a folder; the operating system frees the lock when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rootcause_lib.errors import LockedError, OutputError

LOCK_NAME = ".lock"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, which is made when missing.

    Raises LockedError (exit code 75) when another process holds it and OutputError when it can't be written.
    The file stays; its lock does not.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK_NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"Can't write to '{folder}': {error.strerror or type(error).__name__}. Name another place with --reports."
        ) from None
    with file:
        if not _try_lock(file):
            raise LockedError(f"Another run{_holder(file)} is writing to '{folder}'. Wait for it, or stop it.")
        try:
            _write_holder(file)
            yield
        finally:
            _unlock(file)


def _holder(file: IO[str]) -> str:
    try:
        file.seek(1)
        number = file.read(20).strip()
    except OSError:
        return ""
    return f" (process {number})" if number.isdigit() else ""


def _write_holder(file: IO[str]) -> None:
    with contextlib.suppress(OSError):
        file.seek(0)
        file.truncate()
        file.write(f" {os.getpid()}\n")
        file.flush()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # the first byte; the holder's number stands after it
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        file.seek(0)
        with contextlib.suppress(OSError):
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
