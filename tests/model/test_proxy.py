"""Proxies as they are written: what is taken, what is refused, and that no login is shown."""

from __future__ import annotations

import pytest

from tui_downloader.model.proxy import (
    DIRECT,
    Proxy,
    host_by,
    is_exempt,
    parse_proxy,
    typed_proxy,
)

LOGIN = Proxy("http://p.example:3128", ("me", "S3/CR@T"))


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("p.example:3128", Proxy("http://p.example:3128")),
        ("p.example", Proxy("http://p.example:80")),
        (" http://p.example:3128/ ", Proxy("http://p.example:3128")),
        ("HTTPS://p.example", Proxy("https://p.example:443")),
        ("p.example:", Proxy("http://p.example:80")),
        ("[::1]:3128", Proxy("http://[::1]:3128")),
        ("me:S3%2FCR%40T@p.example:3128", LOGIN),
        ("me@p.example:1", Proxy("http://p.example:1", ("me", ""))),
        ("@p.example:1", Proxy("http://p.example:1")),
    ],
)
def test_an_address_is_read(text: str, proxy: Proxy) -> None:
    assert parse_proxy(text) == proxy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("socks5://me:S3CRET@p:1", "socks5://p:1: only http and https proxies are supported"),
        ("http://", "http://: no usable address"),
        ("me:S3CRET@", "http://: no usable address"),
        ("me:S3CRET@p:port", "http://p:port: no usable address"),
        ("me:S3/CRET@p:1", "p:1: no usable address"),
        ("p:0", "http://p:0: no usable address"),
        ("two words", "http://two words: no usable address"),
        ("m%3Ae:S3CRET@p:1", "http://p:1: no way to send its login"),
        ("me:S3CRET%E2%82%AC@p:1", "http://p:1: no way to send its login"),
    ],
)
def test_what_cannot_be_used_is_named_without_its_login(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="cannot use the proxy") as raised:
        parse_proxy(text)
    assert str(raised.value) == f"cannot use the proxy {words}"


def test_a_login_is_in_the_address_for_the_library_alone() -> None:
    assert LOGIN.address == "http://me:S3%2FCR%40T@p.example:3128"
    assert parse_proxy(LOGIN.address) == LOGIN
    assert LOGIN.place == "p.example:3128"
    assert LOGIN.typed == "***@p.example:3128"
    assert Proxy("https://p:1", ("a", "b")).typed == "https://***@p:1"
    assert "S3" not in repr(LOGIN)


@pytest.mark.parametrize(
    ("text", "proxy"),
    [("", None), ("  ", None), ("none", DIRECT), ("None", DIRECT), ("p:1", Proxy("http://p:1"))],
)
def test_what_is_typed_may_be_no_proxy_or_the_one_of_the_environment(
    text: str, proxy: Proxy | None
) -> None:
    assert typed_proxy(text) == proxy
    assert proxy is None or typed_proxy(proxy.typed) == proxy


def test_a_login_that_is_still_masked_stays_with_its_proxy() -> None:
    assert typed_proxy(LOGIN.typed, LOGIN) == LOGIN
    assert typed_proxy("p.example:3128", LOGIN) == Proxy("http://p.example:3128")
    for before in (LOGIN, None):
        with pytest.raises(ValueError, match="the login is the one of another proxy"):
            typed_proxy("***@other.example:3128", before)


@pytest.mark.parametrize(
    ("exempt", "is_it"),
    [
        ("*", True),
        ("b.example, host.example", True),
        ("example", True),
        (".Example", True),
        ("st.example", False),
        ("other.host.example", False),
        ("", False),
        (",", False),
    ],
)
def test_a_list_of_hosts_without_a_proxy_has_domains_too(exempt: str, is_it: bool) -> None:
    assert is_exempt("https://host.example:8080/x", exempt) is is_it


@pytest.mark.parametrize(
    ("host", "exempt", "is_it"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("127.0.0.1", "127.0.0.1/8", True),
        ("127.0.0.1", "b.example, 127.0.0.1/32", True),
        ("128.0.0.1", "127.0.0.0/8", False),
        ("[fd00::1]", "fd00::/8", True),
        ("[fd00::1]", "127.0.0.0/8", False),
        ("[::1]", "::1", True),
        ("localhost", "127.0.0.0/8", False),
        ("127.0.0.1", "127.0.0.0/33", False),
        ("127.0.0.1", "/", False),
        ("127.0.0.1", "*/8", False),
    ],
)
def test_a_list_of_hosts_without_a_proxy_has_networks_too(
    host: str, exempt: str, is_it: bool
) -> None:
    assert is_exempt(f"http://{host}:8080/x", exempt) is is_it


def test_a_host_is_another_one_by_another_way() -> None:
    url = "http://host.example:8080/x"
    assert host_by(url, None) == "host.example:8080"
    names = {host_by(url, proxy) for proxy in (None, DIRECT, LOGIN, Proxy("http://p:1"))}
    assert len(names) == 4
    assert "S3" not in host_by(url, LOGIN)
