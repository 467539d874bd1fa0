"""Who takes what no tool does: a language task goes to the general assistant, what only a person can do to the person; the rest is
impossible. Agents are recognised by what is said of them, not by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from macae.llm.offline.cards import AgentCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.words import fold, lexicon, related, split_identifier, stem, stems, word_set, words

__all__ = [
    "absurd_words",
    "by_description",
    "general_agent",
    "is_absurd",
    "is_human_task",
    "is_language_task",
    "is_live",
    "is_pure_language",
    "person_agent",
]

_GENERAL = re.compile(
    r"\b(?:general(?:ist|-purpose)?|generic|anything else|everything else|whatever|any(?:thing)? (?:other|no other)|no (?:other )?(?:tool|function|agent|specialist)s?|not covered|fallback|catch-?all|knowledge questions?|language (?:task|work|model)s?|general help|miscellaneous|other (?:tasks|requests|questions)|writing,? (?:summar|and|text|explain)|common questions|all-?round)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:human|the person|a person|real person|end[- ]user|the user|people decide|manual(?:ly)?|only a person|by hand|person in the loop|asks? the user|clarification|approval from)\b",
    re.IGNORECASE,
)
ONLY_LANGUAGE = frozenset(
    [
        "explain",
        "translate",
        "summarize",
        "summarise",
        "brainstorm",
        "define",
        "rewrite",
        "rephrase",
        "paraphrase",
        "proofread",
        "suggest",
        "recommend",
        "compose",
        "describe",
        "imagine",
    ]
)
"""Verbs that a tool must know itself before it is used for them."""
_LANGUAGE_THINGS = re.compile(
    r"\b(?:poem|haiku|story|joke|essay|limerick|song|lyrics|slogan|tagline|motto|paragraph|ideas?|summary|translation|explanation|definition|synonyms?|pros and cons|difference between|meaning of|advice|tips|suggestions?|outline|letter|e-?mail text|text|speech|toast|agenda|list of|names? for|headline|bullet points|announcement|invitation|greeting|thank[- ]you note|note|quiz|riddle|recipe|sentences?|blog post|article|post|description|template|introduction|questions|checklist|proposal|report|memo|faq|script|biography|bio|questionnaire|guide|outlook|comparison|argument)\b",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(
    r"^(?:what (?:is|are|does|do|was|were|'s)|what's|who (?:is|was|were|invented|wrote|discovered)|why|how (?:do|does|did|can|could|should|would|to|is|are)|when (?:did|was|were)|where (?:is|are|was)|which|explain|define|tell me (?:about|what|why|how|a)|what)\b",
    re.IGNORECASE,
)
_LIVE = re.compile(
    r"\b(?:weather|forecast for (?:today|tomorrow)|temperature (?:in|today)|stock (?:price|market)|share price|exchange rate|bitcoin|traffic|latest news|news today|live score|who won (?:the|yesterday)|lottery|flight status|current time in|right now)\b",
    re.IGNORECASE,
)
_HUMAN = re.compile(
    r"\b(?:in person|face[- ]to[- ]face|shake hands|by hand|physically|hand[- ]?(?:deliver|written)|handwritten|sign (?:it|this|the|a|my)|wet signature|pick (?:up|them up|him up|her up)|(?:call|phone|ring)(?: up)? (?:my|the|our|him|her|them|back|mr|mrs|ms|dr|[A-Z])|visit|have lunch|have (?:a )?(?:coffee|dinner)|taste|smell|decide (?:whether|if|which|on|who|between)|make (?:a|the) decision|choose (?:whether|between)|judge|interview|negotiate|walk|attend|meet (?:with )?(?:him|her|them|the|our|my|[A-Z])|congratulate|comfort|apologi[sz]e|hug|witness|inspect|carry|water the plants|clean|tidy|cook|drive|buy me|fetch|unpack|lift|personally|give (?:a|my|your) (?:personal )?opinion|confirm in person|talk to (?:him|her|them|my|our|the|[A-Z])|speak (?:to|with)|pay (?:in )?cash|tell me your preference|paint|hang (?:up|the|a)|plug in|water(?:ed)? (?:the )?(?:plants|flowers)|plants?\b.{0,40}\bwater(?:ed)?|someone has to|collect (?:the|a|him|her)|bring (?:the|a) \\w+ (?:to|from)|stand in for|wait for (?:the|him|her)|carry|sweep|wipe|decorate|set the table|make (?:coffee|tea)|take out the|move (?:the|my) (?:desk|furniture|boxes))\b",
)
_ABSURD = re.compile(
    r"\b(?:mars|moon|jupiter|saturn|venus|galaxy|outer space|time travel|time machine|teleport\w*|immortal\w*|live forever|telepath\w*|invisib\w*|resurrect\w*|perpetual|dragon|unicorn|magic|wizard|world peace|world hunger|earthquake|the sun|faster than light|past (?:week|year)'s lottery|read (?:my|his|her|their) (?:mind|thoughts)|predict the future|rocket|spaceship|submarine|volcano|dinosaurs?|clone"
    r"|travel back (?:to|in)|back in time|turn back (?:the clock|time)|(?:make|stop|let|sure)\b[^.]{0,25}\b(?:rain|snow|sun(?:ny)?|sunshine|weather|storm)|sun shines?"
    r"|rotation of the earth|earth'?s rotation|float(?:s|ing)?\b[^.]{0,40}\b(?:ground|air|met(?:re|er)s?)|hover|beam\b[^.]{0,40}\b(?:to|over)|lottery (?:numbers?|draw)|winning (?:lottery )?numbers"
    r"|(?:read|see into)\b[^.]{0,30}\b(?:mind|thoughts|head)|hypnoti[sz]e\w*|ghosts?|haunt\w*|speed of light|antigravity|gravity|from the dead|bring back to life|(?:30|25|26|28|32|36|48)[- ]hour day|stop time|freeze time|cure (?:cancer|death)|everlasting|extraterrestrial|aliens?|crystal ball|fountain of youth|walk on water|shrink\b[^.]{0,20}\bpeople)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def general_agent(agents: tuple[AgentCard, ...]) -> AgentCard | None:
    """The agent for what no tool does, judged by its description; a name such as Generic… or Assistant helps a little."""

    def points(agent: AgentCard) -> float:
        found = 2.0 * len(_GENERAL.findall(agent.description))
        if _PERSON.search(agent.description) and not agent.tools:
            found -= 3
        name = set(split_identifier(agent.name))
        found += 1.0 * bool(name & {"generic", "general", "fallback", "misc", "everyday"}) + 0.5 * bool(
            name & {"assistant", "helper"}
        )
        return found + (0.3 if "language" in agent.description or "writing" in agent.description else 0)

    ranked = sorted(agents, key=lambda a: -points(a))
    return ranked[0] if ranked and points(ranked[0]) >= 0.5 else None


@lru_cache(maxsize=64)
def person_agent(agents: tuple[AgentCard, ...]) -> AgentCard | None:
    """The agent that stands for the person."""

    def points(agent: AgentCard) -> float:
        name = set(split_identifier(agent.name))
        return (
            2.0 * len(_PERSON.findall(agent.description))
            + 1.5 * bool(name & {"human", "person", "user", "you"})
            - 2 * len(agent.tools)
        )

    ranked = sorted(agents, key=lambda a: -points(a))
    return ranked[0] if ranked and points(ranked[0]) >= 1.5 else None


def is_live(text: str) -> bool:
    """Whether it asks for facts of this moment that no model has in it."""
    return bool(_LIVE.search(text))


def is_language_task(clause: Clause) -> bool:
    """Whether a model's text alone would answer it."""
    text = clause.text
    if (
        _ABSURD.search(text)
        and clause.mood == "request"
        and not (fold(clause.verb) in word_set("language_verbs") and _LANGUAGE_THINGS.search(text))
    ):
        return False
    if is_live(text):
        return False
    if is_pure_language(clause):
        return True
    verb = fold(clause.verb)
    first = words(text)[:1]
    if verb in word_set("language_verbs") and verb not in (
        "create",
        "prepare",
        "give",
        "tell",
        "list",
        "name",
        "think",
        "teach",
        "sketch",
        "imagine",
    ):
        return True
    if verb in word_set("language_verbs") and _LANGUAGE_THINGS.search(text):
        return True
    if _LANGUAGE_THINGS.search(text) and (
        not verb
        or verb
        in (
            "get",
            "make",
            "have",
            "find",
            "help",
            "do",
            "write",
            "need",
            "produce",
            "come",
            "develop",
            "design",
            "craft",
        )
    ):
        return True
    return (
        bool(_OPEN_QUESTION.match(text))
        and not re.search(r"\b(?:my|our|we|us|i)\b", text, re.I)
        and bool(first)
    )


