"""What a pasted text means, and which addresses can be asked for."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import LONGEST_URL, check_url, host_of
from tui_downloader.model.links.link import Link
from tui_downloader.model.links.link_options import parse_header
from tui_downloader.model.links.links import parse_links

ANY_TEXT = st.text(st.characters(exclude_categories=()))
A, B = "https://a.example/x.bin", "http://b.example:8080/y?z=1#w"
URL_CHARS = st.text("abcXYZ019-_~/%?=&+*@;", max_size=30)
URLS = st.builds("https://host.example/{}z".format, URL_CHARS)


def urls_in(text: str) -> list[str]:
    return [link.url for link in parse_links(text).links]


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        (A, [A]),
        (f"{A}\n{B}", [A, B]),
        (f"{A}\r\n{B}\r{A}", [A, B, A]),
        (f"{A} {B}", [A, B]),
        (f"\n  \n# {B}\n{A}\n", [A]),
        (f"get it from {A}, or from {B}.", [A, B]),
        (f"<{A}>", [A]),
        (f"\"{A}\", '{B}'", [A, B]),
        (f"[the file]({A}) and `{B}`", [A, B]),
        (f"<a href=\"{A}\">x</a><img src='{B}'>", [A, B]),
        (f"({A})", [A]),
        (f"see {A}...", [A]),
        (f"see {A}]:", [A]),
        ("https://en.example/wiki/C_(language)", ["https://en.example/wiki/C_(language)"]),
        ("(https://en.example/wiki/C_(language))", ["https://en.example/wiki/C_(language)"]),
        ("https://[::1]/x", ["https://[::1]/x"]),
        ("HTTPS://HOST.example/X", ["HTTPS://HOST.example/X"]),
        ("https://h.example/a%20b?sig=a/b+c==&x=~", ["https://h.example/a%20b?sig=a/b+c==&x=~"]),
        ("https://h.example/ü?日本", ["https://h.example/ü?日本"]),
        ("example.org/file.zip", ["https://example.org/file.zip"]),
        ("  example.org:8080/file.zip,", ["https://example.org:8080/file.zip"]),
        ("1.https://a.example/x", ["https://a.example/x"]),
    ],
)
def test_the_links_in_a_text(text: str, urls: list[str]) -> None:
    assert urls_in(text) == urls


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("just words", "no link in it: just words"),
        ("file.zip", "no link in it"),
        ("example.org", "no link in it"),
        ("1.2.3.4/x", "no link in it"),
        ("ftp://host.example/x", "ftp:// is not supported"),
        ("magnet://x/y", "magnet:// is not supported"),
        ("http:///path", "no host"),
        ("http://", "no host"),
        ("http://host.example:99999/x", "makes no sense"),
        ("http://host.example:0/x", "port 0"),
        ("    out=name.bin", "no link in it"),
        ("\x1b[2J\u202e", "no link in it: [2J"),
    ],
)
def test_a_line_without_a_usable_link_is_told_with_its_reason(text: str, reason: str) -> None:
    parsed = parse_links(f"{A}\n# comment\n\n{B}\n\n{text}" if not text.startswith(" ") else text)
    (refused,) = parsed.refused
    assert reason in refused.reason
    assert refused.line_no == (1 if text.startswith(" ") else 6)


def test_good_links_of_a_line_stay_beside_a_bad_one() -> None:
    parsed = parse_links(f"ftp://x.example/y {A}")
    assert [link.url for link in parsed.links] == [A]
    assert "ftp" in parsed.refused[0].reason


def test_the_reason_of_a_refused_line_is_clean_and_bounded() -> None:
    text = "\x1b[31m" + "word " * 5000
    (refused,) = parse_links(text).refused
    assert "\x1b" not in refused.reason
    assert len(refused.reason) <= 100
    assert refused.text == text.strip()  # it stays where it was typed, to be mended


def test_user_and_password_leave_the_address_at_once() -> None:
    (link,) = parse_links("https://user:s%33cret@host.example/x").links
    assert link == Link("https://host.example/x", ("user", "s3cret"))
    assert "s3cret" not in repr(link)


def test_tabs_part_the_mirrors_of_one_file() -> None:
    (link,) = parse_links(f"{A}\thttps://u:p@m.example/x\t \t{B}\n").links
    assert link == Link(A, mirrors=("https://m.example/x", B))


def test_a_mirror_that_cannot_be_asked_is_left_out_with_a_note() -> None:
    parsed = parse_links(f"ftp://m.example/x\t{A}\t{B}\nftp://m.example/x\tftp://m.example/y")
    assert parsed.links == (Link(A, mirrors=(B,)),)
    assert parsed.notes == ("line 1: ftp:// is not supported, only http and https",)
    assert [refused.line_no for refused in parsed.refused] == [2]


def test_a_tab_in_prose_parts_no_mirrors() -> None:
    assert urls_in(f"first:\t{A}\t{B}") == [A, B]


def test_indented_options_belong_to_the_line_above() -> None:
    text = (
        f"{A}\n  out=name.bin\n\tdir=/isos\n  checksum=sha-256=ab\n"
        f"  header=X-One: 1\n  Header=Cookie: c=2\n{B}\n"
    )
    first, second = parse_links(text).links
    assert first == Link(
        A,
        name="name.bin",
        folder="/isos",
        checksum="sha-256=ab",
        headers=(("X-One", "1"), ("Cookie", "c=2")),
    )
    assert second == Link(B)
    assert "c=2" not in repr(first)


@pytest.mark.parametrize("between", ["# comment\n", "\n"])
def test_comments_and_blanks_do_not_part_options_from_their_line(between: str) -> None:
    (link,) = parse_links(f"{A}\n{between}  out=x\n").links
    assert link.name == "x"


def test_an_option_below_a_refused_line_is_given_to_nobody() -> None:
    parsed = parse_links(f"{A}\nno link\n  out=x\n")
    assert parsed.links == (Link(A),)
    assert [(each.line_no, each.text) for each in parsed.refused] == [(2, "no link\n  out=x")]


def test_an_option_that_is_not_ours_is_noted() -> None:
    parsed = parse_links(f"{A}\n  bogus=5\n  header=no colon\n")
    assert parsed.links == (Link(A),)
    assert parsed.notes == (
        "line 2: the option bogus is not known and was left out",
        "line 3: a header is written Name: value",
    )


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (1, "line 2"),
        (2, "lines 2 and 4"),
        (3, "lines 2, 4 and 6"),
        (4, "lines 2, 4, 6 and 1 more"),
        (50, "lines 2, 4, 6 and 47 more"),
    ],
)
def test_what_is_left_out_of_many_lines_is_said_once(count: int, lines: str) -> None:
    text = "".join(f"https://host.example/{number}\n  bogus=5\n" for number in range(count))
    assert parse_links(text).notes == (f"{lines}: the option bogus is not known and was left out",)


def test_an_indented_address_is_a_link_of_its_own() -> None:
    assert urls_in(f"{A}\n  {B}\n") == [A, B]


@given(st.lists(URLS, min_size=1))
def test_an_address_is_kept_exactly_as_given(urls: list[str]) -> None:
    stripped = [url for url in urls if url.rstrip(".,;:!?") == url]
    assert urls_in("\n".join(stripped)) == stripped


@given(ANY_TEXT | st.text("ht:/@.#[]()\t\n \\x="))
def test_any_text_is_read_and_every_link_can_be_asked_for(text: str) -> None:
    parsed = parse_links(text)
    for link in parsed.links:
        for url in (link.url, *link.mirrors):
            check_url(url)
            assert "@" not in url.split("/")[2]
    for refused in parsed.refused:
        assert 1 <= refused.line_no <= len(text) + 1
        assert refused.reason


def test_ten_thousand_links_are_read_at_once() -> None:
    started_at = time.process_time()
    parsed = parse_links("\n".join(f"https://host.example/{n}.bin" for n in range(10_000)))
    assert len(parsed.links) == 10_000
    assert time.process_time() - started_at < 60


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000,
        "a." * 250_000,
        "a-" * 250_000,
        "http://a/" + ")" * 500_000,
        "http://a/" + "." * 500_000,
        "http://" * 70_000,
        "://" * 150_000,
        "\t" * 500_000,
        "http://a/ " * 50_000,
        "[x](http://a) " * 35_000,
        "[http://a](http://a)" * 25_000,
        "<a href='" * 55_000,
        "curl " + "'" * 500_000,
        "curl " + "https://a.example/x " * 25_000,
        "wget " + "\\" * 500_000,
    ],
    ids=lambda text: text[:12],
)
def test_half_a_megabyte_of_anything_is_read_at_once(text: str) -> None:
    started_at = time.process_time()
    parse_links(text)
    assert time.process_time() - started_at < 60


# Addresses.


@pytest.mark.parametrize(
    "url",
    [
        A,
        B,
        "HTTP://HOST",
        "http://user:pass@host/x",
        "http://127.0.0.1:1/",
        "http://[::1]:8080/x",
        "https://bücher.example/ü",
        "http://localhost",
        "http://host:/x",
        "http://h/" + "x" * (LONGEST_URL - 9),
    ],
)
def test_an_address_that_can_be_asked_for(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not an address"),
        ("host/x", "not an address"),
        ("http:/host/x", "not an address"),
        ("ftp://host/x", "only http and https"),
        ("javascript://x", "only http and https"),
        ("\x1bhttp://host", "control character"),
        ("http://host/a b", "space"),
        ("http://host/a\nb", "control character"),
        ("http://host/\x7f", "control character"),
        ("http://", "no host"),
        ("http://:80/", "no host"),
        ("http://127http://host/x", "two addresses"),
        ("https://http://host/x", "two addresses"),
        ("https://user:https://host/x", "two addresses"),
        ("http://user:pass@/x", "no host"),
        ("http://host:65536/", "makes no sense"),
        ("http://host:x/", "makes no sense"),
        ("http://[::1/", "makes no sense"),
        ("http://[x]/", "makes no sense"),
        ("http://host:0/", "port 0"),
        ("http://a..b/", "not a valid name"),
        ("http://" + "a" * 64 + ".example/", "not a valid name"),
        ("http://h/" + "x" * LONGEST_URL, "longer than"),
    ],
)
def test_an_address_that_cannot_is_refused_with_a_sentence(url: str, words: str) -> None:
    with pytest.raises(UrlError, match=words) as refused:
        check_url(url)
    assert refused.value.code == "url"
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    "url",
    [
        "http://user:s3cret@ho℀st/x",
        "http://user:s3cret@[x]/x",
        "http://user:s3cret@host:port/x",
        "http://user:s3cret@host:0/x",
        "http://user:s3cret@a..b/x",
        "http://user:s3cret@host/a b",
        "http://user:s3cret@/",
    ],
)
def test_no_reason_tells_the_password(url: str) -> None:
    with pytest.raises(UrlError) as refused:
        check_url(url)
    assert "s3cret" not in str(refused.value)


def test_each_address_is_named_in_its_reason_though_its_host_is_the_same() -> None:
    for path in ("one", "two"):
        with pytest.raises(UrlError, match=f"port 0 of http://host:0/{path} cannot be asked"):
            check_url(f"http://host:0/{path}")


def test_no_reason_moves_the_cursor() -> None:
    with pytest.raises(UrlError) as refused:
        check_url("http://[\u202e\u009b]/")
    assert refused.value.message.isprintable()


@pytest.mark.parametrize("code", [*range(0x21), 0x7F])
def test_no_control_character_is_asked_for(code: int) -> None:
    with pytest.raises(UrlError, match=r"^there is a space or a control character in http"):
        check_url(f"http://host/{chr(code)}")


@given(ANY_TEXT, st.sampled_from(["", "http://", "https://u:p@", "http://["]))
def test_any_address_is_good_or_refused(rest: str, start: str) -> None:
    with suppress(UrlError):
        check_url(start + rest)


# Headers.


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Name: value", ("Name", "value")),
        ("X-Token:a:b", ("X-Token", "a:b")),
        (" Accept :  text/html ", ("Accept", "text/html")),
        ("Empty:", ("Empty", "")),
        ("no colon", None),
        (": value", None),
        ("two words: value", None),
        ("Näme: value", None),
        ("Name: a\r\nEvil: b", None),
        ("Name: a\nEvil: b", None),
        ("Name: a\0b", None),
        ("Name: a\x01b", None),
        ("Name: a\x1b[31mb", None),
        ("Name: a\x7fb", None),
        ("Name: a\tb", ("Name", "a\tb")),
        ("Na\nme: value", None),
    ],
)
def test_a_header_field(text: str, header: tuple[str, str] | None) -> None:
    assert parse_header(text) == header


@given(ANY_TEXT, ANY_TEXT)
def test_no_header_breaks_a_request(name: str, value: str) -> None:
    header = parse_header(f"{name}:{value}")
    if header is not None:
        assert not set("".join(header)) & set("\r\n\0")
        assert header[0]
        assert header[0].isascii()
        assert " " not in header[0]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/x", "a.example"),
        ("http://a.example:8080?q=http://b/", "a.example:8080"),
        ("https://***@a.example/x", "a.example"),
        ("https://[::1]:80/x", "[::1]:80"),
        ("https://A.Example:80", "a.example:80"),
        ("nonsense", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host
