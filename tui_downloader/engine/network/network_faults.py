"""Translates exceptions of aiohttp, ssl and sockets into ours, keeping their cause."""

from __future__ import annotations

import errno
import ssl
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from tui_downloader.model.errors import (
    ALLOW_HOST,
    BY_SETTING,
    UNKNOWN_HOST,
    DownloadError,
    FramingError,
    NetworkError,
    TlsError,
    TooManyOpen,
    TruncatedError,
    Unreachable,
    UrlError,
)
from tui_downloader.model.http import parse_retry_after
from tui_downloader.model.links.addresses import host_of, place_of
from tui_downloader.model.statuses import status_error
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_downloader.engine.network.proxies import Via

EXPIRED = "expired"
_SLOW = "{} did not answer in time"
_PROXY_LOGIN = 407
# Through a proxy, nothing but the connection to it and the tunnel that it opens can fail so.
_OF_PROXY = (aiohttp.ClientHttpProxyError, aiohttp.ConnectionTimeoutError)


class Asked(NamedTuple):
    """Whom a fault is about: the server of a request, or the proxy on the way to it.

    Attributes:
        words: name and port, safe to display, long ones cut.
        host: the same as `host_of` returns it.
        target: name and port of the server, also behind a proxy.
        origin: `host` with its scheme; "" when it is a proxy.
        hint: what the user can do about a proxy; "" when it is a server, which `words` say.
    """

    words: str
    host: str
    target: str
    origin: str = ""
    hint: str = ""


Translator = tuple[type[BaseException], "Callable[[Asked, BaseException], DownloadError]"]


