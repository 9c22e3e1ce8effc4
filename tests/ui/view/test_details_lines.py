"""The lines of the panel: everything is told, and no line is wider than the panel."""

from __future__ import annotations

import math
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.download import Assurance, ConnectionSnapshot, Details, Hold, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.retry import Retry
from tui_downloader.model.slowness import Cause, Remedy
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.keymap import Keymap
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.details_lines import Tab, lines_for, name_line, tabs_line, title_pieces
from tui_downloader.ui.view.details_parts import Line, Picture
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.filtering import parse_filter
from tui_downloader.ui.view.glyphs import ASCII, UNICODE, Glyphs
from tui_downloader.ui.view.hyperlinks import target_of
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.view.words import message_forms

GB = 1_000_000_000
URL = "https://files.example.com/" + "deep/" * 40 + "archive.tar.zst"
FINAL_URL = "https://cdn-3.example.net/" + "0123456789abcdef" * 12 + "?token=" + "a1" * 90
PATH = "/downloads/" + "folder/" * 40 + "archive.tar.zst"

RUNNING = download(
    1,
    Status.DOWNLOADING,
    url=URL,
    name="archive-日本語-" + "x" * 90 + ".tar.zst",
    done_bytes=3 * GB,
    total_bytes=5 * GB,
    bytes_per_s=41.2e6,
    eta_s=54.0,
    connections=2,
    active_s=98.0,
    received_bytes=38_000_000 * 98,
    heard_at=NOW,
)
FAILED = download(
    2,
    Status.FAILED,
    url=URL,
    failure=Failure("http-404", "the server says 404: " + "not found " * 30, "give a new URL"),
)
DETAILS = Details(
    final_url=FINAL_URL,
    path=PATH,
    throughput=tuple(float(second % 40) * 1e6 for second in range(120)),
    throughput_until=int(NOW),
    max_bytes_per_s=48e6,
    max_at=NOW - 121,
    done_ranges=((0, 2 * GB), (3 * GB, 4 * GB)),
    connections=(
        ConnectionSnapshot(1, 0, 2 * GB, 3 * GB, 20e6, 1, "[2001:db8::1234:5678:9abc:def0]:443"),
        ConnectionSnapshot(2, 3 * GB, 4 * GB, 5 * GB, 0.0, 2, "192.0.2.1:443", "retrying"),
    ),
    slowed_by=Cause("the server gives each connection 20 MB/s"),
    server=(("status", "HTTP/1.1 206 Partial Content"), ("ETag", '"' + "e" * 150 + '"')),
    resume="yes (ETag)",
    checksum="sha-256=" + "1a2b" * 16,
    log=tuple((NOW + second, "something happened " * 12) for second in range(60)),
)


def picture(snapshot: Snapshot, width: int, height: int, **fields: Any) -> Picture:
    details = Details(**fields) if fields else DETAILS
    return Picture(snapshot, details, Context(NOW, Figures()), UNICODE, width, height)


def text(lines: list[Line]) -> str:
    return "\n".join(text_of(line) for line in lines)


@pytest.mark.parametrize("snapshot", [RUNNING, FAILED], ids=["running", "failed"])
@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize(("width", "height"), [(40, 5), (79, 40), (119, 5), (119, 26), (199, 45)])
def test_no_line_is_wider_than_the_panel(
    snapshot: Snapshot, tab: Tab, width: int, height: int
) -> None:
    shown = picture(snapshot, width, height)
    lines = [*lines_for(tab, shown), name_line(shown)]
    assert [line for line in text(lines).split("\n") if cell_len(line) > width] == []


@pytest.mark.parametrize("snapshot", [RUNNING, FAILED], ids=["running", "failed"])
@pytest.mark.parametrize("width", [60, 79, 119])
def test_the_title_of_the_panel_is_as_wide_as_the_panel(snapshot: Snapshot, width: int) -> None:
    title, _ = title_pieces(Tab.OVERVIEW, picture(snapshot, width, 5), width)
    assert cell_len(text([title])) == width


def test_an_address_that_led_nowhere_else_is_told_once() -> None:
    asked = RUNNING._replace(url="http://a.example/b.bin#part")
    lines = text(
        lines_for(Tab.OVERVIEW, picture(asked, 79, 45, final_url="http://a.example/b.bin"))
    )
    assert "via" not in lines
    lines = text(
        lines_for(Tab.OVERVIEW, picture(asked, 79, 45, final_url="http://c.example/b.bin"))
    )
    assert " via       http://c.example/b.bin" in lines


@pytest.mark.parametrize(("width", "height"), [(79, 45), (119, 6)])
def test_a_typed_address_is_not_told_once_more_as_it_was_sent(width: int, height: int) -> None:
    asked = RUNNING._replace(url="http://a.example/größe 🐧.bin")
    sent = "http://a.example/gr%C3%B6%C3%9Fe%20%F0%9F%90%A7.bin"
    lines = text(lines_for(Tab.OVERVIEW, picture(asked, width, height, final_url=sent)))
    assert "größe 🐧.bin" in lines
    assert "%C3" not in lines


