"""The whole program as a person uses it: a real terminal, a real nginx, real files."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nginx import Nginx
from tests.terminal import ALTERNATE_SCREEN, Terminal, eventually
from tests.terminal_user import KIB, MIB, User, has_reached, percent, quit_and_save

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

LEAVES_WITHIN_S = 60.0


@pytest.fixture
def user(nginx: Nginx, tmp_path: Path) -> Iterator[User]:
    one = User(nginx, tmp_path)
    yield one
    one.leave()


def test_the_picture_is_on_the_terminal_where_errors_go_to_a_file(tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    start = "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'tui_downloader'])"
    redirect = f"import os; os.dup2(os.open({str(errors)!r}, os.O_WRONLY | os.O_CREAT), 2); {start}"
    with Terminal(home=tmp_path / "home", program=("-c", redirect)) as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.press("q")
        assert terminal.until_ended() == 0
    assert errors.read_text() == ""


def test_paste_pause_cancel_quit_and_go_on(user: User) -> None:
    big = user.serve("big.bin", 48 * MIB, 6 * MIB)
    medium = user.serve("medium.bin", 48 * MIB, 8 * MIB)
    small = user.serve("small.bin", KIB, MIB)
    with user.run() as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.paste(f"{big}\n{medium}\n{small}")
        terminal.until(lambda: "3 new" in terminal.text)
        terminal.press("F2")
        terminal.until(lambda: "done" in terminal.row("small.bin"))
        assert terminal.names == ["big.bin", "medium.bin", "small.bin"]
        terminal.highlight("big.bin")
        terminal.until(lambda: has_reached(terminal, "big.bin", 5))
        terminal.press("p")
        terminal.until(lambda: "paused" in terminal.row("big.bin"))
        terminal.highlight("medium.bin")
        terminal.until(lambda: has_reached(terminal, "medium.bin", 25))
        terminal.press("x")
        terminal.until(lambda: "Cancel medium.bin?" in terminal.text)
        terminal.press("k")
        terminal.until(lambda: "kept" in terminal.row("medium.bin"))
        terminal.highlight("big.bin")
        terminal.press("p")
        terminal.until(lambda: has_reached(terminal, "big.bin", 5))
        quit_and_save(terminal)

    with user.run() as terminal:
        # What ran goes on by itself; what was cancelled waits for a word.
        terminal.until(lambda: has_reached(terminal, "big.bin", 5))
        assert "kept" in terminal.row("medium.bin")
        terminal.highlight("medium.bin")
        terminal.press("r")
        terminal.until(lambda: all("done" in terminal.row(name) for name in user.served))
        terminal.press("q")
        assert terminal.until_ended() == 0

    user.check_files()
    user.check_traffic("big.bin", stops=2)
    user.check_traffic("medium.bin", stops=1)
    user.check_traffic("small.bin", stops=0)


def test_a_terminal_that_stops_reading_does_not_stop_downloads(user: User) -> None:
    url = user.serve("file.bin", 20 * MIB, 3 * MIB)
    with user.run(url, columns=160, rows=45) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 1))
        # Nobody reads from here on. Showing and hiding the panel makes many large pictures, more
        # than the system and the interface's writer keep for a reader.
        terminal.type("i" * 100)
        assert terminal.waiting_bytes > 3000, "the terminal is not full"
        assert not user.is_done("file.bin"), "the download was over too soon"
        eventually(lambda: user.is_done("file.bin"))
        terminal.until(lambda: "done" in terminal.row("file.bin"))
        terminal.press("q")
        assert terminal.until_ended() == 0
        assert terminal.is_restored
    user.check_files()


def test_the_picture_follows_the_size_of_the_window(user: User) -> None:
    url = user.serve("file.bin", 24 * MIB, 4 * MIB)
    with user.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 1))
        assert "Overview" not in terminal.text
        terminal.resize(120, 30)
        terminal.until(lambda: "Overview" in terminal.lines[9])  # of few rows
        terminal.resize(200, 50)
        terminal.until(lambda: "Overview" in terminal.lines[3])
        terminal.resize(39, 9)
        terminal.until(lambda: terminal.text.startswith("window too small (40x10)"))
        eventually(lambda: user.is_done("file.bin"))
        terminal.resize(80, 24)
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    user.check_files()


def test_a_window_that_has_its_size_again_gets_the_whole_picture(tmp_path: Path) -> None:
    """A smaller one in between has lost lines, and may be gone before anybody looked at it."""
    with Terminal(home=tmp_path) as terminal:
        for _ in range(2):
            terminal.until(lambda: terminal.lines[-1].startswith(" a Add"))
            terminal.resize(80, 20)
            terminal.resize(80, 24)
        terminal.until(lambda: terminal.lines[-1].startswith(" a Add"))
        before = len(terminal.output)
        terminal.kill(signal.SIGWINCH)
        terminal.until(lambda: b"Quit" in terminal.output[before:])


# A window that has its size again while the program is about to hear of the other one.
HASTY = """
import fcntl, os, shutil, struct, sys, termios
from tui_downloader.cli import main
real = shutil.get_terminal_size

