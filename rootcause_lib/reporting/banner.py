"""The data banner of a page: whose data, which days, how many rows, how far customers are known."""

from __future__ import annotations

from rootcause_lib.findings import Finding
from rootcause_lib.periods import Period
from rootcause_lib.prose import label, number, sentence
from rootcause_lib.prose import period as days
from rootcause_lib.prose import text as prose_text
from rootcause_lib.reporting.fragments import element, text
from rootcause_lib.reporting.texts import said
from rootcause_lib.schemas import TABLES
from rootcause_lib.store import Store

_CONTACTS = "contacts"


def banner_html(store: Store, period: Period, *, failed_checks: int, language: str) -> str:
    """The banner as escaped HTML."""
    sources = store.intake.sources
    contacts = sources[sources["table"] == _CONTACTS]
    read, used, rejected = (int(contacts[f"rows_{what}"].sum()) for what in ("read", "accepted", "rejected"))
    counted = {"read": _count(read, language), "rejected": _count(rejected, language)}
    share = store.identified_share
    facts = (
        ("client", text(store.engagement.engagement.client), ""),
        ("period", text(days(period.start, period.end, language=language)), _covered(store, period, language)),
        ("rows", text(_count(used, language)), said("banner.rows_note", language=language, fields=counted)),
        (
            "identified",
            text(number(share, language=language, kind="share")),
            said("banner.identified_note", language=language),
        ),
        ("checks", _failed(failed_checks, language), ""),
    )
    entries = "".join(
        f"<div><dt>{text(said(f'banner.{key}', language=language))}</dt>"
        f"<dd>{value}{element('small', text(note)) if note else ''}</dd></div>"
        for key, value, note in facts
    )
    title = text(prose_text("page.banner_heading", language=language))
    return (
        f'<section class="rc rc-banner" aria-label="{title}"><dl>{entries}</dl>'
        f'<div class="rc-note">{_notes(store, language)}</div></section>'
    )


def _count(value: int, language: str) -> str:
    return number(value, language=language, kind="count")


def _covered(store: Store, period: Period, language: str) -> str:
    """What the data cover, where that is more than the days judged."""
    if period.end >= store.observed_until:
        return ""
    return sentence(Finding("page.observed_until", {"day": store.observed_until}), language=language)


def _failed(failed: int, language: str) -> str:
    if not failed:
        return text(said("banner.none", language=language))
    return element("span", text(_count(failed, language)), of="rc-failed")


def _notes(store: Store, language: str) -> str:
    notes = [prose_text(f"data_health.key_{store.intake.key_source}", language=language)]
    absent = [name for name in TABLES if name not in store.present]
    if absent:
        names = ", ".join(label(name, language=language, kind="table") for name in absent)
        notes.append(said("banner.absent", language=language, fields={"tables": names}))
    return "".join(element("p", text(note)) for note in notes)
