"""Pieces of a clause as text: the object's noun phrase, what stands after a preposition, proper names, singular forms."""

from __future__ import annotations

import re

from macae.llm.offline.words import fold, lexicon

__all__ = ["after", "noun_phrase", "proper_names", "singular", "strip_articles", "trim"]

_ARTICLE = re.compile(
    r"^(?:(?:a|an|the|our|my|your|his|her|their|its|this|that|these|those|some|any|all|all of|each|every|new|additional|extra|another|more|other|of|for|current|existing|me|us|him|them)\b\s*)+",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\s*(?:[.;!?\n(]|,(?!\d)|\b(?:for|to|with|from|by|at|on|in|into|about|as|regarding|concerning|until|till|before|after|because|since|so that|who|which|whose|where|when|while|via|through|using|starting|beginning|per|and then|then|under|within|between|costing|priced|worth|is|are|has|have|needs?|immediately|asap|please|off|again|today|tomorrow)\b).*$",
    re.IGNORECASE | re.DOTALL,
)
_PROPER = re.compile(
    r"(?<![\w@])[A-Z0-9][\w+&.'-]*(?:[ ](?:[A-Z0-9][\w+&'-]*|of(?= [A-Z])|and(?= [A-Z])|the(?= [A-Z])|(?:for|to)(?= [A-Z][a-z])|GB|MB))*(?!\w)"
)


def strip_articles(text: str) -> str:
    """Without the articles and pronouns that open a phrase."""
    return _ARTICLE.sub("", text.strip()).strip(" ,.;:!?\"'“”")


def noun_phrase(text: str) -> str:
    """The noun phrase that a text opens with, up to the first preposition or break."""
    return strip_articles(_STOP.sub("", strip_articles(text)))


def after(text: str, *openers: str, whole: bool = False) -> str:
    """What follows one of some openers ("about", "regarding"): the noun phrase, or with `whole` all of the rest."""
    match = re.search(
        r"(?<!\w)(?:" + "|".join(openers) + r")(?!\w)[:\s]+(?P<rest>.+)$", text, re.IGNORECASE | re.DOTALL
    )
    if match is None:
        return ""
    return trim(match["rest"]) if whole else noun_phrase(match["rest"])


def trim(text: str) -> str:
    """Without quotes, spaces and closing marks at the ends."""
    return text.strip(" \t\n,.;:!?\"'“”«»").strip()


def proper_names(text: str, start: int = 0) -> list[tuple[str, int]]:
    """The capitalised names in a text and where they stand; a sentence's first word counts only when it isn't a plain word."""
    found = []
    for match in _PROPER.finditer(text):
        name, at = _cut(match[0].rstrip(".'"), text[match.end() :]), match.start()
        opening = not text[:at].strip() or bool(re.search(r"[.!?:]\s*$", text[:at]))
        while name:
            first = name.split(" ")[0]
            plain = (
                fold(first) in lexicon().verbs
                or fold(first) in lexicon().stop
                or (fold(first) in lexicon().known and opening)
            )
            if not plain or first.isdigit():
                break
            name, at = name[len(first) + 1 :], at + len(first) + 1
            opening = False
        name = re.sub(r"'s?$", "", name)
        if (
            name
            and any(c.isalpha() for c in name)
            and not (name[0].isdigit() and " " not in name and not re.search(r"[A-Z]", name))
        ):
            found.append((name, start + at))
    return found


_JOINED = re.compile(r" (?:for|to) (?=(?P<next>[A-Z]\w+))")


def _cut(name: str, behind: str) -> str:
    """A name without the count that stands behind it ("Contoso Watch 15 percent"), and without a place, a person, a department or a
    day that only follows it ("Figma for Marketing")."""
    from macae.llm.offline.entities import names_other

    if re.match(
        r"\s?(?:%|per ?cent|dollars?|euros?|usd|pounds?|days?|weeks?|months?|times)\b|\s?%",
        behind,
        re.IGNORECASE,
    ):
        name = re.sub(r" \d[\d.,]*$", "", name)
    for match in _JOINED.finditer(name):
        if names_other(match["next"]) or names_other(name[: match.start()].split(" ")[-1]):
            return name[: match.start()]
    return "" if re.match(r"I(?:'|$)", name) and " " not in name else name


_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "knives": "knife",
    "shelves": "shelf",
    "feet": "foot",
    "loaves": "loaf",
}


def singular(phrase: str) -> str:
    """A noun phrase with its last word in the singular."""
    head, _, last = phrase.rpartition(" ")
    low = last.lower()
    if low in _IRREGULAR:
        last = _IRREGULAR[low]
    elif low.endswith("ies") and len(low) > 4 and low not in ("series", "movies", "cookies", "brownies"):
        last = last[:-3] + "y"
    elif low.endswith(("sses", "shes", "ches", "xes", "zes")):
        last = last[:-2]
    elif (
        low.endswith("s")
        and not low.endswith(("ss", "us", "is", "'s"))
        and len(low) > 3
        and low
        not in (
            "headphones",
            "series",
            "news",
            "glasses",
            "scissors",
            "windows",
            "teams",
            "sales",
            "supplies",
        )
    ):
        last = last[:-1]
    return f"{head} {last}".strip()
