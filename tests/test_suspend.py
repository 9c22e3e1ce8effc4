"""The terminal is given back as it was: on ctrl+z, after a stop from outside, after a crash."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.engine.running import sha256
from tests.nginx import Nginx
from tests.server import Pattern
from tests.terminal import ALTERNATE_SCREEN, BRACKETED_PASTE, FOCUS, MOUSE, Terminal, eventually

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

FILE = Pattern(12_000_000)
LASTING_BYTES = 60_000_000
TAKEN = (ALTERNATE_SCREEN, BRACKETED_PASTE, FOCUS)
CLEARED = b"\x1b]9;4;0;0\x1b\\"
BEFORE, AFTER = b"\x1b[22;2t", b"\x1b[23;2t"

# From Python 3.13 on a traceback shows lines of what was given with -c; so their secrets come in
# parts.

# Fails in the middle of things when the window loses the focus.
CRASHING = """
import sys
from tui_downloader import cli
from tui_downloader.ui.app import DownloaderApp

def crash(app, event):
    secret = "S3C" + "RET"
    headers = {"Authorization": "Basic " + secret}
    address = "https://user:" + secret + "@host.example/file?token=" + secret
    raise RuntimeError("a bug with " + address)

DownloaderApp.on_app_blur = crash
sys.exit(cli.main())
"""

# Fails where no message of the interface is being handled, when the window gets the focus: while
# a sample is looked at, while events are told, and within the engine.
BESIDE = """
import asyncio, sys
from tui_downloader import cli
from tui_downloader.engine.queue.full_disks import FullDisks
from tui_downloader.ui.app import DownloaderApp

told = []
DownloaderApp.on_app_focus = lambda app, event: told.append(event)

def fail():
    raise RuntimeError("no way to https://user:" + "S3C" + "RET@host.example")

def sample(app, board, post=DownloaderApp._post_board):
    fail() if told else post(app, board)

async def events(app):
    await engine(None, None)

async def engine(disks, disk):
    while not told:
        await asyncio.sleep(0.05)
    fail()

{owner}.{method} = {function}
sys.exit(cli.main())
"""

# Progress is told while the terminal is being given back.
LATE = """
import sys
from tui_downloader import cli
from tui_downloader.ui.terminal.driver import TerminalDriver

def stop(driver, give_back=TerminalDriver.stop_application_mode):
    give_back(driver)
    driver._app._terminal.write("\\x1b]9;4;1;50\\x1b\\\\")

TerminalDriver.stop_application_mode = stop
sys.exit(cli.main())
"""

# Goes on after a stop from outside that came in the middle of a write.
WRITING = """
import signal, sys
from tui_downloader import cli
from tui_downloader.ui.app import DownloaderApp

def write(app, event):
    with app._driver._writer_thread._queue.mutex:
        signal.raise_signal(signal.SIGCONT)

DownloaderApp.on_app_focus = write
sys.exit(cli.main())
"""

# Told to end before the interface is up: while it is made, and while it takes the terminal.
HASTY = """
import functools, os, signal, sys
from tui_downloader import cli
from tui_downloader.ui.app import DownloaderApp

taken = DownloaderApp.{moment}

@functools.wraps(taken)
def told(*args, **options):
    os.kill(os.getpid(), signal.{number})
    return taken(*args, **options)

DownloaderApp.{moment} = told
sys.exit(cli.main())
"""

# The engine fails at a download in a way that nobody foresaw.
FAULTY = """
import sys
from tui_downloader import cli
from tui_downloader.engine.queue.roster import Roster

def crash(roster):
    raise RuntimeError("no way to https://user:" + "S3C" + "RET@host.example")

Roster.first_folder = crash
sys.exit(cli.main())
"""

# A disk whose flushes do not come back.
STUCK = """
import os, sys, time
from tui_downloader import cli

