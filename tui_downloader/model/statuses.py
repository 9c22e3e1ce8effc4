"""Final statuses that are not the file: what each means, in words, and whether it may pass."""

from __future__ import annotations

from tui_downloader.model.errors import Again, DownloadError, HttpStatusError
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.text import clean

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504}) | frozenset(range(520, 528))
# What a link that has expired may be answered with: the one that led to it gives a new one. Object
# stores answer 400 where the token in it has (ExpiredToken).
MAY_HAVE_EXPIRED = frozenset({400, 401, 403, 404, 410})
_HINTS = {
    403: "the link may have expired or need a login; get a new address",
    404: "check the address; the file may have moved",
    410: "the file was taken away for good; look for a new address",
}
_LOGIN, _PROXY_LOGIN = 401, 407
_LOGIN_MAY_HELP = frozenset({_LOGIN, 403})
_LONGEST_HOST = 120
GIVE_LOGIN = "give user and password"
# A login goes to the link's own server, and not where that leads (laws.md, law 8).
TAKE_ADDRESS = "no login goes there with this link; take the address that it leads to"
LOGIN_REFUSED = "401 login refused"
_LOGINS = {
    401: GIVE_LOGIN,
    407: "put its user and password into the proxy's address: the download's own, or the one in "
    "http_proxy, https_proxy or all_proxy",
}
_WAITS_AS_TOLD = "the server said how long to wait (Retry-After)"
_MAY_RECOVER = "the server may recover; try again later"
_PHRASES = {
    400: "bad request",
    401: "needs a login",
    403: "forbidden",
    404: "not found",
    405: "method not allowed",
    407: "needs a login",
    408: "request timeout",
    410: "gone",
    416: "range not satisfiable",
    429: "too many requests",
    451: "unavailable for legal reasons",
    500: "server error",
    501: "not implemented",
    502: "bad gateway",
    503: "server busy",
    504: "gateway timeout",
}


def status_error(
    status: int,
    retry_after_s: float | None = None,
    *,
    host: str = "",
    had_login: bool = False,
    by: str = "",
    led_to: str = "",
) -> DownloadError:
    """Translate a final status that is not the file (laws.md, table C).

    Args:
        status: what the server answered.
        retry_after_s: how long it wants us to wait.
        host: name and port of who answered.
        had_login: a login was sent along.
        by: the words for the proxy whose answer that is, "" for the server.
        led_to: the address that gave that answer, for display, when it is of another server than
            the link; "" for that of the link.
    """
    phrase = _PHRASES.get(status, "refused by the server")
    if status == _PROXY_LOGIN:
        phrase = f"{by or 'the proxy'} {phrase}"
    elif by:
        phrase = f"{_PHRASES.get(status, 'refused')}, says {by}"
    elif led_to and status in _LOGIN_MAY_HELP:
        there = clean(host_of(led_to), _LONGEST_HOST)
        phrase = f"{there} {phrase}" if status == _LOGIN else f"{phrase}, says {there}"
    if status == 202:
        return HttpStatusError(
            "the server is still preparing the file (202)",
            status=status,
            again=Again.SERVER_BUSY,
            retry_after_s=retry_after_s,
            host=host,
        )
    if status == _LOGIN and had_login:
        return HttpStatusError(
            LOGIN_REFUSED, status=status, code="auth", hint="check user and password"
        )
    if status in (_LOGIN, _PROXY_LOGIN):
        return HttpStatusError(
            f"{status} {phrase}",
            status=status,
            code="auth",
            hint=f"{TAKE_ADDRESS}: {led_to}" if led_to else _LOGINS[status],
        )
    if status in _BUSY:
        return HttpStatusError(
            f"{status} {phrase}",
            status=status,
            again=Again.SERVER_BUSY,
            retry_after_s=retry_after_s,
            host=host,
            hint=_WAITS_AS_TOLD if retry_after_s is not None else _MAY_RECOVER,
        )
    return HttpStatusError(
        f"{status} {phrase}", status=status, hint=_HINTS.get(status, "check the address")
    )
