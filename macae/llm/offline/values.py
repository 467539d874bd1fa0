"""Read one value out of a scope by what the parameter means: people, departments, companies, dates, numbers, references."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.entities import PREFIXES, Span
from macae.llm.offline.facts import Facts
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.numbers import Length, find_lengths
from macae.llm.offline.phrases import proper_names
from macae.llm.offline.scope import Scope
from macae.llm.offline.words import data, fold, related, stem

__all__ = ["READERS"]

Reader = Callable[[Param, Meaning, Scope, ToolCard], Any]


def _role_words(noun: str) -> str:
    """The words that stand for a role in running text: mentor → mentor, buddy, mentoring."""
    near = {n for n, c in related(stem(noun)).items() if c >= 0.8} if noun else set()
    forms = {
        re.escape(n[:-1]) + r"[iy]" if n.endswith("i") else re.escape(n)
        for n in {*near, fold(noun)}
        if len(n) > 2
    }
    return "|".join(sorted(f + r"\w{0,4}" for f in forms)) or r"\0"


def _has_part(text: str, person: Span, noun: str) -> bool:
    """Whether the text gives a person a part: "Bob as mentor", "mentor Bob", "her mentor is Bob", "Bob will mentor her"."""
    role = _role_words(noun)
    before, behind = text[: person.start], text[person.end :]
    return bool(
        re.match(
            rf"(?:'s)?,? (?:(?:is|will be|be|becomes?|acts?|serves?|should be|can be|as|to be) )+(?:(?:a|an|the|her|his|their|our|new) )*(?:{role})\b",
            behind,
            re.I,
        )
        or re.match(rf" (?:will|can|should|to|shall) (?:{role})\b", behind, re.I)
        or re.match(rf" (?:the|a|an|her|his|their|our)(?: new)? (?:{role})\b", behind, re.I)
        or re.search(
            rf"\b(?:{role})(?: (?:is|will be|should be|named|called|be|=)|:)? (?:(?:mr|mrs|ms|dr)\.? )?$",
            before,
            re.I,
        )
        or (
            noun in ("manager", "boss", "supervisor", "lead")
            and re.search(r"\b(?:report(?:s|ing)? to|under|led by|managed by) $", before, re.I)
        )
        or (noun == "mentor" and re.search(r"\bmentor(?:ed|ing)? (?:by|from) $", before, re.I))
        or (
            noun in ("signer", "approver", "author", "reviewer", "sender")
            and re.search(rf"\b(?:{role}|signed|approved|written|reviewed|sent)\w* by $", before, re.I)
        )
        or (noun in ("recipient", "receiver", "to") and re.search(r"\bto $", before, re.I))
        or (
            noun in ("owner", "assignee", "responsible")
            and re.search(
                r"\b(?:owned by|owner|responsible|assigned to|assign (?:it|this) to) $", before, re.I
            )
        )
    )


_PARTS = (
    "mentor",
    "manager",
    "buddy",
    "supervisor",
    "trainer",
    "signer",
    "approver",
    "owner",
    "boss",
    "reviewer",
    "interviewer",
)


def read_person(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A person's name. A special part (mentor) needs a cue in the text; the person a call is about is who has no other part."""
    text = scope.facts.text
    for facts in scope.layers():
        people = [p for p in facts.of("person") if scope.free(p.start, p.end)]
        if not meaning.generic:
            found = next((p for p in people if _has_part(text, p, meaning.noun)), None)
            if found is None and meaning.noun in ("mentor", "buddy", "trainer", "coach"):
                found = next(
                    (p for p in people if re.match(r"(?:'s)? (?:as )?(?:mentor|buddy)", text[p.end :], re.I)),
                    None,
                )
            if found is not None:
                scope.take(found.start, found.end)
                return found.value
            continue
        if facts is not scope.near and not param.required and scope.of_myself and not scope.of_them:
            return None
        others = [
            p for p in people if not any(_has_part(text, p, part) for part in _PARTS if part != meaning.noun)
        ]
        if facts is scope.facts and facts is not scope.near:
            before = [p for p in others if p.end <= scope.start]
            others = (
                before[-1:]
                if scope.of_them and before
                else others[:1]
                if (param.required or scope.generous or scope.of_them)
                else []
            )
        cued = [
            p
            for p in others
            if re.search(rf"\b(?:{_role_words(meaning.noun)}|to|for|named|of),? $", text[: p.start], re.I)
        ]
        choice = (cued if len(others) > 1 else others) or others
        if choice:
            chosen = choice[0] if not (len(cued) > 1 and meaning.noun == "employee") else cued[0]
            scope.take(chosen.start, chosen.end)
            return chosen.value
    if not meaning.generic:
        left = [p for p in scope.near.of("person") if scope.free(p.start, p.end)]
        if left and param.required:
            scope.take(left[0].start, left[0].end)
            return left[0].value
    if meaning.generic and (
        "mail" in param.description or meaning.noun in ("person", "customer", "user", "who")
    ):
        addresses = [e for e in scope.near.of("email") if scope.free(e.start, e.end)]
        if addresses:
            scope.take(addresses[0].start, addresses[0].end)
            return addresses[0].value
    if (
        (param.default == "me" or meaning.generic)
        and param.required
        and scope.of_myself
        and not scope.of_them
        and param.default is not None
    ):
        return "me"
    return None


