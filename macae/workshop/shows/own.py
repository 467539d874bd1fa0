"""Questions that somebody wrote for the memory notebook: each line is looked at by itself, and a bad one is left out and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from macae.errors import InvalidInput

if TYPE_CHECKING:
    from macae.evals.rag import RagQuestion

__all__ = ["own_questions"]


def own_questions(lines: Sequence[Any], documents: Iterable[str]) -> tuple[list[RagQuestion], list[str]]:
    """The questions of lines (question, document's id or empty, words that the answer needs or empty), and what is wrong with
    the others. Raises InvalidInput when no line can be used."""
    from macae.evals.rag import RagQuestion

    known = sorted(documents)
    questions: list[RagQuestion] = []
    told: list[str] = []
    for number, line in enumerate(lines, 1):
        if why := fault(line, known):
            told.append(f"Line {number} is left out: {why}")
            continue
        words, document, needed = (part.strip() for part in line)
        questions.append(
            RagQuestion(
                id=str(number),
                question=words,
                kind="plain" if document else "unanswerable",
                split="test",
                sources=[document] if document else [],
                needs=[needed] if needed else [],
            )
        )
    if not questions:
        raise InvalidInput(" ".join(["No line can be used.", *told]))
    return questions, told


def fault(line: Any, known: Sequence[str]) -> str:
    """What is wrong with a line; empty where nothing is."""
    if (
        not isinstance(line, tuple | list)
        or len(line) != 3
        or not all(isinstance(part, str) for part in line)
    ):
        return (
            'it must have three texts: ("question", "document", "words of the answer"). Is a comma missing?'
        )
    words, document, needed = (part.strip() for part in line)
    if not words:
        return "its question is empty."
    if not document and needed:
        return f"it names no document, so that nothing answers it; then leave {needed!r} out too."
    if document and document not in known:
        near = nearest(document, known)
        meant = (
            f" Did you mean {' or '.join(map(repr, near))}?"
            if near
            else " Its name is the file's, without the ending."
        )
        return f"no document is called {document!r}.{meant}"
    return ""


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """The documents that somebody may have meant: those that begin so, else those that are written nearly so."""
    short = name.lower().rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    bare = short.rsplit(".", 1)[0]
    begun = [one for one in known if one == bare or one.startswith(bare)]
    return (begun or [one for one in known if bare in one] or get_close_matches(bare, known, 2))[:2]
