"""Files that stand for links: lists in several encodings, Metalinks, partials; and others."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tui_downloader.model.digests import YOU, Checksum
from tui_downloader.model.links.link import Link
from tui_downloader.model.passport import Passport
from tui_downloader.store import passports
from tui_downloader.store.list_files import LARGEST_BYTES, ListError, read_links, read_list

A, B = "https://a.example/a.iso", "https://b.example/b.iso"


def a_list(folder: Path, text: str | bytes = f"{A}\n  out=x.iso\n{B}\n") -> Path:
    path = folder / "my list.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def a_partial(folder: Path, *urls: str, boot_id: str = "b", source: str = "Metalink") -> str:
    part = str(folder / "film.mkv.part")
    digest = Checksum("sha-256", "0a" * 32, source)
    Path(part).write_bytes(b"x" * 10)
    done, durable = ((0, 10),), ((0, 4),)
    passport = Passport(urls, "film.mkv", 100, None, None, done, durable, digest, boot_id)
    passports.write(part, passport)
    return part


def test_a_line_that_names_a_list_stands_for_its_links(tmp_path: Path) -> None:
    path = a_list(tmp_path)
    parsed = read_links(f"https://c.example/c\n'{path}'\n")
    assert [link.url for link in parsed.links] == ["https://c.example/c", A, B]
    assert [link.line_no for link in parsed.links] == [1, 2, 2]
    assert (parsed.links[1].name, parsed.refused) == ("x.iso", ())


def test_a_list_is_found_however_the_terminal_writes_its_name(tmp_path: Path) -> None:
    path = str(a_list(tmp_path))
    for line in (path, f'"{path}"', path.replace(" ", "\\ "), f"file://{path.replace(' ', '%20')}"):
        assert len(read_links(line).links) == 2


def test_a_list_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    a_list(tmp_path)
    assert len(read_links("~/my list.txt").links) == 2


@pytest.mark.parametrize(
    "data",
    [
        f"\ufeff{A}\n{B}".encode(),
        f"{A}\r\n{B}".encode("utf-16"),
        f"# \xe4\n{A}\r{B}".encode("latin-1"),
    ],
    ids=["utf-8 with a mark", "utf-16", "latin-1"],
)
def test_lists_of_other_programs_are_decoded(tmp_path: Path, data: bytes) -> None:
    assert [link.url for link in read_list(str(a_list(tmp_path, data))).links] == [A, B]


def test_a_metalink_is_read(tmp_path: Path) -> None:
    path = a_list(
        tmp_path, f'<metalink><file name="a.iso"><url>{A}</url><url>{B}</url></file></metalink>'
    )
    assert read_list(str(path)).links == (Link(A, name="a.iso", mirrors=(B,)),)


def test_lines_of_a_list_without_a_link_are_noted_with_its_name(tmp_path: Path) -> None:
    path = a_list(tmp_path, f"{A}\nftp://x.example/\n  out=x\n")
    parsed = read_links(str(path))
    assert parsed.refused == ()
    assert parsed.notes == ("my list.txt: line 2: ftp:// is not supported, only http and https",)
    many = read_list(str(a_list(tmp_path, f"{A}\n" + "words\n" * 30)))
    assert (len(many.notes), many.notes[-1]) == (21, "10 more lines without a link")


def test_notes_of_a_list_stand_in_its_order(tmp_path: Path) -> None:
    path = a_list(tmp_path, f"words\n{A}\n  bogus=1\nftp://x.example/\n{B}\n  other=2\n")
    notes = read_list(str(path)).notes
    assert [note.partition(":")[0] for note in notes] == ["line 1", "line 3", "line 4", "line 6"]


def test_a_list_leads_to_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(B)
    parsed = read_links(str(a_list(tmp_path, f"{A}\n{secret}\nfile://{secret}\n")))
    assert [link.url for link in parsed.links] == [A]


def test_a_partial_goes_on_from_its_passport(tmp_path: Path) -> None:
    part = a_partial(tmp_path, A, B)
    wanted = Link(
        A,
        name="film.mkv",
        folder=str(tmp_path),
        checksum=f"sha-256={'0a' * 32}",
        checksum_source="Metalink",
        mirrors=(B,),
        done_bytes=4,  # the machine was restarted since: what was synced counts
        total_bytes=100,
    )
    assert read_links(part).links == (wanted,)
    assert read_links(f"{part}.json").links == (wanted,)


@pytest.mark.parametrize("source", ["Repr-Digest", "SHA256SUMS"])
def test_what_a_server_told_of_a_partial_is_not_what_the_user_asks_for(
    tmp_path: Path, source: str
) -> None:
    (link,) = read_links(a_partial(tmp_path, A, source=source)).links
    assert link.checksum is None


def test_a_partial_of_which_no_digest_is_known_goes_on(tmp_path: Path) -> None:
    part = a_partial(tmp_path, A)
    passport = passports.read(part)
    assert passport is not None
    passports.write(part, passport._replace(checksum=None))
    (link,) = read_links(part).links
    assert (link.url, link.checksum, link.checksum_source) == (A, None, YOU)


def test_what_is_here_of_a_partial_is_known(tmp_path: Path) -> None:
    part = a_partial(tmp_path, A, boot_id=passports.boot_id())
    assert read_list(part).links[0].done_bytes == 10
    os.truncate(part, 6)
    assert read_list(part).links[0].done_bytes == 6
    os.unlink(part)
    assert (read_list(part).links[0].done_bytes, read_list(part).links[0].total_bytes) == (0, 100)


def test_a_renamed_partial_keeps_its_new_name(tmp_path: Path) -> None:
    part = a_partial(tmp_path, A)
    for ending in ("", ".json"):
        os.rename(part + ending, str(tmp_path / f"other.part{ending}"))
    (link,) = read_list(str(tmp_path / "other.part")).links
    assert link.name == "other"


@pytest.mark.parametrize(
    ("passport", "reason"),
    [
        (None, "has no passport"),
        ("{", "is of no use: the passport is not whole"),
        ("no urls", "has no passport"),
        ("bad url", "is of no use: ftp:// is not supported"),
    ],
)
def test_a_partial_without_a_useful_passport_is_refused(
    tmp_path: Path, passport: str | None, reason: str
) -> None:
    part = a_partial(tmp_path, *{"bad url": ("ftp://x.example/",)}.get(passport or "", ()))
    if passport is None:
        os.unlink(f"{part}.json")
    elif passport == "{":
        Path(f"{part}.json").write_text("{")
    (refused,) = read_links(part).refused
    assert reason in refused.reason
    assert refused.text == part


def test_what_is_no_list_is_refused_with_words(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0https://a.example/x")
    torrent = b"d8:announce19:http://a.example/an4:infod6:lengthi5e4:name1:a6:pieces4:\xe9\x01abee"
    (tmp_path / "small.torrent").write_bytes(torrent)
    (tmp_path / "prose.txt").write_text("nothing here")
    (tmp_path / "large.txt").write_text(A)
    os.truncate(tmp_path / "large.txt", LARGEST_BYTES + 1)
    lines = {
        "missing.txt": "there is no file ",
        "": " is a folder, no file",
        "pipe": "pipe is a pipe, no file",
        "picture.png": "picture.png is no text file",
        "small.torrent": "small.torrent is a torrent: not supported, only http and https",
        "prose.txt": "no link in prose.txt",
        "large.txt": "is too large for a list of links",
        "a\0b": "not a possible name",
    }
    parsed = read_links("\n".join(f"{tmp_path}/{name}" for name in lines))
    for number, (refused, reason) in enumerate(zip(parsed.refused, lines.values(), strict=True), 1):
        assert reason in refused.reason
        assert refused.line_no == number


@pytest.mark.parametrize("like_a_torrent", ["d8: a note", "# 4:infod"])
def test_a_list_that_only_looks_like_a_torrent_is_one(tmp_path: Path, like_a_torrent: str) -> None:
    assert read_list(str(a_list(tmp_path, f"{like_a_torrent}\n{A}\n"))).links == (
        Link(A, line_no=2),
    )


def test_a_name_that_would_draw_on_the_terminal_is_shown_without_that(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mred.txt"
    path.write_text(f"{A}\nftp://b.example/\n")
    (note,) = read_links(str(path)).notes
    assert note.startswith("[31mred.txt: line 2: ")


@pytest.mark.parametrize("waits", [True, False])
def test_a_device_is_no_list_whoever_would_wait(waits: bool) -> None:
    with pytest.raises(ListError, match=r"^/dev/zero is a device, no file$"):
        read_list("/dev/zero", waits=waits)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def write_into(pipe: Path, data: bytes) -> threading.Thread:
    """Write into a pipe as soon as somebody reads it, until nobody does any more."""

    def write() -> None:
        with suppress(BrokenPipeError), open(pipe, "wb") as file:
            file.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_a_pipe_is_read_to_its_end_where_that_is_waited_for(pipe: Path) -> None:
    thread = write_into(pipe, f"{A}\n{B}\n".encode() + b"# more\n" * 20_000)
    assert [link.url for link in read_list(str(pipe), waits=True).links] == [A, B]
    thread.join()


def test_a_pipe_without_an_end_is_left(pipe: Path) -> None:
    thread = write_into(pipe, bytes(LARGEST_BYTES + 100_000))
    with pytest.raises(ListError, match="is too large for a list of links"):
        read_list(str(pipe), waits=True)
    thread.join()


def test_a_pipe_that_a_text_names_holds_nobody_up(pipe: Path) -> None:
    """Nobody is at its other end."""
    (refused,) = read_links(str(pipe)).refused
    assert refused.reason.endswith(" is a pipe, no file")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ListError, match=r"cannot read .*: Not a directory$"):
        read_list(f"{a_list(tmp_path)}/x")
