"""The base of all dialogs: the list under them stays visible."""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.screen import ScreenResultType
from textual.widget import Widget

from tui_downloader.ui.background import is_closed
from tui_downloader.ui.preloading import read_styles
from tui_downloader.ui.screens.backdrop import Backdrop
from tui_downloader.ui.screens.cover import Cover, CoverableModal

if TYPE_CHECKING:
    from typing import Self

    from textual.app import App
    from textual.events import ScreenResume
    from textual.geometry import Region
    from textual.screen import Screen
    from textual.strip import Strip
    from textual.timer import Timer

# As often as the list is sampled: what is under a dialog moves no faster.
_LOOK_EVERY_S = 0.25


def hide_messages(screen: Screen[Any]) -> None:
    """Hide messages while another screen is over this one: it shows them itself.

    When this one is on top again, Textual shows the remaining ones.
    """
    for rack in screen.query_children("ToastRack"):
        rack.display = False


def clear_messages(app: App[Any]) -> None:
    """Remove all messages, and with them the empty rows that Textual would leave."""
    app.clear_notifications()
    for screen in app.screen_stack:
        for rack in screen.query_children("ToastRack"):
            rack.remove_children()


class LightModal(CoverableModal[ScreenResultType]):
    """A modal screen that opens as Textual's own does, but faster and in smaller steps.

    What is under it shows through, and is painted line by line as it changes.

    Attributes:
        DIMS: what is under it steps back; else that is looked at, too.
    """

    DIMS: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [
        # It has the keys to itself, but for what is about the whole program.
        Binding("ctrl+z", "app.suspend", show=False),
    ]
    _next_look: Timer | None = None

    @cached_property
    def _backdrop(self) -> Backdrop:
        return Backdrop(self, is_dimmed=self.DIMS)

    def on_compose(self) -> None:
        """Read the styles, and set the classes for the window's size, before there are widgets.

        Textual may read them after the widgets (with the eager tasks of Python 3.12). If the
        classes came with the first layout, all widgets would be styled a second time.
        """
        app = self.app
        is_new = [read_styles(app.stylesheet, Path(path)) for path in self.css_path]
        if any(is_new):
            app.stylesheet.apply(self)
        for length, breakpoints in (
            (app.size.width, app.HORIZONTAL_BREAKPOINTS),
            (app.size.height, app.VERTICAL_BREAKPOINTS),
        ):
            fitting = [point for point in breakpoints or () if point[0] <= length]
            self.add_class(*(name for _, name in sorted(fitting)[-1:]))
        self._backdrop.look()  # together with the first picture it would take too long

    def on_screen_resume(self, event: ScreenResume) -> None:
        # It was styled when it was made, and at each change of theme.
        event.refresh_styles = False

    @on(Resize)
    def _follow_window(self) -> None:
        self.follow(self.app.size)

    @on(Resize)
    async def _give_way(self) -> None:
        """Let keys and downloads be handled between layouts and paints, which would block them."""
        await asyncio.sleep(0)

    def on_screen_suspend(self) -> None:
        hide_messages(self)
        self._drop_pictures()

    def _drop_pictures(self) -> None:
        """Free the rendered lines of a closed dialog.

        Textual keeps those of the last thousand widgets, several megabytes.
        """
        if is_closed(self):
            self._backdrop.forget()
            for widget in self.walk_children(Widget, with_self=True):
                widget.refresh()

    def action_copy_text(self) -> None:
        """ctrl+c: copy the selection; without one, do what ctrl+c does everywhere."""
        try:
            super().action_copy_text()
        except SkipAction:
            self.call_later(self.run_action, "app.interrupt")

    # What is under it.

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Repaint; given regions, only if something under the dialog looks different.

        Textual passes every region that ever changed in the screen below, with each message to it.
        The whole window would be sent to the terminal several times a second.
        """
        if not regions:
            return super().refresh(repaint=repaint, layout=layout, recompose=recompose)
        if self._next_look is None:
            self._next_look = self.set_timer(_LOOK_EVERY_S, self.look_under)
        return self

    def look_under(self) -> None:
        """Repaint where the screen below looks different."""
        self._next_look = None
        under = self._backdrop.screen
        if isinstance(under, LightModal):
            under.look_under()
        if regions := self._backdrop.look():
            super().refresh(*regions)
            self.query_children(Cover).refresh()

    def render_line(self, y: int) -> Strip:
        line = self._backdrop.line(y)
        return super().render_line(y) if line is None else line


class Dialog(LightModal[ScreenResultType]):
    """A modal screen that esc leaves without a result."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", show=False)]

    def action_back(self) -> None:
        """Close without a result."""
        self.dismiss(None)
