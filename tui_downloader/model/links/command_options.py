"""What the options of curl, wget and aria2c are called, and which of them take a value.

Only names and shapes; what they mean for a download is in `command_lines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Grammar(NamedTuple):
    """How a program writes its options.

    Attributes:
        short: long names of letters, less those of flags that mean nothing here.
        valued: long names that take a value, which may be the next word.
        has_n_pairs: `-nc` and its like are one option of two letters.
    """

    short: Mapping[str, str]
    valued: frozenset[str]
    has_n_pairs: bool = False


class Argument(NamedTuple):
    """One option or, with an empty name, one word that is none.

    Attributes:
        name: the long name.
        value: what belongs to it; "" when it takes none.
        written: how the user wrote the option, without its value.
    """

    name: str
    value: str
    written: str


def arguments_of(words: Sequence[str], grammar: Grammar) -> Iterator[Argument]:
    """Yield the arguments of a command in their order; `words` are those after the program."""
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield from (Argument("", each, "") for each in rest)
        elif word.startswith("--"):
            yield _long(word, rest, grammar)
        elif grammar.has_n_pairs and len(word) == 3 and word.startswith("-n"):
            yield Argument(word[1:], "", word)
        elif word.startswith("-"):
            yield from _short(word[1:], rest, grammar)
        else:
            yield Argument("", word, "")


def _long(word: str, rest: Iterator[str], grammar: Grammar) -> Argument:
    name, equals, value = word[2:].partition("=")
    if not equals and name in grammar.valued:
        value = next(rest, "")
    return Argument(name, value, f"--{name}")


def _short(letters: str, rest: Iterator[str], grammar: Grammar) -> Iterator[Argument]:
    """Letters in one word; the first one that takes a value takes all that follow."""
    for place, letter in enumerate(letters):
        name = grammar.short.get(letter, letter)
        if name in grammar.valued:
            yield Argument(name, letters[place + 1 :] or next(rest, ""), f"-{letter}")
            return
        yield Argument(name, "", f"-{letter}")


def names(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_CURL = Grammar(
    short={
        "A": "user-agent", "b": "cookie", "c": "cookie-jar", "C": "continue-at", "d": "data",
        "D": "dump-header", "e": "referer", "E": "cert", "f": "fail", "F": "form", "g": "globoff",
        "G": "get", "H": "header", "i": "include", "I": "head", "J": "remote-header-name",
        "k": "insecure", "K": "config", "L": "location", "m": "max-time", "n": "netrc",
        "N": "no-buffer", "o": "output", "O": "remote-name", "P": "ftp-port", "q": "disable",
        "Q": "quote", "r": "range", "R": "remote-time", "s": "silent", "S": "show-error",
        "t": "telnet-option", "T": "upload-file", "u": "user", "U": "proxy-user", "v": "verbose",
        "w": "write-out", "x": "proxy", "X": "request", "y": "speed-time", "Y": "speed-limit",
        "z": "time-cond", "Z": "parallel", "#": "progress-bar", ":": "next", "4": "ipv4",
        "6": "ipv6",
    },
    valued=names(
        """abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config
        connect-timeout connect-to continue-at cookie cookie-jar create-file-mode crlfile curves
        data data-ascii data-binary data-raw data-urlencode delegation dns-interface dns-ipv4-addr
        dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save
        expect100-timeout form form-string ftp-account ftp-alternative-to-user ftp-method ftp-port
        ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip header hostpubmd5
        hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key
        key-type krb libcurl limit-rate local-port login-options mail-auth mail-from mail-rcpt
        max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir
        parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert
        proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key
        proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers
        proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote
        random-file range rate referer request request-target resolve retry retry-delay
        retry-max-time sasl-authzid service-name socks4 socks4a socks5 socks5-gssapi-service
        socks5-hostname speed-limit speed-time stderr telnet-option tftp-blksize time-cond tls-max
        tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket
        upload-file url url-query user user-agent vlan-priority write-out"""
    ),
)  # fmt: skip

_WGET = Grammar(
    short={
        "a": "append-output", "A": "accept", "b": "background", "B": "base", "c": "continue",
        "d": "debug", "D": "domains", "e": "execute", "i": "input-file",
        "I": "include-directories", "l": "level", "m": "mirror",
        "N": "timestamping", "o": "output-file", "O": "output-document", "p": "page-requisites",
        "P": "directory-prefix", "q": "quiet", "Q": "quota", "r": "recursive", "R": "reject",
        "S": "server-response", "t": "tries", "T": "timeout", "U": "user-agent", "v": "verbose",
        "w": "wait", "X": "exclude-directories", "4": "inet4-only",
        "6": "inet6-only",
    },
    valued=names(
        """accept accept-regex append-output backups base bind-address body-data body-file
        ca-certificate ca-directory certificate certificate-type chunk-size ciphers compression
        config connect-timeout crl-file cut-dirs default-page directory-prefix dns-servers
        dns-timeout domains exclude-directories exclude-domains execute follow-tags ftp-password
        ftp-user header hsts-file http-password http-passwd http-proxy http-user https-proxy
        ignore-tags include-directories input-file level limit-rate load-cookies local-encoding
        max-redirect max-threads method output-document output-file password pinnedpubkey
        post-data post-file prefer-family private-key private-key-type progress proxy-passwd
        proxy-password proxy-user quota read-timeout referer regex-type reject reject-regex
        rejected-log remote-encoding report-speed restrict-file-names retry-on-http-error
        save-cookies secure-protocol start-pos timeout tries use-askpass user user-agent wait
        waitretry warc-dedup warc-file warc-header warc-max-size warc-tempdir"""
    ),
    has_n_pairs=True,
)  # fmt: skip

_ARIA2 = Grammar(
    short={
        "c": "continue", "d": "dir", "D": "daemon", "i": "input-file",
        "j": "max-concurrent-downloads", "k": "min-split-size", "l": "log", "m": "max-tries",
        "M": "metalink-file", "n": "no-netrc", "o": "out", "O": "index-out",
        "q": "quiet", "R": "remote-time", "s": "split",
        "t": "timeout", "T": "torrent-file", "u": "max-upload-limit",
        "U": "user-agent", "x": "max-connection-per-server",
        "Z": "force-sequential",
    },
    valued=names(
        """all-proxy all-proxy-passwd all-proxy-user async-dns-server auto-save-interval
        bt-tracker ca-certificate certificate checksum conf-path connect-timeout
        console-log-level dir disk-cache file-allocation gid header http-passwd http-proxy
        http-proxy-passwd http-proxy-user http-user https-proxy https-proxy-passwd
        https-proxy-user index-out input-file interface load-cookies log log-level
        lowest-speed-limit max-concurrent-downloads max-connection-per-server max-download-limit
        max-file-not-found max-overall-download-limit max-overall-upload-limit
        max-resume-failure-tries max-tries max-upload-limit metalink-file min-split-size
        min-tls-version netrc-path no-proxy out piece-length private-key proxy-method referer
        retry-wait rpc-listen-port rpc-passwd rpc-secret rpc-user save-cookies save-session
        seed-ratio seed-time select-file server-stat-if server-stat-of split stop
        stream-piece-selector summary-interval timeout torrent-file uri-selector user-agent"""
    ),
)  # fmt: skip

GRAMMARS: Mapping[str, Grammar] = {
    "curl": _CURL,
    "wget": _WGET,
    "wget2": _WGET,
    "aria2c": _ARIA2,
}
