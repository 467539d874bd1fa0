"""What a goal says that its plan does not carry: a limit of money that no argument takes, a person whom no step is about."""

from __future__ import annotations

import re

from macae.llm.offline.drafts import Work
from macae.llm.offline.words import data, fold

__all__ = ["unheard"]

_LIMIT = re.compile(
    r"\b(?:at most|at the most|(?:do )?(?:not|don['’]t|never) (?:to )?(?:exceed|cost more than|spend more than|go (?:over|above))|no more than|not more than"
    r"|(?:a )?maximum(?: of)?|max\.?|less than|below|under|cheaper than|within (?:a|the|our) budget(?: of)?) (?:of )?[$€£]?(?P<n>\d[\d.,]*\d|\d)"
    r"(?! ?(?:%|percent|steps?\b|words?\b))",
    re.IGNORECASE,
)


def unheard(work: Work) -> str:
    """The note that names what was not taken into account, or an empty text."""
    if any(s.tool is None for s in work.steps):
        return ""  # a step in words carries the whole sentence
    held = [v for s in work.steps for v in s.values.values()]
    told = " ".join(str(v) for v in held)
    digits = re.sub(r"(?<=\d)[.,'](?=\d{3}\b)", "", told)
    numbers = {float(v) for v in held if isinstance(v, (int, float))}
    found: list[str] = []
    spans: list[tuple[int, int]] = []
    for amount in work.facts.amounts:
        if amount.value not in numbers and f"{amount.value:g}" not in digits:
            spans.append((amount.start, amount.end))
    for limit in _LIMIT.finditer(work.text):
        number = re.sub(r"[.,]", "", limit["n"])
        spans = [s for s in spans if not limit.start() <= s[0] < limit.end()] + [
            (limit.start(), max([limit.end(), *(e for s, e in spans if limit.start() <= s < limit.end())]))
            for _ in [0]
            if not re.search(rf"\b{number}\b", digits)
        ]
    found += [" ".join(work.text[s:e].split()) for s, e in sorted(spans)]
    spoken = told + " ".join(s.action for s in work.steps)
    firsts = set(data("lexicon.yaml")["first_names"].split())
    found += [
        p.value
        for p in work.facts.of("person")
        if p.value not in spoken and " " in p.value and fold(p.value.split()[0]) in firsts
    ]
    listed = ", ".join(dict.fromkeys(found))
    return f"Not taken into account: {listed[:120]}." if listed else ""
