"""The confirm before our solution is shown."""

from __future__ import annotations

from collections.abc import Callable

from macae.workshop.card import Card, heading, inline
from macae.workshop.exercise import Exercise

__all__ = ["ask"]


def ask(exercise: Exercise, reveal: Callable[[], None]) -> None:
    """Show a button that reveals the solution, once."""
    import ipywidgets as widgets
    from IPython.display import display

    text = f"Have you taken the hints? Most is learned just before one looks. Without buttons: `solution({exercise.name}, yes=True)`."
    card = Card(heading("✎", "Show our solution?", exercise) + f"<p>{inline(text)}</p>", text, "info")
    button = widgets.Button(description="Show it", icon="eye", layout=widgets.Layout(width="auto"))
    button.add_class("macae-show-solution")
    place = widgets.Output()

    def clicked(_: widgets.Button) -> None:
        button.disabled = True
        with place:
            reveal()

    button.on_click(clicked)
    display(card, widgets.VBox([button, place]))  # type: ignore[no-untyped-call]
