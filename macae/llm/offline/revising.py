"""Planning again after a failure or a rejection: what was done is not done twice, what failed is not simply repeated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from macae.llm.offline.arguments import fill
from macae.llm.offline.drafts import DraftStep, Wanted
from macae.llm.offline.facts import read_facts
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.matching import Index
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import split_identifier, stem, stems

__all__ = ["revise"]

_FACTS = ("person", "department", "company", "date", "time", "length", "amount", "percent", "quantity", "reference", "email", "choice", "slot", "place")  # fmt: skip


def revise(steps: list[DraftStep], wanted: Wanted, index: Index) -> tuple[list[DraftStep], str | None]:
    """The steps still to do, and the question to ask where a failed one would only fail again.

    A step counts as done when what was done names its function. What the failure or the person's note says of the failed step's
    facts ("take Ana Ruiz instead", "only 3") replaces what the goal said.
    """
    left = [
        s for s in steps if s.tool is None or not re.search(rf"\b{re.escape(s.tool.name)}\b", wanted.done)
    ]
    left = [s for s in left if not _unwanted(s, wanted.note)]
    failed = "\n".join(t for t in (wanted.failed, wanted.rejected) if t)
    if not left or not (failed or wanted.note):
        return left, None
    heard = False
    words = "\n".join(t for t in (wanted.answer, wanted.note) if t)
    if words:  # what the person says holds for the step that it speaks of, whichever failed
        changed = [_change(s, words, wanted, index) for s in _spoken_of(left, words, failed)]
        heard = any(changed)
    for told, refused in ((wanted.failed, False), (wanted.rejected, True)):
        step = _failed(left, told) if told else None
        if step is None or step.tool is None:
            continue
        if heard or _change(step, _instead(told), wanted, index):
            continue
        if wanted.answer or (wanted.note and not refused):
            continue
        reason = " ".join(told.split())[:200].rstrip(".")
        was = "was rejected" if refused else "failed"
        return left, f"This {was} before: {reason}. What should be done instead?"
    return left, None


def _unwanted(step: DraftStep, note: str) -> bool:
    """Whether the person's words take a step out ("without a mentor"); "not laptops but tablets" changes it instead."""
    from macae.llm.offline.playing import excluded

    if step.tool is None or re.search(r"\b(?:but|instead|rather|only)\b", note, re.IGNORECASE):
        return False
    return bool(excluded(note) & {stem(w) for w in split_identifier(step.tool.name)})


def _spoken_of(steps: Sequence[DraftStep], words: str, failed: str) -> list[DraftStep]:
    """The steps that words speak of by a thing in their arguments; none named, the one that failed, or the only one."""
    said = set(stems(words))
    named = [
        s for s in steps if s.tool is not None and said & set(stems(" ".join(map(str, s.values.values()))))
    ]
    step = _failed(steps, failed or words)
    if named and step not in named:
        return named
    return [step] if step is not None and step.tool is not None else []


def _change(step: DraftStep, text: str, wanted: Wanted, index: Index) -> bool:
    """Give a step the values that a text tells for it; whether there were any. Its action says the new ones."""
    fresh = _said(step, text, wanted, index)
    if not fresh or step.tool is None:
        return False
    for name, value in fresh.items():
        old = str(step.values.get(name, ""))
        place = re.compile(rf"(?<![\w.,-]){re.escape(old)}(?![\w-])")
        if old and len(place.findall(step.action)) == 1:
            step.action = str(value).join(place.split(step.action))
        else:
            from macae.llm.offline.wording import action_for

            plain = action_for("", step.tool, True, step.values).partition(", with ")[0]
            step.action = f"{plain} ({name.replace('_', ' ')}: {value}), with {step.tool.name}."
    step.values.update(fresh)
    step.missing = [p for p in step.missing if p.name not in fresh]
    return True


def _failed(steps: Sequence[DraftStep], told: str) -> DraftStep | None:
    """The step that the failure speaks of: it names its function, or shares most words with its action."""
    for step in steps:
        if step.tool is not None and re.search(rf"\b{re.escape(step.tool.name)}\b", told):
            return step
    said = set(stems(told))
    ranked = sorted(steps, key=lambda s: -len(said & set(stems(s.action))))
    return ranked[0] if ranked and (said & set(stems(ranked[0].action)) or len(steps) == 1) else None


def _instead(failed: str) -> str:
    """The part of a failure that says what would be right: "only 3 are left", "use Ana Ruiz instead"."""
    parts = re.split(r"(?<=[.;!?])\s+|,\s*(?=(?:use|take|but|make|please|it should|order)\b)|:\s+", failed)
    return "\n".join(p for p in parts if re.search(r"\b(?:instead|rather|should be|only|use|take|make it|at most|please)\b", p, re.IGNORECASE))  # fmt: skip


def _said(step: DraftStep, text: str, wanted: Wanted, index: Index) -> dict[str, Any]:
    """The values that a text gives for a step's parameters and that differ from the ones it had."""
    if not text or step.tool is None:
        return {}
    tool = step.tool
    scope = Scope(read_facts(text, wanted.today, index.vocabulary), 0, len(text), wanted.today, generous=True)
    found = fill(tool, scope).values
    kinds = {p.name: meaning_of(p, split_identifier(tool.name)) for p in tool.params}
    people = [n for n, m in kinds.items() if m.what == "person"]
    if (
        len(people) > 1 and len(scope.near.of("person")) == 1
    ):  # one name for two parts: it is the special part's
        name = scope.near.of("person")[0].value
        special = next((n for n in people if not kinds[n].generic), people[0])
        found = {**{n: v for n, v in found.items() if n not in people}, special: name}
    return {
        n: v
        for n, v in found.items()
        if kinds[n].what in _FACTS and v != step.values.get(n) and not str(v).startswith("$")
    }
