"""Whether risk scores tell what can be told: against the planted chances of simulated clients, and a leaky pipeline.

The world says how likely everybody is to give notice week by week. `attainable` is the AUC of the chances that somebody
would give who knew the planted ratios and everything that had happened before the snapshot, but not what came after.
Nobody can do better for long; a score that does has looked ahead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted.leavers import WEEKS, YEAR, leaving_store, with_attribute, year_of

from rootcause_lib.analyses.churn_risk.asked import asked_about
from rootcause_lib.analyses.churn_risk.score_models import FEWEST_LEAVERS, Learnt, learnt, measured
from rootcause_lib.analyses.churn_risk.score_snapshots import EMBARGO_WEEKS, Snapshots
from rootcause_lib.sample_client import SampleClient
from rootcause_lib.sample_client.churn import FIRST_YEAR, IN_TERM, SEGMENT_HAZARDS, TERM_ENDING, TERM_WEEKS
from rootcause_lib.sample_client.matters import SEGMENTS
from rootcause_lib.sample_client.world import LUMO, World
from rootcause_lib.soundness import World as Measured
from rootcause_lib.statistics.discrimination import auc
from rootcause_lib.statistics.risk_models import fit_logit
from rootcause_lib.store import Store

CUSTOMERS = 6000
STRONG = dataclasses.replace(
    LUMO,
    leaving_per_year=0.25,
    contact_hazard_unresolved=3.0,
    contact_hazard_resolved=1.5,
    problem_hazards={"billing": 3.0, "delivery": 2.0, "outage": 1.0, "claim": 2.0},
)
"""A world in which what happens to customers tells more than in the usual one."""


def ask(store: Store, **more: object):
    given = {"lag_weeks": (2, 8), "horizon_days": None, "segment": None, "customer_list": 0} | more
    return asked_about(store, store.period(None, None), **given)  # type: ignore[arg-type]


def planted_chances(client: SampleClient, world: World, at: Snapshots, *, weeks: int) -> np.ndarray:
    """Everybody's chance within the horizon by the planted hazards and what was known before the snapshot."""
    customers = client.tables["customers"].reset_index(drop=True)
    keys = pd.Index(pd.to_numeric(customers["customer_id"]) + 1)
    place = keys.get_indexer(pd.Index(at.rows["customer_key"].astype(int)))
    start = pd.Timestamp(YEAR.first)
    joined = ((customers["joined_on"] - start).dt.days).to_numpy(dtype=float)
    ends = ((customers["contract_ends_on"] - start).dt.days).to_numpy(dtype=float)
    segment = customers["segment"].map({name: number for number, name in enumerate(SEGMENTS)})
    own = np.asarray(SEGMENT_HAZARDS)[segment.fillna(0).to_numpy(dtype=int)] * world.leaving_per_year * 7 / 365.25
    marks = marked_weeks(client)
    total = np.zeros(len(at.rows))
    for ahead in range(EMBARGO_WEEKS, EMBARGO_WEEKS + weeks):
        week = at.rows["week"].to_numpy() + ahead
        day = 7 * week
        hazard = own[place] * np.where(day - joined[place] < 365, FIRST_YEAR, 1.0)
        hazard = hazard * term_ratio(ends[place], joined[place], day)
        hazard = hazard * event_ratio(marks, world, at.rows, week)
        total += hazard
    return 1 - np.exp(-total)


def term_ratio(ends: np.ndarray, joined: np.ndarray, day: np.ndarray) -> np.ndarray:
    """As planted; the term is one or two years from joining, told by where the next end lies."""
    known = ~np.isnan(ends)
    term = np.where(np.isclose(np.nan_to_num(ends - joined) % 730, 0) & (np.nan_to_num(ends - joined) > 0), 730, 365)
    next_end = joined + term * np.maximum(np.ceil((day - joined) / term), 1)
    return np.where(known, np.where(next_end - day < 7 * TERM_WEEKS, TERM_ENDING, IN_TERM), 1.0)


