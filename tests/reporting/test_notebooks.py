"""Which notebooks run and in which language, by folders and translations made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rootcause_lib.errors import NotebookError, ParameterError
from rootcause_lib.reporting.exploring import with_defaults
from rootcause_lib.reporting.notebooks import available_notebooks, chosen_notebooks, in_language

Write = Callable[..., Path]


def test_own_notebooks_stand_beside_and_replace_shipped_ones_by_name(tmp_path: Path, write_notebook: Write) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for name in ("00_a", "02_b"):
        write_notebook(name, folder=shipped)
    for name in ("02_b", "10_c"):
        write_notebook(name, folder=own)
    found = available_notebooks(own, shipped=shipped)
    assert [(one.name, one.own) for one in found] == [("00_a", False), ("02_b", True), ("10_c", True)]
    assert found[1].path.parent == own


def test_chosen_by_name_or_leading_digits_else_the_nearest_name_is_offered(
    tmp_path: Path, write_notebook: Write
) -> None:
    for name in ("00_data_health", "02_channel_resolution"):
        write_notebook(name, folder=tmp_path)
    available = available_notebooks(shipped=tmp_path)
    assert [one.name for one in chosen_notebooks(available, ["02"])] == ["02_channel_resolution"]
    assert [one.name for one in chosen_notebooks(available, ["00_data_health.ipynb"])] == ["00_data_health"]
    assert len(chosen_notebooks(available, [])) == 2
    with pytest.raises(ParameterError, match="Did you mean '02_channel_resolution'"):
        chosen_notebooks(available, ["02_chanel_resolution"])


def test_a_notebook_without_a_parameters_cell_is_refused_by_design(tmp_path: Path, write_notebook: Write) -> None:
    write_notebook("bad", "1", parameters=None, folder=tmp_path)
    (notebook,) = available_notebooks(shipped=tmp_path)
    with pytest.raises(ParameterError, match="0 cells tagged 'parameters'"):
        _ = notebook.parameters


def test_markdown_is_replaced_by_cell_id_from_the_language_file(tmp_path: Path, write_notebook: Write) -> None:
    write_notebook("00_a", "1", folder=tmp_path)
    (tmp_path / "fi.toml").write_text('[00_a]\ntitle = """# Otsikko\nKysymys?\n"""\n', encoding="utf-8")
    (notebook,) = available_notebooks(shipped=tmp_path)
    assert in_language(notebook, "fi").cells[0].source == "# Otsikko\nKysymys?"
    assert in_language(notebook, "en").cells[0].source.startswith("# Title")
    assert notebook.content.cells[0].source.startswith("# Title"), "the original must stay as it was"


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("[other]\n", "00_a"),
        ("[00_a]\n", "lacks cell title"),
        ('[00_a]\ntitle = "x"\nbody = "y"\n', "unknown cell body"),
    ],
)
def test_an_incomplete_translation_is_refused_by_design(
    tmp_path: Path, write_notebook: Write, toml: str, named: str
) -> None:
    write_notebook("00_a", folder=tmp_path)
    (tmp_path / "fi.toml").write_text(toml, encoding="utf-8")
    (notebook,) = available_notebooks(shipped=tmp_path)
    with pytest.raises(NotebookError, match=named):
        in_language(notebook, "fi")


def test_a_file_that_is_no_notebook_is_named_by_design(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("not json")
    (notebook,) = available_notebooks(shipped=tmp_path)
    with pytest.raises(NotebookError, match=r"x\.ipynb"):
        _ = notebook.content


def test_defaults_are_filled_in_and_the_rest_of_the_cell_kept_by_hand() -> None:
    source = 'engagement: str = "../ä"  # the ä folder\nlanguage: str | None = None\nwindow_days: int = 14'
    filled = with_defaults(source, {"engagement": "/x/\"y'", "language": "fi"})
    assert filled == (
        "engagement: str = '/x/\"y\\''  # the ä folder\nlanguage: str | None = 'fi'\nwindow_days: int = 14"
    )
