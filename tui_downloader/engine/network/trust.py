"""Which certificates are trusted.

The system's CA certificates are loaded when the first https address is used or expected: that takes
20 ms, which a run over plain http saves.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import ssl
from typing import TYPE_CHECKING

from tui_downloader.engine.network.tls_sessions import LendingContext
from tui_downloader.model.links.addresses import origin_of

if TYPE_CHECKING:
    from tui_downloader.engine.options import EngineOptions
    from tui_downloader.model.links.addresses import Origin


# OpenSSL's own choice, within what the system allows, as other programs offer: Python's lacks what
# old servers know alone.
_CIPHERS = "DEFAULT:!aNULL:!eNULL:!PSK:!SRP"


class Trust:
    """Makes the TLS contexts for aiohttp.

    Args:
        options: a file of further issuers, or whether any certificate will do.

    Attributes:
        unchecked: hosts of which any certificate will do, whichever download leads there; it may be
            replaced at any time.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self.unchecked: frozenset[Origin] = frozenset()
        self._contexts = dict[tuple[type[ssl.SSLContext], bool], ssl.SSLContext]()
        self._reading = asyncio.Lock()

    async def expect_https(self) -> None:
        """Load the CA certificates before the first request, if https is expected."""
        if self._options.expects_https and not self._options.insecure:
            with contextlib.suppress(OSError):  # to be told when they are needed
                await self._context(LendingContext, is_checked=True)

    async def towards(
        self, url: str, proxy: str | None, *, accepts_any: bool = False
    ) -> ssl.SSLContext | bool:
        """Return the context for `url`; True where there is nothing to check.

        Args:
            accepts_any: whoever answers is believed, as with the hosts that are `unchecked`.
        """
        if not any(hop.lower().startswith("https:") for hop in (url, proxy or "")):
            return True
        # What the socket gives on the way over a proxy with TLS belongs to the proxy's session.
        is_nested = proxy is not None and proxy.lower().startswith("https:")
        accepts_any = accepts_any or origin_of(url) in self.unchecked
        is_checked = not (accepts_any or self._options.insecure)
        kind = ssl.SSLContext if is_nested else LendingContext
        return await self._context(kind, is_checked=is_checked)

    async def _context(self, kind: type[ssl.SSLContext], *, is_checked: bool) -> ssl.SSLContext:
        async with self._reading:
            key = kind, is_checked
            if key not in self._contexts:
                make = functools.partial(_checking, ca_certificate=self._options.ca_certificate)
                self._contexts[key] = await asyncio.to_thread(make if is_checked else _plain, kind)
        return self._contexts[key]


def _plain(kind: type[ssl.SSLContext]) -> ssl.SSLContext:
    """Make a context for HTTP/1.1 that accepts any certificate."""
    context = kind(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_CIPHERS)
    if keys := os.environ.get("SSLKEYLOGFILE"):
        context.keylog_filename = keys
    context.set_alpn_protocols(["http/1.1"])
    return context


def _checking(kind: type[ssl.SSLContext], ca_certificate: str | None) -> ssl.SSLContext:
    """Make a context that believes as curl does, whichever Python it is made with.

    An issuer in the file of the user need not be a root. From 3.13 on, Python's own contexts allow
    that, too, but want fields of every certificate that many issuers of companies leave out.
    """
    context = _plain(kind)
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_default_certs()
    if ca_certificate is not None:
        context.load_verify_locations(ca_certificate)
    return context
