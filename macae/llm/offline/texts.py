"""Read one value out of a scope that is words rather than a fact: items, titles, topics, messages, reasons, choices."""

from __future__ import annotations

import re
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import Meaning, told_choices
from macae.llm.offline.phrases import after, noun_phrase, proper_names, singular, strip_articles, trim
from macae.llm.offline.scope import Scope
from macae.llm.offline.values import Reader
from macae.llm.offline.words import data, fold, lexicon, related, split_identifier, stem, words

__all__ = ["TEXT_READERS", "object_phrase"]

_ABOUT = (
    "about",
    "on the topic of",
    "on the subject of",
    "regarding",
    "concerning",
    "covering",
    "on how to",
    "related to",
)
_SAYING = (
    "saying that",
    "saying",
    "that says",
    "says that",
    "stating that",
    "stating",
    "telling (?:them|everyone|everybody|him|her|people|customers|staff|us|all)(?: that)?",
    "with the (?:text|message|words|content)",
    "to (?:tell|inform|remind|let) (?:them|everyone|everybody|him|her|people|customers|staff)(?: know)?(?: that)?",
    "that(?= (?:the|we|our|all|there|it|i|this|everyone|his|her|their|my|they|he|she|you|no|a|an)\\b)",
    "to say(?: that)?",
    "which says",
    "reading",
)
_NAMED = (
    "titled",
    "called",
    "named",
    "entitled",
    "with the (?:title|name|subject|headline)",
    "under the (?:title|name)",
    "subject:?",
    "title:?",
)


def _keys(tool: ToolCard) -> set[str]:
    lex = lexicon()
    found = {stem(w) for w in split_identifier(tool.name)} | {stem(w) for w in words(tool.description)[:4]}
    return {w for w in found if w not in lex.stop}


_ASKED = frozenset(["how", "what", "which", "who", "where", "when"])


def _opening_verb(text: str) -> int:
    """Where the object starts: behind what is polite and behind the verb."""
    from macae.llm.offline.clauses import _NEED, _PREFIX

    prefix = _PREFIX.match(text)
    at = prefix.end() if prefix and prefix.end() < len(text) else 0
    need = _NEED.match(text)
    if need and need.end() > at:
        return need.end()
    while True:
        word = re.match(
            r"\s*([A-Za-z]+(?:-[a-z]+)?)(?: (?:up|out|off|on|over|down)\b(?! [A-Z]))?\s*", text[at:]
        )
        if (
            word is None
            or fold(word[1]) in _ASKED
            or fold(word[1]) not in lexicon().verbs
            or not text[at + word.end() :].strip()
        ):
            return at
        following = text[at + word.end() :]
        at += word.end()
        if not re.match(r"and ", following):
            return at
        at += 4


def object_phrase(scope: Scope) -> str:
    """The clause's object: after the quantity if there is one, else after the verb."""
    text = scope.clause
    at = _opening_verb(text)
    counts = [q for q in scope.near.quantities if not q.weak and q.start - scope.start >= 0]
    if counts and not re.match(
        r"\S*\s*(?:days?|weeks?|months?|hours?|minutes?|years?|people)\b",
        text[counts[0].end - scope.start :].lstrip(),
    ):
        rest = text[counts[0].end - scope.start :]
        rest = re.sub(
            r"^\s*(?:pieces?|units?|seats?|licen[cs]es?|copies|boxes|packs?|sets?|pairs?|bottles?|bags?) (?:of|for) ",
            "",
            rest,
            flags=re.I,
        )
        return noun_phrase(rest)
    rest = re.sub(
        r"^\s*(?:how (?:many|much)(?: of)?|which|what(?:'s)?|who|where|when|do we have|have we got|are there|is there)"
        r"(?: (?:is|are|of|the|any|our|a|an|does|do|kind of))*\s+",
        "",
        text[at:],
        flags=re.I,
    )
    if rest != text[at:]:
        rest = re.sub(
            r"\s+(?:do|does|did|are|is|have|has|can|could|will|would|we|you|they|i|there)\b.*$",
            "",
            rest,
            flags=re.I,
        )
    rest = re.sub(
        r"^\s*(?:(?:a|an|the|some) )?(?:pieces?|units?|seats?|licen[cs]es?|copies|copy|boxes|packs?|sets?|pairs?|couple|information|info|details|status) (?:of|for|about|on) ",
        "",
        rest,
        flags=re.I,
    )
    people = [p for p in scope.near.entities if p.kind in ("person", "department")]
    phrase = strip_articles(rest)
    for person in people:  # "order Liam a laptop", "Jessica's laptop"
        if phrase.startswith(scope.facts.text[person.start : person.end]):
            phrase = re.sub(r"^'s?\s*", "", phrase[person.end - person.start :]).strip()
    return noun_phrase(phrase)


