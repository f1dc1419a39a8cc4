"""What one part of an analysis gives to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from rootcause_lib.findings import Check, Finding


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an analysis, ready to publish: small cells are left out of its frames, its sentences have grades.

    frames: public frames by name, as in the data dictionary. readings: what stands beside the figures of a frame, by
    the frame's name. headline: sentences fit for the head of the page, the weightiest first. checks: what stands above
    them. cannot_tell: what these data leave open.
    """

    frames: Mapping[str, pd.DataFrame]
    readings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    headline: tuple[Finding, ...] = ()
    checks: tuple[Check, ...] = ()
    cannot_tell: tuple[Finding, ...] = ()
