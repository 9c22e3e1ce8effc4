"""Whether a dialog is still there after something was waited for.

A dialog that is closed is taken apart widget by widget, and what works for it in the background is
stopped only after that: it may find the dialog half taken apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen


def is_closed(screen: Screen[Any]) -> bool:
    """Tell of a screen that was shown that nothing of it may be touched any more.

    Its widgets are all there as long as it runs: they are told to go when it has ended.
    """
    return not screen.is_running or screen not in screen.app.screen_stack
