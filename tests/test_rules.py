"""The rules for the code: sizes, docstrings, and which layer may import what."""

from __future__ import annotations

import ast
import graphlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import chatgrid_tui
from chatgrid_tui.dialects.registry import DIALECTS

PACKAGE = Path(chatgrid_tui.__file__).parent
ROOT = PACKAGE.parents[1]
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_FILE = 400
LONGEST_APP = 300


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_no_file_is_too_long() -> None:
    lengths = {place(file): len(file.read_text().splitlines()) for file in (*SOURCES, *TESTS)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_app_is_composition_only() -> None:
    assert len((PACKAGE / "ui" / "app.py").read_text().splitlines()) <= LONGEST_APP


def test_every_module_has_a_docstring() -> None:
    silent = [place(file) for file in (*SOURCES, *TESTS) if not ast.get_docstring(parsed(file))]
    assert silent == []


def public_definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Give the functions and classes of a module that others may use."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_every_public_class_and_function_has_a_docstring() -> None:
    silent = [
        f"{place(file)}: {node.name}"
        for file in SOURCES
        for node in public_definitions(parsed(file))
        if not ast.get_docstring(node)
    ]
    assert silent == []


@cache
def imports_of(file: Path) -> set[str]:
    """Return the outermost packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize(
    ("library", "only_in"),
    [
        ("httpx", "engine/http.py"),
        ("httpcore", "engine"),
        ("sqlite3", "store"),
        ("textual", "ui"),
        ("rich", "ui"),
        ("pyperclip", "ui"),
        ("PIL", "ui/chat/bubbles/pictures.py"),
        ("argparse", "cli"),
        ("h11", "http_server"),
        ("tomli_w", "config"),
    ],
)
def test_each_library_has_its_one_place(library: str, only_in: str) -> None:
    users = [file.relative_to(PACKAGE).as_posix() for file in SOURCES if library in imports_of(file)]
    assert users
    assert [user for user in users if user != only_in and not user.startswith(f"{only_in}/")] == []


def texts_in(tree: ast.Module) -> Iterator[str]:
    """Give the texts of a module, without its docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def modules_imported_by(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_only_dialects_and_the_bots_know_kinds_of_services() -> None:
    names = (*(dialect.name for dialect in DIALECTS.values()), "OpenAI")
    modules = tuple(f"chatgrid_tui.dialects.{kind}" for kind in DIALECTS)
    found = []
    for file in SOURCES:
        if file.relative_to(PACKAGE).parts[0] in ("dialects", "demo"):
            continue
        tree = parsed(file)
        named = [text for text in texts_in(tree) if text in DIALECTS or any(name in text for name in names)]
        imported = [module for module in modules_imported_by(tree) if module.startswith(modules)]
        found += [f"{place(file)}: {name}" for name in (*named, *imported)]
    assert found == []


def test_no_imports_go_in_circles() -> None:
    modules = {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts): file for file in SOURCES}
    imports: dict[str, set[str]] = {}
    for module, file in modules.items():
        names: set[str] = set()
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        imports[module] = names & modules.keys()
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml on the package in `root`."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "tui"), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_imports_point_down_the_layers() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " 0 broken" in linted.stdout


def test_the_contracts_notice_what_they_forbid(tmp_path: Path) -> None:
    copy = tmp_path / "tui" / "chatgrid_tui"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache"))
    forbidden = {
        "session/session.py": "import textual",
        "wire/lines.py": "import asyncio",
        "engine/http.py": "import chatgrid_tui.session.session",
        "demo/server.py": "import chatgrid_tui.dialects.registry",
    }
    for name, line in forbidden.items():
        with (copy / name).open("a") as module:
            module.write(f"\n{line}\n")
    linted = lint_imports(tmp_path)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    for contract in (
        "Imports point down the layers",
        "Only the interface knows Textual and Rich",
        "What decides does no input or output",
        "The embedded bots share no code with the decoders",
    ):
        assert f"{contract} BROKEN" in linted.stdout
