"""From a goal to a plan: clauses are matched with tools, their arguments filled, what is missing asked for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from macae.llm.offline.arguments import Filled, fill, uses_of
from macae.llm.offline.cards import AgentCard, Param, ToolCard
from macae.llm.offline.clauses import Clause, split_clauses
from macae.llm.offline.entities import Span
from macae.llm.offline.facts import Facts, read_facts
from macae.llm.offline.kinds import meaning_of
from macae.llm.offline.matching import Index, Match, index_of
from macae.llm.offline.routing import (
    ONLY_LANGUAGE,
    by_description,
    general_agent,
    is_human_task,
    is_language_task,
    is_live,
    person_agent,
)
from macae.llm.offline.safety import without_overrides
from macae.llm.offline.scope import Earlier, Scope
from macae.llm.offline.wording import action_for, ask_for, summary_of
from macae.llm.offline.words import lexicon, related, split_identifier, stem, stems, words

__all__ = ["Draft", "DraftStep", "Wanted", "make_plan", "plan_calls"]

GOOD = 0.45
"""How well a tool must fit a clause to be used for it."""


@dataclass(frozen=True)
class Wanted:
    """What a plan is asked for."""

    goal: str
    today: date
    question: str = ""
    answer: str = ""
    done: str = ""
    failed: str = ""
    note: str = ""
    max_steps: int = 6


@dataclass
class DraftStep:
    """One step of the plan."""

    agent: str
    action: str
    tool: ToolCard | None = None
    values: dict[str, Any] = field(default_factory=dict)
    missing: list[Param] = field(default_factory=list)
    depends_on: list[int] | None = None
    clause: tuple[int, int] = (0, 0)


@dataclass
class Draft:
    """A plan before it gets the shape that is asked for."""

    goal: str
    steps: list[DraftStep] = field(default_factory=list)
    summary: str = ""
    question: str | None = None
    impossible: str | None = None


@dataclass
class _Work:
    """What is known while one goal is planned."""

    wanted: Wanted
    text: str
    index: Index
    facts: Facts
    clauses: list[Clause]
    foreign: bool
    steps: list[DraftStep] = field(default_factory=list)
    unable: list[str] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)

    def scope(self, start: int, end: int, generous: bool = False) -> Scope:
        earlier = tuple(Earlier(i, s.tool, s.action) for i, s in enumerate(self.steps, 1))
        statements = tuple((c.start, c.end) for c in self.clauses if c.mood == "statement")
        return Scope(self.facts, start, end, self.wanted.today, statements, earlier, generous)


def make_plan(wanted: Wanted, agents: Sequence[AgentCard]) -> Draft:
    """The plan for a goal over a catalogue. It never runs anything and follows no order hidden in the text."""
    from macae.llm.offline.spelling import corrected
    from macae.llm.offline.translate import to_english

    index = index_of(tuple(agents))
    said, overridden = without_overrides(wanted.goal)
    english, language = to_english(said)
    if language and not overridden:  # an override may stand in another language
        english, overridden = without_overrides(english)
    text = corrected(english, index.vocabulary)
    text = re.sub(r"\s+", " ", text).strip() if "\n" not in text.strip() else text.strip()
    facts = read_facts(text, wanted.today, index.vocabulary, bool(language))
    work = _Work(wanted, text, index, facts, split_clauses(text, facts), bool(language))
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
    text = corrected(english, index.vocabulary).strip()
    whole = f"{text}\n{to_english(extra)[0]}" if extra else text
    facts = read_facts(whole, today, index.vocabulary, bool(language))
    clauses = [c for c in split_clauses(whole, facts) if c.start < len(text)]
    work = _Work(Wanted(task, today), whole, index, facts, clauses, bool(language))
    if any(c.terms or c.verb for c in clauses):
        _plan_clauses(work)
    return [s for s in work.steps if s.tool is not None]


def _nothing(wanted: Wanted, overridden: bool) -> Draft:
    if overridden:
        return Draft(
            wanted.goal,
            impossible="The goal only asks to set rules or approvals aside. That is not done: every step waits for a person's approval.",
        )
    if wanted.answer and wanted.answer.strip().lower() != wanted.goal.strip().lower():
        return Draft(wanted.goal, question="What should be done? Please describe the goal in a sentence.")
    return Draft(wanted.goal, question="What should be done? Please describe the goal in a sentence.")


def _no_steps(work: _Work, overridden: bool) -> Draft:
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


def _plan_clauses(work: _Work) -> None:
    """Add the steps of each clause in turn."""
    from macae.llm.offline.playbooks import playbook_for

    requests = [c for c in work.clauses if c.mood != "statement"]
    lone = not requests
    asked = {m.tool.name for c in requests if (m := _best(work, c)) is not None}
    booked = False
    for i, clause in enumerate(work.clauses):
        if clause.mood == "statement" and not lone and not (playbook_for(clause) and not booked):
            match = _best(work, clause) if clause.implied else None
            if match is None or match.tool.name in asked:
                continue
        if not clause.terms:
            continue
        book = playbook_for(clause)
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
            booked = _play(work, clause, book)
            if booked:
                continue
        if clause.mood == "statement" and not lone and not clause.implied:
            continue
        following = work.clauses[i + 1] if i + 1 < len(work.clauses) else None
        _plan_clause(work, _whole(clause, following, work.clauses[i - 1] if i else None))


def _whole(clause: Clause, following: Clause | None, before: Clause | None) -> Clause:
    """A clause that is only a verb shares the next one's object ("write and send a press release") or the one's before ("… and
    publish it")."""
    bare = bool(clause.terms) and all(t.where == "verb" for t in clause.terms)
    if bare and before and re.search(r"\b(?:it|them|this|that|these|those|more)\b", clause.text, re.IGNORECASE):
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


def _plan_clause(work: _Work, clause: Clause) -> None:
    lex = lexicon()
    if (
        all(t.stem in lex.weak | lex.neutral or t.where == "verb" for t in clause.terms)
        or (not clause.verb and clause.mood == "statement" and not clause.implied and len(words(clause.text)) <= 2)
    ) and not work.facts.within(clause.start, clause.end).entities:
        work.vague.append(clause.text)
        return
    for part in _objects(work, clause):
        match = _best(work, part)
        if match is not None and not (match.score < 0.6 and is_human_task(part) and person_agent(work.index.agents)):
            _add_calls(work, part, match)
        else:
            _add_other(work, part)


def _best(work: _Work, clause: Clause) -> Match | None:
    """The tool for a clause. Of tools that fit about as well, the one whose parameters the clause's facts fit is taken."""
    named = _named_tool(work, clause)
    if named is not None:
        return named
    matches = [m for m in work.index.match(clause) if m.score >= GOOD * 0.8][:6]
    if (
        clause.verb in ONLY_LANGUAGE
    ):  # "explain what a purchase order is" is not for a tool that only knows the noun
        matches = [m for m in matches if _says(m.tool, clause.verb)]
    if not matches:
        return None
    if len(matches) > 1 and matches[1].score < matches[0].score - 0.25:
        return matches[0] if matches[0].score >= GOOD else None

    def fitting(match: Match) -> float:
        return match.score + _fit(work, clause, match.tool)

    best = max(matches, key=lambda m: (fitting(m), -matches.index(m)))
    return best if max(best.score, fitting(best)) >= GOOD else None


def _says(tool: ToolCard, verb: str) -> bool:
    """Whether a tool's own words know a verb."""
    own = {stem(w) for w in (*split_identifier(tool.name), *words(tool.description))}
    return bool(set(related(stem(verb))) & own)


def _fit(work: _Work, clause: Clause, tool: ToolCard) -> float:
    """How well a tool's parameters take up the clause's facts: less for each fact left over and each argument left open."""
    scope = work.scope(clause.start, clause.end)
    filled = fill(tool, scope)
    near = scope.near
    kinds = {meaning_of(p, split_identifier(tool.name)).what for p in tool.params}
    facts = [*near.of("reference", "email"), *near.amounts, *near.of("person")]
    left = [f for f in facts if scope.free(f.start, f.end)]
    if kinds & {"people", "audience", "query", "company", "item"}:
        values = " ".join(str(v) for v in filled.values.values())
        left = [f for f in left if work.text[f.start : f.end] not in values]
    found = -(0.1 if facts else 0.03) * min(len(filled.missing), 2)
    found += 0.03 * (len(facts) - len(left)) - 0.06 * len(left)
    if scope.of_myself and any(p.default == "me" for p in tool.params):
        found += 0.1
    if near.dates:
        found += 0.02 if "date" in kinds else -0.02
    if re.search(r"\d\s?(?:%|percent)", clause.text):
        found += 0.06 if "percent" in kinds else 0.0
    return found


def _named_tool(work: _Work, clause: Clause) -> Match | None:
    """A tool that the text calls by its name."""
    for entry in work.index.entries:
        if "_" in entry.tool.name and re.search(rf"\b{re.escape(entry.tool.name)}\b", clause.text):
            return Match(entry.tool, 1.0, 1.0, 1.0, frozenset(t.start for t in clause.terms))
    return None


def _starts_inside(piece: str, start: int, covered: list[tuple[int, int]]) -> bool:
    """Whether a piece opens with a value (a name, an amount): then it goes on with the object before it."""
    at = start + len(piece) - len(piece.lstrip())
    return any(s <= at < e for s, e in covered)


_AND = re.compile(r"\s*(?:,\s*(?:and\s+|as well as\s+|plus\s+)?|\s+(?:and|as well as|plus|&)\s+)(?:also\s+)?")


def _objects(work: _Work, clause: Clause) -> list[Clause]:
    """A clause with several objects as one clause for each, where different tools do them ("set up payroll and a mailbox")."""
    from macae.llm.offline.clauses import _terms

    verb_end = next((t.start + len(t.word) for t in clause.terms if t.where == "verb"), None)
    if verb_end is None or clause.mood != "request" or clause.idiom:
        return [clause]
    covered = work.facts.covered() + [(s.start, s.end) for s in work.facts.of("department")]
    cuts = [
        (verb_end + m.start(), verb_end + m.end())
        for m in _AND.finditer(work.text[verb_end : clause.end])
        if not any(s < verb_end + m.end() and verb_end + m.start() < e for s, e in covered)
    ]
    if not cuts:
        return [clause]
    whole = _best(work, clause)
    bounds = [clause.start, *(b for _, b in cuts)], [*(a for a, _ in cuts), clause.end]
    verb_term = next(t for t in clause.terms if t.where == "verb")
    parts: list[Clause] = []
    for start, end in zip(*bounds, strict=True):
        piece = work.text[start:end]
        if start == clause.start:
            terms = tuple(t for t in clause.terms if t.start < end)
        else:
            _, own = _terms(piece, start, work.facts, "statement")
            terms = (verb_term, *(replace(t, where="head" if t.where == "verb" else t.where) for t in own))
            if not any(t.where in ("head", "modifier") for t in own) or _starts_inside(piece, start, covered):
                return [clause]
        parts.append(replace(clause, text=piece, start=start, end=end, terms=terms))
    found = [_best(work, p) if len(p.terms) > 1 else None for p in parts]
    tools = {m.tool.name for m in found if m}
    if (
        all(found)
        and len(tools) > 1
        and all(m.score >= GOOD for m in found if m)
        and not (
            whole
            and whole.score > 0.93 * min(m.score for m in found if m)
            and whole.recall > 0.97
            and whole.precision >= 0.99
        )
    ):
        return [replace(p, text=p.text if i == 0 else f"{clause.verb} {p.text}") for i, p in enumerate(parts)]
    return [clause]


def _add_calls(work: _Work, clause: Clause, match: Match) -> None:
    """Add the step for a matched clause; several people or items make several calls where the tool takes one."""
    for values_scope, text in _variants(work, clause, match.tool):
        filled = fill(match.tool, values_scope)
        _add(work, match.tool, filled, text, (clause.start, clause.end))


def _variants(work: _Work, clause: Clause, tool: ToolCard) -> list[tuple[Scope, str]]:
    scope = work.scope(clause.start, clause.end)
    meanings = {p.name: meaning_of(p, split_identifier(tool.name)) for p in tool.params}
    single = [n for n, m in meanings.items() if m.what == "person"]
    takes_many = any(m.what in ("people", "audience", "query", "company") for m in meanings.values())
    people = list(scope.near.of("person"))
    if len(single) == 1 and len(people) > 1 and not takes_many and meanings[single[0]].generic:
        joined = all(
            re.fullmatch(r"'?s?,?\s*(?:and|,|&|, and|as well as)?\s*", work.text[a.end : b.start])
            for a, b in itertools.pairwise(people)
        )
        if joined:
            variants = []
            for person in people:
                mine = work.scope(clause.start, clause.end)
                for other in people:
                    if other is not person:
                        mine.take(other.start, other.end)
                variants.append(
                    (
                        mine,
                        f"{work.text[clause.start : people[0].start]}{person.value}{work.text[people[-1].end : clause.end]}",
                    )
                )
            return variants
    references = scope.near.of("reference")
    if len(references) > 1 and sum(m.what == "reference" for m in meanings.values()) == 1:
        joined = all(_AND.fullmatch(work.text[a.end : b.start]) for a, b in itertools.pairwise(references))
        if joined:
            return [(_only(work, clause, references, r), f"{work.text[clause.start : references[0].start]}{r.value}{work.text[references[-1].end : clause.end]}") for r in references]
    items = [n for n, m in meanings.items() if m.what == "item"]
    if items and clause.verb and not scope.near.of("quote"):
        pieces = _item_pieces(work, clause)
        if len(pieces) > 1:
            return [(_narrowed(work, clause, s, e), f"{clause.verb} {work.text[s:e]}") for s, e in pieces]
    return [(scope, clause.text)]


def _only(work: _Work, clause: Clause, spans: Sequence[Span], one: Span) -> Scope:
    """A scope in which, of some values, only one may be taken."""
    scope = work.scope(clause.start, clause.end)
    for span in spans:
        if span is not one:
            scope.take(span.start, span.end)
    return scope


def _item_pieces(work: _Work, clause: Clause) -> list[tuple[int, int]]:
    """Where the items of "a laptop and two monitors" stand, if that is what the clause's object is."""
    from macae.llm.offline.texts import _things

    start = next((t.start + len(t.word) for t in clause.terms if t.where == "verb"), clause.start)
    stop = re.search(r"\b(?:for|to|from|by|on|with|in|at)\b", work.text[start : clause.end])
    end = start + stop.start() if stop else clause.end
    pieces, at = [], start
    for cut in [*_AND.finditer(work.text, start, end), None]:
        till = cut.start() if cut else end
        if work.text[at:till].strip(" ,"):
            pieces.append((at, till))
        at = cut.end() if cut else end
    things = {stem(t) for t in _things()}
    counted = all(
        any(stem(w) in things for w in words(work.text[s:e]))
        or re.match(r"\s*(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten)\b", work.text[s:e])
        for s, e in pieces
    )
    return pieces if counted else []


def _narrowed(work: _Work, clause: Clause, start: int, end: int) -> Scope:
    """A scope whose clause is one item, while what stands behind all items holds for each."""
    scope = work.scope(start, end)
    scope.statements = (*scope.statements, (clause.start, clause.end))
    return scope


def _add(work: _Work, tool: ToolCard, filled: Filled, text: str, span: tuple[int, int]) -> None:
    if any(s.tool is not None and s.tool.name == tool.name and s.values == filled.values for s in work.steps):
        return
    action = action_for(text, tool, work.foreign, filled.values)
    work.steps.append(DraftStep(tool.agent, action, tool, filled.values, filled.missing, None, span))


def _add_other(work: _Work, clause: Clause) -> None:
    """A step without a tool, or a note of what cannot be done."""
    agents = work.index.agents
    plain = re.sub(r"\s+", " ", clause.text).strip(" .!?")
    plain = plain[:1].upper() + plain[1:]
    special = by_description(
        clause, [a for a in agents if a is not general_agent(agents) and a is not person_agent(agents)]
    )
    general, person = general_agent(agents), person_agent(agents)
    if special is not None:
        work.steps.append(DraftStep(special.name, f"{plain}.", clause=(clause.start, clause.end)))
    elif general is not None and is_language_task(clause):
        work.steps.append(
            DraftStep(
                general.name,
                f"{plain}: no function needed, answered in text.",
                clause=(clause.start, clause.end),
            )
        )
    elif person is not None and is_human_task(clause) and not is_live(clause.text):
        work.steps.append(
            DraftStep(person.name, f"{plain}: only a person can do this.", clause=(clause.start, clause.end))
        )
    else:
        work.unable.append(plain)


def _play(work: _Work, clause: Clause, book: Any) -> bool:
    """Add a playbook's steps; whether there were any."""
    from macae.llm.offline.playbooks import capabilities, tool_for

    used: list[ToolCard] = []
    rest = work.text
    people = work.facts.of("person")
    found: list[tuple[ToolCard, Filled, str]] = []
    excluded = _excluded(work)
    for capability in capabilities(book, rest):
        tool = tool_for(capability, work.index, used)
        if tool is None or (capability.about == "person" and not people):
            continue
        if excluded & {stem(w) for w in (*split_identifier(tool.name), *words(capability.do))} - {
            "employe",
            "new",
        }:
            continue
        scope = work.scope(clause.start, clause.end, generous=True)
        filled = fill(tool, scope)
        asked = bool(set(capability.cue) & set(stems(rest))) or _mentioned(rest, tool, clause)
        if filled.missing and not capability.core and not asked:
            continue
        used.append(tool)
        who = next((p.value for p in people), "")
        found.append(
            (tool, filled, f"{capability.do[:1].upper()}{capability.do[1:]}" + (f": {who}" if who else ""))
        )
    if not found or (
        not any(c.core and tool_for(c, work.index, []) in used for c in book.steps) and len(found) < 2
    ):
        return False
    room = (
        work.wanted.max_steps
        - len(work.steps)
        - sum(
            1
            for c in work.clauses
            if c.mood == "request"
            and c is not clause
            and c.start > clause.start
            and c.terms
            and (work.index.match(c)[:1] or [None])[0] is not None
            and work.index.match(c)[0].tool not in used
        )
    )
    if len(found) > room:
        wanted = [f for f in found if f[0] in used and _mentioned(rest, f[0], clause)]
        keep = [
            *found[:1],
            *[f for f in found[1:] if f in wanted],
            *[f for f in found[1:] if f not in wanted],
        ][: max(room, 1)]
        found = [f for f in found if f in keep]
    for tool, filled, text in found:
        _add(work, tool, filled, text, (clause.start, clause.end))
    return True


def _mentioned(text: str, tool: ToolCard, clause: Clause) -> bool:
    """Whether the goal names the tool's own thing besides the job itself (mentor, laptop)."""
    said = set(stems(text)) - {stem(clause.verb)} - {"employe", "new", "onboard"}
    own = {stem(w) for w in split_identifier(tool.name)} | {
        s for w in split_identifier(tool.name) for s, c in related(stem(w)).items() if c >= 0.65
    }
    return bool(said & own - {"set", "employe", "assign", "get"})


_NOT = re.compile(
    r"\b(?:without|except(?: for)?|but (?:no|not)|no|not including|excluding|skip|don't (?:need|want|assign|order|schedule|set up)|do not (?:need|want|assign|order|schedule|set up)|not)\s+(?:an? |any |the |for )?(?P<what>[\w -]+?)(?=[.,;!?]|$| and | but | or )",
    re.IGNORECASE,
)


def _excluded(work: _Work) -> set[str]:
    """What the goal says shall not be done."""
    return {
        stem(w)
        for m in _NOT.finditer(work.text)
        for w in words(m["what"])
        if stem(w) not in ("employe", "new")
    }


def _finish(work: _Work, overridden: bool) -> Draft:
    from macae.llm.offline.answers import use_answer
    from macae.llm.offline.revising import revise

    wanted = work.wanted
    work.steps = revise(work.steps, wanted, work.index)
    use_answer(work.steps, wanted, work.index)
    notes: list[str] = []
    if len(work.steps) > wanted.max_steps:
        notes.append(f"Only the first {wanted.max_steps} steps fit; the rest needs a goal of its own.")
        work.steps = work.steps[: wanted.max_steps]
    if work.unable:
        notes.append(f"Not possible here: {'; '.join(work.unable)[:120]}.")
    if overridden:
        notes.append("Requests to skip approvals are not followed.")
    _order(work)
    _depend(work)
    missing = [(s.tool, s.missing) for s in work.steps if s.tool is not None and s.missing]
    question = ask_for(missing) if missing else None
    return Draft(
        wanted.goal,
        work.steps,
        summary_of(wanted.goal, [(s.agent, s.action) for s in work.steps], notes),
        question,
    )


def _order(work: _Work) -> None:
    """Steps stand in the order of the goal; nothing refers forward."""
    for number, step in enumerate(work.steps, 1):
        for used in uses_of(step.values):
            if used >= number:
                step.values = {k: v for k, v in step.values.items() if v != f"${used}"}


def _depend(work: _Work) -> None:
    """Steps that share no data wait for nothing; else a step depends on the one before it."""
    for number, step in enumerate(work.steps, 1):
        if number == 1:
            step.depends_on = []
            continue
        uses = uses_of(step.values)
        mine = _data(step)
        shares = any(_data(other) & mine for other in work.steps[: number - 1])
        said = work.text[work.steps[number - 2].clause[1] : step.clause[0] + 12]
        then = (
            bool(re.search(r"\b(?:then|after(?:wards| that)?|once|finally|next,)\b", said, re.I))
            and step.clause != work.steps[number - 2].clause
        )
        pronoun = work.scope(*step.clause).of_it or work.scope(*step.clause).of_them
        independent = not uses and not shares and not then and not pronoun and step.tool is not None
        step.depends_on = [] if independent else sorted(set(uses)) if uses and not then else None


def _data(step: DraftStep) -> set[str]:
    """What a step's call speaks of: its values, folded."""
    return {
        str(v).lower()
        for v in step.values.values()
        if isinstance(v, str) and v != "me" and not re.fullmatch(r"\d{4}-\d\d-\d\d|\$\d+|[\d:]+", v)
    }
