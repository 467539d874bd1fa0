"""What is known of a tool, a parameter and an agent, whether it came as a schema or as text in a prompt."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["AgentCard", "Param", "ToolCard", "tool_from_schema", "tool_from_signature"]


@dataclass(frozen=True)
class Param:
    """One parameter: its name, its type in JSON's words, and what is said about it."""

    name: str
    type: str = "string"
    required: bool = True
    default: Any = None
    description: str = ""
    choices: tuple[Any, ...] = ()
    items: str = ""
    """For an array: the type of its items."""
    format: str = ""


@dataclass(frozen=True)
class ToolCard:
    """One tool. `effect` is "read", "change" or "" where nobody said."""

    name: str
    description: str = ""
    params: tuple[Param, ...] = ()
    agent: str = ""
    effect: str = ""
    known_params: bool = True
    """False where only the tool's name was shown."""


@dataclass(frozen=True)
class AgentCard:
    """One agent and its tools."""

    name: str
    description: str = ""
    tools: tuple[ToolCard, ...] = field(default=())


_TYPES = {
    "str": "string", "string": "string", "text": "string", "int": "integer", "integer": "integer", "float": "number", "number": "number",
    "decimal": "number", "bool": "boolean", "boolean": "boolean", "list": "array", "array": "array", "tuple": "array", "set": "array",
    "sequence": "array", "dict": "object", "object": "object", "mapping": "object", "date": "date", "datetime": "datetime", "time": "time",
    "email": "string", "emailstr": "string", "uuid": "string", "any": "string",
}  # fmt: skip


