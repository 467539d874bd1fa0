"""From a goal to a plan: clauses are matched with tools, their arguments filled, what is missing asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from macae.llm.offline.adding import add_calls, add_other
from macae.llm.offline.arguments import fill
from macae.llm.offline.cards import AgentCard
from macae.llm.offline.choosing import best_match, best_with
from macae.llm.offline.clause import Clause
from macae.llm.offline.clauses import split_clauses
from macae.llm.offline.concepts import evidence
from macae.llm.offline.depending import drop_forward, set_dependencies
from macae.llm.offline.drafts import Draft, DraftStep, Wanted, Work
from macae.llm.offline.facts import read_facts
from macae.llm.offline.matching import index_of
from macae.llm.offline.playing import play
from macae.llm.offline.routing import (
    absurd_words,
    is_absurd,
    is_human_task,
    person_agent,
)
from macae.llm.offline.safety import without_overrides
from macae.llm.offline.several import each_object
from macae.llm.offline.wording import ask_for, summary_of
from macae.llm.offline.words import lexicon, split_identifier, stem, words

__all__ = ["make_plan", "plan_calls"]

_NOT_TO = re.compile(
    r"(?:please |and |but )*(?:don['’]?t|do not|never|no need to)\b(?! (?:forget|hesitate|worry|let))",
    re.IGNORECASE,
)
"""A clause that says what not to do."""
EXPLICIT, TOLD = 0.7, 0.84
"""How well a request fits its tool to be plain; how well a statement must, to ask for something beside a plain request."""
HINTS = 0.65
"""How strongly a statement must speak for a tool to be taken for a request."""


def make_plan(wanted: Wanted, agents: Sequence[AgentCard]) -> Draft:
    """The plan for a goal over a catalogue. It never runs anything and follows no order hidden in the text."""
    from macae.llm.offline.labels import with_quotes
    from macae.llm.offline.spelling import corrected
    from macae.llm.offline.translate import to_english

    index = index_of(tuple(agents))
    said, overridden = without_overrides(with_quotes(wanted.goal))
    english, language = to_english(said)
    if language and not overridden:  # an override may stand in another language
        english, overridden = without_overrides(english)
    text = english if language else corrected(english, index.vocabulary)
    text = re.sub(r"\s+", " ", text).strip() if "\n" not in text.strip() else text.strip()
    facts = read_facts(text, wanted.today, index.vocabulary, bool(language))
    work = Work(wanted, text, index, facts, split_clauses(text, facts), bool(language))
    if not any(c.terms or c.verb for c in work.clauses):
        return _nothing(wanted, overridden)
    _plan_clauses(work)
    if not work.steps:
        return _no_steps(work, overridden)
    return _finish(work, overridden)


def plan_calls(task: str, extra: str, today: date, agents: tuple[AgentCard, ...]) -> list[DraftStep]:
    """The calls that a task takes of one agent's tools; `extra` is text beside it (the goal, an answer) that may hold facts."""
    from macae.llm.offline.spelling import corrected
    from macae.llm.offline.translate import to_english

    index = index_of(agents)
    english, language = to_english(without_overrides(task)[0])
    text = (english if language else corrected(english, index.vocabulary)).strip()
    whole = f"{text}\n{to_english(extra)[0]}" if extra else text
    facts = read_facts(whole, today, index.vocabulary, bool(language))
    clauses = [c for c in split_clauses(whole, facts) if c.start < len(text)]
    work = Work(Wanted(task, today), whole, index, facts, clauses, bool(language))
    if any(c.terms or c.verb for c in clauses):
        _plan_clauses(work)
    found = [s for s in work.steps if s.tool is not None]
    for step in found:
        if (
            step.missing and extra and step.tool is not None
        ):  # what the step leaves out may stand in the goal beside it
            wider = fill(step.tool, work.scope(0, len(whole)))
            step.values = {**wider.values, **step.values} if wider.values else step.values
            step.missing = [p for p in step.missing if p.name not in step.values]
    return found


def _nothing(wanted: Wanted, overridden: bool) -> Draft:
    if overridden:
        return Draft(
            wanted.goal,
            impossible="The goal only asks to set rules or approvals aside. That is not done: every step waits for a person's approval.",
        )
    if wanted.answer and wanted.answer.strip().lower() != wanted.goal.strip().lower():
        return Draft(wanted.goal, question="What should be done? Please describe the goal in a sentence.")
    return Draft(wanted.goal, question="What should be done? Please describe the goal in a sentence.")


def _no_steps(work: Work, overridden: bool) -> Draft:
    if overridden and not work.unable:
        return _nothing(work.wanted, True)
    if work.vague and not work.unable:
        told = work.vague[0][:80]
        return Draft(work.wanted.goal, question=f"What exactly should be done? “{told}” does not say it.")
    if not work.unable:
        return Draft(
            work.wanted.goal,
            question="What should be done? I read facts here, but no request. Please say what the goal is.",
        )
    what = "; ".join(dict.fromkeys(work.unable))
    return Draft(
        work.wanted.goal, impossible=f"No agent has a tool for this, and text alone would not do it: {what}."
    )


def _plan_clauses(work: Work) -> None:
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
        if clause.start < barred or _NOT_TO.match(clause.text):
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


def _plan_clause(work: Work, clause: Clause) -> None:
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
        if match is not None and not (
            match.score < 0.6 and is_human_task(part) and person_agent(work.index.agents)
        ):
            add_calls(work, part, match)
        else:
            add_other(work, part)


def _finish(work: Work, overridden: bool) -> Draft:
    from macae.llm.offline.answers import use_answer
    from macae.llm.offline.revising import revise

    wanted = work.wanted
    work.steps, again = revise(work.steps, wanted, work.index)
    use_answer(work.steps, wanted, work.index)
    notes: list[str] = []
    if len(work.steps) > wanted.max_steps:
        notes.append(f"Only the first {wanted.max_steps} steps fit; the rest needs a goal of its own.")
        work.steps = work.steps[: wanted.max_steps]
    if work.unable:
        notes.append(f"Not possible here: {'; '.join(work.unable)[:120]}.")
    if overridden:
        notes.append("Requests to skip approvals are not followed.")
    drop_forward(work)
    set_dependencies(work)
    missing = [(s.tool, s.missing) for s in work.steps if s.tool is not None and s.missing]
    question = ask_for(missing) if missing else again
    return Draft(
        wanted.goal,
        work.steps,
        summary_of(wanted.goal, [(s.agent, s.action) for s in work.steps], notes),
        question,
    )
