"""Work that goes on while the interface does: how it begins, and whether it is still wanted.

A dialog that is closed is taken apart widget by widget, and what works for it in the background is
stopped only after that: it may find the dialog half taken apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.dom import DOMNode
    from textual.screen import Screen
    from textual.worker import Worker


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
