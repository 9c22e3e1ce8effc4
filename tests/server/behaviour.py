"""How a resource of the test server behaves: honest by default, every field a way to be bad."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Literal, get_args

from tests.server.content import Content

Ranges = Literal[
    "yes",
    "ignore",  # 200 with everything
    "refuse",  # `range_status` to any Range
    "shifted",  # starts `range_error_bytes` later (earlier when negative) and says so
    "lying",  # says what was asked and sends what lies `range_error_bytes` before
    "longer",  # ends `range_error_bytes` after the asked end
    "shorter",  # ends `range_error_bytes` before the asked end
    "no-content-range",
    "bad-content-range",  # the text of `bad_content_range`
    "wrong-total",  # the total is off by `range_error_bytes`
    "star-total",  # bytes a-b/*
    "elsewhere",  # the first `range_error_bytes` bytes, whatever was asked
    "multipart",  # byteranges with `multipart_parts` parts
    "200-with-content-range",
]
IfRange = Literal["honour", "ignore", "always-200"]
Length = Literal[
    "content-length",
    "chunked",
    "until-close",  # no length; the end of the connection ends the body
    "chunked-and-length",
    "negative",
    "not-a-number",
    "double",  # two Content-Length lines that disagree
    "double-equal",  # two that agree
    "list",  # two equal lengths in one line
    "wrong-more",  # promises `length_error_bytes` more than come
    "wrong-less",  # promises `length_error_bytes` fewer than come
    "huge",  # promises an exbibyte
]
Ending = Literal["reset", "close"]
Surplus = Literal[403, 429, 503, "reset"]

_CHOICES: dict[str, tuple[object, ...]] = {
    "ranges": get_args(Ranges),
    "if_range": get_args(IfRange),
    "length": get_args(Length),
    "poison_by": get_args(Ending),
    "stale": (None, *get_args(Ending)),
    "multipart_parts": (1, 2),
}


def http_date(in_s: float = 0.0) -> str:
    """The HTTP-date `in_s` seconds from now, e.g. for Retry-After."""
    return formatdate(time.time() + in_s, usegmt=True)


@dataclass(slots=True)
class Behaviour:
    """How requests for one resource are answered. Fields may be changed while an answer runs.

    Ranges:
        range_status: what `ranges="refuse"` answers.
        accept_ranges: value of Accept-Ranges; "auto" tells the truth, None sends none.
    Validators:
        etag: "strong", "weak", "none", "flapping" (another one each request) or the very value.
        last_modified: "auto" (the version's own date), None, or the very value.
    Status instead of the file:
        status: answered to the next `fail_times` requests (it counts down), always when that is
            None. `status_content_range` is sent with it, as with a 416.
        retry_after: seconds, or the very text; see `http_date`.
    Faults in the body, in bytes of this answer's body that went out before:
        reset_after: RST. close_after: FIN, over TLS without a closing notice.
        stall_after: nothing more until `Server.release` or the client leaves.
        garble_after: what follows in a chunked body is no chunk; then as with `stall_after`.
        poison_at: offset in the file at which the next `poison_times` answers die (always: None).
        change_after: bytes this resource has sent in all; then `change_to` replaces its content
            (answers under way go on with the old one).
    Time:
        hold: no head until `Server.release`. first_byte_delay_s: wait before the head.
        head_dribble_s: pause after each byte of the head.
        clock_ahead_s: of its Date before the clock of this machine.
        throttle_bytes_per_s: for each connection. throttle_is_shared: for all of the file together.
    Framing:
        last_chunk: False leaves out the end of a chunked body.
        content_encoding: "gzip" is done as well, unless `really_encoded` is False; any other is
            a mere label.
        informational: statuses of 1xx heads that come first. informational_pause_s: they come
            again and again, with this pause, and never a final head.
        raw: these bytes are the whole answer; then the connection is closed.
    Headers:
        extra_headers: whole raw lines without their end.
        repr_digest, content_digest, digest, content_md5, x_goog_hash: "right", "wrong" or the very
            value. Content-Digest is of the bytes in this answer, the others are of the whole file.
    Connection:
        keep_alive: False says `Connection: close` and does so.
        stale: "close" ends the connection after the answer without having said so, "reset" when
            the next request comes on it.
    Access:
        require_auth: user and password, else 401 with `auth_challenge`, Basic or Digest, behind
            `other_challenges`, each a field of its own.
        require_cookie: "name=value", else 403.
        location: sent with `redirect_status`, exactly; "{n}" becomes the number of the request.
        redirect_hops: redirects in a row (path?hop=1, ...) before `location` or the file itself.
        expire_after: each URL (query included) works so often, then it gets `expire_status`.
        one_time: the same with once.
    """

    ranges: Ranges = "yes"
    range_status: int = 416
    range_error_bytes: int = 7
    bad_content_range: str = "bytes banana"
    multipart_parts: Literal[1, 2] = 1
    accept_ranges: str | None = "auto"
    if_range: IfRange = "honour"

    etag: str = "strong"
    last_modified: str | None = "auto"

    status: int | None = None
    fail_times: int | None = None
    status_body: bytes = b"sorry\n"
    status_content_type: str = "text/plain"
    status_content_range: str | None = None
    retry_after: float | str | None = None

    reset_after: int | None = None
    close_after: int | None = None
    stall_after: int | None = None
    garble_after: int | None = None
    poison_at: int | None = None
    poison_times: int | None = None
    poison_by: Ending = "reset"
    change_after: int | None = None
    change_to: bytes | Content | None = None

    hold: bool = False
    first_byte_delay_s: float = 0.0
    head_dribble_s: float | None = None
    clock_ahead_s: float = 0.0
    throttle_bytes_per_s: float | None = None
    throttle_is_shared: bool = False

    length: Length = "content-length"
    length_error_bytes: int = 10
    last_chunk: bool = True
    content_encoding: str | None = None
    really_encoded: bool = True
    informational: tuple[int, ...] = ()
    informational_pause_s: float | None = None
    raw: bytes | None = None

    content_type: str | None = "application/octet-stream"
    content_disposition: str | bytes | None = None
    extra_headers: tuple[bytes, ...] = ()
    repr_digest: str | None = None
    content_digest: str | None = None
    digest: str | None = None
    content_md5: str | None = None
    x_goog_hash: str | None = None

    keep_alive: bool = True
    stale: Ending | None = None

    require_auth: tuple[str, str] | None = None
    auth_challenge: str = 'Basic realm="test"'
    other_challenges: tuple[str, ...] = ()
    require_cookie: str | None = None
    location: str | None = None
    redirect_status: int = 302
    redirect_hops: int = 0
    expire_after: int | None = None
    expire_status: int = 403
    one_time: bool = False

    def __setattr__(self, name: str, value: object) -> None:
        # A misspelt choice would quietly be honest, and the test that made it worth nothing.
        choices = _CHOICES.get(name)
        if choices is not None and value not in choices:
            raise ValueError(f"{name} is one of {choices}, not {value!r}")
        object.__setattr__(self, name, value)

    def but(self, **changes: Any) -> Behaviour:
        """A copy with these fields changed."""
        return replace(self, **changes)

    def take_failure(self) -> int | None:
        """The status to answer instead of the file, if any; counts `fail_times` down."""
        if self.status is None or self.fail_times == 0:
            return None
        if self.fail_times is not None:
            self.fail_times -= 1
        return self.status

    def take_poison(self) -> bool:
        """Tell whether the poison still works; counts `poison_times` down."""
        if self.poison_times == 0:
            return False
        if self.poison_times is not None:
            self.poison_times -= 1
        return True

    @property
    def uses_per_url(self) -> int | None:
        return 1 if self.one_time else self.expire_after
