"""The report: one HTML file with key numbers, figures, steps, conversation, calls, trouble, and how to see more."""

from __future__ import annotations

import base64
import hashlib
import html
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING

from macae.monitoring.analysis.kpis import kpis
from macae.monitoring.analysis.summing import summary
from macae.monitoring.figures.comparing import compare_figure
from macae.monitoring.figures.monitor import monitor_figure
from macae.monitoring.figures.talking import KEY, conversation_figure, talk_counts
from macae.monitoring.figures.theme import DARK, LIGHT, Theme
from macae.monitoring.recorded import recorded
from macae.monitoring.recording import Recording
from macae.monitoring.report.conversing import conversation
from macae.monitoring.report.pictures import picture
from macae.monitoring.report.steps import pill, step_table
from macae.monitoring.report.tables import comparison_table, model_table, slowest_table
from macae.monitoring.report.telling import grounding_table, stopped_table, tool_calls, trouble
from macae.monitoring.report.writing import Pen, contents, section
from macae.monitoring.texts import one_line
from macae.monitoring.words import count, duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["report_html"]

STOPPED = "Nobody's error: such a step is offered again when more is allowed."
UNGROUNDED = (
    "Numbers, names and dates in replies that occur in none of their tool results and sources. "
    "Look at them; they may still be right."
)


def report_html(
    recording: Recording,
    *,
    compare: Recording | None = None,
    budget_usd: float | None = None,
    limit_seconds: float | None = 5.0,
    clean: Callable[[str], str] | None = None,
    made: float | None = None,
) -> str:
    """The session as one HTML page: readable on a laptop, a telephone and paper, light or dark as the reader has it.

    It runs no script and loads nothing. `compare`: another session, to set beside it. `budget_usd` (US dollars) and
    `limit_seconds` (of a model call) are drawn as lines. `clean` is called on every text before it is shown, and may take out
    what the reader is not to see. `made`: the time to name as the report's, in Unix seconds; None: now. Very long sessions
    are shortened, and the report says so.
    """
    recording, compare = recorded(recording), recorded(compare) if compare is not None else None
    pen = Pen(clean)
    steps, steps_left = step_table(recording, pen)
    talk, talk_left = conversation(recording, pen)
    calls, calls_left = tool_calls(recording, pen)
    title = pen.plain(recording.title)

    def monitor(theme: str, width: float) -> Figure:
        return monitor_figure(recording, theme, width, None, (), budget_usd, limit_seconds, strip=False)

    alt = f"{title}: who did what when in {duration(recording.seconds)}; all numbers are in the tables below."
    sections = [
        ("trouble", "What went wrong", "", trouble(recording, pen)),
        ("limits", "Stopped by a limit", STOPPED, stopped_table(recording, pen)),
        ("grounding", "Not grounded", UNGROUNDED, grounding_table(recording, pen)),
        ("compare", "Compared with another session", *_comparison(recording, compare, pen)),
        ("steps", "Steps", _left(steps_left, "steps"), steps),
        ("conversation", "Conversation", _left(talk_left, "lines"), talk),
        ("talk", "Who talks to whom", KEY, _who_talks(recording, pen)),
        ("calls", "Tool calls", _left(calls_left, "calls"), calls),
        ("slowest", "Slowest calls", "", slowest_table(recording, pen)),
        ("models", "Models", "", model_table(recording, pen)),
    ]
    shown = [one for one in sections if one[-1]]
    parts = [
        _head(recording, pen, budget_usd, limit_seconds),
        contents([(name, heading) for name, heading, _, _ in shown]),
        f'<section id="monitor">{picture(monitor, alt, 12.8)}</section>',
        *(section(heading, body, name, note) for name, heading, note, body in shown),
        _foot(recording, compare, pen, time.time() if made is None else made),
    ]
    return _page(title, "".join(parts))


def _left(number: int, what: str) -> str:
    return f"{number:,} {what} are left out, to keep the file small; the store keeps them." if number else ""


