"""Challenge 8: what a card says to the mistakes that people make first, where the kind of failure alone would not help."""

from __future__ import annotations

import sys

import pytest

from macae.workshop.judge import judge
from macae.workshop.verdict import Status, Verdict

from .answers.c7 import changed
from .answers.c8 import ALERT, COST, FAULT, FIGURE, MASK, SINK
from .cells import Cells


def told(name: str, source: str) -> Verdict:
    verdict = judge(name, Cells.of_solution("08-watch-it").run(source)[name])
    assert verdict.status is Status.not_yet, str(verdict)
    return verdict


MESSAGES = [
    ("NdjsonSink", changed(SINK, ('if old and not old.endswith(b"\\n"):', 'if old[-1:] != b"\\n":')), "new or an empty file has no line to end"),
    ("NdjsonSink", changed(SINK, ('not old.endswith(b"\\n")', 'old[-1] != "\\n"')), "`[-1]` gives 10"),
    ("NdjsonSink", changed(SINK, ('.encode() + b"\\n")', ".encode())")), 'Write `b"\\n"` after each event'),
    ("NdjsonSink", changed(SINK, ('event.model_dump_json().encode() + b"\\n"', 'event.model_dump_json() + "\\n"')), "`.encode()`"),
    ("NdjsonSink", changed(SINK, ("model_dump_json().encode()", "model_dump_json()")), "`.encode()`"),
    ("CostCounter", changed(COST, ("        if model not in self.prices:\n            return None\n", ""), ("self.prices[model]", "self.prices.get(model)")), "Ask `is None` first"),
    ("CostCounter", changed(COST, ("if usd is None:", "if False:")), "Ask `is None` first"),
    ("mask_cards", changed(MASK, (" else found[0]", ' else ""')), "given back: `return found[0]`"),
    ("mask_cards", changed(MASK, ("luhn(digits)", "luhn(found[0])")), "luhn(only_digits(found[0]))"),
    ("SlowAlert", changed(ALERT, ('"value": mean', '"value": round(mean, 1)')), "Tell the mean itself"),
    ("busy_figure", changed(FIGURE, ('event.data.get("state") == "failed"', 'event.data.get("state") != "completed"')), "`event.data.get(\"state\")` is None for a model call"),
    ("busy_figure", changed(FIGURE, ('event.data.get("ok") is False', 'not event.data.get("ok")')), "`event.data.get(\"ok\")` is None for a tool"),
    ("busy_figure", changed(FIGURE, ("                troubled.add(event.agent)\n", "                troubled.add(event.agent)\n            else:\n                troubled.discard(event.agent)\n")), "does not take it back"),
    ("find_fault", changed(FAULT, ('str(arguments["quantity"])', 'arguments["quantity"]')), "3 is a number, '3' a text"),
    ("find_fault", changed(FAULT, ('and event.data["state"] == "completed"', "")), "a call that failed did nothing"),
    ("find_fault", changed(FAULT, ("if done.get(event.step_id, set()) - claimed", "if event.step_id in done and done[event.step_id] != claimed")), "other numbers, here 27"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "source", "words"), MESSAGES, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(MESSAGES)]
)
def test_the_card_says_where_to_look(name: str, source: str, words: str) -> None:
    assert words in told(name, source).look


def test_our_own_helper_is_not_named_as_the_learners_line() -> None:
    verdict = told("mask_cards", changed(MASK, ("luhn(digits)", "luhn(found[0])")))
    assert not verdict.line and "twice" not in str(verdict)


def test_a_quoted_reply_ends_at_a_word() -> None:
    seen = told("find_fault", changed(FAULT, ('str(arguments["quantity"])', 'arguments["quantity"]'))).seen
    quoted = seen.partition(": ")[2]
    assert quoted.endswith(" …") and len(quoted) <= 140
    assert quoted.split()[-2] in {"Finance", "budget", "Total", "once."}, quoted


def test_the_checks_own_figures_are_gone_afterwards() -> None:
    source = "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n" + changed(
        FIGURE,
        (
            "    figure = Figure(figsize=(7, 2.6))\n    axes = figure.subplots()",
            "    figure, axes = plt.subplots()",
        ),
    )
    assert told("busy_figure", source).kind == "left-open"
    assert not sys.modules["matplotlib.pyplot"].get_fignums()
