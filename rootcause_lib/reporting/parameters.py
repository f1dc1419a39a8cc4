"""The parameters a notebook declares, read from its `parameters` cell without running it.

papermill accepts unknown names and wrong types with exit code 0 and pastes names into the notebook as
code; names are therefore taken only from the declared ones, and values checked, before anything runs.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
import math
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rootcause_lib import vocabulary
from rootcause_lib.errors import ParameterError, listed, unknown_choice
from rootcause_lib.periods import Period, parse_day

GIVEN_BY_THE_RUN = ("engagement", "language", "output")
"""Parameters the run itself fills in; the command line has its own options for them."""

OUTPUTS = ("screen", "report")

_CHOICES: Mapping[str, Sequence[str]] = {
    "matching": vocabulary.MATCHING_CHOICES,
    "language": vocabulary.LANGUAGES,
    "output": OUTPUTS,
}
_DAYS = ("start", "end")
_SCALARS = {"int": int, "float": float, "bool": bool, "str": str}
_TRUE, _FALSE, _NONE = ("true", "yes", "1"), ("false", "no", "0"), ("none", "null")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter: `kinds` are the types it takes (`int`, `str`, `list[str]`, `None`, ...)."""

    name: str
    kinds: tuple[str, ...]
    default: object
    help: str = ""

    @property
    def type_text(self) -> str:
        return " | ".join(self.kinds) if self.kinds else "any JSON value"

    def accepts(self, value: object) -> bool:
        return _is_json(value) and (not self.kinds or any(_is_kind(value, kind) for kind in self.kinds))


def declared_parameters(notebook: Any, *, name: str) -> tuple[Parameter, ...]:
    """The parameters of a notebook (nbformat node) in the order they are written.

    Raises ParameterError when no cell, or more than one, is tagged `parameters`, or when the cell holds
    anything but assignments of literal values.
    """
    cells = [cell for cell in notebook["cells"] if "parameters" in cell.get("metadata", {}).get("tags", ())]
    if len(cells) != 1:
        raise ParameterError(
            f"Notebook '{name}' has {len(cells)} cells tagged 'parameters'; it needs exactly one. "
            "Without it the run's parameters would be ignored. Add the tag in JupyterLab's property inspector."
        )
    return parse_parameters(cells[0]["source"], name=name)


def parse_parameters(source: str, *, name: str) -> tuple[Parameter, ...]:
    """The parameters written in the source of a `parameters` cell of notebook `name`."""
    try:
        tree = ast.parse(source)
        helps = _comments(source)
    except (SyntaxError, tokenize.TokenError):
        raise ParameterError(f"The parameters cell of notebook '{name}' is not valid Python.") from None
    parameters = [_parameter(line, helps, notebook=name) for line in tree.body if not _is_docstring(line)]
    names = [parameter.name for parameter in parameters]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise ParameterError(f"The parameters cell of notebook '{name}' sets {listed(twice)} twice.")
    return tuple(parameters)


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _parameter(line: ast.stmt, helps: Mapping[int, str], *, notebook: str) -> Parameter:
    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value is not None:
        target, value, kinds = line.target.id, line.value, _kinds(line.annotation)
    elif isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
        target, value, kinds = line.targets[0].id, line.value, None
    else:
        raise ParameterError(
            f"Line {line.lineno} of the parameters cell of notebook '{notebook}' is not of the form "
            "`name: type = value  # help`."
        )
    try:
        default = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        raise ParameterError(f"Parameter '{target}' of notebook '{notebook}' needs a plain value, not code.") from None
    if kinds is None:
        kinds = () if default is None or isinstance(default, (list, dict)) else (type(default).__name__,)
    parameter = Parameter(target, kinds, default, helps.get(line.end_lineno or line.lineno, ""))
    if not parameter.accepts(default):
        raise ParameterError(
            f"Parameter '{target}' of notebook '{notebook}' is declared {parameter.type_text}, its default is not."
        )
    return parameter


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ").strip() for token in tokens if token.type == tokenize.COMMENT}


