"""Short messages: when they are shown, and how little room they take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.timers import Timers
from tui_downloader.ui.view.cells import wrap
from tui_downloader.ui.view.toasts import (
    BURST_S,
    SHOWN_S,
    FailureBurst,
    Toaster,
    briefly,
    message,
    shown_s,
)


def toaster_of(shown: list[str], later: Timers) -> Toaster:
    """Make one whose messages are all kept, except those that it takes off the screen."""
    return Toaster(lambda text, _: shown.append(text), shown.clear, later.call, lambda: later.now)


def test_messages_are_at_least_a_second_apart() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    toaster.say("one")
    toaster.say("two")
    assert shown == ["one"]
    later.advance(1.0)
    assert shown == ["one", "two"]


def test_messages_that_come_too_fast_are_joined() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    for number in range(3):
        toaster.say(f"message {number}")
    later.advance(1.0)
    assert shown == ["message 0", "message 1\nmessage 2"]


def test_of_two_that_wait_a_long_one_is_not_cut_to_join_them() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    for text in ("at once", "x" * 58, "another"):
        toaster.say(text)
    later.advance(1.0)
    assert shown == ["at once", "x" * 58]
    toaster.say("late")
    later.advance(SHOWN_S - 1.0)
    assert shown[2:] == ["another\nlate"]


def test_of_a_crowd_of_messages_the_log_has_all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    for number in range(7):
        toaster.say(f"message {number}")
    later.advance(1.0)
    assert shown == ["message 0", "message 1\nand 5 more: see the log (L)"]
    assert caplog.messages == [f"message {number}" for number in range(2, 7)]


def test_a_crowd_of_warnings_leaves_room_for_what_comes_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    warnings = [f"settings.toml, line {number}: {'no such setting ' * 5}" for number in range(1, 5)]
    toaster.warn(*warnings)
    toaster.say("Added 12")
    later.advance(1.0)
    assert shown == [f"{warnings[0]}\nand 3 more: see the log (L)", "Added 12"]
    assert caplog.messages == warnings


LONG_NAME = "dataset-part-00001-of-00064-of-the-long-series.tar.zst"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a message", ["a message"]),
        ("Removed 12 · z undo\nAdded 3", ["Removed 12 · z undo", "Added 3"]),
        # What fits stays as it is, and so does what is said of a name.
        (f"Cancelled {LONG_NAME}", [f"Cancelled {LONG_NAME}"]),
        (
            f"Cancelled {LONG_NAME}{LONG_NAME}: 1.2 MB gone in 10 s · z undo",
            ["Cancelled dataset-…he-long-series.tar.zst: 1.2 MB gone in 10 s · z undo"],
        ),
        (
            "/home/me/.config/tui-downloader/settings.toml, line 3: limit_rate must be off, or "
            "like 500K, 2M or 40Mbit, not 'fast'; off is used",
            [
                "settings.toml, line 3: limit_rate must be off, or "
                "like 500K, 2M or 40Mbit, not 'fast'; off is used"
            ],
        ),
        (
            "/home/me/.config/settings.toml, line 3: unknown setting jbos; did you mean jobs?\n"
            "and 14 more: see the log (L)",
            [
                "/home/me/.config/settings.toml, line 3: unknown setting jbos; did you mean jobs?",
                "and 14 more: see the log (L)",
            ],
        ),
        (
            f"Removed {LONG_NAME}\nAdded 3",
            [f"Removed {LONG_NAME}", "Added 3"],
        ),
    ],
)
def test_names_give_way_to_what_is_said_of_them(text: str, lines: list[str]) -> None:
    shown = briefly(text, 57, "…", " · L shows all")
    assert shown.split("\n") == lines


@given(st.lists(st.text(alphabet="ab -日", max_size=200), max_size=2), st.integers(20, 57))
def test_no_message_has_more_than_two_lines_and_joined_ones_as_many_each(
    texts: list[str], width: int
) -> None:
    shown = briefly("\n".join(texts), width, "…", " · L shows all")
    assert sum(len(wrap(line, width)) for line in shown.split("\n")) <= max(2, 2 * len(texts))


@pytest.mark.parametrize("width", [37, 57])
@pytest.mark.parametrize(
    "problem",
    [
        "line 1: unknown setting conections; did you mean connections?",
        'line 7: pause: keys are a text such as "p,f5"; the default is used',
        "line 3: ca_certificate: there is no certificate file issuers.pem; the system's issuers "
        "alone are trusted",
    ],
)
def test_the_first_of_many_warnings_is_whole(problem: str, width: int) -> None:
    text = f"/home/me/settings.toml, {problem}\nand 6 more: see the log (L)"
    shown = briefly(text, width, "…", " · L shows all").split("\n")
    assert shown[0].endswith(problem)
    assert shown[1:] == ["and 6 more: see the log (L)"]


@pytest.mark.parametrize(
    "told", ["10 MB", "1.20 GB", "500 kB/s", "3.4 MiB", "9 s", "12 B", "2 days"]
)
@pytest.mark.parametrize("width", [40, 57])
def test_no_line_ends_between_a_number_and_its_unit(told: str, width: int) -> None:
    for before in range(width - 12, width + 1):
        text = f"{'x' * before} {told} go in time"
        shown = message(text, width, "…", " · L shows all", lambda _: None)
        lines = [line for each in shown.split("\n") for line in wrap(each, width)]
        assert " ".join(lines) == text
        assert any(told in line for line in lines)
        assert all(len(line) <= width for line in lines)


def test_only_what_is_cut_is_kept_whole() -> None:
    kept: list[str] = []
    whole = "one two three " * 6
    message(whole.strip(), 57, "…", " · L shows all", kept.append)
    assert kept == []
    message(whole * 9, 57, "…", " · L shows all", kept.append)
    assert kept == [whole * 9]


def test_no_more_than_two_messages_are_shown_at_a_time() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    toaster.say("0")
    later.advance(1.0)
    toaster.say("1")
    later.advance(1.0)
    toaster.say("2")
    assert shown == ["0", "1"]
    later.advance(SHOWN_S - 2.0)
    assert shown == ["0", "1", "2"]


def test_a_message_stays_as_long_as_it_takes_to_read() -> None:
    assert shown_s("Added 12") == SHOWN_S
    assert shown_s("x" * 180) == 10.0
    assert shown_s("x" * 5_000) == 15.0


def test_a_long_message_has_its_time_before_a_third_one_is_shown() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    toaster.say("x" * 180)
    later.advance(1.0)
    toaster.say("y" * 180)
    later.advance(1.0)
    toaster.say("2")
    later.advance(7.9)
    assert len(shown) == 2
    later.advance(0.2)
    assert shown[2:] == ["2"]


def test_what_was_said_of_the_same_before_goes_and_the_latest_stands_lowest() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    toaster.say("another")
    later.advance(1.0)
    for text in ("off", "200 kB/s", "off", "200 kB/s"):
        toaster.say(text, "limit")
        assert shown == ["another", text]
    later.advance(SHOWN_S)
    assert shown == ["another", "200 kB/s"]


def test_what_waits_gives_way_to_what_is_said_of_the_same_later() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    toaster.say("another")
    toaster.say("off", "limit")
    toaster.say("Removed 1")
    toaster.say("200 kB/s", "limit")
    later.advance(1.0)
    assert shown == ["another", "Removed 1\n200 kB/s"]


def test_what_stays_when_another_message_goes_keeps_its_end() -> None:
    later = Timers()
    for_s: list[float] = []
    toaster = Toaster(
        lambda _, seconds: for_s.append(seconds), for_s.clear, later.call, lambda: later.now
    )
    toaster.say("another")
    later.advance(1.0)
    toaster.say("off", "limit")
    toaster.say("200 kB/s", "limit")
    assert for_s == [SHOWN_S - 1.0, SHOWN_S]


def test_what_is_said_again_while_it_is_shown_is_there_once_and_for_its_whole_time() -> None:
    later = Timers()
    shown: list[tuple[str, float]] = []
    toaster = Toaster(
        lambda text, seconds: shown.append((text, seconds)),
        shown.clear,
        later.call,
        lambda: later.now,
    )
    toaster.say("already at the top")
    later.advance(1.0)
    toaster.say("another")
    later.advance(1.0)
    toaster.say("already at the top")
    assert shown == [("another", SHOWN_S - 1.0), ("already at the top", SHOWN_S)]
    later.advance(SHOWN_S)
    toaster.say("already at the top")
    assert len(shown) == 3  # the one before has gone by itself


def test_of_what_is_said_twice_while_it_waits_the_latest_place_counts() -> None:
    later = Timers()
    shown: list[str] = []
    toaster = toaster_of(shown, later)
    for text in ("a", "b", "c", "b"):
        toaster.say(text)
    later.advance(1.0)
    assert shown == ["a", "c\nb"]


@pytest.mark.parametrize(
    ("failures", "said"), [(3, []), (4, ["4 downloads failed · 5 shows them"])]
)
def test_only_many_failures_are_announced(failures: int, said: list[str]) -> None:
    later = Timers()
    shown: list[str] = []
    burst = FailureBurst(shown.append, later.call)
    for _ in range(failures):
        burst.note()
    later.advance(BURST_S)
    assert shown == said


def test_failures_that_are_far_apart_are_not_added_up() -> None:
    later = Timers()
    shown: list[str] = []
    burst = FailureBurst(shown.append, later.call)
    for _ in range(6):
        burst.note()
        later.advance(BURST_S)
    assert shown == []
