"""The main screen: lays out its widgets, shows boards and turns keys into commands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.screen import Screen

from tui_downloader.ui.actions.actions import Actions
from tui_downloader.ui.actions.list_actions import ListActions
from tui_downloader.ui.actions.panel_actions import PanelActions
from tui_downloader.ui.actions.program_actions import ProgramActions
from tui_downloader.ui.adding.intake import Intake
from tui_downloader.ui.commands.commands import BY_ID, bindings
from tui_downloader.ui.commands.situation import Situation, going_on_titles
from tui_downloader.ui.desk import TOO_SMALL, Desk
from tui_downloader.ui.file_looks import FileLooks
from tui_downloader.ui.screens.ask import look_again
from tui_downloader.ui.screens.dialog import LightModal, hide_messages
from tui_downloader.ui.view.board import Board, View
from tui_downloader.ui.view.cells import fitting
from tui_downloader.ui.view.rates import Rates
from tui_downloader.ui.view.returns import Returns
from tui_downloader.ui.view.room import MIN_HEIGHT, MIN_WIDTH, is_too_small
from tui_downloader.ui.view.toasts import TOAST_ROWS
from tui_downloader.ui.view.viewline import Marked
from tui_downloader.ui.widgets.details import DetailsPanel
from tui_downloader.ui.widgets.frame import Frame, nothing_here
from tui_downloader.ui.widgets.lines import Lines
from tui_downloader.ui.widgets.queue import QueueList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.parts import Parts
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.widgets.filter_bar import FilterBar

_GRAPH_EVERY_S = 3.0  # each picture costs processor time, and nothing happens
_CLOCK_EVERY_S, _SOON_S = 20.0, 0.1  # Textual divides by the time of a timer that is late


class _Covered(Container):
    """Lies wholly under what is in it: no line of its own is worth making up and keeping."""

    BLANK = True


class MainScreen(Screen[None]):
    """Shows the queue. Wishes go to the engine, snapshots come from the feed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    BLANK = True  # it is covered, like what is in it
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
        self._note = ""
        self._rates, self._returns = Rates(), Returns()
        keymap = parts.preferences.keymap
        self._queue = QueueList("queue", figures=parts.figures, keymap=keymap, glyphs=parts.glyphs)
        self._details = DetailsPanel("panel", parts.glyphs)
        self._frame = Frame(parts.glyphs)
        self._looks = FileLooks(self, self._path_of, parts.fates_of, self._show_fates)
        look_now = self._looks.look_now
        desk = self.desk = Desk(self, parts, self._queue, look_now, self._show_highlighted)
        self._panel = PanelActions(desk, parts.engine, self._queue, self._details, self.lay_out)
        self._listing = ListActions(desk, self._queue, self._look_anew, self._show_marks)
        self.intake = Intake(desk, parts, self._listing.go_to, self.lay_out)
        self.program = ProgramActions(desk, parts.set_theme, self.action_run, self._is_in_panel)
        self._actions = Actions(
            desk, parts, self.intake, lambda: self.situation, self._own_handlers()
        )

    def _own_handlers(self) -> dict[str, Callable[[], None]]:
        return {
            "add": self.intake.open_dialog,
            "back": self._back,
            "quit": self._want_quit,
            **self._listing.handlers,
            **self._panel.handlers,
            **self.program.handlers,
        }

    def _path_of(self, download_id: int) -> str:
        return self._parts.engine.details(download_id).path

    def _is_in_panel(self) -> bool:
        return self._panel.has_focus

    def compose(self) -> ComposeResult:
        yield self._frame.header
        with Horizontal(id="viewline"):
            yield self._frame.views
        with _Covered(id="body"):
            with _Covered(id="list"):
                yield self._frame.heads
                yield self._queue
                yield self._frame.chart
            yield self._details
        yield self._frame.summary
        yield self._frame.footer
        yield self._frame.small

    def on_mount(self) -> None:
        # The first layout is right and the first picture complete: each further one costs as much.
        self.lay_out()
        self._show_all()
        self.watch(self._queue, "scroll_y", self._look_at_files, init=False)
        # Nothing is sampled while nothing moves, and yet the clock goes on.
        self.set_interval(_CLOCK_EVERY_S, self._show_header)
        self._graph_timer = self.set_interval(_GRAPH_EVERY_S, self._let_graph_go_on, pause=True)

    def on_screen_suspend(self) -> None:
        hide_messages(self)

    def on_screen_resume(self) -> None:
        # What was just answered comes first: it may open the next dialog.
        self.call_later(self.intake.paste_unseen)

    # What others may ask.

    @property
    def situation(self) -> Situation:
        """What decides which commands apply."""
        desk = self.desk
        marked = desk.as_wished(desk.board.among(desk.marks.ids))
        shown = [each for each in (desk.highlighted,) if each is not None]
        highlighted = next(iter(desk.as_wished(shown)), None)
        chosen = marked or shown
        return Situation(
            highlighted=highlighted,
            marked=frozenset(each.status for each in marked),
            has_marked_scheduled=any(each.start_at is not None for each in marked),
            going_on=going_on_titles(marked),
            has_gone=any(desk.is_gone(each) for each in chosen),
            fate=desk.fate,
            rows=len(desk.board.rows),
            is_queue_order=desk.board.sort.is_queue_order,
            downloads=len(desk.board.snapshot.downloads),
            running=desk.board.running,
            done=desk.board.count(View.DONE),
            is_ready=self._parts.is_ready.is_set(),
            has_panel=self._panel.is_shown,
            is_full=self._panel.is_full,
            can_undo=desk.undo.is_possible,
            final=desk.undo.final,
        )

    def reformat(self, figures: Figures, keymap: Keymap) -> None:
        """Use other formats of numbers and names of keys from now on."""
        self.desk.figures, self.desk.keymap = figures, keymap
        self._queue.reformat(self.desk.words)
        self._show_all()

    def go_to(self, download_id: int) -> None:
        """Highlight a download, wherever it is."""
        self._listing.go_to(download_id)

    def show_only(self, text: str) -> None:
        """Show only what a filter matches, in the view of all downloads."""
        self.desk.lens.touched()
        self._listing.show_only(text)

    @property
    def is_opening_field(self) -> bool:
        """The field for the filter takes no keys yet."""
        return self._listing.is_opening_filter

    def runner(self, command_id: str) -> Callable[[], None]:
        """Return a function that runs a command, for the palette."""
        return partial(self.action_run, command_id)

    # Commands.

    def action_run(self, command_id: str) -> None:
        """Run a command of the table if it applies."""
        self._actions.run(command_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "run" and self.desk.is_too_small and parameters != ("quit",):
            return False  # nobody sees what it is about
        return action != "run" or self._actions.answers(str(parameters[0]))

    @on(Lines.Clicked)
    def _run_clicked(self, event: Lines.Clicked) -> None:
        if not self._panel.clicked(event.value) and event.value in BY_ID:
            self.action_run(event.value)

    def on_click(self) -> None:
        """As after a key, rows do not move by themselves for a while."""
        self.desk.lens.touched()

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
        """Leave the full screen, else the panel, the filter or the marks; never the program."""
        if not self._panel.leave():
            self._listing.leave_something()

    def _want_quit(self) -> None:
        self.post_message(self.QuitWanted())

    # Showing.

    @on(Progress)
    def _show_progress(self, event: Progress) -> None:
        board = event.board
        if not self.desk.lens.saw(board):
            board = self.desk.lens.look(board.snapshot)
        self._rates.note(board, self._parts.clock())
        self._graph_timer.resume()
        self._show_board(board)
        look_again(self.app.screen_stack)
        self._let_rows_settle()

    def _let_graph_go_on(self) -> None:
        """Move the graph of the throughput, although nothing is sampled, until it is empty."""
        if self._parts.feed.is_resting:
            self._rates.stand_still(self._parts.clock())
            self._show_header()
            if not any(self._rates.total):
                self._graph_timer.pause()

    def _look_anew(self) -> None:
        """Show the list with the changed view, filter or order."""
        self.desk.lens.hold(None)
        self._show_board(self.desk.lens.look(self.desk.board.snapshot), is_new_look=True)

    def _let_rows_settle(self) -> None:
        """Update again when changed rows may move to their places."""
        due_s = self.desk.lens.settles_in_s(self.desk.board.snapshot)
        if due_s is not None and self._parts.feed.is_resting:
            self.set_timer(max(due_s, _SOON_S), self.desk.wake)

    def _show_board(self, board: Board, *, is_new_look: bool = False) -> None:
        merely_go_on = board.merely_goes_on(self.desk.board)
        self.desk.board, marks = board, self.desk.marks
        if not marks.is_empty:
            marks.keep_only({each.download_id for each in board.snapshot.downloads})
        before = self._queue.highlighted_id
        self._queue.show(
            board.rows,
            self._parts.clock(),
            at_once=board.snapshot.at_once,
            rates=self._rates.by_id,
            empty_text=nothing_here(board, self.desk.keymap),
            is_new_look=is_new_look,
            merely_go_on=merely_go_on,
        )
        if self._panel.lend():
            self.call_after_refresh(self._show_all)
        now = self._queue.highlighted_id
        if told := self._returns.see(board.rows, before, now, is_new_look=is_new_look):
            self.desk.say(told)
        self._frame.show_heads(board.sort, self._queue.scrollable_content_region.width)
        self._show_header()
        self._show_highlighted()

    def _look_at_files(self) -> None:
        self._looks.see(self._queue.in_sight, self.desk.highlighted)

    def look_at_files_anew(self) -> None:
        """Check finished files again: the user was elsewhere, and may have moved some."""
        self._looks.begin_anew()
        self._look_at_files()

    def _show_fates(self) -> None:
        """Show what has become of files."""
        self.desk.fates = self._looks.fates
        self._queue.reformat(self.desk.words)
        self._show_highlighted()

    def _show_marks(self) -> None:
        """Show changed marks."""
        self._show_views()
        self._show_highlighted()

    @on(QueueList.Highlighted)
    def _follow_highlight(self) -> None:
        """What the highlight was on goes where it belongs by now."""
        had_leftover = self.desk.board.has_leftover
        self._show_highlighted()
        if had_leftover:
            self._show_board(self.desk.lens.look(self.desk.board.snapshot))

    def _show_highlighted(self) -> None:
        self.desk.lens.hold(self._queue.highlighted_id)
        width = self.app.size.width
        words = self.desk.words
        if self.desk.marks.is_drawing:
            self._show_views()
        self._frame.show_summary(self.desk.highlighted, words, width)
        if self._listing.is_filtering:
            self._frame.show_filter_help(self.desk.lens.wanted, width)
        else:
            self._frame.show_footer(self.situation, words, width)
        self._panel.show()
        self._keep_clear_of_messages()
        self._look_at_files()

    def _keep_clear_of_messages(self) -> None:
        """Move messages above the list while they would cover the highlighted row."""
        line = None if self._panel.is_shown else self._queue.highlighted_line
        is_low = line is not None and line >= self._queue.page_rows - TOAST_ROWS
        self.set_class(is_low, "-messages-above")

    def _show_header(self) -> None:
        rates, desk = tuple(self._rates.total), self.desk
        self._frame.show_header(desk.board, desk.words, self.app.size.width, rates, self._note)
        self._frame.show_chart(rates, desk.words)
        self._show_views()

    def _show_views(self) -> None:
        marks = self.desk.marks
        marks.stretch(self._queue.ids, self._queue.highlighted_id)
        marked = marks.ids
        self._queue.mark(marked)
        hidden = marks.hidden(self._queue.ids)
        words = Marked(len(marked), hidden, is_drawing=marks.is_drawing)
        self._frame.show_views(
            self.desk.board, words, self.desk.keymap, is_filtering=self._listing.is_filtering
        )

    def show_note(self, note: str) -> None:
        """Show a note in the header at once, as there may be no further sample."""
        self._note = note
        self._show_header()

    # Layout.

    def on_resize(self, event: Resize) -> None:
        if event.size == self.app.size:
            self.lay_out()
        else:
            # The window has another size by now. Textual would lay all out for this one, tell us
            # so, and go back: with something else in the queue in between, without an end.
            event.prevent_default()

    def lay_out(self) -> None:
        """Arrange everything for the current size of the window."""
        width, height = self.app.size
        self.set_class(is_too_small(width, height), TOO_SMALL)
        too_small = f"too small ({MIN_WIDTH}x{MIN_HEIGHT})"
        kept = f"{too_small}, paste kept"
        forms = (f"window {kept}", kept) if self.intake.has_unseen else (f"window {too_small}",)
        self._frame.show_too_small(fitting(forms, width))
        self._panel.place()
        # Widths are known only after the classes have taken effect.
        self.call_after_refresh(self._show_laid_out)
        self.intake.paste_unseen()

    def _show_laid_out(self) -> None:
        """Show everything in its new place, also through a dialog, which looks but now and then."""
        self._show_all()
        if isinstance(self.app.screen, LightModal):
            self.call_after_refresh(self.app.screen.look_under)

    def _show_all(self) -> None:
        self._show_board(self.desk.board)
