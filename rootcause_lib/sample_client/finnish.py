"""How Lumo Oy's systems name things: headers and labels of the exports, and values written the Finnish way."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from rootcause_lib.sample_client.matters import CHANNELS, PROCESSES

HEADERS: Mapping[str, Mapping[str, str]] = {
    "contacts": {
        "contact_id": "Tapahtumanumero",
        "started_at": "Luotu",
        "ended_at": "Päättynyt",
        "channel": "Kanava",
        "direction": "Suunta",
        "customer_id": "Asiakasnumero",
        "reason": "Yhteydenoton syy",
        "agent_id": "Käsittelijä",
        "team": "Tiimi",
        "wait_seconds": "Odotus (s)",
        "handle_seconds": "Käsittelyaika (min)",
        "wrap_up_seconds": "Jälkityö (min)",
        "abandoned": "Luopui",
        "transfers": "Siirrot",
        "resolved": "Ratkaistu",
        "conversation_id": "Keskustelu",
        "revenue": "Lisämyynti (€)",
        "complained": "Valitus",
        "text": "Kuvaus",
    },
    "customers": {
        "customer_id": "Asiakasnumero",
        "joined_on": "Asiakas alkaen",
        "cancelled_on": "Irtisanottu",
        "left_on": "Päättynyt",
        "leave_reason": "Päättymisen syy",
        "contract_ends_on": "Sopimus päättyy",
        "segment": "Segmentti",
        "monthly_margin": "Kate €/kk",
        "contract": "Sopimustyyppi",
        "region": "Maakunta",
    },
    "surveys": {
        "survey_id": "kysely_id",
        "metric": "mittari",
        "asked_at": "kysytty",
        "answered_at": "vastattu",
        "score": "arvosana",
        "scale_low": "asteikko_alin",
        "scale_high": "asteikko_ylin",
        "contact_id": "tapahtumanumero",
        "customer_id": "asiakasnumero",
        "agent_id": "käsittelijä",
        "ease": "helppous",
        "friendliness": "ystävällisyys",
    },
    "process_events": {
        "event_id": "Tunnus",
        "customer_id": "Asiakasnumero",
        "process": "Prosessi",
        "started_at": "Alkoi",
        "due_at": "Luvattu",
        "ended_at": "Valmis",
        "reference": "Viite",
        "opened_by_contact": "Asiakkaan avaama",
    },
    "visits": {
        "visit_id": "Käynti",
        "started_at": "Alkoi",
        "customer_id": "Asiakasnumero",
        "ended_at": "Päättyi",
        "topic": "Aihe",
        "goal_reached": "Tavoite saavutettu",
    },
    "agents": {
        "agent_id": "Käsittelijä",
        "hired_on": "Työsuhde alkoi",
        "left_on": "Työsuhde päättyi",
        "leave_kind": "Lähdön laji",
        "team": "Tiimi",
        "lead": "Esihenkilö",
    },
    "audits": {
        "contact_id": "Tapahtumanumero",
        "coder": "Koodaaja",
        "reason": "Syy",
        "weight": "Paino",
        "failure_demand": "Häiriökysyntä",
    },
    "volumes": {"date": "Päivä", "name": "Nimi", "count": "Määrä"},
}
YES, NO = "Kyllä", "Ei"
LABELS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("contacts", "channel"): dict(
        zip(CHANNELS, ("Puhelu", "Sähköposti", "Chat", "Itsepalvelu", "Some", "Myymälä"), strict=True)
    ),
    ("contacts", "direction"): {"inbound": "Sisään", "outbound": "Ulos", "internal": "Sisäinen"},
    ("process_events", "process"): dict(
        zip(PROCESSES, ("Lasku", "Laskuvirhe", "Toimitus", "Sähkökatko", "Reklamaatio"), strict=True)
    ),
    ("agents", "leave_kind"): {
        "voluntary": "oma pyyntö",
        "dismissed": "työnantaja",
        "moved_within": "siirto talon sisällä",
    },
    ("volumes", "name"): {"orders": "tilaukset", "invoices": "laskut", "active_customers": "asiakkaita"},
}
"""Canonical value to the export's label; a flag is Kyllä or Ei everywhere."""
LEAVE_REASONS = {
    "hinta": "choice",
    "kilpailija": "choice",
    "palvelu": "choice",
    "kuolema": "not_choice",
    "muutto ulkomaille": "not_choice",
    "sopimus siirretty": "moved_within",
}
MINUTES = ("handle_seconds", "wrap_up_seconds")
DECIMALS = {"handle_seconds": 1, "wrap_up_seconds": 1, "revenue": 2, "monthly_margin": 2}


def written(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """A canonical table as the text of a Finnish export, columns still canonical; what is unknown is empty."""
    return pd.DataFrame({column: _written(table[column], name, column) for column in HEADERS[name] if column in table})


def _written(values: pd.Series, table: str, column: str) -> pd.Series:
    labels = LABELS.get((table, column))
    if labels is not None:
        text = values.map(dict(labels))
    elif isinstance(values.dtype, pd.BooleanDtype):
        text = values.astype("object").map({True: YES, False: NO})
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        whole_days = column.endswith("_on") or column == "date"
        text = finnish_days(values) if whole_days else finnish_moments(values)
    elif column in DECIMALS:
        numbers = values.astype(float) / (60 if column in MINUTES else 1)
        text = numbers.map(f"{{:.{DECIMALS[column]}f}}".format, na_action="ignore").str.replace(".", ",")
    else:
        text = values.astype("str").where(values.notna())
    return text.astype("str").fillna("")


def finnish_moments(values: pd.Series) -> pd.Series:
    """Times as 1.2.2025 09:05; empty where unknown."""
    return (finnish_days(values) + values.dt.strftime(" %H:%M")).where(values.notna(), "")


def finnish_days(values: pd.Series) -> pd.Series:
    """Days as 1.2.2025; empty where unknown."""
    day, month, year = (part.astype("Int64").astype("str") for part in (values.dt.day, values.dt.month, values.dt.year))
    return (day + "." + month + "." + year).where(values.notna(), "")


def canonical_labels(table: str) -> Mapping[str, Mapping[str, str]]:
    """Per column, the export's labels and the canonical values they stand for."""
    maps = {
        column: {label: value for value, label in labels.items()}
        for (of, column), labels in LABELS.items()
        if of == table
    }
    if table == "customers":
        maps["leave_reason"] = dict(LEAVE_REASONS)
    return maps
