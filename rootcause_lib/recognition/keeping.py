"""Writing a draft where nobody's work is lost: only over a file that is still as the program wrote it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from rootcause_lib.engagement import FILE_NAME
from rootcause_lib.errors import OutputError, ParameterError

_HEAD = "# Drafted by `rootcause init`; it may be drafted again as long as nothing below is changed. sha256: "
_SIGNED = re.compile(re.escape(_HEAD) + r"([0-9a-f]{64})\n")


def write_draft(text: str, into: str | Path) -> Path:
    """Write the draft to the folder's engagement.toml, whole or not at all; the file's path.

    Raises ParameterError when a file is there that somebody changed or wrote, OutputError when the folder
    can't be written.
    """
    folder = Path(into)
    file = folder / FILE_NAME
    check_untouched(folder)
    signed = f"{_HEAD}{_sum(text)}\n{text}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{FILE_NAME}-", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
                out.write(signed)
            Path(name).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OutputError(f"'{folder}' can't be written ({error.strerror}). Give another folder with --into.") from None
    return file


def check_untouched(into: str | Path) -> None:
    """Raise ParameterError when the folder's engagement.toml is not one that was drafted and left alone."""
    file = Path(into) / FILE_NAME
    try:
        found = file.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise OutputError(f"'{file}' can't be read ({error.strerror}), so it is left alone.") from None
    signed = _SIGNED.match(found)
    if signed is None or signed.group(1) != _sum(found[signed.end() :]):
        raise ParameterError(
            f"'{file}' was written or changed by hand and is left as it is. "
            "Move it away, or draft into another folder with --into."
        )


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
