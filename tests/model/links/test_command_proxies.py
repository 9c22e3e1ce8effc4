"""What commands and lists say of proxies."""

from __future__ import annotations

import pytest

from tui_downloader.model.links.links import parse_links
from tui_downloader.model.proxy import DIRECT, Proxy

A, PLAIN = "https://a.example/x", "http://a.example/x"
P = Proxy("http://p.example:3128")
WITH_LOGIN = Proxy("http://p.example:3128", ("me", "S3:CRET"))


@pytest.mark.parametrize(
    ("command", "proxy"),
    [
        (f"curl -x p.example:3128 {A}", P),
        (f"curl -xhttp://p.example:3128/ {A}", P),
        (f"curl --proxy=p.example:3128 {A}", P),
        (f"curl --proxy1.0 p.example:3128 {A}", P),
        (f"curl -x p.example {A}", Proxy("http://p.example:1080")),  # as curl has it
        (f"curl -x http://p.example/ {A}", Proxy("http://p.example:1080")),
        (f"curl -x me:S3CRET@p {A}", Proxy("http://p:1080", ("me", "S3CRET"))),
        (f"curl -x https://p.example {A}", Proxy("https://p.example:443")),
        (f"curl -x other:1 -x p.example:3128 {A}", P),
        (f"curl -U me:S3:CRET -x p.example:3128 {A}", WITH_LOGIN),
        (f"curl --proxy p.example:3128 --proxy-basic --proxy-user me:S3:CRET {A}", WITH_LOGIN),
        (f'curl ^"{A}^" ^\n  -x ^"http://p.example:3128^" ^\n  -U ^"me:S3:CRET^"', WITH_LOGIN),
        (f"curl '{A}' \\\n  --proxy $'http://p.example:3128' \\\n  -U 'me:S3:CRET'", WITH_LOGIN),
        (f"curl -x '' {A}", DIRECT),
        (f'curl -x "" {A}', DIRECT),
        (f"curl --noproxy '*' -x p.example:3128 {A}", DIRECT),
        (f"curl --noproxy b.example,a.example -x p.example:3128 {A}", DIRECT),
        (f"curl --noproxy b.example -x p.example:3128 {A}", P),
        (f"curl {A}", None),
        (f"wget --no-proxy {A}", DIRECT),
        (f"wget -e use_proxy=yes -e https_proxy=p.example:3128 {A}", P),
        (f"wget -e use_proxy=off {A}", DIRECT),
        (f"wget -e use_proxy=No -e https_proxy=other:1 {A}", DIRECT),
        (f"wget -e use_proxy=0 -e https_proxy=other:1 {A}", DIRECT),
        (f"wget -e no_proxy=a.example -e https_proxy=other:1 {A}", DIRECT),
        (
            f"wget --no-proxy --proxy-user=me --proxy-password=S3:CRET -e https_proxy=o:1 {A}",
            DIRECT,
        ),
        (
            f"wget -e Proxy-User=me -e proxy_password=S3:CRET -e https_proxy=p.example:3128 {A}",
            WITH_LOGIN,
        ),
        (f"wget -e http_proxy=p.example:3128 {A}", None),
        (f"wget -e http_proxy=p.example:3128 {PLAIN}", P),
        (
            f"wget --proxy-user=me --proxy-password=S3:CRET -e https_proxy=p.example:3128 {A}",
            WITH_LOGIN,
        ),
        (
            f"wget --proxy-user=me --proxy-passwd=S3:CRET -e https_proxy=p.example:3128 {A}",
            WITH_LOGIN,
        ),
        (f"wget2 --http-proxy=other:1 --https-proxy=p.example:3128 {A}", P),
        (f"wget2 --http-proxy=p.example:3128 --https-proxy=other:1 {PLAIN}", P),
        (f"aria2c --all-proxy=p.example:3128 {A}", P),
        (f"aria2c --https-proxy=p.example:3128 --all-proxy=other:1 {A}", P),
        (f"aria2c --http-proxy=p.example:3128 {A}", None),
        (
            f"aria2c --all-proxy-passwd=S3:CRET --all-proxy=p.example:3128 --all-proxy-user=me {A}",
            WITH_LOGIN,
        ),
        (f"aria2c --no-proxy=a.example --all-proxy=p.example:3128 {A}", DIRECT),
        (f"{A}\n  all-proxy=p.example:3128", P),
        (f"{A}\n  all-proxy=", DIRECT),
        (f"{A}\n  all-proxy=none", DIRECT),
        (f"curl -x None {A}", DIRECT),
        (f"{A}\n  all-proxy=p.example:3128\n  all-proxy-user=me", Proxy(P.url, ("me", ""))),
        (f"{A}\n  all-proxy=p.example:3128\n  all-proxy-passwd=CRET", Proxy(P.url, ("", "CRET"))),
        (f"{A}\n  all-proxy=other:1\n  https-proxy=p.example:3128\n  http-proxy=third:1", P),
        (
            f"{A}\n  https-proxy=p.example:3128\n  https-proxy-user=me\n  http-proxy-user=you\n"
            "  https-proxy-passwd=S3:CRET",
            WITH_LOGIN,
        ),
        # The order of `aria2c --save-session`.
        (
            f"{PLAIN}\n http-proxy=p.example:3128\n all-proxy=other:1\n no-proxy=b.example\n"
            " http-proxy-user=me\n http-proxy-passwd=S3:CRET",
            WITH_LOGIN,
        ),
        (f"{A}\n all-proxy-passwd=S3:CRET\n all-proxy-user=me\n all-proxy={P.url}", WITH_LOGIN),
        (f"{A}\n no-proxy=a.example\n all-proxy=p.example:3128", DIRECT),
        (f"{A}\n no-proxy=a.example\n all-proxy=p:1\n all-proxy-user=me", DIRECT),
        ("http://10.1.2.3/x\n all-proxy=p.example:3128\n no-proxy=10.0.0.0/8", DIRECT),
        (f"{A}\n https-proxy=\n all-proxy=p.example:3128", P),
        (f"{A}\n https-proxy=none\n all-proxy=p.example:3128", DIRECT),
        (f"{A}\n https-proxy=p.example:3128\n all-proxy=", P),
        # A login goes to the proxy that it is the one of, and to no other.
        (f"{A}\n https-proxy={P.url}\n all-proxy=other:1\n all-proxy-passwd=CRET", P),
        (f"aria2c --https-proxy={P.url} --all-proxy=o:1 --all-proxy-passwd=CRET {A}", P),
        (f"{A}\n all-proxy={P.url}\n http-proxy=other:1\n http-proxy-passwd=CRET", P),
        (f"curl -x other:1 {A}\n all-proxy=p.example:3128", P),
        (f"curl -x p.example:3128 {A}\n no-proxy=b.example", P),
    ],
)
def test_the_proxy_is_the_one_of_the_command(command: str, proxy: Proxy | None) -> None:
    parsed = parse_links(command)
    assert [link.proxy for link in parsed.links] == [proxy]
    assert parsed.notes == ()
    assert "CRET" not in repr(parsed)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (f"curl -U me:S3CRET {A}", "-U was left out: the login of a proxy needs a proxy"),
        (f"wget -e robots=off {A}", "-e was left out"),
        (f"curl -x '' -U me:S3CRET {A}", "-U was left out: the login of a proxy needs a proxy"),
    ],
)
def test_what_is_left_out_is_named_once_and_without_secrets(text: str, note: str) -> None:
    parsed = parse_links(text)
    assert [link.proxy for link in parsed.links] in ([None], [DIRECT])
    (told,) = parsed.notes
    assert told.startswith(f"line 1: {note}")
    assert "CRET" not in repr(parsed)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f"curl -x socks5h://me:S3CRET@p:1 {A}",
            "-x: cannot use the proxy socks5h://p:1: only",
        ),
        (f"curl -x me:S3/CRET@p:1 {A}", "-x: cannot use the proxy p:1: no usable"),
        (f"curl --socks5 me:S3CRET@p:1 {A}", "--socks5: cannot use the proxy socks5://p:1: only"),
        (f"curl --socks4 p:1 {A}", "--socks4: cannot use the proxy socks4://p:1: only"),
        (f"curl --socks4a p:1 {A}", "--socks4a: cannot use the proxy socks4a://p:1: only"),
        (
            f"curl --socks5-hostname p:1 {A}",
            "--socks5-hostname: cannot use the proxy socks5h://p:1",
        ),
        (f"curl --preproxy p:1 {A}", "--preproxy: cannot use the proxy socks4://p:1: only"),
        (f"wget -e https_proxy=socks5://p:1 {A}", "-e: cannot use the proxy socks5://p:1: only"),
    ],
)
def test_nothing_is_fetched_without_a_proxy_that_cannot_be_used(text: str, reason: str) -> None:
    parsed = parse_links(text)
    assert parsed.links == ()
    (refused,) = parsed.refused
    assert refused.reason.startswith(reason)
    assert refused.reason.endswith("; nothing is fetched without it")
    assert "CRET" not in refused.reason


