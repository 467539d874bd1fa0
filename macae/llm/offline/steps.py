"""Go through the clauses of a goal in turn: which ask for something, which only give facts, and what each adds to the plan."""

from __future__ import annotations

import re
from dataclasses import replace

from macae.llm.offline.adding import add_calls, add_other
from macae.llm.offline.arguments import fill
from macae.llm.offline.choosing import best_match, best_with
from macae.llm.offline.clause import Clause
from macae.llm.offline.concepts import evidence
from macae.llm.offline.documents import searches_documents
from macae.llm.offline.drafts import Work
from macae.llm.offline.playing import play
from macae.llm.offline.routing import (
    absurd_words,
    is_absurd,
    is_human_task,
    person_agent,
)
from macae.llm.offline.several import each_object
from macae.llm.offline.words import lexicon, split_identifier, stem, words

__all__ = ["is_negated", "plan_clauses"]

_NOT_TO = re.compile(
    r"(?:please |and |but )*(?:don['’]?t|do not|never|no need to)\b(?! (?:forget|hesitate|worry|let))"
    r"|(?:i|we) (?:don['’]?t|do not|never) (?:want (?:you|anyone|anybody|us|them) to|(?:want|need) any)\b",
    re.IGNORECASE,
)
"""A clause that says what not to do."""
EXPLICIT, TOLD = 0.7, 0.84
"""How well a request fits its tool to be plain; how well a statement must, to ask for something beside a plain request."""
HINTS = 0.65
"""How strongly a statement must speak for a tool to be taken for a request."""


def plan_clauses(work: Work) -> None:
    """Add the steps of each clause in turn."""
    from macae.llm.offline.playbooks import playbook_for

    work.clauses = [_hinting(work, c) for c in work.clauses]
    requests = [c for c in work.clauses if c.mood != "statement"]
    lone = not requests and not any(c.implied for c in work.clauses)
    found = [m for c in requests if (m := best_match(work, c)) is not None]
    asked = {m.tool.name for m in found}
    explicit = any(m.score >= EXPLICIT for m in found)
    booked = False
    barred = -1
    for i, clause in enumerate(work.clauses):
        if clause.start < barred or is_negated(clause):
            continue
        if (
            clause.mood == "statement"
            and is_absurd(clause)
            and not _spoken_of(work, clause)
            and not _planned_before(work, clause)
        ):
            work.unable.append(clause.text.strip())
            stop = re.search(r"[.!?\n]", work.text[clause.end :])
            barred = clause.end + stop.start() if stop else len(work.text)
            continue
        if (
            clause.mood == "statement"
            and not lone
            and (explicit or not (playbook_for(clause) and not booked))
        ):
            match = best_match(work, clause) if clause.implied else None
            if match is None or match.tool.name in asked or (explicit and match.score < TOLD):
                continue
        if i and work.clauses[i - 1].implied and _bare(clause) and not _evident(work, clause):
            continue  # "… get her a new one" goes with what was said before
        if not clause.terms and not _evident(work, clause):
            continue
        if work.steps and clause.mood == "question" and all(t.where == "verb" for t in clause.terms):
            continue  # "… and how much is it?" goes with the question before it
        book = playbook_for(clause) if clause.mood != "statement" or not explicit else None
        best = work.index.match(clause)[:1]
        if (
            book
            and not booked
            and not (
                best
                and best[0].score >= 0.8
                and best[0].precision >= 0.85
                and clause.verb
                and stem(clause.verb) not in book.verbs
            )
        ):
            booked = play(work, clause, book)
            if booked:
                continue
        if clause.mood == "statement" and not lone and not clause.implied:
            continue
        following = work.clauses[i + 1] if i + 1 < len(work.clauses) else None
        _plan_clause(work, _whole(clause, following, work.clauses[i - 1] if i else None))


def is_negated(clause: Clause) -> bool:
    """Whether a clause says what not to do."""
    return bool(_NOT_TO.match(clause.text))


_ALL = re.compile(
    r"\b(?:delete|erase|wipe|purge|destroy|drop (?=all\b|the\b|table\b)|truncate|remove|fire|dismiss|terminate)\b[^.;!?]*?\b(?:all|every|everyone|everybody|entire|whole)\b",
    re.IGNORECASE,
)
"""A demand to do away with everything."""


