"""Where an engagement's files are: environment variables, patterns, folders."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from rootcause_lib.errors import DataError, EngagementError

INSIDE = "::"
"""Stands between a file and what is meant inside it: `contacts.xlsx::Sheet2`, `rows.duckdb::main.calls`."""

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_REPORTS = "reports"


def expanded(text: str, *, where: str) -> str:
    """Text with $NAME and ${NAME} replaced; a variable that is not set is an EngagementError."""
    return _replaced(text, where=where, shown=str)


def _replaced(text: str, *, where: str, shown: Callable[[str], str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(2)
        if name not in os.environ:
            raise EngagementError(
                f"{where}: the environment variable {name} is not set. Set it, or write the path out."
            )
        return shown(os.environ[name])

    return _VARIABLE.sub(value, text)


def matching_files(pattern: str, *, folder: Path, where: str) -> tuple[Path, ...]:
    """The files of a pattern below the folder, in order of name; none is a DataError.

    A file of exactly that name comes first, then the pattern with * ? [] and **. Lock files of
    office programs, hidden files and the engagement's own reports are left out.
    """
    plain = folder / expanded(pattern, where=where)
    if plain.is_file():
        return (plain,)
    searched = _replaced(pattern, where=where, shown=glob.escape)
    # Path.glob takes no absolute patterns
    names = glob.iglob(searched, root_dir=folder, recursive=True)  # noqa: PTH207
    found = sorted((folder / name for name in names), key=Path.as_posix)
    files = tuple(path for path in found if path.is_file() and not _is_by_product(path, folder, pattern))
    if not files:
        raise DataError(f"{where}: no file '{pattern}' in '{folder}'.{_hint(folder, pattern)}")
    return files


def _is_by_product(path: Path, folder: Path, pattern: str) -> bool:
    in_reports = path.is_relative_to(folder / _REPORTS) and not pattern.startswith(_REPORTS)
    return path.name.startswith("~$") or in_reports


def _hint(folder: Path, pattern: str) -> str:
    if not folder.is_dir():
        return " That folder does not exist."
    suffix = Path(pattern).suffix.casefold()
    same = sorted(_alike(folder, suffix))
    return f" Files of that kind there: {', '.join(same[:8])}." if same else " Copy the exports there, or mend the key."


def _alike(folder: Path, suffix: str) -> Iterator[str]:
    for path in folder.iterdir():
        if path.is_file() and suffix and path.suffix.casefold() == suffix and not path.name.startswith(("~$", ".")):
            yield path.name
