"""Split a goal into clauses: one thing that is asked each, with its verb, its object and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from macae.llm.offline.entities import PREFIXES
from macae.llm.offline.facts import Facts
from macae.llm.offline.words import fold, lexicon, stem

__all__ = ["Clause", "Term", "split_clauses"]

Where = Literal["verb", "head", "modifier", "tail", "name"]
Mood = Literal["request", "question", "statement"]


@dataclass(frozen=True)
class Term:
    """A word that tools are matched with, and the part it plays."""

    stem: str
    where: Where
    word: str
    start: int


@dataclass(frozen=True)
class Clause:
    """One thing that is asked, or a statement that gives facts."""

    text: str
    start: int
    end: int
    mood: Mood
    verb: str
    terms: tuple[Term, ...]
    implied: bool = False
    """Whether a statement asks for something by what it says ("my printer is broken")."""
    idiom: bool = False
    """Whether its words stand for others (see `idioms`)."""


_POLITE = (
    r"[\s,;:–—-]+",
    r"(?:please|kindly|hi|hello|hey|dear|ok|okay|so|also|then|next|first|firstly|second|secondly|third|finally|afterwards|after that|lastly"
    r"|now|and|but|plus|additionally|furthermore|moreover|thanks|thank you|good morning)\b[ ,:]*",
    r"i was wondering(?: if)?\b|it would be (?:great|nice|good)(?: if)?\b|i would be glad if you\b",
    r"(?:can|could|would|will|should|may|might) (?:you|we|i|someone|somebody|anyone|the team)"
    r"(?: (?:please|kindly|also|help(?: me| us)?(?: to)?|be so kind (?:as )?to))*\b[ ,]*",
    r"(?:i|we)(?: would|'d|'ll| will| do| also| really| just| urgently)* (?:like|love|want|wish|need|have|intend|plan|ought|got|must|require)"
    r"(?: to| for)? (?:you to |us to |someone to |see |have (?=(?:a|an|the) ))?(?=\w)",
    r"(?:i|we)(?:'d| would)? (?:appreciate|be grateful|be happy)(?: it)? if (?:you|someone) (?:could|would|can)\b",
    r"(?:i|we)(?:'m| am|'re| are)? (?:looking|hoping|trying|planning|going|wanting|about) (?:for|to|into)\b"
    r"(?: (?:get|have|find)(?= (?:some|information|info|details)))?",
    r"help (?:me|us)(?: to| with)?\b|make sure (?:that )?(?:to )?|let'?s\b|let us\b|go ahead and\b|be sure to\b|remember to\b",
    r"don't forget to\b|(?:it is|it's|there is|there's) (?:time|necessary|important|a need) (?:to|for)\b",
    r"your (?:task|job|goal) is to\b|the goal is to\b|help\b(?= \w+ing\b)",
)
_PREFIX = re.compile(r"^(?:(?:" + "|".join(_POLITE) + r")\s*)+", re.IGNORECASE)
_NEED = re.compile(
    r"\b(?:i|we|she|he|they|[A-Z]\w+(?: [A-Z]\w+)?)(?:'d| would| will| also| really| urgently)* (?:needs?|wants?|requires?|like|love|must have|should (?:get|have|receive))\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|how|why|is|are|was|were|do|does|did|has|have|am|can|could)\b|\?\s*$",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|how|why|do|does|did|is|are|has|have (?=we|you|they|i|our|the \w+ (?:been|arrived)))\b",
    re.IGNORECASE,
)
_PREPOSITION = frozenset(
    [
        "for",
        "to",
        "with",
        "from",
        "by",
        "at",
        "on",
        "in",
        "into",
        "about",
        "of",
        "as",
        "regarding",
        "concerning",
        "during",
        "until",
        "till",
        "before",
        "after",
        "because",
        "since",
        "so",
        "that",
        "who",
        "which",
        "whose",
        "where",
        "when",
        "while",
        "via",
        "through",
        "against",
        "per",
        "under",
        "over",
        "within",
        "without",
        "between",
        "towards",
        "onto",
        "and",
        "or",
        "using",
        "starting",
        "beginning",
        "including",
        "included,",
        "around",
        "near",
        "under",
        "than",
        "if",
        "unless",
        "due",
    ]
)
_BREAK = re.compile(
    r"(?P<hard>[.!?]+(?=\s|$)|[;\n•]+|\s[–—]\s|(?<=\w):\s*\n)"
    r"|(?P<soft>,?\s+(?:and then|and also|as well as|and|then|plus|but also|or|&)\s+(?:then\s+|also\s+|please\s+|afterwards\s+|finally\s+|after that\s+)*|,\s*(?:then\s+|also\s+|please\s+|afterwards\s+|finally\s+)*)",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|sr|jr|st|inc|ltd|co|corp|e\.g|i\.e|etc|approx|no|nr|vs|dept)|\b[A-Z])$",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"(?:a|an|the|our|my|your|his|her|their|its|this|that|these|those|all|any|some|each|every|no|new|up|out|him|her|them|me|us|it|everyone|everybody|[A-Z]\w+|\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|about|how|what|which|whether|for|with|into|access)\b|[\"'“«$€£]|\S+@"
)


def _starts_request(text: str, soft: bool) -> bool:
    """Whether what follows opens a request of its own: a verb, where a noun could stand only one with its object."""
    rest = _PREFIX.sub("", text)
    stripped = len(rest) < len(text)
    match = re.match(r"([A-Za-z]+(?:-[a-z]+)?)\b\s*", rest)
    if match is None:
        return False
    word = fold(match[1])
    if (
        _ASKING.match(rest)
        and soft
        and re.match(r"(?:what|which|who|when|where|how|why)\b", rest, re.IGNORECASE)
    ):
        return True
    if word not in lexicon().verbs or (soft and word in ("use", "like", "need", "let")):
        return False
    after = rest[match.end() :]
    if not soft or stripped or not after:
        return bool(after) or not soft
    if match[1][0].isupper() and soft:
        return False
    return bool(_DETERMINER.match(after)) or _only_verb(word)


def _only_verb(word: str) -> bool:
    """Verbs that no one takes for nouns, so that an object need not show it ("install new software")."""
    return word in _ONLY_VERBS


_ONLY_VERBS = frozenset(
    [
        "send",
        "write",
        "create",
        "make",
        "add",
        "install",
        "configure",
        "prepare",
        "assign",
        "enable",
        "disable",
        "activate",
        "deactivate",
        "arrange",
        "organize",
        "organise",
        "buy",
        "purchase",
        "approve",
        "reject",
        "cancel",
        "delete",
        "remove",
        "give",
        "provide",
        "tell",
        "show",
        "find",
        "get",
        "generate",
        "compose",
        "notify",
        "inform",
        "remind",
        "invite",
        "enroll",
        "enrol",
        "register",
        "submit",
        "publish",
        "announce",
        "analyze",
        "analyse",
        "translate",
        "summarize",
        "summarise",
        "calculate",
        "compute",
        "onboard",
        "offboard",
        "hire",
        "terminate",
        "renew",
        "extend",
        "extract",
        "reserve",
        "allocate",
        "fix",
        "repair",
        "resolve",
        "troubleshoot",
        "setup",
        "ensure",
    ]
)


def _cuts(text: str, facts: Facts) -> Iterable[tuple[int, int, bool]]:
    """Where clauses are cut: (end of the one, start of the next, whether a sentence ends there)."""
    solid = [(s.start, s.end) for s in facts.entities if s.kind != "department"] + [
        (d.start, d.end) for d in (*facts.dates, *facts.amounts, *facts.times)
    ]
    for match in _BREAK.finditer(text):
        hard = match["hard"] is not None
        if any(
            s < match.end() - (1 if hard else 0)
            and match.start() < e - (1 if hard else 0)
            and not (hard and match.start() >= e)
            for s, e in solid
        ):
            continue
        if hard:
            if match[0].startswith(".") and _ABBREVIATION.search(text[: match.start()]):
                continue
            yield match.end(), match.end(), True
        elif _starts_request(text[match.end() :], soft=True):
            yield match.start(), match.end(), False


def _terms(text: str, start: int, facts: Facts, mood: Mood) -> tuple[str, tuple[Term, ...]]:
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
            in_tail = in_tail or (bool(terms) and word in _PREPOSITION)
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
        if word in _PREPOSITION:
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
    if mood == "question" and not (verb and stem(verb) in lex.reading):
        terms.append(Term(stem("show"), "verb", "show", start))
    return verb, tuple(terms)


def _caused(text: str, verb: str, terms: tuple[Term, ...]) -> tuple[str, tuple[Term, ...]]:
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


def _mood(text: str, rest: str) -> Mood:
    if re.match(r"(?:if|unless|when|once|as soon as|in case)\b(?!.*\?\s*$)", rest, re.IGNORECASE):
        return "statement"
    word = re.match(r"[A-Za-z]+", rest)
    folded = fold(word[0]) if word else ""
    if _ASKING.match(rest):
        return "question"
    if folded in lexicon().verbs and not re.match(
        r"\w+ (?:is|are|was|were|has|have|will|does|can|should|doesn't|isn't|must)\b", rest, re.IGNORECASE
    ):
        return "request"
    if len(rest) < len(text) and not _QUESTION.match(text):
        return "request"
    if rest.rstrip().endswith("?"):
        return "question"
    if _NEED.search(text):
        return "request"
    return "statement"


def split_clauses(text: str, facts: Facts) -> list[Clause]:
    """The clauses of a goal, in order."""
    from macae.llm.offline.idioms import plainly

    pieces: list[tuple[int, int]] = []
    at = 0
    for end, following, _ in _cuts(text, facts):
        pieces.append((at, end))
        at = following
    pieces.append((at, len(text)))
    found: list[Clause] = []
    for start, end in pieces:
        raw = text[start:end]
        lead = len(raw) - len(raw.lstrip(" \t\n,;:•*-–—"))
        start, raw = start + lead, raw.strip(" \t\n,;:•*-–—")
        raw = raw.rstrip(".!")
        if not re.search(r"\w", raw):
            continue
        listed = re.match(r"\d{1,2}[.)]\s+", raw)
        if listed:
            start, raw = start + listed.end(), raw[listed.end() :]
        prefix = _PREFIX.match(raw)
        skip = prefix.end() if prefix and prefix.end() < len(raw) else 0
        rest = raw[skip:]
        mood = _mood(raw, rest)
        verb, terms = _terms(rest, start + skip, facts, mood)
        verb, terms = _caused(rest, verb if verb in lexicon().verbs else "", terms)
        found.append(plainly(Clause(raw, start, start + len(raw), mood, verb, terms)))
    return found
