"""The log file: rotating, for the user alone, without secrets."""

from __future__ import annotations

import io
import logging
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_downloader.cli.log import tell_faults
from tui_downloader.cli.log_file import open_log


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The program's logger, as it is before anything was opened."""
    logger = logging.getLogger("tui_downloader")
    before = (logger.handlers[:], logger.level, logger.propagate)
    logger.handlers.clear()
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture
def log(logger: logging.Logger, tmp_path: Path) -> Path:
    """The file that the program's logger writes to."""
    path = tmp_path / "tui-downloader.log"
    open_log(path)
    return path


def logged(path: Path, message: str, *values: object) -> str:
    """Log a line and return what is in the file."""
    logging.getLogger("tui_downloader.engine").info(message, *values)
    return path.read_text(encoding="utf-8")


def test_the_file_comes_with_its_first_line(log: Path) -> None:
    assert not log.exists()
    line = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO begun ü\n"
    assert re.fullmatch(line, logged(log, "begun %s", "ü"))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
def test_what_cannot_be_logged_is_not_written_over_the_screen(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    open_log(Path("/dev/full"))
    logger.info("begun")
    assert capsys.readouterr() == ("", "")
    (handler,) = logger.handlers
    logger.removeHandler(handler)
    with pytest.raises(OSError, match="No space left"):  # as when the program ends, which goes on
        handler.close()


def test_it_goes_on_where_it_was(log: Path) -> None:
    log.write_text("earlier\n")
    log.chmod(0o600)
    assert logged(log, "later").startswith("earlier\n")


def test_what_was_deleted_is_made_again(log: Path) -> None:
    logged(log, "before")
    shutil.rmtree(log.parent)
    assert logged(log, "after").endswith(" INFO after\n")
    log.unlink()
    assert logged(log, "at last").endswith(" INFO at last\n")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_nothing_goes_elsewhere(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("tui_downloader").warning("x")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "message",
    [
        "GET https://user:S3CRET@host.example/x",
        "GET https://user:p@S3CRET@host.example/x",
        "GET https://S3CRET@host.example/x",
        "two: https://u:S3CRET@a.example https://u:S3CRET@b.example/x",
        "proxy http://u:S3CRET@proxy.example:3128",
        "Authorization: Basic S3CRET",
        "proxy-authorization: S3CRET",
        "{'Authorization': 'Basic S3CRET', 'Cookie': 'a=S3CRET'}",
        "Cookie: a=S3CRET; b=S3CRET",
        "Set-Cookie: a=S3CRET",
        "('cookie', 'a=S3CRET')",
        "GET https://host.example/x?a=b&X-Amz-Signature=S3CRET",
        "GET https://host.example/x?access_token=S3CRET&a=b",
    ],
)
def test_no_secret_is_written(log: Path, message: str) -> None:
    assert "S3CRET" not in logged(log, message)
    assert "S3CRET" not in logged(log, "%s", message)


def test_what_is_no_secret_stays(log: Path) -> None:
    text = logged(log, "https://user:pw@host.example/a@b?mail=x@y.example authorized")
    assert "https://***@host.example/a@b?mail=x@y.example authorized\n" in text
    assert "https://host.example/?mail=a@b" in logged(log, "https://host.example/?mail=a@b")


def test_a_traceback_has_no_secret_either(log: Path) -> None:
    error = ValueError("https://user:S3CRET@host.example/x")
    logging.getLogger("tui_downloader").error("it broke", exc_info=error)
    text = log.read_text()
    assert text.endswith("it broke\nValueError: https://***@host.example/x\n")
    assert "S3CRET" not in text


def test_it_is_bounded_and_its_older_files_are_private_too(log: Path) -> None:
    for _ in range(60):
        logging.getLogger("tui_downloader").info("x" * 100_000)
    files = sorted(path.name for path in log.parent.iterdir())
    assert files == [log.name, *(f"{log.name}.{n}" for n in (1, 2, 3))]
    assert {stat.S_IMODE(path.stat().st_mode) for path in log.parent.iterdir()} == {0o600}
    assert sum(path.stat().st_size for path in log.parent.iterdir()) < 4_500_000


def test_without_a_file_only_faults_of_the_program_are_told(logger: logging.Logger) -> None:
    told = io.StringIO()
    tell_faults(told)
    logger.info("begun")
    logger.warning("download 1 failed: 404 not found")
    logger.error("it broke", exc_info=ValueError("https://user:S3CRET@host.example/x"))
    assert told.getvalue() == "it broke\nValueError: https://***@host.example/x\n"
