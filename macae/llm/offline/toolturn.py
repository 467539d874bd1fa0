"""One turn of an agent with tools: which calls to make now, or none when the work is done."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from autogen_core import FunctionCall

from macae.llm.offline.cards import AgentCard, Param, ToolCard
from macae.llm.offline.drafts import DraftStep
from macae.llm.offline.handoff import handoff_for, is_handoff
from macae.llm.offline.planning import plan_calls
from macae.llm.offline.prompt import Prompt
from macae.llm.offline.wording import ask_for
from macae.llm.offline.writing import report

__all__ = ["tool_turn"]

_CALL = re.compile(
    r"\s*`?(?P<name>[A-Za-z_]\w*)`?\s*(?:with(?: the)?(?: arguments?)?:?\s*|\(\s*(?=\{)|:\s*)?(?P<args>\{.*)?",
    re.DOTALL,
)


def tool_turn(
    prompt: Prompt, cards: Sequence[ToolCard], choice: str
) -> tuple[list[FunctionCall], str | None]:
    """The calls to make and the thought beside them; no calls and a text when the turn ends with it; neither when nothing fits."""
    by_name = {c.name: c for c in cards}
    forced = by_name.get(choice)
    if forced is not None:
        return [_call(prompt, forced.name, _complete(forced, _values(prompt, forced)))], None
    approved = _approved(prompt, by_name)
    if approved is not None:
        name, values = approved
        if any(c.name == name for c in prompt.calls):
            return [], report(prompt)
        return [_call(prompt, name, values)], None
    own = tuple(c for c in cards if not is_handoff(c))
    handoffs = [c for c in cards if is_handoff(c)]
    steps = _wanted(prompt, own)
    left = [s for s in steps if s.tool is not None and not _made(prompt, s)]
    ready = [s for s in left if not s.missing]
    if ready:
        first = [
            s
            for s in ready
            if not any(isinstance(v, str) and re.fullmatch(r"\$\d+", v) for v in s.values.values())
        ] or ready[:1]
        return [_call(prompt, s.tool.name, _resolved(prompt, s)) for s in first if s.tool is not None], None
    handed = handoff_for(prompt, handoffs, bool(prompt.results), [s for s in left if s.missing])
    if handed is not None:
        return [_call(prompt, handed[0].name, {})], handed[1]
    if prompt.results:
        return [], report(prompt)
    if choice == "required":
        best = left[0].tool if left and left[0].tool else _nearest(prompt, own or tuple(cards))
        return [
            _call(prompt, best.name, _complete(best, left[0].values if left else _values(prompt, best)))
        ], None
    if left:
        return [], ask_for([(s.tool, s.missing) for s in left if s.tool is not None])
    return [], None


def _task(prompt: Prompt) -> str:
    """What this agent is to do now."""
    parts = prompt.parts
    if parts.get("step"):
        return parts["step"]
    asked = [
        t.text for t in prompt.turns if t.role == "user" and t.source.lower() in ("user", "human", "person")
    ]
    text = prompt.text
    if prompt.source.lower() not in ("user", "human", "person") and asked:
        text = asked[-1]
    if parts.get("goal") and text == prompt.text:
        return parts["goal"]
    if len(parts) > 1 and parts.get("lead") and text == prompt.text:
        return parts["lead"]
    return re.sub(r"^\s*today is [^\n]*\n", "", text, flags=re.IGNORECASE)


def _extra(prompt: Prompt) -> str:
    parts = prompt.parts
    return "\n".join(parts[p] for p in ("answer", "note", "goal") if parts.get(p))


def _wanted(prompt: Prompt, own: tuple[ToolCard, ...]) -> list[DraftStep]:
    if not own:
        return []
    task = _task(prompt)
    for tool in own:  # "…, with write_press_release": how it is done, no part of what is told
        task = re.sub(
            rf",? (?:with|using|via|by calling|by) (?:the )?(?:tool |function )?`?{re.escape(tool.name)}`?(?=\W*$)",
            "",
            task,
        )
    return plan_calls(task, _extra(prompt), prompt.today, (AgentCard("self", "", own),))


def _made(prompt: Prompt, step: DraftStep) -> bool:
    """Whether the call was made in this turn already (or, when another agent spoke last, ever)."""
    assert step.tool is not None
    same = [c for c in prompt.calls if c.name == step.tool.name]
    for call in same:
        if len(same) == 1 or json.loads(call.arguments or "{}") == _resolved(prompt, step):
            return True
    return any(name == step.tool.name for name in prompt.before) and prompt.source.lower() not in (
        "user",
        "human",
        "person",
    )


def _approved(prompt: Prompt, by_name: dict[str, ToolCard]) -> tuple[str, dict[str, Any]] | None:
    """The call that the message says is approved, if the tool is there."""
    text = prompt.parts.get("call")
    if not text:
        return None
    match = _CALL.match(text)
    if match is None or match["name"] not in by_name:
        return None
    values: Any = {}
    if match["args"]:
        try:
            values, _ = json.JSONDecoder().raw_decode(match["args"])
        except ValueError:
            values = {}
    return match["name"], {k: _later(prompt, v) for k, v in values.items()} if isinstance(
        values, dict
    ) else {}


def _later(prompt: Prompt, value: Any) -> Any:
    """The result of step N for `$N`, where the message tells it."""
    if not (isinstance(value, str) and re.fullmatch(r"\$\d+", value)):
        return value
    number = int(value[1:])
    told = re.search(
        rf"^\s*{number}[.)]\s*(?:[^:\n]*:\s*)?(?P<text>.+)$", prompt.parts.get("done", ""), re.MULTILINE
    )
    if told:
        return told["text"].strip()
    return prompt.results[number - 1].content if number <= len(prompt.results) else value


def _resolved(prompt: Prompt, step: DraftStep) -> dict[str, Any]:
    return {k: _later(prompt, v) for k, v in step.values.items()}


def _values(prompt: Prompt, tool: ToolCard) -> dict[str, Any]:
    found = plan_calls(
        f"{_task(prompt)} ({tool.name})", _extra(prompt), prompt.today, (AgentCard("self", "", (tool,)),)
    )
    return found[0].values if found else {}


def _nearest(prompt: Prompt, own: tuple[ToolCard, ...]) -> ToolCard:
    from macae.llm.ranking import rank

    scores = rank(_task(prompt), [f"{c.name} {c.description}" for c in own])
    return own[max(range(len(own)), key=lambda i: (scores[i], -i))]


def _complete(tool: ToolCard, values: dict[str, Any]) -> dict[str, Any]:
    """All required arguments, the unknown ones as plainly as their type allows: the caller forced the call."""
    plain: dict[str, Any] = {"integer": 1, "number": 0, "boolean": False, "array": [], "object": {}}

    def value(p: Param) -> Any:
        return p.choices[0] if p.choices else plain.get(p.type, "unknown")

    return {p.name: values.get(p.name, value(p)) for p in tool.params if p.required or p.name in values}


def _call(prompt: Prompt, name: str, values: dict[str, Any]) -> FunctionCall:
    arguments = json.dumps(values, ensure_ascii=False)
    place = f"{len(prompt.turns)}/{len(prompt.results)}/{len(prompt.before)}/{name}{arguments}"
    return FunctionCall(
        id="call_" + hashlib.sha256(place.encode()).hexdigest()[:16], arguments=arguments, name=name
    )
