"""Which notebooks a run executes, and in which language their text stands."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rootcause_lib.errors import NotebookError, ParameterError, unknown_choice
from rootcause_lib.reporting.parameters import Parameter, declared_parameters

SOURCE_LANGUAGE = "en"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Notebook:
    """A notebook to run: `name` is its file name without the ending, `own` that it is the engagement's."""

    name: str
    path: Path
    own: bool = False

    @cached_property
    def content(self) -> Any:
        """The notebook as nbformat 4; read once, copied before it is changed."""
        import nbformat

        try:
            return nbformat.read(self.path, as_version=4)
        except (OSError, ValueError, nbformat.ValidationError, KeyError, AttributeError):
            raise NotebookError(f"Notebook '{self.path.name}' can't be read as a Jupyter notebook.") from None

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return declared_parameters(_as_written(self.path) or self.content, name=self.name)

    @property
    def title(self) -> str:
        return title_of(self.content, otherwise=self.name)


def _as_written(path: Path) -> Any:
    """The cells of a notebook file by plain JSON; None for any but a sound one of format 4.

    Every notebook that opens a page reads its own parameters, and nbformat alone takes as long to import as pandas.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [
            {"cell_type": cell["cell_type"], "metadata": dict(cell["metadata"]), "source": "".join(cell["source"])}
            for cell in content["cells"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return {"cells": cells} if content.get("nbformat") == 4 else None


def shipped_folder() -> Path:
    """Where the product's notebooks lie: `notebooks/` of a source checkout, else inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"


def available_notebooks(own: Path | None = None, *, shipped: Path | None = None) -> tuple[Notebook, ...]:
    """Every notebook by name: the shipped ones and those of the engagement's folder `own`, which replace them."""
    found: dict[str, Notebook] = {}
    for folder, is_own in ((shipped or shipped_folder(), False), (own, True)):
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.glob("*.ipynb")):
            if not _NAME.fullmatch(path.stem):
                raise NotebookError(
                    f"Notebook '{path.name}': rename it; only letters a-z, digits, '_' and '-' are allowed."
                )
            found[path.stem] = Notebook(path.stem, path, is_own)
    return tuple(found[name] for name in sorted(found))


def chosen_notebooks(available: Sequence[Notebook], only: Iterable[str]) -> tuple[Notebook, ...]:
    """Those named in `only` (a name, or its leading digits: `02`), or all; unknown names are a ParameterError."""
    wanted = set()
    names = [notebook.name for notebook in available]
    for one in only:
        name = one.removesuffix(".ipynb")
        matches = [each for each in names if each == name or each.split("_")[0] == name]
        if not matches:
            raise ParameterError(unknown_choice("notebook", name, names))
        wanted.update(matches)
    if not available:
        raise NotebookError("No notebooks were found to run. Is the package installed completely?")
    return tuple(notebook for notebook in available if not wanted or notebook.name in wanted)


def title_of(content: Any, *, otherwise: str) -> str:
    """The first level-one heading of a notebook, as plain text."""
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            for line in cell["source"].splitlines():
                if line.startswith("# "):
                    return line[2:].strip().replace("`", "").replace("*", "")
    return otherwise


def question_of(content: Any) -> str:
    """The text under the title: what the notebook asks."""
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown" and cell["source"].startswith("# "):
            text = cell["source"].partition("\n")[2].strip().split("\n\n")[0]
            return " ".join(text.split()).replace("`", "").replace("*", "")
    return ""


def in_language(notebook: Notebook, language: str) -> Any:
    """A copy of the notebook with its markdown in `language`, taken by cell id from `<language>.toml` beside it.

    A notebook of the engagement's own without such a file (or without a table in it) keeps its text. Raises
    NotebookError when some cells are translated and others not, or when a translated cell does not exist.
    """
    import copy

    content = copy.deepcopy(notebook.content)
    if language == SOURCE_LANGUAGE:
        return content
    texts = _translations(notebook, language)
    if texts is None:
        return content
    markdown = {cell.get("id"): cell for cell in content["cells"] if cell["cell_type"] == "markdown"}
    _check_complete(markdown, texts, notebook=notebook, language=language)
    for cell_id, text in texts.items():
        markdown[cell_id]["source"] = text.strip("\n")
    return content


def _translations(notebook: Notebook, language: str) -> Mapping[str, str] | None:
    path = notebook.path.parent / f"{language}.toml"
    try:
        texts = tomllib.loads(path.read_text(encoding="utf-8")).get(notebook.name)
    except FileNotFoundError:
        texts = None
    except (OSError, ValueError) as error:
        raise NotebookError(f"The translations in '{path.name}' can't be read: {type(error).__name__}.") from None
    if texts is None and not notebook.own:
        raise NotebookError(f"Notebook '{notebook.name}' has no text in language '{language}' ('{path.name}').")
    return texts


def _check_complete(markdown: Iterable[str | None], texts: Iterable[str], *, notebook: Notebook, language: str) -> None:
    have, given = set(markdown), set(texts)
    for what, ids in (("lacks", have - given), ("translates unknown", given - have)):
        if ids:
            named = ", ".join(sorted(str(one) for one in ids))
            raise NotebookError(f"'{language}.toml' {what} cell {named} of notebook '{notebook.name}'.")


def shared_parameters(notebooks: Iterable[Notebook]) -> Mapping[str, tuple[Notebook, Parameter]]:
    """Every parameter some notebook declares, with the first notebook that does."""
    found: dict[str, tuple[Notebook, Parameter]] = {}
    for notebook in notebooks:
        for parameter in notebook.parameters:
            found.setdefault(parameter.name, (notebook, parameter))
    return found
