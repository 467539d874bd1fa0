"""How well a clause fits each tool of a catalogue: what share of the clause the tool speaks of, and what share of the tool's own
words the clause speaks of. Names and descriptions both count, so a tool with an empty name is found by what it says of itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from macae.llm.offline.cards import AgentCard, ToolCard
from macae.llm.offline.clause import Clause, Term
from macae.llm.offline.words import fold, lexicon, related, split_identifier, stem, stems, words

__all__ = ["Index", "Match", "index_of"]

# What a word missing in a tool costs, and what one found there gives, by the part it plays in the clause.
MISSING = {"verb": 0.7, "head": 1.3, "modifier": 0.5, "tail": 0.22, "name": 0.08}
FOUND = {"verb": 1.0, "head": 1.4, "modifier": 1.0, "tail": 0.8, "name": 0.5}
NAME, FIRST, REST, PARAM, AGENT = 1.0, 0.85, 0.6, 0.45, 0.3
"""What a word counts by where a tool has it: in its name, its description's first words, the rest, a parameter, its agent."""
FREE_TEXT = re.compile(
    r"topic|subject|title|text|query|question|problem|issue|description|content|message|note|body|information|keyword|details|about|term|purpose|reason|mark|theme|prompt|idea"
)
ITEM = re.compile(
    r"item|product|software|hardware|equipment|device|pack|plan|kind|type|flavou?r|name|system|database|model|field|package|dish|article|goods|asset|resource|document|file|category"
)


@dataclass(frozen=True)
class Match:
    """A tool and how well it fits: `score` from 0 to 1, and the places in the text that it answers."""

    tool: ToolCard
    score: float
    recall: float
    precision: float
    covers: frozenset[int]


@dataclass(frozen=True)
class _Entry:
    tool: ToolCard
    words: Mapping[str, float]
    keys: Mapping[str, float]
    verb: str
    reads: bool
    changes: bool
    free: bool
    item: bool
    named: bool
    """Whether the tool's name says what it does."""
    opening: frozenset[str]
    """The stems of the description's first sentence: other verbs for the same thing stand there ("Pause, resume or end …")."""


_SAYS_LITTLE = frozenset({"inform", "info", "detail", "list", "data", "fact"})


def _first_words(description: str) -> list[str]:
    """The opening of a description up to its first break: what the tool does and to what."""
    head = re.split(
        r"[.:;(,]|\b(?:for|to|with|from|by|on|in|that|which|so|using|about|at)\b", description, maxsplit=1
    )[0]
    found = stems(head)
    if all(s in lexicon().weak or s in _SAYS_LITTLE for s in found):
        return stems(re.split(r"[.:;(,]", description, maxsplit=1)[0])[:6]
    return found


def _key_weight(word: str) -> float:
    """How much a word of a tool's name counts when it is not said: brands and numbers (Office 365) count little."""
    lex = lexicon()
    if word.isdigit():
        return 0.1
    return 1.0 if word in lex.near or word in lex.known_stems else 0.5


def _entry(tool: ToolCard, agent: AgentCard) -> _Entry:
    lex = lexicon()
    name = [stem(w) for w in split_identifier(tool.name) if w not in lex.stop]
    first = _first_words(tool.description)
    told = stems(tool.description)
    meaningful = not tool.description or any(n in told or n in lex.near or n in lex.known_stems for n in name)
    weight: dict[str, float] = {}

    def put(found: Iterable[str], value: float) -> None:
        for s in found:
            weight[s] = max(value, weight.get(s, 0.0))

    if meaningful:
        put(name, NAME)
    put(first, FIRST)
    put(told, REST)
    for p in tool.params:
        put((stem(w) for w in split_identifier(p.name) if w not in ("name", "id")), PARAM)
    put((stem(w) for w in split_identifier(agent.name) if w not in ("agent", "assistant")), AGENT)
    put(stems(agent.description), AGENT)
    keys = {s: _key_weight(s) for s in (name if meaningful and name else first)}
    verb = name[0] if meaningful and name else (first[0] if first else "")
    first_word = split_identifier(tool.name)[0] if meaningful else (words(tool.description) or [""])[0]
    reads = tool.effect == "read" or (not tool.effect and stem(first_word) in lex.reading)
    changes = tool.effect == "change" or (not tool.effect and not reads and first_word in lex.verbs)
    required = [fold(p.name) for p in tool.params if p.type in ("string", "array")]
    return _Entry(
        tool,
        weight,
        keys,
        verb,
        reads,
        changes,
        any(FREE_TEXT.search(p) for p in required),
        any(ITEM.search(p) for p in required),
        meaningful,
        frozenset(stems(re.split(r"[.:]", tool.description, maxsplit=1)[0])),
    )


