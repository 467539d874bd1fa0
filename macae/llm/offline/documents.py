"""Questions that written documents answer: which tool searches documents, which clauses are for it, and what it is asked.

The tool is known by what is said of it (it reads, it takes one question, it speaks of documents), never by its name."""

from __future__ import annotations

import re
from functools import lru_cache

from macae.llm.offline.cards import ToolCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.entities import PREFIXES
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.matching import Index
from macae.llm.offline.phrases import trim
from macae.llm.offline.polite import POLITE
from macae.llm.offline.words import fold, lexicon, split_identifier, stem, words

__all__ = ["asks_documents", "documents_tool", "edits_documents", "is_plain_question", "question_in", "searches_documents"]  # fmt: skip

_HOLDS = re.compile(
    r"\b(?:documents?|documentation|docs|knowledge|passages?|wiki|corpus|manuals?|library)\b", re.IGNORECASE
)
"""One of these a tool's description must say; `_ALSO` helps to choose among several."""
_ALSO = re.compile(
    r"\b(?:polic(?:y|ies)|articles?|guidelines?|sheets?|lists?|faqs?|files?|answers?|questions?)\b", re.IGNORECASE
)  # fmt: skip
_SEARCHES = re.compile(r"\b(?:search|find|look|answer|retrieve|query|consult|ask)\w*\b", re.IGNORECASE)
_NAMED = (
    r"(?:documents|documentation|docs|knowledge[- ]?base|polic(?:y|ies)|guidelines?|price[- ]?lists?|(?:product|data|fact)[- ]?sheets?"
    r"|manuals?|faqs?|wiki|handbook)"
)
_NOUN = re.compile(rf"\b{_NAMED}\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w-])(?P<l>[A-Z]{2,6}[-‐‑–_ ]?|[a-z]{2,6}[-‐‑–])(?P<n>\d{2,5})(?![\w‐‑–]|-\w)")
"""A document's code as people write it: HR-104, HR 104, hr-104."""
_RECORD = re.compile(r"(?<![\w-])([A-Za-z]{1,5})-\d+")
_SAYS = re.compile(
    r"\b(?:says?|said|states?|according to|per|tells?|allows?|covers?|requires?|mentions?|polic(?:y|ies)|rules?|section|sheet)\b",
    re.IGNORECASE,
)
_READS = frozenset(
    ["read", "quote", "cite", "summarise", "summarize", "explain", "open", "consult", "search"]
)
_EDITS = frozenset(
    ["change", "edit", "amend", "alter", "modify", "revise", "rewrite", "delete", "remove", "abolish", "add", "publish", "extend",
     "replace", "update", "scrap", "drop", "insert", "upload", "relax", "tighten"]
)  # fmt: skip
_SURE, _CODED = 0.9, 1.2
"""How strongly a document's kind speaks for the documents; its code does more than any expression."""


@lru_cache(maxsize=256)
def searches_documents(tool: ToolCard) -> bool:
    """Whether a tool only reads, takes one question or topic, and says that it searches documents."""
    said = f"{' '.join(split_identifier(tool.name))}. {tool.description}"
    needed = [p for p in tool.params if p.required]
    first = (split_identifier(tool.name) or ("",))[0]
    acts = first in lexicon().verbs and stem(first) not in lexicon().reading and not _SEARCHES.match(first)
    return (
        (tool.effect == "read" or (not tool.effect and not acts))
        and len(needed) == 1
        and needed[0].type == "string"
        and meaning_of(needed[0], split_identifier(tool.name)).what in ("query", "topic")
        and bool(_HOLDS.search(said) and _SEARCHES.search(said))
    )


@lru_cache(maxsize=64)
def documents_tool(index: Index) -> ToolCard | None:
    """The tool that searches documents, or None; of several, the one that says most of documents."""
    found = [e.tool for e in index.entries if searches_documents(e.tool)]
    return max(found, key=_points, default=None)


def _points(tool: ToolCard) -> int:
    said = f"{' '.join(split_identifier(tool.name))}. {tool.description}"
    return 2 * len({w.lower() for w in _HOLDS.findall(said)}) + len({w.lower() for w in _ALSO.findall(said)})


