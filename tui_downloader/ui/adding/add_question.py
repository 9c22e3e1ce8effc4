"""The question of the add dialog about links that exist already, asked once for all. Pure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.model.text import clean
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.adding.add_plan import Duplicates
from tui_downloader.ui.adding.preview_rows import link_name
from tui_downloader.ui.screens.ask import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.ui.adding.add_plan import Plan
    from tui_downloader.ui.view.figures import Figures

_CHOICES = (
    Choice(("s",), "skip", Duplicates.SKIP.value),
    Choice(("n",), "add again, new name", Duplicates.RENAME.value),
    Choice(("r",), "replace", Duplicates.REPLACE.value),
)
_RENEW_CHOICES = (
    Choice(("u",), "use as new address", Duplicates.RENEW.value),
    _CHOICES[0],
    Choice(("n",), "new name", Duplicates.RENAME.value),
    _CHOICES[2],
)


def choices_of(plan: Plan) -> tuple[Choice, ...]:
    """Return the answers; each is named by what it does with duplicates."""
    return _RENEW_CHOICES if plan.renewable else _CHOICES


def question_of(plan: Plan, figures: Figures) -> str:
    """Return the question: what exists, and what each answer would do with it.

    Args:
        figures: how sizes are written.
    """
    return "\n".join(_sentences(plan, figures))


def _sentences(plan: Plan, figures: Figures) -> Iterator[str]:
    yield _what_is_there(plan)
    if plan.renewable:
        yield _renewing(plan, figures)
    if n := len(plan.beside):
        leads, gets = ("leads", "it gets") if n == 1 else ("lead", "they get")
        yield f"{n} of them {leads} to the file of another; replacing, {gets} a new name."
    if lost := plan.replaced_bytes:
        size = figures.size(lost).strip()
        yield f"Replacing deletes the {size} that are here once the new file is whole."


def _what_is_there(plan: Plan) -> str:
    """Say how many links exist already: by address, by file name, or on disk."""
    named = [each for each in plan.known if not each.is_same_url]
    if plan.links == 1 and named:
        (known,) = named
        then = _besides(known.new_name)
        return f"A download named {clean(known.name)} is in the list already.{then}"
    counts = {
        "in the list": len(plan.known) - len(named),
        f"by {'its name' if len(named) == 1 else 'their names'} only": len(named),
        "on disk": len(plan.existing),
    }
    there = {where: n for where, n in counts.items() if n}
    total = sum(there.values())
    *others, last = [f"{n} {where}" for where, n in there.items()]
    told = f"{', '.join(others)} and {last}" if others else next(iter(there))
    if plan.links == 1:
        folder, name = os.path.split(plan.first_path)
        whole = f"{clean(name)} in {clean(short_folder(folder))} is {told} already."
        return f"{whole}{_besides(plan.free_name)}"
    if total > 1:
        return f"{total} of {plan.links} are there already, {told}."
    (link,) = (*(each.link for each in plan.known), *plan.existing)
    return f"1 of {plan.links} is there already, {told}: {link_name(link)}"


def _besides(new_name: str) -> str:
    return f"\nAdded besides, it will be {clean(new_name)}." if new_name else ""


def _renewing(plan: Plan, figures: Figures) -> str:
    """Say how much there is of failed files; comparing bytes decides whether the address fits."""
    kept = sum(each.kept_bytes or 0 for each in plan.renewable.values())
    if kept:
        return f"With a new address the {figures.size(kept).strip()} that are here stay."
    n = len(plan.renewable)
    if plan.links == 1:
        return "It failed: this link can be its new address."
    return f"{n} of them failed: a link can be {'its' if n == 1 else 'their'} new address."
