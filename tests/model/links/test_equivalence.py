"""Which spellings are the same address, and which may be another file's."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote_to_bytes, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.links.equivalence import normalized

PIECES = st.sampled_from(
    [
        *("/", "//", ".", "..", "/.", "/..", "a", "B", "~", "-", "%", "%7e", "%7E", "%2f", "%2F"),
        *("%2e", "%2E", "%25", "%41", "%c3%bc", "%zz", "ü", "&", "=", "+", ";", ":", "@", "?", "#"),
    ]
)
HOSTS = st.sampled_from(
    [
        *("host", "HOST", "Host.Example.", "[::1]", "[::AB]:80", "me@HOST", "***@host:443"),
        *("host:", "host:80", "host:443", "host:080", "host:8080", "host::80", "MÜNCHEN", ""),
    ]
)
REST = st.lists(PIECES, max_size=12).map("".join)
ADDRESSES = st.builds(
    lambda scheme, host, rest: f"{scheme}://{host}{'/' if rest else ''}{rest}",
    st.sampled_from(["http", "https", "HTTP", "hTTps"]),
    HOSTS,
    REST,
)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://host/a#frag", "http://host/a"),
        ("http://host/a?q=1#frag?x", "http://host/a?q=1"),
        ("http://host/a#", "http://host/a"),
        ("HTTP://host/a", "http://host/a"),
        ("http://HOST.Example/a", "http://host.example/a"),
        ("http://host:80/a", "http://host/a"),
        ("http://host:0080/a", "http://host/a"),
        ("http://host:/a", "http://host/a"),
        ("https://host:443/a", "https://host/a"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("http://host", "http://host/"),
        ("http://host?q=1", "http://host/?q=1"),
        ("http://host#frag", "http://host/"),
        ("http://host/./a", "http://host/a"),
        ("http://host/b/../a", "http://host/a"),
        ("http://host/b/%2e%2E/a", "http://host/a"),
        ("http://host/../a", "http://host/a"),
        ("http://host/a/.", "http://host/a/"),
        ("http://host/a/b/..", "http://host/a/"),
        ("http://host/..", "http://host/"),
        ("http://host/%7euser/%41", "http://host/~user/A"),
        ("http://host/a%2fb", "http://host/a%2Fb"),
        ("http://host/%c3%bc?x=%e2%82%ac%2D", "http://host/%C3%BC?x=%E2%82%AC-"),
        ("http://***@HOST/a", "http://***@host/a"),
        ("http://Me@HOST:80/a", "http://Me@host/a"),
    ],
)
def test_these_are_the_same_address(url: str, same: str) -> None:
    assert normalized(url) == same
    assert normalized(same) == same


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://host/a", "https://host/a"),
        ("http://host/a", "http://host/A"),
        ("http://host/a", "http://host/a/"),
        ("http://host/a", "http://host/a?"),
        ("http://host/a", "http://host//a"),
        ("http://host/a", "http://host:8080/a"),
        ("http://host/a", "http://host:443/a"),
        ("https://host/a", "https://host:80/a"),
        ("http://host/a", "http://host./a"),
        ("http://host/a/b", "http://host/a%2Fb"),
        ("http://host/a?x", "http://host/a%3Fx"),
        ("http://host/?a=1&b=2", "http://host/?b=2&a=1"),
        ("http://host/?a=b", "http://host/?a%3Db"),
        ("http://host/?a=x+y", "http://host/?a=x%20y"),
        ("http://host/?a=X", "http://host/?a=x"),
        ("http://host/?p=/b/../a", "http://host/?p=/a"),
        ("http://host/%2541", "http://host/%41"),
        ("http://host/%%34%31", "http://host/%41"),
        ("http://host/b//../a", "http://host/b/a"),
        ("http://host/b//../a", "http://host/a"),
        ("http://host/...", "http://host/"),
        ("http://host/.a", "http://host/a"),
        ("http://me@host/a", "http://ME@host/a"),
    ],
)
def test_these_may_be_two_files(url: str, other: str) -> None:
    assert normalized(url) != normalized(other)


@pytest.mark.parametrize("code", range(256))
@pytest.mark.parametrize("form", ["%{:02X}", "%{:02x}"])
def test_only_what_need_not_be_encoded_is_decoded(code: int, form: str) -> None:
    encoded = form.format(code)
    is_plain = chr(code).isascii() and (chr(code).isalnum() or chr(code) in "-._~")
    kept = chr(code) if is_plain else encoded.upper()
    assert normalized(f"http://host/a{encoded}b?{encoded}") == f"http://host/a{kept}b?{kept}"


@given(ADDRESSES)
def test_what_all_have_in_common_is_one_of_them(url: str) -> None:
    assert normalized(normalized(url)) == normalized(url)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_compared(text: str) -> None:
    assert normalized(normalized(text)) == normalized(text)


@given(ADDRESSES, REST)
def test_what_is_sent_means_the_same(url: str, fragment: str) -> None:
    """The standard library comes to the same host, path and query from both."""
    before, after = urlsplit(url), urlsplit(normalized(f"{url}#{fragment}"))
    assert (after.scheme, after.hostname, after.fragment) == (before.scheme, before.hostname, "")
    assert unquote_to_bytes(after.query) == unquote_to_bytes(before.query)
    assert parse_qsl(after.query, keep_blank_values=True) == parse_qsl(
        before.query, keep_blank_values=True
    )
    assert after.path.count("//") == before.path.count("//")
    assert _meant(after.path) == _meant(before.path)


def _meant(path: str) -> list[bytes]:
    """The segments of a path, decoded, once what is encoded in them has shown where they end."""
    if "//" not in path:
        dots = path.replace("%2e", ".").replace("%2E", ".")
        path = urlsplit(urljoin("http://host/", dots)).path if dots else "/"
    return [unquote_to_bytes(segment) for segment in path.split("/")]
