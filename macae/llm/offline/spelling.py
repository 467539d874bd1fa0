"""Misspelt words are mended when one known word is near: "onbord", "lapttop". A word that is one in English stays as it is."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from macae.llm.offline.words import data, fold, lexicon, stem
from macae.llm.ranking import nearest

__all__ = ["corrected"]

_WORD = re.compile(
    r"(?<![\w@./'’-])(?:[a-zà-ÿ]{4,}|(?<![^.!?\s] )(?:(?<=^)|(?<=[.!?] ))[A-Z][a-zà-ÿ]{4,}(?= [a-z]))(?![\w@'’-]|\.\w)"
)
_RARE = 200
"""How often a word must stand in the word list's texts to be believed: rarer ones may be slips that were counted."""


@cache
def _english() -> dict[str, int]:
    """English words and how often they are used, from pyspellchecker's list; read when a word is first in doubt."""
    from spellchecker import SpellChecker

    found: dict[str, int] = SpellChecker(language="en").word_frequency.dictionary
    return found


@cache
def _own() -> frozenset[str]:
    """The words of the concepts: what people say at work."""
    said = " ".join(f"{row['do']} {row['say']}" for row in data("concepts.yaml")["concepts"])
    return frozenset(fold(w) for w in re.findall(r"(?<![@=\w])[a-z]{4,}", said))


@lru_cache(maxsize=4096)
def _mended(word: str, vocabulary: frozenset[str]) -> str:
    folded = fold(word)
    lex = lexicon()
    known = lex.known | vocabulary | _own()
    if (
        folded in known
        or (len(stem(folded)) > 3 and stem(folded) in lex.near)
        or _english().get(folded, 0) >= _RARE
    ):
        return word
    if not word.isascii():  # a word of another language
        return word
    swapped = [folded[:i] + folded[i + 1] + folded[i] + folded[i + 2 :] for i in range(len(folded) - 1)]
    if len(folded) == 4:
        found = max(swapped, key=lambda w: _english().get(w, 0))
        found = found if _english().get(found, 0) >= 50 * _RARE else _left_out(folded)
    else:
        slips = [w for w in swapped if w in known or _english().get(w, 0) >= 50 * _RARE]
        found = slips[0] if slips else nearest(folded, known) or _common(folded)
    if not found:
        return word
    return found.capitalize() if word[0].isupper() else found


def _left_out(word: str) -> str:
    """The verb that a word of four letters is when one letter was left out ("ordr")."""
    verbs = [v for v in lexicon().verbs if v[0] == word[0] and len(v) == 5 and set(word) <= set(v)]
    return verbs[0] if len(verbs) == 1 else ""


def _common(word: str) -> str:
    """The frequent English word that is one letter away, if there is one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    near = {a + b[1:] for a, b in splits if b}
    near |= {a + c + b for a, b in splits for c in letters} | {
        a + c + b[1:] for a, b in splits if b for c in letters
    }
    best = max(near, key=lambda w: _english().get(w, 0))
    return best if _english().get(best, 0) >= 5 * _RARE else ""


_SHORT = {
    "cant": "can't", "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "wont": "won't", "didnt": "didn't", "couldnt": "couldn't", "wouldnt": "wouldn't",
    "havent": "haven't", "hasnt": "hasn't", "arent": "aren't", "im": "I'm", "ive": "I've", "whats": "what's", "hows": "how's", "whos": "who's", "wheres": "where's",
    "pls": "please", "plz": "please", "thx": "thanks", "tmrw": "tomorrow", "tmr": "tomorrow", "rn": "right now", "u": "you", "ur": "your", "wich": "which",
    "teh": "the", "adn": "and", "gonna": "going to", "wanna": "want to", "lets": "let's", "mtg": "meeting", "dept": "department", "abt": "about",
}  # fmt: skip
_SHORTENED = re.compile(r"(?<![\w@./'’-])(?:" + "|".join(_SHORT) + r")(?![\w@'’-]|\.\w)", re.IGNORECASE)


def _written_out(match: re.Match[str]) -> str:
    put = _SHORT[match[0].lower()]
    return put[0].upper() + put[1:] if match[0][0].isupper() else put


def corrected(text: str, vocabulary: frozenset[str]) -> str:
    """The text with misspelt small-written words mended and what is written short ("pls") written out; names, quotes and addresses
    stay."""

    def mend(part: str) -> str:
        part = _SHORTENED.sub(_written_out, part)
        return _WORD.sub(lambda m: _mended(m[0], vocabulary), part)

    if '"' in text or "“" in text:
        parts = re.split(r"([\"“][^\"”]*[\"”])", text)
        return "".join(p if i % 2 else mend(p) for i, p in enumerate(parts))
    return mend(text)