@pytest.mark.parametrize(("status", "last"), [(Status.DOWNLOADING, "now"), (Status.PAUSED, "end")])
def test_the_chart_of_what_does_not_run_ends_with_its_end(status: Status, last: str) -> None:
    snapshot = RUNNING._replace(status=status)
    lines = text(lines_for(Tab.OVERVIEW, picture(snapshot, 79, 45))).split("\n")
    (axis,) = [line for line in lines if "└" in line]
    assert axis.rstrip().endswith(f" {last}")


@pytest.mark.parametrize("width", [79, 119])
def test_what_is_cut_of_a_name_or_a_path_is_not_its_end(width: int) -> None:
    named = RUNNING._replace(name="dataset-" * 20 + "part-00001.tar.zst")
    shown = picture(named, width, 5, path=f"/downloads/{named.name}")
    title = text([title_pieces(Tab.OVERVIEW, shown, width)[0]])
    assert "001.tar.zst " in title
    assert "00001.tar.zst " in text([name_line(shown)])
    assert text(lines_for(Tab.OVERVIEW, shown)[:1]).endswith("-00001.tar.zst")


@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize("width", [39, 45, 46, 80])
def test_every_tab_is_in_sight_and_a_sign_tells_which_one_is_open(width: int, tab: Tab) -> None:
    pieces, places = tabs_line(tab, picture(RUNNING, width, 5))
    line = text([pieces])
    assert cell_len(line) <= width
    assert f"[{tab.value}]" in line
    for each, (left, right) in places.items():
        assert each.value in line[left:right]


@pytest.mark.parametrize("tab", Tab)
def test_the_tabs_above_a_docked_panel_leave_room_for_a_name(tab: Tab) -> None:
    for width in range(58, 120):
        shown = picture(RUNNING._replace(name="unknown1.bin"), width, 5)
        title, places = title_pieces(tab, shown, width)
        line = text([title])
        assert line.startswith("── unknown1.bin ─"), width
        assert cell_len(line) == width
        for each, (left, right) in places.items():
            assert each.value in line[left:right]


def test_a_panel_that_is_too_narrow_for_a_name_shows_its_tabs() -> None:
    title, places = title_pieces(Tab.LOG, picture(RUNNING, 40, 5), 40)
    assert text([title]) == " Overview Connections Server Check[Log]"
    assert places[Tab.LOG] == (34, 38)


@pytest.mark.parametrize(
    ("tab", "told"), [(Tab.SERVER, "has not answered"), (Tab.LOG, "program was started")]
)
def test_what_stands_in_place_of_facts_is_broken_in_a_narrow_panel(tab: Tab, told: str) -> None:
    lines = lines_for(tab, picture(RUNNING, 30, 5, path="/x"))
    assert all(cell_len(text([line])) <= 30 for line in lines)
    assert told in " ".join(text(lines).split())


@pytest.mark.parametrize("width", [79, 119])
def test_long_addresses_are_shown_whole_and_every_line_of_them_opens_them(width: int) -> None:
    lines = lines_for(Tab.OVERVIEW, picture(RUNNING, width, 45))
    for address in (URL, FINAL_URL):
        shown = [piece for line in lines for piece, _ in line if target_of(piece) == address]
        assert len(shown) > 1
        assert "".join(shown) == address


@pytest.mark.parametrize(
    ("glyphs", "drawn"), [(UNICODE, "▒░░░██▒░▒▒█░"), (ASCII, ":...##:.::#.")], ids=["utf8", "ascii"]
)
def test_what_is_here_of_a_file_is_seen_on_its_map_however_little(
    glyphs: Glyphs, drawn: str
) -> None:
    ranges = ((0, 1), (400, 650), (820, 830), (870, 880), (999, 1100))
    paused = download(1, Status.PAUSED, done_bytes=371, total_bytes=1200)
    shown = Picture(
        paused,
        Details(done_ranges=ranges),
        Context(NOW, Figures()),
        glyphs,
        width=len(drawn) + 7,
        height=8,
    )
    lines = text(lines_for(Tab.CONNECTIONS, shown)).splitlines()
    assert next(line for line in lines if line.startswith(" map")) == f" map  {drawn}"


LEGEND = "  █ done  ▒ in part  ▸ receiving  ░ to do  × retrying"


@pytest.mark.parametrize("tab", [Tab.OVERVIEW, Tab.CONNECTIONS])
def test_beside_a_wide_map_stands_what_its_signs_mean(tab: Tab) -> None:
    lines = text(lines_for(tab, picture(RUNNING, 119, 5))).splitlines()
    assert next(line for line in lines if line.startswith(" map")).endswith(LEGEND)


def test_what_is_complete_needs_no_map() -> None:
    whole = RUNNING._replace(status=Status.COMPLETED)
    for tab in (Tab.OVERVIEW, Tab.CONNECTIONS):
        assert " map " in text(lines_for(tab, picture(RUNNING, 119, 5)))
        assert " map " not in text(lines_for(tab, picture(whole, 119, 5)))


