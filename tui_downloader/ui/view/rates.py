"""The last speeds of running downloads and of all together, one value a second, for graphs."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.ui.view.board import Board

_SPARK_SECONDS = 12
_TOTAL_SECONDS = 120


class Rates:
    """Keeps one sample of the speeds per second."""

    def __init__(self) -> None:
        self.total: deque[float] = deque(maxlen=_TOTAL_SECONDS)
        self._by_id: dict[int, deque[float]] = {}
        self._second = 0

    @property
    def by_id(self) -> dict[int, Sequence[float]]:
        """Bytes per second of running downloads, one value a second, oldest first."""
        return {download_id: tuple(values) for download_id, values in self._by_id.items()}

    def note(self, board: Board, now: float) -> None:
        """Take a sample; only the first of each second counts."""
        if int(now) == self._second:
            return
        known = self._by_id
        if known and int(now) == self._second + 2:
            # Only a sample that came a moment late; everything went on.
            self.total.append(board.snapshot.bytes_per_s)
        else:
            self.stand_still(int(now) - 1)
        self._second = int(now)
        self.total.append(board.snapshot.bytes_per_s)
        self._by_id = {}
        for download in board.active:
            values = known.get(download.download_id) or deque(maxlen=_SPARK_SECONDS)
            values.append(download.bytes_per_s)
            self._by_id[download.download_id] = values

    def stand_still(self, now: float) -> None:
        """Nothing was sampled until now, because nothing moved."""
        self.total.extend([0.0] * min(_TOTAL_SECONDS, int(now) - self._second))
        self._second = int(now)
