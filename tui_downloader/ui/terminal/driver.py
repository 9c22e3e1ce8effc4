"""A Textual driver that copes with terminals which stop reading or go away.

Textual's own writer blocks the event loop once a stopped terminal has filled its queue, and dies
with the terminal; downloads must notice neither.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
import sys
from typing import IO, TYPE_CHECKING, Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste

from tui_downloader.runs.patient_file import PatientFile
from tui_downloader.ui.terminal.escape_key import Decoder, EscapeKeys, keys_of
from tui_downloader.ui.terminal.input_clock import InputClock
from tui_downloader.ui.terminal.paste_guard import PasteGuard
from tui_downloader.ui.terminal.window_title import RESTORE_TITLE, SAVE_TITLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.message import Message


def _terminal_of(errors: IO[str] | None) -> Any:
    """Return the stream of the picture: stderr, as in Textual, unless that goes to a file."""
    out = sys.__stdout__
    is_redirected = errors is None or not errors.isatty()
    return out if is_redirected and out is not None and out.isatty() else errors


class _UntilHangUp:
    """Notices the end of the input, which Textual would read again and again."""

    def __init__(self, decoder: Decoder, on_end: Callable[[], None]) -> None:
        self._decoder = decoder
        self._on_end = on_end

    def decode(self, data: bytes, final: bool = False) -> str:
        if not (data or final):
            self._on_end()
        return self._decoder.decode(data, final)


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, writing through a `PatientFile`.

    Attributes:
        parting: written whenever the terminal is given back, also after a crash.
        stopped_words: a sentence for the shell's user while the program is suspended.
        guards_pastes: no key comes from within a paste.
    """

    guards_pastes = True

    # Textual asks for write, flush, fileno and isatty only, but declares a TextIOWrapper.
    _file: Any

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.parting = RESTORE_TITLE
        self.stopped_words = ""
        self._terminal: IO[str] = _terminal_of(self._file)
        self._is_stopped = False
        self._is_taken = False
        self.exit_event = self._input_clock = InputClock()
        # The only place where the driver can be told how to decode: the name its module looks up.
        vars(linux_driver)["getincrementaldecoder"] = self._tolerant_decoder
        self._open_file()

    def _tolerant_decoder(self, encoding: str) -> Callable[[], EscapeKeys]:
        """Decode input; Textual's own decoder ends the program at invalid UTF-8."""
        decoder = codecs.getincrementaldecoder(encoding)
        self._guard = PasteGuard(decoder(errors="replace"))
        return lambda: EscapeKeys(_UntilHangUp(self._guard, self._hang_up))

    def _hang_up(self) -> None:
        """Tell the program what its terminal did not: that is not the controlling one, perhaps."""
        self.exit_event.set()
        os.kill(os.getpid(), signal.SIGHUP)

    def _open_file(self) -> None:
        self._file = self._patient = PatientFile(self._terminal)

    @property
    def waiting_writes(self) -> int:
        """Frames that the terminal has not accepted yet."""
        return self._patient.waiting_writes

    @property
    def is_reading(self) -> bool:
        """Keys of one read are still being passed on."""
        return self._input_clock.is_reading

    def process_message(self, message: Message) -> None:
        """Pass an event on, from the reading thread."""
        if isinstance(message, Paste):
            message = Paste(self._guard.pasted.popleft())
        for each in keys_of(message):
            if isinstance(each, Key):
                each.time = self._input_clock.stamp()
            super().process_message(each)

    def start_application_mode(self) -> None:
        """Take over the terminal; its title is saved."""
        if self._patient.is_closed:
            self._open_file()
        super().start_application_mode()
        self._heed_signals_in_turn()
        self.write(SAVE_TITLE)
        self._is_taken = True

    def _heed_signals_in_turn(self) -> None:
        """Have the event loop call what Textual made the handlers of signals.

        Python calls a handler in the middle of things. In the middle of a write it would wait for
        ever, as it writes itself. And the next signal can interrupt it after it has read the size
        of the window and before it has told it: the older size would then be told last.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)
        tell_size = signal.getsignal(signal.SIGWINCH)
        if callable(tell_size):
            loop.add_signal_handler(signal.SIGWINCH, tell_size, signal.SIGWINCH, None)

    def stop_application_mode(self) -> None:
        """Restore the terminal."""
        self._is_taken = False
        self.write(self.parting)
        super().stop_application_mode()

    def tell(self, sequence: str) -> None:
        """Send something besides the picture, unless the terminal was given back."""
        if self._is_taken:
            self.write(sequence)

    def use_mouse(self, *, is_wanted: bool) -> None:
        """Turn reports of the mouse on or off."""
        if is_wanted != self._mouse:
            self._disable_mouse_support()
            self._mouse = is_wanted
            self._enable_mouse_support()

    def close(self) -> None:
        """Write what is left."""
        super().close()
        self._patient.close()

    # ctrl+z and fg.

    def suspend_application_mode(self) -> None:
        """Give the terminal back to the shell, with a message about what that means."""
        self._is_stopped = True
        super().suspend_application_mode()
        if self.stopped_words:
            self._terminal.write(f"{self.stopped_words}\r\n")
            self._terminal.flush()

    def resume_application_mode(self) -> None:
        """Take the terminal again."""
        super().resume_application_mode()
        self._is_stopped = False

    def _sigcont_application(self, *_: object) -> None:
        """Go on after `fg`, even if another process stopped the program."""
        if not self._auto_restart:
            return
        if not self._is_stopped:
            # Stopped from outside in the middle of things: the shell has changed the terminal.
            self.stopped_words, words = "", self.stopped_words
            self.suspend_application_mode()
            self.stopped_words = words
            self._must_signal_resume = True
        self.resume_application_mode()
