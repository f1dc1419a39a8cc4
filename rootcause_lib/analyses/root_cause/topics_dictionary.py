"""The frames about contact texts, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.frame import Frame
from rootcause_lib.analyses.root_cause import topic_agreement, topic_disagreements, topic_shares

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "text_topics": Frame(
            "Share of one topic by the texts of contacts, corrected by the audit, beside its coded share.",
            topic_shares.COLUMNS,
        ),
        "text_agreement": Frame(
            "One measure of how texts, codes and audit agree, over all reasons or for one.", topic_agreement.COLUMNS
        ),
        "text_disagreements": Frame(
            "Contacts of one code that are about another reason by their text.", topic_disagreements.COLUMNS
        ),
        "text_hypotheses": Frame(
            "Words that go together in texts: a question to ask, not a finding.",
            ("words", "contacts", "customers", "share", "denominator", "grade", "grade_reasons"),
        ),
    }
)

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "by_text": "Reason by the text of the contact.",
        "by_mistake": "Contacts that mistakes alone would put there if every code were right.",
        "predicted_share": "Share by text before the audit corrects it, 0-1.",
        "text_share": "Share by text, corrected by the audit, 0-1.",
        "words": "Words that go together, most telling first.",
    }
)
"""One meaning per column name, beside those of the dictionary and of `reasons`."""
