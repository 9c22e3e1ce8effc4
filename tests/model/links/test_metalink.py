"""Metalink files: the best address first, the others as mirrors, the strongest digest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.links.link import Link
from tui_downloader.model.links.links import parse_links

A, B, C = "https://a.example/a.iso", "https://b.example/b.iso", "http://c.example/c.iso"
SHA256, MD5 = "0a" * 32, "0b" * 16
FITS: dict[str, Any] = {"checksum": f"sha-256={SHA256}", "checksum_source": "Metalink"}

V4 = f"""<?xml version="1.0" encoding="UTF-8"?>
<metalink xmlns="urn:ietf:params:xml:ns:metalink">
  <file name="big file.iso">
    <size>1234</size>
    <hash type="md5">{MD5}</hash>
    <hash type="sha-256">
      {SHA256.upper()}
    </hash>
    <pieces length="100" type="sha-1"><hash>{"0c" * 20}</hash></pieces>
    <url location="de" priority="20">{B}</url>
    <url priority="1">{A}</url>
    <url priority="1">ftp://old.example/a.iso</url>
    <url>{C}</url>
    <metaurl mediatype="torrent" priority="1">https://t.example/a.torrent</metaurl>
  </file>
  <file name="two.iso"><url>https://me:pw@a.example/two?x=1&amp;y=2</url></file>
</metalink>
"""

V3 = f"""<metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="a.iso">
<verification><hash type="sha1">{"0c" * 20}</hash><hash type="sha256">{SHA256}</hash></verification>
<resources><url type="http" preference="10">{B}</url><url type="http" preference="100">{A}</url>
</resources></file></files></metalink>"""


def test_a_metalink_gives_names_digests_and_mirrors_the_best_first() -> None:
    parsed = parse_links(V4)
    assert parsed.links == (
        Link(A, name="big file.iso", **FITS, mirrors=(B, C)),
        Link("https://a.example/two?x=1&y=2", ("me", "pw"), name="two.iso"),
    )
    assert (parsed.refused, parsed.notes) == ((), ())


@pytest.mark.parametrize("before", ["\ufeff", "\n \t", "\ufeff\n"])
def test_what_stands_before_a_metalink_does_no_harm(before: str) -> None:
    assert parse_links(before + V4) == parse_links(V4)


def test_a_text_that_only_speaks_of_metalinks_is_none() -> None:
    parsed = parse_links(f"{A}\nA <metalink > names mirrors\n{B}")
    assert [link.url for link in parsed.links] == [A, B]


def test_the_strongest_digest_of_a_whole_file_counts() -> None:
    digits = {"sha-512": 128, "sha-384": 96, "sha-256": 64, "sha-224": 56, "sha-1": 40, "md5": 32}
    pieces = f'<pieces><hash type="sha-512">{"0d" * 64}</hash></pieces>'
    hashes = [f'<hash type="{name}">{"0" * count}</hash>' for name, count in digits.items()]
    for n, (name, count) in enumerate(digits.items()):
        there = "".join(['<hash type="crc32">01</hash>', *reversed(hashes[n:]), pieces])
        (link,) = parse_links(f"<metalink><file>{there}<url>{A}</url></file></metalink>").links
        assert link.checksum == f"{name}={'0' * count}"


@pytest.mark.parametrize(
    ("hashes", "words"),
    [
        ('<hash type="sha-256">00</hash>', "sha-256 has 64 hexadecimal digits, not 2"),
        ('<hash type="crc32">01</hash>', "unknown checksum crc32; known: "),
        ("<hash/>", "a checksum is ALGORITHM=HEX"),
    ],
)
def test_a_digest_that_cannot_be_used_is_left_out_with_a_note(hashes: str, words: str) -> None:
    text = f'<metalink><file name="x.iso">{{}}<url>{A}</url></file></metalink>'
    parsed = parse_links(text.format(hashes))
    assert parsed.links == (Link(A, name="x.iso"),)
    (note,) = parsed.notes
    assert note.startswith(f"x.iso: the checksum of the Metalink was left out: {words}")
    usable = f'{hashes}<hash type="sha-256">{SHA256}</hash>'
    assert parse_links(text.format(usable)).notes == ()


@pytest.mark.parametrize(
    "urls",
    [
        f"<url/><url>\n {A} \n</url><url>{B}</url>",
        f'<url priority="²">{B}</url><url priority="1">{A}</url>',
        f'<url preference="²">{B}</url><url preference="1">{A}</url>',
        f'<url priority="{"9" * 5000}">{B}</url><url priority="1">{A}</url>',
        f'<url>{B}</url><url priority="999998">{A}</url>',
    ],
)
def test_addresses_are_ranked_however_they_are_written(urls: str) -> None:
    (link,) = parse_links(f'<metalink><file name="x/">{urls}</file></metalink>').links
    assert link == Link(A, mirrors=(B,))


def test_a_metalink_of_version_3_is_read_too() -> None:
    assert parse_links(V3).links == (Link(A, name="a.iso", **FITS, mirrors=(B,)),)


def test_a_torrent_is_no_mirror_of_the_file_it_describes() -> None:
    torrent = '<url type="BitTorrent" preference="200">http://t.example/a.iso.torrent</url>'
    assert parse_links(V3.replace("<resources>", f"<resources>{torrent}")).links == (
        Link(A, name="a.iso", **FITS, mirrors=(B,)),
    )


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\passwd", "a/b/passwd"]
)
def test_a_name_decides_about_no_folder(name: str) -> None:
    (link,) = parse_links(V3.replace('name="a.iso"', f'name="{name}"')).links
    assert (link.name, link.folder) == ("passwd", None)


def test_a_file_without_a_usable_address_is_named() -> None:
    parsed = parse_links(
        '<metalink><file name="x.iso"><url>ftp://a.example/x</url></file></metalink>'
    )
    assert parsed.links == ()
    assert parsed.notes == ("x.iso: no http address in the Metalink",)
    assert parse_links("<metalink></metalink>").notes == ("there is no file in the Metalink",)


def test_a_damaged_file_is_refused_with_words() -> None:
    (refused,) = parse_links(V4[:300]).refused
    assert refused.reason.startswith("the Metalink is damaged (")


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE metalink SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!doctype m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    ],
)
def test_entities_are_refused_before_anything_is_read(declaration: str) -> None:
    text = V4.replace("<metalink ", f"{declaration}<metalink ", 1).replace("big file", "&b;")
    assert parse_links(text).links == ()
    inside = V4.replace("<size>", f"{declaration}<size>", 1)
    (refused,) = parse_links(inside).refused
    assert refused.reason == "a Metalink with a document type"


@given(st.text(alphabet="<>/=\"' &;#xmetalinkfilurhs-", max_size=200))
def test_any_metalink_is_read(inside: str) -> None:
    parse_links(f"<metalink>{inside}</metalink>")
