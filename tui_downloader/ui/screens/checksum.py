"""The dialog that sets a download's checksum, or checks a finished file again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from tui_downloader.model.digests import Checksum
from tui_downloader.ui.adding.editing import read_digest
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.widgets.box import Box

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ChecksumWish(NamedTuple):
    """The checksum that the file must have from now on; None for none."""

    checksum: Checksum | None


class ChecksumScreen(Dialog[ChecksumWish | None]):
    """Returns the wanted checksum, None when nothing changes.

    Args:
        name: the file's name, cleaned.
        expected: what it must have now.
        computed: what was found the last time, "" for never.
        title: stands above it.
        is_finished: the file is here, and is checked at once.
    """

    CSS_PATH = "field.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Where whole digests have no room beside the field.
        Binding("up", "scroll_box(-1)", show=False),
        Binding("down", "scroll_box(1)", show=False),
        Binding("pageup", "scroll_box(-4)", show=False),
        Binding("pagedown", "scroll_box(4)", show=False),
    ]

    def __init__(
        self,
        name: str,
        expected: Checksum | None,
        computed: str,
        *,
        title: str,
        is_finished: bool,
    ) -> None:
        super().__init__()
        self._file = name
        self._expected = expected
        self._computed = computed
        self._heading = title
        self._is_finished = is_finished

    def compose(self) -> ComposeResult:
        what = "enter checks the file now" if self._is_finished else "checked when it is complete"
        given = self._expected
        value = "" if given is None else f"{given.algorithm}={given.hexdigest}"
        with Box("field-box", self._heading, f"{what} · esc back", "enter takes it · esc back"):
            yield Static(self._file, classes="line", markup=False)
            if given is not None:
                told = f"expected by {given.source} {value}"
                yield Static(told, classes="line old whole", markup=False)
            if self._computed:
                told = f"found {self._computed}"
                yield Static(told, classes="line old whole", markup=False)
            words = "sha-256=9f86…, or only the digits"
            yield Input(value, placeholder=words, id="field", compact=True)
            yield Static("", id="field-problem", markup=False)

    def on_mount(self) -> None:
        """Show the beginning of a text longer than the field, selected: typing replaces it."""
        field = self.query_one("#field", Input)
        field.selection = Selection(len(field.value), 0)

    def action_scroll_box(self, rows: int) -> None:
        """Show what is above or below."""
        self.query_one("#field-box").scroll_relative(y=rows, animate=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        problem = self.query_one("#field-problem", Static)
        try:
            checksum = read_digest(event.value)
        except ValueError as error:
            problem.update(str(error))
            problem.set_class(True, "-error")
        else:
            problem.update("nothing is checked" if checksum is None else checksum.algorithm)
            problem.set_class(False, "-error")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            checksum = read_digest(event.value)
        except ValueError:
            return  # it says so already
        before = self._expected
        if checksum is not None and before is not None and checksum.hexdigest == before.hexdigest:
            checksum = before  # it keeps its source
        self.dismiss(ChecksumWish(checksum))
