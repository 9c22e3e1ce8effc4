"""Turns roles of text, such as "muted" or "warning", into styles of the current theme.

The colours of roles are component classes of the application. If they were those of each widget, it
would be styled once per role when it is created and with every change of the theme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_downloader.ui.view.hyperlinks import target_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tui_downloader.ui.view.pieces import Piece

ROLES = (
    "text", "name", "strong", "muted", "accent", "warning", "error", "success", "bar", "track",
    "speed", "spark", "tip", "graph-1", "graph-2", "graph-3", "graph-4", "graph-5", "graph-6",
    "graph-7", "graph-8", "graph-9", "cursor", "mark", "key", "tab", "highlight",
    "highlight-blurred",
)  # fmt: skip

ROLE_CLASSES = {f"role--{role}" for role in ROLES}


class Styles:
    """A cache of the styles of roles for one widget, until the theme changes."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._known: dict[tuple[str, str], Style] = {}

    def clear(self) -> None:
        """Forget all styles: the theme or the widget's own style changed."""
        self._known.clear()

    def style(self, role: str, under: str = "") -> Style:
        """Return the style of a role, on the background of the role `under` if given."""
        key = (role, under)
        if (known := self._known.get(key)) is None:
            known = self._known[key] = self._look_up(role, under)
        return known

    def _look_up(self, role: str, under: str) -> Style:
        app = self._widget.app
        own = self._rich_style(role)
        if not under:
            return own
        if app.no_color or app.current_theme.ansi:
            # What the terminal's own colours look like on each other is not known.
            return Style(bold=own.bold, reverse=True)
        return own + Style(bgcolor=self._rich_style(under).bgcolor)

    def _rich_style(self, role: str) -> Style:
        """The style of a role, applied over that of the widget."""
        said = self._widget.app.get_component_styles(f"role--{role}")
        _, ground = self._widget.background_colors
        ground += said.background
        colors = Style.from_color(
            (ground + said.color).rich_color if said.has_rule("color") else None,
            ground.rich_color if ground.a else None,
        )
        return self._widget.rich_style + colors + said.text_style

    def strip(self, pieces: Iterable[Piece], width: int, under: str = "") -> Strip:
        """Make a line of exactly `width` cells."""
        segments = [self._segment(text, role, under) for text, role in pieces if text]
        used = sum(cell_len(segment.text) for segment in segments)
        if used < width:
            segments.append(Segment(" " * (width - used), self.style("text", under)))
            used = width
        strip = Strip(segments, used)
        return strip if used == width else strip.crop(0, width)

    def _segment(self, text: str, role: str, under: str) -> Segment:
        style = self.style(role, under)
        target = target_of(text)
        return Segment(text, style + Style(link=target) if target else style)