_QUOTE_CUES = {
    "title": ("subject", "title", "titled", "called", "named", "headline", "heading", "name"),
    "body": ("text", "saying", "says", "message", "content", "body", "that", "words", "reads", "description"),
}


def _quoted(scope: Scope, anywhere: bool, kind: str = "") -> str | None:
    """A quoted text; of several, the one behind a word that fits ("subject", "saying"), and none that another word claims."""
    spans = [s for s in (scope.facts if anywhere else scope.near).of("quote") if scope.free(s.start, s.end)]
    if kind and spans:

        def last(span: object) -> str:
            before = re.findall(r"[A-Za-z]+", scope.facts.text[: span.start])  # type: ignore[attr-defined]
            return before[-1].lower() if before else ""

        others = {c for k, cues in _QUOTE_CUES.items() if k != kind for c in cues}
        cued = [s for s in spans if last(s) in _QUOTE_CUES[kind]]
        spans = cued or [s for s in spans if last(s) not in others or len(spans) == 1]
    if not spans:
        return None
    scope.take(spans[0].start, spans[0].end)
    return spans[0].value


def _reference(scope: Scope) -> str | None:
    spans = [s for s in scope.near.of("reference") if scope.free(s.start, s.end)]
    return spans[0].value if spans else None


def _without(phrase: str, nouns: set[str]) -> str:
    """A phrase without the parameter's own noun at its ends ("Adobe license" → "Adobe"), if something is left."""
    parts = phrase.split()
    while len(parts) > 1 and stem(fold(parts[-1])) in nouns:
        parts.pop()
    while len(parts) > 1 and stem(fold(parts[0])) in nouns:
        parts.pop(0)
    return " ".join(parts)


