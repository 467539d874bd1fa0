"""Put a plan into whatever shape is asked for: a pydantic class, a JSON schema, or JSON by a prompt's own description. Fields are
recognised by what their names mean."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from macae.llm.offline.arguments import as_text
from macae.llm.offline.drafts import Draft, DraftStep
from macae.llm.offline.words import split_identifier

__all__ = ["PLAN_SCHEMA", "empty_value", "is_plan_schema", "pick", "plan_object", "resolve", "steps_field"]

_AGENT = {
    "agent",
    "assignee",
    "owner",
    "who",
    "executor",
    "worker",
    "participant",
    "assistant",
    "specialist",
    "assigned",
    "responsible",
}
_ACTION = {
    "action",
    "task",
    "description",
    "step",
    "title",
    "details",
    "instruction",
    "what",
    "activity",
    "objective",
    "text",
    "content",
    "todo",
}
_FUNCTION = {"function", "tool", "call", "method", "api"}
_ARGUMENTS = {"arguments", "args", "parameters", "params", "inputs", "kwargs", "input"}
_DEPENDS = {"depends", "dependencies", "requires", "prerequisites", "needs", "dependson"}
_NUMBER = {"id", "number", "index", "order", "position", "no", "nr", "num"}
_GOAL = {"goal", "objective", "task", "request", "mission"}
_STEPS = {"steps", "plan", "tasks", "actions", "todos", "subtasks", "items", "stages", "todo"}
_QUESTION = {"clarification", "question", "clarify", "missing", "ask"}
_IMPOSSIBLE = {"impossible", "infeasible", "unachievable", "refusal", "rejected", "unable", "cannot", "error"}

PLAN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "initial_goal": {"type": "string"},
        "steps": {"type": "array", "items": {"type": "object", "properties": {"agent": {"type": "string"}, "action": {"type": "string"}, "function": {"type": "string"}, "arguments": {"type": "object"}}}},
        "summary": {"type": "string"},
        "human_clarification_request": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}  # fmt: skip
"""The shape of a plan where JSON is asked for and no shape is told."""


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with its reference followed and its null alternative dropped (`nullable` says that there was one)."""
    seen = 0
    nullable = False
    while seen < 20:
        seen += 1
        if "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            schema = {
                **(root.get("$defs") or {}).get(name, {}),
                **{k: v for k, v in schema.items() if k != "$ref"},
            }
        elif "anyOf" in schema or "oneOf" in schema or "allOf" in schema:
            options = [
                resolve(o, root)
                for o in schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
            ]
            real = [o for o in options if o.get("type") != "null"]
            nullable = nullable or len(real) < len(options)
            rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf", "allOf")}
            schema = {**(real[0] if real else {}), **rest}
        else:
            break
    return {**schema, "nullable": True} if nullable else schema


def _tokens(name: str) -> set[str]:
    return set(split_identifier(name))


