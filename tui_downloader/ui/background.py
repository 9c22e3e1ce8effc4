"""Work that goes on while the interface does: how it begins, and whether it is still wanted.

A dialog that is closed is taken apart widget by widget, and what works for it in the background is
stopped only after that: it may find the dialog half taken apart.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from types import TracebackType

    from textual.dom import DOMNode
    from textual.screen import Screen
    from textual.worker import Worker


SLOW_S = 0.5

P = ParamSpec("P")
T = TypeVar("T")


class _HandingOver:
    """What goes wrong inside is for who awaits the outcome."""

    def __init__(self, outcome: Future[Any]) -> None:
        self._outcome = outcome

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, _: object, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[True]:
        if error is not None:
            self._outcome.set_exception(error)
        return True


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what may look at a disk that hangs.

    It has a thread for itself, for which nobody else waits: neither name lookups, which have few
    threads, nor the end of the program.
    """
    outcome: Future[T] = Future()

    def work() -> None:
        if not outcome.set_running_or_notify_cancel():
            return  # nobody waits for it any more
        with _HandingOver(outcome):
            outcome.set_result(function(*args, **kwargs))

    threading.Thread(target=work, name="look", daemon=True).start()
    return await asyncio.wrap_future(outcome)


async def told_when_slow(work: Awaitable[T], tell: Callable[[], None]) -> T:
    """Wait for some work, and tell when it takes so long that somebody wonders."""
    timer = asyncio.get_running_loop().call_later(SLOW_S, tell)
    try:
        return await work
    finally:
        timer.cancel()


def begin(
    node: DOMNode,
    work: Callable[[], Coroutine[Any, Any, None]],
    *,
    group: str,
    exclusive: bool = False,
) -> Worker[None]:
    """Begin some work that ends with `node`; it is called only then, and may be ended before.

    Args:
        exclusive: end what else works for the node in this group.
    """
    worker: Worker[None] = node.run_worker(work, group=group, exclusive=exclusive)
    return worker


def is_closed(screen: Screen[Any]) -> bool:
    """Tell of a screen that was shown that nothing of it may be touched any more.

    Its widgets are all there as long as it runs: they are told to go when it has ended.
    """
    return not screen.is_running or screen not in screen.app.screen_stack
