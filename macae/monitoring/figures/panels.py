"""The panels of the model calls: how long each took, and the tokens of each agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from macae.monitoring.figures.axis import draw_legend
from macae.monitoring.figures.chart import TITLE, Place, dots, empty_panel, time_chart, write_title
from macae.monitoring.figures.page import Page, boxes, fit, lines, put, rounded, text_width
from macae.monitoring.figures.scale import TimeScale
from macae.monitoring.words import duration, tokens

if TYPE_CHECKING:
    from macae.monitoring.replay.views import ModelCall

__all__ = ["latency_panel", "token_panel"]

MOST_NAMED = 3
MOST_AGENTS = 8


def latency_panel(
    page: Page,
    place: Place,
    scale: TimeScale,
    calls: Sequence[ModelCall],
    names: Mapping[str, str],
    limit: float | None,
    highest: float = 0.0,
) -> None:
    """A pin for each model call, where it ended; the ones over the limit are named, failed ones are crossed.

    The scale goes up to `highest` seconds at least.
    """
    if not calls:
        return empty_panel(page, "latency", place, "Model latency", "No model call has ended yet.")
    most = max(highest, *(call.seconds for call in calls))
    level = (limit, f"limit {duration(limit).replace('.0 ', ' ')}") if limit else None
    chart = time_chart(
        page, "latency", *place, scale, title="Model latency", most=most, level=level, words=_seconds(most)
    )
    theme, width = page.theme, place[2]
    slow = [call for call in calls if limit and call.seconds > limit]
    failed = [call for call in calls if not call.ok]
    usual = [call for call in calls if call.ok and not (limit and call.seconds > limit)]
    thick, dot = (1.3, 6.5) if len(calls) <= 60 else (0.7, 3.5)
    for group, colour, marker in (
        (usual, theme.model, "o"),
        (slow, theme.trouble, "D"),
        (failed, theme.trouble, "X"),
    ):
        if not group:
            continue
        points = [(scale.at(call.end), chart.y(call.seconds)) for call in group]
        lines(chart.axes, [[(x, chart.floor), (x, y)] for x, y in points], colour, thick, zorder=3, alpha=0.75)  # fmt: skip
        dots(chart, points, colour, theme.ground, marker, dot, f"calls-{marker}")
    taken: list[tuple[float, float, float]] = []
    for call in sorted(slow, key=lambda call: -call.seconds)[:MOST_NAMED]:
        words = fit(f"{names.get(call.agent, call.agent)} {duration(call.seconds)}", 8, width * 0.6, True)
        x, y = scale.at(call.end) * width, chart.y(call.seconds)
        long = text_width(words, 8, True)
        left = x - 0.1 - long if x - 0.1 - long > 0.02 else x + 0.1
        if any(abs(y - other) < 0.14 and left < b and a < left + long for a, b, other in taken):
            continue
        taken.append((left, left + long, y))
        put(chart.axes, left / width, y, words, theme.trouble, 8, bold=True, zorder=6, bbox={"boxstyle": "square,pad=0.1", "facecolor": theme.ground, "edgecolor": "none"})  # fmt: skip
    return None


def token_panel(page: Page, place: Place, calls: Sequence[ModelCall], names: Mapping[str, str]) -> None:
    """For each agent the tokens of its prompts and replies, in the order of the rows above."""
    spent: dict[str, tuple[int, int]] = {}
    for call in calls:
        prompt, reply = spent.get(call.agent, (0, 0))
        spent[call.agent] = prompt + call.prompt_tokens, reply + call.completion_tokens
    agents = [name for name in names if any(spent.get(name, ()))]
    if not agents:
        return empty_panel(page, "tokens", place, "Tokens by agent", "No token has been used yet.")
    if len(agents) > MOST_AGENTS:
        ordered = sorted(agents, key=lambda name: -sum(spent[name]))
        kept = set(ordered[: MOST_AGENTS - 1])
        others = [spent[name] for name in ordered if name not in kept]
        agents = [name for name in agents if name in kept] + [""]
        spent[""] = sum(a for a, _ in others), sum(b for _, b in others)
    shown = {name: names.get(name, name) for name in agents}
    if "" in agents:
        shown[""] = f"{len([n for n in names if n not in agents and any(spent.get(n, ()))])} others"
    _, _, width, height = place
    theme = page.theme
    axes = page.panel("tokens", *place)
    write_title(axes, "Tokens by agent", page, width)
    legend = [("model", "prompt"), ("completion", "completion")]
    beside = width - text_width("Tokens by agent", 10.5, True) > 2.0
    draw_legend(axes, legend, width, 0.09 if beside else height - 0.1, width, theme)
    room = min(max(text_width(name, 9) for name in shown.values()), width * 0.34)
    number = max(text_width(tokens(sum(spent[name])), 8.5) for name in agents)
    across = width - room - 0.1 - number - 0.1
    most = max(sum(spent[name]) for name in agents)
    pitch = min((height - TITLE - 0.2) / len(agents), 0.6)
    thick = pitch * 0.56
    prompts, replies = [], []
    for row, name in enumerate(agents):
        middle = TITLE + 0.06 + pitch * (row + 0.5)
        begin = (room + 0.1) / width
        cut = begin + across * spent[name][0] / most / width
        end = begin + across * sum(spent[name]) / most / width
        prompts.append(rounded(begin, max(cut, begin + 0.001), middle - thick / 2, middle + thick / 2, width, 0.0))  # fmt: skip
        if end > cut:
            replies.append(rounded(cut, end, middle - thick / 2, middle + thick / 2, width, 0.0))
        put(axes, begin - 0.08 / width, middle, fit(shown[name], 9, room), theme.text, 9, across="right")
        put(axes, end + 0.07 / width, middle, tokens(sum(spent[name])), theme.text, 8.5)
    boxes(axes, prompts, theme.model, gid="prompt")
    if replies:
        boxes(axes, replies, theme.completion, gid="completion")
    lines(axes, [[((room + 0.1) / width, TITLE + 0.06), ((room + 0.1) / width, TITLE + 0.06 + pitch * len(agents))]], theme.line, 1.0)  # fmt: skip
    return None


def _seconds(most: float) -> Callable[[float], str]:
    """Words for a scale of seconds that goes up to `most`."""
    if most < 0.8:
        return lambda value: f"{value * 1000:g} ms" if value else "0"
    if most < 180:
        return lambda value: f"{value:g} s" if value else "0"
    return lambda value: f"{value / 60:.3g} min" if value else "0"
