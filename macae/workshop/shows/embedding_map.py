"""A map of texts: each a point, and those that an embedding holds to be alike lie near each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from macae.ui.text import esc
from macae.workshop.card import Card
from macae.workshop.shows.figures import SHADES, TONES, new_figure, themed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["embedding_map", "flattened"]

MARKS = "os^DvPX*"


def flattened(vectors: Any, others: Any = ()) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Vectors in two dimensions, other vectors in the same two, and the share of the differences (0 to 1) that they show.

    The two directions are those in which `vectors` differ most (their singular value decomposition).
    """
    import numpy as np

    rows = np.asarray(vectors, dtype=float)
    more = np.asarray(list(others), dtype=float).reshape(-1, rows.shape[1])
    middle = rows.mean(axis=0)
    rows, more = rows - middle, more - middle
    wide = rows.shape[1] > rows.shape[0]
    # The decomposition of the smaller product: the same directions as of `rows` itself, ten times as fast.
    sides, squares, _ = np.linalg.svd(rows @ rows.T if wide else rows.T @ rows, hermitian=True)
    flat = np.zeros((rows.shape[1], 2))
    for place, side in enumerate(sides.T[:2]):
        direction = rows.T @ side if wide else side
        length = np.linalg.norm(direction) * np.sign(direction[np.abs(direction).argmax()])
        flat[:, place] = direction / (length or 1.0)  # a sign of its own is the same on every computer
    whole = float(squares.sum())
    return rows @ flat, more @ flat, float(squares[:2].sum()) / whole if whole else 0.0


def embedding_map(
    groups: Sequence[str],
    vectors: Any,
    questions: Mapping[str, Any] | None = None,
    near: Sequence[int] = (),
    title: str = "A map of the passages",
) -> Card:
    """A picture of vectors, one mark and colour a group; questions as numbers; the points `near` in rings."""
    asked = dict(questions or {})
    points, stars, share = flattened(vectors, list(asked.values()))
    figure = new_figure(8.6, 4.6)
    axes = figure.add_axes((0.02, 0.1, 0.96, 0.88))
    names = sorted(set(groups))
    for place, name in enumerate(names):
        at = [i for i, group in enumerate(groups) if group == name]
        axes.scatter(
            points[at, 0], points[at, 1], s=34, marker=MARKS[place % len(MARKS)], alpha=0.75, linewidths=0,
            c=SHADES[place % len(SHADES)], label=f"group {place}",
        )  # fmt: skip
    if near:
        axes.scatter(points[list(near), 0], points[list(near), 1], s=150, facecolors="none", edgecolors=TONES["ask"], linewidths=1.8)  # fmt: skip
    for number, star in enumerate(stars, 1):
        axes.scatter([star[0]], [star[1]], s=210, c=TONES["ask"], marker="o", zorder=5)
        axes.annotate(str(number), star, ha="center", va="center", color=TONES["bg"], fontsize=10, fontweight="bold", zorder=6)  # fmt: skip
    axes.set_axis_off()
    legend = axes.legend(frameon=False, fontsize=9, labelcolor=TONES["fg"], loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=min(len(names), 8), columnspacing=1.2, handletextpad=0.1)  # fmt: skip
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)  # a name is no formula, and one that begins with _ is shown as well
        text.set_text(name)
    held = f"{len(points)} points; this plane shows {share:.0%} of their differences"
    listed = "".join(f"<p>{number} · {esc(text)}</p>" for number, text in enumerate(asked, 1))
    return Card(f"<h4>{esc(title)} <span>{held}</span></h4>{themed(figure, held)}{listed}", held, "info")
