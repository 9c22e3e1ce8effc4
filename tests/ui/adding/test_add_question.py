"""The words of the question about links that exist already, for each of the things it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.fake_engine import download
from tui_downloader.model.links.link import Link
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.ui.adding.add_plan import KnownLink, Plan
from tui_downloader.ui.adding.add_question import choices_of, question_of
from tui_downloader.ui.adding.planning import make_plan
from tui_downloader.ui.adding.queue_index import QueueIndex
from tui_downloader.ui.view.figures import Figures

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot

A, A2, A3 = (f"https://{host}.example/a.iso" for host in ("a", "a2", "a3"))
B, C, D = (f"https://b.example/{name}.iso" for name in "bcd")


def failed(number: int, name: str, kept_bytes: int = 0) -> Snapshot:
    url = f"https://old.example/{name}?sig={number}"
    return download(number, Status.FAILED, url=url, name=name, kept_bytes=kept_bytes)


def finished(number: int, name: str) -> Snapshot:
    url = f"https://old.example/{name}?sig={number}"
    return download(number, Status.COMPLETED, url=url, name=name, total_bytes=7)


def asked(text: str, *listed: Snapshot, files: tuple[str, ...] = ()) -> list[str]:
    """The lines of the question; of `files`, each of 7 bytes, every one is on the disk."""
    sizes = {f"/downloads/{name}": 7 for name in files}
    plan = make_plan(parse_links(text), QueueIndex(listed), "/downloads", sizes.get)
    return question_of(plan, Figures()).split("\n")


def test_what_is_there_is_counted_by_where_it_is() -> None:
    listed = (download(1, url=D), finished(2, "b.iso"), finished(3, "c.iso"))
    first, *_ = asked(f"{A}\n{B}\n{C}\n{D}", *listed, files=("a.iso",))
    assert first == (
        "4 of 4 are there already, 1 in the list, 2 by their names only and 1 on disk."
    )


def test_the_only_one_that_has_but_its_name_in_common_is_named() -> None:
    first, *_ = asked(f"{A}\n{B}", finished(1, "b.iso"))
    assert first == "1 of 2 is there already, by its name only: b.iso"


def test_the_name_that_a_file_on_the_disk_leaves_is_told_where_there_is_one_link() -> None:
    first, besides, *_ = asked(A, files=("a.iso", "a (1).iso"))
    assert first == "a.iso in /downloads is on disk already."
    assert besides == "Added besides, it will be a (2).iso."
    assert not any("besides" in line for line in asked(f"{A}\n{B}", files=("a.iso",)))


def test_links_to_the_file_of_another_are_counted() -> None:
    beside = "of them {} to the file of another; replacing, {} a new name."
    assert f"1 {beside.format('leads', 'it gets')}" in asked(f"{A}\n{A2}", files=("a.iso",))
    several = asked(f"{A}\n{A2}\n{A3}", files=("a.iso",))
    assert f"2 {beside.format('lead', 'they get')}" in several
    assert several[-1] == "Replacing deletes the 7 B that are here once the new file is whole."


@pytest.mark.parametrize(
    ("text", "kept_bytes", "words"),
    [
        (A, (0,), "It failed: this link can be its new address."),
        (f"{A}\n{C}", (0,), "1 of them failed: a link can be its new address."),
        (f"{A}\n{B}", (0, 0), "2 of them failed: a link can be their new address."),
        (A, (1,), "With a new address the 1 B that are here stay."),
        (f"{A}\n{B}", (1_500_000, 0), "With a new address the 1.50 MB that are here stay."),
        (f"{A}\n{B}", (1_500_000, 250_000), "With a new address the 1.75 MB that are here stay."),
    ],
)
def test_of_what_failed_is_said_how_much_a_new_address_keeps(
    text: str, kept_bytes: tuple[int, ...], words: str
) -> None:
    names = ("a.iso", "b.iso")[: len(kept_bytes)]
    listed = [failed(n, *each) for n, each in enumerate(zip(names, kept_bytes, strict=True), 1)]
    assert words in asked(text, *listed)


def test_what_did_not_fail_has_no_new_address_and_what_is_not_here_is_not_deleted() -> None:
    assert asked(A, download(1, url=A, name="a.iso")) == [
        "a.iso in /downloads is in the list already."
    ]


def test_a_new_address_is_an_answer_only_where_something_failed() -> None:
    def answers(*listed: Snapshot) -> list[str]:
        plan = make_plan(parse_links(A), QueueIndex(listed), "/downloads")
        return [choice.value for choice in choices_of(plan)]

    assert answers(failed(1, "a.iso")) == ["renew", "skip", "rename", "replace"]
    assert answers(finished(1, "a.iso")) == ["skip", "rename", "replace"]


@pytest.mark.parametrize(
    "plan",
    [
        Plan(known=(KnownLink(Link(A), 1, is_same_url=False, name="a\u202eb", new_name="c"),)),
        Plan(known=(KnownLink(Link(A), 1, is_same_url=False, name="c", new_name="a\u202eb"),)),
        Plan(existing=(Link(A),), first_path="/downloads/a\u202eb"),
        Plan(existing=(Link(A),), first_path="/a\u202eb/a.iso"),
        Plan(existing=(Link(A),), first_path="/downloads/a.iso", free_name="a\u202eb"),
    ],
)
def test_what_would_turn_the_writing_around_is_not_obeyed(plan: Plan) -> None:
    words = question_of(plan, Figures())
    assert clean("a\u202eb") in words
    assert "\u202e" not in words
