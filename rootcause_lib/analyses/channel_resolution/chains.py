"""The part on matters that take several contacts: how many, how long each takes, and which way they go."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.chain_findings import chain_headline, chain_readings
from rootcause_lib.analyses.channel_resolution.chain_steps import steps
from rootcause_lib.analyses.channel_resolution.grades import graded_followed
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.grades import spread_letters, width_letters
from rootcause_lib.journeys import Following, day_number, find_cases
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.chains import LENGTHS, length_shares, same_mix_log_ratio
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.jackknife import jackknifed, ratio_interval, share_interval
from rootcause_lib.statistics.ratios import ratio_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

CUSTOMER_GROUPS = 200
"""Customers are dealt into so many groups: enough for intervals, few enough to leave the engine."""

LENGTH_NAMES = ("1", "2", "3", "4", "5+", "3+")
POSITION_NAMES = ("1", "2", "3", "4+")

SNOWBALL_COLUMNS = (
    "length", "cases", "case_share", "case_low", "case_high", "contacts", "volume_share", "low", "high", "level",
    "opened", "denominator", "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
POSITION_COLUMNS = (
    "position", "contacts", "handle_seconds", "low", "high", "ratio_to_first", "ratio_low", "ratio_high", "level",
    "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip


def chains(asked: Asked) -> Part:
    """Lengths of cases, handle time by place in the case, and the channels of a case's first three contacts."""
    store, followed, period = asked.store, asked.followed, asked.period
    find_cases(store.engine, followed)
    customers = _customers(store, period)
    frames = {
        "snowballs": snowballs(store, followed, period, customers=customers),
        "snowball_positions": snowball_positions(store, followed, period, customers=customers),
        "steps": steps(asked, customers=customers.get(1, 0.0), groups=CUSTOMER_GROUPS),
    }
    return Part(frames=frames, readings=chain_readings(frames, followed), headline=chain_headline(frames, followed))


def snowballs(store: Store, followed: Following, period: Period, *, customers: dict[int, float]) -> pd.DataFrame:
    """Shares of cases, and of their contacts, by how many contacts a case took; see `length_shares`.

    `customers`: how many have a case of at least so many contacts. `cases` and `contacts` are those of cases seen from
    opening to end, `unobserved` the other cases. Shares use what can be seen of these too: of `opened` cases, the first
    contact of which is followed through a window, and of their contacts (`denominator`).
    """
    counted = store.engine.run(statement("case_lengths", values=_grouped(period))).fillna({"opening_known": False})
    if not counted["cases"].sum():
        return pd.DataFrame(columns=list(SNOWBALL_COLUMNS))
    opened = counted[counted["opening_known"].astype(bool)]
    found = jackknifed(_watched_and_went_on(opened), length_shares)
    whole = opened[opened["complete"].astype(bool)]
    watched = opened["cases"][opened["followed"] > 0]
    table = pd.DataFrame(_length_counts(whole)).assign(
        level=store.engagement.definitions.level,
        opened=float(watched.sum()),
        denominator=float(opened["contacts"].sum()),
        unobserved=float(counted["cases"].sum() - whole["cases"].sum()),
        customers=customers.get(1, 0.0),
        method="product_limit_cluster",
        claim="descriptive",
    )
    units = np.repeat([float(watched.sum()), float(opened["contacts"].sum())], len(LENGTH_NAMES))
    interval = share_interval(
        found, units=units, customers=customers.get(1, 0.0), level=store.engagement.definitions.level
    )
    halves = (slice(None, len(LENGTH_NAMES)), slice(len(LENGTH_NAMES), None))
    for half, names in zip(
        halves, (("case_share", "case_low", "case_high"), ("volume_share", "low", "high")), strict=True
    ):
        for name, values in zip(names, (found.value, interval.low, interval.high), strict=True):
            table[name] = values[half]
    letters = width_letters((table["high"] - table["low"]) / 2, store.engagement.grades)
    unknown = table["unobserved"] / counted["cases"].sum()
    channels = pd.Series(ALL, index=table.index)
    graded = graded_followed(store, table, followed, letters=letters, unknown=unknown, channels=channels)
    return _protected_lengths(graded, minimum=store.engagement.definitions.smallest_cell)[list(SNOWBALL_COLUMNS)]


