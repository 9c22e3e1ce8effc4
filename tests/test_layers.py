"""The layer rule: cli -> ui -> runs -> engine -> store -> model; imports go to the right only."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import tui_downloader

ROOT = Path(tui_downloader.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
PACKAGES = [path.parent for path in MODULES if path.name == "__init__.py" and path.parent != ROOT]
ORDER = ["cli", "ui", "runs", "engine", "store", "model"]
FOREIGN = {
    "textual": {"ui"},
    "rich": {"ui"},
    "aiohttp": {"engine"},
    "yarl": {"engine"},
    "tomlkit": {"store"},
    "platformdirs": {"store"},
    "sqlite3": {"store"},
}
# Rooms of the engine; what is in none of them joins them, or is for all.
ENGINE_ORDER = ["queue", "transfer", "disk", "network"]
NOT_IN_MODEL = {"asyncio", "socket", "threading", "time", "os", "pathlib", "sqlite3", "subprocess"}


def layer(path: Path) -> str:
    """Return the layer a module belongs to; the program's entry is of `cli`."""
    first = path.relative_to(ROOT).parts[0]
    return first if first in ORDER else "cli"


class NoTypes(ast.NodeTransformer):
    """Leaves out what is imported for annotations alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


@cache
def imports(path: Path, *, types: bool = True) -> set[str]:
    """Return every module that a file imports, wherever in it, or not for its types."""
    found: set[str] = set()
    code: ast.AST = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(code if types else NoTypes().visit(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module)
    return found


def test_a_layer_imports_only_what_is_to_its_right() -> None:
    for path in MODULES:
        here = layer(path)
        allowed = set(ORDER[ORDER.index(here) :])
        for name in imports(path):
            top, _, rest = name.partition(".")
            if top == "tui_downloader" and rest and here != "cli":
                assert rest.split(".")[0] in allowed, f"{path} imports {name}"
            assert here in FOREIGN.get(top, {here}), f"{path} imports {name}"


@pytest.mark.parametrize("room", ENGINE_ORDER)
def test_a_room_of_the_engine_needs_only_those_after_it(room: str) -> None:
    before = tuple(ENGINE_ORDER[: ENGINE_ORDER.index(room)])
    for path in (ROOT / "engine" / room).glob("*.py"):
        names = [name.split(".") for name in imports(path, types=False)]
        rooms = {name[2] for name in names if name[:2] == ["tui_downloader", "engine"]}
        assert not rooms & set(before), f"{path.name} imports from {rooms & set(before)}"


def rooms_of(path: Path) -> set[str]:
    """Return the rooms of the engine that a file knows, be it for its types."""
    names = [name.split(".") for name in imports(path)]
    return {name[2] for name in names if name[:2] == ["tui_downloader", "engine"]} & {*ENGINE_ORDER}


def test_what_is_for_all_rooms_of_the_engine_knows_none_of_them() -> None:
    """A file of no room that knows one is above that one, and no room below needs it."""
    for shared in (ROOT / "engine").glob("[a-z]*.py"):
        known = [ENGINE_ORDER.index(room) for room in rooms_of(shared)]
        for room in ENGINE_ORDER[min(known, default=len(ENGINE_ORDER)) :]:
            for path in (ROOT / "engine" / room).glob("*.py"):
                assert module(shared) not in imports(path, types=False), path


def test_the_interface_sees_the_engine_by_its_public_names_only() -> None:
    faces = [path for path in MODULES if layer(path) in ("ui", "runs")]
    inside = "tui_downloader.engine."
    assert [path for path in faces for name in imports(path) if name.startswith(inside)] == []


def test_what_is_shown_is_text_and_no_widget() -> None:
    widgets = r"textual\.(app|screen|widgets?)\b|tui_downloader\.ui\.(screens|widgets)\b"
    views = (ROOT / "ui" / "view").glob("*.py")
    assert [path for path in views for name in imports(path) if re.match(widgets, name)] == []


def test_the_model_touches_nothing_outside() -> None:
    model = [path for path in MODULES if layer(path) == "model"]
    outside = {name for path in model for name in imports(path)}
    assert not {name.split(".")[0] for name in outside} & NOT_IN_MODEL


def module(path: Path) -> str:
    """Return the name that a file is imported by."""
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def needed(path: Path) -> set[str]:
    """Return the modules of the program that a file imports, for annotations too."""
    names = {module(each) for each in MODULES}
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in names:
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= parts & names or {node.module}
    return found - {module(path)}


def test_no_files_import_each_other_in_a_circle() -> None:
    """Whoever reads a file reads what it needs first; that has an end."""
    unread = {module(path): needed(path) for path in MODULES}
    while understood := {name for name, others in unread.items() if not others & unread.keys()}:
        unread = {name: others for name, others in unread.items() if name not in understood}
    assert unread == {}


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert [path for path, length in lengths.items() if length > 400] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_map_of_a_package_has_each_of_its_modules(package: Path) -> None:
    """A line of the map, in the package's docstring, is names with commas between, and words."""
    code = (package / "__init__.py").read_text(encoding="utf-8")
    words = ast.get_docstring(ast.parse(code), clean=False) or ""
    lines = re.findall(r"^    ([a-z_]+(?:, [a-z_]+)*) ", words, re.MULTILINE)
    named = [name for line in lines for name in line.split(", ")]
    modules = [path.stem for path in package.glob("*.py") if path.stem != "__init__"]
    inner = [path.name for path in PACKAGES if path.parent == package]
    assert sorted(named) == sorted(modules + inner)


def test_no_test_imports_from_another() -> None:
    tests = (ROOT.parent / "tests").rglob("test_*.py")
    names = {name for path in tests for name in imports(path)}
    assert [name for name in names if re.search(r"^tests\..*\btest_", name)] == []


@pytest.mark.parametrize("readme", ["README.md", "tui_downloader/README.md"])
def test_a_readme_names_only_files_that_are_there(readme: str) -> None:
    folder = ROOT.parent
    files = [str(path) for part in (ROOT, folder / "tests") for path in part.rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", (folder / readme).read_text(encoding="utf-8"))
    assert [name for name in named if not any(each.endswith(f"/{name}") for each in files)] == []


def loaded_by(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the modules that it loaded."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(shown.stdout.split())


def test_importing_the_engine_loads_no_aiohttp() -> None:
    assert "aiohttp" not in loaded_by("import tui_downloader.engine")


def test_the_first_picture_needs_no_part_of_the_engine() -> None:
    loaded = loaded_by(
        "import tui_downloader.ui.run\n"
        "from tui_downloader.engine import Engine, EngineOptions\n"
        "Engine(EngineOptions())"
    )
    assert "tui_downloader.ui.app" in loaded
    assert not {"tui_downloader.engine.parts", "tui_downloader.engine.transfer.download"} & loaded


def test_get_never_loads_the_interface_or_the_queue() -> None:
    loaded = loaded_by(
        "from tui_downloader.cli import main\n"
        "from tui_downloader.model import retry\n"
        "retry.FIRST_WAIT_S = retry.LONGEST_BACKOFF_S = 0.01\n"
        "try: main(['get', '-q', 'http://127.0.0.1:1/x', '-d', '/nonexistent/x'])\n"
        "except SystemExit: pass"
    )
    assert "aiohttp" in loaded
    assert not {"textual", "rich", "sqlite3", "tomlkit", "tui_downloader.ui"} & loaded
