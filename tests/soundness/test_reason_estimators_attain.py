"""Do the estimators for reasons reach what they promise: corrected shares, agreement, shrunken shares,
effects of a change? Worlds of many seeds each; the tests marked `prove` write what was attained to soundness.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from rootcause_lib.soundness import World, attained, worlds_measured
from rootcause_lib.statistics.agreement import krippendorff_alpha
from rootcause_lib.statistics.decomposition import decompose_change
from rootcause_lib.statistics.inversion import inverted_shares
from rootcause_lib.statistics.misclassification import corrected_shares
from rootcause_lib.statistics.shrinkage import shrunken_shares

LEVEL = 0.95
RUNS = 400
REASONS = np.array(["bill", "delivery", "claim", "price", "move", "fault", "praise", "other"], dtype=object)
TRUE = np.array([0.22, 0.18, 0.12, 0.10, 0.08, 0.12, 0.03, 0.15])
LEAN = np.array([0.05, 0.1, 0.05, 0.1, 0.05, 0.05, 0.02, 0.58])
MEASURED_HERE = (
    "corrected_shares",
    "inverted_shares",
    "krippendorff_alpha",
    "shrunken_shares",
    "decompose_change",
)
Limits = Mapping[str, np.ndarray]
"""Value, low and high of every run, by what was estimated."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client: how many contacts, how many audited, how often coded right, and whether customers come again."""

    contacts: int
    audited: int
    accuracy: float = 0.62
    loyal: bool = False

    def __str__(self) -> str:
        return f"{self.contacts} contacts, {self.audited} audited, {self.accuracy:g} coded right" + (
            ", audited by customer" if self.loyal else ""
        )

    def drawn(self, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series]:
        """An audit and the contacts by code. Loyal customers come five times, mostly about one thing."""
        customers = self.contacts // 5 if self.loyal else self.contacts
        whose = rng.integers(0, customers, size=self.contacts) if self.loyal else np.arange(customers)
        truth = rng.choice(8, size=self.contacts, p=TRUE)
        if self.loyal:
            own = rng.choice(8, size=customers, p=TRUE)
            truth = np.where(rng.random(self.contacts) < 0.6, own[whose], truth)
        coded_as = self.accuracy * np.eye(8) + (1 - self.accuracy) * LEAN
        code = (coded_as[truth].cumsum(axis=1) > rng.random(self.contacts)[:, None]).argmax(axis=1)
        people = rng.choice(customers, size=self.audited // 5 if self.loyal else self.audited, replace=False)
        chosen = np.isin(whose, people)
        rows = pd.DataFrame({"code": REASONS[code], "truth": REASONS[truth], "customer": whose})
        return rows[chosen], rows["code"].value_counts()


CLIENTS = (
    Client(20_000, 100),
    Client(20_000, 400),
    Client(20_000, 800),
    Client(2_000, 400),
    Client(20_000, 400, accuracy=0.9),
    Client(20_000, 400, loyal=True),
)


def corrections(client: Client, runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Runs by reasons by (value, low, high), and runs by reasons as coded."""
    rng = np.random.default_rng([client.contacts, client.audited, round(100 * client.accuracy), client.loyal])
    found = [
        corrected_shares(*client.drawn(rng), level=LEVEL).shares.set_index("reason").loc[REASONS] for _ in range(runs)
    ]
    return (
        np.array([rows[["value", "low", "high"]].to_numpy() for rows in found]),
        np.array([rows["coded_share"].to_numpy() for rows in found]),
    )


def short(worlds: list[World], *, floor: float, bias: float) -> list[World]:
    """Worlds that fall short of what was promised by more than the number of simulations explains."""
    found = []
    for world in worlds:
        noise = 2 * np.sqrt(floor * (1 - floor) / world.simulations)
        if world.attained < floor - noise or abs(world.bias) > bias + world.half_width_mean / np.sqrt(
            world.simulations
        ):
            found.append(world)
    return found


@pytest.mark.prove
def test_corrected_shares_attain_their_level_and_coded_ones_do_not_by_planted_truth(measure, record) -> None:
    """Mean within half a point and coverage at least .90 for every reason; coded shares of "other" off by points."""
    worlds = []
    for client in CLIENTS:
        found, coded = corrections(client, RUNS)
        for place, reason in enumerate(REASONS):
            value, low, high = found[:, place].T
            names = {"estimator": "corrected_shares", "world": f"{reason}: {client}", "truth": TRUE[place]}
            worlds.append(measure(value=value, low=low, high=high, nominal=LEVEL, **names))
        assert coded[:, 7].mean() - TRUE[7] > 0.03
    record(worlds)
    assert not short(worlds, floor=0.90, bias=0.005)


def test_corrected_shares_cover_a_small_sample_by_planted_truth() -> None:
    found, _ = corrections(CLIENTS[1], 60)
    value, low, high = np.moveaxis(found, 2, 0)
    assert ((low <= TRUE) & (high >= TRUE)).mean() > 0.90
    assert np.abs(value.mean(axis=0) - TRUE).max() < 0.005 + 2 * value.std(axis=0).max() / np.sqrt(60)


@pytest.mark.prove
@pytest.mark.parametrize("audited", [400])
def test_inverted_shares_attain_their_level_by_planted_truth(measure, record, audited: int) -> None:
    worlds = []
    for accuracy in (0.62, 0.85):
        rng = np.random.default_rng(round(100 * accuracy))
        coded_as = accuracy * np.eye(8) + (1 - accuracy) * LEAN
        found = []
        for _run in range(RUNS // 2):
            rows = [rng.multinomial(audited // 8, row) for row in coded_as]
            audit = pd.DataFrame(rows, index=REASONS, columns=REASONS)
            coded = pd.Series(rng.multinomial(20_000, TRUE @ coded_as), index=REASONS)
            found.append(inverted_shares(audit, coded, level=LEVEL).shares[["value", "low", "high"]].to_numpy())
        for place, reason in enumerate(REASONS):
            value, low, high = np.array(found)[:, place].T
            world = f"{reason}: {audited} audited elsewhere, {accuracy:g} coded right"
            names = {"estimator": "inverted_shares", "world": world, "truth": TRUE[place]}
            worlds.append(measure(value=value, low=low, high=high, nominal=LEVEL, **names))
    record(worlds)
    assert not short(worlds, floor=0.90, bias=0.01)


@pytest.mark.prove
def test_alpha_attains_its_level_by_planted_truth(measure, record) -> None:
    """Two coders right with that probability, else coding as often as codes occur: alpha is the probability squared."""
    worlds = []
    for units in (30, 100, 400):
        for accuracy in (0.0, 0.6, 0.9):
            rng = np.random.default_rng([units, round(100 * accuracy)])
            rows = []
            for _run in range(1000):
                truth = rng.choice(8, size=(units, 1), p=TRUE)
                wrong = rng.random((units, 2)) > accuracy
                found = krippendorff_alpha(np.where(wrong, rng.choice(8, size=(units, 2), p=TRUE), truth), level=LEVEL)
                rows.append((found.value, found.low, found.high))
            value, low, high = np.array(rows).T
            names = {"estimator": "krippendorff_alpha", "world": f"{units} contacts, alpha {accuracy**2:.2f}"}
            worlds.append(measure(value=value, low=low, high=high, truth=accuracy**2, nominal=LEVEL, **names))
    record(worlds)
    assert not short(worlds, floor=0.94, bias=0.01)


@pytest.mark.prove
def test_shrunken_shares_attain_their_level_by_planted_truth(measure, record) -> None:
    """Distance from each unit's own share, which is drawn anew in every run: the truth is 0."""
    worlds = []
    for units, each, correlation in ((10, 20, 0.05), (40, 10, 0.0), (40, 10, 0.05), (40, 30, 0.2), (200, 30, 0.05)):
        rng = np.random.default_rng([units, each, round(100 * correlation)])
        rows = []
        for _run in range(RUNS // 2):
            strength = 1 / correlation - 1 if correlation else 1e9
            own = rng.beta(0.8 * strength, 0.2 * strength, size=units)
            found = shrunken_shares(rng.binomial(each, own), np.full(units, each), level=LEVEL)
            rows.append(np.array([found.value, found.low, found.high]) - own)
        value, low, high = np.concatenate(rows, axis=1)
        world = f"{units} units of {each} contacts, correlation {correlation:g}"
        names = {"estimator": "shrunken_shares", "world": world, "truth": 0.0}
        worlds.append(measure(value=value, low=low, high=high, nominal=LEVEL, **names))
    record(worlds)
    assert not short(worlds, floor=0.93, bias=0.005)


@pytest.mark.prove
def test_effects_of_a_change_attain_their_level_by_planted_truth(measure, record) -> None:
    worlds = []
    exposure = np.array([400, 800, 1500, 300, 2000, 1000])
    rates = np.array([0.2, 0.1, 0.05, 0.3, 0.02, 0.15])
    for grown, busier in ((1.0, 1.0), (1.3, 1.0), (1.3, 1.2)):
        rng = np.random.default_rng(round(100 * grown * busier))
        later = rates * np.array([grown, 1, 1, 1, 1, 1])
        truths = {
            "volume": (busier - 1) * float(exposure @ (rates + later) / 2),
            "rate": (1 + busier) / 2 * exposure[0] * float(later[0] - rates[0]),
        }
        rows = []
        for _run in range(1000):
            counts = {
                "item": range(6),
                "exposure_before": exposure,
                "contacts_before": rng.poisson(exposure * rates),
                "exposure_after": busier * exposure,
                "contacts_after": rng.poisson(busier * exposure * later),
            }
            rows.append(decompose_change(pd.DataFrame(counts), level=LEVEL).head(3).set_index("effect"))
        for effect, truth in truths.items():
            if effect == "volume" and busier == 1:
                continue
            value, low, high = np.array(
                [row.loc[effect, ["value", "low", "high"]].to_numpy(dtype=float) for row in rows]
            ).T
            names = {"estimator": "decompose_change", "world": f"{effect}: rate x {grown:g}, customers x {busier:g}"}
            worlds.append(measure(value=value, low=low, high=high, truth=truth, nominal=LEVEL, **names))
    record(worlds)
    assert not short(worlds, floor=0.94, bias=0.5)


def test_what_was_measured_is_shipped() -> None:
    shipped = {world.estimator for world in worlds_measured()}
    for name in MEASURED_HERE:
        assert name in shipped, f"{name}: run `make prove`"
        reached = attained(name)
        assert reached is not None
        assert reached.coverage > 0.93
