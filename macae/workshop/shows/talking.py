"""Who talks to whom in a recorded session, in the notebook's own colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from macae.workshop.card import Card
from macae.workshop.shows.figures import SHADES, TONES, themed

if TYPE_CHECKING:
    from macae.monitoring import Recording

__all__ = ["talk_picture"]


def talk_picture(recording: Recording) -> Card:
    """A ring of agents, with an arrow for each that said something to another; the number on it is how often."""
    from macae.monitoring.figures import conversation_figure
    from macae.monitoring.figures.theme import LIGHT

    theme = replace(
        LIGHT, name="notebook", ground=TONES["bg"], hatch=TONES["bg"], text=TONES["fg"], soft=TONES["soft"],
        line=TONES["line"], band=TONES["line"], arrow=TONES["quiet"], model=SHADES[0],
    )  # fmt: skip
    label = f"Who talks to whom: {', '.join(recording.agents)}"
    return Card(themed(conversation_figure(recording, theme), label), label, "info")
