"""What a pasted text would do to the queue: plans, wishes, and the rows of the preview."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.ui.fake_engine import download
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.proxy import DIRECT, Proxy
from tui_downloader.model.status import Status
from tui_downloader.ui.adding.add_plan import Duplicates, KnownLink, Plan, refused_text
from tui_downloader.ui.adding.adding import AddOptions, wish_of
from tui_downloader.ui.adding.planning import make_plan
from tui_downloader.ui.adding.preview_rows import PreviewRows
from tui_downloader.ui.adding.queue_index import QueueIndex, address_of
from tui_downloader.ui.view.glyphs import ASCII, UNICODE
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.widgets.folder_input import completed
from tui_downloader.ui.widgets.preview import preview_lines, preview_pieces

A, B, C = "https://a.example/a.iso", "https://b.example/b.iso", "https://c.example/c.iso"
HERE = AddOptions("/downloads", OnConflict.RENAME)


def plan_of(text: str, *urls: str, files: tuple[str, ...] = ()) -> Plan:
    """Plan a text; `urls` are in the list with ids from 1, `files` are on the disk."""
    listed = QueueIndex(download(number, url=url) for number, url in enumerate(urls, 1))
    sizes = dict.fromkeys(files, 7)
    return make_plan(parse_links(text), listed, "/downloads", sizes.get)


def preview(text: str, *urls: str, files: tuple[str, ...] = (), width: int = 80) -> list[str]:
    """The lines of the preview as they are read."""
    rows = PreviewRows(plan_of(text, *urls, files=files))
    lines = (preview_pieces(row, UNICODE, width) for row in rows)
    return [" ".join(text_of(line).split()) for line in lines]


# The plan.


def test_new_known_existing_repeated_and_refused_are_told_apart() -> None:
    plan = plan_of(f"{A}\n{B}\n{A}\nftp://c.example/x\n{C}", B, files=("/downloads/c.iso",))
    assert [link.url for link in plan.new] == [A]
    assert [(known.link.url, known.download_id) for known in plan.known] == [(B, 1)]
    assert [link.url for link in plan.existing] == [C]
    assert [link.url for link in plan.repeated] == [A]
    assert plan.total == "1 new, 3 duplicates, 1 invalid"
    assert plan.is_question


@pytest.mark.parametrize(
    ("options", "is_same"),
    [
        ("", True),
        ("\n  dir=/downloads", True),
        ("\n  dir=/elsewhere", False),
        ("\n  out=b.iso", False),
        ("\n  dir=/elsewhere\n  out=b.iso", False),
    ],
)
def test_a_link_for_another_folder_or_name_is_another_one_beside_the_list_as_in_one_text(
    options: str, is_same: bool
) -> None:
    wanted = f"{A}{options}"
    listed = plan_of(wanted, A)
    assert (len(listed.known), len(listed.new)) == ((1, 0) if is_same else (0, 1))
    beside = plan_of(f"{A}\n{wanted}")
    assert (len(beside.repeated), len(beside.new)) == ((1, 1) if is_same else (0, 2))
    both = plan_of(f"{A}\n{wanted}", A)
    assert (len(both.known), len(both.repeated), len(both.new)) == (
        (1, 1, 0) if is_same else (1, 0, 1)
    )


def test_a_link_with_the_name_that_it_has_in_the_list_is_known() -> None:
    listed = QueueIndex([download(7, url=A, name="a.iso")])
    (known,) = make_plan(parse_links(f"{A}\n  out=A.iso"), listed, "/downloads").known
    assert (known.download_id, known.is_same_url) == (7, True)
    assert not make_plan(parse_links(A), listed, "/downloads", name="b.iso").known


def test_of_several_downloads_of_a_link_each_is_found_where_it_goes() -> None:
    places = [("/downloads", "a.iso"), ("/downloads", "b.iso"), ("/elsewhere", "a.iso")]
    listed = QueueIndex(
        download(number, url=A, folder=folder, name=name)
        for number, (folder, name) in enumerate(places, 1)
    )
    text = f"{A}\n{A}\n  out=b.iso\n{A}\n  dir=/elsewhere\n{A}\n  out=c.iso"
    plan = make_plan(parse_links(text), listed, "/downloads")
    assert [known.download_id for known in plan.known] == [1, 2, 3]
    assert [link.name for link in plan.new] == ["c.iso"]


def test_another_spelling_of_an_address_is_the_same_one_beside_the_list_as_in_one_text() -> None:
    other = "HTTPS://A.example:443/x/../a.iso#top"
    listed = plan_of(f"{other}\n{B}", A)
    assert [(known.link.url, known.download_id) for known in listed.known] == [(other, 1)]
    assert [link.url for link in plan_of(A, other).new] == []
    beside = plan_of(f"{other}\n{A}\n{A}?x")
    assert [link.url for link in beside.new] == [other, f"{A}?x"]
    assert [link.url for link in beside.repeated] == [A]


def test_another_spelling_is_known_by_its_own_name_too() -> None:
    listed = QueueIndex([download(7, url=f"{A}#top", name="mine.iso")])
    assert listed.by_address(address_of(f"{A}#end"), "/downloads", "Mine.iso") == 7
    assert listed.by_address(address_of(f"{A}#end"), "/downloads", "other.iso") is None


def listed_file(**facts: Any) -> QueueIndex:
    known: dict[str, Any] = {"url": B, "name": "A.iso", "folder": "/downloads", "total_bytes": 5}
    return QueueIndex([download(7, **(known | facts))])


def test_a_link_that_becomes_the_file_of_another_download_is_known() -> None:
    (known,) = make_plan(parse_links(A), listed_file(), "/downloads").known
    assert (known.download_id, known.is_same_url) == (7, False)
    assert make_plan(parse_links(A), listed_file(), "/elsewhere").known == ()


def test_of_what_is_known_by_its_file_all_is_told_that_the_question_needs() -> None:
    links = parse_links(A)
    sizes = {"/downloads/A.iso": 5, "/downloads/a (1).iso": 9}
    finished = listed_file(status=Status.COMPLETED)
    (known,) = make_plan(links, finished, "/downloads", sizes.get).known
    assert known == KnownLink(
        links.links[0], 7, is_same_url=False, name="a.iso", new_name="a (2).iso", file_bytes=5
    )
    failed = listed_file(status=Status.FAILED, kept_bytes=3)
    (known,) = make_plan(links, failed, "/downloads", sizes.get).known
    assert known == KnownLink(links.links[0], 7, is_same_url=False, kept_bytes=3, name="a.iso")


@pytest.mark.parametrize(
    ("status", "kept_bytes", "offered"),
    [
        (Status.FAILED, 3, 3),
        (Status.FAILED, 0, 0),
        (Status.CANCELLED, 3, 3),
        (Status.CANCELLED, 0, None),
        (Status.PAUSED, 3, None),
    ],
)
def test_a_link_may_be_the_new_address_of_what_failed_or_left_something(
    status: Status, kept_bytes: int, offered: int | None
) -> None:
    listed = listed_file(status=status, kept_bytes=kept_bytes)
    (known,) = make_plan(parse_links(A), listed, "/downloads").known
    assert known.kept_bytes == offered


def test_of_the_first_file_on_the_disk_the_name_besides_is_told() -> None:
    plan = plan_of(f"{A}\n{B}", files=("/downloads/a.iso", "/downloads/b.iso"))
    assert plan.free_name == "a (1).iso"
    taken = listed_file(name="a (1).iso")
    sizes = {"/downloads/a.iso": 7}
    assert make_plan(parse_links(A), taken, "/downloads", sizes.get).free_name == "a (2).iso"


def test_the_folders_of_what_is_new_are_told_once_each_in_their_order() -> None:
    plan = plan_of(f"{A}\n  dir=sub\n{B}\n{C}\n  dir=sub\n{A2}\n  dir=/x", "https://x.example/y")
    assert plan.folders == ("/downloads/sub", "/downloads", "/x")


def test_a_name_that_is_typed_is_for_a_single_link() -> None:
    text = parse_links(f"{A}\n{B}")
    assert [link.name for link in make_plan(text, QueueIndex(), "/d", name="x").new] == [None, None]


def test_a_name_that_is_only_guessed_makes_no_duplicate() -> None:
    assert make_plan(parse_links(A), listed_file(total_bytes=None), "/downloads").new
    assert make_plan(
        parse_links(A), listed_file(total_bytes=None, finished_at=5.0), "/downloads"
    ).known
    for url in ("https://x.example/get?id=2", "https://x.example/a.php?id=2", "https://x.example"):
        guess = url.partition("?")[0].rpartition("/")[2]
        plan = make_plan(parse_links(url), listed_file(name=guess), "/downloads", lambda _: 1)
        assert [link.url for link in plan.new] == [url]
        plan = make_plan(parse_links(f"{url}\n  out=x"), listed_file(name="x"), "/downloads")
        assert plan.known


def test_unasked_only_links_of_the_list_are_left_out() -> None:
    sizes = {"/downloads/c.iso": 7}
    text = parse_links(f"{A}\n{B}\n{C}")
    plan = make_plan(text, listed_file(), "/downloads", sizes.get).unasked()
    assert plan.replaced_bytes == 0
    assert [link.url for link in plan.new] == [A, C]
    assert [known.link.url for known in plan.known] == [B]
    assert plan.outcome("a") == "Added 2, skipped 1"


def test_a_file_is_looked_for_where_it_will_be() -> None:
    files = ("/downloads/sub/x.iso",)
    assert plan_of(f"{A}\n  dir=sub\n  out=x.iso", files=files).existing
    assert plan_of(f"{A}\n  out=x.iso", files=files).new


def test_what_is_replaced_is_counted_in_bytes() -> None:
    finished = download(1, Status.COMPLETED, url=B, name="b (1).iso")
    sizes = {"/downloads/c.iso": 7, "/downloads/b (1).iso": 30, "/downloads/a.iso": 500}
    plan = make_plan(parse_links(f"{B}\n{C}"), QueueIndex([finished]), "/downloads", sizes.get)
    assert plan.replaced_bytes == 37
    gone = make_plan(parse_links(f"{B}"), QueueIndex([finished]), "/downloads", lambda _: None)
    assert gone.replaced_bytes == 0
    waiting = QueueIndex([finished._replace(status=Status.QUEUED)])
    assert make_plan(parse_links(B), waiting, "/downloads", sizes.get).replaced_bytes == 0


def asked(url: str, on_conflict: OnConflict) -> DownloadRequest:
    return DownloadRequest(url, "/downloads", on_conflict=on_conflict)


A2, A3 = "https://b.example/a.iso", "https://c.example/A.iso?x=1"


def test_a_file_that_several_links_lead_to_is_replaced_once() -> None:
    plan = plan_of(f"{A}\n{A2}", files=("/downloads/a.iso",))
    assert plan.total == "0 new, 2 duplicates"
    assert plan.replaced_bytes == 7
    assert plan.outcome("a", Duplicates.REPLACE) == "Added 1, replaced 1"
    assert plan.outcome("a", Duplicates.RENAME) == "Added 2"
    assert plan.outcome("a", Duplicates.SKIP) == "Nothing added: 2 are there already"
    over = wish_of(plan, HERE, Duplicates.REPLACE)
    assert over.new == (asked(A, OnConflict.OVERWRITE), asked(A2, OnConflict.RENAME))


def test_a_download_that_several_links_lead_to_is_replaced_once_by_its_own_address() -> None:
    finished = download(3, Status.COMPLETED, url=A, name="a.iso", total_bytes=7)
    sizes = {"/downloads/a.iso": 7}
    plan = make_plan(
        parse_links(f"{A2}\n{A}\n{A3}"), QueueIndex([finished]), "/downloads", sizes.get
    )
    assert [known.download_id for known in plan.known] == [3, 3, 3]
    assert plan.replaced_bytes == 7
    assert plan.outcome("a", Duplicates.REPLACE) == "Added 2, replaced 1"
    over = wish_of(plan, HERE, Duplicates.REPLACE)
    assert over.replaced == ((3, asked(A, OnConflict.OVERWRITE)),)
    assert over.new == (asked(A2, OnConflict.RENAME), asked(A3, OnConflict.RENAME))


def test_only_links_to_what_is_there_replace_it() -> None:
    plan = plan_of(f"{A}\n  out=x.iso\n{A}", files=("/downloads/a.iso",))
    over = wish_of(plan, HERE, Duplicates.REPLACE)
    assert [each.on_conflict for each in over.new] == [OnConflict.RENAME, OnConflict.OVERWRITE]


def test_only_repeats_are_no_question() -> None:
    assert not plan_of(f"{A}\n{A}").is_question


def test_a_link_whose_checksum_makes_no_sense_does_not_block_the_others() -> None:
    plan = plan_of(f"{A}\n  checksum=nonsense\n{B}")
    assert [link.url for link in plan.new] == [B]
    assert [(refused.line_no, refused.text) for refused in plan.refused] == [(1, A)]


def test_refused_lines_are_told_in_their_order_and_kept_as_they_were_typed() -> None:
    plan = plan_of(f"ftp://x.example/\n  out=x\n{A}\n  checksum=nonsense\nwords")
    assert [refused.line_no for refused in plan.refused] == [1, 3, 5]
    assert refused_text(plan) == f"ftp://x.example/\n  out=x\n{A}\nwords"


# What is said afterwards.


def test_the_outcome_counts_lines_that_were_refused_and_says_where_they_are() -> None:
    outcome = plan_of(f"{A}\nftp://c.example/x\nwords").outcome("f5")
    assert outcome == "Added 1, 2 lines not understood · f5 shows them"
    outcome = plan_of(f"{A}\n  bogus=1\n{A}\nwords").outcome("a")
    assert outcome.startswith("Added 1, skipped 1, 1 line not understood · a shows it · line 2: ")


def test_an_option_that_is_left_out_is_named() -> None:
    outcome = plan_of(f"{A}\n  bogus=1\n  other=2").outcome("a")
    assert outcome.startswith("Added 1 · line 2: ")
    assert outcome.endswith(" and 1 more")


@pytest.mark.parametrize(
    ("duplicates", "words"),
    [
        (Duplicates.SKIP, "Added 1, skipped 3"),
        (Duplicates.RENAME, "Added 3, skipped 1"),
        (Duplicates.REPLACE, "Added 1, replaced 2, skipped 1"),
    ],
)
def test_the_outcome_counts(duplicates: Duplicates, words: str) -> None:
    plan = plan_of(f"{A}\n{B}\n{C}\n{A}", B, files=("/downloads/c.iso",))
    assert plan.outcome("a", duplicates) == words


# The wishes.


def test_duplicates_are_skipped_added_again_or_replaced() -> None:
    plan = plan_of(f"{A}\n{B}\n{C}", B, files=("/downloads/c.iso",))
    options = AddOptions("/downloads", OnConflict.ASK)

    def request(url: str, on_conflict: OnConflict) -> DownloadRequest:
        return DownloadRequest(url, "/downloads", on_conflict=on_conflict)

    skip = wish_of(plan, options)
    assert (skip.new, skip.replaced) == ((request(A, OnConflict.ASK),), ())
    again = wish_of(plan, options, Duplicates.RENAME)
    assert again.new == (
        request(A, OnConflict.ASK),
        request(B, OnConflict.RENAME),
        request(C, OnConflict.RENAME),
    )
    over = wish_of(plan, options, Duplicates.REPLACE)
    assert over.new == (request(A, OnConflict.ASK), request(C, OnConflict.OVERWRITE))
    assert over.replaced == ((1, request(B, OnConflict.OVERWRITE)),)


def test_options_of_a_link_go_with_it() -> None:
    text = f"{A}\n  out=x.iso\n  dir=sub\n  header=A: b\n  split=4\n  max-download-limit=1M"
    text += "\n  all-proxy=p:1"
    (request,) = wish_of(plan_of(text), HERE).new
    assert request == DownloadRequest(
        A,
        "/downloads/sub",
        name="x.iso",
        headers=(("A", "b"),),
        connections=4,
        limit_bytes_per_s=1_000_000,
        proxy=Proxy("http://p:1"),
    )


def test_what_is_typed_for_all_outranks_what_a_link_brings() -> None:
    digest = "0" * 64
    options = AddOptions(
        "/data",
        OnConflict.SKIP,
        name="y.iso",
        checksum=f"sha256:{digest}",
        connections=2,
        limit_bytes_per_s=500,
        headers=(("a", "c"), ("D", "e")),
        credentials=("me", "pw"),
        proxy=DIRECT,
    )
    text = (
        f"{A}\n  out=x.iso\n  header=A: b\n  header=F: g\n  split=4\n  max-download-limit=1M\n"
        "  http-user=you\n  all-proxy=p:1\n  checksum=md5=" + "1" * 32
    )
    (request,) = wish_of(plan_of(text), options).new
    assert request == DownloadRequest(
        A,
        "/data",
        name="y.iso",
        headers=(("F", "g"), ("a", "c"), ("D", "e")),
        credentials=("me", "pw"),
        checksum=parse_checksum(f"sha-256={digest}"),
        on_conflict=OnConflict.SKIP,
        limit_bytes_per_s=500,
        connections=2,
        proxy=DIRECT,
    )


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "y.iso"},
        {"connections": 2},
        {"limit_bytes_per_s": 500},
        {"headers": (("D", "e"),)},
        {"credentials": ("me", "pw")},
        {"proxy": DIRECT},
        {"start_at": 5.0},
        {"checksum": f"sha256:{'0' * 64}"},
    ],
)
def test_what_is_typed_changes_that_alone(typed: dict[str, Any]) -> None:
    text = (
        f"{A}\n  out=x.iso\n  header=A: b\n  split=4\n  max-download-limit=1M\n"
        "  http-user=you\n  all-proxy=p:1\n  checksum=md5=" + "1" * 32
    )
    (own,) = wish_of(plan_of(text), HERE).new
    (request,) = wish_of(plan_of(text), replace(HERE, **typed)).new
    changes = typed | {"headers": own.headers + typed.get("headers", ())}
    if "checksum" in typed:
        changes["checksum"] = parse_checksum(typed["checksum"])
    assert request == replace(own, **changes)


def test_a_new_address_is_for_what_failed_and_the_rest_is_left_out() -> None:
    listed = QueueIndex(
        [
            download(7, Status.FAILED, url=B, name="a.iso", folder="/downloads"),
            download(8, url=C, folder="/downloads"),
        ]
    )
    plan = make_plan(parse_links(f"{A}\n{C}\nhttps://x.example/y"), listed, "/downloads")
    wish = wish_of(plan, HERE, Duplicates.RENEW)
    assert [(key, link.url) for key, link in wish.renewed] == [(7, A)]
    assert ([each.url for each in wish.new], wish.replaced) == (["https://x.example/y"], ())


def test_a_name_and_a_checksum_for_many_links_are_ignored() -> None:
    options = AddOptions("/downloads", OnConflict.RENAME, name="one.iso", checksum="nonsense")
    requests = wish_of(plan_of(f"{A}\n{B}"), options).new
    assert [(request.name, request.checksum) for request in requests] == [(None, None)] * 2


def test_secrets_are_not_in_the_words_of_a_plan() -> None:
    options = AddOptions(
        "/d", OnConflict.RENAME, headers=(("a", "s3cret"),), credentials=("", "s3cret")
    )
    plan = plan_of(f"curl -u me:s3cret -b 'a=s3cret' {A}")
    assert "s3cret" not in f"{options!r} {plan!r} {wish_of(plan, options)!r} {preview(f'{A}')}"


def test_an_address_that_stands_twice_is_two_files_when_they_go_to_two_places() -> None:
    text = f"{A}\n  out=one.iso\n{A}\n  out=two.iso\n{A}\n  dir=sub\n{A}\n  dir=sub"
    plan = plan_of(text)
    assert [(link.name, link.folder) for link in plan.new] == [
        ("one.iso", None), ("two.iso", None), (None, "sub"),
    ]  # fmt: skip
    assert len(plan.repeated) == 1


def test_an_address_that_is_in_the_list_is_asked_about_once() -> None:
    plan = plan_of(f"{A}\n{A}\n  out=file-1.bin\n{A}\n  dir=.", A)
    assert (len(plan.known), len(plan.repeated), plan.new) == (1, 2, ())


# The preview.


def test_what_needs_attention_stands_first() -> None:
    text = f"{A}\n{B}\n{C}\nftp://x.example/y\n  out=y\n{A}"
    assert preview(text, B, files=("/downloads/c.iso",), width=100) == [
        "✗ line 4: ftp:// is not supported, only http and https ftp://x.example/y out=y",
        "= b.iso already in list",
        "= c.iso file exists",
        "= a.iso twice in this text",
        "✓ a.iso a.example",
    ]


def test_neither_name_nor_facts_are_cut_where_the_other_leaves_room() -> None:
    name = "dataset-part-00001-of-00064.tar.zst"
    assert preview(f"https://h.example/{name}", width=70) == [f"✓ {name} h.example"]
    text = f"{A}\n  header=X-Token: 1\n  header=Cookie: a=b\n  http-user=me\n  http-passwd=pw"
    facts = "1 header · cookie *** · login *** · a.example"
    assert preview(text, width=70) == [f"✓ a.iso {facts}"]
    long = f"{'part-' * 20}.iso"
    (row,) = preview(f"https://{'host.' * 20}example/{long}", width=70)
    assert row.count("…") == 2


def test_the_name_shown_is_the_name_the_file_gets() -> None:
    note, row = preview(f"{A}\n  out=../../x.iso", width=100)
    assert note.startswith("! line 2: out is a name: the folders in it were left out")
    assert row == "✓ x.iso a.example"
    note, row = preview(f"curl -o ../../x.iso {A}")
    assert note == "! line 1: -o was left out: the file gets the name that its server gives it"
    assert row == "✓ a.iso a.example"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("my%20file%20%C3%BC.bin", "my file ü.bin"),
        ("x%2Fy.bin", "y.bin"),
        ("CON.txt", "_CON.txt"),
        ("%E2%80%AEgnp.exe", "gnp.exe"),
        ("get.php?id=5", "get.php"),
        ("dir/", "dir"),
        ("", "x.example"),
    ],
)
def test_a_name_is_shown_as_the_disk_will_have_it(path: str, name: str) -> None:
    assert preview(f"https://x.example/{path}") == [f"✓ {name} x.example"]


def test_of_one_name_the_second_and_third_show_the_names_they_get() -> None:
    files = ("/downloads/a (1).iso", "/downloads/sub/a.iso")
    text = f"{C}\n  out=a (2).iso\n{A}\n{A2}\n"
    assert preview(text, files=files) == [
        "✓ a (2).iso c.example", "✓ a.iso a.example", "✓ a (3).iso b.example",
    ]  # fmt: skip
    text = f"{A}\n{A2}\n{A3}\n{B}\n  out=a (3).iso\n{C}\n  dir=sub\n  out=A.iso"
    assert preview(text, files=files, width=100) == [
        "✓ a.iso a.example",
        "✓ a (2).iso b.example",
        "✓ A (3).iso c.example",
        "✓ a (3) (1).iso b.example",
        "✓ A.iso into sub · c.example",
    ]


def test_names_that_only_the_server_knows_get_no_number() -> None:
    text = "https://x.example/get?id=1\nhttps://x.example/get?id=2"
    assert preview(text) == ["✓ get x.example"] * 2


def test_a_line_without_a_link_is_shown_once() -> None:
    assert preview("http://") == ["✗ line 1: no host http://"]
    assert preview("http:///x") == ["✗ line 1: no host in http:///x"]
    assert preview("http://x:0/y") == ["✗ line 1: port 0 of http://x:0/y cannot be asked"]
    assert preview("just words") == ["✗ line 1: no link in it just words"]


def test_a_note_is_shown() -> None:
    assert preview(f"{A}\n  bogus=1")[0].startswith("! line 2: the option bogus is not known")


def test_what_a_link_brings_with_it_is_counted_and_secrets_are_masked() -> None:
    text = f"curl -H 'a: b' -H 'c: d' -b 'sid=s3cret' -u me:s3cret -k {A}"
    (row,) = [row for row in PreviewRows(plan_of(text)) if row.kind == "new"]
    assert row.note == "2 headers · cookie *** · login *** · any certificate · a.example"
    line = preview(f"{A}\t{B}\n  checksum=md5={'0' * 32}")[0]
    assert line == "✓ a.iso 1 mirror · checksum · a.example"
    assert preview(f"wget -P /data {A}") == ["✓ a.iso into /data · a.example"]


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ("-x p.example:3128", "via proxy p.example:3128"),
        ("-x p.example:3128 -U me:s3cret", "via proxy p.example:3128 with login ***"),
        ("-x ''", "via no proxy"),
    ],
)
def test_the_way_of_a_link_is_shown(options: str, note: str) -> None:
    assert preview(f"curl {options} {A}") == [f"✓ a.iso {note} · a.example"]


def test_a_proxy_typed_for_all_is_reason_enough_to_set_it() -> None:
    options = AddOptions("/downloads", OnConflict.RENAME, proxy=DIRECT)
    (request,) = wish_of(plan_of(A), options).new
    assert request.proxy == DIRECT


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[b]bold[b].iso", "[b]bold[b].iso"),
        ("[@click=app.quit]x.iso", "[@click=app.quit]x.iso"),
        ("a\x1b[31mb\x07.iso", "a[31mb.iso"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("文件名.iso", "文件名.iso"),
        ("e\u0301\u200b.iso", "\u00e9.iso"),
    ],
)
def test_names_are_shown_as_text(name: str, shown: str) -> None:
    assert preview(f"{A}\n  out={name}") == [f"✓ {shown} a.example"]


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_a_long_message_is_told_to_its_end(width: int) -> None:
    text = f"{A}\n  one-option=1\ncurl {B} -X POST 'more of the line'"
    refused, note, new = PreviewRows(plan_of(text))
    for row in (refused, note):
        lines = [text_of(line) for line in preview_lines(row, UNICODE, width)]
        assert " ".join(" ".join(lines).split())[2:].startswith(row.text)
        assert all(len(line) <= width for line in lines)
        assert len(lines) == 1 or all(line.startswith("   ") for line in lines[1:])
    assert preview_lines(new, UNICODE, width) == [preview_pieces(new, UNICODE, width)]


@pytest.mark.parametrize("width", [10, 24, 40, 80, 200])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_row_fits(width: int, glyphs: object) -> None:
    from rich.cells import cell_len

    text = f"{A}\n  out={'長' * 80}\n{B}\nftp://{'x' * 200}\n{C}\n  bogus=1"
    assert glyphs in (UNICODE, ASCII)
    for row in PreviewRows(plan_of(text, B)):
        chosen = UNICODE if glyphs is UNICODE else ASCII
        for line in preview_lines(row, chosen, width):
            assert cell_len(text_of(line)) <= width


# Completing a folder's name.


@pytest.mark.parametrize(
    ("typed", "longer"),
    [
        ("mu", "music/"),
        ("music", "music/"),
        ("v", "video-"),
        ("video-", "video-"),
        ("video-n", "video-new/"),
        ("music/", "music/albums/"),
        ("nothing", "nothing"),
        ("nowhere/x", "nowhere/x"),
        (".h", ".hidden/"),
        ("", ""),
        ("fi", "fi"),
        ("~", "~/"),
        ("~/mu", "~/music/"),
    ],
)
def test_a_folder_is_completed(
    typed: str,
    longer: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path_factory.mktemp("home")
    for name in ("music/albums", "video-new", "video-old", ".hidden"):
        (home / name).mkdir(parents=True)
    (home / "file.txt").touch()
    monkeypatch.setenv("HOME", str(home))
    assert completed(typed, str(home)).text == longer
    if not typed.startswith("~"):
        assert completed(f"{home}/{typed}", "/").text == f"{home}/{longer}"
