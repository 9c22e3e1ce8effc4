"""Commands copied from browsers and web pages: what they download, and what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.links.link import Link, ParsedLinks
from tui_downloader.model.links.links import parse_links

A, B = "https://a.example/a.iso", "https://b.example/b.iso"

CHROME_BASH = r"""curl 'https://a.example/get?id=1&t=%20x' \
  -H 'accept: text/html,*/*;q=0.8' \
  -H 'accept-language: en' \
  -b 'sid=abc; theme=dark' \
  -H 'range: bytes=0-' \
  -H $'x-odd: it\'s \u0021\u0021' \
  -H 'sec-ch-ua: "Chromium";v="152"' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \
  --compressed"""

CHROME_CMD = r"""curl ^"https://a.example/get?id=1^&t=^%^20x^" ^
  -H ^"accept: text/html,*/*;q=0.8^" ^
  -H ^"accept-language: en^" ^
  -b ^"sid=abc; theme=dark^" ^
  -H ^"range: bytes=0-^" ^
  -H ^"x-odd: it's ^!^!^" ^
  -H ^"sec-ch-ua: ^\^"Chromium^\^";v=^\^"152^\^"^" ^
  -H ^"user-agent: Mozilla/5.0 (X11; Linux x86_64)^" ^
  --compressed"""

FIREFOX_BASH = r"""curl 'https://a.example/get?id=1&t=%20x' --compressed \
  -H 'Accept: text/html,*/*;q=0.8' \
  -H 'Accept-Language: en' -H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'TE: trailers' \
  -H 'Cookie: sid=abc; theme=dark' -H $'X-Odd: it\'s \041\x21' -H 'Connection: keep-alive' \
  -H 'Sec-CH-UA: "Chromium";v="152"' -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64)'"""

POWERSHELL = """curl.exe "https://a.example/get?id=1&t=%20x" `
  -H "accept: text/html,*/*;q=0.8" `
  -H "accept-language: en" `
  -b "sid=abc; theme=dark" `
  -H "x-odd: it's !!" `
  -H 'sec-ch-ua: "Chromium";v="152"' `
  -A "Mozilla/5.0 (X11; Linux x86_64)\""""

BROWSER_HEADERS = {
    "accept": "text/html,*/*;q=0.8",
    "accept-language": "en",
    "cookie": "sid=abc; theme=dark",
    "x-odd": "it's !!",
    "sec-ch-ua": '"Chromium";v="152"',
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64)",
}


def only(text: str) -> Link:
    """Return the one link of a text in which nothing is refused."""
    parsed = parse_links(text)
    assert parsed.refused == ()
    (link,) = parsed.links
    return link


def urls(parsed: ParsedLinks) -> list[str]:
    return [link.url for link in parsed.links]


@pytest.mark.parametrize("command", [CHROME_BASH, CHROME_CMD, FIREFOX_BASH, POWERSHELL])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_what_browsers_copy_gives_address_and_headers(command: str, line_end: str) -> None:
    link = only(command.replace("\n", line_end))
    assert link.url == "https://a.example/get?id=1&t=%20x"
    assert {name.lower(): value for name, value in link.headers} == BROWSER_HEADERS


def test_a_range_that_a_browser_asked_for_is_left_out_with_a_note() -> None:
    (note,) = parse_links(CHROME_BASH).notes
    assert note == "line 1: the header range was left out: the program asks for parts itself"


def test_the_lines_of_a_command_are_counted() -> None:
    parsed = parse_links(f"{CHROME_BASH}\nftp://x.example/y\n{CHROME_CMD}\n{B}")
    assert [link.line_no for link in parsed.links] == [1, 11, 20]
    assert [refused.line_no for refused in parsed.refused] == [10]


