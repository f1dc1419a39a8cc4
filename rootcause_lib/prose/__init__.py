"""Words, numbers and sentences for readers, in every language of `vocabulary.LANGUAGES`.

Texts live in one catalogue per language (the files of en/ and of fi/) with equal keys and placeholders. A key, a
word or a field that is missing is an error; nothing is filled in by default.
"""

from __future__ import annotations

from rootcause_lib.prose.catalogue import ProseError
from rootcause_lib.prose.labels import counted, everything, label, labels, left_out, small_groups
from rootcause_lib.prose.numbers import day, month, number, period
from rootcause_lib.prose.plain_text import one_line, plain, short_name
from rootcause_lib.prose.sentences import sentence, text
from rootcause_lib.prose.tables import limits_of, metric_kind, metric_title, table_labels, table_text

__all__ = [
    "ProseError",
    "counted",
    "day",
    "everything",
    "label",
    "labels",
    "left_out",
    "limits_of",
    "metric_kind",
    "metric_title",
    "month",
    "number",
    "one_line",
    "period",
    "plain",
    "sentence",
    "short_name",
    "small_groups",
    "table_labels",
    "table_text",
    "text",
]
