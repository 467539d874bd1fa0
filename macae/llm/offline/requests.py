"""What a prompt wants planned: the goal, an answer to a question, what was done, what failed, and how many steps at most."""

from __future__ import annotations

import json
import re

from macae.llm.offline.drafts import Wanted
from macae.llm.offline.numbers import number_of
from macae.llm.offline.prompt import Prompt, sections

__all__ = ["goal_of", "wanted_of"]

_LEAD = re.compile(
    r"^\s*(?:please )?(?:can you )?(?:create|make|write|produce|generate|give me|draw up|prepare|develop|build|devise|propose|return|we need|i need)?\s*(?:me |us )?(?:a|an|the)?\s*(?:short |detailed |new |step[- ]by[- ]step |good |structured )*plan (?:of steps )?(?:for|to (?:reach|achieve|solve|accomplish|fulfil?l|handle|satisfy)|that (?:reaches|achieves|solves))\s*(?:the |this |my |our )?(?:following )?(?:user'?s? )?(?:goal|task|request|objective)?\s*:?\s*",
    re.IGNORECASE,
)
_PLAN_THIS = re.compile(
    r"^\s*(?:please )?(?:plan|break down|decompose|split)\s*(?:this|the following|the)?\s*(?:user'?s? )?(?:goal|task|request|objective)?(?: into steps)?\s*:\s*",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"\b(?:at most|no more than|never more than|maximum(?: of)?|max(?:\.|imum)?(?: of)?|up to|limit(?:ed)? to|not more than)\s+(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve)(?: \w+)? steps?\b",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"\b(?:failed|was rejected|rejected|could not be|went wrong|error:|refused|does not work out|didn't work|revise|re-?plan|adjust the plan|new plan)\b",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"^\s*(?:today(?:'s date)?|the current date|date)\b"
    r"(?:[^\n]*?\d[^\n.!?]*\.\s+(?!\d|(?:jan|febr)uary\b|march\b|april\b|may\b|june\b|july\b|august\b|(?:septem|octo|novem|decem)ber\b)(?=\S)|[^\n]*(?:\n|$))",
    re.IGNORECASE,
)
"""The line or the sentence that tells the day, before a goal that has no label."""
_COMPLAINT = re.compile(
    r"\b(?:plan cannot be used|not valid|invalid|mend(?:ed)?|fix (?:the|your|it)|try again|schema|unusable|not usable|no json|not json|corrected|please (?:correct|fix|repair|redo)|correct (?:the|your|it|this)|step \d+:|(?:errors?|faults?|problems?|mistakes?)[^\n:]{0,30}:)",
    re.IGNORECASE,
)
"""What an answer that could not be used is sent back with."""
_OF_A_PLAN = re.compile(
    r"\b(?:plan|answer|reply|draft|json)\b[^.\n]{0,40}\b(?:faults?|errors?|cannot be used|not valid|invalid)\b",
    re.IGNORECASE,
)
"""A remark on the last answer's form; it says nothing about what is wanted."""


def _clean(goal: str) -> str:
    goal = goal.strip()
    for pattern in (_LEAD, _PLAN_THIS):
        match = pattern.match(goal)
        if match and match.end() < len(goal) and match.end() > 0 and re.search(r"\w", match[0]):
            goal = goal[match.end() :]
            break
    goal = goal.strip()
    if len(goal) > 1 and goal[0] in "\"“'«" and goal[-1] in "\"”'»" and goal[0] not in goal[1:-1]:
        goal = goal[1:-1]
    return re.sub(
        r"(?:\n\s*)+(?:respond|reply|answer|return|output)\b[^\n]*\b(?:json|format|schema)\b[^\n]*$",
        "",
        goal,
        flags=re.IGNORECASE,
    ).strip()


def goal_of(prompt: Prompt) -> str:
    """The goal that a prompt holds, labelled or not."""
    labelled = prompt.parts.get("goal")
    if labelled:
        return _clean(labelled)
    lead = prompt.parts.get("lead", "") if len(prompt.parts) > 1 else prompt.text
    lead = _DAY.sub("", lead.strip())
    if lead.strip():
        return _clean(lead)
    in_system = sections(prompt.system).get("goal", "")
    return _clean(in_system.split("\n\n")[0])


def wanted_of(prompt: Prompt) -> Wanted:
    """What is to be planned."""
    parts = prompt.parts
    most = _MOST.search(prompt.system) or _MOST.search(prompt.text)
    limit = int(number_of(most[1]) or 6) if most else 6
    goal, question, answer = goal_of(prompt), parts.get("question", ""), parts.get("answer", "")
    planned = _last_plan(prompt)
    complaint = bool(_COMPLAINT.search(prompt.text))
    earlier = [t for t in prompt.turns[:-1] if t.role == "user"]
    if planned is None and complaint and earlier and len(earlier) < len(prompt.turns) - 1:
        planned = {}  # an answer that was no plan, and is complained of: the goal stands before it
    if planned is not None and "goal" not in parts:
        first = sections(earlier[0].text) if earlier else {}
        before = _clean(first.get("goal") or (earlier[0].text if earlier else "")) or str(
            planned.get("initial_goal") or ""
        )
        asked = next(
            (str(v) for k, v in planned.items() if v and ("clarification" in k or "question" in k)), ""
        )
        if before:
            if complaint:
                return Wanted(
                    before,
                    prompt.today,
                    first.get("question", ""),
                    first.get("answer", ""),
                    first.get("done", ""),
                    first.get("failed", ""),
                    first.get("note", ""),
                    limit,
                    first.get("rejected", ""),
                )
            return Wanted(before, prompt.today, asked, answer or prompt.text.strip(), max_steps=limit)
    failed, note = parts.get("failed", ""), parts.get("note", "")
    return Wanted(
        goal,
        prompt.today,
        question,
        answer,
        parts.get("done", ""),
        failed,
        "" if _OF_A_PLAN.search(note) else note,
        limit,
        parts.get("rejected", ""),
    )


def _last_plan(prompt: Prompt) -> dict[str, object] | None:
    """The plan that the assistant gave before, when it was JSON."""
    for turn in reversed(prompt.turns[:-1]):
        if turn.role != "assistant":
            continue
        text = turn.text
        start, end = text.find("{"), text.rfind("}")
        if start < 0 or end <= start:
            return None
        try:
            found = json.loads(text[start : end + 1])
        except ValueError:
            return None
        return found if isinstance(found, dict) and any(isinstance(v, list) for v in found.values()) else None
    return None
