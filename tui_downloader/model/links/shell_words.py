"""Words of a command as a shell would hand them to a program: bash, PowerShell and cmd quoting.

Only what copied commands hold: quotes, escapes, lines that go on. Nothing is expanded, and no
variable is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A command is looked for within so many characters: a quote that nobody closes ends somewhere.
LONGEST_COMMAND = 100_000
_BASH = re.compile(
    r"""
      (?P<blank> [ \t]+ | [\\`]\n )          # a line may go on in the next one
    | (?P<end> \n | (?:&&|\|\||[;&|])(?=\s|\Z) | \Z )
    | '(?P<single> [^']* )'
    | \$'(?P<ansi> (?: [^'\\] | \\. )*+ )'
    | \$?"(?P<double> (?: [^"\\] | \\. )*+ )"
    | \\(?P<escaped> . )
    | (?P<to> [>]{1,2} )
    | (?P<open> ['"] )                       # never closed
    | (?P<plain> [^\s'"\\;&|>`$]+ | . )
    """,
    re.DOTALL | re.VERBOSE,
)
# What Windows' cmd leaves of carets and what a program's start-up code makes of quotes, at once.
_CMD = re.compile(
    r"""
      \^\n(?P<newline> \n )                  # inside quotes
    | (?P<blank> [ \t]+ | \^\n )
    | (?P<end> \n | (?:&&|\|\||[&|])(?=\s|\Z) | \Z )
    | \^?\\\^?(?P<escaped> [\\"] )
    | (?P<twice> \^?"\^?" )                   # inside quotes: one of them
    | (?P<quote> \^?" )
    | \^(?P<caret> . )
    | (?P<to> [>]{1,2} )
    | (?P<plain> [^\s^"\\&|>]+ | . )
    """,
    re.DOTALL | re.VERBOSE,
)
_CMD_SIGN = re.compile(r'\^"|\^(?=\n)')
_ANSI = re.compile(
    r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL
)
_ANSI_LETTERS = {
    "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v",
}  # fmt: skip
_IN_DOUBLE = re.compile(r'\\(["\\$`!])|\\\n')


# What may stand before ">": "2>" is where errors go, "&>" is where everything goes.
_REDIRECTED = (None, "0", "1", "2", "&")


@dataclass
class Words:
    """A command taken apart.

    Attributes:
        words: program and arguments.
        output: the file that standard output goes to, None when it goes nowhere special.
        end: where in the text the command ends.
    """

    words: list[str] = field(default_factory=list)
    output: str | None = None
    end: int = 0
    _target: bool | None = None  # the next word is one, and it is that of the output

    def expect_target(self, *, is_output: bool) -> None:
        """The next word is where something is redirected to."""
        self._target = is_output

    def take(self, word: str | None) -> None:
        """Add a word, if there is one."""
        if word is None:
            return
        if self._target is None:
            self.words.append(word)
        elif self._target:
            self.output = word
        self._target = None


def split_command(text: str, start: int) -> Words | None:
    """Take the command apart that begins at `start`; lines end with line feeds.

    Returns:
        None when a quote is never closed.
    """
    line_end = text.find("\n", start)
    line = text[start : len(text) if line_end < 0 else line_end + 1]
    tokens = _cmd_tokens if _CMD_SIGN.search(line) else _bash_tokens
    return _assemble(tokens(text, start), start)


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the text: a part of a word, or what stands between words ("" for a blank)."""

    kind: str  # "part", "blank", "to", "end", "open"
    text: str
    end: int


def _assemble(tokens: Iterator[_Token], start: int) -> Words | None:
    made = Words(end=start)
    word: str | None = None
    for token in tokens:
        if token.kind == "part" or (token.kind == "to" and word not in _REDIRECTED):
            word = (word or "") + token.text
        elif token.kind == "open":
            return None
        elif token.kind == "to":
            made.expect_target(is_output=word in (None, "1"))
            word = None
        else:
            made.take(word)
            word = None
            made.end = token.end
    return made


def _bash_tokens(text: str, start: int) -> Iterator[_Token]:
    read: dict[str, Callable[[str], str]] = {"ansi": _ansi, "double": _double}
    for match in _matches(_BASH, text, start):
        kind = match.lastgroup or ""
        if kind in ("blank", "end", "to", "open"):
            yield _Token(kind, match[0], match.end())
        else:
            yield _Token("part", read.get(kind, str)(match[kind]), match.end())


def _cmd_tokens(text: str, start: int) -> Iterator[_Token]:
    is_quoted = False
    for match in _matches(_CMD, text, start):
        kind = match.lastgroup or ""
        shown = match[kind]
        if kind == "twice" and not is_quoted:
            kind, shown = "part", ""
        elif kind == "twice":
            shown = '"'
        elif kind == "quote":
            is_quoted = not is_quoted
            shown = ""
        if kind == "end" and is_quoted:
            kind = "open"
        elif kind not in ("end", "to", "blank") or is_quoted:
            kind = "part"
        yield _Token(kind, shown, match.end())


def _matches(pattern: re.Pattern[str], text: str, start: int) -> Iterator[re.Match[str]]:
    """Yield tokens until one ends the command; the last one always does."""
    position, limit = start, min(len(text), start + LONGEST_COMMAND)
    while (match := pattern.match(text, position, limit)) is not None:
        yield match
        if match.lastgroup in ("end", "open"):
            return
        position = match.end()


def _double(text: str) -> str:
    return _IN_DOUBLE.sub(lambda match: match[1] or "", text)


def _ansi(text: str) -> str:
    return _ANSI.sub(_ansi_char, text)


def _ansi_char(match: re.Match[str]) -> str:
    code = match[1]
    if code in _ANSI_LETTERS:
        return _ANSI_LETTERS[code]
    if len(code) > 1 and code[0] in "xuU":
        return _char(int(code[1:], 16))
    return _char(int(code, 8)) if code[0] in "01234567" else code


def _char(number: int) -> str:
    """A character by its number; what is none, or half of one, becomes the replacement mark."""
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
