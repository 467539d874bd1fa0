"""Read people's names, each in the part that the text gives it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.entities import Span
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import fold, related, stem

__all__ = ["read_people", "read_person"]


@lru_cache(maxsize=256)
def _role_words(noun: str) -> str:
    """The words that stand for a role in running text: mentor → mentor, buddy, mentoring."""
    near = {n for n, c in related(stem(noun)).items() if c >= 0.8} if noun else set()
    forms = {
        re.escape(n[:-1]) + r"[iy]" if n.endswith("i") else re.escape(n)
        for n in {*near, fold(noun)}
        if len(n) > 2
    }
    return "|".join(sorted(f + r"\w{0,4}" for f in forms)) or r"\0"


def _has_part(text: str, person: Span, noun: str) -> bool:
    """Whether the text gives a person a part: "Bob as mentor", "mentor Bob", "her mentor is Bob", "Bob will mentor her"."""
    role = _role_words(noun)
    before, behind = text[: person.start], text[person.end :]
    return bool(
        re.match(
            rf"(?:'s)?,? (?:(?:is|will be|be|becomes?|acts?|serves?|should be|can be|as|to be) )+(?:(?:a|an|the|her|his|their|our|new) )*(?:{role})\b",
            behind,
            re.I,
        )
        or re.match(rf" (?:will|can|should|to|shall) (?:{role})\b", behind, re.I)
        or re.match(rf" (?:the|a|an|her|his|their|our)(?: new)? (?:{role})\b", behind, re.I)
        or re.search(
            rf"\b(?:{role})(?: (?:is|will be|should be|named|called|be|=)|:)? (?:(?:mr|mrs|ms|dr)\.? )?$",
            before,
            re.I,
        )
        or (
            noun in ("manager", "boss", "supervisor", "lead")
            and re.search(r"\b(?:report(?:s|ing)? to|under|led by|managed by) $", before, re.I)
        )
        or (noun == "mentor" and re.search(r"\bmentor(?:ed|ing)? (?:by|from) $", before, re.I))
        or (
            noun in ("owner", "responsible", "assignee", "manager")
            and re.match(
                r"(?:'s)? (?:is|will be|shall be|should be|being) (?:the one )?(?:in charge|responsible|accountable|the owner)|'s (?:to own|the owner)| (?:owns|runs|looks after|takes care of|should own|will own)\b",
                behind,
                re.I,
            )
        )
        or (
            noun in ("mentor", "buddy", "trainer", "coach")
            and re.match(
                r" (?:can|could|will|would|shall|should|has|is|said|would like to|to)\b[^.;]{0,30}\b(?:yes|help|guide|look after|take care|show|willing|happy|agreed|do it|volunteer\w*|offered|take)\b",
                behind,
                re.I,
            )
        )
        or (
            noun in ("mentor", "buddy")
            and re.search(r"\bhave $", before, re.I)
            and re.match(r" (?:look after|take care of|show|guide|help)\b", behind, re.I)
        )
        or (
            noun in ("signer", "approver", "author", "reviewer", "sender")
            and re.search(rf"\b(?:{role}|signed|approved|written|reviewed|sent)\w* by $", before, re.I)
        )
        or (noun in ("recipient", "receiver", "to") and re.search(r"\bto $", before, re.I))
        or (
            noun in ("owner", "assignee", "responsible")
            and re.search(
                r"\b(?:owned by|owner|responsible|assigned to|assign (?:it|this) to) $", before, re.I
            )
        )
    )


_PARTS = (
    "mentor",
    "manager",
    "buddy",
    "supervisor",
    "trainer",
    "signer",
    "approver",
    "owner",
    "boss",
    "reviewer",
    "interviewer",
)


def read_person(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A person's name. A special part (mentor) needs a cue in the text; the person a call is about is who has no other part."""
    text = scope.facts.text
    for facts in scope.layers():
        people = [p for p in facts.of("person") if scope.free(p.start, p.end)]
        if not meaning.generic:
            found = next((p for p in people if _has_part(text, p, meaning.noun)), None)
            if found is None and meaning.noun in ("mentor", "buddy", "trainer", "coach"):
                found = next(
                    (p for p in people if re.match(r"(?:'s)? (?:as )?(?:mentor|buddy)", text[p.end :], re.I)),
                    None,
                )
            if found is not None:
                scope.take(found.start, found.end)
                return found.value
            continue
        if facts is not scope.near and not param.required and scope.of_myself and not scope.of_them:
            return None
        others = [
            p for p in people if not any(_has_part(text, p, part) for part in _PARTS if part != meaning.noun)
        ]
        others = others or people
        if facts is scope.facts and facts is not scope.near:
            before = [p for p in others if p.end <= scope.start]
            others = (
                before[-1:]
                if scope.of_them and before
                else others[:1]
                if (param.required or scope.generous or scope.of_them)
                else []
            )
        cued = [
            p
            for p in others
            if re.search(rf"\b(?:{_role_words(meaning.noun)}|to|for|named|of|on),? $", text[: p.start], re.I)
            or re.match(r"['’]s\b", text[p.end :])
        ]
        choice = (cued if len(others) > 1 else others) or others
        if choice:
            chosen = choice[0] if not (len(cued) > 1 and meaning.noun == "employee") else cued[0]
            scope.take(chosen.start, chosen.end)
            return chosen.value
    if not meaning.generic:
        left = [p for p in scope.near.of("person") if scope.free(p.start, p.end)]
        if left and param.required:
            scope.take(left[0].start, left[0].end)
            return left[0].value
    if (
        meaning.generic
        and meaning.noun in ("customer", "client", "person", "subscriber")
        and (name := _firm(scope))
    ):
        return name
    if meaning.generic and (
        "mail" in param.description or meaning.noun in ("person", "customer", "user", "who")
    ):
        addresses = [e for e in scope.near.of("email") if scope.free(e.start, e.end)]
        if addresses:
            scope.take(addresses[0].start, addresses[0].end)
            return addresses[0].value
    if (
        (param.default == "me" or meaning.generic)
        and param.required
        and scope.of_myself
        and not scope.of_them
        and param.default is not None
    ):
        return "me"
    return None


def _firm(scope: Scope) -> str | None:
    """A customer that is a firm: a proper name in the clause that is nothing else."""
    from macae.llm.offline.phrases import proper_names

    for name, at in proper_names(scope.clause, scope.start):
        cued = re.search(
            r"\b(?:for|of|customer|client|does|has|is|to|from|by) $", scope.facts.text[:at], re.I
        )
        if (
            cued
            and " " in name
            and scope.free(at, at + len(name))
            and not any(s <= at < e for s, e in scope.facts.covered())
        ):
            scope.take(at, at + len(name))
            return name
    return None


def read_people(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """All people named in the clause."""
    people = [p.value for p in scope.near.of("person")] or [p.value for p in scope.facts.of("person")]
    return list(dict.fromkeys(people)) or None
