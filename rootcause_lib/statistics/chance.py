"""How many would have come back anyway: what customers' own contact rates alone would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import floats

CHANCE_COLUMNS = ("other_contacts", "observed_days", "contacts")


def expected_by_chance(counts: pd.DataFrame, *, within_days: Sequence[float]) -> pd.DataFrame:
    """Share of contacts that another contact of the same customer would follow within d days by chance.

    `counts`: one row per (other_contacts, observed_days) with `contacts`, how many index contacts belong to customers
    who were watched for `observed_days` (more than 0) and contacted `other_contacts` times besides the index contact.
    Where an index contact must have been quiet before (it opens a case: nothing in the window before it), those days
    could hold no other contact: leave them out of `observed_days`, else chance comes out too low (with a window of 14
    days in 56 days watched: .41 for .50).

    A customer's rate is other contacts over days watched, (n-1)/T: the index contact itself was given, and counting it
    would make every customer seem to have a rate. If contacts come at random at a steady rate, the chance of none
    within d days is estimated without bias by (1 - d/T)^(n-1). Its limit for long T, exp(-d (n-1)/T), is too low for
    short ones: with four weeks watched and a contact every 20 days it gives .42 within 14 days where .50 is true.
    Repeats that an unresolved contact caused are among the others, so this is an upper estimate of chance and the
    excess over it a lower one.

    Rows may say their own `stretch` (default 1): within d days then means d times it, for matters that are given
    another window than the others and told in the others' days.

    Gives one row per d: within_days, value, contacts (whose customers were watched for at least d days) and unobserved
    (the others, left out). value is NaN without contacts. Raises DataError for missing columns or days not above 0.
    """
    if missing := [column for column in CHANCE_COLUMNS if column not in counts.columns]:
        raise DataError(f"The counts lack {', '.join(missing)}; they need {', '.join(CHANCE_COLUMNS)}.")
    others, watched, contacts = (floats(counts[column]) for column in CHANCE_COLUMNS)
    if not (watched > 0).all() or not (others >= 0).all():
        raise DataError("Every row needs observed_days above 0 and other_contacts of 0 or more.")
    days = np.asarray(within_days, dtype=float)
    own = days[:, None] * (floats(counts["stretch"]) if "stretch" in counts.columns else 1.0)
    long_enough = watched >= own
    quiet = np.where(long_enough, 1 - np.minimum(own / watched, 1), 1.0) ** others
    told = long_enough @ contacts
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(told > 0, (long_enough * (1 - quiet)) @ contacts / told, np.nan)
    unobserved = contacts.sum() - told
    return pd.DataFrame({"within_days": days, "value": value, "contacts": told, "unobserved": unobserved})
