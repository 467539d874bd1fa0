"""What a model is sent, read into its parts: the instructions, what was asked, what came before, the results since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from macae.llm.offline.dates import today_of

__all__ = ["Prompt", "Turn", "read_prompt", "sections"]

_QUOTE = re.compile(r"^> ?", re.MULTILINE)
"""How a quoted line begins. What it quotes is no label, whatever it looks like."""

_LABELS: dict[str, str] = {
    "goal": r"(?:(?:the |your |my |user'?s? |person'?s? |overall |initial |current |main )*(?:goal|objective|task|request|mission|ask|assignment)|the (?:user|person|customer) (?:wants|asks|asked|says|said)|user input|input|here is the (?:request|task|goal))(?: (?:is|to plan|to plan for|from the user|text))?",
    "step": r"(?:your |the |current |next |this )*(?:step|action|sub-?task|instruction|to ?do)(?: to (?:do|take|carry out|complete|execute|perform))?(?: is| now)?|(?:please )?(?:complete|carry out|execute|perform) (?:the following |this )?(?:action|step)",
    "call": r"(?:the )?(?:approved|bound|agreed|exact|confirmed) (?:tool |function )?call(?: is)?|call exactly",
    "rejected": r"(?:what|which steps?) (?:the )?(?:person|user|human|reviewer|customer|you|they) (?:has |have )?(?:rejected|refused|declined)|(?:rejected|refused|declined)(?: steps?)?(?: by (?:the )?(?:person|user|human))?",
    "done": r"(?:being|already) (?:done|carried out)|in progress|(?:what (?:was|is|has been) )?(?:done|completed|finished)(?: so far| already| steps| before)?|(?:previous|earlier|prior|completed) (?:steps|results|actions|work|conversation)(?: and (?:their )?(?:results|replies))?|results so far|progress(?: so far)?|context from earlier steps",
    "failed": r"(?:what|which step|the step that) (?:has )?(?:failed|was rejected|went wrong)|failed(?: step| steps)?|failure|error|(?:reason|cause) (?:of|for) (?:the )?(?:failure|rejection)|problem",
    "question": r"(?:(?:the )?(?:clarification )?question(?: that was)?(?: asked)?|you asked|clarification (?:request|asked|needed)|we asked)",
    "answer": r"(?:(?:the |their |user'?s? |person'?s? |human )?(?:answer|clarification|reply|response|clarification answer)(?: given| from the user| from the person)?|(?:they|the user|the person) (?:answered|replied))",
    "note": r"(?:a )?note(?:s)?(?: from (?:the|a) (?:person|human|user|reviewer))?|(?:human|person'?s?|user'?s?) (?:feedback|comment|note)|feedback|comment",
    "sources": r"(?:the |retrieved |relevant |following |supporting )*(?:context|sources?|documents?|passages?|excerpts?|knowledge|background|reference(?:s| material)?|search results)",
    "conversation": r"(?:the )?(?:conversation|chat)(?: history)?(?: so far)?|history",
}
_LABEL = re.compile(
    r"^[ \t]*(?:#{1,4}\s*|\*\*|[-•]\s+)?(?:"
    + "|".join(f"(?P<{n}>{p})" for n, p in _LABELS.items())
    + r")\**[ \t]*:\**[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)

_SAYS = re.compile(r"\b(?:person|user|customer)\W+(?:says|said|asks|asked|wants)\b", re.IGNORECASE)
"""A label that opens a goal, or, behind one, the person's word on the plan."""
_HISTORY = re.compile(
    r"^[ \t]*(?P<title>[^\W\d_][^\n:.!?]{2,50}):[ \t]*\n(?P<lines>(?:[ \t]*\d{1,2}\. [A-Za-z]\w*, [^\n]+:[^\n]*(?:\n|\Z))+)",
    re.MULTILINE,
)
"""Steps told under a title ("Set aside:" and lines such as "2. HrAgent, action: why"): what was, never what is wanted."""


@dataclass(frozen=True)
class Turn:
    """One earlier turn: who spoke and what."""

    role: str
    source: str
    text: str


@dataclass
class Prompt:
    """The messages of one call, read."""

    system: str = ""
    text: str = ""
    """The last thing that a user said."""
    parts: dict[str, str] = field(default_factory=dict)
    """Its labelled parts (goal, step, call, done, failed, question, answer, note, sources), and `lead`: what stands before."""
    turns: list[Turn] = field(default_factory=list)
    calls: list[FunctionCall] = field(default_factory=list)
    """The calls made since the user last spoke."""
    results: list[FunctionExecutionResult] = field(default_factory=list)
    """Their results."""
    before: list[str] = field(default_factory=list)
    """Names of the tools called before that."""
    ended: bool = False
    """Whether the last message is the assistant's own text."""
    today: date = field(default_factory=date.today)
    source: str = "user"

    @property
    def everything(self) -> str:
        """The instructions and what was asked, as one text."""
        return f"{self.system}\n{self.text}"


def sections(text: str) -> dict[str, str]:
    """The labelled parts of a text; `lead` is what stands before the first label. Of a part named twice, the first counts."""
    found: dict[str, str] = {}
    text = _HISTORY.sub(lambda m: m[0] if _LABEL.match(f"{m['title']}:") else "", text)
    matches = list(_LABEL.finditer(text))
    if not matches:
        return {"lead": text.strip()}
    found["lead"] = text[: matches[0].start()].strip()
    for i, match in enumerate(matches):
        end = matches[i + 1].start() if i + 1 < len(matches) else len(text)
        name = match.lastgroup or ""
        if name == "goal" and name in found and _SAYS.search(match[0]):
            name = "note"
        if name not in found:
            found[name] = text[match.end() : end].strip()
        elif name in ("done", "failed", "rejected", "note"):
            found[name] += "\n" + text[match.end() : end].strip()
    return {name: _QUOTE.sub("", part) for name, part in found.items()}


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "\n".join(
            c if isinstance(c, str) else "(a picture, which I cannot see)"
            for c in content
            if not isinstance(c, FunctionCall)
        )
    return str(content)


def read_prompt(messages: Sequence[LLMMessage]) -> Prompt:
    """Read the messages of one call. Several user messages in a row count as one."""
    prompt = Prompt()
    systems: list[str] = []
    spoken: list[str] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            systems.append(message.content)
        elif isinstance(message, UserMessage):
            text = _text(message.content)
            if prompt.calls or prompt.results or prompt.ended:
                spoken = []
            spoken.append(text)
            prompt.before += [c.name for c in prompt.calls]
            prompt.calls, prompt.results, prompt.ended = [], [], False
            prompt.turns.append(Turn("user", message.source, text))
            prompt.source = message.source
        elif isinstance(message, AssistantMessage):
            if isinstance(message.content, str):
                prompt.turns.append(Turn("assistant", message.source, message.content))
                prompt.ended = True
            else:
                prompt.calls.extend(message.content)
        elif isinstance(message, FunctionExecutionResultMessage):
            prompt.results.extend(message.content)
            prompt.ended = False
    prompt.system = "\n\n".join(systems)
    prompt.text = "\n".join(spoken)
    if len(spoken) > 1:
        prompt.text = spoken[-1] if sections(spoken[-1]).get("goal") else "\n".join(spoken)
    prompt.parts = sections(prompt.text)
    prompt.text = _QUOTE.sub("", prompt.text)
    told = (prompt.text, *reversed(spoken), prompt.system)
    prompt.today = next(filter(None, map(today_of, told)), None) or date.today()
    return prompt
