"""Deciding what the test server answers: plain functions from a request to a head and a body."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from tests.server.behaviour import Behaviour, http_date
from tests.server.content import Content, Span
from tests.server.logins import is_logged_in
from tests.server.ranges import BOUNDARY, Slice, cut, whole
from tests.server.resource import Request, Resource

Headers = list[tuple[str, str | bytes]]

_BODILESS = frozenset({204, 304})
_KEEPS_CONNECTION = frozenset({"content-length", "chunked"})
_EXBIBYTE = 2**60
_REASONS = {int(status): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request together with what it is for and how it is to be answered."""

    request: Request
    resource: Resource
    behaviour: Behaviour


@dataclass(slots=True)
class Answer:
    """A head and where its body comes from."""

    status: int
    headers: Headers = field(default_factory=list)
    spans: tuple[Span, ...] = ()

    @property
    def body_bytes(self) -> int:
        return sum(span.stop - span.start for span in self.spans)


def text_answer(status: int, *headers: tuple[str, str], body: bytes = b"sorry\n") -> Answer:
    """An error with words for a body."""
    return Answer(status, [("Content-Type", "text/plain"), *headers], (Span.of(body),))


def decide(asked: Asked) -> Answer:
    """Return the first refusal that applies, else the file."""
    for gate in (_expired, _login, _failure, _redirect, _method, _precondition):
        refusal = gate(asked)
        if refusal is not None:
            return refusal
    return _file(asked)


def head_bytes(answer: Answer, behaviour: Behaviour, *, keeps: bool) -> bytes:
    """The head with its framing, ready to send; `keeps` says whether the connection stays."""
    date = http_date(behaviour.clock_ahead_s)
    headers: Headers = [("Date", date), *answer.headers, *_framing(answer, behaviour)]
    if not keeps:
        headers.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {answer.status} {_reason(answer.status)}".encode()]
    lines += [name.encode() + b": " + _as_bytes(value) for name, value in headers]
    return b"\r\n".join([*lines, *behaviour.extra_headers, b"", b""])


def is_bodiless(status: int) -> bool:
    return status in _BODILESS or status < 200


def keeps_connection(answer: Answer, behaviour: Behaviour, request: Request) -> bool:
    """Tell whether another request may follow on the same connection."""
    client_closes = request.headers.get("connection", "").lower() == "close"
    framed = behaviour.length in _KEEPS_CONNECTION or is_bodiless(answer.status)
    return behaviour.keep_alive and framed and behaviour.last_chunk and not client_closes


def _expired(asked: Asked) -> Answer | None:
    uses = asked.behaviour.uses_per_url
    if uses is None or asked.resource.target_hits[asked.request.target] <= uses:
        return None
    return text_answer(asked.behaviour.expire_status, body=b"this link has expired\n")


def _login(asked: Asked) -> Answer | None:
    headers, behaviour = asked.request.headers, asked.behaviour
    if behaviour.require_auth is not None:
        challenge = behaviour.auth_challenge
        if not is_logged_in(asked.request, behaviour.require_auth, challenge):
            challenges = (*behaviour.other_challenges, challenge)
            return text_answer(401, *(("WWW-Authenticate", each) for each in challenges))
    if behaviour.require_cookie is not None:
        cookies = [cookie.strip() for cookie in headers.get("cookie", "").split(";")]
        if behaviour.require_cookie not in cookies:
            return text_answer(403)
    return None


def _failure(asked: Asked) -> Answer | None:
    behaviour = asked.behaviour
    status = behaviour.take_failure()
    if status is None and asked.request.has_range and behaviour.ranges == "refuse":
        status = behaviour.range_status
    return None if status is None else _refusal(status, behaviour)


def _refusal(status: int, behaviour: Behaviour) -> Answer:
    answer = Answer(status)
    if behaviour.retry_after is not None:
        answer.headers.append(("Retry-After", str(behaviour.retry_after)))
    if behaviour.status_content_range is not None:
        answer.headers.append(("Content-Range", behaviour.status_content_range))
    if not is_bodiless(status):
        answer.headers.append(("Content-Type", behaviour.status_content_type))
        # 205 must not have content: its length is 0.
        answer.spans = (Span.of(b"" if status == 205 else behaviour.status_body),)
    return answer


def _redirect(asked: Asked) -> Answer | None:
    behaviour, request = asked.behaviour, asked.request
    hops = behaviour.redirect_hops or int(behaviour.location is not None)
    hop = int(parse_qs(request.query).get("hop", ["0"])[0])
    if hop >= hops:
        return None
    target = f"{request.path}?hop={hop + 1}"
    if behaviour.location is not None and hop == hops - 1:
        target = behaviour.location.replace("{n}", str(asked.resource.hits))
    return text_answer(behaviour.redirect_status, ("Location", target), body=b"over there\n")


def _method(asked: Asked) -> Answer | None:
    if asked.request.method in ("GET", "HEAD"):
        return None
    return text_answer(405, ("Allow", "GET, HEAD"))


def _precondition(asked: Asked) -> Answer | None:
    headers, etag = asked.request.headers, _etag(asked)
    modified = _last_modified(asked)
    if headers.get("if-match", etag) not in (etag, "*"):
        return text_answer(412)
    if headers.get("if-unmodified-since", modified) != modified:
        return text_answer(412)
    if etag is not None and headers.get("if-none-match") in (etag, "*"):
        return Answer(304, [("ETag", etag)])
    return None


