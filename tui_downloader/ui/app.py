"""The application: holds the engine for its life, and joins it with the screens."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.events import Key, Paste

from tui_downloader.engine import EventKind
from tui_downloader.runs.garbage_collector import GarbageCollector
from tui_downloader.runs.limit_clock import LOOK_EVERY_S, LimitClock
from tui_downloader.store.finished_files import fates_of
from tui_downloader.ui.adding.adding import AddOptions
from tui_downloader.ui.background import begin
from tui_downloader.ui.commands.palette import CommandProvider, Palette
from tui_downloader.ui.crash import CrashApp, Raised
from tui_downloader.ui.dress import ThemedApp
from tui_downloader.ui.engine_life import EngineLife
from tui_downloader.ui.feed import Feed
from tui_downloader.ui.parts import Parts
from tui_downloader.ui.preloading import PRELOAD_AT_S, preload
from tui_downloader.ui.quitting import Quitting
from tui_downloader.ui.screens.dialog import LightModal, clear_messages
from tui_downloader.ui.screens.main import MainScreen
from tui_downloader.ui.settings.live_settings import LiveSettings
from tui_downloader.ui.settings.preferences import Preferences
from tui_downloader.ui.terminal.clipboard import ClipboardApp
from tui_downloader.ui.terminal.line_paste import LinePasteApp
from tui_downloader.ui.terminal.mouse import MouseApp
from tui_downloader.ui.terminal.opener import open_detached
from tui_downloader.ui.terminal.own_terminal import OwnTerminal
from tui_downloader.ui.terminal.terminal_kind import recognise
from tui_downloader.ui.terminal.terminal_status import TerminalStatus
from tui_downloader.ui.view.ascii import AsciiFilter
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import ASCII, glyphs_here
from tui_downloader.ui.view.lens import Lens
from tui_downloader.ui.view.steady import SteadyFilter
from tui_downloader.ui.view.toasts import (
    TOAST_FRAME,
    TOAST_WIDTH,
    FailureBurst,
    Toaster,
    message,
)
from tui_downloader.ui.widgets.roles import ROLE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen

    from tui_downloader.engine import Engine, EngineEvent
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.store.paths import Paths
    from tui_downloader.store.settings import Settings
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.file_looks import FatesOf
    from tui_downloader.ui.view.board import Board

_TIDY_AFTER_S = 0.4  # longer than it takes until the list is there again


class DownloaderApp(
    ClipboardApp, CrashApp, ThemedApp, MouseApp, LinePasteApp, inherit_bindings=False
):
    """The interface to one engine.

    Args:
        engine: not entered yet; the app enters it after its first paint and leaves it at the end.
        settings: the user's settings.
        requests: downloads to add at the start.
        notices: sentences to show at the start.
        add_folder: where added downloads go, absolute.
        clock: wall clock, seconds.
        open_path: opens a file or folder with the desktop; returns "" or why not.
        look_at: tells what became of finished files; blocks.
        paths: where settings are saved and the log is; None saves nothing.

    Attributes:
        life: the time that the engine is entered; `run` waits for its end.
        preferences: the settings.
        main: the screen with the list.
        quitting: the ways to leave.
    """

    TITLE = "tui-downloader"
    COMPONENT_CLASSES = ROLE_CLASSES
    CSS_PATH: ClassVar = ["app.tcss", "screens/main.tcss"]
    COMMANDS: ClassVar = {CommandProvider}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar = [
        Binding("ctrl+q", "ask_quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", show=False),
        Binding("ctrl+z", "suspend", show=False),
    ]

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        requests: Sequence[DownloadRequest] = (),
        notices: Sequence[str] = (),
        *,
        add_folder: str,
        clock: Callable[[], float] = time.time,
        open_path: Callable[[str], str] = open_detached,
        look_at: FatesOf = fates_of,
        paths: Paths | None = None,
    ) -> None:
        # Without colours Textual would still paint greys; the terminal's own colours are none.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._engine = engine
        self._requests, self._notices = requests, notices
        self.log_file = None if paths is None else paths.log_file
        self._unsent_file = None if paths is None else paths.unsent_file
        self.life = EngineLife(engine, self.exit)
        self._collector = GarbageCollector()
        self._terminal = OwnTerminal(lambda: self._driver)
        clear = partial(self.call_after_refresh, clear_messages, self)
        key_of_log = partial(self._key_of, "log")
        self._toaster = Toaster(self._toast, clear, self.set_timer, time.monotonic, key_of_log)
        key_of_failed = partial(self._key_of, "view_failed")
        self._failures = FailureBurst(self._toaster.say, self.set_timer, key_of_failed)
        lens = Lens(time.monotonic)
        self._feed = self._make_feed(lens, settings)
        self._limits = LimitClock(self._set_limit, clock, settings)
        self.prepare_look(settings.theme)
        self.preferences = self._make_preferences(settings, paths, add_folder)
        figures = Figures(is_binary=settings.units == "binary")
        self._glyphs = glyphs_here(settings.ascii)
        self._drawing: list[LineFilter] = [SteadyFilter()]
        if self._glyphs is ASCII:
            self._drawing.append(AsciiFilter())
        self._terminal_status = self._make_terminal_status(settings, figures)
        options = AddOptions(add_folder, settings.on_conflict)
        parts = self._make_parts(lens, figures, options, clock, open_path, look_at)
        self.main = MainScreen(parts)
        intake = self.main.intake
        self.quitting = Quitting(
            self.main.desk, self.life, engine, self.main.show_note, lambda: intake.text_left
        )

    # The parts that ask something of the app: each is given that, and does not know the app.

    def _make_parts(
        self,
        lens: Lens,
        figures: Figures,
        options: AddOptions,
        clock: Callable[[], float],
        open_path: Callable[[str], str],
        look_at: FatesOf,
    ) -> Parts:
        return Parts(
            engine=self._engine,
            feed=self._feed,
            lens=lens,
            figures=figures,
            glyphs=self._glyphs,
            options=options,
            adds_at_once=self.preferences.settings.paste == "add",
            is_ready=self.life.is_ready,
            toaster=self._toaster,
            clock=clock,
            open_path=open_path,
            fates_of=look_at,
            log_file=self.log_file,
            preferences=self.preferences,
            set_theme=self.set_theme,
        )

    def _make_feed(self, lens: Lens, settings: Settings) -> Feed:
        return Feed(
            self._engine.snapshot,
            self._post_board,
            hz=settings.refresh_hz,
            look=lens.look,
            is_jammed=self._terminal.is_jammed,
            guard=Raised(self.call_later),
        )

    def _set_limit(self, bytes_per_s: int | None) -> None:
        """Hold to a limit, and show it also while nothing moves."""
        self._engine.set_limit(bytes_per_s)
        self._feed.wake()

    def _make_preferences(
        self, settings: Settings, paths: Paths | None, add_folder: str
    ) -> Preferences:
        folder = add_folder if paths is None else str(paths.download_dir)
        file = None if paths is None else paths.settings_file
        live = self._make_live_settings(folder)
        return Preferences(settings, file, live.appliers, lambda: self.available_themes)

    def _make_live_settings(self, folder: str) -> LiveSettings:
        return LiveSettings(
            self._engine,
            self._feed,
            self._limits,
            folder,
            set_theme=self.set_theme,
            reformat=self._reformat,
            ask_terminal=self._ask_terminal,
            prefer=lambda options, at_once: self.main.intake.prefer(options, adds_at_once=at_once),
        )

    def _make_terminal_status(self, settings: Settings, figures: Figures) -> TerminalStatus:
        kind, write = recognise(os.environ), self._terminal.write
        return TerminalStatus(settings, kind, write, self.set_timer, figures, self._glyphs)

    # How it looks.

    def _reformat(self, settings: Settings) -> None:
        """Write numbers and name keys in another way from now on."""
        figures, keymap = Figures(is_binary=settings.units == "binary"), self.preferences.keymap
        self.set_keymap(keymap.own_bindings)
        self._terminal_status.reformat(figures)
        self.main.reformat(figures, keymap)

    def _ask_terminal(self, settings: Settings) -> None:
        """Ask of the terminal what is wanted now, besides the picture."""
        self._terminal_status.obey(settings)
        self._feed.wake()
        self._terminal.part_with(self._terminal_status.parting)
        self._terminal.use_mouse(is_wanted=settings.mouse)

    def action_command_palette(self) -> None:
        if self.screen is self.main and not self.main.desk.is_too_small:  # else it offers nothing
            self.push_screen(Palette(self.theme, self.set_theme))

    def may_begin(self, event: Key | Paste) -> bool:
        """What is typed before the list is there waits for it, but for what quits."""
        if self.main.desk.board.is_read or self.screen is not self.main:
            return True
        if not isinstance(event, Key) or event.key not in self._leaving_keys:
            return False
        # Behind other keys a letter may be text.
        return not event.is_printable or event is self._arrived[0]

    @property
    def _leaving_keys(self) -> Collection[str]:
        return {*self.preferences.keymap.by_id["quit"].keys, "ctrl+c", "ctrl+z"}

    def decide(self, event: Key | Paste) -> Sequence[Key | Paste]:
        if isinstance(self.screen, LightModal) and not self.screen.takes(event):
            if isinstance(event, Paste):
                self.main.intake.paste(event.text)
            return ()
        return super().decide(event)

    def main_keys(self) -> Keymap | None:
        return self.preferences.keymap if self.screen is self.main else None

    def on_paste(self, event: Paste) -> None:
        """Take what was pasted anywhere but into a field, some of which hand it on."""
        if not self.takes_letters:
            self.main.intake.paste(event.text)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._drawing]

    def get_driver_class(self) -> type[Driver]:
        if sys.platform == "win32":
            return super().get_driver_class()
        # Needs modules that exist on POSIX systems only.
        from tui_downloader.ui.terminal.driver import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> MainScreen:
        return self.main

    # The engine's life.

    def on_mount(self) -> None:
        self.set_keymap(self.preferences.keymap.own_bindings)
        self._terminal.part_with(self._terminal_status.parting)
        self.app_resume_signal.subscribe(self, self._go_on)
        self.screen_change_signal.subscribe(self, self._tidy_later)
        self.main.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """The first picture is painted: now the slow things may start."""
        if not self.is_headless:
            self._collector.clear_away()
        self.life.begin(self._follow_events, self._settle_down, self._feed.stop)
        self._toaster.warn(*self.preferences.warnings(self._notices))
        self.main.intake.add_requests(self._requests)
        if self._unsent_file is not None:
            self.main.intake.take_up(self._unsent_file)

    def _tidy_later(self, screen: Screen[object]) -> None:
        """A dialog was closed: clear it away, unless the next one is opened at once."""
        if screen is self.main and not self.is_headless:
            self.set_timer(_TIDY_AFTER_S, self._tidy)

    def _tidy(self) -> None:
        if self.screen is self.main:
            self._collector.clear_away()

    def _settle_down(self) -> None:
        """The engine takes wishes: look at it, and then do what was not needed before."""
        self._feed.wake()
        self.set_interval(LOOK_EVERY_S, self._look_around)
        warm = partial(preload, self, self._collector)
        self.set_timer(PRELOAD_AT_S, lambda: begin(self, warm, group="warm"))

    def _look_around(self) -> None:
        self._limits.look(self.preferences.settings)
        self.main.program.look_at_settings()

    def _key_of(self, command_id: str) -> str:
        return self.preferences.keymap.key_of(command_id)

    async def _follow_events(self) -> None:
        """Runs until the engine closes its feed of events."""
        async for event in self._engine.events():
            self._feed.hint()
            self._terminal_status.note(event)
            self._tell(event)

    def _tell(self, event: EngineEvent) -> None:
        if event.kind is EventKind.FAILED:
            self._failures.note()
        elif event.kind is EventKind.MOVED:
            self.main.desk.moved(event.download_id, f"{event.name}: {event.message}")
        elif event.kind is EventKind.NOTE:
            self.say(f"{event.name}: {event.message}" if event.name else event.message)

    # Quitting.

    def action_ask_quit(self) -> None:
        """Quit, but ask first when that would stop or lose something."""
        self.quitting.want()

    def on_main_screen_quit_wanted(self) -> None:
        self.quitting.want()

    def action_interrupt(self) -> None:
        """ctrl+c does nothing by itself; three within two seconds mean it."""
        self.quitting.interrupt()

    # Suspending.

    async def action_suspend(self) -> None:
        """Stop the whole program until the shell's `fg`, with everything decided on disk."""
        if self.is_headless or self._driver is None or not self._driver.can_suspend:
            self.say("Cannot suspend here")
            return
        if self.life.is_ready.is_set():
            await self._engine.flush()
        self._feed.rest()
        self.action_suspend_process()

    def _go_on(self, _: object) -> None:
        """`fg`: paint everything and look at once."""
        self._terminal_status.begin_again()
        self.refresh(layout=True)
        self._feed.wake()

    # Showing.

    def say(self, text: str) -> None:
        """Show a short message."""
        self._toaster.say(text)

    def _toast(self, text: str, seconds: float) -> None:
        width = min(TOAST_WIDTH, self.size.width) - TOAST_FRAME
        way_on = f"{self._glyphs.dot}{self._key_of('log')} shows all"
        shown = message(text, width, self._glyphs.ellipsis, way_on, self._toaster.keep)
        # What it is about is in sight first: the list, which need not be laid out anew for that.
        self.call_after_refresh(self.notify, shown, timeout=seconds, markup=False)

    def _post_board(self, board: Board) -> None:
        self.main.post_message(MainScreen.Progress(board))
        if self._arrived:
            # What was typed before the list was there has waited for it to be shown.
            self.main.call_later(self.call_later, self._take_next)
        self._terminal_status.show(board)
        if self.life.is_ready.is_set() and not self.is_headless:
            self._collector.look(len(board.snapshot.downloads))

    def watch_app_focus(self, was_focused: bool, is_focused: bool) -> None:
        """The window got or lost the focus; a key is a proof that it has it."""
        if is_focused == was_focused:
            return  # nothing has been told yet
        self._feed.set_focused(is_focused=is_focused)
        self._terminal_status.set_focused(is_focused=is_focused)
        if is_focused:
            self.main.look_at_files_anew()
            self._engine.look_at_space()