def test_all_requests_of_a_browser_at_once() -> None:
    bash = parse_links(f"curl '{A}' \\\n  -H 'a: b' ;\ncurl '{B}' \\\n  -H 'c: d'")
    assert [(link.url, link.headers) for link in bash.links] == [
        (A, (("a", "b"),)),
        (B, (("c", "d"),)),
    ]
    cmd = parse_links(f'curl ^"{A}^" ^\n  -H ^"a: b^" &\ncurl ^"{B}^"')
    assert urls(cmd) == [A, B]


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (f"curl {A}", Link(A)),
        (f"$ curl -sSL {A}", Link(A)),
        (f"> wget {A}", Link(A)),
        (f"sudo wget {A}", Link(A)),
        (f"/usr/bin/curl {A}", Link(A)),
        (f"curl --output-dir /data {A}", Link(A, folder="/data")),
        (f"curl {A} 2> errors.txt", Link(A)),
        (f"curl {A} > /dev/null 2>&1", Link(A)),
        (f"curl -o - {A} | tar xz", Link(A)),
        (f"curl -u me:p:w {A}", Link(A, credentials=("me", "p:w"))),
        (f"curl --digest -u me:pw {A}", Link(A, credentials=("me", "pw"))),
        (f"curl -u me {A}", Link(A, credentials=("me", ""))),
        ("curl https://me:pw@a.example/a.iso", Link(A, credentials=("me", "pw"))),
        (f"curl -A Agent/1 {A}", Link(A, headers=(("User-Agent", "Agent/1"),))),
        (f"curl -e https://r.example/ {A}", Link(A, headers=(("Referer", "https://r.example/"),))),
        (f"curl -b a=1 --cookie b=2 {A}", Link(A, headers=(("Cookie", "a=1; b=2"),))),
        (f"curl -H 'a: b' -H 'a: c' {A}", Link(A, headers=(("a", "b"), ("a", "c")))),
        (f"curl -H 'Accept:' {A}", Link(A)),
        (f"curl --oauth2-bearer T {A}", Link(A, headers=(("Authorization", "Bearer T"),))),
        (f"curl --limit-rate 2M {A}", Link(A, limit_bytes_per_s=2_000_000)),
        (f"curl --url {A} -X GET --request GET", Link(A)),
        (f"curl -C - --retry 3 -m 60 --connect-timeout 5 -fsSL --http2 {A}", Link(A)),
        ("curl a.example/a.iso", Link("http://a.example/a.iso")),
        ("curl localhost:8000/a.iso", Link("http://localhost:8000/a.iso")),
        (r"curl 'https://a.example/a\[1\].iso'", Link("https://a.example/a[1].iso")),
        ("curl https://a.example/a?b=1&c=2", Link("https://a.example/a?b=1&c=2")),
        (f"wget -c -nc -q --show-progress {A}", Link(A)),
        (f"wget -P /data {A}", Link(A, folder="/data")),
        (f"wget -qO- {A}", Link(A)),
        (f"wget --referer=https://r.example/ {A}",
         Link(A, headers=(("Referer", "https://r.example/"),))),
        (f"wget --http-user=me --http-password=pw {A}", Link(A, credentials=("me", "pw"))),
        (f"wget --http-user=me --http-passwd=pw {A}", Link(A, credentials=("me", "pw"))),
        (r"wget 'https://a.example/\[1-2].iso'", Link(r"https://a.example/\[1-2].iso")),
        (f"curl -#46fgiJLNOqRsSvZ -C - -m 9 -w '%{{http_code}}' -y 3 -Y 9 {A}", Link(A)),
        (f"wget -46bcdNqSv -a l -o l -t 3 -T 9 -w 1 {A}", Link(A)),
        (f"aria2c -cDqR -j 5 -l l -m 5 -t 9 -k 1M -n {A}", Link(A)),
        (f"wget --user=me --password=pw {A}", Link(A, credentials=("me", "pw"))),
        (f"wget --header='a: b' -U U {A}", Link(A, headers=(("a", "b"), ("User-Agent", "U")))),
        (f"wget --limit-rate=500k --tries=3 {A}", Link(A, limit_bytes_per_s=500_000)),
        (f"aria2c -x16 -s 8 {A}", Link(A, connections=8)),
        (f"aria2c -d /data {A}", Link(A, folder="/data")),
        (f"aria2c --checksum=sha-256=ab {A}", Link(A, checksum="sha-256=ab")),
        (f"aria2c --max-download-limit=1M -j5 {A}", Link(A, limit_bytes_per_s=1_000_000)),
        (f"aria2c --http-user=me --http-passwd=pw {A}", Link(A, credentials=("me", "pw"))),
        (f"aria2c {A} {B}", Link(A, mirrors=(B,))),
        (f"CURL.EXE {A}", Link(A)),
        (f"Wget {A}", Link(A)),
        (f"wget2 -P /data {A}", Link(A, folder="/data")),
        (f"aria2c -- {A} {B}", Link(A, mirrors=(B,))),
        (f"wget -nv -nd {A}", Link(A)),
        (f"curl -u @me:pw {A}", Link(A, credentials=("@me", "pw"))),
        (f"curl -e 'https://r.example/;auto' {A}",
         Link(A, headers=(("Referer", "https://r.example/"),))),
    ],
)  # fmt: skip
def test_what_a_command_asks_for(command: str, wanted: Link) -> None:
    parsed = parse_links(command)
    assert (parsed.refused, parsed.notes) == ((), ())
    assert parsed.links == (wanted,)


