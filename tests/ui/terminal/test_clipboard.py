"""What is copied inside tmux gets into its buffer, by its standard input and no other way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_downloader.ui.terminal.clipboard import fill_tmux_buffer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a shell")


def tmux_in(folder: Path, refuses: str) -> dict[str, str]:
    """Put a program of that name there, which notes what it is given; return its environment."""
    script = folder / "tmux"
    script.write_text(
        f'#!/bin/sh\n[ "$2" = "{refuses}" ] && exit 1\n'
        f'echo "$@" > {folder}/arguments\ncat > {folder}/input\n'
    )
    script.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.defpath}"}


@pytest.mark.parametrize(
    ("refuses", "arguments"), [("", "load-buffer -w -\n"), ("-w", "load-buffer -\n")]
)
def test_the_text_is_on_no_command_line(tmp_path: Path, refuses: str, arguments: str) -> None:
    fill_tmux_buffer("curl -H 'Cookie: secret'\nü", tmux_in(tmp_path, refuses))
    assert (tmp_path / "arguments").read_text() == arguments
    assert (tmp_path / "input").read_text(encoding="utf-8") == "curl -H 'Cookie: secret'\nü"


def test_without_tmux_nothing_happens(tmp_path: Path) -> None:
    fill_tmux_buffer("text", {"PATH": str(tmp_path)})
