"""Words of a copied command are what a shell would hand over."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.links.shell_words import split_command

WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0^")), min_size=1)
LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\n")), min_size=1)


def words_of(command: str) -> list[str]:
    split = split_command(command, 0)
    assert split is not None
    return split.words


@given(WORDS)
def test_what_was_quoted_for_a_shell_is_read_as_it_was(words: list[str]) -> None:
    assert words_of(shlex.join(["curl", *words])) == ["curl", *words]


def as_browsers_quoted_for_cmd(word: str) -> str:
    """As Firefox and Chrome did before they wrote carets."""
    doubled = word.replace('"', '""').replace("%", '"%"').replace("\\", "\\\\")
    return f'"{doubled}"'


@given(LINES)
def test_what_was_quoted_for_cmd_is_read_as_it_was(values: list[str]) -> None:
    headers = ['a: "b"', *(f"x: {value}" for value in values)]
    words = ["curl", "http://h/a%20b", *headers]
    quoted = " ".join(as_browsers_quoted_for_cmd(word) for word in words[1:])
    assert words_of(f"curl {quoted}") == words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("curl  a\tb", ["curl", "a", "b"]),
        ("curl a \\\n  b", ["curl", "a", "b"]),
        ("curl a `\n  b", ["curl", "a", "b"]),
        ("curl ''", ["curl", ""]),
        ("curl a'b c'\"d e\"f", ["curl", "ab cd ef"]),
        (r"curl a\ b", ["curl", "a b"]),
        (r"""curl "a\"b\\c\nd" """, ["curl", r'a"b\c\nd']),
        (r"""curl 'a\"b'""", ["curl", r"a\"b"]),
        (r"curl $'a\'b\x41\u00e9\n\101'", ["curl", "a'bAé\nA"]),
        (r"curl $'\r\t\a\b\e\f\v\\'", ["curl", "\r\t\a\b\x1b\f\v\\"]),
        (r"curl $'\xg\u'", ["curl", "xgu"]),
        (
            r"curl $'\ud7ff\ud800\udfff\ue000\U10ffff\U110000'",
            ["curl", "\ud7ff\ufffd\ufffd\ue000\U0010ffff\ufffd"],
        ),
        ("curl a; rm b", ["curl", "a"]),
        ("curl a && sh b", ["curl", "a"]),
        ("curl a | sh", ["curl", "a"]),
        ("curl a\nb", ["curl", "a"]),
        ("curl http://h/?a=1&b=2", ["curl", "http://h/?a=1&b=2"]),
        ('curl ^"a^&b^"', ["curl", "a&b"]),
        ('curl ^\n  ^"a^"', ["curl", "a"]),
        ('curl ^"^" ^"a^"^"b^"', ["curl", "", 'a"b']),
        ('curl "h" -H "Cookie: a=""q"""', ["curl", "h", "-H", 'Cookie: a="q"']),
        ('curl "h" -H "Cookie: a"%"20=""q"""', ["curl", "h", "-H", 'Cookie: a%20="q"']),
        (
            'curl "h" -H "a: it\'s" -H "b: ""c"" > d & e"',
            ["curl", "h", "-H", "a: it's", "-H", 'b: "c" > d & e'],
        ),
        (
            'curl "h" ^\n -H "a: b^c ""d""" ^\n -H """e"""',
            ["curl", "h", "-H", 'a: b^c "d"', "-H", '"e"'],
        ),
        # Where something is written as for bash, it is no other quoting than that.
        ('curl \'h\' -H "Cookie: a=""q"""', ["curl", "h", "-H", "Cookie: a=q"]),
        ('curl "a""b" ""', ["curl", "ab", ""]),
        (r'curl "h" -H "a: \"b\"" -H "c: d""e"', ["curl", "h", "-H", 'a: "b"', "-H", "c: de"]),
        ('curl h \\\n -H "a: b""c"', ["curl", "h", "-H", "a: bc"]),
    ],
)
def test_quotes_and_escapes(command: str, words: list[str]) -> None:
    assert words_of(command) == words


@pytest.mark.parametrize("command", ["curl 'a", 'curl "a', "curl $'a", "curl 'a\nb"])
def test_a_quote_that_is_never_closed_is_no_command(command: str) -> None:
    assert split_command(command, 0) is None


@pytest.mark.parametrize(
    ("command", "words", "output"),
    [
        ("curl a > b", ["curl", "a"], "b"),
        ("curl a >b", ["curl", "a"], "b"),
        ("curl a >> 'b c'", ["curl", "a"], "b c"),
        ("curl a 2> err", ["curl", "a"], None),
        ("curl 2>err a >b", ["curl", "a"], "b"),
        ("curl a>b", ["curl", "a"], "b"),
        ('curl ^"a^" >b', ["curl", "a"], "b"),
        ("curl a 1>b", ["curl", "a"], "b"),
        ("curl a &>b", ["curl", "a"], "b"),
        ("curl a", ["curl", "a"], None),
    ],
)
def test_where_the_output_goes(command: str, words: list[str], output: str | None) -> None:
    split = split_command(command, 0)
    assert split is not None
    assert (split.words, split.output) == (words, output)


def test_a_command_begins_where_it_is_said_to_and_tells_where_it_ends() -> None:
    text = "see: curl a \\\n b\nmore"
    split = split_command(text, 5)
    assert split is not None
    assert split.words == ["curl", "a", "b"]
    assert text[split.end :].strip() == "more"


@given(st.text(st.characters(exclude_categories=())) | st.text("curl '\"\\$^|;&> \n`x"))
def test_no_text_is_a_crash(text: str) -> None:
    split_command(text, 0)