def _file(asked: Asked) -> Answer:
    behaviour = asked.behaviour
    content = _representation(asked)
    content_type = behaviour.content_type or "application/octet-stream"
    part = (
        cut(asked.request, content, behaviour, content_type)
        if _range_counts(asked)
        else whole(content)
    )
    if part.status == 416:
        total = [("Content-Range", part.content_range)] if part.content_range else []
        return text_answer(416, *total)
    return Answer(part.status, _file_headers(asked, content, part), part.spans)


def _representation(asked: Asked) -> Content:
    version = asked.resource.version
    encoded = asked.behaviour.content_encoding == "gzip" and asked.behaviour.really_encoded
    return version.gzipped if encoded else version.content


def _range_counts(asked: Asked) -> bool:
    if not asked.request.has_range or asked.behaviour.ranges == "ignore":
        return False
    condition = asked.request.headers.get("if-range")
    if condition is None or asked.behaviour.if_range == "ignore":
        return True
    if asked.behaviour.if_range == "always-200" or condition.startswith("W/"):
        return False
    return condition in (_etag(asked), _last_modified(asked))


def _etag(asked: Asked) -> str | None:
    tag = asked.resource.version.tag
    match asked.behaviour.etag:
        case "none":
            return None
        case "strong":
            return f'"{tag}"'
        case "weak":
            return f'W/"{tag}"'
        case "flapping":
            return f'"{tag}-{asked.resource.hits}"'
        case given:
            return given


def _last_modified(asked: Asked) -> str | None:
    wanted = asked.behaviour.last_modified
    return asked.resource.version.last_modified if wanted == "auto" else wanted


def _file_headers(asked: Asked, content: Content, part: Slice) -> Headers:
    behaviour = asked.behaviour
    content_type = behaviour.content_type
    if part.multipart:
        content_type = f"multipart/byteranges; boundary={BOUNDARY}"
    values: list[tuple[str, str | bytes | None]] = [
        ("Content-Type", content_type),
        ("Content-Disposition", behaviour.content_disposition),
        ("Content-Encoding", behaviour.content_encoding),
        ("Content-Range", part.content_range),
        ("Accept-Ranges", _accept_ranges(behaviour)),
        ("ETag", _etag(asked)),
        ("Last-Modified", _last_modified(asked)),
        *_digests(behaviour, content, part),
    ]
    return [(name, value) for name, value in values if value is not None]


def _accept_ranges(behaviour: Behaviour) -> str | None:
    if behaviour.accept_ranges != "auto":
        return behaviour.accept_ranges
    return None if behaviour.ranges in ("ignore", "refuse") else "bytes"


def _digests(
    behaviour: Behaviour, content: Content, part: Slice
) -> list[tuple[str, str | bytes | None]]:
    def value(wanted: str | None, form: str, algorithm: str, spans: tuple[Span, ...]) -> str | None:
        if wanted not in ("right", "wrong"):
            return wanted
        raw = _digest(spans, algorithm, wrong=wanted == "wrong")
        return form.format(base64.b64encode(raw).decode())

    file = (Span(content, 0, content.size),)
    return [
        ("Repr-Digest", value(behaviour.repr_digest, "sha-256=:{}:", "sha256", file)),
        ("Content-Digest", value(behaviour.content_digest, "sha-256=:{}:", "sha256", part.spans)),
        ("Digest", value(behaviour.digest, "SHA-256={}", "sha256", file)),
        ("Content-MD5", value(behaviour.content_md5, "{}", "md5", file)),
        ("x-goog-hash", value(behaviour.x_goog_hash, "md5={}", "md5", file)),
    ]


def _digest(spans: tuple[Span, ...], algorithm: str, *, wrong: bool) -> bytes:
    if wrong:
        return hashlib.new(algorithm, b"other bytes than were sent").digest()
    (first, *more) = spans
    if not more and first.stop - first.start == first.content.size:
        return first.content.digest(algorithm)  # remembered for big patterns
    hasher = hashlib.new(algorithm)
    for span in spans:
        for piece in span.content.pieces(span.start, span.stop):
            hasher.update(piece)
    return hasher.digest()


def _framing(answer: Answer, behaviour: Behaviour) -> Headers:
    if is_bodiless(answer.status):
        return []
    size, error = answer.body_bytes, behaviour.length_error_bytes
    lengths: dict[str, list[int | str]] = {
        "content-length": [size],
        "chunked": [],
        "until-close": [],
        "chunked-and-length": [size],
        "negative": [-1 - size],
        "not-a-number": ["many"],
        "double": [size, size + error],
        "double-equal": [size, size],
        "list": [f"{size}, {size}"],
        "wrong-more": [size + error],
        "wrong-less": [max(0, size - error)],
        "huge": [_EXBIBYTE],
    }
    headers: Headers = [("Content-Length", str(value)) for value in lengths[behaviour.length]]
    if behaviour.length.startswith("chunked"):
        headers.append(("Transfer-Encoding", "chunked"))
    return headers


def _reason(status: int) -> str:
    return _REASONS.get(status, "Whatever")


def _as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
