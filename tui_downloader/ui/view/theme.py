"""Our themes, blue, orange and grey, and what makes those of others as readable as ours.

Every text has a contrast of 4.5:1 or more to what is below it, also as terminals of 256 colours
show them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.color import Color
from textual.theme import Theme

from tui_downloader.ui.view.chart import GRADES
from tui_downloader.ui.view.contrast import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

DARK = Theme(
    name="dark",
    primary="#6cb6ff",
    secondary="#4a90d9",
    accent="#a5d3ff",
    warning="#ffb454",
    error="#ff8a5c",
    success="#7cc7c1",
    foreground="#dbe2ec",
    background="#10141b",
    surface="#171d27",
    panel="#1f2733",
    dark=True,
    variables={
        "role-muted": "#8d99ab",
        "role-track": "#3a4556",
        "role-spark": "#4a86c5",
        "graph-foot": "#4660c8",
        "graph-middle": "#4fa3ee",
        "graph-top": "#7fe0ea",
        "role-highlight": "#1b2e49",
        "role-highlight-blurred": "#1c2532",
        "scrollbar": "#2b3544",
        "scrollbar-hover": "#3a4556",
        "scrollbar-active": "#6cb6ff",
        "scrollbar-background": "#141a23",
        "scrollbar-background-hover": "#141a23",
        "scrollbar-background-active": "#141a23",
        "border": "#3f8fe0",
        "border-blurred": "#2b3544",
        "block-cursor-background": "#1b2e49",
        "block-cursor-foreground": "#dbe2ec",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#1b2e49",
        "input-selection-background": "#2d5f95",
        "button-color-foreground": "#10141b",
    },
)

LIGHT = Theme(
    name="light",
    primary="#0a5fb4",
    secondary="#2f78c0",
    accent="#084a8c",
    warning="#714d00",
    error="#b22f0a",
    success="#0b6660",
    foreground="#1d2530",
    background="#f8f9fb",
    surface="#eef1f5",
    panel="#e3e8ee",
    dark=False,
    variables={
        "role-muted": "#546172",
        "role-track": "#c3ccd8",
        "role-spark": "#6ba2d8",
        "graph-foot": "#7088de",
        "graph-middle": "#2f72c4",
        "graph-top": "#0a6a80",
        "role-highlight": "#d3e5f8",
        "role-highlight-blurred": "#e6ebf1",
        "scrollbar": "#c3ccd8",
        "scrollbar-hover": "#a9b5c4",
        "scrollbar-active": "#0a5fb4",
        "scrollbar-background": "#eef1f5",
        "scrollbar-background-hover": "#eef1f5",
        "scrollbar-background-active": "#eef1f5",
        "border": "#0a5fb4",
        "border-blurred": "#c3ccd8",
        "block-cursor-background": "#d3e5f8",
        "block-cursor-foreground": "#1d2530",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#d3e5f8",
        "input-selection-background": "#a9cdf0",
        "button-color-foreground": "#f8f9fb",
    },
)

# The terminal's own 16 colours; what they look like is the user's business. Blue, yellow and grey
# carry the meaning, red never stands against green.
_ANSI = {
    "role-spark": "ansi_blue",
    "graph-foot": "ansi_blue",
    "role-highlight": "ansi_default",
    "role-highlight-blurred": "ansi_default",
    "border": "ansi_blue",
    "block-cursor-text-style": "bold reverse",
    "block-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
    "block-cursor-blurred-text-style": "reverse",
    "block-cursor-blurred-foreground": "ansi_default",
    "block-cursor-blurred-background": "ansi_default",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "input-cursor-text-style": "reverse",
    "input-selection-background": "ansi_blue",
    "input-selection-foreground": "ansi_bright_white",
    "button-color-foreground": "ansi_default",
    "scrollbar-background": "ansi_default",
    "scrollbar-background-hover": "ansi_default",
    "scrollbar-background-active": "ansi_default",
}

ANSI_DARK = Theme(
    name="ansi-dark",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_blue",
    accent="ansi_bright_cyan",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    success="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables=_ANSI
    | {
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "role-muted": "ansi_white",
        "graph-middle": "ansi_bright_blue",
        "graph-top": "ansi_bright_cyan",
        "role-track": "ansi_bright_black",
    },
)

ANSI_LIGHT = Theme(
    name="ansi-light",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_blue",
    accent="ansi_blue",
    warning="ansi_magenta",
    error="ansi_red",
    success="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=False,
    variables=_ANSI
    | {
        "ansi-background": "ansi_white",
        "ansi-foreground": "ansi_black",
        "border-blurred": "ansi_white",
        "role-muted": "ansi_bright_black",
        "graph-middle": "ansi_blue",
        "graph-top": "ansi_cyan",
        "role-track": "ansi_white",
    },
)

THEMES = (DARK, LIGHT, ANSI_DARK, ANSI_LIGHT)


def in_order(names: Iterable[str]) -> list[str]:
    """Our own themes come first, then Textual's by name."""
    ours = [theme.name for theme in THEMES]
    return sorted(names, key=lambda name: (ours.index(name) if name in ours else len(ours), name))


