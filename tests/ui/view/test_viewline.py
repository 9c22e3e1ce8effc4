"""The line of views: counts at its left, what is unusual about the list at its right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.fake_engine import download
from tui_downloader.model.download import QueueSnapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.keymap import read_keymap
from tui_downloader.ui.view.board import Board, View, look_at
from tui_downloader.ui.view.columns import columns_for
from tui_downloader.ui.view.filtering import Filter, Sieve, parse_filter
from tui_downloader.ui.view.glyphs import ASCII, UNICODE, Glyphs
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.view.sort_keys import Sort, SortKey
from tui_downloader.ui.view.viewline import Marked, heads_pieces, views_pieces

MANY = QueueSnapshot(
    tuple(
        download(number, status)
        for number, status in enumerate(
            [Status.DOWNLOADING] * 3
            + [Status.QUEUED] * 12
            + [Status.COMPLETED] * 240
            + [Status.FAILED],
            1,
        )
    )
)
QUEUE, BY_NAME, BY_SPEED = Sort(), Sort(SortKey.NAME), Sort(SortKey.SPEED)
NOTHING = Marked()


def line(
    width: int,
    text: str = "",
    sort: Sort = QUEUE,
    marked: Marked = NOTHING,
    view: View = View.ALL,
    glyphs: Glyphs = UNICODE,
) -> str:
    board = replace(look_at(MANY, view), wanted=parse_filter(text), sort=sort)
    pieces, _ = views_pieces(board, marked, glyphs, width)
    return text_of(pieces)


def test_the_views_count_what_they_show_whatever_the_filter() -> None:
    usual = " [1 All 256]  2 Active 3   3 Queued 12   4 Done 240   5 Failed 1"
    assert line(80).rstrip() == usual
    assert line(100, "nothing like this").startswith(usual)


@pytest.mark.parametrize(
    ("failed", "cancelled", "skipped", "width", "shown"),
    [
        (0, 0, 0, 80, "5 Failed 0"),
        (2, 0, 0, 80, "5 Failed 2"),
        (2, 1, 0, 80, "5 Failed 2, cancelled 1"),
        (0, 1, 0, 80, "5 Cancelled 1"),
        (2, 1, 0, 60, "5 Fail 2"),
        (0, 1, 0, 55, "5 Canc 1"),
        (0, 0, 3, 80, "5 Skipped 3"),
        (0, 1, 3, 80, "5 Cancelled 1, skipped 3"),
        (2, 0, 3, 80, "5 Failed 2, skipped 3"),
        (2, 1, 3, 100, "5 Failed 2, cancelled 1, skipped 3"),
        (0, 0, 3, 55, "5 Skip 3"),
    ],
)
def test_what_was_cancelled_or_skipped_is_not_counted_as_a_failure(
    failed: int, cancelled: int, skipped: int, width: int, shown: str
) -> None:
    statuses = [Status.FAILED] * failed + [Status.CANCELLED] * cancelled
    taken = Failure("exists", "skipped: b.iso exists already")
    downloads = (
        *(download(number, status) for number, status in enumerate(statuses, 1)),
        *(download(100 + n, Status.CANCELLED, failure=taken) for n in range(skipped)),
    )
    board = look_at(QueueSnapshot(downloads))
    pieces, _ = views_pieces(board, NOTHING, UNICODE, width)
    texts = [text for text, _ in pieces]
    (start,) = (at for at, text in enumerate(texts) if text.startswith("5"))
    assert "".join(texts[start : start + 2]).rstrip() == shown


@pytest.mark.parametrize(
    ("width", "text", "sort", "marked", "end"),
    [
        (120, "dataset", QUEUE, Marked(2), "/ dataset   sort: queue ▲   2 marked"),
        (120, "", QUEUE, NOTHING, "   sort: queue ▲"),
        (120, "", BY_SPEED, NOTHING, "sort: speed ▼"),
        (120, "", BY_NAME, NOTHING, "sort: name ▲"),
        (120, "", BY_NAME.reversed(), NOTHING, "sort: name ▼"),
        (120, "", QUEUE, Marked(12, 4), "12 marked (4 hidden)"),
        (120, "", QUEUE, Marked(12, 0, is_drawing=True), "12 marked, v ends"),
        (80, "dataset", QUEUE, NOTHING, "/ dataset"),
        (80, "", QUEUE, Marked(12, 4), "12 marked (4 hidden)"),
        (80, "dataset", BY_NAME, Marked(2), "/ dataset   name ▲   2 marked"),
        (80, "a long filter text", BY_NAME, NOTHING, "/ a long filter text   name ▲"),
        (60, "dataset", BY_NAME, Marked(2, 1), "/ dataset   name ▲   2 marked (1 hidden)"),
        (60, "a long filter", BY_NAME, Marked(20), "/ a long filter   name ▲   20 marked"),
        (40, "dataset", BY_NAME, Marked(2, 1), "   / dataset   ▲   *2"),
        (40, "a long filter text", BY_NAME, Marked(2, 1), "   / a long filte…   ▲   *2"),
    ],
)
def test_what_is_unusual_stands_at_the_right_edge(
    width: int, text: str, sort: Sort, marked: Marked, end: str
) -> None:
    shown = line(width, text, sort, marked)
    assert shown.endswith(end)
    assert cell_len(shown) == width - 1


@pytest.mark.parametrize(
    ("width", "text", "sort", "marked", "end"),
    [
        (120, "file-25", QUEUE, Marked(2), "8 of 256 / file-25 sort: queue ▲ 2 marked"),
        (100, "file-25", BY_NAME, Marked(2), "5 Fail 1 8/256 / file-25 name ▲ 2 marked"),
        (80, "file-25", QUEUE, NOTHING, "5 Fail 1 8/256 / file-25"),
        (80, "file-25", BY_NAME, NOTHING, "5 Fail 8 of 256 / file-25 name ▲"),
        (80, "file-25", BY_NAME, Marked(2), "5 Fail / file-25 name ▲ 2 marked"),
        (60, "file-25", BY_NAME, NOTHING, "[1 All 256] 8 of 256 / file-25 name ▲"),
        (40, "file-25", QUEUE, NOTHING, "[1 All 256] 8 of 256 / file-25"),
        (40, "file-25", BY_NAME, NOTHING, "[1 All 256] / file-25 name ▲"),
    ],
)
def test_how_many_match_outranks_the_counts_of_other_views_but_not_their_titles(
    width: int, text: str, sort: Sort, marked: Marked, end: str
) -> None:
    assert found_line(width, text, sort, marked).endswith(end)


@pytest.mark.parametrize(
    ("width", "end"),
    [
        (120, "5 Failed 1 sort: queue ▲ 8 of 256"),
        (44, "[1 All 256] 8 of 256"),
        (22, "[1 All 256] 8/256"),
        (18, "[1 All 256]"),
    ],
)
def test_while_a_filter_is_typed_how_many_match_outranks_the_titles_too(
    width: int, end: str
) -> None:
    assert found_line(width, "file-25", is_filtering=True).endswith(end)


def found_line(
    width: int,
    text: str,
    sort: Sort = QUEUE,
    marked: Marked = NOTHING,
    *,
    is_filtering: bool = False,
) -> str:
    """The line over the rows that a filter leaves."""
    wanted = parse_filter(text)
    board = look_at(MANY, narrow=Sieve(wanted).narrow if wanted.tests else None)
    board = replace(board, wanted=wanted, sort=sort)
    pieces, _ = views_pieces(board, marked, UNICODE, width, is_filtering=is_filtering)
    line = text_of(pieces)
    assert cell_len(line) == width - 1
    return " ".join(line.split())


def test_a_pasted_filter_cannot_do_anything_to_the_terminal() -> None:
    assert line(120, "a\x1b[31m\u202eb").endswith("/ a[31mb   sort: queue ▲")


def test_a_narrow_window_has_short_views() -> None:
    shown = line(40, view=View.QUEUED)
    assert "[3 Queued 12]" in shown
    assert len(shown) <= 40


def test_the_smallest_window_still_tells_everything_unusual() -> None:
    shown = line(40, "a long filter text", BY_NAME, Marked(12, 3), view=View.FAILED)
    for part in ("[5 Failed 1]", "/ a", "▲", "*12"):
        assert part in shown


def test_a_filter_keeps_the_titles_of_the_views_beside_it() -> None:
    titles = " [1 All 256]  2 Act  3 Que  4 Done  5 Fail"
    assert line(60, "dataset").startswith(titles)
    assert line(80, "dataset", BY_NAME, Marked(2)).startswith(titles)


def test_a_kept_filter_that_is_not_understood_says_what_is_wrong() -> None:
    board = replace(look_at(MANY), wanted=parse_filter("size:huge"))
    pieces, _ = views_pieces(board, NOTHING, UNICODE, 80)
    ((told, role),) = [piece for piece in pieces if piece[0].startswith("/ ")]
    assert told == f"/ size:huge: {board.wanted.problem}"
    assert role == "warning"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("/f[/", "/ /f[/ is no pattern: unterminated character set"),
        ("!/f[/", "/ !/f[/ is no pattern: unterminated character set"),
        ("/(a+)+/", "/ /(a+)+/ might take forever: a repeat within a repeat"),
        ("word /f[/", "/ word /f[/: /f[/ is no pattern: unterminated character set"),
    ],
)
def test_a_pattern_that_is_not_understood_is_named_once_where_nothing_is_beside_it(
    text: str, end: str
) -> None:
    assert line(200, text).endswith(f"   {end}   sort: queue ▲")


def test_a_narrow_window_still_warns_of_a_filter_that_is_not_understood() -> None:
    assert line(80, "size:huge", BY_NAME, Marked(2)).startswith(
        " [1 All 256]   / size:huge: 'huge' is"
    )
    assert line(40, "size:huge").endswith("   / size:huge: 'huge' is …")


def test_each_part_can_be_clicked_where_it_stands() -> None:
    board = replace(look_at(MANY), wanted=parse_filter("dataset"), sort=BY_NAME)
    pieces, targets = views_pieces(board, Marked(2), UNICODE, 120)
    shown = text_of(pieces)
    places = {target.value: shown[target.start : target.end].strip() for target in targets}
    assert places["view_failed"] == "5 Failed 1"
    assert places["filter"] == "/ dataset"
    assert places["sort"] == "sort: name ▲"


def test_ascii_terminals_get_ascii() -> None:
    assert line(120, "dataset", BY_SPEED, Marked(2), glyphs=ASCII).isascii()


@given(
    st.integers(40, 220),
    st.text(max_size=60),
    st.sampled_from(list(SortKey)),
    st.booleans(),
    st.integers(0, 10_000),
    st.booleans(),
    st.sampled_from(list(View)),
)
def test_the_line_never_gets_wider_than_the_window(
    width: int, text: str, key: SortKey, flip: bool, count: int, drawing: bool, view: View
) -> None:
    clean = "".join(character for character in text if character.isprintable())
    marked = Marked(count, count // 2, is_drawing=drawing)
    assert cell_len(line(width, clean, Sort(key, flip), marked, view)) <= width


def test_the_line_names_the_users_own_keys() -> None:
    keymap, _ = read_keymap({"view_failed": "f5", "view_all": "X", "mark_range": "m"})
    marked = Marked(2, is_drawing=True)
    pieces, targets = views_pieces(look_at(MANY), marked, UNICODE, 120, keymap)
    shown = text_of(pieces)
    assert shown.startswith(" [X All 256]  2 Active 3 ")
    assert " f5 Failed 1" in shown
    assert "2 marked, m ends" in shown
    failed = next(target for target in targets if target.value == "view_failed")
    assert shown[failed.start : failed.end].strip() == "f5 Failed 1"


def test_a_click_on_a_head_sorts_by_its_column() -> None:
    pieces, targets = heads_pieces(BY_SPEED, columns_for(179), UNICODE)
    shown = text_of(pieces)
    places = {target.value: shown[target.start : target.end].strip() for target in targets}
    assert places == {
        "sort_queue": "",
        "sort_name": "NAME",
        "sort_percent": "%",
        "sort_size": "SIZE",
        "sort_speed": "SPEED▼",
        "sort_left": "ETA",
        "sort_host": "HOST",
    }


def test_an_empty_board_is_as_usual() -> None:
    board = Board()
    assert board.sort.is_queue_order
    assert board.wanted == Filter()
    assert board.shows_all
