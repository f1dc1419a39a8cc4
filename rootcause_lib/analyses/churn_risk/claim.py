"""What may be said of contacts and leaving: decided once by the guards, and used by every sentence, label and figure.

Other data, other weeks or other settings make another claim; nobody decides it again for a sentence of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rootcause_lib.statistics.placebos import PASSED

ASSOCIATION, NO_SIGN_AGAINST = "association", "no_sign_against"
"""association: contacts are associated with leaving. no_sign_against: every guard passed, so no sign was found that
this is not an effect; what is unmeasured may still explain it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The strength of what is said of contacts and leaving.

    withheld: why it is no more than an association, by the names of the guards or of what is missing; empty where it
    is more. e_value, e_value_limit: how strong something unmeasured would have to be to explain the estimate, and the
    limit of its interval, away; None where there is no estimate.
    """

    strength: str
    withheld: tuple[str, ...]
    e_value: float | None = None
    e_value_limit: float | None = None

    @property
    def is_more(self) -> bool:
        """Whether sentences may say more than "associated with"."""
        return self.strength == NO_SIGN_AGAINST


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands below a claim beside the placebos; each must hold.

    effect_low, effect_high: limits of the adjusted ratio, NaN where it is not told. usable: whether that ratio has a
    better grade than D.
    """

    notice_known: bool
    cancellation_named: bool
    problems_known: bool
    usable: bool
    effect_low: float
    effect_high: float


def claim_on(
    ground: Ground,
    verdicts: Sequence[tuple[str, str]],
    *,
    e_value: float | None = None,
    e_value_limit: float | None = None,
) -> Claim:
    """The claim that (placebo, verdict) pairs and their ground allow; without any placebo it is an association."""
    missing = [
        ("notice_unknown", ground.notice_known),
        ("no_cancellation_reasons", ground.cancellation_named),
        ("no_process_events", ground.problems_known),
        ("estimate_unusable", ground.usable),
        ("no_difference_shown", ground.effect_low > 1 or ground.effect_high < 1),
        ("no_placebos", bool(verdicts)),
    ]
    withheld = [name for name, holds in missing if not holds]
    withheld += [f"{placebo}_{verdict}" for placebo, verdict in verdicts if verdict != PASSED]
    strength = ASSOCIATION if withheld else NO_SIGN_AGAINST
    return Claim(strength, tuple(withheld), e_value, e_value_limit)
