"""A rule in plain words, for `macae alerts check` and the table in docs/alerts.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from macae.monitoring.alerts.alert import default_metric
from macae.monitoring.alerts.matching import FIELDS
from macae.monitoring.alerts.rules import GROUPS, LIVE_ONLY, MEASURES, Rule
from macae.monitoring.alerts.texts import amount

__all__ = ["apart_words", "notes_on", "rules_table", "when_words", "words_of"]

COMPARED = {"above": "is above", "at_least": "is at least", "below": "is below", "at_most": "is at most"}
MEASURED = {
    "count": "the number",
    "rate": "the number a minute",
    "sum": "the sum",
    "mean": "the mean",
    "min": "the least",
    "max": "the greatest",
    "last": "the last",
    "share": "the share",
} | {name: f"the {name[1:]}th percentile" for name in MEASURES if name.startswith("p")}

NOUNS = {
    "model_called": ("model call", "model calls"),
    "tool_finished": ("tool call", "tool calls"),
    "violation_found": ("finding of the policy", "findings of the policy"),
    "budget_warned": ("budget warning", "budget warnings"),
    "reply_checked": ("checked reply", "checked replies"),
}
"""One and several of an event, in words."""
FIELDS_SAID = {
    "prompt_tokens": "tokens read",
    "completion_tokens": "tokens written",
    "usd": "US dollars",
    "score": "the grounded share",
}
CONDITIONS_SAID = {
    "ok is false": "a model call failed",
    "state is failed": "a tool call failed",
    "state is failed or unknown": "a tool call failed or its end is unknown",
    "action is flag": "what was found was only told of",
    "route is not input": "it stood in more than what was typed",
    "action is flag or mask": "what was found was masked, or only told of",
    "action is not flag or mask": "what was found was stopped",
}


def words_of(rule: Rule) -> str:
    """The rule in a sentence or two."""
    state = "" if rule.active else " It is switched off."
    return (
        f"{rule.name} ({rule.severity}), {rule.metric or default_metric(rule)}: raised when {when_words(rule)}, "
        f"{apart_words(rule)}.{ending(rule)}{state}"
    )


def when_words(rule: Rule) -> str:
    """What raises it."""
    if rule.absence is not None:
        life = " and no sign of life" if rule.absence.alive else ""
        few = rule.absence.until if len(rule.absence.until) <= 3 else [*rule.absence.until[:2], "the like"]
        began = listed(rule.events, "or") + condition_words(rule.where)
        return f"for {span(rule.absence.seconds)} after {began} there is no {listed(few, 'or')}{life}"
    how, limit = rule.limit
    enough = f" (once there are {rule.needs} of them)" if rule.needs > 1 else ""
    return f"{measure_words(rule)} {events_words(rule)}{enough} {COMPARED[how]} {amount(limit, rule.unit)}"


def measure_words(rule: Rule) -> str:
    """What is measured."""
    if not isinstance(rule.measure, str):
        return f"what the function {getattr(rule.measure, '__name__', 'of its own')} gives for"
    if rule.measure == "share":
        wanted = " or ".join(condition_words(one).removeprefix(" where ") for one in rule.share_of)
        return f"the share where {wanted} among"
    said = " + ".join(FIELDS_SAID.get(field, field) for field in rule.field)
    fields = f"{said} in " if said else ""
    return f"{MEASURED[rule.measure]} of {fields}".rstrip()


def events_words(rule: Rule) -> str:
    """Which events are looked at."""
    window = rule.window
    many = window.last != 1
    types = listed([NOUNS.get(one, (f"{one} event", f"{one} events"))[many] for one in rule.events], "or")
    which = f"the {types}"
    if window.last is not None:
        which = f"the last {window.last:,} {types}" if many else f"the newest {types}"
    within = f" of the last {span(window.seconds)}" if window.seconds is not None else ""
    return f"{which}{within}{condition_words(rule.where)}"


def span(seconds: float) -> str:
    """A length of time: 90 s, 2 min, 1 h."""
    for unit, long in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * long or (seconds >= long and not seconds % long):
            return amount(round(seconds / long, 1), unit)
    return amount(seconds, "s")


def apart_words(rule: Rule) -> str:
    """What is judged by itself."""
    return f"each {' and '.join(rule.by)} by itself" if rule.by else "all together"


def ending(rule: Rule) -> str:
    """When it is over."""
    quiet = f"has not been so for {span(rule.quiet)}" if rule.quiet else "is no longer so"
    return f" Resolved when it {quiet}{', or the wait has ended' if rule.absence else ''}."


def condition_words(condition: Mapping[str, Any]) -> str:
    """Which of the events."""
    parts = [f"{name} {one_condition(wanted)}" for name, wanted in condition.items()]
    parts = [CONDITIONS_SAID.get(part, part) for part in parts]
    return f" where {' and '.join(parts)}" if parts else ""


def one_condition(wanted: Any) -> str:
    """What one field has to be."""
    if isinstance(wanted, Mapping):
        said = {"not": "is not", "above": "is above", "below": "is below"}
        return " and ".join(f"{said[how]} {shown(limit)}" for how, limit in wanted.items())
    return f"is {shown(wanted)}"


def shown(value: Any) -> str:
    """A value of a condition."""
    if isinstance(value, list):
        return listed([shown(one) for one in value], "or")
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(words: Sequence[str], last: str) -> str:
    """one, two or three."""
    found = [str(word) for word in words]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {last} {found[-1]}"


def notes_on(rule: Rule) -> list[str]:
    """What whoever wrote the rule may not have thought of."""
    live = sorted(LIVE_ONLY.intersection(rule.events))
    notes = [f"{', '.join(live)}: not stored, so a replay does not see it"] if live else []
    told = {*rule.field, *rule.where, *(name for one in rule.share_of for name in one), *rule.by}
    if foreign := sorted(told - FIELDS - {*GROUPS, "text"}):
        notes.append(
            f"{', '.join(foreign)}: no event of macae has such a field in its data, so this counts only events that you note yourself"
        )
    return notes


def rules_table(rules: Iterable[Rule]) -> str:
    """The rules as a Markdown table."""
    rows = ["| Rule | Severity | What is measured | Raised when | Apart by |", "|---|---|---|---|---|"]
    for rule in rules:
        off = "" if rule.active else " (off)"
        cells = [
            f"`{rule.name}`{off}", rule.severity, rule.metric or default_metric(rule),
            when_words(rule), ", ".join(rule.by) or "nothing",
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)
