"""Public holidays of a country: days on which people call otherwise than on their weekday.

Read from the package `holidays`, nationwide and by the day; what holds in one region alone is not known here.
"""

from __future__ import annotations

import datetime as dt

from rootcause_lib.errors import ParameterError, nearest
from rootcause_lib.periods import Period


def known_country(code: str) -> str:
    """The code if its holidays are known; else ParameterError with the nearest choice. ISO 3166, two letters."""
    choices = _countries()
    if code not in choices:
        from babel.core import get_global

        known = [code.upper(), *get_global("territory_aliases").get(code.upper(), [])]
        close = next((name for name in known if name in choices), None) or nearest(code, choices)
        hint = f" Did you mean '{close}'?" if close else ""
        raise ParameterError(
            f"Unknown country '{code}'.{hint} Use the two letters of ISO 3166, such as FI, SE or DE; "
            f"public holidays are known of {len(choices)} countries."
        )
    return code


def country_of(time_zone: str) -> str | None:
    """The country a time zone lies in, if there is one and its holidays are known."""
    from babel.core import get_global

    zones = get_global("zone_territories")
    found = zones.get(time_zone) or zones.get(get_global("zone_aliases").get(time_zone, ""))
    return found if found in _countries() else None


def public_holidays(country: str | None, period: Period) -> frozenset[dt.date]:
    """The public holidays among the days of a period; none where no country is known."""
    if country is None:
        return frozenset()
    from holidays import country_holidays

    found = country_holidays(country, years=range(period.start.year, period.end.year + 1))
    return frozenset(day for day in found if period.start <= day <= period.end)


def _countries() -> frozenset[str]:
    from holidays import list_supported_countries

    return frozenset(code for code in list_supported_countries(include_aliases=False) if len(code) == 2)