def test_an_option_of_a_list_that_cannot_be_used_has_its_line() -> None:
    text = f"{A}\n  all-proxy-user=me\n  all-proxy=socks5://p:1"
    assert parse_links(text).notes == (
        "line 2: the login of a proxy needs a proxy",
        "line 3: cannot use the proxy socks5://p:1: only http and https proxies are supported",
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{PLAIN}\n  all-proxy=p.example:3128\n  http-proxy-passwd=S3CRET",
        f"curl -x p.example:3128 {PLAIN}\n  all-proxy=p.example:3128\n  http-proxy-user=S3CRET",
    ],
)
def test_a_login_of_another_proxy_is_left_out_with_a_note(text: str) -> None:
    parsed = parse_links(text)
    assert [link.proxy for link in parsed.links] == [P]
    assert parsed.notes == ("line 3: the login of a proxy needs http-proxy",)


def test_each_link_of_a_list_has_its_own_proxies() -> None:
    text = f"{A}\n all-proxy=p.example:3128\n{PLAIN}\n\n{A}\n no-proxy=*\n{A}\n all-proxy=q:1"
    assert [link.proxy for link in parse_links(text).links] == [
        P,
        None,
        DIRECT,
        Proxy("http://q:1"),
    ]


def test_each_address_of_a_command_has_the_one_for_its_scheme() -> None:
    text = f"wget -e https_proxy=p.example:3128 -e http_proxy=q.example:1 {A} {PLAIN}"
    assert [link.proxy for link in parse_links(text).links] == [P, Proxy("http://q.example:1")]
