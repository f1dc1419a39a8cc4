"""Which upstream processes cause customer contacts, how sure that is, and what a fix would be worth.

Notebooks and scripts use the names listed here; everything else is reached by its own room. A name is
imported when it is first used, so that the command line answers at once.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from rootcause_lib.analyses import (
        ChannelResolution,
        ChurnRisk,
        DataHealth,
        RootCause,
        analyse_channel_resolution,
        analyse_churn_risk,
        analyse_data_health,
        analyse_root_cause,
    )
    from rootcause_lib.engagement import Engagement, read_engagement
    from rootcause_lib.errors import RootcauseError
    from rootcause_lib.estimates import estimate
    from rootcause_lib.explore import confirm_mapping, explore_causes, explore_churn, explore_resolution
    from rootcause_lib.findings import Check, Finding, Quantity
    from rootcause_lib.metrics import CATALOGUE, Metric, metric
    from rootcause_lib.periods import Period
    from rootcause_lib.recognition import Recognition, draft, recognise
    from rootcause_lib.reporting.page import Page, open_page
    from rootcause_lib.store import Store, open_engagement

__version__ = "0.1.0"

__all__ = [
    "CATALOGUE",
    "ChannelResolution",
    "Check",
    "ChurnRisk",
    "DataHealth",
    "Engagement",
    "Finding",
    "Metric",
    "Page",
    "Period",
    "Quantity",
    "Recognition",
    "RootCause",
    "RootcauseError",
    "Store",
    "analyse_channel_resolution",
    "analyse_churn_risk",
    "analyse_data_health",
    "analyse_root_cause",
    "confirm_mapping",
    "draft",
    "estimate",
    "explore_causes",
    "explore_churn",
    "explore_resolution",
    "metric",
    "open_engagement",
    "open_page",
    "read_engagement",
    "recognise",
]

_HOMES = {
    "CATALOGUE": "metrics",
    "ChannelResolution": "analyses",
    "Check": "findings",
    "ChurnRisk": "analyses",
    "DataHealth": "analyses",
    "Engagement": "engagement",
    "Finding": "findings",
    "Metric": "metrics",
    "Page": "reporting.page",
    "Period": "periods",
    "Quantity": "findings",
    "Recognition": "recognition",
    "RootCause": "analyses",
    "RootcauseError": "errors",
    "Store": "store",
    "analyse_channel_resolution": "analyses",
    "analyse_churn_risk": "analyses",
    "analyse_data_health": "analyses",
    "analyse_root_cause": "analyses",
    "confirm_mapping": "explore",
    "draft": "recognition",
    "estimate": "estimates",
    "explore_causes": "explore",
    "explore_churn": "explore",
    "explore_resolution": "explore",
    "metric": "metrics",
    "open_engagement": "store",
    "open_page": "reporting.page",
    "read_engagement": "engagement",
    "recognise": "recognition",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(_importlib.import_module(f"rootcause_lib.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'rootcause_lib' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
