"""How the app looks: our themes, and the window sizes that stylesheets distinguish."""

from __future__ import annotations

from textual.app import App

from tui_downloader.ui.view.theme import DARK, THEMES, with_roles

_WIDE_COLUMNS, _TALL_ROWS = 70, 20


class ThemedApp(App[None]):
    """An app with our themes besides those of the framework; nothing in it is animated."""

    def prepare_look(self, theme: str) -> None:
        """Register our themes and window sizes, and set the first theme."""
        self.animation_level = "none"
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE_COLUMNS, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (_TALL_ROWS, "-tall")]
        for ours in THEMES:
            self.register_theme(ours)
        self.set_theme(theme)

    def set_theme(self, theme: str) -> None:
        """Change the theme; an unknown name stands for the dark one."""
        self.theme = theme if theme in self.available_themes else DARK.name

    def get_css_variables(self) -> dict[str, str]:
        return with_roles(super().get_css_variables())

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._restyle)

    def on_resize(self) -> None:
        """Draw all again once it is laid out for the new size.

        The terminal may have lost lines that look the same in both layouts, and the window may have
        had a third size in between that nothing was drawn for.
        """
        if self.screen_stack:
            self.screen.call_after_refresh(self.screen.refresh)

    def _restyle(self, _: object) -> None:
        """Draw all again in a new theme: a widget that keeps styles of its parts may not notice."""
        for screen in self.screen_stack:
            for widget in screen.query("*"):
                widget.notify_style_update()
                widget.refresh()
