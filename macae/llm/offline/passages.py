"""The sources that a prompt gives to answer from: found by tags, labels or numbers, whatever the wording around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from macae.llm.offline.prompt import Prompt

__all__ = ["Given", "Passage", "read_given"]

_NOUN = r"(?:context|sources?|documents?|docs?|passages?|excerpts?|extracts?|chunks?|snippets?|knowledge(?: base)?|background|references?|evidence|search results?|results?|memory content|information|facts|material|policies|handbook)"
_TAG = re.compile(
    rf"<(?P<tag>{_NOUN}|data|text)\b[^>\n]*>(?P<body>.*?)</(?P=tag)>", re.DOTALL | re.IGNORECASE
)
_OPEN = re.compile(
    rf"^[ \t]*(?:#{{1,6}}[ \t]*|\*\*|[-=]{{2,}}[ \t]*)?(?:[A-Za-z'’]+[ \t]+){{0,6}}?{_NOUN}\b[^\n:?.\[\]\d]{{0,60}}:\**[ \t]*(?:\n|(?=\S))",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERED = re.compile(
    rf"^[ \t]*(?:\[1\][ \t:.)-]*\S|\**{_NOUN}[ \t]*#?[ \t]*\[?1\]?\**[ \t]*[:.)–—-])",
    re.IGNORECASE | re.MULTILINE,
)
_ASKS = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*|[-=]{2,}[ \t]*)?(?:(?:the|my|your|new|user['’]?s?|customer['’]?s?|employee['’]?s?|original)[ \t]+)*(?:question|query|q|user|employee|customer|task|goal|request)(?: (?:asked|to answer|is))?\**[ \t]*:\**[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_CLAIM = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*|[-=]{2,}[ \t]*)?(?:(?:the|this|my|your|given|proposed|draft|model['’]?s?|assistant['’]?s?)[ \t]+)*(?:answer|claim|statement|draft|reply|response)s?(?: (?:to (?:check|verify|be checked)|given|under review))?\**[ \t]*:\**[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_MARK = re.compile(
    rf"^[ \t]*(?:[-*•][ \t]+)?(?:\[(?P<a>\d{{1,3}})\]|\((?P<b>\d{{1,3}})\)|(?P<c>\d{{1,3}})[.)](?=[ \t])|\**{_NOUN}[ \t]*#?[ \t]*\[?(?P<d>\d{{1,3}})\]?\**(?=[ \t]*[:.)(–—-]|[ \t]*$))[ \t]*[:.)–—-]*\**[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)
_TELLS = re.compile(
    rf"\b(?:answer\w*|repl(?:y|ies)|respond\w*|use|using|based (?:up)?on|according to|from|only|check\w*|verify|fact|support\w*)\b[^\n]{{0,80}}\b{_NOUN}\b|\b{_NOUN}\b[^\n]{{0,80}}\b(?:answer|repl(?:y|ies)|respond|question|support\w*|only|cite|name them)\b",
    re.IGNORECASE,
)
LONGEST_TITLE = 160


@dataclass(frozen=True)
class Passage:
    """One source: its number as the prompt gives it (or its place), its title where it has one, its text."""

    number: int
    title: str
    text: str


@dataclass(frozen=True)
class Given:
    """A question with its sources. `told`: the words around them. `claim`: an answer that is to be checked, or empty."""

    question: str
    passages: tuple[Passage, ...]
    told: str
    claim: str = ""

    @property
    def plain(self) -> bool:
        """Whether the words around say that the sources are to be used (and not only that some text is there)."""
        return bool(_TELLS.search(self.told))


def read_given(prompt: Prompt) -> Given | None:
    """The sources of a prompt and what is asked of them; None where it gives no sources."""
    said = [turn for turn in prompt.turns if turn.role == "user"]
    user = said[-1].text if said and not prompt.ended else prompt.text
    for text, other in ((user, prompt.system), (prompt.system, user)):
        span = _span(text)
        if span is None:
            continue
        start, end, body = span
        passages = _split(body)
        if not passages:
            continue
        before, after = text[:start], text[end:]
        rest = f"{before}\n{after}"
        question, around = _question(rest if text is user else other, text is not user)
        claim = _after(_CLAIM, after) or _after(_CLAIM, other if text is not user else before)
        return Given(question, tuple(passages), f"{around}\n{other if text is user else rest}", claim)
    return None


def _span(text: str) -> tuple[int, int, str] | None:
    """Where the sources stand: start, end, and what is inside."""
    tags = list(_TAG.finditer(text))
    if tags:
        bodies = [tag["body"] for tag in tags]
        inner = [tag["body"] for tag in _TAG.finditer(bodies[0])] if len(tags) == 1 else []
        bodies = inner or bodies
        inside = bodies[0] if len(bodies) == 1 else "\n".join(f"[{n}] {b.strip()}" for n, b in enumerate(bodies, 1))  # fmt: skip
        return tags[0].start(), tags[-1].end(), inside
    opened = _OPEN.search(text) or _NUMBERED.search(text)
    if opened is None:
        return None
    start = opened.end() if opened.re is _OPEN else opened.start()
    ends = [m.start() for p in (_ASKS, _CLAIM) for m in p.finditer(text, start)]
    last_mark = max((m.start() for m in re.finditer(r"^[ \t]*\[\d{1,3}\]", text[start:], re.MULTILINE)), default=0)  # fmt: skip
    later = [at for at in ends if at >= start + last_mark]  # a label inside an early source is no end
    end = min(later, default=len(text))
    return opened.start(), end, text[start:end]


def _split(body: str) -> list[Passage]:
    """The passages of a text: by rising numbers, else by rules and empty lines."""
    found: list[tuple[int, int, int]] = []
    for mark in _MARK.finditer(body):
        number = int(next(g for g in mark.groups() if g))
        last = found[-1][0] if found else 0
        if number == last + 1 or (mark["a"] and number > last):  # of [n] some may have been left out
            found.append((number, mark.start(), mark.end()))
    if found:
        ends = [start for _, start, _ in found[1:]] + [len(body)]
        pieces = [(number, body[at:end]) for (number, _, at), end in zip(found, ends, strict=True)]
    else:
        parts = re.split(r"\n[ \t]*(?:-{3,}|={3,}|\*{3,})[ \t]*\n", body)
        if len(parts) == 1:
            parts = re.split(r"\n[ \t]*\n|\n(?=[-*•] )", body)
        pieces = list(enumerate((p for p in parts if p.strip()), 1))
    return [p for number, piece in pieces if (p := _passage(number, piece)).text or p.title]


def _passage(number: int, piece: str) -> Passage:
    text = _QUOTE.sub("", piece.strip().strip('"“”'))
    first, _, rest = text.partition("\n")
    titled = rest.strip() and len(first) <= LONGEST_TITLE and not re.search(r"[.!?;|]\s*$", first)
    return Passage(number, first.strip("# *:"), rest.strip()) if titled else Passage(number, "", text.strip())


def _question(text: str, alone: bool) -> tuple[str, str]:
    """What is asked, and the words around it."""
    labels = list(_ASKS.finditer(text))
    if labels:
        label = labels[-1]
        asked = text[label.end() :]
        for pattern in (_CLAIM, _OPEN):
            cut = pattern.search(asked)
            if cut is not None:
                asked = asked[: cut.start()]
        line = asked.strip().split("\n\n")[0]
        return " ".join(line.split()), text.replace(asked, "\n")
    if alone:
        return " ".join(text.split()), ""
    asked_lines = [s.strip() for s in re.split(r"(?<=[.!?:])\s+|\n+", text) if s.strip().endswith("?")]
    if asked_lines:
        return asked_lines[-1], text.replace(asked_lines[-1], "\n")
    kept = [line.strip() for line in text.splitlines() if line.strip() and not _TELLS.search(line)]
    return " ".join(kept[-1:]), text


def _after(label: re.Pattern[str], text: str) -> str:
    """What stands behind a label, up to the next one."""
    match = label.search(text)
    if match is None:
        return ""
    rest = text[match.end() :]
    cut = _ASKS.search(rest)
    return _QUOTE.sub("", rest[: cut.start()] if cut else rest).strip()