_EARLY, _OTHER_NAME, _REVOKED = "is not valid yet", "is for another name", "was revoked"
# OpenSSL's X509_V_ERR numbers.
_CERTIFICATE_FAULTS = {
    9: _EARLY,
    10: EXPIRED,
    18: "is self-signed",
    19: "has an unknown issuer",
    20: "has an unknown issuer",
    21: "has an unknown issuer",
    23: _REVOKED,
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
# To trust the issuer does not help against these.
_CERTIFICATE_HINTS = {
    _EARLY: f"check this machine's date; if you must, {ALLOW_HOST}",
    EXPIRED: f"check this machine's date; the site has to renew it, or, if you must, {ALLOW_HOST}",
    _OTHER_NAME: f"check the address: another server may answer here; if you must, {ALLOW_HOST}",
    _REVOKED: "its owner took it back: better find the file elsewhere",
}


def network_error(error: BaseException, url: str, via: Via | None = None) -> DownloadError:
    """Translate what aiohttp, ssl or the socket raised while `url` was asked, by a proxy if any."""
    target = host_of(url)
    if via is not None and _is_about(error, via):
        asked = Asked(via.words, via.host, target, hint=via.hint)
    else:
        asked = Asked(clean(urlsplit(url).netloc, 120), target, target, place_of(url))
    for kind, translate in _BY_KIND:
        if isinstance(error, kind):
            return translate(asked, error)
    return NetworkError(f"{asked.words}: {clean(str(error), 200) or type(error).__name__}")


def login_wanted(via: Via) -> DownloadError:
    """Say that a proxy wants a login, or another one."""
    return status_error(_PROXY_LOGIN, by=via.words)


def _is_about(error: BaseException, via: Via) -> bool:
    """Tell whether it was the connection to the proxy that failed, not one within its tunnel."""
    if isinstance(error, _OF_PROXY):
        return True
    kinds = aiohttp.ClientConnectorError, aiohttp.ClientConnectorCertificateError
    place = URL(via.proxy.url)
    return isinstance(error, kinds) and (error.host, error.port) == (place.raw_host, place.port)


def _dns(asked: Asked, error: BaseException) -> DownloadError:
    if asked.hint:
        return _proxy(asked, error)
    return Unreachable(
        f"cannot find host {asked.words}",
        host=asked.host,
        code=UNKNOWN_HOST,
        hint="check the spelling and your network",
    )


def _certificate(asked: Asked, error: BaseException) -> DownloadError:
    cause = getattr(error, "certificate_error", error)
    fault = _CERTIFICATE_FAULTS.get(getattr(cause, "verify_code", 0))
    if fault is not None:
        hint = _issuer_hint(asked) or _CERTIFICATE_HINTS.get(fault)
        words = f"the certificate of {asked.words} {fault}"
        return TlsError(words, hint=hint, origin=asked.origin)
    reason = clean(getattr(cause, "verify_message", "") or str(cause), 200)
    words = f"the certificate of {asked.words} is not trusted: {reason}"
    return TlsError(words, hint=_issuer_hint(asked), origin=asked.origin)


def _issuer_hint(asked: Asked) -> str | None:
    """To allow any certificate of the server's host does not say so of the proxy's."""
    return f"trust its issuer {BY_SETTING}, or {asked.hint}" if asked.hint else None


def _tls(asked: Asked, error: BaseException) -> DownloadError:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    reason = getattr(cause, "reason", None) or str(cause)
    words = clean(str(reason).replace("_", " ").lower(), 120)
    hint = asked.hint or "check that the port speaks https"
    return TlsError(f"no TLS with {asked.words}: {words}", hint=hint)


def _proxy(asked: Asked, _error: BaseException) -> DownloadError:
    return NetworkError(f"cannot reach {asked.words}", code="connect", hint=asked.hint)


def _in_tunnel(asked: Asked, error: BaseException) -> DownloadError:
    """TLS within TLS failed: the words of aiohttp have the proxy's password.

    Before 3.11.8 and 3.12.2, Python fails as well when it is to give up such a session, which
    hides why.
    """
    cause = error.__cause__ or error
    for kind, translate in _BY_KIND:
        if isinstance(cause.__context__, kind):
            return translate(asked, cause.__context__)
    return NetworkError(f"{asked.words}: {_words(cause)}")


def _no_tunnel(asked: Asked, error: BaseException) -> DownloadError:
    """A proxy answered CONNECT with a status: the words of aiohttp have the proxy's password."""
    assert isinstance(error, aiohttp.ClientHttpProxyError)
    headers: Mapping[str, str] = error.headers or {}
    told_s = parse_retry_after(headers.get("Retry-After"), time.time(), headers.get("Date"))
    return status_error(error.status, told_s, host=asked.target, by=asked.words)


def _connect(asked: Asked, error: BaseException) -> DownloadError:
    number = getattr(error, "errno", None)
    cause = getattr(error, "os_error", error)
    words, hint = f"cannot connect to {asked.words}: {_words(error)}", NetworkError.hint
    if number == errno.ECONNREFUSED:
        words = f"{asked.words} refused the connection"
        hint = "check host and port; the server may be down"
    elif number in (errno.EMFILE, errno.ENFILE):
        hint = TooManyOpen.hint
    elif number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        words = f"no network to {asked.words}"
    elif number is None and isinstance(cause, ConnectionResetError):  # asyncio's, without a text
        # The host can be reached, by http perhaps: others need not wait for it.
        words = f"{asked.words} closed the connection in place of TLS"
        return NetworkError(words, code="connect", hint="check that the port speaks https")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(words, host=asked.host, code="connect", hint=hint)
    return NetworkError(words, code="connect", hint=hint)


def _connect_timeout(asked: Asked, _error: BaseException) -> DownloadError:
    return Unreachable(_SLOW.format(asked.words), host=asked.host, code="timeout")


def _timeout(asked: Asked, _error: BaseException) -> DownloadError:
    return NetworkError(_SLOW.format(asked.words), code="timeout")


def _disconnected(asked: Asked, _error: BaseException) -> DownloadError:
    return NetworkError(f"{asked.words} closed the connection without an answer")


def _payload(asked: Asked, error: BaseException) -> DownloadError:
    del asked
    return TruncatedError(f"the answer broke off: {_words(error)}")


def _framing(asked: Asked, error: BaseException) -> DownloadError:
    # Not with the whole of it: that has the address with all its secrets, or the proxy's.
    told = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    reason = clean(told.partition("\n")[0].rstrip(":"), 200)
    return FramingError(f"{asked.words} sent an answer that is not HTTP: {reason}")


def _url(_asked: Asked, error: BaseException) -> DownloadError:
    return UrlError(f"not a usable address: {_words(error)}")


def _words(error: BaseException) -> str:
    cause = getattr(error, "os_error", error)
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return clean(text.partition("\n")[0], 200)


# The most specific first.
_BY_KIND: tuple[Translator, ...] = (
    (aiohttp.ClientConnectorDNSError, _dns),
    (aiohttp.ClientConnectorCertificateError, _certificate),
    (aiohttp.ClientConnectorSSLError, _tls),
    (aiohttp.ClientProxyConnectionError, _proxy),
    (aiohttp.ConnectionTimeoutError, _connect_timeout),
    (aiohttp.ServerTimeoutError, _timeout),
    (aiohttp.ClientConnectorError, _connect),
    (aiohttp.ServerDisconnectedError, _disconnected),
    (aiohttp.InvalidURL, _url),
    (aiohttp.ClientPayloadError, _payload),
    (aiohttp.ClientHttpProxyError, _no_tunnel),
    (aiohttp.ClientResponseError, _framing),
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _tls),
    (TimeoutError, _timeout),
    (OSError, _connect),
    (aiohttp.ClientConnectionError, _in_tunnel),
)
