"""A learner's class or function as source that stands by itself: with the imports, helpers and constants that it uses."""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import linecache
import re
import symtable
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from macae.errors import InvalidInput
from macae.workshop.diagnose import home_of

__all__ = ["OURS", "THEIRS", "closure", "definitions"]

HEAD = '"""Your answer, kept when its check passed. It is written anew each time that the check passes."""'
SECRET = re.compile(r"\b(?:sk|ghp|gho|github_pat|xox[abp])[-_][A-Za-z0-9_-]{16,}|\beyJ[A-Za-z0-9_-]{20,}\.")
SECRET_NAME = re.compile(r"(?i)(?:^|_)(?:key|token|secret|password|passwd|pwd)$")
THEIRS, OURS = "macae_mine_", "macae_solution_"
"""How the names of the modules begin that hold kept answers, and our solutions."""
OF_NOTEBOOKS = {
    "display": "from IPython.display import display",
    "get_ipython": "from IPython import get_ipython",
}
"""What every notebook has without an import, and where it can be imported elsewhere."""
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def closure(thing: Any) -> str:
    """The source of a module that defines `thing` and whatever of the notebook it uses.

    Raises InvalidInput, naming what could not be kept: a variable that holds something living, such as an engine.
    """
    writer = Writer(home_of(thing), texts_of(thing))
    writer.define(thing.__name__, thing)
    future = any(code.co_flags & __future__.annotations.compiler_flag for code in codes_of(thing))
    head = [HEAD, "from __future__ import annotations"] if future else [HEAD]
    text = "\n\n".join([*head, *sorted(writer.imports), *writer.parts]) + "\n"
    if SECRET.search(text):
        raise InvalidInput("It holds what looks like a key. Keys belong in `.env`, never in code.")
    return text


def texts_of(thing: Any) -> list[str]:
    """Where definitions may be found: the text that `thing` was compiled from first, then the notebook's cells, newest first."""
    found = []
    for code in codes_of(thing):
        lines = linecache.getlines(code.co_filename, home_of(thing))  # type: ignore[arg-type]
        found.append("".join(lines))
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    if running is not None:
        cells = running.user_ns.get("In", [])
        found += [running.transform_cell(cell) for cell in reversed(cells[-500:]) if isinstance(cell, str)]
        # A class without methods names no file; and who runs a notebook may keep no history (nbval does not).
        compiled = [
            entry[2] for name, entry in linecache.cache.items() if "ipykernel_" in name and len(entry) == 4
        ]
        found += ["".join(lines) for lines in reversed(compiled[-500:])]
    return found


def codes_of(thing: Any) -> list[types.CodeType]:
    """The compiled code of a function, or of a class's own methods."""
    if inspect.isclass(thing):
        plain = [inspect.unwrap(value) for value in vars(thing).values() if callable(value)]
        return [
            value.__code__
            for value in plain
            if inspect.isfunction(value) and value.__module__ == thing.__module__
        ][:1]
    plain_thing = inspect.unwrap(thing)
    return [plain_thing.__code__] if inspect.isfunction(plain_thing) else []


def from_ipython(name: str, value: Any) -> bool:
    """Whether a name still stands for what IPython gives every notebook; None: it is not among the notebook's names."""
    if value is None:
        return True
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return getattr(running, "user_ns_hidden", {}).get(name) is value


def built_in(name: str, value: Any) -> bool:
    """Whether a name still stands for Python's own, or for what IPython puts in its place (as it does with `open`)."""
    if not hasattr(builtins, name):
        return False
    own = getattr(builtins, name)
    return value is own or getattr(value, "__wrapped__", None) is own or from_ipython(name, value)


def parsed(text: str) -> ast.Module | None:
    """The text as a tree, with top-level await; None when it is no Python."""
    try:
        tree: ast.Module = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        return tree
    except (SyntaxError, ValueError):
        return None


