"""A stylesheet holds for the whole program once its screen was opened: it names its own parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tui_downloader.ui

UI = Path(tui_downloader.ui.__file__).parent
SHEETS = sorted(UI.glob("**/*.tcss"))
MODULES = {path.name: path.read_text(encoding="utf-8") for path in UI.glob("**/*.py")}


def selectors(sheet: Path) -> list[str]:
    """The selectors of a stylesheet."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    heads = re.findall(r"([^{}]+)\{", text)
    return [selector.strip() for head in heads for selector in head.split(",")]


def modules_with(widget_id: str) -> list[str]:
    """Modules that have a widget of that id."""
    return [name for name, code in MODULES.items() if re.search(rf'id="{widget_id}"', code)]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_rule_for_an_id_reaches_no_other_screen(sheet: Path) -> None:
    for selector in selectors(sheet):
        if match := re.match(r"#([\w-]+)", selector):
            named = modules_with(match[1])
            own = [name for name in named if sheet.name in MODULES[name]]
            # A screen may leave its parts to one module of widgets.
            assert named == own or len(named) == 1, f"{selector} in {sheet.name} is in {named}"
