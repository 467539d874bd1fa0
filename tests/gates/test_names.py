"""The public names: listed, documented, loaded when asked for, and cheap to import."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import macae
from tests.gates.files import REPOSITORY

PACKAGES = [
    "macae",
    *(found.name for found in pkgutil.walk_packages(macae.__path__, "macae.") if found.ispkg),
]
PACKAGES = [name for name in PACKAGES if not name.endswith("__main__")]


def bound(tree: ast.Module) -> set[str]:
    """The public names that an `__init__` imports (for readers and type checkers too) or defines."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("macae"):
            names |= {alias.asname or alias.name for alias in node.names}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return {name for name in names if not name.startswith("_") and name != "lazy_names"}


@pytest.mark.parametrize("name", PACKAGES)
def test_all_agrees_with_what_a_package_gives(name: str) -> None:
    package = importlib.import_module(name)
    assert package.__doc__, f"{name} has no docstring"
    listed = getattr(package, "__all__", None)
    if listed is None:
        return
    assert len(set(listed)) == len(listed)
    for item in listed:
        assert getattr(package, item, None) is not None, (
            f"{name}.__all__ lists {item}, which cannot be loaded"
        )
    assert set(listed) <= set(dir(package))
    assert package.__file__
    given = bound(ast.parse(Path(package.__file__).read_text(encoding="utf-8")))
    assert given <= set(listed), f"{name} gives names that __all__ lacks: {sorted(given - set(listed))}"
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(package, "no_such_name")  # noqa: B009


def test_importing_macae_is_cheap() -> None:
    """Under 0.3 s, or on a slow machine at most 2.5 times autogen_core's import, measured side by side."""
    code = "import json, sys, time; t = time.perf_counter(); import {}; print(json.dumps([time.perf_counter() - t, sorted(sys.modules)]))"
    best: dict[str, float] = {}
    for _ in range(4):
        for name in ("macae", "autogen_core"):
            command = [sys.executable, "-c", code.format(name)]
            seconds, modules = json.loads(
                subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout
            )
            best[name] = min(best.get(name, 99.0), seconds)
            if name == "macae":
                heavy = {
                    "openai",
                    "chromadb",
                    "ipywidgets",
                    "matplotlib",
                    "autogen_agentchat",
                    "sqlite3",
                } & set(modules)
                assert not heavy, f"import macae loads {sorted(heavy)}"
    assert best["macae"] < max(0.3, 2.5 * best["autogen_core"]), best
