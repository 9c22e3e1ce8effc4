"""Commands about the list itself: highlight, views, marks, filter, order, undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.ui.screens.ask import Choice
from tui_downloader.ui.view.board import View
from tui_downloader.ui.view.filtering import Filter, parse_filter
from tui_downloader.ui.view.sort_keys import SORT_LETTERS, SortKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.widgets.filter_bar import FilterBar
    from tui_downloader.ui.widgets.queue import QueueList

_REVERSE = "reverse"


class ListActions:
    """Carries out commands that change how the list is shown, but not its content.

    Args:
        desk: view, filter and order, marks, and what can be taken back.
        queue: holds the highlight.
        look_anew: shows the list after view, filter or order have changed.
        show_marks: shows the marks after they have.
    """

    def __init__(
        self,
        desk: Desk,
        queue: QueueList,
        look_anew: Callable[[], None],
        show_marks: Callable[[], None],
    ) -> None:
        self._desk, self._queue = desk, queue
        self._lens, self._marks, self._undo = desk.lens, desk.marks, desk.undo
        self._look_anew, self._show_marks = look_anew, show_marks
        self._bar: FilterBar | None = None
        self.handlers: dict[str, Callable[[], None]] = {
            **self._highlight_handlers(),
            **{view.command_id: partial(self._set_view, view) for view in View},
            "mark": self._mark,
            "mark_range": self._mark_range,
            "mark_all": self._mark_all,
            "filter": self._open_filter,
            "sort": self._ask_order,
            "reverse": self._reverse,
            **{f"sort_{key.value}": partial(self._sort_by, key) for key in SortKey},
            "undo": self._take_back,
        }

    def _highlight_handlers(self) -> dict[str, Callable[[], None]]:
        queue = self._queue
        return {
            "down": lambda: queue.move_by(1),
            "up": lambda: queue.move_by(-1),
            "first": lambda: queue.move_to(0),
            "last": lambda: queue.move_to(len(queue.ids) - 1),
            "page_down": lambda: queue.move_by(queue.page_rows),
            "page_up": lambda: queue.move_by(-queue.page_rows),
            "half_down": lambda: queue.move_by(max(1, queue.page_rows // 2)),
            "half_up": lambda: queue.move_by(-max(1, queue.page_rows // 2)),
        }

    def _set_view(self, view: View) -> None:
        self._lens.view = view
        self._look_anew()

    def go_to(self, download_id: int) -> None:
        """Highlight a download; all are shown if the view or the filter hides it."""
        if download_id not in self._queue.ids:
            self._lens.wanted = Filter()
            self._set_view(View.ALL)
        self._queue.move_to_id(download_id)

    # Marks.

    def _mark(self) -> None:
        if (highlighted := self._queue.highlighted_id) is not None:
            self._marks.toggle(highlighted)
            self._queue.move_by(1)
            self._show_marks()

    def mark_clicked(self, download_id: int) -> None:
        """The cell for the mark was clicked."""
        self._marks.toggle(download_id)
        self._show_marks()

    def _mark_range(self) -> None:
        highlighted = self._queue.highlighted_id
        if self._marks.is_drawing:
            self._marks.end_range()
        elif highlighted is not None:
            self._marks.begin_range(highlighted)
        self._show_marks()

    def _mark_all(self) -> None:
        self._marks.toggle_all(self._queue.ids)
        self._show_marks()

    # The filter.

    @property
    def is_filtering(self) -> bool:
        """A filter is being typed."""
        return self._bar is not None and self._bar.display

    @property
    def is_opening_filter(self) -> bool:
        """The field for the filter takes no keys yet."""
        return self._bar is not None and self._bar.is_opening

    def _open_filter(self) -> None:
        if self._bar is None:
            # The field is loaded when it is first needed: start-up stays short.
            from tui_downloader.ui.widgets.filter_bar import FilterBar

            self._bar = FilterBar(id="filter-bar")
            self._desk.screen.query_one("#viewline").mount(self._bar)
        self._bar.display = True
        self._bar.call_after_refresh(self._begin_filter, self._bar)

    def _begin_filter(self, bar: FilterBar) -> None:
        bar.open(self._lens.wanted.text)
        # The views have less room now: of a field that was new, not before it was laid out.
        self._desk.screen.call_after_refresh(self._show_marks)

    def filter_typed(self, text: str) -> None:
        """Filter the list by a text that may be incomplete."""
        self._lens.touched()
        self._lens.wanted = parse_filter(text)
        self._look_anew()

    def show_only(self, text: str) -> None:
        """Show only what a filter matches, in the view of all downloads."""
        self._lens.wanted = parse_filter(text)
        self._set_view(View.ALL)

    def end_filter(self, *, is_kept: bool) -> None:
        """Close the field, and keep or clear the filter."""
        if self._bar is not None:
            self._bar.display = False
        if not is_kept:
            self._lens.wanted = Filter()
        self._desk.screen.set_focus(self._queue)
        self._look_anew()
        # The line of views is as wide as before only after the next layout.
        self._desk.screen.call_after_refresh(self._show_marks)

    def leave_something(self) -> None:
        """Esc: clear the filter, else the marks, else show all downloads if the view is empty."""
        if self._lens.wanted or self.is_filtering:
            self.end_filter(is_kept=False)
        elif not self._desk.board.matching and self._lens.view is not View.ALL:
            self._set_view(View.ALL)
        elif self._marks.is_drawing:
            self._marks.drop_range()
            self._show_marks()
        elif self._marks.ids:
            self._marks.clear()
            self._show_marks()

    # The order.

    def _ask_order(self) -> None:
        # The menu is loaded when it is first needed: start-up stays short.
        from tui_downloader.ui.screens.menu import MenuScreen

        choices = [Choice((key,), by.value, f"sort_{by.value}") for key, by in SORT_LETTERS.items()]
        reverse = Choice(("S",), "reverse", _REVERSE)

        def chosen(command_id: str | None) -> None:
            if command_id is not None:
                self._lens.touched()
                self.handlers[command_id]()

        self._desk.open(MenuScreen("sort by", (*choices, reverse)), chosen)

    def _sort_by(self, key: SortKey) -> None:
        self._lens.sort = self._lens.sort.chosen(key)
        self._look_anew()

    def _reverse(self) -> None:
        self._lens.sort = self._lens.sort.reversed()
        self._look_anew()

    # Undo.

    def _take_back(self) -> None:
        if outcome := self._undo.outcome:
            # Said first: what taking it back says of files stands below.
            self._desk.say_instead(outcome)
            self._undo.take_back()
