"""Read one of a small set of values: a kind, a level, an enum's choice, yes or no."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import Meaning, told_choices
from macae.llm.offline.objects import is_covered, key_stems, object_phrase, without_nouns
from macae.llm.offline.phrases import singular
from macae.llm.offline.quotes import quoted_text
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import data, fold, lexicon, related, split_identifier, stem, words

__all__ = ["read_boolean", "read_choice", "read_slot", "read_type", "slot_value"]


def read_type(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A kind of something: the words before the thing ("chocolate chip cookies"), or a narrower word for it ("vacation")."""
    quoted = quoted_text(scope, False)
    if quoted and param.required:
        return quoted
    noun = stem(meaning.noun.split()[-1]) if meaning.noun else ""
    heads = {noun} | {s for s, c in related(noun).items() if c >= 0.8} if noun else key_stems(tool)
    said = slot_value(param, scope)
    if said:
        return said
    tokens = re.findall(r"[A-Za-z][\w'-]*", scope.clause)
    for i, token in enumerate(tokens):
        if stem(fold(token)) in heads and i:
            before: list[str] = []
            for w in reversed(tokens[:i]):
                low = fold(w)
                if (
                    low in lexicon().stop
                    or low in lexicon().verbs - {"chip", "press", "lead"}
                    or stem(low) in key_stems(tool) - {noun}
                    or is_covered(scope, w)
                ):
                    break
                before.insert(0, w)
            if before and not all(fold(w) in ("new", "next", "fresh", "nice") for w in before):
                return " ".join(before)
    kinds = data("lexicon.yaml")["kinds"]
    narrow = {stem(w): w for key, ws in kinds.items() if stem(key) in heads for w in str(ws).split()}
    for token in tokens:
        if stem(fold(token)) in narrow and (param.required or noun):
            return token.lower()
    if not param.required:
        return None
    phrase = without_nouns(object_phrase(scope), heads)
    return singular(phrase) if phrase and stem(fold(phrase)) not in heads else None


def slot_value(param: Param, scope: Scope) -> str | None:
    """A value that the description lists, or a word of a small known set (priority: high; platform: LinkedIn)."""
    told = told_choices(param.description)
    known = _known_slot(param, scope, told)
    if known and told:
        return known
    for value in sorted(told, key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(value)}(?:s|ed|ing)?(?!\w)", scope.clause, re.IGNORECASE):
            return value
    said = {stem(w) for w in words(scope.clause)}
    for value in told:
        near = {s for w in words(value) for s, c in related(stem(w)).items() if c >= 0.8}
        if near & said:
            return value
    return known


_OF_ALL = ("priority", "severity", "urgency", "category", "kind")
"""What may be said in another sentence than the request."""


def _known_slot(param: Param, scope: Scope, told: tuple[str, ...]) -> str | None:
    """A word of a small known set; where the description lists values, only one of these is meant."""
    slots = data("slots.yaml")
    name = split_identifier(param.name)
    allowed = {fold(t) for t in told}
    texts = [scope.clause]
    if name[-1] in _OF_ALL:
        texts += [scope.facts.text[s:e] for s, e in scope.statements]
    for text in texts:
        for key in dict.fromkeys((param.name, name[-1], *name)):
            for value in slots.get(key, ()):
                spoken, _, meant = str(value).partition("=")
                found = meant or spoken
                if allowed and fold(found) not in allowed:
                    continue
                if re.search(rf"(?<!\w){re.escape(spoken)}(?!\w)", text, re.IGNORECASE):
                    return found
    return None


def read_slot(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A value of a small set, or the word before the parameter's noun ("gold level")."""
    found = slot_value(param, scope)
    if found or not param.required:
        return found
    match = re.search(
        rf"\b(\w+) {re.escape(meaning.noun)}\b|\b{re.escape(meaning.noun)}(?: of| is|:| to)? (\w+)",
        scope.clause,
        re.I,
    )
    said = (match[1] or match[2]) if match else None
    return said if said and fold(said) not in lexicon().stop and fold(said) not in lexicon().verbs else None


def read_choice(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """One of the values that the schema allows: said as such, or by a word that means the same."""
    for text in (scope.clause, scope.facts.text) if param.required else (scope.clause,):
        for choice in sorted(param.choices, key=lambda c: -len(str(c))):
            if re.search(
                rf"(?<!\w){re.escape(str(choice).replace('_', ' '))}s?(?!\w)",
                text.replace("_", " "),
                re.IGNORECASE,
            ):
                return choice
        said = [stem(w) for w in words(text)]
        for choice in param.choices:
            near = {
                s for w in split_identifier(str(choice)) for s, c in related(stem(w)).items() if c >= 0.65
            }
            if any(s in near for s in said if s not in lexicon().weak):
                return choice
    return None


def read_boolean(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """True or False where the clause speaks of it."""
    said = [stem(w) for w in words(scope.clause)]
    wanted = [
        stem(w) for w in meaning.noun.split() if w not in ("is", "has", "include", "with", "send", "needs")
    ]
    if any(w in said for w in wanted):
        return not re.search(r"\b(?:no|not|without|don't|except|exclude)\b", scope.clause, re.I)
    return True if param.required else None