def written(text: str, node: ast.stmt) -> str:
    """A statement's text, its decorators included."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def taken_by(node: ast.AST) -> set[str]:
    """The names that a piece of source takes from around it. Its own parameters and variables are not among them."""
    found: set[str] = set()
    tables = [symtable.symtable(ast.unparse(node), "<cell>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        outer = table.get_type() == "module"
        found |= {s.get_name() for s in table.get_symbols() if s.is_global() or (outer and s.is_referenced())}
    return found


def sets(node: ast.stmt, name: str) -> bool:
    """Whether a statement assigns the name, without awaiting anything."""
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return any(isinstance(t, ast.Name) and t.id == name for t in targets) and not any(
        isinstance(inner, ast.Await) for inner in ast.walk(node)
    )  # fmt: skip


def gives(node: ast.stmt, name: str) -> bool:
    """Whether a statement defines the class or function: itself, or inside an `if`, `try` or `with`."""
    if isinstance(node, Definition):
        return node.name == name
    return isinstance(node, ast.If | ast.Try | ast.With) and any(
        gives(inner, name) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)
    )


def publicly(module: str, name: str, value: Any) -> str | None:
    """The shortest package path from which the value can be imported by its name; None when there is none."""
    pieces = module.split(".")
    paths = [".".join(pieces[: i + 1]) for i in range(len(pieces))]
    return next((path for path in paths if getattr(sys.modules.get(path), name, None) is value), None)


class Writer:
    """Collects what a definition needs, each thing once, what is used before who uses it."""

    def __init__(self, names: Mapping[str, Any], texts: Sequence[str]) -> None:
        self.names, self.texts = names, list(texts)
        self.imports: set[str] = set()
        self.parts: list[str] = []
        self.done: set[str] = set()

    def define(self, name: str, thing: Any) -> None:
        """Write the newest definition of a class or function of the notebook."""
        self.done.add(name)
        own = texts_of(thing)[:1] if codes_of(thing) else []
        for text in [*own, *self.texts]:
            tree = parsed(text)
            for node in reversed(tree.body if tree else []):
                if gives(node, name):
                    self.follow(node)
                    self.parts.append(written(text, node))
                    return
        raise InvalidInput(f"The source of `{name}` was not found. Run its cell again, then the check.")

    def follow(self, node: ast.AST) -> None:
        """Write whatever a piece of source uses."""
        for name in sorted(taken_by(node) - self.done):
            if name in self.done:  # what came before it in this loop used it too
                continue
            if name in OF_NOTEBOOKS and from_ipython(name, self.names.get(name)):
                self.done.add(name)
                self.imports.add(OF_NOTEBOOKS[name])
            elif name in self.names and not built_in(name, self.names[name]):
                self.need(name, self.names[name])

    def need(self, name: str, value: Any) -> None:
        """Write what a name stands for."""
        self.done.add(name)
        if isinstance(value, types.ModuleType):
            same = value.__name__ == name
            self.imports.add(f"import {name}" if same else f"import {value.__name__} as {name}")
            return
        module, full = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(module, str) and isinstance(full, str):
            if module.startswith(
                (THEIRS, OURS)
            ):  # what `mine` gave: its module is not there in another process
                self.imports.add("from macae.workshop import mine")
                self.parts.append(f"{name} = mine({full!r})")
                return
            at_home = self.names.get("__name__") == module
            if not at_home and (public := publicly(module, full, value)):
                self.imports.add(f"from {public} import {full}" + ("" if full == name else f" as {name}"))
                return
            made = "<" in full  # a lambda, or what a function or a decorator gave: its own name leads nowhere
            if at_home and not made and (inspect.isfunction(inspect.unwrap(value)) or inspect.isclass(value)):
                self.define(value.__name__, value)
                if value.__name__ != name:
                    self.parts.append(f"{name} = {value.__name__}")
                return
        self.assign(name, value)

    def assign(self, name: str, value: Any) -> None:
        """Write what was made: as the notebook wrote it, or else as its value."""
        if isinstance(value, str) and value and SECRET_NAME.search(name):
            raise InvalidInput(
                f"It uses `{name}`, which looks like a key. Keys belong in `.env`, never in code."
            )
        own = texts_of(value)[:1] if inspect.isfunction(value) else []
        for text in [*own, *self.texts]:
            tree = parsed(text)
            for node in reversed(tree.body if tree else []):
                if isinstance(node, ast.ImportFrom | ast.Import) and any((a.asname or a.name) == name for a in node.names):  # fmt: skip
                    self.imports.add(written(text, node))
                    return
                named = isinstance(node, Definition) and node.name == name
                if named or (sets(node, name) and not hasattr(value, "close")):
                    self.follow(node)
                    self.parts.append(written(text, node))
                    return
        try:
            ast.literal_eval(repr(value))
        except (ValueError, SyntaxError, RecursionError):
            raise InvalidInput(
                f"It uses `{name}`, a variable of the notebook that cannot be kept. Hand it in as a parameter."
            ) from None
        self.parts.append(f"{name} = {value!r}")


def definitions(cells: Sequence[str]) -> str:
    """What a notebook's cells define: imports, functions, classes and CONSTANTS, without whatever else they do."""
    kept = []
    for text in cells:
        tree = parsed(text)
        for node in tree.body if tree else []:
            constant = isinstance(node, ast.Assign | ast.AnnAssign) and any(
                isinstance(t, ast.Name) and t.id[:1].isupper() and sets(node, t.id)
                for t in (node.targets if isinstance(node, ast.Assign) else [node.target])
            )
            if constant or isinstance(node, Definition | ast.Import | ast.ImportFrom):
                kept.append(written(text, node))
    return "\n\n".join(kept) + "\n"
