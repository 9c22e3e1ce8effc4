"""What went wrong with a body, in words that say something."""

from __future__ import annotations

import pytest

from tui_downloader.engine.network.body_faults import cut


@pytest.mark.parametrize(
    ("received", "length", "words"),
    [
        (1_200_000, 4_700_000, "after 1.20 MB of 4.70 MB"),
        (1_200_000, None, "after 1.20 MB"),
        (5_999_000, 6_000_000, "1.00 kB before the end"),
    ],
)
def test_a_body_that_ends_early_tells_how_far_it_got(
    received: int, length: int | None, words: str
) -> None:
    assert cut(received, length).message == f"the server closed the connection {words}"
