"""aiohttp loaded late, and without what it would read in vain."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING

from tui_downloader.engine.network.tls_sessions import LendingContext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_READ = "set_default_verify_paths"


@contextlib.contextmanager
def issuers_unread() -> Iterator[None]:
    """Leave the system's issuers unread meanwhile.

    aiohttp reads them twice while it is imported, for two contexts that we never use; they stay
    empty and trust nobody. That is a fifth of the start of `get`.
    """
    read = ssl.SSLContext.set_default_verify_paths

    def leave_unread(context: ssl.SSLContext) -> None:
        if isinstance(context, LendingContext):  # our own, made in another thread
            read(context)

    setattr(ssl.SSLContext, _READ, leave_unread)
    try:
        yield
    finally:
        setattr(ssl.SSLContext, _READ, read)


def import_client() -> ModuleType:
    """Return the module `client`, and with it aiohttp, which reads no issuers meanwhile. Blocks.

    It takes long; the interface is on the screen already.
    """
    with issuers_unread():
        from tui_downloader.engine.network import client
    return client
