"""Taking it along: CSV, PNG and HTML as links that download, or as files; and a page that needs no kernel."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from macae.monitoring.files import put_file
from macae.monitoring.words import duration
from macae.ui.fragments import notice
from macae.ui.monitor import fragments, painting
from macae.ui.monitor.numbers import key_numbers
from macae.ui.monitor.panel import stylesheet
from macae.ui.text import esc

if TYPE_CHECKING:
    from macae.ui.monitor.showing import Shot

__all__ = [
    "Table", "csv", "file_name", "link", "offer", "page", "pictured", "png", "report", "saved", "still", "write",
]  # fmt: skip

Table = Literal["events", "calls", "steps", "tools"]
LARGEST = 6_000_000
"""Bytes of a file that go into a link; a larger one is written beside the notebook."""
MIME = {"csv": "text/csv;charset=utf-8", "png": "image/png", "html": "text/html;charset=utf-8"}


def csv(shot: Shot, kind: Table = "events") -> bytes:
    """A table of the whole session. Raises InvalidInput for a kind that there is not."""
    from macae.monitoring.tables import to_csv

    return to_csv(shot.whole, None, kind=kind).encode()


def png(shot: Shot, theme: str = "light", scale: float = 2.0, strip: bool = True) -> bytes:
    """The figure as it is shown, with title and numbers unless without `strip`. Raises InvalidInput for an unknown theme."""
    from macae.monitoring.figures import png as as_png

    return as_png(painting.figure(shot.whole, shot.seen, shot.look, shot.metrics, theme, strip), scale)


def report(shot: Shot) -> bytes:
    """The report on the whole session."""
    from macae.monitoring.report import report_html

    return report_html(shot.whole, budget_usd=shot.look.budget_usd).encode()


def offer(kind: str, shot: Shot) -> str:
    """Make a file (csv, png or html): a link that downloads it; one too large for that is written and named."""
    content = png(shot) if kind == "png" else csv(shot) if kind == "csv" else report(shot)
    return handed(file_name(shot.whole.session_id, kind), kind, content)


def handed(name: str, kind: str, content: bytes) -> str:
    """A link that downloads the content, or, when that is too much for a link, where it was written."""
    if len(content) <= LARGEST:
        return link(name, kind, content)
    return saved(write(name, content), f" ({size(content)}: too much for a link).")


def file_name(session_id: str, kind: str) -> str:
    """A file name that every system accepts, whatever the session is called."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", session_id).strip("-")[:60] or "session"
    return f"macae-{safe}.{kind}"


def size(content: bytes) -> str:
    """How large it is, in words."""
    return f"{len(content) / 1e6:.1f} MB" if len(content) >= 1e6 else f"{max(1, len(content) // 1000):,} kB"


def link(name: str, kind: str, content: bytes) -> str:
    """A link that downloads the content."""
    data = base64.b64encode(content).decode()
    return notice(
        f'<a class="macae-link" download="{esc(name)}" href="data:{MIME[kind]};base64,{data}">'
        f"Download {esc(name)}</a> ({size(content)}, as of now)",
        "ok",
        "download",
        "status",
    )


def saved(path: Path, why: str = "") -> str:
    """Where a file was put."""
    return notice(f"Saved to <code>{esc(path)}</code>{esc(why)}", "ok", "check", "status")


def write(path: str | Path, content: bytes) -> Path:
    """Write a file, whole or not at all; its full path. Raises InvalidInput saying why it cannot be written."""
    return put_file(Path(path).expanduser().absolute(), content)


def page(shot: Shot) -> str:
    """What is shown as one piece of HTML without widgets: numbers, figure, troubles and the last of the conversation."""
    seen, look = shot.seen, shot.look
    numbers = {step.id: step.index for step in seen.steps}
    figure = pictured(png(shot, "light", 1.5, strip=False), painting.spoken(seen))
    lines, _ = fragments.conversation(seen.conversation, look.agent, look.messages, look.thoughts, numbers)
    html = (
        f'{stylesheet()}<div class="macae-board macae-monitor macae-static">'
        f'<div class="macae-row macae-headline">{fragments.head(seen, "")}'
        f"{fragments.clock(duration(seen.seconds))}</div>"
        f"{fragments.strip(key_numbers(seen, shot.metrics, look.budget_usd, look.limit_seconds))}"
        f"{figure}"
        f"{fragments.alerts(seen, look.agent, numbers) if fragments.trouble_count(seen) else ''}"
        f'<div class="macae-section" role="heading" aria-level="4">Conversation</div>{lines}</div>'
    )
    # JupyterLab typesets what stands between two dollar signs of an HTML output; prices are not formulas.
    return html.replace("$", "<span>$</span>")


def pictured(png: bytes, label: str) -> str:
    """A picture inside HTML; `label` is what a screen reader says."""
    data = base64.b64encode(png).decode()
    return f'<div class="macae-figure"><img alt="{esc(label)}" src="data:image/png;base64,{data}"></div>'


def still(picture: str) -> str:
    """A picture as a piece of HTML of its own, without widgets."""
    return f'{stylesheet()}<div class="macae-board macae-monitor macae-static">{picture}</div>'
