"""Personal data in free text replaced by a word for its kind, and rejected values by their shape."""

from __future__ import annotations

_SIGNS = "[-+A-FU-Y]"
"""Century signs of the Finnish personal identity code, those of 2023 included."""

PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "[email]",
        r"[A-Za-z0-9._%+\x{00C0}-\x{024F}-]+@[A-Za-z0-9\x{00C0}-\x{024F}-]+(\.[A-Za-z0-9\x{00C0}-\x{024F}-]+)+",
    ),
    ("[iban]", r"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,4})?\b"),
    ("[identity code]", rf"\b[0-3][0-9][01][0-9]{{3}}{_SIGNS}[0-9]{{3}}[0-9A-FHJ-NPR-Y]\b"),
    ("[card]", r"\b[0-9]{4}([ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}\b"),
    ("[phone]", r"(\+|\b00)[1-9][0-9]{0,2}([ ()/.-]{0,2}[0-9]){6,12}\b"),
    ("[phone]", r"\b0[1-9][0-9]{0,2}([ ()/-]{0,2}[0-9]){5,9}\b"),
)
"""(what stands instead, RE2 pattern), applied in this order."""

_LONGEST_SHAPE = 40


def masked_sql(text: str) -> str:
    """Free text without e-mail addresses, IBANs, Finnish identity codes, card and phone numbers.

    `text` is evaluated once per pattern at most; texts without a digit or an @ are left alone.
    """
    masked = text
    for instead, pattern in PATTERNS:
        flags = "gi" if instead in ("[identity code]", "[iban]") else "g"
        masked = f"regexp_replace({masked}, '{pattern}', '{instead}', '{flags}')"
    return f"case when regexp_matches({text}, '[0-9@]') then {masked} else {text} end"


def shape_sql(value: str) -> str:
    """A rejected value's shape: letters as x, digits as 9, shortened; never a formula in a spreadsheet."""
    short = f"left({value}::varchar, {_LONGEST_SHAPE})"
    shape = f"regexp_replace(regexp_replace({short}, '[\\p{{L}}\\p{{M}}]', 'x', 'g'), '[\\p{{N}}]', '9', 'g')"
    plain = f"regexp_replace({shape}, '[[:cntrl:]]', ' ', 'g')"
    return spreadsheet_safe_sql(plain)


def spreadsheet_safe_sql(text: str) -> str:
    """The text with a quote before what a spreadsheet would run as a formula, also behind a semicolon or line end."""
    return f"regexp_replace({text}, '(^|[;\\t\\r\\n])([ \"]*)([=+@\\-\\t\\r＝＋－＠])', '\\1\\2''\\3', 'g')"