def marked_weeks(client: SampleClient) -> dict[str, pd.DataFrame]:
    """Weeks of contacts by how they truly ended, and of failures, by customer."""
    start = pd.Timestamp(YEAR.first)
    contacts = client.tables["contacts"]
    own = (client.hidden["row"].isin(["contact", "first_leg"]) & contacts["customer_id"].notna()).to_numpy()
    kept, hidden = contacts[own], client.hidden[own]
    kept = kept.assign(
        customer=pd.to_numeric(kept["customer_id"]).to_numpy(dtype=int) + 1,
        week=((kept["started_at"] - start).dt.days // 7).to_numpy(),
    )
    settled = hidden["resolved"].to_numpy(dtype=bool)
    events = client.tables["process_events"]
    late = events["process"] == "delivery"
    moment = events["started_at"].where(~late, events["due_at"] + pd.Timedelta("1D"))
    problem = events[~late | (events["ended_at"] - events["due_at"] >= pd.Timedelta("1D"))]
    problem = problem.assign(
        customer=pd.to_numeric(problem["customer_id"]).to_numpy(dtype=int) + 1,
        week=((moment.loc[problem.index] - start).dt.days // 7).to_numpy(),
    )
    return {"resolved": kept[settled], "unresolved": kept[~settled], **dict(list(problem.groupby("process")))}


def event_ratio(marks: dict[str, pd.DataFrame], world: World, rows: pd.DataFrame, week: np.ndarray) -> np.ndarray:
    """The planted ratio in a week, by what had happened before the snapshot and still counts then."""
    frame = pd.DataFrame({"customer": rows["customer_key"].to_numpy(), "snapshot": rows["week"].to_numpy(), "w": week})

    def counts(kind: str, span: int) -> np.ndarray:
        if kind not in marks:
            return np.zeros(len(frame), dtype=bool)
        pairs = frame.reset_index().merge(marks[kind][["customer", "week"]], on="customer")
        alive = (pairs["week"] < pairs["snapshot"]) & (pairs["week"] >= pairs["w"] - span)
        return frame.index.isin(pairs.loc[alive, "index"])

    ratio = np.where(counts("resolved", world.contact_effect_weeks), world.contact_hazard_resolved, 1.0)
    ratio = np.where(counts("unresolved", world.contact_effect_weeks), world.contact_hazard_unresolved, ratio)
    for process, planted in world.problem_hazards.items():
        if planted != 1.0:
            ratio = ratio * np.where(counts(process, world.problem_effect_weeks), planted, 1.0)
    return ratio


def expected_auc(scores: np.ndarray, chances: np.ndarray) -> float:
    """The AUC that scores have on average where everybody leaves by these chances: no luck of one draw in it."""
    twice = np.concatenate([scores, scores])
    left = np.repeat([1.0, 0.0], len(scores))
    return auc(twice, left, weights=np.concatenate([chances, 1 - chances]))


def one_client(seed: int, world: World, folder: Path, *, customers: int = CUSTOMERS) -> tuple[Learnt, np.ndarray]:
    client = year_of(customers, seed, world=world)
    found = learnt(ask(leaving_store(client, folder / f"{seed}")))
    assert isinstance(found, Learnt)
    return found, planted_chances(client, world, found.test, weeks=found.plan.horizon_weeks)


def compared(found: Learnt, chances: np.ndarray) -> dict[str, float]:
    """What could be had, what the score has of it, and what it said it has."""
    value, low, high = measured(found.chosen, "auc")
    predicted = found.chosen.judged.predicted
    return {
        "attainable": expected_auc(chances, chances), "score": expected_auc(predicted, chances), "told": value,
        "low": low, "high": high, "slope": measured(found.chosen, "calibration_slope")[0],
        "observed_expected": measured(found.chosen, "observed_expected")[0],
    }  # fmt: skip


def many(seeds: range, world: World, folder: Path, *, customers: int = CUSTOMERS) -> pd.DataFrame:
    return pd.DataFrame([compared(*one_client(seed, world, folder, customers=customers)) for seed in seeds])


def test_scores_come_near_what_can_be_told_by_planted_truth(tmp_path):
    """A small sample of the proof: near the attainable AUC, never beyond it but by luck of the draw."""
    found = many(range(2), STRONG, tmp_path)
    assert (found["attainable"] > 0.62).all()
    assert (found["score"] <= found["attainable"] + 1e-9).all()
    assert found["score"].mean() > found["attainable"].mean() - 0.05
    assert ((found["low"] <= found["attainable"]) & (found["score"] <= found["high"])).all()


def leaky_scores(client: SampleClient, store: Store) -> tuple[float, Learnt]:
    """AUC in the same weeks of a pipeline that learns features up to leaving, contacts to cancel among them, and judges
    itself on the customers it learnt from; and what ours learnt."""
    found = learnt(ask(store))
    assert isinstance(found, Learnt)
    contacts = client.tables["contacts"].dropna(subset="customer_id")
    start = pd.Timestamp(YEAR.first)
    day = (contacts["started_at"] - start).dt.days.to_numpy()
    own = contacts.assign(customer=pd.to_numeric(contacts["customer_id"]).to_numpy(dtype=int) + 1, day=day)
    customers = client.tables["customers"].assign(
        customer=lambda rows: pd.to_numeric(rows["customer_id"]).to_numpy(dtype=int) + 1,
        last=lambda rows: (rows["cancelled_on"] - start).dt.days.fillna(7 * WEEKS),
    )
    left = customers["cancelled_on"].notna().to_numpy(dtype=float)
    joined = own.merge(customers[["customer", "last"]], on="customer")
    lately = joined[(joined["day"] <= joined["last"]) & (joined["day"] > joined["last"] - 56)]
    count = customers["customer"].map(lately.groupby("customer").size()).fillna(0).clip(upper=3).astype(int)
    features = pd.DataFrame({"lately": count.astype(str), "segment": customers["segment"].astype(str)})
    model = fit_logit(features, left, customers["customer"])
    return auc(model.predict(features), left), found


def test_a_leaky_pipeline_looks_far_better_and_is_caught_by_planted_truth(tmp_path):
    """Features that run up to leaving flatter a score: the embargo keeps them out, the guard what leaving writes."""
    client = year_of(3000, 11)
    store = leaving_store(client, tmp_path, more='[attributes]\ncustomers = ["closing"]\n')
    leaky, honest = leaky_scores(client, store)
    chances = planted_chances(client, LUMO, honest.test, weeks=honest.plan.horizon_weeks)
    ours, attainable = measured(honest.chosen, "auc")[0], expected_auc(chances, chances)
    assert leaky > attainable + 0.08 > ours
    customers = client.tables["customers"]
    keys = pd.to_numeric(customers["customer_id"]).to_numpy(dtype=int) + 1
    words = np.where(customers["cancelled_on"].notna(), "yes", "no")
    found = learnt(ask(with_attribute(store, "closing", pd.DataFrame({"customer_key": keys, "closing": words}))))
    assert isinstance(found, Learnt)
    assert [(one.feature, one.suspicion) for one in found.suspects] == [("attribute=closing", "refused")]
    assert measured(found.chosen, "auc")[0] == pytest.approx(ours)


def test_the_guard_leaves_honest_features_alone_by_planted_truth(tmp_path):
    for seed in range(3):
        found, _ = one_client(seed, LUMO, tmp_path, customers=2500)
        assert not found.suspects
        assert found.train.rows["leaves"].sum() >= FEWEST_LEAVERS


WORLDS = {"as the sample client": LUMO, "what happens tells much": STRONG}


def recovered(found: pd.DataFrame) -> float:
    """How much of what can be told beyond guessing the score tells."""
    return float(((found["score"] - 0.5) / (found["attainable"] - 0.5)).mean())


@pytest.mark.prove
def test_scores_attain_what_the_world_allows_by_planted_truth(
    tmp_path: Path, measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    found = {name: many(range(100, 120), world, tmp_path / name) for name, world in WORLDS.items()}
    # Each client has a truth of its own: what its score attains on average over what may happen to its customers.
    record(
        [
            measure(
                estimator="risk_score_auc", world=name, truth=0.0, value=each["told"] - each["score"],
                low=each["low"] - each["score"], high=each["high"] - each["score"], nominal=0.95,
            )
            for name, each in found.items()
        ]
    )  # fmt: skip
    for each in found.values():
        assert (each["score"] <= each["attainable"] + 1e-9).all()
        assert recovered(each) > 0.6
        assert abs(each["told"].mean() - each["score"].mean()) < 0.015
        assert ((each["low"] <= each["score"]) & (each["score"] <= each["high"])).mean() >= 0.85
        assert each["observed_expected"].between(0.75, 1.33).mean() >= 0.85
        assert 0.6 < each["slope"].median() < 1.3
