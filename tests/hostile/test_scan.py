"""A whole run of the sample client, byte by byte: no customer, agent, name, address, number or code of anybody."""

from __future__ import annotations

import base64
import html
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes

from hostile.conftest import command
from hostile.scanning import Details, details_of, scan
from rootcause_lib.sample_client import write_sample

PARAMETERS = 'engagement: str = "x"\nlanguage: str | None = None\noutput: str = "screen"'
RAISING = """
import warnings
from pathlib import Path
raw = Path("../kontaktit_2025H2.csv").read_text(encoding="utf-8-sig")
warnings.warn(raw[:20_000])
try:
    float(raw)
except ValueError as error:
    raise KeyError(raw) from error
"""


@dataclass(frozen=True, slots=True)
class Sampled:
    """The sample client's folder after a run, what the commands wrote, and what must be in none of it."""

    folder: Path
    run: Path
    terminal: str
    details: Details


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory, repository: Path, own_key: None) -> Sampled:
    """The sample client as it stands, and a notebook of its own that fails with raw rows in its message."""
    exports = repository / "data" / "sample"
    folder = tmp_path_factory.mktemp("sampled") / "client"
    shutil.copytree(exports, folder, ignore=shutil.ignore_patterns("reports", ".rootcause"))
    (folder / "notebooks").mkdir()
    cells = [new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), new_code_cell(RAISING)]
    (folder / "notebooks" / "90_raising.ipynb").write_text(writes(new_notebook(cells=cells)), encoding="utf-8")
    ran = command("run", folder)
    assert ran.returncode == 3, ran.stderr.decode()[-2000:]
    others = [command(name, folder) for name in ("check", "sql")]
    terminal = "".join((one.stdout + one.stderr).decode() for one in [ran, *others])
    return Sampled(folder, Path(ran.stdout.decode().strip()).parent, terminal, details_of(folder))


def test_the_sample_client_has_details_of_every_kind_to_lose(sampled: Sampled) -> None:
    details = sampled.details
    assert len(details.customers) > 1000
    assert len(details.agents) > 10
    for kind in ("e-mail", "identity code", "iban", "phone", "name", "coder"):
        assert details.others[kind], kind


def test_the_scan_finds_a_detail_planted_in_any_kind_of_file(sampled: Sampled, tmp_path: Path) -> None:
    details = sampled.details
    customer, agent = min(details.customers), min(details.agents)
    phone, mail, name = (min(details.others[kind]) for kind in ("phone", "e-mail", "name"))
    planted = {
        "alternative.html": f'<img alt="asiakas {customer}" src="data:,">',
        "entity.html": f"<p>{mail.replace('@', '&#64;')}</p>",
        "picture.html": f'<img src="data:image/svg+xml;base64,{base64.b64encode(phone.encode()).decode()}">',
        "tight.json": f'{{"a": "{phone.replace(" ", "")}"}}',
        "table.csv": f"a;{agent};b",
        "log.txt": f"{name} soitti",
        f"named {customer} .txt": "",
    }
    for file, text in planted.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    pd.DataFrame({"a": [customer] * 9}).to_parquet(tmp_path / "table.parquet")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{mail}</t>")
    with duckdb.connect(str(tmp_path / "store.duckdb")) as store:
        store.execute("create table x as select ? as a", [agent])
    found = scan(tmp_path, details)
    assert set(found.found) == {*planted, "table.parquet", "book.xlsx", "store.duckdb"}


def test_a_whole_run_holds_no_detail_of_any_person(sampled: Sampled) -> None:
    looked = scan(sampled.run, sampled.details)
    suffixes = {path.suffix for path in sampled.run.rglob("*") if path.is_file()}
    assert suffixes >= {".html", ".ipynb", ".json", ".xlsx", ".csv", ".parquet"}
    assert looked.files > 30
    assert looked.found == {}


def test_store_and_rejects_hold_no_detail_of_any_person(sampled: Sampled) -> None:
    looked = scan(sampled.folder / ".rootcause", sampled.details)
    assert any(path.suffix == ".duckdb" for path in (sampled.folder / ".rootcause").rglob("*"))
    assert any(path.parent.parent.name == "rejects" for path in (sampled.folder / ".rootcause").rglob("*.csv"))
    assert looked.found == {}


def test_what_commands_write_holds_no_detail_of_any_person(sampled: Sampled) -> None:
    assert sampled.details.found_in(sampled.terminal) == set()
    assert "90_raising" in sampled.terminal


def test_failed_control_totals_stand_above_every_headline_with_what_explains_them(
    own_key: None, tmp_path: Path
) -> None:
    client = write_sample(tmp_path / "client", customers=100, seed=4)
    file = client / "engagement.toml"
    text = re.sub(r"^count = \d+$", "count = 5000", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    ran = command("run", client, "--only", "02", "--language", "en")
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    folder = Path(ran.stdout.decode().strip()).parent
    for page in ("index.html", "02_channel_resolution.html"):
        text = html.unescape((folder / page).read_text(encoding="utf-8"))
        said = text.index("Control total ‘Yhteydenotot’, 2025-03: the client's figure is 5,000")
        assert said < text.index("rc-headline", text.index("<main")), page
        assert "abandoned attempts explain" in text[said:], page
