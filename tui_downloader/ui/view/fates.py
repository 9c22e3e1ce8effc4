"""Messages for finished files that were changed, moved or deleted since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.store.finished_files import Fate

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.view.reasons import Step

# By id and version: once the download has changed, nothing is known of its file any more.
Fates = Mapping[tuple[int, int], Fate]


# The command that fetches such a file again.
STEP_OF_FATE: dict[Fate, Step] = {
    Fate.GONE: ("retry", "fetch again"),
    Fate.RESIZED: ("restart", "fetch again"),
    Fate.REWRITTEN: ("restart", "fetch again"),
    Fate.REPLACED: ("restart", "fetch again"),
}


def fate_of(snapshot: Snapshot, fates: Fates) -> Fate | None:
    """Return what became of the file, None while it is unchanged or nothing is known.

    If its digest has been found to differ, that says already that the file has changed.
    """
    if snapshot.status is not Status.COMPLETED or snapshot.phase:
        return None
    fate = fates.get((snapshot.download_id, snapshot.version))
    return None if snapshot.is_wrong and fate is not Fate.GONE else fate


def fate_clause(fate: Fate) -> str:
    """Say of a finished file that it is not as it was."""
    return f"the file {'is' if fate is Fate.GONE else 'has'} {fate.word}"


def fate_forms(fate: Fate, dot: str, keymap: Keymap) -> tuple[str, ...]:
    """Write the message of its row, the longest form first, with the key that fetches it again."""
    told = f"done, but {fate_clause(fate)}"
    key = keymap.key_of(STEP_OF_FATE[fate][0])
    return (
        f"{told}{dot}{key} fetches it again",
        f"{told}{dot}{key} again",
        f"file {fate.word}{dot}{key} again",
        f"{fate.word}{dot}{key} again",
        f"{fate.word}{dot}{key}",
        fate.word,
    )
