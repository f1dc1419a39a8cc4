"""Decimal marks, thousands and durations, decided on a column's values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rootcause_lib.errors import DataError
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.time_evidence import Values

Mark = Literal[".", ","]

# Blanks of all widths, apostrophes and currency signs may stand in a number and mean nothing.
_NOISE = "[\\s\\x{00A0}\\x{2007}\\x{2009}\\x{202F}''\\x{2019}€$£]"
_CLOCK = "^[0-9]+:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?$"
_FULL_CLOCK = "^[0-9]+:[0-9]{2}:[0-9]{2}"
_CERTAIN = {
    ",": "^[^.,]*(\\.[0-9]{3})*,([0-9]{1,2}|[0-9]{4,})$|^-?0,[0-9]+$|\\.[0-9]{3},[0-9]+$|\\.[0-9]{3}\\.[0-9]{3}$",
    ".": "^[^.,]*(,[0-9]{3})*\\.([0-9]{1,2}|[0-9]{4,})$|^-?0\\.[0-9]+$|,[0-9]{3}\\.[0-9]+$|,[0-9]{3},[0-9]{3}$",
}
_UNCERTAIN = "^-?[1-9][0-9]{0,2}[.,][0-9]{3}$"

CLOCK_UNIT = "hh:mm:ss"

UNIT_SECONDS = {"ms": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a column writes its numbers; `clock` is for durations written h:mm:ss."""

    mark: Mark = "."
    clock: bool = False

    def sql(self, value: str) -> str:
        """A double from the text `value`; NULL where it can't be read."""
        if self.clock:
            return _clock_sql(value)
        # Each part stands once: the engine would compute a repeated one for every row, case or not.
        plain = _plain_sql(value)
        if self.mark == ",":
            fast = f"case when not contains({value}, '.') then try_cast(replace({value}, ',', '.') as double) end"
            whole = f"regexp_replace(regexp_extract({plain}, '{_written(',', '.')}'), '[.]', '', 'g')"
            slow = f"try_cast(replace({whole}, ',', '.') as double)"
        else:
            fast = f"try_cast({value} as double)"
            whole = f"regexp_replace(regexp_extract({plain}, '{_written('.', ',')}'), ',', '', 'g')"
            slow = f"try_cast({whole} as double)"
        # Many cells are empty, and the slow way would go through them too.
        return f"case when {value} is not null then coalesce({fast}, {slow}) end"

    def repaired_sql(self, value: str) -> str:
        """A condition: the text needed the decimal comma."""
        return f"contains({value}, ',')" if self.mark == "," and not self.clock else "false"


@dataclass(frozen=True, slots=True)
class MarkEvidence:
    """What one source's values say of a column: its mark, or None where they don't tell; `open` when it matters."""

    where: str
    key: str
    mark: Mark | None
    open: bool


def weigh_marks(session: Session, values: Values) -> MarkEvidence:
    """Decimal comma or point: by values that can be only one of them, on the whole column where the sample has none."""
    comma, point, open_ = _mark_counts(session, values.sample, about=values.where)
    if not comma and not point and open_:
        comma, point, open_ = _mark_counts(session, values.whole, about=values.where)
    mark: Mark | None = None if comma == point == 0 else "," if comma > point else "."
    return MarkEvidence(values.where, values.key, mark, open_ > 0)


def settle_marks(evidence: Sequence[MarkEvidence]) -> list[Mark]:
    """One mark per source; a source that does not tell takes the mark of those that do."""
    told: set[Mark] = {found.mark for found in evidence if found.mark}
    settled: list[Mark] = []
    for found in evidence:
        if found.mark is None and found.open and len(told) != 1:
            raise DataError(
                f"{found.where}: values such as 1.234 may be thousands or decimals, and no value tells. "
                f'State the mark: {found.key} = "," or ".".'
            )
        alone: Mark = next(iter(told)) if len(told) == 1 else "."
        settled.append(found.mark or alone)
    return settled


def is_clock(session: Session, values: Values, *, unit: str | None) -> bool:
    """Whether durations are written h:mm:ss; two parts alone could be h:mm or mm:ss and need the unit stated."""
    stated = unit == CLOCK_UNIT
    clocks, full = session.row(
        f"select count(*) filter (where regexp_matches(value, '{_CLOCK}')), "
        f"count(*) filter (where regexp_matches(value, '{_FULL_CLOCK}')) from {values.sample} where value is not null",
        about=f"looking at {values.where}",
    )
    if clocks and not full and not stated:
        raise DataError(
            f"{values.where}: values such as 05:30 may be hours and minutes or minutes and seconds. "
            f'State {values.key} = "hh:mm:ss" for minutes and seconds, or export seconds.'
        )
    return bool(clocks) or stated


def _plain_sql(value: str) -> str:
    """Without what means nothing, the minus of typesetters as the keyboard's."""
    return f"replace(regexp_replace({value}, '{_NOISE}', '', 'g'), '\u2212', '-')"


def _written(mark: str, group: str) -> str:
    """The pattern of a number: groups of three, or none."""
    return f"^[-+]?[0-9]{{1,3}}([{group}][0-9]{{3}})+([{mark}][0-9]+)?$|^[-+]?[0-9]*[{mark}]?[0-9]+$"


def _mark_counts(session: Session, relation: str, *, about: str) -> tuple[int, int, int]:
    plain = _plain_sql("value")
    tests = [_CERTAIN[","], _CERTAIN["."], _UNCERTAIN]
    counts = ", ".join(f"count(*) filter (where regexp_matches({plain}, '{test}'))" for test in tests)
    comma, point, open_ = session.row(
        f"select {counts} from {relation} where value is not null and (contains(value, ',') or contains(value, '.'))",
        about=f"looking at {about}",
    )
    return comma, point, open_


def _clock_sql(value: str) -> str:
    """h:mm:ss or mm:ss in seconds; minutes and seconds under 60 but for the first part."""
    parts = f"string_split(replace({value}, ',', '.'), ':')"
    last = f"try_cast({parts}[-1] as double)"
    middle = f"try_cast({parts}[-2] as integer)"
    hours = f"case when len({parts}) = 3 then try_cast({parts}[1] as integer) else 0 end"
    fits = f"regexp_matches({value}, '{_CLOCK}') and {last} < 60 and (len({parts}) = 2 or {middle} < 60)"
    return f"case when {fits} then {hours} * 3600.0 + {middle} * 60.0 + {last} end"
