"""Which media type a name promises."""

from __future__ import annotations

import pytest

from tui_downloader.model.media_types import promised_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.zip", "application/zip"),
        ("A.ZIP", "application/zip"),
        ("linux-6.19.tar.xz", "application/x-xz"),
        ("a.bin", ""),
        ("zip", ""),
        (".zip", ""),
        ("a.zip (1)", ""),
        ("", ""),
    ],
)
def test_a_name_promises_the_type_of_its_extension(name: str, media_type: str) -> None:
    assert promised_type(name) == media_type
