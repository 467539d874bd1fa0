"""Handing the conversation to another agent by a `transfer_to_X` tool."""

from __future__ import annotations

import re
from collections.abc import Sequence

from macae.llm.offline.cards import ToolCard
from macae.llm.offline.drafts import DraftStep
from macae.llm.offline.prompt import Prompt
from macae.llm.offline.wording import ask_for
from macae.llm.offline.words import related, split_identifier, stem, stems

__all__ = ["handoff_for", "is_handoff"]

_NAME = re.compile(
    r"^(?:transfer|hand_?off|delegate|handover|escalate|route|switch)_?(?:to)?_(?P<who>\w+)$", re.IGNORECASE
)
_PERSON = frozenset({"user", "human", "person", "customer", "humanagent"})


def is_handoff(card: ToolCard) -> bool:
    """Whether a tool hands the conversation over."""
    return bool(_NAME.match(card.name)) and not [p for p in card.params if p.required]


def _target(card: ToolCard) -> str:
    match = _NAME.match(card.name)
    return match["who"] if match else card.name


def _score(card: ToolCard, text: str) -> float:
    own = {stem(w) for w in split_identifier(_target(card))} | set(stems(card.description))
    own -= {"agent", "transfer", "handof", "adopt", "role", "immedi", "respond", "user", "handoff", "assist"}
    said = stems(text)
    return sum(max((c for s, c in related(w).items() if s in own), default=0.0) for w in dict.fromkeys(said))


def handoff_for(prompt: Prompt, handoffs: Sequence[ToolCard], worked: bool, waiting: Sequence[DraftStep]) -> tuple[ToolCard, str | None] | None:  # fmt: skip
    """The handoff to make now and a thought for it, or None to answer oneself."""
    if not handoffs:
        return None
    if waiting and not worked:
        person = next((h for h in handoffs if _target(h).lower() in _PERSON), None)
        if person is not None:
            return person, ask_for([(s.tool, s.missing) for s in waiting if s.tool is not None])
    told = _told(prompt.system, handoffs, worked)
    if told is not None:
        return told, None
    if worked:
        return None
    named = [
        h
        for h in handoffs
        if re.search(rf"\b{re.escape(_target(h)).replace('_', '[ _]')}\b", prompt.text, re.IGNORECASE)
    ]
    if len(named) == 1:
        return named[0], None
    others = [h for h in handoffs if _target(h).lower() not in _PERSON]
    scored = sorted(
        (
            (_score(h, _request(prompt)) + 0.5 * _told_for(prompt.system, h, _request(prompt)), -i, h)
            for i, h in enumerate(others)
        ),
        key=lambda s: s[:2],
        reverse=True,
    )
    if scored and scored[0][0] >= 0.7:
        return scored[0][2], None
    return None


def _request(prompt: Prompt) -> str:
    asked = [
        t.text for t in prompt.turns if t.role == "user" and t.source.lower() in ("user", "human", "person")
    ]
    return asked[-1] if asked else prompt.text


def _told_for(system: str, card: ToolCard, text: str) -> float:
    """How well the instruction's sentence on this target fits the text ("for refunds, hand off to the billing agent")."""
    name = re.escape(_target(card)).replace("_", "[ _]")
    said = set(stems(text))
    best = 0.0
    for sentence in re.split(r"[.\n;]", system):
        if re.search(rf"\b{name}\b", sentence, re.IGNORECASE):
            own = set(stems(sentence))
            best = max(
                best, sum(max((c for s, c in related(w).items() if s in own), default=0.0) for w in said)
            )
    return min(best, 3.0)


def _told(system: str, handoffs: Sequence[ToolCard], worked: bool) -> ToolCard | None:
    """The handoff that the instructions ask for once the work is done ("when finished, hand off to the travel agent")."""
    if not worked:
        return None
    for sentence in re.split(r"(?<=[.!?])\s|\n", system):
        if re.search(
            r"\b(?:always|when|once|after|then|finally|finish\w*|done|complete\w*)\b", sentence, re.IGNORECASE
        ) and re.search(
            r"\b(?:hand\s?-?off|hand over|transfer|hand back|delegate|return)\b", sentence, re.IGNORECASE
        ):
            for card in handoffs:
                if re.search(
                    rf"\b{re.escape(_target(card)).replace('_', '[ _]')}\b", sentence, re.IGNORECASE
                ):
                    return card
            if re.search(r"\bback\b", sentence, re.IGNORECASE) and len(handoffs) == 1:
                return handoffs[0]
    return None
