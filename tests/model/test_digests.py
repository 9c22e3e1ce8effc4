"""Digests: what a user types and what servers announce."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from tui_downloader.model.digests import Checksum, parse_checksum
from tui_downloader.model.digests import from_headers as from_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def from_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Checksum | None:
    return from_fields(CIMultiDict(headers))


ALGORITHMS = ["sha-512", "sha-384", "sha-256", "sha-224", "sha-1", "md5"]
TYPED = {
    "sha-512": ["sha-512", "sha512", "SHA-512"],
    "sha-256": ["sha-256", "sha256", "SHA256", "Sha-256"],
    "sha-1": ["sha-1", "sha1", "SHA", "sha"],
    "md5": ["md5", "MD5"],
}
SPELLINGS = [(name, spelt) for name, all_spelt in TYPED.items() for spelt in all_spelt]


def digest(algorithm: str, data: bytes = b"file") -> bytes:
    return hashlib.new(
        algorithm.replace("-", "") if "sha" in algorithm else algorithm, data
    ).digest()


def encoded(algorithm: str, data: bytes = b"file") -> str:
    return base64.b64encode(digest(algorithm, data)).decode()


def expected(algorithm: str, source: str, data: bytes = b"file") -> Checksum:
    return Checksum(algorithm, digest(algorithm, data).hex(), source)


@pytest.mark.parametrize(("algorithm", "spelt"), SPELLINGS)
@pytest.mark.parametrize("separator", ["=", ":", " = ", ": "])
def test_a_named_checksum_is_read(algorithm: str, spelt: str, separator: str) -> None:
    hexdigest = digest(algorithm).hex()
    for written in (hexdigest, hexdigest.upper(), f"{hexdigest}\n"):
        assert parse_checksum(f"{spelt}{separator}{written}") == Checksum(algorithm, hexdigest)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_bare_checksum_is_told_by_its_length(algorithm: str) -> None:
    assert parse_checksum(digest(algorithm).hex()).algorithm == algorithm


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ALGORITHM=HEX"),
        ("sha-256", "ALGORITHM=HEX"),
        ("sha-256=", "ALGORITHM=HEX"),
        ("sha-256=xyz", "ALGORITHM=HEX"),
        ("sha-256=" + "٠" * 64, "ALGORITHM=HEX"),
        ("abc", "fit no known"),
        ("0" * 63, "63 hexadecimal digits"),
        ("crc32=00000000", "unknown checksum crc32"),
        ("sha-256=" + "0" * 63, "64 hexadecimal digits, not 63"),
        ("md5=" + "0" * 64, "32 hexadecimal digits, not 64"),
    ],
)
def test_a_wrong_checksum_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_checksum(text)


@given(st.sampled_from(ALGORITHMS), st.binary())
def test_a_checksum_that_is_written_is_read(algorithm: str, data: bytes) -> None:
    checksum = Checksum(algorithm, digest(algorithm, data).hex())
    assert parse_checksum(f"{checksum.algorithm}={checksum.hexdigest}") == checksum


@given(st.text(st.characters(exclude_categories=())))
def test_anything_typed_is_a_checksum_or_a_value_error(text: str) -> None:
    try:
        checksum = parse_checksum(text)
    except ValueError:
        return
    assert checksum.algorithm in ALGORITHMS
    assert bytes.fromhex(checksum.hexdigest)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_md5_and_sha_1_only_find_accidents(algorithm: str) -> None:
    assert Checksum(algorithm, "").is_strong is (algorithm not in ("sha-1", "md5"))


def test_a_checksum_says_where_it_is_from() -> None:
    assert str(Checksum("md5", "ab", "Digest")) == "md5=ab (Digest)"
    assert Checksum("md5", "ab").source == "you"


@pytest.mark.parametrize(
    ("field", "value", "algorithm"),
    [
        ("Repr-Digest", f"sha-256=:{encoded('sha-256')}:", "sha-256"),
        ("Repr-Digest", f"md5=:{encoded('md5')}:, sha-512=:{encoded('sha-512')}:", "sha-512"),
        ("Digest", f"SHA-256={encoded('sha-256')}", "sha-256"),
        ("Digest", f"SHA={encoded('sha-1')},MD5={encoded('md5')}", "sha-1"),
        ("x-goog-hash", f"crc32c=n03x6A==,md5={encoded('md5')}", "md5"),
    ],
)
def test_an_announced_digest_is_read(field: str, value: str, algorithm: str) -> None:
    assert from_headers({field: value}) == expected(algorithm, field)


def test_content_md5_is_read() -> None:
    assert from_headers({"Content-MD5": f" {encoded('md5')} "}) == expected("md5", "Content-MD5")


def test_the_strongest_of_all_fields_counts() -> None:
    headers = {
        "Content-MD5": encoded("md5"),
        "x-goog-hash": f"md5={encoded('md5')}",
        "Digest": f"sha-512={encoded('sha-512')}",
        "Repr-Digest": f"sha-256=:{encoded('sha-256')}:",
    }
    assert from_headers(headers) == expected("sha-512", "Digest")


def test_of_two_of_a_kind_the_newer_standard_counts() -> None:
    headers = {
        "Digest": f"sha-256={encoded('sha-256', b'other')}",
        "Repr-Digest": f"sha-256=:{encoded('sha-256')}:",
    }
    assert from_headers(headers) == expected("sha-256", "Repr-Digest")


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("x-goog-hash", "crc32c=n03x6A==", f"md5={encoded('md5')}"),
        ("Digest", "unixsum=30637", f"md5={encoded('md5')}"),
        ("Repr-Digest", "crc32c=:n03x6A==:", f"md5=:{encoded('md5')}:"),
    ],
)
def test_a_field_in_several_lines_is_read_as_if_it_were_one(
    field: str, first: str, second: str
) -> None:
    assert from_headers([(field, first), (field, second)]) == expected("md5", field)
    assert from_headers([(field, second), (field.lower(), first)]) == expected("md5", field)


@pytest.mark.parametrize(
    ("stored", "sent", "is_of_file"),
    [
        ("gzip", None, False),  # decoded on its way, for those who accept no coding
        ("gzip", "identity", False),
        ("identity", "gzip", False),
        ("gzip", "GZip", True),
        ("identity", None, True),
        (None, "gzip", True),
    ],
)
def test_the_hash_of_a_store_that_sends_another_coding_is_of_no_file(
    stored: str | None, sent: str | None, is_of_file: bool
) -> None:
    codings = {"x-goog-stored-content-encoding": stored, "Content-Encoding": sent}
    told = {name: coding for name, coding in codings.items() if coding is not None}
    told["x-goog-hash"] = f"md5={encoded('md5')}"
    assert from_headers(told) == (expected("md5", "x-goog-hash") if is_of_file else None)
    digest_of_file = {"Repr-Digest": f"sha-256=:{encoded('sha-256')}:"}
    assert from_headers(told | digest_of_file) == expected("sha-256", "Repr-Digest")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Digest": f"sha-256=:{encoded('sha-256')}:"},
        {"Want-Repr-Digest": "sha-256=3"},
        {"Repr-Digest": ""},
        {"Repr-Digest": "sha-256=:AAAA:"},
        {"Repr-Digest": f"sha-512=:{encoded('sha-256')}:"},
        {"Repr-Digest": "sha-256=:not base64:"},
        {"Digest": f"id-sha-256={encoded('sha-256')}"},
        {"Digest": "crc32c=n03x6A=="},
        {"Content-MD5": "junk"},
        {"Content-MD5": "\udcff"},
    ],
)
def test_junk_is_no_digest(headers: dict[str, str]) -> None:
    assert from_headers(headers) is None


@given(st.text(st.characters(exclude_categories=())) | st.text("sha-256=:,md5AB+/"))
def test_no_header_is_a_crash(value: str) -> None:
    fields = ("Repr-Digest", "Digest", "x-goog-hash", "Content-MD5")
    found = from_headers(dict.fromkeys(fields, value))
    assert found is None or found.algorithm in ALGORITHMS


@pytest.mark.parametrize("piece", ["a", "a ", "a=", "a=:", "="])
def test_the_longest_field_is_read_at_once(piece: str) -> None:
    started_at = time.process_time()
    from_headers({"Digest": (piece * 65_536)[:65_536]})
    assert time.process_time() - started_at < 5
