"""What can be copied of a download, each with its letter. Pure."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.errors import ChecksumMismatch, code_of

if TYPE_CHECKING:
    from tui_downloader.model.download import Details, DownloadRequest, Snapshot
    from tui_downloader.model.proxy import Proxy


class Source(NamedTuple):
    """Everything that is known of a download.

    Attributes:
        request: None when the download has just been removed.
    """

    snapshot: Snapshot
    details: Details
    request: DownloadRequest | None


class Copyable(NamedTuple):
    """One thing that can be copied.

    Attributes:
        key: the second key.
        title: in the menu, and in "Copied the ...".
        text_of: makes the text; "" when there is none.
    """

    key: str
    title: str
    text_of: Callable[[Source], str]


def _url(source: Source) -> str:
    return source.snapshot.url if source.request is None else source.request.url


def _digest(source: Source) -> str:
    """The digest of the file, else the one that it should have, without where that is from."""
    shown, details = source.snapshot, source.details
    differs = shown.is_wrong or code_of(shown.failure) == ChecksumMismatch.code
    expected = "" if differs else details.checksum.partition(" ")[0]
    return details.computed_checksum or expected


def _error(source: Source) -> str:
    failure = source.snapshot.failure
    return "" if failure is None else f"{failure.code}: {failure.message}"


def _log(source: Source) -> str:
    return "\n".join(
        f"{time.strftime('%H:%M:%S', time.localtime(at))} {words}"
        for at, words in source.details.log
    )


def _curl(source: Source) -> str:
    """A shell command with the user's own headers and login, as it would not work without them."""
    request = source.request
    if request is None:
        return ""
    words = ["curl", "-L", "-o", source.snapshot.name]
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    if request.credentials is not None:
        words += ["-u", ":".join(request.credentials)]
    words += _proxy_words(request.proxy)
    return shlex.join([*words, request.url])


def _proxy_words(proxy: Proxy | None) -> list[str]:
    if proxy is None:
        return []
    if not proxy.url:
        return ["--noproxy", "*"]
    place = ["-x", proxy.url]
    return place if proxy.credentials is None else [*place, "-U", ":".join(proxy.credentials)]


COPYABLE = (
    Copyable("u", "URL", _url),
    Copyable("p", "path", lambda source: source.details.path),
    Copyable("n", "name", lambda source: source.snapshot.name),
    Copyable("s", "digest", _digest),
    Copyable("c", "curl command", _curl),
    Copyable("e", "error", _error),
    Copyable("l", "log", _log),
)
BY_TITLE = {each.title: each for each in COPYABLE}
