"""What a pasted text means: the links in it, and the lines that hold none.

One address a line, many lines, several in a line, text around them, Markdown, HTML, Metalink,
quotes and brackets; commands of curl, wget and aria2c, calls of fetch; blank lines and `#`
comments; TAB between mirrors of one file; indented `option=value` lines that belong to the line
above, as in aria2's input files; and, where files may be read, paths of lists. An address is kept
exactly as given.
"""

from __future__ import annotations

import re
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import EXCERPT, check_url, is_magnet, unwrapped
from tui_downloader.model.links.command_lines import Command, read_command
from tui_downloader.model.links.fetch_calls import read_fetch
from tui_downloader.model.links.file_names import file_paths
from tui_downloader.model.links.found_addresses import addresses_in, is_address
from tui_downloader.model.links.html_links import HtmlLinks, html_lines
from tui_downloader.model.links.link import Link, NamedFile, ParsedLinks, Refused, link_to
from tui_downloader.model.links.link_options import (
    folders_left_out,
    option_in,
    with_option,
)
from tui_downloader.model.links.markdown_links import take_markdown
from tui_downloader.model.links.metalink import is_metalink, parse_metalink
from tui_downloader.model.links.proxy_options import PROXY_OPTIONS, ProxyOption, with_proxies
from tui_downloader.model.text import LINE_ENDS, clean, strip_userinfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_BARE_SCHEME = re.compile(r"https?:/{1,2}", re.IGNORECASE)
_LINES_NAMED = 3


def parse_links(text: str, *, takes_files: bool = False) -> ParsedLinks:
    """Read a text; see the module's docstring.

    Args:
        takes_files: a line may be the path of a file on this machine.
    """
    text = LINE_ENDS.sub("\n", text)
    if is_metalink(text):
        return parse_metalink(text)
    return _Reader(text, takes_files=takes_files).read()


