"""A dialog over the list, which shows through, darkened."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, ScreenResultType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType
    from rich.style import Style
    from textual.color import Color

_STYLES_KEPT = 1024


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen; it paints what is under it as Textual's own does, but faster."""

    def render(self) -> RenderableType:
        under = super().render()
        if isinstance(under, BackgroundScreen):
            return Backdrop(under.screen, under.color)
        return under


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
