"""Words: folding, splitting, stemming, and how close two words are in the workplace lexicon."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

__all__ = ["Lexicon", "data", "fold", "lexicon", "related", "split_identifier", "stem", "word_set", "words"]

SAME, KIND, BROADER = 0.8, 0.65, 0.45
"""How close two words are: of one ring; a narrower word asked of a broader one; the other way round."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def data(name: str) -> dict[str, Any]:
    """A data file of this package, read once."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("macae.llm.offline").joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(
        text, Loader=loader
    )  # a safe loader, the quick one where it is built in
    return loaded


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case without accents: `Über` and `uber` are the same word."""
    text = text.replace("ß", "ss").replace("’", "'")
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


@cache
def word_set(name: str) -> frozenset[str]:
    """A word list of the data files."""
    return frozenset(str(data("wordlists.yaml")[name]).split())


def words(text: str) -> list[str]:
    """The folded words of a text, possessives cut."""
    return [w[:-2] if w.endswith("'s") else w for w in _WORD.findall(fold(text))]


@lru_cache(maxsize=8192)
def split_identifier(name: str) -> tuple[str, ...]:
    """The words of `snake_case`, `camelCase` or `HrAgent`."""
    return tuple(words(_CAMEL.sub(" ", name).replace("_", " ").replace("-", " ")))


_SUFFIXES = (
    ("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("iveness", "ive"), ("fulness", "ful"),
    ("ations", ""), ("ation", ""), ("ements", ""), ("ement", ""), ("ments", ""), ("ment", ""), ("ings", ""), ("ing", ""),
    ("ities", "ity"), ("ances", ""), ("ance", ""), ("ences", ""), ("ence", ""), ("ities", ""), ("ions", ""), ("ion", ""),
    ("ise", "ize"), ("ied", "y"), ("ies", "y"), ("ed", ""), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"),
    ("als", ""), ("al", ""), ("ly", ""), ("s", ""),
)  # fmt: skip
_KEEP = {"s": ("ss", "us", "is"), "al": ("ual",), "ed": ("eed",)}


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without its ending: `ordered`, `ordering` and `orders` are one. Irregular words stand in the lexicon."""
    word = _irregular().get(word, word)
    if len(word) <= 3 or not word.isalpha():
        return word
    for suffix, put in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            if word.endswith(_KEEP.get(suffix, ("\0",))):
                continue
            word = word[: len(word) - len(suffix)] + put
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "se":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "y":
        word = word[:-1] + "i"
    return word


@dataclass(frozen=True)
class Lexicon:
    """What the lexicon file says, as stems."""

    near: Mapping[str, Mapping[str, float]]
    stop: frozenset[str]
    verbs: frozenset[str]
    """Words that can open a request (not stemmed)."""
    reading: frozenset[str]
    weak: frozenset[str]
    """Stems of verbs that say little: get, make, provide, …"""
    opposite: Mapping[str, frozenset[str]]
    neutral: frozenset[str]
    """Stems of verbs that may be meant either way: check, review, analyze; or that say nothing: have, need, use."""
    known_stems: frozenset[str]
    known: frozenset[str]
    """Every word that the lexicon holds, folded: what need not be corrected."""


@cache
def _irregular() -> dict[str, str]:
    return {
        form: base for base, forms in data("lexicon.yaml")["irregular"].items() for form in str(forms).split()
    }


def _list(text: str) -> list[str]:
    return str(text).split()


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once when it is first needed."""
    raw = data("lexicon.yaml")
    near: dict[str, dict[str, float]] = {}

    def link(one: str, other: str, how: float) -> None:
        if one != other:
            row = near.setdefault(one, {})
            row[other] = max(how, row.get(other, 0.0))

    known: set[str] = set()
    for ring in raw["same"]:
        members = _list(ring)
        known.update(members)
        for one in members:
            for other in members:
                link(stem(one), stem(other), SAME)
    for broad, narrow in raw["kinds"].items():
        known.update((broad, *_list(narrow)))
        for one in _list(narrow):
            link(stem(one), stem(broad), KIND)
            link(stem(broad), stem(one), BROADER)
    opposite: dict[str, set[str]] = {}
    for pair in raw["opposites"]:
        left, right = (side.split() for side in pair.split("|"))
        known.update(left + right)
        for one in left:
            for other in right:
                opposite.setdefault(stem(one), set()).add(stem(other))
                opposite.setdefault(stem(other), set()).add(stem(one))
    known.update(_list(raw["neutral"]))
    verbs = {v for group in raw["verbs"].values() for v in _list(group)}
    for section in ("stop", "common", "weak"):
        known.update(_list(raw[section]))
    return Lexicon(
        near=near,
        stop=frozenset(_list(raw["stop"])),
        verbs=frozenset(verbs),
        reading=frozenset(stem(v) for v in _list(raw["verbs"]["reading"])),
        weak=frozenset(stem(v) for v in _list(raw["weak"])),
        opposite={k: frozenset(v) for k, v in opposite.items()},
        neutral=frozenset(stem(v) for v in _list(raw["neutral"])),
        known_stems=frozenset(stem(w) for w in known | verbs),
        known=frozenset(known | verbs | set(_irregular()) | set(_list(raw["first_names"]))),
    )


@lru_cache(maxsize=8192)
def related(one: str) -> Mapping[str, float]:
    """The stems near a stem, itself included (1.0)."""
    return {**lexicon().near.get(one, {}), one: 1.0}


def stems(text: str | Iterable[str]) -> list[str]:
    """The stems of a text's words that carry meaning."""
    stop = lexicon().stop
    return [stem(w) for w in (words(text) if isinstance(text, str) else text) if w not in stop]
