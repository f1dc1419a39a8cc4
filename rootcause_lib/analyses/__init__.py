"""One module per question: each composes estimates into one frozen result.

An analysis is imported when it is first used: a notebook asks one question and needs no other's methods.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from rootcause_lib.analyses.channel_resolution.result import ChannelResolution, analyse_channel_resolution
    from rootcause_lib.analyses.churn_risk.result import ChurnRisk, analyse_churn_risk
    from rootcause_lib.analyses.data_health import DataHealth, analyse_data_health
    from rootcause_lib.analyses.review import recorded_statements
    from rootcause_lib.analyses.root_cause.result import RootCause, analyse_root_cause

__all__ = [
    "ChannelResolution",
    "ChurnRisk",
    "DataHealth",
    "RootCause",
    "analyse_channel_resolution",
    "analyse_churn_risk",
    "analyse_data_health",
    "analyse_root_cause",
    "recorded_statements",
]

_HOMES = {
    "ChannelResolution": "channel_resolution.result",
    "ChurnRisk": "churn_risk.result",
    "DataHealth": "data_health",
    "RootCause": "root_cause.result",
    "analyse_channel_resolution": "channel_resolution.result",
    "analyse_churn_risk": "churn_risk.result",
    "analyse_data_health": "data_health",
    "analyse_root_cause": "root_cause.result",
    "recorded_statements": "review",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(_importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
