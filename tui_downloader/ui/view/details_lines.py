"""The content of the details panel, tab by tab, as lines of pieces.

Nothing here knows a widget: each function is given a `Picture` and returns lines of its width.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.cells import cell_len

from tui_downloader.model.speed import is_of_whole
from tui_downloader.model.status import Status
from tui_downloader.model.units import counted
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.actions.selection import received_bytes
from tui_downloader.ui.view.cells import bar, broken, cut, cut_front, fitting, in_lines, pad
from tui_downloader.ui.view.chart import graded_bar
from tui_downloader.ui.view.details_facts import (
    check_lines,
    fetched_again,
    last_of_log,
    log_lines,
    server_lines,
)
from tui_downloader.ui.view.details_graph import other_facts, speed_chart, speed_lines
from tui_downloader.ui.view.details_map import legend_lines, map_lines
from tui_downloader.ui.view.details_parts import Line, Picture, fact, resume_words, whole_size
from tui_downloader.ui.view.fates import fate_of
from tui_downloader.ui.view.hyperlinks import Linked, file_target, url_target
from tui_downloader.ui.view.pieces import width_of
from tui_downloader.ui.view.reasons import HELD_UP, TOLD_TO_WAIT, reason_for
from tui_downloader.ui.view.remedies import SLOWED_BY, queue_remedy, room_remedy, with_remedy
from tui_downloader.ui.view.rows import (
    fraction_of,
    percent_text,
    role_of,
    sign_of,
    state_of,
    tipped,
)
from tui_downloader.ui.view.words import message_forms

if TYPE_CHECKING:
    from tui_downloader.model.download import ConnectionSnapshot, Snapshot
    from tui_downloader.ui.view.glyphs import Glyphs

_INDENT = len(SLOWED_BY) + 2
_NAME_CELLS = 12  # that the tabs leave to the name above a docked panel, where they can
# Cells; a narrower line of a connection has no bar, or no address.
_WITH_BARS_FROM, _WITH_PEER_FROM = 50, 62


class Tab(Enum):
    """A tab of the panel; the value is its title."""

    OVERVIEW = "Overview"
    CONNECTIONS = "Connections"
    SERVER = "Server"
    CHECK = "Check"
    LOG = "Log"


def lines_for(tab: Tab, picture: Picture) -> list[Line]:
    """Return the lines of a tab."""
    if tab is Tab.CONNECTIONS:
        return _connections(picture)
    if tab is Tab.SERVER:
        return server_lines(picture)
    if tab is Tab.CHECK:
        return check_lines(picture)
    if tab is Tab.LOG:
        return log_lines(picture)
    return _tall_overview(picture) if picture.is_tall else _flat_overview(picture)


def title_pieces(tab: Tab, picture: Picture, width: int) -> tuple[Line, dict[Tab, tuple[int, int]]]:
    """Compose the line above a docked panel: name, rule and tabs, and where the tabs are."""
    glyphs = picture.glyphs
    tabs, places = _tabs(tab, glyphs, width - 7 - _NAME_CELLS)
    tabs_width = width_of(tabs)
    room = width - tabs_width - 7
    if room < 0:
        return tabs, places
    name = cut_front(picture.snapshot.name, room, glyphs.ellipsis)
    rule = glyphs.rule * (room - cell_len(name) + 1)
    start = 3 + cell_len(name) + 1 + len(rule)
    moved = {each: (start + left, start + right) for each, (left, right) in places.items()}
    lead: Line = [(glyphs.rule * 2 + " ", "track"), (name, "strong"), (" " + rule, "track")]
    return [*lead, *tabs, (glyphs.rule * 2, "track")], moved


def tabs_line(tab: Tab, picture: Picture) -> tuple[Line, dict[Tab, tuple[int, int]]]:
    """Compose the tabs alone, for a panel at the side."""
    return _tabs(tab, picture.glyphs, picture.width)


def name_line(picture: Picture) -> Line:
    """Compose name and state, for a panel at the side."""
    snapshot, glyphs = picture.snapshot, picture.glyphs
    fraction = _shown_fraction(snapshot)
    percent = "" if fraction is None else f" {percent_text(fraction).strip()}"
    fate = fate_of(snapshot, picture.context.fates)
    word = state_of(snapshot) if fate is None else fate.word
    word = "moving" if snapshot.moving_to else word
    state = f"{sign_of(snapshot, glyphs, fate)} {word}{percent}"
    room = picture.width - cell_len(state) - 3
    name = cut_front(snapshot.name, room, glyphs.ellipsis)
    role = role_of(snapshot, picture.context.now, fate)
    return [(" " + pad(name, room) + " ", "strong"), (state, role)]


def _tabs(current: Tab, glyphs: Glyphs, room: int) -> tuple[Line, dict[Tab, tuple[int, int]]]:
    """Compose the tabs; if there is little room, with one cell between two of them."""
    is_close = sum(len(tab.value) + 3 for tab in Tab) > room + 1
    pieces: Line = []
    places = {}
    position, was_current = 0, False
    for tab in Tab:
        is_current = tab is current
        if pieces and not is_close:
            pieces.append((glyphs.side, "track"))
            position += 1
        before = "[" if is_current else "]" if was_current and is_close else " "
        after = "" if is_close else "]" if is_current else " "
        text = f"{before}{tab.value}{after}"
        places[tab] = (position, position + len(text))
        pieces.append((text, "tab" if is_current else "muted"))
        position, was_current = position + len(text), is_current
    if is_close:
        pieces.append(("]" if was_current else " ", "muted"))
    return pieces, places


def _flat_overview(picture: Picture) -> list[Line]:
    lines = [_way(picture)]
    lines += _state(picture)
    lines += _failure(picture)
    if picture.snapshot.failure is None:
        lines += map_lines(picture)
        lines += speed_lines(picture, picture.height - len(lines))
    return lines


def _led_to(picture: Picture) -> str:
    """Return the address that a redirect led to, "" when it is the one that was asked for."""
    asked, _, _ = picture.snapshot.url.partition("#")  # no server is told the rest
    final_url = picture.details.final_url
    # It is told encoded, as it was sent.
    return "" if unquote(final_url) == unquote(asked) else final_url


def _way(picture: Picture) -> Line:
    """Its address and its path; both can be clicked."""
    details, glyphs = picture.details, picture.glyphs
    url = _led_to(picture) or picture.snapshot.url
    arrow = f" {glyphs.arrow} "
    room = picture.width - 2 - cell_len(arrow)
    path_room = max(room // 3, room - cell_len(url))
    path = cut_front(short_folder(details.path), path_room, glyphs.ellipsis)
    shown = cut(url, room - cell_len(path), glyphs.ellipsis)
    return [
        (" ", "muted"),
        (Linked(shown, url_target(url)), "muted"),
        (arrow, "muted"),
        (Linked(path, file_target(details.path)), "muted"),
    ]


def _tall_overview(picture: Picture) -> list[Line]:
    return _wide_overview(picture) if picture.is_low else _roomy_overview(picture)


def _wide_overview(picture: Picture) -> list[Line]:
    """What a low and wide panel has room for: most of it is the chart."""
    slow = with_remedy(picture.details.slowed_by, picture.context)
    lines = [_way(picture), *_state(picture), *_failure(picture)]
    lines += fact(SLOWED_BY, slow, picture, _INDENT) if slow else []
    lines += [[], *chart] if (chart := speed_chart(picture)) else []
    shown, connections = map_lines(picture), _connection_lines(picture, columns=2)
    lines += [[], *shown] if shown or connections else []
    lines += in_pairs(connections, picture, picture.height - len(lines))
    room = picture.height - len(lines)
    lines += [[(" " + fact, "muted")] for fact in other_facts(picture)[:room]]
    room = picture.height - len(lines) - 1
    if picture.details.log and room > 0:
        lines += [[], *last_of_log(picture, room)]
    return lines


def _roomy_overview(picture: Picture) -> list[Line]:
    snapshot, details = picture.snapshot, picture.details
    lines = [*_link("from", snapshot.url, url_target(snapshot.url), picture)]
    if led_to := _led_to(picture):
        lines += _link("via", led_to, url_target(led_to), picture)
    lines += _link("to", short_folder(details.path), file_target(details.path), picture)
    lines += [[], *_state(picture), *_failure(picture)]
    slow = with_remedy(details.slowed_by, picture.context)
    lines += fact(SLOWED_BY, slow, picture, _INDENT) if slow else []
    for part in (speed_chart(picture), [*map_lines(picture), *_connection_lines(picture)]):
        lines += [[], *part] if part else []
    server = picture.context.dot.join(text for _, text in details.server)
    facts = [
        ("server", server),
        ("resume", resume_words(picture)),
        ("check", details.checksum),
    ]
    told = [line for label, text in facts if text for line in fact(label, text, picture, _INDENT)]
    lines += [[], *told] if told else []
    if details.log:
        lines += [[], *last_of_log(picture, max(3, picture.height - len(lines) - 1))]
    return lines


def _link(label: str, text: str, target: str, picture: Picture) -> list[Line]:
    """Label and text whose every line opens the same address."""
    lines = fact(label, text, picture, _INDENT)
    return [[first, (Linked(shown, target), role)] for first, (shown, role) in lines]


def _state(picture: Picture) -> list[Line]:
    """The bar with its numbers, once there are bytes, and the message of the state."""
    fraction = _shown_fraction(picture.snapshot)
    if fraction is not None:
        return _bar_lines(picture, fraction) + _message_lines(picture)
    is_whole = picture.snapshot.status is Status.COMPLETED
    return _message_lines(picture) + ([] if is_whole else _speed_lines(picture))


def _shown_fraction(snapshot: Snapshot) -> float | None:
    """The fraction done, 0 to 1, of a download that has begun and is not complete; else None."""
    is_begun = snapshot.status is Status.DOWNLOADING or snapshot.done_bytes
    return fraction_of(snapshot) if is_begun and snapshot.stage is not Status.COMPLETED else None


def _message_lines(picture: Picture) -> list[Line]:
    """The message of the row, and the keys that help; an error stands in full elsewhere."""
    snapshot, context = picture.snapshot, picture.context
    if snapshot.failure is not None and snapshot.stage in HELD_UP and not snapshot.moving_to:
        return []
    message = context.dot.join((*whole_size(picture), *message_forms(snapshot, context)[:1]))
    facts = (message, queue_remedy(snapshot, context), fetched_again(picture))
    role = role_of(snapshot, context.now, fate_of(snapshot, context.fates))
    return [[(" " + cut(fact, picture.width - 2), role)] for fact in facts if fact]


def _bar_lines(picture: Picture, fraction: float) -> list[Line]:
    """Progress and speed, on one line if there is room."""
    snapshot, figures = picture.snapshot, picture.context.figures
    role = role_of(snapshot, picture.context.now)
    numbers = (
        f" {percent_text(fraction)}  {figures.pair(snapshot.done_bytes, snapshot.total_bytes or 0)}"
    )
    speeds = _speeds(picture)
    is_one_line = picture.is_wide and bool(speeds) and not picture.is_roomy
    told = numbers + ("  " + "  ".join(speeds) if is_one_line else "")
    filled, rest = bar(fraction, max(4, picture.width - 2 - cell_len(told)), picture.glyphs)
    width = len(filled) + len(rest)
    done = graded_bar(filled, width) if role == "accent" else [(filled, role)]
    lines: list[Line] = [[(" ", "text"), *done, (rest, "track"), (told, "text")]]
    return lines if is_one_line else lines + _speed_lines(picture)


def _speed_lines(picture: Picture) -> list[Line]:
    """The speeds on lines of their own; a low panel has no room for a second one."""
    lines = in_lines(_speeds(picture), picture.width - 2)
    return [[(" " + line, "muted")] for line in (lines if picture.is_tall else lines[:1])]


def _speeds(picture: Picture) -> list[str]:
    snapshot, details, figures = picture.snapshot, picture.details, picture.context.figures
    if not details.max_bytes_per_s:
        return []
    # Of an unknown size the message tells the speed, and nobody knows what is left.
    is_running = snapshot.status is Status.DOWNLOADING and snapshot.total_bytes is not None
    told = [f"now {figures.rate(snapshot.bytes_per_s)}"] * is_running
    told += [
        f"avg {figures.rate(snapshot.average_bytes_per_s)}",
        f"max {figures.rate(details.max_bytes_per_s)}",
    ]
    if picture.is_roomy:
        if is_of_whole(snapshot.received_bytes, received_bytes(snapshot)):  # else who knows
            told.append(f"elapsed {figures.left(snapshot.active_s)}")
        told += [f"left {figures.left(snapshot.eta_s)}"] * is_running
    return told


def _failure(picture: Picture) -> list[Line]:
    """The error in full, and what to do about it."""
    snapshot = picture.snapshot
    failure = snapshot.failure
    if failure is None:
        return []
    role = "error" if snapshot.status is Status.FAILED else "warning"
    advice = _retries(picture) if snapshot.status is Status.WAITING else failure.hint
    advice = "; ".join(filter(None, (advice, room_remedy(snapshot, picture.context))))
    keys = "  ".join(picture.context.keymap.keys_for(reason_for(failure).steps, snapshot))
    lines: list[Line] = [
        [(" " + line, role)] for line in broken(failure.message, picture.width - 2)
    ]
    lines += [[(" " + line, "text")] for line in broken(advice, picture.width - 2)]
    lines += [[(" " + keys, "key")]] if keys else []
    rule = broken(picture.details.retry_rule, picture.width - 2)
    return [*lines, *([(" " + line, "muted")] for line in rule)]


def _retries(picture: Picture) -> str:
    """When it goes on by itself."""
    snapshot, context = picture.snapshot, picture.context
    until = context.figures.left(max(0.0, (snapshot.resume_at or context.now) - context.now))
    which = f", retry {snapshot.retry.which}" if snapshot.retry else ""
    kept = f"; {context.figures.size(snapshot.kept_bytes)} kept" if snapshot.kept_bytes else ""
    failure = snapshot.failure
    told = "" if failure is None or failure.code not in TOLD_TO_WAIT else f"; {failure.hint}"
    if snapshot.resume_at is None:
        return f"goes on by itself{kept}"
    return f"retries by itself in {until}{which}{kept}{told}"


def _connection_lines(picture: Picture, columns: int = 1) -> list[Line]:
    """One line for each connection: its range, progress, speed and last error."""
    width = picture.width // columns
    return [_connection_line(each, picture, width) for each in picture.details.connections]


def _connection_line(each: ConnectionSnapshot, picture: Picture, width: int) -> Line:
    figures, glyphs = picture.context.figures, picture.glyphs
    is_receiving = each.state == "receiving"
    sign = glyphs.map_receiving if is_receiving else glyphs.map_retrying
    has_bar, has_peer = width >= _WITH_BARS_FROM, width >= _WITH_PEER_FROM
    span_width = 20 if has_peer else 16 + 2 * figures.is_binary  # "9.99 MiB–9.99 MiB" and a space
    line: Line = [(f" #{each.number:<3}{sign} ", "accent" if is_receiving else "warning")]
    line.append((pad(_span(each, picture), span_width), "text"))
    if each.end is not None and each.end > each.start and has_bar:
        fraction = (each.position - each.start) / (each.end - each.start)
        cells = width - span_width - (42 if has_peer else 25)
        filled, rest = bar(fraction, max(4, min(24, cells)), glyphs)
        line += [*tipped(filled), (rest, "track"), (f" {percent_text(fraction):>4} ", "text")]
    told = f"{figures.rate(each.bytes_per_s):>11}" if is_receiving else f"{each.state:>11}"
    line.append((told, "speed" if is_receiving else "warning"))
    retries = f"  {each.retries} retr{'y' if each.retries == 1 else 'ies'}" if each.retries else ""
    for told, role in ((retries, "warning"), (f"  {each.peer}", "muted")):
        forms = told, told.rpartition(":")[0] or told  # an address without its port
        line.append((fitting(forms, max(0, width - 1 - width_of(line)), glyphs.ellipsis), role))
    return line


def in_pairs(lines: list[Line], picture: Picture, most: int) -> list[Line]:
    """Put two lines of connections beside each other, and say how many have no room."""
    half = picture.width // 2
    rows = -(-len(lines) // 2)
    if rows > most:
        rows = max(0, most - 1)
    shown = lines[: 2 * rows]
    left, right = shown[:rows], shown[rows:]
    pairs = [
        [*one, (" " * (half - width_of(one)), "text"), *(right[at] if at < len(right) else [])]
        for at, one in enumerate(left)
    ]
    hidden = len(lines) - len(shown)
    more = f" {picture.glyphs.ellipsis} {hidden} more under {Tab.CONNECTIONS.value}"
    return pairs + [[(more, "muted")]] * bool(hidden and most > 0)


def _span(each: ConnectionSnapshot, picture: Picture) -> str:
    size, dash = picture.context.figures.size, picture.glyphs.dash
    if each.end is None:
        return f"{size(each.start)}{dash}?"
    if (each.end - each.start) * 50 < each.end:  # the figures of both ends would look alike
        return f"{size(each.start)}+{size(each.end - each.start)}"
    return f"{size(each.start)}{dash}{size(each.end)}"


def _connections(picture: Picture) -> list[Line]:
    lines = [*map_lines(picture), *legend_lines(picture)]
    words = counted(picture.snapshot.connections, "open connection")
    if why := with_remedy(picture.details.slowed_by, picture.context):
        words += f"{picture.context.dot}{SLOWED_BY} {why}"
    told: list[Line] = [[(" " + line, "text")] for line in broken(words, picture.width - 2)]
    if not picture.snapshot.status.is_ended:
        _append(told, _keys_of_number(picture), picture.width)
    return [*lines, *told, *_connection_lines(picture)]


def _keys_of_number(picture: Picture) -> Line:
    keymap = picture.context.keymap
    keys = " ".join(keymap.key_of(each) for each in ("more_connections", "fewer_connections"))
    return [(f" {keys} ", "key"), ("change the number", "muted")]


def _append(lines: list[Line], more: Line, width: int) -> None:
    """Put more behind the last line, or below it if there is no room."""
    room = width - 1 - width_of(lines[-1])
    if width_of(more) < room:
        lines[-1] += [(" ", "text"), *more]
    else:
        lines.append(more)