_STAND_INS = {
    "role-muted": "foreground-muted",
    "role-track": "foreground-disabled",
    "role-spark": "primary-darken-1",
    "role-highlight-blurred": "surface",
}
# What is written in colours of the theme.
_WRITTEN = {
    "role-accent": "primary",
    "role-speed": "accent",
    "role-warning": "warning",
    "role-error": "error",
    "role-success": "success",
}
# The colours of a chart, and what stands in for them in themes that are not ours.
_GRAPH = {"graph-foot": "primary-darken-1", "graph-middle": "primary", "graph-top": "accent"}
_HIGHLIGHT_SHARE = 0.2


def with_roles(variables: dict[str, str]) -> dict[str, str]:
    """Complete the variables of a theme; text of one that is not ours is made readable."""
    colours = {role: variables[name] for role, name in _WRITTEN.items()} | _grades(variables)
    if "role-muted" in variables:
        return colours | variables
    colours |= {role: variables[name] for role, name in _STAND_INS.items()}
    return _made_readable(variables | colours)


def _grades(variables: dict[str, str]) -> dict[str, str]:
    """The colours of a chart, from the foot of its scale to the top.

    Those of the terminal cannot be mixed: each has a third of the scale.
    """
    ends = [variables.get(name, variables[other]) for name, other in _GRAPH.items()]
    shares = [grade / (GRADES - 1) for grade in range(GRADES)]
    if any(end.startswith("ansi") for end in ends):
        grades = [ends[min(2, int(3 * share))] for share in shares]
    else:
        foot, middle, top = map(Color.parse, ends)
        grades = [
            (foot.blend(middle, 2 * share) if share < 0.5 else middle.blend(top, 2 * share - 1)).hex
            for share in shares
        ]
    return {f"role-graph-{grade}": colour for grade, colour in enumerate(grades, 1)}


def _made_readable(colours: dict[str, str]) -> dict[str, str]:
    """Move what is written away from what may be below it: the screen, a dialog, a highlight."""
    ground, surface, primary = (
        Color.parse(colours[name]) for name in ("background", "surface", "primary")
    )
    highlight = ground.blend(primary, _HIGHLIGHT_SHARE)
    changed = {
        name: readable(Color.parse(colours[name]), (ground, surface, highlight)).hex
        for name in ("foreground", "role-muted", *_WRITTEN)
    }
    text, lit = changed["foreground"], highlight.hex
    changed |= {
        "panel": surface.hex,
        "role-highlight": lit,
        "input-selection-background": lit,
        "input-selection-foreground": text,
        "button-color-foreground": readable(ground, (primary,)).hex,
    }
    for cursor in ("block-cursor", "block-cursor-blurred"):
        changed |= {f"{cursor}-background": lit, f"{cursor}-foreground": text}
    return colours | changed
