"""Logs in where the server wants a digest of the password instead of the password (RFC 7616)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from aiohttp import hdrs

from tui_downloader.engine.network.watching import WatchedResponse
from tui_downloader.model.http import digest_challenge

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse


class DigestLogin:
    """One login at one origin; requests after the first carry it without being asked.

    A middleware of aiohttp, around aiohttp's own: that one forgets the answer that asked for the
    login, and raises where it cannot be given. Here that answer is released, or stands. It also
    looks only at the kind of login that is named first, and is shown the digest as that.
    """

    def __init__(self, user: str, password: str) -> None:
        self._middleware = aiohttp.DigestAuthMiddleware(user, password)

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        asking: ClientResponse | None = None

        async def send(request: ClientRequest) -> ClientResponse:
            nonlocal asking
            if asking is not None:
                asking.release()
            asking = await handler(request)
            if isinstance(asking, WatchedResponse):
                _put_digest_first(asking)
            return asking

        try:
            return await self._middleware(request, send)
        except aiohttp.ClientError as error:
            # Only for a challenge that cannot be met is it the base class.
            if type(error) is not aiohttp.ClientError:
                raise
            return asking or await handler(request)


def _put_digest_first(answer: WatchedResponse) -> None:
    challenge = digest_challenge(answer.headers.getall(hdrs.WWW_AUTHENTICATE, ()))
    if challenge:
        first = (hdrs.WWW_AUTHENTICATE, challenge)
        answer.replace_headers((first, *answer.headers.items()))
