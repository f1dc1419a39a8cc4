"""Whether a random sample of customers still tells how many contacts of all of them were caused.

World: day by day, two processes of which one overlaps the other seldom; follow-ups make customers differ more than
chance does. The truth counts the contacts of everybody.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from planted.person_time import BILLING, OUTAGE, Setting, draw

from rootcause_lib.soundness import World as Measured
from rootcause_lib.statistics.attributable import Sample, attributable
from rootcause_lib.statistics.self_controlled import fit_case_series

SETTING = Setting(customers=4000, days=196, processes={"billing": BILLING, "outage": OUTAGE})
LEVEL = 0.95
Found = tuple[float, float, float, float, float]


def found_in(seed: int, *, fraction: float) -> Found:
    """Truth, value, low, high of all caused contacts, and the width that an interval blind to sampling would have."""
    drawn = draw(SETTING, seed)
    own = np.random.default_rng(seed).random(SETTING.customers) < fraction
    table = drawn.person_time
    part = table[own[table["customer_key"]]]
    expansion = float(table["contacts"].sum() / part["contacts"].sum())
    series = fit_case_series(part, drawn.design)
    contacts = part.groupby("cell")["contacts"].sum().reindex(drawn.design.index, fill_value=0) * expansion
    terms = {name: [term for term in drawn.design if str(term).startswith(name)] for name in SETTING.processes}
    rows = [
        attributable(series, drawn.design, contacts, processes=terms, level=LEVEL, sample=sample).set_index("process")
        for sample in (Sample([part], expansion), None)
    ]
    value, low, high = map(float, rows[0].loc["all", ["contacts", "low", "high"]])
    blind = float(rows[1].loc["all", "high"] - rows[1].loc["all", "low"])
    return drawn.caused["all"], value, low, high, blind


def test_a_sample_tells_of_everybody_by_planted_truth() -> None:
    truth, value, low, high, blind = np.array([found_in(seed, fraction=0.25) for seed in range(12)]).T
    assert value.sum() / truth.sum() == pytest.approx(1, abs=0.04)
    assert np.mean((low <= truth) & (truth <= high)) >= 0.75
    assert ((high - low) > 1.1 * blind).all()


@pytest.mark.prove
@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.8])
def test_sampled_intervals_hold_the_truth_of_everybody_by_planted_truth(
    fraction: float, measure: Callable[..., Measured], record: Callable[[list[Measured]], None]
) -> None:
    truth, value, low, high, _ = np.array([found_in(seed, fraction=fraction) for seed in range(200)]).T
    row = measure(estimator="sampled_attributable_over_truth", world=f"{fraction:.0%} of customers", truth=1.0,
                  value=value / truth, low=low / truth, high=high / truth, nominal=LEVEL)  # fmt: skip
    record([row])
    assert abs(row.bias) <= 0.02
    assert row.attained >= 0.90
