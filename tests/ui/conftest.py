"""What every test of the interface stands on."""

from __future__ import annotations

import pytest

from tests.ui.settling import settled


@pytest.fixture(autouse=True)
def settles_by_what_is_left_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot waits for what is left to do instead of watching the processor."""
    monkeypatch.setattr("textual.app.wait_for_idle", settled)
    monkeypatch.setattr("textual.pilot.wait_for_idle", settled)
