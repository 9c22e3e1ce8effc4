"""Commands about the speed limit of the whole program."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.ui.screens.main import MainScreen


class LimitActs:
    """Asks for a limit, and switches the last one off and on."""

    def __init__(self, screen: MainScreen, engine: Engine) -> None:
        self._screen = screen
        self._engine = engine
        self._last_limit: int | None = None
        self.handlers: dict[str, Callable[[], None]] = {
            "limit": self._ask_limit,
            "toggle_limit": self._toggle_limit,
        }

    def _ask_limit(self) -> None:
        # The field's widgets are loaded when they are first needed: start-up stays short.
        from tui_downloader.ui.screens.limit import LimitScreen, NewLimit

        def set_limit(answer: NewLimit | None) -> None:
            if answer is not None:
                self._set_limit(answer.bytes_per_s)

        limit = self._screen.board.snapshot.limit_bytes_per_s
        current = "" if limit is None else self._screen.figures.rate(limit)
        self._screen.app.push_screen(LimitScreen(current), set_limit)

    def _toggle_limit(self) -> None:
        limit = self._screen.board.snapshot.limit_bytes_per_s
        if limit is not None:
            self._last_limit = limit
            self._set_limit(None)
        elif self._last_limit is None:
            self._ask_limit()
        else:
            self._set_limit(self._last_limit)

    def _set_limit(self, bytes_per_s: int | None) -> None:
        self._engine.set_limit(bytes_per_s)
        words = "off" if bytes_per_s is None else self._screen.figures.rate(bytes_per_s)
        self._screen.say(f"Speed limit {words}")
        self._screen.wake()
