"""What pydantic found wrong, in words: the key, what was expected, the nearest valid key."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from rootcause_lib.engagement.locating import Key
from rootcause_lib.engagement.model import Engagement
from rootcause_lib.engagement.relations import Fault
from rootcause_lib.errors import nearest, unknown_choice

_EXPECTED = {
    "string_type": 'text in quotes, such as "..."',
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that is finite",
    "bool_type": "true or false",
    "date_type": "a day, written 2025-12-31",
    "date_parsing": "a day without a time, written 2025-12-31",
    "date_from_datetime_parsing": "a day, written 2025-12-31",
    "date_from_datetime_inexact": "a day without a time, written 2025-12-31",
    "tuple_type": 'a list, such as ["a", "b"]',
    "mapping_type": "a table: keys below its own [header], or {{ key = value }}",
    "dict_type": "a table: keys below its own [header], or {{ key = value }}",
    "model_type": "a table: keys below its own [header], or {{ key = value }}",
    "string_too_short": "text that is not empty",
    "too_short": "at least one entry",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
}
_GIVEN = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a whole number"),
    (float, "a decimal number"),
    (list, "a list"),
)
_SILENT = ("default_factory_not_called",)


def faults_of(errors: Sequence[ErrorDetails], raw: Mapping[str, Any]) -> list[Fault]:
    """One fault per mistake, in the order of the model."""
    keyed = [(error, _key(error, raw)) for error in errors if error["type"] not in _SILENT]
    faults: list[Fault] = []
    for error, key in keyed:
        if error["type"] == "relations":
            faults += error["ctx"]["faults"]
        elif not _follows(error, key, keyed):
            faults.append(Fault(key, _text(error, key)))
    return list(dict.fromkeys(faults))


def _follows(error: ErrorDetails, key: Key, all_errors: Sequence[tuple[ErrorDetails, Key]]) -> bool:
    """Whether another fault explains this one: a misspelt key looks missing too, a wrong entry leaves a list empty."""
    if error["type"] == "missing":
        misspelt = [other for each, other in all_errors if each["type"] == "extra_forbidden" and other[:-1] == key[:-1]]
        return any(nearest(str(other[-1]), _choices(other)) == key[-1] for other in misspelt)
    if error["type"] == "too_short":
        return any(each is not error and other[: len(key)] == key for each, other in all_errors)
    return False


def prunable(errors: Sequence[ErrorDetails], raw: Mapping[str, Any]) -> list[Key] | None:
    """Keys without which the rest could still be checked; None when what is wrong is too large to leave out.

    A missing key, a whole process, table or list element left out would look like faults elsewhere.
    """
    keys = []
    for error in errors:
        key = _key(error, raw)
        unknown = error["type"] == "extra_forbidden"
        if error["type"] in _SILENT:
            continue
        if error["type"] in ("missing", "relations") or not key or isinstance(key[-1], int):
            return None
        if not unknown and (len(key) == 1 or (key[0] in ("processes", "tables", "attributes") and len(key) == 2)):
            return None
        keys.append(key)
    return keys


def _key(error: ErrorDetails, raw: Mapping[str, Any]) -> Key:
    """pydantic's location without the names of union members, which no reader knows."""
    key: Key = ()
    here: Any = raw
    for position, part in enumerate(error["loc"]):
        inside = isinstance(here, dict) and part in here
        if inside or (isinstance(here, list) and isinstance(part, int) and part < len(here)):
            key += (part,)
            here = here[part]
        elif error["type"] == "missing" and position == len(error["loc"]) - 1:
            key += (part,)
    return key


def _text(error: ErrorDetails, key: Key) -> str:
    kind = error["type"]
    if kind == "fault":
        return error["msg"]
    if kind == "extra_forbidden":
        return unknown_choice("key", str(key[-1]), _choices(key))
    if kind == "missing":
        wanted = _description(key)
        return f"is missing{f': expected {wanted}' if wanted else ''}."
    expected = _EXPECTED.get(kind)
    if expected is None:
        return f"{error['msg']}."
    given = f", not {_given(error['input'])}" if kind.endswith("_type") else ""
    return f"expected {expected.format(**error.get('ctx', {}))}{given}{_advice(error, key)}."


def _given(value: Any) -> str:
    return next((name for kind, name in _GIVEN if isinstance(value, kind)), "a table")


def _advice(error: ErrorDetails, key: Key) -> str:
    if error["type"] == "tuple_type" and isinstance(error["input"], dict) and len(key) == 1:
        return f"; write [[{key[0]}]] above each"
    if isinstance(error["input"], list) and len(key) == 1:
        return f"; write [{key[0]}], once"
    return ""


def _choices(key: Key) -> tuple[str, ...]:
    """The keys that are allowed beside this one."""
    models = _models(key[:-1])
    return tuple(dict.fromkeys(field.alias or name for model in models for name, field in model.model_fields.items()))


def _description(key: Key) -> str | None:
    for model in _models(key[:-1]):
        for name, field in model.model_fields.items():
            if (field.alias or name) == key[-1]:
                return field.description
    return None


def _models(key: Key) -> list[type[BaseModel]]:
    """The sections that may stand at this key."""
    types: list[Any] = [Engagement]
    for part in key:
        types = [inner for each in types for inner in _below(each, part)]
    return [each for each in types if isinstance(each, type) and issubclass(each, BaseModel)]


def _below(kind: Any, part: str | int) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if (field.alias or name) == part:
                yield from _unwrapped(field.annotation)
    elif arguments := typing.get_args(kind):
        yield from _unwrapped(arguments[0] if isinstance(part, int) else arguments[-1])


def _unwrapped(kind: Any) -> Iterator[Any]:
    """The plain types behind `Annotated` and `|`."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        yield from _unwrapped(typing.get_args(kind)[0])
    elif origin in _UNIONS:
        for each in typing.get_args(kind):
            yield from _unwrapped(each)
    else:
        yield kind


_UNIONS = (typing.Union, type(int | str))
