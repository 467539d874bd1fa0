"""Goals in other languages, put into English word by word from a lexicon file: enough to plan with, no translation to show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from macae.llm.offline.words import data, fold, lexicon

__all__ = ["language_of", "to_english"]

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*", re.UNICODE)
_KEPT = re.compile(r"[\"“«„][^\"“”«»„]*[\"“”»]|[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+")


@dataclass(frozen=True)
class _Language:
    marks: frozenset[str]
    phrases: tuple[tuple[re.Pattern[str], str], ...]
    stems: dict[str, str]
    endings: tuple[str, ...]


@cache
def _languages() -> dict[str, _Language]:
    found = {}
    for code, raw in data("languages.yaml").items():
        stems: dict[str, str] = {}
        for english, forms in raw["words"].items():
            word = str(english).split("_")[0]
            for form in str(forms).split():
                stems.setdefault(form, word)
        found[code] = _Language(
            frozenset(str(raw["marks"]).split()),
            tuple((re.compile(str(p), re.IGNORECASE), str(r)) for p, r in raw["phrases"]),
            stems,
            ("", *sorted(str(raw["endings"]).split(), key=len, reverse=True)),
        )
    return found


@lru_cache(maxsize=512)
def language_of(text: str) -> str:
    """The language of a text ("de", "fr", "es"), empty for English or where it cannot be told."""
    said = [fold(t) for t in _TOKEN.findall(_KEPT.sub(" ", text))]
    said = [part for word in said for part in re.split(r"['’]", word) if part]
    english = sum(w in _ENGLISH for w in said)
    best, most = "", 0.0
    for code, language in _languages().items():
        marks = sum(w in language.marks for w in said)
        known = sum(_lookup(code, w) is not None and w not in lexicon().known for w in said)
        points = marks + 0.9 * known
        if points > most and marks + known >= 2 and points > english * 1.2 and points >= 0.25 * len(said):
            best, most = code, points
    if not best and len(said) <= 4 and not english:  # "Mentor zuweisen": too short for marks
        for code in _languages():
            if said and sum(_lookup(code, w) is not None and w not in lexicon().known for w in said) >= 1:  # fmt: skip
                return code
    return best


_ENGLISH = frozenset(
    [
        "the",
        "an",
        "and",
        "or",
        "for",
        "with",
        "to",
        "of",
        "is",
        "are",
        "i",
        "we",
        "my",
        "our",
        "your",
        "you",
        "please",
        "how",
        "many",
        "what",
        "who",
        "where",
        "when",
        "which",
        "can",
        "could",
        "would",
        "need",
        "this",
        "that",
        "it",
        "on",
        "at",
        "by",
        "from",
        "as",
        "not",
        "have",
        "has",
        "new",
        "next",
    ]
)


@lru_cache(maxsize=8192)
def _lookup(code: str, word: str) -> str | None:
    """A foreign word in English, with whatever ending it has; a compound by its parts."""
    language = _languages()[code]
    found = _simple(language, word)
    if found is not None or code != "de" or len(word) < 8:
        return found
    for cut in range(len(word) - 4, 3, -1):  # "Schulungstermin" is Schulung + s + Termin
        head, tail = word[:cut], word[cut:]
        left = _simple(language, head) or (_simple(language, head[:-1]) if head[-1] == "s" else None)
        right = _simple(language, tail)
        if left and right:
            return f"{left} {right}"
    return None


def _simple(language: _Language, word: str) -> str | None:
    for ending in language.endings:
        if ending and not word.endswith(ending):
            continue
        base = word[: len(word) - len(ending)] if ending else word
        if base in language.stems and (len(base) > 2 or not ending):
            return language.stems[base]
    return None


def to_english(text: str) -> tuple[str, str]:
    """The text in English words, and its language ("de", "fr", "es"; empty for English, which stays as it is).

    Names, quoted text, addresses and words that the lexicon does not hold stay as they are.
    """
    code = language_of(text)
    if not code:
        return text, ""
    language = _languages()[code]
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    work = _KEPT.sub(keep, text)
    for pattern, put in language.phrases:
        work = _replace(work, pattern, put)
    return _KEPT_BACK.sub(lambda m: kept[int(m[1])], _translated(work, code)), code


_KEPT_BACK = re.compile("\x00(\\d+)\x00")


def _replace(text: str, pattern: re.Pattern[str], put: str) -> str:
    """Replace in the text where the pattern fits its folded form (which has the same length); groups keep their spelling."""
    folded = "".join(_fold_one(c) for c in text)
    pieces, at = [], 0
    for match in pattern.finditer(folded):

        def group(g: re.Match[str], match: re.Match[str] = match) -> str:
            start, end = match.span(int(g[1]))
            return text[start:end] if start >= 0 else ""

        pieces.append(text[at : match.start()] + re.sub(r"\\(\d)", group, put))
        at = match.end()
    return "".join(pieces) + text[at:]


@lru_cache(maxsize=1024)
def _fold_one(char: str) -> str:
    folded = fold(char)
    return folded[0] if folded else char


def _translated(text: str, code: str) -> str:
    opening = True
    pieces, at = [], 0
    for match in _TOKEN.finditer(text):
        word = match[0]
        between = text[at : match.start()]
        if re.search(r"[.!?\n]", between):
            opening = True
        english = _lookup(code, fold(word)) if "\x00" not in word else None
        name = (
            word[0].isupper() and not opening and code != "de" and fold(word) not in _languages()[code].marks
        )
        if english is None and "-" in word and not word.isupper():
            parts = [_lookup(code, fold(p)) or p for p in word.split("-")]
            english = (
                " ".join(parts) if any(p != q for p, q in zip(parts, word.split("-"), strict=True)) else None
            )
        put = word if english is None or (name and fold(word) in _first_names()) else english
        pieces.append(between + put)
        at = match.end()
        opening = False
    return re.sub(r"[ \t]+", " ", "".join(pieces) + text[at:]).strip()


@cache
def _first_names() -> frozenset[str]:
    return frozenset(data("lexicon.yaml")["first_names"].split())
