"""What is said around a request: politeness, wishes; and whether a clause asks, wants or states."""

from __future__ import annotations

import re

from macae.llm.offline.clause import Mood
from macae.llm.offline.words import fold, lexicon

__all__ = ["ASKING", "POLITE", "mood_of"]


_FORMS = (
    r"[\s,;:–—-]+",
    r"(?:please|kindly|hi|hello|hey|dear|ok|okay|so|also|then|next|first|firstly|second|secondly|third|finally|afterwards|after that|lastly"
    r"|now|and|but|plus|additionally|furthermore|moreover|thanks|thank you|good morning)\b[ ,:]*",
    r"i was wondering(?: if)?\b|it would be (?:great|nice|good)(?: if)?\b|i would be glad if you\b",
    r"(?:can|could|would|will|should|may|might) (?:you|we|i|someone|somebody|anyone|the team)"
    r"(?: (?:please|kindly|also|help(?: me| us)?(?: to)?|be so kind (?:as )?to))*\b[ ,]*",
    r"(?:i|we)(?: would|'d|'ll| will| do| also| really| just| urgently)* (?:like|love|want|wish|need|have|intend|plan|ought|got|must|require)"
    r"(?: to| for)? (?:you to |us to |someone to |see |have (?=(?:a|an|the) ))?(?=\w)",
    r"(?:i|we)(?:'d| would)? (?:appreciate|be grateful|be happy)(?: it)? if (?:you|someone) (?:could|would|can)\b",
    r"(?:i|we)(?:'m| am|'re| are)? (?:looking|hoping|trying|planning|going|wanting|about) (?:for|to|into)\b"
    r"(?: (?:get|have|find)(?= (?:some|information|info|details)))?",
    r"help (?:me|us)(?: to| with)?\b|see to it (?:that )?|make sure (?:that )?(?:to )?|let'?s\b|let us\b|go ahead and\b|be sure to\b|remember to\b",
    r"don't forget to\b|(?:it is|it's|there is|there's) (?:time|necessary|important|a need) (?:to|for)\b",
    r"your (?:task|job|goal) is to\b|the goal is to\b|help\b(?= \w+ing\b)",
)


POLITE = re.compile(r"^(?:(?:" + "|".join(_FORMS) + r")\s*)+", re.IGNORECASE)


NEED = re.compile(
    r"\b(?:i|we|she|he|they|[A-Z]\w+(?: [A-Z]\w+)?)(?:'d| would| will| also| really| urgently)* (?:needs?|wants?|requires?|like|love|must have|should (?:get|have|receive))\b",
    re.IGNORECASE,
)


_QUESTION = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|how|why|is|are|was|were|do|does|did|has|have|am|can|could)\b|\?\s*$",
    re.IGNORECASE,
)


ASKING = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|how|why|do|does|did|is|are|has|have (?=we|you|they|i|our|the \w+ (?:been|arrived)))\b",
    re.IGNORECASE,
)


def mood_of(text: str, rest: str) -> Mood:
    """Whether a clause requests, asks or states; `rest` is the clause without its politeness."""
    if re.match(r"(?:if|unless|when|once|as soon as|in case)\b(?!.*\?\s*$)", rest, re.IGNORECASE):
        return "statement"
    word = re.match(r"[A-Za-z]+", rest)
    folded = fold(word[0]) if word else ""
    if ASKING.match(rest):
        return "question"
    if folded in lexicon().verbs and not re.match(
        r"\w+ (?:is|are|was|were|has|have|will|does|can|should|doesn't|isn't|must)\b", rest, re.IGNORECASE
    ):
        return "request"
    if len(rest) < len(text) and not _QUESTION.match(text):
        return "request"
    if rest.rstrip().endswith("?"):
        return "question"
    if NEED.search(text):
        return "request"
    return "statement"
