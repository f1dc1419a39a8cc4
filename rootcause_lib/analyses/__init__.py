"""One module per question: each composes estimates into one frozen result."""

from rootcause_lib.analyses.channel_resolution import ChannelResolution, analyse_channel_resolution
from rootcause_lib.analyses.data_health import DataHealth, analyse_data_health
from rootcause_lib.analyses.review import recorded_statements

__all__ = [
    "ChannelResolution",
    "DataHealth",
    "analyse_channel_resolution",
    "analyse_data_health",
    "recorded_statements",
]