@pytest.mark.parametrize("height", [5, 45])
def test_the_overview_of_a_complete_file_tells_its_size(height: int) -> None:
    whole = RUNNING._replace(status=Status.COMPLETED, finished_at=NOW)
    assert " 5.00 GB · done " in text(lines_for(Tab.OVERVIEW, picture(whole, 119, height)))


def test_below_a_narrow_map_its_tab_tells_what_its_signs_mean() -> None:
    lines = text(lines_for(Tab.CONNECTIONS, picture(RUNNING, 79, 45))).splitlines()
    assert lines[1] == "    " + LEGEND
    assert LEGEND not in text(lines_for(Tab.CONNECTIONS, picture(RUNNING, 50, 45)))
    assert LEGEND not in text(lines_for(Tab.CONNECTIONS, picture(RUNNING, 79, 5)))
    assert LEGEND not in text(lines_for(Tab.CONNECTIONS, picture(FAILED, 79, 45)))


def test_the_check_names_the_key_that_the_user_has_chosen_for_it() -> None:
    own = Context(NOW, Figures(), keymap=Keymap({"checksum": ("f5",)}))
    shown = Picture(RUNNING, DETAILS, own, UNICODE, width=79, height=20)
    assert " f5 enters one" in text(lines_for(Tab.CHECK, shown))


def test_a_tall_overview_tells_what_happened_last_to_its_end() -> None:
    log = ((NOW, "the first"), (NOW, "the second " + "word " * 20 + "end"), (NOW, "the last"))
    shown = picture(RUNNING, 79, 60, log=log)
    assert text(lines_for(Tab.OVERVIEW, shown)).endswith(text(lines_for(Tab.LOG, shown)))
    few = text(lines_for(Tab.OVERVIEW, picture(RUNNING, 79, 11, log=log)))
    assert few.endswith("end\n" + text(lines_for(Tab.LOG, shown)[-1:]))
    assert "the first" not in few


def test_a_tall_overview_says_everything() -> None:
    shown = text(lines_for(Tab.OVERVIEW, picture(RUNNING, 79, 45)))
    for part in ("max 48.0 MB/s", "#2", "retrying", "gives each connection", "yes (ETag)", "1a2b"):
        assert part in shown


@pytest.mark.parametrize(("width", "height"), [(79, 20), (119, 26)])
def test_a_full_screen_says_what_it_is_slowed_by_without_scrolling(width: int, height: int) -> None:
    lines = text(lines_for(Tab.OVERVIEW, picture(RUNNING, width, height))).split("\n")
    assert "slowed by" in "\n".join(lines[:height])


LONGEST = Cause(
    "the limit of 64 connections in all, shared by 16 downloads: 4 here, 999 kB/s each",
    Remedy.SHARED_CONNECTIONS,
)
OWN = Cause("its own speed limit of 2.00 MB/s", Remedy.OWN_LIMIT)


@pytest.mark.parametrize(("seconds", "is_drawn"), [(0, False), (1, False), (2, True)])
def test_what_came_within_a_second_has_no_graph(seconds: int, is_drawn: bool) -> None:
    small = picture(RUNNING, 119, 6, throughput=(1e6,) * seconds)
    assert ("1.00 MB/s ┤" in text(lines_for(Tab.OVERVIEW, small))) == is_drawn


@pytest.mark.parametrize("throughput", [(1e6,) * 120, ()], ids=["graph", "no graph"])
@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (OWN, "slowed by its own speed limit of 2.00 MB/s · press e to change it"),
        (LONGEST, f"slowed by {LONGEST.words} · press , to change it"),
        (Cause("the way", Remedy.PROGRAM_LIMIT), "slowed by the way · press t to change it"),
        (Cause("the way", Remedy.OWN_CONNECTIONS), "slowed by the way · press + for more"),
        (Cause("the way"), "slowed by the way"),
    ],
)
@pytest.mark.parametrize("width", [39, 79, 99, 119, 159])
def test_a_docked_overview_says_whole_what_limits_the_speed_and_what_changes_it(
    width: int, cause: Cause, words: str, throughput: tuple[float, ...]
) -> None:
    facts = {"throughput": throughput, "resume": "yes (ETag)", "slowed_by": cause}
    lines = lines_for(Tab.OVERVIEW, picture(RUNNING, width, 5, **facts))
    if width > 40:
        assert len(lines) <= 5
    told = ".*?".join(re.escape(word) for word in words.split())
    assert re.search(told, text(lines), re.DOTALL)


def test_what_limits_the_speed_is_told_in_the_units_of_the_user() -> None:
    cause = Cause("its own speed limit of {rate}", Remedy.OWN_LIMIT, 1 << 21)
    shown = picture(RUNNING, 119, 5, slowed_by=cause)
    context = replace(shown.context, figures=Figures(is_binary=True))
    assert "limit of 2.00 MiB/s" in text(lines_for(Tab.OVERVIEW, shown._replace(context=context)))
    assert "limit of 2.10 MB/s" in text(lines_for(Tab.OVERVIEW, shown))


