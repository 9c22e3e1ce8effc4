"""What a pasted text means: addresses as given, text around them, lists with options, paths."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.links.link import Link, NamedFile, ParsedLinks
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.links.metalink import is_metalink

A, B = "https://a.example/a.iso", "https://b.example/b.iso"


def urls(parsed: ParsedLinks) -> list[str]:
    return [link.url for link in parsed.links]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/a.iso?sig=%2f%2F&x=a+b&y='~!*();:@$,/?[]",
        "https://a.example/a|b^c{d}`e\\f.zip",
        "https://a.example/Foo_(bar)",
        "https://a.example/ends.",
        "https://a.example/a.iso#part",
        "HTTPS://A.EXAMPLE/A.iso",
        "http://[::1]:8080/a",
        "http://127.0.0.1/",
        "https://bücher.example/ü.zip",
        "https://web.example/2020/https://a.example/x,y;z",
        "https://web.example/?url=https://a.example/x",
        "https://web.example/see%20https://a.example/x",
        "https://web.example?https://a.example/x",
        "https://a.example",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "  {}  ", '"{}"', "<{}>", "'{}',", "`{}`", "{},", '"{}";']
)
def test_an_address_is_kept_exactly_as_given(url: str, around: str) -> None:
    assert urls(parse_links(around.format(url))) == [url]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"see {A}.", [A]),
        (f"({A})", [A]),
        (f"files: {A}, {B}; and so on", [A, B]),
        (f"{A},{B}", [A, B]),
        (f"{A};{B}", [A, B]),
        (f"{A}{B}", [A, B]),
        (f"{A}?sig=4f{B}{A}", [f"{A}?sig=4f", B, A]),
        (f"see {A}{B}.", [A, B]),
        (f"{A} {B}", [A, B]),
        (f"- {A}", [A]),
        (f"* [ ] {A}", [A]),
        (f"1. {A}", [A]),
        (f'["{A}", "{B}"]', [A, B]),
        (f'{{"url": "{A}"}}', [A]),
        (f"| name | {A} |", [A]),
        (f"name\t{A}", [A]),
        (f"\ufeff{A}", [A]),
        (f"\u200b{A}\u200b", [A]),
        (f"\u2068{A}\u2069 {B}", [A, B]),
        (f"“{A}”", [A]),
        ("a.example/a.iso", [A]),
        ("fetch('https://a.example/a.iso', {method: 'GET'})", [A]),
        (f"{A}\r\n\r\n{B}\r", [A, B]),
        (f"{A}\n \t \n{B}", [A, B]),
        (f"# {A}\n   # {A}\n\n{B}", [B]),
    ],
)
def test_text_around_addresses_is_ignored(text: str, wanted: list[str]) -> None:
    parsed = parse_links(text)
    assert (urls(parsed), parsed.refused) == (wanted, ())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"[name]({A})", [A]),
        (f"[a]({A})[b]({B})", [A, B]),
        (f'[a]({A} "title") and [b](<{B}> (title))', [A, B]),
        (f"[{A}]({A})", [A]),
        (f"**[{A}]({A})**, {B}", [A, B]),
        (f"[![badge]({B})]({A})", [B, A]),
        ("[a](https://a.example/a_(1).iso)", ["https://a.example/a_(1).iso"]),
        (r"[a](https://a.example/a\_b.iso)", ["https://a.example/a_b.iso"]),
        ("[a](https://a.example/?b=1&amp;copy=2)", ["https://a.example/?b=1&copy=2"]),
        ("[a](https://a.example/?b=1&copy=2)", ["https://a.example/?b=1&copy=2"]),
        (f"[a]: {A} 'title'", [A]),
        (f"<{A}>", [A]),
    ],
)
def test_links_of_markdown_lead_where_its_writer_meant(text: str, wanted: list[str]) -> None:
    parsed = parse_links(text)
    assert (urls(parsed), parsed.refused) == (wanted, ())


def test_html_gives_the_links_of_its_tags_with_entities_decoded() -> None:
    parsed = parse_links(
        "<!DOCTYPE html>\n<p>Files:</p><ul>\n"
        '<li><a class=x href="https://a.example/?a=1&amp;b=2&#38;c=3&copy=4">here</a>\n'
        f"<li><A HREF='{B}'>{B}</A>\n"
        "<li><a href=https://c.example/c>c</a>\n"
        f"<li>plain: {A}</ul>"
    )
    assert urls(parsed) == [
        "https://a.example/?a=1&b=2&c=3&copy=4", B, "https://c.example/c", A,
    ]  # fmt: skip
    assert [link.line_no for link in parsed.links] == [3, 4, 5, 6]
    assert (parsed.refused, parsed.notes) == ((), ())


def test_html_of_no_use_is_passed_over() -> None:
    parsed = parse_links(
        f"<html><!-- {B} --><script>x = '{B}'</script><style>a {{ b: url({B}) }}</style>"
        f"<link rel=stylesheet href='{B}'>"
        f"<a href='#top'>top</a><a name='x'>{A}</a></html>"
    )
    assert urls(parsed) == []
    assert parse_links(f"<html><!-- never closed {A}").links == ()


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        (f'<A HREF="{A}">a</A>', [A]),
        (f"<UL>\n<li><a href='{A}'>a</a>\n</ul>", [A]),
        (f"<a>x</a> <a href=' {A} '>a</a></a></b>", [A]),
        (f"<a href='{A}'><b>{B}</b></a>", [A]),
        (f"<A HREF='{A}'>a</A></A> and {B}", [A, B]),
        (f"<base href='https://a.example/'><a href='#top'>top</a><a href='{B}'>b</a>", [B]),
        (f"<base href='https://a.example/'><a href='//[x/'>x</a><a href='{B}'>b</a>", [B]),
    ],
)
def test_html_is_read_however_it_is_written(html: str, wanted: list[str]) -> None:
    assert urls(parse_links(html)) == wanted


@pytest.mark.parametrize(("first", "last"), [("SCRIPT", "script"), ("style", "STYLE")])
def test_links_behind_a_script_are_found_however_its_tags_are_written(
    first: str, last: str
) -> None:
    parsed = parse_links(f"<html><{first}>x = '{B}'</{last}><a href='{A}'>a</a></html>")
    assert urls(parsed) == [A]


def test_relative_links_of_html_are_counted_or_joined_to_the_base_of_the_page() -> None:
    page = '<a href="/a.iso">a</a><a href="b/b.iso">b</a><a href="mailto:x@y.example">m</a>'
    parsed = parse_links(page)
    assert parsed.notes == ("2 relative links left out: the address of the page is not known",)
    parsed = parse_links(f'<base href="https://a.example/dir/">{page}')
    assert urls(parsed) == ["https://a.example/a.iso", "https://a.example/dir/b/b.iso"]


def test_html_among_other_lines_changes_nothing_for_these() -> None:
    parsed = parse_links(
        f"{A}\n# comment http://no.example/x\nsee <a href='{B}'>it</a> for more\n"
        "# <a href='http://no.example/y'>y</a>\nftp://x.example/y\nno link\n"
        f"{A}?2\n  out=2.zip\n<a href='http://a.example/3'>3</a>\n  out=3.zip\n"
        "curl http://a.example/4 -H 'x: <a href=http://no.example/z>'"
    )
    assert urls(parsed) == [A, B, f"{A}?2", "http://a.example/3", "http://a.example/4"]
    assert [link.name for link in parsed.links] == [None, None, "2.zip", "3.zip", None]
    assert [link.line_no for link in parsed.links] == [1, 3, 7, 9, 11]
    assert [(each.line_no, each.text) for each in parsed.refused] == [
        (5, "ftp://x.example/y"),
        (6, "no link"),
    ]
    assert parsed.notes == ()


@pytest.mark.parametrize(
    ("html", "line_no"),
    [
        (f"<ul>\n<li>words\nof it\n<li><a href='{B}'>b</a>\nmore\n</ul>", 6),
        (f"<a\n class=x\n  href='{B}'\n>b\nb</a>", 3),
        (f"<!--\n{A}\n--><a href='{B}'>b</a>", 5),
        (f"<P>one<br>\n<img src='{B}'>\ntwo</p>", 4),
        (f"<p>one<br>\n<img src='{B}'>\ntwo</P>", 4),
        (f"<p>one\ntwo</p><a class=x\n href='{B}'>b\n</a>", 4),
    ],
)
def test_an_element_has_the_lines_between_its_tags(html: str, line_no: int) -> None:
    parsed = parse_links(f"{A}\n# comment\n{html}\nno link")
    assert urls(parsed) == [A, B]
    assert parsed.links[1].line_no == line_no
    end = 4 + html.count("\n")
    assert [(each.line_no, each.text) for each in parsed.refused] == [(end, "no link")]


def test_a_page_is_all_html_however_it_is_written() -> None:
    page = f"<!doctype html>\n<p>words\n# no comment {A}\n<a href='{B}'>b</a>\nend"
    parsed = parse_links(page)
    assert (urls(parsed), parsed.refused) == ([A, B], ())
    parsed = parse_links(f"{page}</html>\nno link")
    assert (urls(parsed), [each.line_no for each in parsed.refused]) == ([A, B], [6])


def test_addresses_of_html_that_cannot_be_asked_for_are_shown_and_not_called_relative() -> None:
    parsed = parse_links(
        "<a href='ftp://x.example/y'>y</a>\n<a href='http://'>z</a><a href='mailto:m@x.example'>m"
        "</a><a href=''>here</a><a href='magnet:?xt=1'>p</a>"
    )
    assert [(each.line_no, each.text, each.reason) for each in parsed.refused] == [
        (1, "ftp://x.example/y", "ftp:// is not supported, only http and https"),
        (2, "http://", "no host in http://"),
        (2, "magnet:?xt=1", "magnet: is not supported, only http and https"),
    ]
    assert (parsed.links, parsed.notes) == ((), ())


@pytest.mark.parametrize(
    "tag",
    ["a href={}", "area href={}", "audio src={}", "embed src={}", "img src={}", "source src={}",
     "video controls src={}"],
)  # fmt: skip
def test_html_gives_what_its_page_leads_to_shows_and_plays(tag: str) -> None:
    assert urls(parse_links(f"<html><{tag.format('/x')}>")) == []
    assert urls(parse_links(f"<base href='{A}'><{tag.format('/x')}>")) == ["https://a.example/x"]


def test_html_gives_a_link_once() -> None:
    assert urls(parse_links(f'<a href="{A}">a</a> <a href="{A}">b</a>')) == [A]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("https:///x", "no host in https:///x"),
        ("http://127http://h/x", "two addresses with nothing between them in http://127http://h/x"),
        ("ftp://x.example/y", "ftp:// is not supported, only http and https"),
        ("ftp://x.example/y gopher://x.example/", "ftp:// is not supported"),
        ("ftp://x.example/y\tgopher://x.example/", "ftp:// is not supported"),
        ("https://x.example:99999/", "the host or port of "),
        ("https://x.example:0/", "port 0 of "),
        ("https://a..b/", "the host of "),
        ("https://x.example/\ufffd", "there is a space or a control character in "),
        ("'MAGNET:?xt=urn:btih:0'", "magnet: is not supported, only http and https"),
        ("magnet:?xt=urn:btih:0", "magnet: is not supported, only http and https"),
        ("just words", "no link in it: just words"),
    ],
)
def test_a_line_without_a_usable_link_says_why(line: str, reason: str) -> None:
    parsed = parse_links(f"{A}\n\n  {line}\n{B}")
    assert urls(parsed) == [A, B]
    (refused,) = parsed.refused
    assert (refused.line_no, refused.text) == (3, line)
    assert refused.reason.startswith(reason)


def test_options_below_a_link_belong_to_it() -> None:
    parsed = parse_links(
        f"{A}\n  out=x y.iso\n\tdir=/data\n header=A: b\n  header=C: d\n  checksum=sha-256=ab\n"
        "  user-agent=Agent\n  referer=https://r.example/\n  http-user=me\n  http-passwd=p=w\n"
        "  split=16\n  max-connection-per-server=8\n  max-download-limit=2M\n"
        f"  check-certificate=false\n  gid=0123456789abcdef\n  continue=true\n{B}"
    )
    assert parsed.links == (
        Link(
            A,
            credentials=("me", "p=w"),
            name="x y.iso",
            folder="/data",
            headers=(
                ("A", "b"),
                ("C", "d"),
                ("User-Agent", "Agent"),
                ("Referer", "https://r.example/"),
            ),
            checksum="sha-256=ab",
            limit_bytes_per_s=2_000_000,
            connections=8,
            insecure=True,
        ),
        Link(B),
    )
    assert (parsed.refused, parsed.notes) == ((), ())


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("bogus=1", "the option bogus is not known and was left out"),
        ("split=0", "connections are a whole number from 1 to 64"),
        ("split=many", "connections are a whole number from 1 to 64"),
        ("max-download-limit=fast", "'fast' is not a rate"),
        ("header=nonsense", "a header is written Name: value"),
        ("header=Range: bytes=0-", "the header range was left out"),
        ("header=If-None-Match: x", "the header if-none-match was left out"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(option: str, words: str) -> None:
    parsed = parse_links(f"{A}\n  {option}\n  out=x.iso")
    assert parsed.links == (Link(A, name="x.iso"),)
    (note,) = parsed.notes
    assert note.startswith(f"line 2: {words}")


def test_headers_that_the_program_decides_about_are_left_out() -> None:
    names = (
        "Accept-Encoding Connection Content-Length Expect Keep-Alive Proxy-Connection TE Trailer "
        "Transfer-Encoding Upgrade"
    )
    parsed = parse_links("\n".join([A, *(f"  header={name}: 1" for name in names.split())]))
    assert (parsed.links, parsed.notes) == ((Link(A),), ())


def test_what_aria2_saves_of_its_own_workings_is_passed_over() -> None:
    names = (
        "always-resume auto-file-renaming conditional-get connect-timeout continue disk-cache "
        "enable-http-keep-alive enable-http-pipelining file-allocation force-save gid "
        "http-accept-gzip http-no-cache lowest-speed-limit max-file-not-found "
        "max-resume-failure-tries max-tries min-split-size no-netrc piece-length "
        "realtime-chunk-checksum remote-time retry-wait reuse-uri save-not-found "
        "stream-piece-selector timeout uri-selector use-head"
    )
    parsed = parse_links("\n".join([A, *(f"  {name}=x" for name in names.split())]))
    assert (parsed.links, parsed.notes) == ((Link(A),), ())


def test_options_below_a_refused_line_stay_with_it() -> None:
    parsed = parse_links(f"ftp://x.example/y\n  out=z\n{A}")
    assert [refused.text for refused in parsed.refused] == ["ftp://x.example/y\n  out=z"]
    assert parsed.links == (Link(A),)


def test_an_indented_line_that_holds_a_link_is_no_option() -> None:
    assert urls(parse_links(f"{A}\n  href={B}")) == [A, B]
    assert urls(parse_links(f"  out=x\n{A}")) == [A]


def test_tabs_stand_between_mirrors_of_one_file() -> None:
    parsed = parse_links(f"https://me:pw@a.example/a.iso \t {B}\t\n  out=x.iso")
    assert parsed.links == (Link(A, ("me", "pw"), name="x.iso", mirrors=(B,)),)


def test_user_and_password_leave_the_address_at_once() -> None:
    (link,) = parse_links("https://me:p%40ss@a.example/a.iso").links
    assert (link.url, link.credentials) == (A, ("me", "p@ss"))
    assert "p@ss" not in repr(link)


# Files of this machine.


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("/home/me/list.txt", ["/home/me/list.txt"]),
        ("'/home/me/my list.txt' ", ["/home/me/my list.txt"]),
        (r"/home/me/my\ list\(1\).txt", ["/home/me/my list(1).txt"]),
        ('"/home/me/a b.txt"', ["/home/me/a b.txt"]),
        ("/home/me/my list.txt", ["/home/me/my list.txt"]),
        ("  /home/me/it's here.txt ", ["/home/me/it's here.txt"]),
        ("'/a b' /c\\ d", ["/a b", "/c d"]),
        ("~/list.txt", ["~/list.txt"]),
        ("/home/me/100%25.txt", ["/home/me/100%25.txt"]),
        ("file:///home/me/a%20b.txt", ["/home/me/a b.txt"]),
        ("'file:///home/me/it'\\''s.txt'", ["/home/me/it's.txt"]),
        ("file://localhost/x.txt", ["/x.txt"]),
        ("file:/x.txt", ["/x.txt"]),
        ("FILE:///x.txt", ["/x.txt"]),
        (r'"C:\Users\me\my list.txt"', [r"C:\Users\me\my list.txt"]),
        (r"C:\Users\me\list.txt", [r"C:\Users\me\list.txt"]),
        (r"C:\Users\me\my list.txt", [r"C:\Users\me\my list.txt"]),
        (r'"C:\my list.txt" C:\b.txt "D:\c d"', [r"C:\my list.txt", r"C:\b.txt", r"D:\c d"]),
        ("file:///C:/Users/list.txt", ["C:/Users/list.txt"]),
    ],
)
def test_a_dropped_file_is_named(line: str, paths: list[str]) -> None:
    parsed = parse_links(f"{A}\n{line}", takes_files=True)
    assert parsed.files == tuple(NamedFile(2, path) for path in paths)
    assert (urls(parsed), parsed.refused) == ([A], ())


@pytest.mark.parametrize(
    "line", ["//cdn.example/x", "/", "relative/list.txt", "just words", f"/x/y {A}"]
)
def test_other_lines_name_no_file(line: str) -> None:
    parsed = parse_links(line, takes_files=True)
    assert parsed.files == ()
    assert len(parsed.refused) + len(parsed.links) == 1


def test_a_list_names_no_files() -> None:
    parsed = parse_links("/etc/hostname\nfile:///etc/hostname")
    assert parsed.files == ()
    assert [refused.line_no for refused in parsed.refused] == [1, 2]


# Whatever it is.

_LINES = st.sampled_from(
    [A, B, "ftp://x.example/", "https://", "](", "[a](", "  out=", "\tsplit=99", "<a href=", '"',
     "'", "&amp;", "<", ">", "://", "\t", "\r", "\n", "\u202e", "\x1b[31m", "\ud800", "file:///",
     "~/", "C:\\", "curl ", "<metalink>", "<html>", "\\", "#", "https://me:pw@[::1"]
)  # fmt: skip


@given(st.lists(_LINES | st.text(max_size=8), max_size=30).map("".join), st.booleans())
def test_any_text_is_read_and_every_link_can_be_asked_for(text: str, takes_files: bool) -> None:
    parsed = parse_links(text, takes_files=takes_files)
    lines = text.count("\n") + text.count("\r") + 1
    for link in parsed.links:
        check_url(link.url)
        for mirror in link.mirrors:
            check_url(mirror)
        assert is_metalink(text) or 1 <= link.line_no <= lines
    assert all(1 <= refused.line_no <= lines for refused in parsed.refused)


@given(st.text())
def test_any_text_at_all_is_read(text: str) -> None:
    for link in parse_links(text, takes_files=True).links:
        check_url(link.url)


@pytest.mark.parametrize(
    "line",
    ["a" * 200_000, "<a" * 100_000, "](http://a" * 20_000, '"' * 200_000, "<!--" * 50_000,
     "<li>" * 50_000 + "<a href=x>", "<a href=x></b>" * 20_000,
     "<b><a href=x>\n</b>\n" * 20_000,
     "://" * 50_000, "a." * 100_000, "[a](http://x" + " " * 200_000, "curl " + "'" * 99_999,
     " \t" * 100_000, "(" * 200_000, "https://a" + ")" * 100_000, "<a href" + " " * 100_000],
    ids=lambda line: line[:12],
)  # fmt: skip
def test_a_long_line_does_not_take_long(line: str) -> None:
    start = time.process_time()
    parse_links(line, takes_files=True)
    assert time.process_time() - start < 30
