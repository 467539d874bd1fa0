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

from macae.monitoring.figures.comparing import compare_figure
from macae.monitoring.figures.monitor import monitor_figure
from macae.monitoring.figures.strip import kpis
from macae.monitoring.figures.talking import conversation_figure, talk_counts
from macae.monitoring.figures.theme import DARK, LIGHT, Theme
from macae.monitoring.figures.words import duration, usd
from macae.monitoring.report.pictures import picture
from macae.monitoring.report.tables import comparison_table, model_table, slowest_table, step_table
from macae.monitoring.report.telling import conversation, grounding_table, tool_calls, trouble
from macae.monitoring.report.writing import Pen, section

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from macae.monitoring.recording import Recording

__all__ = ["report_html"]


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
    pen = Pen(clean)
    steps, steps_left = step_table(recording, pen)
    talk, talk_left = conversation(recording, pen)
    calls, calls_left = tool_calls(recording, pen)
    title = pen.plain(recording.title)

    def monitor(theme: str, width: float) -> Figure:
        return monitor_figure(recording, theme, width, None, (), budget_usd, limit_seconds, strip=False)

    alt = f"{title}: who did what when in {duration(recording.seconds)}; all numbers are in the tables below."
    parts = [
        _head(recording, pen, budget_usd),
        f'<section id="monitor">{picture(monitor, alt, 12.8)}</section>',
        section("What went wrong", trouble(recording, pen), "trouble"),
        section("Not grounded", grounding_table(recording, pen), "grounding", "Numbers, names and dates in replies that occur in none of their tool results and sources. Look at them; they may still be right."),
        _comparison(recording, compare, pen) if compare is not None else "",
        section("Steps", steps, "steps", _left(steps_left, "steps")),
        section("Conversation", talk, "conversation", _left(talk_left, "lines")),
        _who_talks(recording),
        section("Tool calls", calls, "calls", _left(calls_left, "calls")),
        section("Slowest calls", slowest_table(recording, pen), "slowest"),
        section("Models", model_table(recording, pen), "models"),
        _foot(recording, compare, pen, time.time() if made is None else made),
    ]  # fmt: skip
    return _page(title, "".join(parts))


def _left(number: int, what: str) -> str:
    return f"{number:,} {what} are left out, to keep the file small; the store keeps them." if number else ""


def _head(recording: Recording, pen: Pen, budget: float | None) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(recording.start)) if recording.start else ""
    waited = sum(bar.end - bar.start for bar in recording.bars if bar.kind == "waiting")
    numbers = "".join(
        f'<div class="kpi{" trouble" if kpi.trouble else ""}"><dd>{html.escape(kpi.value)}{" <small>▲</small>" if kpi.trouble else ""}</dd>'
        f"<dt>{html.escape(kpi.label)}{f' of {usd(budget)}' if kpi.label == 'cost' and budget else ''}</dt></div>"
        for kpi in kpis(recording)
    )
    numbers += f'<div class="kpi"><dd>{duration(waited)}</dd><dt>waiting for people</dt></div>'
    status = html.escape(recording.status)
    tone = {"finished": "ok", "failed": "bad", "impossible": "bad", "waiting": "ask", "paused": "ask"}.get(recording.status, "")  # fmt: skip
    missed = getattr(recording, "missed", 0)
    note = f'<p class="trouble">▲ {missed:,} events were not seen and are missing here.</p>' if missed else ""
    return (
        f"<header><h1>{pen.line(recording.title, 300)}</h1>"
        f'<p><span class="pill {tone}">{status}</span> <span class="soft">{duration(recording.seconds)} · began {when} · '
        f"session {pen.line(recording.session_id, 80)}</span></p>{note}<dl>{numbers}</dl></header>"
    )


def _who_talks(recording: Recording) -> str:
    counts = talk_counts(recording)
    if not counts:
        return ""
    most = ", ".join(
        f"{a} to {b} {n} times" for (a, b), n in sorted(counts.items(), key=lambda item: -item[1])[:6]
    )
    drawn = picture(lambda theme, width: conversation_figure(recording, theme, width), f"Who talks to whom: {most}", 7.2, narrow=False)  # fmt: skip
    return f'<section id="talk" class="small">{drawn}</section>'


def _comparison(recording: Recording, other: Recording, pen: Pen) -> str:
    said = f"A is this session. B is {pen.plain(other.title)} (session {other.session_id[:8]}). Waiting and tool calls are not judged."
    titles = (pen.plain(recording.title), pen.plain(other.title))
    drawn = picture(
        lambda theme, width: compare_figure(recording, other, theme, width, titles=titles, table=False),
        "Both sessions on one time axis", 12.8,
    )  # fmt: skip
    return section(
        "Compared with another session", comparison_table(recording, other) + drawn, "compare", said
    )


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
        f"from {len(recording.events):,} events. Costs are list prices in US dollars.</p></footer>"
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
