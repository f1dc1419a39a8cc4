"""Exports of known systems, recognised by their headers."""

from __future__ import annotations

from dataclasses import replace

from rootcause_lib.engagement import Constant
from rootcause_lib.loaders.profiles import ColumnProfile, ExportProfile
from rootcause_lib.presets import Preset, PresetTable, all_presets
from rootcause_lib.recognition.contents import PART, content_score
from rootcause_lib.recognition.guesses import ColumnGuess
from rootcause_lib.recognition.labelling import mapped_labels
from rootcause_lib.recognition.matching import described
from rootcause_lib.schemas import CONTACTS, TABLES, Column

ENOUGH = 3
"""So many headers of a signature must be there."""

_QUICK_WORK = 2_000


def matching_preset(found: ExportProfile) -> str | None:
    """The preset whose signature the headers bear best and whose required columns are all there; None without one."""
    scores = {name: _score(preset, found) for name, preset in all_presets().items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else None


def _score(preset: Preset, found: ExportProfile) -> float:
    form = preset.tables[CONTACTS.name]
    if any(_present(preset, form, name, found) is None for name in CONTACTS.required):
        return 0.0
    held = sum(found.find(header) is not None for header in preset.signature)
    if held < ENOUGH:
        return 0.0
    contact = _present(preset, form, "contact_id", found)
    assert contact is not None
    repeated = contact[1].filled > 0 and contact[1].distinct < 0.9 * contact[1].filled
    return held + (3.0 if repeated == (form.rows is not None) else 0.0)


def _present(
    preset: Preset, form: PresetTable, column: str, found: ExportProfile
) -> tuple[str | None, ColumnProfile] | None:
    """(unit, column) of the first header of a canonical column that the export has."""
    for header in form.headers(column):
        for name in (header.header, *(f"{header.header}{suffix}" for suffix in preset.suffixes)):
            profile = found.find(name)
            if profile is not None and name not in found.twice:
                return form.unit(column, header), profile
    return None


def preset_columns(name: str, found: ExportProfile) -> tuple[tuple[ColumnGuess, ...], tuple[str, ...]]:
    """(columns, names of columns whose contents can't be what the preset says) of an export that bears the preset."""
    preset = all_presets()[name]
    form = preset.tables[CONTACTS.name]
    guesses, refused = [], []
    for column in TABLES[CONTACTS.name]:
        given = form.columns.get(column.name)
        if isinstance(given, Constant):
            guesses.append(ColumnGuess(column.name, (), 1.0, f"{preset.system}: always so", constant=given.value))
            continue
        present = _present(preset, form, column.name, found)
        if present is None:
            continue
        guess = _guess(preset, form, column, present, found)
        if guess is None:
            refused.append(column.name)
        else:
            guesses.append(guess)
    return tuple(guesses), tuple(refused)


def _guess(
    preset: Preset, form: PresetTable, column: Column, present: tuple[str | None, ColumnProfile], found: ExportProfile
) -> ColumnGuess | None:
    unit, profile = present
    nulls = form.nulls.get(column.name, ())
    guess = ColumnGuess(column.name, (profile.header,), 1.0, f"{preset.system}'s own header", nulls=nulls, unit=unit)
    values = form.values.get(column.name, {})
    if values and profile.labels is not None:
        labels = tuple(label for label in profile.labels if label.casefold() not in {word.casefold() for word in nulls})
        mapped = mapped_labels(column, labels, values)
        unknown = tuple(each.label for each in mapped if each.value is None)
        return replace(guess, labels=mapped, nulls=(*nulls, *unknown))
    content, told = content_score(column, profile, rows=found.rows)
    # Words for nothing are among the values, so that a column may hold fewer numbers than it otherwise must.
    if content == 0 and profile.filled and not (nulls and profile.share(profile.numbers) >= PART):
        return None if not nulls or column.type == "seconds" else guess
    if not profile.filled:
        return guess
    if column.type == "seconds":
        return _timed(guess, profile)
    guess = replace(guess, evidence=f"{guess.evidence}; {told}")
    return guess if values else described(guess, column, profile, found)


def _timed(guess: ColumnGuess, profile: ColumnProfile) -> ColumnGuess:
    small = 0 < (profile.middle or 0) < _QUICK_WORK and (profile.high or 0) < 10 * _QUICK_WORK
    if guess.unit == "ms" and small:
        doubt = "the values are too small for milliseconds; seconds are assumed"
        return replace(guess, unit="seconds", doubt=doubt)
    if guess.unit != "hh:mm:ss" and profile.share(profile.durations) > 0.9:
        return replace(guess, unit="hh:mm:ss")
    if guess.unit == "hh:mm:ss" and profile.share(profile.numbers) > 0.9:
        return replace(guess, unit="hours", doubt="plain numbers where hours, minutes and seconds were expected")
    return guess
