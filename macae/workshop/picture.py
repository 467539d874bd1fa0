"""Two pictures: how far a learner is, and whose parts the engine is made of. SVG and HTML, in the theme's colours."""

from __future__ import annotations

from collections.abc import Sequence

from macae.ui.text import esc
from macae.workshop.card import Card
from macae.workshop.growth import Growth
from macae.workshop.standing import ChallengeStanding, ExerciseStanding

__all__ = ["parts_card", "progress_card"]

WIDTH, TOP = 700, 104
LETTER = 6.6
"""How wide a letter of a title is, at most, on average."""


def progress_card(found: Sequence[ChallengeStanding]) -> Card:
    """The way through the challenges, with a ring for each that fills as its exercises pass, and a table."""
    total = sum(len(one.exercises) for one in found)
    passed = sum(one.passed for one in found)
    minutes = sum(one.spent for one in found) / 60
    head = f"<h4>Your progress <span>{passed} of {total} exercises passed · {minutes:.0f} min</span></h4>"
    rows = "".join(row(one) for one in found)
    table = (
        '<table><tr><th>Challenge</th><th>Exercises</th><th class="macae-ex-num">Passed</th>'
        f'<th class="macae-ex-num">Minutes (planned)</th></tr>{rows}</table>'
    )
    text = "\n".join(
        f"{one.number} {one.title}: {one.passed} of {len(one.exercises)} passed, {one.spent / 60:.0f} min"
        for one in found
    )
    return Card(head + way(found) + table, f"{passed} of {total} exercises passed\n{text}", "info")


def way(found: Sequence[ChallengeStanding]) -> str:
    """The rings on their line, as SVG."""
    gap = WIDTH / max(len(found), 1)
    radius, shapes = 24, []
    titles = [in_lines(one.title, gap) for one in found]
    down = 13 * (max((len(lines) for lines in titles), default=1) - 1)
    around = 2 * 3.14159265 * radius
    for i, one in enumerate(found):
        x = gap * (i + 0.5)
        if i:
            shapes.append(f'<line x1="{x - gap + radius + 5:.1f}" y1="38" x2="{x - radius - 5:.1f}" y2="38" stroke="var(--x-{"ok" if found[i - 1].done else "line"})" stroke-width="3"/>')  # fmt: skip
        part = one.passed / len(one.exercises) if one.exercises else 0
        fill = "var(--x-ok)" if one.done else "var(--x-bg)"
        shapes.append(f'<circle cx="{x:.1f}" cy="38" r="{radius}" fill="{fill}" stroke="var(--x-{"ok" if one.done else "line"})" stroke-width="5"/>')  # fmt: skip
        if part and not one.done:
            shapes.append(
                f'<circle cx="{x:.1f}" cy="38" r="{radius}" fill="none" stroke="var(--x-ok)" stroke-width="5" '
                f'stroke-dasharray="{part * around:.1f} {around:.1f}" transform="rotate(-90 {x:.1f} 38)"/>'
            )
        mark = "✓" if one.done else str(one.number)
        colour = "var(--x-bg)" if one.done else "var(--x-fg)"
        shapes.append(f'<text x="{x:.1f}" y="44.5" text-anchor="middle" font-size="18" font-weight="600" style="fill: {colour}">{mark}</text>')  # fmt: skip
        for row, line in enumerate(titles[i]):
            shapes.append(f'<text x="{x:.1f}" y="{84 + 13 * row}" text-anchor="middle" font-size="11.5">{esc(line)}</text>')  # fmt: skip
        spent = f"{one.spent / 60:.0f} of {one.minutes} min" if one.opened else f"{one.minutes} min"
        shapes.append(f'<text x="{x:.1f}" y="{99 + down}" text-anchor="middle" font-size="10.5" style="fill: var(--x-soft)">{spent}</text>')  # fmt: skip
    label = f"{sum(one.done for one in found)} of {len(found)} challenges finished"
    return f'<svg viewBox="0 0 {WIDTH} {TOP + down}" role="img" aria-label="{label}">{"".join(shapes)}</svg>'


def in_lines(title: str, room: float) -> list[str]:
    """A title, in two lines where one is too long for its room."""
    first, _, last = title.rpartition(" ")
    return [title] if len(title) * LETTER <= room or not first else [first, last]


def row(one: ChallengeStanding) -> str:
    """A challenge in the table."""
    dots = "".join(dot(exercise) for exercise in one.exercises.values())
    spent = f"{one.spent / 60:.0f} ({one.minutes})" if one.opened else f"– ({one.minutes})"
    return (
        f'<tr><td>{one.number} · {esc(one.title)}</td><td><span class="macae-ex-dots">{dots}</span></td>'
        f'<td class="macae-ex-num">{one.passed} of {len(one.exercises)}</td><td class="macae-ex-num">{spent}</td></tr>'
    )