def test_beside_the_longest_such_sentence_the_graph_is_drawn_too() -> None:
    for width in range(99, 179):
        shown = picture(RUNNING, width, 5, throughput=(1e6,) * 120, slowed_by=LONGEST)
        lines = text(lines_for(Tab.OVERVIEW, shown)).split("\n")
        assert "┤" in lines[-2], width
        assert "┤" in lines[-1], width
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", range(39, 200, 4))
@pytest.mark.parametrize("height", [5, 26])
@pytest.mark.parametrize("tab", [Tab.OVERVIEW, Tab.CONNECTIONS])
def test_a_key_and_what_it_does_stand_in_one_line(tab: Tab, height: int, width: int) -> None:
    shown = picture(RUNNING, width, height, throughput=(), slowed_by=LONGEST)
    assert "press , to change it" in text(lines_for(tab, shown))


@pytest.mark.parametrize("height", [5, 13, 26])
@pytest.mark.parametrize("tab", [Tab.OVERVIEW, Tab.CONNECTIONS])
def test_a_number_and_what_it_is_of_stand_in_one_line(tab: Tab, height: int) -> None:
    for width in range(39, 200):
        shown = picture(RUNNING, width, height, throughput=(), slowed_by=LONGEST)
        lines = text(lines_for(tab, shown))
        for words in ("64 connections", "16 downloads", "4 here", "999 kB/s"):
            assert words in lines, width


@pytest.mark.parametrize("height", [5, 26])
def test_speeds_are_told_whole_or_not_at_all(height: int) -> None:
    speeds = ("now 41.2 MB/s", "avg 38.0 MB/s", "max 48.0 MB/s")
    for width in range(39, 140):
        lines = text(lines_for(Tab.OVERVIEW, picture(RUNNING, width, height)))
        told = [each for each in speeds if each in lines]
        assert told[:2] == [*speeds[:2]], width
        assert ("max" in lines) == (len(told) == 3) == (height > 10 or width >= 45), width
        assert height < 10 or ("elapsed 1:38" in lines and "left 0:54" in lines)


@pytest.mark.parametrize(("width", "height"), [(39, 5), (79, 5), (119, 5), (119, 13), (79, 26)])
def test_the_speeds_of_a_file_of_unknown_size_are_told_below_what_is_here(
    width: int, height: int
) -> None:
    running = RUNNING._replace(total_bytes=None, eta_s=None)
    lines = text(lines_for(Tab.OVERVIEW, picture(running, width, height))).split("\n")
    place = next(y for y, line in enumerate(lines) if "3.00 GB so far" in line)
    assert lines[place + 1].startswith(" avg 38.0 MB/s  max 48.0 MB/s")
    assert not any("now 41" in line or " left " in line for line in lines)
    ended = running._replace(status=Status.COMPLETED, total_bytes=3 * GB)
    assert "max" not in text(lines_for(Tab.OVERVIEW, picture(ended, width, height)))


@pytest.mark.parametrize(("width", "height"), [(119, 19), (79, 40)])
@pytest.mark.parametrize("total_bytes", [5 * GB, None])
def test_connections_stand_below_the_map_and_never_right_below_the_chart(
    width: int, height: int, total_bytes: int | None
) -> None:
    running = RUNNING._replace(total_bytes=total_bytes)
    lines = text(lines_for(Tab.OVERVIEW, picture(running, width, height))).split("\n")
    first = next(y for y, line in enumerate(lines) if line.startswith(" #1 "))
    if total_bytes is None:
        assert lines[first - 1] == ""
        assert lines[first - 2].endswith("now")
    else:
        assert lines[first - 1].startswith(" map ")
        assert lines[first - 2] == ""


@pytest.mark.parametrize("cause", [OWN, LONGEST])
def test_a_panel_of_120_columns_keeps_its_graph(cause: Cause) -> None:
    facts = {"throughput": (1e6,) * 120, "resume": "yes (ETag)", "slowed_by": cause}
    facts |= {"done_ranges": ((0, GB),)}
    lines = lines_for(Tab.OVERVIEW, picture(RUNNING, 119, 5, **facts))
    assert len(lines) == 5
    assert "1.00 MB/s ┤" in text(lines)


def test_the_graph_tells_how_long_it_is_where_nothing_else_stands_there() -> None:
    values = tuple(float(second) * 1e6 for second in range(1, 121))
    shown = [text([line]) for line in lines_for(
        Tab.OVERVIEW, picture(RUNNING, 119, 5, throughput=values, slowed_by=Cause())
    )]  # fmt: skip
    (last,) = [line for line in shown if re.match(r" +0 ┤", line)]
    assert last.rstrip().endswith("█   120 s")
    assert cell_len(last) <= 119


def low_graph(width: int, *until_s: int, **facts: Any) -> list[str]:
    """The last line of the graph in a low panel, of a speed that comes and goes."""
    drawn = []
    for until in until_s:
        values = tuple(3e6 + 3e6 * math.sin(second**2) for second in range(until - 120, until))
        shown = picture(RUNNING, width, 5, throughput=values, throughput_until=until, **facts)
        lines = text(lines_for(Tab.OVERVIEW, shown)).split("\n")
        drawn += [line for line in lines if re.match(r" +0 ┤", line)]
    return drawn