class Index:
    """A catalogue made ready for matching: which tools hold which stem, and how much that says."""

    def __init__(self, agents: Sequence[AgentCard]) -> None:
        self.agents = tuple(agents)
        self.entries = [_entry(t, a) for a in agents for t in a.tools]
        self.postings: dict[str, list[tuple[int, float]]] = {}
        for i, entry in enumerate(self.entries):
            for s, w in entry.words.items():
                self.postings.setdefault(s, []).append((i, w))
        self.vocabulary = frozenset(
            w for a in agents for t in a.tools for w in (*split_identifier(t.name), *words(t.description))
        ) | frozenset(w for a in agents for w in words(a.description))
        self._idf: dict[str, float] = {}
        self._matches: dict[tuple[object, ...], list[Match]] = {}

    def idf(self, word: str) -> float:
        """How much a stem tells: one that few tools speak of tells more. Between 0.5 and 2."""
        found = self._idf.get(word)
        if found is None:
            held = sum(w for _, w in self.postings.get(word, ()))
            size = max(len(self.entries), 10)
            found = min(2.0, max(0.5, math.log((size + 1) / (held + 0.5)) / math.log(size + 1) * 2.0))
            if word in lexicon().weak:
                found *= 0.45
            self._idf[word] = found
        return found

    def hits(self, word: str) -> dict[int, float]:
        """Which tools hold a stem or one near it, and how closely."""
        found: dict[int, float] = {}
        for s, closeness in related(word).items():
            for i, w in self.postings.get(s, ()):
                found[i] = max(found.get(i, 0.0), closeness * w)
        return found

    def match(self, clause: Clause, terms: Sequence[Term] | None = None) -> list[Match]:
        """The tools that fit a clause, best first."""
        terms = clause.terms if terms is None else tuple(terms)
        key = (clause.verb, clause.mood, terms)
        known = self._matches.get(key)
        if known is None:
            if len(self._matches) > 512:
                self._matches.clear()
            known = self._matches[key] = self._match(clause, terms)
        return known

    def _match(self, clause: Clause, terms: Sequence[Term]) -> list[Match]:
        lex = lexicon()
        hits = [self.hits(t.stem) for t in terms]
        idfs = [max(self.idf(s) for s in (t.stem,)) for t in terms]
        said = stem(clause.verb) if clause.verb else ""
        asks = (clause.mood == "question" and said not in lex.neutral) or said in lex.reading - lex.neutral
        acts = clause.mood == "request" and bool(said) and said not in lex.reading and said not in lex.neutral
        found = []
        for i in {i for h in hits for i in h}:
            entry = self.entries[i]
            got = lost = 0.0
            covers: set[int] = set()
            seen: dict[str, float] = {}
            for term, hit, idf in zip(terms, hits, idfs, strict=True):
                closeness = hit.get(i, 0.0)
                miss = MISSING[term.where] * (
                    0.45
                    if entry.free and term.where != "verb"
                    else 0.75
                    if entry.item and term.where in ("head", "modifier")
                    else 1.0
                )
                if closeness >= 0.2:
                    got += FOUND[term.where] * idf * closeness
                    lost += miss * idf * (1 - min(1.0, closeness * 1.25)) * 0.6
                    covers.add(term.start)
                    for s, c in related(term.stem).items():
                        if s in entry.keys:
                            seen[s] = max(c, seen.get(s, 0.0))
                else:
                    lost += miss * idf
            if got <= 0:
                continue
            if entry.verb in entry.keys and clause.verb and set(related(stem(clause.verb))) & entry.opening:
                direct = stem(clause.verb) in entry.opening
                seen[entry.verb] = max(0.9 if direct else 0.6, seen.get(entry.verb, 0.0))
            total = sum(self.idf(k) * w for k, w in entry.keys.items())
            precision = (
                sum(self.idf(k) * entry.keys[k] * c for k, c in seen.items()) / total if total else 0.0
            )
            heads = [t for t in terms if t.where == "head"]
            if heads and all(t.stem in entry.opening for t in heads):
                inside = all(t.stem in entry.keys for t in heads)
                precision = max(precision, 0.55 if entry.named else 0.85 if inside else 0.75)
            recall = got / (got + lost)
            score = recall * (0.35 + 0.65 * precision)
            opposed = lex.opposite.get(entry.verb, frozenset())
            if clause.verb and stem(clause.verb) in opposed and stem(clause.verb) not in related(entry.verb):
                score *= 0.35
            elif asks and entry.changes:
                score *= 0.4 if clause.mood == "question" else 0.55
            elif acts and entry.reads and not entry.changes:
                score *= 0.7
            found.append(Match(entry.tool, score, recall, precision, frozenset(covers)))
        found.sort(key=lambda m: (-m.score, m.tool.name))
        return found


@lru_cache(maxsize=64)
def index_of(agents: tuple[AgentCard, ...]) -> Index:
    """The index of a catalogue, made once."""
    return Index(agents)
