"""Texts that rules can make: arithmetic, the date, summaries, critiques, answers from sources, outlines; else an honest word."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

from macae.llm.offline.passages import read_given
from macae.llm.offline.prompt import Prompt
from macae.llm.offline.sourced import sourced
from macae.llm.offline.writing import OFFLINE, closing, key_sentences, sentences

__all__ = ["calculate", "compose"]

_SUMMARISE = re.compile(
    r"\b(?:summari[sz]e|summary|sum up|tl;?dr|condense|recap|key points|main points|in short)\b",
    re.IGNORECASE,
)
_CRITIC = re.compile(
    r"\b(?:critic|critique|review(?:er)?|feedback|evaluate|assess|proofread|editor|judge)\b", re.IGNORECASE
)
_APPROVE = re.compile(r"[\"'`*]*\b(APPROVED?|LGTM|ACCEPT(?:ED)?)\b", re.DOTALL)
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Mod: operator.mod,
}  # fmt: skip


def calculate(expression: str) -> float | None:
    """The value of plain arithmetic, or None when it is something else."""

    def value(node: ast.AST) -> float:
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return float(_OPERATORS[type(node.op)](value(node.left), value(node.right)))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return float(_OPERATORS[type(node.op)](value(node.operand)))
        raise ValueError(expression)

    if len(expression) > 200:
        return None
    try:
        return value(ast.parse(expression, mode="eval"))
    except (ValueError, SyntaxError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None


def compose(prompt: Prompt) -> str:
    """A text for the prompt. Only what the messages hold is used; nothing is made up."""
    task = (
        prompt.parts.get("step")
        or prompt.parts.get("goal")
        or prompt.parts.get("question")
        or prompt.parts.get("lead")
        or prompt.text
    )
    given = read_given(prompt)
    sources = [passage.text for passage in given.passages] if given else []
    if not prompt.text.strip() and not prompt.system.strip():
        return f"{OFFLINE}. There was no message to answer."
    critic = _critique(prompt)
    if critic is not None:
        return critic
    if _SUMMARISE.search(task) or (
        _SUMMARISE.search(prompt.system) and not sources and len(prompt.text) > 200
    ):
        return _summary(prompt, task, sources)
    if sources:
        return sourced(prompt) or _summary(prompt, task, sources)
    small = _small(prompt, task)
    if small is not None:
        return small + closing(prompt)
    return _honest(prompt, task) + closing(prompt)


def _summary(prompt: Prompt, task: str, sources: list[str]) -> str:
    inline = re.split(r":\s*\n|:\s+(?=[\"“A-Z])", task, maxsplit=1)
    done = prompt.parts.get("done", "")
    body = "\n".join(sources) or (inline[1] if len(inline) == 2 and len(inline[1]) > 40 else "") or done
    if not body:
        turns = [t for t in prompt.turns if t.text != prompt.text]
        body = "\n".join(t.text for t in turns) or (prompt.text if len(prompt.text) > 200 else "")
    if not body:
        return f"{OFFLINE}. There is no text here to summarise; please give it to me." + closing(
            prompt, False
        )
    return " ".join(key_sentences(body.strip(' "“”'))) + closing(prompt)


def _critique(prompt: Prompt) -> str | None:
    """Feedback on a draft where the instructions make this agent a critic; approval once a draft came back after feedback."""
    if not _CRITIC.search(prompt.system):
        return None
    if not re.search(
        r"\b(?:you (?:are|review|critique|evaluate|give|provide)|your (?:job|role|task)|provide|give|review|act as|critic)\b",
        prompt.system,
        re.IGNORECASE,
    ) or not re.search(
        r"\b(?:you are (?:a|an|the) [\w ,-]*(?:critic|reviewer|editor|evaluator|judge)|(?:provide|give)[\w ]* (?:feedback|critique)|critique|review)\b",
        prompt.system,
        re.IGNORECASE,
    ):
        return None
    word = _APPROVE.search(prompt.system)
    mine = [t for t in prompt.turns if t.role == "assistant"]
    draft = prompt.text
    if word and (mine or any("Suggestion" in t.text for t in prompt.turns)):
        return f"The points are addressed. {word[1]}"
    found = []
    lines = sentences(draft)
    if lines and max(len(s.split()) for s in lines) > 30:
        found.append("Some sentences are long; split those over 30 words.")
    if len(draft.split()) < 40:
        found.append("It is short; add the facts a reader needs (who, when, how much).")
    if not re.search(r"\d", draft):
        found.append("It names no number or date; add at least one that can be checked.")
    if len(lines) > 3 and "\n" not in draft:
        found.append("Break it into paragraphs.")
    if OFFLINE in draft:
        found.append("It says that it comes from the offline model; a person should write the final words.")
    if not found:
        return "By the rules I can check (length, numbers, structure) it is fine." + (
            f" {word[1]}" if word else closing(prompt)
        )
    return f"Suggestions, by rules of form only ({OFFLINE}): " + " ".join(
        f"({i}) {f}" for i, f in enumerate(found, 1)
    )


def _small(prompt: Prompt, task: str) -> str | None:
    """What plain rules answer exactly: arithmetic, the date, a greeting."""
    from macae.llm.offline.cards import Param, ToolCard
    from macae.llm.offline.facts import Facts
    from macae.llm.offline.kinds import Meaning
    from macae.llm.offline.records import read_expression
    from macae.llm.offline.scope import Scope

    text = task.strip()
    if len(text) < 200 and re.search(r"\d", text):
        scope = Scope(Facts(text), 0, len(text), prompt.today)
        expression = read_expression(Param("expression"), Meaning("expression"), scope, ToolCard("calculate"))
        value = calculate(expression) if expression else None
        if value is not None:
            return f"{expression} = {int(value) if value.is_integer() else round(value, 6)}."
    if re.search(
        r"\b(?:what(?:'s| is)? (?:the |today's )?(?:date|day)(?: is it)?(?: today)?|which day is (?:it|today))\b",
        text,
        re.IGNORECASE,
    ):
        return f"Today is {prompt.today:%A}, {prompt.today.day} {prompt.today:%B %Y}."
    if re.fullmatch(
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)[\s\w,!.]{0,30}", text, re.IGNORECASE
    ):
        return f"Hello. {OFFLINE}: I can plan, use tools, and answer from sources that you give me."
    return None


def _honest(prompt: Prompt, task: str) -> str:
    """What can be said truthfully: what was asked, what is known from the messages, and that a real model would write it."""
    done = prompt.parts.get("done", "")
    asked = " ".join(task.split())
    asked = asked if len(asked) <= 160 else asked[:159] + "…"
    text = f"{OFFLINE}, so I cannot really write this: “{asked}”. "
    facts = key_sentences(re.sub(r"(?m)^\s*\d+[.)]\s*[^:\n]*:\s*", "", done)) if done else []
    if facts:
        return text + "What I know for it from the steps before: " + " ".join(facts)
    return (
        text
        + "I plan, use tools and answer from given sources by fixed rules; with a real model (MACAE_PROVIDER) this step gets a real answer."
    )
