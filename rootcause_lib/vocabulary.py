"""The closed lists of words that tables, engagements and results share; one concept, one word."""

from __future__ import annotations

from typing import Literal

CHANNELS = (
    "phone",
    "email",
    "chat",
    "messaging",
    "bot",
    "self_service",
    "social",
    "store",
    "letter",
    "other",
)
"""Where a contact took place."""

WRITTEN_CHANNELS = ("email", "letter", "social", "messaging")
"""Channels where one row may be a message of a longer exchange."""

SELF_SERVICE_CHANNELS = ("self_service", "bot")

DIRECTIONS = ("inbound", "outbound", "internal")
"""Who began a contact; a missing direction is read as inbound."""

ROW_KINDS = ("interaction", "message", "ticket")
"""What one row of a contacts source is."""

MATCHING_RULES = ("any", "reason", "case")
"""When a later contact belongs to an earlier one."""

MATCHING_CHOICES = ("auto", *MATCHING_RULES)

OUTCOMES = ("quiet", "came_back", "left")
"""What followed a contact; quiet is not proof of resolution."""

RESOLUTIONS = ("first_contact_resolution", "resolved")
"""Outcomes that are a matter's being settled: by what the customer did next, and by the client's own mark."""

LEAVE_KINDS = ("choice", "not_choice", "moved_within")

SURVEY_METRICS = ("nps", "csat", "ces", "enps")

SCORE_DIRECTIONS = ("higher_is_better", "lower_is_better")

PROCESS_KINDS = ("failure", "normal")

IDENTITY_KINDS = ("phone", "email", "account", "device")

AGENT_VIEWS = ("none", "team", "pseudonym")

LANGUAGES = ("en", "fi")

CLAIMS = ("descriptive", "association", "no_sign_against", "causal")
"""no_sign_against: every guard passed, so no sign was found that it is not an effect; less than causal."""

GRADES = ("A", "B", "C", "D")
"""A: decide on it. B: decide on it with care. C: direction only. D: do not use."""

GRADE_REASONS = (
    "too_few",
    "interval_too_wide",
    "immature",
    "unidentified",
    "default_codes",
    "low_agreement",
    "low_response",
    "definition_sensitive",
    "unlike_rows",
    "proxy",
    "check_failed",
    "guessed_mapping",
    "notice_unknown",
    "known_bias",
    "suppressed",
)

READINESS = ("ready", "partial", "blocked")

ALL = "all"
"""What a dimension holds on a row that is not split by it."""

SMALL = "(small)"
"""What a dimension holds in place of labels that stand for too few customers to be named."""

SUPPRESSED = "suppressed"
"""The grade reason, or the mark, of a row whose numbers are left out to protect customers."""

Until = Literal["loading", "observed"]
"""How late a time may lie: on the day of loading, or on the last day the exports are stated to cover."""