def dot(one: ExerciseStanding) -> str:
    """An exercise in the table: a mark, with its name for whoever points at it."""
    state, mark = ("ok", "✓") if one.passed else ("ask", "→") if one.failed else ("", "")
    said = "passed" if one.passed else "not yet" if one.failed else "not attempted"
    hints = f", {one.hints} hints" if one.hints else ""
    label = esc(f"{one.name}: {said}{hints}{', solution shown' if one.solution else ''}")
    return f'<i class="{state}" title="{label}" aria-label="{label}">{mark}</i>'


BOXES = {
    "human": (12, "HumanAgent", "asks you, stores what you say"),
    "manager": (252, "GroupChatManager", "leads the plan"),
    "planner": (492, "PlannerAgent", "makes the plan"),
}


def parts_card(growth: Growth) -> Card:
    """The engine's parts, each with whose it is; those of the learner that broke say why."""
    agents = [name for name, part in growth.names.items() if part == "agents"]
    by_part = {part: name for name, part in growth.names.items() if part != "agents"}
    shapes = [
        '<line x1="200" y1="52" x2="252" y2="52" stroke="var(--x-quiet)" stroke-width="2"/>'
        '<line x1="440" y1="52" x2="492" y2="52" stroke="var(--x-quiet)" stroke-width="2"/>'
        '<path d="M346 86 V101 M246 116 V101 H446 V116" fill="none" stroke="var(--x-quiet)" stroke-width="2"/>'
    ]
    for part, (x, title, does) in BOXES.items():
        name = by_part.get(part, title)
        shapes.append(box(x, 18, 188, 68, title, does, whose(growth, name)))
    joined = [name for name in agents if name in growth.theirs]
    shapes.append(box(152, 116, 188, 62, "Departments", "Contoso's agents and tools", "ours"))
    label = ", ".join(joined) or "Your department"
    standing = sorted({whose(growth, name) for name in joined}) or ["none"]  # one that broke is told first
    shapes.append(
        box(352, 116, 188, 62, label, "joins the team" if len(joined) < 2 else "join the team", standing[0])
    )
    broke = "".join(f"<p>→ <b>{esc(name)}</b> broke, ours stands in: {esc(why)}</p>" for name, why in growth.broke.items())  # fmt: skip
    good = growth.theirs - set(growth.broke)
    # However many departments somebody has built: in the picture they are one part.
    count = sum(name in good for name in by_part.values()) + bool(good.intersection(agents))
    total = len(by_part) + bool(agents)
    head = f"<h4>The engine's parts <span>{count} of {total} are yours</span></h4>"
    picture = f'<svg viewBox="0 0 692 186" role="img" aria-label="{count} of {total} parts are yours">{"".join(shapes)}</svg>'
    lines = [f"{name}: {whose(growth, name)}" for name in growth.names]
    return Card(head + picture + broke, "\n".join(lines), "info")


def whose(growth: Growth, name: str) -> str:
    """Whose a part is."""
    if name in growth.broke:
        return "broke"
    return "yours" if name in growth.theirs else "ours"


def box(x: int, y: int, width: int, height: int, title: str, does: str, owner: str) -> str:
    """A part as a box. Words say whose it is; the colour only helps."""
    tone = {"yours": "ok", "broke": "ask"}.get(owner, "quiet")
    fill = f"color-mix(in srgb, var(--x-{tone}) {18 if owner == 'yours' else 6}%, var(--x-bg))"
    dash = ' stroke-dasharray="5 4"' if owner == "none" else ""
    badge = {"yours": "✓ yours", "ours": "ours", "broke": "→ yours broke: ours", "none": "not built yet"}[owner]  # fmt: skip
    middle = x + width / 2
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7" style="fill: {fill}" stroke="var(--x-{tone})" stroke-width="{2 if owner == "yours" else 1.3}"{dash}/>'
        f'<text x="{middle}" y="{y + 22}" text-anchor="middle" font-size="13.5" font-weight="600">{esc(title[:26])}</text>'
        f'<text x="{middle}" y="{y + 38}" text-anchor="middle" font-size="11" style="fill: var(--x-soft)">{esc(does)}</text>'
        f'<text x="{middle}" y="{y + 55}" text-anchor="middle" font-size="11.5" font-weight="600" style="fill: var(--x-{tone if tone != "quiet" else "soft"})">{badge}</text>'
    )
