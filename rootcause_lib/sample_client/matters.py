"""Matters, channels and segments of the fictional client, and how they go together by nature."""

from __future__ import annotations

CHANNELS = ("phone", "email", "chat", "self_service", "social", "store")
REASONS = (
    "laskuvirhe",
    "toimitus",
    "katko",
    "reklamaatio",
    "tekninen",
    "sopimus",
    "laskutus",
    "muutto",
    "neuvonta",
    "irtisanominen",
    "muu",
)
"""True reasons: wrong invoice, delivery, outage, claim, technical fault, contract, billing question,
moving house, advice, cancellation, other."""
TIMEOUT_CODE = "ININ-WRAP-UP-TIMEOUT"
CODES = (*REASONS, TIMEOUT_CODE)
"""What can stand in the reason column: the true reasons and the telephone system's own default."""
FAILURE_REASONS = ("laskuvirhe", "toimitus", "katko", "reklamaatio", "tekninen")
SEGMENTS = ("kotitalous", "opiskelija", "seniori", "yritys")
REGIONS = ("Uusimaa", "Pirkanmaa", "Varsinais-Suomi", "Pohjois-Pohjanmaa", "Keski-Suomi", "Lappi")
CONTRACTS = ("määräaikainen", "toistaiseksi")
PROCESSES = ("invoice", "billing", "delivery", "outage", "claim")
"""A right invoice (normal) and the four failures: wrong invoice, late delivery, regional outage, slow claim."""
CAUSES = ("chance", *PROCESSES, "leaving")
"""Why a case was opened; `chance` is the customer's own rate."""

BASE_RESOLUTION = (0.58, 0.66, 0.72, 0.50, 0.60, 0.80, 0.78, 0.86, 0.90, 0.97, 0.75)
CHANNEL_EFFECT = (0.06, -0.03, 0.0, -0.06, -0.05, 0.08)
REASON_MIX = (0.03, 0.06, 0.03, 0.06, 0.16, 0.16, 0.17, 0.08, 0.17, 0.0, 0.08)

# Rows are reasons, columns channels: hard matters go to the phone, easy ones to self-service.
CHANNEL_CHOICE = (
    (0.62, 0.16, 0.10, 0.04, 0.03, 0.05),
    (0.46, 0.16, 0.20, 0.12, 0.04, 0.02),
    (0.52, 0.02, 0.16, 0.16, 0.13, 0.01),
    (0.60, 0.24, 0.05, 0.02, 0.04, 0.05),
    (0.58, 0.08, 0.20, 0.08, 0.03, 0.03),
    (0.34, 0.18, 0.20, 0.18, 0.01, 0.09),
    (0.26, 0.18, 0.24, 0.28, 0.01, 0.03),
    (0.20, 0.14, 0.16, 0.44, 0.01, 0.05),
    (0.18, 0.12, 0.28, 0.34, 0.03, 0.05),
    (0.82, 0.08, 0.05, 0.03, 0.0, 0.02),
    (0.36, 0.20, 0.20, 0.14, 0.03, 0.07),
)
# Where an unresolved customer goes next: rows from, columns to.
NEXT_CHANNEL = (
    (0.86, 0.06, 0.03, 0.01, 0.02, 0.02),
    (0.45, 0.45, 0.04, 0.01, 0.02, 0.03),
    (0.60, 0.06, 0.28, 0.02, 0.02, 0.02),
    (0.52, 0.08, 0.22, 0.14, 0.02, 0.02),
    (0.45, 0.08, 0.10, 0.02, 0.32, 0.03),
    (0.45, 0.08, 0.05, 0.02, 0.02, 0.38),
)
# Segment's taste for a channel, multiplied into the choice: rows segments, columns channels.
SEGMENT_TASTE = (
    (1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    (0.5, 0.9, 1.7, 1.5, 2.0, 0.5),
    (1.5, 0.7, 0.4, 0.5, 0.4, 2.2),
    (1.2, 1.6, 0.8, 0.7, 0.6, 0.4),
)
MISCODED = (0.18, 0.16, 0.12, 0.24, 0.18, 0.14, 0.18, 0.10, 0.12, 0.04, 0.06)
CONFUSED_WITH = {
    "laskuvirhe": {"laskutus": 0.60, "muu": 0.25, TIMEOUT_CODE: 0.15},
    "toimitus": {"tekninen": 0.25, "sopimus": 0.20, "muu": 0.40, TIMEOUT_CODE: 0.15},
    "katko": {"tekninen": 0.75, "muu": 0.15, TIMEOUT_CODE: 0.10},
    "reklamaatio": {"laskutus": 0.30, "tekninen": 0.25, "muu": 0.35, TIMEOUT_CODE: 0.10},
    "tekninen": {"neuvonta": 0.40, "katko": 0.15, "muu": 0.30, TIMEOUT_CODE: 0.15},
    "sopimus": {"neuvonta": 0.35, "laskutus": 0.20, "muu": 0.30, TIMEOUT_CODE: 0.15},
    "laskutus": {"laskuvirhe": 0.15, "sopimus": 0.20, "muu": 0.50, TIMEOUT_CODE: 0.15},
    "muutto": {"sopimus": 0.55, "muu": 0.30, TIMEOUT_CODE: 0.15},
    "neuvonta": {"tekninen": 0.25, "muu": 0.60, TIMEOUT_CODE: 0.15},
    "irtisanominen": {"sopimus": 0.70, "muu": 0.15, TIMEOUT_CODE: 0.15},
    "muu": {"neuvonta": 0.60, TIMEOUT_CODE: 0.40},
}
