"""Answers in text: what tools gave, summaries, critiques, answers from sources, and a plain word where rules reach no further."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

from macae.llm.offline.prompt import Prompt
from macae.llm.offline.words import stems

__all__ = ["OFFLINE", "closing", "report", "write"]

OFFLINE = "I'm the offline, rule-based model"
_WORD = re.compile(
    r"\b(?i:repl(?:y|ies)|respond|answer|say|write|output|end|finish|conclude|type|return|include|add|use|append|send|print|terminate)\w*\b[^.\n]{0,60}?[\"'`*]*\b(?P<word>[A-Z][A-Z_]{3,})\b",
    re.DOTALL,
)
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)
"""Lines that quote others: no word in them asks for anything."""
_NO_WORD = frozenset(
    {
        "JSON",
        "HTTP",
        "HTML",
        "YAML",
        "NEVER",
        "ALWAYS",
        "MUST",
        "ONLY",
        "NOTE",
        "YYYY",
        "NONE",
        "TODO",
        "THIS",
        "EXACTLY",
        "APPROVE",
        "APPROVED",
    }
)


def closing(prompt: Prompt, done: bool = True) -> str:
    """The termination word that the instructions ask for when the work is done, with a space before it; else nothing."""
    if not done:
        return ""
    system = _QUOTED.sub("", prompt.system)
    for match in _WORD.finditer(system):
        if match["word"] not in _NO_WORD:
            return f" {match['word']}"
    return " TERMINATE" if "TERMINATE" in system else ""


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{str(k).replace('_', ' ')}: {_flat(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(v) if not isinstance(v, dict) else f"({_flat(v)})" for v in value)
    return str(value)


def plain_result(text: str, limit: int = 1500) -> str:
    """A tool's result as a sentence: JSON is flattened, long text cut."""
    text = text.strip()
    if text[:1] in "[{":
        with contextlib.suppress(ValueError):
            text = _flat(json.loads(text))
    text = " ".join(text.split()) if len(text) < 400 else text
    return text if len(text) <= limit else text[: limit - 1] + "…"


def report(prompt: Prompt) -> str:
    """What the tools gave since the user spoke, errors named as such."""
    good = [plain_result(r.content) for r in prompt.results if not r.is_error]
    bad = [f"{r.name} did not work: {plain_result(r.content, 500)}" for r in prompt.results if r.is_error]
    parts = [g if g.endswith((".", "!", "?", "…")) else f"{g}." for g in good if g]
    if len(good) > len(parts):
        parts.append("Done; the function gave no text back.")
    parts += [b if b.endswith((".", "!", "?")) else f"{b}." for b in bad]
    if bad and not good:
        parts.append(
            "Nothing was changed by that call, as far as I was told."
            if len(bad) == 1
            else "None of these calls worked."
        )
    return " ".join(parts) + closing(prompt, not bad)


def write(prompt: Prompt) -> str:
    """The best honest text for a prompt that asks for neither tools nor a structure."""
    from macae.llm.offline.composing import compose

    if prompt.results:
        return report(prompt)
    return compose(prompt)


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    found = re.split(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(ÄÖÜÉ])|\n+", text)
    return [s.strip() for s in found if len(s.strip()) > 1]


def key_sentences(text: str, most: int = 3) -> list[str]:
    """The sentences that hold most of a text's frequent words, in their order."""
    all_of = sentences(text)
    if len(all_of) <= most:
        return all_of
    counts: dict[str, int] = {}
    for s in stems(text):
        counts[s] = counts.get(s, 0) + 1

    def weight(i: int) -> float:
        own = set(stems(all_of[i]))
        return sum(counts[s] for s in own) / (len(own) + 4) + (0.5 if i == 0 else 0)

    best = sorted(range(len(all_of)), key=lambda i: (-weight(i), i))[:most]
    return [all_of[i] for i in sorted(best)]
