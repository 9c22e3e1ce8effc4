"""A line of the log in one row: what was said is the last to be cut."""

from __future__ import annotations

import pytest

from tui_downloader.ui.view.log_lines import latest_of, log_row

SAID = "/home/a user/.config/settings.toml, line 4: connections must be a whole number; 0 is used"
LINE = f"2026-11-27 13:11:59,861 WARNING {SAID}"


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (120, f"13:11:59 WARNING {SAID}"),
        (90, "13:11:59 WARNING line 4: connections must be a whole number; 0 is used"),
        (72, "13:11:59 WARNING line 4: connections must be a whole number; 0 is used"),
        (34, "13:11 line 4: connections must be…"),
    ],
)
def test_a_row_has_the_message_however_long_the_name_of_the_file_is(width: int, row: str) -> None:
    assert log_row(LINE, LINE, width) == row


def test_the_folders_of_a_file_go_before_the_file() -> None:
    line = (
        "2026-11-27 13:11:59 INFO the queue /home/me/.local/state/queue.db was deleted; it is back"
    )
    row = "13:11:59 INFO the queue queue.db was deleted; it is back"
    assert log_row(line, line, 70) == row


@pytest.mark.parametrize(
    ("width", "row"), [(80, "2026-11-26 09:00:01 ERROR it broke"), (34, "11-26 09:00 it broke")]
)
def test_a_line_of_another_day_has_its_date(width: int, row: str) -> None:
    assert log_row("2026-11-26 09:00:01,100 ERROR it broke", LINE, width) == row


def test_a_line_without_a_time_stays_as_it_is() -> None:
    lines = [LINE, "Traceback (most recent call last):"]
    assert latest_of(lines) == LINE
    assert log_row(lines[1], LINE, 20) == "Traceback (most rec…"


def test_addresses_are_no_files() -> None:
    line = "2026-11-27 13:11:59 INFO https://host.example/deep/folder/of/the/file.iso is answered"
    assert "https://host.example/deep" in log_row(line, line, 60)
