"""A step's story shows what was approved and what an edit changed, and when a model was asked, not when it had answered."""

from __future__ import annotations

from macae.monitoring import Recording, explain
from macae.workshop.props.recordings import recorded


def test_what_was_decided_is_shown_and_when_a_model_was_asked() -> None:
    recording = Recording(recorded("tuesday"))
    [step] = [step for step in recording.steps if "400 projectors" in step.task]
    parts = explain(recording, step.id).parts
    approved = [part.text for part in parts if part.title == "Approved by ann"]
    assert "quantity=400" in approved[0] and "quantity=3" in approved[-1]
    [edited] = [part for part in parts if part.title == "Edited by ann"]
    assert "quantity=3" in edited.text
    sent = [part.seconds or 0.0 for part in parts if part.title.startswith("Sent to")]
    answered = [part.seconds or 0.0 for part in parts if part.title.endswith(" answered")]
    assert sum(a - s > 1 for s, a in zip(sent, answered, strict=True)) >= 2
