"""Which upstream processes cause customer contacts, how sure that is, and what a fix would be worth.

Notebooks and scripts use the names listed here; everything else is reached by its own room.
"""

from rootcause_lib.analyses import (
    ChannelResolution,
    DataHealth,
    analyse_channel_resolution,
    analyse_data_health,
)
from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.errors import RootcauseError
from rootcause_lib.estimates import estimate
from rootcause_lib.findings import Check, Finding, Quantity
from rootcause_lib.metrics import CATALOGUE, Metric, metric
from rootcause_lib.periods import Period
from rootcause_lib.reporting.page import Page, open_page
from rootcause_lib.store import Store, open_engagement

__version__ = "0.1.0"

__all__ = [
    "CATALOGUE",
    "ChannelResolution",
    "Check",
    "DataHealth",
    "Engagement",
    "Finding",
    "Metric",
    "Page",
    "Period",
    "Quantity",
    "RootcauseError",
    "Store",
    "analyse_channel_resolution",
    "analyse_data_health",
    "estimate",
    "metric",
    "open_engagement",
    "open_page",
    "read_engagement",
]