class _Reader:
    """Reads a text from its first line to its last."""

    def __init__(self, text: str, *, takes_files: bool) -> None:
        self._text = text
        self._html, self._html_lines = HtmlLinks(), html_lines(text)
        self._takes_files = takes_files
        self._line_no = 0
        self._links: list[Link] = []
        self._refused: list[Refused] = []
        self._notes: list[tuple[int, str]] = []  # what was left out, with its line
        # Of links by their positions: which of them counts is known once all are read.
        self._proxies: dict[int, list[ProxyOption]] = {}
        self._files: list[NamedFile] = []
        # What indented options belong to: the last link, the line that was refused, or nothing.
        self._above: Link | Refused | None = None

    def read(self) -> ParsedLinks:
        """Return everything that was found."""
        position = 0
        while position <= len(self._text):
            self._line_no += 1
            end = self._text.find("\n", position)
            end = len(self._text) if end < 0 else end
            line = self._text[position:end]
            if not line.strip() or line.lstrip().startswith("#"):
                position = end + 1
            else:
                position = self._take_from(position, line)
        for index, options in self._proxies.items():
            self._links[index] = with_proxies(self._links[index], options, self._left_out)
        notes = (*_told_once(sorted(self._notes, key=itemgetter(0))), *self._html.notes)
        return ParsedLinks(tuple(self._links), tuple(self._refused), notes, tuple(self._files))

    def _take_from(self, position: int, line: str) -> int:
        """Take a line, or what begins with it; return where the next line begins."""
        next_line = position + len(line) + 1
        if self._takes_option(line):
            return next_line
        command_end = self._take_command(position)
        if command_end is not None:
            return command_end
        if position in self._html_lines:
            return self._take_html(position, self._html_lines[position])
        self._take_line(line)
        return next_line

    def _take_html(self, start: int, end: int) -> int:
        links, refused = self._html.take(self._text[start:end], self._line_no)
        self._links += links
        self._refused += refused
        self._above = links[-1] if links else None
        self._line_no += self._text.count("\n", start, end - 1)
        return end

    def _takes_option(self, line: str) -> bool:
        """Give an indented option to what stands above it."""
        option = option_in(line)
        if option is None or self._above is None:
            return False
        name, value = option
        if isinstance(self._above, Refused):
            above = self._refused.pop()
            self._above = Refused(above.line_no, f"{above.text}\n{line}", above.reason)
            self._refused.append(self._above)
            return True
        if name in PROXY_OPTIONS:
            options = self._proxies.setdefault(len(self._links) - 1, [])
            options.append(ProxyOption(name, value, line_no=self._line_no))
            return True
        try:
            self._links[-1] = with_option(self._links[-1], name, value)
            problem = folders_left_out(name, value)
        except ValueError as error:
            problem = str(error)
        if problem:
            self._notes.append((self._line_no, problem))
        return True

    def _left_out(self, option: ProxyOption, words: str) -> None:
        self._notes.append((option.line_no, words))

    def _take_command(self, start: int) -> int | None:
        """Read the commands that begin here; return where the next line begins, else None."""
        first_line, position = self._line_no, start
        while (command := _read_command(self._text, position, self._line_no)) is not None:
            self._take(command, self._text[position : command.end].strip())
            position = command.end
            self._line_no = first_line + self._text.count("\n", start, position)
        if position == start:
            return None
        if self._text[position - 1] == "\n":
            self._line_no -= 1
            return position
        # Behind a pipe or `&&` something else is done with the file.
        line_end = self._text.find("\n", position)
        return len(self._text) + 1 if line_end < 0 else line_end + 1

    def _take(self, command: Command, written: str) -> None:
        self._links += command.links
        self._notes += [(self._line_no, note) for note in command.notes]
        self._above = command.links[-1] if command.links else None
        if command.reason:
            self._refuse(written, command.reason)

    def _take_line(self, line: str) -> None:
        found, reason = self._found_in(line)
        self._above = found[-1] if found else None
        self._links += found
        paths = () if found or not self._takes_files else file_paths(line)
        self._files += [NamedFile(self._line_no, path) for path in paths]
        if not paths and reason:
            self._refuse(line.strip(), reason)

    def _refuse(self, text: str, reason: str) -> None:
        refused = Refused(self._line_no, text, reason)
        self._refused.append(refused)
        self._above = self._above or refused

    def _found_in(self, line: str) -> tuple[list[Link], str]:
        """Return the links of a line, and why it has none or not all are usable."""
        fields = [part.strip() for part in line.split("\t") if part.strip()]
        if len(fields) > 1 and all(is_address(part) for part in fields):
            return self._mirrored(fields)
        targets, rest = take_markdown(line)
        links = []
        reason = ""
        for url in (*targets, *addresses_in(rest)):
            try:
                check_url(url)
            except UrlError as error:
                reason = reason or error.message
            else:
                links.append(link_to(url, self._line_no))
        if not links and not reason:
            reason = _why_no_link(line)
        return links, reason

    def _mirrored(self, urls: list[str]) -> tuple[list[Link], str]:
        """Return the link of a line of mirrors; those that cannot be asked are noted."""
        usable, problems = [], []
        for url in urls:
            try:
                check_url(url)
            except UrlError as error:
                problems.append(error.message)
            else:
                usable.append(url)
        if not usable:
            return [], problems[0]
        self._notes += [(self._line_no, problem) for problem in problems]
        mirrors = tuple(strip_userinfo(url)[0] for url in usable[1:])
        return [replace(link_to(usable[0], self._line_no), mirrors=mirrors)], ""


def _read_command(text: str, start: int, line_no: int) -> Command | None:
    """Read the command, or the call of `fetch`, that begins there."""
    return read_command(text, start, line_no) or read_fetch(text, start, line_no)


def _told_once(notes: list[tuple[int, str]]) -> Iterator[str]:
    """Say what is to be said of lines; what is the same for several, once."""
    lines_of: dict[str, list[int]] = {}
    for line_no, note in notes:
        lines_of.setdefault(note, []).append(line_no)
    return (f"{_lines(numbers)}: {note}" for note, numbers in lines_of.items())


def _lines(numbers: list[int]) -> str:
    """ "line 4", "lines 2, 4 and 6" or "lines 2, 4, 6 and 9997 more"."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    *named, last = map(str, numbers[:_LINES_NAMED])
    if len(numbers) > _LINES_NAMED:
        named, last = [*named, last], f"{len(numbers) - _LINES_NAMED} more"
    return f"lines {', '.join(named)} and {last}"


def _why_no_link(line: str) -> str:
    if is_magnet(line):
        return "magnet: is not supported, only http and https"
    if _BARE_SCHEME.fullmatch(unwrapped(line)):
        return "no host"
    return f"no link in it: {clean(line.strip(), EXCERPT)}"
