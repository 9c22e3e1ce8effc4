"""The main screen: lays its widgets out, shows boards and turns keys into commands."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen

from tui_downloader.ui.actions.actions import Actions
from tui_downloader.ui.actions.list_actions import ListActions
from tui_downloader.ui.actions.panel_actions import PanelActions
from tui_downloader.ui.actions.trusted_hosts import TrustedHosts
from tui_downloader.ui.actions.undo import UNDO_S, Undo
from tui_downloader.ui.adding.intake import Intake
from tui_downloader.ui.commands.commands import BY_ID, bindings
from tui_downloader.ui.commands.situation import Situation
from tui_downloader.ui.screens.ask import look_again
from tui_downloader.ui.view.board import Board, View
from tui_downloader.ui.view.cells import cut_front, fitting
from tui_downloader.ui.view.dialog import hide_messages
from tui_downloader.ui.view.frame import Frame, nothing_here
from tui_downloader.ui.view.marks import Marks
from tui_downloader.ui.view.rates import Rates
from tui_downloader.ui.view.toasts import TOAST_FRAME, TOAST_ROWS
from tui_downloader.ui.view.viewline import Marked
from tui_downloader.ui.view.words import Context
from tui_downloader.ui.widgets.details import DetailsPanel
from tui_downloader.ui.widgets.lines import Lines
from tui_downloader.ui.widgets.queue import QueueList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Paste, Resize

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.parts import Parts
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.widgets.filter_bar import FilterBar

MIN_WIDTH, MIN_HEIGHT = 40, 10
_CLOCK_EVERY_S, _SOON_S = 20.0, 0.1  # Textual divides by the time of a timer that is late


class MainScreen(Screen[None]):
    """Shows the queue. Wishes go to the engine, snapshots come from the feed."""

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
        self.figures, self.glyphs = parts.figures, parts.glyphs
        self.say, self.say_instead, self.say_of = parts.say, parts.say_instead, parts.say_of
        self.program, self.preferences = parts.program, parts.program.preferences
        self.keymap = self.preferences.keymap
        self.lens, self.marks, self.undo = parts.lens, Marks(), Undo(time.monotonic)
        self.trusted_hosts = TrustedHosts()
        self.board, self.note, self.parting = Board(), "", ""
        self._rates = Rates()
        self._queue = QueueList("queue", figures=parts.figures, glyphs=parts.glyphs)
        self._details = DetailsPanel("panel", parts.glyphs)
        self._panel = PanelActions(self, parts.engine, self._queue, self._details)
        self._frame = Frame(parts.glyphs)
        self.expect_move = self._queue.expect_move
        self.intake = Intake(
            self,
            parts.engine,
            parts.options,
            adds_at_once=parts.adds_at_once,
            is_ready=parts.is_ready,
        )
        self._listing = ListActions(self, self._queue, self.lens, self.marks, self.undo)
        self._actions = Actions(self, parts, self._own_handlers())

    def _own_handlers(self) -> dict[str, Callable[[], None]]:
        return {
            "add": self.intake.open_dialog,
            "back": self._back,
            "quit": self._want_quit,
            **self._listing.handlers,
            **self._panel.handlers,
        }

    def compose(self) -> ComposeResult:
        yield self._frame.header
        with Horizontal(id="viewline"):
            yield self._frame.views
        with Container(id="body"):
            with Vertical(id="list"):
                yield self._frame.heads
                yield self._queue
            yield self._details
        yield self._frame.summary
        yield self._frame.footer
        yield self._frame.small

    def on_mount(self) -> None:
        # The first layout is right and the first picture complete: each further one costs as much.
        self.lay_out()
        self._show_all()
        # Nothing is sampled while nothing moves, and yet the clock goes on.
        self.set_interval(_CLOCK_EVERY_S, self._show_header)

    def on_screen_suspend(self) -> None:
        hide_messages(self)

    # What others may ask.

    @property
    def highlighted(self) -> Snapshot | None:
        """The download under the highlight."""
        return self._queue.highlighted

    @property
    def chosen(self) -> list[Snapshot]:
        """What commands are about: the marked downloads in queue order, else the highlighted one.

        Asking for it ends an open range.
        """
        self.marks.end_range()
        highlighted = [] if self.highlighted is None else [self.highlighted]
        return self.board.among(self.marks.ids) or highlighted

    @property
    def situation(self) -> Situation:
        """What decides which commands apply."""
        marked = self.board.among(self.marks.ids)
        return Situation(
            highlighted=self.highlighted,
            marked=frozenset(each.status for each in marked),
            has_marked_scheduled=any(each.start_at is not None for each in marked),
            rows=len(self.board.rows),
            downloads=len(self.board.snapshot.downloads),
            running=self.board.running,
            done=self.board.count(View.DONE),
            is_ready=self._parts.is_ready.is_set(),
            has_panel=self._panel.is_shown,
            is_full=self._panel.is_full,
            can_undo=self.undo.is_possible,
            final=self.undo.final,
        )

    @property
    def is_in_panel(self) -> bool:
        """The panel has the focus, not the list."""
        return self._panel.has_focus

    def speak(self, figures: Figures, keymap: Keymap) -> None:
        """Write numbers and name keys in another way from now on."""
        self.figures, self.keymap = figures, keymap
        self._queue.speak(self.words)
        self._show_all()

    def go_to(self, download_id: int) -> None:
        """Highlight a download, wherever it is."""
        self._listing.go_to(download_id)

    def show_only(self, text: str) -> None:
        """Show what a filter lets through, of all views."""
        self.lens.touched()
        self._listing.show_only(text)

    @property
    def is_opening_field(self) -> bool:
        """The field for the filter, or what waits for the engine, takes no keys yet."""
        return self._listing.is_opening_filter or self._actions.is_waiting

    def find(self, download_id: int) -> Snapshot | None:
        """Return the snapshot of a download as of the last sample."""
        return next(iter(self.board.among({download_id})), None)

    def did(
        self,
        words: str,
        take_back: Callable[[], None],
        *,
        told: str | None = None,
        topic: str = "",
        is_burst: bool = False,
    ) -> None:
        """Remember what the user did, so that it can be undone for a while.

        Args:
            told: the sentence to show, "" for none, None for the words.
            topic: what it is about; what was said about the same is not true any more.
            is_burst: with what was done before about the same topic it is one deed.
        """
        self.undo.remember(words, take_back, topic if is_burst else "")
        if sentence := words if told is None else told:
            undo = f"{self.glyphs.dot}{self.keymap.key_of('undo')} undo"
            self._say_in_one_line(f"{sentence}{undo}", topic)
        # The footer offers it as long as it is possible.
        self.set_timer(UNDO_S, self._show_highlighted)

    def did_for_good(self, words: str, note: str = "") -> None:
        """Say what the user did, which cannot be undone; what was done before it stays done."""
        self.undo.finish(words)
        self._say_in_one_line(f"{words}{note}", "")
        self._show_highlighted()

    def _say_in_one_line(self, sentence: str, topic: str) -> None:
        """Say what was done; in a low window names give way, each line is one row less to see."""
        if self.has_class("-short"):
            sentence = cut_front(sentence, self.app.size.width - TOAST_FRAME, self.glyphs.ellipsis)
        self.say_of(sentence, topic)

    def wake(self) -> None:
        """Something was asked of the engine: look soon."""
        self._parts.feed.wake()

    def runner(self, command_id: str) -> Callable[[], None]:
        """Return what runs a command, for the palette."""
        return partial(self.action_run, command_id)

    # Commands.

    def action_run(self, command_id: str) -> None:
        """Run a command of the table if it applies."""
        self.lens.touched()
        self._actions.run(command_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "run" and self.is_too_small and parameters != ("quit",):
            return False  # nobody sees what it is about
        return action != "run" or self._actions.answers(str(parameters[0]))

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self.intake.paste(event.text)

    @on(Lines.Clicked)
    def _run_clicked(self, event: Lines.Clicked) -> None:
        if not self._panel.clicked(event.value) and event.value in BY_ID:
            self.action_run(event.value)

    def on_click(self) -> None:
        """As after a key: nothing moves by itself under the pointer for a while."""
        self.lens.touched()

    @on(QueueList.Opened)
    def _open_details(self) -> None:
        self.action_run("details")

    def on_filter_bar_typed(self, event: FilterBar.Typed) -> None:
        self._listing.filter_typed(event.text)

    def on_filter_bar_ended(self, event: FilterBar.Ended) -> None:
        self._listing.end_filter(is_kept=event.is_kept)

    @on(QueueList.MarkClicked)
    def _mark_clicked(self, event: QueueList.MarkClicked) -> None:
        self._listing.mark_clicked(event.download_id)

    def _back(self) -> None:
        """Leave the full screen, else the panel, else the filter or the marks; it never quits."""
        if not self._panel.leave():
            self._listing.leave_something()

    def _want_quit(self) -> None:
        self.post_message(self.QuitWanted())

    # Showing.

    @on(Progress)
    def _show_progress(self, event: Progress) -> None:
        board = event.board
        if not self.lens.saw(board):
            board = self.lens.look(board.snapshot)
        self._rates.note(board, self._parts.clock())
        self._show_board(board)
        look_again(self.app.screen_stack)
        self._let_rows_settle()

    def look_anew(self) -> None:
        """Show the list in the way the user has just chosen."""
        self._show_board(self.lens.look(self.board.snapshot), is_new_look=True)

    def _let_rows_settle(self) -> None:
        """Look again when rows that have changed may move to their places."""
        due_s = self.lens.settles_in_s(self.board.snapshot)
        if due_s is not None and self._parts.feed.is_resting:
            self.set_timer(max(due_s, _SOON_S), self.wake)

    def _show_board(self, board: Board, *, is_new_look: bool = False) -> None:
        self.board = board
        if not self.marks.is_empty:
            self.marks.keep_only({each.download_id for each in board.snapshot.downloads})
        self._queue.show(
            board.rows,
            self._parts.clock(),
            at_once=board.snapshot.at_once,
            rates=self._rates.by_id,
            empty_text=nothing_here(board, self.keymap),
            is_new_look=is_new_look,
        )
        self._frame.show_heads(board.sort, self._queue.scrollable_content_region.width)
        self._show_header()
        self._show_highlighted()

    def show_marks(self) -> None:
        """Marks, or what is said of them, changed."""
        self._show_views()
        self._show_highlighted()

    @on(QueueList.Highlighted)
    def _show_highlighted(self) -> None:
        width = self.app.size.width
        if self.marks.is_drawing:
            self._show_views()
        self._frame.show_summary(self.highlighted, self.words, width)
        if self._listing.is_filtering:
            self._frame.show_filter_help(self.lens.wanted, width)
        else:
            self._frame.show_footer(self.situation, self.words, width)
        self._panel.show()
        self._keep_clear_of_messages()

    def _keep_clear_of_messages(self) -> None:
        """Let messages stand above the list while they would cover the highlighted row."""
        line = None if self._panel.is_shown else self._queue.highlighted_line
        is_low = line is not None and line >= self._queue.page_rows - TOAST_ROWS
        self.set_class(is_low, "-messages-above")

    def _show_header(self) -> None:
        rates = tuple(self._rates.total)
        self._frame.show_header(self.board, self.words, self.app.size.width, rates, self.note)
        self._show_views()

    def _show_views(self) -> None:
        self.marks.stretch(self._queue.ids, self._queue.highlighted_id)
        marked = self.marks.ids
        self._queue.mark(marked)
        hidden = self.marks.hidden(self._queue.ids)
        words = Marked(len(marked), hidden, self.marks.is_drawing)
        self._frame.show_views(self.board, words, is_filtering=self._listing.is_filtering)

    def show_note(self) -> None:
        """Show `note` now: no further sample may come."""
        self._show_header()

    @property
    def words(self) -> Context:
        """How messages are written now."""
        clock, at_once = self._parts.clock, self.board.snapshot.at_once
        return Context(clock(), self.figures, self.glyphs.dot, self.keymap, at_once)

    # Layout.

    @property
    def is_too_small(self) -> bool:
        """Nothing is seen of the list: keys must do nothing to it."""
        return self.has_class("-small")

    def on_resize(self, _: Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Put everything where it belongs in the window as it is now."""
        width, height = self.app.size
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-small")
        too_small = f"too small ({MIN_WIDTH}x{MIN_HEIGHT})"
        kept = f"{too_small}, paste kept"
        forms = (f"window {kept}", kept) if self.intake.has_unseen else (f"window {too_small}",)
        self._frame.show_too_small(fitting(forms, width))
        self._panel.place()
        # Widths are known only after the classes have taken effect.
        self.call_after_refresh(self._show_all)
        self.intake.paste_unseen()

    def _show_all(self) -> None:
        self._show_board(self.board)
