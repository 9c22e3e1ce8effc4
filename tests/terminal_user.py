"""One user of the program in a terminal, and what nginx has for that user."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.nginx import Nginx
from tests.server import Pattern
from tests.terminal import Terminal, eventually

KIB = 1024
MIB = 1024 * KIB
# A resume compares this much with what is on disk.
OVERLAP = 64 * KIB


@dataclass
class Served:
    """A file on nginx, sent at a rate, in bytes per second."""

    url: str
    path: str
    content: Pattern
    rate: int


class User:
    """State and downloads stay from run to run, and so do the files on nginx."""

    def __init__(self, nginx: Nginx, folder: Path) -> None:
        self.home, self.downloads = folder / "home", folder / "downloads"
        self.downloads.mkdir()
        self._nginx = nginx
        self._place = folder.name
        (nginx.root / self._place).mkdir()
        self.served: dict[str, Served] = {}

    def leave(self) -> None:
        """Take the files off nginx."""
        shutil.rmtree(self._nginx.root / self._place)

    def serve(self, name: str, size: int, rate: int) -> str:
        """Put a file on nginx; return its address. Rates are whole KiB per second."""
        content = Pattern(size, seed=len(self.served))
        path = f"/{self._place}/{name}"
        content.write_to(self._nginx.root / self._place / name)
        url = self._nginx.url(f"/slow/{rate // KIB}{path}")
        self.served[name] = Served(url, path, content, rate)
        return url

    def run(self, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        """Start the program with one connection for a file: its rate is the one in the address."""
        return self.run_as_it_comes("-x", "1", *arguments, columns=columns, rows=rows)

    def run_as_it_comes(self, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        """Start the program as it is without options."""
        fixed = ("-d", str(self.downloads))
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


def percent(row: str) -> int:
    """The percentage that a row shows; -1 when it shows none."""
    numbers = [part[:-1] for part in row.split() if part.endswith("%")]
    return int(numbers[0]) if numbers else -1


def has_reached(terminal: Terminal, name: str, wanted_percent: int) -> bool:
    """Whether a file is on its way and so far."""
    row = terminal.row(name)
    return "MB/s" in row and percent(row) >= wanted_percent


def quit_and_save(terminal: Terminal) -> None:
    """Quit while something runs."""
    terminal.press("q")
    terminal.until(lambda: " running." in terminal.text)
    terminal.press("y")
    assert terminal.until_ended() == 0
    assert terminal.is_restored
