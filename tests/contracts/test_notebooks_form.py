"""Every notebook keeps the fixed form: thin cells, one typed `parameters` cell, no outputs, two languages."""

from __future__ import annotations

import ast
import json
import re
import tokenize
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
ALWAYS_THERE = {"00_data_health", "02_channel_resolution"}
ALWAYS_PARAMETERS = {"engagement": str, "start": str, "end": str, "language": str, "output": str}
JSON_TYPES = {"str", "int", "float", "bool", "list[str]", "list[int]", "list[float]"}
LONGEST_CELL = 6
BANNED_NODES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor, ast.While, ast.With,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
BANNED_CALLS = {
    "open",
    "exec",
    "eval",
    "print",
    "read_text",
    "write_text",
    "to_csv",
    "to_parquet",
    "to_excel",
    "display_html",
}
SLUG = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")

Cell = dict[str, Any]


def notebook_paths() -> list[Path]:
    return sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


every_notebook = pytest.mark.parametrize("path", notebook_paths(), ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def cells_of(path: Path, kind: str) -> list[Cell]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]


def is_parameters(cell: Cell) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def parameters_cell(path: Path) -> Cell:
    tagged = [cell for cell in read(path)["cells"] if is_parameters(cell)]
    assert len(tagged) == 1, (
        f"{len(tagged)} cells are tagged `parameters`; without exactly one, papermill runs the defaults"
    )
    return tagged[0]


def parameter_faults(text: str) -> list[str]:
    """What is wrong with a parameters cell: each line is `name: type = value  # meaning`, with JSON types."""
    faults, found = [], {}
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    for node in ast.parse(text).body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
            faults.append(f"line {node.lineno}: not `name: type = value`")
            continue
        name, annotation = node.target.id, ast.unparse(node.annotation)
        kinds = {part.strip() for part in annotation.split("|")} - {"None"}
        if len(kinds) != 1 or not kinds <= JSON_TYPES:
            faults.append(f"{name}: {annotation} is no JSON type ({', '.join(sorted(JSON_TYPES))}, each also `| None`)")
        try:
            found[name] = ast.literal_eval(node.value)
        except ValueError:
            faults.append(f"{name}: the default is no literal")
        comment = comments.get(node.end_lineno or node.lineno, "")
        if len(comment) < 8:
            faults.append(f"{name}: no comment says what it means")
        # papermill --help-notebook drops a line with a second equals sign.
        if "=" in comment or (isinstance(found.get(name), str) and "=" in found[name]):
            faults.append(f"{name}: an equals sign in value or comment hides it from `papermill --help-notebook`")
    faults += [f"{name} is missing" for name in ALWAYS_PARAMETERS if name not in found]
    faults += [
        f"{name} is no text" for name, kind in ALWAYS_PARAMETERS.items() if not isinstance(found.get(name) or "", kind)
    ]
    if found.get("output", "screen") not in {"screen", "report"}:
        faults.append("output is neither screen nor report")
    return faults


def code_faults(text: str) -> list[str]:
    """What makes a code cell more than a call and its reading."""
    lines = [line for line in text.splitlines() if line.strip()]
    faults = [f"{len(lines)} lines, at most {LONGEST_CELL}"] if len(lines) > LONGEST_CELL else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, BANNED_NODES):
            faults.append(f"line {node.lineno}: {type(node).__name__} belongs in the library")
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in BANNED_CALLS:
            faults.append(f"line {node.lineno}: {ast.unparse(node.func)} belongs in the library")
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        faults += [
            f"imports {name}: a notebook needs rootcause_lib alone"
            for name in names
            if name.split(".")[0] != "rootcause_lib"
        ]
    return faults


def test_the_first_notebooks_are_there() -> None:
    if not NOTEBOOKS.is_dir():
        pytest.skip("there is no notebooks folder yet")
    assert {path.stem for path in notebook_paths()} >= ALWAYS_THERE


@every_notebook
def test_carries_no_outputs_and_no_traces_of_a_run(path: Path) -> None:
    notebook = read(path)
    assert notebook["nbformat"] == 4
    assert notebook["nbformat_minor"] >= 5
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    for cell in notebook["cells"]:
        assert not cell.get("outputs"), f"{cell['id']} has outputs"
        assert cell.get("execution_count") is None, f"{cell['id']} has an execution count"
        assert set(cell["metadata"]) <= {"tags"}, f"{cell['id']} carries {sorted(cell['metadata'])}"


