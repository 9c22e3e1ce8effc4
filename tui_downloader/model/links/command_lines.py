"""Commands of curl, wget and aria2c, as copied from browsers and web pages.

The addresses become links with options. Options without a meaning here are left out with a note,
and so are names of files, which the author of the command should not choose. Anything but a plain
download (another method, an upload) is refused. Values of options are never in these messages, as
they may be secrets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.links.command_options import GRAMMARS, Argument, arguments_of, names
from tui_downloader.model.links.command_proxies import proxy_options, with_proxies_of_command
from tui_downloader.model.links.found_addresses import is_address
from tui_downloader.model.links.link import Link, link_to
from tui_downloader.model.links.link_options import is_option, with_option
from tui_downloader.model.links.proxy_options import ProxyOption
from tui_downloader.model.links.shell_words import split_command
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_START = re.compile(
    r"[ \t]*(?:[$%>❯➜][ \t]+)?(?:sudo[ \t]+)?(?:/[^\s'\"]*/)?(?P<name>curl|wget2?|aria2c)"
    r"(?:\.exe)?(?=[ \t\\`^])",
    re.IGNORECASE,
)
_HOST_LIKE = re.compile(r"(?:[^\s/?#]+\.[^\s/?#.]+|localhost|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#].*)?")
_OWN_NAME = "the file gets the name that its server gives it"
_GLOB_ESCAPE = re.compile(r"\\([\[\]{}])")
_GLOB = re.compile(r"\[[0-9a-zA-Z]+-[0-9a-zA-Z]+(?::\d+)?\]|\{[^{}]*,[^{}]*\}")

# Options by the names that lists give them; what is not here is silent, refused or noted.
_MEANINGS = {
    "curl": {
        "header": "header", "user-agent": "user-agent", "referer": "referer", "user": "user",
        "cookie": "cookie", "limit-rate": "max-download-limit", "insecure": "insecure",
        "output-dir": "dir", "oauth2-bearer": "bearer", "proxy": "curl-proxy",
        "proxy1.0": "curl-proxy", "proxy-user": "proxy-user", "noproxy": "no-proxy",
        "socks4": "socks4-proxy", "socks4a": "socks4a-proxy", "socks5": "socks5-proxy",
        "socks5-hostname": "socks5h-proxy", "preproxy": "socks4-proxy",
    },
    "wget": {
        "header": "header", "user-agent": "user-agent", "referer": "referer",
        "user": "http-user", "http-user": "http-user", "password": "http-passwd",
        "http-password": "http-passwd", "http-passwd": "http-passwd",
        "limit-rate": "max-download-limit", "no-check-certificate": "insecure",
        "directory-prefix": "dir", "http-proxy": "http-proxy", "https-proxy": "https-proxy",
        "proxy-user": "any-proxy-user", "proxy-password": "any-proxy-passwd",
        "proxy-passwd": "any-proxy-passwd", "execute": "execute", "no-proxy": "without-proxy",
    },
    "aria2c": {},
}  # fmt: skip

# What is done anyway, what only concerns the other program's own output, and what is the default.
_SILENT = names(
    """4 6 anyauth basic compressed connect-timeout continue continue-at create-dirs debug digest
    disable fail fail-early fail-with-body globoff happy-eyeballs-timeout-ms hsts http0.9 http1.0
    http1.1 http2 http2-prior-knowledge http3 http3-only include inet4-only inet6-only ipv4 ipv6
    keepalive-time location max-redirect max-redirs max-time max-tries nc nd nh no-buffer
    no-clobber no-directories no-host-directories no-progress-meter no-verbose nv output-file
    append-output parallel parallel-immediate parallel-max path-as-is progress progress-bar proto
    proto-default proto-redir quiet read-timeout remote-header-name remote-name remote-name-all
    remote-time retry retry-all-errors retry-connrefused retry-delay retry-max-time
    server-response show-error show-progress silent speed-limit speed-time ssl ssl-reqd
    styled-output summary-interval tcp-fastopen tcp-nodelay timeout tlsv1 tlsv1.0 tlsv1.1 tlsv1.2
    tlsv1.3 trust-server-names tries content-disposition verbose wait waitretry write-out
    dns-timeout timestamping backups N no-parent no-hsts http-keep-alive max-concurrent-downloads
    deferred-input log log-level console-log-level daemon stderr enable-color show-console-readout
    file-allocation auto-save-interval no-conf save-session save-session-interval
    optimize-concurrent-downloads background proxy-anyauth proxy-basic"""
)
_OUTPUTS = frozenset({"output", "output-document", "out"})
_OTHER_METHODS = {
    "data": "POST", "data-ascii": "POST", "data-binary": "POST", "data-raw": "POST",
    "data-urlencode": "POST", "json": "POST", "form": "POST", "form-string": "POST",
    "post-data": "POST", "post-file": "POST", "body-data": "POST", "body-file": "POST",
    "head": "HEAD", "upload-file": "PUT", "spider": "HEAD",
}  # fmt: skip
_WORDS = {
    "config": "no file is read for it",
    "input-file": "drop that list here instead",
    "range": "the whole file is downloaded",
    "recursive": "only the file itself is downloaded",
    "mirror": "only the file itself is downloaded",
    "page-requisites": "only the file itself is downloaded",
    "get": "data cannot be put into the address here",
}
_SAME_WORDS = {
    "cookie-jar": "config", "conf-path": "config", "load-cookies": "config",
    "netrc": "config", "netrc-file": "config", "start-pos": "range",
}  # fmt: skip


@dataclass
class Command:
    """What a command asks for.

    Attributes:
        end: where in the text it ends.
        links: what it downloads.
        reason: why it, or some of it, cannot be done; "" when it can.
        notes: what was left out, as sentences.
    """

    end: int
    links: list[Link] = field(default_factory=list)
    reason: str = ""
    notes: list[str] = field(default_factory=list)


def read_command(text: str, start: int, line_no: int) -> Command | None:
    """Read the command that begins at `start`, where a line does; lines end with line feeds.

    Returns:
        None when there is none: other words, or a sentence that only starts with such a word.
    """
    match = _START.match(text, start)
    words = None if match is None else split_command(text, match.end())
    if match is None or words is None:
        return None
    name = match["name"].lower()
    arguments = list(arguments_of(words.words, GRAMMARS[name]))
    if not _makes_sense(arguments):
        return None
    program = "wget" if name == "wget2" else name
    command = Command(words.end)
    for is_next, group in groupby(arguments, lambda each: each.name == "next"):
        if not is_next:
            _Reading(program, command, line_no).read(list(group), words.output)
    if not (command.links or command.reason):
        command.reason = f"no link in this {name} command"
    return command


def _makes_sense(arguments: Sequence[Argument]) -> bool:
    """Every word is an option, an address, or the value of an option that is not known."""
    before = Argument("", "", "")
    for argument in arguments:
        if not (argument.name or _is_target(argument.value) or before.name):
            return False
        before = argument
    return bool(arguments)


def _is_file(output: str) -> bool:
    """What is sent there is kept: it is neither standard output nor a device."""
    return output != "-" and not output.startswith("/dev/")


def _is_target(word: str) -> bool:
    return is_address(word) or _HOST_LIKE.fullmatch(word) is not None


class _Reading:
    """Reads the arguments of one command, or of the part between two `--next`.

    Args:
        program: "curl", "wget" or "aria2c".
        command: what is found goes there.
    """

    def __init__(self, program: str, command: Command, line_no: int) -> None:
        self._program = program
        self._command = command
        self._line_no = line_no
        self._model = Link("")
        self._proxies: list[ProxyOption] = []  # which of them counts depends on the address
        self._reason = ""
        self._is_one_file = program == "aria2c"

    def read(self, arguments: Sequence[Argument], output: str | None) -> None:
        """Make links of the arguments; `output` is where the shell sends the file."""
        targets = [each.value for each in arguments if each.name in ("", "url")]
        for argument in arguments:
            if argument.name not in ("", "url"):
                self._option(argument)
        if self._reason:
            self._command.reason = self._reason
            return
        if output is not None and _is_file(output):
            self._note(f"the file behind > was left out: {_OWN_NAME}")
        links = list(self._links([word for word in targets if _is_target(word)]))
        if self._is_one_file and links:
            links = [replace(links[0], mirrors=tuple(link.url for link in links[1:]))]
        self._command.links += links

    def _links(self, targets: Sequence[str]) -> Iterable[Link]:
        for target in targets:
            try:
                url = self._url(target)
                check_url(url)
                link = self._like_model(url)
            except UrlError as error:
                self._command.reason = self._command.reason or error.message
                continue
            yield link

    def _like_model(self, url: str) -> Link:
        found = link_to(url, self._line_no)
        link = replace(
            self._model,
            url=found.url,
            credentials=self._model.credentials or found.credentials,
            line_no=found.line_no,
        )
        return with_proxies_of_command(link, self._proxies, self._note)

    def _url(self, target: str) -> str:
        if self._program == "curl":
            target = _GLOB_ESCAPE.sub(r"\1", target)
            if _GLOB.search(target):
                self._note("the pattern in the address was not expanded")
        return target if "://" in target else f"http://{target}"

    def _option(self, argument: Argument) -> None:
        name = argument.name
        meaning = _MEANINGS[self._program].get(name)
        if self._program == "aria2c" and is_option(name):
            meaning = name
        if name in _OUTPUTS:
            if _is_file(argument.value):
                self._note(f"{argument.written} was left out: {_OWN_NAME}")
        elif meaning is not None and (options := proxy_options(argument, meaning)) is not None:
            self._proxies += options
        elif meaning not in (None, "execute"):
            self._apply(argument, meaning)
        elif name in ("request", "method"):
            self._refuse_unless_get(argument.value.upper(), argument.written)
        elif name in _OTHER_METHODS:
            self._refuse_unless_get(_OTHER_METHODS[name], argument.written)
        elif name == "force-sequential":
            self._is_one_file = False
        elif name not in _SILENT:
            why = _WORDS.get(_SAME_WORDS.get(name, name), "")
            self._note(f"{clean(argument.written, 40)} was left out" + (why and f": {why}"))

    def _apply(self, argument: Argument, meaning: str) -> None:
        """Apply an option by its meaning, as a list would."""
        value = argument.value
        is_file = value.startswith("@") or (meaning == "cookie" and "=" not in value)
        if meaning in ("header", "cookie") and is_file:
            self._note(f"{argument.written} was left out: no file is read for it")
            return
        if meaning == "insecure":
            meaning, value = "check-certificate", "false"
        elif meaning == "cookie":
            meaning, value = "header", f"Cookie: {value}"
        elif meaning == "bearer":
            meaning, value = "header", f"Authorization: Bearer {value}"
        elif meaning == "referer":
            value = value.removesuffix(";auto")
        if meaning == "user":
            user, _, value = value.partition(":")
            self._give("http-user", user)
            meaning = "http-passwd"
        self._give(meaning, value)

    def _give(self, name: str, value: str) -> None:
        try:
            self._model = with_option(self._model, name, value)
        except ValueError as error:
            self._note(str(error))
        if self._model.insecure:
            self._note("any certificate will be accepted, as the command says")

    def _refuse_unless_get(self, method: str, written: str) -> None:
        if method != "GET":
            self._reason = (
                f"{self._program} {clean(written, 40)} asks with {clean(method, 20)}; "
                "only GET can be downloaded"
            )

    def _note(self, sentence: str) -> None:
        if sentence not in self._command.notes:
            self._command.notes.append(sentence)
