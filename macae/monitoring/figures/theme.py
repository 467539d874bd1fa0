"""The colours of the figures, on light and on dark ground: told apart by colour-blind people too (Okabe and Ito, 2008).

Orange means trouble and nothing else. What a colour says is also said by a shape, a hatch or a word.
"""

from __future__ import annotations

from dataclasses import dataclass

from macae.errors import InvalidInput

__all__ = ["DARK", "LIGHT", "THEMES", "Theme", "readable_on", "theme_named"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, as #rrggbb."""

    name: str
    ground: str
    band: str
    """Behind every other row."""
    line: str
    soft: str
    """Text that explains."""
    text: str
    arrow: str
    model: str
    tool: str
    memory: str
    waiting: str
    hatch: str
    trouble: str
    metric: str
    completion: str

    def of(self, kind: str) -> str:
        """The colour of a bar of this kind."""
        return {
            "model": self.model,
            "tool": self.tool,
            "memory": self.memory,
            "waiting": self.waiting,
            "error": self.trouble,
        }.get(kind, self.soft)


LIGHT = Theme(
    name="light",
    ground="#ffffff",
    band="#f6f8fa",
    line="#dfe3e8",
    soft="#66707c",
    text="#1b2430",
    arrow="#8a94a0",
    model="#0072b2",
    tool="#009e73",
    memory="#56b4e9",
    waiting="#e69f00",
    hatch="#ffffff",
    trouble="#d55e00",
    metric="#a8518a",
    completion="#9ccbe8",
)
DARK = Theme(
    name="dark",
    ground="#15181d",
    band="#1c2026",
    line="#343a43",
    soft="#a3acb8",
    text="#f0f2f5",
    arrow="#7d8896",
    model="#3a97da",
    tool="#17b486",
    memory="#a5dcfb",
    waiting="#e6a51a",
    hatch="#15181d",
    trouble="#ff7a2b",
    metric="#dd90bd",
    completion="#245f8c",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def theme_named(name: str | Theme) -> Theme:
    """The theme of that name, or the one given. Raises InvalidInput."""
    if isinstance(name, Theme):
        return name
    if name not in THEMES:
        raise InvalidInput(f"There is no theme {str(name)[:50]!r}: give light or dark.")
    return THEMES[name]


def readable_on(colour: str) -> str:
    """Black or white, whichever is read better on this colour."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (light + 0.05) >= 4 else "#10151c"
