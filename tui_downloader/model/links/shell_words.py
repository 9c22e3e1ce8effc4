"""Words of a command as a shell would hand them to a program: bash, PowerShell and cmd quoting.

Only what copied commands hold: quotes, escapes, lines that go on. Nothing is expanded, and no
variable is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

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
# What Windows' cmd leaves of carets and what a program's start-up code makes of quotes, at once:
# outside of quotes, within quotes that have a caret (cmd does not see those), and within plain ones
# (a caret is one there).
_CMD_OUTSIDE = r"""
      (?P<blank> [ \t]+ | \^\n )
    | (?P<end> \n | (?:&&|\|\||[&|])(?=\s|\Z) | \Z )
    | \^?\\\^?(?P<escaped> [\\"] )
    | (?P<quote> \^?" )
    | \^(?P<caret> . )
    | (?P<to> [>]{1,2} )
    | (?P<plain> [^\s^"\\&|>]+ | . )
    """
_CMD_IN_CARETS = rf"""
      \^\n(?P<newline> \n )
    | (?P<twice> \^?"\^?" )                  # one of them
    | {_CMD_OUTSIDE}
    """
_CMD_IN_QUOTES = r"""
      (?P<end> \n | \Z )
    | \\(?P<escaped> [\\"] )
    | (?P<twice> "" )                        # one of them
    | (?P<quote> " )
    | (?P<plain> [^\n\\"]+ | . )
    """
_CMD = {
    quote: re.compile(pattern, re.DOTALL | re.VERBOSE)
    for quote, pattern in (("", _CMD_OUTSIDE), ('^"', _CMD_IN_CARETS), ('"', _CMD_IN_QUOTES))
}
_CMD_SIGN = re.compile(
    r"""
      .* (?: \^" | \^\n )
    # Or a header with a doubled quote, as older browsers copy one for cmd, and nothing before it
    # that is written as for bash, where these two quotes would be there for nothing.
    | (?: [^'"\\$`] | "(?: [^"\\] | \\\\ )*+" )*?
      [ \t]"[^\s":]+:[ ] (?: [^"\\] | \\\\ | "%" )*+ ""
    """,
    re.DOTALL | re.VERBOSE,
)
_ANSI = re.compile(
    r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL
)
_ANSI_LETTERS = {
    "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v",
}  # fmt: skip
_IN_DOUBLE = re.compile(r'\\(["\\$`!])|\\\n')


# What may stand before ">": "2>" is where errors go, "&>" is where everything goes.
_REDIRECTED = ("1", "2", "&")


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
    tokens = _cmd_tokens if _CMD_SIGN.match(line) else _bash_tokens
    return _assemble(tokens(text, start))


class _Token(NamedTuple):
    """A piece of the text: a part of a word, or what stands between words ("" for a blank)."""

    kind: str  # "part", "blank", "to", "end", "open"
    text: str
    end: int


def _assemble(tokens: Iterator[_Token]) -> Words | None:
    """Put words together until a token ends the command."""
    made = Words()
    word: str | None = None
    for token in tokens:
        if token.kind == "part":
            word = (word or "") + token.text
        elif token.kind == "open":
            return None
        elif token.kind == "to":
            made.take(None if word in _REDIRECTED else word)
            made.expect_target(is_output=word != "2")
            word = None
        else:
            made.take(word)
            word = None
            made.end = token.end
            if token.kind == "end":
                break
    return made


def _bash_tokens(text: str, position: int) -> Iterator[_Token]:
    """Yield tokens; one of them ends the command."""
    read: dict[str, Callable[[str], str]] = {"ansi": _ansi, "double": _double}
    limit = position + LONGEST_COMMAND
    while (match := _BASH.match(text, position, limit)) is not None:
        kind, position = match.lastgroup or "", match.end()
        if kind in ("blank", "end", "to", "open"):
            yield _Token(kind, match[0], position)
        else:
            yield _Token("part", read.get(kind, str)(match[kind]), position)


def _cmd_tokens(text: str, position: int) -> Iterator[_Token]:
    """Yield tokens; one of them ends the command."""
    quote = ""  # the one that is open
    limit = position + LONGEST_COMMAND
    while (match := _CMD[quote].match(text, position, limit)) is not None:
        kind, position = match.lastgroup or "", match.end()
        shown = match[kind]
        if kind == "twice":
            shown = '"'
        elif kind == "quote":
            quote, shown = "" if quote else shown, ""
            kind = "part"
        if kind == "end" and quote:
            kind = "open"
        elif kind not in ("end", "to", "blank") or quote:
            kind = "part"
        yield _Token(kind, shown, position)


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
