"""The house rules: who may import whom, which libraries stay in which room, sizes, names, signatures.

Read from the syntax trees, so that imports inside functions count and nothing has to be importable.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "rootcause_lib"

# From the ground up. A room imports from its own floor and the floors below; no two rooms import each other.
FLOORS = (
    {"errors", "vocabulary", "periods", "findings"},
    {"public_holidays"},
    {"engagement", "schemas", "stored_tables", "working_tables"},
    {"statements", "presets"},
    {"engine", "metrics"},
    {"journeys", "loaders"},
    {"fingerprints"},
    {"store", "recognition"},
    {"traits"},
    {
        "contact_paces",
        "demand",
        "estimates",
        "grades",
        "opening_windows",
        "person_time",
        "churn_clock",
        "person_weeks",
        "recontact",
        "risk_bands",
        "soundness",
        "statistics",
    },
    {"plots", "prose"},
    {"analyses"},
    {"explore", "reporting", "sample_client"},
    {"cli"},
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# These know less than their floor would let them.
KNOWS_ONLY = {
    "statistics": {"errors", "vocabulary", "statistics"},
    "plots": {"errors", "vocabulary", "periods", "findings", "plots", "prose"},
    "sample_client": {"errors", "vocabulary", "periods", "schemas", "sample_client"},
}

# A library, and the only rooms that may import it.
ONLY_IN = {
    "duckdb": {"engine"},
    "matplotlib": {"plots"},
    "seaborn": {"plots"},
    "ipywidgets": {"explore"},
    "papermill": {"reporting"},
    "nbclient": {"reporting"},
    "nbconvert": {"reporting"},
    "nbformat": {"reporting"},
    "jupyter_client": {"reporting"},
    "IPython": {"reporting"},
    "python_calamine": {"loaders"},
    "openpyxl": {"loaders", "reporting", "sample_client"},
    "statsmodels": {"statistics"},
    "scipy": {"statistics", "estimates", "sample_client"},
    "sklearn": {"statistics"},
    "babel": {"prose", "public_holidays"},
    "holidays": {"public_holidays"},
}
# Slow to import: only inside the functions that use them.
LAZY = set(ONLY_IN) - {"duckdb", "babel"}
# pandas' doors to client files, open in `loaders` alone.
FILE_READERS = {"read_csv", "read_table", "read_excel", "read_fwf", "read_json", "read_pickle", "read_sql"}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
FORBIDDEN_CLASSES = re.compile(r"^Base[A-Z]|(Manager|Handler|Processor|Helper|Utils)$")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: the file, the line, the dotted target, and whether it happens when the file is imported."""

    path: Path
    line: int
    target: str
    eager: bool

    def __str__(self) -> str:
        return f"{self.path.relative_to(PACKAGE)}:{self.line} imports {self.target}"


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def targets_of(node: ast.AST, path: Path) -> list[str]:
    """The dotted names an import statement reaches, relative ones made absolute."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = ("rootcause_lib", *path.relative_to(PACKAGE).parent.parts)
    base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
    module = ".".join(part for part in (base, node.module) if part)
    return [f"{module}.{alias.name}" for alias in node.names]


def imports_of(path: Path) -> Iterator[Import]:
    def walk(node: ast.AST, *, eager: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            for target in targets_of(child, path):
                yield Import(path, child.lineno, target, eager)
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from walk(child, eager=eager and not inside and not is_type_checking(child))

    yield from walk(tree_of(path), eager=True)


def all_imports() -> list[Import]:
    return [found for path in modules() for found in imports_of(path)]


def room_imports() -> list[tuple[str, str, Import]]:
    """(importing room, imported room, where); the package's own __init__ may show anything and is left out."""
    found = []
    for imported in all_imports():
        parts = imported.target.split(".")
        if parts[0] == "rootcause_lib" and len(parts) > 1 and imported.path != PACKAGE / "__init__.py":
            found.append((room_of(imported.path), parts[1], imported))
    return found


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path) for path in modules()} - {"__init__", "__main__"}
    homeless = sorted(rooms - set(FLOOR_OF))
    assert not homeless, f"{homeless}: say in FLOORS where they stand (and in README's module map)"


def test_imports_go_down_only() -> None:
    upward = [str(where) for room, other, where in room_imports() if FLOOR_OF.get(other, -1) > FLOOR_OF.get(room, 99)]
    assert not upward, "imports from a higher floor:\n" + "\n".join(upward)


def test_no_two_rooms_need_each_other() -> None:
    needs: dict[str, set[str]] = {}
    for room, other, _ in room_imports():
        if room != other:
            needs.setdefault(room, set()).add(other)
    reached = {room: set(others) for room, others in needs.items()}
    for _ in FLOOR_OF:
        for others in reached.values():
            others.update(*(reached.get(other, set()) for other in tuple(others)))
    circles = sorted(room for room, others in reached.items() if room in others)
    assert not circles, f"these rooms reach themselves through their imports: {circles}"


def test_rooms_that_must_know_little_know_little() -> None:
    known = [str(where) for room, other, where in room_imports() if other not in KNOWS_ONLY.get(room, {other})]
    assert not known, "\n".join(known)


def test_no_room_imports_the_package_as_a_whole() -> None:
    whole = [str(found) for found in all_imports() if found.target == "rootcause_lib"]
    assert not whole, "import the room you need, not the whole house:\n" + "\n".join(whole)


def test_libraries_stay_in_their_rooms() -> None:
    strays = []
    for found in all_imports():
        allowed = ONLY_IN.get(found.target.partition(".")[0])
        if allowed is not None and room_of(found.path) not in allowed:
            strays.append(f"{found} (allowed in {', '.join(sorted(allowed))})")
    assert not strays, "\n".join(strays)


