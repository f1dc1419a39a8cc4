"""The frames about processes without small cells: bands in which too few customers made contact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.processes import Processes
from rootcause_lib.analyses.small_cells import blank
from rootcause_lib.store import Store

BAND = ["process", "kind", "band"]
_FRAMES = (
    "incidence", "variants", "attributable", "eliminable", "dose_response", "dose_trends", "shocks", "naive",
)  # fmt: skip


def protected_processes(store: Store, found: Processes) -> dict[str, pd.DataFrame]:
    """The frames of `Processes` as they may be published.

    A band with contacts of fewer than `smallest_cell` customers loses its numbers wherever it stands. A process's
    contacts in all its bands together would give them back, so where one band is hidden that sum goes too. Contacts
    that a process accounts for are estimates, of which none belongs to anybody.
    """
    smallest = store.engagement.definitions.smallest_cell
    frames = {name: getattr(found, name) for name in _FRAMES}
    hidden = found.incidence.loc[_few(store, found.incidence), BAND]
    frames["incidence"] = protected_incidence(store, found.incidence)
    frames["variants"] = blank(found.variants, _among(found.variants, hidden, BAND))
    risky = hidden.loc[hidden["kind"] == "risk", ["process", "band"]]
    frames["dose_response"] = blank(
        frames["dose_response"], _among(frames["dose_response"], risky, ["process", "band"])
    )
    for name in ("attributable", "eliminable"):
        frames[name] = _without_sums(frames[name], set(hidden["process"]), smallest=smallest)
    frames["naive"] = _usual(found.naive, frames["attributable"], smallest=smallest)
    frames["shocks"] = blank(found.shocks, (found.shocks["events"] < smallest).to_numpy(dtype=bool))
    return frames


def protected_incidence(store: Store, incidence: pd.DataFrame) -> pd.DataFrame:
    """The frame `incidence` without the numbers of bands in which too few customers made contact."""
    return blank(incidence, _few(store, incidence))


def _few(store: Store, bands: pd.DataFrame) -> np.ndarray:
    smallest = store.engagement.definitions.smallest_cell
    return ((bands["contacts"] > 0) & (bands["customers"] < smallest)).to_numpy(dtype=bool)


def _among(frame: pd.DataFrame, rows: pd.DataFrame, by: list[str]) -> np.ndarray:
    if rows.empty or frame.empty:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(pd.MultiIndex.from_frame(frame[by]).isin(pd.MultiIndex.from_frame(rows[by])))


def _without_sums(frame: pd.DataFrame, processes: set[str], *, smallest: int) -> pd.DataFrame:
    """The contacts in a process's time left out where they would tell a hidden band's; rows of few customers blank."""
    few = (frame["customers"] < smallest) & (frame["exposed_contacts"] > 0)
    shown = blank(frame, few.to_numpy(dtype=bool))
    return shown.assign(exposed_contacts=shown["exposed_contacts"].mask(shown["process"].isin(processes)))


def _usual(naive: pd.DataFrame, attributable: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Usual computations: counts of few contacts, and those of a process's time where that is left out, stay untold."""
    kept = attributable.set_index("process")["exposed_contacts"]
    untold = naive["process"].map(kept).isna() & (naive["name"] == "every_contact_in_window")
    few = (naive["unit"] == "contacts") & (naive["value"] < smallest)
    return blank(naive, (untold | few).to_numpy(dtype=bool))