def asks_documents(index: Index, clause: Clause, whole: str = "") -> dict[str, float]:
    """How strongly a clause speaks for the documents: it reads, and names a kind of document or a document's code.

    `whole`: the goal, in which "according to the policy, …" may stand before the clause.
    """
    tool = documents_tool(index)
    if tool is None or not _reads(clause):
        return {}
    if clause.mood == "question" and _BEFORE.search(whole[: clause.start]):
        return {tool.name: _SURE}
    bare = re.sub(r"[\"“][^\"”]*[\"”]", "", clause.text)
    if _coded(bare, tool):
        return {tool.name: _CODED}
    if any(letters.lower() in PREFIXES for letters in _RECORD.findall(bare)):
        return {}  # "the documents of contract C-101": a record of one's own
    named = {stem(fold(w)) for found in _NOUN.findall(bare) for w in words(found)}
    others = [e for e in index.entries if e.reads and e.tool is not tool]
    named -= {s for s in named if any(s in e.keys for e in others)}  # "handbook": a tool of its own has it
    return {tool.name: _SURE} if named else {}


def _reads(clause: Clause) -> bool:
    verb = fold(clause.verb)
    first = fold((words(clause.text) or [""])[0])
    if clause.mood == "question" or first in ("quote", "cite"):  # no verbs to the lexicon
        return True
    return clause.mood == "request" and (verb in _READS or stem(verb) in lexicon().reading)


def _coded(text: str, tool: ToolCard) -> bool:
    """Whether a text names a document's code: one of the form that the tool shows ("e.g. HR-104"), or any unknown one that "says"."""
    shown = {_shape(m) for t in (tool.description, *(p.description for p in tool.params)) for m in _CODE.finditer(t)}  # fmt: skip
    for match in _CODE.finditer(text):
        known = match["l"].rstrip("-‐‑–_ ").lower() in PREFIXES
        alike = _shape(match) in shown
        if (alike and not known) or ((alike or not known) and _SAYS.search(text)):
            return True
    return False


def _shape(code: re.Match[str]) -> tuple[int, int]:
    return len(code["l"].rstrip("-‐‑–_ ")), len(code["n"])


_EDITED = re.compile(rf"\W*\w+\W+(?:\w+ ){{0,4}}?(?:{_NAMED}|rules?)\b", re.IGNORECASE)


def edits_documents(clause: Clause) -> bool:
    """Whether a clause wants a document other than it is: no search does that."""
    text = clause.text[_polite(clause.text) :]
    return clause.mood == "request" and fold(clause.verb) in _EDITS and bool(_EDITED.match(text))


_PLAIN = re.compile(
    r"(?:what|which|who|whom|whose|when|where|why|how|is there|are there|is|are|do|does|did|may|must|can|has|have)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\W*(?:(?:please|can you|could you|do you|i|we|i'd|would|like|want|need|to) )*(?:find out|tell me|let me know|know)\s+(?=(?:what|which|who|when|where|why|how|whether|if)\b)",
    re.IGNORECASE,
)
_NO_FACT = re.compile(r"\bwill\b|\b(?:are|were|can|could|do|did|have|would) you\b(?! know)", re.IGNORECASE)
"""Of what will be, or of the one who is asked."""


def is_plain_question(clause: Clause) -> bool:
    """Whether a clause only wants to know a fact."""
    text = clause.text.strip()
    if _NO_FACT.search(text):
        return False
    return bool(_TOLD.match(text)) or (clause.mood == "question" and bool(_PLAIN.match(text)))


_PLACE = rf"(?:(?:in|into|through|from|at|of|by|to) )?(?:(?:the|our|your|my|all|any|company|company's|written) )*(?:\w+ )?{_NAMED}"
_BEFORE = re.compile(rf"\b(?:according to|as per|per|from|in|by) {_PLACE}\b\s*,\s*$", re.IGNORECASE)
_OPENS = re.compile(
    rf"\W*(?:(?:search|look|check|read|browse|consult|query|scan|find|ask|see)(?: up)? (?:(?:it|this|something) up )?{_PLACE}(?: for| about| on|,|:)?"
    rf"|(?:according to|as per|per|from|in|by) {_PLACE}\b ?,)\s+(?=\S)",
    re.IGNORECASE,
)


_QUOTED = re.compile(
    r'(?:look\s+up|look\s+for|search(?:\s+for)?|find)\s+["“]([^"“”]*[^"“”\s][^"“”]*)["”]', re.IGNORECASE
)
"""What is to be looked up is said word for word: `Look up "vacation days" in the library`."""


def question_in(text: str) -> str:
    """What to ask the documents, without the words that only say to search them ("Search the policies for …")."""
    rest = text[_polite(text) :]
    if quoted := _QUOTED.match(rest):
        return quoted[1].strip()
    opening = _OPENS.match(rest) or _TOLD.match(rest)
    return trim(rest[opening.end() :]) if opening else trim(text)


def _polite(text: str) -> int:
    """Where a text goes on behind what is polite."""
    found = POLITE.match(text)
    return found.end() if found and found.end() < len(text) else 0
