"""How far the data reach: known customers, reasons that say something."""

from __future__ import annotations

from rootcause_lib.metrics.definition import Definition, Metric


def identified() -> Metric:
    """Whether an inbound contact carries a customer: what coverage counts."""
    words = Definition(
        "Share of inbound contacts whose customer is known.", "Inbound contacts.", "Never.",
        "Who the others are.", "Coverage as used in the field.",
    )  # fmt: skip
    return Metric(
        "identified", "Customers identified", "share", "contact", "higher",
        "direction = 'inbound'", "true", "identified", words,
    )  # fmt: skip


def default_codes() -> Metric:
    """Whether a coded contact's reason says nothing."""
    words = Definition(
        "Share of coded contacts whose code says nothing.", "Inbound contacts with a reason.", "No reason given.",
        "What the contact was about.", "Code health as used in the field.",
    )  # fmt: skip
    return Metric(
        "default_codes", "Default codes", "share", "contact", "lower",
        "direction = 'inbound'", "default_code is not null", "default_code", words,
    )  # fmt: skip
