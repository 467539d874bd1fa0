"""The words of a plan: actions, the summary, the question for what is missing, the reason why something is impossible."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.words import split_identifier

__all__ = ["action_for", "ask_for", "humanise", "summary_of"]

_POLITE_END = re.compile(r"[\s,]*(?:please|thanks|thank you|asap)?[\s.!?]*$", re.IGNORECASE)


def humanise(name: str) -> str:
    """A parameter's or tool's name as words."""
    return " ".join(split_identifier(name))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def action_for(text: str, tool: ToolCard, foreign: bool = False, values: dict[str, Any] | None = None) -> str:
    """One short sentence that names its function. `text`: the clause it carries out."""
    from macae.llm.offline.polite import POLITE

    if foreign or not text:
        first = re.split(r"[.:;(]", tool.description, maxsplit=1)[0].strip() or humanise(tool.name)
        who = next(
            (str(v) for k, v in (values or {}).items() if meaning_of(_p(tool, k)).what == "person"), ""
        )
        text = f"{first} for {who}" if who and who not in first and who != "me" else first
    else:
        prefix = POLITE.match(text)
        text = text[prefix.end() :] if prefix and prefix.end() < len(text) else text
        text = _POLITE_END.sub("", text)
    text = " ".join(text.split())
    if len(text) > 110:
        text = text[:110].rsplit(" ", 1)[0] + "…"
    if re.search(rf"\b{re.escape(tool.name)}\b", text):
        return f"{_capital(text)}."
    return f"{_capital(text)}, with {tool.name}."


def _p(tool: ToolCard, name: str) -> Param:
    return next((p for p in tool.params if p.name == name), Param(name))


_PHRASES = {
    "person": "the name of the {noun}", "people": "the names of the {noun}", "department": "which department", "company": "which {noun} (its name)", "date": "the {noun} date",
    "email": "the e-mail address", "amount": "the {noun} (a sum of money)", "quantity": "how many{of}", "percent": "the {noun} in percent", "phone": "the phone number", "audience": "who it is for",
}  # fmt: skip


def _piece(param: Param, tool: ToolCard) -> str:
    meaning = meaning_of(param, split_identifier(tool.name))
    plain = humanise(param.name)
    note = re.split(r"[;]", param.description)[0].strip()
    if meaning.what in ("person", "people"):
        words = (
            f"the name of the {meaning.noun}"
            if meaning.noun not in ("person", "name", "to")
            else "the person's name"
        )
    elif meaning.what == "date":
        words = (
            f"the {plain}"
            if "date" in plain
            else f"the date ({plain})"
            if plain not in ("day", "when")
            else "the date"
        )
    elif meaning.what == "quantity":
        words = f"the {plain} (how many)"
    elif meaning.what == "amount":
        words = f"the {re.sub(r' (usd|eur|gbp)$', '', plain)} (how much money)"
    elif meaning.what == "choice":
        words = f"the {plain} ({' or '.join(map(str, param.choices))})"
    elif meaning.what == "department":
        words = f"the {plain}" if "department" in plain or "team" in plain else f"which {plain}"
    else:
        words = f"the {plain}"
    if note and note.lower() not in words and len(note) < 90 and meaning.what != "choice":
        words += f" ({note})" if "(" not in words else f": {note}"
    return words


def ask_for(missing: Sequence[tuple[ToolCard, Sequence[Param]]]) -> str:
    """A question for exactly what is missing, by meaning, in plain words."""
    parts: list[str] = []
    seen: set[str] = set()
    for tool, params in missing:
        pieces = [p for p in (_piece(p, tool) for p in params) if p not in seen]
        seen.update(pieces)
        if pieces:
            listed = pieces[0] if len(pieces) == 1 else ", ".join(pieces[:-1]) + " and " + pieces[-1]
            parts.append(f"to {_task(tool)}: {listed}")
    if len(parts) == 1:
        what, _, pieces_text = parts[0].partition(": ")
        return (
            f"What is {pieces_text}? It is needed {what}."
            if " and " not in pieces_text and pieces_text.startswith("the ")
            else f"Please tell me {pieces_text}. This is needed {what}."
        )
    return "Please tell me what is still missing: " + "; ".join(parts) + "."


def _task(tool: ToolCard) -> str:
    first = re.split(r"[.:;(,]", tool.description, maxsplit=1)[0].strip()
    words = first or humanise(tool.name)
    return words[:1].lower() + words[1:] if not words[:2].isupper() else words


def summary_of(goal: str, steps: Sequence[tuple[str, str]], notes: Sequence[str] = ()) -> str:
    """What the plan does, in under 50 words. `steps`: agent and action of each."""
    if not steps:
        return " ".join(notes) or "Nothing to do yet."
    actions = [re.sub(r", with \w+\.?$", "", action).rstrip(".") for _, action in steps]
    who = list(dict.fromkeys(agent for agent, _ in steps))
    count = "One step" if len(steps) == 1 else f"{len(steps)} steps"
    text = f"{count} by {', '.join(who)}: {'; '.join(a[:1].lower() + a[1:] if not a[:2].isupper() else a for a in actions)}."
    words = text.split()
    room = 48 - sum(len(n.split()) for n in notes)
    if len(words) > room:
        text = " ".join(words[: max(room, 12)]).rstrip(",;:") + " …"
    return " ".join([text, *notes])
