"""The main screen: lays its widgets out, shows boards and turns keys into commands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.screen import Screen

from tui_downloader.model.download import Details
from tui_downloader.ui.acts import DownloadActs
from tui_downloader.ui.bars import (
    footer_pieces,
    header_pieces,
    summary_pieces,
    views_pieces,
)
from tui_downloader.ui.board import Board, View, look_at
from tui_downloader.ui.columns import columns_for, heads
from tui_downloader.ui.commands import BY_ID, bindings
from tui_downloader.ui.desk import DeskActs
from tui_downloader.ui.details_lines import Tab
from tui_downloader.ui.edit_acts import EditActs
from tui_downloader.ui.intake import Intake
from tui_downloader.ui.rates import Rates
from tui_downloader.ui.records import RecordActs
from tui_downloader.ui.situation import Situation
from tui_downloader.ui.widgets.details import DetailsLines, DetailsPanel
from tui_downloader.ui.widgets.lines import Lines
from tui_downloader.ui.widgets.queue import QueueList
from tui_downloader.ui.words import Context

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.events import Paste, Resize
    from textual.widget import Widget

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.adding import AddOptions
    from tui_downloader.ui.feed import Feed
    from tui_downloader.ui.figures import Figures
    from tui_downloader.ui.glyphs import Glyphs
    from tui_downloader.ui.keymap import Keymap
    from tui_downloader.ui.program import ProgramActs

MIN_WIDTH, MIN_HEIGHT = 40, 10
_SIDE_FROM_WIDTH = 180
_BELOW_FROM_HEIGHT = 28
_CLOCK_EVERY_S = 20.0

_EMPTY_LIST = (
    "Paste links here (Ctrl+Shift+V, Cmd+V or middle click), press a, or drop a text file of "
    "links. ? shows all keys.",
    "Paste links here, or press a. ? shows all keys.",
    "Paste links, or press a",
)
_EMPTY_VIEW = ("Nothing here; 1 shows all downloads", "Nothing here")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the main screen works with.

    Attributes:
        engine: takes wishes and gives details.
        feed: says when there is something new.
        figures, glyphs: how numbers are written, and what is drawn with.
        options: what holds for added downloads unless the user says otherwise.
        adds_at_once: a paste is added without asking.
        is_ready: set when the engine takes wishes.
        say: shows a short message.
        clock: wall clock, seconds.
        open_path: opens a file or folder; returns "" or why not; may block.
        log_file: the program's log, None when there is none.
        program: commands about the program itself.
    """

    engine: Engine
    feed: Feed
    figures: Figures
    glyphs: Glyphs
    options: AddOptions
    adds_at_once: bool
    is_ready: asyncio.Event
    say: Callable[[str], None]
    clock: Callable[[], float]
    open_path: Callable[[str], str]
    log_file: Path | None
    program: ProgramActs


