"""Finnish sentences agents wrote, a part with addresses and numbers that must be masked (all made up)."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from rootcause_lib.sample_client.matters import REASONS

_SENTENCES = {
    "laskuvirhe": ("Laskulla väärä summa", "Asiakasta laskutettu kahteen kertaan", "Hyvitys puuttuu laskulta"),
    "toimitus": ("Reititin ei ole saapunut", "Toimitus myöhässä, kysyy uutta päivää", "Paketti kadonnut matkalla"),
    "katko": ("Sähköt poikki koko kadulta", "Laajakaista ei toimi, alueella vika", "Kysyy katkon kestoa"),
    "reklamaatio": ("Reklamaatio käsittelemättä", "Odottaa korvauspäätöstä", "Kysyy valituksensa vaihetta"),
    "tekninen": ("Modeemi ei yhdistä", "Yhteys pätkii iltaisin", "Wifi ei näy uudella puhelimella"),
    "sopimus": ("Haluaa vaihtaa sähkösopimuksen", "Määräaikaisen hinta kiinnostaa", "Nopeuden nosto"),
    "laskutus": ("Kysyy eräpäivän siirtoa", "Haluaa e-laskun", "Kysyy laskun erittelyä"),
    "muutto": ("Muuttoilmoitus", "Sopimuksen siirto uuteen osoitteeseen", "Muutto kuun vaihteessa"),
    "neuvonta": ("Neuvottu sovelluksen käytössä", "Kysyy kulutusseurannasta", "Kysyy aukioloaikoja"),
    "irtisanominen": ("Irtisanoo sopimuksen", "Vaihtaa toiseen yhtiöön", "Kysyy irtisanomisaikaa"),
    "muu": ("Muu asia", "Väärä numero", "Kiittää palvelusta"),
}
_TAILS = (
    "",
    "Luvattu palata asiaan.",
    "Asia kunnossa.",
    "Asiakas soittaa jo toista kertaa!",
    "Soita takaisin 040 123 4567.",
    "Sähköposti matti.meikalainen@example.fi",
    "Yhteys: liisa.virtanen@example.com, puh. +358 50 765 4321",
    "Henkilötunnus 131052-308T kirjattu vahingossa.",
    "Tili FI21 1234 5600 0007 85; hyvitys sinne.",
)
"""Tails from the fifth on hold something personal."""
PERSONAL_TAILS = tuple(range(4, len(_TAILS)))
_TAIL_SHARES = (0.35, 0.2, 0.2, 0.1, 0.04, 0.04, 0.03, 0.02, 0.02)
_OPENINGS = 3


def comments() -> tuple[str, ...]:
    """Every text there is, by reason, opening and tail."""
    return tuple(
        f"{_SENTENCES[reason][opening]}. {tail}".strip()
        for reason, opening, tail in itertools.product(REASONS, range(_OPENINGS), _TAILS)
    )


def comment_codes(rng: np.random.Generator, reason: NDArray[np.int8], written: NDArray[np.bool_]) -> NDArray[np.int16]:
    """A text for each written row as a position in `comments`; -1 elsewhere."""
    codes = np.full(len(reason), -1, dtype=np.int16)
    count = int(written.sum())
    opening = rng.integers(0, _OPENINGS, count)
    tail = rng.choice(len(_TAILS), size=count, p=_TAIL_SHARES)
    codes[written] = (reason[written].astype(np.int16) * _OPENINGS + opening) * len(_TAILS) + tail
    return codes


def personal_texts() -> frozenset[str]:
    """The texts that hold something to be masked."""
    return frozenset(text for number, text in enumerate(comments()) if number % len(_TAILS) in PERSONAL_TAILS)