def read_item(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A thing by its name: quoted, a proper name, or the object of the clause."""
    quoted = _quoted(scope, param.required)
    if quoted:
        return quoted
    if told_choices(param.description):
        chosen = _slot(param, scope)
        if chosen or not param.required:
            return chosen
    nouns = {stem(w) for w in meaning.noun.split()} | (
        {stem("licence"), stem("license"), stem("seat")} if "software" in meaning.noun else set()
    )
    named = after(scope.clause, *_NAMED)
    if named:
        return _proper_start(scope.clause, named)
    reference = _reference(scope)
    if reference and (
        param.required or meaning.noun in ("contract", "order", "ticket", "invoice", "document", "asset")
    ):
        return reference
    proper = [
        n
        for n, at in proper_names(scope.clause, scope.start)
        if scope.free(at, at + len(n)) and not _is_other(scope, at, meaning)
    ]
    phrase = object_phrase(scope)
    keys = _keys(tool) | nouns
    if proper and not param.required and (scope.generous or not _ITEMS & set(meaning.noun.split())):
        return _cued(scope, meaning)
    if proper:
        good = [p for p in proper if p in phrase] or proper
        cued = [
            p
            for p in good
            if re.search(
                rf"{re.escape(p)}(?:'s)? (?:{'|'.join(map(re.escape, meaning.noun.split())) or 'x'})",
                scope.clause,
                re.I,
            )
        ]
        value = _without((cued or good)[0], nouns)
        whole = _with_tail(phrase, value)
        return _without(whole, nouns | {stem("licence"), stem("license"), stem("seat")})
    if not phrase or phrase.lower() in ("it", "them", "one", "that", "this"):
        phrase = ""
    if phrase and any(p.value == phrase for p in scope.near.of("person")):
        phrase = ""
    cut = _without(phrase, nouns)
    left = [w for w in words(cut) if w not in lexicon().stop]
    things = {stem(x) for x in _things()}
    if not param.required and (scope.generous or not _ITEMS & set(meaning.noun.split())):
        return _cued(scope, meaning)
    specific = [w for w in left if stem(w) not in keys or (stem(w) in things and param.required)]
    if specific and (
        param.required
        or any(stem(w) in {stem(x) for x in _things()} for w in specific)
        or meaning.noun.split()[-1] in cut
    ):
        return singular(strip_articles(cut)) if _plural_item(param, tool) else strip_articles(cut)
    tail = (
        noun_phrase(re.split(r"\b(?:of|for|about|on|to|in)\b", scope.clause, maxsplit=1)[-1])
        if re.search(r"\b(?:of|for|about|on|to|in)\b", scope.clause)
        else ""
    )
    tail_words = [w for w in words(tail) if w not in lexicon().stop and not _inside_value(scope, tail)]
    if tail_words and any(stem(w) in {stem(x) for x in _things()} for w in tail_words):
        return singular(_without(tail, nouns))
    if param.required and left and not specific and not nouns & {stem(w) for w in left}:
        return singular(strip_articles(cut))
    if param.required:
        mentioned = [w for w in words(scope.clause) if stem(w) in things and stem(w) not in keys]
        return singular(mentioned[0]) if mentioned else _from_statements(scope)
    question = re.search(
        r"\b(?:how many|how much|which|what|any|much do|price of|cost of|much is|much are) (?:is |are |the |a |an |our |do |does )*([\w -]+?)(?= (?:do|does|are|is|have|has|in|we|left|cost|available|on)\b|\?|$)",
        scope.clause,
        re.I,
    )
    if question:
        said = strip_articles(question[1])
        if said and any(stem(w) in {stem(x) for x in _things()} for w in words(said)):
            return singular(said)
    return None


_ITEMS = frozenset(
    [
        "item",
        "product",
        "hardware",
        "equipment",
        "device",
        "software",
        "goods",
        "article",
        "plan",
        "pack",
        "system",
        "campaign",
        "service",
    ]
)


def _cued(scope: Scope, meaning: Meaning) -> str | None:
    """A name right beside the parameter's own noun: "model Surface Pro", "the Europe Traveller plan"."""
    for name, at in proper_names(scope.clause, scope.start):
        if _is_other(scope, at, meaning):
            continue
        behind = scope.facts.text[at + len(name) :].split()[:1]
        before = scope.facts.text[:at].split()[-1:]
        if {stem(fold(w.strip(".,"))) for w in (*behind, *before)} & {stem(w) for w in meaning.noun.split()}:
            return name
    return None


def _from_statements(scope: Scope) -> str | None:
    for start, end in scope.statements:
        names = [
            n
            for n, at in proper_names(scope.facts.text[start:end], start)
            if not any(p.start <= at < p.end for p in scope.facts.of("person", "department"))
            and not any(d.start <= at < d.end for d in scope.facts.dates)
        ]
        if names:
            return names[0]
    return None


def _things() -> frozenset[str]:
    """Things that are ordered and counted: the lexicon's kinds of equipment, software and supplies."""
    kinds = data("lexicon.yaml")["kinds"]
    return frozenset(
        w
        for k in ("hardware", "equipment", "device", "furniture", "supplies", "software")
        for w in str(kinds[k]).split()
    ) - {"software", "hardware", "item", "equipment", "licence", "license", "application", "display"}


def _plural_item(param: Param, tool: ToolCard) -> bool:
    return param.type != "array"


def _proper_start(text: str, named: str) -> str:
    names = [n for n, _ in proper_names(text) if named.startswith(n)]
    return max(names, key=len) if names else named


def _with_tail(phrase: str, name: str) -> str:
    """A proper name with the small words that belong to it in the phrase ("Surface laptop")."""
    if phrase.startswith(name):
        rest = phrase[len(name) :].split()
        if rest and len(rest) <= 2 and all(r.isalnum() for r in rest):
            return phrase
    return name


def _is_other(scope: Scope, at: int, meaning: Meaning) -> bool:
    """Whether a proper name at a place is a person, a department as such, a date, an amount or an address."""
    near = scope.facts
    firsts = set(data("lexicon.yaml")["first_names"].split())
    for span in near.entities:
        if span.start <= at < span.end:
            if span.kind == "person":
                return fold(span.value.split()[0]) in firsts or " " in span.value
            if span.kind == "department":
                from macae.llm.offline.values import _is_unit

                return _is_unit(scope, span)
            return span.kind in ("email", "link", "phone")
    return any(f.start <= at < f.end for f in (*near.dates, *near.times, *near.amounts, *near.lengths))


def _inside_value(scope: Scope, text: str) -> bool:
    at = scope.facts.text.find(text, scope.start)
    return any(s <= at < e for s, e in scope.facts.covered()) if text else False


def read_type(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A kind of something: the words before the thing ("chocolate chip cookies"), or a narrower word for it ("vacation")."""
    quoted = _quoted(scope, False)
    if quoted and param.required:
        return quoted
    noun = stem(meaning.noun.split()[-1]) if meaning.noun else ""
    heads = {noun} | {s for s, c in related(noun).items() if c >= 0.8} if noun else _keys(tool)
    said = _slot(param, scope)
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
                    or stem(low) in _keys(tool) - {noun}
                    or _covered(scope, w)
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
    phrase = _without(object_phrase(scope), heads)
    return singular(phrase) if phrase and stem(fold(phrase)) not in heads else None


def _covered(scope: Scope, word: str) -> bool:
    at = scope.facts.text.find(word, scope.start)
    return any(s <= at < e for s, e in scope.facts.covered())


def _slot(param: Param, scope: Scope) -> str | None:
    """A value that the description lists, or a word of a small known set (priority: high; platform: LinkedIn)."""
    told = told_choices(param.description)
    for value in sorted(told, key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(value)}(?:s|ed|ing)?(?!\w)", scope.clause, re.IGNORECASE):
            return value
    said = {stem(w) for w in words(scope.clause)}
    for value in told:
        near = {s for w in words(value) for s, c in related(stem(w)).items() if c >= 0.8}
        if near & said:
            return value
    slots = data("slots.yaml")
    name = split_identifier(param.name)
    for key in (param.name, name[-1], *name):
        for value in slots.get(key, ()):
            said, _, meant = str(value).partition("=")
            if re.search(rf"(?<!\w){re.escape(said)}(?!\w)", scope.clause, re.IGNORECASE):
                return meant or said
    return None


def read_slot(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A value of a small set, or the word before the parameter's noun ("gold level")."""
    found = _slot(param, scope)
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


def read_title(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A short title: quoted, named, what it is about, else the object."""
    quoted = _quoted(scope, param.required, "title")
    if quoted:
        return quoted
    named = after(scope.clause, *_NAMED)
    if named:
        return named
    if not param.required:
        return None
    clause = _undated(scope)
    about = after(clause, *_ABOUT) or after(
        clause, "to discuss", "to talk about", "to review", "for discussing"
    )
    if about:
        return about
    problem = read_problem(scope)
    if (
        problem
        and {"issue", "problem", "ticket", "incident", "title"} & set(split_identifier(param.name))
        and {"ticket", "issue", "incident", "problem", "report", "bug"}
        & set(split_identifier(tool.name) + tuple(words(tool.description)))
    ):
        return problem
    phrase = object_phrase(scope)
    with_whom = [s.value for s in scope.near.of("person", "department")]
    if phrase and all(stem(w) in _keys(tool) for w in words(phrase) if w not in lexicon().stop):
        if not with_whom:
            return None
        return f"{phrase[:1].upper()}{phrase[1:]} with {' and '.join(with_whom)}"
    return phrase or None


_PROBLEM = re.compile(
    r"\b(?:broken|doesn't|does not|don't|isn't|is not|won't|can't|cannot|not working|slow|crash\w*|lost|stolen|stopped|fail\w*|error|down|stuck|frozen|freez\w+|faulty|defective|damaged|missing|leak\w*|noise|hack\w*|phishing|virus|infected|flicker\w*|overheat\w*|blank|dead)\b",
    re.IGNORECASE,
)


def read_problem(scope: Scope) -> str | None:
    """The sentence that tells of a problem, in the clause or in a statement beside it."""
    about = re.search(
        r"\b(?:because|as|since|about|for|that|:)\s+((?:the|my|our|a|an|his|her)\b.+)$", scope.clause, re.I
    )
    if about and _PROBLEM.search(about[1]):
        return trim(about[1])
    for start, end in [*scope.statements, (scope.start, scope.end)]:
        text = scope.facts.text[start:end]
        if _PROBLEM.search(text):
            return trim(text)
    if about:
        return trim(about[1])
    return None


def _undated(scope: Scope) -> str:
    """The clause without its dates and times."""
    text = scope.clause
    for found in sorted([*scope.near.dates, *scope.near.times, *scope.near.lengths], key=lambda f: -f.start):
        text = text[: found.start - scope.start].rstrip() + " " + text[found.end - scope.start :].lstrip()
    return " ".join(text.split())


_PLAIN = frozenset(
    [
        "latest",
        "next",
        "last",
        "newest",
        "recent",
        "urgent",
        "short",
        "long",
        "quick",
        "new",
        "final",
        "first",
        "second",
        "important",
        "special",
        "good",
        "nice",
        "proper",
        "official",
        "finished",
    ]
)


def read_topic(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """What something is about."""
    quoted = _quoted(scope, param.required)
    if quoted:
        return quoted
    clause = _undated(scope)
    about = after(clause, *_ABOUT) or after(
        clause,
        "say on",
        "say about",
        "think of",
        "rules for",
        "rules on",
        "policy on",
        "policy for",
        "allowed to",
    )
    if about:
        return about
    keys = _keys(tool)
    if meaning.noun in ("purpose",) and not param.required:
        return None
    if param.required and meaning.noun in ("problem", "issue"):
        return read_problem(scope) or object_phrase(scope) or None
    on = after(clause, "on", "in", "for")
    if (
        on
        and not _inside_value(scope, on)
        and not any(
            scope.facts.text[d.start : d.end].lower() in on.lower() for d in scope.near.of("department", "person")
        )
        and words(on)
        and on.lower() not in ("them", "him", "her", "us", "me", "it")
    ):
        return (
            on
            if param.required or stem(words(on)[-1]) not in lexicon().near or meaning.noun == "topic"
            else None
        )
    phrase = object_phrase(scope)
    before = [
        w for w in phrase.split() if stem(fold(w)) not in keys and fold(w) not in lexicon().stop | _PLAIN
    ]
    if before and len(before) < len(phrase.split()) and meaning.noun in ("topic", "course", "skill", "theme"):
        return " ".join(before)
    if param.required:
        return phrase or trim(scope.clause)
    return None


_SOLVED = re.compile(
    r"\b(?:replaced|fixed|solved|repaired|restarted|changed|updated|reinstalled|cleaned|reset|installed|rebooted|works? again)\b",
    re.IGNORECASE,
)


def read_body(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A longer text: quoted, what it shall say, what it is about; a required one may be the clause itself."""
    quoted = _quoted(scope, param.required, "body")
    if quoted:
        return quoted
    saying = after(scope.clause, *_SAYING, whole=True)
    if saying:
        return saying
    colon = re.search(r":\s+([^.!?]{8,}(?:[.!?](?!\s+Please)[^.!?]+)*)", scope.clause, re.DOTALL)
    if colon:
        return trim(colon[1])
    if not param.required:
        problem = read_problem(scope) if meaning.noun in ("description", "details") else None
        return problem if problem and problem != trim(scope.clause) else None
    solved = (
        after(scope.clause, "because", "with the note", "by", "as", whole=True)
        if meaning.noun in ("resolution", "reason", "answer")
        else ""
    )
    if solved:
        return solved
    about = after(scope.clause, *_ABOUT, whole=True) or after(scope.clause, "of", whole=True)
    if about:
        return about
    if meaning.noun in ("resolution", "answer", "instructions"):
        solved = [scope.facts.text[s:e] for s, e in scope.statements if _SOLVED.search(scope.facts.text[s:e])]
        solved += [p for p in scope.clause.split(", ")[1:] if _SOLVED.search(p)]
        return trim(solved[-1]) if solved else None
    told = [trim(scope.facts.text[s:e]) for s, e in scope.statements if (s, e) != (scope.start, scope.end)]
    if told:
        return ". ".join(told)
    phrase = object_phrase(scope)
    keys = _keys(tool)
    return (
        trim(scope.clause)
        if any(stem(w) not in keys for w in words(phrase) if w not in lexicon().stop)
        else None
    )


def read_query(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """What to look for: a quoted text, a name, what is asked about, else the object."""
    quoted = _quoted(scope, param.required)
    if quoted:
        return quoted
    people = [p.value for p in scope.near.of("person")]
    if people:
        return people[0]
    whom = re.match(r"\W*who(?:'s| is| are) (?:the |our )?(?P<q>(?:head|manager|boss|director|ceo|lead|chief)\b.*?)\W*$", scope.clause, re.I)
    if whom:
        return whom["q"]
    mail = [p.value for p in scope.near.of("email", "reference")]
    if mail:
        return mail[0]
    proper = [
        n
        for n, at in proper_names(scope.clause, scope.start)
        if not any(d.start <= at < d.end for d in scope.near.dates)
    ]
    about = after(scope.clause, *_ABOUT, "with", "for", "on", "by", "mentioning", "containing", "named")
    if about and not (proper and proper[0] not in about):
        return about
    if proper:
        return proper[0]
    phrase = _without(object_phrase(scope), _keys(tool))
    if param.required or (
        phrase and any(stem(w) not in _keys(tool) for w in words(phrase) if w not in lexicon().stop)
    ):
        return phrase or None
    return None


def read_reason(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A reason: what follows because, due to, since, as."""
    found = after(
        scope.clause,
        "because of",
        "because",
        "due to",
        "reason:?",
        "on account of",
        "owing to",
        "the reason (?:is|being)(?: that)?",
        "since",
        whole=True,
    )
    if found:
        return found
    found = after(scope.clause, r"as (?=(?:we|it|they|he|she|the|i|our|there|its|their)\b)", whole=True)
    if found:
        return found
    return _quoted(scope, False) if param.required else None


def read_role(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A job title: what follows "as a", "position of", or the title before a name."""
    match = re.search(
        r"\b(?:as|position of|role of|job of|promoted to|hired as|joins as|title to|position to|be) (?:our |the |a |an )?(?:new )?([A-Za-z][\w/&-]*(?: [A-Za-z][\w/&-]*){0,4})",
        scope.clause,
    )
    for candidate in [match[1]] if match else []:
        phrase = noun_phrase(candidate)
        if phrase and fold(phrase.split()[-1]) not in (
            "mentor",
            "buddy",
            "manager's",
            "soon",
            "possible",
            "well",
        ):
            return phrase
    for text in (scope.clause, scope.facts.text):
        known = re.search(
            r"\b((?:(?:senior|junior|lead|chief|head|principal|product|project|software|data|sales|account|marketing|hr|legal|financial|office|support|network|security|ux|graphic|business|research|content|customer|service|store|system|systems|executive|it|operations|program|mobile|web|brand) )*(?:engineer|developer|designer|analyst|accountant|assistant|director|specialist|consultant|intern|coordinator|architect|representative|administrator|technician|programmer|scientist|writer|editor|lawyer|counsel|recruiter|secretary|officer|manager(?!'s)))\b",
            text,
            re.I,
        )
        if known and (len(known[1].split()) > 1 or param.required) and known[1].lower() not in ("manager",):
            return known[1]
    return None


def read_place(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A place: a known country or city, or a proper name after "in", "to", "at"."""
    places = (
        scope.near.of("place")
        or ([p for s, e in scope.statements for p in scope.facts.within(s, e).of("place")])
        or (scope.facts.of("place"))
    )
    if places:
        if meaning.side == "start" and len(places) > 1:
            return next(
                (p.value for p in places if re.search(r"\bfrom $", scope.facts.text[: p.start], re.I)),
                places[0].value,
            )
        if meaning.side == "end" and len(places) > 1:
            return next(
                (p.value for p in places if re.search(r"\bto $", scope.facts.text[: p.start], re.I)),
                places[-1].value,
            )
        return places[0].value
    match = re.search(
        r"\b(?:in|at|to|from|near) (?:the )?((?:[A-Z][\w-]+|room \w+|floor \w+|building \w+)(?: [A-Z0-9][\w-]*)*)",
        scope.clause,
    )
    if match:
        at = scope.start + match.start(1)
        if (
            not any(s.start <= at < s.end and s.kind in ("person", "department") for s in scope.near.entities)
            and not any(d.start <= at < d.end for d in scope.near.dates)
            and scope.free(at, at + 1)
        ):
            return match[1]
    return None


def read_expression(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """Arithmetic as text: `5 * 1299 + 3`; words for the operators are understood."""
    text = " " + scope.clause.lower() + " "
    text = re.sub(r"(\d+(?:\.\d+)?)\s?(?:%|percent) of (\d[\d.,]*)", r"\1 / 100 * \2", text)
    for said, sign in (
        (r"multiplied by|times|x|×", "*"),
        (r"divided by|over|÷", "/"),
        ("plus", "+"),
        ("minus|less", "-"),
        ("to the power of", "**"),
    ):
        text = re.sub(rf"(?<=[\d) ]) ?(?:{said}) ?(?=[\d( $])", f" {sign} ", text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.replace("$", ""))
    found = re.findall(r"[\d(][\d\s.+*/()-]*[\d)]", text)
    best = max((f for f in found if re.search(r"\d\s*(?:\*\*|[-+*/])\s*[\d(]", f)), key=len, default="")
    return re.sub(r"\s+", " ", re.sub(r"\s*(\*\*|[+*/-])\s*", r" \1 ", best)).strip() or None


def read_field(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """Which field is to change: "the job title of X", "X's department"."""
    found = _slot(param, scope)
    if found:
        return found
    if re.search(r"\bpromot", scope.clause, re.I):
        return "job title"
    if scope.near.of("department") and re.search(
        r"\b(?:move|transfer|reassign|switch)\w*\b", scope.clause, re.I
    ):
        return "department"
    own = re.search(r"'s? ((?:\w+ ){0,2}?\w+) (?:to|into|as|is|from)\b", scope.clause)
    return strip_articles(own[1]) if own else object_phrase(scope) or None


def read_value(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """The new value: what follows the last "to"."""
    quoted = _quoted(scope, False)
    if quoted:
        return quoted
    match = re.search(r"\b(?:to|into|as|is now|=) (?!the (?:field|record))(.+)$", scope.clause)
    if match is None:
        return None
    at = scope.start + match.start(1)
    dates = [d for d in scope.near.dates if d.start <= at + 12 and d.end > at]
    if dates:
        return dates[0].day.isoformat()
    said = trim(re.split(r"\s(?:starting|effective|from|as of|because)\b", match[1])[0])
    nested = re.match(r".*\bto (.+)$", said)
    units = [d for d in scope.near.of("department") if scope.facts.text[d.start : d.end] in said]
    if units and re.search(r"\b(?:department|team|division)\b", said, re.I):
        return units[-1].value
    return strip_articles(nested[1] if nested else said) or None


TEXT_READERS: dict[str, Reader] = {
    "item": read_item, "type": read_type, "slot": read_slot, "choice": read_choice, "boolean": read_boolean, "title": read_title, "topic": read_topic,
    "body": read_body, "query": read_query, "reason": read_reason, "role": read_role, "place": read_place, "expression": read_expression, "field": read_field,
    "value": read_value,
}  # fmt: skip