def _spoken_of(work: Work, clause: Clause) -> bool:
    """Whether a tool speaks of the very thing that no office can do: then it is that company's business."""
    said = {stem(w) for w in words(absurd_words(clause))} - lexicon().weak
    return any(any(stem(w) in said for w in split_identifier(e.tool.name)) for e in work.index.entries)


def _planned_before(work: Work, clause: Clause) -> bool:
    """Whether something was planned before this clause: then it is a remark."""
    return bool(work.steps) and clause.start > 0


def _bare(clause: Clause) -> bool:
    """Whether a clause names nothing of its own."""
    weak = lexicon().weak
    return not any(t.where != "verb" and t.stem not in weak for t in clause.terms)


def _evident(work: Work, clause: Clause) -> bool:
    """Whether a clause speaks for a tool by what people say, although its words say little ("what have I got on tomorrow?")."""
    if len(words(clause.text)) < 2:
        return False
    said = evidence(work.index, clause, work.facts)
    return max(said.values(), default=0.0) >= HINTS


def _hinting(work: Work, clause: Clause) -> Clause:
    """A statement that people make when they want something done ("he can't get through the doors") asks for it."""
    if clause.mood != "statement" or clause.implied:
        return clause
    return replace(clause, implied=True) if _evident(work, clause) else clause


def _whole(clause: Clause, following: Clause | None, before: Clause | None) -> Clause:
    """A clause that is only a verb shares the next one's object ("write and send a press release") or the one's before ("… and
    publish it")."""
    bare = bool(clause.terms) and all(t.where == "verb" for t in clause.terms)
    if (
        bare
        and before
        and re.search(r"\b(?:it|them|this|that|these|those|more)\b", clause.text, re.IGNORECASE)
    ):
        shared = tuple(replace(t, where="modifier") for t in before.terms if t.where != "verb")
        return replace(clause, terms=(*clause.terms, *shared), start=before.start, text=clause.text)
    if (
        following
        and clause.terms
        and all(t.where == "verb" for t in clause.terms)
        and len(words(clause.text)) <= 2
        and following.verb
    ):
        shared = tuple(t for t in following.terms if t.where != "verb")
        return replace(
            clause,
            terms=(*clause.terms, *shared),
            end=following.end,
            text=f"{clause.text} {following.text.split(' ', 1)[-1]}",
        )
    return clause


_TELL = re.compile(r"(?:and |then )*(?:tell|show|give) (?:me|us)\b", re.IGNORECASE)


def _asks_more(work: Work, clause: Clause) -> bool:
    """Whether a clause says what to find in the documents that the step before searches ("read HR-104 and tell me …"): then it goes
    with that step."""
    last = work.steps[-1] if work.steps else None
    if last is None or last.tool is None or not searches_documents(last.tool) or not _TELL.match(clause.text):
        return False
    if re.search(r"[.!?;\n]", work.text[last.clause[1] : clause.start]):
        return False
    name = next(p.name for p in last.tool.params if p.required)
    last.values[name] = f"{last.values.get(name, '')} and {clause.text.strip(' .!?')}"
    return True


def _plan_clause(work: Work, clause: Clause) -> None:
    if _asks_more(work, clause):
        return
    lex = lexicon()
    if (
        (
            all(t.stem in lex.weak | lex.neutral or t.where == "verb" for t in clause.terms)
            or (
                not clause.verb
                and clause.mood == "statement"
                and not clause.implied
                and len(words(clause.text)) <= 2
            )
        )
        and not work.facts.within(clause.start, clause.end).entities
        and not _evident(work, clause)
    ):
        work.vague.append(clause.text)
        return
    others = [c.text for c in work.clauses if c.start != clause.start and c.mood == "statement"]
    if is_absurd(clause) and not _spoken_of(work, clause):
        add_other(work, clause)
        return
    for part in each_object(work, clause):
        match = best_match(work, part) or (best_with(work, part, others) if others else None)
        if (
            match is not None
            and _ALL.search(part.text)
            and fill(match.tool, work.scope(part.start, part.end)).missing
        ):
            work.unable.append(part.text.strip())  # a tool for one, asked for all
        elif match is not None and not (
            match.score < 0.6 and is_human_task(part) and person_agent(work.index.agents)
        ):
            add_calls(work, part, match)
        else:
            add_other(work, part)
