"""What every law is tested with."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def laws_wait_briefly(quick_retries: None) -> None:
    """What is tried again is tried soon."""
