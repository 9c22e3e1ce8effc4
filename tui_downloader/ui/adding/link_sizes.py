"""The sizes of the links in the add dialog, asked of their servers only if the user wants that.

Some servers count the question as the one use of a link.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_downloader.model.errors import HttpStatusError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.link import Link
    from tui_downloader.ui.view.figures import Figures

_AT_ONCE = 4
MOST_ASKED = 100  # with one press: who pastes thousands of links does not mean a thousand questions


class LinkSizes:
    """Asks for sizes, and remembers them while the dialog is open.

    Args:
        ask: asks a server how many bytes a file has; None when it does not say. `Unreachable` when
            nobody knows the host, `HttpStatusError` when the host knows no such file.
        figures: how sizes are written.
    """

    def __init__(
        self, ask: Callable[[DownloadRequest], Awaitable[int | None]], figures: Figures
    ) -> None:
        self._ask = ask
        self._figures = figures
        self._found: dict[str, int | None] = {}  # by address
        self._asking: set[str] = set()
        self._problems: dict[str, str] = {}  # why there is no file, by address

    async def look(
        self,
        links: Iterable[Link],
        request_of: Callable[[Link], DownloadRequest],
        on_change: Callable[[], None],
    ) -> None:
        """Ask for the first unknown sizes, a few at a time.

        Args:
            request_of: makes of a link what is asked for.
            on_change: called whenever there is something new to show.
        """
        wanted = [link for link in links if self._size(link) is None][:MOST_ASKED]
        self._asking = asking = {link.url for link in wanted}
        turns = asyncio.Semaphore(_AT_ONCE)

        async def look_at(link: Link) -> None:
            async with turns:
                self._found[link.url] = await self._size_told(request_of(link), link.url)
            asking.discard(link.url)
            on_change()

        on_change()
        try:
            async with asyncio.TaskGroup() as group:
                for link in wanted:
                    group.create_task(look_at(link))
        finally:
            asking.clear()

    async def _size_told(self, request: DownloadRequest, url: str) -> int | None:
        self._problems.pop(url, None)
        try:
            return await self._ask(request)
        except Unreachable:
            self._problems[url] = "cannot find host"
        except HttpStatusError as error:
            self._problems[url] = str(error)
        return None

    def _size(self, link: Link) -> int | None:
        return self._found.get(link.url, link.total_bytes)

    def words(self, link: Link) -> str:
        """Say how large a link is, and how much of it is here; "" when it was not asked for."""
        if link.url in self._asking:
            return "asking for the size"
        size = self._size(link)
        if done := link.done_bytes:
            return f"{self._figures.part(done, size)} here"
        if problem := self._problems.get(link.url):
            return problem
        if size is None:
            return "size not told" if link.url in self._found else ""
        return self._figures.size(size).strip()

    def total(self, links: Iterable[Link]) -> str:
        """Say how large links are together, as far as known; "" when no size is known."""
        sizes = [self._size(link) for link in links]
        known = [size for size in sizes if size is not None]
        if not known:
            return ""
        least = "at least " if len(known) < len(sizes) else ""
        return f"{least}{self._figures.size(sum(known)).strip()}"