def test_slow_libraries_are_imported_where_used() -> None:
    eager = [str(found) for found in all_imports() if found.eager and found.target.partition(".")[0] in LAZY]
    assert not eager, "move into the function that uses it:\n" + "\n".join(eager)


def test_importing_the_package_loads_nothing_slow() -> None:
    code = "import sys, rootcause_lib; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not (LAZY | {"babel"}) & set(ran.stdout.split())


def test_importing_every_public_name_brings_nothing_slow() -> None:
    """What a file works out while it is imported may bring a library that no import line of it names."""
    code = "import sys, rootcause_lib as rc; [getattr(rc, name) for name in rc.__all__]; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not LAZY & set(ran.stdout.split())


def test_client_files_are_read_in_loaders_alone() -> None:
    readers = []
    for path in modules():
        if room_of(path) == "loaders":
            continue
        calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        names = [(call.lineno, getattr(call.func, "attr", getattr(call.func, "id", ""))) for call in calls]
        readers += [f"{path.relative_to(PACKAGE)}:{line} {name}" for line, name in names if name in FILE_READERS]
    assert not readers, "\n".join(readers)


def test_names_say_what_a_thing_knows() -> None:
    parts = {part.removesuffix(".py") for path in PACKAGE.rglob("*") for part in path.relative_to(PACKAGE).parts}
    assert not parts & FORBIDDEN_NAMES
    classes = [node.name for path in modules() for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    assert not [name for name in classes if FORBIDDEN_CLASSES.search(name)]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, the docstring not counted."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_or_function_is_two_things() -> None:
    sizes = {path.relative_to(PACKAGE).as_posix(): len(path.read_bytes().splitlines()) for path in modules()}
    lengths = {
        f"{path.relative_to(PACKAGE).as_posix()}:{function.lineno} {function.name}": code_lines(function)
        for path in modules()
        for function in functions_of(path)
    }
    near = {name: size for name, size in sizes.items() if size > 300}
    near |= {name: length for name, length in lengths.items() if length > 40}
    if near:
        warnings.warn(f"over 300 lines (files) or 40 (functions), two things in one? {near}", stacklevel=1)
    assert not {name: size for name, size in sizes.items() if size > 350}
    assert not {name: length for name, length in lengths.items() if length > 60}


def public_functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions and methods whose names, and whose classes' and modules' names, carry no underscore in front."""
    found = []
    for path in modules():
        tree = tree_of(path)
        public_classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
        for scope in (tree, *public_classes):
            for node in scope.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
                    found.append((f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno} {node.name}", node))
    return found


def signature_faults(name: str, arguments: ast.arguments) -> Iterator[str]:
    if arguments.kwarg is not None:
        yield f"{name}(**{arguments.kwarg.arg}) swallows typing errors: name the options"
    every = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    subject = [each for each in every if each not in {"self", "cls"}][:1]
    optional = every[len(every) - len(arguments.defaults) :]
    # What a function is about may come first and have a default, as in `text(dialect)`; what follows is an option.
    if set(optional) - set(subject):
        yield f"{name}: options with a default are keyword-only, put `*` before them"
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None and ast.unparse(argument.annotation) in {"bool", "bool | None"}:
            yield f"{name}({argument.arg}: bool) is a switch: two functions, or named choices"
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if isinstance(default, ast.Constant) and isinstance(default.value, bool):
            yield f"{name} has a {default.value} default: two functions, or named choices"


def test_public_options_are_named_and_never_switches() -> None:
    faults = [fault for name, node in public_functions() for fault in signature_faults(name, node.args)]
    assert not faults, "\n".join(faults)


def test_results_are_frozen() -> None:
    loose = []
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
                dataclasses = [text for text in decorators if re.match(r"(dataclasses\.)?dataclass\b", text)]
                # A cached property needs a place of its own, which slots do not leave.
                caches = "@cached_property" in ast.unparse(node)
                wanted = {"frozen=True"} if caches else {"frozen=True", "slots=True"}
                if any(word not in text for text in dataclasses for word in wanted):
                    loose.append(f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}")
    assert not loose, (
        "@dataclass(frozen=True, slots=True), or the result can be changed after it was returned:\n" + "\n".join(loose)
    )


# What the checks above must catch, each in its smallest form.
FAULTY = {
    "def f(frame, options=None): ...": "keyword-only",
    "def f(frame, **options): ...": "swallows",
    "def f(frame=None, options=None): ...": "keyword-only",
    "def f(self, frame=None, options=None): ...": "keyword-only",
    "def f(frame, *, exact: bool): ...": "switch",
    "def f(frame, *, exact=False): ...": "False default",
}


@pytest.mark.parametrize("source", FAULTY)
def test_signature_check_catches_planted_fault(source: str) -> None:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert any(FAULTY[source] in fault for fault in signature_faults("f", function.args))


@pytest.mark.parametrize("source", ["def f(dialect=None): ...", "def f(self, dialect=None, *, level=0.95): ..."])
def test_signature_check_passes_a_subject_with_a_default(source: str) -> None:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert not list(signature_faults("f", function.args))


def test_import_reader_sees_lazy_relative_and_typing_imports_by_hand_count() -> None:
    source = (
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import matplotlib.axes\n"
        "def draw():\n    from ..statistics import intervals\n    import seaborn as sns\n"
    )
    found = []
    for node in ast.walk(ast.parse(source)):
        found += targets_of(node, PACKAGE / "plots" / "draw.py")
    assert sorted(found) == [
        "__future__.annotations",
        "matplotlib.axes",
        "rootcause_lib.statistics.intervals",
        "seaborn",
        "typing.TYPE_CHECKING",
    ]
