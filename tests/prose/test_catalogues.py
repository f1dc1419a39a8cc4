"""The two catalogues say the same things, and every text the code asks for is there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rootcause_lib import vocabulary
from rootcause_lib.analyses.readiness import _JUDGES, Have
from rootcause_lib.loaders.intake import REPAIRS, RULES
from rootcause_lib.metrics import CATALOGUE
from rootcause_lib.prose import labels
from rootcause_lib.prose.catalogue import catalogue, leaves, section
from rootcause_lib.prose.numbers import KINDS
from rootcause_lib.prose.sentences import placeholders
from rootcause_lib.schemas import TABLES
from rootcause_lib.statistics.ratios import METHODS

REPOSITORY = Path(__file__).resolve().parents[2]
PROSE = REPOSITORY / "rootcause_lib" / "prose"
AREAS = (
    "channel_resolution",
    "churn_ladder",
    "churn_retention",
    "churn_guards",
    "churn_dose",
    "channel_agents",
    "channel_queue",
    "channel_bridge",
    "channel_curves",
    "channel_journey",
    "channel_self_service",
    "channel_moves",
    "channel_fair",
    "cannot_tell",
    "data_health",
    "check",
    "root_cause",
    "root_cause_change",
    "root_cause_processes",
    "root_cause_reasons",
    "root_cause_segments",
    "root_cause_text",
    "root_cause_guesses",
    "root_cause_owners",
    "channel_scores",
    "churn_scores",
)
OTHERS = [language for language in vocabulary.LANGUAGES if language != "en"]


def texts(language: str) -> dict[str, str]:
    whole: Any = catalogue(language)
    found: dict[str, str] = {}
    for key in leaves(whole):
        value: Any = whole
        for step in key.split("."):
            value = value[step]
        found[key] = value
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_both_languages_hold_the_same_keys_by_identity(language: str) -> None:
    assert len(texts(language)) > 300
    assert set(texts(language)) == set(texts("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_both_languages_keep_a_text_in_the_same_file_by_identity(language: str) -> None:
    def keys(file: Path) -> set[str]:
        return set(leaves(tomllib.loads(file.read_text(encoding="utf-8"))))

    files = sorted(file.name for file in (PROSE / "en").iterdir())
    assert files == sorted(file.name for file in (PROSE / language).iterdir())
    assert not [name for name in files if keys(PROSE / "en" / name) != keys(PROSE / language / name)]


@pytest.mark.parametrize("language", OTHERS)
def test_both_languages_hold_the_same_placeholders_by_identity(language: str) -> None:
    english, other = texts("en"), texts(language)
    differing = {
        key
        for key, text in english.items()
        if {name for name, _ in placeholders(text)} != {name for name, _ in placeholders(other[key])}
    }
    assert not differing


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
def test_every_placeholder_has_a_format_that_exists_by_identity(language: str) -> None:
    formats = {*section(language, "labels"), *section(language, "counted"), *KINDS, "alone", ""}
    used = {
        spec for key, text in texts(language).items() if key.startswith("sentences.") for _, spec in placeholders(text)
    }
    assert used <= formats


@pytest.mark.parametrize("language", vocabulary.LANGUAGES)
def test_no_text_is_empty_or_left_in_the_other_language(language: str) -> None:
    assert not [key for key, text in texts(language).items() if not text.strip()]
    sentences = {key: text for key, text in texts(language).items() if key.startswith("sentences.")}
    if language != "en":
        same = [
            key
            for key, text in sentences.items()
            if text == texts("en")[key] and re.search(r"[a-z]{4}", re.sub(r"{.*?}", "", text))
        ]
        assert not same


def words(kind: str) -> set[str]:
    return set(labels(kind, language="en"))


def test_every_closed_word_of_the_library_has_a_label_by_identity() -> None:
    channels = {*vocabulary.CHANNELS, vocabulary.ALL}
    for kind in ("channel", "channel_by", "channel_from", "channel_to"):
        assert words(kind) >= channels, kind
    assert words("outcome") == {*vocabulary.OUTCOMES, *vocabulary.RESOLUTIONS}
    assert words("match") == set(vocabulary.MATCHING_CHOICES)
    assert words("grade") == words("grade_use") == set(vocabulary.GRADES)
    assert words("grade_reason") == words("grade_lift") == set(vocabulary.GRADE_REASONS)
    assert words("claim") == set(vocabulary.CLAIMS)
    assert words("status") >= set(vocabulary.READINESS)
    assert words("rule") == {*RULES, *REPAIRS}
    assert words("table") == set(TABLES)
    assert words("estimator") >= {*METHODS, "aalen_johansen_cluster"}


def test_every_metric_has_label_and_definition_and_english_is_the_catalogues_own_by_identity() -> None:
    for key, metric in CATALOGUE.items():
        assert labels("metric", language="en")[key] == metric.label
        assert labels("metric_definition", language="en")[key] == metric.definition.says
    for language in vocabulary.LANGUAGES:
        assert set(labels("metric", language=language)) == set(labels("metric_definition", language=language))


def test_readiness_speaks_of_every_analysis_and_everything_that_can_be_missing_by_identity() -> None:
    assert words("analysis") == set(_JUDGES)
    assert words("missing") == words("adds") == {*Have.__dataclass_fields__, "none"}


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted((REPOSITORY / "rootcause_lib").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((REPOSITORY / "notebooks").glob("*.ipynb")):
        import json

        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path, ast.parse("".join(cell["source"]))


def asked_keys() -> Iterator[tuple[str, Path]]:
    """First arguments of Finding(...), text(...) and their like that are written out."""
    for path, tree in sources():
        own = "prose" in path.read_text(encoding="utf-8") or path.suffix == ".ipynb" or "findings" in path.read_text()
        for node in ast.walk(tree):
            if not (own and isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            value = node.args[0].value
            if (
                name in ("Finding", "prose_text", "_prose", "text")
                and isinstance(value, str)
                and re.fullmatch(r"[a-z_]+\.[a-z_]+", value)
            ):
                yield value, path


def test_every_key_used_in_code_exists_by_reading_the_code() -> None:
    known = set(leaves(section("en", "sentences")))
    asked = list(asked_keys())
    assert len(asked) > 40
    assert not [(key, path.name) for key, path in asked if key not in known]


def asked_kinds() -> Iterator[str]:
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("label", "labels"):
                for keyword in node.keywords:
                    if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant):
                        yield keyword.value.value


def test_every_kind_of_label_used_in_code_exists_by_reading_the_code() -> None:
    assert set(asked_kinds()) <= set(catalogue("en")["labels"])


def documented() -> dict[str, set[str]]:
    """The tables of findings at the top of the English files: key to the fields it names."""
    found: dict[str, set[str]] = {}
    under = ""
    written = [file.read_text(encoding="utf-8") for file in sorted((PROSE / "en").glob("*.toml"))]
    for line in "\n".join(written).splitlines():
        if head := re.fullmatch(r"# ([a-z_]+)\.(?: .*)?", line):
            under = head[1]
        elif (entry := re.fullmatch(r"#   ([a-z_]+(?:, [a-z_]+)*)(?:  +(.*))?", line)) and under:
            described = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", entry[2] or "")
            fields = {part.split()[0] for part in described.split(",") if part.split()}
            for key in entry[1].split(","):
                found[f"{under}.{key.strip()}"] = fields
        elif not line.startswith("#"):
            under = ""
    return found


def test_the_tables_of_findings_tell_every_sentence_and_its_fields_by_reading_it() -> None:
    table, english = documented(), texts("en")
    for area in AREAS:
        keys = {key.removeprefix("sentences.") for key in english if key.startswith(f"sentences.{area}.")}
        assert keys == {key for key in table if key.startswith(f"{area}.")}, area
        for key in keys:
            asked = {name for name, _ in placeholders(english[f"sentences.{key}"])}
            assert asked <= table[key] or table[key] == {"the"}, key
