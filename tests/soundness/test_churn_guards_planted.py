"""Whether the causal word is withheld where something unmeasured stands behind contacts and leaving.

World: the sample client's, over two years. In the frail ones the customer's own pace of contacts, in no export, also
drives leaving (`World.frailty_hazard`); in the clear one contacts that settle nothing do, codes are right and
advice is always settled, so that every guard may pass.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from pathlib import Path

import pytest
from planted import Cut, extract, fill
from planted.answers import survey_rows
from planted.events import process_event_rows

from rootcause_lib.analyses.churn_risk.asked import Asked, asked_about
from rootcause_lib.analyses.churn_risk.claim import ASSOCIATION
from rootcause_lib.analyses.churn_risk.guards import Guarded, guarded
from rootcause_lib.sample_client import World, make_client
from rootcause_lib.sample_client.matters import CHANNELS, REASONS

CUT = Cut(dt.date(2024, 1, 1), dt.date(2025, 12, 28))
SETTINGS = """
[definitions]
smallest_cell = 1
notice_days = 0
[reasons]
cancellation = ["irtisanominen"]
neutral = ["neuvonta"]
[processes.billing]
[processes.delivery]
overdue_bands = [1, 3]
[processes.outage]
[processes.claim]
opened_by_contact = true
"""
LEAVING = World(leaving_per_year=0.25)
FRAIL = {
    "frail, contacts do as well": dataclasses.replace(LEAVING, frailty_hazard=1.0),
    "frail, contacts do nothing": dataclasses.replace(LEAVING, frailty_hazard=1.0).without_contact_effect(),
    "half as frail": dataclasses.replace(LEAVING, frailty_hazard=0.5),
}
NULL = LEAVING.without_contact_effect()
CLEAR = dataclasses.replace(
    LEAVING,
    contact_hazard_unresolved=5.0,
    resolution={
        reason: dict.fromkeys(CHANNELS, 1.0) if reason == "neuvonta" else by_channel
        for reason, by_channel in World().resolution.items()
    },
    miscoded=(0.0,) * len(REASONS),
)


def asked_of(world: World, *, seed: int, customers: int) -> Asked:
    days = (CUT.last - CUT.first).days + 1
    client = make_client(customers=customers, seed=seed, start=CUT.first, days=days, world=world)
    with tempfile.TemporaryDirectory() as folder:
        store = extract(client, CUT, Path(folder), more=SETTINGS)
    fill(store.engine, "process_events", process_event_rows(client.tables["process_events"]))
    fill(store.engine, "surveys", survey_rows(client.tables["surveys"]))
    present = (*store.present, "process_events", "surveys")
    store = dataclasses.replace(store, intake=dataclasses.replace(store.intake, present=present))
    return asked_about(
        store, store.period(None, None), lag_weeks=(2, 8), horizon_days=None, segment=None, customer_list=0
    )


def found_in(world: World, *, seed: int, customers: int) -> Guarded:
    return guarded(asked_of(world, seed=seed, customers=customers))


def verdict(found: Guarded, placebo: str) -> str:
    return str(found.placebos.set_index("placebo")["verdict"][placebo])


@pytest.mark.parametrize("world", [*FRAIL.values(), NULL], ids=[*FRAIL, "null"])
def test_a_small_sample_of_clients_withholds_the_causal_word_by_planted_truth(world: World) -> None:
    found = [found_in(world, seed=seed, customers=4000) for seed in range(3)]
    assert {each.claim.strength for each in found} == {ASSOCIATION}
    if world is FRAIL["frail, contacts do nothing"]:
        # The effect that is none is seen, and so is the guard that gives it away.
        assert all(each.effect["low"] > 1 for each in found)
        assert all(verdict(each, "distant_lag") == "failed" for each in found)


def test_a_clear_effect_may_be_called_more_than_an_association_by_planted_truth() -> None:
    found = [found_in(CLEAR, seed=seed, customers=12_000) for seed in (1, 2, 3)]
    assert any(each.claim.is_more for each in found)
    for each in found:
        passed = set(each.placebos["verdict"]) == {"passed"}
        assert each.claim.is_more == passed
        assert bool(each.claim.withheld) != each.claim.is_more


@pytest.mark.prove
@pytest.mark.parametrize("world", FRAIL.values(), ids=list(FRAIL))
def test_the_causal_word_is_withheld_by_planted_truth(world: World) -> None:
    """In at least 95 of 100 clients with an unmeasured common cause."""
    found = [found_in(world, seed=seed, customers=6000) for seed in range(200)]
    withheld = sum(each.claim.strength == ASSOCIATION for each in found) / len(found)
    failed = sum("failed" in set(each.placebos["verdict"]) for each in found) / len(found)
    assert withheld >= 0.95
    assert failed >= 0.95


@pytest.mark.prove
def test_where_contacts_do_nothing_the_word_is_withheld_by_planted_truth() -> None:
    found = [found_in(NULL, seed=seed, customers=6000) for seed in range(200)]
    assert sum(each.claim.strength == ASSOCIATION for each in found) / len(found) >= 0.95
