"""Which name a file has when it is asked for differently."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.edits import name_wanted, with_name_of

ASKED = DownloadRequest("https://a.example/get/file.zip?sig=1", "/downloads")
NEW_URL = "https://b.example/0815.zip"


@pytest.mark.parametrize(
    ("asked", "wanted", "name"),
    [
        (None, None, "file (1).zip"),
        ("x.zip", "x.zip", "file (1).zip"),
        ("x.zip", None, "file (1).zip"),
        (None, "y.zip", "y.zip"),
        ("x.zip", "../y:z.zip", "y_z.zip"),
    ],
)
def test_only_another_wish_gives_a_file_another_name(
    asked: str | None, wanted: str | None, name: str
) -> None:
    before, after = (replace(ASKED, name=each, folder="/x") for each in (asked, wanted))
    assert name_wanted(before, after, "file (1).zip") == name


@pytest.mark.parametrize(
    ("url", "name", "wanted", "kept"),
    [
        (ASKED.url, None, None, "file.zip"),
        (ASKED.url, "x.zip", None, "x.zip"),
        (ASKED.url, None, "y.zip", "y.zip"),
        ("https://a.example/get?id=5", None, None, None),
        ("https://a.example/get.php?id=5", None, None, None),
        ("https://a.example/", None, None, None),
    ],
)
def test_at_another_address_a_file_keeps_the_name_that_the_old_one_told(
    url: str, name: str | None, wanted: str | None, kept: str | None
) -> None:
    after = replace(ASKED, url=NEW_URL, name=wanted)
    assert with_name_of(replace(ASKED, url=url, name=name), after) == replace(after, name=kept)


def test_at_the_same_address_a_name_may_be_taken_back() -> None:
    assert with_name_of(replace(ASKED, name="x.zip"), ASKED) == ASKED
