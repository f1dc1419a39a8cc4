"""Notebooks to walk through with a client: in their language, with the engagement already filled in."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rootcause_lib.engagement import read_engagement
from rootcause_lib.errors import OutputError
from rootcause_lib.reporting.kernels import kernel_environment
from rootcause_lib.reporting.notebooks import available_notebooks, in_language
from rootcause_lib.store import store_folder

_KERNELS = ".jupyter"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of notebooks to open; `kept` names those a person has changed, which were left as they are."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def prepare_workspace(path: str | Path, *, language: str | None = None) -> Workspace:
    """Write every notebook of an engagement into its `.rootcause/explore/`, changed ones excepted."""
    import nbformat

    engagement = read_engagement(path)
    folder = store_folder(engagement) / "explore"
    preset = {"engagement": str(engagement.file.absolute()), "language": language}
    preset = {name: value for name, value in preset.items() if value is not None}
    written, kept = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_kernel(folder / _KERNELS)
        for notebook in available_notebooks(engagement.folder / "notebooks"):
            target = folder / f"{notebook.name}.ipynb"
            if _changed(target):
                kept.append(notebook.name)
                continue
            content = in_language(notebook, language or engagement.engagement.language)
            _fill_in(content, preset)
            content["metadata"]["rootcause"] = {"digest": _digest(content)}
            target.write_text(nbformat.writes(content, version=4) + "\n", encoding="utf-8")
            written.append(notebook.name)
    except OSError as error:
        raise OutputError(f"Could not write the notebooks to '{folder}': {error.strerror}.") from None
    return Workspace(folder, tuple(written), tuple(kept))


def start_jupyter(folder: Path, *, options: Sequence[str] = ()) -> int:
    """Start JupyterLab in a prepared folder, with kernels of this interpreter; its exit status when it ends."""
    environment = kernel_environment({"JUPYTER_PATH": str(folder / _KERNELS)})
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *options]
    return subprocess.call(command, env=environment, cwd=folder)


def _write_kernel(folder: Path) -> None:
    """A `python3` kernel that is this interpreter, found before any other of that name."""
    target = folder / "kernels" / "python3"
    target.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "display_name": "Python 3 (rootcause)", "language": "python"}
    (target / "kernel.json").write_text(json.dumps(kernel, indent=1), encoding="utf-8")


def _changed(target: Path) -> bool:
    """Whether a person has changed the cells since they were written; outputs don't count."""
    import nbformat

    try:
        content = nbformat.read(target, as_version=4)
    except FileNotFoundError:
        return False
    except Exception:
        return True
    return bool(content["metadata"].get("rootcause", {}).get("digest") != _digest(content))


def _digest(content: Any) -> str:
    sources = [[cell["cell_type"], cell["source"]] for cell in content["cells"]]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def _fill_in(content: Any, values: Mapping[str, object]) -> None:
    """Put values in place of the defaults in the parameters cell."""
    for cell in content["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = with_defaults(cell["source"], values)


def with_defaults(source: str, values: Mapping[str, object]) -> str:
    """The source of a parameters cell with other defaults; comments and annotations stay."""
    lines = source.splitlines()
    for line in reversed(ast.parse(source).body):
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name) or line.value is None:
            continue
        value = line.value
        if line.target.id in values and value.lineno == value.end_lineno:
            encoded = lines[value.lineno - 1].encode()  # ast counts columns in bytes
            new = repr(values[line.target.id]).encode()
            lines[value.lineno - 1] = (encoded[: value.col_offset] + new + encoded[value.end_col_offset :]).decode()
    return "\n".join(lines)
