"""aiohttp is loaded without what it would load in vain, and nothing of that is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import os
from tui_downloader.engine.network.loading import import_client
before = dict(os.environ)
import_client()
assert dict(os.environ) == before, "the environment changed"
if os.path.exists("/proc/self/maps"):
    print("libstdc++" in open("/proc/self/maps").read())
"""


@pytest.mark.parametrize("before", [None, "", "1"])
def test_no_library_of_another_language_comes_with_it(before: str | None) -> None:
    name = "FROZENLIST_NO_EXTENSIONS"
    environment = {key: value for key, value in os.environ.items() if key != name}
    if before is not None:
        environment[name] = before
    found = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stderr == ""
    assert found.stdout.strip() in ({"False"} if Path("/proc/self/maps").exists() else {""})
