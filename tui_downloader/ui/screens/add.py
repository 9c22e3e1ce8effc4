"""The dialog that adds links: a box, a preview of each line, and fields for all links."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static, TextArea

from tui_downloader.model.text import clean
from tui_downloader.store.folders import problem_with_folder
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.adding.add_plan import Duplicates, Plan
from tui_downloader.ui.adding.add_question import choices_of, question_of
from tui_downloader.ui.adding.adding import AddOptions, request_of
from tui_downloader.ui.adding.editing import FieldError
from tui_downloader.ui.adding.link_sizes import LinkSizes
from tui_downloader.ui.adding.preview_rows import PreviewRows
from tui_downloader.ui.background import begin, in_thread, is_closed, told_when_slow
from tui_downloader.ui.screens.ask import AskScreen
from tui_downloader.ui.screens.form import Form
from tui_downloader.ui.widgets.add_fields import AddFields
from tui_downloader.ui.widgets.box import Box
from tui_downloader.ui.widgets.link_box import LinkBox
from tui_downloader.ui.widgets.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import Paste
    from textual.timer import Timer
    from textual.worker import Worker

    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.view.glyphs import Glyphs

_PREVIEW_AFTER_S = 0.15
_OFFER = "links, one a line; or a curl command, or the path of a list"
_HINTS = (
    "{enter}{key} adds · F3 sizes · ctrl+o more · tab move · esc close",
    "{enter}{key} adds · F3 sizes · ctrl+o more · esc close",
    "{key} adds · F3 sizes · ctrl+o more · esc close",
    "{key} adds · ctrl+o more · esc close",
    "{key} adds · ctrl+o more",
)
# What enter does in what does not add by it.
_ENTER = {
    "links": "enter begins a line · ",
    "headers": "enter begins a line · ",
}
_LEADS = "enter goes there · "
_WITHOUT_TEXT = ("preview", "add-button")  # where a letter is not typed
# The keys that go from somewhere to what is in the list.
_WAYS = {"links": "tab, {enter}", "preview": "{enter}", "add-button": "shift+tab, {enter}"}


class AddParts(NamedTuple):
    """What the dialog works with.

    Attributes:
        options: what the fields hold at first.
        last_folders: folders used before, absolute, the latest first.
        judge: tells what adding a text would do, with a folder, and with a name for a single link
            or ""; it blocks and runs in a thread.
        add: is given the plan; it keeps the lines that are no links for the next time.
        go_to: highlights a download of the list.
        size_of: asks a server how many bytes a file has; None when it does not say.
        figures, glyphs: how numbers are written, and what is drawn with.
    """

    options: AddOptions
    last_folders: Sequence[str]
    judge: Callable[[], Callable[[str, str, str], Plan]]
    add: Callable[[Plan, AddOptions, Duplicates], None]
    go_to: Callable[[int], None]
    size_of: Callable[[DownloadRequest], Awaitable[int | None]]
    figures: Figures
    glyphs: Glyphs


class AddScreen(Form[str]):
    """Asks for links; returns the text to keep for the next time.

    Args:
        text: what the box holds at first.
        is_pasted: it was pasted just now, and enter adds it.
    """

    CSS_PATH = "add.tcss"
    AUTO_FOCUS = "#links"
    BINDINGS: ClassVar = [
        Binding("f3", "sizes", "Sizes", show=False, priority=True),
        Binding("ctrl+o", "more", "More", show=False, priority=True),
        Binding("u", "renew", "New URL", show=False),  # where it is not typed
    ]

    def __init__(self, text: str, parts: AddParts, *, is_pasted: bool = False) -> None:
        super().__init__()
        self._to_show: str | None = text  # until the box has it
        self._is_pasted = is_pasted
        self._parts = parts
        self._timer: Timer | None = None
        self._adding: Worker[None] | None = None
        self._shown: Plan | None = None
        self._sizes = LinkSizes(parts.size_of, parts.figures)

    def compose(self) -> ComposeResult:
        with Box("add", "Add downloads"):
            yield LinkBox("links", _OFFER)
            yield Preview("preview", self._parts.glyphs)
            yield Static("", id="total", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Add  F2", variant="primary", id="add-button", compact=True)

    def on_mount(self) -> None:
        if self._is_pasted:
            self.set_focus(self.query_one("#add-button"))
        # Before its size is known, the box would lay thousands of lines out several times.
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        if self._to_show is not None and not is_closed(self):
            self._box.show(self._to_show, from_top=self._is_pasted)
            self._to_show = None
            self._look()

    @property
    def text(self) -> str:
        """What is in the box, or will be in a moment."""
        return self._box.text if self._to_show is None else self._to_show

    @property
    def is_opening_field(self) -> bool:
        """The box would lose what is typed into it: its text is not there yet, or just added."""
        return self._to_show is not None or self._is_adding

    @property
    def _is_adding(self) -> bool:
        return self._adding is not None and not self._adding.is_finished

    def on_descendant_focus(self) -> None:
        self._tell_keys()
        self._show_rows()

    @on(Preview.Highlighted)
    def _tell_keys(self) -> None:
        """Show which key adds, and what enter does where it does not add."""
        leads = self.query_one(Preview).leads_somewhere
        enter = _LEADS if leads else _ENTER.get(self._focused_id, "")
        key = "F2" if enter else "enter"
        self._box_around.tell(*(hint.format(key=key, enter=enter) for hint in _HINTS))

    def _show_rows(self) -> None:
        """Show what becomes of each link, and the keys that go to downloads in the list."""
        if self._shown is not None:
            way = _WAYS.get(self._focused_id, "").format(enter=self._parts.glyphs.enter)
            is_offered = self._shown.is_renewal and self._focused_id in _WITHOUT_TEXT
            key = "u new URL" if is_offered else "F2 asks"
            proxy = None if self._fields is None else self._fields.proxy
            dot, words = self._parts.glyphs.dot, self._sizes.words
            rows = PreviewRows(self._shown, way, dot, words, key, proxy)
            self.query_one(Preview).show_rows(rows)

    @property
    def _focused_id(self) -> str:
        return (self.focused is not None and self.focused.id) or ""

    @property
    def takes_lines(self) -> bool:
        """Pasted lines go to the box and press no button."""
        return isinstance(self.focused, Button)

    @property
    def _box(self) -> LinkBox:
        return self.query_one("#links", LinkBox)

    @property
    def _fields(self) -> AddFields | None:
        """The fields, once they were asked for."""
        return next((fields for fields in self.query(AddFields) if fields.is_composed), None)

    @property
    def _folder(self) -> str:
        return self._parts.options.folder if self._fields is None else self._fields.folder

    def on_paste(self, event: Paste) -> None:
        """A paste that no field took goes into the box."""
        event.stop()
        self._box.append(event.text)

    # The preview.

    @on(TextArea.Changed, "#links")
    @on(Input.Changed)
    def _typed(self) -> None:
        self._stop_timer()
        self._timer = self.set_timer(_PREVIEW_AFTER_S, self._look)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    def _look(self) -> None:
        # It would stop what adds the links now, and hide what that has to say.
        if not self._is_adding:
            begin(self, self._preview, group="judge", exclusive=True)

    async def _preview(self) -> None:
        plan = await self._plan()
        if plan is not None:
            self._show(plan)

    def _show(self, plan: Plan) -> None:
        self._shown = plan
        self._show_rows()
        if self._fields is not None:
            self._fields.for_links(plan.links)
        self._say_total(plan)

    def _say_total(self, plan: Plan) -> None:
        told = self._parts.glyphs.dot.join(filter(None, (plan.total, self._sizes.total(plan.new))))
        first, *others = plan.folders or (self._folder,)
        folder = clean(short_folder(first)) + (f" and {len(others)} more" if others else "")
        self._say(f"{told} {self._parts.glyphs.arrow} {folder}")

    async def _plan(self) -> Plan | None:
        """Plan in a thread, as the text may be long; None when the dialog was closed meanwhile."""
        if is_closed(self):
            return None
        name = "" if self._fields is None else self._fields.file_name
        looking = in_thread(self._parts.judge(), self._box.text, self._folder, name)
        plan = await told_when_slow(looking, partial(self._say, "reading…"))
        return None if is_closed(self) else plan

    def _say(self, text: str, *, is_error: bool = False) -> None:
        if is_closed(self):
            return
        total = self.query_one("#total", Static)
        total.set_class(is_error, "-error")
        total.update(text)

    @on(Preview.Chosen)
    def _chosen(self, event: Preview.Chosen) -> None:
        """Go to what a row is about, in the list or in the box; new links have nothing to go to."""
        event.stop()
        row = self.query_one(Preview).row(event.index)
        if row.download_id is not None:
            self.action_back()
            self._parts.go_to(row.download_id)
        elif row.line_no:
            self._box.focus()
            self._box.go_to_line(row.line_no)
        else:
            self.action_submit()

    # Sizes.

    def action_sizes(self) -> None:
        """Ask the servers how large the new links are."""
        begin(self, self._look_at_sizes, group="sizes", exclusive=True)

    async def _look_at_sizes(self) -> None:
        plan = await self._plan()
        if plan is None:
            return
        self._show(plan)
        options = self._options()
        if options is not None:
            await self._sizes.look(plan.new, partial(request_of, options=options), self._tell_sizes)

    def _tell_sizes(self) -> None:
        if self._shown is not None and not is_closed(self):
            self._show_rows()
            self._say_total(self._shown)

    # Adding.

    def action_submit(self) -> None:
        """Add what is valid."""
        self._stop_timer()
        self._adding = begin(self, self._add_valid, group="judge", exclusive=True)

    def action_renew(self) -> None:
        """Take the links as new addresses of failed downloads, as their rows offer."""
        if self._shown is not None and self._shown.is_renewal:
            self._stop_timer()
            add = partial(self._add_valid, is_renewal=True)
            self._adding = begin(self, add, group="judge", exclusive=True)

    async def _add_valid(self, *, is_renewal: bool = False) -> None:
        plan = await self._plan()
        if plan is None:
            return
        # Nothing looks at the text again when it is not added, for a field or a question.
        self._show(plan)
        options = self._options()
        if options is None or not await self._can_go_to(options.folder):
            return
        if is_renewal and plan.is_renewal:
            self._add(plan, options, Duplicates.RENEW)
        elif plan.is_question:
            self._ask(plan, options)
        elif plan.new:
            self._add(plan, options, Duplicates.SKIP)
        else:
            self._say("nothing new to add", is_error=True)

    async def _can_go_to(self, folder: str) -> bool:
        """Tell whether files can be put into the typed folder; show an error when they cannot."""
        if folder == self._parts.options.folder:
            return True
        problem = await in_thread(problem_with_folder, folder)
        if problem and not is_closed(self):
            self._complain(FieldError("folder", problem))
        return not problem and not is_closed(self)

    def _options(self) -> AddOptions | None:
        """The options for all links; None, with an error shown, when a field is invalid."""
        try:
            return self._parts.options if self._fields is None else self._fields.options()
        except FieldError as error:
            self._complain(error)
            return None

    def _complain(self, error: FieldError) -> None:
        self._say(str(error), is_error=True)
        self._show_fields(is_shown=True)
        self.query_one(f"#{error.field}").focus()

    def _ask(self, plan: Plan, options: AddOptions) -> None:
        """Ask once what to do with all links that exist already."""
        question = question_of(plan, self._parts.figures)
        answered = partial(self._answered, plan, options)
        self.app.push_screen(AskScreen(question, choices_of(plan)), answered)

    def _answered(self, plan: Plan, options: AddOptions, answer: str | None) -> None:
        if answer is None:
            return
        self._add(plan, options, Duplicates(answer))

    def _add(self, plan: Plan, options: AddOptions, duplicates: Duplicates) -> None:
        self._parts.add(plan, options, duplicates)
        self.dismiss("")

    # The fields behind "More".

    @property
    def _box_around(self) -> Box:
        return self.query_one("#add", Box)

    async def action_more(self) -> None:
        """Show or hide the fields."""
        if found := self.query(AddFields):
            self._show_fields(is_shown=not found.first().display)
        else:
            with self.app.batch_update():
                self._show_fields(is_shown=True)
                await self._make_fields()
            if is_closed(self):
                return
        if self.query_one(AddFields).display:
            self.query_one("#folder").focus()
        else:
            self._box.focus()

    def _show_fields(self, *, is_shown: bool) -> None:
        """Let the fields come or go; by a class of the box, all in it would get its styles anew."""
        self.query(AddFields).set(display=is_shown)
        self.query_one(Preview).set_class(is_shown, "-beside-fields")

    async def _make_fields(self) -> None:
        """Create the fields when they are first needed; most links need none of them."""
        parts = self._parts
        fields = AddFields("more", parts.options, parts.last_folders, parts.figures.rate)
        await self._box_around.mount(fields, before="#buttons")
        if not is_closed(self):
            self._look()

    def action_back(self) -> None:
        """Close and keep the text for the next time."""
        self.dismiss(self.text)
