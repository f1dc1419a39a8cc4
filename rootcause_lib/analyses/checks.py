"""Checks that several analyses hold above their findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rootcause_lib.analyses.rows import known
from rootcause_lib.findings import Check, Field, Finding, Quantity
from rootcause_lib.store import Store


def identified_check(store: Store) -> Check:
    """Do enough contacts carry a customer for figures that follow customers (grade C's limit)?"""
    share = store.identified_share
    quantity = Quantity("share", known(share), denominator=store.extent.contacts)
    return checked("identified", share >= store.engagement.grades.identified[2], {"identified": quantity})


def default_codes_check(store: Store) -> Check | None:
    """Do the reason codes say something (grade C's limit)? None without codes."""
    if not store.extent.coded:
        return None
    share = store.default_code_share
    quantity = Quantity("share", share, denominator=store.extent.coded)
    return checked("default_codes", share <= store.engagement.grades.default_codes[2], {"share": quantity})


def checked(name: str, outcome: Any, given: Mapping[str, Field], *, table: pd.DataFrame | None = None) -> Check:
    """A check whose sentence is `check.<name>_ok` where the outcome is true, else `check.<name>_failed`."""
    held = bool(outcome)
    return Check(name, held, Finding(f"check.{name}_{'ok' if held else 'failed'}", given), table)
