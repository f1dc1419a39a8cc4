"""The kinds of value a key of an engagement may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    WrapSerializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from rootcause_lib import vocabulary
from rootcause_lib.errors import unknown_choice
from rootcause_lib.schemas import TABLES

Value = TypeVar("Value")


class Section(BaseModel):
    """A table of the engagement file: frozen, with exactly the keys it names and no conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def fault(text: str) -> PydanticCustomError:
    """What a validator raises when it has the whole message itself."""
    return PydanticCustomError("fault", "{text}", {"text": text})


def nothing() -> Mapping[str, Any]:
    """The default of a key that holds a table."""
    return MappingProxyType({})


def _plain(value: Mapping[str, Any], write: SerializerFunctionWrapHandler) -> Any:
    return write(dict(value))


ReadOnly = Annotated[Mapping[str, Value], AfterValidator(MappingProxyType), WrapSerializer(_plain)]
"""A table with keys of the client's own."""


def one_of(kind: str, choices: Iterable[str]) -> AfterValidator:
    """Text that must be one of the choices."""
    allowed = tuple(choices)

    def chosen(given: str) -> str:
        if given not in allowed:
            raise fault(unknown_choice(kind, given, allowed))
        return given

    return AfterValidator(chosen)


def written_as(pattern: str, expected: str) -> AfterValidator:
    """Text that must match the whole pattern; `expected` says how it is written."""
    form = re.compile(pattern)

    def checked(given: str) -> str:
        if not form.fullmatch(given):
            raise fault(f"expected {expected}.")
        return given

    return AfterValidator(checked)


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list) else given


def _as_text(given: Any) -> Any:
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given) if isinstance(given, int | float) else given


Name = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Name, ...], BeforeValidator(_several)]
"""One text or a list of texts; always read as a tuple."""
Written = Annotated[str, BeforeValidator(_as_text)]
"""Text, a number or true/false, kept as text."""
Share = Annotated[float, Field(ge=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Money = Annotated[float, Field(ge=0)]
Days = Annotated[int, Field(ge=1)]
Channel = Annotated[str, one_of("channel", vocabulary.CHANNELS)]
TableName = Annotated[str, one_of("table", TABLES)]
ByChannel = Annotated[Mapping[Channel, Value], AfterValidator(MappingProxyType), WrapSerializer(_plain)]
ByTable = Annotated[Mapping[TableName, Value], AfterValidator(MappingProxyType), WrapSerializer(_plain)]


class Spread(Section):
    """A quantity somebody estimated: the lowest, likeliest and highest it may be."""

    low: float
    mode: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Spread:
        if not self.low <= self.mode <= self.high:
            raise fault("expected low <= mode <= high.")
        return self


def _between(low: float, high: float) -> Callable[[Spread], Spread]:
    def checked(spread: Spread) -> Spread:
        if spread.low < low or spread.high > high:
            raise fault(f"expected low, mode and high between {low:g} and {high:g}.")
        return spread

    return checked


ShareSpread = Annotated[Spread, AfterValidator(_between(0, 1))]
EffectSpread = Annotated[Spread, AfterValidator(_between(-1, 1))]
