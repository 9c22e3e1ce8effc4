"""What aiohttp does not tell of an answer: when its head began, and how its connection ended.

A head may be slow to begin, but once begun it has to end in time. A body without a length ends with
the connection, and only if that was closed properly is the file complete: a reset, or TLS that ends
without its closing notice, is an interruption. Invalid chunks end a connection, too, and the reader
is told.

If a server sends more than it announced, aiohttp would take the surplus for the beginning of the
next answer. Here the complete answer counts, and its connection is not reused.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp.client_proto import ResponseHandler
from multidict import CIMultiDict, CIMultiDictProxy

from tui_downloader.engine.network.attempts import ATTEMPT
from tui_downloader.engine.network.buffers import empty
from tui_downloader.engine.network.tls_sessions import info, session_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.connector import Connection

FIRST_BYTE_S = 60.0
HEAD_S = 30.0
_BEGINNING = b"HTTP/1."
_END_OF_HEAD = b"\r\n\r\n"
_BLANKS = (" ", "\t")
_INFORMATIONAL = b" 1"  # another head follows
# What arrives is passed on before the loop reads again, so one buffer serves every connection. For
# each reading without one, asyncio takes as much from the system and gives most of it back.
_ARRIVALS = empty(1 << 18)


class WatchedResponse(aiohttp.ClientResponse):
    """An answer whose connection is watched; created by aiohttp's session."""

    is_reused = False  # its connection had served another request before
    proxy_host = ""  # name and port of the proxy that it came through
    _watch: Watch | None = None

    def retire(self) -> None:
        """Do not reuse the connection."""
        if self._watch is not None:
            self._watch.retire()

    async def start(self, connection: Connection) -> Self:
        """Read the head.

        Raises:
            TimeoutError: it did not begin in 60 s, or did not end 30 s after it had begun.
        """
        attempt = ATTEMPT.get()
        transport = connection.transport
        if not isinstance(transport, asyncio.Transport):
            await super().start(connection)  # it is gone, which is told by that
            return self
        self._watch = watch = Watch.of(transport)
        self.is_reused = watch.has_head
        if attempt is not None and self.method != aiohttp.hdrs.METH_CONNECT:
            attempt.is_reused = self.is_reused
            attempt.on_phase("waiting for answer")
        watch.begin(attempt.first_bytes if attempt is not None else _ARRIVALS.nbytes)
        if self.method == aiohttp.hdrs.METH_HEAD and connection.protocol is not None:
            # A body that comes all the same would pass for the next answer, as aiohttp lets the
            # connection go as soon as the head is here.
            connection.protocol.force_close()
        await super().start(connection)
        self._read_blank_names()
        watch.has_head = True
        watch.content = self.content
        self.content.on_eof(lambda: watch.end(self.content_length))  # at once where it is here
        return self

    def _read_blank_names(self) -> None:
        """Read fields with blanks behind their names, of which the parser lets a few through.

        It has heeded a length like that already, as browsers do. Programs on the way may have read
        it otherwise (RFC 9112, 5.1): nothing of what comes behind this answer is believed.
        """
        if any(name.endswith(_BLANKS) for name in self.headers):
            self.replace_headers((name.rstrip(), value) for name, value in self.headers.items())
            self.retire()

    def replace_headers(self, fields: Iterable[tuple[str, str]]) -> None:
        """Let these be read, by aiohttp as well, in place of what came."""
        self._headers = CIMultiDictProxy(CIMultiDict(fields))
        self._cache.pop("headers", None)  # in which aiohttp keeps what it was asked for before

    @property
    def peer_name(self) -> tuple[str, int] | None:
        """Address and port of the server, None when the connection was gone from the beginning."""
        return self._watch.peer_name if self._watch is not None else None

    @property
    def ended_badly(self) -> bool:
        """The connection has ended and was not closed properly."""
        return self._watch is not None and not self._watch.closed_well


