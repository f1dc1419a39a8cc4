"""The documents can't lie: they are written from the declarations, and compared."""

from __future__ import annotations

from rootcause_lib.analyses.dictionary import COLUMN_MEANINGS, FRAMES
from rootcause_lib.reporting.documents import (
    DICTIONARY_FILE,
    GLOSSARY_FILE,
    data_dictionary,
    with_metric_table,
)


def test_the_data_dictionary_is_what_the_declarations_say(repository):
    assert (repository / DICTIONARY_FILE).read_text(encoding="utf-8") == data_dictionary(), "run `make docs`"


def test_the_glossary_holds_the_catalogues_metrics(repository):
    text = (repository / GLOSSARY_FILE).read_text(encoding="utf-8")
    assert text == with_metric_table(text), "run `make docs`"


def test_every_column_of_a_public_frame_has_one_meaning():
    used = {column for frames in FRAMES.values() for frame in frames.values() for column in frame.columns}
    dimensions = {"hour", "segment"}
    assert used - dimensions <= set(COLUMN_MEANINGS)
    assert set(COLUMN_MEANINGS) <= used