def get_terminal_size(*arguments):
    size = real(*arguments)
    if size.lines == 20:
        fcntl.ioctl(sys.__stdin__, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return size

shutil.get_terminal_size = get_terminal_size
sys.exit(main([]))
"""


def test_the_size_that_a_window_has_last_is_the_one_that_counts(tmp_path: Path) -> None:
    with Terminal(home=tmp_path, program=("-c", HASTY)) as terminal:
        terminal.until(lambda: terminal.lines[-1].startswith(" a Add"))
        terminal.resize(80, 20)
        eventually(lambda: terminal.size == (80, 24))
        terminal.resize(80, 24)  # it is so: no signal comes of it
        terminal.press("a")
        terminal.until(lambda: "Add downloads" in terminal.text)
        terminal.press("\x1b")
        terminal.until(lambda: terminal.lines[-1].startswith(" a Add"))


def test_the_window_has_the_size_it_has_whatever_was_exported(tmp_path: Path) -> None:
    start = "os.execv(sys.executable, [sys.executable, '-m', 'tui_downloader'])"
    old = f"import os, sys; os.environ |= {{'COLUMNS': '130', 'LINES': '40'}}; {start}"
    with Terminal(home=tmp_path, program=("-c", old)) as terminal:
        terminal.until(lambda: terminal.lines[-1].startswith(" a Add"))
        assert terminal.lines[0].startswith(" ▼")
        terminal.resize(120, 30)
        terminal.until(lambda: terminal.lines[29].startswith(" a Add"))


def test_a_terminal_that_does_not_know_its_size_yet_is_no_trap(tmp_path: Path) -> None:
    """That of a new container is like that, and there are several ways to guess it."""
    start = "os.execv(sys.executable, [sys.executable, '-m', 'tui_downloader'])"
    none = f"import os, sys, termios; termios.tcsetwinsize(1, (0, 0)); {start}"
    with Terminal(home=tmp_path, program=("-c", none)) as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.resize(120, 30)
        terminal.until(lambda: terminal.lines[29].startswith(" a Add"))
        terminal.press("q")
        assert terminal.until_ended() == 0


def test_no_picture_before_the_first_layout_is_of_a_narrower_window(user: User) -> None:
    with user.run() as terminal:
        terminal.until(lambda: "NAME" in terminal.text)
        assert terminal.output.count(b"NAME") == terminal.output.count(b"SPEED")


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_terminal_that_draws_nothing_is_spoken_to_in_lines(tmp_path: Path, kind: str) -> None:
    """A picture on it would come to no end: it tells another size of itself each time."""
    with Terminal(home=tmp_path, rows=12, kind=kind) as terminal:
        terminal.press("?", "enter")
        terminal.until(lambda: "Enter summarises" in terminal.text)
        terminal.press("q", "enter")
        assert terminal.until_ended() == 0
        assert b"\x1b" not in terminal.output


def test_who_asks_for_json_is_spoken_to_in_lines(tmp_path: Path) -> None:
    """The full screen has none, and would be all that there is."""
    with Terminal("--json", home=tmp_path, rows=12) as terminal:
        terminal.press("q", "enter")
        assert terminal.until_ended() == 0
        assert '{"event": "summary"' in terminal.text
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_saves_and_leaves_the_terminal_as_it_was(user: User, number: int) -> None:
    url = user.serve("file.bin", 20 * MIB, 4 * MIB)
    with user.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 10))
        assert terminal.is_on(ALTERNATE_SCREEN)
        terminal.kill(number)
        assert terminal.until_ended() == 0
        assert terminal.is_restored
    with user.run() as terminal:
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    user.check_files()
    user.check_traffic("file.bin", stops=1)


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
def test_what_was_not_added_is_in_the_dialog_again_after_a_signal(
    tmp_path: Path, is_open: bool
) -> None:
    with Terminal(home=tmp_path) as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.paste("http://127.0.0.1:1/file.bin\nno link")
        terminal.until(lambda: "1 new" in terminal.text)
        if not is_open:
            terminal.press("escape")
            terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.kill(signal.SIGHUP)
        assert terminal.until_ended() == 0
    with Terminal(home=tmp_path) as terminal:
        terminal.until(lambda: "a shows 2 lines that waited to be added" in terminal.text)
        terminal.press("a")
        terminal.until(lambda: "1 new" in terminal.text and "no link in it" in terminal.text)
        terminal.press("escape")
        terminal.press("q")
        terminal.until(lambda: "2 lines in the add dialog" in terminal.text)
        terminal.press("y")
        assert terminal.until_ended() == 0
    with Terminal(home=tmp_path) as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.press("a")
        terminal.until(lambda: "links, one a line" in terminal.text)


def test_a_terminal_that_is_closed_saves_and_ends(user: User) -> None:
    url = user.serve("file.bin", 20 * MIB, 4 * MIB)
    with user.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 10))
        terminal.hang_up()
        assert terminal.ends_within(LEAVES_WITHIN_S)
    with user.run() as terminal:
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    user.check_files()
    user.check_traffic("file.bin", stops=1)


def test_the_end_of_a_terminal_is_noticed_without_a_signal(tmp_path: Path) -> None:
    """As when it is not the controlling one: then its input is at its end, again and again."""
    elsewhere = """
import os, signal, sys
child = os.fork()
if child:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os.setsid()
os.execv(sys.executable, [sys.executable, '-m', 'tui_downloader'])
"""
    with Terminal(home=tmp_path, program=("-c", elsewhere)) as terminal:
        terminal.until(lambda: "Paste links here" in terminal.text)
        terminal.hang_up()
        assert terminal.ends_within(LEAVES_WITHIN_S)


def test_a_second_instance_says_who_is_there(user: User) -> None:
    with user.run() as first:
        first.until(lambda: "Paste links here" in first.text)
        with user.run() as second:
            assert second.until_ended() == 1
            assert f"already running here (process {first.pid})" in " ".join(second.lines)
            assert not second.is_on(ALTERNATE_SCREEN)


def test_after_kill_9_the_next_start_goes_on(user: User) -> None:
    url = user.serve("file.bin", 24 * MIB, 4 * MIB)
    with user.run(url) as terminal:
        terminal.until(lambda: has_reached(terminal, "file.bin", 40))
        terminal.kill(signal.SIGKILL)
        assert terminal.until_ended() == -signal.SIGKILL
    with user.run() as terminal:
        # It does not begin at 0.
        terminal.until(lambda: percent(terminal.row("file.bin")) >= 0)
        assert percent(terminal.row("file.bin")) >= 10
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    user.check_files()
    user.check_traffic("file.bin", stops=1)


def connections(terminal: Terminal, name: str) -> int:
    """How many connections a row of a wide window shows."""
    numbers = re.search(r" (\d+)/\d+$", terminal.row(name))
    return int(numbers[1]) if numbers else 0


def test_a_file_over_many_connections_survives_everything(user: User) -> None:
    url = user.serve("file.bin", 128 * MIB, MIB)
    with user.run_as_it_comes(url, columns=120, rows=30) as terminal:
        terminal.until(lambda: connections(terminal, "file.bin") >= 4)
        terminal.press("p")
        terminal.until(lambda: "paused" in terminal.row("file.bin"))
        terminal.press("p")
        terminal.until(lambda: connections(terminal, "file.bin") >= 4)
        quit_and_save(terminal)
    with user.run_as_it_comes(columns=120, rows=30) as terminal:
        terminal.until(lambda: connections(terminal, "file.bin") >= 4)
        before = percent(terminal.row("file.bin"))
        terminal.kill(signal.SIGKILL)
        assert terminal.until_ended() == -signal.SIGKILL
    with user.run_as_it_comes(columns=120, rows=30) as terminal:
        terminal.until(lambda: percent(terminal.row("file.bin")) >= 0)
        # What came in the second before the blow may be missing.
        assert percent(terminal.row("file.bin")) >= before - 25
        terminal.until(lambda: "done" in terminal.row("file.bin"))
    user.check_files()
