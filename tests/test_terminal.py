"""The whole program as a person uses it: a real terminal, a real nginx, real files."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.nginx import Nginx
from tests.server import Pattern
from tests.terminal import ALTERNATE_SCREEN, Terminal, eventually

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

KIB = 1024
MIB = 1024 * KIB
# A resume compares this much with what is on disk.
OVERLAP = 64 * KIB
LEAVES_WITHIN_S = 3.0


@dataclass
class Served:
    """A file on nginx, sent at a rate, in bytes per second."""

    url: str
    path: str
    content: Pattern
    rate: int


class Story:
    """One user: state and downloads stay from run to run, and so do the files on nginx."""

    def __init__(self, nginx: Nginx, folder: Path) -> None:
        self.home, self.downloads = folder / "home", folder / "downloads"
        self.downloads.mkdir()
        self._nginx = nginx
        self._place = folder.name
        (nginx.root / self._place).mkdir()
        self.served: dict[str, Served] = {}

    def serve(self, name: str, size: int, rate: int) -> str:
        """Put a file on nginx; return its address. Rates are whole KiB per second."""
        content = Pattern(size, seed=len(self.served))
        path = f"/{self._place}/{name}"
        content.write_to(self._nginx.root / self._place / name)
        url = self._nginx.url(f"/slow/{rate // KIB}{path}")
        self.served[name] = Served(url, path, content, rate)
        return url

    def run(self, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        """Start the program."""
        # One connection for a file: its rate is the one in the address.
        fixed = ("-d", str(self.downloads), "-x", "1")
        return Terminal(*fixed, *arguments, home=self.home, columns=columns, rows=rows)

    def is_done(self, name: str) -> bool:
        """Whether the file has its final name."""
        return (self.downloads / name).exists()

    def check_files(self) -> None:
        """Everything is here and right, and nothing else is."""
        assert sorted(path.name for path in self.downloads.iterdir()) == sorted(self.served)
        for name, served in self.served.items():
            with (self.downloads / name).open("rb") as file:
                assert hashlib.file_digest(file, "sha256").hexdigest() == served.content.sha256()

    def check_traffic(self, name: str, stops: int) -> None:
        """For each stop, no more than a second of traffic and the overlap came twice."""
        served = self.served[name]
        eventually(lambda: len(self._nginx.sent_bytes(served.path)) == stops + 1)
        twice = sum(self._nginx.sent_bytes(served.path)) - served.content.size
        assert twice <= stops * (served.rate + OVERLAP)


@pytest.fixture
def story(nginx: Nginx, tmp_path: Path) -> Story:
    return Story(nginx, tmp_path)


def percent(row: str) -> int:
    """The percentage that a row shows; -1 when it shows none."""
    numbers = [part[:-1] for part in row.split() if part.endswith("%")]
    return int(numbers[0]) if numbers else -1


def has_reached(terminal: Terminal, name: str, wanted_percent: int) -> bool:
    """Whether a file is on its way and so far."""
    row = terminal.row(name)
    return "MB/s" in row and percent(row) >= wanted_percent


def quit_and_save(terminal: Terminal) -> None:
    """Quit while one download runs."""
    terminal.press("q")
    terminal.until(lambda: "1 running" in terminal.text)
    terminal.press("y")
    assert terminal.until_ended() == 0
    assert terminal.is_restored


def test_paste_pause_cancel_quit_and_go_on(story: Story) -> None:
    big = story.serve("big.bin", 24 * MIB, 6 * MIB)
    medium = story.serve("medium.bin", 30 * MIB, 8 * MIB)
    small = story.serve("small.bin", KIB, MIB)
    with story.run() as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.paste(f"{big}\n{medium}\n{small}")
        terminal.until(lambda: "3 new" in terminal.text)
        terminal.press("F2")
        terminal.until(lambda: "done" in terminal.row("small.bin"))
        assert terminal.names == ["big.bin", "medium.bin", "small.bin"]
        terminal.highlight("big.bin")
        terminal.until(lambda: has_reached(terminal, "big.bin", 5))
        terminal.press("p")
        terminal.until(lambda: "paused" in terminal.row("big.bin"))
        terminal.highlight("medium.bin")
        terminal.until(lambda: has_reached(terminal, "medium.bin", 40))
        terminal.press("x")
        terminal.until(lambda: "Cancel medium.bin?" in terminal.text)
        terminal.press("k")
        terminal.until(lambda: "kept" in terminal.row("medium.bin"))
        terminal.highlight("big.bin")
        terminal.press("p")
        terminal.until(lambda: has_reached(terminal, "big.bin", 5))
        quit_and_save(terminal)

    with story.run() as terminal:
        # What ran goes on by itself; what was cancelled waits for a word.
        terminal.until(lambda: has_reached(terminal, "big.bin", 5))
        assert "kept" in terminal.row("medium.bin")
        terminal.highlight("medium.bin")
        terminal.press("r")
        terminal.until(lambda: all("done" in terminal.row(name) for name in story.served))
        terminal.press("q")
        assert terminal.until_ended() == 0

    story.check_files()
    story.check_traffic("big.bin", stops=2)
    story.check_traffic("medium.bin", stops=1)
    story.check_traffic("small.bin", stops=0)


def test_a_terminal_that_stops_reading_does_not_stop_downloads(story: Story) -> None:
    url = story.serve("file.bin", 12 * MIB, 3 * MIB)
    with story.run(url, columns=160, rows=45) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 1))
        # Nobody reads from here on. Showing and hiding the panel makes many large pictures, more
        # than the system and the interface's writer keep for a reader.
        terminal.type("i" * 100)
        assert terminal.waiting_bytes > 3000, "the terminal is not full"
        assert not story.is_done("file.bin"), "the download was over too soon"
        eventually(lambda: story.is_done("file.bin"))
        terminal.until(lambda: "done" in terminal.row("file.bin"))
        terminal.press("q")
        assert terminal.until_ended() == 0
        assert terminal.is_restored
    story.check_files()


def test_the_picture_follows_the_size_of_the_window(story: Story) -> None:
    url = story.serve("file.bin", 8 * MIB, 4 * MIB)
    with story.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 1))
        assert "Overview" not in terminal.text
        terminal.resize(120, 30)
        terminal.until(lambda: "Overview" in terminal.lines[23])
        terminal.resize(200, 50)
        terminal.until(lambda: "Overview" in terminal.lines[3])
        terminal.resize(39, 9)
        terminal.until(lambda: terminal.text.startswith("window too small (40x10)"))
        eventually(lambda: story.is_done("file.bin"))
        terminal.resize(80, 24)
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    story.check_files()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_saves_and_leaves_the_terminal_as_it_was(story: Story, number: int) -> None:
    url = story.serve("file.bin", 8 * MIB, 4 * MIB)
    with story.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 10))
        assert terminal.is_on(ALTERNATE_SCREEN)
        told_at = time.monotonic()
        terminal.kill(number)
        assert terminal.until_ended() == 0
        assert time.monotonic() - told_at < LEAVES_WITHIN_S
        assert terminal.is_restored
    with story.run() as terminal:
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    story.check_files()
    story.check_traffic("file.bin", stops=1)


def test_a_terminal_that_is_closed_saves_and_ends(story: Story) -> None:
    url = story.serve("file.bin", 8 * MIB, 4 * MIB)
    with story.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 10))
        terminal.hang_up()
        assert terminal.ends_within(LEAVES_WITHIN_S)
    with story.run() as terminal:
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    story.check_files()
    story.check_traffic("file.bin", stops=1)


def test_a_second_instance_says_who_is_there(story: Story) -> None:
    with story.run() as first:
        first.until(lambda: "Paste links here" in first.text)
        with story.run() as second:
            assert second.until_ended() == 1
            assert f"already running here (process {first.pid})" in " ".join(second.lines)
            assert not second.is_on(ALTERNATE_SCREEN)


def test_after_kill_9_the_next_start_goes_on(story: Story) -> None:
    url = story.serve("file.bin", 16 * MIB, 4 * MIB)
    with story.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 40))
        terminal.kill(signal.SIGKILL)
        assert terminal.until_ended() == -signal.SIGKILL
    with story.run() as terminal:
        # It does not begin at 0.
        terminal.until(lambda: percent(terminal.row("file.bin")) >= 0)
        assert percent(terminal.row("file.bin")) >= 10
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    story.check_files()
    story.check_traffic("file.bin", stops=1)
