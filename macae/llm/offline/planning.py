"""From a goal to a plan: clauses are matched with tools, their arguments filled, what is missing asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from macae.llm.offline.arguments import fill
from macae.llm.offline.cards import AgentCard
from macae.llm.offline.clause import Clause
from macae.llm.offline.clauses import split_clauses
from macae.llm.offline.depending import drop_forward, set_dependencies
from macae.llm.offline.drafts import Draft, DraftStep, Wanted, Work
from macae.llm.offline.facts import Facts, read_facts
from macae.llm.offline.matching import index_of
from macae.llm.offline.safety import without_overrides
from macae.llm.offline.steps import is_negated, plan_clauses
from macae.llm.offline.unheard import unheard
from macae.llm.offline.wording import ask_for, summary_of

__all__ = ["make_plan", "plan_calls"]


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
    clauses = split_clauses(text, facts)
    if who := _answered_person(wanted, facts, clauses):
        text = f"{text.rstrip(' .!?')}. The employee is {who}"
        facts = read_facts(text, wanted.today, index.vocabulary, bool(language))
        clauses = split_clauses(text, facts)
    work = Work(wanted, text, index, facts, clauses, bool(language))
    if not any(c.terms or c.verb for c in work.clauses):
        return _nothing(wanted, overridden)
    plan_clauses(work)
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
        plan_clauses(work)
    found = [s for s in work.steps if s.tool is not None]
    for step in found:
        if (
            step.missing and extra and step.tool is not None
        ):  # what the step leaves out may stand in the goal beside it
            wider = fill(step.tool, work.scope(0, len(whole)))
            step.values = {**wider.values, **step.values} if wider.values else step.values
            step.missing = [p for p in step.missing if p.name not in step.values]
    return found


def _answered_person(wanted: Wanted, facts: Facts, clauses: Sequence[Clause]) -> str:
    """The answer where it names the person that a whole job is about: then the plan is made as if the goal had named them."""
    from macae.llm.offline.playbooks import playbook_for

    if not wanted.answer or facts.of("person") or not any(map(playbook_for, clauses)):
        return ""
    said = " ".join(wanted.answer.split())
    bare = said if read_facts(f"for {said}", wanted.today).of("person") else ""
    return re.sub(r"^(?:it|that|this|(?:the|his|her) \w+(?: \w+)?)(?:'s| is) ", "", bare, flags=re.IGNORECASE)


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
    if not work.unable and any(map(is_negated, work.clauses)):
        return Draft(
            work.wanted.goal,
            question="The goal only says what shall not be done, so there is nothing to do. What should be done?",
        )
    if not work.unable:
        return Draft(
            work.wanted.goal,
            question="What should be done? I read facts here, but no request. Please say what the goal is.",
        )
    what = "; ".join(dict.fromkeys(work.unable))
    return Draft(
        work.wanted.goal, impossible=f"No agent has a tool for this, and text alone would not do it: {what}."
    )


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
    left_out = unheard(work)
    if left_out:
        notes.append(left_out)
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
