"""The words of a clause, each with the part it plays: verb, head, modifier, tail, name."""

from __future__ import annotations

import re
from functools import cache

from macae.llm.offline.clause import Mood, Term, Where
from macae.llm.offline.entities import PREFIXES
from macae.llm.offline.facts import Facts
from macae.llm.offline.words import fold, lexicon, stem, word_set

__all__ = ["caused", "terms_of"]


def terms_of(text: str, start: int, facts: Facts, mood: Mood) -> tuple[str, tuple[Term, ...]]:
    """A clause's verb and its words, each with the part it plays; values (names, dates) are left out."""
    lex = lexicon()
    covered = facts.covered()
    names = _names(text, start)
    verb = ""
    terms: list[Term] = []
    first, in_tail = True, False
    pending: list[tuple[str, str, int]] = []  # words of the object, up to its head

    def flush() -> None:
        for i, (s, w, at) in enumerate(pending):
            spot: Where = (
                "name"
                if any(b <= at < e for b, e in names)
                else "tail"
                if in_tail
                else "head"
                if i == len(pending) - 1
                else "modifier"
            )
            terms.append(Term(s, spot, w, at))
        pending.clear()

    for match in re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*|[,:(]", text):
        at = start + match.start()
        token = match[0]
        word = fold(token).removesuffix("'s")
        if any(s <= at < e for s, e in covered):
            flush()
            in_tail = in_tail or (bool(terms) and word in word_set("prepositions"))
            first = False
            continue
        if token in ",:(":
            flush()
            in_tail = in_tail or bool(terms)
            continue
        if first and (word in lex.verbs or mood == "request") and word not in lex.stop:
            verb, first = word, False
            terms.append(Term(stem(word), "verb", word, at))
            continue
        first = first and word in lex.stop
        if word in word_set("prepositions"):
            flush()
            in_tail = (
                in_tail
                or any(t.where in ("head", "modifier") for t in terms)
                or word not in ("for", "of", "about", "up", "to", "into", "on")
            )
            continue
        if word in lex.stop or not word:
            continue
        for part in word.split("-") if stem(word) not in lex.near and "-" in word else [word]:
            if part not in lex.stop and len(part) > 1:
                pending.append((stem(part), part, at))
    flush()
    held = {t.stem for t in terms}
    for span in facts.within(start, start + len(text)).of("reference"):
        letters = re.match(r"[A-Za-z]*", span.value)
        for word in PREFIXES.get(letters[0].lower() if letters else "", "").split():
            if stem(word) not in held:
                terms.append(Term(stem(word), "modifier", word, span.start))
    if facts.within(start, start + len(text)).amounts and stem("money") not in held:
        terms.append(Term(stem("money"), "tail", "money", start))
    if mood == "question" and not (verb and stem(verb) in lex.reading):
        terms.append(Term(stem("show"), "verb", "show", start))
    return verb, tuple(terms)


def caused(text: str, verb: str, terms: tuple[Term, ...]) -> tuple[str, tuple[Term, ...]]:
    """The real verb of "have the contract checked": the participle."""
    if verb not in ("have", "get", "need", "want", ""):
        return verb, terms
    by_stem = _verbs_by_stem()
    for term in terms:
        base = by_stem.get(term.stem)
        if (
            term.where != "verb"
            and base
            and term.word.endswith(("ed", "en", "ught", "nt", "one", "id"))
            and term.word != base
        ):
            rest = tuple(t for t in terms if t is not term and t.where != "verb")
            return base, (Term(term.stem, "verb", term.word, term.start), *rest)
    return verb, terms


@cache
def _verbs_by_stem() -> dict[str, str]:
    return {stem(v): v for v in sorted(lexicon().verbs, key=len, reverse=True)}


def _names(text: str, start: int) -> list[tuple[int, int]]:
    """Where proper names of several words stand, unless the whole text is written in capitals."""
    from macae.llm.offline.phrases import proper_names

    said = re.findall(r"[A-Za-z]{3,}", text)
    if sum(w[0].isupper() for w in said) > 0.6 * len(said) and len(said) > 3:
        return []
    return [(at, at + len(n)) for n, at in proper_names(text, start) if " " in n]