def _kinds(annotation: ast.expr) -> tuple[str, ...]:
    """`int | None` as ("int", "None"); an annotation of another form accepts any JSON value."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        left, right = _kinds(annotation.left), _kinds(annotation.right)
        return left + right if left and right else ()
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return ("None",)
    text = ast.unparse(annotation)
    inner = text.removeprefix("list[").removesuffix("]")
    return (text,) if inner in _SCALARS else ()


def _is_kind(value: object, kind: str) -> bool:
    if kind == "None":
        return value is None
    if kind.startswith("list["):
        inner = kind[len("list[") : -1]
        return isinstance(value, list) and all(_is_kind(one, inner) for one in value)
    if kind == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is _SCALARS[kind]


def _is_json(value: object) -> bool:
    if isinstance(value, str):
        # What was no text in the terminal arrives as halves of characters, which no file can hold.
        return not any("\ud800" <= one <= "\udfff" for one in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(_is_json(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(one) for key, one in value.items())
    return value is None or isinstance(value, (str, int, bool))


def check_values(given: Mapping[str, object], declared: Iterable[Parameter], *, where: str) -> None:
    """Raise ParameterError for the first unknown name or wrong value among `given`."""
    by_name = {parameter.name: parameter for parameter in declared}
    for name, value in given.items():
        if name not in by_name:
            raise ParameterError(unknown_choice("parameter", name, by_name, where=where))
        check_value(by_name[name], value, where=where)
    _check_period(given)


def check_value(parameter: Parameter, value: object, *, where: str) -> None:
    """Raise ParameterError when `value` does not suit the parameter."""
    if not _is_json(value):
        raise ParameterError(
            f"Parameter '{parameter.name}' in {where} was given a {type(value).__name__}, which JSON cannot hold. "
            "Give text, a number, true/false, null or a list; days as 'YYYY-MM-DD'."
        )
    if not parameter.accepts(value):
        raise ParameterError(
            f"Parameter '{parameter.name}' in {where} takes {parameter.type_text}, not {_kind_of(value)}."
            + (f" It means: {parameter.help}" if parameter.help else "")
        )
    choices = _CHOICES.get(parameter.name)
    if choices and isinstance(value, str) and value not in choices:
        raise ParameterError(unknown_choice(f"value for parameter '{parameter.name}':", value, choices, where=where))
    if parameter.name in _DAYS and isinstance(value, str):
        parse_day(value, name=parameter.name)


def _check_period(given: Mapping[str, object]) -> None:
    start, end = given.get("start"), given.get("end")
    if isinstance(start, str) and isinstance(end, str):
        Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


def _kind_of(value: object) -> str:
    if value is None:
        return "None"
    return {"str": "text", "dict": "a table"}.get(type(value).__name__, type(value).__name__)


def typed_value(text: str, parameter: Parameter, *, where: str) -> object:
    """The value that `-p name=text` means for a parameter, read by its declared type."""
    for kind in sorted(parameter.kinds, key=_narrowest_first):
        try:
            return _read(text, kind)
        except ValueError:
            continue
    if not parameter.kinds:
        try:
            return json.loads(text)
        except ValueError:
            return text
    raise ParameterError(
        f"Parameter '{parameter.name}' in {where} takes {parameter.type_text}; what was given can't be read as that."
        + (f" It means: {parameter.help}" if parameter.help else "")
    )


def _narrowest_first(kind: str) -> int:
    order = ("None", "bool", "int", "float", "list[int]", "list[float]", "list[bool]", "list[str]", "str")
    return order.index(kind)


def _read(text: str, kind: str) -> object:
    folded = text.strip().casefold()
    if kind == "None":
        return _one_of(folded, _NONE, None)
    if kind == "bool":
        return _one_of(folded, _TRUE, True) if folded in _TRUE else _one_of(folded, _FALSE, False)
    if kind.startswith("list["):
        return _read_list(text, kind[len("list[") : -1])
    if kind == "str":
        return text
    if "_" in text:  # Python reads 1_000 as 1000; nobody means that on a command line
        raise ValueError
    number = _SCALARS[kind](text)
    if isinstance(number, float) and not math.isfinite(number):
        raise ValueError
    return number


def _one_of(folded: str, words: Sequence[str], meaning: object) -> object:
    if folded not in words:
        raise ValueError
    return meaning


def _read_list(text: str, kind: str) -> list[object]:
    if text.strip().startswith("["):
        values = json.loads(text)
        if not _is_kind(values, f"list[{kind}]"):
            raise ValueError
        return list(values)
    return [_read(one.strip(), kind) for one in text.split(",") if one.strip()]
