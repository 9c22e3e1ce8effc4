"""What is asked about the sizes of links, and what is said of them before, meanwhile and after."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.waiting import eventually
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.errors import DownloadError
from tui_downloader.model.links.link import Link
from tui_downloader.model.statuses import status_error
from tui_downloader.ui.adding.link_sizes import MOST_ASKED, LinkSizes
from tui_downloader.ui.view.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Sequence

A, B = Link("https://a.example/a.iso"), Link("https://b.example/b.iso")
HALF_HERE = Link("https://c.example/c.iso", done_bytes=2_000_000, total_bytes=4_000_000)
MUCH_HERE = Link("https://d.example/d.iso", done_bytes=2_000_000)


class Asking:
    """Sizes that are asked of servers which answer as a test wants it.

    Attributes:
        answers: what they say, by address; nothing of any other.
        asked: the addresses, in their order.
        gate: opened where answers come at once.
        changes: how often there was something new to show.
    """

    def __init__(self) -> None:
        self.answers: dict[str, int | DownloadError] = {}
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.changes = 0
        self.sizes = LinkSizes(self._ask, Figures())

    async def _ask(self, request: DownloadRequest) -> int | None:
        self.asked.append(request.url)
        await self.gate.wait()
        answer = self.answers.get(request.url)
        if isinstance(answer, DownloadError):
            raise answer
        return answer

    async def look(self, *links: Link) -> None:
        def changed() -> None:
            self.changes += 1

        await self.sizes.look(links, lambda link: DownloadRequest(link.url, "/"), changed)

    def words(self, links: Sequence[Link]) -> list[str]:
        return [self.sizes.words(link) for link in links]


async def test_nothing_is_said_before_it_is_asked_for() -> None:
    sizes = Asking().sizes
    assert sizes.words(A) == ""
    assert sizes.total([A, B]) == ""


async def test_what_a_part_tells_is_known_without_asking() -> None:
    asking = Asking()
    await asking.look(HALF_HERE)
    assert asking.asked == []
    assert asking.sizes.words(HALF_HERE) == "2.00 of 4.00 MB here"
    assert asking.sizes.total([HALF_HERE]) == "4.00 MB"
    assert asking.sizes.total([HALF_HERE, A]) == "at least 4.00 MB"


async def test_each_is_told_as_soon_as_it_is_known() -> None:
    asking = Asking()
    asking.answers = {A.url: 5_000_000}
    asking.gate.clear()
    task = asyncio.create_task(asking.look(A, B))
    await eventually(lambda: len(asking.asked) == 2)
    assert asking.changes == 1
    assert asking.words([A, B]) == ["asking for the size"] * 2
    asking.gate.set()
    await task
    assert asking.changes == 3
    assert asking.words([A, B]) == ["5.00 MB", "size not told"]


async def test_an_answer_is_shown_while_others_are_waited_for() -> None:
    asking = Asking()
    seen: list[list[str]] = []
    asking.answers = {A.url: 5_000_000}
    links = (A, B)
    await asking.sizes.look(
        links,
        lambda link: DownloadRequest(link.url, "/"),
        lambda: seen.append(asking.words(links)),
    )
    assert seen == [
        ["asking for the size", "asking for the size"],
        ["5.00 MB", "asking for the size"],
        ["5.00 MB", "size not told"],
    ]


async def test_a_link_that_led_nowhere_is_asked_again_and_told_anew() -> None:
    asking = Asking()
    asking.answers = {A.url: status_error(404)}
    await asking.look(A)
    assert asking.sizes.words(A) == "404 not found"
    asking.answers = {A.url: 5_000_000}
    await asking.look(A)
    assert asking.asked == [A.url, A.url]
    assert asking.sizes.words(A) == "5.00 MB"


async def test_what_is_here_is_told_also_where_the_link_leads_nowhere() -> None:
    asking = Asking()
    asking.answers = {MUCH_HERE.url: status_error(404)}
    await asking.look(MUCH_HERE)
    assert asking.sizes.words(MUCH_HERE) == "2.00 MB here"


async def test_who_stops_asking_is_not_said_to_ask() -> None:
    asking = Asking()
    asking.gate.clear()
    task = asyncio.create_task(asking.look(A))
    await eventually(lambda: asking.asked)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert asking.sizes.words(A) == ""


async def test_the_first_of_a_long_list_are_asked_for_and_then_the_next() -> None:
    asking = Asking()
    links = [Link(f"https://host.example/{number}.iso") for number in range(MOST_ASKED + 5)]
    asking.answers = {link.url: 1 for link in links}
    await asking.look(*links)
    assert asking.asked == [link.url for link in links[:MOST_ASKED]]
    assert asking.sizes.total(links) == f"at least {MOST_ASKED} B"
    await asking.look(*links)
    assert asking.asked == [link.url for link in links]
    assert asking.sizes.total(links) == f"{MOST_ASKED + 5} B"
