"""What every test of the interface stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.css.stylesheet import Stylesheet

from tests.ui.settling import settled

if TYPE_CHECKING:
    from textual.css.model import RuleSet

_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, *what: Any, **facts: Any) -> list[RuleSet]:
    """Parse a stylesheet once for all interfaces of a process, not for each of a thousand."""
    key = (*what, *facts.items(), *sheet._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, *what, **facts)
    return _parsed[key]


@pytest.fixture(autouse=True)
def settles_by_what_is_left_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot waits for what is left to do instead of watching the processor."""
    monkeypatch.setattr("textual.app.wait_for_idle", settled)
    monkeypatch.setattr("textual.pilot.wait_for_idle", settled)
    monkeypatch.setattr(Stylesheet, "_parse_rules", _parse_once)