def steps_field(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str | None:
    """The field that holds a plan's steps: a list of objects that name an agent or an action, or a list of text so called."""
    fallback = None
    for name, spec in (schema.get("properties") or {}).items():
        spec = resolve(spec, root)
        if spec.get("type") != "array":
            continue
        item = resolve(spec.get("items") or {}, root)
        fields = {t for n in item.get("properties") or {} for t in _tokens(n)}
        if (fields & _AGENT and fields & (_ACTION | _FUNCTION)) or (
            fields & (_ACTION | _FUNCTION) and _tokens(name) & _STEPS
        ):
            return str(name)
        if _tokens(name) & {"steps", "plan", "tasks", "subtasks"}:
            fallback = str(name)
    return fallback


def is_plan_schema(schema: Mapping[str, Any]) -> bool:
    """Whether a JSON schema is that of a plan."""
    return steps_field(resolve(schema, schema), schema) is not None


def pick(choices: Sequence[Any], wanted: str) -> Any:
    """The choice that means `wanted`: the same word, else the nearest in spelling."""
    for choice in choices:
        if str(choice).lower() == wanted.lower():
            return choice
    folded = "".join(split_identifier(wanted))
    for choice in choices:
        if "".join(split_identifier(str(choice))) in (folded, folded + "agent", folded.removesuffix("agent")):
            return choice
    from rapidfuzz import process

    found = process.extractOne(wanted, [str(c) for c in choices])
    return choices[found[2]] if found else choices[0]


def empty_value(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The plainest value that a schema allows."""
    schema = resolve(schema, root)
    if "default" in schema:
        return schema["default"]
    if schema.get("nullable") or schema.get("type") == "null":
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return next((c for c in schema["enum"] if str(c).lower() in ("planned", "pending", "open", "todo", "not_started", "none", "unknown")), schema["enum"][0])  # fmt: skip
    kind = schema.get("type")
    if kind == "object":
        required = schema.get("required") or []
        return {n: empty_value(s, root) for n, s in (schema.get("properties") or {}).items() if n in required}
    if kind == "array":
        return [empty_value(schema.get("items") or {}, root) for _ in range(int(schema.get("minItems") or 0))]
    if kind == "integer":
        return int(
            schema.get(
                "minimum", schema.get("exclusiveMinimum", -1) + 1 if "exclusiveMinimum" in schema else 0
            )
        )
    if kind == "number":
        return float(schema.get("minimum", 0))
    return {"boolean": False}.get(str(kind), "")


def plan_object(draft: Draft, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The plan as an object of the schema."""
    root, top = schema, resolve(schema, schema)
    list_name = steps_field(top, root)
    found: dict[str, Any] = {}
    required = set(top.get("required") or ())
    has_impossible = any(_tokens(n) & _IMPOSSIBLE for n in top.get("properties") or {})
    for name, spec in (top.get("properties") or {}).items():
        spec = resolve(spec, root)
        tokens = _tokens(name)
        kind = spec.get("type")
        if name == list_name:
            item = resolve(spec.get("items") or {}, root)
            found[name] = [_step(s, i, item, root) for i, s in enumerate(draft.steps, 1)]
        elif kind == "boolean":
            found[name] = _flag(tokens, draft, spec)
        elif tokens & _QUESTION:
            found[name] = _listed(draft.question, spec)
        elif tokens & _IMPOSSIBLE:
            found[name] = _listed(draft.impossible, spec)
        elif kind == "string" and tokens & {
            "summary",
            "overview",
            "description",
            "explanation",
            "rationale",
            "reasoning",
            "thought",
            "thoughts",
            "reason",
            "message",
            "response",
        }:
            found[name] = (
                draft.summary
                or (draft.impossible if not has_impossible else "")
                or draft.impossible
                or draft.question
                or ""
            )
        elif kind == "string" and tokens & _GOAL:
            found[name] = draft.goal
        elif kind == "string" and tokens & {"title", "name"}:
            found[name] = draft.goal[:80]
        elif kind in ("integer", "number") and tokens & {"steps", "count", "total", "number"}:
            found[name] = len(draft.steps)
        elif name in required or "default" not in spec:
            found[name] = empty_value(spec, root)
    return found


def _flag(tokens: set[str], draft: Draft, spec: Mapping[str, Any]) -> bool:
    if tokens & {"impossible", "infeasible"}:
        return draft.impossible is not None
    if tokens & {"possible", "feasible", "achievable", "solvable"}:
        return draft.impossible is None
    if tokens & {"clarification", "clarify", "question", "missing"}:
        return draft.question is not None
    if tokens & {"complete", "ready", "valid"}:
        return draft.impossible is None and draft.question is None
    return bool(spec.get("default", False))


def _listed(text: str | None, spec: Mapping[str, Any]) -> Any:
    if spec.get("type") == "array":
        return [text] if text else []
    return text if text is not None or spec.get("nullable") else ""


def _step(step: DraftStep, number: int, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if schema.get("type") == "string":
        return f"{step.agent}: {step.action}"
    fields: dict[str, Any] = {}
    properties = schema.get("properties") or {}
    required = set(schema.get("required") or ())
    names = {n: _tokens(n) for n in properties}
    has_action = any(t & (_ACTION - {"step", "content", "text"}) for t in names.values())
    for name, spec in properties.items():
        spec, tokens = resolve(spec, root), names[name]
        kind = spec.get("type")
        if tokens & _ARGUMENTS and not tokens & _ACTION:
            fields[name] = _arguments(step, spec, root)
        elif tokens & _AGENT and kind in ("string", None):
            fields[name] = pick(spec["enum"], step.agent) if spec.get("enum") else step.agent
        elif tokens & _DEPENDS:
            fields[name] = _depends(step, number, spec, root)
        elif tokens & _FUNCTION and kind in ("string", None):
            fields[name] = (
                step.tool.name if step.tool else None if spec.get("nullable") else spec.get("default", "")
            ) or (None if spec.get("nullable") else "")
        elif kind == "integer" and tokens & (_NUMBER | {"step"}):
            fields[name] = number
        elif kind == "string" and tokens & _NUMBER and not tokens & _ACTION - {"step"}:
            fields[name] = str(number)
        elif (
            kind == "string"
            and not spec.get("enum")
            and (tokens & (_ACTION - {"step"}) or (tokens & {"step", "name"} and not has_action))
        ):
            fields[name] = step.action
        elif (
            kind == "string"
            and not spec.get("enum")
            and tokens & {"reason", "rationale", "why", "reasoning", "thought"}
        ):
            fields[name] = (
                f"{step.agent} has the function {step.tool.name} for it."
                if step.tool
                else f"No function does this; {step.agent} can."
            )
        elif name in required or "default" not in spec:
            fields[name] = empty_value(spec, root)
    return fields


def _depends(step: DraftStep, number: int, spec: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    wanted = step.depends_on
    if spec.get("type") != "array":
        last = number - 1 if wanted is None else (wanted[-1] if wanted else 0)
        return (
            (last or None)
            if spec.get("nullable")
            else last
            if spec.get("type") == "integer"
            else str(last or "")
        )
    if wanted is None and spec.get("nullable"):
        return None
    items = [number - 1] if wanted is None and number > 1 else list(wanted or [])
    return (
        [str(i) for i in items] if resolve(spec.get("items") or {}, root).get("type") == "string" else items
    )


def _arguments(step: DraftStep, spec: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    values = step.values if step.tool is not None else {}
    kind = spec.get("type")
    if kind == "string":
        return json.dumps(values, ensure_ascii=False)
    if kind == "array":
        item = resolve(spec.get("items") or {}, root)
        if item.get("type") == "string":
            return [f"{n}={as_text(v)}" for n, v in values.items()]
        fields = item.get("properties") or {"name": {}, "value": {}}
        key = next(
            (n for n in fields if _tokens(n) & {"name", "key", "parameter", "argument", "param"}), "name"
        )
        value = next(
            (n for n in fields if n != key and _tokens(n) & {"value", "val", "content", "text"}), "value"
        )
        free = item.get("additionalProperties")
        held = fields.get(value) or (free if isinstance(free, Mapping) else {})
        as_is = resolve(held, root).get("type") not in ("string",)
        return [{key: n, value: v if as_is else as_text(v)} for n, v in values.items()]
    extra = spec.get("additionalProperties")
    if isinstance(extra, Mapping) and resolve(extra, root).get("type") == "string":
        return {n: as_text(v) for n, v in values.items()}
    return dict(values)
