"""Answers from sources, and checks of answers against sources, as the offline model gives them."""

from __future__ import annotations

import re

from macae.llm.offline.extracting import extract
from macae.llm.offline.passages import Given, Passage, read_given
from macae.llm.offline.prompt import Prompt
from macae.llm.offline.units import units_of
from macae.llm.offline.words import lexicon, related, stem, stems, words
from macae.llm.offline.writing import closing, sentences

__all__ = ["UNKNOWN", "checked", "sourced", "verdict"]

UNKNOWN = "I don't know: the sources given to me do not answer that."
_CHECK = re.compile(
    r"\bfact[- ]?check\w*|\bverif(?:y|ies|ication)\b|\bcheck(?:s|ing|er)?\b[^.\n]{0,60}\b(?:answer|claim|statement|draft|reply|response|each|every|whether|if|against)\b|\b(?:is|are|whether|if)\b[^.\n?]{0,60}\b(?:supported|grounded|faithful|backed|correct|true)\b|\bhallucinat\w+",
    re.IGNORECASE,
)
_SUMMARISE = re.compile(r"\b(?:summari[sz]e|summary|sum up|key points|recap)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"\b(?:sent (?:your|the) answer back|not supported|rejected|answer again|try again|objection)\b",
    re.IGNORECASE,
)
_YES = "SUPPORTED GROUNDED FAITHFUL CORRECT VALID APPROVED APPROVE PASS PASSED ACCEPT ACCEPTED TRUE YES OK ENTAILED CONFIRMED VERIFIED"
_NO = "UNSUPPORTED UNGROUNDED UNFAITHFUL INCORRECT WRONG INVALID REJECTED REJECT FAIL FAILED FALSE NO REVISE REFUTED CONTRADICTED HALLUCINATED HALLUCINATION"
_NUMBER = re.compile(r"(?<![\w.,])\$?\d+(?:[.,]\d+)*")
_NOT = re.compile(r"\b(?:not|never|no|nobody|none|cannot|without|n['’]t)\b", re.IGNORECASE)
OPEN = "Not in the sources"
"""How a part of a question is named that nothing answers."""
HELD = 0.7
"""The share of a statement's words that its source must hold."""


def sourced(prompt: Prompt, sure: bool = False) -> str | None:
    """An answer from the prompt's sources, or the verdict on an answer; None where it does not ask for either.

    `sure`: only where the words around the sources say that they are to be used.
    """
    if prompt.results:
        return None
    given = read_given(prompt)
    if given is None or (not given.question.strip() and not given.claim):
        return None
    if sure and not given.plain:
        return None
    if given.claim and _CHECK.search(given.told):
        return _reply(given)
    if _SUMMARISE.search(given.question) or (not given.question.endswith("?") and _SUMMARISE.search(given.told)):  # fmt: skip
        return None
    return _answer(prompt, given) + closing(prompt)


def checked(prompt: Prompt) -> str | None:
    """What is wrong with the answer that a prompt wants checked: empty when nothing is; None where it wants no check."""
    given = read_given(prompt)
    if given is None or not given.claim or not _CHECK.search(given.told):
        return None
    return verdict(given)


def verdict(given: Given) -> str:
    """The first statement of the claim that its sources do not hold, and why; empty when they hold all."""
    by_number = {passage.number: passage for passage in given.passages}
    for sentence in sentences(given.claim):
        named = [int(n) for group in re.findall(r"\[([\d,; ]+)\]", sentence) for n in re.findall(r"\d+", group)]  # fmt: skip
        bare = re.sub(r"\s*\[[\d,; ]+\]", "", sentence).strip(" .")
        if (
            not re.search(r"\w", bare)
            or bare.startswith(OPEN)
            or re.match(r"(?:i don['’]t know|terminate)\b", bare, re.IGNORECASE)
        ):
            continue
        unknown = [number for number in named if number not in by_number]
        if unknown:
            return f"There is no source [{unknown[0]}]."
        looked = [by_number[number] for number in named] or list(given.passages)
        wrong = _missing(bare, looked)
        if wrong:
            return f"“{bare}”: {wrong}"
    return ""


def _missing(statement: str, passages: list[Passage]) -> str:
    """What of a statement the passages lack, in words; empty when they hold it."""
    text = "\n".join(f"{passage.title}\n{passage.text}" for passage in passages)
    known = {_plain(number) for number in _NUMBER.findall(text)}
    for number in _NUMBER.findall(statement):
        if _plain(number) not in known:
            return f"{number} does not stand there."
    held = {stem(word) for word in words(text)}
    said = [stem(word) for word in words(statement) if word not in lexicon().stop]
    lacking = [word for word in said if not held & set(related(word))]
    if said and len(lacking) > (1 - HELD) * len(said):
        return f"the source does not say “{lacking[0]}”."
    tells = set(said)
    texts = {text for unit in units_of(passages) for text in (unit.text, *sentences(unit.text))}
    alike = [text for text in texts if _alike(set(stems(text)), tells)]
    if alike and all(bool(_NOT.search(text)) != bool(_NOT.search(statement)) for text in alike):
        return "the source says the opposite."
    return ""


def _alike(one: set[str], other: set[str]) -> bool:
    """Whether two sentences say nearly the same words."""
    return len(one & other) >= HELD * max(len(one), len(other), 1)


def _answer(prompt: Prompt, given: Given) -> str:
    mine = [turn.text for turn in prompt.turns if turn.role == "assistant"]
    refused = list(sentences(mine[-1])) if mine and _REFUSED.search(given.told) else []
    found, left = extract(given.question, given.passages, refused)
    if not found:
        return UNKNOWN
    told = [f"{text.rstrip('. ')} [{number}]." for text, number in found]
    return " ".join([*told, *(f"{OPEN}: {part}." for part in left)])


def _reply(given: Given) -> str:
    """The verdict in the words that the prompt asks for."""
    wrong = verdict(given)
    yes = _asked_word(given.told, _YES, "SUPPORTED")
    no = _asked_word(given.told, _NO, "")
    if not no:
        no = "NO" if yes in ("YES", "TRUE") else f"NOT {yes}"
        no = "FALSE" if yes == "TRUE" else no
    return f"{no}: {wrong}" if wrong else yes


def _asked_word(told: str, options: str, default: str) -> str:
    """The first of these words that the prompt writes in capitals or quotes."""
    either = "|".join(options.split())
    match = re.search(rf"(?<![A-Z_])(?:{either})(?![A-Z_])", told)
    quoted = re.search(rf"[\"'“‘`]({either})[\"'”’`:.]", told, re.IGNORECASE)
    found = match[0] if match else quoted[1] if quoted else default
    before = told[: match.start()].rstrip()[-3:].upper() if match else ""
    if match and before == "NOT":
        later = re.search(rf"(?<!NOT )(?<![A-Z_])(?:{either})(?![A-Z_])", told)
        found = later[0] if later else found
    return found


def _plain(number: str) -> str:
    plain = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", number.lstrip("$")).replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
