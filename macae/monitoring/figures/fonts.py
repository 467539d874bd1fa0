"""The letters of the figures: one font that comes with matplotlib, and an installed one for scripts that it lacks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

__all__ = ["drawable", "font_for", "text_width"]

FAMILY = "DejaVu Sans"
OTHERS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR", "Hiragino Sans", "PingFang SC",
    "PingFang HK", "Apple SD Gothic Neo", "Yu Gothic", "Meiryo", "Microsoft YaHei", "Malgun Gothic", "SimHei",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Nirmala UI", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil",
    "Noto Sans Thai", "Leelawadee UI", "Thonburi", "Ebrima", "Noto Sans Ethiopic", "Arial Unicode MS", "Noto Sans",
)  # fmt: skip
"""Fonts of the systems for scripts of the world, the first fitting one is taken."""
DROPPED = "\ufe0e\ufe0f\u200d\u200c"
"""Marks that only change how others look."""


@lru_cache(maxsize=64)
def _font(bold: bool, other: str = "") -> FontProperties:
    import matplotlib
    from matplotlib.font_manager import FontProperties

    if other:  # by name: only so does matplotlib look into the second font for what the first lacks
        return FontProperties(family=[FAMILY, other], weight="bold" if bold else "normal")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)


@lru_cache(maxsize=64)
def _known(bold: bool, other: str = "") -> frozenset[int]:
    """The characters that a font has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    if not other:
        return frozenset(get_font(str(_font(bold).get_file())).get_charmap())
    try:
        file = findfont(
            FontProperties(family=[other], weight="bold" if bold else "normal"), fallback_to_default=False
        )
        return frozenset(get_font(file).get_charmap())
    except (OSError, RuntimeError, ValueError):  # a font that cannot be read is as good as none
        return frozenset()


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    from matplotlib.font_manager import fontManager

    names = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in OTHERS if name in names)


@lru_cache(maxsize=512)
def _other_for(missing: frozenset[int], bold: bool) -> str:
    """The installed font that has most of these characters; "" where none has any."""
    best = max(_installed(), key=lambda name: len(missing & _known(bold, name)), default="")
    return best if best and missing & _known(bold, best) else ""


def _missing(text: str, bold: bool) -> frozenset[int]:
    if text.isascii():
        return frozenset()
    return frozenset(map(ord, text)) - _known(bold) - frozenset(map(ord, DROPPED))


def font_for(text: str, bold: bool) -> FontProperties:
    """The font to write a text in: nearly always the one that comes with matplotlib, the same everywhere."""
    missing = _missing(text, bold)
    return _font(bold, _other_for(missing, bold) if missing else "")


def drawable(text: str, bold: bool) -> str:
    """The text with a box for each character that no font here has."""
    missing = _missing(text, bold)
    if not missing and not any(mark in text for mark in DROPPED):
        return text
    other = _other_for(missing, bold) if missing else ""
    lost = missing - (_known(bold, other) if other else frozenset())
    return "".join("□" if ord(c) in lost else c for c in text if c not in DROPPED)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is, in inches; `size` in points."""
    from matplotlib.textpath import text_to_path

    font = font_for(text, bold)
    width, _, _ = text_to_path.get_text_width_height_descent(drawable(text, bold), font, False)
    return float(width) / font.get_size_in_points() * size / 72
