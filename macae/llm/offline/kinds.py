"""What a parameter means, judged by its name, its type and what is said of it: a person, a date, an amount, a topic, …"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from macae.llm.offline.cards import Param
from macae.llm.offline.words import split_identifier, word_set, words

__all__ = ["Meaning", "meaning_of", "told_choices"]

What = Literal[
    "person", "people", "department", "audience", "company", "date", "time", "length", "amount", "percent", "quantity", "email", "phone", "link", "reference",
    "place", "boolean", "choice", "item", "title", "topic", "body", "query", "reason", "role", "expression", "slot", "field", "value", "type", "rating",
]  # fmt: skip
Side = Literal["start", "end", ""]


@dataclass(frozen=True)
class Meaning:
    """What a parameter means. `noun`: the thing it speaks of (mentor, invoice); `side`: the start or end of a span or a transfer."""

    what: What
    noun: str = ""
    side: Side = ""
    unit: str = ""
    generic: bool = False
    """For a person: the one that the call is about, not a special part (mentor, manager)."""


_UNITS = {"minutes": "minute", "minute": "minute", "mins": "minute", "hours": "hour", "hour": "hour", "days": "day", "weeks": "week", "months": "month", "years": "year"}  # fmt: skip


@lru_cache(maxsize=2048)
def told_choices(description: str) -> tuple[str, ...]:
    """The values that a description lists: "vacation, sick or parental" (also behind a colon)."""
    head = re.split(r"[;.]|\bdefault\b", description, maxsplit=1)[0]
    head = head.rsplit(":", 1)[-1].strip()
    parts = [p.strip(" '\"") for p in re.split(r",\s*(?:or\s+)?|\s+or\s+|\s*\|\s*|/", head)]
    if len(parts) < 2 or (" or " not in head and "|" not in head and "/" not in head):
        return ()
    return tuple(parts) if all(p and len(p.split()) <= 2 and not p.startswith("e.g") for p in parts) else ()


@lru_cache(maxsize=2048)
def meaning_of(param: Param, tool_words: tuple[str, ...] = ()) -> Meaning:
    """What a parameter means; `tool_words` are those of the tool's name."""
    name = split_identifier(param.name)
    tokens = set(name)
    told = set(words(param.description))
    numeric = param.type in ("integer", "number")
    side: Side = "start" if tokens & word_set("starts") else "end" if tokens & word_set("ends") else ""
    if param.choices:
        return Meaning("choice", name[-1])
    if param.type == "boolean":
        return Meaning("boolean", " ".join(name))
    if (
        param.type in ("date", "datetime")
        or (
            (
                tokens
                & {
                    "date",
                    "day",
                    "deadline",
                    "until",
                    "when",
                    "datetime",
                    "birthday",
                    "start",
                    "end",
                    "expiry",
                    "starting",
                    "since",
                    "expires",
                }
            )
            and not numeric
            and "time" not in tokens
        )
        or (
            not numeric
            and re.search(r"\b(?:yyyy|iso date|date of)\b", param.description, re.I)
            and "value" not in tokens
        )
    ):
        return Meaning("date", " ".join(n for n in name if n != "date"), side)
    if param.type == "time" or ("time" in tokens and not numeric):
        return Meaning("time", " ".join(name), side)
    if (
        tokens & {"percent", "percentage", "pct"}
        or ("discount" in tokens and numeric)
        or ("rate" in tokens and numeric)
    ):
        return Meaning("percent", name[0])
    unit = next((_UNITS[t] for t in name if t in _UNITS), "")
    if unit or (tokens & {"duration", "length", "period"} and not tokens & {"unit"}):
        return Meaning(
            "length", " ".join(name), side, unit or ("minute" if numeric and "duration" in tokens else "")
        )
    if "rating" in tokens or "score" in tokens or "stars" in tokens:
        return Meaning("rating", name[-1])
    if (
        name[-1] in ("id", "number", "no", "nr", "code", "ref", "reference", "key", "uuid", "sku")
        and not (numeric and name[0] in ("number",) and len(name) == 1)
        and "phone" not in tokens
    ):
        return Meaning("reference", " ".join(name[:-1]))
    if (
        numeric
        and (
            tokens & word_set("amounts")
            or (param.type == "number" and not tokens & {"quantity", "count", "number", "qty"})
        )
        and not (param.type == "integer" and tokens == {"amount"})
    ):
        return Meaning("amount", " ".join(n for n in name if n not in ("usd", "eur", "gbp")), side)
    if numeric:
        return Meaning(
            "quantity",
            " ".join(
                n for n in name if n not in ("quantity", "number", "count", "num", "of", "qty", "total")
            ),
        )
    if tokens & {"email", "mail", "mailbox"} and not tokens & (
        word_set("titles") | word_set("texts") | {"type", "campaign", "template", "list"}
    ):
        return Meaning("email", " ".join(n for n in name if n not in ("email", "address", "mail")))
    if name == ("address",) and ({"email", "mailbox", "mail"} & (set(tool_words) | told)):
        return Meaning("email", "mailbox")
    if tokens & {"phone", "telephone", "mobile", "fax"} and not tokens & {"plan", "model"}:
        return Meaning("phone", "phone")
    if tokens & {"url", "link", "website", "uri", "href"}:
        return Meaning("link", "link")
    if tokens & {"audience", "attendees", "participants", "recipients", "invitees", "guests"} or (
        name in (("to",), ("recipient",)) and not numeric
    ):
        return Meaning("audience", name[-1])
    if (
        tokens & {"department", "team", "division", "dept", "group", "unit"}
        and not tokens & word_set("parts") - {"name"}
        and not numeric
    ):
        return Meaning("department", name[-1], side)
    if (
        tokens & {"role", "position", "profession", "occupation"}
        or (tokens & {"job"} and tokens & {"title", "name"})
        or name == ("job",)
    ):
        return Meaning("role", " ".join(name))
    if tokens & word_set("companies"):
        return Meaning("company", next(iter(n for n in name if n in word_set("companies"))))
    singular = {t.rstrip("s") for t in name}
    role = next((n.rstrip("s") for n in name if n.rstrip("s") in word_set("parts") - {"name"}), "")
    if role and (
        name[-1] in ("name", "names", "fullname")
        or singular <= word_set("parts") | {"new", "for", "full", "assigned", "to"}
    ):
        return Meaning(
            "people" if param.type == "array" else "person", role, side, generic=role in word_set("people")
        )
    if name in (("name",), ("full", "name")) and (
        told & word_set("parts")
        or set(tool_words) & (word_set("parts") | {"onboard", "hire"})
        or "full" in tokens
    ):
        return Meaning("person", "person", generic=True)
    if tokens & word_set("places"):
        return Meaning("place", next(iter(n for n in name if n in word_set("places"))), side)
    if tokens & word_set("slots"):
        return Meaning("slot", next(iter(n for n in name if n in word_set("slots"))))
    if name[-1] in ("type", "kind", "category", "flavor", "flavour", "style", "variety"):
        return Meaning("type", " ".join(name[:-1]))
    if tokens & {"reason", "why", "justification", "cause"}:
        return Meaning("reason", "reason")
    if tokens & {"expression", "formula", "calculation", "equation"}:
        return Meaning("expression", "expression")
    if tokens & {"field", "attribute", "property"}:
        return Meaning("field", name[-1])
    if tokens & {"value"} or (name[0] == "new" and len(name) > 1 and not tokens & {"name"}):
        return Meaning("value", " ".join(n for n in name if n != "value"))
    if tokens & word_set("titles") and "name" not in tokens:
        return Meaning("title", name[-1])
    if tokens & word_set("queries"):
        return Meaning("query", name[-1])
    if tokens & word_set("texts"):
        return Meaning("body", name[-1])
    if tokens & word_set("topics"):
        return Meaning("topic", name[-1])
    if tokens & word_set("amounts") and not tokens & {"value"}:
        return Meaning("amount", name[0], side)
    if tokens & {"quantity", "count", "qty"}:
        return Meaning("quantity", "")
    noun = " ".join(n for n in name if n not in ("name", "the", "of")) or "item"
    return Meaning("item", noun)
