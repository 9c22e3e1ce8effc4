"""Sizes, rates and times: three digits, no infinity, and what is typed is read."""

from __future__ import annotations

import math
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.units import (
    UNKNOWN,
    counted,
    format_bytes,
    format_duration,
    format_eta,
    format_progress,
    format_rate,
    parse_rate,
    parse_size,
    typed_amount,
)

SIZES = st.integers(0, 10**20)
SECONDS = st.floats(0, 1e9)
STRANGE = [None, math.inf, -math.inf, math.nan, -1.0]


@pytest.mark.parametrize(
    ("n_bytes", "decimal", "binary"),
    [
        (0, "0 B", "0 B"),
        (1, "1 B", "1 B"),
        (999, "999 B", "999 B"),
        (999.5, "1.00 kB", "0.98 KiB"),
        (1000, "1.00 kB", "0.98 KiB"),
        (1023, "1.02 kB", "1.00 KiB"),
        (1024, "1.02 kB", "1.00 KiB"),
        (9_994, "9.99 kB", "9.76 KiB"),
        (9_995, "10.0 kB", "9.76 KiB"),
        (99_949, "99.9 kB", "97.6 KiB"),
        (99_950, "100 kB", "97.6 KiB"),
        (999_499, "999 kB", "976 KiB"),
        (999_500, "1.00 MB", "976 KiB"),
        (5_870_000_000, "5.87 GB", "5.47 GiB"),
        (10**18, "1.00 EB", "888 PiB"),
        (-5, "0 B", "0 B"),
        (math.inf, "0 B", "0 B"),
        (math.nan, "0 B", "0 B"),
    ],
)
def test_sizes_and_rates_have_three_digits_and_the_unit_asked_for(
    n_bytes: float, decimal: str, binary: str
) -> None:
    assert format_bytes(n_bytes) == decimal
    assert format_bytes(n_bytes, binary=True) == binary
    assert format_rate(n_bytes) == f"{decimal}/s"
    assert format_rate(n_bytes, binary=True) == f"{binary}/s"


@given(SIZES, st.booleans())
def test_a_size_has_at_most_three_digits(n_bytes: int, binary: bool) -> None:
    number, unit = format_bytes(n_bytes, binary=binary).split(" ")
    if n_bytes < 10**20 // 2:
        assert len(number.replace(".", "")) <= 3
    assert unit.endswith("B")
    if unit != "B" and not binary:
        assert re.fullmatch(r"\d\.\d\d|\d\d\.\d|\d{3,}", number)


@given(st.integers(0, 10**18), st.booleans())
def test_a_shown_size_is_read_within_its_digits(n_bytes: int, binary: bool) -> None:
    shown = format_bytes(n_bytes, binary=binary)
    if shown[-2] not in "PE" and "Pi" not in shown and "Ei" not in shown:
        assert parse_size(shown) == pytest.approx(n_bytes, rel=0.006)
        assert (parse_rate(f"{shown}/s") or 0) == pytest.approx(n_bytes, rel=0.006)


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [
        (0, 0, "0/0 B"),
        (3_640_000_000, 5_870_000_000, "3.64/5.87 GB"),
        (5, 5_870_000_000, "0.00/5.87 GB"),
        (380_000_000, 2_100_000_000, "0.38/2.10 GB"),
        (50_000_000, 500_000_000, "50/500 MB"),
        (1_240_000_000, None, "1.24 GB"),
    ],
)
def test_progress_is_in_the_unit_of_the_whole(done: int, total: int | None, shown: str) -> None:
    assert format_progress(done, total) == shown


def test_progress_can_be_binary() -> None:
    assert format_progress(1 << 29, 1 << 30, binary=True) == "0.50/1.00 GiB"
    assert format_progress(1 << 30, None, binary=True) == "1.00 GiB"


