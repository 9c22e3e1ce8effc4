"""Writing to a terminal or pipe that may stop reading or go away."""

from __future__ import annotations

import io
import os
import threading

from tui_downloader.runs.patient_file import PatientFile


class Stopped(io.StringIO):
    """A terminal that takes nothing until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()
        self.taken: list[str] = []

    def write(self, text: str) -> int:
        assert self.release.wait(10)
        self.taken.append(text)
        return len(text)


class Gone(io.StringIO):
    """A terminal that was closed."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_writing_to_a_stopped_terminal_does_not_block() -> None:
    terminal = Stopped()
    file = PatientFile(terminal)
    for number in range(100):
        file.write(str(number))
    assert file.waiting_writes == 100
    terminal.release.set()
    file.close()
    assert terminal.taken == [str(number) for number in range(100)]
    assert file.waiting_writes == 0


def test_a_terminal_that_is_gone_is_given_up() -> None:
    lost = threading.Event()
    file = PatientFile(Gone(), lost.set)
    for _ in range(100):
        file.write("x")
    assert lost.wait(10)
    file.close()
    assert file.waiting_writes == 0
    assert isinstance(file.problem, OSError)


def test_what_was_written_is_handed_on_at_once() -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="utf-8") as pipe, open(reading, "rb", buffering=0) as reader:
        file = PatientFile(pipe)
        file.write("a line that ends later")
        assert reader.read(100) == b"a line that ends later"
        file.close()


def test_a_reader_may_be_given_all_the_time_it_takes() -> None:
    terminal = Stopped()
    file = PatientFile(terminal)
    file.write("x")
    file.close(patience_s=0.01)
    assert terminal.taken == []
    terminal.release.set()
    file.close(patience_s=None)
    assert terminal.taken == ["x"]
