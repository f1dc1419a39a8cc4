"""How numbers and days are written: digits that the interval supports, units, the language's own marks."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Literal

from rootcause_lib.errors import unknown_choice
from rootcause_lib.findings import Quantity, QuantityKind
from rootcause_lib.prose.catalogue import ProseError, entry, locale

KINDS: tuple[QuantityKind, ...] = (
    "share", "points", "count", "mean", "ratio", "rate", "seconds", "days", "money", "score",
)  # fmt: skip

Shown = Literal["interval", "alone"]

NO_BREAK_SPACE = "\u00a0"
_PERCENT = 100.0
_SECONDS_IN = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86_400.0}


def number(
    value: Quantity | float | None,
    *,
    language: str,
    kind: QuantityKind | None = None,
    show: Shown = "interval",
    currency: str | None = None,
) -> str:
    """A number as readers see it: `73% (72–74%)`, `5.4 min (5.2–5.6)`, `1,234`.

    A Quantity brings its own kind and interval; a plain number needs `kind` (default: a whole number is a
    count, any other a mean). Digits follow the width of the interval. None and NaN are written as unknown.
    `currency` is an ISO code for money; without one the amount stands alone.
    """
    quantity = value if isinstance(value, Quantity) else _quantity(value, kind)
    if quantity.kind not in KINDS:
        raise ProseError(unknown_choice("kind of number", quantity.kind, KINDS))
    if _unknown(quantity.value):
        return entry(language, "unknown", under="numbers")
    return _Writing(quantity, language, currency).text(show)


def day(value: dt.date, *, language: str) -> str:
    """A day: `31 Mar 2025`, `31.3.2025`."""
    return _dated(value, "day", language)


def month(value: dt.date, *, language: str) -> str:
    """A month: `Mar 2025`, `3/2025`."""
    return _dated(value, "month", language)


def day_short(value: dt.date, *, language: str) -> str:
    """A day without its year, for axes."""
    return _dated(value, "day_short", language)


def period(start: dt.date, end: dt.date, *, language: str) -> str:
    """Two days, both included."""
    template = entry(language, "period", under="numbers")
    return template.format(start=day(start, language=language), end=day(end, language=language))


def plural(value: float, *, language: str) -> str:
    """Which plural form the language uses after `value`: one or other."""
    from babel import Locale

    return "one" if Locale.parse(locale(language)).plural_form(value) == "one" else "other"


def decimal(value: float, *, digits: int, language: str) -> str:
    """A bare number with exactly `digits` decimals."""
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    rounded = round(value, digits) + 0.0
    return str(format_decimal(rounded, format=pattern, locale=locale(language))).replace("-", "−")


def _dated(value: dt.date, pattern: str, language: str) -> str:
    from babel.dates import format_date

    written = str(format_date(value, entry(language, pattern, under="numbers"), locale=locale(language)))
    return written.replace(" ", NO_BREAK_SPACE)


def _unknown(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _quantity(value: float | None, kind: QuantityKind | None) -> Quantity:
    if value is None or _unknown(value):
        return Quantity(kind or "count", None)
    return Quantity(kind or ("count" if float(value).is_integer() else "mean"), float(value))


class _Writing:
    """One quantity on its way to text: value and bounds in the shown unit, with the digits they get."""

    def __init__(self, quantity: Quantity, language: str, currency: str | None) -> None:
        self.kind = quantity.kind
        self.language = language
        self.currency = currency
        self.unit = _unit(quantity)
        scale = _PERCENT if self.kind in ("share", "points") else 1.0 / _SECONDS_IN.get(self.unit, 1.0)
        assert quantity.value is not None
        self.value = float(quantity.value) * scale
        bounds = (quantity.low, quantity.high)
        self.bounds = None if any(_unknown(bound) for bound in bounds) else tuple(float(b) * scale for b in bounds)  # type: ignore[arg-type]
        self.digits = self._digits()

    def text(self, show: Shown) -> str:
        if show == "alone" or self.bounds is None:
            return self._with_unit(self.value)
        low, high = self.bounds
        template = "range_negative" if low < 0 else "range"
        written = entry(self.language, template, under="numbers").format(
            low=self._bare(low), high=self._with_unit(high) if self.kind == "share" else self._bare(high)
        )
        interval = entry(self.language, "interval", under="numbers")
        return interval.format(value=self._with_unit(self.value), range=written)

    def _bare(self, value: float) -> str:
        if self.kind == "share" and value == 0:
            return decimal(0, digits=0, language=self.language)
        return decimal(value, digits=self.digits, language=self.language)

    def _with_unit(self, value: float) -> str:
        if self.kind == "share":
            return self._percent(value)
        if self.kind == "money" and self.currency:
            return self._money(value, self.currency)
        if self.kind == "points":
            return self._counted(value, "percent_points")
        if self.unit in ("days", "days_given"):
            return self._counted(value, "days")
        if self.unit in _SECONDS_IN:
            return self._template(self.unit).format(n=self._bare(value))
        return self._bare(value)

    def _counted(self, value: float, unit: str) -> str:
        shown = round(abs(value), self.digits)
        form = plural(int(shown) if self.digits == 0 else shown, language=self.language)
        return self._template(f"{unit}_{form}").format(n=self._bare(value))

    def _template(self, key: str) -> str:
        return entry(self.language, key, under="numbers").replace("{n} ", "{n}" + NO_BREAK_SPACE)

    def _percent(self, value: float) -> str:
        from babel import Locale

        sign = str(Locale.parse(locale(self.language)).percent_formats[None].pattern).replace("#,##0", "{n}")
        if value in (0, 100):
            return sign.format(n=decimal(value, digits=0, language=self.language))
        smallest = 10.0**-self.digits
        if 0 < value < smallest / 2:
            return self._near("less_than", smallest, sign)
        if 100 - smallest / 2 < value < 100:
            return self._near("more_than", 100 - smallest, sign)
        return sign.format(n=self._bare(value))

    def _near(self, key: str, value: float, sign: str) -> str:
        return entry(self.language, key, under="numbers").format(n=sign.format(n=self._bare(value)))

    def _money(self, value: float, currency: str) -> str:
        from babel.numbers import format_currency

        pattern = {0: "#,##0", 2: "#,##0.00"}[self.digits]
        pattern = f"¤{pattern}" if self.language == "en" else f"{pattern}{NO_BREAK_SPACE}¤"
        written = format_currency(value, currency, pattern, locale=locale(self.language), currency_digits=False)
        return str(written).replace("-", "−")

    def _digits(self) -> int:
        if self.kind == "count":
            return 0
        if self.kind == "money":
            return 0 if abs(self.value) >= 100 else 2
        if self.bounds is not None and self.bounds[1] > self.bounds[0]:
            half_width = (self.bounds[1] - self.bounds[0]) / 2
            return min(5 if self.kind == "rate" else 3, max(0, -math.floor(math.log10(half_width))))
        return self._digits_by_size()

    def _digits_by_size(self) -> int:
        size = abs(self.value)
        if round(self.value, 9).is_integer():
            return 0
        if self.kind in ("share", "points"):
            edge = min(size, 100 - size) if self.kind == "share" else size
            return 0 if edge >= 10 or size >= 100 else 1 if edge >= 0.05 else 2
        return 0 if size >= 100 else 1 if size >= 10 or self.unit in _SECONDS_IN else 2


def _unit(quantity: Quantity) -> str:
    """The unit a duration is shown in; other kinds have none."""
    if quantity.kind == "days":
        return "days_given"
    if quantity.kind != "seconds" or quantity.value is None:
        return ""
    size = abs(quantity.value)
    return "seconds" if size < 90 else "minutes" if size < 5400 else "hours" if size < 172_800 else "days"
