"""Files, variables, the client's name and the key of the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.errors import DataError, EngagementError

RESOURCES = Path(__file__).parent / "resources"
CLIENT = '[engagement]\nclient = "Lumo Oy"\ntime_zone = "UTC"\n'


def with_source(folder: Path, source: str, more: str = "") -> Engagement:
    (folder / "engagement.toml").write_text(f"{CLIENT}[tables.contacts]\nsource = {source}\n{more}", encoding="utf-8")
    return read_engagement(folder)


def files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def names(engagement: Engagement) -> list[str]:
    return [path.relative_to(engagement.folder).as_posix() for path in engagement.source_paths("contacts")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'k_2.csv'", ["k_2.csv"]),
        ("'k_*.csv'", ["k_1.csv", "k_10.csv", "k_2.csv"]),
        ("['k_2.csv', 'k_*.csv']", ["k_2.csv", "k_1.csv", "k_10.csv"]),
        ("'deep/**/*.csv'", ["deep/a.csv", "deep/b/c.csv"]),
        ("'**/*.csv'", ["deep/a.csv", "deep/b/c.csv", "k_1.csv", "k_10.csv", "k_2.csv", "odd[1].csv"]),
        ("'*.xlsx'", ["book.xlsx"]),
        ("'odd[1].csv'", ["odd[1].csv"]),
        ("['book.xlsx::May', 'book.xlsx::June']", ["book.xlsx"]),
        ("'reports/r/tables/*.csv'", ["reports/r/tables/x.csv"]),
    ],
)
def test_files_of_a_source_by_hand(tmp_path: Path, source: str, expected: list[str]) -> None:
    files(tmp_path, "k_1.csv", "k_10.csv", "k_2.csv", "deep/a.csv", "deep/b/c.csv", "odd[1].csv", "book.xlsx")
    files(tmp_path, "~$book.xlsx", "reports/r/tables/x.csv", ".rootcause/rejects.csv", "k_1.csv.bak")
    assert names(with_source(tmp_path, source)) == expected


def test_variables_are_filled_in_when_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path, "drop [new]/k_1.csv", "drop [new]/k_2.csv")
    engagement = with_source(tmp_path, "['$LUMO_DROP/k_*.csv', '${LUMO_DROP}/k_1.csv']")
    monkeypatch.delenv("LUMO_DROP", raising=False)
    with pytest.raises(EngagementError, match=r"line 5, tables\.contacts\.source: the environment variable LUMO_DROP"):
        engagement.source_paths("contacts")
    for folder in ("drop [new]", str(tmp_path / "drop [new]")):
        monkeypatch.setenv("LUMO_DROP", folder)
        assert names(engagement) == ["drop [new]/k_1.csv", "drop [new]/k_2.csv"]


def test_a_pattern_without_files_is_unusable_data(tmp_path: Path) -> None:
    files(tmp_path, "kontaktit.csv")
    with pytest.raises(
        DataError, match=r"line 5, tables\.contacts\.source: no file 'k_\*\.csv'.*kontaktit\.csv"
    ) as raised:
        with_source(tmp_path, "['kontaktit.csv', 'k_*.csv']").source_paths("contacts")
    assert raised.value.exit_code == 7
    with pytest.raises(DataError, match="no file 'x/'"):
        with_source(tmp_path, "'x/'").source_paths("contacts")


def test_the_key_may_not_travel_with_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lumo").mkdir()
    monkeypatch.setenv("KEYS", str(tmp_path))
    inside = with_source(tmp_path / "lumo", "'x'", "[privacy]\nkey_file = 'my.key'\n")
    with pytest.raises(EngagementError, match=r"line 7, privacy\.key_file"):
        _ = inside.key_file
    for text in ("../my.key", "$KEYS/my.key"):
        outside = with_source(tmp_path / "lumo", "'x'", f"[privacy]\nkey_file = '{text}'\n").key_file
        assert outside is not None
        assert outside.resolve() == (tmp_path / "my.key").resolve()


def test_engine_paths_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engagement = with_source(tmp_path, "'x'", "[engine]\nurl = '$WAREHOUSE'\nspill_folder = 'spill'\n")
    monkeypatch.setenv("WAREHOUSE", "postgresql://lumo")
    assert engagement.engine_url == "postgresql://lumo"
    assert engagement.spill_folder == tmp_path / "spill"


@pytest.mark.parametrize(
    ("client", "slug"),
    [
        ("Lumo Oy", "lumo-oy"),
        ("Åland & Co.", "aland-co"),
        ("../../etc", "etc"),
        ("  Töölö_1 / B ", "toolo_1-b"),
    ],
)
def test_slugs_by_hand(tmp_path: Path, client: str, slug: str) -> None:
    (tmp_path / "engagement.toml").write_text(
        CLIENT.replace("Lumo Oy", client) + "[tables.contacts]\nsource = 'x'\n", encoding="utf-8"
    )
    assert read_engagement(tmp_path).client_slug == slug


def test_names_without_latin_letters_stay_apart(tmp_path: Path) -> None:
    slugs = set()
    for client in ("日本", "中国"):
        (tmp_path / "engagement.toml").write_text(
            CLIENT.replace("Lumo Oy", client) + "[tables.contacts]\nsource = 'x'\n", encoding="utf-8"
        )
        slugs.add(read_engagement(tmp_path).client_slug)
    assert len(slugs) == 2
    assert all(slug.isascii() for slug in slugs)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("Lumo Oy", "Lumo Abp", False),
        ("fcr = 0.75", "fcr = 0.8", False),
        ("share = 0.10", "share = 0.2", False),
        ("level = 0.95", "level = 0.9", False),
        ('preset = "zendesk"', 'unsure = ["reason"]\npreset = "zendesk"', False),
        ("Europe/Helsinki", "UTC", True),
        ("kontaktit_*.csv", "k_*.csv", True),
        ('contact_id = "Id"', 'contact_id = "ID"', True),
        ('"Puhelu" = "phone"', '"Puhelu" = "chat"', True),
        ("phone = 7.5", "phone = 8", True),
        ('default = ["muu"', 'default = ["x"', True),
        ("leg_gap_seconds = 60", "leg_gap_seconds = 0", True),
        ('agents = "team"', 'agents = "none"', True),
        ("laskuvirhe = 30", "laskuvirhe = 21", True),
        (
            'columns = { contact_id = "Id", started_at = "Luotu"',
            'columns = { started_at = "Luotu", contact_id = "Id"',
            False,
        ),
    ],
)
def test_the_stores_key_changes_with_what_changes_the_store(tmp_path: Path, old: str, new: str, changes: bool) -> None:
    text = (RESOURCES / "full.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "engagement.toml").write_text(text.replace(old, new), encoding="utf-8")
    before = read_engagement(RESOURCES / "full.toml").definition_key()
    after = read_engagement(tmp_path).definition_key()
    assert (before != after) is changes
    assert json.loads(after)["engagement"].keys() == {"time_zone", "observed_until"}
