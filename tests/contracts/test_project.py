"""The project's files agree with each other: pyproject, environment.yml, lock, README, wheel, public names."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# The few packages that conda-forge calls by another name.
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "jupyter-client": "jupyter_client",
    "jupyter-core": "jupyter_core",
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "seaborn": "seaborn-base",
    "tzdata": "python-tzdata",
}
# Distributions whose import name is not their own.
IMPORT_NAMES = {"ipython": "IPython", "scikit-learn": "sklearn"}
# Each pydantic requires one exact version of its core.
PART_OF_ANOTHER = {"pydantic_core"}


@pytest.fixture(scope="module")
def project(repository: Path) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(lines: list[str]) -> dict[str, str]:
    """Name to range, as written for pip."""
    parsed = [Requirement(line) for line in lines]
    return {requirement.name: str(requirement.specifier) for requirement in parsed}


def conda_requirements(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The conda entries and the pip entries of an environment file, name to range."""
    conda, pip = {}, {}
    for line in text.partition("dependencies:")[2].splitlines():
        entry = re.match(r"^(  |      )- ([a-z0-9_.-]+) ?([<>=!~].*)?$", line)
        if entry:
            (conda if len(entry[1]) == 2 else pip)[entry[2]] = str(Requirement("x" + (entry[3] or "")).specifier)
    return conda, pip


def test_environment_file_equals_pyproject_by_identity(repository: Path, project: dict) -> None:
    conda, pip = conda_requirements((repository / "environment.yml").read_text(encoding="utf-8"))
    wanted = requirements(project["dependencies"]) | requirements(project["optional-dependencies"]["dev"])
    wanted_conda = {CONDA_NAMES.get(name, name): range_ for name, range_ in wanted.items() if name not in pip}
    wanted_conda |= {"python": project["requires-python"], "pip": ""}
    assert conda == wanted_conda
    assert pip == {name: wanted[name] for name in pip}


def test_environment_file_uses_conda_forge_alone(repository: Path) -> None:
    text = (repository / "environment.yml").read_text(encoding="utf-8")
    channels = re.search(r"^channels:\n((?:  - .+\n)+)", text, re.MULTILINE)
    assert channels is not None
    assert channels[1].split() == ["-", "conda-forge", "-", "nodefaults"]


def test_lock_pins_every_requirement_within_its_range_by_identity(repository: Path, project: dict) -> None:
    lock = (repository / "requirements.lock").read_text(encoding="utf-8")
    pins: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", lock, re.MULTILINE):
        pins.setdefault(canonicalize_name(name), set()).add(Version(version))
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        requirement = Requirement(line)
        versions = pins.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in requirements.lock; run `make lock`"
        outside = [str(version) for version in versions if version not in requirement.specifier]
        assert not outside, f"{requirement.name}: {outside} is outside {requirement.specifier}; run `make lock`"


def test_lock_is_exact_hashed_and_names_no_host(repository: Path) -> None:
    lock = (repository / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ file", lock)
    entries = [entry for entry in re.split(r"\n(?=\S)", lock.strip()) if entry]
    unpinned = [entry.split()[0] for entry in entries if not re.match(r"[A-Za-z0-9_.-]+==\S+", entry)]
    unhashed = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not unpinned
    assert not unhashed


def test_every_imported_package_is_declared_by_identity(repository: Path, project: dict) -> None:
    declared = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in requirements(project["dependencies"])}
    declared |= PART_OF_ANOTHER
    imported: dict[str, str] = {}
    for path in sorted((repository / "rootcause_lib").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            imported |= {name.partition(".")[0]: path.name for name in names}
    foreign = {name: where for name, where in imported.items() if name not in sys.stdlib_module_names}
    foreign.pop("rootcause_lib", None)
    undeclared = {name: where for name, where in foreign.items() if name not in declared}
    assert not undeclared, f"imported but not among pyproject's dependencies: {undeclared}"


def rooms(package: Path) -> set[str]:
    """The top-level modules and folders, as the module map writes them."""
    modules = {path.name for path in package.glob("*.py") if path.name != "__init__.py"}
    folders = {path.name + "/" for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"}
    return modules | folders


def test_readme_module_map_equals_the_folders(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^```\nrootcause_lib/\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert block is not None, "README.md has no module map: a fenced block whose first line is `rootcause_lib/`"
    mapped = {name for line in block[1].splitlines() for name in re.split(r" {2,}", line.strip())[0].split()}
    assert mapped == rooms(repository / "rootcause_lib")


def test_documented_make_targets_and_files_exist(repository: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (repository / name).read_text(encoding="utf-8")
        assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets, name
        links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link}
        missing = sorted(link for link in links if link and not (repository / link).exists())
        assert not missing, f"{name} points to files that are not there: {missing}"


def test_public_names_equal_the_list() -> None:
    package = importlib.import_module("rootcause_lib")
    unreachable = [name for name in package.__all__ if not hasattr(package, name)]
    assert not unreachable
    public = {name for name, value in vars(package).items() if not isinstance(value, types.ModuleType)}
    unlisted = sorted(
        name for name in public - set(package.__all__) if not name.startswith("_") and name != "annotations"
    )
    assert not unlisted, f"public but not in __all__: {unlisted}"
    assert len(set(package.__all__)) == len(package.__all__)


def test_public_names_are_documented_and_return_no_dictionary() -> None:
    package = importlib.import_module("rootcause_lib")
    for name in package.__all__:
        value = getattr(package, name)
        if not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        assert inspect.getdoc(value), f"{name} has no docstring"
        if inspect.isfunction(value):
            returned = str(inspect.signature(value).return_annotation)
            assert not re.match(r"(dict|Dict|Mapping)\b|<class 'dict'>", returned), f"{name} returns {returned}"


def test_version_stands_once(project: dict, repository: Path) -> None:
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## (?:\[)?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert latest is not None
    assert latest[1] == project["version"]


def test_wheel_holds_every_tracked_file_of_the_package_by_identity(repository: Path, tmp_path: Path) -> None:
    if not (repository / ".git").exists():
        pytest.skip("not a git checkout: what belongs to the package is not known")
    listed = subprocess.run(
        ["git", "ls-files", "rootcause_lib", "notebooks"], cwd=repository, check=True, capture_output=True, text=True
    )
    wanted = {re.sub(r"^notebooks/", "rootcause_lib/_notebooks/", path) for path in listed.stdout.split()}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert wanted <= held, f"missing from the wheel: {sorted(wanted - held)}"