@pytest.mark.parametrize("width", [60, 79, 99, 119, 159])
def test_the_columns_of_a_low_graph_keep_their_height_as_they_move(width: int) -> None:
    before, *later = low_graph(width, *range(1000, 1004))
    columns = len(before.split("┤")[1].rsplit("   ", 1)[0])
    for after in later:
        assert after[13 : 13 + columns - 6] in before


def test_a_low_graph_ends_with_the_highest_speed_that_is_told() -> None:
    facts = {"throughput": (4e6,) * 120, "throughput_until": 1000, "max_bytes_per_s": 8e6}
    for max_at, label in ((990.0, "8.00 MB/s"), (850.0, "4.00 MB/s")):
        lines = text(lines_for(Tab.OVERVIEW, picture(RUNNING, 119, 5, max_at=max_at, **facts)))
        top, *_, foot = (line.split("┤") for line in lines.split("\n") if "┤" in line)
        assert top[0].strip() == label
        assert ("█" in top[1]) == (label == "4.00 MB/s")
        assert foot[1].startswith("█" * 40)


def test_a_chart_ends_no_lower_than_the_highest_speed_of_its_time() -> None:
    facts = {"throughput": (4e6,) * 120, "throughput_until": 1000, "max_bytes_per_s": 4.1e6}
    for max_at, label in ((881.0, "5.00 MB/s ┤"), (880.0, "4.00 MB/s ┤")):
        shown = picture(RUNNING, 119, 19, max_at=max_at, **facts)
        assert label in text(lines_for(Tab.OVERVIEW, shown))


@pytest.mark.parametrize(
    ("width", "height", "least"),
    [(119, 13, 3), (119, 19, 8), (79, 20, 6), (79, 45, 8), (79, 60, 12)],
)
def test_the_chart_grows_with_the_panel(width: int, height: int, least: int) -> None:
    shown = text(lines_for(Tab.OVERVIEW, picture(RUNNING, width, height)))
    assert "-60 s" in shown
    assert sum("█" in line for line in shown.split("\n") if "map" not in line) >= least


@pytest.mark.parametrize("height", [13, 19])
@pytest.mark.parametrize("connections", [1, 2, 3, 16])
def test_a_wide_low_panel_shows_all_it_can_without_scrolling(height: int, connections: int) -> None:
    each = DETAILS.connections[0]
    many = tuple(each._replace(number=number) for number in range(1, connections + 1))
    details = DETAILS._replace(connections=many)
    shown = Picture(RUNNING, details, Context(NOW, Figures()), UNICODE, 119, height)
    lines = lines_for(Tab.OVERVIEW, shown)
    assert len(lines) <= height
    words = text(lines)
    seen = sum(f"#{number} " in words for number in range(1, connections + 1))
    assert seen >= min(connections, 2)
    assert (f"… {connections - seen} more under Connections" in words) == (seen < connections)
    assert words.count("▇▇") >= min(seen, 2)


def test_what_can_resume_and_is_checked_stands_under_a_short_sentence() -> None:
    facts = {"throughput": (1e6,) * 120, "resume": "yes (ETag)", "slowed_by": OWN}
    shown = text(lines_for(Tab.OVERVIEW, picture(RUNNING, 119, 5, checksum="md5=1a2b", **facts)))
    assert "resume yes (ETag) · md5=1a2b" in shown


@pytest.mark.parametrize(
    ("facts", "is_told"),
    [
        ({"queue_place": 1}, True),
        ({"queue_place": 7}, True),
        ({"queue_place": 1, "hold": Hold(2, 2)}, False),
        ({"start_at": NOW + 60}, False),
    ],
)
def test_in_line_the_key_is_named_that_lets_more_run(facts: dict[str, Any], is_told: bool) -> None:
    row = download(1, Status.QUEUED, **facts)
    context = Context(NOW, Figures(), at_once=5)
    shown = Picture(row, Details(path="/x"), context, UNICODE, 79, 5)
    words = "how many run at once is a setting · press , to change it"
    assert (words in text(lines_for(Tab.OVERVIEW, shown))) is is_told


