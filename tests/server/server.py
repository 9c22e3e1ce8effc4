"""The server itself: connections come, requests are answered as their resources behave."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from tests.server.answer import (
    Answer,
    Asked,
    decide,
    head_bytes,
    is_bodiless,
    keeps_connection,
    text_answer,
)
from tests.server.behaviour import Behaviour, Surplus
from tests.server.content import Content
from tests.server.delivery import Cut, Delivery
from tests.server.resource import BadRequest, Request, Resource
from tests.server.wire import Pulse, Wire

_MAX_HEAD_BYTES = 1024 * 1024
_UNTIL_S = 60.0
_HANDSHAKE_S = 5.0
_GONE = (
    ConnectionError,
    ssl.SSLError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
    BadRequest,
)


class Server:
    """The server. It runs inside `async with`; leaving that aborts every connection.

    Args:
        tls: context with a certificate, None for plain HTTP.
        max_connections: answers under way at once before `surplus` (a status, or "reset")
            is the answer; None for no limit. Both may be changed meanwhile.
        request_interval_s: a request that comes sooner after one that was served gets 503.

    Attributes:
        requests: every request so far, in order of arrival.
        resources: by path; a path that is not here is answered 404.
        connections_total, connections_now, connections_max: TCP connections that were accepted.
        answers_now: requests that are being answered.
        held_now: connections that wait for `release`, by `hold` or `stall_after`.
        sent_bytes: bytes of bodies of all resources.
        notices_after_s: so long an answer that the client cut off counts as under way.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        max_connections: int | None = None,
        surplus: Surplus = 503,
        request_interval_s: float = 0.0,
        host: str = "127.0.0.1",
    ) -> None:
        self._host = host
        self.max_connections = max_connections
        self.surplus = surplus
        self.request_interval_s = request_interval_s
        self._served_at = -math.inf
        self.requests: list[Request] = []
        self.resources: dict[str, Resource] = {}
        self.connections_total = 0
        self.connections_now = 0
        self.connections_max = 0
        self.answers_now = 0
        self.held_now = 0
        self.notices_after_s = 0.0
        self.port = 0
        self._tls = tls
        self._listener: asyncio.Server | None = None
        self._wires: dict[asyncio.Task[None], Wire] = {}
        self._changed = Pulse()
        self._released = Pulse()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def put(self, path: str, data: bytes | Content, **behaviour: Any) -> Resource:
        """Serve `data` at `path`; keyword arguments are those of `Behaviour`."""
        self.resources[path] = Resource.of(path, data, Behaviour(**behaviour))
        return self.resources[path]

    def url(self, path: str, *, host: str = "127.0.0.1", userinfo: str = "") -> str:
        """The address of `path`; "localhost" reaches the same server as another origin."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{userinfo}{'@' * bool(userinfo)}{host}:{self.port}{path}"

    @property
    def sent_bytes(self) -> int:
        return sum(resource.sent_bytes for resource in self.resources.values())

    def release(self) -> None:
        """Let everything go on that is held or stalled now."""
        self._released.fire()

    async def until(self, condition: Callable[[], bool], timeout_s: float = _UNTIL_S) -> None:
        """Wait until `condition` holds; it is looked at whenever something happens here.

        Raises:
            TimeoutError: it did not within `timeout_s`.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                changed = self._changed.next()
                if condition():
                    return
                await changed.wait()

    async def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        self._listener = await asyncio.start_server(
            self._accept,
            self._host,
            self.port,
            ssl=self._tls,
            ssl_handshake_timeout=None if self._tls is None else _HANDSHAKE_S,
            limit=_MAX_HEAD_BYTES,
            backlog=512,
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse new connections and abort all others.

        Raises:
            Exception: what went wrong inside the server itself.
        """
        if self._listener is None:
            return
        self._listener.close()
        tasks = list(self._wires)
        self.abort_connections()
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        await self._listener.wait_closed()
        self._listener = None
        self._wires.clear()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def refuse_connections(self) -> None:
        """Take no new connection from now on; those that are open stay."""
        assert self._listener is not None
        self._listener.close()

    def abort_connections(self) -> None:
        """Reset every open connection; new ones are welcome."""
        for wire in self._wires.values():
            wire.abort(reset=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections_total += 1
        self.connections_now += 1
        self.connections_max = max(self.connections_max, self.connections_now)
        wire = Wire(reader, writer, self.connections_total)
        task = asyncio.get_running_loop().create_task(self._serve(wire))
        self._wires[task] = wire
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        # A task that failed stays, so that `stop` can tell.
        if task.cancelled() or task.exception() is None:
            del self._wires[task]

    async def _serve(self, wire: Wire) -> None:
        try:
            with suppress(*_GONE):
                while await self._exchange(wire):
                    pass
                await wire.close()
        except Cut as end:
            with suppress(ConnectionError):  # the client was quicker
                await wire.cut(reset=end.reset)
        finally:
            wire.abort(reset=False)
            with suppress(ConnectionError, ssl.SSLError):
                await wire.close()
            self.connections_now -= 1
            self._changed.fire()

    async def _exchange(self, wire: Wire) -> bool:
        """Answer one request; tell whether another may follow."""
        head = await wire.read_head()
        request = Request.parse(head, wire.connection_id, asyncio.get_running_loop().time())
        self.requests.append(request)
        resource = self.resources.get(request.path)
        if resource is None:
            resource = Resource.of(request.path, b"", Behaviour(status=404))
        with self._counted(request, resource):
            surplus = self._refuse_surplus() or self._refuse_too_soon(request.at)
            behaviour = Behaviour() if surplus else resource.next_behaviour()
            await self._before_head(wire, behaviour)
            keeps = await self._answer(wire, Asked(request, resource, behaviour), surplus)
        return keeps and await self._still_fresh(wire, behaviour)

    @contextmanager
    def _counted(self, request: Request, resource: Resource) -> Iterator[None]:
        resource.begin(request)
        self.answers_now += 1
        self._changed.fire()
        try:
            yield
        finally:
            resource.open_now -= 1
            if request.finished or not self.notices_after_s:
                self._answer_over()
            else:
                asyncio.get_running_loop().call_later(self.notices_after_s, self._answer_over)

    def _answer_over(self) -> None:
        self.answers_now -= 1
        self._changed.fire()

    async def _before_head(self, wire: Wire, behaviour: Behaviour) -> None:
        if behaviour.hold:
            await self._hold(wire)
        if behaviour.first_byte_delay_s:
            await asyncio.sleep(behaviour.first_byte_delay_s)

    async def _hold(self, wire: Wire) -> None:
        released = self._released.next()
        self.held_now += 1
        self._changed.fire()
        try:
            await wire.hold(released)
        finally:
            self.held_now -= 1

    async def _answer(self, wire: Wire, asked: Asked, surplus: Answer | None) -> bool:
        request, behaviour = asked.request, asked.behaviour
        if behaviour.raw is not None:
            await wire.write(behaviour.raw)
            request.finished = True
            return False
        answer = surplus or decide(asked)
        request.status = answer.status
        keeps = keeps_connection(answer, behaviour, request)
        await self._send_informational(wire, behaviour)
        await self._send_head(wire, head_bytes(answer, behaviour, keeps=keeps), behaviour)
        if request.method != "HEAD" and not is_bodiless(answer.status):
            await self._send_body(wire, asked, answer)
        request.finished = True
        return keeps

    async def _send_informational(self, wire: Wire, behaviour: Behaviour) -> None:
        while True:
            for status in behaviour.informational:
                await wire.write(b"HTTP/1.1 %d Wait\r\n\r\n" % status)
            if behaviour.informational_pause_s is None:
                return
            await asyncio.sleep(behaviour.informational_pause_s)

    def _refuse_surplus(self) -> Answer | None:
        if self.max_connections is None or self.answers_now <= self.max_connections:
            return None
        if self.surplus == "reset":
            raise Cut(reset=True)
        return text_answer(self.surplus, body=b"too many connections\n")

    def _refuse_too_soon(self, now: float) -> Answer | None:
        if now - self._served_at < self.request_interval_s:
            return text_answer(503, body=b"too many requests\n")
        self._served_at = now
        return None

    async def _send_head(self, wire: Wire, head: bytes, behaviour: Behaviour) -> None:
        if behaviour.head_dribble_s is None:
            await wire.write(head)
        else:
            await wire.dribble(head, behaviour.head_dribble_s)

    async def _send_body(self, wire: Wire, asked: Asked, answer: Answer) -> None:
        delivery = Delivery(
            wire, asked, stall=lambda: self._hold(wire), on_sent=lambda _: self._changed.fire()
        )
        await delivery.send(answer)

    async def _still_fresh(self, wire: Wire, behaviour: Behaviour) -> bool:
        if behaviour.stale == "close":
            return False
        if behaviour.stale == "reset":
            await wire.read_head()
            raise Cut(reset=True)
        return True
