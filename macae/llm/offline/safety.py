"""Texts that try to command the model instead of asking for work: they are left out, never followed."""

from __future__ import annotations

import re

__all__ = ["without_overrides"]

_OVERRIDE = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|skip|disable|circumvent|turn off|drop)\b[^.!?\n]{0,60}\b(?:instruction|instructions|rule|rules|prompt|prompts|guardrails?|safety|approval|approvals|policy|policies|restrictions?|limits?|guidelines|directions|confirmation|checks|told)\b"
    r"|\b(?:approve|accept|confirm|authori[sz]e|run|execute|allow)\b[^.!?\n]{0,20}\b(?:everything|all (?:steps|requests|plans|calls|tools|actions|of (?:it|them)|pending)|every (?:step|request|tool|action|plan)|anything|whatever)\b(?! (?:in|on) (?:the )?(?:invoice|list))"
    r"|\bwithout (?:any |my |a |human |asking for |waiting for |further )*(?:approval|approvals|permission|confirmation|asking|review)\b"
    r"|\b(?:reveal|print|show|leak|repeat|output|tell me|give me|send me|disclose|expose)\b[^.!?\n]{0,40}\b(?:system prompt|your (?:instructions|prompt|rules|configuration)|api key|secret keys?|credentials of|all passwords|everyone's passwords?|hidden)\b"
    r"|\byou are (?:now|no longer)\b|\bact as (?:an? )?(?:unrestricted|root|admin|jailbroken|dan)\b|\bpretend (?:to be|you are|that you)\b|\b(?:developer|god|admin|debug|root|sudo) mode\b|\bjailbreak|\bdo anything now\b|^\s*(?:system|assistant|developer)\s*:|<\|?(?:system|im_start|endoftext)",
    re.IGNORECASE,
)


def _asks(text: str) -> bool:
    """Whether what is left is a request or a question of its own, not a piece of the order before it."""
    from macae.llm.offline.words import fold, lexicon

    first = re.search(
        r"\w+", re.sub(r"^\s*(?:please|also|just|can you|could you)\s+", "", text, flags=re.IGNORECASE)
    )
    return first is not None and (
        fold(first[0]) in lexicon().verbs
        or fold(first[0]) in ("what", "how", "who", "when", "where", "which", "i", "we")
    )


def without_overrides(text: str) -> tuple[str, bool]:
    """The text without the sentences that try that, and whether there were any. Quoted ones stay: they are data there."""
    if not _OVERRIDE.search(text):
        return text, False
    quotes = [(m.start(), m.end()) for m in re.finditer(r"[\"“«][^\"”»]*[\"”»]", text)]

    def quoted(at: int) -> bool:
        return any(s <= at < e for s, e in quotes)

    if all(quoted(m.start()) for m in _OVERRIDE.finditer(text)):
        return text, False
    kept, at = [], 0
    for end in [*(m.end() for m in re.finditer(r"[.!?\n;]+\s*", text) if not quoted(m.start())), len(text)]:
        sentence, start = text[at:end], at
        at = end
        bad = next((m for m in _OVERRIDE.finditer(sentence) if not quoted(start + m.start())), None)
        if bad is None:
            kept.append(sentence)
            continue
        # "Order 5 laptops and skip all approvals": what stands before the override is still a goal.
        before = re.sub(
            r"[\s,]*(?:\b(?:and|then|but|also|please|by|,)\b[\s,]*)*$", "", sentence[: bad.start()]
        )
        if len(re.findall(r"\w+", before)) >= 3 and not re.search(r"[,:]$", before):
            kept.append(before + ". ")
        rest = re.sub(r"^[^,.;!?]*?(?:,\s*)?\b(?:and|then|but)\b\s*(?:then\s+)?", "", sentence[bad.end() :])
        if (
            len(re.findall(r"\w+", rest)) >= 3
            and rest != sentence[bad.end() :]
            and _asks(rest)
            and not _OVERRIDE.search(rest)
        ):
            kept.append(rest)
    return "".join(kept).strip(), True
