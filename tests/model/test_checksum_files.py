"""Checksum files beside a file: where they lie, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.checksum_files import MOST_REQUESTS, find_checksum, places_of

H256 = "a" * 64
OTHER = "c" * 64
H512 = "b" * 128
URL = "https://host/dir/my%20file.tar.gz"


@pytest.mark.parametrize(
    ("url", "places"),
    [
        (URL, [f"{URL}.sha256", f"{URL}.sha512", "https://host/dir/SHA256SUMS"]),
        (
            "https://host/d/x.iso",
            ["https://host/d/SHA256SUMS", "https://host/d/x.iso.sha256",
             "https://host/d/sha256sum.txt"],
        ),
        ("https://host/f?sig=1", []),
        ("https://host/dir/", []),
        ("https://host", []),
        ("https://host/f#part", ["https://host/f.sha256", "https://host/f.sha512",
                                 "https://host/SHA256SUMS"]),
    ],
)  # fmt: skip
def test_where_they_lie(url: str, places: list[str]) -> None:
    assert places_of(url) == places
    assert len(places) <= MOST_REQUESTS


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        (H256, "my%20file.tar.gz.sha256", ("sha-256", H256)),
        (f"{H256}\n", "SHA256SUMS", None),
        (f"{H256}  my file.tar.gz\n", "SHA256SUMS", ("sha-256", H256)),
        (f"{H256} *my file.tar.gz\r\n", "SHA256SUMS", ("sha-256", H256)),
        (f"{H256}  ./my file.tar.gz", "SHA256SUMS", ("sha-256", H256)),
        # Of the same name in several folders the one beside it counts, and that of no other.
        (
            f"{OTHER}  ./sub/my file.tar.gz\n{H256}  ./my file.tar.gz",
            "SHA256SUMS",
            ("sha-256", H256),
        ),
        (f"{OTHER} *sub/my file.tar.gz\n{H256} *my file.tar.gz", "SHA256SUMS", ("sha-256", H256)),
        (f"SHA256 (sub/my file.tar.gz) = {H256}", "SHA256SUMS", None),
        (f"{H256}  ./sub/my file.tar.gz", "SHA256SUMS", None),
        (f"{H256}  ../my file.tar.gz", "SHA256SUMS", None),
        (
            f"{OTHER}  sub/my file.tar.gz\n{H256}  dir/my file.tar.gz",
            "SHA256SUMS",
            ("sha-256", H256),
        ),
        (f"{OTHER}  dir/my file.tar.gz\n{H256}  my file.tar.gz", "SHA256SUMS", ("sha-256", H256)),
        (f"{H256}  ir/my file.tar.gz", "SHA256SUMS", None),
        (f"{H256}  /srv/build/my file.tar.gz", "SHA256SUMS", None),
        (f"{H256}  /srv/build/my file.tar.gz", "my%20file.tar.gz.sha256", ("sha-256", H256)),
        (f"{H256}  my other file.tar.gz", "my%20file.tar.gz.sha256", None),
        # Two digests of one kind for one file: nobody knows which.
        (f"{H256}  my file.tar.gz\n{OTHER}  my file.tar.gz", "SHA256SUMS", None),
        (
            f"{H256}  my file.tar.gz\n{H256.upper()}  my file.tar.gz",
            "SHA256SUMS",
            ("sha-256", H256),
        ),
        (f"{H256}  my file.tar.gz\n{H512}  my file.tar.gz", "SHA256SUMS", ("sha-256", H256)),
        (f"{H256}  other\n{H512}  my file.tar.gz", "SHA256SUMS", ("sha-512", H512)),
        (f"SHA256 (my file.tar.gz) = {H256}", "SHA256SUMS", ("sha-256", H256)),
        (f"SHA-512 (my file.tar.gz) = {H512}", "SHA256SUMS", ("sha-512", H512)),
        (f"{H256}  my file.tar", "SHA256SUMS", None),
        ("d41d8cd98f00b204e9800998ecf8427e  my file.tar.gz", "SHA256SUMS", None),
        ("<html>not found</html>", "SHA256SUMS", None),
        ("", "SHA256SUMS", None),
    ],
)
def test_what_they_say(text: str, place: str, expected: tuple[str, str] | None) -> None:
    found = find_checksum(text, URL, f"https://host/dir/{place}")
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.algorithm, found.hexdigest) == expected
        assert found.source == place.replace("%20", " ")


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    find_checksum(text, URL, "https://host/dir/SHA256SUMS")
