"""The parts put together: the sample client's planted causes, what is left out for few customers, unknowns, words."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rootcause_lib import RootCause, analyse_root_cause, open_engagement
from rootcause_lib.analyses.root_cause.protection import protected_incidence, protected_processes
from rootcause_lib.analyses.root_cause.windows import incidence_at
from rootcause_lib.errors import ParameterError
from rootcause_lib.journeys import following
from rootcause_lib.prose import sentence
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

OWNERS = {
    "billing": "Talous", "outage": "Verkko", "claim": "Asiakaspalvelu", "delivery": "Logistiikka", "invoice": "Talous",
}  # fmt: skip


@pytest.fixture(scope="module")
def sample(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "client"
    skip = shutil.ignore_patterns(".rootcause", "reports")
    return Path(shutil.copytree(repository / "data" / "sample", folder, ignore=skip))


@pytest.fixture(scope="module")
def store(sample: Path) -> Store:
    return open_engagement(sample)


@pytest.fixture(scope="module")
def result(store: Store) -> RootCause:
    return analyse_root_cause(store)


def test_the_sample_clients_causes_stand_in_their_order_with_owners_by_planted_truth(
    sample: Path, result: RootCause
) -> None:
    planted = pd.DataFrame(json.loads((sample / "truth.json").read_text(encoding="utf-8"))["excess"])
    order = planted.sort_values("contacts", ascending=False)["process"].tolist()
    told = result.attributable[~result.attributable["process"].isin([ALL, "unexplained"])]
    assert told["process"].tolist() == order
    assert dict(zip(told["process"], told["owner"], strict=True)) == OWNERS
    assert set(result.eliminable["process"]) == {*OWNERS, ALL, "unexplained"} - {"invoice"}


def test_the_first_cause_is_named_in_the_headline_by_planted_truth(result: RootCause) -> None:
    named = {one.key: one.fields for one in result.headline}
    assert named["root_cause.first_process"]["process"] == "billing"
    assert named["root_cause.removable"]["owner"] == "Talous"
    assert len(result.headline) <= 5
    words = " ".join(sentence(one, language="fi", currency="EUR") for one in result.headline)
    assert "Talous" in words


def test_what_processes_bring_and_the_rest_are_all_contacts_by_identity(result: RootCause) -> None:
    rows = result.attributable.set_index("process")
    apart = rows.drop([ALL, "unexplained"])
    assert apart["contacts"].sum() == pytest.approx(rows.loc[ALL, "contacts"])
    assert rows.loc[[ALL, "unexplained"], "share"].sum() == pytest.approx(1)
    whole = result.reasons.set_index("reason").loc[ALL, "contacts"]
    seen = rows.loc[[ALL, "unexplained"], "contacts"].sum() + rows.loc[ALL, "unobserved"]
    # The days on which contacts opened a claim are left out with those contacts.
    assert 0.95 * whole < seen < whole


def test_every_figure_has_words_beside_it(result: RootCause) -> None:
    for frame in (
        "attributable",
        "incidence",
        "dose_response",
        "reasons",
        "confusion",
        "agreement",
        "change",
        "segments",
    ):
        assert result.readings[frame], frame


def test_another_window_is_one_band_of_so_many_days_by_hand(store: Store) -> None:
    asked = following(store.engagement, store.extent, matching=None, window_days=None)
    found = incidence_at(store, store.period(None, None), asked, process="billing", window_days=10)
    assert found.loc[found["kind"] == "risk", "band"].tolist() == ["0-9"]
    assert set(found["process"]) == {"billing"}
    late = incidence_at(store, store.period(None, None), asked, process="delivery", window_days=10)
    assert late.loc[late["kind"] == "risk", "band"].tolist() == ["1-10", "11+"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"process": "biling", "window_days": 7}, "Did you mean 'billing'"),
        ({"process": "billing", "window_days": 0}, "choose 1 to 90"),
    ],
)
def test_a_window_that_cannot_be_says_what_can(store: Store, given: Any, message: str) -> None:
    asked = following(store.engagement, store.extent, matching=None, window_days=None)
    with pytest.raises(ParameterError, match=message):
        incidence_at(store, store.period(None, None), asked, **given)


def bands(**of: Any) -> pd.DataFrame:
    rows = {
        "process": ["billing", "billing", "outage"], "kind": "risk", "band": ["0-6", "7-20", "0-0"],
        "contacts": [40.0, 4.0, 30.0], "customers": [25.0, 3.0, 20.0], "rate_ratio": [3.0, 2.0, 5.0],
        "grade": "A", "grade_reasons": "", "method": "case_series_span",
    }  # fmt: skip
    return pd.DataFrame(rows).assign(**of)


def test_a_band_of_three_customers_is_left_out_of_every_frame_by_hand_count(store: Store) -> None:
    """With the band gone, the process's contacts in all its bands would tell it: 44 less 40."""
    caused = pd.DataFrame(
        {"process": ["billing", "outage"], "contacts": [30.0, 20.0], "exposed_contacts": [44.0, 30.0],
         "customers": [28.0, 20.0], "grade": "A", "grade_reasons": "", "method": "case_series_excess"}
    )  # fmt: skip
    usual = pd.DataFrame(
        {"name": "every_contact_in_window", "process": ["billing", "outage"], "unit": "contacts",
         "value": [44.0, 30.0], "denominator": [44.0, 30.0]}
    )  # fmt: skip
    nothing = pd.DataFrame({"events": [], "grade_reasons": []})
    found: Any = SimpleNamespace(
        incidence=bands(), variants=bands(variant="all"), dose_response=bands(), dose_trends=pd.DataFrame(),
        attributable=caused, eliminable=caused, shocks=nothing, naive=usual,
    )  # fmt: skip
    shown = protected_processes(store, found)
    for name in ("incidence", "variants", "dose_response"):
        assert shown[name]["rate_ratio"].isna().tolist() == [False, True, False], name
        assert shown[name]["process"].tolist() == ["billing", "billing", "outage"]
    assert shown["incidence"]["grade_reasons"].tolist() == ["", "suppressed", ""]
    for name in ("attributable", "eliminable"):
        assert shown[name]["exposed_contacts"].isna().tolist() == [True, False]
        assert shown[name]["contacts"].tolist() == [30.0, 20.0]
    assert shown["naive"]["value"].isna().tolist() == [True, False]


def test_where_every_cell_may_be_shown_nothing_is_left_out(store: Store) -> None:
    open_store = replace(store, engagement=_with_cells_of(store, 1))
    assert protected_incidence(open_store, bands())["rate_ratio"].notna().all()


def _with_cells_of(store: Store, smallest: int) -> Any:
    definitions = store.engagement.definitions.model_copy(update={"smallest_cell": smallest})
    return store.engagement.model_copy(update={"definitions": definitions})
