"""Misspelt words are mended when one known word is near: "onbord", "lapttop"."""

from __future__ import annotations

import re
from functools import lru_cache

from macae.llm.offline.words import fold, lexicon, stem
from macae.llm.ranking import nearest

__all__ = ["corrected"]

_WORD = re.compile(
    r"(?<![\w@./'’-])(?:[a-zà-ÿ]{4,}|(?<![^.!?\s] )(?:(?<=^)|(?<=[.!?] ))[A-Z][a-zà-ÿ]{4,}(?= [a-z]))(?![\w@'’-]|\.\w)"
)


@lru_cache(maxsize=4096)
def _mended(word: str, vocabulary: frozenset[str]) -> str:
    folded = fold(word)
    lex = lexicon()
    for form in (
        folded,
        folded.removesuffix("s"),
        folded.removesuffix("es"),
        folded.removesuffix("ed"),
        folded.removesuffix("d"),
        folded.removesuffix("ing"),
        folded.removesuffix("ing") + "e",
        folded.removesuffix("ly"),
        folded.removesuffix("ies") + "y",
    ):
        if form in lex.known or form in vocabulary:
            return word
    if stem(folded) in lex.near:
        return word
    known = lex.known | vocabulary
    if len(folded) == 4:
        verbs = [v for v in lex.verbs if v[0] == folded[0] and len(v) == 5 and set(folded) <= set(v)]
        return verbs[0] if len(verbs) == 1 else word
    found = nearest(folded, known)
    if found is None and folded.endswith("s"):
        found = nearest(folded[:-1], known)
    if found is None:
        return word
    return found.capitalize() if word[0].isupper() else found


def corrected(text: str, vocabulary: frozenset[str]) -> str:
    """The text with misspelt small-written words mended; names, quotes and addresses stay."""
    if '"' in text or "“" in text:
        parts = re.split(r"([\"“][^\"”]*[\"”])", text)
        return "".join(
            p if i % 2 else _WORD.sub(lambda m: _mended(m[0], vocabulary), p) for i, p in enumerate(parts)
        )
    return _WORD.sub(lambda m: _mended(m[0], vocabulary), text)
