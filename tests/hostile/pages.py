"""Notebooks of a hostile engagement's own: everything a page can show, and every way to fail, full of payloads."""

from __future__ import annotations

import json
from pathlib import Path

from hostile.payloads import BREAKING_OUT, FORMULAS, NAMES, PAYLOADS

PARAMETERS = f"""
engagement: str = "x"  # the folder {BREAKING_OUT["quoted"]}
language: str | None = None  # {BREAKING_OUT["template"]}
output: str = "screen"  # {BREAKING_OUT["latex"]}
note: str = ""  # {BREAKING_OUT["image"]} {FORMULAS["equals"]}
notes: list[str] = []  # {NAMES["sql"]}
"""
OPEN = "import pandas as pd\nimport rootcause_lib as rc\nfrom rootcause_lib import plots\n"
OPEN += "page = rc.open_page({name!r}, globals())"
HANDED = (
    "import json\nPAYLOADS, BREAKING_OUT = json.loads({listed!r})\nfrom rootcause_lib.findings import Finding, Quantity"
)
SHOWN = (
    "found = rc.estimate(page.store, [rc.metric('transfer')], by=('reason',))",
    "page.figure(plots.plot_estimates, found)",
    "page.table(found, rows=200)",
    "page.table(rc.estimate(page.store, [rc.metric('transfer')], by=('team',)), rows=200)",
    "frame = pd.DataFrame({one: [one, 'x'] for one in PAYLOADS.values()})",
    "page.table(frame)",
    "frame",
    "frame.style.set_caption(PAYLOADS['quoted'])",
    "print(*PAYLOADS.values())",
    "PAYLOADS",
    "given = {'theirs': 9, 'ours': 8, 'unexplained': Quantity('share', 0.5)}",
    "page.reading(*(Finding('data_health.control_unexplained', {'name': one, **given}) for one in PAYLOADS.values()))",
    "from IPython.display import HTML, Javascript, Latex, Markdown, display",
    "for one in BREAKING_OUT.values():\n    display(HTML(one + '<p>'), Markdown(one), Latex(one), Javascript(one))",
)
SECRET = "SECRET-4711"
FAILURES = {
    "60_foreign": f"raise type(PAYLOADS['image'], (Exception,), {{}})(PAYLOADS['quoted'] + '{SECRET}')",
    "61_namesake": f"class DataError(Exception): ...\nraise DataError(PAYLOADS['image'] + '{SECRET}')",
    "62_own": "from rootcause_lib.errors import DataError\nraise DataError(' '.join(PAYLOADS.values()))",
}


def write_notebooks(folder: Path) -> int:
    """Write them into the engagement's `notebooks/`; how many payloads they show."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

    folder.mkdir()
    handed = HANDED.format(listed=json.dumps([PAYLOADS, BREAKING_OUT]))
    codes = {"50_shown": SHOWN, **{name: (one,) for name, one in FAILURES.items()}}
    for name, cells in codes.items():
        title = f"# {name} {BREAKING_OUT['quoted']} {BREAKING_OUT['markdown']}\n\n{BREAKING_OUT['image']}?"
        made = [new_markdown_cell(title, id="title")]
        made.append(new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]}))
        made.append(new_code_cell(OPEN.format(name=name), id="opening"))
        made += [new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate((handed, *cells))]
        made += [new_markdown_cell(text, id=f"words-{at}") for at, text in enumerate(PAYLOADS.values())]
        (folder / f"{name}.ipynb").write_text(writes(new_notebook(cells=made)), encoding="utf-8")
    return len(codes) * (len(PAYLOADS) + 3)
