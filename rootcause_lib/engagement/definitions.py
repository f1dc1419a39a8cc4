"""Who the client is, where its rows live, and what its words mean."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from rootcause_lib import vocabulary
from rootcause_lib.engagement.shapes import (
    Channel,
    Days,
    Name,
    OpenShare,
    Positive,
    ReadOnly,
    Section,
    fault,
    nothing,
    one_of,
    written_as,
)
from rootcause_lib.errors import EngagementError, ParameterError, nearest
from rootcause_lib.periods import zone
from rootcause_lib.public_holidays import known_country


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except EngagementError as error:
        close = nearest(name, available_timezones())
        hint = f" Did you mean '{close}'?" if close else ""
        raise fault(f"{error}{hint}") from None
    return name


def _known_country(code: str) -> str:
    try:
        return known_country(code)
    except ParameterError as error:
        raise fault(str(error)) from None


class Client(Section):
    """`[engagement]`. `observed_until` is the last local day the exports cover; None: the last contact's.

    country: whose public holidays are kept, by ISO 3166 in two letters; None: that of the time zone.
    """

    client: Name = Field(description='the client\'s name, such as "Lumo Oy"')
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        description='the time zone of the exports, such as "Europe/Helsinki"'
    )
    currency: Annotated[str, written_as("[A-Z]{3}", 'a currency code such as "EUR"')] = "EUR"
    language: Annotated[str, one_of("language", vocabulary.LANGUAGES)] = "en"
    observed_until: dt.date | None = None
    country: Annotated[str, AfterValidator(_known_country)] | None = None


class EngineSettings(Section):
    """`[engine]`: where the heavy part runs and what it may use; None leaves the choice to the engine."""

    url: Annotated[
        str,
        written_as(
            r"\$.+|duckdb|(duckdb:///|spark://|postgresql://).+",
            '"duckdb", "duckdb:///file", "spark://..." or "postgresql://..."',
        ),
    ] = "duckdb"
    memory_limit: Annotated[str, written_as(r"\d+(\.\d+)?\s*[KMGT]i?B", 'a size such as "4GB"')] | None = None
    threads: Annotated[int, Field(ge=1)] | None = None
    spill_folder: Name | None = None


class Equivalence(Section):
    """Margins within which channels count as equal, agreed before looking; None: no verdict."""

    resolution: OpenShare | None = None
    nps: Positive | None = None
    csat: Positive | None = None
    ces: Positive | None = None
    agreed_on: dt.date | None = None


class Definitions(Section):
    """`[definitions]`: what counts as a repeat, a legged contact, churn, a small cell.

    Windows, horizons and notice are days; `level` is the confidence of every interval.
    """

    window_days: Days = 14
    windows: ReadOnly[Days] = Field(default_factory=nothing)
    matching: Annotated[str, one_of("matching rule", vocabulary.MATCHING_CHOICES)] = "auto"
    level: OpenShare = 0.95
    smallest_cell: Annotated[int, Field(ge=1)] = 5
    churn: Annotated[str, one_of("choice", ("left", "dormant"))] = "left"
    dormant_days: Days = 90
    notice_days: Annotated[int, Field(ge=0)] | None = None
    equivalence: Equivalence = Field(default_factory=Equivalence)
    baseline_channel: Channel = "phone"
    horizon_days: Days = 90
    spill_over_days: Days = 21
    leg_gap_seconds: Annotated[int, Field(ge=0)] = 60
    shared_id_daily_cap: Annotated[int, Field(ge=1)] = 20
    answer_within_seconds: Positive = 20
    smallest_team: Annotated[int, Field(ge=1)] = 10

    def window_of(self, reason: str | None) -> int:
        """Days in which a repeat of this matter counts."""
        return self.windows.get(reason, self.window_days) if reason is not None else self.window_days


class Reasons(Section):
    """`[reasons]`: the client's codes that several analyses must understand."""

    default: tuple[Name, ...] = ()
    cancellation: tuple[Name, ...] = ()
    neutral: tuple[Name, ...] = ()
    complaint: tuple[Name, ...] = ()


class Leaving(Section):
    """`[leaving]`: the client's reasons for leaving that were nobody's choice."""

    not_choice: tuple[Name, ...] = ()


class Privacy(Section):
    """`[privacy]`: where the key of the pseudonyms is, and how agents may be shown."""

    key_env: Annotated[str, written_as("[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")] = (
        "ROOTCAUSE_KEY"
    )
    key_file: Name | None = None
    agents: Annotated[str, one_of("view of agents", vocabulary.AGENT_VIEWS)] = "team"
