"""Challenge 8: Watch it."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.alert_checks import rings_once
from macae.workshop.props.cost_checks import counts_the_dollars
from macae.workshop.props.fault_checks import finds_the_fault
from macae.workshop.props.figure_checks import draws_who_works
from macae.workshop.props.listen_checks import hears_the_thoughts
from macae.workshop.props.mask_checks import masks_cards_only
from macae.workshop.props.sink_checks import keeps_the_lines
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(8, "Watch it", minutes=60, notebook="08-watch-it")


@CHALLENGE.exercise(
    "listen",
    title="What it thought",
    minutes=5,
    hints=(
        "Not every item is a thought. What tells you what an item is?",
        "`isinstance(item, ThoughtEvent)` says whether it is a thought. The frame has kept in `since` when the item before it came.",
        "A thought's three words: `item.source`, `item.content`, and `clock() - since`. The order matters: first the seconds, then `since` anew.",
        '```\nif isinstance(item, ThoughtEvent):\n    thoughts.append({"agent": …, "text": …, "seconds": …})\n```',
    ),
    when={
        "not-async": "Who gives the items needs time between two of them. Which two words of the frame are gone?",
        "exception": "The last item of a stream is a `TaskResult`: no `.type`, no `.source`. What tells you what an item is?",
        "no-yield": "What makes a function a generator? One word inside of its loop.",
        "held-back": "Who reads your stream waits until you `yield`. Do it for each item, in the loop.",
        "swallowed": "Every item has a reader, not only thoughts. `yield item` stands outside of the `if`.",
        "chunk-resets": "Is a piece of the answer the end of a model call, or its middle?",
        "noted-late": "Your reader takes its time before it asks for the next item. Is that the model's time?",
        "wrong-seconds": "When did the model call begin? When the item before the thought had come.",
        "error-hidden": "Your reader has to know that it broke. What does your `except` do?",
    },
)
async def listen(attempt: Any, trial: Trial) -> None:
    """An async generator that gives a stream on, item by item, and notes each thought: who, what, how many seconds."""
    await hears_the_thoughts(attempt, trial)


@CHALLENGE.exercise(
    "NdjsonSink",
    title="Written down",
    kind="class",
    minutes=8,
    hints=(
        'One event is one line: its JSON, as bytes, and then `b"\\n"`. What ends a torn line?',
        "`event.model_dump_json().encode()` are the bytes of an event; `self.file.write(…)` writes them, `self.file.flush()` brings them on their way. "
        "A torn line lacks its line end, and nothing else.",
        '```\nself.file.write(b"\\n")  # the end that is missing\n\n'
        'self.file.write(event.model_dump_json().encode() + b"\\n")\nself.file.flush()\n\n'
        "events.append(Event.model_validate_json(line))\n```",
    ),
    when={
        "not-flushed": "Where is the line between `write` and the disk? One call brings it on its way.",
        "no-line-end": "JSON has no line end of its own. Who writes it?",
        "more-lines": "A text with a line break makes two lines, unless something writes the break as two signs. JSON does.",
        "no-json": "Python's way to show an object is not JSON. The event itself knows how: `model_dump_json()`.",
        "not-whole": "`model_dump_json()` gives a text. What does `json.dumps` make of a text?",
        "blank-line": "A blank line came where nothing was torn. With what does a new file end, and one whose last line is whole?",
        "taken-out": "Is the torn line really no event? It may lack its line break alone.",
        "overwritten": "How does a file have to be opened so that what stands in it stays?",
        "stuck-together": "The old process died without a line break. Where does your first line begin then?",
        "torn-line": "One bad line should cost one event. Where does your `try` begin, and where does it end?",
        "torn-letter": "Half a letter is no text. Split the bytes first; each line is judged by itself.",
        "cut-lines": "Which signs end a line for `splitlines()`? More than you write.",
        "async-def": "`def __call__`: the engine does not wait for a sink.",
    },
)
async def NdjsonSink(attempt: Any, trial: Trial) -> None:
    """A file of events, one JSON object a line, seen at once, which a torn last line does not spoil."""
    await keeps_the_lines(attempt, trial)


@CHALLENGE.exercise(
    "CostCounter",
    title="What it cost",
    kind="class",
    minutes=9,
    hints=(
        "`sent` and `back` are the two prices of a million tokens. And `usd` may be None: what does that mean for the sums?",
        "`price`: tokens sent times the first price, plus tokens that came back times the second, divided by a million. In `__call__`: "
        "`if usd is None`, count it in `unpriced`; else add it twice, to all and to the agent's.",
        "```\nreturn (prompt_tokens * sent + completion_tokens * back) / 1_000_000\n\n"
        "if usd is None:\n    self.unpriced[model] += 1\nelse:\n    self.usd += usd\n    self.by_agent[event.agent] += usd\n```",
    ),
    when={
        "zero": "A bill that says 0.00 is believed. What do you know of a model that is not in the table?",
        "guessed": "A model with a similar name may cost sixteen times as much. Exactly this name, or no price.",
        "free-is-unpriced": "`if not usd` is true for `None` and for `0.0`. Only one of them is unpriced.",
        "per-thousand": "How many tokens does the table's price buy?",
        "wrong-price": "Which of the two prices is for what was sent?",
        "not-added": "An agent calls its model more than once. Is every call in the sum?",
        "failed-left-out": "The call failed after it was sent. Who pays for what was sent?",
        "rounded": "How much is left of 0.000048 with four places?",
        "not-told": "Somebody has to see that the sum is not all: count the calls, by model.",
        "shared": "What is written in the class itself, all its objects share.",
    },
)
async def CostCounter(attempt: Any, trial: Trial) -> None:
    """A counter that turns tokens into US dollars, by agent, and counts apart what has no price."""
    await counts_the_dollars(attempt, trial)


@CHALLENGE.exercise(
    "mask_cards",
    title="What must not be written down",
    minutes=5,
    hints=(
        "Two steps: a pattern finds what looks like a card; a function decides for each find. `re.sub(pattern, function, text)` does both.",
        "Patterns are texts: `BEGINS + DIGITS + ENDS` is one pattern. `masked` gives what comes in place of a find: `[card]`, or the find itself.",
        '```\nreturn "[card]" if luhn(only_digits(found[0])) else found[0]\n\nreturn re.sub(BEGINS + DIGITS + ENDS, masked, text)\n```',
    ),
    when={
        "let-through": "People type cards in groups of four, or six and five, with blanks or dashes. What may stand between two digits?",
        "too-wide": "How many things is `\\s`? Name the two signs that may stand there.",
        "no-mark": "What does `masked` return for a card, and does it `return` it?",
        "look-alike-lost": "A find that is no card disappears. What does `masked` return for it?",
        "not-digits": "`found[0]` may have blanks and dashes in it. Which helper takes them out?",
        "no-luhn": "Whoever looks for a parcel in the log finds `[card]`. Which rule tells the two apart?",
        "order-masked": "Something stands at it. `BEGINS` and `ENDS` are patterns: put one before yours, and one behind.",
        "neighbour-lost": "Your pattern ends behind a blank. Let it begin and end with a digit.",
        "changed": "A text without a card comes back exactly as it was.",
        "async-def": "Nothing has to be waited for: `def`.",
    },
)
async def mask_cards(attempt: Any, trial: Trial) -> None:
    """A function that puts [card] in place of each card number, and leaves all else as it is."""
    await masks_cards_only(attempt, trial)


@CHALLENGE.exercise(
    "SlowAlert",
    title="When to wake somebody",
    kind="class",
    minutes=10,
    hints=(
        "Is it slow now, and was it told already? That makes four cases. In which two is something told?",
        "`slow` is: five values, and their mean is over the limit. Tell only when `slow` is not what `self.raised` says, and remember it.",
        "```\nslow = len(self.last) == 5 and mean > self.limit\nif slow != self.raised:\n    self.raised = slow\n"
        '    self.tell("alert_raised" if slow else "alert_resolved", mean)\n```',
    ),
    when={
        "again-and-again": "The telephone rings with every call. What do you have to remember, so that it rings once?",
        "no-recovery": "Somebody got up at night. Who tells them that it is over?",
        "never-again": "After it is over, it may begin again. What has to be set back?",
        "too-early": "How many values does a mean of five need?",
        "one-call": "One slow call is no trend. Of how many is the mean?",
        "forgotten": "The last five calls are the last five, whether it was raised or not. Who empties your list?",
        "rounded": "5.04 is more than 5.0. When do they become the same?",
        "other-event": "`emit` is a function of one argument: one dict with three keys.",
        "other-mean": "A mean of all calls since Monday does not notice that it is slow now.",
        "not-a-model": "A tool may take long. Which type of event is a model call?",
        "false-alarm": "Over the limit, not at it.",
    },
)
async def SlowAlert(attempt: Any, trial: Trial) -> None:
    """An alert on the mean of the last five model calls: raised once, resolved once."""
    await rings_once(attempt, trial)


@CHALLENGE.exercise(
    "busy_figure",
    title="A picture of who works",
    minutes=7,
    hints=(
        "First the numbers, then the picture: `seconds` has them by agent after the loop, `trouble` who had any.",
        "Failed is: `event.data.get(\"ok\") is False`, or `event.data.get(\"state\") == \"failed\"`. `names = sorted(seconds, key=seconds.get)` puts "
        "the busiest last, and `barh` puts the last one on top.",
        "```\nif event.data.get(\"ok\") is False or event.data.get(\"state\") == \"failed\":\n    trouble.add(event.agent)\n\n"
        "names = sorted(seconds, key=seconds.get)\ncolours = [TROUBLE if name in trouble else FINE for name in names]\n"
        "axes.barh(names, [seconds[name] for name in names], color=colours)\n```",
    ),
    when={
        "other-length": "An agent's time is model calls and tools, all of them. Add, do not replace.",
        "other-bars": "A goal is somebody's words, not work. Which types have seconds?",
        "exception": "The first event of an agent finds an empty dict. What does `seconds.get(name, 0.0)` give?",
        "order": "`barh` begins at the bottom.",
        "trouble-hidden": "A failed tool and a failed model call say so in different fields.",
        "taken-back": "It failed once, and went well once. Which of the two does your bar show?",
        "colours": "`data.get(…)` is `None` where there is no such field. Is `None` a failure?",
        "left-open": "pyplot keeps each figure so that it can show it later. You draw one a second.",
        "kept": "Called twice with the same events, it draws another picture. What did it remember?",
        "no-figure": "Return the figure; the notebook paints it.",
        "async-def": "Nothing has to be waited for: `def`.",
    },
)  # fmt: skip
async def busy_figure(attempt: Any, trial: Trial) -> None:
    """A figure made from the events so far: one bar an agent, its seconds, and another colour where something failed."""
    await draws_who_works(attempt, trial)


@CHALLENGE.exercise(
    "find_fault",
    title="The step that says what was not done",
    minutes=12,
    hints=(
        "Follow one step: all events with its `step_id`. Which number was the tool called with, and which one does the reply tell?",
        "`started[event.data[\"key\"]]` is the quantity of the call that has just ended, and `event.data[\"state\"]` says how it ended. Keep it by step: "
        "`done[event.step_id]` is a set. At `step_completed`: does each of them stand in the text, alone?",
        "Both sides are sets of texts: `done[event.step_id]` and `numbers_told(event.text)`. `a - b` is what is in the first and not in the second; an empty "
        "set is false.",
        "```\nif event.data[\"state\"] == …:\n    done[event.step_id].add(…)\n\n"
        "if done[event.step_id] - …:\n    found.append(event.step_id)\n```",
    ),
    when={
        "missed": "Look at the chairs. How many were asked for, ordered, and told?",
        "part-of-a-number": "The number stands in the reply, as a piece of another one. What does `numbers_told` give for that reply?",
        "false-alarm": "One order can come in two parcels: then a reply has more numbers than the call. Is yours among them?",
        "number-and-text": "Is `3` in `{\"3\"}`?",
        "other-numbers": "27 stands in the name of the monitor. Is that a claim about how many?",
        "failed-counted": "400 were asked for, and the tool said no. How many were ordered?",
        "reading-counted": "To ask for a price orders nothing. Which field tells the two kinds of tools apart?",
        "one-call-only": "A dict with one entry a step holds its last call only.",
        "steps-mixed": "Two steps run at the same time. Whose reply is it?",
        "result-compared": "The tool's answer is another text about it. What was asked of the tool stands in its arguments.",
        "exception": "Not every call has a quantity, not every key was noted before, not every step has a call. Which of them is it in your line?",
        "no-quantity": "`arguments[\"quantity\"]` is a KeyError for a tool that has none.",
        "not-ids": "What a step is called stands in `event.step_id`.",
        "async-def": "Nothing has to be waited for: `def`.",
    },
)  # fmt: skip
async def find_fault(attempt: Any, trial: Trial) -> None:
    """A function that gives the ids of all steps whose reply claims another number than was done."""
    await finds_the_fault(attempt, trial)
