"""Facts for a bug report, as text to paste: no names, no addresses, no secrets."""

from __future__ import annotations

import platform
from collections import Counter
from dataclasses import fields
from importlib import metadata
from typing import TYPE_CHECKING

from tui_downloader import __version__
from tui_downloader.store.settings import Settings, default_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_downloader.model.download import QueueSnapshot

_LIBRARIES = ("textual", "rich", "aiohttp", "platformdirs", "tomlkit")
_ENVIRONMENT = (
    "TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "LANG", "LC_ALL", "NO_COLOR",
    "TMUX", "SSH_CONNECTION", "WT_SESSION",
)  # fmt: skip
_ONLY_THAT_IT_IS_SET = frozenset({"TMUX", "SSH_CONNECTION", "WT_SESSION"})
# Folders, files and headers are the user's own business.
_NOT_TOLD = frozenset({"download_dir", "ca_certificate", "user_agent", "keys"})


def diagnostics(
    queue: QueueSnapshot,
    settings: Settings,
    environ: Mapping[str, str],
    size: tuple[int, int],
) -> str:
    """Describe the program, its environment and the state of the queue.

    Args:
        size: of the window, in cells.
    """
    return "\n".join(
        (
            f"tui-downloader {__version__}, Python {platform.python_version()}",
            f"{platform.system()} {platform.release()} {platform.machine()}",
            ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES),
            f"window {size[0]}x{size[1]}; " + ", ".join(_environment(environ)),
            "settings: " + (", ".join(_changed(settings)) or "all default"),
            *_queue(queue),
        )
    )


def _environment(environ: Mapping[str, str]) -> Iterator[str]:
    for name in _ENVIRONMENT:
        if name in environ:
            yield f"{name}={'set' if name in _ONLY_THAT_IT_IS_SET else environ[name]}"


def _changed(settings: Settings) -> Iterator[str]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value != default_of(field.name):
            told = field.name not in _NOT_TOLD
            yield (
                f"{field.name}={kind_of(field.name).shown(value)}" if told else f"{field.name} set"
            )


def _queue(queue: QueueSnapshot) -> Iterator[str]:
    states = Counter(download.status.name.lower() for download in queue.downloads)
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    yield f"downloads: {counts or 'none'}"
    codes = Counter(each.failure.code for each in queue.downloads if each.failure is not None)
    if codes:
        yield "failures: " + ", ".join(f"{count} {code}" for code, count in codes.most_common())
