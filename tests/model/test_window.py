"""What a window of time tells of the throughput in it."""

from __future__ import annotations

import pytest

from tui_downloader.model.window import Window

GAIN = 1.5


def window(half: tuple[float, int] | None = None) -> Window:
    """One that was opened at 10 s, when 1000 bytes were here, 400 of them of the elders."""
    return Window(10.0, 1000, 400, 0.0, half)


def test_only_what_came_since_it_was_opened_is_counted() -> None:
    assert window().bytes_per_s(14.0, 3000) == 500
    assert window().elders_bytes_per_s(14.0, 1200) == 200


@pytest.mark.parametrize(
    ("half", "received_bytes", "rises"),
    [
        ((12.0, 2000), 3400, False),
        ((12.0, 2000), 3501, True),
        ((13.0, 2000), 2501, True),  # in a third of the time
        ((12.0, 1000), 1001, True),
        ((12.0, 1000), 1000, False),  # nothing ever came
        (None, 9000, False),
    ],
)
def test_it_rises_where_much_more_comes_in_the_second_half(
    half: tuple[float, int] | None, received_bytes: int, rises: bool
) -> None:
    assert window(half).rises(14.0, received_bytes, GAIN) is rises
