"""aiohttp loaded late, and without what it would load or read in vain."""

from __future__ import annotations

import contextlib
import os
import ssl
from typing import TYPE_CHECKING

from tui_downloader.engine.network.tls_sessions import LendingContext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_READ = "set_default_verify_paths"
_PLAIN_LISTS = "FROZENLIST_NO_EXTENSIONS"  # read by frozenlist when it is imported, then never


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


@contextlib.contextmanager
def plain_lists() -> Iterator[None]:
    """Have frozenlist use its lists in Python, if it is imported meanwhile.

    aiohttp keeps who wants to trace its requests in such lists, and nobody does; those in C++ bring
    a megabyte of libstdc++ with them, which nothing else here needs.
    """
    before = os.environ.get(_PLAIN_LISTS)
    os.environ[_PLAIN_LISTS] = before or "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_PLAIN_LISTS]
        else:
            os.environ[_PLAIN_LISTS] = before


def import_client() -> ModuleType:
    """Return the module `client`, and with it aiohttp, less what it would do in vain. Blocks.

    It takes long; the interface is on the screen already.
    """
    with issuers_unread(), plain_lists():
        from tui_downloader.engine.network import client
    return client
