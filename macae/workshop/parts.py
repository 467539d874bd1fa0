"""What a learner has built, kept as files: theirs once it passed, ours until then."""

from __future__ import annotations

import hashlib
import linecache
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from macae.config import checkout, load_settings
from macae.errors import ConfigError, InvalidInput, StoreError
from macae.private import private_file, private_folder
from macae.workshop.build import unmarked
from macae.workshop.exercise import Exercise
from macae.workshop.harness import only_what_is_new, run
from macae.workshop.registry import find
from macae.workshop.sources import OURS, THEIRS, closure, definitions

__all__ = ["folder", "keep", "kept", "mine", "ours", "solution_source"]


def folder() -> Path:
    """Where the answers that passed are kept."""
    return load_settings().home / "workshop" / "parts"


def keep(thing: Any, name: str, fails: Callable[[Any], str] | None = None) -> Path:
    """Keep the source of an answer to the exercise of that name; `fails` says what is wrong with it where it stands alone.

    Raises InvalidInput when it uses what cannot be kept, StoreError, and whatever its source raises when it is run by itself.
    """
    path = folder() / f"{name}.py"
    text = closure(thing)
    if thing.__name__ != name:
        text += f"\n{name} = {thing.__name__}\n"
    draft = path.with_suffix(".new")
    try:
        private_folder(path.parent)
        private_file(draft)
        draft.write_text(text, encoding="utf-8")
        # What cannot be run by itself does not replace what could.
        alone = bounded(lambda: load(draft, name))
        if fails is not None and (why := fails(alone)):
            raise InvalidInput(f"By itself it does not pass: {why}")
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"Your answer could not be kept in {path} ({error}).") from None
    return path


def bounded(work: Callable[[], Any], seconds: float = 5.0) -> Any:
    """What `work` gives, run off the learner's hands. Raises what it raises, and InvalidInput when it does not end."""
    made: list[Any] = []

    async def do() -> None:
        made.append(work())

    with only_what_is_new():
        outcome = run(do, seconds, lambda frame: False)
    if outcome.error is not None:
        raise outcome.error
    if not made:
        raise InvalidInput(f"Run by itself, its source had not ended after {seconds:g} seconds.")
    return made[0]


def load(path: Path, name: str) -> Any:
    """The object of that name that a file defines. Raises whatever the file raises."""
    text = path.read_text(encoding="utf-8")
    return getattr(
        module_of(f"{THEIRS}{hashlib.sha256(f'{path}{text}'.encode()).hexdigest()[:12]}", text), name
    )


def module_of(key: str, text: str) -> ModuleType:
    """The source as a module of that name, made once. Raises whatever the source raises."""
    if key not in sys.modules:
        module = sys.modules[key] = ModuleType(key)
        linecache.cache[key] = (len(text), None, text.splitlines(keepends=True), key)
        try:
            exec(compile(text, key, "exec", dont_inherit=True), module.__dict__)
        except BaseException:
            del sys.modules[key]
            raise
    return sys.modules[key]


def kept(name: str) -> Any | None:
    """The learner's object, or None when none has passed yet. Raises whatever a file that was changed by hand raises."""
    path = folder() / f"{name}.py"
    return load(path, name) if path.is_file() else None


def mine(name: str) -> Any:
    """The learner's class or function of that name once it passed its check, else ours. Raises InvalidInput for another name."""
    exercise = find(name)
    try:
        theirs = kept(name)
    except Exception:  # somebody edited the file: nobody is held up by that
        theirs = None
    return ours(exercise) if theirs is None else theirs


def ours(exercise: Exercise) -> Any:
    """What stands in for the learner's object: the engine's own part, or the one in our solution."""
    if exercise.ours is not None:
        module, _, name = exercise.ours.partition(":")
        return getattr(import_module(module), name)
    return getattr(solved(exercise.challenge.notebook), exercise.name)


@cache
def solved(notebook: str) -> ModuleType:
    """The definitions of a solution notebook, as a module."""
    text = definitions([cell.source for cell in solution_cells(notebook) if cell.cell_type == "code"])
    return module_of(f"{OURS}{notebook.replace('-', '_')}", text)


def solution_cells(notebook: str) -> list[Any]:
    """The cells of a solution notebook. Raises ConfigError when it is not there."""
    import nbformat

    places = (checkout(), Path(__file__).parents[2])
    for place in places:
        path = place / "solutions" / f"{notebook}.ipynb"
        if path.is_file():
            return list(nbformat.reads(path.read_text(encoding="utf-8"), as_version=4).cells)  # type: ignore[no-untyped-call]
    raise ConfigError(
        f"The folder solutions with {notebook}.ipynb is not here. Open the notebooks inside the workshop's folder."
    )


def solution_source(exercise: Exercise) -> str:
    """Our answer, as the solution notebook has it. Raises ConfigError."""
    for cell in solution_cells(exercise.challenge.notebook):
        if cell.cell_type == "code" and defines(cell.source, exercise):
            return unmarked(cell.source).strip()
    raise ConfigError(f"The solution of {exercise.name} is not in {exercise.challenge.notebook}.ipynb.")


def defines(source: str, exercise: Exercise) -> bool:
    """Whether a cell defines the exercise's object."""
    words = ("class",) if exercise.kind == "class" else ("def", "async def")
    return any(line.startswith(f"{word} {exercise.name}{end}") for line in source.splitlines() for word in words for end in ("(", ":"))  # fmt: skip
