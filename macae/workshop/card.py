"""Cards: what a check, a hint and a solution look like in the notebook. Everything that came from outside is escaped."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from macae.ui.text import clip, esc
from macae.workshop.exercise import Exercise
from macae.workshop.verdict import Status, Verdict, ended

__all__ = ["Card", "heading", "hint_card", "inline", "prose", "show", "solution_card", "verdict_card"]


@cache
def stylesheet() -> str:
    """The cards' style."""
    return files("macae.workshop").joinpath("style.css").read_text(encoding="utf-8")


class Card:
    """Something to show: HTML in a notebook, text elsewhere."""

    def __init__(self, body: str, text: str, tone: str = "") -> None:
        self.body, self.text, self.tone = body, text, tone

    def _repr_html_(self) -> str:
        tone = f" macae-ex-{self.tone}" if self.tone else ""
        return f'<style>{stylesheet()}</style><div class="macae-ex{tone}" role="status">{self.body}</div>'

    def __repr__(self) -> str:
        return self.text


def show(card: Card) -> None:
    """Put a card under the cell."""
    from IPython.display import display

    display(card)  # type: ignore[no-untyped-call]


def inline(text: str) -> str:
    """A line, with `code` in code."""
    pieces = re.split(r"`([^`\n]+)`", text)
    return "".join(f"<code>{esc(piece)}</code>" if i % 2 else esc(piece) for i, piece in enumerate(pieces))


def prose(text: str) -> str:
    """Plain text with `code` and blocks between lines of three backticks, as HTML."""
    found = []
    for i, part in enumerate(re.split(r"(?m)^```[a-z]*\n?", text)):
        if i % 2:
            found.append(f"<pre>{esc(part.rstrip())}</pre>")
        elif part.strip():
            found.append(f"<p>{inline(part.strip())}</p>")
    return "".join(found)


def heading(mark: str, word: str, exercise: Exercise) -> str:
    """The first line of a card."""
    return f"<h4><b>{mark} {esc(word)}</b> {esc(exercise.title)} <span>{esc(exercise.name)}</span></h4>"


def verdict_card(exercise: Exercise, verdict: Verdict, notes: list[str], foot: str) -> Card:
    """What a check says. `notes` are remarks beside it, `foot` what to do next."""
    proven = "".join(f"<li>{inline(line)}</li>" for line in verdict.proven)
    shown = f"<ul>{proven}</ul>" if proven else ""
    if verdict.status is Status.passed:
        head, tone, middle = heading("✓", "Passed", exercise), "ok", shown
    elif verdict.status is Status.not_attempted:
        head, tone = heading("○", "Not attempted yet", exercise), ""
        todo = verdict.look or verdict.expected
        middle = f"<p>{inline(ended(verdict.expected))}</p>" + (
            f"<p>{inline(todo)}</p>" if verdict.look else ""
        )
    else:
        head, tone = heading("→", "Not yet", exercise), "ask"
        rows = [("Expected", inline(verdict.expected)), ("Seen", inline(clip(verdict.seen, 1_500)))]
        if verdict.line:
            rows.append(("At", f"<code>{esc(clip(verdict.line, 300))}</code>"))
        if verdict.look:
            rows.append(("Look", inline(verdict.look)))
        listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
        so_far = f"<p>So far:</p>{shown}" if shown else ""
        middle = f"<dl>{listed}</dl>{so_far}"
    remarks = "".join(f"<p>{inline(note)}</p>" for note in notes)
    footer = f'<p class="macae-ex-foot">{inline(foot)}</p>' if foot else ""
    text = "\n".join([str(verdict), *notes, foot]).strip()
    return Card(head + middle + remarks + footer, text, tone)


def hint_card(exercise: Exercise, text: str, number: int, total: int, foot: str) -> Card:
    """A hint and how many are left."""
    head = heading("?", f"Hint {number} of {total}", exercise)
    return Card(head + prose(text) + f'<p class="macae-ex-foot">{inline(foot)}</p>', f"Hint {number} of {total}: {text}", "info")  # fmt: skip


def solution_card(exercise: Exercise, source: str) -> Card:
    """Our answer."""
    foot = "One answer of several. Type it rather than paste it, change something, and check again."
    body = heading("✎", "Our solution", exercise) + f"<pre>{esc(source)}</pre>" + f'<p class="macae-ex-foot">{foot}</p>'  # fmt: skip
    return Card(body, source, "info")