@pytest.mark.parametrize("height", [5, 20])
@pytest.mark.parametrize(
    ("status", "facts", "words"),
    [
        (Status.QUEUED, {"queue_place": 2}, "queued · 2nd in line"),
        (Status.CONNECTING, {"phase": "TLS"}, "connecting · TLS handshake · 2 s"),
        (
            Status.CONNECTING,  # once more
            {"phase": "TLS", "failure": Failure("connection", "the connection was lost")},
            "connecting · TLS handshake · 2 s",
        ),
        (Status.PAUSED, {"kept_bytes": 5 * GB // 2, "resumable": True}, "paused · can resume"),
        (
            Status.CANCELLED,
            {"kept_bytes": 5 * GB // 2, "parts_go_at": NOW + 4},
            "cancelled · 2.50 GB gone in 4 s · r resume",
        ),
        (Status.DOWNLOADING, {"phase_since": NOW - 9}, "no data for 9 s · reconnects at 30 s"),
    ],
)
def test_what_does_not_run_shows_how_far_it_is_and_what_it_waits_for(
    status: Status, facts: dict[str, Any], words: str, height: int
) -> None:
    row = download(1, status, done_bytes=5 * GB // 2, total_bytes=5 * GB, **facts)
    shown = picture(row, 79, height, path="/x")
    told = text(lines_for(Tab.OVERVIEW, shown))
    assert "50%  2.50/5.00 GB" in told
    assert words in told
    assert text([name_line(shown)]).endswith(f"{status.value.lower()} 50%")


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED, Status.QUEUED, Status.PAUSED])
def test_of_what_has_nothing_no_share_is_told(status: Status) -> None:
    failure = Failure("checksum", "sha256 differs") if status is Status.FAILED else None
    row = download(1, status, total_bytes=5 * GB, failure=failure)
    shown = picture(row, 79, 20, path="/x")
    assert "%" not in text([name_line(shown), *lines_for(Tab.OVERVIEW, shown)])


def test_what_waits_for_the_network_names_no_time() -> None:
    failure = Failure("no-network", "no network", "it goes on by itself")
    waiting = FAILED._replace(status=Status.WAITING, failure=failure, resume_at=None)
    shown = text(lines_for(Tab.OVERVIEW, picture(waiting, 79, 20)))
    assert "goes on by itself" in shown
    assert "retries by itself" not in shown


def test_what_a_full_disk_stops_tells_of_an_earlier_part_that_helps_to_fill_it() -> None:
    full = Failure("disk-full", "disk full on /mnt: needs 9.00 MB, 0 B free", "free some space")
    row = download(1, Status.PAUSED, failure=full, kept_bytes=1, set_aside_bytes=6_000_000)
    told = "free some space; 6.00 MB there are an earlier part of it · press x to delete both"
    assert told in text(lines_for(Tab.OVERVIEW, picture(row, 119, 26)))
    without = text(lines_for(Tab.OVERVIEW, picture(row._replace(set_aside_bytes=0), 119, 26)))
    assert "free some space" in without
    assert "earlier part" not in without
    other = row._replace(failure=Failure("permission", "cannot write", "choose another folder"))
    assert "earlier part" not in text(lines_for(Tab.OVERVIEW, picture(other, 119, 26)))


def test_a_failure_is_told_whole() -> None:
    shown = text(lines_for(Tab.OVERVIEW, picture(FAILED, 79, 45)))
    assert " ".join(shown.split()).count("not found") == 30
    assert "give a new URL" in shown


def test_the_check_tab_tells_what_is_expected_and_what_came_out() -> None:
    waiting = picture(RUNNING, 79, 20, checksum="sha-256=aa (you)")
    assert "sha-256=aa (you)" in text(lines_for(Tab.CHECK, waiting))
    assert "checked when everything is here" in text(lines_for(Tab.CHECK, waiting))
    nothing = text(lines_for(Tab.CHECK, picture(RUNNING, 79, 20, path="/x")))
    assert "nothing to compare" in nothing
    done = RUNNING._replace(
        status=Status.COMPLETED, assurance=Assurance.VERIFIED, checked_by="sha-256"
    )
    fits = picture(done, 79, 20, checksum="sha-256=aa (you)", computed_checksum="sha-256=aa")
    assert "computed            sha-256=aa" in text(lines_for(Tab.CHECK, fits))
    assert "verified: sha256 fits" in text(lines_for(Tab.CHECK, fits))


@pytest.mark.parametrize(("width", "height"), [(79, 5), (79, 40), (119, 5), (119, 20), (199, 45)])
def test_what_comes_once_more_says_why(width: int, height: int) -> None:
    words = "sha256 differed: all of it is fetched once more"
    facts = {"checksum": "sha-256=aa (you)", "computed_checksum": "sha-256=bb"}
    for status in (Status.CONNECTING, Status.DOWNLOADING, Status.WAITING):
        coming = picture(RUNNING._replace(status=status), width, height, **facts)
        assert words in text(lines_for(Tab.OVERVIEW, coming))
    for status in (Status.VERIFYING, Status.FAILED, Status.COMPLETED, Status.PAUSED):
        still = picture(RUNNING._replace(status=status), width, height, **facts)
        assert words not in text(lines_for(Tab.OVERVIEW, still))
    right = picture(RUNNING, width, height, **facts | {"computed_checksum": "sha-256=aa"})
    assert words not in text(lines_for(Tab.OVERVIEW, right))


@pytest.mark.parametrize(
    ("phase", "told"), [("", "not compared yet"), ("sha-256", "being checked now")]
)
def test_the_check_tab_claims_nothing_of_a_digest_that_was_not_compared(
    phase: str, told: str
) -> None:
    done = RUNNING._replace(status=Status.COMPLETED, assurance=None, phase=phase)
    shown = text(lines_for(Tab.CHECK, picture(done, 79, 20, checksum="md5=aa (you)")))
    assert told in shown


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_a_file_that_is_checked_again_has_a_bar_and_says_so(status: Status) -> None:
    failure = Failure("checksum", "sha256 differs") if status is Status.FAILED else None
    checked = RUNNING._replace(status=status, failure=failure, phase="sha-256")
    checked = checked._replace(done_bytes=44, total_bytes=100)
    shown = text(lines_for(Tab.OVERVIEW, picture(checked, 79, 20, done_ranges=())))
    assert " 44%  44/100 B" in shown
    assert "checking sha256" in shown
    assert "100 B · checking" not in shown  # the bar says how large it is


def test_the_check_tab_says_after_the_next_start_too_that_a_file_differs() -> None:
    done = RUNNING._replace(status=Status.COMPLETED, assurance=Assurance.DIFFERS, checked_by="md5")
    lines = text(lines_for(Tab.CHECK, picture(done, 79, 20, checksum="md5=aa (you)")))
    assert "differs: its md5 is not the expected one" in lines
    assert "fits" not in lines


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.FAILED, "differs: what was computed"),
        (Status.CANCELLED, "differs: what was computed"),
        (Status.DOWNLOADING, "checked when everything is here"),
        (Status.VERIFYING, "being checked now"),
    ],
)
def test_a_digest_that_differs_is_never_called_complete(status: Status, told: str) -> None:
    other = RUNNING._replace(status=status, assurance=Assurance.COMPLETE)
    shown = picture(other, 79, 20, checksum="sha-256=aa (you)", computed_checksum="sha-256=bb")
    lines = text(lines_for(Tab.CHECK, shown))
    assert told in lines
    assert "complete" not in lines
    assert "sha-256=aa" in lines
    assert "sha-256=bb" in lines


