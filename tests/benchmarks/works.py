"""The works that compare whole runs of several tools, by the name they have on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from math import ceil
from pathlib import Path

from tests.benchmarks.far_line import Line
from tests.benchmarks.measuring import GB, Kind, Tool
from tests.benchmarks.metered import Shape
from tests.benchmarks.servers import NginxSite, Site, far_site, metered_site, nginx_site
from tests.benchmarks.tools import (
    OURS,
    aria2c,
    aria2c_list,
    axel,
    bare_loop,
    curl,
    curl_parallel,
    list_file,
    ours,
    ours_with_queue,
    pypdl,
    wget2,
    wget2_list,
)
from tests.benchmarks.work import Results, Target, Work

_MIB = 1 << 20
_LARGE = 2 << 30
_LINE = 4 * _MIB  # bytes per second of one connection, where connections are what is slow
_TOTAL = 32 * _MIB  # bytes per second of all connections, where the line is
_LAME_FACTOR = 30.0
_DELAY_S = 0.08
_AT_ONCE = 16
_ONE = f"{OURS} -x1"
_REMEMBERED = f"{OURS}, host known"

Sites = Callable[[Path, Path], AbstractContextManager[Site]]


def best_rival_s(results: Results) -> float:
    """Wall seconds of the fastest rival."""
    return min(one.wall_s for one in results.values() if one.tool.kind is Kind.RIVAL)


def wall(name: str) -> Callable[[Results], float]:
    """Our wall seconds over those of another tool."""
    return lambda results: results[OURS].wall_s / results[name].wall_s


def ideal(seconds: float, name: str = OURS) -> Callable[[Results], float]:
    """Wall seconds over the shortest possible time."""
    return lambda results: results[name].wall_s / seconds


def counted(what: str) -> Callable[[Results], float]:
    """Something that the server counted of ours."""
    return lambda results: results[OURS].count(what)


def metered(shape: Shape) -> Sites:
    """Open the metered server; it needs no folder of its own."""
    return lambda root, _: metered_site(root, shape)


def _large_tools(site: Site, _: Path) -> Sequence[Tool]:
    url = site.url("large.bin")
    return [ours("-x1", url), bare_loop(url), curl(url), aria2c(url, 1), wget2(url), axel(url, 1)]


def _automatic_tools(site: Site, _: Path) -> Sequence[Tool]:
    url = site.url("large.bin")
    return [ours(url), ours("-x1", url, name=_ONE), axel(url, 8), aria2c(url, 4)]


def _tls_tools(site: Site, _: Path) -> Sequence[Tool]:
    assert isinstance(site, NginxSite)
    url, ca = site.url("tls.bin"), str(site.ca_file)
    return [
        ours("--ca-certificate", ca, url),
        ours("-x1", "--ca-certificate", ca, url, name=_ONE),
        bare_loop(url, "--ca", ca),
        curl(url, "--cacert", ca),
        aria2c(url, 1, f"--ca-certificate={ca}"),
        wget2(url, f"--ca-certificate={ca}"),
    ]


def _split_tools(connections: int, site: Site, home: Path) -> Sequence[Tool]:
    url = site.url("capped.bin")
    return [
        ours(url),
        ours(url, name=_REMEMBERED, home=home),
        aria2c(url, connections),
        axel(url, connections),
        pypdl(url, connections),
    ]


def _far_tools(site: Site, _: Path) -> Sequence[Tool]:
    url = site.url("far.bin")
    return [ours(url), ours("-x1", url, name=_ONE), curl(url), aria2c(url, 16), axel(url, 16)]


def _gusty_tools(site: Site, _: Path) -> Sequence[Tool]:
    url = f"{site.url('far.bin')}?rate={_MIB}"
    return [ours(url), curl(url), aria2c(url, 16), axel(url, 16)]


def _lame_tools(site: Site, _: Path) -> Sequence[Tool]:
    url = site.url("capped.bin")
    return [ours("-x8", url), aria2c(url, 8), axel(url, 8), pypdl(url, 8)]


def _small_tools(site: Site, folder: Path) -> Sequence[Tool]:
    urls = [site.url(name) for name in _SMALL]
    with_queue = ours_with_queue("-i", str(list_file(urls, folder)), f"-j{_AT_ONCE}")
    return [*_many(urls, folder), with_queue]


def _delayed_tools(site: Site, folder: Path) -> Sequence[Tool]:
    return _many([site.url(name) for name in _DELAYED], folder)


def _many(urls: Sequence[str], folder: Path) -> Sequence[Tool]:
    links = list_file(urls, folder)
    return [
        ours("-i", str(links), f"-j{_AT_ONCE}"),
        curl_parallel(urls, _AT_ONCE, folder),
        aria2c_list(links, _AT_ONCE),
        wget2_list(links, _AT_ONCE),
    ]


def _byte_tools(site: Site, _: Path) -> Sequence[Tool]:
    url = site.url("byte.bin")
    return [ours(url), curl(url), aria2c(url, 1), wget2(url), pypdl(url, 1)]


_SMALL = {f"small/{n:04}.bin": 10 << 10 for n in range(2000)}
_DELAYED = {f"small/{n:04}.bin": 10 << 10 for n in range(200)}
_CAPPED = {"capped.bin": 64 * _MIB}
_CAPPED_S = 64 * _MIB / (_LINE * 16)
_LAME_S = 64 * _MIB / (_LINE * (7 + 1 / _LAME_FACTOR))
_SHARED_S = 128 * _MIB / _TOTAL
_ALLOWED_S = 64 * _MIB / (_LINE * 4)
_FAR = {"far.bin": 32 * _MIB}
# 50 Mbit/s with a queue of a round trip, and a line four times as fast.
_FAR_LINE = Line(delay_s=0.025, bytes_per_s=6.25e6, queue_bytes=300 << 10)
_FAST_FAR_LINE = Line(delay_s=0.025, bytes_per_s=25e6, queue_bytes=1000 << 10)
_FAR_S = 32 * _MIB / _FAR_LINE.bytes_per_s
_GUSTY_S = 32 * _MIB / (_MIB * 16)
_DELAYED_S = ceil(len(_DELAYED) / _AT_ONCE) * _DELAY_S

COMPARED = {
    "large": Work(
        "2 GiB, one connection, nginx, plain",
        {"large.bin": _LARGE},
        nginx_site,
        _large_tools,
        (
            Target("wall / best rival", 1.1, lambda r: r[OURS].wall_s / best_rival_s(r)),
            Target("wall / curl", 0.75, wall("curl")),
            Target("CPU s/GB", 0.6, lambda r: r[OURS].cpu_s / (_LARGE / GB)),
        ),
        shows_cpu_per_gb=True,
    ),
    "automatic": Work(
        "2 GiB, automatic connection count, nginx, plain",
        {"large.bin": _LARGE},
        nginx_site,
        _automatic_tools,
        (Target("wall / ours -x1", 1.0, wall(_ONE)),),
        shows_cpu_per_gb=True,
    ),
    "tls": Work(
        "1 GiB over TLS, nginx",
        {"tls.bin": 1 << 30},
        partial(nginx_site, tls=True),
        _tls_tools,
        (Target("wall / curl", 1.0, wall("curl")),),
        shows_cpu_per_gb=True,
    ),
    "capped": Work(
        f"64 MiB, 4 MiB/s per connection, automatic; ideal for 16: {_CAPPED_S:.2f} s",
        _CAPPED,
        metered(Shape(line=_LINE)),
        partial(_split_tools, 16),
        (
            Target("host unknown: wall / ideal", 1.25, ideal(_CAPPED_S)),
            Target("host known: wall / ideal", 1.15, ideal(_CAPPED_S, _REMEMBERED)),
        ),
    ),
    "lame": Work(
        f"64 MiB, one of 8 connections 30 × slower; ideal: {_LAME_S:.2f} s",
        _CAPPED,
        metered(Shape(line=_LINE, lame=3, lame_factor=_LAME_FACTOR)),
        _lame_tools,
        (Target("wall / ideal", 1.15, ideal(_LAME_S)),),
    ),
    "shared": Work(
        f"128 MiB, 32 MiB/s for all connections together, automatic; ideal: {_SHARED_S:.2f} s",
        {"capped.bin": 128 * _MIB},
        metered(Shape(total=_TOTAL)),
        partial(_split_tools, 16),
        (
            Target("wall / ideal", 1.1, ideal(_SHARED_S)),
            Target("connections at once", 4, counted("most_open")),
        ),
    ),
    "far": Work(
        f"32 MiB over 50 Mbit/s, 50 ms a round trip, nginx, automatic; ideal: {_FAR_S:.2f} s",
        _FAR,
        partial(far_site, line=_FAR_LINE),
        _far_tools,
        (Target("wall / ours -x1", 1.05, wall(_ONE)),),
    ),
    "gusts": Work(
        "32 MiB, 50 ms a round trip, nginx limits each connection to 1 MiB/s, in gusts; "
        f"ideal for 16: {_GUSTY_S:.2f} s",
        _FAR,
        partial(far_site, line=_FAST_FAR_LINE),
        _gusty_tools,
        (Target("wall / ideal", 2, ideal(_GUSTY_S)),),
    ),
    "allowed": Work(
        f"64 MiB, the server answers 4 at once, others get 503; ideal: {_ALLOWED_S:.2f} s",
        _CAPPED,
        metered(Shape(line=_LINE, most=4)),
        partial(_split_tools, 16),
        (
            Target("wall / ideal", 1.2, ideal(_ALLOWED_S)),
            Target("refused requests", 8, counted("refused")),
        ),
    ),
    "small": Work(
        "2,000 files of 10 KiB, 16 at once, nginx",
        _SMALL,
        nginx_site,
        _small_tools,
        (
            Target("wall / aria2c", 0.65, wall("aria2c -j16")),
            Target("wall / curl --parallel", 4, wall("curl --parallel")),
        ),
    ),
    "delayed": Work(
        f"200 files of 10 KiB, 80 ms a request, 16 at once; ideal: {_DELAYED_S:.2f} s",
        _DELAYED,
        metered(Shape(delay_s=_DELAY_S)),
        _delayed_tools,
        (Target("wall / ideal", 1.3, ideal(_DELAYED_S)),),
    ),
    "byte": Work(
        "one byte, start to end, nginx",
        {"byte.bin": 1},
        nginx_site,
        _byte_tools,
        (Target("wall", 0.25, lambda r: r[OURS].wall_s, " s"),),
    ),
}