@every_notebook
def test_cell_ids_are_written_by_hand(path: Path) -> None:
    ids = [cell["id"] for cell in read(path)["cells"]]
    assert len(set(ids)) == len(ids)
    machine_made = [name for name in ids if not SLUG.match(name) or re.fullmatch(r"[0-9a-f]{8}", name)]
    assert not machine_made, f"name cells for what they say, as in `what-we-got`: {machine_made}"


@every_notebook
def test_starts_with_one_title_then_the_parameters(path: Path) -> None:
    first = read(path)["cells"][0]
    assert first["cell_type"] == "markdown"
    assert source(first).startswith("# ")
    titles = [cell["id"] for cell in cells_of(path, "markdown") if re.search(r"^# ", source(cell), re.MULTILINE)]
    assert titles == [first["id"]]
    assert cells_of(path, "code")[0] == parameters_cell(path)


@every_notebook
def test_parameters_are_typed_commented_and_complete(path: Path) -> None:
    assert parameter_faults(source(parameters_cell(path))) == []


@every_notebook
def test_code_cells_are_thin(path: Path) -> None:
    faults = {cell["id"]: code_faults(source(cell)) for cell in cells_of(path, "code") if not is_parameters(cell)}
    assert {name: fault for name, fault in faults.items() if fault} == {}


@every_notebook
def test_markdown_holds_no_markup_of_its_own(path: Path) -> None:
    marked = [
        cell["id"]
        for cell in cells_of(path, "markdown")
        if re.search(r"<[a-zA-Z/!]|\]\(\s*(http|javascript)", source(cell))
    ]
    assert not marked, f"raw HTML or links out of the report: {marked}"


def finnish() -> dict[str, dict[str, str]]:
    """Notebook name to cell id to Finnish text."""
    return tomllib.loads((NOTEBOOKS / "fi.toml").read_text(encoding="utf-8"))


@every_notebook
def test_every_text_stands_in_finnish_too(path: Path) -> None:
    english = {cell["id"]: source(cell) for cell in cells_of(path, "markdown")}
    texts = finnish().get(path.stem, {})
    assert set(texts) == set(english), "missing or stale ids in notebooks/fi.toml"
    for name, text in english.items():
        translated = texts[name]
        assert translated.strip(), name
        assert sorted(re.findall(r"{[^{}]*}", translated)) == sorted(re.findall(r"{[^{}]*}", text)), (
            f"{name}: placeholders"
        )
        heads = [re.findall(r"^#+ ", part, re.MULTILINE) for part in (text, translated)]
        assert heads[0] == heads[1], f"{name}: headings"


def test_finnish_texts_belong_to_a_notebook() -> None:
    if not (NOTEBOOKS / "fi.toml").exists():
        assert not notebook_paths()
        pytest.skip("there are no notebooks yet")
    assert set(finnish()) == {path.stem for path in notebook_paths()}


GOOD = """\
engagement: str = "."  # folder with engagement.toml
start: str = ""  # first day judged
end: str = "2025-12-31"  # last day judged, included
language: str = "en"  # en or fi
output: str = "screen"  # screen or report
window_days: int = 14  # follow-up in days
"""


def test_parameter_check_passes_a_good_cell_by_hand() -> None:
    assert parameter_faults(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('end: str = "2025-12-31"  # last day judged, included\n', "", "end is missing"),
        ("window_days: int = 14", "window_days = 14", "line 6: not `name: type = value`"),
        ("window_days: int = 14", "window_days: Decimal = 14", "no JSON type"),
        ("  # follow-up in days", "", "no comment"),
        ("follow-up in days", "follow-up, 14 = two weeks", "equals sign"),
        ('"screen"', '"paper"', "neither screen nor report"),
        ("int = 14", "int = 7 * 2", "no literal"),
    ],
)
def test_parameter_check_catches_planted_fault(old: str, new: str, fault: str) -> None:
    assert any(fault in found for found in parameter_faults(GOOD.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a = 1\n" * 7, "7 lines"),
        ("for x in y:\n    x", "For"),
        ("[x for x in y]", "ListComp"),
        ("f = lambda x: x", "Lambda"),
        ("open('x')", "open"),
        ("import pandas as pd", "imports pandas"),
    ],
)
def test_code_check_catches_planted_fault(text: str, fault: str) -> None:
    assert any(fault in found for found in code_faults(text))
