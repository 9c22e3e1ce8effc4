"""A dialog over the list, which shows through, darkened."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget

from tui_downloader.ui.background import is_closed
from tui_downloader.ui.preloading import read_styles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import RenderableType
    from rich.style import Style
    from textual.color import Color
    from textual.events import ScreenResume
    from textual.screen import Screen

_STYLES_KEPT = 1024
# Dialogs have the keys to themselves, but for what is about the whole program.
SUSPEND = Binding("ctrl+z", "app.suspend", show=False)


def copy_or_interrupt(screen: ModalScreen[Any], copy: Callable[[], None]) -> None:
    """ctrl+c: copy what is selected; where nothing is, it means what it means everywhere."""
    try:
        copy()
    except SkipAction:
        screen.call_later(screen.run_action, "app.interrupt")


def hide_messages(screen: Screen[Any]) -> None:
    """Another screen comes over this one and shows the messages: they must not shine through.

    When this one is on top again, Textual shows what still stands.
    """
    for rack in screen.query_children("ToastRack"):
        rack.display = False


def open_lightly(screen: Screen[Any]) -> None:
    """Before a screen has widgets: read its styles, and give it the classes of the window's size.

    Textual may read them behind the widgets (with the eager tasks of Python 3.12). When the classes
    come with its first layout, all that is in it is styled once more.
    """
    app = screen.app
    is_new = [read_styles(app.stylesheet, Path(path)) for path in screen.css_path]
    if any(is_new):
        app.stylesheet.apply(screen)
    for length, breakpoints in (
        (app.size.width, app.HORIZONTAL_BREAKPOINTS),
        (app.size.height, app.VERTICAL_BREAKPOINTS),
    ):
        fitting = [point for point in breakpoints or () if point[0] <= length]
        screen.add_class(*(name for _, name in sorted(fitting)[-1:]))


def keep_styles(event: ScreenResume) -> None:
    """A screen comes to the front: it was styled when it was made, and at each change of theme."""
    event.refresh_styles = False


def drop_pictures(screen: Screen[Any]) -> None:
    """Another screen comes to the front: let go of all pictures of this one if it is closed.

    Textual would keep what it remembers of the last thousand widgets, megabytes.
    """
    if is_closed(screen):
        for widget in screen.walk_children(Widget, with_self=True):
            widget.refresh()


async def give_way() -> None:
    """Let keys and downloads have a turn: layouts and pictures in a row would block them."""
    await asyncio.sleep(0)


def darkened(under: RenderableType) -> RenderableType:
    """What is under a screen, painted as Textual does, but faster."""
    return Backdrop(under.screen, under.color) if isinstance(under, BackgroundScreen) else under


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that esc leaves without a result.

    It opens as Textual's own does, but faster and in smaller steps.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        SUSPEND,
        Binding("escape", "back", "Back", show=False),
    ]

    def action_back(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)

    def on_compose(self) -> None:
        open_lightly(self)

    def on_screen_resume(self, event: ScreenResume) -> None:
        keep_styles(event)

    @on(Resize)
    async def _give_way(self) -> None:
        await give_way()

    def on_screen_suspend(self) -> None:
        hide_messages(self)
        drop_pictures(self)

    def action_copy_text(self) -> None:
        copy_or_interrupt(self, super().action_copy_text)

    def render(self) -> RenderableType:
        return darkened(super().render())


class Backdrop(BackgroundScreen):
    """Mixes each colour once: a whole window has some twenty, in a thousand pieces."""

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        for text, style, control in segments:
            yield Segment(text, style if control else _tinted(style, color), control)


@lru_cache(maxsize=_STYLES_KEPT)
def _tinted(style: Style | None, color: Color) -> Style | None:
    (segment,) = BackgroundScreen.process_segments([Segment("", style)], color)
    return segment.style
