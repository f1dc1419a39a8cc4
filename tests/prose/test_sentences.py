"""Sentences, labels, numbers and tables, against texts written by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from rootcause_lib.errors import ParameterError
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.prose import ProseError, counted, day, label, number, period, sentence, table_text, text
from rootcause_lib.prose.catalogue import leaves, section
from rootcause_lib.prose.sentences import placeholders
from rootcause_lib.vocabulary import LANGUAGES

NB = "\u00a0"


def spaced(written: str) -> str:
    """No-break spaces as ~, so that an expectation shows them."""
    return written.replace(NB, "~")


@pytest.mark.parametrize(
    ("quantity", "english", "finnish"),
    [
        (Quantity("share", 0.732, 0.72, 0.745), "73% (72–74%)", "73~% (72–74~%)"),
        (Quantity("share", 0.0732, 0.0728, 0.0735), "7.32% (7.28–7.35%)", "7,32~% (7,28–7,35~%)"),
        (Quantity("share", 0.8), "80%", "80~%"),
        (Quantity("share", 0.123), "12%", "12~%"),
        (Quantity("share", 0.034), "3.4%", "3,4~%"),
        (Quantity("share", 0.00002), "<0.01%", "<0,01~%"),
        (Quantity("share", 0.99996), ">99.99%", ">99,99~%"),
        (Quantity("share", 0.0, 0.0, 0.0008), "0% (0–0.08%)", "0~% (0–0,08~%)"),
        (Quantity("share", 1.0, 0.995, 1.0), "100% (99.5–100%)", "100~% (99,5–100~%)"),
        (Quantity("share", None), "not known", "ei tiedossa"),
        (Quantity("points", 0.06), "6~points", "6~prosenttiyksikköä"),
        (Quantity("points", 0.01), "1~point", "1~prosenttiyksikkö"),
        (Quantity("points", -0.06, -0.08, 0.02), "−6~points (−8 to 2)", "−6~prosenttiyksikköä (−8…2)"),
        (Quantity("seconds", 325, 310, 340), "5.4~min (5.2–5.7)", "5,4~min (5,2–5,7)"),
        (Quantity("seconds", 45), "45~s", "45~s"),
        (Quantity("seconds", 9000), "2.5~h", "2,5~h"),
        (Quantity("seconds", 86_400 * 3), "3~days", "3~päivää"),
        (Quantity("days", 1), "1~day", "1~päivä"),
        (Quantity("money", 7.5, 7.2, 7.8), "€7.50 (7.20–7.80)", "7,50~€ (7,20–7,80)"),
        (Quantity("money", 12345.6), "€12,346", "12~346~€"),
        (Quantity("count", 1234567), "1,234,567", "1~234~567"),
        (Quantity("ratio", 1.2345, 1.21, 1.26), "1.23 (1.21–1.26)", "1,23 (1,21–1,26)"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_in_the_language_by_hand(quantity: Quantity, english: str, finnish: str) -> None:
    assert spaced(number(quantity, language="en", currency="EUR")) == english
    assert spaced(number(quantity, language="fi", currency="EUR")) == finnish


def test_digits_follow_the_width_of_the_interval_by_hand() -> None:
    for half_width, written in ((0.02, "50%"), (0.004, "50.0%"), (0.0003, "50.00%")):
        quantity = Quantity("share", 0.5, 0.5 - half_width, 0.5 + half_width)
        assert number(quantity, language="en", show="alone") == written


def test_na_and_nan_are_unknown_and_never_zero() -> None:
    for nothing in (None, float("nan"), pd.NA):
        assert number(nothing, language="en") == "not known"  # type: ignore[arg-type]


def test_days_and_periods_by_hand() -> None:
    first, last = dt.date(2025, 3, 1), dt.date(2025, 12, 31)
    assert spaced(day(first, language="en")) == "1~Mar~2025"
    assert day(first, language="fi") == "1.3.2025"
    assert spaced(period(first, last, language="fi")) == "1.3.2025–31.12.2025"


def test_counts_agree_with_their_noun_by_hand() -> None:
    for count, english, finnish in (
        (1, "1~contact", "1~yhteydenotto"),
        (1234, "1,234~contacts", "1~234~yhteydenottoa"),
    ):
        assert spaced(counted(count, language="en", kind="contacts")) == english
        assert spaced(counted(count, language="fi", kind="contacts")) == finnish
    assert (
        spaced(counted(Quantity("share", 0.5, denominator=12), language="fi", kind="contacts_of"))
        == "12~yhteydenotosta"
    )
    with pytest.raises(ProseError, match="no denominator"):
        counted(Quantity("share", 0.5), language="en", kind="contacts")


BEST_AND_WORST: dict[str, Field] = {
    "best_channel": "phone", "best": Quantity("share", 0.81, 0.79, 0.83), "worst_channel": "chat",
    "worst": Quantity("share", 0.68, 0.65, 0.71), "window_days": 14,
}  # fmt: skip


def test_a_headline_by_hand() -> None:
    finding = Finding("channel_resolution.best_and_worst", BEST_AND_WORST)
    assert spaced(sentence(finding, language="en")) == (
        "Of the cases opened by phone, 81% (79–83%) stayed quiet for 14~days; of those opened by chat, 68% (65–71%)."
    )
    assert spaced(sentence(finding, language="fi")) == (
        "Puhelimitse avatuista asioista 81~% (79–83~%) ei johtanut uuteen yhteydenottoon 14~päivän aikana, "
        "chatissa avatuista 68~% (65–71~%)."
    )


def test_a_missing_field_is_an_error_that_names_it() -> None:
    fields = {name: value for name, value in BEST_AND_WORST.items() if name != "worst"}
    with pytest.raises(ProseError, match="needs the field 'worst'"):
        sentence(Finding("channel_resolution.best_and_worst", fields), language="en")


def test_a_misspelt_key_is_an_error_with_the_nearest() -> None:
    with pytest.raises(ProseError, match=r"Did you mean 'channel_resolution\.overall'"):
        sentence(Finding("channel_resolution.overal"), language="en")
    with pytest.raises(ProseError):
        text("nothing_here", language="en")
    with pytest.raises(ParameterError, match="Unknown language 'sv'"):
        text("page.no_rows", language="sv")


def test_a_field_known_to_be_unknown_says_so() -> None:
    finding = Finding("cannot_tell.unidentified", {"identified": Quantity("share", None)})
    assert "not known of contacts" in sentence(finding, language="en")


def test_closed_words_must_exist_and_the_clients_own_pass_through() -> None:
    assert label("phone", language="fi", kind="channel") == "Puhelin"
    assert label("Oma luokka <b>", language="fi", kind="channel") == "Oma luokka <b>"
    with pytest.raises(ProseError, match="Did you mean 'quiet'"):
        label("quite", language="en", kind="outcome")
    with pytest.raises(ProseError):
        label("phone", language="en", kind="chanel")


def filled(name: str, spec: str) -> Field:
    """A field that suits a placeholder, for a sentence that is only to be written at all."""
    kinds = section("en", "labels")
    if spec in kinds:
        word = next(iter(kinds[spec]))
        return (word, word) if name in ("channels", "reasons") else word
    if spec in section("en", "counted") or spec in ("alone", "share", "seconds"):
        return Quantity("share", 0.5, 0.4, 0.6, denominator=1234)
    return 1234 if spec == "count" else "Nimi"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_written_from_its_fields(language: str) -> None:
    for key in leaves(section(language, "sentences")):
        *path, last = key.split(".")
        template = section(language, "sentences", *path)[last]
        specs: dict[str, str] = {}
        for name, spec in placeholders(template):
            specs[name] = specs.get(name) or spec
        written = sentence(Finding(key, {n: filled(n, s) for n, s in specs.items()}), language=language)
        assert written.strip("{} "), key
        assert "{" not in written, key
        assert "  " not in written, key
        assert not written.endswith(" "), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_their_languages_own_marks(language: str) -> None:
    """A Finnish percent sign stands apart from its number; straight quotes stand in neither language."""
    for key in leaves(section(language, "sentences")):
        *path, last = key.split(".")
        template = section(language, "sentences", *path)[last]
        foreign = ['"', " '"] + (["‘", "0%", "1%", "2%", "5%"] if language == "fi" else ["”", " %"])
        assert not [mark for mark in foreign if mark in template], key


def test_a_table_speaks_the_readers_language_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "metric": ["transfer", "handle_time", "contact_cost"],
            "channel": ["all", "chat", "Oma"],
            "value": [0.25, 325.0, None],
            "low": [0.2, 310.0, None],
            "high": [0.3, 340.0, None],
            "denominator": [1234, 567, 0],
            "grade_reasons": ["", "too_few;immature", "too_few"],
        }
    )
    written = table_text(frame, language="fi", currency="EUR")
    assert list(written.columns) == ["metric", "channel", "value", "denominator", "grade_reasons"]
    assert [spaced(cell) for cell in written.iloc[0]] == ["Siirto", "Kaikki kanavat", "25~% (20–30~%)", "1~234", ""]
    assert [spaced(cell) for cell in written.iloc[1]] == [
        "Käsittelyaika", "Chat", "5,4~min (5,2–5,7)", "567",
        "liian vähän asiakkaita, monen yhteydenoton seuranta kesken",
    ]  # fmt: skip
    assert list(written["value"])[2] == "–"
