"""Widgets around existing results and figures, for a live kernel; they compute nothing themselves."""

from __future__ import annotations

from rootcause_lib.explore.causes import explore_causes
from rootcause_lib.explore.churn import explore_churn
from rootcause_lib.explore.mapping import confirm_mapping
from rootcause_lib.explore.resolution import explore_resolution

__all__ = ["confirm_mapping", "explore_causes", "explore_churn", "explore_resolution"]
