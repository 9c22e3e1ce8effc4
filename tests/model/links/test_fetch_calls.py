"""What browsers copy as a call of `fetch`."""

from __future__ import annotations

import pytest

from tui_downloader.model.links.link import Link
from tui_downloader.model.links.links import parse_links

A, B = "https://a.example/a.iso?x=1&y=2", "https://b.example/b.iso"
CHROME = f"""\
fetch("{A}", {{
  "headers": {{
    "accept": "*/*",
    "accept-encoding": "gzip",
    "range": "bytes=0-",
    "cookie": "sid=s3cret"
  }},
  "referrer": "https://a.example/page.html",
  "body": null,
  "method": "GET",
  "mode": "cors"
}});"""
FIREFOX = f"""\
await fetch("{B}", {{
    "credentials": "include",
    "headers": {{
        "User-Agent": "Mozilla/5.0"
    }},
    "method": "GET"
}});
"""


def test_what_chrome_copies_is_one_link_with_its_headers() -> None:
    parsed = parse_links(CHROME)
    headers = (
        ("accept", "*/*"),
        ("cookie", "sid=s3cret"),
        ("Referer", "https://a.example/page.html"),
    )
    assert parsed.links == (Link(A, headers=headers),)
    assert parsed.notes == (
        "line 1: the header range was left out: the program asks for parts itself",
    )
    assert parsed.refused == ()


def test_all_that_are_copied_together_are_read_and_lines_are_counted() -> None:
    parsed = parse_links(f"{CHROME} ;\n{FIREFOX}https://c.example/c\n")
    assert [link.url for link in parsed.links] == [A, B, "https://c.example/c"]
    assert [link.line_no for link in parsed.links] == [1, 13, 20]
    assert parsed.links[1].headers == (("User-Agent", "Mozilla/5.0"),)


@pytest.mark.parametrize("asked", ["", ', {"method": "get"}', ', {"method": null}'])
def test_an_address_alone_is_enough(asked: str) -> None:
    assert parse_links(f'fetch("{A}"{asked})').links == (Link(A),)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (f'fetch("{A}", {{"method": "POST", "body": "a=b"}});', "fetch asks with POST"),
        ('fetch("ftp://a.example/x", {});', "ftp:// is not supported"),
    ],
)
def test_what_cannot_be_downloaded_is_refused_as_it_was_written(call: str, reason: str) -> None:
    (refused,) = parse_links(call).refused
    assert reason in refused.reason
    assert refused.text == call


@pytest.mark.parametrize(
    "text",
    [
        f"fetch('{A}', {{headers: 1}})",
        f'fetch("{A}", {{ "headers": ',
        f'fetch("{A}").then(use)',
        f'fetch("{A}", {"[" * 5_000}',
        f'fetch("{A}", [1])',
    ],
)
def test_what_somebody_wrote_otherwise_is_a_text_with_an_address_in_it(text: str) -> None:
    assert [link.url for link in parse_links(text).links] == [A]


def test_no_value_breaks_a_request() -> None:
    parsed = parse_links(f'fetch("{A}", {{"headers": {{"x": "1\\r\\nEvil: 2", "y": null}}}})')
    assert parsed.links == (Link(A),)
    assert parsed.notes == ("line 1: a header is written Name: value",)
