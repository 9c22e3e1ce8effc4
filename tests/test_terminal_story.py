"""A long story in a real terminal against a real nginx: fifty links and everything done to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nginx import Nginx
from tests.terminal import Terminal
from tests.terminal_user import KIB, MIB, User, has_reached, quit_and_save

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

RATE = 16 * MIB
DISKS = [f"disk-{number}.img" for number in range(4)]
PHOTOS = [f"photo-{number:02}.jpg" for number in range(16)]
REPORTS = [f"report-{number:02}.pdf" for number in range(30)]


@pytest.fixture
def user(nginx: Nginx, tmp_path: Path) -> Iterator[User]:
    one = User(nginx, tmp_path)
    yield one
    one.leave()


def serve_all(user: User) -> list[str]:
    """Large files that take their time, and small ones behind them in the line."""
    # The first two are so large that even a slow machine comes to cancel them while they run.
    sizes = [192 * MIB, 192 * MIB, 32 * MIB, 32 * MIB]
    disks = [user.serve(name, size, RATE) for name, size in zip(DISKS, sizes, strict=True)]
    small = [
        user.serve(name, 20 * KIB + 1000 * number, RATE)
        for number, name in enumerate([*PHOTOS, *REPORTS])
    ]
    return disks + small


def run(user: User, *arguments: str) -> Terminal:
    return user.run("-j", str(len(DISKS)), *arguments, columns=120, rows=30)


def add_all(terminal: Terminal, urls: list[str]) -> None:
    terminal.until(lambda: "Paste links here" in terminal.text)
    terminal.paste("\n".join(urls))
    terminal.until(lambda: "50 new" in terminal.text)
    terminal.press("F2")
    terminal.until(lambda: "1 All 50" in terminal.text)
    terminal.until(lambda: all(has_reached(terminal, name, 1) for name in DISKS))


def limit_to(terminal: Terminal, name: str, limit: str) -> None:
    """Edit the speed limit of one download."""
    terminal.highlight(name)
    terminal.press("e")
    terminal.until(lambda: "Speed limit" in terminal.text)
    terminal.press("tab", "tab", "ctrl+u", limit, "F2")
    terminal.until(lambda: "Speed limit" not in terminal.text)


def rate_of(terminal: Terminal, name: str) -> float:
    """The speed that a row shows, in MB/s; 0 when it shows none or less than that."""
    words = terminal.row(name).split()
    return float(words[words.index("MB/s") - 1]) if "MB/s" in words else 0.0


def mark_photos_and(terminal: Terminal, key: str) -> None:
    """Do something to all photos: filter, mark what is left, press the key, and go back."""
    terminal.press("/", "photo")
    terminal.until(lambda: terminal.names == PHOTOS)
    terminal.press("enter", "*")
    terminal.until(lambda: "16 marked" in terminal.text)
    terminal.press(key)
    terminal.press("escape")
    terminal.until(lambda: DISKS[3] in terminal.names)
    terminal.press("escape")
    terminal.until(lambda: "marked" not in terminal.text)


def move_last_two_reports_to_the_top(terminal: Terminal) -> None:
    terminal.press("G")
    terminal.until(lambda: terminal.highlighted == REPORTS[-1])
    terminal.press("k", " ", " ")
    terminal.until(lambda: "2 marked" in terminal.text)
    terminal.press("<", "g")
    terminal.until(lambda: terminal.names[:3] == [*REPORTS[-2:], DISKS[0]])
    terminal.press("escape")
    terminal.until(lambda: "marked" not in terminal.text)


def cancel(terminal: Terminal, name: str, answer: str) -> None:
    terminal.highlight(name)
    # More than 10 MB are dear enough for a question.
    terminal.until(lambda: has_reached(terminal, name, 6))
    terminal.press("x")
    terminal.until(lambda: f"Cancel {name}?" in terminal.text)
    terminal.press(answer)
    terminal.until(lambda: "cancelled" in terminal.row(name))


def test_fifty_links_from_paste_to_the_last_byte(user: User) -> None:
    urls = serve_all(user)
    # So slow that the large files are still on their way when they are needed.
    with run(user, "--limit-rate", "12M") as terminal:
        add_all(terminal, urls)
        limit_to(terminal, DISKS[3], "1M")
        mark_photos_and(terminal, "p")
        move_last_two_reports_to_the_top(terminal)
        cancel(terminal, DISKS[0], "k")
        cancel(terminal, DISKS[1], "y")
        assert "kept" in terminal.row(DISKS[0])
        terminal.until(lambda: "nothing kept" in terminal.row(DISKS[1]))
        terminal.until(lambda: 0.5 < rate_of(terminal, DISKS[3]) < 1.5)
        # The places of the cancelled ones are taken by those that were moved to the top.
        terminal.until(lambda: "done" in terminal.row(REPORTS[-1]))
        assert "paused" in terminal.row(PHOTOS[0])
        quit_and_save(terminal)

    with run(user) as terminal:
        terminal.until(lambda: has_reached(terminal, DISKS[3], 1))
        assert terminal.names[:3] == [*REPORTS[-2:], DISKS[0]]
        assert rate_of(terminal, DISKS[3]) < 1.5
        limit_to(terminal, DISKS[3], "0")
        mark_photos_and(terminal, "p")
        terminal.highlight(DISKS[0])
        terminal.press("r", "j", "R")
        terminal.until(lambda: "4 Done 50" in terminal.text)
        terminal.press("q")
        assert terminal.until_ended() == 0

    user.check_files()
    user.check_traffic(DISKS[0], stops=1)
    user.check_traffic(PHOTOS[0], stops=0)