def read_people(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """All people named in the clause."""
    people = [p.value for p in scope.near.of("person")] or [p.value for p in scope.facts.of("person")]
    return list(dict.fromkeys(people)) or None


def read_audience(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """Whom something reaches: a department, people, addresses, or "everyone"."""
    for facts in scope.layers():
        if facts is not scope.near and not param.required and not scope.of_them:
            return None
        addresses = [e.value for e in facts.of("email") if scope.free(e.start, e.end)]
        people = list(dict.fromkeys(p.value for p in facts.of("person") if scope.free(p.start, p.end)))
        units = list(dict.fromkeys(d.value for d in facts.of("department") if _is_unit(scope, d)))
        found = addresses or [*units, *people]
        if found:
            return found if param.type == "array" else ", ".join(found)
        group = re.search(
            r"\b(?:all (?:staff|employees|customers|colleagues|users|managers|subscribers|(?:business|consumer|existing|new|premium) customers)|everyone|everybody|the whole (?:company|team|department)|consumers|businesses|(?:existing|new|business|premium) customers)\b",
            scope.clause,
            re.I,
        )
        if group and facts is scope.near:
            return [group[0]] if param.type == "array" else group[0]
    if param.required and scope.of_myself:
        return ["me"] if param.type == "array" else "me"
    return None


def _is_unit(scope: Scope, span: Span) -> bool:
    """Whether a department's name stands for the department, not for a kind of thing ("a marketing campaign", "IT ticket")."""
    text = scope.facts.text
    behind = re.match(r"'?s? ?(\w+)", text[span.end :])
    word = fold(behind[1]) if behind else ""
    if word in (
        "team",
        "department",
        "dept",
        "division",
        "group",
        "staff",
        "colleagues",
        "people",
        "budget",
        "employees",
        "unit",
        "folks",
        "members",
    ):
        return True
    said = text[span.start : span.end]
    before = text[: span.start]
    led = bool(
        re.search(
            r"\b(?:for|to|from|in|of|by|with|the|and|between|our|at|tell|inform|notify|invite|train|teach|remind|onboard|message|thank|into|is|department:?|team:?)(?: the)? $|, $|^$",
            before,
            re.I,
        )
    )
    closes = (
        not word
        or not text[span.end : span.end + 1].isspace()
        or word
        in (
            "and",
            "for",
            "to",
            "on",
            "by",
            "in",
            "from",
            "with",
            "next",
            "at",
            "about",
            "that",
            "starting",
            "as",
            "has",
            "have",
            "is",
            "are",
            "will",
            "left",
            "or",
            "this",
            "tomorrow",
            "needs",
            "need",
            "who",
            "because",
            "some",
            "a",
            "the",
            "before",
            "until",
            "please",
            "still",
        )
    )
    return led and closes and (said[:1].isupper() or closes)


def read_department(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A department's name; with a side (from_, to_) the one that stands after that word."""
    for facts in scope.layers():
        units = [d for d in facts.of("department") if scope.free(d.start, d.end) and _is_unit(scope, d)]
        if meaning.side:
            word = r"(?:from|of|out of)" if meaning.side == "start" else r"(?:to|into|towards?)"
            sided = [
                d
                for d in units
                if re.search(
                    rf"\b{word}(?: the| our)? (?:budget of )?(?:the )?$", scope.facts.text[: d.start], re.I
                )
            ]
            other = r"(?:to|into|towards?)" if meaning.side == "start" else r"(?:from|of|out of)"
            units = sided or [
                d
                for d in units
                if not re.search(rf"\b{other}(?: the| our)? $", scope.facts.text[: d.start], re.I)
            ]
        if units:
            scope.take(units[0].start, units[0].end)
            return units[0].value
        named = re.search(
            r"\b(?:department|team|division)(?: of| named| called|:)? ([A-Z]\w+(?: [A-Z]\w+)?)|\b([A-Z][\w&]+(?: [A-Z][\w&]+)?) (?:department|team|division)\b",
            scope.clause,
        )
        if named and facts is scope.near and not meaning.side:
            return named[1] or named[2]
        if not (param.required or scope.generous) and facts is scope.near and scope.start > 0:
            continue
        if not (param.required or scope.generous):
            return None
    return None


def read_company(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A company's name: a proper name that is no person's first choice, after "with", "from", "by" if there is a choice."""
    firsts = set(data("lexicon.yaml")["first_names"].split())
    for start, end in [(scope.start, scope.end), (0, len(scope.facts.text))]:
        text = scope.facts.text[start:end]
        names = [
            (n, at)
            for n, at in proper_names(text, start)
            if scope.free(at, at + len(n))
            and not re.fullmatch(r"[A-Z]{1,5}-?\d+|[A-Z]{2,4}s?", n)
            and not any(d.start <= at < d.end for d in scope.facts.dates)
        ]
        names = [
            (n, at)
            for n, at in names
            if not any(d.start <= at < d.end for d in scope.facts.of("department", "email", "quote"))
        ]
        best = sorted(
            names,
            key=lambda na: (
                fold(na[0].split()[0]) in firsts,
                not re.search(
                    r"\b(?:with|from|by|and|to|against|of|vs|versus|for|supplier|company|vendor|partner) $",
                    scope.facts.text[: na[1]],
                    re.I,
                ),
            ),
        )
        if best:
            scope.take(best[0][1], best[0][1] + len(best[0][0]))
            return best[0][0]
        if not param.required:
            return None
    return None


def read_date(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A day as YYYY-MM-DD (a datetime gets its time); the end of a span may come from its start and its length."""
    for i, facts in enumerate(scope.layers()):
        if facts is scope.facts and i and not (param.required or scope.generous):
            return None
        dates = [d for d in facts.dates if scope.free(d.start, d.end)]
        sided = [d for d in dates if d.role == meaning.side] if meaning.side else dates
        if meaning.side == "start":
            sided = sided or [d for d in dates if not d.role] or [d for d in facts.dates if d.role == "start"]
        elif meaning.side == "end":
            lengths = facts.lengths
            begun = next((d for d in facts.dates if d.role != "end"), None)
            if not sided and lengths and begun is not None and lengths[0].days >= 1:
                from datetime import timedelta

                return (begun.day + timedelta(days=round(lengths[0].days) - 1)).isoformat()
            pair = facts.dates[:2]
            if (
                not sided
                and len(pair) == 2
                and pair[1] in dates
                and re.fullmatch(
                    r"\s*(?:and|to|-|–|until)?\s*", scope.facts.text[pair[0].end : pair[1].start]
                )
            ):
                sided = [pair[1]]
            other = any(p.name != param.name and ("start" in p.name or "from" in p.name) for p in tool.params)
            sided = sided or ([] if other else dates)
        if sided:
            found = sided[0]
            scope.take(found.start, found.end)
            day = found.day.isoformat()
            if param.type == "datetime":
                times = facts.times or scope.facts.times
                return f"{day}T{times[0].at if times else '09:00'}:00"
            return day
    return None


def read_time(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A time of day as HH:MM."""
    for facts in scope.layers() if param.required or scope.generous else [scope.near]:
        times = [t for t in facts.times if scope.free(t.start, t.end)]
        if times:
            chosen = times[-1] if meaning.side == "end" and len(times) > 1 else times[0]
            scope.take(chosen.start, chosen.end)
            return chosen.at
    return None


def _lengths_in_dates(facts: Facts) -> list[Length]:
    """The lengths in "within 60 days", which otherwise counts as a date."""
    found = []
    for day in facts.dates:
        found += [Length(x.value, x.unit, day.start, day.end) for x in find_lengths(day.text)]
    return found


def read_length(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A length of time in the parameter's unit (text as it was written where no unit is known)."""
    for facts in scope.layers() if param.required else [scope.near]:
        for length in [*facts.lengths, *_lengths_in_dates(facts)]:
            if not scope.free(length.start, length.end):
                continue
            if not meaning.unit:
                return scope.facts.text[length.start : length.end] if param.type == "string" else length.value
            if meaning.unit == length.unit:
                value: float = length.value
            elif {meaning.unit, length.unit} == {"month", "year"}:
                value = length.value * 12 if meaning.unit == "month" else length.value / 12
            else:
                unit_days = {
                    "minute": 1 / 1440,
                    "hour": 1 / 24,
                    "day": 1.0,
                    "week": 7.0,
                    "month": 30.0,
                    "year": 365.0,
                }
                value = length.days / unit_days[meaning.unit]
            scope.take(length.start, length.end)
            return round(value, 2)
        if param.required and meaning.unit:
            number = re.search(rf"\b(\d+)\s*{meaning.unit}", scope.facts.text, re.I)
            if number:
                return int(number[1])
    return None


_PERCENT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:%|percent\b|per cent\b|prozent\b)|\b(half)(?: price| off)", re.IGNORECASE
)


def read_percent(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A percentage as a number: 15% is 15."""
    match = _PERCENT.search(scope.clause) or (_PERCENT.search(scope.facts.text) if param.required else None)
    if match is None:
        return None
    return 50.0 if match[2] else float(match[1].replace(",", "."))


def read_amount(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A sum of money as a number (for text: as it was written); a required one may lack its currency."""
    for facts in scope.layers() if param.required or scope.generous else scope.layers()[:-1]:
        amounts = [a for a in facts.amounts if scope.free(a.start, a.end)]
        if amounts:
            chosen = amounts[0]
            if scope.generous and not param.required and not re.search(rf"\b{re.escape(meaning.noun.split()[0] if meaning.noun else 'amount')}", scope.facts.text, re.I):
                return None  # a sum of the whole job is not this step's unless it is called so
            if len(amounts) > 1 and meaning.noun:
                cued = [
                    a
                    for a in amounts
                    if re.search(
                        rf"\b{re.escape(meaning.noun.split()[0])}\w*(?: \w+){{0,3}} $",
                        scope.facts.text[: a.start],
                        re.I,
                    )
                ]
                chosen = (cued or amounts)[0]
            scope.take(chosen.start, chosen.end)
            return (
                chosen.value
                if param.type in ("number", "integer")
                else scope.facts.text[chosen.start : chosen.end]
            )
    if param.required or re.search(
        rf"\b(?:{re.escape(meaning.noun or 'price')}|budget|price|salary|cost|worth)\b", scope.clause, re.I
    ):
        bare = re.search(
            r"\b(?:to|of|for|at|is|costs?|costing|price|=|:|worth|salary|budget) (?:about )?(\d[\d.,']*\d|\d)(?![\w%-])",
            scope.clause,
        )
        if bare and not re.match(
            r" (?:days?|weeks?|months?|hours?|minutes?|people|laptops?|units?)", scope.clause[bare.end() :]
        ):
            from macae.llm.offline.numbers import number_of

            return number_of(bare[1])
    return None


def read_quantity(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A count; "a laptop" is one when a count is required."""
    for facts in scope.layers() if param.required else [scope.near]:
        counts = [q for q in facts.quantities if scope.free(q.start, q.end)]
        strong = [q for q in counts if not q.weak]
        if meaning.noun and len(strong) > 1:
            noun = stem(meaning.noun.split()[-1])
            strong = [
                q
                for q in strong
                if any(stem(fold(w)) == noun for w in scope.facts.text[q.end : q.end + 40].split()[:3])
            ] or strong
        if strong:
            scope.take(strong[0].start, strong[0].end)
            return strong[0].value
        if counts and param.required and facts is scope.near:
            return 1
    return None


def read_reference(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A reference such as PO-1042: one whose letters or whose noun fit the parameter before any other."""
    wanted = {stem(w) for w in meaning.noun.split()} | {
        stem(w) for w in ([meaning.noun] if not meaning.noun else [])
    }

    def fits(span: Span) -> int:
        letters = re.match(r"[A-Za-z]*", span.value)
        said = {stem(w) for w in PREFIXES.get(letters[0].lower() if letters else "", "").split()}
        before = {
            stem(fold(w))
            for w in re.findall(r"[A-Za-z]+", scope.facts.text[max(0, span.start - 25) : span.start])[-2:]
        }
        return 2 * bool(said & wanted or (letters and letters[0].lower() in meaning.noun.split())) + bool(
            before & wanted
        )

    for facts in scope.layers() if param.required else [scope.near]:
        spans = [s for s in facts.of("reference") if scope.free(s.start, s.end)]
        spans.sort(key=lambda s: (-fits(s), s.start))
        if spans and (fits(spans[0]) or param.required or len(scope.near.of("reference")) == 1):
            scope.take(spans[0].start, spans[0].end)
            value = spans[0].value
            return value if param.type != "integer" else int(re.sub(r"\D", "", value) or 0)
    return None


def read_email(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """An e-mail address."""
    for facts in scope.layers() if param.required or scope.generous else [scope.near]:
        spans = [s for s in facts.of("email") if scope.free(s.start, s.end)]
        if spans:
            scope.take(spans[0].start, spans[0].end)
            return spans[0].value
    return None


def read_phone(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A telephone number."""
    return next((s.value for s in scope.near.of("phone") or scope.facts.of("phone")), None)


def read_link(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    """A web address."""
    return next((s.value for s in scope.near.of("link") or scope.facts.of("link")), None)


READERS: dict[str, Reader] = {
    "person": read_person, "people": read_people, "audience": read_audience, "department": read_department, "company": read_company, "date": read_date,
    "time": read_time, "length": read_length, "percent": read_percent, "amount": read_amount, "quantity": read_quantity, "rating": read_quantity,
    "reference": read_reference, "email": read_email, "phone": read_phone, "link": read_link,
}  # fmt: skip