def _resolve(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found = defs.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
        return {**found, **{k: v for k, v in schema.items() if k != "$ref"}}
    for key in ("anyOf", "oneOf", "allOf"):
        options = [_resolve(o, defs) for o in schema.get(key, [])]
        real = [o for o in options if o.get("type") != "null"]
        if real:
            return {**real[0], **{k: v for k, v in schema.items() if k != key}}
    return schema


def param_from_schema(name: str, schema: Mapping[str, Any], required: bool, defs: Mapping[str, Any]) -> Param:
    """A parameter from its JSON schema."""
    s = _resolve(schema, defs)
    kind = str(s.get("type", "string"))
    fmt = str(s.get("format", ""))
    if kind == "string" and fmt in ("date", "time"):
        kind = fmt
    elif kind == "string" and fmt == "date-time":
        kind = "datetime"
    choices = tuple(s.get("enum", ())) or ((s["const"],) if "const" in s else ())
    items = s.get("items")
    inner = str(_resolve(items, defs).get("type", "string")) if isinstance(items, Mapping) else ""
    description = str(s.get("description") or "")
    if description == name:  # what AutoGen writes when nobody described it
        description = ""
    return Param(name, kind, required, s.get("default"), description, choices, inner, fmt)


def tool_from_schema(schema: Mapping[str, Any], agent: str = "") -> ToolCard:
    """A tool from what AutoGen sends a model: name, description, parameters."""
    parameters = schema.get("parameters") or {}
    needed = parameters.get("required") or []
    defs = parameters.get("$defs") or {}
    params = tuple(
        param_from_schema(name, spec, name in needed, defs)
        for name, spec in (parameters.get("properties") or {}).items()
    )
    return ToolCard(str(schema["name"]), str(schema.get("description") or ""), params, agent)


def _split(text: str, at: str = ",") -> list[str]:
    """Split at commas that are in no bracket and no quote (an apostrophe inside a word is no quote)."""
    parts, depth, quote, start = [], 0, "", 0
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'" and depth == 0 and not text[i - 1 : i].isalnum():
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == at and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [p.strip() for p in [*parts, text[start:]] if p.strip()]


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        try:
            return json.loads(text)
        except ValueError:
            return text


def param_from_annotation(name: str, annotation: str, default: Any = None, required: bool = True, description: str = "") -> Param:  # fmt: skip
    """A parameter from a type as Python writes it: `int`, `str | None`, `Literal['a', 'b']`, `list[str]`."""
    text = annotation.strip()
    note = re.fullmatch(r"(?P<type>[^()]*\S)\s*\((?P<note>.*)\)", text, re.DOTALL)
    if note:
        text, description = note["type"], description or note["note"].strip()
    if not re.search(r"[|,/]", text):
        text = text.strip("'\"")
    text = re.sub(r"^(?:list|array) of (\w+)s?$", r"list[\1]", text)
    text = re.sub(r"^<class '(.+)'>$", r"\1", text)
    text = re.sub(r"^(?:typing\.)?(?:Optional|Annotated)\[(.*)\]$", r"\1", text)
    first = _split(text)[0] if text and not re.match(r"(?:typing\.)?Literal", text) else text
    literal = re.search(r"Literal\[(.*?)\]", text)
    if literal:
        choices = tuple(_literal(p) for p in _split(literal[1]))
        kind = "integer" if all(isinstance(c, int) for c in choices) else "string"
        return Param(name, kind, required, default, description, choices)
    choice = re.fullmatch(r"(?:one of[: ]*)?((?:[\"'][^\"']+[\"'](?:\s*[|,/]\s*)?){2,})", text)
    if choice:
        return Param(name, "string", required, default, description, tuple(re.findall(r"[\"']([^\"']+)[\"']", choice[1])))  # fmt: skip
    options = [o.strip() for o in first.split("|") if o.strip() not in ("None", "null", "")] or ["str"]
    head = re.match(r"(?:\w+\.)*(\w+)(?:\[(.*)\])?", options[0])
    kind = _TYPES.get(head[1].lower(), "string") if head else "string"
    inner = (
        _TYPES.get((head[2] or "str").split(",")[0].strip().lower(), "string")
        if head and kind == "array"
        else ""
    )
    return Param(name, kind, required and "None" not in text.split("|")[-1], default, description, (), inner)


def params_from_signature(text: str) -> tuple[Param, ...]:
    """The parameters of `(employee_name: str, days: int = 5)`, without the brackets."""
    params = []
    for part in _split(text):
        if (
            part in ("*", "/")
            or part.startswith("*")
            or re.match(r"(?:self|ctx|context|cancellation_token)\b", part)
        ):
            continue
        left, *rest = _split(part, "=") or [""]
        equals, default = bool(rest), "=".join(rest)
        name, _, annotation = left.partition(":")
        name = name.strip().strip("\"'`").rstrip("?")
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            continue
        optional = equals or left.strip().endswith("?") or "optional" in annotation.lower()
        params.append(param_from_annotation(name, annotation or "str", _literal(default.strip()) if equals else None, not optional))  # fmt: skip
    return tuple(params)


def params_from_anything(arguments: Any) -> tuple[Param, ...]:
    """Parameters as a prompt may hold them: a JSON schema, {"name": "type"}, a list of names or objects, a signature."""
    if isinstance(arguments, str):
        loaded = _literal(arguments.strip())
        return params_from_anything(loaded) if not isinstance(loaded, str) else params_from_signature(arguments.strip().strip("()"))  # fmt: skip
    if isinstance(arguments, Mapping):
        if isinstance(arguments.get("properties"), Mapping):
            return tool_from_schema({"name": "t", "parameters": arguments}).params
        found = []
        for name, spec in arguments.items():
            if isinstance(spec, Mapping):
                required = bool(spec.get("required", "default" not in spec))
                found.append(param_from_schema(str(name), spec, required, {}) if "type" in spec and spec["type"] not in _TYPES.keys() - set(_TYPES.values()) else param_from_annotation(str(name), str(spec.get("type", "str")), spec.get("default"), required, str(spec.get("description", ""))))  # fmt: skip
            else:
                known = re.match(
                    r"^\s*(?:typing\.)?[A-Za-z_.]+(?:\[.*\])?(?:\s*\|.*)?(?:\s*=.*)?$", str(spec)
                )
                word = str(spec).split("[")[0].split("|")[0].split("=")[0].strip().split(".")[-1].lower()
                plain = word in _TYPES or word in ("optional", "literal", "annotated")
                found.append(param_from_annotation(str(name), str(spec)) if known and plain else Param(str(name), description=str(spec)))  # fmt: skip
        return tuple(found)
    if isinstance(arguments, Sequence):
        items: list[Param] = []
        for item in arguments:
            if isinstance(item, Mapping) and "name" in item:
                items.extend(params_from_anything({str(item["name"]): {k: v for k, v in item.items() if k != "name"} or "str"}))  # fmt: skip
            else:
                items.extend(params_from_signature(str(item)))
        return tuple(items)
    return ()


def tool_from_signature(
    name: str, signature: str, description: str, effect: str = "", agent: str = ""
) -> ToolCard:
    """A tool from one line of a catalogue."""
    return ToolCard(name, description.strip(), params_from_signature(signature), agent, effect)