def test_several_addresses_of_one_command() -> None:
    assert urls(parse_links(f"curl -O {A} -O {B}")) == [A, B]
    assert urls(parse_links(f"wget {A} {B}")) == [A, B]
    assert urls(parse_links(f"aria2c -Z {A} {B}")) == [A, B]


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (f"curl -o x.iso {A}", "-o"),
        (f"curl -ox.iso {A}", "-o"),
        (f"curl -Lo ../../x.iso {A}", "-o"),
        (f"curl --output '/data/x y.iso' {A}", "--output"),
        (f"curl --output=x.iso {A}", "--output"),
        (f"wget -O x.iso {A}", "-O"),
        (f"wget --output-document=~/.profile {A}", "--output-document"),
        (f"aria2c -o x.iso {A}", "-o"),
        (f"aria2c --out=x.iso {A}", "--out"),
        (f"curl {A} > x.iso", "the file behind >"),
        (f"wget -qO- {A} > ../x.iso", "the file behind >"),
    ],
)
def test_no_command_names_a_file_and_that_is_said_once(command: str, option: str) -> None:
    parsed = parse_links(command)
    assert (parsed.links, parsed.refused) == ((Link(A),), ())
    why = "the file gets the name that its server gives it"
    assert parsed.notes == (f"line 1: {option} was left out: {why}",)


def test_what_is_left_out_twice_is_said_once() -> None:
    (note,) = parse_links(f"curl -o a {A} -o b {B}").notes
    assert note.startswith("line 1: -o was left out: ")
    assert parse_links(f"wget --frobnicate {A}").notes == ("line 1: --frobnicate was left out",)


@pytest.mark.parametrize("option", ["-O", "--remote-name", "-LO", "-sSL -O -J"])
def test_the_name_that_every_file_gets_here_is_no_note_worth(option: str) -> None:
    parsed = parse_links(f"curl {option} {A}")
    assert (parsed.links, parsed.notes) == ((Link(A),), ())


def test_what_stands_behind_next_is_another_request() -> None:
    parsed = parse_links(f"curl -H 'a: b' {A} --next {B}")
    assert [(link.url, link.headers) for link in parsed.links] == [(A, (("a", "b"),)), (B, ())]
    assert parsed.notes == ()
    assert parse_links(f"curl -H 'a: b' {A} -: {B}") == parsed


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("aria2c ftp://a.example/a", "ftp:// is not supported, only http and https"),
        (f"curl -X POST {A}", "curl -X asks with POST; only GET can be downloaded"),
        (f"curl --data 'a=1' {A}", "curl --data asks with POST; only GET can be downloaded"),
        (f"curl {A} --data-raw $'a\\nb'", "curl --data-raw asks with POST"),
        (f"curl {A} --json '{{\n \"a\": 1\n}}'", "curl --json asks with POST"),
        (f"curl -F a=@x {A}", "curl -F asks with POST"),
        (f"curl -I {A}", "curl -I asks with HEAD"),
        (f"curl -T x {A}", "curl -T asks with PUT"),
        (f"curl -XDELETE {A}", "curl -X asks with DELETE"),
        (f"wget --method=PUT {A}", "wget --method asks with PUT"),
        (f"wget --post-data=a {A}", "wget --post-data asks with POST"),
        ("curl ftp://x.example/y", "ftp:// is not supported, only http and https"),
        ("curl --compressed", "no link in this curl command"),
        *(
            (f"{program} {option}=x {A}", f"{program} {option} asks with POST")
            for program, option in [
                ("curl", "--data-ascii"),
                ("curl", "--data-binary"),
                ("curl", "--data-urlencode"),
                ("curl", "--form-string"),
                ("wget", "--post-file"),
                ("wget", "--body-data"),
                ("wget", "--body-file"),
            ]
        ),
        (f"wget --spider {A}", "wget --spider asks with HEAD"),
    ],
)
def test_what_is_no_plain_download_is_refused_with_words(command: str, words: str) -> None:
    parsed = parse_links(f"{command}\n{B}")
    assert urls(parsed) == [B]
    (refused,) = parsed.refused
    assert refused.reason.startswith(words)
    assert refused.text == command


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("-K secrets.txt", "-K was left out: no file is read for it"),
        ("--config secrets.txt", "--config was left out: no file is read for it"),
        ("-H @secrets.txt", "-H was left out: no file is read for it"),
        ("-b cookies.txt", "-b was left out: no file is read for it"),
        ("-H nonsense", "a header is written Name: value"),
        ("-r 0-99", "-r was left out: the whole file is downloaded"),
        ("-E my.pem", "-E was left out"),
        ("--some-new-option 5", "--some-new-option was left out"),
        ("-k", "any certificate will be accepted, as the command says"),
        ("--limit-rate fast", "'fast' is not a rate"),
    ],
)
def test_what_is_left_out_is_named(options: str, words: str) -> None:
    parsed = parse_links(f"# comment\ncurl {options} {A}")
    assert urls(parsed) == [A]
    (note,) = parsed.notes
    assert note.startswith(f"line 2: {words}")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("curl -G", "data cannot be put into the address here"),
        ("curl -c jar.txt", "no file is read for it"),
        ("curl -nO", "no file is read for it"),
        ("curl --netrc-file n.txt", "no file is read for it"),
        ("wget --load-cookies=jar.txt", "no file is read for it"),
        ("wget --start-pos=9", "the whole file is downloaded"),
        ("wget -i list.txt", "drop that list here instead"),
        ("wget -r", "only the file itself is downloaded"),
        ("wget -m", "only the file itself is downloaded"),
        ("wget -p", "only the file itself is downloaded"),
        ("aria2c --conf-path=c.txt", "no file is read for it"),
    ],
)
def test_of_what_is_left_out_it_is_said_what_happens_instead(command: str, why: str) -> None:
    parsed = parse_links(f"{command} {A}")
    assert urls(parsed) == [A]
    (note,) = parsed.notes
    assert note.endswith(f" was left out: {why}")


