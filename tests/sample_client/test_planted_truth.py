"""The planted truth is found again by plain counting on what the generator hides from every export."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.sample_client import SampleClient, World, even_resolution, make_client
from rootcause_lib.sample_client.matters import CHANNELS, REASONS
from rootcause_lib.schemas import TABLES

YEAR = 365.25


@pytest.fixture(scope="module")
def client() -> SampleClient:
    return make_client(customers=30_000, seed=11)


@pytest.fixture(scope="module")
def plain() -> SampleClient:
    return make_client(customers=40_000, seed=12, days=120, world=World.plain())


def opening(client: SampleClient) -> pd.Series:
    own = client.hidden["row"].isin(["contact", "first_leg"]) & ~client.hidden["shared_id"]
    return own & (client.hidden["position"] == 1)


def errors_of(share: float, planted: float, trials: float) -> float:
    return abs(share - planted) / np.sqrt(max(planted * (1 - planted), 1e-9) / trials)


def test_tables_have_only_canonical_columns_by_identity(client: SampleClient) -> None:
    extra = {"customers": {"contract", "region"}, "surveys": {"ease", "friendliness"}}
    for name, table in client.tables.items():
        declared = TABLES[name]
        assert set(table.columns) - set(declared.column_names) == extra.get(name, set())
        for column in declared.required:
            assert table[column].notna().all(), (name, column)
        for column in declared:
            if column.name in table and column.choices:
                assert set(table[column.name].dropna()) <= set(column.choices)
        if declared.key:
            assert not table.duplicated(list(declared.key)).any()
        for first, second in declared.ordered:
            if first in table and second in table:
                assert not (table[second] < table[first]).any()


def test_resolution_by_reason_and_channel_by_planted_truth() -> None:
    world = World(skill_sd=0.0)
    client = make_client(customers=30_000, seed=13, world=world)
    own = client.hidden["row"].isin(["contact", "first_leg"])
    cells = client.hidden[own].groupby(["reason", client.tables["contacts"]["channel"][own]], observed=True)["resolved"]
    scores = []
    for (reason, channel), resolved in cells:
        if len(resolved) >= 30:
            scores.append(errors_of(resolved.mean(), world.resolution[reason][channel], len(resolved)))
    assert len(scores) > 55
    assert max(scores) < 4.2
    assert np.mean(np.square(scores)) < 1.6


def test_came_back_closed_form_by_planted_truth() -> None:
    world = dataclasses.replace(
        World.plain(), resolution=even_resolution(0.2), cases_per_year=10.0, quick_switch=0.25, comes_back=0.7
    )
    client = make_client(customers=20_000, seed=12, days=120, world=world)
    rows = [row for row in client.truth.came_back_by_channel if row["match"] == "case"]
    assert {row["channel"] for row in rows} == {*CHANNELS, "all"}
    for row in rows:
        assert errors_of(row["counted"], row["share"], row["contacts"]) < 4
    cells = {(row["reason"], row["channel"], row["day"]): row["share"] for row in client.truth.came_back}
    assert cells["muutto", "phone", 3] == pytest.approx(0.8 * 0.7 * 0.5)  # three days are the median
    assert cells["muutto", "chat", 3] == pytest.approx(0.8 * 0.7 * (0.25 + 0.75 * 0.5))


def test_came_back_with_any_contact_by_planted_truth(plain: SampleClient) -> None:
    contacts = plain.tables["contacts"].assign(opens=opening(plain), case=plain.hidden["case"])
    contacts = contacts.sort_values(["customer_id", "started_at"])
    same = contacts["customer_id"] == contacts["customer_id"].shift(-1)
    gap = (contacts["started_at"].shift(-1) - contacts["ended_at"]).dt.total_seconds().where(same) / 86_400
    started = (contacts["started_at"] - pd.Timestamp("2025-01-01")).dt.days
    before = (contacts["started_at"] - contacts["ended_at"].shift(1)).dt.total_seconds() / 86_400
    quiet_before = ~(contacts["customer_id"] == contacts["customer_id"].shift(1)) | (before > 14)
    judged = contacts["opens"] & quiet_before & started.between(20, 100)
    planted = next(
        row["share"]
        for row in plain.truth.came_back_by_channel
        if (row["match"], row["channel"], row["day"]) == ("any", "all", 14)
    )
    assert errors_of((gap[judged] <= 14).mean(), planted, judged.sum()) < 4


def test_nobody_comes_back_when_all_is_resolved_by_identity() -> None:
    world = dataclasses.replace(World.plain(), resolution=even_resolution(1.0))
    client = make_client(customers=2_000, seed=2, days=60, world=world)
    assert (client.hidden["position"] == 1).all()
    assert client.hidden["next_delay_seconds"].isna().all()
    assert all(
        row["share"] == row["counted"] == 0 for row in client.truth.came_back_by_channel if row["match"] == "case"
    )


def test_confusion_matrix_by_planted_truth(client: SampleClient) -> None:
    contacts = client.tables["contacts"]
    coded = contacts["agent_id"].notna() & client.hidden["row"].isin(["contact", "first_leg", "second_leg"])
    found = pd.crosstab(client.hidden.loc[coded, "reason"], contacts.loc[coded, "reason"], normalize="index")
    for reason, row in client.truth.confusion.items():
        assert sum(row.values()) == pytest.approx(1)
        for code, share in row.items():
            # agents differ, so the spread over some 120 agents comes on top of the binomial one
            assert found.loc[reason, code] == pytest.approx(share, abs=0.03)


def test_systems_and_perfect_agents_code_rightly_by_identity(client: SampleClient) -> None:
    alone = (client.tables["contacts"]["channel"] == "self_service").to_numpy()
    assert (client.tables["contacts"]["reason"][alone] == client.hidden["reason"][alone].astype(str)).all()
    perfect = make_client(customers=1_000, seed=3, days=90, world=World(miscoded=(0.0,) * len(REASONS)))
    coded = perfect.tables["contacts"]["reason"].notna()
    assert (perfect.tables["contacts"]["reason"][coded] == perfect.hidden["reason"][coded].astype(str)).all()


def test_adjudicated_audit_holds_the_true_reason_by_identity(client: SampleClient) -> None:
    audits = client.tables["audits"].merge(
        client.hidden[["contact_id", "reason"]], on="contact_id", suffixes=("", "_true")
    )
    settled = audits["coder"] == "adjudicated"
    assert settled.sum() == client.world.audit_size
    assert (audits["reason"] == audits["reason_true"].astype(str))[settled].all()
    right = (audits["reason"] == audits["reason_true"].astype(str))[~settled]
    assert errors_of(right.mean(), client.world.coder_accuracy, len(right)) < 4


def test_rate_ratio_after_wrong_and_right_invoices_by_planted_truth() -> None:
    world = dataclasses.replace(World.plain(), invoices_per_year=4, billing_error_share=0.1)
    client = make_client(customers=40_000, seed=14, days=200, world=world)
    contacts = client.tables["contacts"][opening(client)]
    per_day = world.cases_per_year / YEAR
    for process, low, high, ratio in (("invoice", 0, 7, 1.6), ("billing", 0, 7, 15.0), ("billing", 7, 21, 5.0)):
        events = client.tables["process_events"]
        events = events[(events["process"] == process) & (events["started_at"] < "2025-06-20")]
        pairs = events.merge(contacts, on="customer_id", suffixes=("", "_contact"))
        day = (pairs["started_at_contact"] - pairs["started_at"]).dt.total_seconds() / 86_400
        seen = int(((day >= low) & (day < high)).sum())
        expected = len(events) * per_day * (high - low) * ratio
        assert abs(seen - expected) / np.sqrt(expected) < 4


def test_rate_ratio_by_days_overdue_by_planted_truth() -> None:
    world = dataclasses.replace(World.plain(), deliveries_per_year=2.0, late_share=0.5)
    client = make_client(customers=40_000, seed=15, days=200, world=world)
    contacts = client.tables["contacts"][opening(client)]
    events = client.tables["process_events"]
    events = events[events["ended_at"].notna() & (events["due_at"] < "2025-05-20")]
    late = (events["ended_at"] - events["due_at"]).dt.total_seconds() / 86_400
    pairs = events.assign(late=late).merge(contacts, on="customer_id", suffixes=("", "_contact"))
    day = (pairs["started_at_contact"] - pairs["due_at"]).dt.total_seconds() / 86_400
    for low, high, ratio in ((1, 3, 5.0), (3, 7, 10.0), (7, 14, 16.0)):
        exposed = (late.clip(upper=high) - low).clip(lower=0).sum()
        seen = int(((day >= low) & (day < np.minimum(high, pairs["late"]))).sum())
        expected = exposed * world.cases_per_year / YEAR * ratio
        # deliveries of one customer overlap now and then, which adds a little
        assert abs(seen / expected - 1) < 4 / np.sqrt(expected) + 0.02


def test_claims_are_opened_by_a_contact_by_identity(client: SampleClient) -> None:
    claims = client.tables["process_events"]
    claims = claims[claims["process"] == "claim"]
    assert claims["opened_by_contact"].all()
    true_ids = (client.hidden["customer"] + 1).map("{:07d}".format)
    moments = pd.MultiIndex.from_arrays([true_ids, client.tables["contacts"]["started_at"]])
    assert pd.MultiIndex.from_frame(claims[["customer_id", "started_at"]]).isin(moments).mean() > 0.999


def test_fix_halves_the_billing_errors_by_planted_truth(client: SampleClient) -> None:
    events = client.tables["process_events"]
    invoices = events[events["process"].isin(["invoice", "billing"])]
    wrong, after = invoices["process"] == "billing", invoices["started_at"] >= "2025-08-11"
    assert errors_of(wrong[~after].mean(), 0.10, (~after).sum()) < 4
    assert errors_of(wrong[after].mean(), 0.05, after.sum()) < 4
    assert client.truth.fix is not None
    assert client.truth.fix["on"] == "2025-08-11"


def test_survey_answers_are_biased_by_planted_truth(client: SampleClient) -> None:
    surveys = client.tables["surveys"]
    of_contacts = surveys["contact_id"].notna() & (surveys["asked_at"] < "2025-12-20")
    hidden = surveys[of_contacts].merge(client.hidden[["contact_id", "resolved"]], on="contact_id")
    answered = hidden["score"].notna().groupby(hidden["resolved"]).agg(["mean", "size"])
    for resolved, planted in ((True, client.world.answers_resolved), (False, client.world.answers_unresolved)):
        assert errors_of(answered.loc[resolved, "mean"], planted, answered.loc[resolved, "size"]) < 4
    csat = next(row for row in client.truth.surveys if row["metric"] == "csat")
    assert csat["mean_of_answers"] < csat["mean_of_all_asked"] - 0.05


def test_legs_gaps_and_overlaps_by_identity(client: SampleClient) -> None:
    contacts, hidden = client.tables["contacts"], client.hidden
    legs = contacts.assign(row=hidden["row"], of=hidden["true_contact"])
    both = legs[legs["row"] == "first_leg"].merge(legs[legs["row"] == "second_leg"], on="of", suffixes=("", "_2"))
    gap = (both["started_at_2"] - both["ended_at"]).dt.total_seconds()
    assert gap.between(1, 60).all()
    assert (both["transfers"] == 1).all()
    assert (both["channel"] == both["channel_2"]).all()
    assert (both["conversation_id"].fillna("") == both["conversation_id_2"].fillna("")).all()
    counts = client.truth.counts
    merged = counts["legs_merged_by_conversation"] + counts["legs_merged_by_gap"]
    by_id = both["conversation_id"].notna()
    by_gap = ~by_id & both["customer_id"].notna() & (both["customer_id"] != counts["shared_id"])
    assert merged == int(by_id.sum() + by_gap.sum())
    assert counts["true_contacts"] == int(hidden["row"].isin(["contact", "first_leg"]).sum())


def test_unidentified_orphans_and_shared_id_by_hand_count(client: SampleClient) -> None:
    contacts, counts = client.tables["contacts"], client.truth.counts
    unknown = ~contacts["customer_id"].isin(client.tables["customers"]["customer_id"]) & contacts["customer_id"].notna()
    assert int(unknown.sum()) == counts["orphan_contacts"]
    shared = contacts["customer_id"] == counts["shared_id"]
    daily = contacts[shared].groupby(contacts["started_at"].dt.normalize()).size()
    assert (daily > 20).sum() >= client.world.shared_id_days
    others = contacts[~shared].groupby(["customer_id", contacts["started_at"].dt.normalize()]).size()
    assert others.max() < 20
    for channel, share in counts["unidentified_share"].items():
        planted = client.world.unidentified[channel]
        rows = int((contacts["channel"] == channel).sum())
        assert (share == 0) if planted == 0 else errors_of(share, planted, rows) < 4


def test_visits_before_calls_by_planted_truth(client: SampleClient) -> None:
    calls = client.tables["contacts"][opening(client)]
    calls = calls[(calls["channel"] == "phone") & calls["customer_id"].notna()].sort_values("started_at")
    visits = client.tables["visits"].dropna(subset="customer_id").sort_values("started_at")
    nearest = pd.merge_asof(
        calls,
        visits[["started_at", "customer_id", "visit_id"]],
        on="started_at",
        by="customer_id",
        tolerance=pd.Timedelta(days=1),
    )
    # a tenth of visits is not identified; idle visits add a little
    assert nearest["visit_id"].notna().mean() == pytest.approx(client.world.visit_before_call * 0.9, abs=0.02)


def test_local_times_are_never_ambiguous_by_identity(client: SampleClient) -> None:
    for table in client.tables.values():
        for column in table.select_dtypes("datetime"):
            times = table[column].dropna()
            assert times.dt.tz_localize("Europe/Helsinki", ambiguous="raise", nonexistent="raise").notna().all()


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ParameterError, match="at least one customer"):
        make_client(customers=0)