def _customers(store: Store, period: Period) -> dict[int, float]:
    """Customers with a case of at least 1, 2, ... contacts (its opening known), by that number."""
    longest = store.engine.run(statement("case_customers", values=_days(period))).dropna(subset=["length"])
    return {length: float(longest["customers"][longest["length"] >= length].sum()) for length in range(1, LENGTHS + 1)}


def _watched_and_went_on(opened: pd.DataFrame) -> Floats:
    """By group of customers: contacts in place 1, 2, ... that were watched, then those of them that went on."""
    cases = opened["cases"].astype("float64")
    columns = {}
    for place in range(1, LENGTHS):
        watched = opened["followed"] >= place
        columns[f"watched_{place}"] = cases.where(watched, 0.0)
        columns[f"went_on_{place}"] = cases.where(watched & (opened["length"] > place), 0.0)
    columns[f"watched_{LENGTHS}"] = opened["late_watched"].astype("float64")
    columns[f"went_on_{LENGTHS}"] = opened["late_went_on"].astype("float64")
    order = [f"{kind}_{place}" for kind in ("watched", "went_on") for place in range(1, LENGTHS + 1)]
    table = pd.DataFrame(columns, index=opened.index)[order].groupby(opened["customer_group"].to_numpy()).sum()
    return table.to_numpy(dtype=float).reshape(-1, 2 * LENGTHS)


def _length_counts(whole: pd.DataFrame) -> dict[str, list[object]]:
    """Cases and contacts by length, and how many customers at least stand behind them: as many as their groups."""
    rows: dict[str, list[object]] = {"length": list(LENGTH_NAMES), "cases": [], "contacts": [], "movers": []}
    for name in LENGTH_NAMES:
        number = int(name.rstrip("+"))
        own = whole[whole["length"] >= number] if name.endswith("+") else whole[whole["length"] == number]
        rows["cases"].append(float(own["cases"].sum()))
        rows["contacts"].append(float(own["contacts"].sum()))
        rows["movers"].append(float(own["customer_group"].nunique()))
    return rows


def _protected_lengths(table: pd.DataFrame, *, minimum: int) -> pd.DataFrame:
    """Without small cells: lengths 3, 4 and 5+ add up to 3+, which with 1 and 2 adds up to all cases."""
    number = table["length"]
    long = number.isin(["3", "4", "5+"])
    cells = table.assign(group=number.mask(long, "3+"), part=number.where(long, ALL))
    first = cells[~long][["cases", "contacts"]].sum()
    whole = pd.DataFrame({"group": [ALL], "part": [ALL], "cases": first["cases"], "contacts": first["contacts"]})
    whole["movers"] = whole["cases"]
    counted = Counts(pd.concat([cells, whole], ignore_index=True), "cases", (), ("contacts",), persons="movers")
    gone = unsafe_cells([counted], by=("group", "part"), minimum=minimum)
    if ((gone["group"] == ALL) & (gone["part"] == ALL)).any():
        return blank(table, (table["cases"] >= 0).to_numpy())
    keys = pd.MultiIndex.from_frame(cells[["group", "part"]])
    return blank(table, keys.isin(pd.MultiIndex.from_frame(gone)) if len(gone) else (table["cases"] < 0).to_numpy())


