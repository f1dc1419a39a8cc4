"""What is said of a notebook that did not finish: where and why, without a client's value.

A traceback repeats the message of an error, and messages repeat data. Only this package's own errors, which
never hold a value, are quoted; of others the class, the cell and the lines of code are named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rootcause_lib import errors
from rootcause_lib.prose import one_line

_OWN = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.RootcauseError)
)
_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"^(?:File |Cell In\[\d+\], line \d+|Input In \[\d+\], in)")
_FILE = re.compile(r"^File .*?([^/\\]+\.py:\d+).*")
_FOLDERS = re.compile(r"(?:(?<![\w.:/])/(?:[^\s'\"/]+/)+|\b[A-Za-z]:\\(?:[^\s'\"\\]+\\)+)")
"""The folders of a path from the root: they name a machine and who works on it."""
_PAPERMILL_MARK = "papermill-error-cell-tag"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a notebook stopped: `error` is the class of the error (or what ended it), `cell` its id, `text` one line.

    `own` says that the class is this package's, not a namesake.
    """

    error: str
    cell: str | None
    text: str
    own: bool = False


def clean_failure(content: Any) -> Failure | None:
    """Make the error outputs of a notebook safe, in place; the failure of the last one, None when there is none."""
    content["cells"] = [cell for cell in content["cells"] if _PAPERMILL_MARK not in cell["metadata"].get("tags", ())]
    failure = None
    for cell in content["cells"]:
        outputs = cell.get("outputs", [])
        for output in outputs:
            if output["output_type"] == "error":
                failure = _clean(output, cell)
        if any(output["output_type"] == "error" for output in outputs):
            cell["outputs"] = [one for one in outputs if one.get("name") != "stderr"]
    return failure


def _clean(output: Any, cell: Any) -> Failure:
    error, cell_id = output["ename"], cell.get("id")
    if not _CLASS.fullmatch(error):
        error = "Exception"
    own = _is_own(output)
    if own:
        message = _FOLDERS.sub("", one_line(output["evalue"]))
        text = f"{error} in cell '{cell_id}': {message}"
    else:
        message = "(the message is withheld: it may repeat a client's data; open the notebook with `rootcause explore`)"
        text = f"{error} in cell '{cell_id}'"
    places = [line for entry in output["traceback"] for line in _COLOURS.sub("", entry).splitlines()]
    places = [_FILE.sub(r"File \1", line) for line in places if _PLACE.match(line)]
    output["ename"], output["evalue"] = error, message
    output["traceback"] = [*places, f"{error}: {message}"]
    return Failure(error, cell_id, text, own)


def _is_own(output: Any) -> bool:
    """Whether the error's class is this package's, not one of that name: only ours say their module (see `errors`)."""
    name = output["ename"]
    said = f"{errors.__name__}.{name}: "
    return name in _OWN and any(line.startswith(said) for line in output["traceback"])


def mark_unfinished(content: Any, why: str) -> Failure:
    """Write into the notebook that it stopped, at the cell that was running; papermill calls every cell completed."""
    clean_failure(content)
    running = None
    for cell in content["cells"]:
        state = cell["metadata"].get("papermill", {})
        if state.get("start_time") is None:
            if state:
                state["status"] = "pending"
        elif cell["cell_type"] == "code":
            running = cell
    if running is not None:
        running["metadata"]["papermill"].update(status="failed", exception=True)
    if "papermill" in content["metadata"]:
        content["metadata"]["papermill"]["exception"] = True
    cell_id = running.get("id") if running is not None else None
    return Failure("stopped", cell_id, f"{why}{f', in cell {cell_id!r}' if cell_id else ''}")
