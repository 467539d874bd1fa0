"""Every wrapper of a memory with its source, and how many lines of code that is."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize

from macae.memory import policies
from macae.memory.policies import WrappedMemory
from macae.ui.text import esc
from macae.workshop.card import Card

__all__ = ["code_lines", "wrapper_source", "wrappers", "wrappers_list"]

_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}  # fmt: skip


def wrappers() -> dict[str, type[WrappedMemory]]:
    """All of them by name, their common base first."""
    public = [getattr(policies, name) for name in policies.__all__]
    found = [one for one in public if inspect.isclass(one) and issubclass(one, WrappedMemory)]
    return {one.__name__: one for one in sorted(found, key=lambda one: one is not WrappedMemory)}


def wrapper_source(name: str) -> str:
    """All that makes this wrapper: its file without the imports. Raises KeyError, with the names that there are."""
    known = wrappers()
    if name not in known:
        raise KeyError(f"There is no wrapper {name!r}. Choose one of: {', '.join(known)}.")
    whole = inspect.getsource(inspect.getmodule(known[name]))  # type: ignore[arg-type]
    first = next(
        node for node in ast.parse(whole).body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Assign)
        and "__all__" not in ast.unparse(node)
    )  # fmt: skip
    start = min([first.lineno, *[one.lineno for one in getattr(first, "decorator_list", [])]])
    return "".join(whole.splitlines(keepends=True)[start - 1 :])


def code_lines(source: str) -> int:
    """Lines that hold code: no docstrings, comments and blank lines."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(
            node.value, ast.Constant
        ):  # a docstring, or one of a value
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def wrappers_list() -> Card:
    """One line a wrapper: what it is for, and its lines of code. Opened, it is the source."""
    rows, told = [], []
    for name, one in wrappers().items():
        what = (inspect.getdoc(inspect.getmodule(one)) or "").splitlines()[0].split(". ")[0].rstrip(".")
        itself, all_of_it = code_lines(inspect.getsource(one)), code_lines(wrapper_source(name))
        more = f", and {all_of_it - itself} beside the class" if all_of_it > itself else ""
        said = f"{name}: {what}. {itself} lines{more}"
        told.append(said)
        head = f"<code>{esc(name)}</code> {esc(said.removeprefix(f'{name}: '))}"
        rows.append(f"<details><summary>{head}</summary><pre>{esc(wrapper_source(name))}</pre></details>")
    return Card(f"<h4>Every wrapper, to be opened and read</h4>{''.join(rows)}", "\n".join(told), "info")
