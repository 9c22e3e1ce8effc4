"""Loads aiohttp when it is first needed, without the parts that are not used."""

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
    """Do not load the system's CA certificates meanwhile.

    aiohttp loads them twice on import, for two default contexts that are never used here; they stay
    empty and trust nobody. That saves a fifth of the start of `get`.
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
    """Make frozenlist use its pure Python lists, if it is imported meanwhile.

    aiohttp uses them only for trace configurations, of which there are none here. The C++ version
    needs a megabyte of libstdc++, and nothing else does.
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
    """Import the module `client`, and with it aiohttp, without what is not needed. Blocks.

    It takes long, so the interface is shown before.
    """
    with issuers_unread(), plain_lists():
        from tui_downloader.engine.network import client
    return client
