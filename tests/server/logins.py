"""Whether a request carries the login that a server asked for."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.server.resource import Request

_ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^", ]+))')


def is_logged_in(request: Request, credentials: tuple[str, str], challenge: str) -> bool:
    """Judge a request's Authorization by the challenge it answers: Basic, or Digest with `auth`."""
    sent = request.headers.get("authorization", "")
    if challenge.startswith("Basic"):
        return sent == f"Basic {base64.b64encode(':'.join(credentials).encode()).decode()}"
    return sent.startswith("Digest ") and _is_digest_of(request, credentials, challenge, sent)


def _is_digest_of(
    request: Request, credentials: tuple[str, str], challenge: str, sent: str
) -> bool:
    """RFC 7616, section 3.4.1."""
    asked, told = _fields(challenge), _fields(sent)
    if any(told.get(name) != asked.get(name) for name in ("realm", "nonce", "opaque")):
        return False
    if told["uri"] != request.target or told.get("username") != credentials[0]:
        return False
    algorithm = _ALGORITHMS[asked.get("algorithm", "MD5")]

    def digest(*words: str) -> str:
        return hashlib.new(algorithm, ":".join(words).encode()).hexdigest()

    user, password = credentials
    who = digest(user, asked["realm"], password)
    what = digest(request.method, told["uri"])
    once = (told["nc"], told["cnonce"], "auth") if "qop" in asked else ()
    return told["response"] == digest(who, asked["nonce"], *once, what)


def _fields(header: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in _FIELD.findall(header)}
