"""Failures in a few words, and the commands that help (ux.md section 9).

Commands are named by their ids in `ui.commands`; those that do not exist or do not apply are left
out where they are shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.digests import digest_name
from tui_downloader.model.status import Status
from tui_downloader.model.statuses import LOGIN_REFUSED

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.errors import Failure

# A command that helps: its id, and what it is for here; "" for its own title.
Step = tuple[str, str]

_RETRY: Step = ("retry", "")
NEW_URL: Step = ("new_url", "new URL")
_FROM_ZERO: Step = ("restart", "from 0")
_LOGIN: Step = ("edit", "user and password")
PROXY: Step = ("edit", "proxy")
_ELSEWHERE: Step = ("edit", "other folder")
_RENAME: Step = ("edit", "other name")


class Reason(NamedTuple):
    """How a failure is shown in a row.

    Attributes:
        words: what happened, short.
        tiny: the same where there is hardly any room.
        steps: what to do next, the best first.
        is_told: the failure's own message is short and says more than `words`.
        short: fewer words, which leave room for a key in a narrow window.
        names_host: which host it is says more than a second key: its name may be mistyped.
    """

    words: str
    tiny: str
    steps: tuple[Step, ...] = (_RETRY,)
    is_told: bool = False
    short: str = ""
    names_host: bool = False


_LOST = Reason("connection lost", "cut off", (_RETRY, NEW_URL))
_SERVER_LOGIN = Reason("401 needs a login", "login", (_LOGIN, _RETRY))
_ALLOW: Step = ("edit", "allow for this host")


def _certificate(words: str, tiny: str = "certificate") -> Reason:
    return Reason(words, tiny, (_ALLOW, _RETRY), is_told=True)


# What one code does not tell: by how the message goes on.
_BY_MESSAGE = {
    "auth": {
        # One for the server of the link would not help, and one for that server does not go there.
        r"^401 \S+ needs a login$": Reason(
            "401 needs a login elsewhere",
            "login",
            (NEW_URL, _RETRY),
            is_told=True,
            short="401 login elsewhere",
            names_host=True,
        ),
        # A login for the server would not help.
        rf"^{LOGIN_REFUSED}": Reason(LOGIN_REFUSED, "login", (_LOGIN, _RETRY)),
        r"^407": Reason("407 proxy needs a login", "407", (PROXY, _RETRY), short="407 proxy login"),
    },
    "http-403": {
        r", says (?!the proxy )": Reason(
            "403 forbidden", "403", (NEW_URL, _RETRY), is_told=True, names_host=True
        ),
    },
    "connect": {
        r"^cannot reach the proxy": Reason(
            "cannot reach the proxy", "no proxy", (PROXY, _RETRY), is_told=True
        ),
        r"refused the connection$": Reason(
            "refused the connection", "refused", (_RETRY, NEW_URL), is_told=True
        ),
        r"^no network": Reason("no network", "no network", (_RETRY, NEW_URL), is_told=True),
    },
    "disk": {
        r" was removed or replaced while it was written$": Reason(
            "its part was removed or replaced", "part gone", (("retry", "from 0"),)
        ),
        r" was cut while it was written$": Reason("its part was cut", "part cut"),
        r": Input/output error$": Reason(
            "input/output error", "I/O error", (_ELSEWHERE, _RETRY), is_told=True
        ),
        r": a file is where a folder should be$": Reason(
            "a file is in the folder's place",
            "no folder",
            (_ELSEWHERE, _RETRY),
            is_told=True,
            short="file in the way",
        ),
    },
    "permission": {
        r": permission denied$": Reason(
            "no permission to write there",
            "no access",
            (_ELSEWHERE, _RETRY),
            is_told=True,
            short="no permission",
        ),
        r" is read-only$": Reason(
            "read-only disk", "read-only", (_ELSEWHERE, _RETRY), is_told=True
        ),
    },
    "tls": {
        # Another address goes the same way.
        r"^no TLS with the proxy": Reason(
            "no TLS with the proxy", "proxy TLS", is_told=True, short="no TLS with proxy"
        ),
        r"^the certificate of the proxy": Reason(
            "bad proxy certificate", "proxy", is_told=True, short="bad proxy"
        ),
        # There is no certificate to allow.
        r"^no TLS with": Reason(
            "no TLS there", "no TLS", (NEW_URL, _RETRY), is_told=True, names_host=True
        ),
        r" has an unknown issuer$": _certificate("unknown issuer"),
        r" is for another name$": _certificate("wrong name", "wrong name"),
        r" is self-signed$": _certificate("self-signed"),
        r" is not valid yet$": _certificate("not valid yet"),
        r" expired\b": _certificate("certificate expired", "expired"),
        r" was revoked$": Reason("revoked", "revoked", (NEW_URL, _RETRY), is_told=True),
    },
}

_BY_CODE = {
    "dns": Reason("host not found", "no host", (_RETRY, NEW_URL), is_told=True, names_host=True),
    "connect": Reason("cannot connect", "no contact", (_RETRY, NEW_URL), is_told=True),
    "connection": _LOST,
    "timeout": Reason("no answer in time", "timeout", (_RETRY, NEW_URL)),
    "truncated": _LOST,
    "tls": Reason(
        "certificate not accepted",
        "certificate",
        (_ALLOW, _RETRY),
        is_told=True,
        short="bad certificate",
    ),
    "auth": _SERVER_LOGIN,
    "http-403": Reason(
        "403 forbidden, link may have expired",
        "403",
        (NEW_URL, _RETRY),
        short="403 forbidden",
    ),
    "http-404": Reason("404 not found", "404", (NEW_URL, _RETRY)),
    "http-410": Reason("410 gone", "410", (NEW_URL, _RETRY)),
    "http-416": Reason("416 range refused", "416", (_FROM_ZERO,)),
    "http-429": Reason("429 too many requests", "429", short="429 too many"),
    "host-busy": Reason("host asked to wait", "host busy", is_told=True),
    "http-500": Reason("500 server error", "500"),
    "http-502": Reason("502 bad gateway", "502"),
    "http-503": Reason("503 server busy", "503"),
    "http-504": Reason("504 gateway timeout", "504"),
    "range": Reason("cannot resume here", "no resume", (_FROM_ZERO, NEW_URL)),
    "protocol": Reason("server breaks HTTP", "bad HTTP", (_RETRY, NEW_URL)),
    "changed": Reason(
        "file changed since the last part",
        "changed",
        (_FROM_ZERO, NEW_URL),
        short="file changed",
    ),
    "web-page": Reason(
        "got a web page instead of the file",
        "web page",
        (("open_file", "look"), NEW_URL, ("retry", "save anyway")),
        short="got a web page",
    ),
    "redirect": Reason("redirect refused", "redirect", (NEW_URL, _RETRY)),
    "too-many-redirects": Reason("too many redirects", "redirects", (NEW_URL, _RETRY)),
    "checksum": Reason(
        "checksum differs",
        "checksum",
        (("restart", "again"), ("checksum", "change expected"), ("delete_file", "delete")),
        is_told=True,
    ),
    "disk-full": Reason(
        "disk full",
        "disk full",
        (("pause", ""), _RETRY, _ELSEWHERE),
        is_told=True,
    ),
    "disk-gone": Reason(
        "its disk is not mounted", "disk gone", (_RETRY, _ELSEWHERE), short="disk gone"
    ),
    "permission": Reason("cannot write there", "no access", (_ELSEWHERE, _RETRY), is_told=True),
    "name": Reason(
        "cannot use this name", "bad name", (_RENAME, _RETRY), is_told=True, short="unusable name"
    ),
    "exists": Reason("a file of that name exists", "file exists", (_RETRY, ("remove", ""))),
    "disk": Reason("disk error", "disk error", (_ELSEWHERE, _RETRY), is_told=True),
    "url": Reason("not a usable address", "bad URL", (NEW_URL, ("remove", ""))),
    "internal": Reason("fault of this program", "internal"),
}

# The server itself named the time of the next try.
TOLD_TO_WAIT = frozenset({"http-429", "http-503"})

# "127.0.0.1:80 refused the connection", "the certificate of example.org expired 2 Nov 2025",
# "the certificate of the proxy 127.0.0.1:3128 expired"
_HOST_LEFT_OUT = re.compile(
    r"^\S+ (?=refused)|(?<=^no network) to \S+"
    r"|(?<=^the certificate of the proxy) \S+|(?<=^the certificate of)(?! the proxy ) \S+"
)

# "example.org asked to wait until 12:41:07 (Retry-After)"
_ASKED_TO_WAIT = re.compile(r"^\S+ asked to wait")

# "cannot write /mnt/x: Input/output error"
_SYSTEMS_WORDS = re.compile(r"^cannot (?:write|open) .+: (.+)$")

# "sha256 differs: expected 1a2b…, got 3c4d…"
_DIFFERING = re.compile(r"^([a-z0-9-]+) differs\b")

# "the server sent a web page (text/html) where a.zip (application/zip) was expected"; what is
# called anything but a page is one by its first bytes, and its type says nothing.
_PAGE_CAME = re.compile(
    r"^the server sent a web page \((text/html|application/xhtml\+xml)\)", re.IGNORECASE
)
_PROMISED = re.compile(r" \(([\w.+-]+/[\w.+-]+)\) was expected$")  # no name has a slash

# In these states what went wrong is what there is to say.
HELD_UP = frozenset({Status.FAILED, Status.WAITING, Status.PAUSED})

# The way to the server broke while bytes came: how far it got is worth telling.
BROKEN_OFF = frozenset({"connection", "truncated", "timeout"})


def reason_for(failure: Failure) -> Reason:
    """Return the words for a failure; a code without words of its own shows its message."""
    for beginning, reason in _BY_MESSAGE.get(failure.code, {}).items():
        if re.search(beginning, failure.message):
            return reason
    known = _BY_CODE.get(failure.code)
    if known is not None:
        return known._replace(words=_named_in(failure) or known.words)
    if failure.code.startswith("http-"):
        status = failure.code.removeprefix("http-")
        is_named = failure.message.startswith(f"{status} ")
        words = failure.message if is_named else f"{status} refused by the server"
        return Reason(words, status, (_RETRY, NEW_URL))
    return Reason(failure.message or failure.code, failure.code)


def _named_in(failure: Failure) -> str:
    """What a message says more exactly than its code, short; "" for nothing."""
    if failure.code == "checksum":
        differing = _DIFFERING.match(failure.message)
        return f"{digest_name(differing[1])} differs" if differing else ""
    refused = _SYSTEMS_WORDS.match(failure.message) if failure.code == "disk" else None
    return refused[1].lower() if refused else ""


def steps_for(snapshot: Snapshot) -> tuple[Step, ...]:
    """Return the commands that help a download on, the best first; none when it goes well."""
    if snapshot.is_wrong:
        return _BY_CODE["checksum"].steps
    if snapshot.status is Status.CANCELLED:
        return (_RETRY,)
    if snapshot.start_at is not None:
        return (_RETRY,)
    if snapshot.failure is None or snapshot.status not in HELD_UP:
        return ()
    return reason_for(snapshot.failure).steps


def _kinds(came: str, message: str) -> tuple[str, ...]:
    """Say which type came, and which the name promises, in forms from long to short."""
    promised = _PROMISED.search(message)
    if promised is None:
        return (f"got {came} instead of the file",)
    return f"got {came} where {promised[1]} was expected", f"got {came}, not {promised[1]}"


def tellings(failure: Failure) -> tuple[str, ...]:
    """Return what happened, in forms from long to short."""
    reason = reason_for(failure)
    if failure.code == "web-page" and (came := _PAGE_CAME.match(failure.message)) is not None:
        return (*_kinds(came[1].lower(), failure.message), reason.words)
    if not (reason.is_told and failure.message):
        return (reason.words,)
    # After a semicolon the message tells what became of the file, which the panel has room for.
    told = failure.message.partition(";")[0]
    short = _HOST_LEFT_OUT.sub("", told)
    short = short.replace("the certificate of the proxy", "proxy certificate")
    short = short.replace("the certificate of", "certificate")
    if (asked := _ASKED_TO_WAIT.match(told)) is not None:  # the row itself counts down
        return told, asked[0], reason.words
    return tuple(dict.fromkeys((told, short if short != told else reason.words)))