@pytest.mark.parametrize(
    ("seconds", "clock", "words"),
    [
        (0, "0:00", "0s"),
        (0.4, "0:00", "0s"),
        (59.4, "0:59", "59s"),
        (59.6, "1:00", "1m00s"),
        (252, "4:12", "4m12s"),
        (3599, "59:59", "59m59s"),
        (3600, "1:00:00", "1h00m"),
        (3723, "1:02:03", "1h02m"),
        (86_400, "24:00:00", "1d00h"),
        (99 * 3600, "99:00:00", "4d03h"),
        (99 * 3600 + 1, "4 d", "4d03h"),
        (10 * 86_400, "10 d", "10d00h"),
    ],
)
def test_times_are_clocks_or_words(seconds: float, clock: str, words: str) -> None:
    assert format_eta(seconds) == clock
    assert format_duration(seconds) == words


@pytest.mark.parametrize("seconds", STRANGE)
def test_no_time_is_infinite_or_negative(seconds: float | None) -> None:
    assert format_eta(seconds) == UNKNOWN
    assert format_duration(seconds) == UNKNOWN


@given(SECONDS)
def test_a_clock_tells_the_seconds(seconds: float) -> None:
    shown = format_eta(seconds)
    if " d" in shown:
        assert round(seconds) > 99 * 3600
        return
    total = 0
    for part in shown.split(":"):
        total = total * 60 + int(part)
    assert total == round(seconds)


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("0", 0),
        ("300", 300),
        ("300b", 300),
        ("500K", 500_000),
        ("500kB", 500_000),
        ("1.5MiB", 1_572_864),
        ("1,5M", 1_500_000),
        (".5k", 500),
        (" 2 g ", 2_000_000_000),
        ("1 TiB", 1 << 40),
        ("1KIB", 1024),
    ],
)
def test_a_typed_size_is_read(text: str, n_bytes: int) -> None:
    assert parse_size(text) == n_bytes


@pytest.mark.parametrize(
    ("text", "bytes_per_s"),
    [
        ("2M", 2_000_000),
        ("2MB/s", 2_000_000),
        ("40Mbit", 5_000_000),
        ("40 Mbit/s", 5_000_000),
        ("8bps", 1),
        ("100 Mibit", 13_107_200),
        ("0", None),
        ("0M", None),
        ("off", None),
        (" None ", None),
        ("", None),
    ],
)
def test_a_typed_rate_is_read(text: str, bytes_per_s: int | None) -> None:
    assert parse_rate(text) == bytes_per_s


NO_AMOUNTS = [
    "x", "-5", "+5", "5X", "5 5", "1e3", "1.2.3", "K", "M/s", "5/s/s", "0x10", "inf", "nan",
    "٥", "0.5", "1bit", "0.0001k", "9" * 400, "1." + "9" * 400,
]  # fmt: skip


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount_is_refused_with_a_sentence(text: str) -> None:
    for read in (parse_size, parse_rate):
        with pytest.raises(ValueError, match=r"is not a|less than one byte") as refused:
            read(text)
        assert len(str(refused.value)) < 150


@given(st.integers(0, 1 << 53))
def test_plain_bytes_are_read_exactly(n_bytes: int) -> None:
    assert parse_size(str(n_bytes)) == n_bytes
    assert parse_rate(str(n_bytes)) == (n_bytes or None)


@given(st.text(st.characters(exclude_categories=())) | st.text("0123456789.,kKmMgGiIbBtTps/ "))
def test_anything_typed_is_an_amount_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_size(text) >= 0


@given(st.integers(0, 1 << 53) | st.integers(0, 8000).map(lambda n: n * 1024**4))
def test_an_amount_that_is_written_is_read_exactly(n_bytes: int) -> None:
    assert parse_size(typed_amount(n_bytes)) == n_bytes


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0"), (999, "999"), (1000, "1K"), (5_000_000, "5M"), (1 << 19, "512Ki"), (1 << 40, "1Ti")],
)
def test_an_amount_is_written_as_one_would_type_it(n_bytes: int, text: str) -> None:
    assert typed_amount(n_bytes) == text


@pytest.mark.parametrize(("number", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_one_is_no_plural(number: int, words: str) -> None:
    assert counted(number, "file") == words
