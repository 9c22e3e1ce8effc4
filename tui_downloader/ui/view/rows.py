"""One line of the list, as pieces of text with roles; the widget turns roles into colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status
from tui_downloader.ui.view.cells import bar, cut, cut_front, fitting, pad, pad_left, spark
from tui_downloader.ui.view.columns import LEFT_WIDTH, SPEED_WIDTH
from tui_downloader.ui.view.fates import fate_of
from tui_downloader.ui.view.phrases import state_word
from tui_downloader.ui.view.words import is_stalled, message_forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Snapshot
    from tui_downloader.store.finished_files import Fate
    from tui_downloader.ui.view.columns import Columns
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

ROLE_OF_STATUS = {
    Status.QUEUED: "muted",
    Status.CONNECTING: "accent",
    Status.DOWNLOADING: "accent",
    Status.WAITING: "warning",
    Status.VERIFYING: "accent",
    Status.PAUSED: "muted",
    Status.COMPLETED: "success",
    Status.FAILED: "error",
    Status.CANCELLED: "muted",
}

# In these states a bar stands there, beside their words, once there is something of the file.
_WITH_BAR = frozenset(
    {
        Status.QUEUED,
        Status.CONNECTING,
        Status.DOWNLOADING,
        Status.PAUSED,
        Status.WAITING,
        Status.VERIFYING,
    }
)


class Looks(NamedTuple):
    """How rows are drawn.

    Attributes:
        columns: what is shown, and where.
        glyphs: the characters to draw with.
    """

    columns: Columns
    glyphs: Glyphs


def state_of(snapshot: Snapshot) -> str:
    """Return the word for the state that the row shows."""
    return "differs" if snapshot.is_wrong else state_word(snapshot.stage, snapshot.failure)


def sign_of(snapshot: Snapshot, glyphs: Glyphs, fate: Fate | None = None) -> str:
    """Return the sign of the row; a complete file with a wrong digest has that of a failure.

    Args:
        fate: what became of its file since; one that is gone has no tick.
    """
    if fate is not None:
        return glyphs.status[Status.CANCELLED]
    return glyphs.status[snapshot.standing]


def role_of(snapshot: Snapshot, now: float, fate: Fate | None = None) -> str:
    """Return the role of a download's sign and message."""
    if snapshot.moving_to:
        return "accent"
    if fate is not None:
        return ROLE_OF_STATUS[Status.CANCELLED]
    is_held_up = is_stalled(snapshot, now) or snapshot.disk_silent_since is not None
    return "warning" if is_held_up else ROLE_OF_STATUS[snapshot.standing]


def fraction_of(snapshot: Snapshot) -> float | None:
    """Return how much is there, 0 to 1; None when the size is not known."""
    total = snapshot.total_bytes
    if total is None:
        return None
    return min(1.0, snapshot.done_bytes / total) if total else 1.0


def percent_text(fraction: float) -> str:
    """Write a fraction in four cells; 100 % only when everything is there."""
    return f"{int(fraction * 100):3d}%"


def connections_text(snapshot: Snapshot) -> str:
    """Write how many connections there are, of how many that are wanted: "4/8".

    When fewer are wanted, those that may end what they have begun are wanted still.
    """
    wanted = snapshot.wanted_connections and max(snapshot.wanted_connections, snapshot.connections)
    return f"{snapshot.connections}/{wanted}" if wanted else str(snapshot.connections)


def row_pieces(
    snapshot: Snapshot,
    looks: Looks,
    context: Context,
    *,
    is_highlighted: bool = False,
    is_marked: bool = False,
    rates: Sequence[float] = (),
) -> list[Piece]:
    """Compose the line of a download; the pieces fill the width of the columns exactly."""
    looks = _with_room_for_words(looks, snapshot, context)
    columns, glyphs = looks.columns, looks.glyphs
    fate = fate_of(snapshot, context.fates)
    role = role_of(snapshot, context.now, fate)
    name = cut_front(snapshot.name, columns.name, glyphs.ellipsis)
    name_role = "muted" if snapshot.status is Status.CANCELLED else "name"
    pieces = [
        (">" if is_highlighted else " ", "cursor"),
        ("*" if is_marked else " ", "mark"),
        (sign_of(snapshot, glyphs, fate) + " ", role),
        (pad(name, columns.name) + " ", name_role),
        *_body(snapshot, looks, context, role, rates),
    ]
    if columns.host:
        pieces.append((" " + pad(cut(host_of(snapshot.url), columns.host), columns.host), "muted"))
    return pieces


