"""Notices that a download is among the rows again which the user's own deed had taken out of them.

The highlight went on to the next one, and stays there: only the user moves it. Who still means the
first has to be told that it is not the one that keys are about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Snapshot


class Returns:
    """Looks at the rows each time that they have changed."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._heir: int | None = None

    def see(
        self,
        rows: Sequence[Snapshot],
        before: int | None,
        now: int | None,
        *,
        is_new_look: bool,
    ) -> str:
        """Return what is to be said, "" for nothing; nothing is once the user has gone elsewhere.

        Args:
            before: what was highlighted among the rows of before.
            now: what is highlighted among these.
            is_new_look: the user chose another view, filter or order.
        """
        if is_new_look or before != self._heir:
            self._left = None
        if now != before:
            self._left, self._heir = None if is_new_look else before, now
            return ""
        places = {row.download_id: place for place, row in enumerate(rows)} if self._left else {}
        if self._left not in places or now is None:
            return ""
        place, self._left = places[self._left], None
        where = "above" if place < places[now] else "below"
        return f"{rows[place].name} is here again, {where} the highlight"
