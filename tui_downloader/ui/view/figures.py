"""Formats numbers for the interface: in the user's units, and in widths that fit the columns."""

from __future__ import annotations

from typing import NamedTuple

from tui_downloader.model import units


class Figures(NamedTuple):
    """Writes numbers.

    Attributes:
        is_binary: KiB, MiB, GiB instead of kB, MB, GB.
    """

    is_binary: bool = False

    def size(self, n_bytes: int) -> str:
        """A number of bytes: "5.87 GB"."""
        return units.format_bytes(n_bytes, binary=self.is_binary)

    def pair(self, done_bytes: int, total_bytes: int) -> str:
        """Done and total in the unit of the total: "3.64/5.87 GB"."""
        return units.format_progress(done_bytes, total_bytes, binary=self.is_binary)

    def part(self, done_bytes: int, total_bytes: int | None) -> str:
        """The same in words, as far as the total is known: "3.64 of 5.87 GB"."""
        words = units.format_progress(done_bytes, total_bytes, binary=self.is_binary)
        return words.replace("/", " of ").strip()

    def rate(self, bytes_per_s: float) -> str:
        """A speed: "41.2 MB/s"."""
        return units.format_rate(bytes_per_s, binary=self.is_binary)

    def left(self, seconds: float | None) -> str:
        """Time left as a clock: "0:54", "1:02:03", "--"."""
        return units.format_eta(seconds)

    def duration(self, seconds: float | None) -> str:
        """A length of time in words: "4m12s"."""
        return units.format_duration(seconds)
