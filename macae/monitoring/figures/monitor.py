"""The monitor's figure: key numbers, who did what when, latency, tokens, cost, and the reader's own metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from macae.monitoring.figures.axis import draw_legend, legend_entries, legend_lines, legend_width
from macae.monitoring.figures.chart import Place
from macae.monitoring.figures.curves import cost_panel, metric_panel
from macae.monitoring.figures.differences import WORK
from macae.monitoring.figures.gantt import MOST_ARROWS, draw_gantt
from macae.monitoring.figures.page import Page, boxes, put, rounded, text_width
from macae.monitoring.figures.panels import latency_panel, token_panel
from macae.monitoring.figures.rows import MOST_ROWS, rows_of
from macae.monitoring.figures.scale import TimeScale, time_scale
from macae.monitoring.figures.strip import WIDE, draw_strip, kpis, strip_height
from macae.monitoring.figures.theme import Theme, theme_named
from macae.monitoring.recorded import of_recording
from macae.monitoring.replay.costing import spent
from macae.monitoring.texts import one_line
from macae.monitoring.words import short_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from macae.monitoring.recording import Recording

__all__ = ["monitor_figure", "place_of"]

MARGIN = 0.32
HEADING = "Who did what, when"
Metric = tuple[str, Sequence[tuple[float, float]]]


@of_recording
def monitor_figure(
    recording: Recording,
    theme: str | Theme = "light",
    width: float = 12.8,
    agents: Sequence[str] | None = None,
    metrics: Sequence[Metric] = (),
    budget_usd: float | None = None,
    limit_seconds: float | None = 5.0,
    now: float | None = None,
    *,
    whole: Recording | None = None,
    shorten: bool | None = None,
    title: str | None = None,
    strip: bool = True,
) -> Figure:
    """Draw a session. The height follows from what there is to show; `width` is in inches (at least 4).

    `agents`: only these agents' rows and calls. `metrics`: names with their (seconds, value) pairs. `budget_usd` and
    `limit_seconds` (of a model call) are drawn as lines. `now`: draws a line at this moment, in seconds since the start.
    `whole`: the whole session where `recording` is only its beginning, as in a replay: rows and time axis stay as they
    are in it. `shorten`: whether long stretches without work are drawn shortened; None does it where work would else be
    too small to see. `title` is written in place of the recording's own; without
    `strip`, title and key numbers are left out. Raises InvalidInput for an unknown theme.
    """
    colours = theme_named(theme)
    width = max(float(width), 4.0)
    full = whole if whole is not None else recording
    total = max(full.seconds, recording.seconds, now or 0.0)
    everyone = list(dict.fromkeys([*full.agents, *recording.agents]))
    names = short_names(everyone)
    wanted = everyone if agents is None else [name for name in everyone if name in set(agents)]
    bars = [bar for bar in recording.bars if bar.agent in wanted]
    calls = [call for call in recording.model_calls if call.agent in wanted]
    scale = time_scale(total, [(bar.start, bar.end) for bar in full.bars if bar.kind in WORK], shorten)
    rows, rows_height = rows_of(wanted, bars)
    if whole is not None:
        _keep_rows(rows, wanted, whole)
        rows_height = rows[-1].top + rows[-1].height if rows else 0.0

    label_room = min(
        max([text_width(names[row.agent], 10.5, True) for row in rows] or [0.9]), max(width * 0.17, 1.2)
    )
    label_room = max(label_room, min(1.05, width * 0.2))
    left = MARGIN + label_room + 0.14
    inner = width - left - MARGIN
    gantt_top = MARGIN + (strip_height(width) if strip else 0)
    kinds = {bar.kind for bar in full.bars if bar.agent in wanted}
    entries = legend_entries(kinds, bool(full.alerts), bool(scale.breaks))
    beside = text_width(HEADING, 10.5, True) + 0.3 + legend_width(entries) <= inner
    below_title = [] if beside else legend_lines(entries, inner)
    title_room = 0.42 + 0.22 * len(below_title)
    gantt_height = rows_height if rows and (bars or whole is not None) else 1.9
    below = gantt_top + title_room + gantt_height + 0.36 + 0.2
    places, bottom = panel_places(width, left, below, 3 + len(metrics))
    page = Page(width, bottom + 0.22, colours)

    if strip:
        strip_left = left if width >= WIDE else MARGIN
        draw_strip(
            page, strip_left, MARGIN, width - strip_left - MARGIN,
            recording.title if title is None else title, recording.status, recording.status_text,
            now if now is not None and whole is not None else recording.seconds, place_of(recording),
            kpis(recording, budget_usd, limit_seconds),
        )  # fmt: skip
    heading = page.panel("heading", left, gantt_top, inner, title_room)
    put(heading, 0, 0.14, HEADING, colours.text, 10.5, bold=True)
    if rows and (bars or whole is not None):
        alerts = [(_who(alert), _when(alert, recording)) for alert in recording.alerts]
        axes = page.panel("gantt", left, gantt_top + title_room, inner, rows_height)
        overs = [over for over in recording.hand_overs if {over.source, over.target} <= set(wanted)]
        draw_gantt(
            page, axes, rows, scale, inner, names, hand_overs=overs if len(overs) <= MOST_ARROWS else (),
            alerts=alerts, now=now, label_room=label_room,
        )  # fmt: skip
        draw_legend(heading, entries if beside else (), inner, 0.14, inner, colours)
        for number, line in enumerate(below_title):
            draw_legend(heading, line, legend_width(line), 0.4 + 0.22 * number, inner, colours)
        if len(wanted) < len(everyone) or len(wanted) > MOST_ROWS:
            said = f"{len(rows)} of {len(everyone)} agents shown"
            put(axes, 1, rows_height + 0.34, said, colours.soft, 8, across="right")
    else:
        _nothing_yet(page, left, gantt_top + title_room, inner, gantt_height, recording, agents is not None)
    _draw_panels(page, places, scale, recording, calls, names, metrics, budget_usd, limit_seconds, full)
    return page.figure


def panel_places(width: float, left: float, top: float, count: int) -> tuple[list[Place], float]:
    """Where the panels go, three beside each other or fewer on a narrow page, and where they end."""
    columns = 3 if width >= WIDE else 2 if width >= 6.6 else 1
    axis, gap = 0.78, 0.3
    first = (
        left - MARGIN if width >= WIDE and left - MARGIN < 1.8 else axis
    )  # the first one stands below the rows
    column = (width - 2 * MARGIN + gap) / columns - gap
    height = 2.6 if width >= WIDE else 2.3
    places = []
    for number in range(count):
        row, at = divmod(number, columns)
        labels = 0.3 if number == 1 else axis  # the tokens' names are inside
        labels = first if at == 0 else labels
        start = MARGIN + at * (column + gap) + labels
        places.append((start, top + row * (height + 0.3), column - labels, height))
    rows = -(-count // columns)
    return places, top + rows * (height + 0.3) - 0.3


def _draw_panels(
    page: Page,
    places: Sequence[Place],
    scale: TimeScale,
    recording: Recording,
    calls: Sequence[Any],
    names: dict[str, str],
    metrics: Sequence[Metric],
    budget: float | None,
    limit: float | None,
    full: Recording,
) -> None:
    slowest = max((call.seconds for call in full.model_calls if call.agent in names), default=0.0)
    latency_panel(page, places[0], scale, calls, names, limit, slowest)
    token_panel(page, places[1], calls, names)
    paid = spent(recording.model_calls)
    cost_panel(
        page, places[2], scale, recording.costs, paid.unpriced, paid.why, len(recording.model_calls), budget,
        until=recording.seconds, highest=full.costs[-1][1] if full.costs else 0.0,
    )  # fmt: skip
    for place, (name, values) in zip(places[3:], metrics, strict=True):
        metric_panel(page, place, scale, one_line(name, 80), values, recording.seconds)


def _keep_rows(rows: Sequence[Any], wanted: Sequence[str], whole: Recording) -> None:
    """Give the rows the places and lanes that they have in the whole session, so that nothing jumps in a replay."""
    final, _ = rows_of(wanted, [bar for bar in whole.bars if bar.agent in wanted])
    for row, last in zip(rows, final, strict=True):
        row.top, row.height, row.lanes = last.top, last.height, max(last.lanes, row.lanes)


def _nothing_yet(page: Page, left: float, top: float, width: float, height: float, recording: Recording, chosen: bool) -> None:  # fmt: skip
    """An empty Gantt that says what will be there."""
    theme = page.theme
    axes = page.panel("gantt", left, top, width, height)
    boxes(axes, [rounded(0, 1, 0, height, width, 0.06)], theme.band, zorder=0)
    ghosts = [(0.03, 0.12, 0.16), (0.12, 0.21, 0.39), (0.21, 0.35, 0.62), (0.36, 0.42, 0.62), (0.42, 0.58, 0.85), (0.59, 0.65, 0.85), (0.66, 0.79, 0.62), (0.80, 0.88, 0.39), (0.88, 0.97, 0.16)]  # fmt: skip
    thick = 0.1
    drawn = [rounded(a, b, y * height - thick, y * height + thick, width) for a, b, y in ghosts]
    boxes(axes, drawn, theme.line, zorder=1, alpha=0.7)
    empty = "These agents have done nothing yet." if chosen else "Nothing has happened yet."
    head = empty if not recording.agents or chosen else "The first call is on its way."
    put(axes, 0.5, height * 0.24, head, theme.text, 12, bold=True, across="center", zorder=3)
    put(axes, 0.5, height * 0.24 + 0.28, "Submit a goal: each call appears here as it happens.", theme.soft, 9.5, across="center", zorder=4)  # fmt: skip


def place_of(recording: Recording) -> str:
    """The words that name the session: its first characters are enough for every command."""
    return f"session {one_line(recording.session_id, 60)[:8]}"


def _who(alert: Any) -> str:
    return str(getattr(alert, "agent", "") or "")


def _when(alert: Any, recording: Recording) -> float:
    seconds = getattr(alert, "seconds", None)
    return float(seconds if seconds is not None else alert.time - recording.start)
