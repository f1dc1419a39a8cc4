"""`[grades]`: how precise and how sound a number must be for which use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from rootcause_lib.engagement.shapes import Section, Share, fault
from rootcause_lib.vocabulary import GRADES

Steps = tuple[float, ...]
"""The limits for A, B and C."""

GRADED = GRADES[:-1]
_MANY = 1e12


def _steps(low: float, high: float, *, rising: bool) -> Callable[[Steps], Steps]:
    def checked(steps: Steps) -> Steps:
        if len(steps) != len(GRADED) or any(not low <= step <= high for step in steps):
            within = f"between {low:g} and {high:g}" if high < _MANY else f"of at least {low:g}"
            raise fault(f"expected three numbers {within}, for the grades A, B and C.")
        ordered = sorted(steps) if rising else sorted(steps, reverse=True)
        if list(steps) != ordered:
            direction = "rise" if rising else "fall"
            raise fault(f"expected numbers that {direction} from A over B to C; a lower grade asks less.")
        return steps

    return checked


Most = Annotated[Steps, AfterValidator(_steps(0, 1, rising=True))]
Least = Annotated[Steps, AfterValidator(_steps(0, 1, rising=False))]
MostTimes = Annotated[Steps, AfterValidator(_steps(0, _MANY, rising=True))]
LeastCount = Annotated[Steps, AfterValidator(_steps(0, _MANY, rising=False))]


class Grades(Section):
    """Limits for A, B and C in that order; what misses C is D. Shares are 0-1.

    half_width: of a share's interval. spread: high / low of a rate or ratio.
    clear_at: levels at which the interval may be clear of the threshold instead.
    coverage_gap: identified shares of channels may differ by so much before their comparison is C at best.
    attained_coverage: an estimator that reached less in simulation is B at best.
    """

    half_width: Most = (0.03, 0.06, 0.12)
    spread: MostTimes = (1.25, 1.7, 3.0)
    clear_at: Least = (0.99, 0.95, 0.80)
    customers: LeastCount = (200, 50, 30)
    events: LeastCount = (100, 40, 15)
    unobserved: Most = (0.10, 0.25, 0.50)
    identified: Least = (0.90, 0.75, 0.50)
    default_codes: Most = (0.10, 0.20, 0.40)
    agreement: Least = (0.80, 0.667, 0.40)
    response: Least = (0.40, 0.20, 0.05)
    definition_spread: MostTimes = (1.0, 2.0, 4.0)
    coverage_gap: Share = 0.15
    attained_coverage: Share = 0.92