@pytest.mark.parametrize(
    ("program", "letters"),
    [
        ("curl", "AbcCdDeEFHKmoPQrtTuUwxXyYz"),
        ("wget", "aABDeiIloOPQRtTUwX"),
        ("wget2", "aABDeiIloOPQRtTUwX"),
        ("aria2c", "dijklmMoOstTuUx"),
    ],
)
def test_the_value_of_an_option_is_no_address(program: str, letters: str) -> None:
    for letter in letters:
        found = urls(parse_links(f"{program} -{letter} b.example {A}"))
        assert found in ([A], []), letter  # none where the option is refused


def test_an_address_that_cannot_be_asked_for_costs_only_itself() -> None:
    parsed = parse_links(f"curl ftp://x.example/y {A} gopher://z.example/\n  out=x.iso")
    assert parsed.links == (Link(A, name="x.iso"),)
    assert [refused.reason[:6] for refused in parsed.refused] == ["ftp://"]


def test_a_command_may_switch_the_check_of_certificates_off() -> None:
    for command in ("curl -k", "wget --no-check-certificate", "aria2c --check-certificate=false"):
        parsed = parse_links(f"{command} {A}")
        assert [link.insecure for link in parsed.links] == [True]
        assert parsed.notes == ("line 1: any certificate will be accepted, as the command says",)


def test_a_pattern_is_not_expanded_and_that_is_said() -> None:
    parsed = parse_links("curl https://a.example/[1-9].zip")
    assert urls(parsed) == ["https://a.example/[1-9].zip"]
    assert parsed.notes == ("line 1: the pattern in the address was not expanded",)


def test_secrets_are_in_no_words() -> None:
    secret = "hunter2"
    parsed = parse_links(
        f"curl -u me:{secret} -b 'sid={secret}' -H 'Authorization: {secret}' -K {secret} "
        f"--proxy-user {secret} -x me:{secret}@p:1 -H {secret} --pass {secret} {A}\n"
        f"curl -d {secret} -X {secret} https://me:{secret}@/x"
    )
    said = [*parsed.notes, *(refused.reason for refused in parsed.refused), repr(parsed.links)]
    assert secret not in " ".join(said).replace(secret.upper(), "")


@pytest.mark.parametrize(
    "text",
    [
        f"curl is a fine program, see {A}",
        f"wget {A} and then unpack it",
        f"curl isn't needed: {A}",
        f'wget "{A}',
    ],
)
def test_a_sentence_is_no_command(text: str) -> None:
    assert urls(parse_links(f"{text}\n{B}")) == [A, B]


def test_what_is_done_with_the_file_afterwards_is_ignored() -> None:
    text = f"curl -O {A} && tar xf a.iso; cd a\nwget -O - {B} | sh -s https://evil.example/"
    for end in ("", "\n", f"\n{A}?2"):
        parsed = parse_links(text + end)
        assert [link.line_no for link in parsed.links] == [1, 2, 3][: 3 if "?" in end else 2]
        assert (urls(parsed)[:2], parsed.refused) == ([A, B], ())


def test_two_commands_in_a_line() -> None:
    assert urls(parse_links(f"curl -O {A} && wget {B}")) == [A, B]


def test_options_of_a_list_may_follow_a_command() -> None:
    assert only(f"curl -O {A}\n  out=x.iso").name == "x.iso"


def test_quotes_that_are_never_closed_do_not_take_long() -> None:
    text = "\n".join(f"curl \"https://a.example/{n} -H 'x" for n in range(2_000))
    assert len(parse_links(text).links) == 2_000


_PIECES = st.sampled_from(
    ["curl ", "wget ", "aria2c ", A, " -H ", "'a: b'", '"', "'", "$'", "^", "\\", "\n", " \\\n",
     "^\n", ' ^"', "--", "-", "-X", " > ", "&", ";", "|", "\\u0", "--next ", " -o ", "@", "=", "`"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_no_command_is_too_odd(text: str) -> None:
    parse_links("curl " + text)
