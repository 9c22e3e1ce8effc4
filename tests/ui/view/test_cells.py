"""Text is measured in cells: nothing is ever wider than its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_downloader.ui.view.cells import (
    bar,
    cut,
    cut_front,
    fitting,
    graph,
    grouped,
    pad,
    pad_left,
    resample,
    spark,
    wrap,
)
from tui_downloader.ui.view.glyphs import ASCII, UNICODE

texts = st.text(alphabet=st.sampled_from("ab -.日本e\u0301👍ü"), max_size=40)


@given(texts, st.integers(0, 30))
def test_a_text_cut_at_its_end_is_never_too_wide(text: str, width: int) -> None:
    assert cell_len(cut(text, width)) <= width


@given(texts, st.integers(0, 30))
def test_a_name_cut_in_front_is_never_too_wide(text: str, width: int) -> None:
    assert cell_len(cut_front(text, width)) <= width


@given(texts, st.integers(6, 30))
def test_a_name_that_is_cut_keeps_its_end(text: str, width: int) -> None:
    shown = cut_front(text, width)
    if shown != text:
        assert text.endswith(shown.partition("…")[2])


@given(texts, st.integers(40, 100))
def test_padded_text_fills_its_place(text: str, width: int) -> None:
    assert cell_len(pad(text, width)) == max(width, cell_len(text))
    assert cell_len(pad_left(text, width)) == max(width, cell_len(text))


def test_batch_names_stay_distinguishable() -> None:
    name = "dataset-part-00001-of-00064.tar.zst"
    assert cut_front(name, 31) == "dataset…-00001-of-00064.tar.zst"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ubuntu-26.04-desktop-amd64.iso", "ubun…ktop-amd64.iso"),
        ("report-of-the-whole-company.pdf", "repo…le-company.pdf"),
        # The beginning would cost digits.
        ("backup-2026-11-01.tar.gz", "…-2026-11-01.tar.gz"),
        ("holiday-pictures-017.zip", "holi…ctures-017.zip"),
    ],
)
def test_in_few_cells_the_beginning_stays_where_it_costs_no_digits(name: str, shown: str) -> None:
    assert cut_front(name, 19) == shown


def test_a_wide_character_that_does_not_fit_is_left_out_whole() -> None:
    assert cut("日本語", 4) == "日…"


def test_a_combining_mark_stays_with_its_letter() -> None:
    assert cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…"


@pytest.mark.parametrize(
    ("width", "form"), [(20, "a long message"), (8, "short"), (4, "tiny"), (3, "ti…")]
)
def test_the_longest_form_that_fits_is_used(width: int, form: str) -> None:
    assert fitting(("a long message", "short", "tiny"), width) == form


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_bar_fills_its_width_exactly(fraction: float, width: int) -> None:
    filled, rest = bar(fraction, width, UNICODE)
    assert cell_len(filled + rest) == width


@pytest.mark.parametrize(
    ("fraction", "drawn"),
    [
        (0.0, "──────────"),
        (0.18, "▇▊────────"),
        (0.62, "▇▇▇▇▇▇▏───"),
        (0.999, "▇▇▇▇▇▇▇▇▇▉"),
        (1.0, "▇▇▇▇▇▇▇▇▇▇"),
    ],
)
def test_a_bar_is_drawn_in_eighths_of_a_cell(fraction: float, drawn: str) -> None:
    assert "".join(bar(fraction, 10, UNICODE)) == drawn


def test_a_bar_without_block_characters_is_drawn_in_ascii() -> None:
    assert "".join(bar(0.5, 10, ASCII)) == "#####....."


def test_what_is_missing_in_a_record_counts_as_nothing() -> None:
    assert resample([4.0, 8.0], 4, 4) == [0.0, 0.0, 4.0, 8.0]


def test_a_column_shows_the_mean_of_its_seconds() -> None:
    assert resample([1.0, 3.0, 5.0, 7.0], 2, 4) == [2.0, 6.0]


@pytest.mark.parametrize(
    ("until_s", "columns"),
    [(100, [0.0, 1.5, 3.5, 5.5]), (101, [0.5, 2.5, 4.5, 5.5])],
)
def test_columns_of_several_seconds_are_means(until_s: int, columns: list[float]) -> None:
    assert grouped([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 4, 2, until_s) == columns


@pytest.mark.parametrize("until_s", [100, 101])
def test_the_newest_column_is_no_higher_where_bytes_come_every_other_second(until_s: int) -> None:
    values = [20.0 * (second % 2) for second in range(until_s)]
    assert grouped(values[-60:], 30, 2, until_s) == [10.0] * 30
    values.reverse()
    assert grouped(values[-60:], 30, 2, until_s) == [10.0] * 30


@pytest.mark.parametrize("each_s", [1, 2, 3, 7])
def test_as_time_goes_by_only_the_newest_column_changes_its_height(each_s: int) -> None:
    values = [float(second * second % 11) for second in range(400)]
    width = 120 // each_s
    before = grouped(values[80:200], width, each_s, 200)
    for until_s in range(201, 300):
        now = grouped(values[until_s - 120 : until_s], width, each_s, until_s)
        is_moved = (until_s - 1) % each_s == 0
        assert now[:-1][-width // 2 :] == (before if is_moved else before[:-1])[-width // 2 :]
        before = now


def test_a_graph_is_scaled_to_its_peak() -> None:
    assert graph([0.0, 4.0, 8.0], 2, UNICODE) == ["  █", " ██"]


def test_a_spark_is_as_wide_as_asked_even_without_values() -> None:
    assert spark([], 5, UNICODE) == "     "


def test_no_spark_is_drawn_in_ascii() -> None:
    assert spark([1.0, 2.0], 5, ASCII) == "     "


def test_where_there_are_few_cells_batch_names_show_the_digit_that_differs() -> None:
    names = [f"dataset-part-0000{number}-of-00064.tar.zst" for number in range(1, 9)]
    shown = {cut_front(name, 19) for name in names}
    assert "…1-of-00064.tar.zst" in shown
    assert len(shown) == len(names)


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (12, ["abc", "press , now", "def"]),
        (11, ["abc", "press , now", "def"]),
        (10, ["abc press", ", now def"]),
        (4, ["abc", "pres", "s ,", "now", "def"]),
    ],
)
def test_words_that_belong_together_are_parted_only_where_a_line_is_too_short(
    width: int, lines: list[str]
) -> None:
    text = "abc press , now def".replace(" ,", "\xa0,").replace(", ", ",\xa0")
    assert wrap(text, width) == lines
