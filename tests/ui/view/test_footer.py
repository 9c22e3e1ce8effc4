"""The footer names what applies, the most useful first, and fits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.fake_engine import download
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.store.finished_files import Fate
from tui_downloader.ui.commands.situation import Situation
from tui_downloader.ui.view.footer import footer_pieces
from tui_downloader.ui.view.glyphs import UNICODE
from tui_downloader.ui.view.pieces import text_of


def footer(situation: Situation, width: int) -> str:
    return text_of(footer_pieces(situation, UNICODE, width)[0])


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_help_and_quit_keep_their_places_in_the_footer(width: int) -> None:
    situation = Situation(highlighted=download(1, Status.DOWNLOADING), rows=1, downloads=1)
    line = footer(situation, width)
    assert line.endswith(" ? Help  q Quit ")
    assert len(line) <= width


def test_the_footer_shows_what_applies() -> None:
    situation = Situation(highlighted=download(1, Status.FAILED), rows=1, downloads=1)
    line = footer(situation, 200)
    assert "r Retry" in line
    assert "p Pause" not in line


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("http-404", " u New URL  r Retry  a Add "),
        ("auth", " e User and password  r Retry  a Add "),
        ("tls", " e Allow for this host  r Retry  a Add "),
        ("range", " R From 0  u New URL  a Add "),
        ("checksum", " R Again  c Change expected  D Delete  a Add "),
        ("web-page", " o Look  u New URL  r Save anyway  a Add "),
        ("permission", " e Other folder  r Retry  a Add "),
    ],
)
def test_the_footer_of_a_failure_begins_with_what_mends_it(code: str, start: str) -> None:
    failed = download(1, Status.FAILED, failure=Failure(code, "", ""))
    situation = Situation(highlighted=failed, rows=1, downloads=1)
    assert footer(situation, 80).startswith(start)


@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_what_failed_can_be_removed_and_edited_and_is_not_offered_to_be_cancelled(
    width: int, is_full: bool
) -> None:
    failed = download(1, Status.FAILED, failure=Failure("http-404", "", ""))
    situation = Situation(highlighted=failed, rows=1, downloads=1, is_full=is_full)
    line = footer(situation, width)
    assert "Cancel" not in line
    assert "e Edit" in line
    assert "d Remove" in line or is_full


def test_what_mends_a_failure_stays_in_a_narrow_footer() -> None:
    failed = download(1, Status.FAILED, failure=Failure("http-404", "", ""))
    situation = Situation(highlighted=failed, rows=1, downloads=1)
    line = footer(situation, 40)
    assert line == " u New URL  r Retry  ? Help  q Quit "


def test_with_marks_the_footer_is_about_them() -> None:
    failed = download(1, Status.FAILED, failure=Failure("http-404", "", ""))
    marked = frozenset({Status.QUEUED})
    situation = Situation(highlighted=failed, marked=marked, rows=2, downloads=2)
    assert footer(situation, 80).startswith(" a Add  p Pause ")


@pytest.mark.parametrize(
    ("facts", "start"),
    [
        ({"status": Status.CANCELLED}, " r Restart "),
        ({"status": Status.CANCELLED, "kept_bytes": 5}, " r Resume "),
        ({"status": Status.WAITING, "failure": Failure("dns", "", "")}, " r Retry now  u New URL "),
        ({"status": Status.PAUSED}, " a Add  p Resume "),
        ({"status": Status.QUEUED, "start_at": 9e9}, " r Start now  a Add  p Pause "),
    ],
)
def test_the_footer_begins_with_what_helps_on(facts: dict[str, Any], start: str) -> None:
    situation = Situation(highlighted=download(1, **facts), rows=1, downloads=1)
    assert footer(situation, 80).startswith(start)


RUNNING = Situation(highlighted=download(1, Status.DOWNLOADING), rows=1, downloads=1)
DOCKED = RUNNING._replace(has_panel=True)
NO_ACCESS = download(1, Status.FAILED, failure=Failure("permission", "", ""))
CROWDED = DOCKED._replace(highlighted=NO_ACCESS, can_undo=True)
PAUSED = RUNNING._replace(highlighted=download(1, Status.PAUSED))
FULL = DOCKED._replace(is_full=True)


@pytest.mark.parametrize(
    ("situation", "width", "line"),
    [
        (RUNNING, 60, " a Add  p Pause  x Cancel  ⏎ Details  ? Help  q Quit "),
        (
            RUNNING,
            80,
            " a Add  p Pause  x Cancel  / Filter  s Sort  t Limit  ⏎ Details  ? Help  q Quit ",
        ),
        (
            DOCKED,
            80,
            " a Add  p Pause  x Cancel  / Filter  s Sort  ⏎ Details  h/l Tab  ? Help  q Quit ",
        ),
        (
            DOCKED,
            120,
            " a Add  p Pause  x Cancel  d Remove  space Mark  / Filter  s Sort  t Limit  ⏎ Details "
            " h/l Tab  , Set  ? Help  q Quit ",
        ),
        (
            RUNNING._replace(highlighted=download(1)),
            80,
            " a Add  p Pause  x Cancel  J/K Move  / Filter  ⏎ Details  ? Help  q Quit ",
        ),
        (
            RUNNING._replace(highlighted=download(1), is_queue_order=False),
            80,
            " a Add  p Pause  x Cancel  / Filter  s Sort  t Limit  ⏎ Details  ? Help  q Quit ",
        ),
        (
            RUNNING._replace(highlighted=download(1, Status.COMPLETED)),
            80,
            " a Add  d Remove  / Filter  s Sort  o Open  O Folder  ⏎ Details  ? Help  q Quit ",
        ),
        (
            CROWDED,
            80,
            " e Other folder  r Retry  a Add  z Undo  d Remove  h/l Tab  ? Help  q Quit ",
        ),
        (PAUSED, 40, " a Add  p Resume  ? Help  q Quit "),
        (PAUSED._replace(can_undo=True), 40, " z Undo  p Resume  ? Help  q Quit "),
        (PAUSED._replace(can_undo=True), 60, " a Add  z Undo  p Resume  x Cancel  ? Help  q Quit "),
        (RUNNING._replace(can_undo=True), 40, " a Add  z Undo  p Pause  ? Help  q Quit "),
        (FULL, 40, " p Pause  ⏎ Close  ? Help  q Quit "),
        (FULL, 60, " p Pause  x Cancel  ⏎ Close  h/l Tab  ? Help  q Quit "),
        (
            FULL,
            80,
            " p Pause  x Cancel  e Edit  y Copy  +/- Conns  ⏎ Close  h/l Tab  ? Help  q Quit ",
        ),
    ],
)
def test_the_footer_names_what_is_most_useful(situation: Situation, width: int, line: str) -> None:
    assert footer(situation, width) == line


@pytest.mark.parametrize("failure", [Failure("dns", "", ""), Failure("http-404", "", "")])
@pytest.mark.parametrize("width", [40, 50, 60, 70, 80])
def test_full_screen_details_name_the_way_out_of_them_and_where_there_is_room_their_tabs(
    failure: Failure, width: int
) -> None:
    status = Status.WAITING if failure.code == "dns" else Status.FAILED
    line = footer(FULL._replace(highlighted=download(1, status, failure=failure)), width)
    assert "⏎ Close" in line
    assert "h/l Tab" in line or width < 60
    assert line.startswith((" r ", " u "))  # what helps stays


@pytest.mark.parametrize(
    ("fate", "line"),
    [
        (Fate.GONE, " r Fetch again  a Add  d Remove  / Filter  s Sort  ⏎ Details  ? Help "),
        (Fate.RESIZED, " R Fetch again  a Add  / Filter  s Sort  o Open  ⏎ Details  ? Help "),
    ],
)
def test_the_footer_begins_with_what_fetches_a_lost_file_again(fate: Fate, line: str) -> None:
    done = download(1, Status.COMPLETED)
    situation = Situation(
        highlighted=done, rows=1, downloads=1, has_gone=fate is Fate.GONE, fate=fate
    )
    assert footer(situation, 80).startswith(line)


def test_what_two_keys_do_is_named_once() -> None:
    situation = Situation(highlighted=download(1, Status.PAUSED), rows=1, downloads=1)
    line = footer(situation, 120)
    assert line.count("Resume") == 1
    assert " p Resume " in line


@pytest.mark.parametrize("width", [60, 80, 120])
def test_while_there_is_nothing_to_do_the_footer_names_the_key_of_the_themes(width: int) -> None:
    line = footer(Situation(), width)
    assert " ctrl+t Theme " in line
    assert not [title for title in ("Limit", "Panel", "Filter") if title in line]


def test_a_wide_footer_names_the_keys_of_connections_and_panel() -> None:
    line = footer(DOCKED, 220)
    for entry in (" h/l Tab ", " +/- Conns ", " i Panel ", " , Settings ", " : Commands "):
        assert entry in line


@pytest.mark.parametrize("situation", [RUNNING, DOCKED, DOCKED._replace(highlighted=download(1))])
def test_a_wide_footer_names_the_folder_also_of_what_is_not_done(situation: Situation) -> None:
    line = footer(situation, 180)
    assert " O Folder " in line


def test_a_short_word_in_the_footer_makes_room_for_another_key() -> None:
    line = footer(DOCKED, 140)
    assert all(entry in line for entry in (" , Set ", " H History ", " e Edit "))


@pytest.mark.parametrize("width", [160, 180, 200, 220])
def test_a_wide_footer_cuts_no_word_short(width: int) -> None:
    line = footer(DOCKED, width)
    assert all(entry in line for entry in (" , Settings ", " H History ", " y Copy "))


def test_what_would_change_the_list_is_no_help_where_it_is_not_seen() -> None:
    line = footer(FULL, 200)
    assert not [title for title in ("Filter", "Sort", "Mark", "Move", "Panel") if title in line]


def test_each_entry_of_the_footer_can_be_clicked_where_it_stands() -> None:
    line, targets = footer(Situation(), 80), footer_pieces(Situation(), UNICODE, 80)[1]
    shown = {target.value: line[target.start : target.end] for target in targets}
    assert shown["add"] == " a Add "
    assert shown["quit"] == " q Quit "
