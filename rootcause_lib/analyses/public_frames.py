"""The public frames of a result: every field that is a frame, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import pandas as pd


def public_frames(result: Any) -> Mapping[str, pd.DataFrame]:
    """The fields of a result (a dataclass) that hold a frame, in the order they are declared."""
    found = {item.name: getattr(result, item.name) for item in fields(result)}
    return MappingProxyType({name: value for name, value in found.items() if isinstance(value, pd.DataFrame)})