os.fdatasync = lambda fd: time.sleep(600)
sys.exit(cli.main())
"""

# The locale is looked at when Python starts.
RUN_AGAIN = "import sys; os.execl(sys.executable, sys.executable, '-m', 'tui_downloader')"


@pytest.fixture
def place(nginx: Nginx, tmp_path: Path) -> Path:
    """Where nginx has the files of a test."""
    folder = nginx.root / tmp_path.name
    folder.mkdir()
    return folder


@pytest.fixture
def short_url(nginx: Nginx, place: Path) -> str:
    """A file that takes some seconds."""
    FILE.write_to(place / "file.bin")
    return nginx.url(f"/slow/2000/{place.name}/file.bin")


@pytest.fixture
def url(nginx: Nginx, place: Path) -> str:
    """A file that takes half a minute: whatever is done meanwhile, it is not done by then."""
    with (place / "file.bin").open("wb") as file:
        file.truncate(LASTING_BYTES)
    return nginx.url(f"/slow/2000/{place.name}/file.bin")


@pytest.fixture(autouse=True)
def terminal_with_a_taskbar(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "ZELLIJ"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WT_SESSION", "1")


def is_given_back(terminal: Terminal) -> bool:
    """Every mode is off, the old title is back and the taskbar is clear."""
    modes_are_off = not any(terminal.is_on(mode) for mode in (*TAKEN, *MOUSE))
    title_is_back = terminal.output.count(BEFORE) == terminal.output.count(AFTER)
    last_progress = terminal.output.rfind(b"\x1b]9;4;")
    return modes_are_off and title_is_back and last_progress == terminal.output.rfind(CLEARED)


def run(tmp_path: Path, *arguments: str, script: str | None = None) -> Terminal:
    program = ("-m", "tui_downloader") if script is None else ("-c", script)
    fixed = ("-d", str(tmp_path / "downloads"), "-x", "1")
    return Terminal(*fixed, *arguments, home=tmp_path / "home", program=program)


def is_running(terminal: Terminal) -> bool:
    return "MB/s" in terminal.row("file.bin") and b"\x1b]9;4;1;" in terminal.output


def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(tmp_path: Path, short_url: str) -> None:
    with run(tmp_path, short_url) as terminal:
        terminal.until(lambda: is_running(terminal))
        for _ in range(2):
            terminal.press("ctrl+z")
            terminal.until(lambda: terminal.is_stopped and is_given_back(terminal))
            last = terminal.output.rfind(AFTER)
            terminal.until(lambda: b"downloads stop until fg\r" in terminal.output[last:])  # noqa: B023
            mark = len(terminal.output)
            terminal.kill(signal.SIGCONT)
            # Taken again, and painted from the top.
            terminal.until(lambda: all(terminal.is_on(mode) for mode in TAKEN))
            terminal.until(lambda: b"file.bin" in terminal.output[mark:])  # noqa: B023
        terminal.until(lambda: "done" in terminal.row("file.bin"))
        terminal.press("q")
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)
    assert sha256(tmp_path / "downloads" / "file.bin") == FILE.sha256()


def test_a_stop_from_outside_is_survived(tmp_path: Path, url: str) -> None:
    with run(tmp_path, url) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.kill(signal.SIGSTOP)
        eventually(lambda: terminal.is_stopped)
        mark = len(terminal.output)
        terminal.kill(signal.SIGCONT)
        terminal.until(lambda: b"file.bin" in terminal.output[mark:])
        # One reader of keys, not two: a question stays open, a second q would answer it.
        terminal.press("q")
        terminal.until(lambda: "1 running" in terminal.text)
        terminal.press("y")
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)


def test_going_on_in_the_middle_of_a_write_waits_for_its_end(tmp_path: Path, url: str) -> None:
    with run(tmp_path, url, script=WRITING) as terminal:
        terminal.until(lambda: is_running(terminal))
        mark = len(terminal.output)
        terminal.press("\x1b[I")
        terminal.until(lambda: BEFORE in terminal.output[mark:])
        terminal.kill(signal.SIGTERM)
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("script", [None, STUCK], ids=["sound", "stuck disk"])
def test_who_is_told_to_end_is_gone_whatever_the_disk_does(
    tmp_path: Path, url: str, number: signal.Signals, script: str | None
) -> None:
    with run(tmp_path, url, script=script) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.kill(number)
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)
    assert (tmp_path / "downloads" / "file.bin.part.json").exists()


@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("moment", ["run_async", "get_default_screen", "on_mount", "_begin"])
def test_who_is_told_to_end_while_it_starts_gives_the_terminal_back(
    tmp_path: Path, url: str, moment: str, number: str
) -> None:
    script = HASTY.format(moment=moment, number=number)
    with run(tmp_path, url, script=script) as terminal:
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)
        assert b"Traceback" not in terminal.output


def test_who_quits_is_gone_and_hears_of_a_stuck_disk(tmp_path: Path, url: str) -> None:
    with run(tmp_path, url, script=STUCK) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.press("q")
        terminal.until(lambda: "1 running" in terminal.text)
        terminal.press("y")
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)
        assert b"a disk does not answer" in terminal.output
    assert (tmp_path / "downloads" / "file.bin.part.json").exists()


def test_who_is_told_twice_is_gone_at_once(tmp_path: Path, url: str) -> None:
    patient = f"from tui_downloader.ui import engine_life\nengine_life._SAVING_S = 600\n{STUCK}"
    with run(tmp_path, url, script=patient) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.kill(signal.SIGTERM)
        terminal.until(lambda: "saving" in terminal.text)
        terminal.kill(signal.SIGTERM)
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)
        assert b"left before all was saved" in terminal.output


def test_a_crash_gives_the_terminal_back_too(tmp_path: Path, url: str) -> None:
    with run(tmp_path, url, script=CRASHING) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.press("\x1b[O")
        assert terminal.until_ended() != 0
        assert b"RuntimeError" in terminal.output
        assert b"in crash" in terminal.output
        assert b"tui-downloader.log" in terminal.output.replace(b"\r\n", b"")
        assert is_given_back(terminal)
        assert b"S3CRET" not in terminal.output
    log = (tmp_path / "home" / "tui-downloader.log").read_text()
    assert "a bug with https://***@host.example" in log
    assert "S3CRET" not in log.replace(CRASHING, "")


def test_a_crash_of_the_engine_is_told_without_secrets(tmp_path: Path, url: str) -> None:
    with run(tmp_path, url, script=FAULTY) as terminal:
        assert terminal.until_ended() == 1
        assert b"RuntimeError" in terminal.output
        assert b"has ended" in terminal.output.replace(b"\r\n", b"")
        assert b"S3CRET" not in terminal.output
        assert is_given_back(terminal)


def test_nothing_is_told_to_a_terminal_that_was_given_back(tmp_path: Path, url: str) -> None:
    with run(tmp_path, url, script=LATE) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.kill(signal.SIGTERM)
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)


@pytest.mark.parametrize(
    ("owner", "method", "function"),
    [
        ("DownloaderApp", "_post_board", "sample"),
        ("DownloaderApp", "_follow_events", "events"),
        ("FullDisks", "watch", "engine"),
    ],
)
def test_a_crash_beside_the_interface_ends_it_too(
    tmp_path: Path, url: str, owner: str, method: str, function: str
) -> None:
    script = BESIDE.format(owner=owner, method=method, function=function)
    with run(tmp_path, url, script=script) as terminal:
        terminal.until(lambda: is_running(terminal))
        terminal.press("\x1b[I")
        assert terminal.until_ended() == 1
        assert b"RuntimeError" in terminal.output
        assert b"has ended" in terminal.output.replace(b"\r\n", b"")
        assert is_given_back(terminal)
        assert b"S3CRET" not in terminal.output
    assert (tmp_path / "downloads" / "file.bin.part.json").exists()


@pytest.mark.parametrize(
    ("variable", "value", "is_ascii"),
    [("LC_ALL", "C", True), ("TERM", "linux", True), ("TERM", "xterm", False)],
)
def test_a_terminal_without_utf8_is_drawn_with_ascii(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, is_ascii: bool
) -> None:
    program = f"import os; os.environ[{variable!r}] = {value!r}; " + RUN_AGAIN
    home = tmp_path / "home"
    with Terminal(home=home, columns=120, rows=30, program=("-c", program)) as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text and "Quit" in terminal.text)
        assert terminal.text.isascii() is is_ascii
        terminal.press("q")
        assert terminal.until_ended() == 0


@pytest.mark.parametrize("name", ["mouse", "title"])
def test_a_setting_about_the_terminal_holds_at_once(tmp_path: Path, name: str) -> None:
    def is_taken() -> bool:
        if name == "mouse":
            return all(terminal.is_on(mode) for mode in (1000, 1003, 1006))
        return terminal.output.rfind(b"\x1b]2;") > terminal.output.rfind(AFTER)

    with run(tmp_path) as terminal:
        terminal.until(lambda: ", Settings" in terminal.text and is_taken())
        terminal.press(",")
        terminal.until(lambda: "Settings ─" in terminal.text)
        terminal.press("/")
        terminal.type(name)
        terminal.press("enter")
        terminal.until(lambda: f"> {name} " in terminal.text)
        assert "applies at once" in terminal.text
        terminal.press("enter")
        terminal.until(lambda: not is_taken())
        terminal.press("enter")
        terminal.until(is_taken)
        terminal.kill(signal.SIGTERM)
        assert terminal.until_ended() == 0
        assert is_given_back(terminal)