class Watch(asyncio.BufferedProtocol):
    """Stands between a transport and aiohttp's protocol and passes everything on.

    Attributes:
        has_head: the head of the answer was read.
        content: where its body is read from, None until then.
        closed_well: the other side said that nothing more follows.
        peer_name: address and port of the other side, None when it was gone from the beginning.
    """

    def __init__(self, transport: asyncio.Transport, protocol: ResponseHandler) -> None:
        self.has_head = False
        self.content: aiohttp.StreamReader | None = None
        self.closed_well = False
        self._is_awaited = False  # an answer, or the rest of one
        self._first_bytes = _ARRIVALS.nbytes
        self._is_retired = False
        self._body_bytes = 0  # passed on behind what was the head, as far as that was seen
        self._ends_with_line = False  # what came last did
        name = info(transport, "peername")
        self.peer_name: tuple[str, int] | None = name[:2] if name else None
        self._loop = asyncio.get_running_loop()
        self._head_by: float | None = None  # loop time, until which the head is waited for
        self._has_begun = False  # something of it has arrived
        self._timer: asyncio.TimerHandle | None = None
        self._transport = transport
        self._protocol: asyncio.Protocol = protocol
        self._handler = protocol

    @classmethod
    def of(cls, transport: asyncio.Transport) -> Watch:
        """Return the watch over a connection, which is installed for its first answer."""
        protocol = transport.get_protocol()
        if isinstance(protocol, cls):
            return protocol
        assert isinstance(protocol, ResponseHandler)
        watch = cls(transport, protocol)
        transport.set_protocol(watch)
        return watch

    def begin(self, first_bytes: int) -> None:
        """A request was sent: expect an answer.

        Args:
            first_bytes: the most to take at once until its head is here.

        Raises:
            ServerDisconnectedError: one is here that came before anybody had asked for it.
        """
        if self._handler.should_close:
            raise aiohttp.ServerDisconnectedError("something was left from before")
        self.has_head = self._has_begun = False
        self._first_bytes = first_bytes
        self._is_awaited = True
        self._expect_head_within(FIRST_BYTE_S)

    def _expect_head_within(self, seconds: float) -> None:
        self._head_by = at = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(at, self._look_for_head)

    def _look_for_head(self) -> None:
        """Give up a head that is late. One timer serves many answers: it is set anew seldom."""
        at, self._timer = self._head_by, None
        if at is None or self.has_head:
            return
        if self._loop.time() < at:
            self._timer = self._loop.call_at(at, self._look_for_head)
        else:
            self._handler.set_exception(TimeoutError())

    def retire(self) -> None:
        """Do not reuse the connection after the current answer."""
        self._is_retired = True
        if not self._is_awaited:
            self._transport.close()

    def end(self, announced_bytes: int | None) -> None:
        """The answer is complete: anything further on this connection is surplus.

        Args:
            announced_bytes: the length of the body according to its head, None when that has none.
        """
        self._is_awaited = False
        if self._is_retired:
            self._transport.close()
        # A body in chunks ends with a line; a piece of a further answer the parser keeps to itself.
        is_longer = announced_bytes is not None and self._body_bytes > announced_bytes
        if is_longer or (announced_bytes is None and not self._ends_with_line):
            self._transport.close()
        # The parser reports the end: what it finds behind that is to be seen once it returns.
        self._loop.call_soon(self._check_surplus)

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint  # what one buffer has serves all
        return _ARRIVALS if self.has_head else _ARRIVALS[: self._first_bytes]

    def buffer_updated(self, nbytes: int) -> None:
        self._receive(bytes(_ARRIVALS[:nbytes]))

    def _receive(self, data: bytes) -> None:
        if not self._is_awaited:
            self._transport.close()
            return
        self._ends_with_line = data.endswith(b"\n")
        if not self._has_begun:
            self._has_begun = True
            if _is_whole_head(data):
                self._head_by = None
            else:
                self._expect_head_within(HEAD_S)
        if not self.has_head:
            data = self._pass_heads(data)
        if data and not self._transport.is_closing():
            self._body_bytes += len(data)
            self._protocol.data_received(data)

    def _check_surplus(self) -> None:
        """Notice that the parser has found another answer that nobody asked for.

        It finds it right after it has reported the end of the first one. What it held back while
        the stream was full does not pass through here.
        """
        if not self._is_awaited and self._handler.should_close:
            self._transport.close()

    def _pass_heads(self, data: bytes) -> bytes:
        """Pass heads on one by one, and return what follows.

        The parser forgets the head of an answer when what comes with it cannot be parsed.
        """
        while (found := data.find(_END_OF_HEAD)) >= 0:
            end = found + len(_END_OF_HEAD)
            self._protocol.data_received(data[:end])
            data = data[end:]
            self._body_bytes = 0
            if not data.startswith(_BEGINNING):  # as behind one of status 1xx
                break
        return data

    def eof_received(self) -> bool | None:
        tls = info(self._transport, "ssl_object")
        self.closed_well = tls is None or _was_told_the_end(tls)
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._protocol.connection_lost(exc)
        content = self.content
        if content is not None and not content.is_eof() and content.exception() is None:
            # The parser gave up in the middle, and left the reader waiting.
            content.set_exception(aiohttp.ClientConnectionError("what came last makes no sense"))

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


def _is_whole_head(data: bytes) -> bool:
    """Tell whether this is a complete head, as usual: then it needs no time limit."""
    return _END_OF_HEAD in data and not data.startswith(_INFORMATIONAL, len(_BEGINNING) + 1)


def has_more(transport: asyncio.Transport) -> bool:
    """Tell whether bytes, or an end, wait on an idle connection."""
    tls, session = info(transport, "ssl_object"), session_of(transport)
    if transport.is_closing() or (tls is not None and tls.pending()):
        return True
    if session is not None and session.incoming.pending:
        return True
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _was_told_the_end(tls: ssl.SSLObject) -> bool:
    """Tell whether the TLS closing notice came before the end of the connection."""
    try:
        return tls.read(1) == b""
    except ssl.SSLZeroReturnError:
        return True
    except ssl.SSLError:
        return False