class MainScreen(Screen[None]):
    """Shows the queue. Wishes go to the engine, pictures come from the feed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    AUTO_FOCUS = "#queue"
    ALLOW_SELECT = False

    @dataclass
    class Progress(Message):
        """All downloads were sampled.

        Attributes:
            board: what there is to see.
        """

        board: Board

    @dataclass
    class QuitWanted(Message):
        """The user wants to leave."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts
        self.figures, self.glyphs, self.say = parts.figures, parts.glyphs, parts.say
        self.program, self.preferences = parts.program, parts.program.preferences
        self.keymap = self.preferences.keymap
        self.board = Board()
        self.note = ""
        self._rates = Rates()
        self._panel_wanted: bool | None = None  # None: as the size of the window suggests
        self._is_full = False
        self._queue = QueueList("queue", figures=parts.figures, glyphs=parts.glyphs)
        self._panel = DetailsPanel("panel", parts.glyphs)
        self._header, self._views, self._heads = Lines("header"), Lines("views"), Lines("heads")
        self._summary, self._footer, self._small = Lines("summary"), Lines("footer"), Lines("small")
        self.intake = Intake(
            self,
            parts.engine,
            parts.options,
            adds_at_once=parts.adds_at_once,
            is_ready=parts.is_ready,
        )
        desk = DeskActs(self, parts.engine, parts.open_path)
        self._handlers: dict[str, Callable[[], None]] = {
            **self._own_handlers(),
            **DownloadActs(self, parts.engine).handlers,
            **EditActs(self, parts.engine).handlers,
            **desk.handlers,
            **RecordActs(self, parts.engine, parts.log_file, desk.open).handlers,
            **parts.program.handlers,
        }

    def _own_handlers(self) -> dict[str, Callable[[], None]]:
        queue = self._queue
        views = {f"view_{view.name.lower()}": partial(self.set_view, view) for view in View}
        return {
            **views,
            "add": self.intake.open_dialog,
            "down": lambda: queue.move_by(1),
            "up": lambda: queue.move_by(-1),
            "first": lambda: queue.move_to(0),
            "last": lambda: queue.move_to(len(self.board.rows) - 1),
            "page_down": lambda: queue.move_by(queue.page_rows),
            "page_up": lambda: queue.move_by(-queue.page_rows),
            "half_down": lambda: queue.move_by(max(1, queue.page_rows // 2)),
            "half_up": lambda: queue.move_by(-max(1, queue.page_rows // 2)),
            "back": self._back,
            "details": self._toggle_full,
            "panel": self._toggle_panel,
            "next_tab": lambda: self._turn_tab(1),
            "previous_tab": lambda: self._turn_tab(-1),
            "switch_focus": self._switch_focus,
            "quit": self._want_quit,
        }

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._views
        with Container(id="body"):
            with Vertical(id="list"):
                yield self._heads
                yield self._queue
            yield self._panel
        yield self._summary
        yield self._footer
        yield self._small

    def on_mount(self) -> None:
        # Nothing is sampled while nothing moves, and yet the clock goes on.
        self.set_interval(_CLOCK_EVERY_S, self._show_header)

    # What others may ask.

    @property
    def highlighted(self) -> Snapshot | None:
        """The download that commands are about."""
        return self._queue.highlighted

    @property
    def situation(self) -> Situation:
        """What decides which commands apply."""
        return Situation(
            highlighted=self.highlighted,
            rows=len(self.board.rows),
            downloads=len(self.board.snapshot.downloads),
            running=self.board.running,
            is_ready=self._parts.is_ready.is_set(),
            has_panel=self._panel.display,
        )

    @property
    def is_in_panel(self) -> bool:
        """The panel has the focus, not the list."""
        return self.focused is not self._queue

    def speak(self, figures: Figures, keymap: Keymap) -> None:
        """Write numbers and name keys in another way from now on."""
        self.figures, self.keymap = figures, keymap
        self._queue.speak(self.words)
        self._show_all()

    def go_to(self, download_id: int) -> None:
        """Highlight a download, in the view of all if this one does not show it."""
        if not any(row.download_id == download_id for row in self.board.rows):
            self.set_view(View.ALL)
        self._queue.move_to_id(download_id)

    def find(self, download_id: int) -> Snapshot | None:
        """Return the picture of a download as of the last sample."""
        downloads = self.board.snapshot.downloads
        return next((each for each in downloads if each.download_id == download_id), None)

    def wake(self) -> None:
        """Something was asked of the engine: look soon."""
        self._parts.feed.wake()

    def runner(self, command_id: str) -> Callable[[], None]:
        """Return what runs a command, for the palette."""
        return partial(self.action_run, command_id)

    # Commands.

    def action_run(self, command_id: str) -> None:
        """Run a command of the table if it applies."""
        if BY_ID[command_id].applies(self.situation):
            self._handlers[command_id]()
            if self._parts.is_ready.is_set():
                self.wake()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "run":
            return BY_ID[str(parameters[0])].applies(self.situation)
        return True

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self.intake.paste(event.text)

    @on(Lines.Clicked)
    def _run_clicked(self, event: Lines.Clicked) -> None:
        if event.value.startswith("tab_"):
            self._panel.tab = Tab[event.value.removeprefix("tab_").upper()]
            self._show_panel()
        elif event.value in BY_ID:
            self.action_run(event.value)

    @on(QueueList.Opened)
    def _open_details(self) -> None:
        self.action_run("details")

    def set_view(self, view: View) -> None:
        """Show another part of the list."""
        self._parts.feed.view = view
        self._show_board(look_at(self.board.snapshot, view))

    def _back(self) -> None:
        """Leave the full-screen details, or the panel; never more than that."""
        if self._is_full:
            self._toggle_full()
        elif self.is_in_panel:
            self.set_focus(self._queue)

    def _toggle_full(self) -> None:
        self._is_full = not self._is_full
        self._lay_out()
        self.set_focus(self._panel.query_one(DetailsLines) if self._is_full else self._queue)

    def _toggle_panel(self) -> None:
        self._panel_wanted = not self._panel.display
        self._lay_out()

    def _turn_tab(self, by: int) -> None:
        self._panel.turn(by)
        self._show_panel()

    def _switch_focus(self) -> None:
        is_in_list = self.focused is self._queue
        target: Widget = self._panel.query_one(DetailsLines) if is_in_list else self._queue
        self.set_focus(target)

    def _want_quit(self) -> None:
        self.post_message(self.QuitWanted())

    # Showing.

    @on(Progress)
    def _show_progress(self, event: Progress) -> None:
        board = event.board
        if board.view is not self._parts.feed.view:
            board = look_at(board.snapshot, self._parts.feed.view)
        self._rates.note(board, self._parts.clock())
        self._show_board(board)

    def _show_board(self, board: Board) -> None:
        self.board = board
        self._queue.show(
            board.rows,
            self._parts.clock(),
            rates=self._rates.by_id,
            empty_text=_EMPTY_VIEW if board.snapshot.downloads else _EMPTY_LIST,
        )
        self._show_header()
        self._show_highlighted()

    @on(QueueList.Highlighted)
    def _show_highlighted(self) -> None:
        width = self.size.width
        self._summary.show(summary_pieces(self.highlighted, self.words, width))
        pieces, targets = footer_pieces(self.situation, self.glyphs, width, self.keymap)
        self._footer.show(pieces, targets={0: targets})
        self._show_panel()

    def _show_header(self) -> None:
        width = self.size.width
        header = header_pieces(
            self.board,
            self.words,
            self.glyphs,
            width,
            rates=tuple(self._rates.total),
            note=self.note,
        )
        self._header.show(header)
        views, targets = views_pieces(self.board, width)
        self._views.show(views, targets={0: targets})

    def show_note(self) -> None:
        """Show `note` now: no further sample may come."""
        self._show_header()

    def _show_panel(self) -> None:
        if not self._panel.display:
            return
        highlighted = self.highlighted
        details = Details()
        if highlighted is not None:
            details = self._parts.engine.details(highlighted.download_id)
        self._panel.show(highlighted, details, self.words)

    @property
    def words(self) -> Context:
        """How messages are written now."""
        return Context(self._parts.clock(), self.figures, self.glyphs.dot, self.keymap)

    # Layout.

    def on_resize(self, _: Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = self.size
        is_side = width >= _SIDE_FROM_WIDTH
        wanted = self._panel_wanted
        has_panel = (is_side or height >= _BELOW_FROM_HEIGHT) if wanted is None else wanted
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-small")
        self.set_class(self._is_full, "-full")
        self.set_class(has_panel and is_side and not self._is_full, "-side")
        self.set_class(has_panel and not is_side and not self._is_full, "-below")
        self._small.show([(f"window too small ({MIN_WIDTH}x{MIN_HEIGHT})"[:width], "warning")])
        if not has_panel and self.is_in_panel and not self._is_full:
            self.set_focus(self._queue)
        # Widths are known only after the classes have taken effect.
        self.call_after_refresh(self._show_all)

    def _show_all(self) -> None:
        columns = columns_for(self._queue.scrollable_content_region.width)
        self._heads.show([(heads(columns), "muted")])
        self._show_board(self.board)
