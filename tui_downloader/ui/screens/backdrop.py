"""What is seen of a screen under a dialog: its lines, darkened or faint."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.color import Color
    from textual.geometry import Size
    from textual.screen import Screen

_STYLES_KEPT = 1024
_FAINT = Style(dim=True, bold=False)


class Darkened(BackgroundScreen):
    """Mixes each colour once: a whole window has some twenty, in a thousand pieces."""

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        for text, style, control in segments:
            yield Segment(text, style if control else _tinted(style, color), control)


@lru_cache(maxsize=_STYLES_KEPT)
def _tinted(style: Style | None, color: Color) -> Style | None:
    (segment,) = BackgroundScreen.process_segments([Segment("", style)], color)
    return segment.style


class Faint(BackgroundScreen):
    """Mixes nothing: what the terminal's own colours look like is not known, or there are none."""

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        for text, style, control in segments:
            if control:
                yield Segment(text, style, control)
            else:
                yield Segment(text, (_tinted(style, color) or Style()) + _FAINT)


class _View(NamedTuple):
    """Everything that the backdrop depends on, besides the screen under the dialog."""

    size: Size
    theme: str
    color: Color
    is_faint: bool


class Backdrop:
    """The lines under a dialog, as of the last look.

    Args:
        dialog: lies over the screen before it in the stack.
        is_dimmed: what is under it steps back, also where no colours can be mixed.
    """

    def __init__(self, dialog: Screen[Any], *, is_dimmed: bool) -> None:
        self._dialog = dialog
        self._is_dimmed = is_dimmed
        self._view: _View | None = None
        self._strips: Sequence[Strip] = ()

    @property
    def screen(self) -> Screen[Any] | None:
        """The screen under the dialog; None while the dialog is not in the stack."""
        stack = self._dialog.app.screen_stack
        return stack[stack.index(self._dialog) - 1] if self._dialog in stack[1:] else None

    def line(self, y: int) -> Strip | None:
        """Return a line of that screen; None where there is none."""
        if self._view != self._view_now():
            self.look()
        return self._strips[y] if y < len(self._strips) else None

    def look(self) -> list[Region]:
        """Render the screen under the dialog, and return where it has changed."""
        before, view = self._strips, self._view_now()
        screen = self.screen
        self._strips, self._view = [] if screen is None else _lines_of(screen, view), view
        return unlike(before, self._strips, view.size.width)

    def _view_now(self) -> _View:
        app, color = self._dialog.app, self._dialog.styles.background
        return _View(app.size, app.theme, color, self._is_dimmed and not color.a)

    def forget(self) -> None:
        """The dialog is closed."""
        self._view, self._strips = None, ()


def _lines_of(screen: Screen[Any], view: _View) -> list[Strip]:
    look = Faint if view.is_faint else Darkened
    segments = screen.app.console.render(look(screen, view.color))
    return [Strip(line) for line in Segment.split_lines(segments)]


def unlike(before: Sequence[Strip], now: Sequence[Strip], width: int) -> list[Region]:
    """Return the lines that differ, as ranges."""
    regions: list[Region] = []
    for y, strip in enumerate(now):
        if y < len(before) and before[y] == strip:
            continue
        if regions and regions[-1].bottom == y:
            regions[-1] = regions[-1].grow((0, 0, 1, 0))
        else:
            regions.append(Region(0, y, width, 1))
    return regions
