"""Labels of a column held against a value map or against words: what each is taken for, and which nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rootcause_lib.loaders.judging import canonical
from rootcause_lib.loaders.parsing import FALSE, TRUE
from rootcause_lib.presets.form import ANY
from rootcause_lib.recognition.aliases import aliases, word_for
from rootcause_lib.recognition.contents import choice_words
from rootcause_lib.recognition.guesses import LabelGuess
from rootcause_lib.schemas import Column

OTHER_CHANNEL = "other"
_ON_THE_WEB = ("internet", "web", "form", "~lomake")


def mapped_labels(column: Column, labels: Sequence[str], values: Mapping[str, str]) -> tuple[LabelGuess, ...]:
    """By a preset's value map; a label it does not know is guessed from its words, and doubted."""
    found = []
    for label in labels:
        value = canonical(label, {key: to for key, to in values.items() if key != ANY}, ())
        if (value is not None and value != label) or label in values:
            found.append(LabelGuess(label, value))
        elif ANY in values:
            found.append(LabelGuess(label, values[ANY]))
        else:
            found.append(guessed_label(column, label))
    return tuple(found)


def guessed_labels(column: Column, labels: Sequence[str]) -> tuple[LabelGuess, ...]:
    """By words alone; labels that loading understands as they are need no map."""
    if column.type == "flag" and {label.casefold() for label in labels} <= {*TRUE, *FALSE, "x"}:
        return ()
    if column.choices and all(canonical(label, {}, column.choices) for label in labels):
        return ()
    return tuple(guessed_label(column, label) for label in labels)


def guessed_label(column: Column, label: str) -> LabelGuess:
    """One label by its words; unknown, a channel is `other` and anything else no value."""
    if column.choices and (already := canonical(label, {}, column.choices)):
        return LabelGuess(label, already)
    words = aliases()["flags"] if column.type == "flag" else choice_words(column.name)
    value = word_for(label, words)
    if value is None:
        if column.name == "channel":
            return LabelGuess(label, OTHER_CHANNEL, "no word of it names a channel; taken for other")
        return LabelGuess(label, None, "nothing tells what it means; read as unknown")
    if value == "email" and column.name == "channel" and word_for(label, {"web": _ON_THE_WEB}):
        return LabelGuess(label, value, "written on the web and answered like e-mail? taken for it")
    if column.name == "leave_reason":
        return LabelGuess(label, value, "whose choice it was is a guess")
    return LabelGuess(label, value)


def opposite(labels: Sequence[str]) -> tuple[LabelGuess, ...]:
    """The labels of a flag that says the opposite."""
    turned = {"true": "false", "false": "true", None: None}
    told = [(label, word_for(label, aliases()["flags"])) for label in labels]
    return tuple(
        LabelGuess(label, turned[word], "" if word else "nothing tells what it means; read as unknown")
        for label, word in told
    )