def snowball_positions(
    store: Store, followed: Following, period: Period, *, customers: dict[int, float]
) -> pd.DataFrame:
    """Mean handle time of a case's first, second, ... contacts, and how many times that of first contacts it is.

    The ratio compares the same mix of matters (the reason the case was opened for): first contacts are weighed as the
    matters of the later ones are. Whoever brings a long case may bring a hard one: the ratio says what later contacts
    take, not why.
    """
    counted = store.engine.run(statement("case_handling", values=_grouped(period)))
    counted = counted.assign(reason=counted["reason"].astype(object).where(counted["reason"].notna(), ""))
    rows = [row for place in range(1, len(POSITION_NAMES) + 1) if (row := _position(store, counted, place))]
    if not rows:
        return pd.DataFrame(columns=list(POSITION_COLUMNS))
    table = pd.DataFrame(rows)
    table["customers"] = [customers.get(int(name.rstrip("+")), 0.0) for name in table["position"]]
    table = table.assign(level=store.engagement.definitions.level, method="ratio_cluster", claim="descriptive")
    letters = spread_letters(table["low"], table["high"], store.engagement.grades)
    placed = float(counted["contacts"][counted["place"] > 0].sum()) / float(counted["contacts"].sum())
    unknown = 1 - placed * table["contacts"] / (table["contacts"] + table["unobserved"])
    channels = pd.Series(ALL, index=table.index)
    graded = graded_followed(
        store, table, followed, letters=letters, unknown=unknown, channels=channels, missing="low_response"
    )
    return _protected_positions(graded, minimum=store.engagement.definitions.smallest_cell)[list(POSITION_COLUMNS)]


def _position(store: Store, counted: pd.DataFrame, place: int) -> dict[str, object] | None:
    own = counted[(counted["place"] == place) & (counted["handled"] > 0)]
    if own.empty:
        return None
    level = store.engagement.definitions.level
    by_group = own.groupby("customer_group")[["handle_seconds", "handled"]].sum().astype("float64")
    mean = ratio_from_sums(ClusterSums.from_clusters(by_group["handle_seconds"], by_group["handled"]), level=level)
    contacts = float(counted["contacts"][counted["place"] == place].sum())
    handled = float(own["handled"].sum())
    row: dict[str, object] = {
        "position": POSITION_NAMES[place - 1], "contacts": handled, "handle_seconds": float(mean.value),
        "low": float(mean.low), "high": float(mean.high), "unobserved": contacts - handled,
        "seconds": float(own["handle_seconds"].sum()),
    }  # fmt: skip
    ratio, low, high = (1.0, 1.0, 1.0) if place == 1 else _ratio_to_first(counted, place, level=level)
    return {**row, "ratio_to_first": ratio, "ratio_low": low, "ratio_high": high}


def _ratio_to_first(counted: pd.DataFrame, place: int, *, level: float) -> tuple[float, float, float]:
    """The mean at a place over that of first contacts in the same mix of matters, with limits."""
    pair = counted[counted["place"].isin([1, place]) & (counted["handled"] > 0)]
    wide = pair.pivot_table(
        index="customer_group", columns=["place", "reason"], values=["handled", "handle_seconds"], aggfunc="sum"
    )
    reasons = sorted(set(pair["reason"]))
    order = [(what, at, reason) for at in (place, 1) for what in ("handled", "handle_seconds") for reason in reasons]
    sums = wide.reindex(columns=pd.MultiIndex.from_tuples(order)).astype("float64").fillna(0.0).to_numpy()
    found = jackknifed(sums, lambda each: same_mix_log_ratio(each, strata=len(reasons)))
    interval = ratio_interval(found, level=level)
    return float(np.exp(found.value[0])), float(interval.low[0]), float(interval.high[0])


def _protected_positions(table: pd.DataFrame, *, minimum: int) -> pd.DataFrame:
    sums = table[["contacts", "seconds"]].sum()
    whole = pd.DataFrame({"position": [ALL], "customers": sums["contacts"], **sums})
    counted = Counts(pd.concat([table, whole], ignore_index=True), "contacts", (), ("seconds",))
    gone = set(unsafe_cells([counted], by=("position",), minimum=minimum)["position"])
    return blank(table, (table["position"].isin(gone) | (ALL in gone)).to_numpy())


def _days(period: Period) -> dict[str, Value]:
    return {"start_day": day_number(period.start), "end_day": day_number(period.end)}


def _grouped(period: Period) -> dict[str, Value]:
    return {**_days(period), "customer_groups": CUSTOMER_GROUPS}
