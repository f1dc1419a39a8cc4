"""Whether planted rate ratios are found end to end: simulated clients, stitched, cut by the engine, fitted.

World: the sample client's, on a continuous clock (opening hours move contacts to other days than planted), nobody
leaving, nobody hanging up, everybody known, true case ids, so that a contact opening a case is what was planted. Its
excesses add. Contacts that open a claim are left out, so ratios are those of the other contacts: a share of the chance
contacts opens claims, none of those caused upstream does, which makes every planted excess that much larger.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from planted import Cut, extract, fill
from planted.events import process_event_rows

from rootcause_lib.periods import Period
from rootcause_lib.person_time import kinds_of_time
from rootcause_lib.risk_bands import bands_of
from rootcause_lib.sample_client import SampleClient, World, make_client
from rootcause_lib.sample_client.matters import CAUSES, CHANNELS, REASONS
from rootcause_lib.soundness import World as Measured
from rootcause_lib.statistics.attributable import attributable
from rootcause_lib.statistics.self_controlled import fit_case_series

LEVEL = 0.95
WORLD = dataclasses.replace(
    World(), clock="continuous", unidentified=dict.fromkeys(CHANNELS, 0.0), shared_id_days=0,
    orphan_share=0.0, abandoned_share=0.0,
).without_leaving()  # fmt: skip
BEFORE = 60
"""Days of which events are known and contacts are not: what began before the extract still has effects in it."""
CUT = Cut(dt.date(2025, 1, 6), dt.date(2026, 1, 4))
PROCESSES = """
[processes.invoice]
kind = "normal"
bands = [0, 7]
[processes.billing]
bands = [0, 7, 21]
[processes.delivery]
overdue_bands = [1, 3, 7, 14]
[processes.outage]
bands = [0, 1, 3]
[processes.claim]
bands = [0, 28]
opened_by_contact = true
"""
RATIOS = {
    "invoice 0-6": 1.6, "billing 0-6": 15.0, "billing 7-20": 5.0, "outage 0-0": 40.0, "outage 1-2": 6.0,
    "delivery due 1-2": 5.0, "delivery due 3-6": 10.0, "delivery due 7-13": 16.0, "delivery due 14+": 22.0,
    "claim 0-27": 6.0, "invoice pre": 1.0, "delivery waiting": 1.0,
}  # fmt: skip
OPENS_NO_CLAIM = 1 - WORLD.reason_mix[REASONS.index("reklamaatio")] * WORLD.claim_share
PLANTED = {term: 1 + (ratio - 1) / OPENS_NO_CLAIM for term, ratio in RATIOS.items()}
COUNTED = ("billing", "invoice", "outage", "delivery")
"""Claims' contacts are counted less those of the days claims were opened, so their number is not the planted one."""


def client_of(seed: int, *, customers: int) -> SampleClient:
    days, start = BEFORE + (CUT.last - CUT.first).days + 1, CUT.first - dt.timedelta(days=BEFORE)
    client = make_client(customers=customers, seed=seed, start=start, days=days, world=WORLD)
    cases = client.hidden["case"].astype("Int64").astype("string")
    return dataclasses.replace(
        client, tables={**client.tables, "contacts": client.tables["contacts"].assign(case_id=cases)}
    )


Found = tuple[dict[str, tuple[float, float, float]], dict[str, tuple[float, float, float, float]]]


def found_in(client: SampleClient, folder: Path) -> Found:
    """Log rate ratios with limits by term; opening contacts caused: truth, value, low, high by process."""
    store = extract(client, CUT, folder, more=PROCESSES)
    fill(store.engine, "process_events", process_event_rows(client.tables["process_events"]))
    bands = bands_of(store.engagement)
    kinds = kinds_of_time(store, bands, period=Period(CUT.first, CUT.last), counted="openers")
    series = fit_case_series(kinds.parts, kinds.design, adding=[band.term for band in bands])
    logs = np.log(series.rate_ratios(level=LEVEL).set_index("term")[["rate_ratio", "low", "high"]])
    processes = {name: [band.term for band in bands if band.process == name and band.kind == "risk"]
                 for name in store.engagement.processes}  # fmt: skip
    table = attributable(series, kinds.design, kinds.by_cell("contacts"), processes=processes, level=LEVEL)
    table = table.set_index("process")
    openings = client.hidden[CUT.holds(client.tables["contacts"]["started_at"]) & (client.hidden["position"] == 1)]
    openings = openings[openings["row"].isin(["contact", "first_leg"])]
    truth = {name: float((openings["cause_code"] == CAUSES.index(name)).sum()) for name in COUNTED}
    counts = {name: (truth[name], *map(float, table.loc[name, ["contacts", "low", "high"]])) for name in COUNTED}
    return {term: tuple(map(float, logs.loc[term])) for term in PLANTED}, counts


def upper_limit(share: float, runs: int) -> float:
    from scipy.stats import beta

    hits = round(share * runs)
    return 1.0 if hits == runs else float(beta.ppf(0.975, hits + 1, runs - hits))


def test_a_small_sample_of_clients_by_planted_truth(tmp_path: Path) -> None:
    runs = [found_in(client_of(seed, customers=2500), tmp_path / str(seed)) for seed in range(5)]
    held = []
    for term, ratio in PLANTED.items():
        values = np.array([ratios[term] for ratios, _ in runs])
        noise = 4 * (values[:, 2] - values[:, 1]).mean() / 3.9 / np.sqrt(len(runs))
        assert abs(values[:, 0].mean() - np.log(ratio)) <= 0.05 + noise, term
        held += [(values[:, 1] <= np.log(ratio)) & (np.log(ratio) <= values[:, 2])]
    assert np.mean(held) >= 0.85
    for name in ("billing", "outage"):
        truth, value, *_ = np.array([counts[name] for _, counts in runs]).T
        assert value.sum() / truth.sum() == pytest.approx(1, abs=0.10), name


@pytest.mark.prove
def test_rate_ratios_and_counts_end_to_end_by_planted_truth(
    tmp_path: Path, measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    runs = [found_in(client_of(seed, customers=2500), tmp_path / str(seed)) for seed in range(200)]
    rows, short = [], []
    for term, ratio in PLANTED.items():
        value, low, high = np.array([ratios[term] for ratios, _ in runs]).T
        row = measure(estimator="root_cause_log_rate_ratio", world=term, truth=float(np.log(ratio)),
                      value=value, low=low, high=high, nominal=LEVEL)  # fmt: skip
        rows.append(row)
        if abs(row.bias) > 0.05 + 2 * np.nanstd(value) / np.sqrt(row.simulations):
            short.append((term, row.bias))
        if row.attained < 0.90 and upper_limit(row.attained, row.simulations) < 0.95:
            short.append((term, row.attained))
    for name in COUNTED:
        truth, value, low, high = np.array([counts[name] for _, counts in runs]).T
        row = measure(estimator="root_cause_contacts_over_truth", world=name, truth=1.0,
                      value=value / truth, low=low / truth, high=high / truth, nominal=LEVEL)  # fmt: skip
        rows.append(row)
        if abs(value.sum() / truth.sum() - 1) > 0.05 or row.attained < 0.85:
            short.append((name, row.bias, row.attained))
    record(rows)
    assert not short
