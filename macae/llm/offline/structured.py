"""Fill any other schema from the messages: choices, verdicts, extracted facts; and read the schema that a prompt tells in words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from macae.llm.offline.arguments import fill
from macae.llm.offline.cards import ToolCard, param_from_schema
from macae.llm.offline.facts import read_facts
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.prompt import Prompt
from macae.llm.offline.scope import Scope
from macae.llm.offline.shaping import empty_value, pick, resolve
from macae.llm.offline.words import split_identifier

__all__ = ["fill_schema", "schema_in"]

_SPEAKER = {
    "speaker",
    "agent",
    "next",
    "role",
    "assignee",
    "route",
    "handoff",
    "destination",
    "recipient",
    "worker",
}
_TEXT = {"answer", "response", "reply", "message", "result", "output", "text", "content", "summary", "comment", "comments", "feedback", "critique", "review", "explanation", "thought", "thoughts", "reason", "reasoning", "rationale", "justification", "analysis"}  # fmt: skip

_HELD = {"supported", "grounded", "faithful", "backed", "correct", "valid", "true", "verified", "accurate"}
_CITED = {"source", "sources", "citation", "citations", "reference", "references", "cited"}


def fill_schema(schema: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
    """An object of the schema, from what the messages say; what they do not say stays empty."""
    found = _object(resolve(schema, schema), schema, prompt)
    return found


def _object(
    schema: Mapping[str, Any], root: Mapping[str, Any], prompt: Prompt, about: str = ""
) -> dict[str, Any]:
    required = set(schema.get("required") or schema.get("properties") or ())
    return {
        name: _field(str(name), spec, root, prompt, name in required, about)
        for name, spec in (schema.get("properties") or {}).items()
    }


def _field(
    name: str, raw: Mapping[str, Any], root: Mapping[str, Any], prompt: Prompt, required: bool, about: str
) -> Any:
    from macae.llm.offline.speaking import choose_speaker
    from macae.llm.offline.writing import write

    spec = resolve(raw, root)
    tokens = set(split_identifier(name)) | set(split_identifier(about))
    kind = spec.get("type")
    if kind == "object" and spec.get("properties"):
        return _object(spec, root, prompt, name)
    text = re.sub(r"(?im)^\s*today is [^\n]*\n", "", prompt.text)
    if (tokens & _SPEAKER) and (kind == "string" or spec.get("enum")) and not tokens & {"reason"}:
        chosen = choose_speaker(prompt)
        if spec.get("enum"):
            return pick(spec["enum"], chosen) if chosen else _choice(spec, text)
        if chosen:
            return chosen
    if spec.get("enum"):
        return _choice(spec, text)
    if kind == "boolean":
        return _verdict(tokens, prompt)
    param = param_from_schema(name, raw, True, root.get("$defs") or {})
    what = meaning_of(param).what
    if kind == "string" and set(split_identifier(name)) & _TEXT:
        return (
            "By the rules of the offline model."
            if tokens & {"reason", "reasoning", "rationale", "justification"} and about
            else write(prompt)
        )
    if kind == "array" and what not in ("people", "audience"):
        return _items(spec, root, prompt, name)
    facts = read_facts(text, prompt.today)
    scope = Scope(facts, 0, len(text), prompt.today, generous=True)
    value = fill(ToolCard("extract", "", (param,)), scope).values.get(name) if text.strip() else None
    if value is None or value == "me":
        return empty_value(spec, root)
    return value


def _choice(spec: Mapping[str, Any], text: str) -> Any:
    """The choice that the text speaks of most."""
    from macae.llm.ranking import rank

    said = text.lower()
    named = [
        c
        for c in spec["enum"]
        if re.search(rf"(?<!\w){re.escape(str(c).lower().replace('_', ' '))}(?!\w)", said)
    ]
    if len(named) == 1:
        return named[0]
    choices = named or list(spec["enum"])
    mood = _mood(said, choices)
    if mood is not None:
        return mood
    scores = rank(text, [str(c).replace("_", " ") for c in choices])
    best = max(range(len(choices)), key=lambda i: (scores[i], -i))
    if scores[best] > 0:
        return choices[best]
    return next(
        (
            c
            for c in choices
            if str(c).lower() in ("other", "unknown", "none", "neutral", "general", "generic")
        ),
        spec.get("default", choices[0]),
    )


_GOOD = re.compile(
    r"\b(?:great|good|love|loved|excellent|happy|thanks|perfect|wonderful|amazing|nice|awesome|pleased|fantastic|best|satisfied|enjoy\w*)\b"
)
_BAD = re.compile(
    r"\b(?:bad|terrible|awful|hate|hated|angry|broken|worst|poor|slow|disappoint\w*|unhappy|horrible|fail\w*|refund|complain\w*|sad|annoy\w*|never again|not (?:good|happy|working))\b"
)


def _mood(text: str, choices: list[Any]) -> Any:
    words = {str(c).lower(): c for c in choices}
    if not {"positive", "negative"} <= set(words) and not {"happy", "sad"} <= set(words):
        return None
    points = len(_GOOD.findall(text)) - len(_BAD.findall(text))
    for key in (("positive", "happy"), ("negative", "sad"), ("neutral", "mixed"))[
        0 if points > 0 else 1 if points < 0 else 2
    ]:
        if key in words:
            return words[key]
    return choices[0]


def _verdict(tokens: set[str], prompt: Prompt) -> bool:
    """A yes or no about the conversation: whether it is done, stuck, approved; about an answer: whether its sources hold it."""
    if tokens & _HELD:
        from macae.llm.offline.sourced import checked

        wrong = checked(prompt)
        if wrong is not None:
            return not wrong
    spoken = [
        t
        for t in prompt.turns
        if t.role == "assistant" or t.source.lower() not in ("user", "human", "person")
    ]
    if tokens & {"loop", "stuck", "stalled", "blocked"}:
        texts = [t.text for t in spoken]
        return len(texts) != len(set(texts))
    if tokens & {"progress"}:
        return True
    if tokens & {
        "satisfied",
        "done",
        "complete",
        "completed",
        "finished",
        "approved",
        "accept",
        "accepted",
        "pass",
        "passed",
        "resolved",
    }:
        return bool(spoken) and not re.search(
            r"\b(?:did not work|failed|error|cannot|could not|missing)\b", spoken[-1].text, re.IGNORECASE
        )
    return False


def _items(spec: Mapping[str, Any], root: Mapping[str, Any], prompt: Prompt, name: str) -> list[Any]:
    """A list: the lines of a listed text, else the main sentences."""
    item = resolve(spec.get("items") or {}, root)
    if item.get("type") == "object":
        return []
    from macae.llm.offline.writing import key_sentences, write

    if item.get("type") in ("integer", "number"):
        cited = re.findall(r"\[(\d{1,3})\]", write(prompt)) if set(split_identifier(name)) & _CITED else []
        return [int(number) for number in dict.fromkeys(cited)]
    listed = re.findall(r"(?m)^\s*(?:[-*•]|\d+[.)])\s+(.+)$", prompt.text)
    found = listed or key_sentences(prompt.text)
    return found if item.get("type", "string") == "string" else []


_TYPE_WORDS = {"string": "string", "str": "string", "text": "string", "integer": "integer", "int": "integer", "number": "number", "float": "number", "boolean": "boolean", "bool": "boolean", "list": "array", "array": "array"}  # fmt: skip


def schema_in(text: str) -> dict[str, Any] | None:
    """The schema in a prompt: a JSON schema, or an example object such as {"agent": string, "steps": [{"action": "…"}]}."""
    for match in re.finditer(r"\{", text):
        piece = _braced(text, match.start())
        if piece is None or ":" not in piece or ('"' not in piece and "'" not in piece):
            continue
        piece = piece.replace("{{", "{").replace("}}", "}")
        quoted = re.sub(
            r":\s*(?P<t>[A-Za-z][\w |/\[\]<>-]*)(?P<n>\s*\([^)]*\))?\s*(?=[,}\]\n])",
            lambda m: (
                ": " + (m["t"] if m["t"].strip() in ("true", "false", "null") else json.dumps(m["t"].strip()))
            ),
            piece,
        )
        quoted = re.sub(r",?\s*\.\.\.|,\s*(?=[}\]])", "", quoted)
        for form in (piece, quoted):
            try:
                loaded = json.loads(form)
            except ValueError:
                continue
            if (
                isinstance(loaded, dict)
                and loaded
                and not {"agent", "function"} <= set(loaded)
                and "arguments" not in loaded
            ):
                return loaded if isinstance(loaded.get("properties"), dict) else _example(loaded)
            break
    return None


def _example(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"type": "object", "properties": {str(k): _example(v) for k, v in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": _example(value[0]) if value else {"type": "string"}}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, (int, float)):
        return {"type": "number" if isinstance(value, float) else "integer"}
    word = str(value).strip().lower()
    nullable = "null" in word
    kind = _TYPE_WORDS.get(re.split(r"[^a-z]", word)[0] if word else "", "string")
    return {"anyOf": [{"type": kind}, {"type": "null"}]} if nullable else {"type": kind}


def _braced(text: str, start: int) -> str | None:
    depth, quote = 0, False
    for i in range(start, min(len(text), start + 6000)):
        c = text[i]
        if c == '"' and text[i - 1] != "\\":
            quote = not quote
        elif not quote:
            depth += (c == "{") - (c == "}")
            if depth == 0:
                return text[start : i + 1]
    return None