@pytest.mark.parametrize("width", [40, 79, 119])
def test_the_log_is_told_whole_at_any_width(width: int) -> None:
    words = "redirected to https://cdn-3.example.net/a/long/way/" + "x" * 60 + " and more"
    lines = lines_for(Tab.LOG, picture(RUNNING, width, 5, log=((NOW, words), (NOW, "#2 reset"))))
    first, *rest = text(lines).split("\n")
    clock = time.strftime(" %H:%M:%S  ", time.localtime(NOW))
    assert first.startswith(clock)
    assert rest[-1] == f"{clock}#2 reset"
    told = "".join(line[len(clock) :] for line in (first, *rest[:-1]))
    assert told.replace(" ", "") == words.replace(" ", "")


def test_what_a_retry_is_counted_by_is_told() -> None:
    waiting = FAILED._replace(status=Status.WAITING, retry=Retry(12.0, 2, 6), resume_at=NOW + 12)
    for height in (5, 45):
        shown = picture(waiting, 119, height, retry_rule="a busy server is tried again 6 times")
        lines = text(lines_for(Tab.OVERVIEW, shown))
        assert "retries by itself in 0:12, retry 2/6" in lines
        assert " a busy server is tried again 6 times" in lines


@pytest.mark.parametrize(("width", "line"), [(119, 1), (40, 3)])
def test_the_connections_name_the_keys_that_change_their_number(width: int, line: int) -> None:
    shown = text(lines_for(Tab.CONNECTIONS, picture(RUNNING, width, 5))).split("\n")
    assert " + - change the number" in shown[line]
    ended = RUNNING._replace(status=Status.COMPLETED)
    assert "+ -" not in text(lines_for(Tab.CONNECTIONS, picture(ended, width, 5)))


@pytest.mark.parametrize("width", [119, 40])
def test_a_piece_of_a_large_file_is_told_by_its_start_and_its_size(width: int) -> None:
    start, size = 1_173_000_000, 10_200_000
    pieces = (
        ConnectionSnapshot(1, 0, 9, start, 20e6),
        ConnectionSnapshot(2, start, start + 9, start + size, 20e6),
    )
    shown = text(lines_for(Tab.CONNECTIONS, picture(RUNNING, width, 9, connections=pieces)))
    assert "#1  ▸ 0 B–1.17 GB " in shown
    assert "#2  ▸ 1.17 GB+10.2 MB " in shown


@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize("width", [40, 50, 59, 61, 79, 119])
def test_the_columns_of_connections_stand_below_each_other(width: int, *, is_binary: bool) -> None:
    unit = 1 << 20 if is_binary else 1_000_000
    ends = (38.7, 47.9), (1.11, 9.99), (0, 0.5)
    pieces = tuple(
        ConnectionSnapshot(
            number, int(start * unit), int((start + end) / 2 * unit), int(end * unit), 9.9 * unit
        )
        for number, (start, end) in enumerate(ends, 1)
    )
    shown = picture(RUNNING, width, 9, connections=pieces)
    context = replace(shown.context, figures=Figures(is_binary=is_binary))
    shown = shown._replace(context=context)
    told = text(lines_for(Tab.CONNECTIONS, shown)).split("\n")[-len(pieces) :]
    if width >= 50:
        assert len({line.index("▇") for line in told}) == 1
        assert all(line[line.index("▇") - 1] == " " for line in told)
    assert {line.index("B/s") for line in told} == {told[0].index("B/s")}


