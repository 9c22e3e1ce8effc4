"""Failures in a few words, and the commands that help (ux.md section 9).

Commands are named by their ids in `ui.commands`; whoever shows them leaves out those that do not
exist or do not apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_downloader.model.errors import Failure


@dataclass(frozen=True, slots=True)
class Reason:
    """A failure for the row.

    Attributes:
        words: what happened, short.
        tiny: the same where there is hardly any room.
        commands: ids of what to do next, the best first.
    """

    words: str
    tiny: str
    commands: tuple[str, ...] = ("retry",)


_BY_CODE = {
    "dns": Reason("cannot find the host", "no host", ("retry", "new_url")),
    "connect": Reason("cannot connect", "no connection", ("retry", "new_url")),
    "connection": Reason("connection lost", "lost"),
    "timeout": Reason("no answer in time", "timeout"),
    "truncated": Reason("connection lost", "lost"),
    "tls-cut": Reason("connection lost", "lost"),
    "tls": Reason("certificate not accepted", "certificate", ("edit", "retry")),
    "auth": Reason("needs a login", "login", ("edit", "retry")),
    "http-401": Reason("401 needs a login", "401", ("edit", "retry")),
    "http-403": Reason("403 forbidden, link may have expired", "403", ("new_url", "retry")),
    "http-404": Reason("404 not found", "404", ("new_url", "retry")),
    "http-407": Reason("407 proxy needs a login", "407", ("edit", "retry")),
    "http-410": Reason("410 gone", "410", ("new_url", "retry")),
    "http-416": Reason("416 range refused", "416", ("restart",)),
    "http-429": Reason("429 too many requests", "429"),
    "http-500": Reason("500 server error", "500"),
    "http-502": Reason("502 bad gateway", "502"),
    "http-503": Reason("503 server busy", "503"),
    "http-504": Reason("504 gateway timeout", "504"),
    "range": Reason("server cannot resume", "no resume", ("restart",)),
    "protocol": Reason("server breaks HTTP", "bad HTTP"),
    "changed": Reason("file changed on the server", "changed", ("restart",)),
    "web-page": Reason("got a web page instead of the file", "web page", ("new_url", "retry")),
    "redirect": Reason("redirect refused", "redirect", ("new_url", "retry")),
    "too-many-redirects": Reason("too many redirects", "redirects", ("new_url", "retry")),
    "checksum": Reason("checksum differs", "checksum", ("restart", "checksum", "delete_file")),
    "disk-full": Reason("disk full", "disk full", ("edit", "retry", "pause")),
    "permission": Reason("cannot write there", "no access", ("edit", "retry")),
    "name": Reason("cannot use this name", "bad name", ("edit", "retry")),
    "exists": Reason("a file of that name exists", "file exists", ("retry", "remove")),
    "locked": Reason("in use by another program", "in use"),
    "disk": Reason("disk error", "disk", ("edit", "retry")),
    "url": Reason("not a usable address", "bad URL", ("new_url", "remove")),
    "internal": Reason("fault of this program", "internal"),
}


def reason_for(failure: Failure) -> Reason:
    """Return the words for a failure; a code without words of its own shows its message."""
    known = _BY_CODE.get(failure.code)
    if known is not None:
        return known
    if failure.code.startswith("http-"):
        status = failure.code.removeprefix("http-")
        return Reason(f"{status} refused by the server", status)
    return Reason(failure.message or failure.code, failure.code)