def _with_room_for_words(looks: Looks, snapshot: Snapshot, context: Context) -> Looks:
    """Without a bar few cells are left for a message: take some from a short name's column."""
    columns = looks.columns
    spare = columns.name - cell_len(snapshot.name)
    if columns.bar or not columns.left or spare <= 0 or _shown_fraction(snapshot) is not None:
        return looks
    words = fitting(message_forms(snapshot, context), columns.message_width + spare)
    lent = max(0, cell_len(words) - columns.message_width)
    return looks._replace(columns=columns._replace(name=columns.name - lent)) if lent else looks


def _body(
    snapshot: Snapshot, looks: Looks, context: Context, role: str, rates: Sequence[float]
) -> list[Piece]:
    columns = looks.columns
    forms = message_forms(snapshot, context)
    fraction = _shown_fraction(snapshot)
    if fraction is None:
        # What is done needs no attention: only its sign has a colour.
        quiet = "muted" if role == "success" else role
        return [_message(forms, columns.message_width, looks, quiet)]
    pieces = _bar_and_percent(fraction, looks, role)
    if not forms:
        return pieces + _numbers(snapshot, columns, context, looks.glyphs, rates)
    if len(forms[-1]) > columns.after_percent_width:
        # So narrow that percentage and message exclude each other: the message says more.
        return [_message(forms, columns.message_width, looks, role)]
    return [*pieces, (" ", role), _message(forms, columns.after_percent_width, looks, role)]


def _shown_fraction(snapshot: Snapshot) -> float | None:
    if snapshot.stage not in _WITH_BAR:
        return None
    if snapshot.status is not Status.DOWNLOADING and not snapshot.done_bytes:
        return None
    return fraction_of(snapshot)


def _message(forms: tuple[str, ...], width: int, looks: Looks, role: str) -> Piece:
    return pad(fitting(forms, width, looks.glyphs.ellipsis), width), role


def _bar_and_percent(fraction: float, looks: Looks, role: str) -> list[Piece]:
    percent = (percent_text(fraction), "text" if role == "accent" else role)
    if not looks.columns.bar:
        return [percent]
    filled, rest = bar(fraction, looks.columns.bar, looks.glyphs)
    done = tipped(filled) if role == "accent" else [(filled, role)]
    return [*done, (rest + " ", "track"), percent]


def tipped(filled: str) -> list[Piece]:
    """Colour the filled part of a bar that grows: its last cell is brighter."""
    return [(filled[:-1], "bar"), (filled[-1:], "tip")]


def _numbers(
    snapshot: Snapshot,
    columns: Columns,
    context: Context,
    glyphs: Glyphs,
    rates: Sequence[float],
) -> list[Piece]:
    figures = context.figures
    pieces: list[Piece] = []
    total = snapshot.total_bytes or 0
    if columns.size:
        # A server may send more than it said; the column stays as wide as it is.
        done = min(snapshot.done_bytes, total)
        size = figures.pair(done, total) if columns.has_done else figures.size(total)
        pieces.append((" " + pad_left(size, columns.size), "muted"))
    pieces.append((" " + pad_left(figures.rate(snapshot.bytes_per_s), SPEED_WIDTH), "speed"))
    if columns.spark:
        pieces.append((" " + spark(rates, columns.spark, glyphs), "spark"))
    if columns.left:
        left = figures.left(snapshot.eta_s)
        if len(left) > LEFT_WIDTH:  # ten hours and more
            left = figures.duration(snapshot.eta_s)
        pieces.append((" " + pad_left(left, LEFT_WIDTH), "muted"))
    if columns.connections:
        count = connections_text(snapshot)
        pieces.append((" " + pad_left(count, columns.connections), "muted"))
    return pieces