def _head(recording: Recording, pen: Pen, budget: float | None, limit: float | None) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(recording.start)) if recording.start else ""
    numbers = "".join(
        f'<div class="kpi{" trouble" if kpi.trouble else ""}"><dd>{html.escape(kpi.value)}{" <small>▲</small>" if kpi.trouble else ""}</dd>'
        f"<dt>{html.escape(kpi.label)}</dt></div>"
        for kpi in kpis(summary(recording), budget, limit)
    )
    missed = getattr(recording, "missed", 0)
    note = f'<p class="trouble">▲ {missed:,} events were not seen and are missing here.</p>' if missed else ""
    if recording.left is not None:
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(recording.left))
        way = f"macae resume {recording.session_id}"
        note += f'<p class="trouble">▲ No process has worked on this session since {since}. Take it up again: <code>{pen.line(way, 120)}</code></p>'
    return (
        f"<header><h1>{pen.line(recording.title, 300)}</h1>"
        f'<p>{pill(recording.status, recording.status_text, pen)} <span class="soft">{duration(recording.seconds)} in all, began {when} · '
        f"session {pen.line(recording.session_id, 80)}</span></p>{note}<dl>{numbers}</dl></header>"
    )


def _who_talks(recording: Recording, pen: Pen) -> str:
    counts = talk_counts(recording)
    if not counts:
        return ""
    most = ", ".join(
        f"{one_line(a, 60)} to {one_line(b, 60)} {n} times"
        for (a, b), n in sorted(counts.items(), key=lambda item: -item[1])[:6]
    )
    drawn = picture(
        lambda theme, width: conversation_figure(recording, theme, width, title=False),
        pen.plain(f"Who talks to whom: {most}"), 7.2, narrow=False,
    )  # fmt: skip
    return f'<div class="small">{drawn}</div>'


def _comparison(recording: Recording, other: Recording | None, pen: Pen) -> tuple[str, str]:
    """How to read the comparison, and the comparison."""
    if other is None:
        return "", ""
    which = f"{other.title} (session {one_line(other.session_id, 8)})"
    said = f"A is this session. B is {pen.plain(which)}. Waiting and tool calls are not judged."
    titles = (pen.plain(recording.title), pen.plain(other.title))
    drawn = picture(
        lambda theme, width: compare_figure(recording, other, theme, width, titles=titles, table=False),
        "Both sessions on one time axis", 12.8,
    )  # fmt: skip
    return said, comparison_table(recording, other) + drawn


def _foot(recording: Recording, compare: Recording | None, pen: Pen, made: float) -> str:
    version = getattr(sys.modules["macae"], "__version__", "")  # an import would go up the layers
    which = pen.line(recording.session_id, 100)
    against = f" --compare {pen.line(compare.session_id, 100)}" if compare is not None else ""
    lines = (f"macae show {which} --trail", f"macae report {which}{against}", f"macae store export {which} session.json")  # fmt: skip
    commands = "\n".join(lines)
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(made))
    return (
        '<footer><h2>See for yourself</h2><p class="note">Where the session is stored, these show all that is known of it, '
        f"write this report again, and give it away whole:</p><pre>{commands}</pre>"
        f'<p class="soft">Written {when} by macae {html.escape(version)} on Python {platform.python_version()}, '
        f"from {count(len(recording.events), 'event')}. Costs are list prices in US dollars.</p></footer>"
    )


def _colours(theme: Theme) -> str:
    return "".join(
        f"--{name}:{value};" for name, value in asdict(theme).items() if name not in ("name", "hatch")
    )


def _page(title: str, body: str) -> str:
    """The whole file. Its one style sheet is allowed by its hash; nothing else may run or be loaded."""
    css = (files("macae.monitoring.report") / "style.css").read_text(encoding="utf-8")
    dark = f"@media screen and (prefers-color-scheme: dark){{:root{{{_colours(DARK)}}}}}"
    style = f":root{{{_colours(LIGHT)}}}{dark}\n{css}"
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<meta name="referrer" content="no-referrer"><title>{html.escape(title[:150], quote=True)}</title>'
        f"<style>{style}</style></head>\n<body><main>{body}</main></body></html>\n"
    )