def test_the_server_tab_masks_what_is_secret() -> None:
    sent = (("Cookie", "***"), ("Referer", "http://a/"), ("sec-ch-ua-platform-version", "6"))
    lines = text(lines_for(Tab.SERVER, picture(RUNNING, 79, 20, request_headers=sent)))
    assert "we send             Cookie: ***" in lines
    assert " " * 20 + "Referer: http://a/" in lines
    assert " " * 20 + "sec-ch-ua-platform-version: 6" in lines


@pytest.mark.parametrize(("proxy", "is_told"), [("p.example:3128", True), ("", False)])
def test_the_server_tab_names_a_proxy_of_its_own(proxy: str, is_told: bool) -> None:
    lines = text(lines_for(Tab.SERVER, picture(RUNNING, 79, 20, proxy=proxy)))
    assert (f"proxy               {proxy}" in lines) is is_told


@pytest.mark.parametrize("height", [5, 45])
def test_what_is_whole_needs_no_words_about_going_on(height: int) -> None:
    whole = download(1, Status.COMPLETED, total_bytes=9, done_bytes=9)
    for row, is_told in ((RUNNING, True), (whole, False)):
        lines = lines_for(Tab.OVERVIEW, picture(row, 119, height, resume="yes (by magic)"))
        assert ("by magic" in text(lines)) is is_told


def test_in_a_narrow_panel_facts_leave_most_of_a_line_to_their_text() -> None:
    digest = f"sha-256={'ab' * 32} (SHA256SUMS)"
    shown = picture(RUNNING, 38, 5, checksum=digest)
    lines = text(lines_for(Tab.CHECK, shown)).splitlines()
    assert [line[:12].strip() for line in lines[:5]] == ["expected", "", "", "", "result"]
    assert "".join(line[13:].strip() for line in lines[:4]) == digest.replace(" ", "")


@pytest.mark.parametrize("width", [38, 58, 79])
def test_a_long_label_is_never_cut(width: int) -> None:
    server = (("Content-Disposition", "attachment"), ("server", "nginx"))
    lines = text(lines_for(Tab.SERVER, picture(RUNNING, width, 9, server=server))).splitlines()
    assert " Content-Disposition" in "\n".join(lines)
    assert all(len(line) <= width for line in lines)
    starts = {
        line.index(word) for word in ("attachment", "nginx") for line in lines if word in line
    }
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("width", "peer", "told"),
    [
        (65, "127.0.0.1:8771", "127.0.0.1:8771"),
        (64, "127.0.0.1:8771", "127.0.0.1"),
        (62, "127.0.0.1:8771", "127.0.0.1"),
        (76, "[2001:db8::1234:5678:9abc:def0]:443", "[2001:db8::123…"),
        (102, "[2001:db8::1234:5678:9abc:def0]:443", "[2001:db8::1234:5678:9abc:def0]"),
    ],
)
def test_an_address_without_room_for_its_port_is_told_without_it(
    width: int, peer: str, told: str
) -> None:
    one = ConnectionSnapshot(1, 0, 2 * GB, 3 * GB, 20e6, peer=peer)
    *_, line = lines_for(Tab.CONNECTIONS, picture(RUNNING, width, 9, connections=(one,)))
    assert text_of(line).endswith(f"20.0 MB/s  {told}")


@pytest.mark.parametrize("height", [9, 16, 40])
def test_a_wide_panel_has_the_bars_and_addresses_of_connections(height: int) -> None:
    one = ConnectionSnapshot(1, 0, 2 * GB, 3 * GB, 20e6, peer="127.0.0.1:8771")
    *_, line = lines_for(Tab.CONNECTIONS, picture(RUNNING, 100, height, connections=(one,)))
    assert text_of(line).endswith(" 66%   20.0 MB/s  127.0.0.1:8771")


@pytest.mark.parametrize(
    ("status", "facts", "sign", "word"),
    [
        (Status.COMPLETED, {"finished_at": NOW}, "✓", "done"),
        (Status.VERIFYING, {"checked_by": "sha-256"}, "≡", "checking"),
        (Status.PAUSED, {}, "‖", "paused"),
        (Status.FAILED, {"failure": Failure("http-404", "404 not found")}, "✗", "failed"),
        (Status.CANCELLED, {}, "⊘", "cancelled"),
        (
            Status.CANCELLED,
            {"failure": Failure("exists", "skipped: x.iso exists already")},
            "⊘",
            "skipped",
        ),
    ],
)
def test_the_state_is_called_as_in_its_row_and_in_the_filter(
    status: Status, facts: dict[str, Any], sign: str, word: str
) -> None:
    row = download(1, status, **facts)
    shown = picture(row, 79, 20, path="/x")
    assert text([name_line(shown)]).endswith(f" {sign} {word}")
    if word not in ("failed", "checking"):  # which say what is wrong, and what is checked
        assert message_forms(row, shown.context)[0].startswith(word)
    assert parse_filter(f"state:{word}").lets_through(row)
