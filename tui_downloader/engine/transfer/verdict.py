"""How far a finished file has been checked: what was computed of it beside what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.download import Assurance

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.facts import Facts
    from tui_downloader.model.digests import Checksum

# The digest that was compared has no name as long as none was.
Verdict = tuple[Assurance | None, str]
_NONE: Verdict = (None, "")


def judged(expected: Checksum | None, computed: str) -> Verdict:
    """Return what a digest says of a file, and its algorithm.

    Args:
        computed: of the file, as "sha-256=…"; "" for nothing.
    """
    algorithm, _, hexdigest = computed.partition("=")
    if expected is None or expected.algorithm != algorithm:
        return _NONE
    fits = hexdigest == expected.hexdigest
    return Assurance.of(expected) if fits else Assurance.DIFFERS, algorithm


def judged_anew(asked: Checksum | None, facts: Facts) -> Verdict:
    """Return the same when the user expects another digest, or none: the server's counts then."""
    if asked is not None:
        return judged(asked, facts.computed)
    verdict = judged(facts.announced, facts.computed)
    # It may be of what was decoded since.
    return _NONE if verdict[0] is Assurance.DIFFERS else verdict
