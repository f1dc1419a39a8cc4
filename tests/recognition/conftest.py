"""Exports written by hand, recognised and drafted; the engagement drafted is opened as `rootcause check` opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rootcause_lib import Recognition, Store, draft, open_engagement, recognise
from rootcause_lib.recognition import write_draft


@pytest.fixture
def exports(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], list[Path]]:
    """`exports({name: content})` writes the files and gives their paths."""

    def write(files: Mapping[str, str | bytes]) -> list[Path]:
        folder = tmp_path / "exports"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return [folder / name for name in files]

    return write


@pytest.fixture
def drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Recognition, Store]]:
    """`drafted(paths)` recognises, writes the draft to a folder of its own and opens it."""
    monkeypatch.setenv("ROOTCAUSE_KEY", "a key for tests, long enough")

    def make(paths: list[Path]) -> tuple[Recognition, Store]:
        found = recognise(paths)
        folder = tmp_path / "engagement"
        write_draft(draft(found, into=folder, time_zone="Europe/Helsinki"), folder)
        return found, open_engagement(folder)

    return make
