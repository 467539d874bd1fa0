"""Choosing who speaks next in a group chat: one name, nothing else."""

from __future__ import annotations

import ast
import re

from macae.llm.offline.prompt import Prompt
from macae.llm.offline.words import related, split_identifier, stem, stems

__all__ = ["choose", "choose_speaker", "is_selection"]

_SELECT = re.compile(
    r"\b(?:select|choose|pick|decide|determine|name)\b[^.\n]{0,60}\b(?:next|following)?\s*(?:role|speaker|agent|participant|assistant|team member|one to (?:speak|act))\b|\bwho (?:should|shall|will|is to) (?:speak|act|talk|go|respond|reply) next\b|\bnext speaker\b|\bselect one from\b",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|just)\b[^.\n]{0,30}\b(?:return|reply|answer|respond|the (?:role|name|agent))\b|\b(?:return|reply|answer|respond|output) (?:with )?(?:only|just|exactly)\b|\bselect from\b|\bno valid name\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"\[\s*(?:['\"][^'\"]+['\"]\s*,?\s*)+\]")
_ROLE = re.compile(r"^\s*(?:[-*•]\s*|\d+[.)]\s*)?\**(?P<name>[A-Za-z_][\w-]*)\**\s*[:–—-]\s*(?P<text>.*)$")


def is_selection(prompt: Prompt) -> bool:
    """Whether the prompt asks for the next speaker's name."""
    text = _all(prompt)
    return bool(_SELECT.search(text)) and bool(_ONLY.search(text)) and len(_candidates(text)) > 1


def _all(prompt: Prompt) -> str:
    said = "\n".join(t.text for t in prompt.turns if t.role == "user")
    return f"{prompt.system}\n{said}"


def _candidates(text: str) -> list[str]:
    found = _LIST.findall(text)
    if found:
        return [str(n) for n in ast.literal_eval(found[-1])]
    named = re.search(
        r"(?:from|among|of|between|candidates|participants|options|agents|roles)\s*:?\s*((?:[A-Za-z_]\w*\s*(?:,|or|and|\|)\s*)+[A-Za-z_]\w*)\s*[.\n]",
        text,
    )
    if named:
        names = [n for n in re.split(r"\s*(?:,|\bor\b|\band\b|\|)\s*", named[1]) if n]
        return names if len(names) > 1 else []
    return []


def choose_speaker(prompt: Prompt) -> str:
    """The name of who should speak next."""
    text = _all(prompt)
    names = _candidates(text)
    roles = {
        m["name"]: m["text"]
        for line in text.splitlines()
        if (m := _ROLE.match(line)) and m["name"] in _everyone(text, names)
    }
    first = {
        m["name"]: m["text"]
        for line in reversed(text.splitlines())
        if (m := _ROLE.match(line)) and m["name"] in names
    }
    roles = {**roles, **first}
    spoken: list[tuple[str, str]] = []
    members = set(_everyone(text, names)) | {"user"}
    block = text
    for mark in re.finditer(r"(?im)^.*\b(?:conversation|history|messages)\b.*$", text):
        block = text[mark.end() :]
        break
    for line in block.splitlines():
        match = re.match(r"\s*\**(?P<name>[A-Za-z_][\w-]*)\**\s*:\s*(?P<text>.*)$", line)
        if (
            match
            and match["name"] in members
            and match["text"].strip() != roles.get(match["name"], "\0").strip()
        ):
            spoken.append((match["name"], match["text"]))
        elif spoken and line.strip() and not _SELECT.search(line):
            spoken[-1] = (spoken[-1][0], f"{spoken[-1][1]}\n{line}")
    refused = set(re.findall(r"(?i)repeated speaker is not allowed", text))
    return choose(names, roles, spoken, bool(refused))


def _everyone(text: str, names: list[str]) -> list[str]:
    return [
        *names,
        *[
            m["name"]
            for line in text.splitlines()[:40]
            if (m := _ROLE.match(line))
            and ("_" in m["name"] or m["name"][0].isupper())
            and " " not in m["name"]
        ],
    ]


def choose(
    names: list[str], roles: dict[str, str], spoken: list[tuple[str, str]], no_repeat: bool = False
) -> str:
    """Who of `names` should speak, from their roles and what was said so far."""
    last, said = spoken[-1] if spoken else ("", "")
    addressed = _addressed(names, last, said)
    if addressed:
        return addressed
    given = _assigned(names, spoken)
    if given:
        return given
    turns = [n for n, _ in spoken if n in names]
    task = next((t for n, t in spoken if n not in names), spoken[0][1] if spoken else "")

    def score(name: str) -> float:
        role = roles.get(name, "")
        own = set(stems(role)) | {stem(w) for w in split_identifier(name)}
        text = task if last not in names else f"{task} {said}"
        found = sum(
            max((c for s, c in related(w).items() if s in own), default=0.0)
            for w in dict.fromkeys(stems(text))
        )
        lead = bool(
            re.search(
                r"\b(?:plan\w*|first|break\w* down|coordinat\w*|orchestrat\w*|lead\w*|delegat\w*|manager)\b",
                role + " " + " ".join(split_identifier(name)),
                re.I,
            )
        )
        check = bool(
            re.search(
                r"\b(?:critic\w*|review\w*|feedback|check\w*|verif\w*|evaluat\w*|edit\w*|approv\w*|quality)\b",
                role + " " + " ".join(split_identifier(name)),
                re.I,
            )
        )
        found += 3.0 * (lead and not turns) - 2.5 * turns.count(name) - (100.0 if name == last else 0.0)
        found += 2.5 * (check and bool(turns) and name not in turns[-1:]) - 2.0 * (check and not turns)
        if turns and check and last in names and last != name and turns.count(name) < turns.count(last):
            found += 2.0
        return found

    order = {n: i for i, n in enumerate(names)}
    return max(names, key=lambda n: (score(n), -order[n])) if names else ""


def _addressed(names: list[str], last: str, said: str) -> str | None:
    """Who the last message speaks to."""
    for name in names:
        if name != last and re.search(
            rf"(?:@|^\s*|\b(?:over to|ask|hand(?:ing)? (?:it )?(?:over |off )?to|next(?: is)?:?|please,?) ){re.escape(name)}\b(?!\s*:\s*\w+.*\n.*:)",
            said,
        ):
            return name
    return None


def _assigned(names: list[str], spoken: list[tuple[str, str]]) -> str | None:
    """Of the agents that a plan in the conversation gives tasks, the first that has not spoken since; then who made the plan."""
    for at in range(len(spoken) - 1, -1, -1):
        who, text = spoken[at]
        places = {
            n: m.start()
            for n in names
            if n != who and (m := re.search(rf"(?m)^\s*(?:\d+[.)]|[-*•])\s*\**{re.escape(n)}\b", text))
        }
        if places:
            order = sorted(places, key=places.__getitem__)
            since = [n for n, _ in spoken[at + 1 :]]
            waiting = [n for n in order if n not in since]
            if waiting:
                return waiting[0]
            return who if who in names and spoken[-1][0] != who else None
    return None
