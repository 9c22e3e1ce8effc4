"""Everything that can go wrong with a download, as one tree with a common root.

Each error carries a stable `code`, a sentence that says what happened with its numbers, a hint that
says what the user can do, and whether trying again makes sense. Exceptions of other libraries are
translated into these once, at the border (`network_faults`, `disk_faults`).

    DownloadError
     +- NetworkError          dns, connect, timeout, connection                   tried again
     |   +- Unreachable       dns, connect, timeout                               tried again
     +- TlsError              tls                                                 final
     +- HttpStatusError       auth (401, 407), http-NNN                           by status
     +- HostBusy              host-busy                                           when it said
     +- TruncatedError        truncated                                           tried again
     +- RangeError            range                                               final
     +- FramingError          protocol                                            final
     +- FileChanged           changed                                             final
     +- WebPageError          web-page                                            final
     +- RedirectError         too-many-redirects, redirect                        final
     +- ChecksumMismatch      checksum                                            final
     +- DiskError             permission, name, exists, changed, disk             final
     |   +- DiskFull          disk-full                                           pauses
     |   +- PartGone          disk                                                final
     |   +- TooManyOpen       disk                                                tried again
     +- UrlError              url                                                 final
     +- InternalError         internal                                            final
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.media_types import promised_type
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from tui_downloader.model.deadline import Deadline


class IllegalTransition(Exception):
    """An event that the transition table does not know for this state: a bug of the caller."""


class Again(Enum):
    """Whether and how a fault is tried again automatically (laws.md, table C)."""

    NEVER = auto()
    BACKOFF = auto()  # the connection broke: soon, from the last sound byte
    SERVER_BUSY = auto()  # the server said so: fewer tries, its own Retry-After first


class Failure(NamedTuple):
    """An error as the interface, the queue and `--json` show it.

    Attributes:
        origin: scheme, host and port of the server that is not believed, which need not be that of
            the link; "" for none.
    """

    code: str
    message: str
    hint: str = ""
    origin: str = ""


def code_of(failure: Failure | None) -> str:
    """Return the code of a failure, "" for none."""
    return "" if failure is None else failure.code


class DownloadError(Exception):
    """Root of the tree.

    Args:
        message: one sentence without a final full stop; outside text in it is already cleaned.
        code: stable name for scripts, when it is not the class's only one.
        hint: what the user can do, when it is not the class's usual one; keys and options are
            named by whoever shows it.
        origin: see `Failure`.
    """

    code = "error"
    hint = ""
    again = Again.NEVER

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None, origin: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.origin = origin
        if code is not None:
            self.code = code
        if hint is not None:
            self.hint = hint

    @property
    def failure(self) -> Failure:
        return Failure(self.code, self.message, self.hint, self.origin)


class NetworkError(DownloadError):
    """The connection is broken: name lookup, connect, reset, silence."""

    code = "connection"
    hint = (
        "it goes on where it stopped once the connection works; check the network and the address"
    )
    again = Again.BACKOFF


UNKNOWN_HOST = "dns"  # the code of an unreachable host whose name nobody knows


class Unreachable(NetworkError):
    """No connection to a host could be made.

    Args:
        host: its name and port, to be told from others.
    """

    def __init__(
        self, message: str, *, host: str, code: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.host = host


# What helps against a certificate; where there is no interface, these are options.
BY_SETTING = "(setting ca_certificate)"
ALLOW_HOST = "allow it for this host"


class TlsError(DownloadError):
    """The server's certificate or its TLS is not acceptable."""

    code = "tls"
    hint = f"trust its issuer {BY_SETTING}, or, if you must, {ALLOW_HOST}"


class HttpStatusError(DownloadError):
    """A final answer that is not the file.

    Args:
        status: the HTTP status code.
        retry_after_s: what the server asked for, in seconds.
        host: name and port of who answered, which a redirect may have led to; "" for unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        again: Again = Again.NEVER,
        retry_after_s: float | None = None,
        host: str = "",
        code: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, code=code or f"http-{status}", hint=hint)
        self.status = status
        self.again = again
        self.retry_after_s = retry_after_s
        self.host = host


class HostBusy(DownloadError):
    """A host has asked for no requests before some time, which was heeded: it was not asked.

    Args:
        host: its name and port.
        until: when it wants requests again.
    """

    code = "host-busy"
    hint = "it goes on by itself"
    again = Again.SERVER_BUSY

    def __init__(self, message: str, *, host: str, until: Deadline) -> None:
        super().__init__(message)
        self.host = host
        self.until = until


class TruncatedError(DownloadError):
    """The body ended before the promised size."""

    code = "truncated"
    hint = "it goes on from the last byte"
    again = Again.BACKOFF


class RangeError(DownloadError):
    """The server answers range requests with something else."""

    code = "range"
    hint = "start again from 0"


class FramingError(DownloadError):
    """The answer violates HTTP: contradicting lengths, a status that cannot carry a file."""

    code = "protocol"
    hint = "the server is at fault; try again later or another address"


class FileChanged(DownloadError):
    """The part here does not belong to the file that the server has now, as far as can be told."""

    code = "changed"
    hint = "start again from 0, or keep the part you have"


class WebPageError(DownloadError):
    """A web page came where a file was expected."""

    code = "web-page"
    hint = "the link may have expired or needs a login; to keep the page, name it .html"

    @classmethod
    def instead_of(cls, name: str, content_type: str) -> WebPageError:
        """Say which file was expected, and what the server says it has sent."""
        kind = clean(content_type.partition(";")[0].strip(), 60) or "of no type"
        promised = promised_type(name)
        expected = f"{clean(name)} ({promised})" if promised else clean(name)
        return cls(f"the server sent a web page ({kind}) where {expected} was expected")


class RedirectError(DownloadError):
    """A redirect that must not or cannot be followed."""

    code = "redirect"
    hint = "open the address in a browser to see where it leads"


class ChecksumMismatch(DownloadError):
    """Every byte came and the digest is not the expected one."""

    code = "checksum"
    hint = "check the expected digest or start again"


EXISTS = "exists"  # the code of a name that is taken, about which the user has a say
_SKIPPED = "skipped: "


def skipped(name: str) -> Failure:
    """Return why a download was left out whose name is taken, as the user has said."""
    return Failure(EXISTS, f"{_SKIPPED}{name} exists already")


def is_skip(failure: Failure | None) -> bool:
    """Tell it from the question about a taken name, which the user may have answered by no."""
    return failure is not None and failure.code == EXISTS and failure.message.startswith(_SKIPPED)


class DiskError(DownloadError):
    """The file system refuses: read-only, a bad name, a file in the way."""

    code = "disk"
    hint = "check the destination folder"


class TooManyOpen(DiskError):
    """The process, or the system, may open no more files until others are closed."""

    again = Again.BACKOFF
    hint = "fewer downloads at once, or connections for each, need fewer; see `ulimit -n`"


class DiskFull(DiskError):
    """There was no room for the next bytes: everything on that file system waits.

    Args:
        is_measured: the message says what is needed and what is free, as far as it is known.
    """

    code = "disk-full"
    hint = "free some space, or choose another folder; it goes on by itself when there is space"

    def __init__(self, message: str, *, hint: str | None = None, is_measured: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.is_measured = is_measured


class PartGone(DiskError):
    """Another program removed or replaced the partial while it was written."""

    hint = "start again from 0"


class UrlError(DownloadError):
    """An address that cannot be asked for."""

    code = "url"
    hint = "addresses start with http:// or https://"


class InternalError(DownloadError):
    """A fault of this program in one download; the log has the rest."""

    code = "internal"
    hint = "please report it with the log file"