def absurd_words(clause: Clause) -> str:
    """The words of a clause that ask for what nobody can do, or nothing."""
    found = _ABSURD.search(clause.text)
    return found[0] if found else ""


def is_absurd(clause: Clause) -> bool:
    """Whether a clause asks for what nobody can do, rather than for a text about it."""
    if not _ABSURD.search(clause.text) or re.search(r"[\"“]", clause.text):
        return False
    return not (
        fold(clause.verb) in word_set("language_verbs") - {"tell", "give", "imagine"}
        and _LANGUAGE_THINGS.search(clause.text)
    )


_PURE = re.compile(
    r"\b(?:poems?|haikus?|limericks?|jokes?|toast|slogans?|taglines?|riddles?|lyrics|song|short story|synonyms?|rhymes?|proofread|rephrase|reword|paraphrase|rewrite|translate|friendlier|politer|more polite|shorten|(?:in|into) (?:german|french|spanish|italian|dutch|polish|portuguese|japanese|chinese|english))\b",
    re.IGNORECASE,
)


def is_pure_language(clause: Clause) -> bool:
    """Whether only a text is asked for, whatever else its words remind of."""
    return bool(_PURE.search(re.sub(r"[\"“][^\"”]*[\"”]", "", clause.text)))


def is_human_task(clause: Clause) -> bool:
    """Whether only a person can do it."""
    text = clause.text[:1].lower() + clause.text[1:]
    return bool(_HUMAN.search(text)) and not _ABSURD.search(clause.text)


def by_description(clause: Clause, agents: Sequence[AgentCard]) -> AgentCard | None:
    """An agent without tools whose description speaks of what the clause asks (a team of writers and critics)."""
    best, best_score = None, 0.0
    for agent in agents:
        if agent.tools:
            continue
        own = set(stems(agent.description)) | {stem(w) for w in split_identifier(agent.name)}
        score = 0.0
        for term in clause.terms:
            hit = max((c for s, c in related(term.stem).items() if s in own), default=0.0)
            score += hit * (
                0.4
                if term.stem in lexicon().weak
                else {"verb": 1.0, "head": 1.2, "modifier": 0.8, "tail": 0.6}[term.where]
            )
        if score > best_score:
            best, best_score = agent, score
    return best if best_score >= 0.75 else None
